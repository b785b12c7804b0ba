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
// The same flags give the same output and files, byte for byte, for any number of workers. The exit code is 0, 1 if the
// run failed, 2 if the flags are wrong, and 130 if training was interrupted and its results were written.
package main

import (
	"cmp"
	"errors"
	"fmt"
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
	c, err := parse(os.Args[1:])
	exitOn(err)
	for _, o := range c.options() {
		if c.typed[o.name] && !o.counts {
			printf("note: -%s has no effect on this run\n", o.name)
		}
	}
	s := &session{config: c, rng: NewRandomState(c.seed)}
	s.listen()
	s.loadData()
	s.makeNetwork()
	s.describeData()
	s.findImages()
	s.checkOutputs()
	s.trainNetwork()
	s.score()
	s.writeOutputs()
	s.readDigits()
	s.explain()
	exitOn(unprinted)
	if s.interrupted {
		os.Exit(130)
	}
}

// unprinted is the first error of printf, such as a full disk. It ends the run when all files are written.
var unprinted error

func printf(format string, args ...any) {
	if _, err := fmt.Printf(format, args...); err != nil && unprinted == nil {
		unprinted = fmt.Errorf("standard output: %w, expected to print there", errors.Unwrap(err))
	}
}

type usageError struct{ error }

// badFlag says what was found in a flag and what was expected.
func badFlag(name string, found any, expected string, args ...any) error {
	return usageError{fmt.Errorf("-%s: %v, expected %s", name, found, fmt.Sprintf(expected, args...))}
}

// expect ends the program unless a flag is as expected.
func expect(ok bool, name string, found any, expected string, args ...any) {
	if !ok {
		exitOn(badFlag(name, found, expected, args...))
	}
}

// exitOn ends the program if there is an error, with one line on standard error.
func exitOn(err error) {
	if err == nil {
		return
	}
	code, words := 1, strings.FieldsFunc(err.Error(), unicode.IsControl) // a name that was typed may have newlines
	if errors.As(err, new(usageError)) {
		code = 2
	}
	fmt.Fprintln(os.Stderr, "mlpviz:", strings.Join(words, " "))
	os.Exit(code)
}

// ---- Flags ----

// config is what the flags say. Of the flags, given are those that a preset or the user typed, typed the user's alone.
type config struct {
	Settings
	data, testFile, hidden, activation, reduction, out, load, save, preset, cmap, scale string
	pictureNames, influence, predict, show                                              []string
	rows, Steps, workers                                                                int
	seed                                                                                uint32
	hiddenSizes                                                                         []int
	tiles                                                                               [2]int
	split, validation                                                                   float64
	describe, noData                                                                    bool // noData: none is needed
	given, typed                                                                        map[string]bool
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
	value      any    // where it goes: a pointer
	rule
	counts bool   // whether it has an effect on this run
	text   string // for -h; the first word in brackets is the value without the flag. Alone, the title of a group
}

func (o option) String() string { return "-" + o.name }

// A rule says what a value may be: in words; a number's bounds and, from 1 on, what it is a multiple of; or the names.
type rule struct {
	words        string
	lo, hi, unit float64
	names        []string
}

func oneOf(s ...string) rule { return rule{words: "one of " + strings.Join(s, ", "), names: s} }

