package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

// ---- NPZ

// What numpy wrote:
//
//	w = numpy.array([[1.5, -2, 3], [4, 5, -6.25]])
//	parts = dict(coefs_0=w, coefs_1=numpy.asfortranarray(w), intercepts_0=w[0].astype("float32"),
//	             cube=numpy.asfortranarray(numpy.arange(24.).reshape(2, 3, 4)), image_shape=numpy.array([28, 28]),
//	             small=numpy.int32([-7]), scalar=numpy.float64(0.5), activation=numpy.array("relu"), empty=numpy.array(""))
//	numpy.savez("testdata/savez.npz", **parts)
//	numpy.savez_compressed("testdata/savez_compressed.npz", **parts)
var goldenNPZ = []string{"testdata/savez.npz", "testdata/savez_compressed.npz"}

func golden(t testing.TB, i int) []byte {
	data, err := os.ReadFile(goldenNPZ[i])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// goldenArrays returns what both files hold.
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

// Numbers and texts that are written and read again do not change. Where numpy's file has the same array, in C order and
// of the same type, the bytes are the same.
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

// aModel returns a small network: 6 inputs, 3 hidden units, 2 outputs.
func aModel() Model {
	m := Model{Sizes: []int{6, 3, 2}, Activation: "tanh", Height: 2, Width: 3}
	for i := range 7*3 + 4*2 {
		m.Theta = append(m.Theta, float64(i)-math.Pi)
	}
	return m
}

// A model comes back as it was written. The same model gives the same bytes, and in them each array is what numpy would
// read.
func TestModel(t *testing.T) {
	unnamed := aModel()
	unnamed.Activation = ""
	linear := Model{Sizes: []int{4, 2}, Theta: make([]float64, 10), Activation: "relu", Height: 2, Width: 2}
	for _, want := range []Model{aModel(), unnamed, linear} {
		var b, again bytes.Buffer
		if err := errors.Join(WriteModel(&b, want), WriteModel(&again, want)); err != nil {
			t.Fatal(err)
		}
		got, err := ReadModel(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if !bytes.Equal(again.Bytes(), b.Bytes()) {
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

// model returns an NPZ file with layers of the given sizes, all zeros, and an activation. In changes names map to other
// arrays, "" for no such array.
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

// text returns an NPY array with a text.
func text(s string) string {
	var b strings.Builder
	binary.Write(&b, binary.LittleEndian, []rune(s))
	return npy(fmt.Sprintf("'<U%d'", len([]rune(s))), "False", "()", b.String())
}

// doubles returns an NPY array of float64.
func doubles(shape string, numbers ...float64) string {
	var b strings.Builder
	binary.Write(&b, binary.LittleEndian, numbers)
	return npy("'<f8'", "False", shape, b.String())
}

func TestReadModel(t *testing.T) {
	type change = map[string]string
	wraps := "images of 4294967296 x 4294967300 pixels, expected 4"
	if math.MaxInt == math.MaxInt32 {
		wraps = "array image_shape: 4.294967296e+09 x 4.2949673e+09, expected"
	}
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
		{"NaN", change{"intercepts_0": doubles("(3,)", 0, math.NaN(), 0)}, "", "a weight NaN, expected finite numbers"},
		{"infinite", change{"intercepts_1": doubles("(2,)", 0, math.Inf(-1))}, "", "a weight -Inf, expected finite numbers"},
		{"another name", change{"loss": doubles("()", 0.5)}, "", "1 arrays of other names or kinds, expected coefs_i, intercepts_i"},
		{"a gap", change{"coefs_3": doubles("(1, 1)", 0)}, "", "1 arrays of other names or kinds, expected"},
		{"a number for an activation", change{"activation": doubles("()", 1)}, "", "1 arrays of other names or kinds, expected"},
		{"a long activation", change{"activation": text(strings.Repeat("x", 64))}, "", `array "activation": text of 0 dimensions, length "64", expected`},
		{"three numbers for a shape", change{"image_shape": doubles("(3,)", 1, 2, 2)}, "", "1 arrays of other names or kinds, expected"},
		{"a text for a shape", change{"image_shape": text("2x2")}, "", "1 arrays of other names or kinds, expected"},
		{"a negative shape", change{"image_shape": doubles("(2,)", -2, -2)}, "", "array image_shape: -2 x -2, expected whole numbers from 1"},
		{"another shape", change{"image_shape": doubles("(2,)", 2, 3)}, "", "images of 2 x 3 pixels, expected 4 pixels, as coefs_0 has rows"},
		{"a shape that wraps", change{"image_shape": doubles("(2,)", 1<<32, 1<<32+4)}, "", wraps},
		{"a shape of NaN", change{"image_shape": doubles("(2,)", math.NaN(), 1)}, "", "array image_shape: NaN x 1, expected"},
		{"a shape of fractions", change{"image_shape": doubles("(2,)", 2.5, 2)}, "", "array image_shape: 2.5 x 2, expected"},
		{"a shape of zeros", change{"image_shape": doubles("(2,)", 0, 0)}, "", "array image_shape: 0 x 0, expected"},
		{"no square", change{"coefs_0": doubles("(3, 3)", make([]float64, 9)...)}, "", "images of 1 x 1 pixels, expected 3 pixels"},
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

// A model that ReadModel would refuse is an error, and nothing is written. The last ones here can be read again.
func TestWriteModelErrors(t *testing.T) {
	deep := func(layers int) Model {
		m := Model{Sizes: []int{1}, Theta: make([]float64, 2*layers), Activation: "relu"}
		for range layers {
			m.Sizes = append(m.Sizes, 1)
		}
		return m
	}
	changed := func(change func(m *Model)) Model {
		m := aModel()
		change(&m)
		return m
	}
	for _, c := range []struct {
		about string
		m     Model
		err   string
	}{
		{"nothing", Model{}, "0 layers with weights, expected from 1 to 511"},
		{"one size", Model{Sizes: []int{4}}, "0 layers with weights, expected from 1"},
		{"many layers", deep(512), "512 layers with weights, expected from 1 to 511"},
		{"no units", Model{Sizes: []int{4, 0, 2}, Theta: make([]float64, 2)}, "a layer of 4 x 0 weights, expected at least 1 x 1"},
		{"negative", Model{Sizes: []int{-2, -2}, Theta: make([]float64, 2)}, "a layer of -2 x -2 weights, expected at least 1 x 1"},
		{"large", Model{Sizes: []int{1 << 20, 12}}, "a layer of 1048576 x 12 weights, expected at least 1 x 1, and at most 12582910 parameters"},
		{"many in all", Model{Sizes: []int{3, 1 << 20, 9}}, "a layer of 1048576 x 9 weights, expected"},
		{"a product that wraps", Model{Sizes: []int{1 << 30, 1 << 30}}, "a layer of 1073741824 x 1073741824 weights, expected"},
		{"few weights", changed(func(m *Model) { m.Theta = m.Theta[1:] }), "28 weights, expected 29"},
		{"many weights", changed(func(m *Model) { m.Theta = append(m.Theta, 1) }), "30 weights, expected 29"},
		{"NaN", changed(func(m *Model) { m.Theta[7] = math.NaN() }), "a weight NaN, expected finite numbers"},
		{"infinite", changed(func(m *Model) { m.Theta[7] = math.Inf(-1) }), "a weight -Inf, expected finite numbers"},
		{"a long name", changed(func(m *Model) { m.Activation = strings.Repeat("ü", 64) }), "expected a name of less than 64 characters"},
		{"another shape", changed(func(m *Model) { m.Height = 3 }), "images of 3 x 3 pixels, expected 6 pixels"},
		{"half a shape", changed(func(m *Model) { m.Height = 0 }), "images of 0 x 3 pixels, expected 6 pixels"},
		{"no square", changed(func(m *Model) { m.Height, m.Width = 0, 0 }), "images of 2 x 2 pixels, expected 6 pixels"},
		{"as many layers as may be", deep(511), ""},
		{"a name as long as may be", changed(func(m *Model) { m.Activation = strings.Repeat("ü", 63) }), ""},
	} {
		var b bytes.Buffer
		err := WriteModel(&b, c.m)
		checkError(t, c.about, err, c.err)
		if err != nil && b.Len() > 0 {
			t.Errorf("%s: got %d bytes written, want none", c.about, b.Len())
		} else if err == nil {
			_, err := ReadModel(bytes.NewReader(b.Bytes()), int64(b.Len()))
			checkError(t, c.about+", read", err, "")
		}
	}
	checkError(t, "Check of 256 outputs", Model{Sizes: []int{4, 256}}.Check(0, 0, 2), "")
	checkError(t, "Check of 257 outputs", Model{Sizes: []int{4, 257}}.Check(0, 0, 2), "257 outputs, expected at least 2")
	checkError(t, "Check of nothing", Model{}.Check(0, 0, 2), "sizes [], expected inputs and outputs")
	if got := Arrays(nil); got != "" {
		t.Errorf("Arrays(nil): got %q, want none", got)
	}
}

// full is a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// entries returns the contents of a zip by their names.
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

// packNPZ returns a compressed NPZ file of the parts, a name and a content in turn.
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

// npy returns an array with a header of the given values.
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
		{"checksum", flipped, `array "x": damaged after 8 bytes of data (zip: checksum error), expected 8`},
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
		{"no type", packNPZ("x.npy", "\x93NUMPY\x01\x00\x0d\x00{'shape': ()}"), `header "{'shape': ()}", expected a plain type`},
		{"objects", array("'|O'", "(1,)", one), `array "x": type "|O", expected little-endian numbers or text`},
		{"big-endian", array("'>f8'", "(1,)", one), `type ">f8", expected little-endian`},
		{"bytes", array("'|u1'", "(1,)", one), `type "|u1", expected`},
		{"other keys", packNPZ("x.npy", strings.Replace(npy("'<f8'", "False", "(1,)", one), "shape", "Shape", 1)),
			"header \"{'descr': '<f8', 'fortran_order': False, 'Shape': (1,), }\\n\", expected a plain type"},
		{"more keys", array("'<f8', 'x': 1", "(1,)", one), `header "{'descr': '<f8', 'x': 1`},
		{"structure", array("[('a', '<f8')]", "(1,)", one), `header "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (", expected a plain type`},
		{"10^12 numbers", array("'<f8'", "(1000000, 1000000)", one), "dimensions [1000000 1000000], expected"},
		{"a product of 2^64", array("'<f8'", "(4294967296, 4294967296)", one), "dimensions [4294967296 4294967296], expected"},
		{"10^30", array("'<f8'", "(1000000000000000000000000000000,)", one), "header \"{'descr'"},
		{"negative", array("'<f8'", "(-1, -1)", one), "dimensions [-1 -1], expected each at least 1 and at most"},
		{"zero", array("'<f8'", "(0,)", ""), "dimensions [0], expected"},
		{"five dimensions", array("'<f8'", "(1, 1, 1, 1, 1)", one), "5 dimensions, expected at most 4"},
		{"a fraction", array("'<f8'", "(1.5,)", one), "expected a plain type (descr), fortran_order and shape"},
		{"short data", array("'<f8'", "(2,)", one), `array "x": cut short after 8 bytes of data, expected 16`},
		{"long data", array("'<f4'", "(1,)", one), "more than 4 bytes of data, expected no more"},
		{"texts", array("'<U1'", "(2,)", one), `text of 1 dimensions, length "1", expected none`},
		{"long text", array("'<U99999999'", "()", one), `text of 0 dimensions, length "99999999", expected none, less than 64`},
		{"short text", array("'<U3'", "()", one), "cut short after 8 bytes of data, expected 12"},
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

// The limit holds for all arrays together. Below it memory grows with what arrives.
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
		checkError(t, "bomb", err, fmt.Sprintf(`at most 0 numbers in all (%d in a file)`, maxNumbers))
	})
	if limit := uint64(384 << 20); got > limit { // 200 MiB, but 341 with the io.ReadAll of Go 1.22
		t.Errorf("a bomb of %d bytes: got %d bytes allocated, want at most %d", len(bomb), got, limit)
	}
}

// Whatever is read without an error fits together, and does not change when it is written and read again.
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
