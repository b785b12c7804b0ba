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
	if err == nil {
		err = unprinted
	}
	if err == nil {
		return
	}
	if errors.Is(err, errInterrupted) {
		os.Exit(130)
	}
	words := strings.FieldsFunc(err.Error(), unicode.IsControl) // a name that was typed may have newlines
	fmt.Fprintln(os.Stderr, "mlpviz:", strings.Join(words, " "))
	if errors.As(err, new(usageError)) {
		os.Exit(2)
	}
	os.Exit(1)
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
	data, test, hidden, activation, loss, reduction, out, pictures, tiles, cmap, scale string
	save, load, influence, predict, show, preset                                       string
	rows, seed, workers                                                                int
	split, validation                                                                  float64
	describe                                                                           bool

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

// define makes the flags. This and the two functions after it are the only place that has their text.
func (c *config) define() *flag.FlagSet {
	f := flag.NewFlagSet("mlpviz", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are printed by main, in one line
	f.StringVar(&c.data, "data", "",
		"`PATH` of a folder with the four MNIST-style IDX files, each plain or .gz; or of a\n"+
			"CSV file, label first, with or without a header row [digits drawn by code]")
	f.StringVar(&c.test, "test", "",
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
	choice(f, &c.activation, "activation", activationNames, "`NAME` of what hidden units do: %s [%s]")
	f.Float64Var(&c.Dropout, "dropout", 0, "share `F` of the hidden outputs that training drops [0]")
	f.StringVar(&c.load, "load", "", "begin with the network in an NPZ `FILE`; -epochs is then 0")
	f.StringVar(&c.save, "save", "", "write the network to an NPZ `FILE`, which numpy.load reads")
	c.defineTraining(f)
	c.definePictures(f)
	f.StringVar(&c.predict, "predict", "", "read the digit in each of a `LIST` of picture files: PNG, JPEG or GIF")
	choice(f, &c.preset, "preset", presetNames, "`NAME` of flags typed before your own: %s")
	f.IntVar(&c.seed, "seed", 1, "`N`, where the random numbers begin [1] (random_state)")
	f.IntVar(&c.workers, "workers", min(runtime.GOMAXPROCS(0), 1024),
		"`N` goroutines that share the work; any number gives the same result [all cores]")
	return f
}

func (c *config) defineTraining(f *flag.FlagSet) {
	f.Func("epochs", "at most `N` passes over the training examples; 0 only scores [10; 0 with -load] (max_iter)",
		func(s string) (err error) {
			c.Steps = 0 // the later one of -epochs and -steps counts
			c.Epochs, err = strconv.Atoi(s)
			return err
		})
	f.IntVar(&c.Steps, "steps", 0,
		"instead of epochs `N` batches in all, a multiple of 10, reported in ten periods; -tol does\nnot apply [0]")
	f.IntVar(&c.Batch, "batch", 200, "`N` examples a batch: 1 is online, all of them is full-batch [200] (batch_size)")
	choice(f, &c.loss, "loss", "cross-entropy, mse", "`NAME` of the loss: %s [%s]")
	choice(f, &c.reduction, "reduction", "mean, sum", "`NAME`: %s of the examples' losses in a batch [%s]")
	f.Float64Var(&c.Alpha, "alpha", 1e-4, "strength `F` of the L2 penalty [0.0001]")
	choice(f, &c.Solver, "solver", "sgd, adam, adagrad", "`NAME`: %s [%s]")
	f.Float64Var(&c.Rate, "lr", 0,
		"learning rate `F` [0.1 for sgd, 0.001 for adam, 0.05 for adagrad] (learning_rate_init)")
	choice(f, &c.Schedule, "schedule", "constant, invscaling, adaptive",
		"`NAME` of what becomes of it, for sgd: %s [%s]\n(learning_rate)")
	f.Float64Var(&c.Momentum, "momentum", 0.9, "`F`, for sgd [0.9]")
	f.BoolVar(&c.Nesterov, "nesterov", true,
		"Nesterov's momentum; -nesterov=false is the classical one [true] (nesterovs_momentum)")
	f.Float64Var(&c.Clip, "clip", 0, "clip the gradient's norm over all parameters at `F` [0: off]")
	f.Float64Var(&c.Tol, "tol", 1e-4, "an epoch that improves by less than `F` counts as none [0.0001]")
	f.IntVar(&c.Patience, "patience", 10, "stop after more than `N` such epochs in a row [10] (n_iter_no_change)")
	f.BoolVar(&c.EarlyStop, "early-stop", false,
		"stop on the validation score and keep the best weights (early_stopping)")
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

// choice defines a flag that takes one of several names, the first if it is not given. A %s in its text stands for the
// names, a second one for the first of them.
func choice(f *flag.FlagSet, value *string, flag, names, text string) {
	list := strings.Split(names, ", ")
	*value = list[0]
	text = strings.Replace(strings.Replace(text, "%s", names, 1), "%s", list[0], 1)
	f.Func(flag, text, func(name string) error {
		if !slices.Contains(list, name) {
			return errors.New("one of " + names) // is expected
		}
		*value = name
		return nil
	})
}

// help writes the flags in their groups.
func help(w io.Writer, f *flag.FlagSet) {
	indent := strings.NewReplacer("\n", "\n"+strings.Repeat(" ", 21))
	fmt.Fprintln(w, "mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.\n\n"+
		"Usage: go run . [flags], or the built program's name. "+
		"Defaults are in brackets, scikit-learn's names in parentheses.")
	for _, group := range groups {
		fmt.Fprintf(w, "\n%s\n", group.title)
		for _, name := range strings.Fields(group.flags) {
			value, text := flag.UnquoteUsage(f.Lookup(name))
			fmt.Fprintf(w, "  %-18s %s\n", "-"+name+" "+value, indent.Replace(text))
		}
	}
	fmt.Fprintln(w, "\nPresets")
	for _, name := range strings.Split(presetNames, ", ") {
		fmt.Fprintf(w, "  %-18s %s\n", name, indent.Replace(cmp.Or(presets[name], "(what the defaults are)")))
	}
}

// parse reads the arguments: once for the preset, then again with the preset's flags before them.
func parse(args []string) (*config, error) {
	var typed map[string]bool
	for preset := "filters"; ; {
		c := &config{given: map[string]bool{}}
		f := c.define()
		if err := parseFlags(f, append(strings.Fields(presets[preset]), args...)); err != nil {
			return nil, err
		}
		f.Visit(func(flag *flag.Flag) { c.given[flag.Name] = true })
		if typed == nil { // the first time round, without a preset's flags
			typed = c.given
		}
		c.typed = typed
		if c.preset == preset {
			return c, c.check()
		}
		preset = c.preset
	}
}

// parseFlags turns the flag package's errors into ours: which flag, what was found, what was expected.
func parseFlags(f *flag.FlagSet, args []string) error {
	err := f.Parse(args)
	if err == nil && f.NArg() > 0 {
		return usageError(fmt.Sprintf("%q: an argument that belongs to no flag, expected flags alone", f.Arg(0)))
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	text := err.Error()
	if name, missing := strings.CutPrefix(text, "flag needs an argument: -"); missing {
		return badFlag(name, "nothing", "a value")
	}
	if name, unknown := strings.CutPrefix(text, "flag provided but not defined: -"); unknown {
		return badFlag(name, "no such flag", "one that -h lists")
	}
	for _, form := range []string{"invalid value %q for flag -%s", "invalid boolean value %q for -%s"} {
		var value, name string
		if n, _ := fmt.Sscanf(text, form, &value, &name); n == 2 { // then ": " and the reason
			name = strings.TrimSuffix(name, ":")
			kind, _ := flag.UnquoteUsage(f.Lookup(name))
			expected := map[string]string{"N": "a whole number", "F": "a number", "": "true or false"}[kind]
			return badFlag(name, strconv.Quote(value), cmp.Or(expected, text[strings.LastIndex(text, ": ")+2:]))
		}
	}
	return usageError(text)
}

// check works out what follows from the flags and refuses values that make no sense.
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
	c.Loss = Losses[slices.IndexFunc(Losses, func(l Loss) bool { return l.Name == c.loss })]
	c.Sum = c.reduction == "sum"
	if err := cmp.Or(c.checkRanges(), c.checkLists()); err != nil {
		return err
	}
	if c.Steps > 0 {
		c.Tol = math.Inf(-1) // every period counts as better
	}
	const needData = "data test rows split validation early-stop describe show epochs steps"
	c.noData = c.load != "" && c.predict+c.influence != "" && !slices.ContainsFunc(split(c.influence), fromTestSet) &&
		!slices.ContainsFunc(strings.Fields(needData), func(name string) bool { return c.given[name] }) &&
		(!c.given["pictures"] || c.pictures == "none")
	if c.noData {
		c.pictureNames = nil
	}
	return nil
}

func activationByName(name string) (a Activation, ok bool) {
	i := slices.IndexFunc(Activations, func(a Activation) bool { return a.Name == name })
	if i < 0 {
		return a, false
	}
	return Activations[i], true
}

// split cuts a list at its commas; an empty one has no elements.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

func (c *config) checkRanges() error {
	infinity := math.Inf(1)
	fits := c.validation < 1 || c.validation == math.Trunc(c.validation) && c.validation < 1e9
	for _, r := range []struct {
		flag     string
		value    any
		ok       bool
		expected string
	}{
		{"rows", c.rows, c.rows >= 0, "0 or more"},
		{"split", c.split, c.split >= 0 && c.split < 1, "a fraction from 0 to less than 1"},
		{"validation", c.validation, c.validation >= 0 && fits, "a fraction below 1 or a number of rows"},
		{"validation", c.validation, !c.EarlyStop || c.validation > 0, "rows to watch, for -early-stop"},
		{"dropout", c.Dropout, c.Dropout >= 0 && c.Dropout < 1, "a share from 0 to less than 1"},
		{"epochs", c.Epochs, c.Epochs >= 0, "0 or more"},
		{"steps", c.Steps, c.Steps >= 0 && c.Steps%10 == 0, "a multiple of 10"},
		{"batch", c.Batch, c.Batch >= 1, "1 or more"},
		{"alpha", c.Alpha, c.Alpha >= 0 && c.Alpha < infinity, "0 or more"},
		{"lr", c.Rate, c.Rate > 0 && c.Rate < infinity, "more than 0"},
		{"schedule", c.Schedule, c.Schedule == "constant" || c.Solver == "sgd",
			"constant, since -solver is " + c.Solver},
		{"momentum", c.Momentum, c.Momentum >= 0 && c.Momentum <= 1, "from 0 to 1"},
		{"clip", c.Clip, c.Clip >= 0 && c.Clip < infinity, "0 or more"},
		{"tol", c.Tol, c.Tol >= 0 && c.Tol < infinity || c.Steps > 0, "0 or more"},
		{"patience", c.Patience, c.Patience >= 1, "1 or more"},
		{"seed", c.seed, c.seed >= 0 && c.seed <= math.MaxUint32, "from 0 to 4294967295"},
		{"workers", c.workers, c.workers >= 1 && c.workers <= 1024, "from 1 to 1024"},
		{"test", c.test, c.test == "" || c.data != "", "a CSV -data beside it"},
		{"out", strconv.Quote(c.out), c.out != "", "a folder"},
	} {
		if !r.ok {
			return badFlag(r.flag, r.value, r.expected)
		}
	}
	return nil
}

// checkLists reads the flags that are lists or have a form of their own.
func (c *config) checkLists() error {
	for _, list := range [][2]string{{"predict", c.predict}, {"influence", c.influence}, {"show", c.show}} {
		if list[1] != "" && len(split(list[1])) == 0 {
			return badFlag(list[0], strconv.Quote(list[1]), "a list")
		}
	}
	if c.hidden != "none" {
		for _, word := range strings.Split(c.hidden, ",") {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 || n > 100_000 {
				return badFlag("hidden", strconv.Quote(c.hidden),
					"numbers of units from 1 to 100000 such as 100,50, or none")
			}
			c.hiddenSizes = append(c.hiddenSizes, n)
		}
	}
	known := strings.Split(allPictures, ", ")
	switch c.pictures {
	case "all":
		c.pictureNames = known
	case "none":
	default:
		c.pictureNames = strings.Split(c.pictures, ",")
	}
	for _, name := range c.pictureNames {
		if !slices.Contains(known, name) {
			return badFlag("pictures", strconv.Quote(c.pictures), "some of "+allPictures+"; or all, or none")
		}
	}
	c.tileColumns = 10
	if c.tiles != "all" {
		fmt.Sscanf(c.tiles, "%dx%d", &c.tileRows, &c.tileColumns)
		rows, columns := c.tileRows, c.tileColumns
		if fmt.Sprintf("%dx%d", rows, columns) != c.tiles || min(rows, columns) < 1 || max(rows, columns) > 100 {
			return badFlag("tiles", strconv.Quote(c.tiles), "rows x columns such as 4x4, each from 1 to 100, or all")
		}
	}
	return nil
}

// ---- The run ----

// session is what the stages of a run hand on to each other.
type session struct {
	*config
	rng                *RandomState
	net                *Network
	train, valid, test Set
	classes            int       // the largest training label plus one
	loss, validLoss    []float64 // of each epoch; validLoss only where there are validation rows
	frames             []Panel   // of the animation
	judged             judged    // what confusion and mistakes are about
	read, explained    []found   // the images of -predict and -influence
	training           atomic.Bool
	interrupted        bool
}

// run is the program: its stages, in their order.
func run(args []string) error {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		help(os.Stdout, (&config{}).define())
		return nil
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
	if s.interrupted {
		return errInterrupted
	}
	return nil
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
		if info, err := os.Stat(s.save); err == nil && !info.Mode().IsRegular() { // renaming would replace a device
			return fmt.Errorf("%s: a folder or a device, expected the name of a file", s.save)
		}
		folders = append(folders, filepath.Dir(s.save))
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

// The built-in digits' seeds: training and test digits never share one.
const trainSeed, testSeed = 1, 2

// loadData reads or draws the examples, and divides them anew for -split.
func (s *session) loadData() error {
	if s.noData {
		return nil
	}
	source := cmp.Or(s.data, "digits drawn by code, not MNIST")
	if err := s.readData(); err != nil {
		return err
	}
	s.classes = max(s.classes, s.train.Classes()) // before -rows, which may leave some out
	if s.classes < 2 {
		return fmt.Errorf("%s: no label but 0, expected at least two classes", source)
	}
	if s.rows > 0 {
		s.train = s.train.Head(s.rows)
	}
	if s.split > 0 {
		all := s.train.Append(s.test)
		order, n := NewRandomState(0).Permutation(all.Len()), rowsOf(s.split, all.Len())
		if n == all.Len() {
			expected := fmt.Sprintf("a fraction that leaves some of the %d examples for training", n)
			return badFlag("split", s.split, expected)
		}
		s.test, s.train = all.Take(order[:n]), all.Take(order[n:])
	}
	printf("data: %s: %d training and %d test images, %d x %d pixels, %d classes\n",
		source, s.train.Len(), s.test.Len(), s.train.Height, s.train.Width, s.classes)
	return nil
}

func (s *session) readData() (err error) {
	info, statErr := os.Stat(s.data)
	switch {
	case s.data == "":
		s.classes = 10 // even if few are drawn
		s.train, s.test = Set{Height: 28, Width: 28}, Set{Height: 28, Width: 28}
		s.train.Pixels, s.train.Labels = GenerateDigits(min(cmp.Or(s.rows, 60000), 60000), trainSeed, s.workers)
		s.test.Pixels, s.test.Labels = GenerateDigits(10000, testSeed, s.workers)
	case statErr != nil:
		return fmt.Errorf("%s: %w, expected a folder with MNIST's four files or a CSV file",
			s.data, errors.Unwrap(statErr))
	case info.IsDir() && s.config.test != "":
		return badFlag("test", s.config.test, "a CSV -data beside it")
	case info.IsDir():
		s.train, s.test, err = LoadIDX(s.data)
	default:
		if s.train, err = LoadCSV(s.data); err != nil || s.config.test == "" {
			return err
		}
		if s.test, err = LoadCSV(s.config.test); err != nil {
			return err
		}
		err = s.train.CheckTest(s.test, s.config.test)
	}
	return err
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
	lit := make([]bool, set.Height*set.Width)
	never, sum, squares := len(lit), 0, 0
	for i, v := range set.Pixels {
		histogram[v]++
		sum += int(v)
		squares += int(v) * int(v)
		if place := i % len(lit); v > 0 && !lit[place] {
			lit[place] = true
			never--
		}
	}
	n := float64(len(set.Pixels))
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
	printf("minimum %d, quartiles %d %d %d, maximum %d; %d of %d never light\n",
		quantile(1e-12), quantile(0.25), quantile(0.5), quantile(0.75), quantile(1), never, len(lit))
}

// terminalPicture draws an image in characters, two rows of pixels in each row of them.
func terminalPicture(image []byte, width int) string {
	var b strings.Builder
	ink := func(i int) int {
		if i < len(image) && image[i] >= 128 {
			return 1
		}
		return 0
	}
	for y := 0; y < len(image)/width; y += 2 {
		line := ""
		for i := y * width; i < (y+1)*width; i++ {
			line += []string{" ", "▀", "▄", "█"}[ink(i)+2*ink(i+width)]
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// ---- The network ----

// makeNetwork loads the network or draws its weights, then sets the validation rows apart: in this order from the
// run's generator.
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
	s.printNetwork()
	return nil
}

func (s *session) newNetwork() error {
	sizes := slices.Concat([]int{s.train.Height * s.train.Width}, s.hiddenSizes, []int{s.classes})
	parameters := 0
	for l, fanOut := range sizes[1:] {
		parameters += (sizes[l] + 1) * fanOut
	}
	if limit := maxNumbers - 2; parameters > limit { // what -load takes
		found := fmt.Sprintf("%q with %d parameters", s.hidden, parameters)
		return badFlag("hidden", found, fmt.Sprintf("at most %d", limit))
	}
	act, _ := activationByName(s.activation)
	s.net = NewNetwork(sizes, act, s.workers, s.rng)
	return nil
}

// loadNetwork reads what saveNetwork or Python wrote. Without a name of the activation in the file -activation counts.
func (s *session) loadNetwork() error {
	arrays, err := LoadNPZ(s.load)
	if err != nil {
		return err
	}
	if err := s.unpackNetwork(arrays); err != nil {
		return fmt.Errorf("%s: %w", s.load, err)
	}
	hidden := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.net.Sizes[1:len(s.net.W)]), " ", ","), "[]")
	if s.typed["hidden"] && s.hidden != cmp.Or(hidden, "none") {
		return badFlag("hidden", s.hidden, cmp.Or(hidden, "none")+" as in "+s.load)
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
	if a, ok := arrays["image_shape"]; ok && len(a.Data) == 2 {
		known++
		height, width = int(a.Data[0]), int(a.Data[1])
	}
	last, outputs := len(sizes)-2, sizes[len(sizes)-1]
	switch {
	case !ok:
		return fmt.Errorf("array activation: %.40q, expected one of %s", name, activationNames)
	case known < len(arrays):
		return fmt.Errorf("%d arrays of other names, expected coefs_i, intercepts_i, activation, image_shape alone",
			len(arrays)-known)
	case min(height, width) < 1 || sizes[0]%height != 0 || sizes[0]/height != width: // a product could wrap round
		return fmt.Errorf("array image_shape: %d x %d, expected %d pixels as coefs_0 has rows", height, width, sizes[0])
	case outputs < max(2, s.classes) || outputs > 256:
		return fmt.Errorf("array coefs_%d: %d outputs, expected at least %d, the classes of the data, and at most 256",
			last, outputs, max(2, s.classes))
	case s.train.Len() > 0 && (height != s.train.Height || width != s.train.Width):
		return fmt.Errorf("array coefs_0: %d x %d pixels, expected %d x %d as the data has",
			height, width, s.train.Height, s.train.Width)
	}
	s.train.Height, s.train.Width = height, width
	s.net = NewNetwork(sizes, act, s.workers, s.rng) // drawn too, so that a seed always holds out the same rows
	copy(s.net.Theta, theta)
	return nil
}

// shapeText is what an error says of an array, which may be missing.
func shapeText(a Array) string {
	if a.Name == "" {
		return "missing"
	}
	return fmt.Sprintf("shape %d", a.Shape)
}

// unpackLayers finds coefs_i and intercepts_i, which must fit together, and strings them together as in Network.
func unpackLayers(arrays map[string]Array) (sizes []int, theta []float64, err error) {
	fanIn, expected := 0, "inputs x units"
	for l := 0; ; l++ {
		coefs, intercepts := fmt.Sprintf("coefs_%d", l), fmt.Sprintf("intercepts_%d", l)
		w, b := arrays[coefs], arrays[intercepts]
		switch {
		case l > 0 && w.Name == "" && b.Name == "":
			return append(sizes, fanIn), theta, nil
		case len(w.Shape) != 2 || l > 0 && w.Shape[0] != fanIn:
			return nil, nil, fmt.Errorf("array %s: %s, expected %s", coefs, shapeText(w), expected)
		case !slices.Equal(b.Shape, w.Shape[1:]):
			return nil, nil, fmt.Errorf("array %s: %s, expected %d numbers, one for each column of %s",
				intercepts, shapeText(b), w.Shape[1], coefs)
		}
		for _, v := range slices.Concat(w.Data, b.Data) {
			if !(math.Abs(v) < 1e30) { // or sums of them overflow
				return nil, nil, fmt.Errorf("a weight %g, expected finite numbers below 1e30", v)
			}
			theta = append(theta, v)
		}
		sizes, fanIn = append(sizes, w.Shape[0]), w.Shape[1]
		expected = fmt.Sprintf("%d x units, to follow %s", fanIn, coefs)
	}
}

func (s *session) printNetwork() {
	var sizes, arrays []string
	for l, size := range s.net.Sizes {
		if l > 0 {
			fanIn := s.net.Sizes[l-1]
			arrays = append(arrays, fmt.Sprintf("coefs_%d %d x %d, intercepts_%d %d", l-1, fanIn, size, l-1, size))
		}
		sizes = append(sizes, strconv.Itoa(size))
	}
	kind := s.net.Activation.Name
	if len(s.net.W) == 1 {
		kind = "softmax regression"
	}
	printf("network: %s, %s: %s; %d parameters\n",
		strings.Join(sizes, "-"), kind, strings.Join(arrays, ", "), len(s.net.Theta))
	if kind == "step" {
		printf("note: the gradient of step is zero, so only the output layer learns\n")
	}
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
		image, err := s.readPicture(path)
		if err != nil {
			return err
		}
		s.read = append(s.read, found{path, image})
	}
	for _, what := range split(s.influence) {
		name, image, err := s.pick(what)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(s.explained, func(other found) bool { return other.name == name }) {
			return badFlag("influence", "influence-"+name+".png twice", "images whose pictures have different names")
		}
		s.explained = append(s.explained, found{name, image})
	}
	return nil
}

// readPicture reads a picture file as the network sees it.
func (s *session) readPicture(path string) ([]byte, error) {
	return openFile(path, func(unpacked io.Reader, _ *os.File) ([]byte, error) {
		image, err := DecodePicture(unpacked)
		if err == nil && (s.train.Height != 28 || s.train.Width != 28) {
			err = fmt.Errorf("a picture for a network of %d x %d pixels, expected one of 28 x 28",
				s.train.Height, s.train.Width)
		}
		return image, err
	})
}

// fromTestSet is whether what names a test example: by its digit or its number.
func fromTestSet(what string) bool {
	return len(what) == 1 && what >= "0" && what <= "9" || strings.HasPrefix(what, "@")
}

// pick finds an image to explain, and what to call it.
func (s *session) pick(what string) (name string, image []byte, err error) {
	number, isNumber := strings.CutPrefix(what, "@")
	switch {
	case what == "white":
		return "white", bytes.Repeat([]byte{255}, s.net.Sizes[0]), nil
	case isNumber:
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= s.test.Len() {
			expected := fmt.Sprintf("@N with N less than the %d test examples", s.test.Len())
			return "", nil, badFlag("influence", strconv.Quote(what), expected)
		}
		return fmt.Sprint("test-", i), s.test.Image(i), nil
	case fromTestSet(what):
		i := slices.Index(s.test.Labels, what[0]-'0')
		if i < 0 {
			return "", nil, badFlag("influence", what, "a digit that is in the test set")
		}
		return "digit-" + what, s.test.Image(i), nil
	}
	image, err = s.readPicture(what)
	base := filepath.Base(what)
	return "file-" + strings.TrimSuffix(base, filepath.Ext(base)), image, err
}

// ---- Training ----

// trainNetwork trains and prints a line an epoch. Interrupted, it ends after the batch at hand.
func (s *session) trainNetwork() error {
	if s.Epochs == 0 && s.Steps == 0 {
		return nil
	}
	info, err := os.Stderr.Stat()
	terminal, shown := err == nil && info.Mode()&os.ModeCharDevice != 0, time.Now()
	eraseLine := func() {
		if terminal {
			fmt.Fprint(os.Stderr, "\r\x1b[K")
		}
	}
	s.training.Store(true)
	total := s.train.Len()
	if s.Steps > 0 {
		total = s.Steps / 10 * min(s.Batch, total)
	}
	s.AfterBatch = func(seen int, loss float64) bool {
		if terminal && time.Since(shown) > 100*time.Millisecond {
			shown = time.Now()
			fmt.Fprintf(os.Stderr, "\r%d of %d examples, loss %.4f\x1b[K", seen, total, loss)
		}
		return s.training.Load()
	}
	s.AfterEpoch = func(epoch int, loss float64, valid []float64) bool {
		eraseLine()
		s.report(epoch, loss, valid)
		return s.training.Load()
	}
	s.frame("before training")
	train, valid := Examples{s.train.Pixels, s.train.Labels}, Examples{s.valid.Pixels, s.valid.Labels}
	err = s.net.Train(train, valid, s.Settings, s.rng)
	s.interrupted = !s.training.Swap(false)
	eraseLine()
	if err != nil {
		return fmt.Errorf("-lr: training with %g diverged (%w), expected a lower rate", s.Rate, err)
	}
	s.remarks()
	return nil
}

// report prints what is known after an epoch, or after a period of -steps as the crash course does: the log loss of
// the hard predictions, in which a wrong answer costs -ln(1e-15).
func (s *session) report(epoch int, loss float64, valid []float64) {
	score, watched := 0.0, s.Loss
	if s.Steps > 0 {
		watched = Losses[0] // log loss
	}
	if s.valid.Len() > 0 {
		score = Score(valid, s.valid.Labels)
		s.validLoss = append(s.validLoss, MeanLoss(valid, s.valid.Labels, watched))
	}
	if s.Steps == 0 {
		s.loss = append(s.loss, loss)
		s.frame(fmt.Sprintf("after epoch %d", epoch))
		printf("Iteration %d, loss = %.8f\n", epoch, loss)
		if s.EarlyStop {
			printf("Validation score: %f\n", score)
		}
		return
	}
	p, _ := s.net.Evaluate(s.train.Pixels)
	loss = MeanLoss(p, s.train.Labels, watched)
	s.loss = append(s.loss, loss)
	s.frame(fmt.Sprintf("after %d batches", epoch*s.Steps/10))
	if s.valid.Len() == 0 {
		printf("  period %02d : training log loss %.4f\n", epoch-1, loss)
		return
	}
	printf("  period %02d : %0.2f\n", epoch-1, -math.Log(1e-15)*(1-score))
	printf("              log loss: training %.4f, validation %.4f; validation accuracy %.4f\n",
		loss, s.validLoss[len(s.validLoss)-1], score)
}

// remarks prints how training ended, and what to make of it.
func (s *session) remarks() {
	n := len(s.loss)
	guessing := math.Log(float64(s.classes))
	if s.Loss.Name == "mse" && s.Steps == 0 {
		guessing = 1 - 1/float64(s.classes) // of equal probabilities, as above
	}
	switch {
	case s.interrupted:
		printf("interrupted after %d whole %s\n", n, map[bool]string{true: "periods", false: "epochs"}[s.Steps > 0])
	case s.loss[n-1] >= guessing:
		printf("note: the loss ended at %.4f, no better than guessing (%.4f): try a lower -lr than %g\n",
			s.loss[n-1], guessing, s.Rate)
	case s.Steps == 0 && n < s.Epochs:
		printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case s.Steps == 0 && n > 1 && s.loss[n-2]-s.loss[n-1] > s.Tol:
		printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: "+
			"more -epochs would lower it further\n", n, s.Tol)
	}
}

// ---- What was learned ----

// judged is a set and the network's answers to it, a row of probabilities for each example.
type judged struct {
	name string
	Set
	p []float64
}

// answer is the class that example i is read as, and its probability.
func (j judged) answer(i int) (class int, sure float64) {
	classes := len(j.p) / j.Len()
	row := j.p[i*classes:][:classes]
	return Argmax(row), row[Argmax(row)]
}

// score prints the shares of right answers, and the numbers behind the mosaic. It keeps the answers that confusion and
// mistakes show: to the held-out rows where there are some, else to the test set.
func (s *session) score() error {
	if s.noData {
		return nil
	}
	p, fired := s.net.Evaluate(s.train.Pixels)
	printf("Training set score: %f\n", Score(p, s.train.Labels))
	for _, set := range []judged{{name: "Validation set", Set: s.valid}, {name: "Test set", Set: s.test}} {
		if set.Len() == 0 {
			continue
		}
		set.p, _ = s.net.Evaluate(set.Pixels)
		printf("%s score: %f\n", set.name, Score(set.p, set.Labels))
		if s.judged.p == nil {
			s.judged = set
		}
	}
	for l, w := range s.net.W {
		printf("coefs_%d: largest absolute weight %.4f", l, largest(w[:s.net.Sizes[l]*s.net.Sizes[l+1]]))
		if l < len(fired) && s.net.Activation.Name == "relu" {
			var idle []string
			for unit, n := range fired[l] {
				if n*1000 < s.train.Len() {
					idle = append(idle, strconv.Itoa(unit))
				}
			}
			printf("; units that fire on fewer than one in a thousand training examples: %s",
				cmp.Or(strings.Join(idle, ", "), "none"))
		}
		printf("\n")
	}
	return nil
}

func largest(w []float64) (m float64) {
	for _, v := range w {
		m = max(m, math.Abs(v))
	}
	return m
}

// ---- Files ----

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
		f.Close()
		os.Remove(f.Name())
		return fmt.Errorf("%s: %w, expected to write it whole", path, err)
	}
	printf("wrote %s\n", path)
	return nil
}

