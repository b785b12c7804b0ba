// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// A trained network as a file: NPZ, a zip of NPY arrays, as numpy.savez writes it (numpy.lib.format describes NPY). Any
// file may be hostile: memory grows with the bytes that arrive, never with what a header claims, and maxArrays and
// maxNumbers bound what is read. An error is one line, "found, expected".

package main

import (
	"archive/zip"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxArrays  = 1024     // in an NPZ file
	maxNumbers = 12 << 20 // in all arrays of an NPZ file: 96 MiB of float64, for which the program took 344 MB
	maxText    = 64       // a text has fewer characters

	maxLayers     = (maxArrays - 2) / 2 // with weights and biases, beside the activation and the images' shape
	maxParameters = maxNumbers - 2      // beside the images' shape
)

// A Model is a trained network as a file holds it. Theta has each layer's weights, inputs x units, row by row, then its
// biases.
type Model struct {
	Sizes         []int // units of each layer, the inputs first: 784, 50, 10
	Theta         []float64
	Activation    string // of the hidden layers; empty if the file does not say
	Height, Width int    // of the images
}

// ReadModel reads size bytes that WriteModel or numpy.savez wrote: arrays coefs_0 (inputs x units), intercepts_0
// (units), coefs_1 and so on, which must fit together, and two that may be missing: activation, a text, and
// image_shape, two numbers. Without image_shape the images are square. All weights are finite. Errors say which array
// is wrong.
func ReadModel(r io.ReaderAt, size int64) (m Model, err error) {
	arrays, err := readNPZ(r, size)
	if err != nil {
		return m, err
	}
	if m.Sizes, m.Theta, err = takeLayers(arrays); err != nil {
		return m, err
	}
	if shape := arrays["image_shape"].Data; len(shape) == 2 {
		m.Height, m.Width = int(shape[0]), int(shape[1])
		if float64(m.Height) != shape[0] || float64(m.Width) != shape[1] || min(m.Height, m.Width) < 1 {
			return m, fmt.Errorf("array image_shape: %g x %g, expected whole numbers from 1", shape[0], shape[1])
		}
		delete(arrays, "image_shape")
	}
	if activation := arrays["activation"]; activation.Data == nil {
		m.Activation = activation.Text
		delete(arrays, "activation")
	}
	if len(arrays) > 0 {
		return m, fmt.Errorf("%d arrays of other names or kinds, expected coefs_i, intercepts_i, "+
			"activation (a text), image_shape (two numbers) alone", len(arrays))
	}
	err = m.complete()
	return m, err
}

