package main

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// ---- What the program claims: scikit-learn's numbers, digit for digit ----

// TestGoldenRuns trains on images that it draws itself. The losses, the validation scores, as numbers of right answers,
// and the final score are scikit-learn 1.2.1's, and the same with five kinds of OpenBLAS kernels. For n images and k
// classes:
//
//	r = numpy.random.RandomState(n)
//	X = numpy.maximum(0, 400*r.random_sample((n, 21)) - 145).astype(int)
//	y = numpy.argmax(X[:, :k] - X[:, -k:] + 200*r.random_sample((n, k)), axis=1)
//	m = MLPClassifier(hidden, activation=..., solver="sgd", random_state=..., ...).fit(X/255, y)
//	m.loss_curve_, m.validation_scores_, m.score(X/255, y)
//
// What set leaves alone has MLPClassifier's default. validation is its validation_fraction, with early_stopping.
func TestGoldenRuns(t *testing.T) {
	for seed, run := range []struct {
		name           string
		n, k           int
		hidden         []int
		activation     string
		set            func(s *Settings)
		validation     float64
		losses, scores string
		score          float64
	}{
		{"Nesterov's momentum, a short last batch", 300, 3, []int{6}, "relu",
			func(s *Settings) { s.Rate, s.Batch, s.Epochs = 0.2, 64, 8 }, 0,
			"1.28510627 1.10414430 1.02289110 0.90064500 0.79495968 0.74485527 0.73225631 0.67273657", "", 0.673333},
		{"classical momentum, three layers", 250, 4, []int{8, 6, 5}, "tanh",
			func(s *Settings) { s.Rate, s.Momentum, s.Nesterov, s.Batch, s.Epochs = 0.1, 0.8, false, 50, 8 }, 0,
			"1.41118043 1.38193446 1.35844285 1.33900178 1.30689060 1.26887520 1.21765548 1.17535552", "", 0.516},
		{"no momentum, nearly online", 200, 5, []int{9}, "logistic",
			func(s *Settings) { s.Rate, s.Momentum, s.Batch, s.Epochs = 0.5, 0, 7, 6 }, 0,
			"1.67770099 1.61461744 1.64030052 1.58305047 1.52851316 1.45993351", "", 0.49},
		{"softmax regression, invscaling", 400, 10, nil, "relu",
			func(s *Settings) { s.Schedule, s.Rate, s.Momentum, s.Batch, s.Epochs = "invscaling", 2, 0.5, 100, 8 }, 0,
			"2.33317585 2.03714647 1.99865981 1.97230027 1.95388252 1.94072788 1.92998862 1.92101073", "", 0.4175},
		{"adaptive, to its stop", 200, 3, []int{7}, "relu",
			func(s *Settings) { s.Schedule, s.Rate, s.Batch, s.Tol, s.Patience = "adaptive", 0.2, 40, 0.05, 1 }, 0,
			"1.14132835 1.07202377 1.02147425 0.94233361 0.77009606 0.58375595 0.49902862 0.42244414 0.37256965 " +
				"0.36893629 0.33224215 0.31293120 0.30436181 0.30101164 0.29526775 0.29324346 0.29221622 0.29164552 " +
				"0.29111331 0.29082839 0.29069026 0.29057420 0.29052333 0.29049004 0.29046795 0.29045800", "", 0.87},
		{"stopped by patience", 300, 4, []int{10}, "relu",
			func(s *Settings) { s.Rate, s.Batch, s.Tol, s.Patience = 0.1, 75, 0.03, 3 }, 0,
			"1.52541577 1.41950359 1.38375011 1.35695872 1.32363033 1.29770298 1.25861779 1.22119432 1.17627385 " +
				"1.11584305 1.07162150 1.00859943 0.94229362 0.87109538 0.81530506 0.74642601 0.70619714 0.66744804 " +
				"0.63111069 0.62013750 0.59150045 0.57415532 0.56698282", "", 0.783333},
		{"adam, three layers, full batch", 150, 3, []int{8, 8, 8}, "relu",
			func(s *Settings) { s.Solver, s.Rate, s.Batch, s.Epochs = "adam", 0.01, 150, 8 }, 0,
			"1.50349637 1.38659726 1.29615659 1.22761382 1.17603621 1.13791010 1.11131618 1.09411584", "", 0.386667},
		{"adam, early stopping", 400, 5, []int{12}, "tanh",
			func(s *Settings) { s.Solver, s.Rate, s.Batch, s.Tol, s.Patience = "adam", 0.03, 40, 0.01, 3 }, 0.25,
			"1.67133945 1.33679421 1.15332249 0.99802104 0.87032191 0.75900535 0.71255665 0.67617091 0.62838055 " +
				"0.59796894 0.58274421 0.56128349 0.54172568 0.54088059 0.52669802",
			"30 58 63 61 66 68 70 69 75 72 76 72 71 71 72", 0.7875},
		{"adaptive, early stopping", 300, 4, []int{9}, "logistic",
			func(s *Settings) { s.Schedule, s.Rate, s.Batch, s.Tol, s.Patience = "adaptive", 0.5, 30, 0.005, 1 }, 0.2,
			"1.42534142 1.38478492 1.32525606 1.16712633 0.95700414 0.78717811 0.69049076 0.64338179 0.59793043 " +
				"0.55323208 0.54317236 0.53676126 0.52687940 0.52717191 0.52573386 0.52612427 0.52570884 0.52562646 " +
				"0.52556725 0.52553925 0.52551880 0.52551249 0.52550713 0.52550478 0.52550309 0.52550256",
			"18 21 27 40 43 46 42 44 44 46 44 44 44 44 44 44 44 43 43 43 43 43 43 43 43 43", 0.753333},
		{"a strong penalty", 300, 3, []int{5}, "identity",
			func(s *Settings) { s.Alpha, s.Rate, s.Batch, s.Epochs = 20, 0.1, 90, 8 }, 0,
			"2.47796797 1.45921431 1.15287820 1.20474502 1.21261499 1.15161982 1.11258155 1.10810680", "", 0.466667},
		{"invscaling, a penalty", 300, 6, []int{11}, "tanh",
			func(s *Settings) {
				s.Schedule, s.Rate, s.Momentum, s.Alpha, s.Batch, s.Epochs = "invscaling", 1.5, 0.6, 0.5, 64, 8
			}, 0,
			"1.96421739 1.79980026 1.66870179 1.59664070 1.55568418 1.52594203 1.50336205 1.48573041", "", 0.53},
	} {
		all := goldenImages(run.n, run.k)
		rng := NewRandomState(uint32(seed + 1))
		net, err := NewNetwork(slices.Concat([]int{21}, run.hidden, []int{run.k}), run.activation, rng)
		if err != nil {
			t.Fatal(err)
		}
		valid, train := Set{}, all
		if run.validation > 0 {
			valid, train = all.Cut(rng.Permutation(run.n), run.validation)
		}
		s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Momentum: 0.9, Nesterov: true,
			Alpha: 1e-4, Epochs: 200, Tol: 1e-4, Patience: 10, EarlyStop: run.validation > 0}
		run.set(&s)
		losses, scores := "", ""
		s.AfterEpoch = func(_ int, _, loss float64, p []float64) bool {
			losses += fmt.Sprintf(" %.8f", loss)
			if s.EarlyStop {
				scores += fmt.Sprintf(" %.0f", Mean(p, valid.Labels, Right)*float64(valid.Len()))
			}
			return true
		}
		if err := net.Train(Examples{train.Pixels, train.Labels}, Examples{valid.Pixels, valid.Labels}, s, rng); err != nil {
			t.Errorf("%s: %v", run.name, err)
		}
		if losses != " "+run.losses || strings.TrimSpace(scores) != run.scores {
			t.Errorf("%s: got losses%s\nvalidation scores%s\nwant losses %s\nvalidation scores %s",
				run.name, losses, scores, run.losses, run.scores)
		}
		p := net.Predict(all.Pixels)
		if score := Mean(p, all.Labels, Right); math.Abs(score-run.score) > 1e-6 {
			t.Errorf("%s: got the score %f, want %f", run.name, score, run.score)
		}
	}
}

