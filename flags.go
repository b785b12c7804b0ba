// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The command line, on package flag: what the flags say; the presets; the table of the flags, the only place that knows
// them; parsing, and what follows from several flags together; the text of -h; errors, and suggestions for a mistyped
// word. Nothing is printed here.

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// config holds what the flags say, and what follows from that. given holds the names of the flags set by the user or a
// preset; typed, those set by the user.
type config struct {
	Settings
	data, testFile, load, save, history, out                    string // files and folders
	hidden, activation, reduction, preset, cmap, scale, compare string
	pictureNames, influence, predict, show                      []string
	rows, Steps, workers                                        int
	seed                                                        uint32
	hiddenSizes                                                 []int
	tiles                                                       [2]int
	split, validation                                           float64
	describe, noData                                            bool // noData: the run needs none
	given, typed                                                map[string]bool
}

// A preset is a name for flags, which are read before the user's own.
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

// An option describes one command-line flag. One with nothing but a text is the title of a group in -h.
type option struct {
	name, kind string // kind is what -h calls the value: N, F, NAME ...; "" for true or false
	value      any    // points to the field of config that the flag sets
	rule
	counts bool   // whether the flag has an effect on this run
	text   string // for -h; the first word in brackets is the default
}

func (o option) String() string { return "-" + o.name }

// A rule says which values a flag takes: in words for -h and errors; a number from lo to hi, and from 1 on a multiple of
// unit; or one of names.
type rule struct {
	words        string
	lo, hi, unit float64
	names        []string
}

func oneOf(s ...string) rule { return rule{words: "one of " + strings.Join(s, ", "), names: s} }

// options returns the table of the flags. Which of them count depends on what c holds.
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
		{"rows", "N", &c.rows, from0, true, "use only the first N training examples; draw N, 784 bytes each, where digits are " +
			"drawn by code [0: all; draw 60000]"},
		{"split", "F", &c.split, share, true, "pool all examples, shuffle, keep the fraction F for testing, as " +
			"train_test_split does with random_state=0 [0: the files' own split] (test_size)"},
		{"validation", "F", &c.validation, rule{words: "a fraction below 1 or a number of rows", hi: 1e9, unit: 1}, true,
			"hold out training examples [0; 0.1 with -early-stop] (validation_fraction)"},
		{"describe", "", &c.describe, free, true, "print a summary of each set, of the gradient by layer, and of each hidden unit"},
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
		{"history", "FILE", &c.history, free, training, "write a CSV file with a line for each epoch: rate, losses, score"},
		{"compare", "FLAG=V/V", &c.compare, rule{words: "a flag and its values, such as lr=0.01/0.1/1"}, true,
			"do the same run once for each value: one table, and one picture of all curves, compare.png"},
		{text: "Pictures"},
		{"out", "DIR", &c.out, free, drawing, "where pictures go [out]"},
		{"pictures", "LIST", &c.pictureNames, rule{names: Names(pictures), words: strings.Join(Names(pictures), ", ") +
			"; or all, or none"}, true, "which to write [weights,loss,confusion,mistakes,page]"},
		{"tiles", "RxC", &c.tiles, rule{words: "rows x columns such as 4x4, each from 1 to 100, or all", lo: 1, hi: 100},
			mosaic, "units in the mosaic of first-layer weights; all is every unit, ten to a row [4x4]"},
		{"cmap", "NAME", &c.cmap, oneOf(slices.Concat(ColorMapNames, reversed)...), mosaic,
			"colour map of the mosaic, with _r reversed [gray]"},
		{"scale", "NAME", &c.scale, oneOf("shared", "tile"), mosaic, "its scale: half of the weights' minimum to half of " +
			"their maximum, or each tile's own; for coolwarm either is symmetric about 0 [shared]"},
		{"influence", "LIST", &c.influence, rule{words: "white, a digit 0-9 (the first test example of it), @N (test " +
			"example N, from 0), picture files"}, true, "draw what every pixel does to every node, at most 2000 in a layer"},
		{text: "Other"},
		{"predict", "LIST", &c.predict, rule{words: "picture files, PNG, JPEG or GIF"}, true, "read the digit in each, " +
			"and in each named after the last flag (-predict *.png)"},
		{"preset", "NAME", &c.preset, oneOf(Names(presets)...), true, "flags read before your own"},
		{"seed", "N", &c.seed, rule{words: "from 0 to 4294967295"}, training || c.load == "" ||
			c.validation > 0, "seed of the random numbers [1] (random_state)"},
		{"workers", "N", &c.workers, rule{words: "from 1 to 1024", lo: 1, hi: 1024}, true,
			"goroutines that share the work; any number gives the same result [all cores]"},
	}
}

