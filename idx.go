// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// This file reads and writes files: labelled images as IDX, the format that Yann LeCun's MNIST page defines, or as CSV,
// a label and its pixels a line; and models as NPZ, numpy's zip of NPY arrays (numpy.lib.format). Every file is taken as
// hostile: memory grows with the bytes that arrive, never with what a header claims. An error reads "found, expected" in
// one line, what it repeats of a file is quoted and shortened (%.40q); the functions that open a file name it in front.

package main

import (
	"archive/zip"
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

const (
	maxPixels  = 1 << 30  // bytes in an IDX file: 1.4 million images of 28 x 28
	maxLine    = 2 << 20  // bytes in a line of CSV: 512 x 512 pixels have room; one of commas alone takes 165 MB
	maxArrays  = 1024     // in an NPZ file
	maxNumbers = 12 << 20 // in all arrays of an NPZ file: 96 MiB of float64, read with 224 MiB at most
)

// Set is labelled images: Pixels is n x Height x Width, row by row, a byte each, 0 is background; Labels is n.
type Set struct {
	Pixels, Labels []byte
	Height, Width  int
}

// Len is the number of images.
func (s Set) Len() int { return len(s.Labels) }

// Classes is the largest label plus one. The set must not be empty.
func (s Set) Classes() int { return int(slices.Max(s.Labels)) + 1 }

// Image is the Height x Width pixels of image i, shared with the set.
func (s Set) Image(i int) []byte {
	size := s.Height * s.Width
	return s.Pixels[i*size : (i+1)*size]
}

// Head is the first n images, or all when there are fewer, shared with the set.
func (s Set) Head(n int) Set {
	n = min(n, s.Len())
	return Set{s.Pixels[:n*s.Height*s.Width], s.Labels[:n], s.Height, s.Width}
}

// Take copies the given rows, in their order.
func (s Set) Take(rows []int) Set {
	t := Set{make([]byte, 0, len(rows)*s.Height*s.Width), make([]byte, 0, len(rows)), s.Height, s.Width}
	for _, i := range rows {
		t.Pixels = append(t.Pixels, s.Image(i)...)
		t.Labels = append(t.Labels, s.Labels[i])
	}
	return t
}

// Cut divides a set by an order of its rows: the first of them, a fraction below 1, rounded up, or a number of rows;
// and the rest. Both are copies.
func (s Set) Cut(order []int, amount float64) (first, rest Set) {
	if amount < 1 {
		amount = math.Ceil(amount * float64(len(order)))
	}
	n := min(int(amount), len(order))
	return s.Take(order[:n]), s.Take(order[n:])
}

// Append copies both sets into one, t after s. Their images have the same size.
func (s Set) Append(t Set) Set {
	return Set{slices.Concat(s.Pixels, t.Pixels), slices.Concat(s.Labels, t.Labels), s.Height, s.Width}
}

// IsExample is whether a word means an example of a set: a digit, or @ and a number.
func IsExample(word string) bool {
	return len(word) == 1 && word >= "0" && word <= "9" || strings.HasPrefix(word, "@")
}

// Example is the number of the first example of a digit, or the number after @; -1 if there is no such example.
func (s Set) Example(word string) int {
	number, isNumber := strings.CutPrefix(word, "@")
	i, err := strconv.Atoi(number)
	switch {
	case !isNumber:
		return slices.Index(s.Labels, byte(i))
	case err != nil || i < 0 || i >= s.Len():
		return -1
	}
	return i
}

// CheckTest refuses a test set, found in the named place, whose images or labels do not fit those of s.
func (s Set) CheckTest(test Set, place string) error {
	if test.Height != s.Height || test.Width != s.Width {
		return fmt.Errorf("%s: test images %d x %d, expected %d x %d as in training",
			place, test.Height, test.Width, s.Height, s.Width)
	}
	if found, largest := test.Classes()-1, s.Classes()-1; found > largest {
		return fmt.Errorf("%s: test label %d, expected at most %d, the largest training label", place, found, largest)
	}
	return nil
}

// Summary says how many examples each class has, and how the pixels' values are spread; nothing of an empty set.
func (s Set) Summary(name string) string {
	if s.Len() == 0 {
		return ""
	}
	counts := make([]int, s.Classes())
	for _, label := range s.Labels {
		counts[label]++
	}
	var histogram [256]int
	lit := make([]byte, s.Height*s.Width) // 0 for a pixel that is black in every image
	for i, v := range s.Pixels {
		histogram[v]++
		lit[i%len(lit)] |= v
	}
	// q is minimum, quartiles, maximum: q[i] is the least value that at least the share i/4 of the pixels does not exceed.
	var q [5]int
	n, below, sum, squares := float64(len(s.Pixels)), 0.0, 0.0, 0.0 // whole numbers, which may be beyond an int
	for v, count := range histogram {
		for i := range q {
			if below < max(1, float64(i)/4*n) {
				q[i] = v
			}
		}
		below += float64(count)
		sum += float64(count) * float64(v)
		squares += float64(count) * float64(v*v)
	}
	mean := sum / n
	return fmt.Sprintf("%s: %d examples, by class %d\n"+
		"  pixels: mean %.2f, standard deviation %.2f, minimum %d, quartiles %d %d %d, maximum %d; %d of %d never light\n",
		name, s.Len(), counts, mean, math.Sqrt(squares/n-mean*mean), q[0], q[1], q[2], q[3], q[4],
		strings.Count(string(lit), "\x00"), len(lit))
}

// terminalPicture draws an image in characters, two rows of pixels in each row of them.
func terminalPicture(image []byte, width int) (picture string) {
	image = slices.Concat(image, make([]byte, width)) // a last row without a partner gets a black one
	for y := 0; y < len(image)/width-1; y += 2 {
		line := ""
		for i := y * width; i < (y+1)*width; i++ {
			line += []string{" ", "▀", "▄", "█"}[image[i]>>7+2*(image[i+width]>>7)] // lit from 128 on
		}
		picture += strings.TrimRight(line, " ") + "\n"
	}
	return picture
}

// terminalBars draws a line for each of the shares, with its number.
func terminalBars(shares []float64) (bars string) {
	for i, v := range shares {
		bars += strings.TrimRight(fmt.Sprintf("  %d %.4f %s", i, v, strings.Repeat("█", int(40*v+0.5))), " ") + "\n"
	}
	return bars
}

// floats brings pixels from 0..255 to 0..1.
func floats(image []byte) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v) / 255
	}
	return x
}