// goldenImages are n images of 21 pixels, a third of them black, and their labels below k.
func goldenImages(n, k int) Set {
	rng := NewRandomState(uint32(n))
	s := Set{make([]byte, n*21), make([]byte, n), 1, 21}
	for i := range s.Pixels {
		s.Pixels[i] = byte(max(0, 400*rng.Float64()-145))
	}
	for i := range s.Labels {
		x, signs := s.Image(i), make([]float64, k)
		for class := range signs {
			signs[class] = float64(x[class]) - float64(x[21-k+class]) + 200*rng.Float64()
		}
		s.Labels[i] = byte(Argmax(signs))
	}
	return s
}

// ---- numpy's generator ----

func TestRandomState(t *testing.T) {
	// r = numpy.random.RandomState(1); r.uniform(-2, 3, 3); r.permutation(10)
	r := NewRandomState(1)
	for i, want := range []float64{0.085110023512870114, 1.6016224672107904, -1.9994281259132756} {
		if got := -2 + float64(5*r.Float64()); got != want { // rounded, where Go would add it unrounded
			t.Errorf("number %d: got %.17g, want %.17g", i, got, want)
		}
	}
	if got, want := fmt.Sprint(r.Permutation(10)), "[3 7 6 2 9 4 1 8 0 5]"; got != want {
		t.Errorf("permutation: got %s, want %s", got, want)
	}
	// a = numpy.arange(1000); r.shuffle(a); a[:5], a[-3:]; r.random_sample()
	p := r.Permutation(1000)
	if got, want := fmt.Sprint(p[:5], p[997:]), "[267 142 838 175 481] [357 254 276]"; got != want {
		t.Errorf("shuffle: got %s, want %s", got, want)
	}
	if got, want := r.Float64(), 0.34569882117550232; got != want {
		t.Errorf("after it: got %.17g, want %.17g", got, want)
	}
	if got, want := NewRandomState(math.MaxUint32).Float64(), 0.097632028994013798; got != want {
		t.Errorf("largest seed: got %.17g, want %.17g", got, want)
	}
}

// ---- Activations and losses ----

// TestActivations compares each with its formula, and the slope with central differences.
func TestActivations(t *testing.T) {
	formulas := map[string]func(z float64) float64{
		"relu":     func(z float64) float64 { return (z + math.Abs(z)) / 2 },
		"logistic": func(z float64) float64 { return math.Exp(z) / (math.Exp(z) + 1) },
		"tanh":     func(z float64) float64 { return 1 - 2/(math.Exp(2*z)+1) },
		"identity": func(z float64) float64 { return z },
		"step":     func(z float64) float64 { return (1 + z/math.Abs(z)) / 2 },
	}
	const h = 1e-5
	for _, act := range Activations {
		for _, z := range []float64{-3, -0.7, -0.01, 0.02, 0.5, 4} {
			f, known := formulas[act.Name]
			if !known { // a new one is held to its own slope
				f = func(z float64) float64 { a, _ := act.At(z); return a }
			}
			a, slope := act.At(z)
			want := []float64{f(z), (f(z+h) - f(z-h)) / (2 * h)}
			near(t, fmt.Sprintf("%s(%g) and its slope", act, z), []float64{a, slope}, want, 1e-9)
		}
	}
	step, _ := Find(Activations, "step")
	if a, _ := step.At(0); a != 1 {
		t.Errorf("step(0): got %g, want 1", a)
	}
}

// TestSoftmax: numbers of any size become probabilities.
func TestSoftmax(t *testing.T) {
	e := math.Exp(-1)
	for _, test := range []struct{ z, want []float64 }{
		{[]float64{0, 0, 0, 0}, []float64{0.25, 0.25, 0.25, 0.25}}, {[]float64{2, 1}, []float64{1 / (1 + e), e / (1 + e)}},
		{[]float64{1000, 999, -1000}, []float64{1 / (1 + e), e / (1 + e), 0}}, {[]float64{-1e4, -1e4}, []float64{0.5, 0.5}},
		{[]float64{-1e308, 1e308, 0}, []float64{0, 1, 0}}, {[]float64{-750, -751}, []float64{1 / (1 + e), e / (1 + e)}},
	} {
		p := slices.Clone(test.z)
		softmax(p)
		near(t, fmt.Sprintf("softmax of %g", test.z), p, test.want, 1e-15)
	}
}

// TestLossValues compares each loss with its sum over the classes, written out.
func TestLossValues(t *testing.T) {
	p := []float64{0.1, 0.6, 0.3}
	entropy, mse := Losses[0].Value, Losses[1].Value
	for label := range p {
		minusLog, squares := 0.0, 0.0
		for k, v := range p {
			y := 0.0
			if k == label {
				y = 1
			}
			minusLog -= y * math.Log(v)
			squares += (v - y) * (v - y)
		}
		got := []float64{entropy(p, byte(label)), mse(p, byte(label))}
		near(t, fmt.Sprintf("cross-entropy and mse of label %d", label), got, []float64{minusLog, squares}, 1e-15)
	}
	sure := []float64{0, 1, 0}
	got := []float64{entropy(sure, 0), entropy(sure, 1), mse(sure, 0), mse(sure, 1)}
	near(t, "of a sure answer, wrong and right", got, []float64{52 * math.Ln2, 0x1p-52, 2, 0}, 1e-30)
}

// ---- The gradient, against central differences ----

// smallExamples are n images of pixels, two thirds of them black, and labels below classes.
func smallExamples(n, pixels, classes int) Examples {
	rng := NewRandomState(7)
	data := Examples{make([]byte, n*pixels), make([]byte, n)}
	for i := range data.X {
		if v := rng.Uint32(); v%3 == 0 {
			data.X[i] = byte(v >> 8)
		}
	}
	for i := range data.Y {
		data.Y[i] = byte(i % classes)
	}
	return data
}

