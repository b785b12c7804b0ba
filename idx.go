// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The data: labelled images read from IDX, the format that Yann LeCun's MNIST page defines, or from CSV, with a label
// and its pixels in each line; a summary of them; and files, opened and written safely. Any file may be hostile: memory
// grows with the bytes that arrive, never with what a header claims. An error is one line, "found, expected". What it
// repeats of a file is quoted and shortened (%.40q). Functions that open a file put its name in front.

package main

import (
	"bufio"
	"bytes"
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
	"syscall"
	"unicode"
)

const (
	maxPixels = 1 << 30 // bytes of pixels: 1.4 million images of 28 x 28
	maxLine   = 2 << 20 // bytes in a line of CSV: room for 512 x 512 pixels; a line of commas alone takes 165 MB
)

// A Set holds n labelled images: Pixels is n x Height x Width, row by row, a byte each, and 0 is background; Labels has
// n bytes.
type Set struct {
	Pixels, Labels []byte
	Height, Width  int
}

// Len returns the number of images.
func (s Set) Len() int { return len(s.Labels) }

// Classes returns the largest label plus one, and 0 for an empty set.
func (s Set) Classes() int {
	if s.Len() == 0 {
		return 0
	}
	return int(slices.Max(s.Labels)) + 1
}

// Image returns the Height x Width pixels of image i. They are shared with the set.
func (s Set) Image(i int) []byte {
	size := s.Height * s.Width
	return s.Pixels[i*size : (i+1)*size]
}

// Head returns the first n images, all if there are fewer, none if n is negative. They are shared with the set.
func (s Set) Head(n int) Set {
	n = max(0, min(n, s.Len()))
	return Set{s.Pixels[:n*s.Height*s.Width], s.Labels[:n], s.Height, s.Width}
}

// Take returns a copy of the images at the given indices, in that order.
func (s Set) Take(rows []int) Set {
	t := Set{make([]byte, 0, len(rows)*s.Height*s.Width), make([]byte, 0, len(rows)), s.Height, s.Width}
	for _, i := range rows {
		t.Pixels = append(t.Pixels, s.Image(i)...)
		t.Labels = append(t.Labels, s.Labels[i])
	}
	return t
}

// Cut takes the images in the given order and divides them in two copies, the first and the rest. The amount of the
// first is a fraction below 1, rounded up, or a number of images. Below 0 or NaN it counts as 0.
func (s Set) Cut(order []int, amount float64) (first, rest Set) {
	if amount < 1 {
		amount = math.Ceil(amount * float64(len(order)))
	}
	n := 0
	if amount > 0 {
		n = int(min(amount, float64(len(order))))
	}
	return s.Take(order[:n]), s.Take(order[n:])
}

// Append returns a copy of s followed by t. It panics if t has images of another size.
func (s Set) Append(t Set) Set {
	if t.Len() > 0 && (t.Height != s.Height || t.Width != s.Width) {
		panic("Append: images of another size")
	}
	return Set{slices.Concat(s.Pixels, t.Pixels), slices.Concat(s.Labels, t.Labels), s.Height, s.Width}
}

// CheckTest returns an error if the test set's images are not of the size of s, or its labels go beyond those of s. The
// error names the place where the test set was found.
func (s Set) CheckTest(test Set, place string) error {
	if test.Height != s.Height || test.Width != s.Width {
		return fmt.Errorf("%s: test images %d x %d, expected %d x %d as in training",
			shown(place), test.Height, test.Width, s.Height, s.Width)
	}
	if found, largest := test.Classes()-1, s.Classes()-1; found > largest {
		return fmt.Errorf("%s: test label %d, expected at most %d, the largest training label",
			shown(place), found, largest)
	}
	return nil
}

// Summary returns two lines: how many examples each class has, and how the values of the pixels are spread. It returns
// "" for an empty set.
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
	// q holds minimum, quartiles, maximum: at least i/4 of the pixels are q[i] or less, and q[i] is the least such value.
	var q [5]int
	n, below, sum, squares := float64(len(s.Pixels)), 0.0, 0.0, 0.0 // whole numbers, maybe too large for an int
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

// writing is held while a temporary file exists. Whoever holds it can end the program without leaving one behind.
var writing sync.Mutex

// shown returns a file's name as an error repeats it: as it is, or quoted if it is empty, long or not printable.
func shown(path string) string {
	if path == "" || len(path) > 200 || strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Sprintf("%.200q", path)
	}
	return path
}