// ---- Files ----

// writing is held while a file has a temporary name: whoever takes it may end the program and leaves none behind.
var writing sync.Mutex

// WriteFile writes a file whole or not at all: under a temporary name in the same folder, renamed when it is complete
// and on the disk.
func WriteFile(path string, write func(w io.Writer) error) error {
	writing.Lock()
	defer writing.Unlock()
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".mlpviz-%x", rand.Uint64()))
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less what the umask takes away
	if err == nil {
		defer os.Remove(temporary) // if it still has this name
		if info, err := os.Stat(path); err == nil {
			f.Chmod(info.Mode().Perm()) // who may read it stays as it was
		}
		err = cmp.Or(write(f), f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil { // of the system's errors the cause alone: they name the temporary file
		err = fmt.Errorf("%s: %w, expected to write it whole", path, cmp.Or(errors.Unwrap(err), err))
	}
	return err
}

// CheckFolder makes a folder for files, if there are any to be, and checks their paths.
func CheckFolder(folder string, paths []string) (err error) {
	for _, path := range paths {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return fmt.Errorf("%s: %w, expected a folder that can be made", folder, errors.Unwrap(err))
		}
		err = cmp.Or(err, CheckPath(path))
	}
	return err
}

// CheckPath is an error if WriteFile would fail, or would replace what is no file or may not be written.
func CheckPath(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: a folder or a device, expected the name of a file", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		f.Close()
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: %w, expected a name for a file that can be written", path, errors.Unwrap(err))
	}
	f, err = os.CreateTemp(filepath.Dir(path), ".mlpviz-*")
	if err != nil {
		return fmt.Errorf("%s: %w, expected a folder that can be written", filepath.Dir(path), errors.Unwrap(err))
	}
	return cmp.Or(f.Close(), os.Remove(f.Name()))
}

