package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
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

// checkError compares an error with the words that it must contain, "" for no error. Every error is one printable line
// that says what was found and what was expected.
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

// allocated returns the number of bytes that f allocates, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// zipped returns data compressed with gzip.
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
		{"Cut by 1, a number", first(s.Cut([]int{2, 0, 1}, 1)), Set{[]byte("cc"), []byte{5}, 1, 2}},
		{"Cut by a number, rest", rest(s.Cut([]int{2, 0, 1}, 2)), Set{[]byte("bb"), []byte{1}, 1, 2}},
		{"Cut by a fraction", first(s.Cut([]int{2, 0, 1}, 0.34)), Set{[]byte("ccaa"), []byte{5, 0}, 1, 2}},
		{"Cut of all", rest(s.Cut([]int{2, 0, 1}, 9)), Set{[]byte{}, []byte{}, 1, 2}},
		{"Cut by NaN", first(s.Cut([]int{2, 0, 1}, math.NaN())), Set{[]byte{}, []byte{}, 1, 2}},
		{"Cut below 0", rest(s.Cut([]int{2}, -0.5)), Set{[]byte("cc"), []byte{5}, 1, 2}},
		{"Cut beyond an int", first(s.Cut([]int{2}, 1e300)), Set{[]byte("cc"), []byte{5}, 1, 2}},
		{"Head(-1)", s.Head(-1), Set{[]byte{}, []byte{}, 1, 2}},
		{"Append of none", s.Append(Set{}), s},
		{"Append", s.Head(1).Append(s.Take([]int{2})), Set{[]byte("aacc"), []byte{0, 5}, 1, 2}},
	}
	for _, c := range sets {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.about, c.got, c.want)
		}
	}
	none := Set{Height: 1, Width: 2}
	checkError(t, "an empty test set", s.CheckTest(none, "x"), "")
	checkError(t, "an empty training set", none.CheckTest(s, "x\n"), `"x\n": test label 5, expected at most -1`)
	defer func() {
		if recover() == nil {
			t.Error("Append of other sizes: got no panic")
		}
	}()
	s.Append(Set{[]byte("dd"), []byte{0}, 2, 1})
}

func first(first, rest Set) Set { return first }
func rest(first, rest Set) Set  { return rest }

// In one large white image the sum of the pixels is more than 2^31, and the sum of their squares far more.
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

// ---- IDX

const idxImages = "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x01abcd" // 2 images of 2 x 1
const idxLabels = "\x00\x00\x08\x01\x00\x00\x00\x02\x03\x01"