// options is the table of the flags. Whether one counts depends on those that c has read.
func (c *config) options() []option {
	const below1, above0, most = 1 - 0x1p-53, math.SmallestNonzeroFloat64, math.MaxFloat64
	free, from0, from1 := rule{}, rule{words: "0 or more", hi: most}, rule{words: "1 or more", lo: 1, hi: most}
	share, positive := rule{words: "from 0 to less than 1", hi: below1}, rule{words: "more than 0", lo: above0, hi: most}
	training, sgd, tol := c.Epochs > 0, c.Epochs > 0 && c.Solver == "sgd", c.Epochs > 0 && c.Steps == 0
	deep, drawing := c.load != "" || len(c.hiddenSizes) > 0, len(c.influence)+len(c.pictureNames) > 0
	mosaic := slices.Contains(c.pictureNames, "weights") || slices.Contains(c.pictureNames, "animation")
	reversed, rates := strings.Fields(strings.Join(ColorMapNames, "_r ")+"_r"), ""
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
		{"activation", "NAME", &c.activation, oneOf(Names(Activations)...), deep || c.activation == "logistic",
			"the hidden units' function [relu]"},
		{"dropout", "F", &c.Dropout, share, training && deep, "share of the hidden outputs that training drops [0]"},
		{"load", "FILE", &c.load, free, true, "begin with the network in an NPZ file"},
		{"save", "FILE", &c.save, free, true, "write the network to an NPZ file, which numpy.load reads"},
		{text: "Training"},
		{"epochs", "N", &c.Epochs, from0, c.Steps == 0,
			"at most N passes over the training examples; 0 only scores [10; 0 with -load] (max_iter)"},
		{"steps", "N", &c.Steps, rule{words: "a multiple of 10", hi: most, unit: 10}, c.Steps > 0 || !c.typed["epochs"],
			"instead of epochs: N batches in all, reported in ten periods; -tol does not apply [0]"},
		{"batch", "N", &c.Batch, from1, training, "examples in a batch; 1 is online, as many as there are full-batch [200] (batch_size)"},
		{"loss", "NAME", &c.Loss, oneOf(Names(Losses)...), training, "what training minimises [cross-entropy]"},
		{"reduction", "NAME", &c.reduction, oneOf("mean", "sum"), training, "whether a batch's losses are averaged or summed [mean]"},
		{"alpha", "F", &c.Alpha, from0, training, "strength of the L2 penalty [0.0001]"},
		{"solver", "NAME", &c.Solver, oneOf(Names(Solvers)...), training, "how the gradient becomes a step [sgd]"},
		{"lr", "F", &c.Rate, positive, training, "learning rate [" + rates[2:] + "] (learning_rate_init)"},
		{"schedule", "NAME", &c.Schedule, oneOf(Names(Schedules)...), training && (tol || c.Schedule != "adaptive"),
			"how the learning rate changes, for sgd [constant] (learning_rate)"},
		{"momentum", "F", &c.Momentum, rule{words: "from 0 to 1", hi: 1}, sgd, "share of a step that the next one adds, for sgd [0.9]"},
		{"nesterov", "", &c.Nesterov, free, sgd && c.Momentum > 0,
			"Nesterov's momentum; -nesterov=false is the classical one [true] (nesterovs_momentum)"},
		{"clip", "F", &c.Clip, from0, training, "clip the gradient's norm over all parameters [0: off]"},
		{"tol", "F", &c.Tol, from0, tol, "an improvement of less than F does not count [0.0001]"},
		{"patience", "N", &c.Patience, from1, tol, "stop after more than N epochs in a row without one [10] (n_iter_no_change)"},
		{"early-stop", "", &c.EarlyStop, free, training, "stop on the validation score, keep the best weights (early_stopping)"},
		{text: "Pictures"},
		{"out", "DIR", &c.out, free, drawing, "where pictures go [out]"},
		{"pictures", "LIST", &c.pictureNames, rule{names: Names(pictures), words: strings.Join(Names(pictures), ", ") +
			"; or all, or none"}, true, "which to write [weights,loss,confusion,mistakes]"},
		{"tiles", "RxC", &c.tiles, rule{words: "rows x columns such as 4x4, each from 1 to 100, or all", lo: 1, hi: 100},
			mosaic, "units in the mosaic of first-layer weights; all is every unit, ten to a row [4x4]"},
		{"cmap", "NAME", &c.cmap, oneOf(slices.Concat(ColorMapNames, reversed)...), mosaic,
			"colour map of the mosaic, with _r reversed [gray]"},
		{"scale", "NAME", &c.scale, oneOf("shared", "tile"), mosaic, "its scale: half of the weights' minimum to half of " +
			"their maximum, or each tile's own; for coolwarm either is symmetric about 0 [shared]"},
		{"influence", "LIST", &c.influence, rule{words: "white, a digit 0-9 (the first test example of it), @N (test " +
			"example N, from 0), picture files"}, true, "draw what every pixel does to every node, at most 2000 in a layer"},
		{text: "Other"},
		{"predict", "LIST", &c.predict, rule{words: "picture files, PNG, JPEG or GIF"}, true, "read the digit in each"},
		{"preset", "NAME", &c.preset, oneOf(Names(presets)...), true, "flags typed before your own"},
		{"seed", "N", &c.seed, rule{words: "from 0 to 4294967295"}, training || c.load == "" ||
			c.validation > 0, "seed of the random numbers [1] (random_state)"},
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
	words := slices.DeleteFunc(strings.Split(text, ","), func(string) bool { return text == "none" })
	switch p := o.value.(type) {
	case *bool:
		*p, err = strconv.ParseBool(text)
		return err == nil
	case *int:
		*p, err = strconv.Atoi(text)
		return within(float64(*p))
	case *uint32:
		v, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 32)
		*p = uint32(v)
		return err == nil
	case *float64:
		*p, err = strconv.ParseFloat(text, 64)
		return within(*p)
	case *string:
		*p = text
		return o.names == nil || slices.Contains(o.names, text)
	case *[2]int: // rows x columns
		*p = [2]int{1 << 27, 10} // as all says
		fmt.Sscanf(text, "%dx%d", &p[0], &p[1])
		return text == "all" || within(float64(p[0])) && within(float64(p[1])) && text == fmt.Sprintf("%dx%d", p[0], p[1])
	case *[]int:
		*p = nil
		for _, word := range words {
			n, _ := strconv.Atoi(word) // 0 if it is not a number, which is out of bounds
			*p = append(*p, n)
		}
		return !slices.ContainsFunc(*p, func(n int) bool { return !within(float64(n)) })
	case *[]string:
		if *p = words; o.names == nil { // words of any kind, but not commas alone
			*p = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
			return len(*p) > 0 || text == ""
		}
		if text == "all" {
			*p = o.names
		}
		return !slices.ContainsFunc(*p, func(name string) bool { return !slices.Contains(o.names, name) })
	}
	return false
}

