package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
)

// checkError compares an error with the words it must have, "" for no error. Every error is one printable line that
// says what was found and what was expected.
func checkError(t *testing.T, about string, err error, want string) {
	t.Helper()
	if err == nil {
		if want != "" {
			t.Errorf("%s: got no error, want %q", about, want)
		}
		return
	}
	got := err.Error()
	if want == "" || !strings.Contains(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", about, got, want)
	}
	control := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0
	if control || !strings.Contains(got, ", expected ") || len(got) > 400 {
		t.Errorf("%s: got %q, want one short line with \", expected \"", about, got)
	}
}

// allocated is the number of bytes that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// zipped compresses data with gzip.
func zipped(data string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(data))
	z.Close()
	return b.String()
}

// ---- Sets

func TestSet(t *testing.T) {
	s := Set{[]byte("aabbcc"), []byte{0, 1, 5}, 1, 2}
	if s.Len() != 3 || s.Classes() != 6 || string(s.Image(1)) != "bb" {
		t.Errorf("got %d images, %d classes, image 1 %q, want 3, 6, \"bb\"", s.Len(), s.Classes(), s.Image(1))
	}
	sets := []struct {
		about     string
		got, want Set
	}{
		{"Head(2)", s.Head(2), Set{[]byte("aabb"), []byte{0, 1}, 1, 2}},
		{"Head(9)", s.Head(9), s},
		{"Take", s.Take([]int{2, 0, 2}), Set{[]byte("ccaacc"), []byte{5, 0, 5}, 1, 2}},
		{"Cut by a number, first", first(s.Cut([]int{2, 0, 1}, 2)), Set{[]byte("ccaa"), []byte{5, 0}, 1, 2}},
		{"Cut by a number, rest", rest(s.Cut([]int{2, 0, 1}, 2)), Set{[]byte("bb"), []byte{1}, 1, 2}},
		{"Cut by a fraction", first(s.Cut([]int{2, 0, 1}, 0.34)), Set{[]byte("ccaa"), []byte{5, 0}, 1, 2}},
		{"Cut of all", rest(s.Cut([]int{2, 0, 1}, 9)), Set{[]byte{}, []byte{}, 1, 2}},
		{"Append", s.Head(1).Append(s.Take([]int{2})), Set{[]byte("aacc"), []byte{0, 5}, 1, 2}},
	}
	for _, c := range sets {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.about, c.got, c.want)
		}
	}
}

func first(first, rest Set) Set { return first }
func rest(first, rest Set) Set  { return rest }

// The sums of the pixels of one large white image are beyond 2^31, the sums of their squares far beyond.
func TestSummary(t *testing.T) {
	white := Set{bytes.Repeat([]byte{255}, 3000*3000), []byte{1}, 3000, 3000}
	cases := []struct {
		about string
		set   Set
		want  string
	}{
		{"empty", Set{Height: 2, Width: 2}, ""},
		{"white", white, "x: 1 examples, by class [0 1]\n  pixels: mean 255.00, standard deviation 0.00, " +
			"minimum 255, quartiles 255 255 255, maximum 255; 0 of 9000000 never light\n"},
		{"four", Set{[]byte{0, 1, 0, 9, 0, 5}, []byte{2, 0, 2}, 1, 2}, "x: 3 examples, by class [1 0 2]\n" +
			"  pixels: mean 2.50, standard deviation 3.40, minimum 0, quartiles 0 0 5, maximum 9; 1 of 2 never light\n"},
		{"lit once", Set{[]byte{3, 0, 0, 0}, []byte{0, 0}, 1, 2}, "x: 2 examples, by class [2]\n" +
			"  pixels: mean 0.75, standard deviation 1.30, minimum 0, quartiles 0 0 0, maximum 3; 1 of 2 never light\n"},
		{"quartiles", Set{[]byte{7, 2, 200, 5, 9, 1, 6, 3}, []byte{0, 0}, 2, 2}, "x: 2 examples, by class [2]\n" +
			"  pixels: mean 29.12, standard deviation 64.63, minimum 1, quartiles 2 5 7, maximum 200; 0 of 4 never light\n"},
	}
	for _, c := range cases {
		if got := c.set.Summary("x"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.about, got, c.want)
		}
	}
}

