package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ---- Running the program as its users do

// program is the path of mlpviz, with vectors where the processor has them, and plainProgram that of mlpviz in Go alone.
// Both are copies of the test's own file, which goes by its name. Nothing runs them where only an emulator could.
var (
	program, plainProgram string
	emulated              bool
)

func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "plain.exe":
		addRows, addToRows, multiplyRows, sgdStep = addRowsInGo, addToRowsInGo, multiplyRowsInGo, sgdStepInGo
		nonzeroBytes = nonzeroBytesInGo
		fallthrough
	case "mlpviz.exe":
		main()
		os.Exit(0)
	}
	if dir := os.Getenv("MLPVIZ_MNIST"); dir != "" {
		dir, _ = filepath.Abs(dir) // the program runs in other folders
		os.Setenv("MLPVIZ_MNIST", dir)
	}
	self, err := os.Executable()
	content, err2 := os.ReadFile(self)
	folder, err3 := os.MkdirTemp("", "mlpviz-test-")
	program = filepath.Join(folder, "mlpviz.exe") // as Windows needs it
	plainProgram = filepath.Join(folder, "plain.exe")
	err4, err5 := os.WriteFile(program, content, 0o700), os.WriteFile(plainProgram, content, 0o700)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		panic(err)
	}
	emulated = errors.Is(exec.Command(program, "-h").Run(), syscall.ENOEXEC)
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// needProgram skips the test where the program cannot run.
func needProgram(t *testing.T) {
	t.Helper()
	if emulated {
		t.Skip("the program cannot run: an emulator runs the test")
	}
}

// result is what a run leaves, its files apart. Paths have slashes, on Windows too. The code is -1 if a signal ended it.
type result struct {
	out, errors string
	code        int
	peak        int64 // bytes of memory, on Linux; not less than what the test had when it started the run
}

// watcher keeps what is printed, and calls then, once, when that has the words.
type watcher struct {
	text  strings.Builder
	words string
	then  func()
}

func (w *watcher) Write(p []byte) (int, error) {
	w.text.Write(p)
	if w.then != nil && strings.Contains(w.text.String(), w.words) {
		w.then()
		w.then = nil
	}
	return len(p), nil
}

// runAnd runs mlpviz in dir, with flags that blanks separate, which may name variables of the environment. It does
// something to it when it has printed the words.
func runAnd(t *testing.T, dir, flags, words string, then func(p *os.Process)) result {
	t.Helper()
	return start(t, program, dir, flags, words, then)
}

// start is runAnd of either program.
func start(t *testing.T, program, dir, flags, words string, then func(p *os.Process)) result {
	t.Helper()
	needProgram(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	args := strings.Fields(flags)
	for i := range args {
		args[i] = os.ExpandEnv(args[i])
	}
	cmd := exec.CommandContext(ctx, program, args...)
	var stderr strings.Builder
	stdout := &watcher{words: words}
	if then != nil {
		stdout.then = func() { then(cmd.Process) }
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, stdout, &stderr
	cmd.Run()
	r := result{filepath.ToSlash(stdout.text.String()), filepath.ToSlash(stderr.String()), cmd.ProcessState.ExitCode(), 0}
	if runtime.GOOS == "linux" { // the type differs from system to system
		r.peak = reflect.ValueOf(cmd.ProcessState.SysUsage()).Elem().FieldByName("Maxrss").Int() << 10
	}
	return r
}

func mlpviz(t *testing.T, dir, flags string) result {
	t.Helper()
	return runAnd(t, dir, flags, "", nil)
}

// succeed is the output of a run that must end with exit code 0 and nothing on standard error.
func succeed(t *testing.T, dir, flags string) string {
	t.Helper()
	r := mlpviz(t, dir, flags)
	if r.code != 0 || r.errors != "" {
		t.Fatalf("mlpviz %s: got exit code %d, %q, want success and silence", flags, r.code, r.errors)
	}
	return r.out
}

// In a sticky folder, such as /tmp, only its owner and a file's own may replace the file. A run says so before training.
func TestStickyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	setpriv, err := exec.LookPath("setpriv") // of util-linux
	content, err2 := os.ReadFile(program)
	err = cmp.Or(err, err2, os.WriteFile(at("mlpviz.exe"), content, 0o700), os.WriteFile(at("theirs.npz"), nil, 0o600),
		os.WriteFile(at("own.npz"), nil, 0o600), os.Chmod(at("own.npz"), 0o666), os.Chmod(at("theirs.npz"), 0o666),
		os.Chmod(at("mlpviz.exe"), 0o755), os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o777|os.ModeSticky),
		os.Chown(at("own.npz"), 65534, 65534))
	if err != nil || os.Getuid() != 0 || emulated {
		t.Skip("no setpriv, or no right to use it: ", err)
	}
	for name, want := range map[string]string{"theirs.npz": "mlpviz: theirs.npz: another user's, expected a file that " +
		"this folder lets one replace\n", "own.npz": "", "new.npz": ""} {
		cmd := exec.Command(setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", at("mlpviz.exe"),
			"-rows", "100", "-epochs", "1", "-pictures", "none", "-save", name)
		cmd.Dir = dir
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if errs.String() != want || (err == nil) != (want == "") || strings.Contains(string(out), "Iteration") != (want == "") {
			t.Errorf("%s: got %q, %q, %v, want the error %q and no training", name, out, errs.String(), err, want)
		}
	}
}

// filesIn is what the files below dir contain, by their paths.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// writeFiles makes files, and their folders, below dir.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
}

// find is what the pattern's group matches, line by line.
func find(pattern, text string) (found []string) {
	for _, match := range regexp.MustCompile("(?m)"+pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// said returns a pattern for the words of an error. Windows has its own for what the system says.
func said(words string) string {
	pattern := regexp.QuoteMeta(words)
	if runtime.GOOS == "windows" {
		system := regexp.MustCompile("no such file or directory|not a directory|no space left on device")
		pattern = system.ReplaceAllString(pattern, ".*")
	}
	return pattern
}

// needGo skips the test where there is no Go to build with.
func needGo(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip(err)
	}
}

// ---- Numbers

// The losses and scores on MNIST are those of scikit-learn's MLPClassifier for the same rows, parameters and seed: both of
// its pages, and what TestGoldenRuns does not have. That holds training to more of its runs, on images drawn in the test.
func TestGolden(t *testing.T) {
	mnist(t) // or skip
	cases := []struct{ name, flags, train, test, losses string }{
		{"page, older", "",
			"0.986800", "0.970000", "0.32009978 0.15347534 0.11544755 0.09279764 0.07889367 0.07170497 0.06282111 " +
				"0.05530788 0.04960484 0.04645355"},
		{"page, newer", "-preset filters-split",
			"0.986429", "0.953061", "0.44139186 0.19174891 0.13983521 0.11378556 0.09443967 0.07846529 0.06506307 0.05534985"},
		{"tanh-adam-alpha", "-rows 6000 -hidden 40 -activation tanh -solver adam -alpha 0.1 -lr 0.002 -batch 128 -epochs 5 -seed 6",
			"0.944833", "0.912000", "1.00147848 0.46621767 0.37017279 0.32399068 0.29031352"},
		{"early-stopping", "-rows 3000 -hidden 30 -solver adam -lr 0.005 -early-stop -tol 0.01 -patience 3 -epochs 60 -seed 10",
			"", "0.898300", "1.42306924 0.52164608 0.36219920 0.29644836 0.24701853 0.21513112 0.18573517 " +
				"0.15954220 0.14352107 0.13270595"},
		{"adaptive-until-stop", "-rows 1000 -hidden 15 -schedule adaptive -lr 0.5 -tol 0.05 -patience 2 -epochs 60 -seed 11",
			"0.755000", "0.653700", "2.15995265 1.99583765 1.27028903 1.58270019 1.44581083 1.24415552 1.15627110 " +
				"1.13070068 1.03432779 0.98022353 0.93074308 0.87035959 0.82950395 0.79099397 0.76168127 0.73363246 0.72163489 " +
				"0.70787322 0.69575947 0.68943415 0.68663628 0.68414542 0.68305236 0.68219472 0.68155730 0.68116669 0.68092261 " +
				"0.68075230 0.68065564 0.68058596 0.68054112 0.68051786 0.68050000 0.68048935 0.68048291 0.68047902 0.68047637 " +
				"0.68047481 0.68047396"},
	}
	for _, c := range cases {
		if testing.Short() && !strings.HasPrefix(c.flags, "-rows 1000 ") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // with one worker each
			out := succeed(t, t.TempDir(), "-workers 1 -pictures none -data $MLPVIZ_MNIST "+c.flags)
			want := ""
			for i, loss := range strings.Fields(c.losses) {
				want += fmt.Sprintf("Iteration %d, loss = %s\n", i+1, loss)
			}
			if got := strings.Join(find(`^(Iteration .*\n)`, out), ""); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if got := find(`^Training set score: (.*)`, out); c.train != "" && !slices.Equal(got, []string{c.train}) {
				t.Errorf("training set score: got %s, want %s", got, c.train)
			}
			if got := find(`^Test set score: (.*)`, out); !slices.Equal(got, []string{c.test}) {
				t.Errorf("test set score: got %s, want %s", got, c.test)
			}
			if idle := find(`^hidden layer 1: units that fire on .*: (.*)`, out); c.flags == "" && !slices.Equal(idle, []string{"8, 13, 18, 42, 44"}) {
				t.Errorf("idle units: got %q", idle)
			}
		})
	}
}

