// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The command line: the table of the flags, which is the only place that knows one; the presets, which are flags typed
// before the user's own; reading both; -h; and what a mistyped word may have meant.

package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

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
	c.noData = c.load != "" && len(c.predict)+len(c.influence) > 0 && !slices.ContainsFunc(c.influence, isExample) &&
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

// badFlag says what was found in a flag and what was expected.
func badFlag(name string, found any, expected string, args ...any) error {
	return usageError{fmt.Errorf("-%s: %v, expected %s", name, found, fmt.Sprintf(expected, args...))}
}

type usageError struct{ error }

// isExample reports whether word names a test example: a digit, or @ and an index.
func isExample(word string) bool {
	return len(word) == 1 && word >= "0" && word <= "9" || strings.HasPrefix(word, "@")
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