// Shared returns the first of the outputs that would replace an input, or an output before it; "" if there is none.
func Shared(outputs, inputs []string) string {
	place := func(path string) string { // the same for all links that lead to its folder
		folder := filepath.Dir(path)
		if target, err := filepath.EvalSymlinks(folder); err == nil {
			folder = target
		}
		whole, _ := filepath.Abs(filepath.Join(folder, filepath.Base(path)))
		return whole
	}
	var taken []string
	for _, path := range inputs {
		if target, err := filepath.EvalSymlinks(path); err == nil && path != "" {
			taken = append(taken, place(path), place(target))
		}
	}
	for _, path := range outputs {
		if slices.Contains(taken, place(path)) {
			return path
		}
		taken = append(taken, place(path))
	}
	return ""
}

// openFile parses a file: r, which unpacks it, or the file as it is. Errors get its name. A pipe is refused unopened:
// opening it waits until someone writes into it.
func openFile[T any](path string, parse func(r io.Reader, f *os.File, size int64) (T, error)) (content T, err error) {
	var f *os.File
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = errors.New("a folder, expected a file")
	} else if err == nil && !info.Mode().IsRegular() {
		err = errors.New("a pipe or a device, expected a file")
	} else if err == nil {
		f, err = os.Open(path)
	}
	if err == nil {
		defer f.Close()
		var r io.Reader
		if r, err = unpack(f); err == nil {
			content, err = parse(r, f, info.Size())
		}
	}
	var system *os.PathError // names the path itself
	if errors.As(err, &system) {
		err = fmt.Errorf("%w, expected a file that can be read", system.Err)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return content, err
}

// unpack undoes gzip, recognised by its first two bytes, and refuses an HTML page: some servers send one, under any
// name, in place of a file that they do not have.
func unpack(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("damaged gzip header (%w), expected a whole file", err)
		}
		b = bufio.NewReader(z)
	}
	peeked, _ := b.Peek(512) // whoever reads on meets the error
	start := strings.ToLower(strings.TrimLeft(string(peeked), "\ufeff \t\r\n"))
	if strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html") {
		return nil, errors.New("an HTML page, expected data: the download failed")
	}
	return b, nil
}

// readRest reads the rest of r, an array of elements of size bytes each. A file may have limit elements in all, of
// which used came before. Memory starts as a small part of the claim and quadruples as bytes arrive, so that the last
// part is the claim itself and all parts together are 4/3 of it.
func readRest(r io.Reader, dims []int, size, used, limit int) (data []byte, err error) {
	if len(dims) > 4 { // thousands of ones would keep readEntry busy
		return nil, fmt.Errorf("%d dimensions, expected at most 4", len(dims))
	}
	n := 1
	for _, d := range dims {
		if d < 1 || d > (limit-used)/n { // n*d could overflow
			return nil, fmt.Errorf("dimensions %d, expected each at least 1 and "+
				"at most %d elements in all (%d in a file)", dims, limit-used, limit)
		}
		n *= d
	}
	n *= size
	part := n
	for part > 64<<10 {
		part = (part + 3) / 4
	}
	for have := 0; have < n; have, part = part, min(n, 4*part) {
		data = append(make([]byte, 0, part), data...)[:part]
		got, err := io.ReadFull(r, data[have:])
		if err != nil {
			return nil, fmt.Errorf("cut short or damaged after %d bytes of data (%w), expected %d", have+got, err, n)
		}
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); { // gzip and zip compare their checksums now
	case err == nil:
		return nil, fmt.Errorf("more than %d bytes of data, expected no more", n)
	case err != io.EOF:
		return nil, fmt.Errorf("damaged after %d bytes of data (%w), expected the end", n, err)
	}
	return data, nil
}

