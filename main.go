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
	var usage usageError
	switch {
	case err == nil:
	case errors.Is(err, errInterrupted):
		os.Exit(130)
	default:
		printable := func(r rune) rune {
			if unicode.IsControl(r) { // in a name that was typed
				return ' '
			}
			return r
		}
		fmt.Fprintln(os.Stderr, "mlpviz:", strings.Map(printable, err.Error()))
		if errors.As(err, &usage) {
			os.Exit(2)
		}
		os.Exit(1)
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

// config is what the flags say. Settings and sizes follow from it in check.
type config struct {
	Settings
	data, test, hidden, activation, loss, reduction, out, pictures, tiles, cmap, scale string
	save, load, influence, predict, show, preset                                       string
	rows, seed, workers                                                                int
	split, validation                                                                  float64
	describe                                                                           bool

	given        map[string]bool // the flags that were typed, by the user or the preset
	hiddenSizes  []int
	act          Activation
	tileRows     int // of the mosaic; 0: as many as there are units
	tileColumns  int
	colorMap     ColorMap
	diverging    bool
	pictureNames []string
	noData       bool // only picture files are read, with a network from a file
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

const crashCourse = "-rows 10000 -validation 2500 -steps 1000\n" +
	"-solver adagrad -clip 5 -reduction sum -batch 30 -alpha 0\n" +
	"-tiles all -cmap pink -scale tile -pictures weights,loss,confusion,mistakes,examples"

// groups orders the flags for -h.
var groups = []struct{ title, flags string }{
	{"Data", "data test rows split validation describe show"},
	{"Network", "hidden activation dropout load save"},
	{"Training", "epochs steps batch loss reduction alpha solver lr schedule momentum nesterov clip tol patience early-stop"},
	{"Pictures", "out pictures tiles cmap scale influence"},
	{"Else", "predict preset seed workers"},
}

// choices lists what the flags that take one of several names accept.
var choices = map[string]string{
	"activation": "relu, logistic, tanh, identity, step",
	"loss":       "cross-entropy, mse",
	"reduction":  "mean, sum",
	"solver":     "sgd, adam, adagrad",
	"schedule":   "constant, invscaling, adaptive",
	"scale":      "shared, tile",
	"pictures":   "weights, loss, confusion, mistakes, examples, animation, activations",
	"preset":     "filters, filters-split, linear, dnn, influence",
}

// define makes the flags. This is the only place that has their text.
func (c *config) define() *flag.FlagSet {
	f := flag.NewFlagSet("mlpviz", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are printed by main, in one line
	f.StringVar(&c.data, "data", "", "`PATH` of a folder with the four MNIST-style IDX files, each plain or .gz; or of a\nCSV file, label first, with or without a header row [digits drawn by code]")
	f.StringVar(&c.test, "test", "", "CSV `FILE` with the test examples, beside a CSV -data; without it there is no test set")
	f.IntVar(&c.rows, "rows", 0, "use only the first `N` training examples [0: all]")
	f.Float64Var(&c.split, "split", 0, "pool all examples, shuffle, keep the fraction `F` for testing [0: the files' own split]\n(train_test_split's test_size, random_state=0)")
	f.Float64Var(&c.validation, "validation", 0, "hold out training examples: a fraction `F` below 1, or a number of rows\n[0; 0.1 with -early-stop] (validation_fraction)")
	f.BoolVar(&c.describe, "describe", false, "print a summary of each set")
	f.StringVar(&c.show, "show", "", "print training examples, a `LIST` of numbers from 0, in the terminal")
	f.StringVar(&c.hidden, "hidden", "50", "a `LIST` of the units in each hidden layer; none is softmax regression [50]\n(hidden_layer_sizes)")
	f.StringVar(&c.activation, "activation", "relu", "`NAME` of what hidden units do: "+choices["activation"]+" [relu]")
	f.Float64Var(&c.Dropout, "dropout", 0, "share `F` of the hidden outputs that training drops [0]")
	f.StringVar(&c.load, "load", "", "begin with the network in an NPZ `FILE`; -epochs is then 0")
	f.StringVar(&c.save, "save", "", "write the network to an NPZ `FILE`, which numpy.load reads")
	f.Func("epochs", "at most `N` passes over the training examples; 0 only scores [10; 0 with -load] (max_iter)", func(s string) (err error) {
		c.Epochs, err = atoi(s)
		c.Steps = 0
		return err
	})
	f.Func("steps", "instead of epochs `N` batches in all, a multiple of 10, reported in ten periods; -tol does\nnot apply [0]", func(s string) (err error) {
		c.Steps, err = atoi(s)
		return err
	})
	f.IntVar(&c.Batch, "batch", 200, "`N` examples a batch: 1 is online, all of them is full-batch [200] (batch_size)")
	f.StringVar(&c.loss, "loss", "cross-entropy", "`NAME` of the loss: "+choices["loss"]+" [cross-entropy]")
	f.StringVar(&c.reduction, "reduction", "mean", "`NAME`: "+choices["reduction"]+" of the examples' losses in a batch [mean]")
	f.Float64Var(&c.Alpha, "alpha", 1e-4, "strength `F` of the L2 penalty [0.0001]")
	f.StringVar(&c.Solver, "solver", "sgd", "`NAME`: "+choices["solver"]+" [sgd]")
	f.Float64Var(&c.Rate, "lr", 0, "learning rate `F` [0.1 for sgd, 0.001 for adam, 0.05 for adagrad] (learning_rate_init)")
	f.StringVar(&c.Schedule, "schedule", "constant", "`NAME` of what becomes of it, for sgd: "+choices["schedule"]+" [constant]\n(learning_rate)")
	f.Float64Var(&c.Momentum, "momentum", 0.9, "`F`, for sgd [0.9]")
	f.BoolVar(&c.Nesterov, "nesterov", true, "Nesterov's momentum; -nesterov=false is the classical one [true] (nesterovs_momentum)")
	f.Float64Var(&c.Clip, "clip", 0, "clip the gradient's norm over all parameters at `F` [0: off]")
	f.Float64Var(&c.Tol, "tol", 1e-4, "an epoch that improves by less than `F` counts as none [0.0001]")
	f.IntVar(&c.Patience, "patience", 10, "stop after more than `N` such epochs in a row [10] (n_iter_no_change)")
	f.BoolVar(&c.EarlyStop, "early-stop", false, "stop on the validation score and keep the best weights (early_stopping)")
	f.StringVar(&c.out, "out", "out", "`DIR` where pictures go [out]")
	f.StringVar(&c.pictures, "pictures", "weights,loss,confusion,mistakes", "`LIST` of which to write: "+choices["pictures"]+";\nor all, or none [weights,loss,confusion,mistakes]")
	f.StringVar(&c.tiles, "tiles", "4x4", "`RxC` units in the mosaic of first-layer weights; all is every unit, ten to a row [4x4]")
	f.StringVar(&c.cmap, "cmap", "gray", "colour map `NAME` of the weights: "+strings.Join(ColorMapNames, ", ")+"; _r behind it reverses [gray]")
	f.StringVar(&c.scale, "scale", "shared", "`NAME` of their scale: shared, from half of their minimum to half of their maximum;\nor tile, each its own; for coolwarm either is symmetric about 0 [shared]")
	f.StringVar(&c.influence, "influence", "", "draw what every pixel does to every node, for a `LIST` of images: white, a digit 0-9\n(the first test example of it), @N (test example N, from 0), picture files")
	f.StringVar(&c.predict, "predict", "", "read the digit in each of a `LIST` of picture files: PNG, JPEG or GIF")
	f.StringVar(&c.preset, "preset", "", "`NAME` of flags typed before your own: "+choices["preset"])
	f.IntVar(&c.seed, "seed", 1, "`N`, where the random numbers begin [1] (random_state)")
	f.IntVar(&c.workers, "workers", runtime.NumCPU(), "`N` goroutines that share the work; any number gives the same result [all cores]")
	return f
}

func atoi(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, errors.New("parse error") // as flag says of its own
	}
	return n, nil
}

// help writes the flags in their groups.
func help(w io.Writer, f *flag.FlagSet) {
	indent := strings.NewReplacer("\n", "\n"+strings.Repeat(" ", 21))
	fmt.Fprintln(w, "mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.\n\nUsage: go run . [flags], or the built program's name. Defaults are in brackets, scikit-learn's names in parentheses.")
	for _, group := range groups {
		fmt.Fprintf(w, "\n%s\n", group.title)
		for _, name := range strings.Fields(group.flags) {
			value, text := flag.UnquoteUsage(f.Lookup(name))
			fmt.Fprintf(w, "  %-18s %s\n", "-"+name+" "+value, indent.Replace(text))
		}
	}
	fmt.Fprintln(w, "\nPresets")
	for _, name := range strings.Split(choices["preset"], ", ") {
		fmt.Fprintf(w, "  %-18s %s\n", name, indent.Replace(cmp.Or(presets[name], "(what the defaults are)")))
	}
}

// parse reads the arguments: once for the preset, then again with the preset's flags before them.
func parse(args []string) (c *config, err error) {
	for preset := ""; ; preset = c.preset {
		c = &config{given: map[string]bool{}}
		c.Epochs = -1 // not said
		f := c.define()
		if err := parseFlags(f, append(strings.Fields(presets[preset]), args...)); err != nil {
			return nil, err
		}
		f.Visit(func(flag *flag.Flag) { c.given[flag.Name] = true })
		if c.preset == preset || !c.oneOf("preset", c.preset) {
			return c, c.check()
		}
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
	var value, name string
	for _, format := range []string{"invalid value %q for flag -%s", "invalid boolean value %q for -%s"} {
		if n, _ := fmt.Sscanf(text, format, &value, &name); n == 2 {
			name = strings.TrimSuffix(name, ":")
			expected := map[bool]string{true: "true or false", false: "a number"}[strings.Contains(text, "boolean")]
			if kind, _ := flag.UnquoteUsage(f.Lookup(name)); kind == "N" {
				expected = "a whole number"
			}
			return badFlag(name, fmt.Sprintf("%q", value), expected)
		}
	}
	return usageError(text)
}

// oneOf is whether value is among a flag's choices.
func (c *config) oneOf(name, value string) bool {
	return slices.Contains(strings.Split(choices[name], ", "), value)
}

// check refuses values that make no sense and works out what follows from the others.
func (c *config) check() error {
	if c.EarlyStop && !c.given["validation"] {
		c.validation = 0.1
	}
	if !c.given["lr"] {
		c.Rate = map[string]float64{"sgd": 0.1, "adam": 0.001, "adagrad": 0.05}[c.Solver]
	}
	if c.Epochs < 0 && !c.given["epochs"] {
		c.Epochs = map[bool]int{true: 0, false: 10}[c.load != ""]
	}
	if c.Steps > 0 {
		c.Tol = math.Inf(-1) // every period counts as better
	}
	for _, choice := range [][2]string{
		{"activation", c.activation}, {"loss", c.loss}, {"reduction", c.reduction}, {"solver", c.Solver},
		{"schedule", c.Schedule}, {"scale", c.scale}, {"preset", cmp.Or(c.preset, "filters")},
	} {
		if !c.oneOf(choice[0], choice[1]) {
			return badFlag(choice[0], strconv.Quote(choice[1]), "one of "+choices[choice[0]])
		}
	}
	wholeIf := func(v float64) bool { return v < 1 || v == math.Trunc(v) }
	ranges := []struct {
		flag     string
		value    any
		ok       bool
		expected string
	}{
		{"rows", c.rows, c.rows >= 0, "0 or more"},
		{"split", c.split, c.split >= 0 && c.split < 1, "a fraction from 0 to less than 1"},
		{"validation", c.validation, c.validation >= 0 && c.validation < 1e9 && wholeIf(c.validation), "a fraction below 1 or a number of rows"},
		{"validation", c.validation, !c.EarlyStop || c.validation > 0, "rows to watch, for -early-stop"},
		{"dropout", c.Dropout, c.Dropout >= 0 && c.Dropout < 1, "a share from 0 to less than 1"},
		{"epochs", c.Epochs, c.Epochs >= 0, "0 or more"},
		{"steps", c.Steps, c.Steps >= 0 && c.Steps%10 == 0, "a multiple of 10"},
		{"batch", c.Batch, c.Batch >= 1, "1 or more"},
		{"alpha", c.Alpha, c.Alpha >= 0 && c.Alpha < math.Inf(1), "0 or more"},
		{"lr", c.Rate, c.Rate > 0 && c.Rate < math.Inf(1), "more than 0"},
		{"schedule", c.Schedule, c.Schedule == "constant" || c.Solver == "sgd", "constant, since -solver is " + c.Solver},
		{"momentum", c.Momentum, c.Momentum >= 0 && c.Momentum <= 1, "from 0 to 1"},
		{"clip", c.Clip, c.Clip >= 0 && c.Clip < math.Inf(1), "0 or more"},
		{"tol", c.Tol, c.Tol >= 0 && c.Tol < math.Inf(1) || c.Steps > 0, "0 or more"},
		{"patience", c.Patience, c.Patience >= 1, "1 or more"},
		{"seed", c.seed, c.seed >= 0 && c.seed <= math.MaxUint32, "from 0 to 4294967295"},
		{"workers", c.workers, c.workers >= 1 && c.workers <= 1024, "from 1 to 1024"},
		{"test", c.test, c.test == "" || c.data != "", "a CSV -data beside it"},
		{"out", strconv.Quote(c.out), c.out != "", "a folder"},
	}
	for _, r := range ranges {
		if !r.ok {
			return badFlag(r.flag, r.value, r.expected)
		}
	}
	c.act, _ = activationByName(c.activation)
	c.Loss = Losses[slices.IndexFunc(Losses, func(l Loss) bool { return l.Name == c.loss })]
	c.Sum = c.reduction == "sum"
	if err := c.checkLists(); err != nil {
		return err
	}
	c.noData = c.load != "" && c.predict+c.influence != ""
	for _, name := range strings.Fields("data test rows split validation early-stop describe show epochs steps pictures") {
		c.noData = c.noData && (!c.given[name] || name == "pictures" && c.pictures == "none")
	}
	for _, what := range split(c.influence) {
		c.noData = c.noData && !fromTestSet(what)
	}
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

// checkLists reads the flags that are lists or have a form of their own.
func (c *config) checkLists() (err error) {
	if c.hidden != "none" {
		for _, word := range strings.Split(c.hidden, ",") {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 || n > 100_000 {
				return badFlag("hidden", fmt.Sprintf("%q", c.hidden), "numbers of units from 1 to 100000 such as 100,50, or none")
			}
			c.hiddenSizes = append(c.hiddenSizes, n)
		}
	}
	switch c.pictures {
	case "all":
		c.pictureNames = strings.Split(choices["pictures"], ", ")
	case "none":
	default:
		c.pictureNames = strings.Split(c.pictures, ",")
	}
	for _, name := range c.pictureNames {
		if !c.oneOf("pictures", name) {
			return badFlag("pictures", strconv.Quote(c.pictures), "some of "+choices["pictures"]+"; or all, or none")
		}
	}
	var ok bool
	if c.colorMap, c.diverging, ok = ColorMapByName(c.cmap); !ok {
		return badFlag("cmap", fmt.Sprintf("%q", c.cmap), "one of "+strings.Join(ColorMapNames, ", ")+", with _r or without")
	}
	c.tileColumns = 10
	if c.tiles != "all" {
		rows, columns, _ := strings.Cut(c.tiles, "x")
		c.tileRows, err = strconv.Atoi(rows)
		if err == nil {
			c.tileColumns, err = strconv.Atoi(columns)
		}
		if err != nil || min(c.tileRows, c.tileColumns) < 1 || max(c.tileRows, c.tileColumns) > 100 {
			return badFlag("tiles", fmt.Sprintf("%q", c.tiles), "rows x columns such as 4x4, each from 1 to 100, or all")
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
		s.checkOutputs, s.loadData, s.describeData, s.makeNetwork, s.findImages, s.trainNetwork, s.score, s.saveNetwork, s.writePictures, s.readDigits, s.explain,
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
		if err := os.MkdirAll(s.out, 0o777); err != nil {
			return fmt.Errorf("%s: %w, expected a folder that can be made", s.out, errors.Unwrap(err))
		}
		folders = append(folders, s.out)
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

// writeFile writes a file whole or not at all: under another name in the same folder, renamed when it is complete.
func writeFile(path string, write func(w io.Writer) error) (err error) {
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
	return nil
}

// The built-in digits' seeds: training and test digits never share one.
const trainSeed, testSeed = 1, 2

// loadData reads or draws the examples and sets the held-out rows apart.
func (s *session) loadData() (err error) {
	if s.noData {
		return nil
	}
	source := s.data
	info, statErr := os.Stat(s.data)
	switch {
	case s.data == "":
		source = "digits drawn by code, not MNIST"
		s.train, s.test = Set{Height: 28, Width: 28}, Set{Height: 28, Width: 28}
		n := 60000
		if s.rows > 0 {
			n = min(n, s.rows)
		}
		s.train.Pixels, s.train.Labels = GenerateDigits(n, trainSeed, s.workers)
		s.test.Pixels, s.test.Labels = GenerateDigits(10000, testSeed, s.workers)
	case statErr != nil:
		return fmt.Errorf("%s: not found, expected a folder with MNIST's four files or a CSV file", s.data)
	case info.IsDir():
		if s.config.test != "" {
			return badFlag("test", s.config.test, "a CSV -data beside it")
		}
		s.train, s.test, err = LoadIDX(s.data)
	default:
		s.train, err = LoadCSV(s.data)
		if err == nil && s.config.test != "" {
			s.test, err = LoadCSV(s.config.test)
		}
		if err == nil && s.test.Len() > 0 {
			if err = s.train.CheckTest(s.test); err != nil {
				err = fmt.Errorf("%s: %w", s.config.test, err)
			}
		}
	}
	if err != nil {
		return err
	}
	s.classes = s.train.Classes() // before -rows, which may leave some out
	if s.data == "" {
		s.classes = 10 // even if few are drawn
	}
	if s.classes < 2 {
		return fmt.Errorf("%s: no label but 0, expected at least two classes", source)
	}
	if s.rows > 0 {
		s.train = s.train.Head(s.rows)
	}
	if s.split > 0 {
		all := s.train.Append(s.test)
		order := NewRandomState(0).Permutation(all.Len())
		n := int(math.Ceil(s.split * float64(all.Len())))
		if n == all.Len() {
			return badFlag("split", s.split, fmt.Sprintf("a fraction that leaves some of the %d examples for training", n))
		}
		s.test, s.train = all.Take(order[:n]), all.Take(order[n:])
	}
	fmt.Printf("data: %s: %d training and %d test images, %d x %d pixels, %d classes\n",
		source, s.train.Len(), s.test.Len(), s.train.Height, s.train.Width, s.classes)
	return nil
}

// holdOut takes the validation rows out of the training rows: the first of a permutation.
func (s *session) holdOut() error {
	n := s.train.Len()
	held := int(s.validation)
	if s.validation < 1 {
		held = int(math.Ceil(s.validation * float64(n)))
	}
	if held >= n {
		return badFlag("validation", s.validation, fmt.Sprintf("fewer than the %d training examples", n))
	}
	if held > 0 {
		order := s.rng.Permutation(n)
		s.valid, s.train = s.train.Take(order[:held]), s.train.Take(order[held:])
	}
	return nil
}

// makeNetwork loads the network or draws its weights, then sets the validation rows apart: in this order from the
// run's generator.
func (s *session) makeNetwork() (err error) {
	if s.load != "" {
		err = s.loadNetwork()
	} else {
		sizes := append(append([]int{s.train.Height * s.train.Width}, s.hiddenSizes...), s.classes)
		parameters := 0
		for l, fanOut := range sizes[1:] {
			parameters += (sizes[l] + 1) * fanOut
		}
		if limit := maxNumbers - 2; parameters > limit { // what -load takes
			return badFlag("hidden", fmt.Sprintf("%q with %d parameters", s.hidden, parameters), fmt.Sprintf("at most %d", limit))
		}
		s.net = NewNetwork(sizes, s.act, s.workers, s.rng)
	}
	if err != nil || s.noData {
		return err
	}
	if err := s.holdOut(); err != nil {
		return err
	}
	var sizes, arrays []string
	for l, size := range s.net.Sizes {
		sizes = append(sizes, strconv.Itoa(size))
		if l > 0 {
			arrays = append(arrays, fmt.Sprintf("coefs_%d %d x %d, intercepts_%d %d", l-1, s.net.Sizes[l-1], size, l-1, size))
		}
	}
	kind := s.net.Activation.Name
	if len(s.net.W) == 1 {
		kind = "softmax regression"
	}
	fmt.Printf("network: %s, %s: %s; %d parameters\n", strings.Join(sizes, "-"), kind, strings.Join(arrays, ", "), len(s.net.Theta))
	if s.net.Activation.Name == "step" && len(s.net.W) > 1 {
		fmt.Println("note: the gradient of step is zero, so only the output layer learns")
	}
	return nil
}

// trainNetwork trains and prints a line an epoch. Interrupted, it ends after the batch at hand.
func (s *session) trainNetwork() error {
	if s.Epochs == 0 && s.Steps == 0 {
		return nil
	}
	info, err := os.Stderr.Stat()
	terminal, shown := err == nil && info.Mode()&os.ModeCharDevice != 0, time.Now()
	s.training.Store(true)
	s.AfterBatch = func(seen int, loss float64) bool {
		if terminal && time.Since(shown) > 100*time.Millisecond {
			shown = time.Now()
			fmt.Fprintf(os.Stderr, "\r%d of %d examples, loss %.4f\x1b[K", seen, s.train.Len(), loss)
		}
		return s.training.Load()
	}
	s.AfterEpoch = func(epoch int, loss float64, valid []float64) bool {
		if terminal {
			fmt.Fprint(os.Stderr, "\r\x1b[K")
		}
		s.report(epoch, loss, valid)
		return s.training.Load()
	}
	s.frame("before training")
	err = s.net.Train(Examples{s.train.Pixels, s.train.Labels}, Examples{s.valid.Pixels, s.valid.Labels}, s.Settings, s.rng)
	s.interrupted = !s.training.Swap(false)
	if terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	if err != nil {
		return fmt.Errorf("-lr: training with %g diverged (%w), expected a lower rate", s.Rate, err)
	}
	s.remarks()
	return nil
}

// report prints what is known after an epoch, or after a period of -steps as the crash course does: the log loss of
// the hard predictions, in which a wrong answer costs -ln(1e-15).
func (s *session) report(epoch int, loss float64, valid []float64) {
	s.loss = append(s.loss, loss)
	if s.valid.Len() > 0 {
		s.validLoss = append(s.validLoss, MeanLoss(valid, s.valid.Labels, s.Loss))
	}
	if s.Steps == 0 {
		fmt.Printf("Iteration %d, loss = %.8f\n", epoch, loss)
		if s.EarlyStop {
			fmt.Printf("Validation score: %f\n", Score(valid, s.valid.Labels))
		}
		s.frame(fmt.Sprintf("after epoch %d", epoch))
		return
	}
	s.frame(fmt.Sprintf("after %d batches", epoch*s.Steps/10))
	logLoss := Losses[0]
	p, _ := s.net.Evaluate(s.train.Pixels)
	s.loss[len(s.loss)-1] = MeanLoss(p, s.train.Labels, logLoss)
	if s.valid.Len() == 0 {
		fmt.Printf("  period %02d : training log loss %.4f\n", epoch-1, s.loss[len(s.loss)-1])
		return
	}
	score := Score(valid, s.valid.Labels)
	fmt.Printf("  period %02d : %0.2f\n", epoch-1, -math.Log(1e-15)*(1-score))
	fmt.Printf("              log loss: training %.4f, validation %.4f; validation accuracy %.4f\n",
		s.loss[len(s.loss)-1], MeanLoss(valid, s.valid.Labels, logLoss), score)
}

// remarks prints how training ended, and what to make of it.
func (s *session) remarks() {
	n := len(s.loss)
	guessing := math.Log(float64(s.classes))
	switch {
	case s.interrupted && s.Steps > 0:
		fmt.Printf("interrupted after %d whole periods\n", n)
	case s.interrupted:
		fmt.Printf("interrupted after %d whole epochs\n", n)
	case s.Loss.Name == "cross-entropy" && s.loss[n-1] >= guessing:
		fmt.Printf("note: the loss ended at %.4f, no better than guessing (%.4f): try a lower -lr than %g\n", s.loss[n-1], guessing, s.Rate)
	case s.Steps == 0 && n < s.Epochs:
		fmt.Printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case s.Steps == 0 && n > 1 && s.loss[n-2]-s.loss[n-1] > s.Tol:
		fmt.Printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: more -epochs would lower it\n", n, s.Tol)
	}
}

// score prints the shares of right answers, and the numbers behind the mosaic.
func (s *session) score() error {
	if s.noData {
		return nil
	}
	p, fired := s.net.Evaluate(s.train.Pixels)
	fmt.Printf("Training set score: %f\n", Score(p, s.train.Labels))
	for _, set := range []struct {
		name string
		Set
	}{{"Validation", s.valid}, {"Test", s.test}} {
		if set.Len() > 0 {
			p, _ := s.net.Evaluate(set.Pixels)
			fmt.Printf("%s set score: %f\n", set.name, Score(p, set.Labels))
		}
	}
	for l, w := range s.net.W {
		fmt.Printf("coefs_%d: largest absolute weight %.4f", l, largest(w[:s.net.Sizes[l]*s.net.Sizes[l+1]]))
		if l < len(fired) && s.net.Activation.Name == "relu" {
			var idle []string
			for unit, n := range fired[l] {
				if n*1000 < s.train.Len() {
					idle = append(idle, strconv.Itoa(unit))
				}
			}
			fmt.Printf("; units that fire on fewer than one in a thousand training examples: %s", cmp.Or(strings.Join(idle, ", "), "none"))
		}
		fmt.Println()
	}
	return nil
}

func largest(w []float64) (m float64) {
	for _, v := range w {
		m = max(m, math.Abs(v))
	}
	return m
}

// ---- Models ----

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
	arrays = append(arrays, Array{Name: "activation", Text: s.net.Activation.Name},
		Array{Name: "image_shape", Shape: []int{2}, Data: []float64{float64(s.train.Height), float64(s.train.Width)}, Integer: true})
	if err := writeFile(s.save, func(w io.Writer) error { return WriteNPZ(w, arrays) }); err != nil {
		return err
	}
	fmt.Println("wrote", s.save)
	return nil
}

// loadNetwork reads what saveNetwork or Python wrote. Without a name of the activation in the file -activation counts.
func (s *session) loadNetwork() error {
	arrays, err := LoadNPZ(s.load)
	if err != nil {
		return err
	}
	bad := func(array string, found any, expected string) error {
		return fmt.Errorf("%s: array %s: %v, expected %s", s.load, array, found, expected)
	}
	var sizes []int
	var theta []float64
	known := 0
	for l := 0; ; l++ {
		coefs, intercepts := fmt.Sprintf("coefs_%d", l), fmt.Sprintf("intercepts_%d", l)
		w, hasW := arrays[coefs]
		b, hasB := arrays[intercepts]
		if !hasW && !hasB && l > 0 {
			break
		}
		if !hasW || len(w.Shape) != 2 || l > 0 && w.Shape[0] != sizes[l] {
			expected := "inputs x units"
			if l > 0 {
				expected = fmt.Sprintf("%d x units, to follow coefs_%d", sizes[l], l-1)
			}
			return bad(coefs, shapeText(w, hasW), expected)
		}
		if !hasB || len(b.Shape) != 1 || b.Shape[0] != w.Shape[1] {
			return bad(intercepts, shapeText(b, hasB), fmt.Sprintf("%d numbers, one for each column of %s", w.Shape[1], coefs))
		}
		if l == 0 {
			sizes = w.Shape[:1]
		}
		sizes = append(sizes[:len(sizes):len(sizes)], w.Shape[1])
		theta = append(append(theta, w.Data...), b.Data...)
		known += 2
	}
	act := s.act
	if a, ok := arrays["activation"]; ok {
		known++
		if act, ok = activationByName(a.Text); !ok {
			return bad("activation", fmt.Sprintf("%.40q", a.Text), "one of "+choices["activation"])
		}
		if s.given["activation"] && act.Name != s.act.Name {
			return badFlag("activation", s.act.Name, act.Name+" as in "+s.load)
		}
	}
	height := int(math.Sqrt(float64(sizes[0])))
	width := height
	if a, ok := arrays["image_shape"]; ok && len(a.Data) == 2 {
		known++
		height, width = int(a.Data[0]), int(a.Data[1])
	}
	classes := sizes[len(sizes)-1]
	switch {
	case known < len(arrays):
		return fmt.Errorf("%s: %d arrays of other names, expected coefs_i, intercepts_i, activation, image_shape alone", s.load, len(arrays)-known)
	case min(height, width) < 1 || height*width != sizes[0]:
		return bad("image_shape", fmt.Sprintf("%d x %d", height, width), fmt.Sprintf("%d pixels as coefs_0 has rows", sizes[0]))
	case classes < 2 || classes > 256:
		return bad(fmt.Sprintf("coefs_%d", len(sizes)-2), fmt.Sprintf("%d outputs", classes), "2 to 256 classes")
	case s.train.Len() > 0 && (height != s.train.Height || width != s.train.Width):
		return bad("coefs_0", fmt.Sprintf("%d x %d pixels", height, width), fmt.Sprintf("%d x %d as the data has", s.train.Height, s.train.Width))
	case s.classes > classes:
		return bad(fmt.Sprintf("coefs_%d", len(sizes)-2), fmt.Sprintf("%d outputs", classes), fmt.Sprintf("at least %d, the classes of the data", s.classes))
	}
	for _, v := range theta {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: a weight %g, expected finite numbers", s.load, v)
		}
	}
	s.train.Height, s.train.Width = height, width
	s.net = NewNetwork(sizes, act, s.workers, nil)
	copy(s.net.Theta, theta)
	return nil
}

func shapeText(a Array, found bool) string {
	if !found {
		return "missing"
	}
	return fmt.Sprintf("shape %d", a.Shape)
}

// ---- Words: summaries and digits in the terminal ----

// describeData prints summaries of the sets and single examples, as -describe and -show ask.
func (s *session) describeData() error {
	if s.describe {
		summarize("training", s.train)
		summarize("test", s.test)
	}
	for _, word := range split(s.show) {
		i, err := strconv.Atoi(word)
		if err != nil || i < 0 || i >= s.train.Len() {
			return badFlag("show", fmt.Sprintf("%q", word), fmt.Sprintf("numbers from 0 to %d", s.train.Len()-1))
		}
		fmt.Printf("training example %d: %d\n%s", i, s.train.Labels[i], terminalPicture(s.train.Image(i), s.train.Width))
	}
	return nil
}

// split cuts a list at its commas; an empty one has no elements.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
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
	for i, v := range set.Pixels {
		histogram[v]++
		if v > 0 {
			lit[i%len(lit)] = true
		}
	}
	never := 0
	for _, l := range lit {
		if !l {
			never++
		}
	}
	n := float64(len(set.Pixels))
	sum, squares := 0.0, 0.0
	for v, count := range histogram {
		sum += float64(v) * float64(count)
		squares += float64(v*v) * float64(count)
	}
	quantile := func(q float64) int { // the least value that at least the share q does not exceed
		v, below := 0, histogram[0]
		for float64(below) < q*n {
			v++
			below += histogram[v]
		}
		return v
	}
	fmt.Printf("%s: %d examples, by class %d\n", name, set.Len(), counts)
	fmt.Printf("  pixels: mean %.2f, standard deviation %.2f, minimum %d, quartiles %d %d %d, maximum %d; %d of %d never light\n",
		sum/n, math.Sqrt(squares/n-sum*sum/(n*n)), quantile(1e-12), quantile(0.25), quantile(0.5), quantile(0.75), quantile(1), never, len(lit))
}

// terminalPicture draws an image in characters, two rows of pixels in each row of them.
func terminalPicture(image []byte, width int) string {
	var b strings.Builder
	height := len(image) / width
	ink := func(x, y int) int {
		if y < height && image[y*width+x] >= 128 {
			return 1
		}
		return 0
	}
	for y := 0; y < height; y += 2 {
		var line strings.Builder
		for x := range width {
			line.WriteString([]string{" ", "▀", "▄", "█"}[ink(x, y)+2*ink(x, y+1)])
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// readPicture reads a picture file as the network sees it.
func (s *session) readPicture(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w, expected a picture file", path, errors.Unwrap(err))
	}
	defer f.Close()
	image, err := DecodePicture(f)
	if err == nil && (s.train.Height != 28 || s.train.Width != 28) {
		err = fmt.Errorf("a picture for a network of %d x %d pixels, expected one of 28 x 28", s.train.Height, s.train.Width)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return image, nil
}

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
			return badFlag("influence", fmt.Sprintf("influence-%s.png twice", name), "images whose pictures have different names")
		}
		s.explained = append(s.explained, found{name, image})
	}
	return nil
}

// readDigits prints what the network reads in picture files: the digit, what it saw, the probabilities.
func (s *session) readDigits() error {
	for _, image := range s.read {
		p, _ := s.net.Evaluate(image.pixels)
		fmt.Printf("%s: %d\n%s", image.name, Argmax(p), terminalPicture(image.pixels, 28))
		for class, v := range p {
			fmt.Println(strings.TrimRight(fmt.Sprintf("  %d %.4f %s", class, v, strings.Repeat("█", int(40*v+0.5))), " "))
		}
	}
	return nil
}

// ---- Pictures ----

// writePictures writes those that -pictures lists.
func (s *session) writePictures() error {
	draw := map[string]func() (Picture, bool){
		"weights": s.drawWeights, "loss": s.drawLoss, "confusion": s.drawConfusion, "mistakes": s.drawMistakes,
		"examples": s.drawExamples, "activations": s.drawActivations,
	}
	for _, name := range s.pictureNames {
		if name == "animation" {
			if len(s.frames) == 0 {
				fmt.Println("no animation: nothing was trained")
				continue
			}
			err := s.write("weights.gif", func(w io.Writer) error {
				return Animation(w, "First-layer weights while training", s.weightNotes(), s.frames)
			})
			if err != nil {
				return err
			}
			continue
		}
		picture, ok := draw[name]()
		if !ok {
			continue
		}
		if err := s.write(name+".png", func(w io.Writer) error { return png.Encode(w, picture) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) write(name string, write func(w io.Writer) error) error {
	path := filepath.Join(s.out, name)
	if err := writeFile(path, write); err != nil {
		return err
	}
	fmt.Println("wrote", path)
	return nil
}

// weightPanel is the mosaic of the first layer's weights.
func (s *session) weightPanel() Panel {
	pixels, units := s.net.Sizes[0], s.net.Sizes[1]
	coefs := s.net.W[0][:pixels*units]
	p := Panel{
		Height: s.train.Height, Width: s.train.Width, Columns: s.tileColumns, Map: s.colorMap,
		Min: slices.Min(coefs) / 2, Max: slices.Max(coefs) / 2, Scale: "weight",
		OwnScale: s.scale == "tile", Symmetric: s.diverging,
	}
	if s.diverging {
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

func (s *session) weightNotes() []string {
	what := fmt.Sprintf("Each tile is one of the %d units of the first hidden layer", s.net.Sizes[1])
	if len(s.net.W) == 1 {
		what = "Each tile is an output, one for each class"
	}
	what += ": the weight that it gives to each pixel of the image. A tile without structure is a unit that is hardly used."
	if s.scale == "shared" && s.diverging {
		what += " The scale ends at half of the largest absolute weight."
	} else if s.scale == "shared" {
		what += " The scale ends at half of the least and of the greatest weight."
	}
	return []string{what}
}

func (s *session) drawWeights() (Picture, bool) {
	return Sheet("First-layer weights", s.weightNotes(), 1, s.weightPanel()), true
}

// frame keeps the mosaic as it is now for the animation.
func (s *session) frame(heading string) {
	if slices.Contains(s.pictureNames, "animation") {
		p := s.weightPanel()
		p.Heading = heading
		s.frames = append(s.frames, p)
		for i := range s.frames { // one scale for all: the last one's
			s.frames[i].Min, s.frames[i].Max = p.Min, p.Max
		}
	}
}

func (s *session) drawLoss() (Picture, bool) {
	if len(s.loss) == 0 {
		return Picture{}, false
	}
	x := make([]float64, len(s.loss))
	for i := range x {
		x[i] = float64(i + 1)
	}
	chart := Chart{XLabel: "epoch", YLabel: s.Loss.Name, Format: "%.8f", Series: []Series{{Name: "training", X: x, Y: s.loss}}}
	notes := []string{"Training: the mean over the epoch, penalty included, each example before its batch's step."}
	if s.Steps > 0 {
		chart.XLabel, chart.YLabel = fmt.Sprintf("period of %d batches", s.Steps/10), "log loss"
		notes = []string{"Log loss of the probabilities at the end of each period."}
	}
	if len(s.validLoss) > 0 {
		chart.Series = append(chart.Series, Series{Name: "validation", X: x, Y: s.validLoss})
		if s.Steps == 0 {
			notes = append(notes, "Validation: after the epoch, without penalty.")
		}
	}
	return Sheet("Loss", notes, 1, chart), true
}

// judged is the set that confusion and mistakes are about: the held-out rows where there are some, else the test set.
func (s *session) judged() (name string, set Set) {
	if s.valid.Len() > 0 {
		return "validation set", s.valid
	}
	return "test set", s.test
}

func (s *session) drawConfusion() (Picture, bool) {
	name, set := s.judged()
	if set.Len() == 0 {
		fmt.Println("no confusion.png: there are no validation and no test examples")
		return Picture{}, false
	}
	classes := s.net.Sizes[len(s.net.W)]
	p, _ := s.net.Evaluate(set.Pixels)
	counts := make([]int, classes*classes)
	for i, label := range set.Labels {
		counts[int(label)*classes+Argmax(p[i*classes:][:classes])]++
	}
	m, _, _ := ColorMapByName("bone_r")
	return Sheet("Confusion matrix, "+name, []string{"Each row is a true class: which share of its examples is read as which. The diagonal is right: its share is the recall."},
		1, Confusion{Counts: counts, Classes: classes, Map: m}), true
}

func (s *session) drawMistakes() (Picture, bool) {
	name, set := s.judged()
	if set.Len() == 0 {
		fmt.Println("no mistakes.png: there are no validation and no test examples")
		return Picture{}, false
	}
	classes := s.net.Sizes[len(s.net.W)]
	p, _ := s.net.Evaluate(set.Pixels)
	var wrong []int
	answer := func(i int) (int, float64) {
		row := p[i*classes:][:classes]
		return Argmax(row), row[Argmax(row)]
	}
	for i, label := range set.Labels {
		if class, _ := answer(i); class != int(label) {
			wrong = append(wrong, i)
		}
	}
	slices.SortStableFunc(wrong, func(i, j int) int {
		_, pi := answer(i)
		_, pj := answer(j)
		return cmp.Compare(pj, pi)
	})
	note := fmt.Sprintf("True → predicted, and how sure of it the network was. %d of %d examples are read wrongly, the surest first.", len(wrong), set.Len())
	return Sheet("Mistakes, "+name, []string{note}, 1, examplesPanel(set, wrong[:min(len(wrong), 50)], func(i int) string {
		class, sure := answer(i)
		return fmt.Sprintf("%d → %d\n%.1f%%", set.Labels[i], class, 100*sure)
	})), true
}

func (s *session) drawExamples() (Picture, bool) {
	rows := make([]int, min(100, s.train.Len()))
	for i := range rows {
		rows[i] = i
	}
	return Sheet("Training examples", []string{fmt.Sprintf("The first %d of %d, with their labels.", len(rows), s.train.Len())}, 1,
		examplesPanel(s.train, rows, func(i int) string { return strconv.Itoa(int(s.train.Labels[i])) })), true
}

// examplesPanel is a contact sheet.
func examplesPanel(set Set, rows []int, caption func(i int) string) Panel {
	m, _, _ := ColorMapByName("gray_r")
	p := Panel{Height: set.Height, Width: set.Width, Columns: 10, Map: m, Max: 255}
	for _, i := range rows {
		p.Tiles = append(p.Tiles, floats(set.Image(i), 1))
		p.Captions = append(p.Captions, caption(i))
	}
	return p
}

// floats divides bytes by scale.
func floats(image []byte, scale float64) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v) / scale
	}
	return x
}

func (s *session) drawActivations() (Picture, bool) {
	var functions, gradients []Part
	for _, name := range []string{"step", "logistic", "tanh", "relu"} {
		act, _ := activationByName(name)
		var z, a, slope []float64
		for i := -300; i <= 300; i++ {
			z = append(z, float64(i)/50)
			a = append(a, act.F(z[i+300]))
			slope = append(slope, act.Slope(a[i+300]))
		}
		functions = append(functions, Chart{Title: name, XLabel: "z", YLabel: "a = h(z)", Width: 300, Height: 240, Format: "%.3g", Series: []Series{{X: z, Y: a}}})
		gradients = append(gradients, Chart{XLabel: "z", YLabel: "h'(z)", Width: 300, Height: 240, Format: "%.3g", Series: []Series{{X: z, Y: slope}}})
	}
	return Sheet("Activations and their gradients", nil, 4, append(functions, gradients...)...), true
}

// ---- Influence: what every pixel does to every node ----

// explain draws the images that -influence lists, and prints how much of the nodes' changes each method leaves out.
func (s *session) explain() error {
	for _, image := range s.explained {
		if err := s.explainImage(image.name, floats(image.pixels, 255)); err != nil {
			return err
		}
	}
	return nil
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
	case fromTestSet(what) && !isNumber:
		i := slices.Index(s.test.Labels, what[0]-'0')
		if i < 0 {
			return "", nil, badFlag("influence", what, "a digit that is in the test set")
		}
		return "digit-" + what, s.test.Image(i), nil
	case isNumber:
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= s.test.Len() {
			return "", nil, badFlag("influence", fmt.Sprintf("%q", what), fmt.Sprintf("@N with N less than the %d test examples", s.test.Len()))
		}
		return fmt.Sprint("test-", i), s.test.Image(i), nil
	}
	image, err = s.readPicture(what)
	base := filepath.Base(what)
	return "file-" + strings.TrimSuffix(base, filepath.Ext(base)), image, err
}

// explainImage draws influence-NAME.png and prints a table.
func (s *session) explainImage(name string, x []float64) error {
	gray, _, _ := ColorMapByName("gray")
	image := Panel{Heading: "the image", Tiles: [][]float64{x}, Height: s.train.Height, Width: s.train.Width, Columns: 1, Zoom: 4, Map: gray, Max: 1}
	parts := []Part{image, Panel{}}
	values := s.net.Nodes(x)
	onePixel := s.net.OnePixel(x)
	integrated, steps := s.net.IntegratedGradients(x, 0.001, 4096)
	missing, left := s.net.Unexplained(x, onePixel), s.net.Unexplained(x, integrated)
	fmt.Printf("influence of %s: share of the nodes' changes that the tiles leave out\n", name)
	for l, nodes := range values {
		layer := fmt.Sprintf("hidden layer %d, %s", l+1, s.net.Activation.Name)
		switch l {
		case len(values) - 2:
			layer = "output, before softmax"
		case len(values) - 1:
			layer = "output, after softmax"
		}
		fmt.Printf("  %-26s one pixel %7.2f%%   integrated gradients %7.3f%%\n", layer, 100*missing[l], 100*left[l])
		for method, tiles := range [][]float64{onePixel[l], integrated[l]} {
			p := Panel{Height: s.train.Height, Width: s.train.Width, Columns: 13, Zoom: 2, Map: gray, Max: largest(tiles), Scale: "change"}
			p.Min = -p.Max
			p.Heading = layer + ": " + []string{"one pixel at a time", "integrated gradients"}[method]
			for node := range nodes {
				p.Tiles = append(p.Tiles, tiles[node*len(x):][:len(x)])
				if l >= len(values)-2 {
					p.Captions = append(p.Captions, fmt.Sprintf("%d\n%.0f%%", node, 100*values[len(values)-1][node]))
				}
			}
			parts = append(parts, p)
		}
	}
	fmt.Printf("  %d steps\n", steps)
	if slices.Max(left) > 0.001 {
		fmt.Println("  note: the steps ended before every layer was within 0.1%")
	}
	notes := []string{"Each tile is a node, each of its pixels what that pixel of the image changes in the node's value, compared with an all-black image: lighter is up, darker is down, gray is no change. Under an output: its class, and its probability for the image."}
	return s.write("influence-"+name+".png", func(w io.Writer) error {
		return png.Encode(w, Sheet("Influence of every pixel on every node: "+name, notes, 2, parts...))
	})
}
