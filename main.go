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
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
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

// unprinted is the first error of standard output, which may be a file on a full disk.
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
func badFlag(name string, found any, expected string, args ...any) error {
	return usageError(fmt.Sprintf("-%s: %v, expected %s", name, found, fmt.Sprintf(expected, args...)))
}

// errInterrupted ends a run whose training was interrupted, after its results; errHelp one that was asked for help.
var errInterrupted, errHelp = errors.New("interrupted"), errors.New("help")

// ---- Flags ----

// config is what the flags say.
type config struct {
	Settings
	data, testFile, hidden, activation, reduction, out string
	load, save, preset, cmap, scale                    string
	rows, Steps, seed, workers                         int
	split, validation                                  float64
	describe                                           bool
	hiddenSizes                                        []int
	tileRows, tileColumns                              int // of the mosaic
	pictureNames, influence, predict, show             []string

	given, typed map[string]bool // the flags that the preset or the user typed; those that the user did
	noData       bool            // only picture files are read, with a network from a file
}

// A preset is flags typed before the user's own.
type preset struct{ name, flags string }

func (p preset) String() string { return p.name }

const crashCourse = " -rows 10000 -validation 2500 -steps 1000 -solver adagrad -clip 5 -reduction sum -batch 30 " +
	"-alpha 0 -tiles all -cmap pink -scale tile -pictures weights,loss,confusion,mistakes,examples"

var presets = []preset{
	{"filters", ""},
	{"filters-split", "-split 0.7 -hidden 40 -epochs 8 -lr 0.2"},
	{"linear", "-hidden none -lr 0.03" + crashCourse},
	{"dnn", "-hidden 100,100 -lr 0.05" + crashCourse},
	{"influence", "-hidden 50,100 -activation logistic -lr 0.5 -epochs 15 -pictures none " +
		"-influence white,0,1,2,3,4,5,6,7,8,9"},
}

// An option is all that the program knows of a flag, but for its use.
type option struct {
	name, kind string // kind is what -h calls its value: N, F, NAME ...; "" for true or false
	value      any    // where it goes: a pointer, or a function that keeps it and reports whether it is as expected
	rule
	counts bool   // whether it has an effect on this run
	text   string // for -h; the first word in brackets is the value without the flag. Alone, the title of a group
}

func (o option) String() string { return "-" + o.name }

// A rule is what is expected of a value: in words; for numbers their bounds and what they are multiples of, from 1 on;
// for names those to choose from.
type rule struct {
	words        string
	lo, hi, unit float64
	names        []string
}

func oneOf(names ...string) rule {
	return rule{words: "one of " + strings.Join(names, ", "), names: names}
}