func newNet(t testing.TB, activation string, workers int, sizes ...int) *Network {
	t.Helper()
	net, err := NewNetwork(sizes, activation, NewRandomState(3))
	if err != nil {
		t.Fatal(err)
	}
	net.Workers = workers
	return net
}

// still makes a trainer whose steps leave the weights where they are, and the gradient in grad.
func still(t testing.TB, net *Network, data Examples, s Settings) *trainer {
	t.Helper()
	s.Solver, s.Schedule, s.Rate, s.Clip = "sgd", "constant", 0, math.Inf(1)
	tr, err := newTrainer(net, data, Examples{}, s, NewRandomState(5))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// gradientError is the largest relative difference between backpropagation and central differences, over every
// parameter. Gradients below 1e-3 count as that, since rounding alone puts the differences off by 1e-11.
func gradientError(tr *trainer, rows []int) (worst float64, where string) {
	const h = 1e-5
	size := 1.0 // a summed loss is that many times the mean
	if tr.Sum {
		size = float64(len(rows))
	}
	tr.step(rows)
	got := append([]float64(nil), tr.grad...)
	rest := got
	for l, w := range tr.net.W {
		part := rest[:len(w)]
		rest = rest[len(w):]
		for i, v := range w {
			w[i] = v + h
			up := tr.step(rows)
			w[i] = v - h
			down := tr.step(rows)
			w[i] = v
			want := size * (up - down) / (2 * h)
			if e := math.Abs(part[i]-want) / max(math.Abs(part[i]), math.Abs(want), 1e-3); e > worst {
				worst, where = e, fmt.Sprintf("layer %d, weight %d: got %.12g, want %.12g", l, i, part[i], want)
			}
		}
	}
	return worst, where
}

func TestGradient(t *testing.T) {
	data, rows := smallExamples(12, 9, 3), []int{3, 1, 4, 11, 5, 9, 2, 6}
	for _, hidden := range [][]int{{}, {5}, {5, 4, 6}} {
		for _, act := range Activations {
			for _, loss := range Losses {
				for _, alpha := range []float64{0, 0.5} {
					for _, sum := range []bool{false, true} {
						for _, dropout := range []float64{0, 0.4} {
							net := newNet(t, act.Name, 2, append(append([]int{9}, hidden...), 3)...)
							tr := still(t, net, data, Settings{Loss: loss.Name, Alpha: alpha, Sum: sum, Dropout: dropout, Batch: len(rows)})
							tr.drop()
							tr.Dropout = 0 // so that keep stays
							if worst, where := gradientError(tr, rows); worst > 1e-6 {
								t.Errorf("hidden %v, %s, %s, alpha %g, sum %v, dropout %g: error %.2g at %s",
									hidden, act.Name, loss.Name, alpha, sum, dropout, worst, where)
							}
							tr.team.dismiss()
						}
					}
				}
			}
		}
	}
}

// TestBackpropagate holds the plain form to central differences, and the fast form to the plain one: their gradients of
// a batch, for every activation, loss and depth.
func TestBackpropagate(t *testing.T) {
	data, rows := smallExamples(12, 9, 3), []int{3, 1, 4, 11, 5}
	for _, hidden := range [][]int{{}, {5}, {5, 4, 6}} {
		for _, act := range Activations {
			for _, loss := range Losses {
				what := fmt.Sprintf("hidden %v, %s, %s", hidden, act, loss)
				net := newNet(t, act.Name, 2, slices.Concat([]int{9}, hidden, []int{3})...)
				tr := still(t, net, data, Settings{Loss: loss.Name, Sum: true, Batch: len(rows)})
				mean := tr.step(rows)
				sum, total := make([]float64, len(net.Theta)), 0.0
				for _, i := range rows {
					x, label := floats(data.X[9*i:][:9]), data.Y[i]
					cost, grad := net.Backpropagate(x, label, loss)
					total += cost
					for k, g := range slices.Concat(grad...) {
						sum[k] += g
						const h = 1e-5
						v := net.Theta[k]
						net.Theta[k] = v + h
						up, _ := net.Backpropagate(x, label, loss)
						net.Theta[k] = v - h
						down, _ := net.Backpropagate(x, label, loss)
						net.Theta[k] = v
						if want := (up - down) / (2 * h); math.Abs(g-want) > 1e-6*max(math.Abs(want), 1e-3) {
							t.Errorf("%s, example %d, weight %d: got %.12g, want %.12g", what, i, k, g, want)
						}
					}
				}
				near(t, what+", the gradient of a batch", tr.grad, sum, 1e-12)
				near(t, what+", its loss", []float64{mean * float64(len(rows))}, []float64{total}, 1e-12)
				tr.team.dismiss()
			}
		}
	}
}

// TestGradientAtZero: a unit whose output is 0 still learns, if the activation has a slope there.
func TestGradientAtZero(t *testing.T) {
	for _, act := range []string{"tanh", "identity", "logistic"} {
		net := newNet(t, act, 1, 9, 5, 4, 3)
		clear(net.W[0])
		tr := still(t, net, smallExamples(12, 9, 3), Settings{Loss: "mse", Batch: 4})
		if worst, where := gradientError(tr, []int{0, 1, 2, 3}); worst > 1e-6 {
			t.Errorf("%s: error %.2g at %s", act, worst, where)
		}
		tr.team.dismiss()
	}
}

// TestGradientCheckFails makes sure that the check can: a slope that is wrong by a tenth must not pass.
func TestGradientCheckFails(t *testing.T) {
	wrong, _ := Find(Activations, "logistic")
	right := wrong.F
	wrong.F = func(z, a, slope []float64) {
		right(z, a, slope)
		for j := range slope {
			slope[j] *= 1.1
		}
	}
	net := newNet(t, wrong.Name, 1, 9, 5, 3)
	net.Activation = wrong
	tr := still(t, net, smallExamples(12, 9, 3), Settings{Loss: "cross-entropy", Batch: 4})
	if worst, _ := gradientError(tr, []int{0, 1, 2, 3}); worst < 1e-2 {
		t.Errorf("a slope wrong by 10%%: got error %g, want at least 0.01", worst)
	}
}

// TestChunks: a batch that is worked on in several chunks has the gradient of its parts.
func TestChunks(t *testing.T) {
	const n = 2*chunk + 30
	data := smallExamples(n, 9, 3)
	net := newNet(t, "relu", 2, 9, 5, 3)
	gradient := func(lo, hi int) (grad []float64, loss float64) {
		tr := still(t, net, data, Settings{Loss: "cross-entropy", Sum: true, Batch: n})
		defer tr.team.dismiss()
		loss = tr.step(tr.order[lo:hi]) * float64(hi-lo)
		return tr.grad, loss
	}
	whole, loss := gradient(0, n)
	first, loss1 := gradient(0, 200)
	second, loss2 := gradient(200, 400)
	third, loss3 := gradient(400, n)
	if d := math.Abs(loss - loss1 - loss2 - loss3); d > 1e-9 {
		t.Errorf("loss of the parts is off by %g, want 0", d)
	}
	for i, g := range whole {
		if d := math.Abs(g - first[i] - second[i] - third[i]); d > 1e-9 {
			t.Errorf("weight %d: the parts' gradients are off by %g, want 0", i, d)
		}
	}
}

// ---- Solvers ----

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Errorf("%s, number %d: got %.17g, want %.17g", what, i, got[i], want[i])
		}
	}
}