// ---- IDX ----

// ReadIDX reads an array of unsigned bytes: two zero bytes, the type of the elements, the number of dimensions; then
// each dimension in 4 bytes, big-endian; then the elements, the last index fastest. Other element types are refused.
func ReadIDX(r io.Reader) (dims []int, data []byte, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, nil, fmt.Errorf("header cut short or damaged (%w), expected IDX", err)
	}
	types := map[byte]string{8: "uint8", 9: "int8", 11: "int16", 12: "int32", 13: "float", 14: "double"}
	switch kind := types[magic[2]]; {
	case magic[0] != 0 || magic[1] != 0 || magic[3] == 0 || kind == "":
		return nil, nil, fmt.Errorf("first bytes %q, expected IDX: two zeros, a type, a number of dimensions", magic)
	case kind != "uint8":
		return nil, nil, fmt.Errorf("IDX elements of type %s, expected uint8, the only type read here", kind)
	}
	sizes := make([]uint32, magic[3])
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return nil, nil, fmt.Errorf("dimensions cut short or damaged (%w), expected %d of them", err, len(sizes))
	}
	for _, size := range sizes {
		dims = append(dims, int(size))
	}
	data, err = readRest(r, dims, 1, 0, maxPixels)
	return dims, data, err
}

// LoadData reads the four files of a folder, or a CSV file and, if it is named, a second with the test examples.
func LoadData(data, testFile string) (train, test Set, err error) {
	info, err := os.Stat(data)
	if err != nil {
		err = errors.Unwrap(err)
		return train, test, fmt.Errorf("%s: %w, expected a folder with MNIST's four files or a CSV file", data, err)
	}
	if info.IsDir() {
		return LoadIDX(data)
	}
	if train, err = LoadCSV(data); err == nil && testFile != "" {
		test, err = LoadCSV(testFile)
		err = cmp.Or(err, train.CheckTest(test, testFile))
	}
	return train, test, err
}

// LoadIDX reads the four files of a folder, training and test side by side: train-images-idx3-ubyte,
// train-labels-idx1-ubyte, and the same of t10k. Each is plain or gzip, its name with .gz or not, with -idx or .idx.
func LoadIDX(dir string) (train, test Set, err error) {
	done := make(chan error)
	go func() { done <- test.loadPair(dir, "t10k") }()
	if err = cmp.Or(train.loadPair(dir, "train"), <-done); err == nil {
		err = train.CheckTest(test, dir)
	}
	return train, test, err
}

// loadPair reads images, n x height x width, and their n labels.
func (s *Set) loadPair(dir, name string) error {
	dims, pixels, err := loadIDXFile(dir, name+"-images", 3)
	if err != nil {
		return err
	}
	_, labels, err := loadIDXFile(dir, name+"-labels", 1)
	if err == nil && len(labels) != dims[0] {
		err = fmt.Errorf("%s: %d labels in %s-labels, expected %d as in %s-images",
			dir, len(labels), name, dims[0], name)
	}
	*s = Set{pixels, labels, dims[1], dims[2]}
	return err
}

// loadIDXFile reads an array of n dimensions from the file that goes by one of the spellings of name.
func loadIDXFile(dir, name string, n int) (dims []int, data []byte, err error) {
	for _, format := range []string{"%s-idx%d-ubyte", "%s-idx%d-ubyte.gz", "%s.idx%d-ubyte", "%s.idx%d-ubyte.gz"} {
		path := filepath.Join(dir, fmt.Sprintf(format, name, n))
		if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) || err == nil && info.IsDir() {
			continue // a folder of the first name, such as an archive may have beside the files
		}
		data, err = openFile(path, func(r io.Reader, _ *os.File, _ int64) (data []byte, err error) {
			dims, data, err = ReadIDX(r)
			if err == nil && len(dims) != n {
				err = fmt.Errorf("dimensions %d, expected %d of them", dims, n)
			}
			return data, err
		})
		return dims, data, err
	}
	return nil, nil, fmt.Errorf("%s: no file %s-idx%d-ubyte, expected it there, with .gz or without", dir, name, n)
}

