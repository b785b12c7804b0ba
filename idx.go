// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The data: labelled images as IDX, the format that Yann LeCun's MNIST page defines, or as CSV, a label and its pixels a
// line; and files, opened and written safely. Every file is taken as hostile: memory grows with the bytes that arrive,
// never with what a header claims. An error reads "found, expected" in one line, what it repeats of a file is quoted and
// shortened (%.40q); the functions that open a file name it in front.

package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
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
	maxPixels = 1 << 30 // bytes in an IDX file: 1.4 million images of 28 x 28
	maxLine   = 2 << 20 // bytes in a line of CSV: 512 x 512 pixels have room; one of commas alone takes 165 MB
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
