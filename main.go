// Mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.
//
//	go run .                                   digits drawn by code; pictures in out/
//	go run . -data DIR                         MNIST, scikit-learn's "Visualization of MLP weights on MNIST"
//	go run . -data DIR -preset dnn             the machine learning crash course's deep network
//	go run . -data DIR -preset influence       what every pixel does to every node
//	go run . -hidden 100 -save digits.npz      keep the network
//	go run . -load digits.npz -predict my.png  let it read a picture
//	go run . -h                                all flags
//
// The same flags give the same output and the same files, byte for byte, for any number of workers. The exit code is 0,
// 1 if the run failed, 2 if the flags are wrong, and 130 if training was interrupted and its results were written.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"
)

func main() {
	err := run(os.Args[1:])
	code := 1
	switch {
	case err == nil:
		return
	case errors.Is(err, errInterrupted):
		os.Exit(130)
	case errors.As(err, new(usageError)):
		code = 2
	}
	words := strings.FieldsFunc(err.Error(), unicode.IsControl) // a name that was typed may have newlines
	fmt.Fprintln(os.Stderr, "mlpviz:", strings.Join(words, " "))
	os.Exit(code)
}

// unprinted is why standard output, a file on a full disk perhaps, lacks a part of what was printed.
var unprinted error

// printf prints on standard output. If that fails, the run goes on, so that its files are written, and ends in error.
func printf(format string, args ...any) {
	if _, err := fmt.Printf(format, args...); err != nil && unprinted == nil {
		unprinted = fmt.Errorf("standard output: %w, expected to print there", errors.Unwrap(err))
	}
}

// A usageError is a mistake in the flags.
type usageError string

func (e usageError) Error() string { return string(e) }

// badFlag says what was found in a flag and what was expected.
func badFlag(name string, found any, expected string) error {
	return usageError(fmt.Sprintf("-%s: %v, expected %s", name, found, expected))
}

// errInterrupted ends a run whose training was interrupted, after its results.
var errInterrupted = errors.New("interrupted")

// ---- Flags ----

// config is what the flags say, with what check makes of it.
type config struct {
	Settings
	data, testFile, hidden, activation, loss, reduction, out, pictures, tiles, cmap, scale string
	save, load, influence, predict, show, preset                                           string
	rows, seed, workers                                                                    int
	split, validation                                                                      float64
	describe                                                                               bool

	given, typed          map[string]bool // the flags that were typed, by the user or the preset; by the user alone
	hiddenSizes           []int
	tileRows, tileColumns int // of the mosaic; 0 rows: as many as there are units
	pictureNames          []string
	noData                bool // only picture files are read, with a network from a file
}

// presets are flags typed before the user's own.
var presets = map[string]string{
	"filters":       "",
	"filters-split": "-split 0.7 -hidden 40 -epochs 8 -lr 0.2",
	"linear":        "-hidden none -lr 0.03 " + crashCourse,
	"dnn":           "-hidden 100,100 -lr 0.05 " + crashCourse,
	"influence": "-hidden 50,100 -activation logistic -lr 0.5 -epochs 15 -pictures none\n" +
		"-influence white,0,1,2,3,4,5,6,7,8,9",
}

const (
	crashCourse = "-rows 10000 -validation 2500 -steps 1000\n" +
		"-solver adagrad -clip 5 -reduction sum -batch 30 -alpha 0\n" +
		"-tiles all -cmap pink -scale tile -pictures weights,loss,confusion,mistakes,examples"
	presetNames     = "filters, filters-split, linear, dnn, influence"
	activationNames = "relu, logistic, tanh, identity, step"
	lossNames       = "cross-entropy, mse"
	allPictures     = "weights, loss, confusion, mistakes, examples, animation, activations"
)

// groups orders the flags for -h.
var groups = []struct{ title, flags string }{
	{"Data", "data test rows split validation describe show"},
	{"Network", "hidden activation dropout load save"},
	{"Training", "epochs steps batch loss reduction alpha solver lr schedule momentum nesterov clip tol patience " +
		"early-stop"},
	{"Pictures", "out pictures tiles cmap scale influence"},
	{"Else", "predict preset seed workers"},
}