// TestSolvers takes three steps. The golden numbers are from numpy, written from the formulas; for Nesterov:
//
//	for g in gs: v = .9*v - .1*g; t = t + .9*v - .1*g
func TestSolvers(t *testing.T) {
	gradients := [][]float64{{0.1, -0.2, 0.3, 0}, {-0.4, 0, 0.5, 0}, {0.2, 0.2, -0.1, 0}} // the last is padding
	for _, test := range []struct {
		name string
		step func(theta, grad, m, v []float64, t int)
		want []float64
	}{
		{"plain", func(theta, grad, m, v []float64, t int) { sgdStep(theta, grad, v, 0.1, 0, false) }, []float64{0.51, -1, 1.93}},
		{"classical", func(theta, grad, m, v []float64, t int) { sgdStep(theta, grad, v, 0.1, 0.9, false) }, []float64{0.5289, -0.9658, 1.8337}},
		{"nesterov", func(theta, grad, m, v []float64, t int) { sgdStep(theta, grad, v, 0.1, 0.9, true) }, []float64{0.53601, -0.96922, 1.78033}},
		{"adam", func(theta, grad, m, v []float64, t int) { Solvers[1].Step(&Settings{Rate: 0.01}, t, theta, grad, m, v) },
			[]float64{0.49669679815069312, -0.98415812005380121, 1.9737649975930869}},
		{"adagrad, clipped", func(theta, grad, m, v []float64, t int) {
			clipNorm(grad, 0.4)
			Solvers[2].Step(&Settings{Rate: 0.05}, t, theta, grad, v, m)
		}, []float64{0.49331537055190594, -0.99684410184830918, 1.9456302170459447}},
	} {
		theta, m, v := []float64{0.5, -1, 2, 0}, make([]float64, 4), make([]float64, 4)
		for i, g := range gradients {
			test.step(theta, append([]float64(nil), g...), m, v, i+1)
		}
		near(t, test.name, theta, append(test.want, 0), 1e-12)
	}
}

// TestClip: a gradient that is longer than the limit becomes as long; any other stays.
func TestClip(t *testing.T) {
	for limit, want := range map[float64][]float64{2.5: {1.5, -2, 0}, 5: {3, -4, 0}, 5.1: {3, -4, 0}} {
		grad := []float64{3, -4, 0}
		clipNorm(grad, limit)
		near(t, fmt.Sprint("clipped at ", limit), grad, want, 1e-15)
	}
}

// TestDropout: a share of the hidden outputs is dropped, anew for each chunk; the others grow, so that the mean stays.
func TestDropout(t *testing.T) {
	const share = 0.3
	net := newNet(t, "relu", 1, 9, 50, 40, 3)
	tr := still(t, net, smallExamples(chunk, 9, 3), Settings{Loss: "cross-entropy", Dropout: share, Batch: chunk})
	defer tr.team.dismiss()
	keeps := func(l int) (all []float64) { // of every example in the chunk
		for _, traces := range tr.traces {
			all = append(all, traces[l].keep...)
		}
		return all
	}
	if got := []int{len(keeps(0)), len(keeps(1)), len(keeps(2))}; !slices.Equal(got, []int{50 * chunk, 40 * chunk, 0}) {
		t.Fatalf("got %d numbers in keep, want one for each hidden output", got)
	}
	var before []float64
	for range 2 {
		tr.step(tr.order)
		for l := range 2 {
			keep, dropped := keeps(l), 0
			for _, v := range keep {
				if v == 0 {
					dropped++
				} else if math.Abs(v-1/(1-share)) > 1e-15 {
					t.Fatalf("layer %d: got an output times %g, want 0 or %g", l, v, 1/(1-share))
				}
			}
			if n := float64(len(keep)); math.Abs(float64(dropped)/n-share) > 4*math.Sqrt(share*(1-share)/n) {
				t.Errorf("layer %d: got %d of %g outputs dropped, want about %g of them", l, dropped, n, share)
			}
		}
		if slices.Equal(keeps(0), before) {
			t.Error("got the same keep twice, want another for each batch")
		}
		before = keeps(0)
	}
	tr.example(tr.layers[0], tr.traces[0], 0, 1)
	first := tr.layers[0][0]
	for j, v := range net.Nodes(floats(tr.data.X[:9]))[0] {
		near(t, fmt.Sprint("output ", j), first.a[j:j+1], []float64{v * first.keep[j]}, 1e-12)
	}
}

// sineNetwork has weights that are easy to write down anywhere: size·sin(1), size·sin(2), ...
func sineNetwork(size float64, activation string, sizes ...int) *Network {
	n, _ := Parameters(sizes)
	theta := make([]float64, n)
	for i := range theta {
		theta[i] = size * math.Sin(1+float64(i))
	}
	net, _ := Restore(sizes, theta, activation)
	net.Workers = 2
	return net
}

// TestAdagradRun takes twenty clipped steps of summed losses on 8 images of 6 pixels. The golden numbers are from numpy:
//
//	H = np.maximum(X@W0+b0, 0); z = H@W1+b1; p = softmax(z); losses.append(-np.log(p[range(8), y]).mean())
//	d = p - onehot(y); d0 = (d@W1.T)*(H > 0); g = [X.T@d0, d0.sum(0), H.T@d, d.sum(0)]
//	n = np.sqrt(sum((q*q).sum() for q in g)); g = [q*min(1, 1.5/n) for q in g]
//	for P, A, G in zip(params, acc, g): A += G*G; P -= .05*G/np.sqrt(A)     # A starts at 0.1
func TestAdagradRun(t *testing.T) {
	var data Examples
	for i := range 8 {
		for j := range 6 {
			data.X = append(data.X, 0)
			if (i+j)%3 != 0 {
				data.X[i*6+j] = byte((7*i*j + 3*i + 5*j) % 11 * 20)
			}
		}
		data.Y = append(data.Y, byte(i%3))
	}
	net := sineNetwork(0.3, "relu", 6, 5, 3)
	var losses []float64
	s := Settings{Loss: "cross-entropy", Sum: true, Solver: "adagrad", Schedule: "constant", Rate: 0.05, Clip: 1.5, Batch: 8, Epochs: 20, Tol: math.Inf(-1)}
	s.AfterEpoch = func(_ int, _, loss float64, _ []float64) bool { losses = append(losses, loss); return true }
	if err := net.Train(data, Examples{}, s, NewRandomState(1)); err != nil {
		t.Fatal(err)
	}
	near(t, "losses", []float64{losses[0], losses[10], losses[19]}, []float64{1.0902321562520263, 0.97223772403108411, 0.84411408874762084}, 1e-9)
	near(t, "weights", []float64{net.Row(0, 1)[2], net.Row(0, 5)[4], net.Row(0, 6)[3], net.Row(1, 0)[0], net.Row(1, 4)[2], net.Row(1, 5)[1]}, []float64{0.021382421717721117,
		-0.29640948722785854, 0.30302688414324724, -0.33031510823136734, -0.07871245611117865, 0.56704665491394235}, 1e-9)
}