// options is the table of the flags. Whether one counts depends on those that c has read.
func (c *config) options() []option {
	const below1, above0, most = 1 - 0x1p-53, math.SmallestNonzeroFloat64, math.MaxFloat64
	var free rule
	from0, from1 := rule{words: "0 or more", hi: most}, rule{words: "1 or more", lo: 1, hi: most}
	share, positive := rule{words: "from 0 to less than 1", hi: below1}, rule{words: "more than 0", lo: above0, hi: most}
	training, sgd, tol := c.Epochs > 0, c.Epochs > 0 && c.Solver == "sgd", c.Epochs > 0 && c.Steps == 0
	deep, drawing := c.load != "" || len(c.hiddenSizes) > 0, len(c.influence)+len(c.pictureNames) > 0
	mosaic := slices.Contains(c.pictureNames, "weights") || slices.Contains(c.pictureNames, "animation")
	reversed := strings.Fields(strings.Join(ColorMapNames, "_r ") + "_r")
	rates := ""
	for _, s := range Solvers {
		rates += fmt.Sprintf(", %g for %s", s.Rate, s)
	}
	return []option{
		{text: "Data"},
		{"data", "PATH", &c.data, free, true, "folder with the four MNIST-style IDX files, each plain or .gz; or CSV file, " +
			"label first, with or without a header row; without either digits are drawn by code"},
		{"test", "FILE", &c.testFile, free, true, "CSV file with the test examples, beside a CSV -data; else there are none"},
		{"rows", "N", &c.rows, from0, true, "use only the first N training examples [0: all]"},
		{"split", "F", &c.split, share, true, "pool all examples, shuffle, keep the fraction F for testing, as " +
			"train_test_split does with random_state=0 [0: the files' own split] (test_size)"},
		{"validation", "F", &c.validation, rule{words: "a fraction below 1 or a number of rows", hi: 1e9, unit: 1}, true,
			"hold out training examples [0; 0.1 with -early-stop] (validation_fraction)"},
		{"describe", "", &c.describe, free, true, "print a summary of each set"},
		{"show", "LIST", &c.show, rule{words: "numbers from 0"}, true, "print training examples in the terminal"},

		{text: "Network"},
		{"hidden", "LIST", &c.hiddenSizes, rule{words: "numbers of units from 1 to 100000 such as 100,50, or none", lo: 1,
			hi: 100_000}, true, "hidden layers; none is softmax regression [50] (hidden_layer_sizes)"},
		{"activation", "NAME", &c.activation, oneOf(Names(Activations)...), deep, "what hidden units do [relu]"},
		{"dropout", "F", &c.Dropout, share, training && deep, "share of the hidden outputs that training drops [0]"},
		{"load", "FILE", &c.load, free, true, "begin with the network in an NPZ file"},
		{"save", "FILE", &c.save, free, true, "write the network to an NPZ file, which numpy.load reads"},

		{text: "Training"},
		{"epochs", "N", &c.Epochs, from0, c.Steps == 0,
			"at most N passes over the training examples; 0 only scores [10; 0 with -load] (max_iter)"},
		{"steps", "N", &c.Steps, rule{words: "a multiple of 10", hi: most, unit: 10}, c.Steps > 0 || !c.typed["epochs"],
			"instead of epochs N batches in all, reported in ten periods; -tol does not apply [0]"},
		{"batch", "N", &c.Batch, from1, training, "examples in a batch; 1 is online, all is full-batch [200] (batch_size)"},
		{"loss", "NAME", &c.Loss, oneOf(Names(Losses)...), training, "what training lowers [cross-entropy]"},
		{"reduction", "NAME", &c.reduction, oneOf("mean", "sum"), training, "what a batch takes of its losses [mean]"},
		{"alpha", "F", &c.Alpha, from0, training, "strength of the L2 penalty [0.0001]"},
		{"solver", "NAME", &c.Solver, oneOf(Names(Solvers)...), training, "how the gradient becomes a step [sgd]"},
		{"lr", "F", &c.Rate, positive, training, "learning rate [" + rates[2:] + "] (learning_rate_init)"},
		{"schedule", "NAME", &c.Schedule, oneOf(Names(Schedules)...), training,
			"what becomes of the rate, for sgd [constant] (learning_rate)"},
		{"momentum", "F", &c.Momentum, rule{words: "from 0 to 1", hi: 1}, sgd, "share of a step that goes on, for sgd [0.9]"},
		{"nesterov", "", &c.Nesterov, free, sgd && c.Momentum > 0,
			"Nesterov's momentum; -nesterov=false is the classical one [true] (nesterovs_momentum)"},
		{"clip", "F", &c.Clip, from0, training, "clip the gradient's norm over all parameters [0: off]"},
		{"tol", "F", &c.Tol, from0, tol, "an epoch that improves by less than F counts as none [0.0001]"},
		{"patience", "N", &c.Patience, from1, tol, "stop after more than N such epochs in a row [10] (n_iter_no_change)"},
		{"early-stop", "", &c.EarlyStop, free, training,
			"stop on the validation score and keep the best weights (early_stopping)"},

		{text: "Pictures"},
		{"out", "DIR", &c.out, free, drawing, "where pictures go [out]"},
		{"pictures", "LIST", &c.pictureNames, rule{names: Names(pictures), words: strings.Join(Names(pictures), ", ") +
			"; or all, or none"}, true, "which to write [weights,loss,confusion,mistakes]"},
		{"tiles", "RxC", c.setTiles, rule{words: "rows x columns such as 4x4, each from 1 to 100, or all"}, mosaic,
			"units in the mosaic of first-layer weights; all is every unit, ten to a row [4x4]"},
		{"cmap", "NAME", &c.cmap, oneOf(slices.Concat(ColorMapNames, reversed)...), mosaic, "colour map of the mosaic, with _r reversed [gray]"},
		{"scale", "NAME", &c.scale, oneOf("shared", "tile"), mosaic, "its scale: half of the weights' minimum to half of " +
			"their maximum, or each tile's own; for coolwarm either is symmetric about 0 [shared]"},
		{"influence", "LIST", &c.influence, rule{words: "white, a digit 0-9 (the first test example of it), @N (test " +
			"example N, from 0), picture files"}, true, "draw what every pixel does to every node, for each image listed"},

		{text: "Other"},
		{"predict", "LIST", &c.predict, rule{words: "picture files, PNG, JPEG or GIF"}, true, "read the digit in each"},
		{"preset", "NAME", &c.preset, oneOf(Names(presets)...), true, "flags typed before your own"},
		{"seed", "N", &c.seed, rule{words: "from 0 to 4294967295", hi: math.MaxUint32}, training || c.load == "" ||
			c.validation > 0, "where the random numbers begin [1] (random_state)"},
		{"workers", "N", &c.workers, rule{words: "from 1 to 1024", lo: 1, hi: 1024}, true,
			"goroutines that share the work; any number gives the same result [all cores]"},
	}
}