// set stores the value that text stands for, and reports whether it obeys the rule.
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
		flag, values, _ := strings.Cut(text, "=")
		if o.name == "compare" {
			return flag != "" && flag != o.name && strings.Contains(values, "/")
		}
		return o.names == nil && text != "" || slices.Contains(o.names, text)
	case *[2]int: // rows x columns
		*p = [2]int{1 << 27, 10} // for all
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
		if *p = words; o.names == nil { // words of any kind, at least one
			*p = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
			return len(*p) > 0
		}
		if text == "all" {
			*p = o.names
		}
		return !slices.ContainsFunc(*p, func(name string) bool { return !slices.Contains(o.names, name) })
	}
	return false
}

// parse returns what the arguments say, or flag.ErrHelp for -h. The user's flags are read twice: first to learn the
// preset, then after the preset's flags, since a later flag wins.
func parse(args []string) (*config, error) {
	c := &config{}
	for _, o := range c.options() {
		_, text, _ := strings.Cut(o.text+"[]", "[")
		o.set(text[:strings.IndexAny(text, " :;]")])
	}
	c.workers = min(runtime.GOMAXPROCS(0), 1024)
	var err error
	if c.typed, err = c.read(args); err != nil {
		return nil, err
	}
	p, _ := Find(presets, c.preset)
	c.given, _ = c.read(append(strings.Fields(p.flags), args...)) // no error: both parts have been read before
	return c, c.check()
}

// read stores what the arguments say, and returns the names of the flags among them.
func (c *config) read(args []string) (set map[string]bool, err error) {
	var last option // the last flag that was read
	table, flags := c.options(), flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, o := range table {
		define := flags.Func
		if o.kind == "" {
			define = flags.BoolFunc
		}
		if o.name == "" { // the title of a group
			continue
		}
		define(o.name, "", func(text string) error {
			if !o.set(text) {
				kind := map[string]string{"": "true or false", "N": "a whole number, ", "F": "a finite number, ",
					"PATH": "a file or a folder", "FILE": "a file", "DIR": "a folder"}[o.kind]
				err = badFlag(o.name, fmt.Sprintf("%.40q", text), "%s%s%s", kind, o.words, suggest(text, o.names))
			}
			if last = o; o.name == "epochs" { // of -epochs and -steps the later counts
				c.Steps = 0
			}
			return err
		})
	}
	if failed := flags.Parse(args); err != nil || errors.Is(failed, flag.ErrHelp) {
		return nil, cmp.Or(err, failed)
	} else if failed != nil { // package flag says "flag needs an argument: -NAME", or another problem: -NAME
		problem, name, _ := strings.Cut(failed.Error(), ": -")
		if problem == "flag needs an argument" {
			return nil, badFlag(name, "nothing", "a value")
		}
		return nil, badFlag(name, "no such flag", "one that -h lists%s", suggest("-"+name, Names(table)))
	}
	set = map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return set, c.takeRest(flags.Args(), last)
}

// takeRest adds the arguments that follow the last flag to the pictures of -predict.
func (c *config) takeRest(rest []string, last option) error {
	if len(rest) == 0 {
		return nil
	}
	word := fmt.Sprintf("%.40q", rest[0])
	isBool := slices.Contains([]string{"true", "false"}, rest[0])
	late := slices.IndexFunc(rest, func(arg string) bool { return arg == "" || arg[0] == '-' })
	switch {
	case last.value != nil && last.kind == "" && (isBool || len(c.predict) == 0):
		return badFlag(last.name, word, "no value, or -%s=true, or -%[1]s=false", last.name)
	case len(c.predict) == 0:
		return usageError{fmt.Errorf("%s: an argument that belongs to no flag, expected flags alone", word)}
	case late >= 0:
		return badFlag("predict", fmt.Sprintf("%.40q after %s", rest[late], word), "picture files alone after the last flag")
	}
	c.predict = append(c.predict, rest...)
	return nil
}