// parse reads the user's flags, which may name a preset, then the preset's, then the user's again, since they win.
func parse(args []string) (*config, error) {
	c := &config{given: map[string]bool{}}
	for _, o := range c.options() {
		_, text, _ := strings.Cut(o.text+"[]", "[")
		o.set(text[:strings.IndexAny(text, " :;]")])
	}
	c.workers = min(runtime.GOMAXPROCS(0), 1024)
	if err := c.read(args); err != nil {
		return nil, err
	}
	c.typed = maps.Clone(c.given)
	p, _ := Find(presets, c.preset)
	c.read(append(strings.Fields(p.flags), args...))
	return c, c.check()
}

// read sets what the arguments say; a later flag wins over an earlier one.
func (c *config) read(args []string) error {
	table, before := c.options(), "" // before is the flag just read, if it takes no value
	for ; len(args) > 0; args = args[1:] {
		word, text, isSet := strings.Cut(args[0], "=")
		name := strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-")
		o, err := Find(table, "-"+name)
		alone := o.kind == "" && !isSet
		switch {
		case name == "h" || name == "help":
			help()
		case name == word && before != "":
			return badFlag(before, strconv.Quote(word), "no value, or -%s=true, or -%[1]s=false", before)
		case name == word || name == "":
			return usageError{fmt.Errorf("%q: an argument that belongs to no flag, expected flags alone", args[0])}
		case err != nil:
			return badFlag(name, "no such flag", "one that -h lists%s", suggest("-"+name, Names(table)))
		case alone:
			text = "true"
		case !isSet && len(args) == 1:
			return badFlag(name, "nothing", "a value")
		case !isSet:
			args, text = args[1:], args[1]
		}
		if !o.set(text) {
			kind := map[string]string{"": "true or false", "N": "a whole number, ", "F": "a finite number, "}[o.kind]
			return badFlag(name, strconv.Quote(text), "%s%s%s", kind, o.words, suggest(text, o.names))
		}
		if before = ""; alone {
			before = name
		}
		if c.given[name] = true; name == "epochs" { // of -epochs and -steps the later counts
			c.Steps = 0
		}
	}
	return nil
}

// check works out what follows from several flags, and refuses those that do not go together.
func (c *config) check() error {
	// Without data: a network from a file looks only at white and picture files, and no flag asks for examples.
	c.noData = c.load != "" && len(c.predict)+len(c.influence) > 0 && !slices.ContainsFunc(c.influence, IsExample) &&
		c.data+c.testFile == "" && float64(c.rows+len(c.show))+c.split+c.validation == 0 && !c.describe &&
		!c.typed["epochs"] && !c.typed["steps"] && (len(c.pictureNames) == 0 || !c.given["pictures"])
	if c.noData {
		c.pictureNames = nil
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
	if c.EarlyStop && c.Epochs > 0 && !c.given["validation"] {
		c.validation = 0.1
	}
	c.Sum, c.hidden = c.reduction == "sum", cmp.Or(join(c.hiddenSizes, ","), "none")
	switch {
	case c.EarlyStop && c.Epochs > 0 && c.validation == 0:
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

// help prints the table of the flags, then the presets, in lines of at most 120 characters, and ends the program.
func help() {
	row := func(name, text string) {
		text = wrap(text, func(line string) bool { return len(line) < 100 })
		printf("  %-18s %s\n", name, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 21)))
	}
	printf("mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.\n\n" +
		"Usage: go run . [flags], or the built program's name. Defaults are in brackets, scikit-learn's names in\n" +
		"parentheses where they differ. N is a whole number, F a number; a LIST is separated by commas.\n")
	for _, o := range append((&config{}).options(), option{text: "Presets"}) {
		text := o.text
		if at := strings.Index(text+" [", " ["); o.words != "" { // before the default
			text = text[:at] + ": " + o.words + text[at:]
		}
		if o.name == "" {
			printf("\n%s\n", text)
		} else {
			row("-"+o.name+" "+o.kind, text)
		}
	}
	for _, p := range presets {
		row(p.name, cmp.Or(p.flags, "(what the defaults are)"))
	}
	printf("\nOf -epochs and -steps the later counts. The exit code is 0, 1 if the run failed, 2 if the flags are\n" +
		"wrong, and 130 if training was interrupted and its results were written.\n")
	exitOn(unprinted)
	os.Exit(0)
}

// ---- The run ----

// session is what the stages of a run hand on to each other.
type session struct {
	*config
	rng                         *RandomState
	net                         *Network
	train, valid, test          Set
	classes                     int       // the largest training label plus one; 10 for drawn digits
	images                      []found   // of -predict, then of -influence
	inputs                      []string  // the files that were read, but for -load's
	cost                        Loss      // what single answers are judged by
	loss, validLoss, validScore []float64 // of each epoch; the last two only where there are validation rows
	film                        Film      // for the animation
	judged                      Set       // what confusion and mistakes are about
	answers                     Answers   // to it
	idle                        []int     // the units of the first hidden layer that hardly ever fire, with relu
	judgedName, idleWords       string
	training                    atomic.Bool
	interrupted                 bool
}

// listen ends training at an interrupt, and the program at the next, or at one outside of training.
func (s *session) listen() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if <-signals; s.training.CompareAndSwap(true, false) {
			fmt.Fprintln(os.Stderr, "mlpviz: interrupted, ending after the batch in hand; press Ctrl-C again to quit")
			<-signals
		}
		fmt.Fprintln(os.Stderr, "mlpviz: interrupted, quitting when the file in hand, if any, is written")
		writing.Lock()
		os.Exit(130)
	}()
}