// TestPadding: rows are long enough for the kernels, wide ones an odd number of cache lines, and nothing that training
// does puts a number into the padding.
func TestPadding(t *testing.T) {
	for n := 1; n < 2000; n++ {
		if p := padded(n); p < n || p >= n+16 || p%4 != 0 || n > 64 && p%16 != 8 {
			t.Errorf("%d weights: got rows of %d", n, p)
		}
	}
	data := smallExamples(60, 9, 3)
	for _, solver := range Solvers {
		net := newNet(t, "tanh", 2, 9, 70, 5, 3)
		theta := net.Weights()
		s := Settings{Loss: "mse", Alpha: 0.1, Clip: 0.5, Solver: solver.Name, Schedule: "constant", Rate: 0.1, Momentum: 0.9, Nesterov: true, Batch: 20, Epochs: 2, Tol: math.Inf(-1)}
		if err := net.Train(data, data, s, NewRandomState(1)); err != nil || slices.Equal(net.Weights(), theta) {
			t.Fatalf("%s: got %v, or a network that learned nothing", solver, err)
		}
		for l, w := range net.W {
			for i := range net.Sizes[l] + 1 {
				if rest := w[i*padded(net.Sizes[l+1]):][:padded(net.Sizes[l+1])][net.Sizes[l+1]:]; slices.ContainsFunc(rest, func(v float64) bool { return v != 0 }) {
					t.Fatalf("%s, layer %d, row %d: got padding %g, want zeros", solver, l, i, rest)
				}
			}
		}
		if again, err := Restore(net.Sizes, net.Weights(), "tanh"); err != nil || !slices.Equal(again.Theta, net.Theta) {
			t.Errorf("%s: the network differs from the one restored from its weights (%v)", solver, err)
		}
	}
}

// ---- Training ----

// TestWorkers: any number of workers gives the same bits.
func TestWorkers(t *testing.T) {
	data := smallExamples(500, 49, 4)
	var want []float64
	for _, workers := range []int{1, 2, 3, 8} {
		rng := NewRandomState(1)
		net, _ := NewNetwork([]int{49, 20, 15, 4}, "relu", rng)
		net.Workers = workers
		s := Settings{Loss: "cross-entropy", Alpha: 1e-4, Dropout: 0.2, Solver: "adam", Schedule: "constant", Rate: 0.01, Batch: 300, Epochs: 3, Tol: 1e-4, Patience: 10}
		if err := net.Train(data, Examples{}, s, rng); err != nil {
			t.Fatal(err)
		}
		p := net.Predict(data.X)
		got := append(p, net.Theta...)
		if want == nil {
			want = got
		}
		near(t, fmt.Sprintf("%d workers", workers), got, want, 0)
	}
}

// TestDiverged: training that runs away ends with an error, whatever the loss: also when the last step makes weights
// whose squares are infinite.
func TestDiverged(t *testing.T) {
	for _, test := range []struct {
		activation    string
		rate, alpha   float64
		batch, epochs int
	}{{"relu", 1e200, 0, 4, 5}, {"identity", 1e200, 0, 4, 5}, {"identity", 1e160, 0, 12, 1}, {"relu", 0, 1e308, 12, 1}} {
		net := newNet(t, test.activation, 1, 9, 5, 5, 3)
		s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Rate: test.rate, Alpha: test.alpha, Batch: test.batch,
			Epochs: test.epochs, Patience: 10}
		if err := net.Train(smallExamples(12, 9, 3), Examples{}, s, NewRandomState(1)); err != ErrDiverged {
			t.Errorf("%+v: got error %v, want %v", test, err, ErrDiverged)
		}
	}
}

// TestHugeBatch: a batch that is larger than the data, up to the largest number, is all of it.
func TestHugeBatch(t *testing.T) {
	var want []float64
	for _, batch := range []int{12, 13, math.MaxInt} {
		net := newNet(t, "relu", 1, 9, 5, 3)
		s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Rate: 0.1, Batch: batch, Epochs: 3, Patience: 10}
		if err := net.Train(smallExamples(12, 9, 3), Examples{}, s, NewRandomState(1)); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = slices.Clone(net.Theta)
		}
		near(t, fmt.Sprintf("batches of %d", batch), net.Theta, want, 0)
	}
}

// TestCallbacksStop: training ends after the batch, or the epoch, for which a callback returns false.
func TestCallbacksStop(t *testing.T) {
	for _, test := range []struct{ stopBatch, stopEpoch, batches, epochs int }{{5, 99, 5, 1}, {99, 2, 6, 2}, {99, 99, 12, 4}} {
		rng := NewRandomState(1)
		net, _ := NewNetwork([]int{9, 5, 3}, "relu", rng)
		net.Workers = 1
		batches, epochs := 0, 0
		s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Rate: 0.1, Batch: 4, Epochs: 4, Tol: math.Inf(-1)}
		s.AfterBatch = func(int, float64) bool { batches++; return batches < test.stopBatch }
		s.AfterEpoch = func(epoch int, _, _ float64, _ []float64) bool { epochs = epoch; return epoch < test.stopEpoch }
		if err := net.Train(smallExamples(12, 9, 3), Examples{}, s, rng); err != nil {
			t.Fatal(err)
		}
		if batches != test.batches || epochs != test.epochs {
			t.Errorf("%+v: got %d batches and %d epochs", test, batches, epochs)
		}
	}
}

// TestArgmax: the first of several largest numbers; 0 where one is none.
func TestArgmax(t *testing.T) {
	for want, p := range [][]float64{{7, 7, 3}, {1, 3, 3}, {-5, -4, -3}} {
		if got := Argmax(p); got != want {
			t.Errorf("%g: got place %d, want %d", p, got, want)
		}
	}
	if got := Argmax([]float64{1, 2, math.NaN()}); got != 0 {
		t.Errorf("with NaN: got place %d, want 0", got)
	}
}