// The figures of the machine learning crash course vary with the seed.
func TestCrashCourse(t *testing.T) {
	mnist(t) // or skip
	if testing.Short() {
		t.Skip("takes long")
	}
	cases := []struct {
		flags               string
		least, most, onTest float64 // validation accuracy with each seed; test accuracy on average
	}{
		{"-preset linear", 0.89, 0.92, 0.90},
		{"-preset dnn", 0.93, 0.96, 0.94},
		{"-preset dnn -steps 100", 0.80, 0.92, 0.80},
		{"-preset dnn -steps 10", 0.25, 0.75, 0.25},
	}
	for _, c := range cases {
		t.Run(c.flags, func(t *testing.T) {
			t.Parallel()
			const seeds = 5
			var valid, test [seeds]float64
			mean := 0.0
			for i := range seeds {
				out := succeed(t, t.TempDir(), fmt.Sprintf("-workers 1 -pictures none -data $MLPVIZ_MNIST -seed %d %s", i+1, c.flags))
				fmt.Sscan(strings.Join(find(`^Validation set score: (.*)`, out), ""), &valid[i])
				fmt.Sscan(strings.Join(find(`^Test set score: (.*)`, out), ""), &test[i])
				mean += test[i] / seeds
			}
			t.Logf("%-22s validation %.4f, test %.4f, on average %.4f", c.flags, valid, test, mean)
			if slices.Min(valid[:]) < c.least || slices.Max(valid[:]) > c.most || mean < c.onTest {
				t.Errorf("want validation from %.2f to %.2f, test %.2f on average", c.least, c.most, c.onTest)
			}
		})
	}
}

// ---- Bad input

// badUsage ends with exit code 2 and a line "mlpviz: -FLAG: VALUE, expected ..." about the first flag of each.
// tiny is 6 images for training and 6 for testing, 4 x 4 pixels, labels 0, 1, 2.
var badUsage = []string{
	"-foo", "-data", "-test digits.csv", "-test digits.csv -data tiny", "-rows -1", "-rows ten", "-rows 1.5",
	"-rows 2000001", "-split 1",
	"-split nan", "-split 0.99 -data tiny", "-validation 1.5", "-validation -1", "-validation 6 -data tiny",
	"-validation 0 -early-stop", "-describe=maybe", "-show 6 -data tiny", "-show x -data tiny", "-hidden 0",
	"-hidden 50,,10", "-hidden 1000000", "-hidden 100000,100000 -data tiny", "-activation sigmoid",
	"-activation tanh -load model.npz -predict 3.png", "-dropout 1", "-epochs -1", "-epochs 1e3", "-steps 15", "-steps -10",
	"-batch 0", "-loss hinge", "-reduction max", "-alpha -0.1", "-solver lbfgs", "-lr nan", "-lr inf", "-lr -1", "-lr 0",
	"-lr abc", "-lr=", "-schedule cosine", "-schedule adaptive -solver adam", "-momentum 1.1", "-nesterov=2", "-clip -5",
	"-tol nan", "-patience 0", "-early-stop=1.5", "-out=", "-pictures foo", "-pictures weights,", "-tiles 4y4", "-tiles 0x4",
	"-cmap jet", "-scale log", "-influence 7 -data tiny", "-influence @99999 -data tiny", "-influence @-1 -data tiny",
	"-influence @0 -data digits.csv", "-early-stop true", "-save out/loss.png -data tiny", "-out . -data tiny -pictures none -influence white,white", "-save ./tiny/../digits.csv -data digits.csv", "-save tiny/t10k-images-idx3-ubyte -data tiny",
	"-compare lr=0.1", "-compare lr", "-compare compare=a/b", "-history out/loss.png -data tiny", "-history m.csv -save m.csv -data tiny", "-compare epochs=0/1 -data tiny", "-compare lr=0.1/0.2 -save m.npz",
	"-nesterov false -rows 5", "-predict ,", "-save", "-scale=", "-preset foo", "-seed -1", "-seed 99999999999999999999", "-workers 0",
}

// badData ends with exit code 1 and a line that begins with these words: the flags are in order, what they name is not.
var badData = []struct{ flags, want string }{
	{"-data nowhere", "nowhere: no such file or directory, expected a folder with MNIST's four files or a CSV file"},
	{"-data .", ".: no file train-images-idx3-ubyte, expected it there, with .gz or without"},
	{"-data html", "html/train-images-idx3-ubyte: an HTML page, expected data"},
	{"-data cut", "cut/train-images-idx3-ubyte: cut short or damaged after 70 bytes of data (unexpected EOF), expected 96"},
	{"-data cut-gzip", "cut-gzip/train-images-idx3-ubyte: damaged after 96 bytes of data (unexpected EOF), expected the end"},
	{"-data int32", "int32/train-labels-idx1-ubyte: IDX elements of type int32, expected uint8"},
	{"-data no-idx", `no-idx/train-images-idx3-ubyte: first bytes "GIF8", expected IDX`},
	{"-data claim", "claim/train-images-idx3-ubyte: dimensions [2147483647 28 28], expected"},
	{"-data claim-fits", "claim-fits/train-images-idx3-ubyte: cut short or damaged after 96 bytes of data (unexpected EOF)"},
	{"-data empty", "empty/train-images-idx3-ubyte: dimensions [0 4 4], expected each at least 1"},
	{"-data counts", "counts: 5 labels in train-labels, expected 6 as in train-images"},
	{"-data labels", "labels: test label 3, expected at most 2, the largest training label"},
	{"-data sizes", "sizes: test images 3 x 4, expected 4 x 4 as in training"},
	{"-data digits.csv -test bad.csv", `bad.csv: line 3, column 5: "wrong", expected a whole number from 0 to 255`},
	{"-data digits.csv -test label.csv", "label.csv: test label 9, expected at most 1, the largest training label"},
	{"-data short.csv", "short.csv: line 3, 2 cells, expected 5 as in the first line"},
	{"-data wide.csv", "wide.csv: line 1, 4 cells, expected a label and the pixels of a square image"},
	{"-data none.csv", "none.csv: no examples, expected"},
	{"-data zero.csv", "zero.csv: no label but 0, expected at least two classes"},
	{"-data model.npz", "model.npz: a zip file, such as .xlsx or .npz, expected CSV"},
	{"-data tiny/t10k-labels-idx1-ubyte", "tiny/t10k-labels-idx1-ubyte: an IDX file, expected CSV, or the folder with all four"},
	{"-load nowhere.npz -predict 3.png", "nowhere.npz: no such file or directory, expected"},
	{"-load tiny -predict 3.png", "tiny: a folder, expected a file"},
	{"-load digits.csv -predict 3.png", "digits.csv: damaged or no zip"},
	{"-load cut.npz -predict 3.png", "cut.npz: damaged or no zip"},
	{"-load object.npz -predict 3.png", `object.npz: array "coefs_0": type "|O", expected`},
	{"-load huge.npz -predict 3.png", `huge.npz: array "coefs_0": dimensions [1000000 1000000], expected`},
	{"-load missing.npz -predict 3.png", "missing.npz: array coefs_1: missing, expected 3 x units, to follow coefs_0"},
	{"-load chain.npz -predict 3.png", "chain.npz: array coefs_1: shape [4 2], expected 3 x units, to follow coefs_0"},
	{"-load minus.npz -influence white", "minus.npz: array image_shape: -2 x -2, expected whole numbers from 1"},
	{"-load sigmoid.npz -influence white", `sigmoid.npz: activation "sigmoid\x1b\n", expected one of `},
	{"-load nan.npz -predict 3.png", "nan.npz: a weight NaN, expected finite numbers"},
	{"-load model.npz -data tiny", "model.npz: array coefs_0: 28 x 28 pixels, expected 4 x 4 as the data has"},
	{"-load model.npz -predict nowhere.png", "nowhere.png: no such file or directory, expected"},
	{"-load model.npz -predict digits.csv", "digits.csv: "},
	{"-load model.npz -influence tiny", "tiny: a folder, expected a file"},
	{"-load small.npz -data tiny", "small.npz: array coefs_1: 2 outputs, expected at least 3, the classes of the data"},
	{"-load model.npz -predict cut.png", "cut.png: "},
	{"-load model.npz -predict gzip.png", "gzip.png: image: unknown format, expected a whole"},
	{"-load model.npz -predict giant.png", "giant.png: 16383x16383 pixels, expected at most"},
	{"-load model.npz -predict empty.png", "empty.png: an empty picture, expected"},
	{"-load small.npz -predict 3.png", "3.png: a picture for a network of 2 x 2 pixels, expected one of 28 x 28"},
	{"-data tiny -predict nowhere.png", "nowhere.png: no such file or directory, expected"}, // and not after training
	{"-data tiny -influence empty.png", "empty.png: an empty picture, expected"},
	{"-data tiny -out digits.csv", "digits.csv: not a directory, expected a folder"},
	{"-data tiny -out digits.csv/out", "digits.csv/out: not a directory, expected a folder"},
	{"-data tiny -save nowhere/m.npz", "nowhere: no such file or directory, expected a folder"},
	{"-data tiny -save cut", "cut: a folder or a device, expected the name of a file"},
	{"-data tiny -out folders", "folders/weights.png: a folder or a device, expected the name of a file"},
	{"-data tiny -out folders -pictures animation", "folders/weights.gif: a folder or a device, expected the name of a file"},
	{"-data tiny -out folders -pictures none -influence white", "folders/influence-white.png: a folder or a device, expected"},
	{"-data tiny -lr 1e300", "-lr: training with 1e+300 diverged"},
	{"-data tiny -alpha 1e300", "-alpha: training with 1e+300 diverged"},
	{"-data tiny -epochs 1 -hidden none -lr 1e32", "-lr: training with 1e+32 diverged"}, // the loss is from before the step
	{"-data tiny -epochs 1 -hidden 9,9 -activation identity -lr 1e99", "-lr: training with 1e+99 diverged"},
	{"-load deep.npz -influence white", "deep.npz: weights with which sums could overflow, expected numbers below 1e30, and sums below 1e300"},
}