// complete makes the images of a model without Height and Width square. It returns an error if a file cannot hold the
// model: ReadModel and WriteModel refuse the same ones.
func (m *Model) complete() error {
	layers, parameters := len(m.Sizes)-1, 0
	if layers < 1 || layers > maxLayers {
		return fmt.Errorf("%d layers with weights, expected from 1 to %d", max(0, layers), maxLayers)
	}
	for l, units := range m.Sizes[1:] {
		inputs := m.Sizes[l]
		if inputs < 1 || units < 1 || inputs > maxNumbers || units > (maxParameters-parameters)/(inputs+1) { // may wrap
			return fmt.Errorf("a layer of %d x %d weights, expected at least 1 x 1, and at most %d parameters in all",
				inputs, units, maxParameters)
		}
		parameters += (inputs + 1) * units
	}
	if m.Height == 0 && m.Width == 0 {
		m.Height = int(math.Sqrt(float64(m.Sizes[0])))
		m.Width = m.Height
	}
	infinite := slices.IndexFunc(m.Theta, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	switch pixels := m.Sizes[0]; {
	case len(m.Theta) != parameters:
		return fmt.Errorf("%d weights, expected %d", len(m.Theta), parameters)
	case infinite >= 0:
		return fmt.Errorf("a weight %g, expected finite numbers", m.Theta[infinite])
	case utf8.RuneCountInString(m.Activation) >= maxText:
		return fmt.Errorf("activation %.20q, expected a name of less than %d characters", m.Activation, maxText)
	case m.Height < 1 || pixels%m.Height != 0 || pixels/m.Height != m.Width: // their product may wrap
		return fmt.Errorf("images of %d x %d pixels, expected %d pixels, as coefs_0 has rows", m.Height, m.Width, pixels)
	}
	return nil
}

// Arrays returns the names and shapes of the arrays in a model's file, as text; "" if there are fewer than two sizes.
func Arrays(sizes []int) string {
	var arrays []string
	for l := 1; l < len(sizes); l++ {
		arrays = append(arrays, fmt.Sprintf("coefs_%d %d x %d, intercepts_%d %d", l-1, sizes[l-1], sizes[l], l-1, sizes[l]))
	}
	return strings.Join(arrays, ", ")
}

// Check returns an error if the model has fewer outputs than classes or more than 256, or if its images are not height
// x width pixels, or if it is no network. If height is 0, images may have any size.
func (m Model) Check(height, width, classes int) error {
	last := len(m.Sizes) - 1
	if last < 1 {
		return fmt.Errorf("sizes %d, expected inputs and outputs", m.Sizes)
	}
	if outputs := m.Sizes[last]; outputs < classes || outputs > 256 {
		return fmt.Errorf("array coefs_%d: %d outputs, expected at least %d, the classes of the data, and at most 256",
			last-1, outputs, classes)
	}
	if height > 0 && (m.Height != height || m.Width != width) {
		return fmt.Errorf("array coefs_0: %d x %d pixels, expected %d x %d as the data has",
			m.Height, m.Width, height, width)
	}
	return nil
}

// takeLayers removes coefs_i and intercepts_i from arrays and joins them. They must fit together.
func takeLayers(arrays map[string]array) (sizes []int, theta []float64, err error) {
	var parts [][]float64
	expected := "inputs x units"
	for l := 0; ; l++ {
		coefs, intercepts := fmt.Sprint("coefs_", l), fmt.Sprint("intercepts_", l)
		w, b := arrays[coefs], arrays[intercepts]
		switch {
		case l > 0 && w.Shape == nil && b.Shape == nil:
			return sizes, slices.Concat(parts...), nil
		case len(w.Shape) != 2 || l > 0 && w.Shape[0] != sizes[l]:
			return nil, nil, fmt.Errorf("array %s: %v, expected %s", coefs, w, expected)
		case !slices.Equal(b.Shape, w.Shape[1:]):
			return nil, nil, fmt.Errorf("array %s: %v, expected %d numbers, one for each column of %s",
				intercepts, b, w.Shape[1], coefs)
		case l == 0:
			sizes = w.Shape[:1:1]
		}
		sizes, parts = append(sizes, w.Shape[1]), append(parts, w.Data, b.Data)
		expected = fmt.Sprintf("%d x units, to follow %s", w.Shape[1], coefs)
		delete(arrays, coefs)
		delete(arrays, intercepts)
	}
}

// WriteModel writes a model as numpy.savez does, uncompressed: the same model gives the same bytes. It leaves out an
// empty Activation, and the shape of square images without Height and Width. It returns an error, and writes nothing,
// if ReadModel would refuse the file.
func WriteModel(w io.Writer, m Model) (err error) {
	shaped := m.Height != 0
	if err := m.complete(); err != nil {
		return err
	}
	z, rest := zip.NewWriter(w), m.Theta
	for l, fanOut := range m.Sizes[1:] {
		fanIn := m.Sizes[l]
		n := fanIn * fanOut
		err = cmp.Or(err, writeArray(z, fmt.Sprint("coefs_", l), rest[:n], fanIn, fanOut),
			writeArray(z, fmt.Sprint("intercepts_", l), rest[n:n+fanOut], fanOut))
		rest = rest[n+fanOut:]
	}
	if m.Activation != "" {
		err = cmp.Or(err, writeArray(z, "activation", []rune(m.Activation)))
	}
	if shaped {
		err = cmp.Or(err, writeArray(z, "image_shape", []int64{int64(m.Height), int64(m.Width)}, 2))
	}
	return cmp.Or(err, z.Close())
}

// array is an array of a file: numbers in C order (the last index fastest), or a single text, which has no dimensions.
// Integers beyond 2^53 are rounded.
type array struct {
	Shape []int // nil for an array that is missing
	Data  []float64
	Text  string
}

// String returns what an error says of an array.
func (a array) String() string {
	if a.Shape == nil {
		return "missing"
	}
	return fmt.Sprintf("shape %d", a.Shape)
}

// readNPZ reads what numpy.savez and numpy.savez_compressed write: a zip with an entry NAME.npy for each array.
func readNPZ(r io.ReaderAt, size int64) (map[string]array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("damaged or no zip (%w), expected a whole file as numpy.savez writes it", err)
	}
	if len(z.File) > maxArrays {
		return nil, fmt.Errorf("%d arrays, expected at most %d", len(z.File), maxArrays)
	}
	arrays := map[string]array{}
	used := 0 // numbers in all of them
	for _, entry := range z.File {
		name, isArray := strings.CutSuffix(entry.Name, ".npy")
		if _, twice := arrays[name]; twice || !isArray {
			return nil, fmt.Errorf("entry %.40q, expected entries NAME.npy, each once", entry.Name)
		}
		a, err := readEntry(entry, used)
		if err != nil {
			return nil, fmt.Errorf("array %.40q: %w", name, err)
		}
		arrays[name] = a
		used += len(a.Data)
	}
	return arrays, nil
}