// define makes the flags. This and the two functions after it are the only place that has their text: a word in
// backquotes is the value's name in the help, and its kind: N for whole numbers, F for others.
func (c *config) define() *flag.FlagSet {
	f := flag.NewFlagSet("mlpviz", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are printed by main, in one line
	f.StringVar(&c.data, "data", "",
		"`PATH` of a folder with the four MNIST-style IDX files, each plain or .gz; or of a\n"+
			"CSV file, label first, with or without a header row [digits drawn by code]")
	f.StringVar(&c.testFile, "test", "",
		"CSV `FILE` with the test examples, beside a CSV -data; without it there is no test set")
	f.IntVar(&c.rows, "rows", 0, "use only the first `N` training examples [0: all]")
	f.Float64Var(&c.split, "split", 0,
		"pool all examples, shuffle, keep the fraction `F` for testing [0: the files' own split]\n"+
			"(train_test_split's test_size, random_state=0)")
	f.Float64Var(&c.validation, "validation", 0,
		"hold out training examples: a fraction `F` below 1, or a number of rows\n"+
			"[0; 0.1 with -early-stop] (validation_fraction)")
	f.BoolVar(&c.describe, "describe", false, "print a summary of each set")
	f.StringVar(&c.show, "show", "", "print training examples, a `LIST` of numbers from 0, in the terminal")
	f.StringVar(&c.hidden, "hidden", "50",
		"a `LIST` of the units in each hidden layer; none is softmax regression [50]\n(hidden_layer_sizes)")
	choice(f, &c.activation, "activation", activationNames, "`NAME` of what hidden units do: NAMES [relu]")
	f.Float64Var(&c.Dropout, "dropout", 0, "share `F` of the hidden outputs that training drops [0]")
	f.StringVar(&c.load, "load", "", "begin with the network in an NPZ `FILE`; -epochs is then 0")
	f.StringVar(&c.save, "save", "", "write the network to an NPZ `FILE`, which numpy.load reads")
	c.defineTraining(f)
	c.definePictures(f)
	f.StringVar(&c.predict, "predict", "", "read the digit in each of a `LIST` of picture files: PNG, JPEG or GIF")
	choice(f, &c.preset, "preset", presetNames, "`NAME` of flags typed before your own: NAMES")
	f.IntVar(&c.seed, "seed", 1, "`N`, where the random numbers begin [1] (random_state)")
	f.IntVar(&c.workers, "workers", min(runtime.GOMAXPROCS(0), 1024),
		"`N` goroutines that share the work; any number gives the same result [all cores]")
	return f
}

func (c *config) defineTraining(f *flag.FlagSet) {
	const epochs = "at most `N` passes over the training examples; 0 only scores [10; 0 with -load] (max_iter)"
	f.Func("epochs", epochs, func(s string) (err error) {
		c.Steps = 0 // the later one of -epochs and -steps counts
		c.Epochs, err = strconv.Atoi(s)
		return err
	})
	f.IntVar(&c.Steps, "steps", 0,
		"instead of epochs `N` batches in all, a multiple of 10, reported in ten periods; -tol does\nnot apply [0]")
	f.IntVar(&c.Batch, "batch", 200, "`N` examples a batch: 1 is online, all of them is full-batch [200] (batch_size)")
	choice(f, &c.loss, "loss", lossNames, "`NAME` of the loss: NAMES [cross-entropy]")
	choice(f, &c.reduction, "reduction", "mean, sum", "`NAME`: NAMES of the examples' losses in a batch [mean]")
	f.Float64Var(&c.Alpha, "alpha", 1e-4, "strength `F` of the L2 penalty [0.0001]")
	choice(f, &c.Solver, "solver", "sgd, adam, adagrad", "`NAME`: NAMES [sgd]")
	f.Float64Var(&c.Rate, "lr", 0,
		"learning rate `F` [0.1 for sgd, 0.001 for adam, 0.05 for adagrad] (learning_rate_init)")
	choice(f, &c.Schedule, "schedule", "constant, invscaling, adaptive",
		"`NAME` of what becomes of it, for sgd: NAMES [constant]\n(learning_rate)")
	f.Float64Var(&c.Momentum, "momentum", 0.9, "`F`, for sgd [0.9]")
	f.BoolVar(&c.Nesterov, "nesterov", true,
		"Nesterov's momentum; -nesterov=false is the classical one [true] (nesterovs_momentum)")
	f.Float64Var(&c.Clip, "clip", 0, "clip the gradient's norm over all parameters at `F` [0: off]")
	f.Float64Var(&c.Tol, "tol", 1e-4, "an epoch that improves by less than `F` counts as none [0.0001]")
	f.IntVar(&c.Patience, "patience", 10, "stop after more than `N` such epochs in a row [10] (n_iter_no_change)")
	f.BoolVar(&c.EarlyStop, "early-stop", false, "stop on the validation score and keep the best weights (early_stopping)")
}

func (c *config) definePictures(f *flag.FlagSet) {
	f.StringVar(&c.out, "out", "out", "`DIR` where pictures go [out]")
	f.StringVar(&c.pictures, "pictures", "weights,loss,confusion,mistakes",
		"`LIST` of which to write: "+allPictures+";\nor all, or none [weights,loss,confusion,mistakes]")
	f.StringVar(&c.tiles, "tiles", "4x4",
		"`RxC` units in the mosaic of first-layer weights; all is every unit, ten to a row [4x4]")
	maps := strings.Join(ColorMapNames, ", ")
	choice(f, &c.cmap, "cmap", maps+", "+strings.Join(ColorMapNames, "_r, ")+"_r",
		"colour map `NAME` of the weights: "+maps+"; _r behind it reverses [gray]")
	choice(f, &c.scale, "scale", "shared, tile",
		"`NAME` of their scale: shared, from half of their minimum to half of their maximum;\n"+
			"or tile, each its own; for coolwarm either is symmetric about 0 [shared]")
	f.StringVar(&c.influence, "influence", "",
		"draw what every pixel does to every node, for a `LIST` of images: white, a digit 0-9\n"+
			"(the first test example of it), @N (test example N, from 0), picture files")
}

// choice defines a flag that takes one of several names, by default the first. In its text, NAMES stands for them.
func choice(f *flag.FlagSet, value *string, flag, names, text string) {
	list := strings.Split(names, ", ")
	*value = list[0]
	f.Func(flag, strings.Replace(text, "NAMES", names, 1), func(name string) error {
		if !slices.Contains(list, name) {
			return errors.New("one of " + names) // is expected
		}
		*value = name
		return nil
	})
}

// help prints the flags in their groups, then the presets.
func help() {
	row := func(name, text string) {
		printf("  %-18s %s\n", name, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 21)))
	}
	printf("mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.\n\n" +
		"Usage: go run . [flags], or the built program's name. " +
		"Defaults are in brackets, scikit-learn's names in parentheses.\n")
	f := (&config{}).define()
	for _, group := range groups {
		printf("\n%s\n", group.title)
		for _, name := range strings.Fields(group.flags) {
			value, text := flag.UnquoteUsage(f.Lookup(name))
			row("-"+name+" "+value, text)
		}
	}
	printf("\nPresets\n")
	for _, name := range strings.Split(presetNames, ", ") {
		row(name, cmp.Or(presets[name], "(what the defaults are)"))
	}
}

// parse reads the arguments: once for the preset, then again with the preset's flags before them.
func parse(args []string) (*config, error) {
	user, err := readFlags(args)
	if err != nil {
		return nil, err
	}
	c, _ := readFlags(slices.Concat(strings.Fields(presets[user.preset]), args)) // both are right on their own
	c.typed = user.given
	return c, c.check()
}

// readFlags makes a config of the arguments, unchecked. It turns the flag package's errors into ours: which flag, what
// was found, what was expected.
func readFlags(args []string) (*config, error) {
	c := &config{given: map[string]bool{}}
	f := c.define()
	err := f.Parse(args)
	f.Visit(func(flag *flag.Flag) { c.given[flag.Name] = true })
	if err == nil && f.NArg() > 0 {
		return nil, usageError(fmt.Sprintf("%q: an argument that belongs to no flag, expected flags alone", f.Arg(0)))
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return c, err
	}
	text := err.Error()
	if name, missing := strings.CutPrefix(text, "flag needs an argument: -"); missing {
		return nil, badFlag(name, "nothing", "a value")
	}
	if name, unknown := strings.CutPrefix(text, "flag provided but not defined: -"); unknown {
		return nil, badFlag(name, "no such flag", "one that -h lists")
	}
	for _, form := range []string{"invalid value %q for flag -%s", "invalid boolean value %q for -%s"} {
		var value, name string
		if n, _ := fmt.Sscanf(text, form, &value, &name); n == 2 { // then ": " and the reason
			name = strings.TrimSuffix(name, ":")
			kind, _ := flag.UnquoteUsage(f.Lookup(name))
			expected := map[string]string{"N": "a whole number", "F": "a number", "": "true or false"}[kind]
			reason := text[strings.LastIndex(text, ": ")+2:] // of a choice: its names
			return nil, badFlag(name, strconv.Quote(value), cmp.Or(expected, reason))
		}
	}
	return nil, usageError(text)
}

// check works out what follows from the flags, then refuses values that make no sense.
func (c *config) check() error {
	if c.EarlyStop && !c.given["validation"] {
		c.validation = 0.1
	}
	if !c.given["lr"] {
		c.Rate = map[string]float64{"sgd": 0.1, "adam": 0.001, "adagrad": 0.05}[c.Solver]
	}
	if !c.given["epochs"] && c.load == "" {
		c.Epochs = 10
	}
	if c.Steps > 0 {
		c.Tol = math.Inf(-1) // every period counts as better
	}
	c.Loss = Losses[slices.IndexFunc(Losses, func(l Loss) bool { return l.Name == c.loss })]
	c.Sum = c.reduction == "sum"
	if c.hidden != "none" {
		for _, word := range strings.Split(c.hidden, ",") {
			n, _ := strconv.Atoi(word) // 0 for what is no number, which is refused below
			c.hiddenSizes = append(c.hiddenSizes, n)
		}
	}
	c.tileColumns = 10
	if c.tiles != "all" {
		fmt.Sscanf(c.tiles, "%dx%d", &c.tileRows, &c.tileColumns)
	}
	// Without data: the network is in a file, only white and picture files are looked at, no flag asks for examples.
	const needData = "data test rows split validation early-stop describe show epochs steps"
	c.noData = c.load != "" && c.predict+c.influence != "" && !slices.ContainsFunc(split(c.influence), fromTestSet) &&
		!slices.ContainsFunc(strings.Fields(needData), func(name string) bool { return c.given[name] }) &&
		(!c.given["pictures"] || c.pictures == "none")
	switch {
	case c.pictures == "all":
		c.pictureNames = strings.Split(allPictures, ", ")
	case c.pictures != "none" && !c.noData:
		c.pictureNames = strings.Split(c.pictures, ",")
	}
	return c.checkValues()
}