// set keeps the value that text says, and reports whether it is as expected.
func (o option) set(text string) bool {
	var err error
	within := func(v float64) bool {
		return err == nil && o.lo <= v && v <= o.hi && (o.unit == 0 || v < 1 || math.Mod(v, o.unit) == 0)
	}
	words := strings.Split(text, ",")
	switch p := o.value.(type) {
	case *bool:
		*p, err = strconv.ParseBool(text)
		return err == nil
	case *int:
		*p, err = strconv.Atoi(text)
		return within(float64(*p))
	case *float64:
		*p, err = strconv.ParseFloat(text, 64)
		return within(*p)
	case *string:
		*p = text
		return o.names == nil || slices.Contains(o.names, text)
	case *[]int:
		*p = nil
		for i := 0; i < len(words) && text != "none"; i++ {
			n, _ := strconv.Atoi(words[i]) // 0 if it is not a number, which is out of bounds
			if *p = append(*p, n); !within(float64(n)) {
				return false
			}
		}
		return true
	case *[]string:
		switch {
		case o.names == nil: // words of any kind; commas alone are none
			*p = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
			return len(*p) > 0 || text == ""
		case text == "all":
			words = o.names
		case text == "none":
			words = nil
		}
		*p = words
		return !slices.ContainsFunc(words, func(name string) bool { return !slices.Contains(o.names, name) })
	}
	return o.value.(func(string) bool)(text)
}

func (c *config) setTiles(text string) bool {
	c.tileRows, c.tileColumns = 1<<27, 10 // as all says
	fmt.Sscanf(text, "%dx%d", &c.tileRows, &c.tileColumns)
	inRange := min(c.tileRows, c.tileColumns) >= 1 && max(c.tileRows, c.tileColumns) <= 100
	return text == "all" || inRange && text == fmt.Sprintf("%dx%d", c.tileRows, c.tileColumns)
}

// parse reads the user's flags, which may name a preset, then the preset's, then the user's again, since they win.
func parse(args []string) (*config, error) {
	c := &config{given: map[string]bool{}}
	for _, o := range c.options() {
		_, text, _ := strings.Cut(o.text, "[")
		if i := strings.IndexAny(text, " :;]"); i > 0 {
			o.set(text[:i])
		}
	}
	c.workers = min(runtime.GOMAXPROCS(0), 1024)
	if err := c.read(args); err != nil {
		return nil, err
	}
	c.typed = maps.Clone(c.given)
	p, _ := Find(presets, c.preset)
	c.read(strings.Fields(p.flags))
	c.read(args)
	return c, c.check()
}