// loadData reads or draws the examples, and divides them anew for -split.
func (s *session) loadData() {
	if s.noData {
		return
	}
	source := cmp.Or(s.data, "digits drawn by code, not MNIST")
	if s.data == "" {
		n := 60000
		if s.rows > 0 && s.split == 0 { // more would not be used
			n = min(n, s.rows)
		}
		s.classes, s.train, s.test = 10, Set{Height: 28, Width: 28}, Set{Height: 28, Width: 28} // 10 even if few are drawn
		s.train.Pixels, s.train.Labels = GenerateDigits(n, 1, s.workers)
		s.test.Pixels, s.test.Labels = GenerateDigits(10000, 2, s.workers) // another seed
	} else {
		info, err := os.Stat(s.data)
		expect(s.testFile == "" || err != nil || !info.IsDir(), "test", s.testFile, "a CSV -data beside it")
		s.train, s.test, err = LoadData(s.data, s.testFile)
		exitOn(err)
		s.inputs = append(s.inputs, s.data, s.testFile)
	}
	s.classes = max(s.classes, s.train.Classes()) // before -rows, which may leave some out
	if s.classes < 2 {
		exitOn(fmt.Errorf("%s: no label but 0, expected at least two classes", source))
	}
	if s.split > 0 {
		all := s.train.Append(s.test)
		s.test, s.train = all.Cut(NewRandomState(0).Permutation(all.Len()), s.split)
		expect(s.train.Len() > 0, "split", s.split, "a fraction that leaves some of the %d examples for training", all.Len())
	}
	s.train = s.train.Head(cmp.Or(s.rows, s.train.Len()))
	printf("data: %s: %d training and %d test images, %d x %d pixels, %d classes\n",
		source, s.train.Len(), s.test.Len(), s.train.Height, s.train.Width, s.classes)
}

func (s *session) describeData() {
	if s.describe {
		printf("%s", s.train.Summary("training")+s.valid.Summary("validation")+s.test.Summary("test"))
	}
	for _, word := range s.show {
		i := s.train.Example("@" + word)
		expect(i >= 0, "show", strconv.Quote(word), "numbers from 0 to %d", s.train.Len()-1)
		printf("training example %d: %d\n%s", i, s.train.Labels[i], terminalPicture(s.train.Image(i), s.train.Width))
	}
}