// checkValues refuses values that make no sense; the first that it meets is the error.
func (c *config) checkValues() (err error) {
	expect := func(flag string, found any, ok bool, expected string) {
		if !ok && err == nil {
			err = badFlag(flag, found, expected)
		}
	}
	infinity := math.Inf(1)
	wholeRows := c.validation == math.Trunc(c.validation) && c.validation < 1e9
	expect("rows", c.rows, c.rows >= 0, "0 or more")
	expect("split", c.split, c.split >= 0 && c.split < 1, "a fraction from 0 to less than 1")
	expect("validation", c.validation, c.validation >= 0 && (c.validation < 1 || wholeRows),
		"a fraction below 1 or a number of rows")
	expect("validation", c.validation, !c.EarlyStop || c.validation > 0, "rows to watch, for -early-stop")
	expect("dropout", c.Dropout, c.Dropout >= 0 && c.Dropout < 1, "a share from 0 to less than 1")
	expect("epochs", c.Epochs, c.Epochs >= 0, "0 or more")
	expect("steps", c.Steps, c.Steps >= 0 && c.Steps%10 == 0, "a multiple of 10")
	expect("batch", c.Batch, c.Batch >= 1, "1 or more")
	expect("alpha", c.Alpha, c.Alpha >= 0 && c.Alpha < infinity, "0 or more, finite")
	expect("lr", c.Rate, c.Rate > 0 && c.Rate < infinity, "more than 0, finite")
	expect("schedule", c.Schedule, c.Schedule == "constant" || c.Solver == "sgd", "constant, since -solver is "+c.Solver)
	expect("momentum", c.Momentum, c.Momentum >= 0 && c.Momentum <= 1, "from 0 to 1")
	expect("clip", c.Clip, c.Clip >= 0 && c.Clip < infinity, "0 or more, finite")
	expect("tol", c.Tol, c.Tol >= 0 && c.Tol < infinity || c.Steps > 0, "0 or more, finite")
	expect("patience", c.Patience, c.Patience >= 1, "1 or more")
	expect("seed", c.seed, c.seed >= 0 && int64(c.seed) <= math.MaxUint32, "from 0 to 4294967295")
	expect("workers", c.workers, c.workers >= 1 && c.workers <= 1024, "from 1 to 1024")
	expect("test", c.testFile, c.testFile == "" || c.data != "", "a CSV -data beside it")
	expect("out", `""`, c.out != "", "a folder")
	for _, list := range [][2]string{{"predict", c.predict}, {"influence", c.influence}, {"show", c.show}} {
		expect(list[0], strconv.Quote(list[1]), list[1] == "" || len(split(list[1])) > 0, "a list")
	}
	badSize := slices.ContainsFunc(c.hiddenSizes, func(n int) bool { return n < 1 || n > 100_000 })
	expect("hidden", strconv.Quote(c.hidden), !badSize, "numbers of units from 1 to 100000 such as 100,50, or none")
	known := strings.Split(allPictures, ", ")
	unknown := slices.ContainsFunc(c.pictureNames, func(name string) bool { return !slices.Contains(known, name) })
	expect("pictures", strconv.Quote(c.pictures), !unknown, "some of "+allPictures+"; or all, or none")
	rows, columns := c.tileRows, c.tileColumns
	formed := fmt.Sprintf("%dx%d", rows, columns) == c.tiles && min(rows, columns) >= 1 && max(rows, columns) <= 100
	expect("tiles", strconv.Quote(c.tiles), formed || c.tiles == "all",
		"rows x columns such as 4x4, each from 1 to 100, or all")
	return err
}

// split cuts a list at its commas; an empty one has no elements.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// ---- The run ----

// session is what the stages of a run hand on to each other.
type session struct {
	*config
	rng                *RandomState
	net                *Network
	train, valid, test Set
	classes            int       // the largest training label plus one; 10 for drawn digits
	loss, validLoss    []float64 // of each epoch; validLoss only where there are validation rows
	validScore         []float64 // likewise
	film               Film      // for the animation
	judged             judged    // what confusion and mistakes are about
	idle               [][]int   // of each hidden layer, the units that hardly ever fire; nil without relu
	read, explained    []found   // the images of -predict and -influence
	training           atomic.Bool
	interrupted        bool
}

// run is the program: its stages, in their order.
func run(args []string) error {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		help()
		return unprinted
	}
	if err != nil {
		return err
	}
	s := &session{config: c, rng: NewRandomState(uint32(c.seed))}
	s.listen()
	for _, stage := range []func() error{
		s.loadData, s.checkOutputs, s.makeNetwork, s.describeData, s.findImages, s.trainNetwork,
		s.score, s.saveNetwork, s.writePictures, s.readDigits, s.explain,
	} {
		if err := stage(); err != nil {
			return err
		}
	}
	if s.interrupted && unprinted == nil {
		return errInterrupted
	}
	return unprinted
}

// listen ends training at an interrupt, and the program at the next, or at one outside of training.
func (s *session) listen() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range signals {
			if !s.training.CompareAndSwap(true, false) {
				writing.Lock()
				os.Exit(130)
			}
			fmt.Fprintln(os.Stderr, "mlpviz: interrupted, ending after the batch at hand; once more quits at once")
		}
	}()
}

// writing is held while a file has its other name.
var writing sync.Mutex

// checkOutputs finds out now, not after an hour of training, that the folders of the outputs cannot be written.
func (s *session) checkOutputs() error {
	var folders []string
	if len(s.pictureNames) > 0 || s.influence != "" {
		folders = append(folders, s.out)
		if err := os.MkdirAll(s.out, 0o777); err != nil {
			return fmt.Errorf("%s: %w, expected a folder that can be made", s.out, errors.Unwrap(err))
		}
	}
	if s.save != "" {
		folders = append(folders, filepath.Dir(s.save))
		if info, err := os.Stat(s.save); err == nil && !info.Mode().IsRegular() { // renaming would replace a device
			return fmt.Errorf("%s: a folder or a device, expected the name of a file", s.save)
		}
	}
	for _, folder := range folders {
		f, err := os.CreateTemp(folder, ".mlpviz-*")
		if err != nil {
			return fmt.Errorf("%s: %w, expected a folder that can be written", folder, errors.Unwrap(err))
		}
		f.Close()
		os.Remove(f.Name())
	}
	return nil
}