// writeInputs writes what badUsage and badData name.
func writeInputs(t *testing.T, dir string) {
	idx := func(kind byte, data string, dims ...uint32) string {
		var b bytes.Buffer
		b.Write([]byte{0, 0, kind, byte(len(dims))})
		binary.Write(&b, binary.BigEndian, dims)
		return b.String() + data
	}
	dot := image.NewGray(image.Rect(0, 0, 30, 30))
	empty := pngOf(t, dot)
	dot.SetGray(15, 15, color.Gray{255})
	giant := []byte(pngOf(t, dot))
	copy(giant[16:], "\x00\x00\x3f\xff\x00\x00\x3f\xff") // width and height; their checksum follows
	binary.BigEndian.PutUint32(giant[29:], crc32.ChecksumIEEE(giant[12:29]))
	small := func(name, content string) string { return string(model(map[string]string{name: content}, 4, 3, 2)) }
	deep := Model{Sizes: []int{4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}, Theta: make([]float64, 25), Activation: "relu"}
	for i := range deep.Theta {
		deep.Theta[i] = 9e29
	}
	var deepFile strings.Builder
	WriteModel(&deepFile, deep)
	weights, pixels := make([]float64, 8), strings.Repeat("\x00\xff\x80\x40", 24)
	writeFiles(t, dir, map[string]string{
		"digits.csv": "1,2,3,4,5\n0,1,2,3,4\n", "bad.csv": "label,a,b,c,d\n1,2,3,4,5\n0,1,2,3,wrong\n",
		"short.csv": "1,2,3,4,5\n0,1,2,3,4\n1,2\n", "wide.csv": "1,2,3,4\n", "none.csv": "label,pixel\n",
		"label.csv": "9,2,3,4,5\n", "zero.csv": "0,2,3,4,5\n0,1,2,3,4\n",
		"model.npz": string(model(nil, 784, 10)), "small.npz": string(model(nil, 4, 3, 2)), "cut.npz": small("x", "")[:300],
		"object.npz":            small("coefs_0", npy("'|O'", "False", "(2, 2)", "????")),
		"huge.npz":              small("coefs_0", npy("'<f8'", "False", "(1000000, 1000000)", "????")),
		"missing.npz":           small("coefs_1", ""),
		"chain.npz":             small("coefs_1", doubles("(4, 2)", weights...)),
		"minus.npz":             small("image_shape", doubles("(2,)", -2, -2)),
		"nan.npz":               small("intercepts_0", doubles("(3,)", 0, math.NaN(), 0)),
		"sigmoid.npz":           small("activation", text("sigmoid\x1b\n")),
		"unnamed.npz":           small("activation", ""),
		"deep.npz":              deepFile.String(),
		"folders/weights.png/x": "", "folders/weights.gif/x": "", "folders/influence-white.png/x": "",
		"3.png": pngOf(t, dot), "cut.png": pngOf(t, dot)[:60], "giant.png": string(giant), "empty.png": empty,
		"gzip.png": zipped(pngOf(t, dot)),
	})
	const trainImages, trainLabels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	const testImages, testLabels = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
	images, labels := idx(8, pixels, 6, 4, 4), idx(8, "\x00\x01\x02\x00\x01\x02", 6)
	for _, folder := range []struct{ name, file, content string }{
		{"tiny", trainImages, images},
		{"html", trainImages, "<!DOCTYPE html>\n<html>404 Not Found</html>"},
		{"cut", trainImages, images[:86]},
		{"cut-gzip", trainImages, zipped(images)[:30]},
		{"int32", trainLabels, idx(12, strings.Repeat("\x00\x00\x00\x01", 6), 6)},
		{"no-idx", trainImages, "GIF89a and so on"},
		{"claim", trainImages, idx(8, pixels, 1<<31-1, 28, 28)},
		{"claim-fits", trainImages, idx(8, pixels, 1<<20, 32, 32)},
		{"empty", trainImages, idx(8, "", 0, 4, 4)},
		{"counts", trainLabels, idx(8, "\x00\x01\x02\x00\x01", 5)},
		{"labels", testLabels, idx(8, "\x00\x01\x02\x00\x01\x03", 6)},
		{"sizes", testImages, idx(8, pixels[:72], 6, 3, 4)},
	} {
		files := map[string]string{trainImages: images, trainLabels: labels, testImages: images, testLabels: labels}
		files[folder.file] = folder.content
		writeFiles(t, filepath.Join(dir, folder.name), files)
	}
}