// A pixel is lit from 128 on; a last row without a partner stands alone.
func TestTerminalPicture(t *testing.T) {
	got := terminalPicture([]byte{
		255, 0, 128, 127,
		255, 128, 0, 0,
		200, 0, 0, 255,
	}, 4)
	if want := "█▄▀\n▀  ▀\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// ---- IDX

const idxImages = "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x01abcd" // 2 images of 2 x 1
const idxLabels = "\x00\x00\x08\x01\x00\x00\x00\x02\x03\x01"

func TestReadIDX(t *testing.T) {
	beyond31, allOnes := uint32(1<<31), uint32(math.MaxUint32) // negative where an int has 32 bits, and refused as such
	cases := []struct{ about, in, dims, data, err string }{
		{"images", idxImages, "[2 2 1]", "abcd", ""},
		{"labels", idxLabels, "[2]", "\x03\x01", ""},
		{"empty file", "", "", "", "header cut short or damaged (EOF)"},
		{"two bytes", "\x00\x00", "", "", "header cut short or damaged (unexpected EOF)"},
		{"a zip file", "PK\x03\x04", "", "", `first bytes "PK\x03\x04", expected IDX`},
		{"unknown type", "\x00\x00\x0a\x01\x00\x00\x00\x01", "", "", `first bytes "\x00\x00\n\x01", expected IDX`},
		{"no dimensions", "\x00\x00\x08\x00", "", "", `first bytes "\x00\x00\b\x00", expected IDX`},
		{"int8", "\x00\x00\x09\x01", "", "", "elements of type int8, expected uint8"},
		{"int16", "\x00\x00\x0b\x01", "", "", "elements of type int16, expected uint8"},
		{"int32", "\x00\x00\x0c\x01", "", "", "elements of type int32, expected uint8"},
		{"float", "\x00\x00\x0d\x01", "", "", "elements of type float, expected uint8"},
		{"double", "\x00\x00\x0e\x01", "", "", "elements of type double, expected uint8"},
		{"dimensions cut", "\x00\x00\x08\x03\x00\x00\x00\x01", "", "", "dimensions cut short or damaged"},
		{"a zero dimension", "\x00\x00\x08\x01\x00\x00\x00\x00", "", "", "dimensions [0], expected"},
		{"five dimensions", "\x00\x00\x08\x05" + strings.Repeat("\x00\x00\x00\x01", 5), "", "", "5 dimensions, expected at most 4"},
		{"2^31 images", "\x00\x00\x08\x03\x80\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00\x1c", "", "", fmt.Sprintf("dimensions [%d 28 28], expected", int(beyond31))},
		{"a product of 2^64", "\x00\x00\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff", "", "", fmt.Sprintf("dimensions [%d %[1]d], expected", int(allOnes))},
		{"data cut", idxImages[:18], "", "", "cut short or damaged after 2 bytes of data (unexpected EOF), expected 4"},
		{"no data", idxImages[:16], "", "", "cut short or damaged after 0 bytes of data (EOF), expected 4"},
		{"trailing byte", idxImages + "e", "", "", "more than 4 bytes of data, expected no more"},
	}
	for _, c := range cases {
		dims, data, err := ReadIDX(strings.NewReader(c.in))
		checkError(t, c.about, err, c.err)
		if err == nil && (fmt.Sprint(dims) != c.dims || string(data) != c.data) {
			t.Errorf("%s: got %d %q, want %s %q", c.about, dims, data, c.dims, c.data)
		}
	}
}

// A header may claim anything: memory is taken for what arrives. Data larger than the first buffer comes whole, in a
// slice of its own size.
func TestReadIDXMemory(t *testing.T) {
	for _, header := range []string{
		"\x00\x00\x08\x03\x80\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00\x1c", // 2^31 x 28 x 28, beyond the limit
		"\x00\x00\x08\x01\x40\x00\x00\x00",                                 // 2^30, the limit
	} {
		got := allocated(func() { ReadIDX(strings.NewReader(header + "some data")) })
		if got > 1<<20 {
			t.Errorf("header %q: got %d bytes allocated, want at most 1 MiB", header, got)
		}
	}
	want := bytes.Repeat([]byte("0123456789"), 12345)
	header := []byte("\x00\x00\x08\x01\x00\x01\xe2\x3a") // 123450
	_, data, err := ReadIDX(bytes.NewReader(append(header, want...)))
	if err != nil || !bytes.Equal(data, want) || cap(data) > len(data)+8192 {
		t.Errorf("got %d bytes in %d, error %v, want %d", len(data), cap(data), err, len(want))
	}
}

// writeFolder writes a data set of two images for training and for testing, with changes: names to contents, "" for none.
func writeFolder(t *testing.T, changes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"train-images-idx3-ubyte": idxImages, "train-labels-idx1-ubyte": idxLabels,
		"t10k-images-idx3-ubyte": idxImages, "t10k-labels-idx1-ubyte": idxLabels}
	for name, content := range changes {
		files[name] = content
	}
	for name, content := range files {
		if content == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadIDX(t *testing.T) {
	packed := zipped(idxImages)
	flipped := []byte(packed)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	const images = "train-images-idx3-ubyte"
	cases := []struct {
		about string
		files map[string]string
		err   string
	}{
		{"plain", nil, ""},
		{"gzip under a plain name", map[string]string{images: packed}, ""},
		{"gzip", map[string]string{images: "", images + ".gz": packed}, ""},
		{"plain under a .gz name", map[string]string{images: "", images + ".gz": idxImages}, ""},
		{"dotted", map[string]string{images: "", "train-images.idx3-ubyte": idxImages}, ""},
		{"dotted gzip", map[string]string{images: "", "train-images.idx3-ubyte.gz": packed}, ""},
		{"gzip in two parts", map[string]string{images: zipped(idxImages[:5]) + zipped(idxImages[5:])}, ""},
		{"missing", map[string]string{images: ""}, ": no file train-images-idx3-ubyte, expected it there"},
		{"test labels missing", map[string]string{"t10k-labels-idx1-ubyte": ""}, ": no file t10k-labels-idx1-ubyte, expected it there"},
		{"HTML", map[string]string{images: "\n<!DOCTYPE html>\n<html>Not found"}, "ubyte: an HTML page, expected data"},
		{"packed HTML", map[string]string{images: zipped("<HTML>")}, "ubyte: an HTML page, expected data"},
		{"gzip cut", map[string]string{images: packed[:30]}, "damaged after 4 bytes of data (unexpected EOF), expected the end"},
		{"gzip header cut", map[string]string{images: packed[:5]}, "damaged gzip header (unexpected EOF), expected"},
		{"gzip checksum", map[string]string{images: string(flipped)}, "damaged after 4 bytes of data (gzip: invalid checksum), expected"},
		{"gzip and more", map[string]string{images: packed + "something else"}, "damaged after 4 bytes of data (gzip: invalid header), expected"},
		{"data after it in gzip", map[string]string{images: zipped(idxImages + "e")}, "more than 4 bytes of data, expected"},
		{"labels as images", map[string]string{images: idxLabels}, images + ": dimensions [2], expected 3 of them"},
		{"images as labels", map[string]string{"train-labels-idx1-ubyte": idxImages}, "ubyte: dimensions [2 2 1], expected 1 of them"},
		{"one label too many", map[string]string{"train-labels-idx1-ubyte": "\x00\x00\x08\x01\x00\x00\x00\x03\x03\x01\x00"},
			": 3 labels in train-labels, expected 2 as in train-images"},
		{"one label too few", map[string]string{"train-labels-idx1-ubyte": "\x00\x00\x08\x01\x00\x00\x00\x01\x03"},
			": 1 labels in train-labels, expected 2 as in train-images"},
		{"other size", map[string]string{"t10k-images-idx3-ubyte": strings.Replace(idxImages, "\x02\x00\x00\x00\x01a", "\x01\x00\x00\x00\x02a", 1)},
			": test images 1 x 2, expected 2 x 1 as in training"},
		{"new label", map[string]string{"t10k-labels-idx1-ubyte": "\x00\x00\x08\x01\x00\x00\x00\x02\x03\x04"},
			": test label 4, expected at most 3, the largest training label"},
	}
	for _, c := range cases {
		dir := writeFolder(t, c.files)
		train, test, err := LoadIDX(dir)
		checkError(t, c.about, err, c.err)
		want := Set{[]byte("abcd"), []byte{3, 1}, 2, 1}
		if err == nil && (!reflect.DeepEqual(train, want) || !reflect.DeepEqual(test, want)) {
			t.Errorf("%s: got %v, %v, want %v twice", c.about, train, test, want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), dir) {
			t.Errorf("%s: got %q, want an error that starts with the path", c.about, err)
		}
	}
}

func TestCheckPath(t *testing.T) {
	dir := t.TempDir()
	checkError(t, "a folder", CheckPath(dir), "a folder or a device, expected the name of a file")
	if err := CheckPath(filepath.Join(dir, strings.Repeat("n", 300))); err == nil || !strings.HasSuffix(err.Error(), "expected a name for a file that can be written") {
		t.Errorf("a name of 300 letters: got error %v", err)
	}
	checkError(t, "a new file", CheckPath(filepath.Join(dir, "new")), "")
}

func TestWhich(t *testing.T) {
	for n, want := range map[int]string{0: "none", 1: "0", 2: "all 2", 3: "0, 1", 4: "0, 1", 50: "0, 1"} {
		if _, got := which(n, func(i int) bool { return i < 2 }); got != want {
			t.Errorf("those of %d below 2: got %q, want %q", n, got, want)
		}
	}
}

// Shared finds what would be replaced, under other names too.
func TestShared(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := cmp.Or(os.WriteFile(at("data"), nil, 0o600), os.Symlink(at("data"), at("link")), os.Symlink(dir, at("here"))); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		outputs, inputs []string
		want            string
	}{
		{[]string{at("new"), ""}, []string{at("data"), "", "."}, ""},
		{[]string{at("new"), at("data")}, []string{at("link")}, at("data")},
		{[]string{at("link")}, []string{at("link")}, at("link")},
		{[]string{at("link")}, []string{at("data")}, ""}, // the link is replaced, not what it leads to
		{[]string{at("here/data")}, []string{at("data")}, at("here/data")},
		{[]string{at("none/a"), dir + "/none/../none/a"}, nil, dir + "/none/../none/a"},
		{[]string{at("new"), at("a"), dir + "/./new"}, nil, dir + "/./new"},
	} {
		if got := Shared(c.outputs, c.inputs); got != c.want {
			t.Errorf("outputs %q, inputs %q: got %q, want %q", c.outputs, c.inputs, got, c.want)
		}
	}
}

// A file that is there keeps its permissions.
func TestPermissionsStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	err := os.WriteFile(path, nil, 0o640)
	err = cmp.Or(err, WriteFile(path, func(w io.Writer) error { _, err := w.Write([]byte("new")); return err }))
	info, err2 := os.Stat(path)
	if err != nil || err2 != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 || info.Size() != 3 {
		t.Errorf("got %v, %v, %v, want 3 bytes for the owner and the group", info, err, err2)
	}
}