// WriteFile writes a file whole or not at all: it writes to a temporary file in the same folder, which it renames when
// everything is on the disk. It follows a symbolic link. Until write has returned, its output is kept in memory.
func WriteFile(path string, write func(w io.Writer) error) error {
	target, info, err := destination(path)
	if err != nil {
		return err
	}
	var content bytes.Buffer // no lock is held yet, so that write itself may call WriteFile
	if err := write(&content); err != nil {
		return fmt.Errorf("%s: %w, expected to write it whole", shown(path), err)
	}
	writing.Lock()
	defer writing.Unlock()
	temporary := filepath.Join(filepath.Dir(target), fmt.Sprintf(".mlpviz-%x", rand.Uint64()))
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less what the umask takes away
	if err == nil {
		defer os.Remove(temporary) // if it still has this name
		if info != nil {
			f.Chmod(info.Mode().Perm()) // who may read it stays as it was
		}
		_, err = f.Write(content.Bytes())
		err = cmp.Or(err, f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(temporary, target)
	}
	if err != nil { // Unwrap, since the system's errors name the temporary file
		err = fmt.Errorf("%s: %w, expected to write it whole", shown(path), errors.Unwrap(err))
	}
	return err
}

// destination returns the path that WriteFile would create or replace, and what is there, nil if nothing is. It refuses
// what is not a file, and the file that standard output goes to, from which a new file would take the name.
func destination(path string) (target string, info os.FileInfo, err error) {
	info, err = os.Stat(path)
	out, _ := os.Stdout.Stat()
	switch {
	case path == "":
		err = errors.New("no name, expected the name of a file")
	case errors.Is(err, os.ErrNotExist):
		info, err = nil, nil
	case err != nil:
		err = fmt.Errorf("%w, expected a name for a file that can be written", errors.Unwrap(err))
	case !info.Mode().IsRegular():
		err = errors.New("a folder or a device, expected the name of a file")
	case os.SameFile(info, out):
		err = errors.New("the file that standard output goes to, expected another")
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", shown(path), err)
	}
	return followLinks(path), info, err
}

// followLinks returns the path of the file that a symbolic link leads to, even if no file is there yet. It returns any
// other path as it is.
func followLinks(path string) string {
	for range 40 { // links may lead in a circle
		link, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(link) {
			folder, _ := filepath.EvalSymlinks(filepath.Dir(path)) // whose parent .. may mean
			link = filepath.Join(folder, link)
		}
		path = link
	}
	return path
}

// CheckFolder makes the folder and calls CheckPath for each path in it. Without paths it makes none.
func CheckFolder(folder string, paths []string) (err error) {
	for _, path := range paths {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return fmt.Errorf("%s: %w, expected a folder that can be made", shown(folder), errors.Unwrap(err))
		}
		err = cmp.Or(err, CheckPath(path))
	}
	return err
}

// CheckPath returns an error if WriteFile could not create or replace a file of this name, or should not: if the name
// is that of a folder, a device, a read-only file, or one that only another user may replace.
func CheckPath(path string) error {
	target, info, err := destination(path)
	if err != nil {
		return err
	}
	if info != nil {
		f, err := os.OpenFile(target, os.O_WRONLY, 0) // replacing it needs no such right, but its owner wants it kept
		if err != nil {
			return fmt.Errorf("%s: %w, expected a file that can be written", shown(path), errors.Unwrap(err))
		}
		f.Close()
	}
	writing.Lock()
	defer writing.Unlock()
	folder := filepath.Dir(target)
	f, err := os.CreateTemp(folder, ".mlpviz-*")
	if err != nil {
		return fmt.Errorf("%s: %w, expected a folder that can be written", shown(folder), errors.Unwrap(err))
	}
	err = cmp.Or(f.Close(), os.Remove(f.Name()))
	if info != nil && errors.Is(os.Link(target, f.Name()), syscall.EXDEV) { // a second name, which changes nothing
		err = fmt.Errorf("%s: a file that is mounted, expected one that can be replaced", shown(path))
	}
	os.Remove(f.Name())
	// In a sticky folder only its owner and the file's may replace the file, and only they may set a time.
	if in, err2 := os.Stat(folder); err2 == nil && info != nil && in.Mode()&os.ModeSticky != 0 &&
		os.Chtimes(target, info.ModTime(), info.ModTime()) != nil && os.Chtimes(folder, in.ModTime(), in.ModTime()) != nil {
		err = fmt.Errorf("%s: another user's, expected a file that this folder lets one replace", shown(path))
	}
	return err
}