func pngOf(t *testing.T, picture image.Image) string {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every bad input ends in one line and the right exit code. It leaves no file and takes no memory. What parse refuses
// needs no run of its own: two show how such a run ends.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	writeInputs(t, dir)
	strip := model(map[string]string{"image_shape": doubles("(2,)", 1, 40_000)}, 40_000, 2)
	writeFiles(t, dir, map[string]string{"strip.npz": string(strip)})
	before, least, tried := filesIn(t, dir), mlpviz(t, dir, "-h").peak, " "
	try := func(flags string, code int, pattern string) {
		t.Helper()
		var r result
		_, err := parse(strings.Fields(flags))
		if flags != "extra" && flags != "-foo" && errors.As(err, new(usageError)) {
			r = result{errors: "mlpviz: " + err.Error() + "\n", code: 2}
		} else {
			r = mlpviz(t, dir, flags)
		}
		t.Logf("mlpviz %s\n%.300s(exit code %d)", flags, r.errors, r.code)
		if r.code != code || !regexp.MustCompile(`^mlpviz: `+pattern+`.*\n$`).MatchString(r.errors) ||
			!strings.Contains(r.errors, ", expected ") || len(r.errors) > 300 {
			t.Errorf("mlpviz %s: got %.300q, exit code %d, want one line that matches %s, %d", flags, r.errors, r.code, pattern, code)
		}
		if r.peak > least+50e6 {
			t.Errorf("mlpviz %s: got %d bytes of memory, want at most 50 MB more than for -h", flags, r.peak)
		}
		if after := filesIn(t, dir); !reflect.DeepEqual(after, before) || strings.Contains(r.out, "wrote") {
			t.Errorf("mlpviz %s: it wrote files", flags)
			os.RemoveAll(filepath.Join(dir, "out"))
		}
		tried += strings.ReplaceAll(flags, "=", " ") + " "
	}
	for _, flags := range badUsage {
		name, value, _ := strings.Cut(strings.Replace(flags, "=", " ", 1), " ")
		value, _, _ = strings.Cut(value, " ")
		try(flags, 2, name+`: (?i).*`+regexp.QuoteMeta(value)+`.*, expected `)
	}
	try("-hidden 100000 -influence white -data tiny", 2, `-influence: 16-100000-3, expected a smaller network`)
	try("-hidden 90000,90000 -influence white -data tiny", 2, `-hidden: "90000,90000", expected at most`)
	try("-hidden 1"+strings.Repeat(",1", 510)+" -data tiny -save m.npz", 2, `-hidden: 511 layers, expected at most 510`)
	try("-load strip.npz -influence white", 2, `-influence: a picture of 80\d* x \d* pixels, expected at most`)
	try("-hidden 9000 -tiles all -data tiny", 2, `-pictures: weights.png of .* pixels, expected at most 40000000 in all`)
	try("-compare lr=0.1/x -data tiny", 2, `-lr: "x", expected`)
	try("-compare lr=0.1/0.2 -data digits.csv", 2, `-compare: lr=0.1/0.2, expected a test set, or -validation rows`)
	try("extra", 2, `"extra": an argument that belongs to no flag`)
	try("-rows 10 more -epochs 1", 2, `"more": an argument that belongs to no flag`)
	for _, c := range badData {
		try(c.flags, 1, said(filepath.ToSlash(c.want)))
	}
	for _, name := range flagNames() {
		if !strings.Contains(tried, " -"+name+" ") {
			t.Errorf("-%s: not tried", name)
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

// The same run for each value: the numbers are those of the runs alone, and one that diverges is a row.
func TestCompare(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const flags = "-rows 400 -epochs 2 -pictures none"
	out := succeed(t, dir, flags+" -compare lr=0.05/1e300/0.2")
	rows := find(`^((?:0.05|1e300|0.2) .*)`, out)
	for i, lr := range []string{"0.05", "1e300", "0.2"} {
		want := fmt.Sprintf("%-16s %14s", lr, "diverged")
		if i != 1 {
			alone := succeed(t, dir, flags+" -lr "+lr)
			want = fmt.Sprintf("%-16s %14s %16s %20s", lr, find(`^Iteration 2, loss = (.*)`, alone)[0],
				find(`^Training set score: (.*)`, alone)[0], find(`^Test set score: (.*)`, alone)[0])
		}
		if len(rows) != 3 || rows[i] != want {
			t.Errorf("-lr %s: got %q, want %q", lr, rows, want)
		}
	}
	out = succeed(t, dir, flags+" -validation 50 -compare seed=1/2")
	for _, words := range []string{"validation set score\n", "\nmean  ", "\nleast  ", "\ngreatest  "} {
		if !strings.Contains(out, words) {
			t.Errorf("seeds: got %q, want %q in it", out, words)
		}
	}
	if files := filesIn(t, dir); len(files) != 1 || files["out/compare.png"] == "" {
		t.Errorf("got %d files, want out/compare.png alone", len(files))
	}
}

// With logistic the gradient shrinks from layer to layer towards the first, with relu it hardly does; and each unit has a
// line that agrees with what is said of idle ones.
func TestDescribe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shrinks := func(activation string) float64 {
		out := succeed(t, dir, "-rows 300 -epochs 1 -hidden 20,20,20 -pictures none -describe -activation "+activation)
		before := find(`^size of the gradient before training, .*: (.*)`, out)
		var first, second, third, last float64
		fmt.Sscanf(strings.Join(before, ""), "layer 1 %g, layer 2 %g, layer 3 %g, layer 4 %g", &first, &second, &third, &last)
		return last / first
	}
	if logistic, relu := shrinks("logistic"), shrinks("relu"); !(logistic > 100) || !(relu > 1) || relu > 30 {
		t.Errorf("the gradient of the last layer is %g times the first's with logistic, %g with relu", logistic, relu)
	}
	out := succeed(t, dir, "-rows 300 -epochs 1 -hidden 20 -pictures none -describe")
	if end := find(`^size of the gradient at the end, .*: layer 1 (\S+), layer 2`, out); len(end) != 1 {
		t.Errorf("got %q, want a line about the gradient at the end", out)
	}
	idle := find(`^ +(\d+) +0\.\d\d% .* class \d$`, out)
	want := find(`^hidden layer 1: units that fire on .*: (.*)`, out)
	if lines := find(`^( +\d+ +\d+\.\d\d% .* class \d)$`, out); len(lines) != 20 || idle != nil && strings.Join(idle, ", ") != want[0] {
		t.Errorf("got %d lines, idle units %s, want 20, %s", len(lines), idle, want)
	}
}

// A line for each epoch, with the numbers that are printed.
func TestHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := succeed(t, dir, "-rows 400 -epochs 2 -validation 50 -pictures none -schedule invscaling -history h.csv")
	lines := strings.Split(filesIn(t, dir)["h.csv"], "\n")
	if len(lines) != 4 || lines[0] != "epoch,rate,loss,validation_loss,validation_score" || lines[3] != "" {
		t.Fatalf("got %q", lines)
	}
	for i, line := range lines[1:3] {
		var epoch int
		var rate, loss, validLoss, score float64
		fmt.Sscanf(line, "%d,%g,%g,%g,%g", &epoch, &rate, &loss, &validLoss, &score)
		want := fmt.Sprintf("Iteration %d, loss = %.8f\nValidation score: %f\nValidation loss: %.8f\n", i+1, loss, score, validLoss)
		if !strings.Contains(out, want) || epoch != i+1 || math.Abs(rate-[]float64{0.1, 0.1 / math.Sqrt(351)}[i]) > 1e-12 {
			t.Errorf("got %s, want %s as printed", line, out)
		}
	}
}

// Folders and several pictures: one that cannot be read costs a line and the exit code, not the others' answers.
func TestPredictMany(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeInputs(t, dir)
	three, _ := os.ReadFile(filepath.Join(dir, "3.png"))
	writeFiles(t, dir, map[string]string{"class/a.png": string(three), "class/b.png": "no picture", "class/.c.png": "hidden",
		"class/more/d.png": "deeper"})
	r := mlpviz(t, dir, "-load model.npz -predict class,3.png,none.png")
	if got := find(`^(\S+: \d)$`, r.out); !slices.Equal(got, []string{"class/a.png: 0", "3.png: 0"}) ||
		!strings.HasSuffix(r.out, "\npictures: 2 read, 2 unreadable\n") {
		t.Errorf("got %q", r.out)
	}
	const want = `^mlpviz: class/b.png: .*, expected .*\nmlpviz: none.png: .*, expected .*\n$`
	if r.code != 1 || !regexp.MustCompile(want).MatchString(r.errors) {
		t.Errorf("got exit code %d, %q, want 1 and %s", r.code, r.errors, want)
	}
}

func TestWhich(t *testing.T) {
	for n, want := range map[int]string{0: "none", 1: "0", 2: "all 2", 3: "0, 1", 4: "0, 1", 50: "0, 1"} {
		if _, got := which(n, func(i int) bool { return i < 2 }); got != want {
			t.Errorf("those of %d below 2: got %q, want %q", n, got, want)
		}
	}
	if _, got := which(50, func(i int) bool { return i < 41 }); !strings.HasSuffix(got, ", 39 and 1 more") {
		t.Errorf("41 of 50: got %q, want 40 of them named", got)
	}
	if all, got := which(100_000, func(i int) bool { return i > 0 }); len(all) != 99_999 ||
		!strings.HasPrefix(got, "1, 2, 3, ") || !strings.HasSuffix(got, ", 40 and 99959 more") {
		t.Errorf("99,999 units: got %d and %q, want 40 of them named", len(all), got)
	}
}

// TestThin checks which epochs an animation keeps, and that the newest is always the last.
func TestThin(t *testing.T) {
	for _, test := range []struct{ epochs, stop, k, kept int }{
		{1, 1, 1, 2}, {59, 59, 1, 60}, {60, 60, 2, 31}, {61, 61, 2, 32}, {61, 8, 2, 5}, {150, 150, 3, 51}, {5000, 4999, 85, 60},
		{0, 0, 1, 1}, {math.MaxInt, 3, math.MaxInt/59 + 1, 2},
	} {
		k, list := spacing(test.epochs, 60), []int{}
		for epoch := range test.stop + 1 {
			list = thin(list, epoch, epoch, k)
			if newest := list[len(list)-1]; newest != epoch || len(list) > 60 {
				t.Fatalf("of %d epochs after %d: %d kept, the last %d, want at most 60 and the newest", test.epochs, epoch, len(list), newest)
			}
		}
		for i, epoch := range list[:len(list)-1] {
			if epoch != i*test.k {
				t.Fatalf("of %d epochs: kept %v, want every %d-th", test.epochs, list, test.k)
			}
		}
		if k != test.k || len(list) != test.kept {
			t.Errorf("of %d epochs, stopped after %d: every %d-th, %d kept, want every %d-th and %d", test.epochs, test.stop,
				k, len(list), test.k, test.kept)
		}
	}
}

// TestRunNamed checks the line that names a run in its pictures.
func TestRunNamed(t *testing.T) {
	for _, test := range []struct {
		flags  string
		sizes  []int
		epochs int
		want   string
	}{
		{"", []int{784, 50, 10}, 10, "784-50-10, relu; 10 epochs of sgd 0.1; seed 1; test score 0.7500"},
		{"-data a/mnist/ -hidden none -epochs 1 -tiles all -out x", []int{784, 10}, 1,
			"784-10, softmax regression, on mnist; 1 epoch of sgd 0.1; seed 1; test score 0.7500"},
		{"-preset dnn -seed 2", []int{784, 100, 100, 10}, 10, "784-100-100-10, relu; 1000 steps of adagrad 0.05; seed 2; " +
			"test score 0.7500; rows 10000; validation 2500; batch 30; reduction sum; alpha 0; clip 5"},
		{"-alpha 0.0001 -nesterov=false -early-stop -activation tanh", []int{784, 50, 10}, 7,
			"784-50-10, tanh; 7 epochs of sgd 0.1; seed 1; test score 0.7500; nesterov false; early-stop"},
		{"-load a/m.npz", []int{784, 50, 10}, 0, "784-50-10, relu; test score 0.7500; load m.npz"},
	} {
		c, err := parse(strings.Fields(test.flags))
		if err != nil {
			t.Fatal(err)
		}
		act, _ := Find(Activations, c.activation)
		s := &session{config: c, net: &Network{Sizes: test.sizes, Activation: act}, losses: make([]float64, test.epochs),
			judged: Set{Labels: make([]byte, 4)}, answers: Answers{Mistakes: []int{3}}}
		s.net.W = make([][]float64, len(test.sizes)-1)
		if got := s.describeRun(); got != test.want {
			t.Errorf("%q: got  %s\nwant %s", test.flags, got, test.want)
		}
	}
}

// TestInfluenceSlides checks that the pictures of an influence fit a slide where they can, and how many nodes they show.
func TestInfluenceSlides(t *testing.T) {
	for _, test := range []struct{ height, width, units, outputs, hidden, tiles int }{ // the last two are expected
		{28, 28, 50, 10, 50, 21}, {28, 28, 100, 10, 100, 21}, {28, 28, 2000, 10, 112, 21}, {28, 28, 5, 2, 5, 5},
		{8, 8, 100, 10, 100, 21}, {28, 28, 50, 60, 50, 67}, {2000, 1, 3, 2, 3, 5}, {1, 2000, 3, 2, 1, 5},
	} {
		pixels := test.height * test.width
		p := Panel{Height: test.height, Width: test.width, Map: mustMap(t, "gray"), Max: 1}
		f := Influence{X: make([]float64, pixels)}
		for _, n := range []int{test.units, test.outputs, test.outputs} {
			f.Black, f.Values = append(f.Black, make([]float64, n)), append(f.Values, make([]float64, n))
			f.Tiles = append(f.Tiles, make([]float64, n*pixels))
			f.Tiles[len(f.Tiles)-1][0] = -2.4691e-5 // so that a long number stands beside the scale
		}
		layers := []string{"hidden layer 1", "before", "after"}
		title := "A title\n" + strings.Repeat("a run that takes two lines; ", 6)
		for hidden, tiles := range []int{test.tiles, test.hidden} {
			slide := f.Slide(p, title, "All black is read as 5 (99.8%), this image as 7 (100.0%).", layers, hidden)
			if size := slide.Rect.Max; size.X > 960 && test.width < 960 || size.Y > max(1000, 3*test.height) {
				t.Errorf("%v, hidden layer %d: a picture of %v pixels, want at most (960,1000)", test, hidden, size)
			}
			if len(slide.Areas) != tiles {
				t.Errorf("%v, hidden layer %d: %d tiles, want %d", test, hidden, len(slide.Areas), tiles)
			}
		}
	}
}

// What is printed of each epoch, and when the loss ends high.
func TestReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeInputs(t, dir)
	const epoch = `Iteration \d, loss = \d\.\d{8}\nValidation score: \d\.\d{6}\nValidation loss: \d\.\d{8}\n`
	for _, flags := range []string{"", " -early-stop"} {
		out := succeed(t, dir, "-data tiny -pictures none -epochs 2 -validation 2"+flags)
		if !regexp.MustCompile(`\n(` + epoch + `){2}`).MatchString(out) {
			t.Errorf("with validation rows%s: got %s, want score and loss after each iteration", flags, out)
		}
	}
	out := succeed(t, dir, "-data tiny -pictures none -steps 20 -validation 2")
	const period = `(?m)^  period (\d\d) : (\d+\.\d\d)\n {14}log loss: training \d\.\d{4}, validation \d\.\d{4}; ` +
		`validation accuracy (\d\.\d{4})$`
	periods := regexp.MustCompile(period).FindAllStringSubmatch(out, -1)
	for i, p := range periods { // a wrong answer costs -ln(1e-15)
		want := map[string]string{"1.0000": "0.00", "0.5000": "17.27", "0.0000": "34.54"}[p[3]]
		if p[1] != fmt.Sprintf("%02d", i) || p[2] != want {
			t.Errorf("period %d of accuracy %s: got %s, %s, want %s", i, p[3], p[1], p[2], want)
		}
	}
	if len(periods) != 10 {
		t.Errorf("with -steps: got %s, want ten periods", out)
	}
	out = succeed(t, dir, "-data tiny -pictures none -epochs 3 -alpha 1e9")
	if !regexp.MustCompile(`\nIteration 3, loss = \d\.\d{8}e\+\d+\n(.*\n)*.*a lower -alpha than 1e\+09`).MatchString(out) {
		t.Errorf("with -alpha 1e9: got %s, want a loss with an exponent and advice on -alpha", out)
	}
	if out := succeed(t, dir, "-data tiny -pictures none -epochs 3 -lr 1e5"); !strings.Contains(out, "a lower -lr than 100000") {
		t.Errorf("with -lr 1e5: got %s, want advice on -lr", out)
	}
	if out := succeed(t, dir, "-data tiny -pictures none -epochs 9 -lr 1 -alpha 19"); !strings.Contains(out, "a lower -alpha than 19") {
		t.Errorf("with -alpha 19, in batches of 6: got %s, want advice on -alpha", out)
	}
	if out := succeed(t, dir, "-rows 300 -pictures none -epochs 4 -early-stop -patience 1 -tol 0.1"); strings.Contains(out, "more -epochs") {
		t.Errorf("when patience ends with the epochs: got %s, want no advice on -epochs", out)
	}
	for flags, want := range map[string]string{
		"-rows 100 -epochs 1 -lr 1e-9":           "no better than guessing",
		"-rows 300 -epochs 3":                    "note: stopped at the limit of 3 iterations while the loss still fell",
		"-rows 300 -epochs 9 -tol 5 -patience 1": "stopped: no improvement by more than 5 in more than 1 iterations in a row",
	} {
		if out := succeed(t, dir, "-pictures none "+flags); !strings.Contains(out, want) {
			t.Errorf("with %s: got %s, want %s", flags, out, want)
		}
	}
}