func TestLoadUnreadable(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "train-images-idx3-ubyte"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, _, err := LoadIDX(dir)
	checkError(t, "a folder for a file", err, "no file train-images-idx3-ubyte, expected")
	if err := os.WriteFile(filepath.Join(dir, "train-images.idx3-ubyte"), []byte("GIF8"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = LoadIDX(dir)
	checkError(t, "a folder beside the file", err, `train-images.idx3-ubyte: first bytes "GIF8"`)
	_, _, err = LoadIDX(filepath.Join(dir, "none"))
	checkError(t, "no folder", err, "none: no file train-images-idx3-ubyte, expected")
	_, err = LoadCSV(filepath.Join(dir, "none.csv"))
	checkError(t, "no CSV", err, "none.csv: ")
	_, err = LoadCSV(dir)
	checkError(t, "a folder for a CSV", err, dir+": ")
	_, err = LoadModel(filepath.Join(dir, "none.npz"))
	checkError(t, "no model", err, "none.npz: ")
	_, err = LoadModel(dir)
	checkError(t, "a folder for a model", err, dir+": a folder, expected a file")
}

// Opening a pipe waits until someone writes into it, and a device may never end: both are refused.
func TestLoadDevices(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Skip("no pipes here: ", err)
	}
	for _, path := range []string{pipe, "/dev/zero"} {
		_, err := LoadCSV(path)
		checkError(t, path, err, path+": a pipe or a device, expected a file")
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	write := func(content string, err error) error {
		return WriteFile(path, func(w io.Writer) error {
			io.WriteString(w, content)
			return err
		})
	}
	check := func(about, content string) {
		t.Helper()
		got, _ := os.ReadFile(path)
		if files, _ := os.ReadDir(dir); string(got) != content || len(files) != 1 {
			t.Errorf("%s: got %q and %d files in all, want %q alone", about, got, len(files), content)
		}
	}
	checkError(t, "new", write("one", nil), "")
	check("new", "one")
	checkError(t, "again", write("two", nil), "")
	check("again", "two")
	checkError(t, "a failure", write("half", io.ErrShortWrite), path+": short write, expected to write it whole")
	check("a failure", "two")
	if runtime.GOOS == "linux" { // a file has the mode that the umask leaves, as any that is made plainly
		os.WriteFile(path+"-plain", nil, 0o666)
		got, _ := os.Stat(path)
		want, _ := os.Stat(path + "-plain")
		if got.Mode() != want.Mode() {
			t.Errorf("got mode %v, want %v", got.Mode(), want.Mode())
		}
	}
	os.RemoveAll(dir)
	err := write("three", nil)
	checkError(t, "no folder", err, path+": ")
	if strings.Contains(err.Error(), ".mlpviz-") {
		t.Errorf("got %v, want no temporary name", err)
	}
}

// mnist is the folder of the real MNIST files.
func mnist(t testing.TB) string {
	dir := os.Getenv("MLPVIZ_MNIST")
	if dir == "" {
		t.Skip("MLPVIZ_MNIST is not set: the real MNIST is not tested")
	}
	return dir
}

func TestMNIST(t *testing.T) {
	train, test, err := LoadIDX(mnist(t))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct { // checksums of the whole files, header and data
		about, header string
		data          []byte
		want          string
	}{
		{"training images", "\x00\x00\x08\x03\x00\x00\xea\x60\x00\x00\x00\x1c\x00\x00\x00\x1c", train.Pixels,
			"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
		{"training labels", "\x00\x00\x08\x01\x00\x00\xea\x60", train.Labels,
			"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
		{"test images", "\x00\x00\x08\x03\x00\x00\x27\x10\x00\x00\x00\x1c\x00\x00\x00\x1c", test.Pixels,
			"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
		{"test labels", "\x00\x00\x08\x01\x00\x00\x27\x10", test.Labels,
			"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
	}
	for _, c := range cases {
		h := sha256.New()
		h.Write([]byte(c.header))
		h.Write(c.data)
		if got := fmt.Sprintf("%x", h.Sum(nil)); got != c.want {
			t.Errorf("%s: got SHA-256 %s of %d bytes, want %s", c.about, got, len(c.data), c.want)
		}
	}
	if train.Height != 28 || train.Width != 28 || train.Classes() != 10 {
		t.Errorf("got %d x %d, %d classes, want 28 x 28, 10", train.Height, train.Width, train.Classes())
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := mnist(b)
	images, start := 0, time.Now()
	for range b.N {
		train, test, err := LoadIDX(dir)
		if err != nil {
			b.Fatal(err)
		}
		images += train.Len() + test.Len()
		b.SetBytes(int64(len(train.Pixels) + len(test.Pixels) + train.Len() + test.Len()))
	}
	b.ReportMetric(float64(images)/time.Since(start).Seconds(), "examples/s")
}

func FuzzReadIDX(f *testing.F) {
	for _, seed := range []string{idxImages, idxLabels, "", idxImages + "e", "\x00\x00\x0d\x01\x00\x00\x00\x01abcd",
		"\x00\x00\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x08\x01\x40\x00\x00\x00abc"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var dims []int
		var data []byte
		var err error
		limit := uint64(1<<20 + 8*len(in))
		if got := allocated(func() { dims, data, err = ReadIDX(bytes.NewReader(in)) }); got > limit {
			t.Fatalf("got %d bytes allocated for %d, want at most %d", got, len(in), limit)
		}
		if err != nil {
			checkError(t, "fuzz", err, ", expected ")
			return
		}
		header, size := []byte{0, 0, 8, byte(len(dims))}, 1
		for _, d := range dims {
			header = append(header, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
			size *= d
		}
		if len(data) != size || !bytes.Equal(append(header, data...), in) {
			t.Fatalf("got %d %q, want what was read, %q", dims, data, in)
		}
	})
}

// ---- CSV

func TestReadCSV(t *testing.T) {
	four := Set{[]byte{0, 255, 7, 10}, []byte{3}, 2, 2}
	cases := []struct {
		about, in string
		want      Set
		err       string
	}{
		{"one line", "3,0,255,7,10", four, ""},
		{"header", "label,pixel0,pixel1,pixel2,pixel3\n3,0,255,7,10\n", four, ""},
		{"header in quotes", "\"label\",\"1x1\",\"1x2\",\"2x1\",\"2x2\"\r\n3,0,255,7,10\r\n", four, ""},
		{"spaces and a blank line", "\n3, 0,255 ,7,10\n\n", four, ""},
		{"quotes", `"3","0","255","7","10"`, four, ""},
		{"byte order mark", "\ufeff3,0,255,7,10\n", four, ""},
		{"two images of a pixel", "1,2\n3,4\n", Set{[]byte{2, 4}, []byte{1, 3}, 1, 1}, ""},
		{"IDX", idxImages, Set{}, "an IDX file, expected CSV, or the folder with all four IDX files"},
		{"empty", "", Set{}, "no examples, expected lines of a label and its pixels"},
		{"header alone", "label,pixel0\n", Set{}, "no examples, expected"},
		{"label alone", "5\n", Set{}, "line 1, 1 cells, expected a label and the pixels of a square image"},
		{"not square", "label,a,b\n5,1,2\n", Set{}, "line 2, 3 cells, expected a label and the pixels of a square"},
		{"text", "label,a\n1,2\n\n3,abc\n", Set{}, `line 4, column 2: "abc", expected a whole number from 0 to 255`},
		{"second header", "label,a\nlabel,a\n", Set{}, `line 2, column 1: "label", expected a whole number`},
		{"too large", "1,256\n", Set{}, `line 1, column 2: "256", expected`},
		{"negative", "-1,2\n", Set{}, `line 1, column 1: "-1", expected`},
		{"fraction", "1,0.5\n", Set{}, `line 1, column 2: "0.5", expected`},
		{"empty cell", "1,\n", Set{}, `line 1, column 2: "", expected`},
		{"other separator", "5;0;0;0;0\n", Set{}, "line 1, 1 cells, expected a label"},
		{"short line", "1,2\n3\n", Set{}, "line 2, 1 cells, expected 2 as in the first line"},
		{"long line", "1,2\n3,4,5\n", Set{}, "line 2, 3 cells, expected 2 as in the first line"},
		{"stray quote", "1,2\n3,4\"\n", Set{}, `line 2, column 2: "4\"", expected`},
		{"open quote", "1,2\n3,\"4\n5,6\n", Set{}, `line 2, column 2: "4\n5,6\n", expected`},
		{"binary", "1,\x00\x1b[31m\u2028\xff\n", Set{}, `line 1, column 2: "\x00\x1b[31m\u2028\xff", expected`},
		{"long cell", "1," + strings.Repeat("x", 999) + "\n", Set{}, `column 2: "xxxxxxxxxxxxxxxxxxxx", expected`},
		{"endless line", strings.Repeat("1", maxLine+1), Set{}, "a line of more than 2097152 bytes, expected an image a line"},
		{"endless quote", "\"" + strings.Repeat(strings.Repeat("1,", 500)+"\n", maxLine/1000), Set{}, "a line of more than 2097152 bytes, expected"},
	}
	for _, c := range cases {
		got, err := ReadCSV(strings.NewReader(c.in))
		checkError(t, c.about, err, c.err)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.about, got, c.want)
		}
	}
}

func TestLoadCSV(t *testing.T) {
	const lines = "label,pixel0\n1,2\n3,4\n"
	cases := []struct{ about, in, err string }{
		{"plain", lines, ""},
		{"gzip", zipped(lines), ""},
		{"gzip cut", zipped(lines)[:25], "x.csv: damaged after "},
		{"HTML", "<html>404</html>", "x.csv: an HTML page, expected data"},
		{"IDX in gzip", zipped(idxLabels), "x.csv: an IDX file, expected CSV, or the folder"},
	}
	path := filepath.Join(t.TempDir(), "x.csv")
	for _, c := range cases {
		if err := os.WriteFile(path, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := LoadCSV(path)
		checkError(t, c.about, err, c.err)
		want := Set{[]byte{2, 4}, []byte{1, 3}, 1, 1}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", c.about, got, want)
		}
	}
}

func BenchmarkReadCSV(b *testing.B) {
	lines := strings.Repeat("7"+strings.Repeat(",0", 600)+strings.Repeat(",253", 184)+"\n", 1000)
	b.SetBytes(int64(len(lines)))
	for range b.N {
		if _, err := ReadCSV(strings.NewReader(lines)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, seed := range []string{"", "3,0,255,7,10\r\n", "label,a\n1,2\n3,4", "\ufeff\"1\", 2\n\n", "1,2\n3", "x\n1,\"2", "1,2,3\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var s Set
		var err error
		limit := uint64(1<<20 + 200*len(in))
		if got := allocated(func() { s, err = ReadCSV(bytes.NewReader(in)) }); got > limit {
			t.Fatalf("got %d bytes allocated for %d, want at most %d", got, len(in), limit)
		}
		if err != nil {
			checkError(t, "fuzz", err, ", expected ")
			return
		}
		if s.Len() == 0 || s.Height == 0 || s.Width != s.Height || len(s.Pixels) != s.Len()*s.Height*s.Width {
			t.Fatalf("got %d labels, %d x %d, %d pixels", s.Len(), s.Height, s.Width, len(s.Pixels))
		}
		var lines strings.Builder
		for i, label := range s.Labels {
			fmt.Fprint(&lines, label)
			for _, p := range s.Image(i) {
				fmt.Fprintf(&lines, ",%d", p)
			}
			lines.WriteString("\n")
		}
		again, err := ReadCSV(strings.NewReader(lines.String()))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("read again: got %v, %v, want %v", again, err, s)
		}
	})
}

// ---- NPZ

// What numpy wrote (savez, then savez_compressed):
//
//	w = numpy.array([[1.5, -2, 3], [4, 5, -6.25]])
//	parts = dict(coefs_0=w, coefs_1=numpy.asfortranarray(w), intercepts_0=w[0].astype("float32"),
//	             cube=numpy.asfortranarray(numpy.arange(24.).reshape(2, 3, 4)), image_shape=numpy.array([28, 28]),
//	             small=numpy.int32([-7]), scalar=numpy.float64(0.5), activation=numpy.array("relu"), empty=numpy.array(""))
//	for save in numpy.savez, numpy.savez_compressed:
//	    f = io.BytesIO()
//	    save(f, **parts)
//	    print(base64.b64encode(f.getvalue()).decode())
var goldenNPZ = []string{`
UEsDBBQAAAAAAAAAIQA69dxfsAAAALAAAAALABQAY29lZnNfMC5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsIC
dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
ICAgICAgICAgICAKAAAAAAAA+D8AAAAAAAAAwAAAAAAAAAhAAAAAAAAAEEAAAAAAAAAUQAAAAAAAABnAUEsDBBQAAAAAAAAAIQBukHKLsAAAALAAAAALAB
QAY29lZnNfMS5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBl
JzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA+D8AAAAAAAAQQA
AAAAAAAADAAAAAAAAAFEAAAAAAAAAIQAAAAAAAABnAUEsDBBQAAAAAAAAAIQBFERz+jAAAAIwAAAAQABQAaW50ZXJjZXB0c18wLm5weQEAEACMAAAAAAAA
AIwAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgIC
AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAQEBQSwMEFAAAAAAAAAAhALgeWOtAAQAAQAEAAAgA
FABjdWJlLm5weQEAEABAAQAAAAAAAEABAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOi
AoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAChAAAAA
AAAAEEAAAAAAAAAwQAAAAAAAACBAAAAAAAAANEAAAAAAAADwPwAAAAAAACpAAAAAAAAAFEAAAAAAAAAxQAAAAAAAACJAAAAAAAAANUAAAAAAAAAAQAAAAA
AAACxAAAAAAAAAGEAAAAAAAAAyQAAAAAAAACRAAAAAAAAANkAAAAAAAAAIQAAAAAAAAC5AAAAAAAAAHEAAAAAAAAAzQAAAAAAAACZAAAAAAAAAN0BQSwME
FAAAAAAAAAAhANKjQG+QAAAAkAAAAA8AFABpbWFnZV9zaGFwZS5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsIC
dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
ICAgICAgICAgICAKHAAAAAAAAAAcAAAAAAAAAFBLAwQUAAAAAAAAACEA+wB+DIQAAACEAAAACQAUAHNtYWxsLm5weQEAEACEAAAAAAAAAIQAAAAAAAAAk0
5VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAg
ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr5////UEsDBBQAAAAAAAAAIQBw7pJpiAAAAIgAAAAKABQAc2NhbGFyLm5weQEAEACIAA
AAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAg
ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADgP1BLAwQUAAAAAAAAACEA3WaPPpAAAACQAAAADg
AUAGFjdGl2YXRpb24ubnB5AQAQAJAAAAAAAAAAkAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8VTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAn
c2hhcGUnOiAoKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCnIAAABlAAAAbAAAAH
UAAABQSwMEFAAAAAAAAAAhAD1eemuEAAAAhAAAAAkAFABlbXB0eS5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxVMScs
ICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC
AgICAgICAgICAgICAKAAAAAFBLAQIUAxQAAAAAAAAAIQA69dxfsAAAALAAAAALAAAAAAAAAAAAAACAAQAAAABjb2Vmc18wLm5weVBLAQIUAxQAAAAAAAAA
IQBukHKLsAAAALAAAAALAAAAAAAAAAAAAACAAe0AAABjb2Vmc18xLm5weVBLAQIUAxQAAAAAAAAAIQBFERz+jAAAAIwAAAAQAAAAAAAAAAAAAACAAdoBAA
BpbnRlcmNlcHRzXzAubnB5UEsBAhQDFAAAAAAAAAAhALgeWOtAAQAAQAEAAAgAAAAAAAAAAAAAAIABqAIAAGN1YmUubnB5UEsBAhQDFAAAAAAAAAAhANKj
QG+QAAAAkAAAAA8AAAAAAAAAAAAAAIABIgQAAGltYWdlX3NoYXBlLm5weVBLAQIUAxQAAAAAAAAAIQD7AH4MhAAAAIQAAAAJAAAAAAAAAAAAAACAAfMEAA
BzbWFsbC5ucHlQSwECFAMUAAAAAAAAACEAcO6SaYgAAACIAAAACgAAAAAAAAAAAAAAgAGyBQAAc2NhbGFyLm5weVBLAQIUAxQAAAAAAAAAIQDdZo8+kAAA
AJAAAAAOAAAAAAAAAAAAAACAAXYGAABhY3RpdmF0aW9uLm5weVBLAQIUAxQAAAAAAAAAIQA9XnprhAAAAIQAAAAJAAAAAAAAAAAAAACAAUYHAABlbXB0eS
5ucHlQSwUGAAAAAAkACQAFAgAABQgAAAAA
`, `
UEsDBBQAAAAIAAAAIQA69dxfWwAAALAAAAALABQAY29lZnNfMC5ucHkBABAAsAAAAAAAAABbAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6
Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYw+GEPoRkOQCgOBwgtAKVFoLTkAQBQSwMEFAAAAAgAAAAhAG6QcotaAAAAsAAA
AAsAFABjb2Vmc18xLm5weQEAEACwAAAAAAAAAFoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RSlJgXn1+UkgoSDykqTQUKF2ckFq
QCuRpGOgrGmjoKtQrkAy4GMPhhD6EFHCA0wwEIJQLlc0BpyQMAUEsDBBQAAAAIAAAAIQBFERz+TwAAAIwAAAAQABQAaW50ZXJjZXB0c18wLm5weQEAEACM
AAAAAAAAAE8AAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjqaOgq1ChQALgaGA/YMQI
KBwcEBAFBLAwQUAAAACAAAACEAuB5Y64kAAABAAQAACAAUAGN1YmUubnB5AQAQAEABAAAAAAAAiQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ah
rqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CsY6CiaaOgq1CmQCLgYUoOEAoQWgtAGUVoDSJlD6gz2E1oLyRaC0IZRWgtKmUJoBSutAaQkobQ
SlVaC0GZTmgNJ6UFoGShtDaTUobe4AAFBLAwQUAAAACAAAACEA0qNAb0kAAACQAAAADwAUAGltYWdlX3NoYXBlLm5weQEAEACQAAAAAAAAAEkAAAAAAAAA
m+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALhkGCIDRAFBLAwQUAAAACAAAACEA+w
B+DEkAAACEAAAACQAUAHNtYWxsLm5weQEAEACEAAAAAAAAAEkAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoq6joJ6WX1RSlJgXn1+UkgoSd0vM
KU4FihdnJBakAvkahjqaOgq1ChQArp////8HAFBLAwQUAAAACAAAACEAcO6SaUcAAACIAAAACgAUAHNjYWxhci5ucHkBABAAiAAAAAAAAABHAAAAAAAAAJ
vsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5Gpo6CrUKFAEuBjB4YA8AUEsDBBQAAAAIAAAAIQDdZo8+
TgAAAJAAAAAOABQAYWN0aXZhdGlvbi5ucHkBABAAkAAAAAAAAABOAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG4TaqKuo6Cell9UUpSYF59flJIKEn
dLzClOBYoXZyQWpAL5Gpo6CrUKFAGuIgYGhlQgzgHiUiAGAFBLAwQUAAAACAAAACEAPV56a0UAAACEAAAACQAUAGVtcHR5Lm5weQEAEACEAAAAAAAAAEUA
AAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbhNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkamjoKtQoUAS4GIAAAUEsBAhQDFAAAAAgAAA
AhADr13F9bAAAAsAAAAAsAAAAAAAAAAAAAAIABAAAAAGNvZWZzXzAubnB5UEsBAhQDFAAAAAgAAAAhAG6QcotaAAAAsAAAAAsAAAAAAAAAAAAAAIABmAAA
AGNvZWZzXzEubnB5UEsBAhQDFAAAAAgAAAAhAEURHP5PAAAAjAAAABAAAAAAAAAAAAAAAIABLwEAAGludGVyY2VwdHNfMC5ucHlQSwECFAMUAAAACAAAAC
EAuB5Y64kAAABAAQAACAAAAAAAAAAAAAAAgAHAAQAAY3ViZS5ucHlQSwECFAMUAAAACAAAACEA0qNAb0kAAACQAAAADwAAAAAAAAAAAAAAgAGDAgAAaW1h
Z2Vfc2hhcGUubnB5UEsBAhQDFAAAAAgAAAAhAPsAfgxJAAAAhAAAAAkAAAAAAAAAAAAAAIABDQMAAHNtYWxsLm5weVBLAQIUAxQAAAAIAAAAIQBw7pJpRw
AAAIgAAAAKAAAAAAAAAAAAAACAAZEDAABzY2FsYXIubnB5UEsBAhQDFAAAAAgAAAAhAN1mjz5OAAAAkAAAAA4AAAAAAAAAAAAAAIABFAQAAGFjdGl2YXRp
b24ubnB5UEsBAhQDFAAAAAgAAAAhAD1eemtFAAAAhAAAAAkAAAAAAAAAAAAAAIABogQAAGVtcHR5Lm5weVBLBQYAAAAACQAJAAUCAAAiBQAAAAA=
`}

func golden(t testing.TB, i int) []byte {
	data, err := base64.StdEncoding.DecodeString(goldenNPZ[i])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// goldenArrays are what the two files hold.
func goldenArrays() map[string]array {
	w := []float64{1.5, -2, 3, 4, 5, -6.25}
	cube := make([]float64, 24)
	for i := range cube {
		cube[i] = float64(i)
	}
	return map[string]array{
		"coefs_0":      {Shape: []int{2, 3}, Data: w},
		"coefs_1":      {Shape: []int{2, 3}, Data: w},
		"intercepts_0": {Shape: []int{3}, Data: w[:3]},
		"cube":         {Shape: []int{2, 3, 4}, Data: cube},
		"image_shape":  {Shape: []int{2}, Data: []float64{28, 28}},
		"small":        {Shape: []int{1}, Data: []float64{-7}},
		"scalar":       {Shape: []int{}, Data: []float64{0.5}},
		"activation":   {Shape: []int{}, Text: "relu"},
		"empty":        {Shape: []int{}, Text: ""},
	}
}

func readArrays(data []byte) (map[string]array, error) {
	return readNPZ(bytes.NewReader(data), int64(len(data)))
}

func TestReadNPZ(t *testing.T) {
	for i := range goldenNPZ {
		got, err := readArrays(golden(t, i))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range goldenArrays() {
			if !reflect.DeepEqual(got[name], want) {
				t.Errorf("golden file %d: %s: got %#v, want %#v", i, name, got[name], want)
			}
		}
		if len(got) != len(goldenArrays()) {
			t.Errorf("golden file %d: got %d arrays, want %d", i, len(got), len(goldenArrays()))
		}
	}
}

// Written and read again numbers and texts do not change; the entries in C order and of numpy's types are numpy's, byte
// for byte.
func TestWriteArray(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	numbers := []float64{math.Inf(1), math.Copysign(0, -1), 5e-324, math.MaxFloat64, math.Pi, -6.25}
	w := goldenArrays()["coefs_0"].Data
	err := errors.Join(writeArray(z, "numbers", numbers, 3, 1, 2), writeArray(z, "text", []rune("grüße")),
		writeArray(z, "coefs_0", w, 2, 3), writeArray(z, "image_shape", []int64{28, 28}, 2),
		writeArray(z, "scalar", []float64{0.5}), writeArray(z, "activation", []rune("relu")), z.Close())
	if err != nil {
		t.Fatal(err)
	}
	got, err := readArrays(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if want := (array{Shape: []int{3, 1, 2}, Data: numbers}); !reflect.DeepEqual(got["numbers"], want) {
		t.Errorf("numbers: got %#v, want %#v", got["numbers"], want)
	}
	if want := (array{Shape: []int{}, Text: "grüße"}); !reflect.DeepEqual(got["text"], want) {
		t.Errorf("text: got %#v, want %#v", got["text"], want)
	}
	ours, numpys := entries(t, b.Bytes()), entries(t, golden(t, 0))
	for _, name := range []string{"coefs_0.npy", "image_shape.npy", "scalar.npy", "activation.npy"} {
		if ours[name] != numpys[name] {
			t.Errorf("%s: got %q, want %q", name, ours[name], numpys[name])
		}
	}
}

// aModel is a small network: 6 inputs, 3 hidden units, 2 outputs.
func aModel() Model {
	m := Model{Sizes: []int{6, 3, 2}, Activation: "tanh", Height: 2, Width: 3}
	for i := range 7*3 + 4*2 {
		m.Theta = append(m.Theta, float64(i)-math.Pi)
	}
	return m
}

// A model comes back as it was written, from a file too; the same model gives the same bytes, in which each array is
// what numpy would say it is.
func TestModel(t *testing.T) {
	unnamed := aModel()
	unnamed.Activation = ""
	linear := Model{Sizes: []int{4, 2}, Theta: make([]float64, 10), Activation: "relu", Height: 2, Width: 2}
	path := filepath.Join(t.TempDir(), "model.npz")
	for _, want := range []Model{aModel(), unnamed, linear} {
		var b bytes.Buffer
		write := func(w io.Writer) error { return errors.Join(WriteModel(w, want), WriteModel(&b, want)) }
		if err := WriteFile(path, write); err != nil {
			t.Fatal(err)
		}
		got, err := LoadModel(path)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if content, _ := os.ReadFile(path); !bytes.Equal(content, b.Bytes()) {
			t.Error("got different bytes from the same model, want the same")
		}
	}
	var shapeless bytes.Buffer
	WriteModel(&shapeless, Model{Sizes: linear.Sizes, Theta: linear.Theta, Activation: "relu"})
	if got, err := ReadModel(bytes.NewReader(shapeless.Bytes()), int64(shapeless.Len())); err != nil || !reflect.DeepEqual(got, linear) {
		t.Errorf("without a shape: got %v, %v, want %v", got, err, linear)
	}
	if err := WriteModel(full{}, aModel()); err == nil {
		t.Error("a full disk: got no error")
	}
	var b bytes.Buffer
	WriteModel(&b, aModel())
	arrays, err := readArrays(b.Bytes())
	theta := aModel().Theta
	want := map[string]array{
		"coefs_0": {Shape: []int{6, 3}, Data: theta[:18]}, "intercepts_0": {Shape: []int{3}, Data: theta[18:21]},
		"coefs_1": {Shape: []int{3, 2}, Data: theta[21:27]}, "intercepts_1": {Shape: []int{2}, Data: theta[27:]},
		"activation": {Shape: []int{}, Text: "tanh"}, "image_shape": {Shape: []int{2}, Data: []float64{2, 3}},
	}
	if err != nil || !reflect.DeepEqual(arrays, want) {
		t.Errorf("got %v, %v, want %v", arrays, err, want)
	}
}

// model is an NPZ file of zeros, layers of the sizes and an activation, with changes: arrays by their names, "" for none.
func model(changes map[string]string, sizes ...int) []byte {
	zeros := func(n int, shape string) string {
		return npy("'<f8'", "False", shape, strings.Repeat("\x00", 8*n))
	}
	arrays := map[string]string{"activation": text("relu")}
	for l, fanOut := range sizes[1:] {
		arrays[fmt.Sprint("coefs_", l)] = zeros(sizes[l]*fanOut, fmt.Sprintf("(%d, %d)", sizes[l], fanOut))
		arrays[fmt.Sprint("intercepts_", l)] = zeros(fanOut, fmt.Sprintf("(%d,)", fanOut))
	}
	maps.Copy(arrays, changes)
	var parts []string
	for name, content := range arrays {
		if content != "" {
			parts = append(parts, name+".npy", content)
		}
	}
	return packNPZ(parts...)
}

// text is an array of a text.
func text(s string) string {
	var b strings.Builder
	binary.Write(&b, binary.LittleEndian, []rune(s))
	return npy(fmt.Sprintf("'<U%d'", len([]rune(s))), "False", "()", b.String())
}

// doubles is an array of float64.
func doubles(shape string, numbers ...float64) string {
	var b strings.Builder
	binary.Write(&b, binary.LittleEndian, numbers)
	return npy("'<f8'", "False", shape, b.String())
}

func TestReadModel(t *testing.T) {
	type change = map[string]string
	cases := []struct {
		about   string
		changes map[string]string
		want    string // the model without Theta
		err     string
	}{
		{"square", nil, "[4 3 2] relu 2 x 2", ""},
		{"no activation", change{"activation": ""}, "[4 3 2]  2 x 2", ""},
		{"a strange activation", change{"activation": text("\x1b[31m\nsigmöid")}, "[4 3 2] \x1b[31m\nsigmöid 2 x 2", ""},
		{"a shape", change{"image_shape": doubles("(2,)", 1, 4)}, "[4 3 2] relu 1 x 4", ""},
		{"a layer less", change{"coefs_1": "", "intercepts_1": ""}, "[4 3] relu 2 x 2", ""},
		{"no layer", change{"coefs_0": "", "intercepts_0": ""}, "", "array coefs_0: missing, expected inputs x units"},
		{"no weights", change{"coefs_1": ""}, "", "array coefs_1: missing, expected 3 x units, to follow coefs_0"},
		{"no biases", change{"intercepts_1": ""}, "", "array intercepts_1: missing, expected 2 numbers, one for each column of coefs_1"},
		{"a chain that breaks", change{"coefs_1": doubles("(4, 2)", make([]float64, 8)...)}, "",
			"array coefs_1: shape [4 2], expected 3 x units, to follow coefs_0"},
		{"a row of weights", change{"coefs_0": doubles("(12,)", make([]float64, 12)...)}, "", "array coefs_0: shape [12], expected inputs x units"},
		{"a bias too few", change{"intercepts_0": doubles("(2,)", 0, 0)}, "", "array intercepts_0: shape [2], expected 3 numbers"},
		{"a text for weights", change{"coefs_0": text("hello")}, "", "array coefs_0: shape [], expected inputs x units"},
		{"NaN", change{"intercepts_0": doubles("(3,)", 0, math.NaN(), 0)}, "", "a weight NaN, expected finite numbers below 1e30"},
		{"infinite", change{"intercepts_1": doubles("(2,)", 0, math.Inf(-1))}, "", "a weight -Inf, expected finite numbers below 1e30"},
		{"wild", change{"intercepts_1": doubles("(2,)", 1e30, 0)}, "", "a weight 1e+30, expected finite numbers below 1e30"},
		{"another name", change{"loss": doubles("()", 0.5)}, "", "1 arrays of other names or kinds, expected coefs_i, intercepts_i"},
		{"a gap", change{"coefs_3": doubles("(1, 1)", 0)}, "", "1 arrays of other names or kinds, expected"},
		{"a number for an activation", change{"activation": doubles("()", 1)}, "", "1 arrays of other names or kinds, expected"},
		{"a long activation", change{"activation": text(strings.Repeat("x", 64))}, "", `array "activation": text of 0 dimensions, length "64", expected`},
		{"three numbers for a shape", change{"image_shape": doubles("(3,)", 1, 2, 2)}, "", "1 arrays of other names or kinds, expected"},
		{"a text for a shape", change{"image_shape": text("2x2")}, "", "1 arrays of other names or kinds, expected"},
		{"a negative shape", change{"image_shape": doubles("(2,)", -2, -2)}, "", "array image_shape: -2 x -2, expected 4 pixels as coefs_0 has rows"},
		{"another shape", change{"image_shape": doubles("(2,)", 2, 3)}, "", "array image_shape: 2 x 3, expected 4 pixels"},
		{"a shape that wraps", change{"image_shape": doubles("(2,)", 1<<32, 1<<32+4)}, "", "array image_shape: "},
		{"a shape of NaN", change{"image_shape": doubles("(2,)", math.NaN(), 1)}, "", "array image_shape: "},
		{"no square", change{"coefs_0": doubles("(3, 3)", make([]float64, 9)...)}, "", "array image_shape: 1 x 1, expected 3 pixels"},
	}
	for _, c := range cases {
		data := model(c.changes, 4, 3, 2)
		m, err := ReadModel(bytes.NewReader(data), int64(len(data)))
		checkError(t, c.about, err, c.err)
		if got := fmt.Sprintf("%d %s %d x %d", m.Sizes, m.Activation, m.Height, m.Width); err == nil && got != c.want {
			t.Errorf("%s: got %q, want %q", c.about, got, c.want)
		}
	}
}

// full is a disk with no room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// entries are the names and contents of a zip.
func entries(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(r)
		found[f.Name] = string(content)
	}
	return found
}

// packNPZ makes a compressed NPZ of names and contents in turn.
func packNPZ(parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, _ := z.Create(parts[i])
		io.WriteString(w, parts[i+1])
	}
	z.Close()
	return b.Bytes()
}

// npy is an array with a header of the given values.
func npy(descr, fortran, shape, data string) string {
	header := fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
	return fmt.Sprintf("\x93NUMPY\x01\x00%c%c%s%s", len(header), 0, header, data)
}

func TestReadNPZErrors(t *testing.T) {
	one := strings.Repeat("\x00", 8)
	flipped := packNPZ("x.npy", npy("'<f8'", "False", "(1,)", one))
	flipped[bytes.Index(flipped, []byte("PK\x07\x08"))+4] ^= 1      // in the checksum,
	flipped[bytes.LastIndex(flipped, []byte("PK\x01\x02"))+16] ^= 1 // which is there twice
	many := []string{}
	for i := range maxArrays + 1 {
		many = append(many, fmt.Sprint(i, ".npy"), "")
	}
	array := func(descr, shape, data string) []byte { return packNPZ("x.npy", npy(descr, "False", shape, data)) }
	cases := []struct {
		about string
		in    []byte
		err   string
	}{
		{"empty", nil, "damaged or no zip (zip: not a valid zip file), expected a whole file"},
		{"no zip", []byte("hello"), "damaged or no zip"},
		{"truncated", golden(t, 0)[:2000], "damaged or no zip"},
		{"checksum", flipped, `array "x": damaged after 8 bytes of data (zip: checksum error), expected the end`},
		{"too many", packNPZ(many...), "1025 arrays, expected at most 1024"},
		{"other entry", packNPZ("read\nme.txt", ""), `entry "read\nme.txt", expected entries NAME.npy, each once`},
		{"twice", packNPZ("x.npy", npy("'<f8'", "False", "(1,)", one), "x.npy", ""), `entry "x.npy", expected entries NAME.npy, each once`},
		{"long name", packNPZ(strings.Repeat("n", 999), ""), `entry "` + strings.Repeat("n", 40) + `", expected`},
		{"empty entry", packNPZ("x.npy", ""), `array "x": header cut short or damaged (EOF), expected NPY`},
		{"magic", packNPZ("x.npy", "hello, world"), `array "x": first bytes "hello, wor", expected NPY of version 1.0`},
		{"version 2", packNPZ("x.npy", "\x93NUMPY\x02\x00ab"), `first bytes "\x93NUMPY\x02\x00ab", expected NPY of version 1.0`},
		{"header length", packNPZ("x.npy", "\x93NUMPY\x01\x00\xff\xff{'descr'"), "header cut short or damaged (unexpected EOF), expected 65535 bytes"},
		{"no dictionary", packNPZ("x.npy", "\x93NUMPY\x01\x00\x05\x00hello"), `header "hello", expected a plain type`},
		{"no shape", packNPZ("x.npy", "\x93NUMPY\x01\x00\x02\x00{}"), `header "{}", expected a plain type`},
		{"no type", packNPZ("x.npy", "\x93NUMPY\x01\x00\x0d\x00{'shape': ()}"), `type "", expected little-endian`},
		{"objects", array("'|O'", "(1,)", one), `array "x": type "|O", expected little-endian numbers or text`},
		{"big-endian", array("'>f8'", "(1,)", one), `type ">f8", expected little-endian`},
		{"bytes", array("'|u1'", "(1,)", one), `type "|u1", expected`},
		{"structure", array("[('a', '<f8')]", "(1,)", one), `header "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (", expected a plain type`},
		{"10^12 numbers", array("'<f8'", "(1000000, 1000000)", one), "dimensions [1000000 1000000], expected"},
		{"a product of 2^64", array("'<f8'", "(4294967296, 4294967296)", one), "dimensions [4294967296 4294967296], expected"},
		{"10^30", array("'<f8'", "(1000000000000000000000000000000,)", one), "header \"{'descr'"},
		{"negative", array("'<f8'", "(-1, -1)", one), "dimensions [-1 -1], expected each at least 1 and at most"},
		{"zero", array("'<f8'", "(0,)", ""), "dimensions [0], expected"},
		{"five dimensions", array("'<f8'", "(1, 1, 1, 1, 1)", one), "5 dimensions, expected at most 4"},
		{"a fraction", array("'<f8'", "(1.5,)", one), "expected a plain type (descr), fortran_order and shape"},
		{"short data", array("'<f8'", "(2,)", one), `array "x": cut short or damaged after 8 bytes of data (unexpected EOF), expected 16`},
		{"long data", array("'<f4'", "(1,)", one), "more than 4 bytes of data, expected no more"},
		{"texts", array("'<U1'", "(2,)", one), `text of 1 dimensions, length "1", expected none`},
		{"long text", array("'<U99999999'", "()", one), `text of 0 dimensions, length "99999999", expected none, less than 64`},
		{"short text", array("'<U3'", "()", one), "cut short or damaged after 8 bytes of data (unexpected EOF), expected 12"},
	}
	for _, c := range cases {
		if strings.Contains(c.err, "4294967296") && math.MaxInt == math.MaxInt32 {
			c.err = "expected a plain type (descr), fortran_order and shape" // of numbers that an int can hold
		}
		_, err := readArrays(c.in)
		checkError(t, c.about, err, c.err)
	}

	// A name may follow as many weights as a file may have.
	data := packNPZ("x.npy", text("relu"))
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := readEntry(z.File[0], maxNumbers); err != nil || a.Text != "relu" {
		t.Errorf("a text after all numbers: got %v, %v, want relu", a, err)
	}
}

// The limit holds for all arrays together, and up to it memory is taken for what arrives.
func TestReadNPZMemory(t *testing.T) {
	claim := packNPZ("x.npy", npy("'<f8'", "False", fmt.Sprintf("(%d,)", maxNumbers), "some data"))
	if got := allocated(func() { readArrays(claim) }); got > 1<<20 {
		t.Errorf("a claim without data: got %d bytes allocated, want at most 1 MiB", got)
	}
	if testing.Short() {
		t.Skip("the bomb takes long with -race")
	}
	half := npy("'<f4'", "True", fmt.Sprintf("(2, %d)", maxNumbers/4), strings.Repeat("\x00", maxNumbers*2))
	bomb := packNPZ("x.npy", half, "y.npy", half, "z.npy", half)
	got := allocated(func() {
		_, err := readArrays(bomb)
		checkError(t, "bomb", err, fmt.Sprintf(`at most 0 elements in all (%d in a file)`, maxNumbers))
	})
	if limit := uint64(224 << 20); got > limit {
		t.Errorf("a bomb of %d bytes: got %d bytes allocated, want at most %d", len(bomb), got, limit)
	}
}

// What is read is a network that fits together, and comes back the same when it is written and read again.
func FuzzReadModel(f *testing.F) {
	f.Add(golden(f, 0))
	f.Add(golden(f, 1))
	f.Add([]byte("PK"))
	f.Add(model(nil, 4, 3, 2))
	f.Add(model(map[string]string{"activation": "", "image_shape": doubles("(2,)", 1, 6)}, 6, 2))
	f.Add(model(map[string]string{"coefs_0": npy("'<f4'", "True", "(1, 2)", "12345678")}, 1, 2))
	f.Add(model(map[string]string{"coefs_0": npy("'<i8'", "False", "(1, 1)", "1234\x00\x00\x00\x00")}, 1, 1))
	for _, seed := range []string{npy("'<f8'", "True", "(1, 1)", "12345678"), npy("'<i4'", "False", "()", "1234"),
		npy("'<U2'", "False", "()", "a\x00\x00\x00\x00\x00\x00\x00"), npy("'|O'", "False", "(-1,)", "")} {
		f.Add(packNPZ("x.npy", seed))
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if _, err := zip.NewReader(bytes.NewReader(in), int64(len(in))); err != nil { // so that what is inside is tried too
			in = model(map[string]string{"coefs_0": string(in)}, 2, 3, 2)
		}
		var m Model
		var err error
		limit := uint64(4<<20 + 3*8192*len(in)) // deflate packs up to 1032 to 1
		if got := allocated(func() { m, err = ReadModel(bytes.NewReader(in), int64(len(in))) }); got > limit {
			t.Fatalf("got %d bytes allocated for %d, want at most %d", got, len(in), limit)
		}
		if err != nil {
			checkError(t, "fuzz", err, ", expected ")
			return
		}
		parameters := 0
		for l, fanOut := range m.Sizes[1:] {
			parameters += (m.Sizes[l] + 1) * fanOut
		}
		if len(m.Sizes) < 2 || m.Height*m.Width != m.Sizes[0] || len(m.Theta) != parameters {
			t.Fatalf("got sizes %d, %d x %d pixels, %d parameters", m.Sizes, m.Height, m.Width, len(m.Theta))
		}
		var b bytes.Buffer
		if err := WriteModel(&b, m); err != nil {
			t.Fatal(err)
		}
		again, err := ReadModel(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("read again: got %v, %v, want %v", again, err, m)
		}
	})
}

// All arrays of a file together have a limit: what came before counts.
func TestLimitOfAllArrays(t *testing.T) {
	for used, want := range map[int]string{1: "", 2: "dimensions [3], expected each at least 1 and at most 2 elements in all (4 in a file)"} {
		_, err := readRest(strings.NewReader("abc"), []int{3}, 1, used, 4)
		checkError(t, fmt.Sprintf("3 of 4 numbers after %d", used), err, want)
	}
}