// saveNetwork writes the network as scikit-learn names its parts: coefs_i and intercepts_i.
func (s *session) saveNetwork() error {
	if s.save == "" {
		return nil
	}
	var arrays []Array
	for l, w := range s.net.W {
		fanIn, fanOut := s.net.Sizes[l], s.net.Sizes[l+1]
		arrays = append(arrays,
			Array{Name: fmt.Sprintf("coefs_%d", l), Shape: []int{fanIn, fanOut}, Data: w[:fanIn*fanOut]},
			Array{Name: fmt.Sprintf("intercepts_%d", l), Shape: []int{fanOut}, Data: w[fanIn*fanOut:]})
	}
	shape := []float64{float64(s.train.Height), float64(s.train.Width)}
	arrays = append(arrays, Array{Name: "activation", Text: s.net.Activation.Name},
		Array{Name: "image_shape", Shape: []int{2}, Data: shape, Integer: true})
	return writeFile(s.save, func(w io.Writer) error { return WriteNPZ(w, arrays) })
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

func (s *session) drawWeights() error {
	return s.writeSheet("weights", "First-layer weights", s.weightNotes(), 1, s.weightPanel())
}

// weightPanel is the mosaic of the first layer's weights.
func (s *session) weightPanel() Panel {
	pixels, units := s.net.Sizes[0], s.net.Sizes[1]
	coefs := s.net.W[0][:pixels*units]
	m, diverging, _ := ColorMapByName(s.cmap)
	p := Panel{
		Height: s.train.Height, Width: s.train.Width, Columns: s.tileColumns, Map: m,
		Min: slices.Min(coefs) / 2, Max: slices.Max(coefs) / 2, Scale: "weight",
		OwnScale: s.scale == "tile", Symmetric: diverging,
	}
	if diverging {
		p.Max = largest(coefs) / 2
		p.Min = -p.Max
	}
	if s.tileRows > 0 {
		units = min(units, s.tileRows*s.tileColumns)
	}
	for unit := range units {
		tile := make([]float64, pixels)
		for i := range tile {
			tile[i] = coefs[i*s.net.Sizes[1]+unit]
		}
		p.Tiles = append(p.Tiles, tile)
		if len(s.net.W) == 1 {
			p.Captions = append(p.Captions, strconv.Itoa(unit))
		}
	}
	return p
}

func (s *session) weightNotes() string {
	what := fmt.Sprintf("Each tile is one of the %d units of the first hidden layer", s.net.Sizes[1])
	if len(s.net.W) == 1 {
		what = "Each tile is an output, one for each class"
	}
	what += ": the weight that it gives to each pixel of the image. A tile that looks like noise has learned little."
	switch _, diverging, _ := ColorMapByName(s.cmap); {
	case s.scale == "shared" && diverging:
		what += " The scale ends at half of the largest absolute weight; what is beyond has the colour of the end."
	case s.scale == "shared":
		what += " The scale ends at half of the least and of the greatest weight; what is beyond has the colour of the end."
	}
	return what
}

// frame keeps the mosaic as it is now for the animation.
func (s *session) frame(heading string) {
	if slices.Contains(s.pictureNames, "animation") {
		p := s.weightPanel()
		p.Heading = heading
		s.frames = append(s.frames, p)
	}
}

func (s *session) drawAnimation() error {
	if len(s.frames) == 0 {
		printf("no animation: nothing was trained\n")
		return nil
	}
	last := s.frames[len(s.frames)-1]
	for i := range s.frames { // one scale for all
		s.frames[i].Min, s.frames[i].Max = last.Min, last.Max
	}
	return writeFile(filepath.Join(s.out, "weights.gif"), func(w io.Writer) error {
		return Animation(w, "First-layer weights while training", s.weightNotes(), s.frames)
	})
}

func (s *session) drawLoss() error {
	if len(s.loss) == 0 {
		printf("no loss.png: no whole epoch was trained\n")
		return nil
	}
	first := 1
	if s.Steps > 0 {
		first = 0 // as the crash course counts periods
	}
	var x []float64
	for i := range s.loss {
		x = append(x, float64(i+first))
	}
	chart := Chart{XLabel: "epoch", YLabel: s.Loss.Name, Format: "%.8f", Series: []Series{{"training", x, s.loss}}}
	notes := "Training: the mean over the epoch, penalty included, each example before its batch's step."
	if s.Steps > 0 {
		chart.XLabel, chart.YLabel = fmt.Sprintf("period (batches in each: %d)", s.Steps/10), "log loss"
		notes = "Log loss of the probabilities at the end of each period."
	}
	if len(s.validLoss) > 0 {
		chart.Series = append(chart.Series, Series{"validation", x, s.validLoss})
		if s.Steps == 0 {
			notes += "\nValidation: after the epoch, without penalty."
		}
	}
	return s.writeSheet("loss", "Loss", notes, 1, chart)
}

func (s *session) drawConfusion() error {
	classes := s.net.Sizes[len(s.net.W)]
	matrix := Confusion{Counts: make([]int, classes*classes), Classes: classes}
	for i, label := range s.judged.Labels {
		class, _ := s.judged.answer(i)
		matrix.Counts[int(label)*classes+class]++
	}
	title := "Confusion matrix, " + strings.ToLower(s.judged.name)
	const note = "Each row is a true class: which share of its examples is read as which. " +
		"The diagonal is right: its share is the recall. An empty cell has less than 0.5%."
	return s.writeSheet("confusion", title, note, 1, matrix)
}

func (s *session) drawMistakes() error {
	var wrong []int
	for i, label := range s.judged.Labels {
		if class, _ := s.judged.answer(i); class != int(label) {
			wrong = append(wrong, i)
		}
	}
	slices.SortStableFunc(wrong, func(i, j int) int {
		_, sureI := s.judged.answer(i)
		_, sureJ := s.judged.answer(j)
		return cmp.Compare(sureJ, sureI)
	})
	note := fmt.Sprintf("True → predicted, and how sure of it the network was. "+
		"%d of %d examples are read wrongly, the surest first.", len(wrong), s.judged.Len())
	p := contactSheet(s.judged.Set, wrong[:min(len(wrong), 50)], func(i int) string {
		class, sure := s.judged.answer(i)
		return fmt.Sprintf("%d → %d\n%.1f%%", s.judged.Labels[i], class, 100*sure)
	})
	return s.writeSheet("mistakes", "Mistakes, "+strings.ToLower(s.judged.name), note, 1, p)
}

func (s *session) drawExamples() error {
	var rows []int
	for i := range min(100, s.train.Len()) {
		rows = append(rows, i)
	}
	p := contactSheet(s.train, rows, func(i int) string { return strconv.Itoa(int(s.train.Labels[i])) })
	note := fmt.Sprintf("The first %d of %d, with their labels.", len(rows), s.train.Len())
	return s.writeSheet("examples", "Training examples", note, 1, p)
}

// contactSheet shows images of a set, each with its caption.
func contactSheet(set Set, rows []int, caption func(i int) string) Panel {
	m, _, _ := ColorMapByName("gray_r")
	p := Panel{Height: set.Height, Width: set.Width, Columns: 10, Map: m, Max: 1}
	for _, i := range rows {
		p.Tiles = append(p.Tiles, floats(set.Image(i)))
		p.Captions = append(p.Captions, caption(i))
	}
	return p
}

// floats brings pixels from 0..255 to 0..1.
func floats(image []byte) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v) / 255
	}
	return x
}