// TestWrongUse: what a caller gets wrong is an error before anything changes, or a panic where it is called.
func TestWrongUse(t *testing.T) {
	type call struct {
		*Network
		Settings
		data, valid Examples
	}
	for want, spoil := range map[string]func(c *call){
		`"hinge", expected one of cross-entropy, mse`:              func(c *call) { c.Loss = "hinge" },
		`"lbfgs", expected one of sgd, adam, adagrad`:              func(c *call) { c.Solver = "lbfgs" },
		`"", expected one of sgd, adam, adagrad`:                   func(c *call) { c.Solver = "" },
		`"cosine", expected one of constant, invscaling, adaptive`: func(c *call) { c.Schedule = "cosine" },
		"0 workers, expected 1 or more":                            func(c *call) { c.Workers = 0 },
		"0 batches of 0 examples an epoch, expected":               func(c *call) { c.Batch = 0 },
		"0 batches of -5 examples an epoch, expected":              func(c *call) { c.Batch = -5 },
		"-1 batches of 4 examples an epoch, expected":              func(c *call) { c.Batches = -1 },
		"or none to stop early by, expected some":                  func(c *call) { c.EarlyStop = true },
		"dropout 1, rate 0.1, momentum 0, alpha 0, clip 0, ":       func(c *call) { c.Dropout = 1 },
		"rate -1, momentum 0, alpha 0, clip 0, patience 1":         func(c *call) { c.Rate = -1 },
		"alpha NaN, clip 0, patience 1, tol 0, expected":           func(c *call) { c.Alpha = math.NaN() },
		"schedule adaptive with solver adam, expected constant":    func(c *call) { c.Schedule = "adaptive" },
		"rate +Inf, momentum 0, ":                                  func(c *call) { c.Rate = math.Inf(1) },
		"momentum 1.1, alpha 0":                                    func(c *call) { c.Momentum = 1.1 },
		"patience -1, tol 0, expected":                             func(c *call) { c.Patience = -1 },
		"patience 1, tol NaN, expected":                            func(c *call) { c.Tol = math.NaN() },
		"no examples to train on":                                  func(c *call) { c.data = Examples{} },
		"label 3, expected at most 2, for 3 classes":               func(c *call) { c.data.Y[11] = 3 },
		"label 255, expected at most 2, for 3 classes":             func(c *call) { c.valid = Examples{make([]byte, 9), []byte{255}} },
		"107 pixels, expected 9 for each of 12 examples":           func(c *call) { c.data.X = c.data.X[1:] },
		"108 pixels, expected 9 for each of 11 examples":           func(c *call) { c.data.Y = c.data.Y[1:] },
		"8 pixels, expected 9 for each of 1 examples":              func(c *call) { c.valid = Examples{make([]byte, 8), []byte{0}} },
	} {
		s := Settings{Loss: "mse", Solver: "adam", Schedule: "constant", Rate: 0.1, Batch: 4, Epochs: 1, Patience: 1}
		c := &call{newNet(t, "relu", 1, 9, 5, 3), s, smallExamples(12, 9, 3), Examples{}}
		before, rng := slices.Clone(c.Theta), NewRandomState(1)
		spoil(c)
		if err := c.Train(c.data, c.valid, c.Settings, rng); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Train: got error %v, want %s", err, want)
		}
		if !slices.Equal(c.Theta, before) || rng.Float64() != NewRandomState(1).Float64() {
			t.Errorf("%s: Train changed the weights or drew random numbers, want neither", want)
		}
	}
	for _, test := range []struct {
		sizes      []int
		weights    int
		activation string
		want       string // NewNetwork's error too, but where the weights are wrong
	}{
		{[]int{9, 5, 3}, 68, "sigmoid", `activation "sigmoid", expected one of relu, logistic, tanh, identity, step`},
		{[]int{9, 5, 3}, 67, "relu", "67 weights, expected 68 for layers of [9 5 3]"},
		{[]int{9, 5, 3}, 69, "relu", "69 weights, expected 68"}, {[]int{9, 5, 3}, 0, "relu", "0 weights, expected 68"},
		{nil, 0, "relu", "layers of [], expected inputs and outputs"},
		{[]int{9}, 9, "relu", "layers of [9], expected inputs and outputs"},
		{[]int{8192, 16375, 16375}, 0, "relu", "at most 268435456 weights"}, // either layer alone has fewer
		{[]int{9, 0, 3}, 3, "relu", "layers of [9 0 3], expected"}, {[]int{-1, 3}, 0, "relu", "layers of [-1 3], expected"},
		{[]int{1 << 20, 1 << 20}, 0, "relu", "and at most 268435456 weights"},
		{[]int{1 << 27, 1}, 0, "relu", "and at most 268435456 weights, counted with"}, // a row takes 4
		{[]int{1 << 30, 1 << 30, 1 << 30}, 0, "relu", "and at most 268435456 weights"},
	} {
		net, err := Restore(test.sizes, make([]float64, test.weights), test.activation)
		if net != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Restore(%d): got %v, %v, want %s", test.sizes, net, err, test.want)
		}
		net, err = NewNetwork(test.sizes, test.activation, NewRandomState(1))
		if (net == nil) == (err == nil) || !strings.Contains(test.want, "weights, expected") && err == nil {
			t.Errorf("NewNetwork(%d): got %v, %v, want an error", test.sizes, net, err)
		}
	}
	for theta, fine := range map[float64]bool{math.NaN(): false, 1e30: false, -1e30: false, -9e29: true, 0: true} {
		if _, err := Restore([]int{1, 1, 1}, []float64{0, 1, theta, 0}, "relu"); (err == nil) != fine {
			t.Errorf("Restore with a weight %g: got error %v", theta, err)
		}
	}
	layers := func(size, n int) (sizes []int) {
		for range n {
			sizes = append(sizes, size)
		}
		return sizes
	}
	for _, deep := range []struct {
		act  string
		v    float64
		fine bool
	}{{"relu", 1e29, true}, {"relu", 9e29, false}, {"identity", -9e29, false}, {"tanh", 9e29, true}} { // a sum can be (2v)^10
		theta := make([]float64, 20)
		for i := range theta {
			theta[i] = deep.v
		}
		if _, err := Restore(layers(1, 11), theta, deep.act); (err == nil) != deep.fine {
			t.Errorf("Restore with ten layers of %g, %s: got error %v", deep.v, deep.act, err)
		}
	}
	if _, err := NewNetwork(layers(9, 500), "relu", NewRandomState(1)); err == nil || !strings.Contains(err.Error(), "too many layers") {
		t.Errorf("500 layers of relu: got error %v", err)
	}
	if _, err := NewNetwork(layers(9, 500), "tanh", NewRandomState(1)); err != nil {
		t.Errorf("500 layers of tanh: got error %v", err)
	}
	net := newNet(t, "relu", 4, 9, 5, 3)
	for want, call := range map[string]func(){
		"8 pixels, expected whole images of 9":                   func() { net.Predict(make([]byte, 8)) },
		"19 pixels, expected whole images of 9":                  func() { net.Units(make([]byte, 19)) },
		"8 inputs, expected 9":                                   func() { net.Nodes(make([]float64, 8)) },
		"7 probabilities, expected as many for each of 2 labels": func() { Mean(make([]float64, 7), make([]byte, 2), Right) },
		"0 probabilities, expected as many for each of 0 labels": func() { Mean(nil, nil, Right) },
		"10 inputs, expected 9":                                  func() { net.OnePixel(make([]float64, 10)) },
		"7 inputs, expected 9":                                   func() { net.IntegratedGradients(make([]float64, 7), 0.1, 16) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("got the panic %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
}

// TestSettingsThatEnd: no steps and a tolerance that cannot be reached end, and so do no epochs and no images.
func TestSettingsThatEnd(t *testing.T) {
	net := sineNetwork(1.5, "logistic", 4, 5, 3)
	x := []float64{1, 0.25, 0, 0.6}
	for _, test := range []struct {
		tolerance       float64
		maxSteps, steps int
	}{{0, 64, 64}, {0, 100, 64}, {math.NaN(), 16, 16}, {-1, 20, 16}, {0, 5, 5}, {0, 1, 1}, {0, 0, 1}, {9, -3, 1}, {9, 64, 16}} {
		tiles, steps := net.IntegratedGradients(x, test.tolerance, test.maxSteps)
		if steps != test.steps || math.IsNaN(tiles[0][0]) {
			t.Errorf("%+v: got %d steps, %g, want a finite number", test, steps, tiles[0][0])
		}
	}
	if units, p := net.Units(nil); len(p) != 0 || len(units) != 1 || units[0][4] != (Unit{}) {
		t.Errorf("no images: got %g, %v, want no probabilities and units that did nothing", p, units)
	}
	before := slices.Clone(net.Theta)
	s := Settings{Loss: "mse", Solver: "sgd", Schedule: "constant", Rate: 1, Batch: 1}
	err := net.Train(smallExamples(3, 4, 3), Examples{}, s, NewRandomState(1))
	if err != nil || !slices.Equal(net.Theta, before) {
		t.Errorf("no epochs: got error %v or other weights, want the same", err)
	}
}

// TestUnits: ten callers at once get the same answers, those of Nodes, and what the units do is a plain count. An
// image alone takes the memory of one worker.
func TestUnits(t *testing.T) {
	const n = 130
	data := smallExamples(n, 9, 3)
	for _, act := range []string{"relu", "step", "tanh"} {
		net := sineNetwork(1, act, 9, 7, 6, 3)
		var want []float64 // p
		fired, sums := [][]int{make([]int, 7), make([]int, 6)}, [][]float64{make([]float64, 7), make([]float64, 6)}
		for i := range n {
			values := net.Nodes(floats(data.X[9*i:][:9]))
			want = append(want, values[3]...)
			for l := range fired {
				for j, a := range values[l] {
					fired[l][j] += map[bool]int{true: 1}[a != 0]
					sums[l][j] += math.Abs(a)
				}
			}
		}
		var use [2][]float64
		for l := range use {
			total := 0.0
			for j, sum := range sums[l] {
				strength := 0.0
				for _, v := range net.Row(l+1, j) {
					strength += math.Abs(v)
				}
				use[l] = append(use[l], sum*strength)
				total += sum * strength
			}
			for j := range use[l] {
				use[l][j] *= float64(len(use[l])) / total
			}
		}
		var callers sync.WaitGroup
		for range 10 {
			callers.Add(1)
			go func() {
				defer callers.Done()
				units, p := net.Units(data.X)
				if !slices.Equal(p, want) || !slices.Equal(net.Predict(data.X), want) {
					t.Errorf("%s: got other probabilities than Nodes gives", act)
				}
				for l := range units {
					for j, unit := range units[l] {
						if unit.Fired != fired[l][j] || math.Abs(unit.Use-use[l][j]) > 1e-12 {
							t.Errorf("%s, layer %d, unit %d: got %+v, want %d and %g", act, l, j, unit, fired[l][j], use[l][j])
						}
					}
				}
			}()
		}
		callers.Wait()
	}
	dead, _ := Restore([]int{1, 4, 1}, []float64{0, 0, 0, 0, -1, -1, -1, -1, 1, 1, 1, 1, 0}, "relu")
	if units, _ := dead.Units([]byte{9}); fmt.Sprint(units) != "[[{0 0} {0 0} {0 0} {0 0}]]" {
		t.Errorf("a layer without output: got %v, want no use", units)
	}
	net := newNet(t, "relu", 1000, 784, 50, 10)
	if bytes := allocated(func() { net.Predict(make([]byte, 784)) }); bytes > 50_000 {
		t.Errorf("one image: got %d bytes, want at most 50,000", bytes)
	}
}

// TestNobodyStays: when Train and Predict return, so are their workers.
func TestNobodyStays(t *testing.T) {
	before := runtime.NumGoroutine()
	net, data := newNet(t, "relu", 4, 9, 5, 3), smallExamples(12, 9, 3)
	s := Settings{Loss: "mse", Solver: "adam", Schedule: "constant", Rate: 0.1, Batch: 4, Epochs: 1, Patience: 1}
	if err := net.Train(data, data, s, NewRandomState(1)); err != nil {
		t.Fatal(err)
	}
	net.Predict(data.X)
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("got %d goroutines, want %d as before", runtime.NumGoroutine(), before)
		}
	}
}