// Shared returns the first of the outputs that is also an input, or an output before it, under whatever names; "" if
// there is none. Inputs that do not exist do not count.
func Shared(outputs, inputs []string) string {
	type fileID struct {
		info os.FileInfo // of the file; of its folder if the file is new; nil if the folder is new too
		name string      // "" if the file exists; its name in the folder; its whole path if the folder is new
	}
	var taken []fileID
	for i, path := range slices.Concat(inputs, outputs) {
		info, err := os.Stat(path)
		id, isInput := fileID{info: info}, i < len(inputs)
		if err != nil && isInput {
			continue
		}
		if err != nil {
			path := followLinks(path)
			if id.info, err = os.Stat(filepath.Dir(path)); err == nil {
				id.name = filepath.Base(path)
			} else {
				id.name, _ = filepath.Abs(path)
			}
		}
		if !isInput && slices.ContainsFunc(taken, func(t fileID) bool {
			return t.name == id.name && (os.SameFile(t.info, id.info) || t.info == nil && id.info == nil)
		}) {
			return path
		}
		taken = append(taken, id)
	}
	return ""
}

// openFile opens a regular file. It refuses others unopened: opening a pipe waits until someone writes into it.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: a folder, expected a file", shown(path))
	} else if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: a pipe or a device, expected a file", shown(path))
	}
	f, err := os.Open(path) // it fails as Stat did
	if err != nil {
		return nil, fmt.Errorf("%s: %w, expected a file that can be read", shown(path), errors.Unwrap(err))
	}
	return f, nil
}

// readFile has parse read a regular file, unpacked if it is gzip. Errors name the file.
func readFile(path string, parse func(r io.Reader) error) error {
	f, err := openFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := unpack(f)
	if err == nil {
		err = parse(r)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", shown(path), err)
	}
	return err
}

// unpack undoes gzip, which it recognises by its first two bytes. It refuses an HTML page, which some servers send
// instead of a file that they do not have.
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

// readRest reads an array of these dimensions, a byte an element, to the end of r. A header may claim anything, so memory
// starts at 64 KiB and grows to at most 64 times the bytes that have arrived; such large steps mean little copying.
func readRest(r io.Reader, dims []int) (data []byte, err error) {
	n := 1
	for _, d := range dims {
		if d < 1 || d > maxPixels/n { // n*d could overflow
			return nil, fmt.Errorf("dimensions %d, expected each at least 1 and at most %d bytes in all", dims, maxPixels)
		}
		n *= d
	}
	for have, room := 0, 64<<10; have < n; have, room = room, 64*room {
		data = append(make([]byte, 0, min(n, room)), data...)[:min(n, room)]
		if got, err := io.ReadFull(r, data[have:]); err != nil {
			return nil, fmt.Errorf("cut short or damaged after %d bytes of data (%w), expected %d", have+got, err, n)
		}
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); { // at the end gzip compares its checksum
	case err == nil:
		return nil, fmt.Errorf("more than %d bytes of data, expected no more", n)
	case err != io.EOF:
		return nil, fmt.Errorf("damaged after %d bytes of data (%w), expected the end", n, err)
	}
	return data, nil
}

// ---- IDX ----

// ReadIDX reads an array of unsigned bytes: two zero bytes, the type of the elements, the number of dimensions; then
// each dimension in 4 bytes, big-endian; then the elements, the last index fastest. It returns an error for any other
// type, and if r has fewer or more bytes than that.
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
	if magic[3] > 4 {
		return nil, nil, fmt.Errorf("%d dimensions, expected at most 4", magic[3])
	}
	sizes := make([]uint32, magic[3])
	if err := binary.Read(r, binary.BigEndian, sizes); err != nil {
		return nil, nil, fmt.Errorf("dimensions cut short or damaged (%w), expected %d of them", err, len(sizes))
	}
	for _, size := range sizes {
		dims = append(dims, int(size))
	}
	data, err = readRest(r, dims)
	return dims, data, err
}

// LoadData reads a training set and a test set: from the four files of a folder, as LoadIDX does, or from one CSV file
// each, as LoadCSV does. Without a testFile the test set of CSV data is empty. It returns an error if a file cannot be
// read, if the test set does not fit the training set (CheckTest), or if there is a testFile beside a folder.
func LoadData(data, testFile string) (train, test Set, err error) {
	info, err := os.Stat(data)
	switch {
	case err != nil:
		return train, test, fmt.Errorf("%s: %w, expected a folder with MNIST's four files or a CSV file",
			shown(data), errors.Unwrap(err))
	case info.IsDir() && testFile != "":
		return train, test, fmt.Errorf("%s: a test file, expected none beside a folder", shown(testFile))
	case info.IsDir():
		return LoadIDX(data)
	}
	if train, err = LoadCSV(data); err == nil && testFile != "" {
		test, err = LoadCSV(testFile)
		err = cmp.Or(err, train.CheckTest(test, testFile))
	}
	return train, test, err
}

// DataFiles returns the paths of the files that LoadData reads from data: a folder's four, or the CSV file itself.
func DataFiles(data string) (paths []string) {
	if info, err := os.Stat(data); err != nil || !info.IsDir() {
		return []string{data}
	}
	for _, name := range []string{"train", "t10k"} {
		paths = append(paths, findIDX(data, name+"-images", 3), findIDX(data, name+"-labels", 1))
	}
	return paths
}

