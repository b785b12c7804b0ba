package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
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
		s.AfterEpoch = func(_ int, loss float64, p []float64) bool {
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
		p, _ := net.Evaluate(all.Pixels)
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
		if got := -2 + 5*r.Float64(); got != want {
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
							tr.Dropout = 0 // so that the mask stays
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

// TestGradientCheckFails makes sure that the check can: a slope that is wrong by a tenth must not pass.
func TestGradientCheckFails(t *testing.T) {
	wrong := Activations[1]
	wrong.Slope = func(a float64) float64 { return 1.1 * a * (1 - a) }
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
	gradients := [][]float64{{0.1, -0.2, 0.3}, {-0.4, 0, 0.5}, {0.2, 0.2, -0.1}}
	for _, test := range []struct {
		name string
		step func(theta, grad, m, v []float64, t int)
		want []float64
	}{
		{"plain", func(theta, grad, m, v []float64, t int) { sgdStep(theta, grad, v, 0.1, 0, false) }, []float64{0.51, -1, 1.93}},
		{"classical", func(theta, grad, m, v []float64, t int) { sgdStep(theta, grad, v, 0.1, 0.9, false) }, []float64{0.5289, -0.9658, 1.8337}},
		{"nesterov", func(theta, grad, m, v []float64, t int) { sgdStep(theta, grad, v, 0.1, 0.9, true) }, []float64{0.53601, -0.96922, 1.78033}},
		{"adam", func(theta, grad, m, v []float64, t int) { adamStep(theta, grad, m, v, 0.01, t) },
			[]float64{0.49669679815069312, -0.98415812005380121, 1.9737649975930869}},
		{"adagrad, clipped", func(theta, grad, m, v []float64, t int) {
			clipNorm(grad, 0.4)
			adagradStep(theta, grad, v, 0.05)
		}, []float64{0.49331537055190594, -0.99684410184830918, 1.9456302170459447}},
	} {
		theta, m, v := []float64{0.5, -1, 2}, make([]float64, 3), make([]float64, 3)
		for i, g := range gradients {
			test.step(theta, append([]float64(nil), g...), m, v, i+1)
		}
		near(t, test.name, theta, test.want, 1e-12)
	}
}

// sineNetwork has weights that are easy to write down anywhere: size·sin(1), size·sin(2), ...
func sineNetwork(size float64, activation string, sizes ...int) *Network {
	net, _ := NewNetwork(sizes, activation, NewRandomState(1))
	net.Workers = 2
	for i := range net.Theta {
		net.Theta[i] = size * math.Sin(1+float64(i))
	}
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
	s.AfterEpoch = func(_ int, loss float64, _ []float64) bool { losses = append(losses, loss); return true }
	if err := net.Train(data, Examples{}, s, NewRandomState(1)); err != nil {
		t.Fatal(err)
	}
	near(t, "losses", []float64{losses[0], losses[10], losses[19]}, []float64{1.0902321562520263, 0.97223772403108411, 0.84411408874762084}, 1e-9)
	w0, w1 := net.W[0], net.W[1]
	near(t, "weights", []float64{w0[1*5+2], w0[5*5+4], w0[6*5+3], w1[0*3+0], w1[4*3+2], w1[5*3+1]}, []float64{0.021382421717721117,
		-0.29640948722785854, 0.30302688414324724, -0.33031510823136734, -0.07871245611117865, 0.56704665491394235}, 1e-9)
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
		p, _ := net.Evaluate(data.X)
		got := append(p, net.Theta...)
		if want == nil {
			want = got
		}
		near(t, fmt.Sprintf("%d workers", workers), got, want, 0)
	}
}

// TestDiverged: training that runs away ends with an error, whatever the loss.
func TestDiverged(t *testing.T) {
	for _, act := range []int{0, 3} {
		rng := NewRandomState(1)
		net, _ := NewNetwork([]int{9, 5, 5, 3}, Activations[act].Name, rng)
		net.Workers = 1
		s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Rate: 1e200, Batch: 4, Epochs: 5, Tol: 1e-4, Patience: 10}
		if err := net.Train(smallExamples(12, 9, 3), Examples{}, s, rng); err != ErrDiverged {
			t.Errorf("%s: got error %v, want %v", Activations[act].Name, err, ErrDiverged)
		}
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
		s.AfterEpoch = func(epoch int, _ float64, _ []float64) bool { epochs = epoch; return epoch < test.stopEpoch }
		if err := net.Train(smallExamples(12, 9, 3), Examples{}, s, rng); err != nil {
			t.Fatal(err)
		}
		if batches != test.batches || epochs != test.epochs {
			t.Errorf("%+v: got %d batches and %d epochs", test, batches, epochs)
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

// ---- Influence ----

// TestInfluence compares node 1 of each layer with numpy: one pixel is nodes(x_i alone) - nodes(0), written out with
// matrix products; integrated gradients sum 200,000 midpoints of the Jacobian, J = W0*h'; J = (J@W1)*h'; J = J@W2; ...
func TestInfluence(t *testing.T) {
	x := []float64{1, 0.25, 0, 0.6}
	for _, test := range []struct {
		activation     string
		one, integrate [][]float64
	}{
		{"logistic", [][]float64{
			{0.29755820102793107, 0.06133002698673784, 0, -0.20319929208573245},
			{0.04004628394488674, -0.0019901525241594609, 0, -0.02372408535665238},
			{0.0048993972989807011, 0.003173777328262628, 0, -0.007469419777706876},
			{-0.0022029999794831445, -0.0002537815960143297, 0, 0.0017539427592305479},
		}, [][]float64{
			{0.32680016763861347, 0.059030006096888743, 0, -0.20731491297213397},
			{0.048850821059588809, -0.0022198690815507034, 0, -0.013015623657734827},
			{0.005945940968614739, 0.0023471550981646241, 0, -0.0058440629786995855},
			{-0.0026760887827051503, -0.00014656805194576588, 0, 0.0011494720878525225},
		}},
		{"relu", [][]float64{
			{1.3506691763029166, 0.23309301058394008, 0, 0},
			{0.99213404681667194, -0.29158229598798924, 0, -1.149161217211208},
			{-0.74637372548378444, -0.2233941396485899, 0, -0.19599534520883011},
			{0.010644945928158206, 0.0035859013381746296, 0, -0.035393542668081979},
		}, [][]float64{
			{1.3396406200234978, 0.241979661574247, 0, -0.84983884971636547},
			{0.99881797468551903, -0.29696810829852366, 0, 0.14333619923107352},
			{-1.0229600472770572, -0.19687774806264638, 0, 0.66863716675495399},
			{0.070377617021758682, -0.0046085315868471402, 0, -0.016455577493145374},
		}},
	} {
		net := sineNetwork(1.5, test.activation, 4, 5, 4, 3)
		one := net.OnePixel(x)
		integrated, steps := net.IntegratedGradients(x, 0.001, 4096)
		for l := range one {
			near(t, fmt.Sprintf("%s, one pixel, layer %d", test.activation, l), one[l][4:8], test.one[l], 1e-12)
			largest := 0.0
			for _, v := range test.integrate[l] {
				largest = max(largest, math.Abs(v))
			}
			near(t, fmt.Sprintf("%s, integrated, layer %d", test.activation, l), integrated[l][4:8], test.integrate[l], 1e-3*largest)
		}
		for l, share := range net.Unexplained(x, integrated) {
			if share > 0.001 || steps > 4096 {
				t.Errorf("%s, layer %d: got %g unexplained after %d steps, want at most 0.001", test.activation, l, share, steps)
			}
		}
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
		net.Evaluate(pixels)
	}
	b.ReportMetric(float64(b.N*len(labels))/b.Elapsed().Seconds(), "examples/s")
}