// TestPanics: what a caller's activation panics with reaches the caller, from any worker, and no goroutine stays.
func TestPanics(t *testing.T) {
	before := runtime.NumGoroutine()
	data := smallExamples(200, 9, 3)
	net := newNet(t, "relu", 4, 9, 5, 3)
	calls := 0
	var mutex sync.Mutex
	net.Activation.F = func(z, a, slope []float64) {
		mutex.Lock()
		defer mutex.Unlock()
		if calls++; calls%150 == 0 {
			panic("my own")
		}
	}
	s := Settings{Loss: "mse", Solver: "adam", Schedule: "constant", Rate: 0.1, Batch: 100, Epochs: 1, Patience: 1}
	for range 50 {
		for name, call := range map[string]func(){
			"Predict": func() { net.Predict(data.X) },
			"Train":   func() { net.Train(data, Examples{}, s, NewRandomState(1)) },
		} {
			func() {
				defer func() {
					if got := recover(); got != "my own" {
						t.Errorf("%s: got the panic %v, want my own", name, got)
					}
				}()
				calls = 0
				call()
			}()
		}
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("got %d goroutines, want %d as before", runtime.NumGoroutine(), before)
		}
	}
}

// TestBatchAllocates: a batch allocates nothing that grows with the network, counted in bytes.
func TestBatchAllocates(t *testing.T) {
	for _, hidden := range []int{10, 500} {
		net := newNet(t, "relu", 2, 49, hidden, 4)
		s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Rate: 0.1, Batch: 100}
		tr, err := newTrainer(net, smallExamples(100, 49, 4), Examples{}, s, NewRandomState(1))
		if err != nil {
			t.Fatal(err)
		}
		rows := tr.batch()
		tr.step(rows)
		const steps = 50
		bytes := allocated(func() {
			for range steps {
				tr.step(rows)
			}
		})
		if bytes > steps*2000 {
			t.Errorf("%d hidden units: got %d bytes a batch, want at most 2,000", hidden, bytes/steps)
		}
		tr.team.dismiss()
	}
}