// makeNetwork draws the weights, and prints what the network is made of; with -load it reads it. Then it sets the
// validation rows apart: the order in which the run's generator is asked.
func (s *session) makeNetwork() {
	if s.load != "" {
		s.loadNetwork()
	} else {
		const most = maxNumbers - 2 // what -load takes, which reads the images' shape too
		sizes := slices.Concat([]int{s.train.Height * s.train.Width}, s.hiddenSizes, []int{s.classes})
		n, err := Parameters(sizes)
		expect(err == nil && n <= most, "hidden", strconv.Quote(s.hidden), "at most %d parameters in all", most)
		s.net, err = NewNetwork(sizes, s.activation, s.rng)
		expect(err == nil, "hidden", strconv.Quote(s.hidden), "fewer layers, whose sums stay finite")
	}
	if s.net.Workers = s.workers; s.noData {
		return
	}
	if n := s.train.Len(); s.validation > 0 {
		s.valid, s.train = s.train.Cut(s.rng.Permutation(n), s.validation)
		expect(s.train.Len() > 0, "validation", s.validation, "fewer than the %d training examples", n)
		printf("validation: %d of the training images are held out, %d train\n", s.valid.Len(), s.train.Len())
	}
	kind := s.net.Activation.Name
	if len(s.net.W) == 1 {
		kind = "softmax regression"
	}
	printf("network: %s, %s: %s; %d parameters\n", join(s.net.Sizes, "-"), kind, Arrays(s.net.Sizes), len(s.net.Theta))
	if kind == "step" {
		printf("note: the gradient of step is zero, so only the output layer learns\n")
	}
}

// loadNetwork takes up a saved network, which must fit the data, and -hidden and -activation if the user typed them.
func (s *session) loadNetwork() {
	m, err := LoadModel(s.load)
	exitOn(err)
	name, hidden := cmp.Or(m.Activation, s.activation), cmp.Or(join(m.Sizes[1:len(m.Sizes)-1], ","), "none")
	s.net, err = Restore(m.Sizes, m.Theta, name)
	if err = cmp.Or(err, m.Check(s.train, max(2, s.classes))); err != nil {
		exitOn(fmt.Errorf("%s: %w", s.load, err))
	}
	expect(!s.typed["hidden"] || s.hidden == hidden, "hidden", s.hidden, "%s as in %s", hidden, s.load)
	expect(!s.typed["activation"] || s.activation == name, "activation", s.activation, "%s as in %s", name, s.load)
	if m.Activation == "" && hidden != "none" {
		printf("note: %s does not name its activation: %s is assumed (-activation)\n", s.load, name)
	}
	s.train.Height, s.train.Width = m.Height, m.Width
	for range m.Theta { // as a new network's weights are drawn, so that a seed always holds out the same rows
		s.rng.Float64()
	}
}

type found struct {
	name   string // of an image that a flag lists
	pixels []byte
}

// findImages reads what -predict and -influence list. An influence on 2000 nodes took a minute and 800 MB.
func (s *session) findImages() {
	for _, path := range s.predict {
		s.images = append(s.images, found{path, s.readPicture(path)})
	}
	for _, what := range s.influence {
		expect(slices.Max(s.net.Sizes[1:]) <= 2000, "influence", "a layer of more than 2000 units", "fewer to draw")
		s.images = append(s.images, s.pick(what))
	}
}

func (s *session) readPicture(path string) []byte {
	s.inputs = append(s.inputs, path)
	pixels, err := openFile(path, func(r io.Reader, _ *os.File, _ int64) ([]byte, error) { return DecodePicture(r) })
	exitOn(err)
	if height, width := s.train.Height, s.train.Width; height != 28 || width != 28 {
		exitOn(fmt.Errorf("%s: a picture for a network of %d x %d pixels, expected one of 28 x 28", path, height, width))
	}
	return pixels
}

// pick finds an image to explain, and names it.
func (s *session) pick(what string) found {
	i := s.test.Example(what)
	switch base := filepath.Base(what); {
	case what == "white":
		return found{what, []byte(strings.Repeat("\xff", s.net.Sizes[0]))}
	case !IsExample(what):
		return found{"file-" + strings.TrimSuffix(base, filepath.Ext(base)), s.readPicture(what)}
	case what[0] == '@':
		expect(i >= 0, "influence", strconv.Quote(what), "@N with N less than the %d test examples", s.test.Len())
		return found{"test-" + strconv.Itoa(i), s.test.Image(i)}
	}
	expect(i >= 0, "influence", what, "a digit that is in the test set")
	return found{"digit-" + what, s.test.Image(i)}
}

// checkOutputs finds out now, not after an hour of training, that an output cannot be written.
func (s *session) checkOutputs() {
	var files []string
	for _, name := range s.pictureNames {
		picture, _ := Find(pictures, name)
		files = append(files, filepath.Join(s.out, picture.file))
	}
	for _, image := range s.images[len(s.predict):] {
		base := filepath.Join(s.out, "influence-")
		files = append(files, base+image.name+".png", base+"integrated-"+image.name+".png")
	}
	twice := Shared(files, s.inputs)
	expect(twice == "", "out", twice, "each picture in a file of its own, which this run does not read")
	fine := Shared(append(files, s.save), s.inputs) == "" && !strings.Contains(filepath.Base(s.save), "-ubyte")
	expect(fine, "save", s.save, "a file that this run does not read or draw") // -ubyte: MNIST's four
	exitOn(CheckFolder(s.out, files))
	if s.save != "" {
		exitOn(CheckPath(s.save))
	}
}