// On a terminal, and only there, training says how it goes and how long it took.
func TestTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const flags = "-rows 10000 -epochs 5 -hidden 300 -pictures none"
	plain := succeed(t, dir, "-rows 100 -epochs 1 -pictures none")
	script, err := exec.LookPath("script") // runs a command on a terminal of its own
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("no script of util-linux")
	}
	cmd := exec.Command(script, "-qec", program+" "+flags, "/dev/null")
	cmd.Dir = dir
	out, err := cmd.Output()
	shown := regexp.MustCompile(`\d+ of 10000 examples, loss \d\S*, \d+ a second, at most \S+s left`)
	const took = `trained for \d+\.\d s, \d+ examples a second\r?\n`
	if err != nil || !shown.Match(out) || !regexp.MustCompile(took).Match(out) {
		t.Errorf("on a terminal: got %v, %q, want %s and %s", err, out, shown, took)
	}
	cleared := "\r" + strings.Repeat(" ", 79) + "\r"
	for _, words := range []string{"Iteration 5, loss = ", "trained for "} {
		if !strings.Contains(string(out), cleared+words) {
			t.Errorf("on a terminal: got %q, want the line cleared before %q", out, words)
		}
	}
	if strings.Contains(plain, "second") {
		t.Errorf("got %s, want nothing timed", plain)
	}
}

// The smallest sets are trained on, scored and drawn.
func TestSmallSets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeInputs(t, dir)
	for _, flags := range []string{
		"-data tiny -rows 1 -describe -show 0", "-data tiny -rows 2 -loss mse -hidden none", "-data tiny -split 0.9 -solver adam",
		"-data tiny -validation 5 -early-stop", "-data tiny -validation 2 -steps 10", "-data tiny -steps 10 -epochs 0",
		"-data digits.csv -reduction sum", "-data digits.csv -test digits.csv -activation step -dropout 0.9",
	} {
		const all = "-epochs 1 -pictures weights,loss,confusion,mistakes,examples,animation -influence white "
		out := succeed(t, dir, all+flags)
		if !strings.Contains(out, "Training set score: ") {
			t.Errorf("mlpviz %s: got %s, want a score", flags, out)
		}
	}
}

// After the scores stand the five most frequent errors; or that there are none.
func TestMostConfused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line := strings.Join(find(`^most confused: (.*)`, succeed(t, dir, "-rows 500 -epochs 2 -pictures none")), "")
	counts, last := find(`(?:^|, )\d read as \d \((\d+)\)`, line), math.MaxInt
	for _, count := range counts {
		var n int
		fmt.Sscan(count, &n)
		if n > last || n < 1 {
			t.Errorf("most confused: %s, want the most frequent first", line)
		}
		last = n
	}
	if len(counts) != 5 {
		t.Errorf("most confused: %s, want five", line)
	}
	held := succeed(t, dir, "-rows 500 -epochs 0 -validation 50 -pictures none")
	if counts := find(`^most confused: \d read as \d \((\d+)\)`, held); len(counts) != 1 || len(counts[0]) > 2 {
		t.Errorf("with 50 rows held out: most confused %s times, want at most 50", counts)
	}
	writeInputs(t, dir)
	out := succeed(t, dir, "-data digits.csv -test digits.csv -hidden none -lr 0.5 -epochs 100 -pictures mistakes")
	if line := find(`^most confused: (.*)`, out); !slices.Equal(line, []string{"none"}) {
		t.Errorf("all is right: most confused: %v, want none", line)
	}
}

// A picture with two digits gets a note.
func TestNoteForTwoDigits(t *testing.T) {
	dir := t.TempDir()
	succeed(t, dir, "-rows 300 -epochs 1 -pictures none -save m.npz")
	two := image.NewGray(image.Rect(0, 0, 60, 30))
	for y := 5; y < 25; y++ {
		for _, x := range []int{15, 16, 40, 41} {
			two.SetGray(x, y, color.Gray{255})
		}
	}
	writeFiles(t, dir, map[string]string{"two.png": pngOf(t, two)})
	if out := succeed(t, dir, "-load m.npz -predict two.png"); !strings.Contains(out, "note: this looks like more than one digit") {
		t.Errorf("two strokes side by side: got %s, want a note", out)
	}
}

// The rows that -split takes for training are train_test_split's (range(12), random_state=0, test_size=0.3).
func TestSplit(t *testing.T) {
	dir, lines := t.TempDir(), ""
	for i := range 12 {
		lines += fmt.Sprintf("%d,0\n", i)
	}
	writeFiles(t, dir, map[string]string{"a.csv": lines})
	out := succeed(t, dir, "-data a.csv -split 0.3 -epochs 0 -pictures none -show 0,1,2,3,4,5,6,7")
	rows := strings.Join(find(`^training example \d: (\d+)`, out), " ")
	if rows != "2 8 1 7 9 3 0 5" || !strings.Contains(out, ": 8 training and 4 test images") {
		t.Errorf("got the rows %s, %s, want 2 8 1 7 9 3 0 5", rows, out)
	}
	out = succeed(t, dir, "-data a.csv -rows 5 -epochs 0 -pictures none")
	if want := ": 5 training and 0 test images, 1 x 1 pixels, 12 classes\n"; !strings.Contains(out, want) {
		t.Errorf("with -rows 5: got %s, want %s", out, want)
	}
}

// The numbers behind the mosaic, of a network made for it: unit 0 always fires, unit 1 on 5 of 1000 images, unit 2 never.
func TestUnitsPrinted(t *testing.T) {
	dir := t.TempDir()
	network := model(map[string]string{
		"coefs_0":      doubles("(4, 3)", 1, 0, 0, 0, 1, 0, 0, 0, 1, -3, 0, 0),
		"intercepts_0": doubles("(3,)", 0, 0, -9), "coefs_1": doubles("(3, 2)", 1, -1, 20, -20, 1, 1),
	}, 4, 3, 2)
	lines := strings.Repeat("0,255,0,0,0\n", 995) + strings.Repeat("1,255,255,0,0\n", 5)
	writeFiles(t, dir, map[string]string{"a.csv": lines, "m.npz": string(network)})
	out := succeed(t, dir, "-data a.csv -load m.npz -pictures none")
	const want = "Training set score: 0.995000\n" +
		"coefs_0: largest absolute weight 3.0000\ncoefs_1: largest absolute weight 20.0000\n" +
		"hidden layer 1: units that fire on fewer than one in a thousand training examples: 2\n" +
		"hidden layer 1: units that coefs_1 hardly uses, less than a twentieth of the average: 2\n"
	if !strings.HasSuffix(out, want) {
		t.Errorf("got %s, want at its end %s", out, want)
	}
	sum := func(c color.RGBA) (n int) {
		for _, count := range columnsOf(pictureIn(t, dir, "out", "weights.png"), c) {
			n += count
		}
		return n
	}
	succeed(t, dir, "-data a.csv -load m.npz -pictures weights")
	if orange, purple := sum(lineColors[1]), sum(lineColors[2]); orange != 4*3*(168+3) || purple > 0 { // tiles of 2 x 2 squares
		t.Errorf("got %d orange and %d purple pixels, want one orange frame, around the unit that never fires", orange, purple)
	}
}