// ---- CSV ----

// LoadCSV is ReadCSV of a file, plain or gzip.
func LoadCSV(path string) (Set, error) {
	return openFile(path, func(r io.Reader, _ *os.File, _ int64) (Set, error) { return ReadCSV(r) })
}

// ReadCSV reads an image a line: the label, then the pixels of a square image row by row, whole numbers from 0 to 255.
// A first line that begins with a letter is a header; its words do not matter.
func ReadCSV(r io.Reader) (s Set, err error) {
	b := bufio.NewReader(r)
	if start, _ := b.Peek(2); string(start) == "\x00\x00" {
		return Set{}, errors.New("an IDX file, expected CSV, or the folder with all four IDX files")
	}
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" { // the byte order mark that spreadsheets write
		b.Discard(len(mark))
	}
	room := &io.LimitedReader{R: b} // what the line at hand may still take
	lines := csv.NewReader(room)
	lines.ReuseRecord, lines.LazyQuotes = true, true
	for first := true; ; first = false {
		room.N = maxLine
		cells, err := lines.Read()
		switch {
		case room.N == 0:
			return Set{}, fmt.Errorf("a line of more than %d bytes, expected an image a line", maxLine)
		case err == io.EOF && s.Len() == 0:
			return Set{}, errors.New("no examples, expected lines of a label and its pixels")
		case err == io.EOF:
			return s, nil
		case err != nil && !errors.Is(err, csv.ErrFieldCount):
			return Set{}, fmt.Errorf("damaged after %d examples (%w), expected whole lines", s.Len(), err)
		case first && strings.IndexFunc(cells[0], unicode.IsLetter) == 0:
			continue
		}
		line, _ := lines.FieldPos(0)
		if err := s.addLine(cells, lines.FieldsPerRecord); err != nil {
			return Set{}, fmt.Errorf("line %d, %w", line, err)
		}
	}
}

// addLine appends the label and the pixels of a line, which has as many cells as the first line, want.
func (s *Set) addLine(cells []string, want int) error {
	if len(cells) != want {
		return fmt.Errorf("%d cells, expected %d as in the first line", len(cells), want)
	}
	side := int(math.Sqrt(float64(want - 1)))
	if side == 0 || side*side != want-1 {
		return fmt.Errorf("%d cells, expected a label and the pixels of a square image", want)
	}
	values := make([]byte, want)
	for i, cell := range cells {
		v, err := strconv.ParseUint(strings.TrimSpace(cell), 10, 8)
		if err != nil {
			return fmt.Errorf("column %d: %.20q, expected a whole number from 0 to 255", i+1, cell)
		}
		values[i] = byte(v)
	}
	s.Labels, s.Pixels = append(s.Labels, values[0]), append(s.Pixels, values[1:]...)
	s.Height, s.Width = side, side
	return nil
}

// ---- Models ----

// Model is a trained network as a file holds it. Theta has each layer's weights, inputs x units, row by row, then its
// biases.
type Model struct {
	Sizes         []int // units of each layer, the inputs first: 784, 50, 10
	Theta         []float64
	Activation    string // of the hidden layers; empty if the file does not say
	Height, Width int    // of the images
}

// LoadModel is ReadModel of a file.
func LoadModel(path string) (Model, error) {
	return openFile(path, func(_ io.Reader, f *os.File, size int64) (Model, error) { return ReadModel(f, size) })
}