func (s *session) drawActivations() error {
	chart := Chart{XLabel: "z", Width: 300, Height: 240, Format: "%.3g"}
	var functions, gradients []Part
	for _, name := range []string{"step", "logistic", "tanh", "relu"} {
		act, _ := activationByName(name)
		var z, a, slope []float64
		for i := -300; i <= 300; i++ {
			z = append(z, float64(i)/50)
			a = append(a, act.F(z[i+300]))
			slope = append(slope, act.Slope(a[i+300]))
		}
		chart.Title, chart.YLabel, chart.Series = name, "a = h(z)", []Series{{X: z, Y: a}}
		functions = append(functions, chart)
		chart.Title, chart.YLabel, chart.Series = "", "h'(z)", []Series{{X: z, Y: slope}}
		gradients = append(gradients, chart)
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
	}
	return nil
}

// explain draws influence-NAME.png for each image of -influence, and prints how far each method's tiles are from adding
// up to the nodes' changes.
func (s *session) explain() error {
	const notes = "Each tile is a node, each of its pixels what that pixel of the image changes in the node's value, " +
		"compared with an all-black image: lighter is up, darker is down, gray is no change. " +
		"Under a tile: the node's value for the black image; under an output before that its class, and the class's " +
		"probability for the image. "
	for _, image := range s.explained {
		parts, answers := s.explainImage(image.name, floats(image.pixels))
		title := "Influence of every pixel on every node: " + image.name
		if err := s.writeSheet("influence-"+image.name, title, notes+answers, 2, parts...); err != nil {
			return err
		}
	}
	return nil
}