// pictureIn decodes a PNG.
func pictureIn(t *testing.T, path ...string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// columnsOf counts in each column of a picture the pixels of a colour.
func columnsOf(picture image.Image, c color.RGBA) []int {
	counts := make([]int, picture.Bounds().Dx())
	for x := range counts {
		for y := range picture.Bounds().Dy() {
			if color.RGBAModel.Convert(picture.At(x, y)) == c {
				counts[x]++
			}
		}
	}
	return counts
}

// A hidden unit that fires only if both pixels are lit: one at a time they do nothing, and all is mid-gray; together,
// by integrated gradients, they do everything. The images are named as -influence lists them.
func TestInfluenceDrawn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	both := model(map[string]string{
		"coefs_0": doubles("(2, 1)", 1, 1), "intercepts_0": doubles("(1,)", -1.5), "coefs_1": doubles("(1, 2)", 1, -1),
		"image_shape": doubles("(2,)", 1, 2),
	}, 2, 1, 2)
	writeFiles(t, dir, map[string]string{"both.npz": string(both),
		"a.csv": "0,255,0,0,0\n1,0,0,255,0\n0,0,0,0,90\n1,255,255,255,255\n"})
	out := succeed(t, dir, "-load both.npz -influence white")
	if len(find(`(one pixel  100.00%   integrated gradients   0.0)`, out)) != 3 {
		t.Errorf("got %s, want one pixel to miss 100%% of three layers, integrated gradients none", out)
	}
	grays := func(name string) (n int) {
		for _, count := range columnsOf(pictureIn(t, dir, "out", name), color.RGBA{128, 128, 128, 255}) {
			n += count
		}
		return n
	}
	if one, integrated := grays("influence-white.png"), grays("influence-integrated-white.png"); one < 10*integrated {
		t.Errorf("one pixel: got %d mid-gray pixels, want ten times the %d of integrated gradients", one, integrated)
	}
	out = succeed(t, dir, "-data a.csv -test a.csv -hidden none -lr 5 -epochs 3 -pictures none -influence 0,1,@0,@1,white,@3")
	reads := find(`^influence of \S+ (.*)`, out)
	if len(reads) != 6 || !slices.Equal(reads[:2], reads[2:4]) || reads[4] != reads[5] || reads[0] == reads[1] ||
		reads[4] == reads[0] {
		t.Errorf("got %s, want the same answers for 0 and @0, 1 and @1, white and @3, and no others", strings.Join(reads, "\n"))
	}
}

// A picture file is named as it was typed; its pictures, one of the outputs and one of each hidden layer, have names of
// their own, or the run ends before it trains.
func TestInfluenceFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stroke := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := range 20 {
		stroke.SetGray(14, 4+y, color.Gray{255})
	}
	writeFiles(t, dir, map[string]string{"my.png": pngOf(t, stroke), "my-hidden-2.png": pngOf(t, stroke)})
	const flags = "-rows 100 -epochs 0 -hidden 3,2 -pictures none -influence my.png"
	out := succeed(t, dir, flags)
	const want = "influence-file-my influence-file-my-hidden-1 influence-file-my-hidden-2 influence-integrated-file-my " +
		"influence-integrated-file-my-hidden-1 influence-integrated-file-my-hidden-2"
	if got := strings.Join(find(`^wrote out/(.*)\.png`, out), " "); got != want || !strings.Contains(out, "\ninfluence of my.png: ") {
		t.Errorf("got the files %s, %s, want %s", got, out, want)
	}
	if r := mlpviz(t, dir, flags+",my-hidden-2.png"); r.code != 2 || !strings.Contains(r.errors, "influence-file-my-hidden-2.png, expected") {
		t.Errorf("two pictures of one name: got %v, want an error", r)
	}
}

// Training is blue and validation orange in both charts of loss.png; the second chart is about validation alone, or with
// -steps about the hard predictions of both.
func TestLossDrawn(t *testing.T) {
	t.Parallel()
	for flags, both := range map[string]bool{"-epochs 2": false, "-steps 20": true} {
		dir := t.TempDir()
		succeed(t, dir, "-rows 300 -validation 100 -pictures loss "+flags)
		picture := pictureIn(t, dir, "out", "loss.png")
		count := func(c color.RGBA) (n int) { // in the left half of the second chart, below its legend
			for y := picture.Bounds().Max.Y - 290; y < picture.Bounds().Max.Y-100; y++ {
				for x := range 400 {
					if color.RGBAModel.Convert(picture.At(x, y)) == c {
						n++
					}
				}
			}
			return n
		}
		if blue, orange := count(lineColors[0]), count(lineColors[1]); orange < 200 || blue > 200 != both {
			t.Errorf("%s: %d blue and %d orange pixels in the second chart, want blue ones %v", flags, blue, orange, both)
		}
	}
}

// The mistake of which the network is surest comes first, wherever it stands in the data; fifty are shown.
func TestMistakesDrawn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"train.csv": "0,0,0,0,0\n1,0,0,0,0\n",
		"two.csv": "1,9,9,9,9\n1,255,255,255,255\n", "many.csv": strings.Repeat("1,9,9,9,9\n", 90),
		"m.npz": string(model(map[string]string{"coefs_0": doubles("(4, 2)", 1, 0, 1, 0, 1, 0, 1, 0)}, 4, 2))})
	succeed(t, dir, "-load m.npz -data train.csv -test two.csv -pictures mistakes")
	columns := func(gray uint8) []int {
		return columnsOf(pictureIn(t, dir, "out", "mistakes.png"), color.RGBA{gray, gray, gray, 255})
	}
	high := func(n int) bool { return n > 100 }
	sure, unsure := slices.IndexFunc(columns(0), high), slices.IndexFunc(columns(246), high)
	if sure < 0 || unsure <= sure {
		t.Errorf("got the surest mistake in column %d, the other in %d, want it to the left", sure, unsure)
	}
	succeed(t, dir, "-load m.npz -data train.csv -test many.csv -pictures mistakes")
	if n := slices.Max(columns(246)) / 84; n != 5 { // a tile is 84 pixels high
		t.Errorf("got %d rows of ten mistakes, want 5", n)
	}
}

// The line "kept" in loss.png stands at the epoch of the best validation score.
func TestKeptDrawn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := succeed(t, dir, "-rows 600 -epochs 24 -patience 30 -early-stop -tol 0 -lr 0.3 -pictures loss")
	var scores, x []float64
	for i, line := range find(`^Validation score: (.*)`, out) {
		v := 0.0
		fmt.Sscan(line, &v)
		scores, x = append(scores, v), append(x, float64(i+1))
	}
	axis := newAxis(1, float64(len(scores)), 0, 759, 11, 1)
	want := int(axis.at(x[Argmax(scores)]))
	var lines []int
	for x, n := range columnsOf(pictureIn(t, dir, "out", "loss.png"), textColor) {
		if n > 400 {
			lines = append(lines, x)
		}
	}
	if len(lines) != 4 || lines[2]-lines[0] != want || lines[3]-lines[1] != 2 || want > 700 { // the axis, and three beside another
		t.Errorf("got lines in columns %d, scores %g, want the middle of the second %d to the right of the axis", lines, scores, want)
	}
}

// As many tiles are drawn as -tiles says, if there are as many units.
func TestTilesDrawn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeInputs(t, dir)
	height := map[string]int{}
	for _, tiles := range []string{"2x4", "3x4", "9x4"} {
		succeed(t, dir, "-data tiny -epochs 0 -hidden 19 -pictures weights -tiles "+tiles)
		height[tiles] = pictureIn(t, dir, "out", "weights.png").Bounds().Dy()
	}
	if row := height["3x4"] - height["2x4"]; row < 50 || height["9x4"]-height["3x4"] != 2*row {
		t.Errorf("got pictures of heights %v, want 2, 3 and, of 19 units, 5 rows", height)
	}
}

// ---- The same again

// Any number of workers prints the same and writes the same files, and so does the program in Go alone.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	var want map[string]string
	for _, run := range []struct {
		program string
		workers int
	}{{program, 1}, {program, 3}, {program, 8}, {plainProgram, 2}} {
		dir := t.TempDir()
		const flags = "-rows 400 -epochs 2 -hidden 21 -validation 0.1 -pictures all -save m.npz -influence 3"
		r := start(t, run.program, dir, fmt.Sprintf("-workers %d %s", run.workers, flags), "", nil)
		got := filesIn(t, dir)
		if len(got) != 13 || r.code != 0 || r.errors != "" {
			t.Errorf("got %d files, %v, want 7 pictures, 4 of influence, 1 page, 1 network", len(got), r)
		}
		got["standard output"] = r.out
		if want == nil {
			want = got
		}
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s of %s with %d workers is not that of %s with 1", name, run.program, run.workers, program)
			}
		}
	}
}

