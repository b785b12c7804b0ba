package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// flagNames is every flag's name, without a dash.
func flagNames() (names []string) {
	for _, o := range (&config{}).options() {
		if o.name != "" {
			names = append(names, o.name)
		}
	}
	return names
}

func TestDidYouMean(t *testing.T) {
	cases := []struct{ flags, want string }{
		{"-hiden 50", "did you mean -hidden?"}, {"--Epoch=5", "did you mean -epochs?"}, {"-sovler adam", "did you mean -solver?"},
		{"-activation ReLU", "did you mean relu?"}, {"-loss crossentropy", "did you mean cross-entropy?"},
		{"-solver adm", "did you mean adam?"}, {"-schedule invscalng", "did you mean invscaling?"}, {"-cmap grey", "did you mean gray?"},
		{"-preset dmn", "did you mean dnn?"}, {"-pictures weigths", "did you mean weights?"}, {"-scale titles", "did you mean tile?"},
	}
	for _, c := range cases {
		if _, err := parse(strings.Fields(c.flags)); err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("mlpviz %s: got %v, want at its end: %s", c.flags, err, c.want)
		}
	}
}

// What is wrong is said in one short line: how package flag puts it, and what was typed, are not repeated.
func TestFlagErrors(t *testing.T) {
	const late = `after "b.png", expected picture files alone after the last flag`
	long := strings.Repeat("hidden", 1000)
	type c struct{ args, want string } // args are separated by single spaces
	cases := []c{
		{"-xyzzy 1", "-xyzzy: no such flag, expected one that -h lists"},
		{"-q", "-q: no such flag, expected one that -h lists"},
		{"-=5", "-=5: no such flag, expected one that -h lists"},
		{"---rows 5", "---rows: no such flag, expected one that -h lists"},
		{"-hiden 50", "-hiden: no such flag, expected one that -h lists; did you mean -hidden?"},
		{"-rows 5 -save", "-save: nothing, expected a value"},
		{"-", `"-": an argument that belongs to no flag, expected flags alone`},
		{"-activation sigmoid", `-activation: "sigmoid", expected one of ` + strings.Join(Names(Activations), ", ")},
		{"-early-stop true", `-early-stop: "true", expected no value, or -early-stop=true, or -early-stop=false`},
		{"-predict a.png -early-stop true", `-early-stop: "true", expected no value, or -early-stop=true, or -early-stop=false`},
		{"a.png -predict b.png", `"a.png": an argument that belongs to no flag, expected flags alone`},
		{"-predict a.png b.png -epochs 1", `-predict: "-epochs" ` + late},
		{"-predict a.png -- b.png -x.png", `-predict: "-x.png" ` + late},
		{"-predict a.png b.png ", `-predict: "" ` + late},
		{"-" + long, "-" + long[:40] + ": no such flag, expected one that -h lists"},
		{"-a\x1b\nb", `-a\x1b\nb: no such flag, expected one that -h lists`},
		{"-rows " + long, `-rows: "` + long[:40] + `", expected a whole number, 0 or more`},
		{"-tiles \x1b\n", `-tiles: "\x1b\n", expected rows x columns such as 4x4, each from 1 to 100, or all`},
		{long, `"` + long[:40] + `": an argument that belongs to no flag, expected flags alone`},
		{"-test " + long, "-test: " + long[:100] + ", expected a CSV -data beside it"},
	}
	for _, o := range (&config{}).options() { // what an unset variable of a shell leaves
		if o.kind != "" {
			cases = append(cases, c{"-" + o.name + " ", "-" + o.name + `: "", expected `}, c{"-" + o.name + "=", "-" + o.name + `: "", expected `})
		}
	}
	for _, c := range cases {
		if _, err := parse(strings.Split(c.args, " ")); err == nil || !strings.HasPrefix(err.Error(), c.want) ||
			len(err.Error()) > 300 || strings.HasSuffix(err.Error(), ", expected ") || !errors.As(err, new(usageError)) {
			t.Errorf("mlpviz %.60q: got %.300v, want %s", c.args, err, c.want)
		}
	}
	if _, err := parse([]string{"-rows", "5", "--help"}); err != flag.ErrHelp {
		t.Errorf("mlpviz --help: got error %v, want %v", err, flag.ErrHelp)
	}
}

// settings returns what a command line sets, as words, and the flags that have no effect on its run.
func settings(t *testing.T, flags string) (words []string, idle string) {
	t.Helper()
	c, err := parse(strings.Fields(flags))
	if err != nil {
		t.Fatalf("mlpviz %s: %v", flags, err)
	}
	words = strings.Split(fmt.Sprintf("hidden %s|%s|%s|%s|%s|rate %g|momentum %g|nesterov %t|alpha %g|batch %d|epochs %d|"+
		"steps %d|batches %d|sum %t|tol %g|patience %d|clip %g|seed %d|rows %d|split %g|validation %g|dropout %g|cmap %s|"+
		"scale %s|workers %d|no data %t|predict %s",
		c.hidden, c.activation, c.Loss, c.Solver, c.Schedule, c.Rate, c.Momentum, c.Nesterov, c.Alpha, c.Batch, c.Epochs,
		c.Steps, c.Batches, c.Sum, c.Tol, c.Patience, c.Clip, c.seed, c.rows, c.split, c.validation, c.Dropout, c.cmap,
		c.scale, c.workers, c.noData, strings.Join(c.predict, ";")), "|")
	for _, o := range c.options() {
		if c.typed[o.name] && !o.counts {
			idle += " " + o.name
		}
	}
	return words, strings.TrimPrefix(idle, " ")
}