// ---- Data ----

// loadData reads or draws the examples, and divides them anew for -split.
func (s *session) loadData() error {
	if s.noData {
		return nil
	}
	if err := s.readData(); err != nil {
		return err
	}
	source := cmp.Or(s.data, "digits drawn by code, not MNIST")
	s.classes = max(s.classes, s.train.Classes()) // before -rows, which may leave some out
	if s.classes < 2 {
		return fmt.Errorf("%s: no label but 0, expected at least two classes", source)
	}
	if s.split > 0 {
		all := s.train.Append(s.test)
		order, n := NewRandomState(0).Permutation(all.Len()), rowsOf(s.split, all.Len())
		if n == all.Len() {
			return badFlag("split", s.split, fmt.Sprintf("a fraction that leaves some of the %d examples for training", n))
		}
		s.test, s.train = all.Take(order[:n]), all.Take(order[n:])
	}
	if s.rows > 0 {
		s.train = s.train.Head(s.rows)
	}
	printf("data: %s: %d training and %d test images, %d x %d pixels, %d classes\n",
		source, s.train.Len(), s.test.Len(), s.train.Height, s.train.Width, s.classes)
	return nil
}

// readData finds the examples: none is named, a folder, a CSV file or two of them.
func (s *session) readData() error {
	if s.data == "" {
		s.classes = 10                   // even if few are drawn
		const trainSeed, testSeed = 1, 2 // training and test digits never share one
		s.train, s.test = Set{Height: 28, Width: 28}, Set{Height: 28, Width: 28}
		n := 60000
		if s.rows > 0 && s.split == 0 { // more would not be used
			n = min(n, s.rows)
		}
		s.train.Pixels, s.train.Labels = GenerateDigits(n, trainSeed, s.workers)
		s.test.Pixels, s.test.Labels = GenerateDigits(10000, testSeed, s.workers)
		return nil
	}
	info, err := os.Stat(s.data)
	switch {
	case err != nil:
		err = errors.Unwrap(err)
		return fmt.Errorf("%s: %w, expected a folder with MNIST's four files or a CSV file", s.data, err)
	case info.IsDir() && s.testFile != "":
		return badFlag("test", s.testFile, "a CSV -data beside it")
	case info.IsDir():
		s.train, s.test, err = LoadIDX(s.data)
		return err
	}
	s.train, err = LoadCSV(s.data)
	if err != nil || s.testFile == "" {
		return err
	}
	s.test, err = LoadCSV(s.testFile)
	if err != nil {
		return err
	}
	return s.train.CheckTest(s.test, s.testFile)
}

// rowsOf is how many of n rows a fraction is, or a number of them from 1 on.
func rowsOf(amount float64, n int) int {
	if amount < 1 {
		amount = math.Ceil(amount * float64(n))
	}
	return int(amount)
}

// describeData prints summaries of the sets and single examples, as -describe and -show ask.
func (s *session) describeData() error {
	if s.describe {
		summarize("training", s.train)
		summarize("validation", s.valid)
		summarize("test", s.test)
	}
	for _, word := range split(s.show) {
		i, err := strconv.Atoi(word)
		if err != nil || i < 0 || i >= s.train.Len() {
			return badFlag("show", strconv.Quote(word), fmt.Sprintf("numbers from 0 to %d", s.train.Len()-1))
		}
		printf("training example %d: %d\n", i, s.train.Labels[i])
		printf("%s", terminalPicture(s.train.Image(i), s.train.Width))
	}
	return nil
}