// LoadIDX reads the four files of a folder, training and test side by side: train-images-idx3-ubyte,
// train-labels-idx1-ubyte, and the same for t10k. Each may be plain or gzip, with .gz in its name or without; .idx may
// stand for -idx.
func LoadIDX(dir string) (train, test Set, err error) {
	done := make(chan error)
	go func() { done <- test.loadPair(dir, "t10k") }()
	if err = cmp.Or(train.loadPair(dir, "train"), <-done); err == nil {
		err = train.CheckTest(test, dir)
	}
	return train, test, err
}

// loadPair reads n x height x width pixels and their n labels.
func (s *Set) loadPair(dir, name string) error {
	dims, pixels, err := loadIDXFile(dir, name+"-images", 3)
	if err != nil {
		return err
	}
	_, labels, err := loadIDXFile(dir, name+"-labels", 1)
	if err == nil && len(labels) != dims[0] {
		err = fmt.Errorf("%s: %d labels in %s-labels, expected %d as in %s-images",
			shown(dir), len(labels), name, dims[0], name)
	}
	*s = Set{pixels, labels, dims[1], dims[2]}
	return err
}

// loadIDXFile reads an array of n dimensions from the file that findIDX finds.
func loadIDXFile(dir, name string, n int) (dims []int, data []byte, err error) {
	path := findIDX(dir, name, n)
	if path == "" {
		return nil, nil, fmt.Errorf("%s: no file %s-idx%d-ubyte, expected it there, with .gz or without",
			shown(dir), name, n)
	}
	err = readFile(path, func(r io.Reader) (err error) {
		dims, data, err = ReadIDX(r)
		if err == nil && len(dims) != n {
			err = fmt.Errorf("dimensions %d, expected %d of them", dims, n)
		}
		return err
	})
	return dims, data, err
}

// findIDX returns the path of the file in dir that goes by one of the spellings of name; "" if there is none.
func findIDX(dir, name string, n int) string {
	for _, format := range []string{"%s-idx%d-ubyte", "%s-idx%d-ubyte.gz", "%s.idx%d-ubyte", "%s.idx%d-ubyte.gz"} {
		path := filepath.Join(dir, fmt.Sprintf(format, name, n))
		if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) || err == nil && info.IsDir() {
			continue // an archive may have a folder of the first name beside the files
		}
		return path
	}
	return ""
}

// ---- CSV ----

// LoadCSV calls ReadCSV on a file, plain or gzip.
func LoadCSV(path string) (s Set, err error) {
	err = readFile(path, func(r io.Reader) (err error) {
		s, err = ReadCSV(r)
		return err
	})
	return s, err
}

// ReadCSV reads an image from each line: the label, then the pixels of a square image row by row, all whole numbers
// from 0 to 255. If the first line begins with a letter, it is a header, which ReadCSV skips. All other lines must have
// the same number of cells, and all lines together at most maxPixels cells.
func ReadCSV(r io.Reader) (s Set, err error) {
	b := bufio.NewReader(r)
	switch start, _ := b.Peek(4); {
	case strings.HasPrefix(string(start), "\x00\x00"):
		return Set{}, errors.New("an IDX file, expected CSV, or the folder with all four IDX files")
	case string(start) == "PK\x03\x04":
		return Set{}, errors.New("a zip file, such as .xlsx or .npz, expected CSV: export the table as CSV")
	case string(start) == "PAR1":
		return Set{}, errors.New("a Parquet file, expected CSV: export the table as CSV")
	}
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" { // the byte order mark that spreadsheets write
		b.Discard(len(mark))
	}
	const block = 1 << 20
	var blocks [][]byte             // of pixels; a single slice that grows took up to three times their memory
	room := &io.LimitedReader{R: b} // for the current line
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
			s.Pixels = slices.Concat(append(blocks, s.Pixels)...)
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
		if len(s.Pixels) >= block {
			blocks, s.Pixels = append(blocks, s.Pixels), make([]byte, 0, block+len(cells))
		}
	}
}

// addLine appends the label and the pixels of a line. It must have want cells, as many as the first line.
func (s *Set) addLine(cells []string, want int) error {
	if len(cells) != want {
		return fmt.Errorf("%d cells, expected %d as in the first line", len(cells), want)
	}
	side := int(math.Sqrt(float64(want - 1)))
	if side == 0 || side*side != want-1 {
		return fmt.Errorf("%d cells, expected a label and the pixels of a square image", want)
	}
	if (s.Len()+1)*want > maxPixels {
		return fmt.Errorf("more than %d labels and pixels in all, expected no more", maxPixels)
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