// In what a command line differs from the defaults, and which of the user's flags, not of a preset's, have no effect.
func TestParse(t *testing.T) {
	defaults, _ := settings(t, "")
	if got, want := strings.Join(defaults, ", "), "hidden 50, relu, cross-entropy, sgd, constant, rate 0.1, momentum 0.9, "+
		"nesterov true, alpha 0.0001, batch 200, epochs 10, steps 0, batches 0, sum false, tol 0.0001, patience 10, clip 0, "+
		"seed 1, rows 0, split 0, validation 0, dropout 0, cmap gray, scale shared, "+
		fmt.Sprintf("workers %d, no data false, predict ", min(runtime.GOMAXPROCS(0), 1024)); got != want {
		t.Errorf("defaults: got %s, want %s", got, want)
	}
	const course = "clip 5, rows 10000, validation 2500, cmap pink, scale tile"
	for _, c := range []struct{ flags, want, idle string }{
		{"", "", ""},
		{"-preset linear",
			"hidden none, adagrad, rate 0.03, alpha 0, batch 30, steps 1000, batches 100, sum true, tol -Inf, " + course, ""},
		{"-preset dnn -load m.npz",
			"hidden 100,100, adagrad, rate 0.05, alpha 0, batch 30, epochs 0, sum true, " + course, ""},
		{"-preset influence -load m.npz -seed 2", "hidden 50,100, logistic, rate 0.5, epochs 0, seed 2", "seed"},
		{"-solver adam -momentum 0.5 -nesterov -lr 0.1", "adam, momentum 0.5", "momentum nesterov"},
		{"-solver sgd -momentum 0.5 -nesterov", "momentum 0.5", ""},
		{"-momentum 0 -nesterov=false", "momentum 0, nesterov false", "nesterov"},
		{"-steps 10 -tol 1 -patience 5 -lr 1", "rate 1, steps 10, batches 1, tol -Inf, patience 5", "tol patience"},
		{"-tol 1 -steps 10 -epochs 5", "epochs 5, tol 1", "steps"},
		{"-epochs 5 -steps 10", "steps 10, batches 1, tol -Inf", "epochs"},
		{"-epochs 5 -preset dnn",
			"hidden 100,100, adagrad, rate 0.05, alpha 0, batch 30, epochs 5, sum true, " + course, ""},
		{"-pictures loss -cmap pink -scale tile -tiles all -out x", "cmap pink, scale tile", "tiles cmap scale"},
		{"-pictures animation -cmap pink", "cmap pink", ""},
		{"-pictures none -out x", "", "out"},
		{"-pictures none -influence white -out x", "", ""},
		{"-hidden none -dropout 0.5 -activation tanh", "hidden none, tanh, dropout 0.5", "activation dropout"},
		{"-dropout 0.5 -activation tanh", "tanh, dropout 0.5", ""},
		{"-hidden none -activation logistic", "hidden none, logistic", ""},
		{"-steps 10 -schedule adaptive", "adaptive, steps 10, batches 1, tol -Inf", "schedule"},
		{"-schedule adaptive", "adaptive", ""},
		{"-load m.npz -batch 5 -loss mse -reduction sum -alpha 0 -solver adam -lr 1 -schedule constant -clip 1 -early-stop",
			"mse, adam, rate 1, alpha 0, batch 5, epochs 0, sum true, clip 1", "batch loss reduction alpha solver lr schedule clip early-stop"},
		{"-load m.npz -batch 5 -dropout 0.1 -seed 2 -epochs 1", "batch 5, epochs 1, seed 2, dropout 0.1", ""},
		{"-load m.npz -validation 0.1 -seed 2", "epochs 0, seed 2, validation 0.1", ""},
		{"-load m.npz -predict 3.png -out x -workers 1", "epochs 0, workers 1, no data true, predict 3.png", "out"},
		{"-solver adagrad -early-stop -workers 3", "adagrad, rate 0.05, validation 0.1, workers 3", ""},
		{"-preset influence", "hidden 50,100, logistic, rate 0.5, epochs 15", ""},
		{"-lr 2 -preset influence -hidden none", "hidden none, logistic, rate 2, epochs 15", ""},
		{"-preset influence -load m.npz", "hidden 50,100, logistic, rate 0.5, epochs 0", ""},
		{"-preset influence -load m.npz -influence white",
			"hidden 50,100, logistic, rate 0.5, epochs 0, no data true", ""},
		{"-preset influence -load m.npz -epochs 2", "hidden 50,100, logistic, rate 0.5, epochs 2", ""},
		{"-preset dnn -load m.npz -steps 50",
			"hidden 100,100, adagrad, rate 0.05, alpha 0, batch 30, steps 50, batches 5, sum true, tol -Inf, " + course, ""},
		{"-preset dnn -epochs 3",
			"hidden 100,100, adagrad, rate 0.05, alpha 0, batch 30, epochs 3, sum true, " + course, ""},
		{"-epochs 3 -steps 20", "steps 20, batches 2, tol -Inf", "epochs"},
		{"-load m.npz -predict 3.png", "epochs 0, no data true, predict 3.png", ""},
		{"-load m.npz -predict 3.png -rows 5", "epochs 0, rows 5, predict 3.png", ""},
		{"-load m.npz -predict 3.png -pictures loss", "epochs 0, predict 3.png", ""},
		{"-load m.npz -steps 0", "epochs 0", ""},
		{"-load m.npz -predict a.png, -influence ,white", "epochs 0, no data true, predict a.png", ""},
		{"-load m.npz -influence 7", "epochs 0", ""},
		{"-load m.npz -early-stop", "epochs 0", "early-stop"},
		{"-epochs 0 -early-stop -validation 0", "epochs 0", "early-stop"},
		{"-seed 4294967295", "seed 4294967295", ""},
		{"-seed 1 --seed=2 -validation 1e3", "seed 2, validation 1000", ""},
		{"-preset filters", "", ""},
		{"-preset filters-split", "hidden 40, rate 0.2, epochs 8, split 0.7", ""},
		{"-preset dnn",
			"hidden 100,100, adagrad, rate 0.05, alpha 0, batch 30, steps 1000, batches 100, sum true, tol -Inf, " + course, ""},
		{"-solver adam -epochs 3", "adam, rate 0.001, epochs 3", ""},
		{"-reduction sum -steps 20", "steps 20, batches 2, sum true, tol -Inf", ""},
		{"-early-stop -dropout 0.25", "validation 0.1, dropout 0.25", ""},
		{"-rows 5 -predict a.png,b.png c.png d,e.png", "rows 5, predict a.png;b.png;c.png;d,e.png", ""},
		{"-preset dnn -epochs 3 -predict a.png -describe b.png",
			"hidden 100,100, adagrad, rate 0.05, alpha 0, batch 30, epochs 3, sum true, " + course + ", predict a.png;b.png", ""},
		{"-predict a.png -- b.png", "predict a.png;b.png", ""},
	} {
		var changes []string
		words, idle := settings(t, c.flags)
		for i, word := range words {
			if word != defaults[i] {
				changes = append(changes, word)
			}
		}
		if got := strings.Join(changes, ", "); got != c.want || idle != c.idle {
			t.Errorf("mlpviz %s: got %s and no effect of %q, want %s and %q", c.flags, got, idle, c.want, c.idle)
		}
	}
}