// summarize prints how many examples each class has, and how the pixels' values are spread.
func summarize(name string, set Set) {
	if set.Len() == 0 {
		return
	}
	counts := make([]int, set.Classes())
	for _, label := range set.Labels {
		counts[label]++
	}
	var histogram [256]int
	seen := make([]byte, set.Height*set.Width) // 0 for a pixel that is black in every image
	for i, v := range set.Pixels {
		histogram[v]++
		seen[i%len(seen)] |= v
	}
	n, sum, squares := float64(len(set.Pixels)), 0, 0
	for v, count := range histogram {
		sum += count * v
		squares += count * v * v
	}
	mean := float64(sum) / n
	quantile := func(q float64) int { // the least value that at least the share q does not exceed
		v, below := 0, histogram[0]
		for float64(below) < q*n {
			v++
			below += histogram[v]
		}
		return v
	}
	printf("%s: %d examples, by class %d\n", name, set.Len(), counts)
	printf("  pixels: mean %.2f, standard deviation %.2f, ", mean, math.Sqrt(float64(squares)/n-mean*mean))
	printf("minimum %d, quartiles %d %d %d, maximum %d; ",
		slices.Min(set.Pixels), quantile(0.25), quantile(0.5), quantile(0.75), slices.Max(set.Pixels))
	printf("%d of %d never light\n", bytes.Count(seen, []byte{0}), len(seen))
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

// ---- The network ----

// makeNetwork loads the network or draws its weights, then sets the validation rows apart: in this order from the
// run's generator. It prints what the network is made of.
func (s *session) makeNetwork() error {
	create := s.newNetwork
	if s.load != "" {
		create = s.loadNetwork
	}
	if err := create(); err != nil || s.noData {
		return err
	}
	n := s.train.Len()
	held := rowsOf(s.validation, n)
	if held >= n {
		return badFlag("validation", s.validation, fmt.Sprintf("fewer than the %d training examples", n))
	}
	if held > 0 { // the first of a permutation
		order := s.rng.Permutation(n)
		s.valid, s.train = s.train.Take(order[:held]), s.train.Take(order[held:])
		printf("validation: %d of the training images are held out, %d train\n", held, n-held)
	}
	var arrays []string
	for l, size := range s.net.Sizes[1:] {
		arrays = append(arrays, fmt.Sprintf("coefs_%d %d x %d, intercepts_%d %d", l, s.net.Sizes[l], size, l, size))
	}
	kind := s.net.Activation.Name
	if len(s.net.W) == 1 {
		kind = "softmax regression"
	}
	printf("network: %s, %s: %s; %d parameters\n",
		join(s.net.Sizes, "-"), kind, strings.Join(arrays, ", "), len(s.net.Theta))
	if kind == "step" {
		printf("note: the gradient of step is zero, so only the output layer learns\n")
	}
	return nil
}

func (s *session) newNetwork() error {
	sizes := slices.Concat([]int{s.train.Height * s.train.Width}, s.hiddenSizes, []int{s.classes})
	parameters := 0
	for l, fanOut := range sizes[1:] {
		parameters += (sizes[l] + 1) * fanOut
	}
	if limit := maxNumbers - 2; parameters > limit { // what -load takes, which reads the images' shape too
		return badFlag("hidden", fmt.Sprintf("%q with %d parameters", s.hidden, parameters), fmt.Sprintf("at most %d", limit))
	}
	act, _ := activationByName(s.activation)
	s.net = NewNetwork(sizes, act, s.workers, s.rng)
	return nil
}

func activationByName(name string) (act Activation, ok bool) {
	for _, act := range Activations {
		if act.Name == name {
			return act, true
		}
	}
	return act, false
}

// loadNetwork reads what saveNetwork or Python wrote. A typed -hidden or -activation must agree with it; where the file
// has no name of an activation, -activation counts.
func (s *session) loadNetwork() error {
	arrays, err := LoadNPZ(s.load)
	if err != nil {
		return err
	}
	if err := s.unpackNetwork(arrays); err != nil {
		return fmt.Errorf("%s: %w", s.load, err)
	}
	hidden := cmp.Or(join(s.net.Sizes[1:len(s.net.W)], ","), "none")
	if s.typed["hidden"] && s.hidden != hidden {
		return badFlag("hidden", s.hidden, hidden+" as in "+s.load)
	}
	if name := s.net.Activation.Name; s.typed["activation"] && s.activation != name {
		return badFlag("activation", s.activation, name+" as in "+s.load)
	}
	return nil
}

// unpackNetwork makes a network of arrays that fit together and the data.
func (s *session) unpackNetwork(arrays map[string]Array) error {
	sizes, theta, err := unpackLayers(arrays)
	if err != nil {
		return err
	}
	name, known := s.activation, 2*len(sizes)-2
	if a, ok := arrays["activation"]; ok {
		name = a.Text
		known++
	}
	act, ok := activationByName(name)
	height := int(math.Sqrt(float64(sizes[0])))
	width := height
	if a := arrays["image_shape"]; len(a.Data) == 2 {
		height, width = int(a.Data[0]), int(a.Data[1])
		known++
	}
	last, classes := len(sizes)-2, max(2, s.classes)
	outputs := sizes[last+1]
	switch {
	case !ok:
		return fmt.Errorf("array activation: %.40q, expected one of %s", name, activationNames)
	case known < len(arrays):
		return fmt.Errorf("%d arrays of other names, expected coefs_i, intercepts_i, activation, image_shape alone",
			len(arrays)-known)
	case min(height, width) < 1 || sizes[0]%height != 0 || sizes[0]/height != width: // a product could wrap round
		return fmt.Errorf("array image_shape: %d x %d, expected %d pixels as coefs_0 has rows", height, width, sizes[0])
	case outputs < classes || outputs > 256:
		return fmt.Errorf("array coefs_%d: %d outputs, expected at least %d, the classes of the data, and at most 256",
			last, outputs, classes)
	case s.train.Len() > 0 && (height != s.train.Height || width != s.train.Width):
		return fmt.Errorf("array coefs_0: %d x %d pixels, expected %d x %d as the data has",
			height, width, s.train.Height, s.train.Width)
	}
	s.train.Height, s.train.Width = height, width
	s.net = NewNetwork(sizes, act, s.workers, s.rng) // drawn too, so that a seed always holds out the same rows
	copy(s.net.Theta, theta)
	return nil
}

// unpackLayers finds coefs_i and intercepts_i, which must fit together, and strings them together as in Network.
func unpackLayers(arrays map[string]Array) (sizes []int, theta []float64, err error) {
	shape := func(a Array) string { // what an error says of an array
		if a.Name == "" {
			return "missing"
		}
		return fmt.Sprintf("shape %d", a.Shape)
	}
	expected := "inputs x units"
	for l := 0; ; l++ {
		coefs, intercepts := fmt.Sprint("coefs_", l), fmt.Sprint("intercepts_", l)
		w, b := arrays[coefs], arrays[intercepts]
		switch {
		case l > 0 && w.Name == "" && b.Name == "":
			return sizes, theta, nil
		case len(w.Shape) != 2 || l > 0 && w.Shape[0] != sizes[l]:
			return nil, nil, fmt.Errorf("array %s: %s, expected %s", coefs, shape(w), expected)
		case !slices.Equal(b.Shape, w.Shape[1:]):
			return nil, nil, fmt.Errorf("array %s: %s, expected %d numbers, one for each column of %s",
				intercepts, shape(b), w.Shape[1], coefs)
		}
		for _, v := range slices.Concat(w.Data, b.Data) {
			if !(math.Abs(v) < 1e30) { // or sums of them overflow
				return nil, nil, fmt.Errorf("a weight %g, expected finite numbers below 1e30", v)
			}
			theta = append(theta, v)
		}
		if l == 0 {
			sizes = append(sizes, w.Shape[0])
		}
		sizes = append(sizes, w.Shape[1])
		expected = fmt.Sprintf("%d x units, to follow %s", w.Shape[1], coefs)
	}
}

// join writes numbers with a separator between them.
func join(numbers []int, separator string) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", separator)
}

// saveNetwork writes the network's arrays as scikit-learn names them, the activation's name and the images' shape.
func (s *session) saveNetwork() error {
	if s.save == "" {
		return nil
	}
	var arrays []Array
	for l, w := range s.net.W {
		fanIn, fanOut := s.net.Sizes[l], s.net.Sizes[l+1]
		arrays = append(arrays,
			Array{Name: fmt.Sprint("coefs_", l), Shape: []int{fanIn, fanOut}, Data: w[:fanIn*fanOut]},
			Array{Name: fmt.Sprint("intercepts_", l), Shape: []int{fanOut}, Data: w[fanIn*fanOut:]})
	}
	shape := []float64{float64(s.train.Height), float64(s.train.Width)}
	arrays = append(arrays, Array{Name: "activation", Text: s.net.Activation.Name},
		Array{Name: "image_shape", Shape: []int{2}, Data: shape, Integer: true})
	return writeFile(s.save, func(w io.Writer) error { return WriteNPZ(w, arrays) })
}

// writeFile writes a file whole or not at all: under another name in the same folder, renamed when it is complete.
func writeFile(path string, write func(w io.Writer) error) error {
	writing.Lock()
	defer writing.Unlock()
	f, err := os.CreateTemp(filepath.Dir(path), ".mlpviz-*")
	if err != nil {
		return fmt.Errorf("%s: %w, expected a folder that can be written", path, err)
	}
	w := bufio.NewWriter(f)
	err = cmp.Or(write(w), w.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("%s: %w, expected to write it whole", path, err)
	}
	printf("wrote %s\n", path)
	return nil
}

// ---- The images of -predict and -influence ----

// found is an image that a flag names.
type found struct {
	name   string
	pixels []byte
}

// findImages reads what -predict and -influence list, before training, which may take an hour.
func (s *session) findImages() error {
	for _, path := range split(s.predict) {
		pixels, err := s.readPicture(path)
		if err != nil {
			return err
		}
		s.read = append(s.read, found{path, pixels})
	}
	for _, what := range split(s.influence) {
		image, err := s.pick(what)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(s.explained, func(other found) bool { return other.name == image.name }) {
			return badFlag("influence", "influence-"+image.name+".png twice", "images whose pictures have different names")
		}
		s.explained = append(s.explained, image)
	}
	return nil
}

// readPicture reads a picture file as the network sees it.
func (s *session) readPicture(path string) ([]byte, error) {
	return openFile(path, func(unpacked io.Reader, _ *os.File) ([]byte, error) {
		image, err := DecodePicture(unpacked)
		if height, width := s.train.Height, s.train.Width; err == nil && (height != 28 || width != 28) {
			err = fmt.Errorf("a picture for a network of %d x %d pixels, expected one of 28 x 28", height, width)
		}
		return image, err
	})
}