func TestReadIDX(t *testing.T) {
	beyond31, allOnes := uint32(1<<31), uint32(math.MaxUint32) // negative, and refused, if an int has 32 bits
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

// A header may claim anything: memory grows with what arrives. Data larger than the first buffer comes whole, in a slice
// of its own size.
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

// writeFolder writes a data set of two images for training and two for testing. In changes names map to other contents,
// "" for no such file.
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
	at := func(name string) string { return filepath.Join(dir, name) }
	checkError(t, "a folder", CheckPath(dir), "a folder or a device, expected the name of a file")
	checkError(t, "no name", CheckPath(""), `"": no name, expected the name of a file`)
	checkError(t, "control characters", CheckPath(at("a\x1b[2J\n/b")), `a\x1b[2J\n`)
	if runtime.GOOS != "windows" { // where such a name may only be one of no file
		long := CheckPath(at(strings.Repeat("n", 3000)))
		checkError(t, "a name of 3000 letters", long, "expected a name for a file that can be written")
	}
	if err := cmp.Or(CheckPath(at("new")), os.WriteFile(at("old"), []byte("old"), 0o600), CheckPath(at("old"))); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(at("old")); err != nil || string(got) != "old" {
		t.Errorf("a file that is there: got %q, %v, want it as it was", got, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("got %d files, want no temporary ones", len(files))
	}
	if err := exec.Command("mount", "--bind", at("old"), at("old")).Run(); err != nil {
		t.Skip("nothing can be mounted here: ", err)
	}
	defer exec.Command("umount", at("old")).Run()
	checkError(t, "a file that is mounted", CheckPath(at("old")), "a file that is mounted, expected one that can be replaced")
}

// Shared finds what would be replaced, under other names too. A hard link stands for a name that differs in case alone,
// on a disk where that is the same file.
func TestShared(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := cmp.Or(os.WriteFile(at("data"), nil, 0o600), os.Link(at("data"), at("DATA")),
		os.Symlink(at("data"), at("link")), os.Symlink(dir, at("here")), os.Symlink("later", at("to-later"))); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		outputs, inputs []string
		want            string
	}{
		{[]string{at("new"), ""}, []string{at("data"), "", "."}, ""},
		{[]string{at("new")}, []string{at("new")}, ""},
		{[]string{at("new"), at("data")}, []string{at("link")}, at("data")},
		{[]string{at("link")}, []string{at("link")}, at("link")},
		{[]string{at("link")}, []string{at("data")}, at("link")},
		{[]string{at("DATA")}, []string{at("data")}, at("DATA")},
		{[]string{at("here/data")}, []string{at("data")}, at("here/data")},
		{[]string{at("new"), at("here/new")}, nil, at("here/new")},
		{[]string{at("data"), at("here/data")}, nil, at("here/data")},
		{[]string{at("none/a"), at("here/b"), at("a"), "a"}, nil, ""},
		{[]string{at("later"), at("to-later")}, nil, at("to-later")},
		{[]string{at("none/a"), dir + "/none/../none/a"}, nil, dir + "/none/../none/a"},
		{[]string{at("new"), at("a"), dir + "/./new"}, nil, dir + "/./new"},
	} {
		if got := Shared(c.outputs, c.inputs); got != c.want {
			t.Errorf("outputs %q, inputs %q: got %q, want %q", c.outputs, c.inputs, got, c.want)
		}
	}
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := cmp.Or(os.Mkdir(at("train-images-idx3-ubyte"), 0o700), os.Mkdir(at("both"), 0o700),
		os.Mkdir(at("both/train-images-idx3-ubyte"), 0o700),
		os.WriteFile(at("both/train-images.idx3-ubyte"), []byte("GIF8"), 0o600)); err != nil {
		t.Fatal(err)
	}
	load := func(dir string) error { _, _, err := LoadIDX(dir); return err }
	checkError(t, "a folder for a file", load(dir), dir+": no file train-images-idx3-ubyte, expected")
	checkError(t, "a folder beside the file", load(at("both")), `train-images.idx3-ubyte: first bytes "GIF8"`)
	checkError(t, "no folder", load(at("none")), at("none")+": no file train-images-idx3-ubyte, expected")
	open := func(path string) error { _, err := LoadCSV(path); return err }
	_, _, err := LoadData(dir, "test.csv")
	checkError(t, "a test file beside a folder", err, "test.csv: a test file, expected none beside a folder")
	checkError(t, "no CSV", open(at("none.csv")), at("none.csv")+": ")
	checkError(t, "a folder for a CSV", open(dir), dir+": a folder, expected a file")
	if err := exec.Command("mkfifo", at("pipe")).Run(); err != nil {
		t.Skip("no pipes here: ", err)
	}
	for _, path := range []string{at("pipe"), "/dev/zero"} { // opening would wait for a writer, reading would not end
		checkError(t, path, open(path), path+": a pipe or a device, expected a file")
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
	if runtime.GOOS == "linux" { // a new file has the mode that the umask leaves, and keeps any other
		os.WriteFile(path+"-plain", nil, 0o666)
		got, _ := os.Stat(path)
		want, _ := os.Stat(path + "-plain")
		if got.Mode() != want.Mode() {
			t.Errorf("got mode %v, want %v", got.Mode(), want.Mode())
		}
		os.Chmod(path, 0o640)
		checkError(t, "another mode", write("three", nil), "")
		if got, _ := os.Stat(path); got.Mode() != 0o640 {
			t.Errorf("got mode %v, want 0640", got.Mode())
		}
	}
	checkError(t, "words of a failure", write("", fmt.Errorf("drawing: %w", io.EOF)), path+": drawing: EOF, expected to write it whole")
	inner := filepath.Join(t.TempDir(), "inner")
	within := func(io.Writer) error { return WriteFile(inner, func(io.Writer) error { return nil }) }
	checkError(t, "within another", WriteFile(path, within), "")
	if _, err := os.Stat(inner); err != nil {
		t.Error(err)
	}
	os.RemoveAll(dir)
	err := write("three", nil)
	checkError(t, "no folder", err, path+": ")
	if err != nil && strings.Contains(err.Error(), ".mlpviz-") {
		t.Errorf("got %v, want no temporary name", err)
	}
}

// A link stays, and the file that it leads to is written, whether it is there or not. A device is refused, and so is the
// file that standard output goes to.
func TestWriteFileLinks(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := cmp.Or(os.Mkdir(at("folder"), 0o700), os.WriteFile(at("there"), nil, 0o600), os.Symlink("../there", at("folder/old")),
		os.Symlink("folder/new", at("new")), os.Symlink("new", at("chain")), os.Symlink("circle", at("circle")), os.MkdirAll(at("a/b"), 0o700),
		os.Symlink("a/b", at("short")), os.Symlink("../up", at("a/b/up"))); err != nil {
		t.Skip(err)
	}
	if _, err := os.Readlink(at("new")); err != nil { // some systems make none and say nothing
		t.Skip(err)
	}
	write := func(path string) error {
		return WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, path); return err })
	}
	for path, target := range map[string]string{at("folder/old"): at("there"), at("chain"): at("folder/new"),
		at("short/up"): at("a/up")} {
		err := cmp.Or(CheckPath(path), write(path))
		info, err2 := os.Lstat(target)
		link, err3 := os.Lstat(path)
		if err := cmp.Or(err, err2, err3); err != nil || !info.Mode().IsRegular() || info.Size() == 0 || link.Mode().IsRegular() {
			t.Errorf("%s: got %v, want a link, and a file %s", path, err, target)
		}
	}
	checkError(t, "a circle", write(at("circle")), at("circle")+": ")
	checkError(t, "a device", write(os.DevNull), os.DevNull+": a folder or a device, expected the name of a file")
	out, err := os.Create(at("out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func(stdout *os.File) { os.Stdout = stdout; out.Close() }(os.Stdout)
	os.Stdout = out
	checkError(t, "standard output", write(at("out")), at("out")+": the file that standard output goes to, expected another")
}

// mnist returns the folder of the real MNIST files, or skips the test.
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
		limit := uint64(1<<20 + 64*len(in)) // room grows that fast
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
		{"a spreadsheet", "PK\x03\x04 and so on", Set{}, "a zip file, such as .xlsx or .npz, expected CSV: export the table as CSV"},
		{"Parquet", "PAR1 and so on", Set{}, "a Parquet file, expected CSV: export the table as CSV"},
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

// All lines together have a limit. That many zeros take memory only if someone writes to them.
func TestCSVLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes much memory with -race")
	}
	s := Set{Labels: make([]byte, maxPixels/2-1, maxPixels/2)}
	checkError(t, "the last line", s.addLine([]string{"1", "2"}, 2), "")
	checkError(t, "one more", s.addLine([]string{"1", "2"}, 2), "more than 1073741824 labels and pixels in all, expected no more")
}

// Images beyond the first block of pixels come whole.
func TestCSVBlocks(t *testing.T) {
	var lines strings.Builder
	var want []byte
	for i := range 1000 {
		fmt.Fprint(&lines, i%10, strings.Repeat(fmt.Sprint(",", i%251), 50*50), "\n")
		want = append(want, bytes.Repeat([]byte{byte(i % 251)}, 50*50)...)
	}
	s, err := ReadCSV(strings.NewReader(lines.String()))
	if err != nil || s.Len() != 1000 || s.Height != 50 || s.Width != 50 || !bytes.Equal(s.Pixels, want) {
		t.Errorf("got %d images of %d x %d, error %v, want the 1000 written", s.Len(), s.Height, s.Width, err)
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