// check works out what follows from several flags, and returns an error if some do not go together.
func (c *config) check() error {
	// No data is needed if a loaded network looks only at white and picture files, and no flag asks for examples.
	c.noData = c.load != "" && len(c.predict)+len(c.influence) > 0 && !slices.ContainsFunc(c.influence, isExample) &&
		c.data+c.testFile == "" && float64(c.rows+len(c.show))+c.split+c.validation == 0 && !c.describe &&
		!c.typed["epochs"] && !c.typed["steps"] && (len(c.pictureNames) == 0 || !c.given["pictures"])
	if c.noData {
		c.pictureNames = nil
	}
	if solver, _ := Find(Solvers, c.Solver); !c.given["lr"] {
		c.Rate = solver.Rate
	}
	if c.load != "" && !c.typed["epochs"] && (!c.typed["steps"] || c.Steps == 0) { // only the user's own flags train it on
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
	case c.compare != "" && c.save+c.history != "" || c.compare != "" && len(c.predict)+len(c.influence) > 0:
		return badFlag("compare", c.compare, "no -save, -history, -predict or -influence beside it")
	}
	return nil
}

// helpText returns what -h prints: the flags by group, then the presets, in lines of at most 120 characters.
func helpText() string {
	var b strings.Builder
	row := func(name, text string) {
		text = wrap(text, func(line string) bool { return len(line) < 100 })
		fmt.Fprintf(&b, "  %-18s %s\n", name, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 21)))
	}
	b.WriteString("mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.\n\n" +
		"Usage: go run . [flags], or the built program's name. Defaults are in brackets, scikit-learn's names in\n" +
		"parentheses where they differ. N is a whole number, F a number; a LIST is separated by commas.\n")
	for _, o := range append((&config{}).options(), option{text: "Presets"}) {
		text := o.text
		if at := strings.Index(text+" [", " ["); o.words != "" { // before the default
			text = text[:at] + ": " + o.words + text[at:]
		}
		if o.name == "" {
			fmt.Fprintf(&b, "\n%s\n", text)
		} else {
			row("-"+o.name+" "+o.kind, text)
		}
	}
	for _, p := range presets {
		row(p.name, cmp.Or(p.flags, "(what the defaults are)"))
	}
	b.WriteString("\nOf -epochs and -steps the later counts. The exit code is 0, 1 if the run failed, 2 if the flags are\n" +
		"wrong, and 130 if training was interrupted and its results were written.\n")
	return b.String()
}

// badFlag returns the error that says what was found in a flag and what was expected, one line with both kept short.
func badFlag(name string, found any, expected string, args ...any) error {
	name = strings.Trim(fmt.Sprintf("%.40q", name), `"`) // what was typed may be long, and hold control characters
	return usageError{fmt.Errorf("-%s: %.100s, expected %s", name, fmt.Sprint(found), fmt.Sprintf(expected, args...))}
}

// A usageError says that the flags are wrong, not the run.
type usageError struct{ error }

// isExample reports whether word names a test example: a digit, or @ and an index.
func isExample(word string) bool {
	return len(word) == 1 && word >= "0" && word <= "9" || strings.HasPrefix(word, "@")
}

// suggest returns a question for the first name that is at most two changes from a mistyped word, or "".
func suggest(word string, names []string) string {
	word = strings.ToLower(word)
	for _, name := range names {
		if becomes(word, name, min(2, len(word)/3)) {
			return "; did you mean " + name + "?"
		}
	}
	return ""
}

// becomes reports whether word can be turned into name by adding, dropping or replacing at most that many letters.
func becomes(word, name string, changes int) bool {
	if word == "" || name == "" || changes < 0 {
		return len(word)+len(name) <= changes
	}
	return word[0] == name[0] && becomes(word[1:], name[1:], changes) || becomes(word[1:], name, changes-1) ||
		becomes(word, name[1:], changes-1) || becomes(word[1:], name[1:], changes-1)
}