// trainNetwork trains and prints a report an epoch. Interrupted, it ends after the batch in hand.
func (s *session) trainNetwork() {
	if s.Epochs == 0 {
		return
	}
	var terminal io.Writer = io.Discard // what is timed goes nowhere else
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		terminal = os.Stderr
	}
	const eraseLine = "\r\x1b[K"
	total, start, shown, done := s.train.Len(), time.Now(), time.Now(), 0
	s.cost, _ = Find(Losses, s.Loss)
	if s.Steps > 0 {
		s.cost, total = Losses[0], s.Batches*min(s.Batch, total) // log loss, as the crash course has it
	}
	pace := func() float64 { return float64(done) / time.Since(start).Seconds() }
	s.AfterBatch = func(seen int, loss float64) bool {
		if done = len(s.loss)*total + seen; time.Since(shown) > 100*time.Millisecond {
			shown = time.Now()
			left := time.Duration(float64(s.Epochs*total-done) / pace() * 1e9)
			fmt.Fprintf(terminal, eraseLine+"%d of %d examples, loss %.4g, %.0f examples a second, at most %v left",
				seen, total, loss, pace(), left.Round(time.Second))
		}
		return s.training.Load()
	}
	s.AfterEpoch = func(epoch int, loss float64, valid []float64) bool {
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
	s.conclude(err)
}

// report keeps and prints the loss of an epoch. A period of -steps has first what the crash course shows, the log loss
// of the hard predictions, in which a wrong answer costs -ln(1e-15), then that of the probabilities, which is kept.
func (s *session) report(epoch int, loss float64, valid []float64) {
	heading, score, validLoss := fmt.Sprintf("after epoch %d", epoch), 0.0, 0.0
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
	case len(valid) > 0:
		const form = "Iteration %d, loss = %s\nValidation score: %f\nValidation loss: %.8f\n"
		printf(form, epoch, decimals(loss, 8), score, validLoss)
	default:
		printf("Iteration %d, loss = %s\n", epoch, decimals(loss, 8))
	}
}

// conclude prints how training ended, and what to make of it.
func (s *session) conclude(err error) {
	flag, v := "lr", s.Rate                                 // what most likely kept a high loss high
	if s.Alpha > 0.1*float64(min(s.Batch, s.train.Len())) { // the penalty shrinks weights faster than data can form them
		flag, v = "alpha", s.Alpha
	}
	n, even := len(s.loss), make([]float64, s.classes)
	softmax(even)
	guessing := s.cost.Value(even, 0)
	switch {
	case err != nil:
		exitOn(fmt.Errorf("-%s: training with %g diverged (%w), expected a lower value", flag, v, err))
	case s.interrupted:
		printf("interrupted after %d whole %s\n", n, map[bool]string{false: "epochs", true: "periods"}[s.Steps > 0])
	case s.loss[n-1] >= guessing:
		printf("note: the loss ended at %s, no better than guessing (%.4f): try a lower -%s than %g, or longer training\n",
			decimals(s.loss[n-1], 4), guessing, flag, v)
	case s.Steps > 0: // they are always taken to the end
	case n < s.Epochs:
		printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case n > 1 && !s.EarlyStop && slices.Min(s.loss[:n-1])-s.loss[n-1] > s.Tol:
		printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: "+
			"more -epochs would lower it further\n", n, s.Tol)
	}
}

// score prints the shares of right answers, the most frequent errors, and the numbers behind the mosaic. It keeps the
// answers that confusion and mistakes show: to the held-out rows where there are some, else to the test set.
func (s *session) score() {
	if s.noData {
		return
	}
	p, units := s.net.Evaluate(s.train.Pixels)
	printf("Training set score: %f\n", Mean(p, s.train.Labels, Right))
	for i, set := range []Set{s.valid, s.test} {
		if name := []string{"Validation", "Test"}[i]; set.Len() > 0 {
			p, _ := s.net.Evaluate(set.Pixels)
			printf("%s set score: %f\n", name, Mean(p, set.Labels, Right))
			if s.judged.Len() == 0 {
				s.judged, s.judgedName, s.answers = set, strings.ToLower(name)+" set", Judge(set.Labels, p)
			}
		}
	}
	if most := s.answers.Errors(); s.judged.Len() > 0 {
		printf("most confused: %s\n", cmp.Or(strings.Join(most[:min(5, len(most))], ", "), "none"))
	}
	for l, w := range s.net.W {
		w = w[:s.net.Sizes[l]*s.net.Sizes[l+1]] // without the biases
		printf("coefs_%d: largest absolute weight %s", l, decimals(max(slices.Max(w), -slices.Min(w)), 4))
		if l > 0 {
			_, unused := which(len(units[l-1]), func(j int) bool { return units[l-1][j].Use < 0.05 })
			printf("; units that it hardly uses, less than a twentieth of the average: %s", unused)
		}
		if l < len(units) && s.net.Activation.Name == "relu" {
			idle, words := which(len(units[l]), func(j int) bool { return units[l][j].Fired*1000 < s.train.Len() })
			printf("; units that fire on fewer than one in a thousand training examples: %s", words)
			if l == 0 {
				s.idle, s.idleWords = idle, words
			}
		}
		printf("\n")
	}
}