// fromTestSet is whether what names a test example: by its digit or its number.
func fromTestSet(what string) bool {
	return len(what) == 1 && what >= "0" && what <= "9" || strings.HasPrefix(what, "@")
}

// pick finds an image to explain, and names it.
func (s *session) pick(what string) (found, error) {
	if what == "white" {
		return found{what, bytes.Repeat([]byte{255}, s.net.Sizes[0])}, nil
	}
	if !fromTestSet(what) {
		pixels, err := s.readPicture(what)
		base := filepath.Base(what)
		return found{"file-" + strings.TrimSuffix(base, filepath.Ext(base)), pixels}, err
	}
	if number, isNumber := strings.CutPrefix(what, "@"); isNumber {
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= s.test.Len() {
			expected := fmt.Sprintf("@N with N less than the %d test examples", s.test.Len())
			return found{}, badFlag("influence", strconv.Quote(what), expected)
		}
		return found{fmt.Sprint("test-", i), s.test.Image(i)}, nil
	}
	i := slices.Index(s.test.Labels, what[0]-'0')
	if i < 0 {
		return found{}, badFlag("influence", what, "a digit that is in the test set")
	}
	return found{"digit-" + what, s.test.Image(i)}, nil
}

// ---- Training ----

// trainNetwork trains and prints a line an epoch. Interrupted, it ends after the batch at hand.
func (s *session) trainNetwork() error {
	if s.Epochs == 0 && s.Steps == 0 {
		return nil
	}
	var progress io.Writer = io.Discard
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 { // a terminal
		progress = os.Stderr
	}
	const eraseRest = "\x1b[K" // of the line
	total, report := s.train.Len(), s.reportEpoch
	if s.Steps > 0 {
		total, report = s.Steps/10*min(s.Batch, total), s.reportPeriod
	}
	shown := time.Now()
	s.AfterBatch = func(seen int, loss float64) bool {
		if time.Since(shown) > 100*time.Millisecond {
			shown = time.Now()
			fmt.Fprintf(progress, "\r%d of %d examples, loss %.4f"+eraseRest, seen, total, loss)
		}
		return s.training.Load()
	}
	s.AfterEpoch = func(epoch int, loss float64, valid []float64) bool {
		fmt.Fprint(progress, "\r"+eraseRest)
		report(epoch, loss, valid)
		return s.training.Load()
	}
	s.training.Store(true)
	s.frame("before training")
	train, valid := Examples{s.train.Pixels, s.train.Labels}, Examples{s.valid.Pixels, s.valid.Labels}
	err := s.net.Train(train, valid, s.Settings, s.rng)
	s.interrupted = !s.training.Swap(false)
	fmt.Fprint(progress, "\r"+eraseRest)
	if err != nil {
		return fmt.Errorf("-lr: training with %g diverged (%w), expected a lower rate", s.Rate, err)
	}
	s.remarks()
	return nil
}

// reportEpoch prints the loss of an epoch, and keeps it; valid has the probabilities for the validation rows.
func (s *session) reportEpoch(epoch int, loss float64, valid []float64) {
	s.frame(fmt.Sprintf("after epoch %d", epoch))
	s.loss = append(s.loss, loss)
	printf("Iteration %d, loss = %.8f\n", epoch, loss)
	if s.valid.Len() > 0 {
		s.validLoss = append(s.validLoss, Mean(valid, s.valid.Labels, s.Loss.Value))
		s.validScore = append(s.validScore, Mean(valid, s.valid.Labels, Right))
	}
	if s.EarlyStop {
		printf("Validation score: %f\n", Mean(valid, s.valid.Labels, Right))
	}
}

// reportPeriod prints what the crash course shows after a period of -steps: the log loss of the hard predictions, in
// which a wrong answer costs -ln(1e-15). Below it stands the log loss of the probabilities, which is kept.
func (s *session) reportPeriod(period int, _ float64, valid []float64) {
	s.frame(fmt.Sprintf("after %d batches", period*s.Steps/10))
	logLoss := Losses[0]
	p, _ := s.net.Evaluate(s.train.Pixels)
	loss := Mean(p, s.train.Labels, logLoss.Value)
	s.loss = append(s.loss, loss)
	if s.valid.Len() == 0 {
		printf("  period %02d : training log loss %.4f\n", period-1, loss)
		return
	}
	score, validLoss := Mean(valid, s.valid.Labels, Right), Mean(valid, s.valid.Labels, logLoss.Value)
	s.validLoss, s.validScore = append(s.validLoss, validLoss), append(s.validScore, score)
	printf("  period %02d : %0.2f\n", period-1, -math.Log(1e-15)*(1-score))
	printf("              log loss: training %.4f, validation %.4f; validation accuracy %.4f\n", loss, validLoss, score)
}

// remarks prints how training ended, and what to make of it.
func (s *session) remarks() {
	n, unit := len(s.loss), "epochs"
	guessing := math.Log(float64(s.classes)) // the loss of equal probabilities
	if s.Steps > 0 {
		unit = "periods"
	} else if s.Loss.Name == "mse" {
		guessing = 1 - 1/float64(s.classes)
	}
	switch {
	case s.interrupted:
		printf("interrupted after %d whole %s\n", n, unit)
	case s.loss[n-1] >= guessing:
		printf("note: the loss ended at %.4f, no better than guessing (%.4f): try a lower -lr than %g, or longer training\n",
			s.loss[n-1], guessing, s.Rate)
	case s.Steps > 0: // they are always taken to the end
	case n < s.Epochs:
		printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case n > 1 && s.loss[n-2]-s.loss[n-1] > s.Tol:
		printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: "+
			"more -epochs would lower it further\n", n, s.Tol)
	}
}

// ---- What was learned ----

// judged is a set and the network's answers to it: the class that each example is read as, and its probability.
type judged struct {
	name string
	Set
	class     []int
	sure      []float64
	confusion Confusion
}

// score prints the shares of right answers, the most frequent errors, and the numbers behind the mosaic. It keeps the
// answers that confusion and mistakes show: to the held-out rows where there are some, else to the test set.
func (s *session) score() error {
	if s.noData {
		return nil
	}
	p, fired := s.net.Evaluate(s.train.Pixels)
	printf("Training set score: %f\n", Mean(p, s.train.Labels, Right))
	for _, set := range []judged{{name: "Validation set", Set: s.valid}, {name: "Test set", Set: s.test}} {
		if set.Len() == 0 {
			continue
		}
		p, _ := s.net.Evaluate(set.Pixels)
		printf("%s score: %f\n", set.name, Mean(p, set.Labels, Right))
		if s.judged.Len() > 0 {
			continue
		}
		classes := len(p) / set.Len()
		for ; len(p) > 0; p = p[classes:] {
			class := Argmax(p[:classes])
			set.class, set.sure = append(set.class, class), append(set.sure, p[class])
		}
		set.confusion = CountConfusion(set.Labels, set.class, classes)
		s.judged = set
	}
	if s.judged.Len() > 0 {
		var most []string
		c := s.judged.confusion
		for _, cell := range c.Errors() {
			most = append(most, fmt.Sprintf("%d read as %d (%d)", cell/c.Classes, cell%c.Classes, c.Counts[cell]))
		}
		printf("most confused: %s\n", cmp.Or(strings.Join(most[:min(5, len(most))], ", "), "none"))
	}
	for l, w := range s.net.W {
		printf("coefs_%d: largest absolute weight %.4f", l, largest(w[:s.net.Sizes[l]*s.net.Sizes[l+1]]))
		if l < len(fired) && s.net.Activation.Name == "relu" {
			var idle []int
			for unit, n := range fired[l] {
				if n*1000 < s.train.Len() {
					idle = append(idle, unit)
				}
			}
			s.idle = append(s.idle, idle)
			printf("; units that fire on fewer than one in a thousand training examples: %s", some(idle, len(fired[l])))
		}
		printf("\n")
	}
	return nil
}