// explainImage prints a table of an image, and returns what to draw, the image, then each layer with each method; and
// what the network answers.
func (s *session) explainImage(name string, x []float64) (parts []Part, answers string) {
	gray, _, _ := ColorMapByName("gray")
	height, width := s.train.Height, s.train.Width
	image := Panel{Heading: "the image", Height: height, Width: width, Columns: 1, Zoom: 4, Map: gray, Max: 1}
	image.Tiles = [][]float64{x}
	parts = append(parts, image, Panel{}) // two in a row
	onePixel := s.net.OnePixel(x)
	values, _ := s.net.Nodes(x)
	integrated, steps := s.net.IntegratedGradients(x, 0.001, 4096)
	oneMisses, integratedMisses := s.net.Unexplained(x, onePixel), s.net.Unexplained(x, integrated)
	black, _ := s.net.Nodes(make([]float64, len(x)))
	from, to := black[len(black)-1], values[len(values)-1]
	answers = fmt.Sprintf("All black is read as %d (%.1f%%), this image as %d (%.1f%%).",
		Argmax(from), 100*from[Argmax(from)], Argmax(to), 100*to[Argmax(to)])
	printf("influence of %s: %s\n", name, answers)
	printf("  how far the tiles' sums are from the nodes' changes, in percent of the changes:\n")
	for l, nodes := range values {
		layer := fmt.Sprintf("hidden layer %d, %s", l+1, s.net.Activation.Name)
		var captions []string
		for _, v := range black[l] {
			captions = append(captions, fmt.Sprintf("%.2f", v))
		}
		if l >= len(values)-2 {
			layer = []string{"output, before softmax", "output, after softmax"}[l-len(values)+2]
			for class, p := range to {
				captions[class] = fmt.Sprintf("%d\n%.0f%%\n%.1f", class, 100*p, black[l][class])
			}
		}
		printf("  %-26s one pixel %7.2f%%   integrated gradients %7.3f%%\n",
			layer, 100*oneMisses[l], 100*integratedMisses[l])
		for method, all := range [][]float64{onePixel[l], integrated[l]} {
			p := Panel{Height: height, Width: width, Columns: 13, Zoom: 2, Map: gray, Captions: captions}
			p.Heading = layer + ": " + []string{"one pixel at a time", "integrated gradients"}[method]
			p.Min, p.Max, p.Scale = 0-largest(all), largest(all), "change" // 0-0 is not written -0
			for node := range nodes {
				p.Tiles = append(p.Tiles, all[node*len(x):][:len(x)])
			}
			parts = append(parts, p)
		}
	}
	printf("  %d steps\n", steps)
	if slices.Max(integratedMisses) > 0.001 {
		printf("  note: the steps ended before every layer was within 0.1%%\n")
	}
	return parts, answers
}