func writeFile(path string, write func(w io.Writer) error) {
	exitOn(WriteFile(path, write))
	printf("wrote %s\n", path)
}

func (s *session) writeSheet(name, title, notes string, columns int, parts ...Part) {
	writeFile(filepath.Join(s.out, name+".png"), Sheet(title, notes, columns, parts...).Encode)
}

// writeOutputs writes the network, for -load or Python, and the pictures that -pictures lists.
func (s *session) writeOutputs() {
	if m := (Model{s.net.Sizes, s.net.Theta, s.net.Activation.Name, s.train.Height, s.train.Width}); s.save != "" {
		writeFile(s.save, func(w io.Writer) error { return WriteModel(w, m) })
	}
	for _, name := range s.pictureNames {
		switch p, _ := Find(pictures, name); {
		case name == "loss" && len(s.loss) == 0:
			printf("no loss.png: no whole epoch or period was trained\n")
		case name == "animation" && len(s.film.Frames) == 0:
			printf("no animation: nothing was trained\n")
		case (name == "confusion" || name == "mistakes") && s.judged.Len() == 0:
			printf("no %s.png: there are no validation and no test examples\n", name)
		default:
			p.draw(s)
		}
	}
}

type picture struct {
	name, file string
	draw       func(*session)
}

func (p picture) String() string { return p.name }

var pictures = []picture{
	{"weights", "weights.png", func(s *session) {
		mosaic, notes := s.mosaic()
		s.writeSheet("weights", "First-layer weights", notes, 1, mosaic)
	}},
	{"loss", "loss.png", func(s *session) {
		first, chart := 1, Chart{XLabel: "epoch", YLabel: s.Loss, Format: "%.8f", MarkName: "kept"}
		notes := "Training: the mean over the epoch, penalty included, each example before its batch's step."
		if s.Steps > 0 { // which the crash course counts from period 0
			first, chart.XLabel, chart.YLabel = 0, fmt.Sprintf("period (batches in each: %d)", s.Batches), "log loss"
			notes = "Log loss of the probabilities at the end of each period."
		} else if len(s.validLoss) > 0 {
			notes += "\nValidation: after the epoch, without penalty."
		}
		if s.EarlyStop {
			notes += "\nKept: the weights with the best validation score."
			chart.Marks = []float64{float64(first + Argmax(s.validScore))}
		}
		parts := []Part{chart.With(first, []string{"training", "validation"}, s.loss, s.validLoss)}
		if len(s.validScore) > 0 {
			chart.YLabel, chart.MarkName, chart.Height, chart.Format = "validation score", "", 180, "%.4f"
			parts = append(parts, chart.With(first, []string{""}, s.validScore))
		}
		s.writeSheet("loss", "Loss", notes, 1, parts...)
	}},
	{"confusion", "confusion.png", func(s *session) {
		s.writeSheet("confusion", "Confusion matrix, "+s.judgedName, s.answers.Notes(), 1, s.answers.Confusion)
	}},
	{"mistakes", "mistakes.png", func(s *session) {
		a, shown, p := s.answers, s.answers.Mistakes, s.panel("gray_r", 10)
		note := fmt.Sprintf("%d of %d examples are misread.", len(shown), s.judged.Len())
		if shown = shown[:min(len(shown), 50)]; len(shown) > 0 {
			note += fmt.Sprintf(" Shown are %d, the surest first: true → predicted, and how sure the network was.", len(shown))
		}
		for _, i := range shown {
			p.Add(floats(s.judged.Image(i)), "%d → %d\n%.1f%%", s.judged.Labels[i], a.Read[i], 100*a.Sure[i])
		}
		s.writeSheet("mistakes", "Mistakes, "+s.judgedName, note, 1, p)
	}},
	{"examples", "examples.png", func(s *session) {
		p, first := s.panel("gray_r", 10), s.train.Head(100)
		for i, label := range first.Labels {
			p.Add(floats(first.Image(i)), "%d", label)
		}
		note := fmt.Sprintf("The first %d of %d, with their labels.", first.Len(), s.train.Len())
		s.writeSheet("examples", "Training examples", note, 1, p)
	}},
	{"animation", "weights.gif", func(s *session) {
		writeFile(filepath.Join(s.out, "weights.gif"), func(w io.Writer) error {
			return Animation(w, "First-layer weights while training", s.film.Notes, s.film.Frames)
		})
	}},
	{"activations", "activations.png", func(s *session) { // the lecture's four, above their gradients
		parts := make([]Part, 8)
		for k, name := range []string{"step", "logistic", "tanh", "relu"} {
			act, _ := Find(Activations, name)
			parts[k] = FunctionChart(name, "a = h(z)", act.F)
			parts[4+k] = FunctionChart("", "h'(z)", func(z float64) float64 { return act.Slope(act.F(z)) })
		}
		s.writeSheet("activations", "Activations and their gradients", "", 4, parts...)
	}},
}