// pythonToJSON turns the header of an array, a Python dictionary, into JSON.
var pythonToJSON = strings.NewReplacer("'", `"`, "(", "[", ",)", "]", ")", "]", ", }", "}",
	"False", "false", "True", "true")

// numpyTypes maps the types of numbers that readEntry knows to functions that decode one.
var numpyTypes = map[string]func(b []byte) float64{
	"<f4": func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) },
	"<f8": func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) },
	"<i4": func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) },
	"<i8": func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) },
}

// readEntry reads an entry of the zip: "\x93NUMPY", the version in two bytes, the length of the header in two, the
// header, the data. The entries before it had used numbers.
func readEntry(entry *zip.File, used int) (a array, err error) {
	r, err := entry.Open()
	if err != nil {
		return a, fmt.Errorf("damaged (%w), expected a whole file", err)
	}
	defer r.Close()
	var start [10]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return a, fmt.Errorf("header cut short or damaged (%w), expected NPY", err)
	}
	if string(start[:8]) != "\x93NUMPY\x01\x00" {
		return a, fmt.Errorf("first bytes %q, expected NPY of version 1.0", start)
	}
	header := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	if _, err := io.ReadFull(r, header); err != nil {
		return a, fmt.Errorf("header cut short or damaged (%w), expected %d bytes", err, len(header))
	}
	var kind string  // such as "<f8"; a structure has a list
	var fortran bool // the first index is the fastest, not the last
	var shape []int
	var fields map[string]json.RawMessage // unlike a struct, it keeps apart the keys shape and Shape
	err = json.Unmarshal([]byte(pythonToJSON.Replace(string(header))), &fields)
	err = cmp.Or(err, json.Unmarshal(fields["descr"], &kind), json.Unmarshal(fields["fortran_order"], &fortran),
		json.Unmarshal(fields["shape"], &shape))
	if err != nil || shape == nil || len(fields) != 3 {
		return a, fmt.Errorf("header %.60q, expected a plain type (descr), fortran_order and shape", header)
	}
	a.Shape = shape
	length, isText := strings.CutPrefix(kind, "<U")
	if isText {
		n, err := strconv.ParseUint(length, 10, 6)
		if err != nil || len(shape) > 0 {
			return a, fmt.Errorf("text of %d dimensions, length %.20q, expected none, less than %d",
				len(shape), length, maxText)
		}
		kind, shape, used = "<i4", []int{int(n)}, 0
	}
	value := numpyTypes[kind]
	if value == nil {
		return a, fmt.Errorf("type %.40q, expected little-endian numbers or text: <f4, <f8, <i4, <i8, <U", kind)
	}
	if len(shape) > 4 { // thousands of ones would keep the loop below busy
		return a, fmt.Errorf("%d dimensions, expected at most 4", len(shape))
	}
	n, size := 1, int(kind[2]-'0')
	for _, d := range shape {
		if d < 1 || d > (maxNumbers-used)/n { // n*d could overflow
			return a, fmt.Errorf("dimensions %d, expected each at least 1 and "+
				"at most %d numbers in all (%d in a file)", shape, maxNumbers-used, maxNumbers)
		}
		n *= d
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(n*size)+1)) // memory grows with the bytes that arrive
	if err != nil {
		return a, fmt.Errorf("damaged after %d bytes of data (%w), expected %d", len(data), err, n*size)
	}
	switch {
	case len(data) < n*size:
		return a, fmt.Errorf("cut short after %d bytes of data, expected %d", len(data), n*size)
	case len(data) > n*size:
		return a, fmt.Errorf("more than %d bytes of data, expected no more", n*size)
	}
	numbers := make([]float64, len(data)/size)
	for i := range numbers { // in the file's order
		at, rest := 0, i // if the first index is the fastest, rest%d is the index in dimension d; at becomes i in C order
		for _, d := range shape {
			at, rest = at*d+rest%d, rest/d
		}
		if !fortran {
			at = i
		}
		numbers[at] = value(data[i*size:])
	}
	if !isText {
		a.Data = numbers
		return a, nil
	}
	for _, character := range numbers {
		a.Text += string(rune(character))
	}
	a.Text = strings.TrimRight(a.Text, "\x00") // numpy fills up with zeros
	return a, nil
}

// writeArray writes []float64 or []int64 with a shape, or a text, []rune, without one. Spaces pad the header so that
// the data begins at a multiple of 64 bytes.
func writeArray(z *zip.Writer, name string, data any, shape ...int) error {
	entry, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	descr := "<f8"
	switch data := data.(type) {
	case []int64:
		descr = "<i8"
	case []rune:
		descr = fmt.Sprint("<U", len(data))
	}
	tuple := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
	if len(shape) == 1 { // Python's (3,) beside (3, 4)
		tuple += ","
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	start := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	_, err = entry.Write(append(start, header...))
	return cmp.Or(err, binary.Write(entry, binary.LittleEndian, data))
}