// read sets what the arguments say; a later flag wins over an earlier one.
func (c *config) read(args []string) error {
	table, before := c.options(), "" // before is the flag just read, if it takes no value
	for ; len(args) > 0; args = args[1:] {
		word, text, isSet := strings.Cut(args[0], "=")
		name := strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-")
		o, err := Find(table, "-"+name)
		switch alone := o.kind == "" && !isSet; {
		case name == "h" || name == "help":
			return errHelp
		case name == word && before != "":
			return badFlag(before, strconv.Quote(word), "no value, or -%s=true, or -%[1]s=false", before)
		case name == word || name == "":
			return usageError(fmt.Sprintf("%q: an argument that belongs to no flag, expected flags alone", args[0]))
		case err != nil:
			return badFlag(name, "no such flag", "one that -h lists%s", suggest("-"+name, Names(table)))
		case alone:
			text = "true"
		case !isSet && len(args) == 1:
			return badFlag(name, "nothing", "a value")
		case !isSet:
			args = args[1:]
			text = args[0]
		}
		if !o.set(text) {
			kind := map[string]string{"": "true or false", "N": "a whole number, ", "F": "a finite number, "}[o.kind]
			return badFlag(name, strconv.Quote(text), "%s%s%s", kind, o.words, suggest(text, o.names))
		}
		if before = ""; o.kind == "" && !isSet {
			before = name
		}
		if c.given[name] = true; name == "epochs" { // of -epochs and -steps the later counts
			c.Steps = 0
		}
	}
	return nil
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

// check works out what follows from several flags, and refuses those that do not go together.
func (c *config) check() error {
	// Without data: a network from a file looks only at white and picture files, and no flag asks for examples.
	c.noData = c.load != "" && len(c.predict)+len(c.influence) > 0 && !slices.ContainsFunc(c.influence, fromTestSet) &&
		c.data+c.testFile == "" && float64(c.rows+len(c.show))+c.split+c.validation == 0 && !c.describe &&
		!c.typed["epochs"] && !c.typed["steps"] && (len(c.pictureNames) == 0 || !c.given["pictures"])
	if c.noData {
		c.pictureNames = nil
	}
	if c.EarlyStop && !c.given["validation"] {
		c.validation = 0.1
	}
	if solver, _ := Find(Solvers, c.Solver); !c.given["lr"] {
		c.Rate = solver.Rate
	}
	if c.load != "" && !c.typed["epochs"] && (!c.typed["steps"] || c.Steps == 0) { // it is not a preset's to train it on
		c.Epochs, c.Steps = 0, 0
	}
	if c.Steps > 0 { // ten periods stand for epochs, and every one counts as better
		c.Epochs, c.Batches, c.Tol = 10, c.Steps/10, math.Inf(-1)
	}
	c.Sum, c.hidden = c.reduction == "sum", cmp.Or(join(c.hiddenSizes, ","), "none")
	switch {
	case c.EarlyStop && c.validation == 0:
		return badFlag("validation", 0, "rows to watch, for -early-stop")
	case c.Schedule != "constant" && c.Solver != "sgd":
		return badFlag("schedule", c.Schedule, "constant, since -solver is %s", c.Solver)
	case c.testFile != "" && c.data == "":
		return badFlag("test", c.testFile, "a CSV -data beside it")
	case c.out == "":
		return badFlag("out", `""`, "a folder")
	}
	return nil
}

// help prints the table of the flags, then the presets, in lines of at most 120 characters.
func help() {
	row := func(name, text string) {
		line := fmt.Sprintf("  %-18s", name)
		for _, word := range strings.Fields(text) {
			if len(line)+1+len(word) > 120 {
				printf("%s\n", line)
				line = strings.Repeat(" ", 20)
			}
			line += " " + word
		}
		printf("%s\n", line)
	}
	printf("mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.\n\n" +
		"Usage: go run . [flags], or the built program's name. Defaults are in brackets, scikit-learn's names in\n" +
		"parentheses where they differ. N is a whole number, F a number; a LIST is separated by commas.\n")
	for _, o := range (&config{}).options() {
		text := o.text
		if o.words != "" { // before the default
			at := strings.Index(text+" [", " [")
			text = text[:at] + ": " + o.words + text[at:]
		}
		if o.name == "" {
			printf("\n%s\n", text)
		} else {
			row("-"+o.name+" "+o.kind, text)
		}
	}
	printf("\nPresets\n")
	for _, p := range presets {
		row(p.name, cmp.Or(p.flags, "(what the defaults are)"))
	}
	printf("\nOf -epochs and -steps the later counts. The exit code is 0, 1 if the run failed, 2 if the flags are\n" +
		"wrong, and 130 if training was interrupted and its results were written.\n")
}

// ---- The run ----

// session is what the stages of a run hand on to each other.
type session struct {
	*config
	rng                *RandomState
	net                *Network
	train, valid, test Set
	classes            int       // the largest training label plus one; 10 for drawn digits
	read, explained    []found   // the images of -predict and -influence
	cost               Loss      // what single answers are judged by
	loss, validLoss    []float64 // of each epoch; validLoss only where there are validation rows
	validScore         []float64 // likewise
	film               Film      // for the animation
	judged             judged    // what confusion and mistakes are about
	idle               []int     // the units of the first hidden layer that hardly ever fire, with relu
	idleNote           string    // says so
	training           atomic.Bool
	interrupted        bool
}

// run is the program: its stages, in their order.
func run(args []string) error {
	c, err := parse(args)
	if errors.Is(err, errHelp) {
		help()
		return unprinted
	}
	if err != nil {
		return err
	}
	for _, o := range c.options() {
		if c.typed[o.name] && !o.counts {
			printf("note: -%s has no effect on this run\n", o.name)
		}
	}
	s := &session{config: c, rng: NewRandomState(uint32(c.seed))}
	s.listen()
	for _, stage := range []func() error{
		s.loadData, s.makeNetwork, s.describeData, s.findImages, s.checkOutputs, s.trainNetwork,
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
		if <-signals; s.training.CompareAndSwap(true, false) {
			fmt.Fprintln(os.Stderr, "mlpviz: interrupted, ending after the batch in hand; once more quits")
			<-signals
		}
		fmt.Fprintln(os.Stderr, "mlpviz: interrupted, quitting when the file in hand, if any, is written")
		writing.Lock()
		os.Exit(130)
	}()
}

// checkOutputs finds out now, not after an hour of training, that an output cannot be written.
func (s *session) checkOutputs() error {
	var paths []string
	for _, name := range s.pictureNames {
		picture, _ := Find(pictures, name)
		paths = append(paths, filepath.Join(s.out, picture.file))
	}
	for _, image := range s.explained {
		paths = append(paths, filepath.Join(s.out, "influence-"+image.name+".png"))
	}
	if len(paths) > 0 {
		if err := os.MkdirAll(s.out, 0o777); err != nil {
			return fmt.Errorf("%s: %w, expected a folder that can be made", s.out, errors.Unwrap(err))
		}
	}
	if s.save != "" {
		paths = append(paths, s.save)
	}
	for _, path := range paths {
		if err := CheckPath(path); err != nil {
			return err
		}
	}
	return nil
}

// ---- Data ----

// loadData reads or draws the examples, and divides them anew for -split.
func (s *session) loadData() (err error) {
	source := cmp.Or(s.data, "digits drawn by code, not MNIST")
	if s.noData {
		return nil
	} else if s.data == "" {
		n := 60000
		if s.rows > 0 && s.split == 0 { // more would not be used
			n = min(n, s.rows)
		}
		pixels, labels := GenerateDigits(n, 1, s.workers)
		testPixels, testLabels := GenerateDigits(10000, 2, s.workers) // another seed
		s.train, s.test = Set{pixels, labels, 28, 28}, Set{testPixels, testLabels, 28, 28}
		s.classes = 10 // even if few are drawn
	} else if info, err := os.Stat(s.data); err == nil && info.IsDir() && s.testFile != "" {
		return badFlag("test", s.testFile, "a CSV -data beside it")
	} else if s.train, s.test, err = LoadData(s.data, s.testFile); err != nil {
		return err
	}
	s.classes = max(s.classes, s.train.Classes()) // before -rows, which may leave some out
	if s.classes < 2 {
		return fmt.Errorf("%s: no label but 0, expected at least two classes", source)
	}
	if s.split > 0 {
		all := s.train.Append(s.test)
		s.test, s.train = all.Cut(NewRandomState(0).Permutation(all.Len()), s.split)
		if s.train.Len() == 0 {
			return badFlag("split", s.split, "a fraction that leaves some of the %d examples for training", all.Len())
		}
	}
	if s.rows > 0 {
		s.train = s.train.Head(s.rows)
	}
	printf("data: %s: %d training and %d test images, %d x %d pixels, %d classes\n",
		source, s.train.Len(), s.test.Len(), s.train.Height, s.train.Width, s.classes)
	return nil
}

// describeData prints summaries of the sets and single examples, as -describe and -show ask.
func (s *session) describeData() error {
	if s.describe {
		printf("%s", s.train.Summary("training")+s.valid.Summary("validation")+s.test.Summary("test"))
	}
	for _, word := range s.show {
		i, err := strconv.Atoi(word)
		if err != nil || i < 0 || i >= s.train.Len() {
			return badFlag("show", strconv.Quote(word), "numbers from 0 to %d", s.train.Len()-1)
		}
		printf("training example %d: %d\n%s", i, s.train.Labels[i], terminalPicture(s.train.Image(i), s.train.Width))
	}
	return nil
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
	if n := s.train.Len(); s.validation > 0 {
		s.valid, s.train = s.train.Cut(s.rng.Permutation(n), s.validation)
		if s.train.Len() == 0 {
			return badFlag("validation", s.validation, "fewer than the %d training examples", n)
		}
		printf("validation: %d of the training images are held out, %d train\n", s.valid.Len(), s.train.Len())
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

func (s *session) newNetwork() (err error) {
	sizes := slices.Concat([]int{s.train.Height * s.train.Width}, s.hiddenSizes, []int{s.classes})
	const most = maxNumbers - 2 // what -load takes, which reads the images' shape too
	if n, err := Parameters(sizes); err != nil || n > most {
		return badFlag("hidden", fmt.Sprintf("%q with %d parameters", s.hidden, n), "at most %d", most)
	}
	if s.net, err = NewNetwork(sizes, s.activation, s.rng); err == nil {
		s.net.Workers = s.workers
	}
	return err
}

// loadNetwork takes up a saved network. It must fit the data, and a typed -hidden or -activation must agree with it. If
// the file does not name its activation, -activation counts.
func (s *session) loadNetwork() error {
	m, err := LoadModel(s.load)
	if err != nil {
		return err
	}
	last, name := len(m.Sizes)-2, cmp.Or(m.Activation, s.activation)
	outputs, classes := m.Sizes[last+1], max(2, s.classes)
	s.net, err = Restore(m.Sizes, m.Theta, name)
	hidden := cmp.Or(join(m.Sizes[1:last+1], ","), "none")
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", s.load, err)
	case outputs < classes || outputs > 256:
		return fmt.Errorf("%s: array coefs_%d: %d outputs, expected at least %d, the classes of the data, and at most 256",
			s.load, last, outputs, classes)
	case s.train.Len() > 0 && (m.Height != s.train.Height || m.Width != s.train.Width):
		return fmt.Errorf("%s: array coefs_0: %d x %d pixels, expected %d x %d as the data has",
			s.load, m.Height, m.Width, s.train.Height, s.train.Width)
	case s.typed["hidden"] && s.hidden != hidden:
		return badFlag("hidden", s.hidden, "%s as in %s", hidden, s.load)
	case s.typed["activation"] && s.activation != name:
		return badFlag("activation", s.activation, "%s as in %s", name, s.load)
	case m.Activation == "" && hidden != "none":
		printf("note: %s does not name its activation: %s is assumed (-activation)\n", s.load, name)
	}
	s.net.Workers, s.train.Height, s.train.Width = s.workers, m.Height, m.Width
	for range m.Theta { // as a new network's weights are drawn, so that a seed always holds out the same rows
		s.rng.Float64()
	}
	return nil
}

// join writes numbers with a separator between them.
func join(numbers []int, separator string) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", separator)
}

// saveNetwork writes the network for -load, or for Python.
func (s *session) saveNetwork() error {
	m := Model{s.net.Sizes, s.net.Theta, s.net.Activation.Name, s.train.Height, s.train.Width}
	if s.save == "" {
		return nil
	}
	return writeFile(s.save, func(w io.Writer) error { return WriteModel(w, m) })
}

// writeFile writes a file and says so.
func writeFile(path string, write func(w io.Writer) error) error {
	err := WriteFile(path, write)
	if err == nil {
		printf("wrote %s\n", path)
	}
	return err
}

// ---- The images of -predict and -influence ----

// found is an image that a flag names.
type found struct {
	name   string
	pixels []byte
}

// findImages reads what -predict and -influence list, before training, which may take an hour.
func (s *session) findImages() error {
	for _, path := range s.predict {
		pixels, err := s.readPicture(path)
		if err != nil {
			return err
		}
		s.read = append(s.read, found{path, pixels})
	}
	for _, what := range s.influence {
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
	return openFile(path, func(r io.Reader, _ *os.File, _ int64) ([]byte, error) {
		image, err := DecodePicture(r)
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
	number, isNumber := strings.CutPrefix(what, "@")
	switch {
	case what == "white":
		return found{what, bytes.Repeat([]byte{255}, s.net.Sizes[0])}, nil
	case isNumber:
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= s.test.Len() {
			return found{}, badFlag("influence", strconv.Quote(what), "@N with N less than the %d test examples", s.test.Len())
		}
		return found{fmt.Sprint("test-", i), s.test.Image(i)}, nil
	case fromTestSet(what):
		i := slices.Index(s.test.Labels, what[0]-'0')
		if i < 0 {
			return found{}, badFlag("influence", what, "a digit that is in the test set")
		}
		return found{"digit-" + what, s.test.Image(i)}, nil
	}
	pixels, err := s.readPicture(what)
	base := filepath.Base(what)
	return found{"file-" + strings.TrimSuffix(base, filepath.Ext(base)), pixels}, err
}

// ---- Training ----

// trainNetwork trains and prints a report an epoch. Interrupted, it ends after the batch in hand.
func (s *session) trainNetwork() error {
	if s.Epochs == 0 {
		return nil
	}
	var terminal io.Writer = io.Discard // what is timed goes nowhere else
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		terminal = os.Stderr
	}
	const eraseLine = "\r\x1b[K"
	total := s.train.Len()
	s.cost, _ = Find(Losses, s.Loss)
	if s.Steps > 0 {
		s.cost, total = Losses[0], s.Batches*min(s.Batch, total) // log loss, as the crash course has it
	}
	start, shown, past, now := time.Now(), time.Now(), 0, 0 // the examples of whole epochs, and of this one
	pace := func() float64 { return float64(past+now) / time.Since(start).Seconds() }
	s.AfterBatch = func(seen int, loss float64) bool {
		if now = seen; time.Since(shown) > 100*time.Millisecond {
			shown = time.Now()
			left := time.Duration(float64(s.Epochs*total-past-now) / pace() * 1e9)
			fmt.Fprintf(terminal, eraseLine+"%d of %d examples, loss %.4g, %.0f examples a second, at most %v left",
				seen, total, loss, pace(), left.Round(time.Second))
		}
		return s.training.Load()
	}
	s.AfterEpoch = func(epoch int, loss float64, valid []float64) bool {
		past, now = past+now, 0
		fmt.Fprint(terminal, eraseLine)
		s.report(epoch, loss, valid)
		return s.training.Load()
	}
	s.training.Store(true)
	s.frame("before training")
	train, valid := Examples{s.train.Pixels, s.train.Labels}, Examples{s.valid.Pixels, s.valid.Labels}
	err := s.net.Train(train, valid, s.Settings, s.rng)
	s.interrupted = !s.training.Swap(false)
	fmt.Fprintf(terminal, eraseLine+"trained for %.1f s, %.0f examples a second\n", time.Since(start).Seconds(), pace())
	return s.conclude(err)
}

// report keeps and prints the loss of an epoch; valid has the probabilities for the validation rows. After a period of
// -steps it is what the crash course shows, the log loss of the hard predictions, in which a wrong answer costs
// -ln(1e-15); below it stands the log loss of the probabilities, which is kept.
func (s *session) report(epoch int, loss float64, valid []float64) {
	heading, score, validLoss := fmt.Sprintf("after epoch %d", epoch), math.NaN(), math.NaN()
	if s.Steps > 0 {
		heading = fmt.Sprintf("after %d batches", epoch*s.Batches)
		p, _ := s.net.Evaluate(s.train.Pixels)
		loss = Mean(p, s.train.Labels, s.cost.Value)
	}
	s.frame(heading)
	s.loss = append(s.loss, loss)
	if len(valid) > 0 {
		score, validLoss = Mean(valid, s.valid.Labels, Right), Mean(valid, s.valid.Labels, s.cost.Value)
		s.validScore, s.validLoss = append(s.validScore, score), append(s.validLoss, validLoss)
	}
	switch {
	case s.Steps > 0 && len(valid) > 0:
		printf("  period %02d : %0.2f\n              log loss: training %.4f, validation %.4f; validation accuracy %.4f\n",
			epoch-1, -math.Log(1e-15)*(1-score), loss, validLoss, score)
	case s.Steps > 0:
		printf("  period %02d : training log loss %.4f\n", epoch-1, loss)
	default:
		printf("Iteration %d, loss = %s\n", epoch, decimals(loss, 8))
	}
	if s.Steps == 0 && len(valid) > 0 {
		printf("Validation score: %f\nValidation loss: %.8f\n", score, validLoss)
	}
}

// decimals writes a loss with as many of them, or with an exponent where it would fill lines.
func decimals(loss float64, n int) string {
	if loss > 1e10 {
		return fmt.Sprintf("%.*e", n, loss)
	}
	return fmt.Sprintf("%.*f", n, loss)
}

// conclude prints how training ended, and what to make of it.
func (s *session) conclude(err error) error {
	flag, v := "lr", s.Rate                                 // what most likely kept a high loss high
	if s.Alpha > 0.1*float64(min(s.Batch, s.train.Len())) { // the penalty shrinks weights faster than data can form them
		flag, v = "alpha", s.Alpha
	}
	n, unit, even := len(s.loss), "epochs", make([]float64, s.classes)
	softmax(even)
	guessing := s.cost.Value(even, 0)
	if s.Steps > 0 {
		unit = "periods"
	}
	switch {
	case err != nil:
		return fmt.Errorf("-%s: training with %g diverged (%w), expected a lower value", flag, v, err)
	case s.interrupted:
		printf("interrupted after %d whole %s\n", n, unit)
	case s.loss[n-1] >= guessing:
		printf("note: the loss ended at %s, no better than guessing (%.4f): try a lower -%s than %g, or longer training\n",
			decimals(s.loss[n-1], 4), guessing, flag, v)
	case s.Steps > 0: // they are always taken to the end
	case n < s.Epochs:
		printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case n > 1 && s.loss[n-2]-s.loss[n-1] > s.Tol:
		printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: "+
			"more -epochs would lower it further\n", n, s.Tol)
	}
	return nil
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
	p, units := s.net.Evaluate(s.train.Pixels)
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
	if c := s.judged.confusion; s.judged.Len() > 0 {
		var most []string
		for _, cell := range c.Errors() {
			most = append(most, fmt.Sprintf("%d read as %d (%d)", cell/c.Classes, cell%c.Classes, c.Counts[cell]))
		}
		printf("most confused: %s\n", cmp.Or(strings.Join(most[:min(5, len(most))], ", "), "none"))
	}
	for l, w := range s.net.W {
		w = w[:s.net.Sizes[l]*s.net.Sizes[l+1]] // without the biases
		printf("coefs_%d: largest absolute weight %.4f", l, max(slices.Max(w), -slices.Min(w)))
		if l > 0 {
			_, unused := which(units[l-1], func(u Unit) bool { return u.Use < 0.05 })
			printf("; units that it hardly uses, less than a twentieth of the average: %s", unused)
		}
		if l < len(units) && s.net.Activation.Name == "relu" {
			idle, words := which(units[l], func(u Unit) bool { return u.Fired*1000 < s.train.Len() })
			printf("; units that fire on fewer than one in a thousand training examples: %s", words)
			if l == 0 && len(idle) > 0 {
				s.idle, s.idleNote = idle, " Idle units fire on fewer than one in a thousand training examples: "+words+"."
			}
		}
		printf("\n")
	}
	return nil
}

// which lists the units that are meant, as numbers and in words.
func which(units []Unit, meant func(Unit) bool) (numbers []int, words string) {
	for j, u := range units {
		if meant(u) {
			numbers = append(numbers, j)
		}
	}
	if len(numbers) == len(units) {
		return numbers, fmt.Sprint("all ", len(units))
	}
	return numbers, cmp.Or(join(numbers, ", "), "none")
}

// ---- Pictures ----

// A picture is one that -pictures can list.
type picture struct {
	name, file string
	draw       func(*session) error
}

func (p picture) String() string { return p.name }

var pictures = []picture{
	{"weights", "weights.png", (*session).drawWeights},
	{"loss", "loss.png", (*session).drawLoss},
	{"confusion", "confusion.png", (*session).drawConfusion},
	{"mistakes", "mistakes.png", (*session).drawMistakes},
	{"examples", "examples.png", (*session).drawExamples},
	{"animation", "weights.gif", (*session).drawAnimation},
	{"activations", "activations.png", (*session).drawActivations},
}

// writePictures writes those that -pictures lists.
func (s *session) writePictures() error {
	for _, name := range s.pictureNames {
		p, _ := Find(pictures, name)
		if (name == "confusion" || name == "mistakes") && s.judged.Len() == 0 {
			printf("no %s: there are no validation and no test examples\n", p.file)
		} else if err := p.draw(s); err != nil {
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
	shown := min(units, s.tileRows*s.tileColumns)
	coefs := s.net.W[0][:s.net.Sizes[0]*units]
	p = s.panel(s.cmap, s.tileColumns)
	p.Tiles, p.Scale, p.OwnScale = Columns(coefs, units)[:shown], "weight", s.scale == "tile"
	notes = "The tiles are the outputs, one for each class"
	if len(s.net.W) > 1 {
		notes = fmt.Sprintf("The tiles are units 0 to %d of %d in the first hidden layer, row by row", shown-1, units)
	}
	notes += ": the weight that each gives to every pixel of the image. One that looks like noise has learned little." + s.idleNote
	if s.tileRows != 4 || s.tileColumns != 4 || len(s.net.W) == 1 { // scikit-learn's page has no captions
		for unit := range shown {
			p.Captions = append(p.Captions, strconv.Itoa(unit))
			if slices.Contains(s.idle, unit) {
				p.Captions[unit] += " idle"
			}
		}
	}
	ends := "of the least and of the greatest weight"
	if p.Symmetric {
		ends = "of the largest absolute weight"
	}
	if p.OwnScale {
		return p, notes
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
	first, chart := 1, Chart{XLabel: "epoch", YLabel: s.Loss, Format: "%.8f"}
	notes := "Training: the mean over the epoch, penalty included, each example before its batch's step."
	if len(s.validLoss) > 0 {
		notes += "\nValidation: after the epoch, without penalty."
	}
	if s.Steps > 0 {
		first = 0 // as the crash course counts periods
		chart.XLabel, chart.YLabel = fmt.Sprintf("period (batches in each: %d)", s.Batches), "log loss"
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
		p.Add(floats(s.judged.Image(i)), "%d → %d\n%.1f%%", s.judged.Labels[i], s.judged.class[i], 100*sure[i])
	}
	return s.writeSheet("mistakes", "Mistakes, "+strings.ToLower(s.judged.name), note, 1, p)
}

func (s *session) drawExamples() error {
	p, first := s.panel("gray_r", 10), s.train.Head(100)
	for i, label := range first.Labels {
		p.Add(floats(first.Image(i)), "%d", label)
	}
	note := fmt.Sprintf("The first %d of %d, with their labels.", first.Len(), s.train.Len())
	return s.writeSheet("examples", "Training examples", note, 1, p)
}

// drawActivations draws the lecture's four above their gradients.
func (s *session) drawActivations() error {
	var functions, gradients []Part
	for _, name := range []string{"step", "logistic", "tanh", "relu"} {
		act, _ := Find(Activations, name)
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
	var layers []string
	for l := range s.net.W[1:] {
		layers = append(layers, fmt.Sprintf("hidden layer %d, %s", l+1, s.net.Activation.Name))
	}
	layers = append(layers, "output, before softmax", "output, after softmax")
	for _, image := range s.explained {
		x := floats(image.pixels)
		black, values := s.net.Nodes(make([]float64, len(x))), s.net.Nodes(x)
		from, to := black[len(black)-1], values[len(values)-1]
		answers := fmt.Sprintf("All black is read as %d (%.1f%%), this image as %d (%.1f%%).",
			Argmax(from), 100*from[Argmax(from)], Argmax(to), 100*to[Argmax(to)])
		printf("influence of %s: %s\n", image.name, answers)
		onePixel := s.net.OnePixel(x)
		integrated, steps := s.net.IntegratedGradients(x, 0.001, 4096)
		oneMisses, misses := s.net.Unexplained(x, onePixel), s.net.Unexplained(x, integrated)
		printf("  how far the tiles' sums are from the nodes' changes, in percent of the changes:\n")
		for l, name := range layers {
			printf("  %-26s one pixel %7.2f%%   integrated gradients %7.3f%%\n", name, 100*oneMisses[l], 100*misses[l])
		}
		printf("  %d steps\n", steps)
		if slices.Max(misses) > 0.001 {
			printf("  note: the steps ended before every layer was within 0.1%%\n")
		}
		for i, tiles := range [][][]float64{onePixel, integrated} {
			title := "Influence of every pixel, " + []string{"one at a time", "by integrated gradients"}[i] + ": " + image.name
			parts := Influences(s.panel("gray", 10), x, layers, black, values, tiles)
			name := "influence-" + []string{"", "integrated-"}[i] + image.name
			if err := s.writeSheet(name, title, notes+answers, 1, parts...); err != nil {
				return err
			}
		}
	}
	return nil
}