// A run whose pictures somebody has looked at: the checksums of their pixels. Whoever changes one on purpose looks again
// and takes over what the test got.
func TestUnchanged(t *testing.T) {
	if runtime.GOARCH != "amd64" { // others may round the last bit of a pixel otherwise
		t.Skip("the checksums are of amd64")
	}
	t.Parallel()
	dir := t.TempDir()
	succeed(t, dir, "-rows 400 -epochs 2 -hidden 21 -validation 0.1 -pictures all -influence 3")
	succeed(t, dir, "-rows 400 -epochs 2 -hidden 21 -pictures loss -out out/plain")
	succeed(t, dir, "-rows 400 -epochs 2 -hidden 21 -out out -compare seed=1/2/3/4/5/6")
	for name, want := range map[string]uint32{"activations.png": 0x25777766, "confusion.png": 0x417c80e7,
		"examples.png": 0x1d53df64, "influence-digit-3.png": 0x0f007c2c, "influence-integrated-digit-3.png": 0x0a49ec38,
		"loss.png": 0x9eb6d3b2, "compare.png": 0x030da2d6, "plain/loss.png": 0x34f26a35, "mistakes.png": 0x9838e3fa, "weights.gif": 0x4f771634, "weights.png": 0x09d25a06} {
		data, err := os.ReadFile(filepath.Join(dir, "out", name))
		picture, _, err2 := image.Decode(bytes.NewReader(data)) // the first frame
		if err := errors.Join(err, err2); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pixels := image.NewRGBA(picture.Bounds())
		draw.Draw(pixels, pixels.Rect, picture, pixels.Rect.Min, draw.Src)
		sum := crc32.NewIEEE()
		fmt.Fprint(sum, pixels.Rect)
		sum.Write(pixels.Pix)
		if got := sum.Sum32(); got != want {
			t.Errorf("%s: got the checksum %#08x, want %#08x", name, got, want)
		}
	}
}

// The README's first run is what the programs print, to the letter; a line "..." in it stands for any lines.
func TestTranscript(t *testing.T) {
	if testing.Short() || runtime.GOARCH != "amd64" { // others may round the last bit of a pixel otherwise
		t.Skip("takes long")
	}
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "\n$ go run .\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	if shown == "" {
		t.Fatal("README.md shows no run of `go run .`, want one")
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(shown), `\.\.\.`+"\n", "(.*\n)*") + "$"
	for _, path := range []string{program, plainProgram} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			r := start(t, path, t.TempDir(), "", "", nil)
			if r.code != 0 || r.errors != "" || !regexp.MustCompile(pattern).MatchString(r.out) {
				t.Errorf("got %v\nwant what README.md shows:\n%s", r, shown)
			}
		})
	}
}

func TestSaveLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pixels, _ := GenerateDigits(2, 7, 1)
	for i, name := range []string{"a.png", "b.png"} {
		digit := &image.Gray{Pix: pixels[784*i:][:784], Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
		writeFiles(t, dir, map[string]string{name: pngOf(t, digit)})
	}
	const flags = "-rows 1000 -validation 0.2 -pictures none -predict a.png,b.png "
	trained := succeed(t, dir, flags+"-epochs 2 -hidden 20,15 -activation tanh -save my-ubyte.npz")
	loaded := succeed(t, dir, flags+"-load my-ubyte.npz")
	_, want, _ := strings.Cut(strings.Replace(trained, "wrote my-ubyte.npz\n", "", 1), "Training set score: ")
	if !strings.HasSuffix(loaded, want) || strings.Contains(loaded, "Iteration") {
		t.Errorf("loaded:\n%s\nwant what was saved, untrained:\n%s", loaded, want)
	}
	before := filesIn(t, dir)
	alone := succeed(t, dir, "-load my-ubyte.npz -predict a.png,b.png")
	if !strings.HasPrefix(alone, "a.png: ") || !strings.HasSuffix(trained, alone) {
		t.Errorf("read alone:\n%s\nwant the same digits and nothing else:\n%s", alone, trained)
	}
	if after := filesIn(t, dir); !reflect.DeepEqual(after, before) {
		t.Error("reading digits alone writes files")
	}
}

// A report that cannot be printed is an error in the end, when the files are written.
func TestFullOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0) // Linux has this device without room
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	dir := t.TempDir()
	needProgram(t)
	var stderr strings.Builder
	cmd := exec.Command(program, "-rows", "100", "-epochs", "1", "-pictures", "none", "-save", "m.npz")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, full, &stderr
	cmd.Run()
	want := "^mlpviz: standard output: " + said("no space left on device") + ", expected to print there\n$"
	if code := cmd.ProcessState.ExitCode(); code != 1 || !regexp.MustCompile(want).MatchString(stderr.String()) {
		t.Errorf("got exit code %d, %q, want 1, %s", code, stderr.String(), want)
	}
	if files := filesIn(t, dir); len(files) != 1 {
		t.Errorf("got %d files, want the model", len(files))
	}
}

// A model that does not name its activation gets -activation's, and the run says so; where the model has no hidden layer
// nothing is assumed.
func TestUnnamedActivation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeInputs(t, dir)
	writeFiles(t, dir, map[string]string{"linear.npz": string(model(map[string]string{"activation": ""}, 4, 2))})
	for flags, want := range map[string]string{
		"-load unnamed.npz":                  "note: unnamed.npz does not name its activation: relu is assumed (-activation)\n",
		"-load unnamed.npz -activation tanh": "note: unnamed.npz does not name its activation: tanh is assumed (-activation)\n",
		"-load small.npz":                    "",
		"-load linear.npz":                   "",
	} {
		out := succeed(t, dir, "-influence white "+flags)
		if got := strings.Join(find(`^(note: .*\n)`, out), ""); got != want {
			t.Errorf("mlpviz %s: got %q, want %q", flags, got, want)
		}
	}
}

// A run that fails before training leaves nothing, not even a folder.
func TestFailedLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeInputs(t, dir)
	for _, flags := range []string{"-load nan.npz", "-load nowhere.npz", "-hidden 100000,100000", "-predict tiny"} {
		r := mlpviz(t, dir, "-data tiny "+flags)
		if _, err := os.Stat(filepath.Join(dir, "out")); err == nil || r.code == 0 {
			t.Errorf("mlpviz %s: got exit code %d and a folder out, %v, want a failure without it", flags, r.code, err)
		}
	}
}

// A pipe that nobody writes into, and a device that does not end, are refused at once, wherever a file is named.
func TestDevices(t *testing.T) {
	dir := t.TempDir()
	writeInputs(t, dir)
	if err := exec.Command("mkfifo", filepath.Join(dir, "pipe")).Run(); err != nil {
		t.Skip("no pipes here: ", err)
	}
	for _, path := range []string{"pipe", "/dev/zero"} {
		want := "mlpviz: " + path + ": a pipe or a device, expected a file\n"
		for _, flags := range []string{"-data ", "-data digits.csv -test ", "-predict 3.png -load ", "-load model.npz -predict "} {
			if r := mlpviz(t, dir, flags+path); r.code != 1 || r.errors != want {
				t.Errorf("mlpviz %s%s: got exit code %d, %q, want 1, %q", flags, path, r.code, r.errors, want)
			}
		}
	}
}

// A folder of pictures that is deleted in the middle is one line of error; two runs that share one leave whole files.
func TestSharedFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	const flags = "-rows 300 -epochs 2 -pictures all"
	r := runAnd(t, dir, flags, "Iteration 1,", func(*os.Process) { os.RemoveAll(out) })
	want := `^(mlpviz: out/\S+: ` + said("no such file or directory") + `, expected to write it whole\n){8}$`
	if r.code != 1 || !regexp.MustCompile(want).MatchString(r.errors) {
		t.Errorf("without the folder: got exit code %d, %q, want 1, a line for each picture", r.code, r.errors)
	}
	if files := filesIn(t, dir); len(files) != 0 {
		t.Errorf("without the folder: got %d files, want none", len(files))
	}
	var second result
	r = runAnd(t, dir, flags, "Iteration 1,", func(*os.Process) { second = mlpviz(t, dir, flags) })
	if whole, temporary := checkWhole(t, dir); r.code != 0 || second.code != 0 || whole != 8 || temporary != 0 {
		t.Errorf("two runs: got exit codes %d and %d, %d files, %d temporary, want 0, 0, 8, 0", r.code, second.code, whole, temporary)
	}
}

// ---- Interrupted and killed