// ReadModel reads what WriteModel wrote, or numpy.savez: coefs_0, intercepts_0, coefs_1 and so on, which fit together.
// The activation's name and the images' shape may be missing; images without a shape are square.
func ReadModel(r io.ReaderAt, size int64) (m Model, err error) {
	arrays, err := readNPZ(r, size)
	if err != nil {
		return m, err
	}
	if m.Sizes, m.Theta, err = takeLayers(arrays); err != nil {
		return m, err
	}
	m.Height = int(math.Sqrt(float64(m.Sizes[0])))
	m.Width = m.Height
	if shape := arrays["image_shape"].Data; len(shape) == 2 {
		m.Height, m.Width = int(shape[0]), int(shape[1])
		delete(arrays, "image_shape")
	}
	if activation := arrays["activation"]; activation.Data == nil {
		m.Activation = activation.Text
		delete(arrays, "activation")
	}
	wild := slices.IndexFunc(m.Theta, func(v float64) bool { return !(math.Abs(v) < 1e30) }) // their sums may overflow
	switch {
	case wild >= 0:
		err = fmt.Errorf("a weight %g, expected finite numbers below 1e30", m.Theta[wild])
	case len(arrays) > 0:
		err = fmt.Errorf("%d arrays of other names or kinds, expected coefs_i, intercepts_i, "+
			"activation (a text), image_shape (two numbers) alone", len(arrays))
	case min(m.Height, m.Width) < 1 || m.Sizes[0]%m.Height != 0 || m.Sizes[0]/m.Height != m.Width: // a product may wrap
		err = fmt.Errorf("array image_shape: %d x %d, expected %d pixels as coefs_0 has rows", m.Height, m.Width, m.Sizes[0])
	}
	return m, err
}

// Arrays names the arrays of a model's file, with their shapes.
func Arrays(sizes []int) (text string) {
	for l, units := range sizes[1:] {
		text += fmt.Sprintf(", coefs_%d %d x %d, intercepts_%d %d", l, sizes[l], units, l, units)
	}
	return text[2:]
}

// Check refuses a model that does not fit the images of s, if there are any, or has too few outputs for the classes.
func (m Model) Check(s Set, classes int) error {
	last := len(m.Sizes) - 1
	if outputs := m.Sizes[last]; outputs < classes || outputs > 256 {
		return fmt.Errorf("array coefs_%d: %d outputs, expected at least %d, the classes of the data, and at most 256",
			last-1, outputs, classes)
	}
	if s.Len() > 0 && (m.Height != s.Height || m.Width != s.Width) {
		return fmt.Errorf("array coefs_0: %d x %d pixels, expected %d x %d as the data has",
			m.Height, m.Width, s.Height, s.Width)
	}
	return nil
}

// takeLayers takes coefs_i and intercepts_i, which must fit together, out of the arrays.
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

// WriteModel writes a model as numpy.savez does, uncompressed: the same model gives the same bytes. Without a Height it
// leaves the images' shape out. It panics if there are no Sizes, or Theta is shorter than they say.
func WriteModel(w io.Writer, m Model) (err error) {
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
	if m.Height > 0 {
		err = cmp.Or(err, writeArray(z, "image_shape", []int64{int64(m.Height), int64(m.Width)}, 2))
	}
	return cmp.Or(err, z.Close())
}

// ---- NPZ ----

// array is an array of a model file: numbers in C order (the last index fastest), or a single text, which has no
// dimensions. Integers are numbers too, rounded beyond 2^53.
type array struct {
	Shape []int // nil for an array that is missing
	Data  []float64
	Text  string
}

// String is what an error says of an array.
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

// numpyTypes are the types of numbers that are read, with their values.
var numpyTypes = map[string]func(b []byte) float64{
	"<f4": func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) },
	"<f8": func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) },
	"<i4": func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) },
	"<i8": func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) },
}