// ---- Benchmarks: go test -bench . -benchmem ----

func benchmarkEpoch(b *testing.B, workers int, hidden ...int) {
	pixels, labels := GenerateDigits(10000, 1, 2)
	rng := NewRandomState(1)
	net, _ := NewNetwork(append(append([]int{784}, hidden...), 10), "relu", rng)
	net.Workers = workers
	s := Settings{Loss: "cross-entropy", Alpha: 1e-4, Solver: "sgd", Schedule: "constant", Rate: 0.1, Momentum: 0.9, Nesterov: true, Batch: 200, Epochs: b.N, Tol: math.Inf(-1)}
	b.ResetTimer()
	if err := net.Train(Examples{pixels, labels}, Examples{}, s, rng); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N*len(labels))/b.Elapsed().Seconds(), "examples/s")
}

func BenchmarkEpoch50(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) { benchmarkEpoch(b, workers, 50) })
	}
}

func BenchmarkEpoch512x512(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) { benchmarkEpoch(b, workers, 512, 512) })
	}
}

func BenchmarkForward(b *testing.B) {
	pixels, labels := GenerateDigits(10000, 1, 2)
	net := newNet(b, "relu", 2, 784, 50, 10)
	b.ResetTimer()
	for range b.N {
		net.Predict(pixels)
	}
	b.ReportMetric(float64(b.N*len(labels))/b.Elapsed().Seconds(), "examples/s")
}

// ---- Kernels: the vectors' bits are those of the Go loops ----

// guarded is n numbers, at an address that is no multiple of 16, between others that nobody may change: check says so.
func guarded(t *testing.T, rng *RandomState, n int, special bool) (numbers []float64, check func(what string)) {
	const guard, margin = 12345.678, 7
	all := make([]float64, n+2*margin)
	for i := range all {
		all[i] = guard
	}
	numbers = all[margin : margin+n : margin+n]
	for i := range numbers {
		numbers[i] = rng.Float64() - 0.5
		if k := int(rng.Uint32() % 24); special && k < 5 {
			numbers[i] = []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN()}[k]
		}
	}
	return numbers, func(what string) {
		t.Helper()
		for i, v := range all {
			if v != guard && (i < margin || i >= margin+n) {
				t.Fatalf("%s: a number outside of the slice became %g", what, v)
			}
		}
	}
}

// TestNonzeroBytes finds the bytes that are not 0, one by one, among others and at every length up to 64.
func TestNonzeroBytes(t *testing.T) {
	rng := NewRandomState(1)
	for length := range 65 {
		for try := range 200 {
			b, want := make([]byte, length), uint64(0)
			for k := range b {
				if rng.Uint32()%4 < uint32(try%5) {
					b[k] = byte(rng.Uint32())
				}
				if try < length && k == try {
					b[k] = 1 << (rng.Uint32() % 8)
				}
				if b[k] != 0 {
					want += 1 << k
				}
			}
			for form, find := range map[string]func([]byte) uint64{"used": nonzeroBytes, "in Go": nonzeroBytesInGo} {
				if got := find(b); got != want {
					t.Fatalf("%s: %v: got bits %064b, want %064b", form, b, got, want)
				}
			}
		}
	}
}

// TestKernels compares each kernel with its Go loop for every length of rows up to 132 and some beyond, lists of all
// lengths up to 9 and some beyond, rows in any order, zeros of both signs, infinities and NaN.
func TestKernels(t *testing.T) {
	if reflect.ValueOf(addRows).Pointer() == reflect.ValueOf(addRowsInGo).Pointer() {
		t.Skip("no vector kernels: built without them, or for a processor that lacks AVX")
	}
	rng := NewRandomState(1)
	widths := []int{200, 508, 512, 516}
	for n := 4; n <= 132; n += 4 {
		widths = append(widths, n)
	}
	same := func(what string, got, want []float64) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) ||
				math.Signbit(got[i]) != math.Signbit(want[i]) && got[i] == 0 {
				t.Fatalf("%s, number %d: got %g, want %g as the Go loop has it", what, i, got[i], want[i])
			}
		}
	}
	const rows = 11
	for _, n := range widths {
		for _, length := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 151} {
			what := fmt.Sprintf("width %d, list of %d", n, length)
			special := length%2 == 1
			w, checkW := guarded(t, rng, rows*n, special)
			x, _ := guarded(t, rng, length, special)
			sum, checkSum := guarded(t, rng, n, special)
			var list, distinct []entry // rows in any order; and each at most once, as addToRows has them
			for i, row := range rng.Permutation(max(length, rows)) {
				if i < length {
					list = append(list, entry{int(rng.Uint32() % rows), x[i]})
				}
				if i < length && row < rows {
					distinct = append(distinct, entry{row, x[i]})
				}
			}
			want := slices.Clone(sum)
			addRowsInGo(want, list, w)
			addRows(sum, list, w)
			same("addRows, "+what, sum, want)

			y, checkY := guarded(t, rng, rows, false)
			want = slices.Clone(y)
			multiplyRowsInGo(want, list, w, sum)
			multiplyRows(y, list, w, sum)
			same("multiplyRows, "+what, y, want)

			const first, more = 3, 8 // the matrix begins with row 3, and its rows have 8 columns more than v
			wide, checkWide := guarded(t, rng, rows*(n+more)-more, special)
			for i := range distinct {
				distinct[i].row += first
			}
			want = slices.Clone(wide)
			addToRowsInGo(want, n+more, first, distinct, sum)
			addToRows(wide, n+more, first, distinct, sum)
			same("addToRows, "+what, wide, want)
			for _, check := range []func(string){checkW, checkSum, checkY, checkWide} {
				check(what)
			}
		}
		for _, nesterov := range []bool{true, false} {
			what := fmt.Sprintf("sgdStep, width %d, nesterov %v", n, nesterov)
			theta, checkTheta := guarded(t, rng, n, n%2 == 1)
			grad, checkGrad := guarded(t, rng, n, n%2 == 1)
			velocity, checkVelocity := guarded(t, rng, n, false)
			wantTheta, wantVelocity := slices.Clone(theta), slices.Clone(velocity)
			sgdStepInGo(wantTheta, grad, wantVelocity, 0.3, 0.9, nesterov)
			sgdStep(theta, grad, velocity, 0.3, 0.9, nesterov)
			same(what, theta, wantTheta)
			same(what, velocity, wantVelocity)
			for _, check := range []func(string){checkTheta, checkGrad, checkVelocity} {
				check(what)
			}
		}
	}
}