// largest returns the largest absolute value.
func largest(values []float64) float64 { return max(slices.Max(values), -slices.Min(values)) }

// some writes which of a layer's units are meant.
func some(list []int, units int) string {
	if len(list) == units {
		return fmt.Sprint("all ", units)
	}
	return cmp.Or(join(list, ", "), "none")
}

// ---- Pictures ----

// writePictures writes those that -pictures lists.
func (s *session) writePictures() error {
	draw := map[string]func() error{
		"weights": s.drawWeights, "loss": s.drawLoss, "confusion": s.drawConfusion, "mistakes": s.drawMistakes,
		"examples": s.drawExamples, "animation": s.drawAnimation, "activations": s.drawActivations,
	}
	for _, name := range s.pictureNames {
		if (name == "confusion" || name == "mistakes") && s.judged.Len() == 0 {
			printf("no %s.png: there are no validation and no test examples\n", name)
		} else if err := draw[name](); err != nil {
			return err
		}
	}
	return nil
}

// writeSheet writes NAME.png.
func (s *session) writeSheet(name, title, notes string, columns int, parts ...Part) error {
	return writeFile(filepath.Join(s.out, name+".png"), func(w io.Writer) error {
		return png.Encode(w, Sheet(title, notes, columns, parts...))
	})
}

// panel makes a panel for tiles of the images' size, on a scale from 0 to 1.
func (s *session) panel(colors string, columns int) Panel {
	m, diverging, _ := ColorMapByName(colors)
	return Panel{Height: s.train.Height, Width: s.train.Width, Columns: columns, Map: m, Max: 1, Symmetric: diverging}
}

// mosaic has a tile for each unit of the first layer, its weights, and notes on what they are.
func (s *session) mosaic() (p Panel, notes string) {
	units := s.net.Sizes[1]
	shown := units
	if s.tileRows > 0 {
		shown = min(units, s.tileRows*s.tileColumns)
	}
	coefs := s.net.W[0][:s.net.Sizes[0]*units]
	p = s.panel(s.cmap, s.tileColumns)
	p.Tiles, p.Scale = Columns(coefs, units)[:shown], "weight"
	notes = "The tiles are the outputs, one for each class"
	if len(s.net.W) > 1 {
		notes = fmt.Sprintf("The tiles are units 0 to %d of %d in the first hidden layer, row by row", shown-1, units)
	}
	notes += ": the weight that each gives to every pixel of the image. One that looks like noise has learned little."
	var idle []int
	if len(s.idle) > 0 && len(s.idle[0]) > 0 {
		idle = s.idle[0]
		notes += " Idle units fire on fewer than one in a thousand training examples: " + some(idle, units) + "."
	}
	for unit := 0; unit < shown && (s.tiles != "4x4" || len(s.net.W) == 1); unit++ { // as on scikit-learn's page
		caption := strconv.Itoa(unit)
		if slices.Contains(idle, unit) {
			caption += " idle"
		}
		p.Captions = append(p.Captions, caption)
	}
	if p.OwnScale = s.scale == "tile"; p.OwnScale {
		return p, notes
	}
	ends := "of the least and of the greatest weight"
	if p.Symmetric {
		ends = "of the largest absolute weight"
	}
	return p.HalfScale(coefs), notes + " The scale ends at half " + ends + "; what is beyond has the colour of the end."
}

func (s *session) drawWeights() error {
	mosaic, notes := s.mosaic()
	return s.writeSheet("weights", "First-layer weights", notes, 1, mosaic)
}

// frame keeps the mosaic as it is now for the animation.
func (s *session) frame(heading string) {
	if slices.Contains(s.pictureNames, "animation") {
		mosaic, _ := s.mosaic()
		mosaic.Heading = heading
		s.film.Add(mosaic)
	}
}

func (s *session) drawAnimation() error {
	if len(s.film.Frames) == 0 {
		printf("no animation: nothing was trained\n")
		return nil
	}
	mosaic, notes := s.mosaic()
	scale := " All frames have the scale of the last."
	if mosaic.OwnScale {
		scale = " Each tile of each frame has a scale of its own."
	}
	return writeFile(filepath.Join(s.out, "weights.gif"), func(w io.Writer) error {
		return Animation(w, "First-layer weights while training", notes+scale, s.film.Frames)
	})
}

func (s *session) drawLoss() error {
	if len(s.loss) == 0 {
		printf("no loss.png: no whole epoch was trained\n")
		return nil
	}
	first, chart := 1, Chart{XLabel: "epoch", YLabel: s.Loss.Name, Format: "%.8f"}
	notes := "Training: the mean over the epoch, penalty included, each example before its batch's step."
	if len(s.validLoss) > 0 {
		notes += "\nValidation: after the epoch, without penalty."
	}
	if s.Steps > 0 {
		first = 0 // as the crash course counts periods
		chart.XLabel, chart.YLabel = fmt.Sprintf("period (batches in each: %d)", s.Steps/10), "log loss"
		notes = "Log loss of the probabilities at the end of each period."
	}
	var x []float64
	for i := range s.loss {
		x = append(x, float64(i+first))
	}
	if s.EarlyStop {
		chart.Marks = []float64{x[Argmax(s.validScore)]}
		notes += "\nKept: the weights with the best validation score."
	}
	score := chart // whose mark needs no name again
	chart.MarkName, chart.Series = "kept", []Series{{"training", x, s.loss}}
	if len(s.validLoss) == 0 {
		return s.writeSheet("loss", "Loss", notes, 1, chart)
	}
	chart.Series = append(chart.Series, Series{"validation", x, s.validLoss})
	score.YLabel, score.Series = "validation score", []Series{{X: x, Y: s.validScore}}
	score.Height, score.Format = 180, "%.4f"
	return s.writeSheet("loss", "Loss", notes, 1, chart, score)
}

func (s *session) drawConfusion() error {
	const note = "A row has the examples of one true class. Off the diagonal: how many of them are read as the " +
		"column's class, darker for a larger share of the row. On the diagonal: the recall, the percentage that is right."
	return s.writeSheet("confusion", "Confusion matrix, "+strings.ToLower(s.judged.name), note, 1, s.judged.confusion)
}