// readEntry reads an entry of the zip, after arrays of used numbers: "\x93NUMPY", the version in two bytes, the length
// of the header in two, the header, the data.
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
	var h struct {
		Type    string `json:"descr"`         // such as "<f8"; a structure has a list
		Fortran bool   `json:"fortran_order"` // the first index is the fastest, not the last
		Shape   []int  `json:"shape"`
	}
	if err := json.Unmarshal([]byte(pythonToJSON.Replace(string(header))), &h); err != nil || h.Shape == nil {
		return a, fmt.Errorf("header %.60q, expected a plain type (descr), fortran_order and shape", header)
	}
	kind, shape := h.Type, h.Shape
	length, isText := strings.CutPrefix(kind, "<U")
	if isText {
		n, err := strconv.ParseUint(length, 10, 6)
		if err != nil || len(shape) > 0 {
			return a, fmt.Errorf("text of %d dimensions, length %.20q, expected none, less than 64", len(shape), length)
		}
		kind, shape, used = "<i4", []int{int(n)}, 0
	}
	value := numpyTypes[kind]
	if value == nil {
		return a, fmt.Errorf("type %.40q, expected little-endian numbers or text: <f4, <f8, <i4, <i8, <U", kind)
	}
	size := int(kind[2] - '0')
	data, err := readRest(r, shape, size, used, maxNumbers)
	if err != nil {
		return a, err
	}
	numbers := make([]float64, len(data)/size)
	for i := range numbers { // as the file has them
		at, rest := 0, i // with the first index fastest, rest%d is the index in dimension d, at the place in C order
		for _, d := range shape {
			at, rest = at*d+rest%d, rest/d
		}
		if !h.Fortran {
			at = i
		}
		numbers[at] = value(data[i*size:])
	}
	if !isText {
		return array{Shape: shape, Data: numbers}, nil
	}
	for _, character := range numbers {
		a.Text += string(rune(character))
	}
	return array{Shape: h.Shape, Text: strings.TrimRight(a.Text, "\x00")}, nil // numpy fills up with zeros
}

// writeArray writes []float64 or []int64 in a shape, or a text, []rune, without one. Spaces pad what comes before the
// data to a multiple of 64 bytes.
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
	tuple := join(shape, ", ")
	if len(shape) == 1 { // Python's (3,) beside (3, 4)
		tuple += ","
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, tuple)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	start := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	_, err = entry.Write(append(start, header...))
	return cmp.Or(err, binary.Write(entry, binary.LittleEndian, data))
}

// ---- Words, of errors and reports ----

// join writes numbers with a separator between them.
func join(numbers []int, separator string) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", separator)
}

// which lists those of the numbers below n that are meant, also in words.
func which(n int, meant func(i int) bool) (numbers []int, words string) {
	for i := range n {
		if meant(i) {
			numbers = append(numbers, i)
		}
	}
	if len(numbers) == n && n > 1 {
		return numbers, fmt.Sprint("all ", n)
	}
	return numbers, cmp.Or(join(numbers, ", "), "none")
}

// decimals writes a number with as many of them, or with an exponent where it would fill lines.
func decimals(v float64, n int) string {
	if v > 1e10 {
		return fmt.Sprintf("%.*e", n, v)
	}
	return fmt.Sprintf("%.*f", n, v)
}

// percent writes a share of a change, which may be none.
func percent(share float64, n int) string {
	if math.IsInf(share, 1) {
		return "no change"
	}
	return decimals(100*share, n) + "%"
}

// suggest asks for the first name that a mistyped word is at most two letters from.
func suggest(word string, names []string) string {
	word = strings.ToLower(word)
	for _, name := range names {
		if becomes(word, name, min(2, len(word)/3)) {
			return "; did you mean " + name + "?"
		}
	}
	return ""
}

// becomes is whether that many changes, each a letter added, left out or replaced, turn the word into the name.
func becomes(word, name string, changes int) bool {
	if word == "" || name == "" || changes < 0 {
		return len(word)+len(name) <= changes
	}
	return word[0] == name[0] && becomes(word[1:], name[1:], changes) || becomes(word[1:], name, changes-1) ||
		becomes(word, name[1:], changes-1) || becomes(word[1:], name[1:], changes-1)
}
