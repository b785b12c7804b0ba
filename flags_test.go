package main

import (
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
		{"-xyzzy 1", "one that -h lists"}, {"-", "flags alone"}, {"-q", "one that -h lists"}, {"-activation sigmoid", "step"},
		{"-" + strings.Repeat("hidden", 1000), "one that -h lists"},
	}
	for _, c := range cases {
		if _, err := parse(strings.Fields(c.flags)); err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("mlpviz %.40s: got %.200v, want at its end: %s", c.flags, err, c.want)
		}
	}
}

// A flag that the user typed and that has no effect is noted; one that a preset typed is not.
func TestNoEffect(t *testing.T) {
	cases := []struct{ flags, want string }{
		{"", ""}, {"-preset linear", ""}, {"-preset dnn -load m.npz", ""}, {"-preset influence -load m.npz -seed 2", "seed"},
		{"-solver adam -momentum 0.5 -nesterov -lr 0.1", "momentum nesterov"}, {"-solver sgd -momentum 0.5 -nesterov", ""},
		{"-momentum 0 -nesterov=false", "nesterov"}, {"-steps 10 -tol 1 -patience 5 -lr 1", "tol patience"},
		{"-tol 1 -steps 10 -epochs 5", "steps"}, {"-epochs 5 -steps 10", "epochs"}, {"-epochs 5 -preset dnn", ""},
		{"-pictures loss -cmap pink -scale tile -tiles all -out x", "tiles cmap scale"}, {"-pictures animation -cmap pink", ""},
		{"-pictures none -out x", "out"}, {"-pictures none -influence white -out x", ""},
		{"-hidden none -dropout 0.5 -activation tanh", "activation dropout"}, {"-dropout 0.5 -activation tanh", ""},
		{"-hidden none -activation logistic", ""}, {"-steps 10 -schedule adaptive", "schedule"}, {"-schedule adaptive", ""},
		{"-load m.npz -batch 5 -loss mse -reduction sum -alpha 0 -solver adam -lr 1 -schedule constant -clip 1 -early-stop",
			"batch loss reduction alpha solver lr schedule clip early-stop"},
		{"-load m.npz -batch 5 -dropout 0.1 -seed 2 -epochs 1", ""}, {"-load m.npz -validation 0.1 -seed 2", ""},
		{"-load m.npz -predict 3.png -out x -workers 1", "out"},
	}
	for _, c := range cases {
		parsed, err := parse(strings.Fields(c.flags))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range parsed.options() {
			if parsed.typed[o.name] && !o.counts {
				got = append(got, o.name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("mlpviz %s: got no effect of %q, want %q", c.flags, got, c.want)
		}
	}
	dir := t.TempDir()
	writeInputs(t, dir)
	out := succeed(t, dir, "-data tiny -pictures none -scale tile -solver adam -nesterov")
	if want := "note: -nesterov has no effect on this run\nnote: -scale has no effect on this run\ndata: "; !strings.HasPrefix(out, want) {
		t.Errorf("got %q, want it to begin with %q", out, want)
	}
}

// What presets and defaults leave to be worked out.
func TestParse(t *testing.T) {
	const refusal = `-early-stop: "true", expected no value, or -early-stop=true, or -early-stop=false`
	if _, err := parse([]string{"-early-stop", "true"}); err == nil || err.Error() != refusal {
		t.Errorf("got error %v, want %s", err, refusal)
	}
	type parsed struct {
		epochs, steps, workers int
		rate, validation       float64
		hidden                 string
		noData                 bool
	}
	all := min(runtime.GOMAXPROCS(0), 1024)
	cases := []struct {
		flags string
		want  parsed
	}{
		{"", parsed{10, 0, all, 0.1, 0, "50", false}},
		{"-solver adagrad -early-stop -workers 3", parsed{10, 0, 3, 0.05, 0.1, "50", false}},
		{"-preset influence", parsed{15, 0, all, 0.5, 0, "50,100", false}},
		{"-lr 2 -preset influence -hidden none", parsed{15, 0, all, 2, 0, "none", false}},
		{"-preset influence -load m.npz", parsed{0, 0, all, 0.5, 0, "50,100", false}},
		{"-preset influence -load m.npz -influence white", parsed{0, 0, all, 0.5, 0, "50,100", true}},
		{"-preset influence -load m.npz -epochs 2", parsed{2, 0, all, 0.5, 0, "50,100", false}},
		{"-preset dnn -load m.npz", parsed{0, 0, all, 0.05, 2500, "100,100", false}},
		{"-preset dnn -load m.npz -steps 50", parsed{10, 50, all, 0.05, 2500, "100,100", false}},
		{"-preset dnn -epochs 3", parsed{3, 0, all, 0.05, 2500, "100,100", false}},
		{"-epochs 3 -steps 20", parsed{10, 20, all, 0.1, 0, "50", false}},
		{"-load m.npz -predict 3.png", parsed{0, 0, all, 0.1, 0, "50", true}},
		{"-load m.npz -predict 3.png -rows 5", parsed{0, 0, all, 0.1, 0, "50", false}},
		{"-load m.npz -predict 3.png -pictures loss", parsed{0, 0, all, 0.1, 0, "50", false}},
		{"-load m.npz -steps 0", parsed{0, 0, all, 0.1, 0, "50", false}},
		{"-load m.npz -predict a.png, -influence ,white", parsed{0, 0, all, 0.1, 0, "50", true}},
		{"-load m.npz -influence 7", parsed{0, 0, all, 0.1, 0, "50", false}},
		{"-load m.npz -early-stop", parsed{0, 0, all, 0.1, 0, "50", false}},
		{"-epochs 0 -early-stop -validation 0", parsed{0, 0, all, 0.1, 0, "50", false}},
		{"-seed 4294967295", parsed{10, 0, all, 0.1, 0, "50", false}},
		{"-seed 1 --seed=2 -validation 1e3", parsed{10, 0, all, 0.1, 1000, "50", false}},
	}
	for _, c := range cases {
		p, err := parse(strings.Fields(c.flags))
		if err != nil {
			t.Fatal(err)
		}
		got := parsed{p.Epochs, p.Steps, p.workers, p.Rate, p.validation, p.hidden, p.noData}
		if got != c.want {
			t.Errorf("mlpviz %s: got %v, want %v", c.flags, got, c.want)
		}
	}
}

// What the defaults are, and in what the presets and a few flags differ from them.
func TestPresets(t *testing.T) {
	settings := func(flags string) []string {
		c, err := parse(strings.Fields(flags))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(fmt.Sprintf("hidden %s|%s|%s|%s|%s|rate %g|momentum %g|nesterov %t|alpha %g|batch %d|epochs %d|"+
			"batches %d|sum %t|tol %g|patience %d|clip %g|seed %d|rows %d|split %g|validation %g|dropout %g|cmap %s|scale %s",
			c.hidden, c.activation, c.Loss, c.Solver, c.Schedule, c.Rate, c.Momentum, c.Nesterov, c.Alpha, c.Batch, c.Epochs,
			c.Batches, c.Sum, c.Tol, c.Patience, c.Clip, c.seed, c.rows, c.split, c.validation, c.Dropout, c.cmap, c.scale), "|")
	}
	defaults := settings("")
	if got, want := strings.Join(defaults, ", "), "hidden 50, relu, cross-entropy, sgd, constant, rate 0.1, momentum 0.9, "+
		"nesterov true, alpha 0.0001, batch 200, epochs 10, batches 0, sum false, tol 0.0001, patience 10, clip 0, seed 1, "+
		"rows 0, split 0, validation 0, dropout 0, cmap gray, scale shared"; got != want {
		t.Errorf("defaults: got %s, want %s", got, want)
	}
	const course = "alpha 0, batch 30, batches 100, sum true, tol -Inf, clip 5, rows 10000, validation 2500, " +
		"cmap pink, scale tile"
	for flags, want := range map[string]string{
		"-preset filters":           "",
		"-preset filters-split":     "hidden 40, rate 0.2, epochs 8, split 0.7",
		"-preset linear":            "hidden none, adagrad, rate 0.03, " + course,
		"-preset dnn":               "hidden 100,100, adagrad, rate 0.05, " + course,
		"-preset influence":         "hidden 50,100, logistic, rate 0.5, epochs 15",
		"-solver adam -epochs 3":    "adam, rate 0.001, epochs 3",
		"-reduction sum -steps 20":  "batches 2, sum true, tol -Inf",
		"-early-stop -dropout 0.25": "validation 0.1, dropout 0.25",
	} {
		var changes []string
		for i, word := range settings(flags) {
			if word != defaults[i] {
				changes = append(changes, word)
			}
		}
		if got := strings.Join(changes, ", "); got != want {
			t.Errorf("mlpviz %s: got %s, want %s", flags, got, want)
		}
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