// A flag that has no effect costs a line before all others.
func TestNoEffect(t *testing.T) {
	dir := t.TempDir()
	writeInputs(t, dir)
	out := succeed(t, dir, "-data tiny -pictures none -scale tile -solver adam -nesterov")
	if want := "note: -nesterov has no effect on this run\nnote: -scale has no effect on this run\ndata: "; !strings.HasPrefix(out, want) {
		t.Errorf("got %q, want it to begin with %q", out, want)
	}
}

// The table's own words hold: each default is as the flag's rule says, and each preset is made of flags.
func TestOptions(t *testing.T) {
	for _, o := range (&config{}).options() {
		for _, word := range find(`\[([^] :;]+)`, o.text) {
			if !o.set(word) && o.name != "workers" {
				t.Errorf("-%s: its default %s is not %s", o.name, word, o.words)
			}
		}
	}
	for _, p := range presets {
		if _, err := parse(append([]string{"-preset", p.name}, strings.Fields(p.flags)...)); err != nil {
			t.Errorf("preset %s: %v", p.name, err)
		}
	}
}

func TestHelp(t *testing.T) {
	out := succeed(t, t.TempDir(), "-h")
	for _, line := range strings.Split(out, "\n") {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("%d characters, want at most 120: %s", n, line)
		}
	}
	for _, name := range flagNames() {
		if len(find(`^  (-`+name+`) `, out)) != 1 {
			t.Errorf("-%s: want it once in the help", name)
		}
	}
	text := strings.Join(strings.Fields(out), " ")
	for _, words := range slices.Concat(Names(Activations), Names(Losses), Names(Solvers), Names(presets), ColorMapNames, []string{
		"a LIST is separated by commas", "Of -epochs and -steps the later counts", "exit code is 0,", "1 if the run failed",
		"2 if the flags are wrong", "130 if training was interrupted", "(max_iter)", "(hidden_layer_sizes)", "(random_state)",
		"(learning_rate_init)", "(learning_rate)", "(n_iter_no_change)", "(nesterovs_momentum)", "(early_stopping)",
		"(validation_fraction)", "(batch_size)", "(test_size)", "[0.1 for sgd, 0.001 for adam, 0.05 for adagrad]",
	}) {
		if !strings.Contains(text, words) {
			t.Errorf("got no %q in the help", words)
		}
	}
}