// checkWhole decodes each file below dir, and counts them and the temporary ones, which may be cut.
func checkWhole(t *testing.T, dir string) (whole, temporary int) {
	t.Helper()
	for name, content := range filesIn(t, dir) {
		var err error
		switch r := strings.NewReader(content); {
		case strings.HasPrefix(filepath.Base(name), ".mlpviz-"):
			temporary++
			continue
		case strings.HasSuffix(name, ".html"):
			if !strings.HasSuffix(content, "}</script>\n") {
				err = errors.New("a page without its end")
			}
		case strings.HasSuffix(name, ".png"):
			_, err = png.Decode(r)
		case strings.HasSuffix(name, ".gif"):
			_, err = gif.DecodeAll(r)
		default:
			_, err = ReadModel(r, int64(len(content)))
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		whole++
	}
	return whole, temporary
}

// A signal, whatever it is and whenever it comes, loses nothing; two at once are one; another one later ends the run at
// once and leaves no temporary file.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	const endless = "-rows 1000 -epochs 1000000 -tol 0 -patience 1000000 -validation 0.1 -save m.npz "
	const slow = " -hidden 300 -influence white,0,1,2,3,4,5,6,7,8,9"
	hangUp := syscall.Signal(1)
	if signal.Ignored(hangUp) { // under nohup, and then the program ignores it too
		hangUp = syscall.SIGTERM
	}
	for _, c := range []struct {
		flags, words string
		signals      []os.Signal
		pause        time.Duration
		code, whole  int
	}{
		{endless, "Iteration 3,", []os.Signal{os.Interrupt}, 0, 130, 6},
		{endless, "Iteration 3,", []os.Signal{hangUp}, 0, 130, 6},
		{endless, "Iteration 3,", []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, time.Millisecond, 130, 6},
		{"-rows 1000 -epochs 1 -save m.npz", "Training set score:", []os.Signal{os.Interrupt}, 0, 130, 6},
		{"-rows 1000 -epochs 1 -save m.npz", "wrote out/weights.png", []os.Signal{os.Interrupt}, 0, 130, 6},
		{endless + slow, "Iteration 1,", []os.Signal{os.Interrupt, os.Interrupt}, time.Second, 1, -1},
	} {
		dir := t.TempDir()
		r := runAnd(t, dir, c.flags, c.words, func(p *os.Process) {
			for _, each := range c.signals {
				p.Signal(each)
				time.Sleep(c.pause)
			}
		})
		whole, temporary := checkWhole(t, dir)
		if r.code != c.code || temporary != 0 || c.whole >= 0 && whole != c.whole {
			t.Errorf("%v after %q: got exit code %d, %d files, %d temporary, want %d, %d, 0: %s",
				c.signals, c.words, r.code, whole, temporary, c.code, c.whole, r.errors)
		}
		if c.whole == 6 {
			for _, words := range []string{"Training set score: ", "Test set score: ", "wrote m.npz"} {
				if !strings.Contains(r.out, "\n"+words) {
					t.Errorf("%v after %q: got no line %q", c.signals, c.words, words)
				}
			}
		}
		if c.whole < 0 && strings.Contains(r.out, "influence of digit-9") {
			t.Errorf("interrupted twice: got %s, want the end at once", r.out)
		}
	}
}

// A reader of the output that goes away, as head does, and tee at Ctrl-C, takes nothing with it.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	needProgram(t)
	for _, interrupt := range []bool{false, true} {
		dir := t.TempDir()
		cmd := exec.Command(program, "-rows", "500", "-epochs", "3", "-save", "m.npz")
		if interrupt {
			cmd.Args = append(cmd.Args, "-epochs", "1000000", "-tol", "0", "-patience", "1000000")
		}
		var stderr strings.Builder
		cmd.Dir, cmd.Stderr = dir, &stderr
		out, err := cmd.StdoutPipe()
		if err = errors.Join(err, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		for line := ""; !strings.Contains(line, "Iteration 1"); { // before it, signals end the program
			part := make([]byte, 1000)
			n, _ := out.Read(part)
			line += string(part[:n])
		}
		out.Close()
		if interrupt {
			cmd.Process.Signal(os.Interrupt)
		}
		cmd.Wait()
		const want = "mlpviz: standard output: broken pipe, expected to print there\n"
		whole, temporary := checkWhole(t, dir)
		if code := cmd.ProcessState.ExitCode(); code != 1 || whole != 6 || temporary != 0 || !strings.HasSuffix(stderr.String(), want) {
			t.Errorf("interrupt %v: got exit code %d, %d files, %d temporary, %q, want 1, 6, 0, %q",
				interrupt, code, whole, temporary, stderr.String(), want)
		}
	}
}

// Even if the program is killed while it writes, what has a file's final name is whole.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Parallel()
	const flags, words, times = "-data in/tiny -epochs 2 -pictures all -save out/m.npz", "Test set score", 10
	dir, killed := t.TempDir(), 0
	out := filepath.Join(dir, "out")
	writeInputs(t, filepath.Join(dir, "in"))
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	var start time.Time
	runAnd(t, dir, flags, words, func(*os.Process) { start = time.Now() })
	writing := time.Since(start)
	for i := range times {
		r := runAnd(t, dir, flags, words, func(p *os.Process) {
			time.Sleep(writing * time.Duration(i) / times)
			p.Kill()
		})
		if r.code != 0 {
			killed++
		}
		checkWhole(t, out)
	}
	_, temporary := checkWhole(t, out)
	t.Logf("killed %d times in the %v of writing, which left %d temporary files", killed, writing, temporary)
	if killed == 0 {
		t.Errorf("killed 0 times of %d, want some", times)
	}
}

// ---- Help and README

// TestReadme: what the README and the documents' pages name is there: functions in their tables, flags, presets,
// pictures, pages. Every picture of docs has a command that makes it.
func TestReadme(t *testing.T) {
	source := ""
	for _, file := range []string{"main.go", "network.go", "idx.go", "digits.go", "png.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source += string(text)
	}
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("got the pages %s, %v, want those of docs", pages, err)
	}
	flags, named, made := append(flagNames(), "bench", "benchmem", "h", "run", "short", "tags"), 0, ""
	for _, page := range append(pages, "README.md") {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		for _, line := range find(`(?m)^\|.*\|(.*)\|$`, text) {
			for _, name := range find("`([A-Za-z]+)`", line) {
				named++
				if !regexp.MustCompile(`(?m)^(func|type|var|const) (\([^)]*\) )?` + name + `\b`).MatchString(source) {
					t.Errorf("%s names %s, want it in the source", page, name)
				}
			}
		}
		for _, name := range find("[` ]-([a-z]+(?:-[a-z]+)*)[` =]", strings.Join(find("(`[^`\n]*`)", text), " ")) {
			if !slices.Contains(flags, name) {
				t.Errorf("%s names the flag -%s, want one that exists", page, name)
			}
		}
		for _, name := range find(`-preset ([a-z][a-z-]*)`, text) {
			if _, err := Find(presets, name); err != nil {
				t.Errorf("%s: preset %v", page, err)
			}
		}
		for _, link := range find(`\]\(([a-z][^):]*)\)`, text) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), link)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
		for _, name := range find(`keep [a-z0-9-]+ ([a-z0-9-]+)(?:;|$)`, text) {
			made += " " + name + ".png "
		}
		if words := len(strings.Fields(text)); page == "README.md" && words > 1600 {
			t.Errorf("README.md has %d words, want at most 1,600", words)
		}
	}
	if named < 15 {
		t.Errorf("got %d functions in the tables, want 15 at least", named)
	}
	pictures, _ := filepath.Glob("docs/*.png")
	for _, picture := range pictures {
		if !strings.Contains(made, " "+filepath.Base(picture)+" ") {
			t.Errorf("%s: no command in docs makes it", picture)
		}
	}
	if len(pictures) != len(strings.Fields(made)) {
		t.Errorf("got %d pictures in docs, want %d as the commands make", len(pictures), len(strings.Fields(made)))
	}
}

// The program in README's "In your own program", beside the files that it names and nothing else, gives -predict's
// answer; with the files for amd64 too; and they are a package under another name as well.
func TestOwnProgram(t *testing.T) {
	t.Parallel()
	needGo(t)
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## In your own program\n")
	section, _, _ = strings.Cut(section, "\n## ")
	prose, code, _ := strings.Cut(section, "\n```go\n")
	code, _, _ = strings.Cut(code, "```")
	files := find("`([a-z0-9_]+\\.(?:go|s))`", prose)
	files = slices.DeleteFunc(files, func(name string) bool { return name == "main.go" })
	if len(files) != 5 {
		t.Fatalf("README.md names the files %s, want 3 and 2 that may come too", files)
	}
	dir := t.TempDir()
	pixels, _ := GenerateDigits(1, 7, 1)
	digit := &image.Gray{Pix: pixels, Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
	writeFiles(t, dir, map[string]string{"a.png": pngOf(t, digit), "go.mod": "module reader\n\ngo 1.22\n", "main.go": code})
	out := succeed(t, dir, "-rows 1000 -epochs 2 -pictures none -save model.npz -predict a.png")
	read := strings.Join(find(`^a.png: (\d)$`, out), "")
	want := read + " " + strings.Join(find(`^  `+read+` (0\.\d+)`, out), "") + "\n"
	run := func(command string, args ...string) string {
		cmd := exec.Command(command, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s %s: %v: %s", command, args, err, out)
		}
		return string(out)
	}
	for i, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		renamed := regexp.MustCompile(`(?m)^package main$`).ReplaceAllString(string(content), "package digits")
		writeFiles(t, dir, map[string]string{name: string(content), "digits/" + name: renamed})
		if i == 2 || i == len(files)-1 {
			if got := run("go", "run", ".", "a.png"); got != want {
				t.Errorf("with %s: got %q, want %q as -predict says", files[:i+1], got, want)
			}
		}
	}
	run("go", "build", "./digits")
}

// A file that is copied alone takes its licence along, in its first line, which go doc does not show.
func TestLicence(t *testing.T) {
	licence, err := os.ReadFile("LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	copyright := strings.Join(find(`^(Copyright .*)$`, string(licence)), "")
	for _, name := range []string{"network.go", "idx.go", "digits.go", "png.go"} {
		content, err := os.ReadFile(name)
		if want := "// " + copyright + ". SPDX-License-Identifier: MIT\n\n"; !strings.HasPrefix(string(content), want) {
			t.Errorf("%s: got the start %.80q, %v, want %q", name, content, err, want)
		}
	}
	needGo(t)
	if doc, err := exec.Command("go", "doc").Output(); err != nil || !strings.HasPrefix(string(doc), "Mlpviz trains") ||
		strings.Contains(string(doc), "SPDX") {
		t.Errorf("go doc: got %v, %s, want the comment of main.go alone", err, doc)
	}
}