func (s *session) panel(colors string, columns int) Panel { // on a scale from 0 to 1
	m, diverging, _ := ColorMapByName(colors)
	return Panel{Height: s.train.Height, Width: s.train.Width, Columns: columns, Map: m, Max: 1, Symmetric: diverging}
}

// mosaic has a tile for each unit of the first layer, its weights, and notes on what they are.
func (s *session) mosaic() (p Panel, notes string) {
	units := s.net.Sizes[1]
	shown, coefs := min(units, s.tiles[0]*s.tiles[1]), s.net.W[0][:s.net.Sizes[0]*units]
	p = s.panel(s.cmap, s.tiles[1])
	p.Scale, p.OwnScale, notes = "weight", s.scale == "tile", "outputs 0 to %d of %d, one for each class"
	if len(s.net.W) > 1 {
		notes = "units 0 to %d of %d in the first hidden layer"
	}
	notes = fmt.Sprintf("The tiles are "+notes+", row by row: the weight that each gives to every pixel of the image. "+
		"One that looks like noise has learned little.", shown-1, units)
	if len(s.idle) > 0 {
		notes += " Idle units fire on fewer than one in a thousand training examples: " + s.idleWords + "."
	}
	for unit, tile := range Columns(coefs, units)[:shown] {
		p.Add(tile, "%d%s", unit, map[bool]string{true: " idle"}[slices.Contains(s.idle, unit)])
	}
	if s.tiles == [2]int{4, 4} && len(s.net.W) > 1 {
		p.Captions = nil // as on scikit-learn's page
	}
	return p.HalfScale(coefs), notes + p.ScaleNote()
}

// frame keeps the mosaic as it is now for the animation.
func (s *session) frame(heading string) {
	if slices.Contains(s.pictureNames, "animation") {
		mosaic, notes := s.mosaic()
		mosaic.Heading, s.film.Notes = heading, notes
		s.film.Add(mosaic)
	}
}

// readDigits prints what the network reads in picture files: the digit, what it saw, the probabilities.
func (s *session) readDigits() {
	for _, image := range s.images[:len(s.predict)] {
		p, _ := s.net.Evaluate(image.pixels)
		printf("%s: %d\n%s%s", image.name, Argmax(p), terminalPicture(image.pixels, 28), terminalBars(p))
		if SideBySide(image.pixels) {
			printf("  note: this looks like more than one digit, expected one in a picture\n")
		}
	}
}

// explain draws what every pixel of each image of -influence does to every node, one pixel at a time and by integrated
// gradients, and prints how far the tiles are from adding up to the nodes' changes since an all-black image.
func (s *session) explain() {
	layers := []string{"output, before softmax", "output, after softmax"}
	for l := len(s.net.W) - 1; l > 0; l-- {
		layers = slices.Insert(layers, 0, fmt.Sprintf("hidden layer %d, %s", l, s.net.Activation.Name))
	}
	for _, image := range s.images[len(s.predict):] {
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
			one, all := percent(oneMisses[l], 2), percent(misses[l], 3)
			printf("  %-26s one pixel %8s   integrated gradients %8s\n", name, one, all)
		}
		printf("  integrated gradients took %d steps\n", steps)
		if slices.Max(misses) > 0.001 {
			printf("  note: the steps ended before every layer was within 0.1%%\n")
		}
		write := func(name, method string, tiles [][]float64) {
			parts := Influences(s.panel("gray", 10), x, layers, black, values, tiles)
			title := fmt.Sprintf("Influence of every pixel, %s: %.50s", method, image.name)
			s.writeSheet(name+image.name, title, InfluenceNotes+answers, 1, parts...)
		}
		write("influence-", "one at a time", onePixel)
		write("influence-integrated-", "by integrated gradients", integrated)
	}
}