func (s *session) drawMistakes() error {
	var wrong []int
	for i, label := range s.judged.Labels {
		if s.judged.class[i] != int(label) {
			wrong = append(wrong, i)
		}
	}
	sure := s.judged.sure
	slices.SortStableFunc(wrong, func(i, j int) int { return cmp.Compare(sure[j], sure[i]) })
	shown := wrong[:min(len(wrong), 50)]
	note := fmt.Sprintf("%d of %d examples are misread.", len(wrong), s.judged.Len())
	if len(wrong) > 0 {
		note += fmt.Sprintf(" Shown are %d, the surest first: true → predicted, and how sure the network was.", len(shown))
	}
	p := s.panel("gray_r", 10)
	for _, i := range shown {
		caption := fmt.Sprintf("%d → %d\n%.1f%%", s.judged.Labels[i], s.judged.class[i], 100*sure[i])
		p.Tiles, p.Captions = append(p.Tiles, floats(s.judged.Image(i))), append(p.Captions, caption)
	}
	return s.writeSheet("mistakes", "Mistakes, "+strings.ToLower(s.judged.name), note, 1, p)
}

func (s *session) drawExamples() error {
	p, first := s.panel("gray_r", 10), s.train.Head(100)
	for i, label := range first.Labels {
		p.Tiles = append(p.Tiles, floats(first.Image(i)))
		p.Captions = append(p.Captions, strconv.Itoa(int(label)))
	}
	note := fmt.Sprintf("The first %d of %d, with their labels.", first.Len(), s.train.Len())
	return s.writeSheet("examples", "Training examples", note, 1, p)
}

// floats brings pixels from 0..255 to 0..1.
func floats(image []byte) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v) / 255
	}
	return x
}

// drawActivations draws the lecture's four above their gradients.
func (s *session) drawActivations() error {
	var functions, gradients []Part
	for _, name := range []string{"step", "logistic", "tanh", "relu"} {
		act, _ := activationByName(name)
		var z, a, slope []float64
		for i := -300; i <= 300; i++ {
			x := float64(i) / 50
			y := act.F(x)
			z, a, slope = append(z, x), append(a, y), append(slope, act.Slope(y))
		}
		chart := Chart{XLabel: "z", Width: 300, Height: 240, Format: "%.3g"}
		chart.YLabel, chart.Series = "h'(z)", []Series{{X: z, Y: slope}}
		gradients = append(gradients, chart)
		chart.Title, chart.YLabel, chart.Series = name, "a = h(z)", []Series{{X: z, Y: a}}
		functions = append(functions, chart)
	}
	return s.writeSheet("activations", "Activations and their gradients", "", 4, append(functions, gradients...)...)
}

// ---- Single images: reading them, and what every pixel does to every node ----

// readDigits prints what the network reads in picture files: the digit, what it saw, the probabilities.
func (s *session) readDigits() error {
	for _, image := range s.read {
		p, _ := s.net.Evaluate(image.pixels)
		printf("%s: %d\n%s", image.name, Argmax(p), terminalPicture(image.pixels, 28))
		for class, v := range p {
			line := fmt.Sprintf("  %d %.4f %s", class, v, strings.Repeat("█", int(40*v+0.5)))
			printf("%s\n", strings.TrimRight(line, " "))
		}
		if SideBySide(image.pixels) {
			printf("  note: this looks like more than one digit, expected one in a picture\n")
		}
	}
	return nil
}

// explain draws what every pixel of each image of -influence does to every node: in influence-NAME.png one pixel at a
// time, in influence-integrated-NAME.png by integrated gradients. It prints how far the tiles are from adding up to the
// nodes' changes from their values for an all-black image.
func (s *session) explain() error {
	const notes = "A tile is a node, and each of its pixels shows what that pixel of the image does to the node's " +
		"value, compared with an all-black image: lighter raises it, darker lowers it, gray leaves it as it is. " +
		"Under a tile stand the node's number and its value, for the black image → for this one. "
	for _, image := range s.explained {
		x := floats(image.pixels)
		black, values := s.net.Nodes(make([]float64, len(x))), s.net.Nodes(x)
		from, to := black[len(black)-1], values[len(values)-1]
		answers := fmt.Sprintf("All black is read as %d (%.1f%%), this image as %d (%.1f%%).",
			Argmax(from), 100*from[Argmax(from)], Argmax(to), 100*to[Argmax(to)])
		printf("influence of %s: %s\n", image.name, answers)
		onePixel := s.net.OnePixel(x)
		integrated, steps := s.net.IntegratedGradients(x, 0.001, 4096)
		oneMisses, integratedMisses := s.net.Unexplained(x, onePixel), s.net.Unexplained(x, integrated)
		printf("  how far the tiles' sums are from the nodes' changes, in percent of the changes:\n")
		for l := range black {
			printf("  %-26s one pixel %7.2f%%   integrated gradients %7.3f%%\n",
				s.layerName(l), 100*oneMisses[l], 100*integratedMisses[l])
		}
		printf("  %d steps\n", steps)
		if slices.Max(integratedMisses) > 0.001 {
			printf("  note: the steps ended before every layer was within 0.1%%\n")
		}
		for i, tiles := range [][][]float64{onePixel, integrated} {
			title := "Influence of every pixel, " + []string{"one at a time", "by integrated gradients"}[i] + ": " + image.name
			name := "influence-" + []string{"", "integrated-"}[i] + image.name
			parts := s.influences(x, black, values, tiles)
			if err := s.writeSheet(name, title, notes+answers, 1, parts...); err != nil {
				return err
			}
		}
	}
	return nil
}

// layerName names a layer of Network.Nodes.
func (s *session) layerName(l int) string {
	if hidden := len(s.net.W) - 1; l >= hidden {
		return []string{"output, before softmax", "output, after softmax"}[l-hidden]
	}
	return fmt.Sprintf("hidden layer %d, %s", l+1, s.net.Activation.Name)
}

// influences are the parts of a picture: the image beside the outputs before softmax, both large; the outputs after it;
// the hidden layers. tiles has for each layer nodes × pixels.
func (s *session) influences(x []float64, black, values, tiles [][]float64) []Part {
	image := s.panel("gray", 1)
	image.Heading, image.Zoom, image.Tiles = "the image", max(1, 140/s.train.Width), [][]float64{x}
	var layers []Part
	last := len(black) - 1
	for l, from := range black {
		p := s.panel("gray", 10)
		p.Heading, p.Scale, p.Symmetric = s.layerName(l), "change, to half of the largest", true
		if l == last-1 {
			p.Columns, p.Zoom = 5, image.Zoom
		}
		for node, v := range from {
			caption := fmt.Sprintf("%d\n%.2f→%.2f", node, v, values[l][node])
			if l == last-1 {
				caption = fmt.Sprintf("%d: %.1f%%\n%.2f → %.2f", node, 100*values[last][node], v, values[l][node])
			}
			p.Tiles, p.Captions = append(p.Tiles, tiles[l][node*len(x):][:len(x)]), append(p.Captions, caption)
		}
		layers = append(layers, p.HalfScale(tiles[l]))
	}
	return append([]Part{Row{image, layers[last-1]}, layers[last]}, layers[:last-1]...)
}
