// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// A multi-layer perceptron, trained by mini-batch backpropagation. Given the same data, seed and settings, of those
// that both have, and three classes or more, it takes the steps of scikit-learn's MLPClassifier: the losses agree in
// every digit that both print.
//
// The letters, as a lecture on neural networks writes them and as they stand here:
//
//	x      x      the inputs of one example: pixels, from 0 for black to 1 for white
//	θ      Theta  every weight of the network
//	W, b   W      layer l's part of it, (fanIn+1) × fanOut: row i holds the weights that leave input i; the last row
//	              is the biases, the weights of one more input that is always 1
//	z      z      a layer's weighted sums, z_l = W_lᵀ·a_(l-1), where a_(-1) is x
//	a      a      a layer's outputs, a_l = h(z_l)
//	h, h'  F      the activation function; its derivative h' is Slope
//	p      p      the last layer's outputs, softmax(z): a probability for each class
//	L      loss   how wrong p is, for one example or on average
//	δ      delta  ∂L/∂z, how the loss answers to a layer's weighted sums
//	∂L/∂θ  grad   in Theta's order
//	η      Rate   the learning rate
//	α      Alpha  the strength of the L2 penalty
//
// The lecture leaves out the biases, and writes δ_i in one formula where δ_j is meant. Its layers count from 1; here
// layer 0 is the first with weights. Matrices are flat slices: entry (i, j) of n columns is element i*n+j.
//
// The network comes first, in the order of the idea. What serves it follows as appendices: the kernels, where the time
// goes; the team of workers; what a run begins with; numpy's random numbers.

package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// ---- Activations and losses, each with its derivative beside it ----

// Activation is what every unit of a hidden layer does to its weighted sum. Slope is its derivative, written in terms
// of the output a = F(z), as these functions allow.
type Activation struct {
	Name  string
	F     func(z float64) (a float64)
	Slope func(a float64) float64
	Init  float64 // how large the first weights are: see NewNetwork
}

func (act Activation) String() string { return act.Name }

// Activations lists what hidden layers can use. Step is flat on both sides: no gradient passes it, so the data teach
// only the output layer.
var Activations = []Activation{
	{"relu", func(z float64) float64 { return max(0, z) }, func(a float64) float64 { return indicator(a > 0) }, 6},
	{"logistic", func(z float64) float64 { return 1 / (1 + math.Exp(-z)) },
		func(a float64) float64 { return a * (1 - a) }, 2},
	{"tanh", math.Tanh, func(a float64) float64 { return 1 - a*a }, 6},
	{"identity", func(z float64) float64 { return z }, func(a float64) float64 { return 1 }, 6},
	{"step", func(z float64) float64 { return indicator(z >= 0) }, func(a float64) float64 { return 0 }, 6},
}

func indicator(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// softmax turns z into probabilities in place: p_k = exp(z_k) / Σ_j exp(z_j). Subtracting the maximum first leaves
// the quotient as it is and keeps exp from overflowing: its largest argument is 0.
func softmax(z []float64) {
	top, sum := slices.Max(z), 0.0
	for k, v := range z {
		z[k] = math.Exp(v - top)
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
}

// softmaxSlope multiplies v by the derivative of p = softmax(z), in place: ∂p_k/∂z_j = p_k·([j=k] - p_j), so v_k
// becomes p_k·(v_k - Σ_j p_j·v_j). The matrix is symmetric: this takes a change of z to the change of p, and ∂L/∂p to
// ∂L/∂z.
func softmaxSlope(v, p []float64) {
	mean := dot(p, v)
	for k := range v {
		v[k] = p[k] * (v[k] - mean)
	}
}

// Loss is the cost of answering p when the true class is label, for one example.
type Loss struct {
	Name  string
	Value func(p []float64, label byte) float64
	Delta func(delta, p []float64) // turns delta from p - y into ∂L/∂z of the last layer
}

func (loss Loss) String() string { return loss.Name }

// Losses lists what training can minimise. With y, 1 for the true class and 0 for the others: -Σ_k y_k·ln(p_k), and
// Σ_k (p_k-y_k)².
var Losses = []Loss{
	{"cross-entropy", func(p []float64, label byte) float64 {
		const eps = 0x1p-52 // clipped as in scikit-learn: impossible costs 36, not infinity
		return -math.Log(min(max(p[label], eps), 1-eps))
	}, func(delta, p []float64) {}}, // the derivatives of ln and softmax multiply to p - y
	{"mse", func(p []float64, label byte) float64 {
		right := p[label]
		return dot(p, p) - right*right + (right-1)*(right-1)
	}, func(delta, p []float64) {
		for k := range delta {
			delta[k] *= 2
		}
		softmaxSlope(delta, p)
	}},
}

// ---- The network ----

// Network is a multi-layer perceptron: fully connected layers, the activation after each but the last, softmax after
// that. Training changes Theta; all else only reads it, and may be done by many goroutines at once.
type Network struct {
	Sizes      []int // units of each layer, the inputs first: 784, 50, 10
	Activation Activation
	Theta      []float64   // every weight, layer after layer
	W          [][]float64 // W[l] is layer l's part of Theta
	Workers    int         // goroutines that share the work; any number from 1 on gives the same bits
}

// Restore makes a network of weights that are known already: for each layer W row by row, then b. It keeps theta, and
// sets Workers to all cores.
func Restore(sizes []int, theta []float64, activation string) (*Network, error) {
	act, err := Find(Activations, activation)
	if err != nil {
		return nil, fmt.Errorf("activation %w", err)
	}
	net := &Network{Sizes: slices.Clone(sizes), Activation: act, Theta: theta, Workers: runtime.GOMAXPROCS(0)}
	if n, err := Parameters(sizes); err != nil {
		return nil, err
	} else if n != len(theta) {
		return nil, fmt.Errorf("%d weights, expected %d for layers of %d", len(theta), n, sizes)
	}
	for l, fanOut := range sizes[1:] {
		size := (sizes[l] + 1) * fanOut
		net.W, theta = append(net.W, theta[:size:size]), theta[size:]
	}
	if !net.bounded() {
		return nil, errors.New("weights with which sums could overflow, expected numbers below 1e30, and sums below 1e300")
	}
	return net, nil
}

// NewNetwork draws the weights between ±sqrt(f/(fanIn+fanOut)), where f is the activation's Init, as scikit-learn does:
// with 6 signals keep their size from layer to layer (Glorot and Bengio, 2010).
func NewNetwork(sizes []int, activation string, rng *RandomState) (*Network, error) {
	n, _ := Parameters(sizes) // whose error Restore returns
	net, err := Restore(sizes, make([]float64, n), activation)
	if err != nil {
		return nil, err
	}
	for l, w := range net.W {
		bound := math.Sqrt(net.Activation.Init / float64(sizes[l]+sizes[l+1]))
		for i := range w {
			w[i] = -bound + 2*bound*rng.Float64()
		}
	}
	if !net.bounded() {
		return nil, errors.New("too many layers, expected sums that stay finite")
	}
	return net, nil
}

// ---- One example: forward, then backward in reverse ----

// entry names one term of a weighted sum: a row of a matrix, times one of the inputs.
type entry struct{ row, input uint32 }

// layer is one layer's share of an example's way through the network.
type layer struct {
	x     []float64 // the inputs that in names: the layer below's a; for pixels grays, named by the pixel's byte
	in    []entry   // which of them count, and the rows of W that they go to; the last one is the bias's 1
	z     []float64 // fanOut weighted sums
	a     []float64 // fanOut outputs, and then the 1 that goes to the next layer's biases; p in the last layer
	slope []float64 // fanOut: h'(z), in hidden layers; times keep under dropout
	keep  []float64 // fanOut: what dropout multiplies a by; nil without
	delta []float64 // fanOut: ∂L/∂z
}

// newLayers makes them for every layer.
func (net *Network) newLayers() (layers []layer) {
	for l, n := range net.Sizes[1:] {
		layers = append(layers, layer{x: grays[:], in: make([]entry, net.Sizes[l]+1), z: make([]float64, n),
			a: make([]float64, n+1), slope: make([]float64, n), delta: make([]float64, n)})
	}
	return layers
}

// forward runs the first layer's input through the network and returns p, the last layer's outputs.
func (net *Network) forward(layers []layer) (p []float64) {
	for l := range layers {
		here := &layers[l]
		clear(here.z)
		addRows(here.z, here.in, here.x, net.W[l]) // z_l = W_lᵀ·a_(l-1)
		if l+1 < len(layers) {
			net.activate(here, &layers[l+1])
		}
	}
	last := layers[len(layers)-1]
	p = last.a[:len(last.z)]
	copy(p, last.z)
	softmax(p)
	return p
}

// activate takes a hidden layer's z to a and h'(z), and lists for the next layer what passes.
func (net *Network) activate(here, next *layer) {
	n, listed := len(here.z), 0
	next.x, next.in = here.a, next.in[:n+1]
	for j, z := range here.z {
		a := net.Activation.F(z) // a_l = h(z_l)
		slope := net.Activation.Slope(a)
		if here.keep != nil {
			a, slope = a*here.keep[j], slope*here.keep[j]
		}
		here.a[j], here.slope[j] = a, slope
		next.in[listed] = entry{uint32(j), uint32(j)}
		listed += int(indicator(a != 0 || slope != 0)) // else nothing passes, forward or back
	}
	here.a[n], next.in[listed] = 1, entry{uint32(n), uint32(n)}
	next.in = next.in[:listed+1]
}

// backward sets every hidden layer's δ_l = ∂L/∂z_l, from the last layer's: the chain rule leads through W_l, then
// through h. A unit that is not in the list has slope 0.
func (net *Network) backward(layers []layer) {
	for l := len(layers) - 1; l > 0; l-- {
		here, below := &layers[l], &layers[l-1]
		clear(below.delta)
		multiplyRows(below.delta, here.in[:len(here.in)-1], net.W[l], here.delta) // W_l·δ_l; the bias leads nowhere
		for j, slope := range below.slope {
			below.delta[j] *= slope // δ_(l-1) = h'(z)·(W_l·δ_l)
		}
	}
}

// ---- Solvers: each takes one step from the batch's gradient ----

// Solver is a way to go down the gradient. Step changes theta, a part of Theta, by grad, the same part of the gradient;
// its memory is two numbers for each weight, 0 at first. t counts batches from 1.
type Solver struct {
	Name string
	Rate float64 // η where nothing else is known
	Step func(s *Settings, t int, theta, grad, memory1, memory2 []float64)
}

func (solver Solver) String() string { return solver.Name }

// Solvers lists gradient descent with momentum; Adam (Kingma and Ba, 2015), which divides the running mean of the
// gradients by the root of that of their squares; and Adagrad (Duchi, Hazan and Singer, 2011), which divides by the
// root of the sum of all squared gradients, which starts at 0.1 as in TensorFlow.
var Solvers = []Solver{
	{"sgd", 0.1, func(s *Settings, _ int, theta, grad, velocity, _ []float64) {
		sgdStep(theta, grad, velocity, s.Rate, s.Momentum, s.Nesterov)
	}},
	{"adam", 0.001, func(s *Settings, t int, theta, grad, mean, square []float64) {
		const beta1, beta2, eps = 0.9, 0.999, 1e-8
		// Both means start at 0: this makes up for it in the first steps.
		rate := s.Rate * (math.Sqrt(1-math.Pow(beta2, float64(t))) / (1 - math.Pow(beta1, float64(t))))
		for i, g := range grad {
			mean[i] = beta1*mean[i] + (1-beta1)*g
			square[i] = beta2*square[i] + (1-beta2)*g*g
			theta[i] -= rate * mean[i] / (math.Sqrt(square[i]) + eps)
		}
	}},
	{"adagrad", 0.05, func(s *Settings, _ int, theta, grad, square, _ []float64) {
		for i, g := range grad {
			square[i] += g * g
			theta[i] -= s.Rate * g / math.Sqrt(0.1+square[i])
		}
	}},
}

// sgdStepInGo adds velocity to theta: the sum of all steps -η·g so far, each shrunk by momentum once a batch.
// Nesterov's form looks one step of momentum ahead.
func sgdStepInGo(theta, grad, velocity []float64, rate, momentum float64, nesterov bool) {
	for i, g := range grad {
		velocity[i] = momentum*velocity[i] - rate*g
		if nesterov {
			theta[i] += momentum*velocity[i] - rate*g
		} else {
			theta[i] += velocity[i]
		}
	}
}

// clipNorm shortens grad to the length limit if it is longer.
func clipNorm(grad []float64, limit float64) {
	if norm := math.Sqrt(dot(grad, grad)); norm > limit {
		for i := range grad {
			grad[i] *= limit / norm
		}
	}
}

// Schedule changes η as training goes on.
type Schedule struct {
	Name     string
	Rate     func(eta float64, seen int) float64 // after so many examples, when it began as eta; nil if it stays
	Adaptive bool                                // when training would stop, go on at a fifth of η instead
}

func (schedule Schedule) String() string { return schedule.Name }

// Schedules lists them.
var Schedules = []Schedule{
	{Name: "constant"},
	{Name: "invscaling", Rate: func(eta float64, seen int) float64 { return eta / math.Sqrt(float64(seen)+1) }},
	{Name: "adaptive", Adaptive: true},
}

// ---- Training ----

// Examples are n images, a byte a pixel, image after image, and their n labels.
type Examples struct{ X, Y []byte }

// Settings are what scikit-learn's MLPClassifier takes, and a few more.
type Settings struct {
	Loss             string
	Sum              bool    // follow the gradient of a batch's summed loss, not of its mean
	Alpha            float64 // L2 penalty: 0.5·α·Σw² is added to a batch's summed loss
	Dropout          float64 // share of the hidden outputs dropped in training
	Clip             float64 // the gradient's largest length; 0 for any
	Solver, Schedule string  // the schedule is for sgd
	Rate, Momentum   float64 // η at the start; momentum, for sgd
	Nesterov         bool    // the momentum's form
	Batch, Epochs    int     // examples a batch; at most this many epochs
	Batches          int     // batches an epoch; 0 for one pass over the examples
	Tol              float64 // an epoch must beat the best by this to count as an improvement
	Patience         int     // training ends after more than this many epochs in a row without one
	EarlyStop        bool    // watch the score on the validation examples, not the loss, and keep the best weights

	// AfterBatch gets the number of examples of this epoch so far and their mean loss. AfterEpoch gets the epoch, from
	// 1; the mean loss of its examples, each before its batch's step, with penalty; and the validation examples'
	// probabilities, n × classes. Training ends when either returns false.
	AfterBatch func(seen int, loss float64) bool
	AfterEpoch func(epoch int, loss float64, valid []float64) bool
}

// ErrDiverged means that the loss is no longer a finite number, or that the network is no longer bounded.
var ErrDiverged = errors.New("the loss or a weight has grown beyond all bounds")

// chunk is how many examples are worked on together: the gradients of a larger batch's chunks add up, so that memory
// does not grow with it. The usual batch of 200 is one chunk.
const chunk = 256

// trainer is the state of a run.
type trainer struct {
	Settings // Rate is η as the schedule has it
	loss     Loss
	solver   Solver
	schedule Schedule
	net      *Network
	team     *team
	rng      *RandomState
	data     Examples
	order    []int // the examples as last shuffled
	left     []int // those of them that no batch of this pass has had
	steps    int   // batches so far
	seen     int   // examples of whole epochs

	// Of the chunk at hand: for each layer a matrix with a row an example, and the losses of the examples.
	outputs, deltas, keeps [][]float64 // a, delta and, with dropout, keep of their layers
	losses                 []float64
	portions               []portion

	stripes []stripe
	grad    []float64 // all of ∂L/∂θ
}

// portion is a part of a chunk, neighbouring examples that one worker takes: layers for the example at hand and, for
// each input of each layer, the list of those that gave it something. All portions' lists, one portion after the other,
// are in the examples' order, so that it does not matter how many portions there are.
type portion struct {
	layers []layer
	lists  [][][]entry
}

// stripe is the weights that leave some neighbouring inputs of a layer: enough that workers at different stripes hardly
// meet in a cache line, and few enough that their gradient (with 50 units 13 kB) is still in the cache when the solver
// takes it.
type stripe struct {
	layer, first, inputs int       // which inputs
	theta, grad          []float64 // the weights, with the biases at the end of the last stripe of a layer; ∂L/∂ them
	weights              int       // how many of them are not biases
	squares              float64   // Σw² over those, for the penalty
	memory1, memory2     []float64 // the solver's
}

const stripeInputs = 32

// batch returns the numbers of the next batch's examples. Before each pass over the data they are shuffled, from the
// order in which the last pass had them.
func (t *trainer) batch() (batch []int) {
	if len(t.left) == 0 {
		t.left = t.rng.Permutation(len(t.order))
		for i, k := range t.left {
			t.left[i] = t.order[k]
		}
		t.order = t.left
	}
	batch = t.left[:min(t.Batch, len(t.left))]
	t.left = t.left[len(batch):]
	return batch
}

// drop draws which hidden outputs a chunk does without. Those kept grow to make up for them: the expected a is the
// same, and the trained network needs no correction.
func (t *trainer) drop() {
	for _, keep := range t.keeps {
		for i := range keep {
			keep[i] = indicator(t.rng.Float64() >= t.Dropout) / (1 - t.Dropout)
		}
	}
}

// step follows the gradient of the loss on a batch, once. It returns the mean of the examples' losses, with the
// penalty, whatever Sum says. Workers first share the examples, then the weights.
func (t *trainer) step(batch []int) (loss float64) {
	t.steps++
	scale := 1 / float64(len(batch))
	if t.Sum {
		scale = 1
	}
	for start := 0; start < len(batch); start += chunk {
		part := batch[start:min(start+chunk, len(batch))]
		if t.Dropout > 0 {
			t.drop()
		}
		t.team.deal(len(t.portions), func(_, k int) {
			t.portions[k].forget()
			for i := len(part) * k / len(t.portions); i < len(part)*(k+1)/len(t.portions); i++ {
				t.losses[i] = t.example(&t.portions[k], part[i], i, scale)
			}
		})
		t.team.deal(len(t.stripes), func(_, k int) {
			s := &t.stripes[k]
			t.gradient(s, scale*t.Alpha, start == 0)
			if t.Clip == 0 && start+chunk >= len(batch) {
				t.update(s)
			}
		})
		for _, v := range t.losses[:len(part)] {
			loss += v
		}
	}
	if t.Clip > 0 { // for which the whole gradient must be known
		clipNorm(t.grad, t.Clip)
		t.team.deal(len(t.stripes), func(_, k int) { t.update(&t.stripes[k]) })
	}
	for _, s := range t.stripes {
		loss += 0.5 * t.Alpha * s.squares
	}
	return loss / float64(len(batch))
}

// forget empties the lists, for the next chunk.
func (mine *portion) forget() {
	for _, lists := range mine.lists {
		for i := range lists {
			lists[i] = lists[i][:0]
		}
	}
}

// example runs an example, the i-th of a chunk, forward and backward, and returns its loss. The deltas are scaled, and
// with them the gradient.
func (t *trainer) example(mine *portion, number, i int, scale float64) (loss float64) {
	layers, pixels := mine.layers, t.net.Sizes[0]
	for l, n := range t.net.Sizes[1:] {
		layers[l].a, layers[l].delta = t.outputs[l][i*(n+1):][:n+1], t.deltas[l][i*n:][:n]
		if l < len(t.keeps) {
			layers[l].keep = t.keeps[l][i*n:][:n]
		}
	}
	layers[0].load(t.data.X[number*pixels:][:pixels])
	p, delta, label := t.net.forward(layers), layers[len(layers)-1].delta, t.data.Y[number]
	copy(delta, p)
	delta[label]-- // p - y
	t.loss.Delta(delta, p)
	for k := range delta {
		delta[k] *= scale
	}
	t.net.backward(layers)
	for l, lists := range mine.lists {
		offset := 0 // of the example's numbers in gradient's x
		if l > 0 {
			offset = i * len(lists)
		}
		for _, e := range layers[l].in {
			lists[e.row] = append(lists[e.row], entry{uint32(i), uint32(offset) + e.input})
		}
	}
	return t.loss.Value(p, label)
}

// gradient adds Σ_examples a_(l-1)ᵀ·δ_l over the chunk to a stripe of ∂L/∂θ. A batch's first chunk starts it from the
// penalty's gradient, penalty·W. Biases have none.
func (t *trainer) gradient(s *stripe, penalty float64, fresh bool) {
	if fresh {
		w := s.theta[:s.weights]
		for j, v := range w {
			s.grad[j] = penalty * v
		}
		clear(s.grad[len(w):])
		s.squares = dot(w, w)
	}
	x := grays[:]
	if s.layer > 0 {
		x = t.outputs[s.layer-1]
	}
	n := t.net.Sizes[s.layer+1]
	for i := range s.inputs {
		for _, portion := range t.portions {
			addRows(s.grad[i*n:][:n], portion.lists[s.layer][s.first+i], x, t.deltas[s.layer])
		}
	}
}

// update takes the solver's step for a stripe.
func (t *trainer) update(s *stripe) {
	t.solver.Step(&t.Settings, t.steps, s.theta, s.grad, s.memory1, s.memory2)
}

// epoch trains on this many batches, commonly one pass over the examples. It returns the mean loss of their examples,
// and whether it came to the end: AfterBatch may stop it, and so does a loss that is NaN.
func (t *trainer) epoch(batches int) (loss float64, whole bool) {
	sum, seen := 0.0, 0
	for whole = true; whole && batches > 0; batches-- {
		batch := t.batch()
		sum += t.step(batch) * float64(len(batch))
		seen += len(batch)
		whole = !math.IsNaN(sum) && (t.AfterBatch == nil || t.AfterBatch(seen, sum/float64(seen)))
	}
	t.seen += seen
	return sum / float64(seen), whole
}

// Train fits the network to data by mini-batch gradient descent, epoch after epoch. Training ends after the epochs,
// when patience runs out, when a callback says so, or with ErrDiverged. Settings or examples that make no sense are an
// error before anything is changed.
func (net *Network) Train(data, valid Examples, s Settings, rng *RandomState) error {
	t, err := newTrainer(net, data, valid, s, rng)
	if err != nil {
		return err
	}
	defer t.team.dismiss()
	batches := cmp.Or(s.Batches, (len(data.Y)+t.Batch-1)/t.Batch)
	best, worse, kept := math.Inf(1), 0, []float64(nil) // worse: epochs in a row that were no improvement
	if s.EarlyStop {
		best = math.Inf(-1)
	}
	for epoch, goOn := 1, true; goOn && epoch <= s.Epochs; epoch++ {
		loss, whole := t.epoch(batches)
		if math.IsNaN(loss) || math.IsInf(loss, 0) || !net.bounded() {
			return ErrDiverged
		}
		if !whole {
			break
		}
		p, _ := net.Evaluate(valid.X)
		goOn = s.AfterEpoch == nil || s.AfterEpoch(epoch, loss, p)
		now, better, clearly := loss, loss < best, loss <= best-s.Tol
		if s.EarlyStop {
			now = Mean(p, valid.Y, Right)
			better, clearly = now > best, now >= best+s.Tol
		}
		if worse++; clearly {
			worse = 0
		}
		if better {
			best = now
			if s.EarlyStop {
				kept = append(kept[:0], net.Theta...)
			}
		}
		if t.schedule.Rate != nil {
			t.Rate = t.schedule.Rate(s.Rate, t.seen)
		}
		if worse > s.Patience { // the end, but adaptive goes on at a fifth of the rate, down to 1e-6
			goOn = goOn && t.schedule.Adaptive && t.Rate > 1e-6
			t.Rate, worse = t.Rate/5, 0
		}
	}
	copy(net.Theta, kept) // nothing, unless they were kept
	return nil
}

// ---- Using the network ----

// Unit is what a hidden unit does, over a set of images.
type Unit struct {
	Fired int     // the images for which its output is not 0
	Use   float64 // its part in the next layer's sums, Σ|a·w|, as a multiple of the average unit's
}

// Evaluate runs the network on images, a byte a pixel, image after image: p has a row of probabilities for each, units
// says what the units of each hidden layer did. Many goroutines may call it at once. It starts no more workers than
// there are images, and panics if the last image is not whole.
func (net *Network) Evaluate(x []byte) (p []float64, units [][]Unit) {
	pixels, classes := net.Sizes[0], net.Sizes[len(net.W)]
	n := len(x) / pixels
	if n*pixels != len(x) {
		panic(fmt.Sprintf("%d pixels, expected whole images of %d", len(x), pixels))
	}
	p = make([]float64, n*classes)
	pieces := min(n, 64) // however many workers: each has sums of its own, added up in a fixed order
	sums := make([][][]Unit, pieces)
	team := newTeam(max(1, min(net.Workers, pieces)))
	defer team.dismiss()
	layers := make([][]layer, team.size)
	team.deal(pieces, func(worker, piece int) {
		if layers[worker] == nil {
			layers[worker] = net.newLayers()
		}
		sums[piece] = net.noUnits()
		for i := n * piece / pieces; i < n*(piece+1)/pieces; i++ {
			layers[worker][0].load(x[i*pixels:][:pixels])
			copy(p[i*classes:], net.forward(layers[worker]))
			for l, units := range sums[piece] {
				for j := range units {
					if a := layers[worker][l].a[j]; a != 0 {
						units[j].Fired++
						units[j].Use += math.Abs(a)
					}
				}
			}
		}
	})
	units = net.noUnits()
	for l, layer := range units {
		total, fanOut := 0x1p-1022, net.Sizes[l+2] // no output at all: 0 of it is used
		for j := range layer {
			unit := &layer[j]
			for _, sum := range sums {
				unit.Fired += sum[l][j].Fired
				unit.Use += sum[l][j].Use
			}
			strength := 0.0
			for _, v := range net.W[l+1][j*fanOut:][:fanOut] {
				strength += math.Abs(v)
			}
			unit.Use *= strength
			total += unit.Use
		}
		for j := range layer {
			layer[j].Use = layer[j].Use * float64(len(layer)) / total
		}
	}
	return p, units
}

// noUnits has a Unit for each unit of each hidden layer.
func (net *Network) noUnits() (units [][]Unit) {
	for _, size := range net.Sizes[1:len(net.W)] {
		units = append(units, make([]Unit, size))
	}
	return units
}

// Argmax returns the place of the largest number, the first if there are several; 0 if one is NaN.
func Argmax(p []float64) int { return max(0, slices.Index(p, slices.Max(p))) }

// Mean averages over the examples what value makes of their probabilities and label: with a loss's Value what the
// answers cost, without penalty; with Right the share of right answers. There must be examples.
func Mean(p []float64, labels []byte, value func(p []float64, label byte) float64) float64 {
	sum, classes := 0.0, len(p)/len(labels)
	for i, label := range labels {
		sum += value(p[i*classes:][:classes], label)
	}
	return sum / float64(len(labels))
}

// Right is 1 if the most probable class is the label, else 0.
func Right(p []float64, label byte) float64 { return indicator(Argmax(p) == int(label)) }

// ---- Appendix: the kernels, where the time goes ----

// addRows adds to sum the rows of the matrix w that a list names, each times its input: sum += Σ w[row]·x[input], rows
// as long as sum. Inputs of 0 can be left out, since they add nothing. This is the forward pass, and the gradient.
//
// multiplyRows is the way back: it sets y[row] to the product of that row and v, for each row that the list names.
//
// Where a processor can take several numbers at a time, these variables hold functions that do, in the same order: the
// bits are the same. What remarks say of speed was measured on a virtual AMD EPYC (Zen 3) of two cores.
var addRows, multiplyRows, sgdStep = addRowsInGo, multiplyRowsInGo, sgdStepInGo

// addRowsInGo takes four rows at a time, which reads and writes sum a quarter as often and is twice as fast as one at a
// time; eight run out of registers. Two columns at a time, because the loop with one lost a third of its speed at half
// of the addresses that the compiler happened to give it. The order of the additions is that of the list. Each float64
// rounds a product: some processors can add it unrounded, and then it would matter how the workers cut a list.
func addRowsInGo(sum []float64, list []entry, x, w []float64) {
	n := len(sum)
	for ; len(list) >= 4; list = list[4:] {
		v0, v1, v2, v3 := x[list[0].input], x[list[1].input], x[list[2].input], x[list[3].input]
		w0, w1 := w[int(list[0].row)*n:][:n], w[int(list[1].row)*n:][:n]
		w2, w3 := w[int(list[2].row)*n:][:n], w[int(list[3].row)*n:][:n]
		for j := 1; j < n; j += 2 {
			sum[j-1] = sum[j-1] + float64(v0*w0[j-1]) + float64(v1*w1[j-1]) + float64(v2*w2[j-1]) + float64(v3*w3[j-1])
			sum[j] = sum[j] + float64(v0*w0[j]) + float64(v1*w1[j]) + float64(v2*w2[j]) + float64(v3*w3[j])
		}
		if j := n - 1; n%2 == 1 {
			sum[j] = sum[j] + float64(v0*w0[j]) + float64(v1*w1[j]) + float64(v2*w2[j]) + float64(v3*w3[j])
		}
	}
	for _, e := range list {
		v, w := x[e.input], w[int(e.row)*n:][:n]
		for j := range sum {
			sum[j] += float64(v * w[j])
		}
	}
}

func multiplyRowsInGo(y []float64, list []entry, w, v []float64) {
	for _, e := range list {
		y[e.row] = dot(w[int(e.row)*len(v):][:len(v)], v)
	}
}

// dot returns Σ_j x_j·y_j. Four sums, because each addition waits for the one before.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	j := 3
	for ; j < len(x); j += 4 {
		s0 += x[j-3] * y[j-3]
		s1 += x[j-2] * y[j-2]
		s2 += x[j-1] * y[j-1]
		s3 += x[j] * y[j]
	}
	for j -= 3; j < len(x); j++ {
		s0 += x[j] * y[j]
	}
	return s0 + s1 + (s2 + s3)
}

// grays has the input of each value that a pixel can have. The last one is 1, and serves the biases too.
var grays = func() (x [256]float64) {
	for v := range x {
		x[v] = float64(v) / 255
	}
	return x
}()

// load makes image the first layer's input. Four fifths of a digit are black, so eight pixels are passed over at once.
// Any other is listed, but counted only if it is not black: without a branch, which the processor would too often
// guess wrong.
func (first *layer) load(image []byte) {
	in, n := first.in[:len(image)+1], 0
	for i := 0; i < len(image); i += 8 {
		pixels := image[i:min(i+8, len(image))]
		if len(pixels) == 8 && binary.LittleEndian.Uint64(pixels) == 0 {
			continue
		}
		for k, v := range pixels {
			in[n] = entry{uint32(i + k), uint32(v)}
			n += (int(v) + 255) >> 8 // 0 for black, 1 for all else
		}
	}
	in[n] = entry{uint32(len(image)), 255}
	first.in = in[:n+1]
}

// ---- Appendix: the team of workers ----

// team is goroutines that share one job after another. A job is pieces that may be done in any order, by anyone: the
// result must not depend on it.
type team struct {
	size   int
	work   func(worker, piece int) // nil: the team is dismissed
	pieces int
	taken  []place      // for each piece the last job in which somebody took it
	job    atomic.Int64 // the number of the job at hand
	busy   atomic.Int64 // members who are not yet through with it
	mutex  sync.Mutex
	change *sync.Cond // of job or busy, for members who sleep
}

// place has a cache line of its own, so that nobody waits for a neighbour's.
type place struct {
	atomic.Int64
	_ [56]byte
}

func newTeam(size int) *team {
	t := &team{size: size}
	t.change = sync.NewCond(&t.mutex)
	for worker := 1; worker < size; worker++ {
		go func() {
			for job := int64(1); ; job++ {
				t.wait(func() bool { return t.job.Load() == job })
				if t.work == nil {
					return
				}
				t.take(worker, job)
				t.busy.Add(-1)
				t.tell()
			}
		}()
	}
	return t
}

// deal runs work once for each piece, 0 to pieces-1, on the members side by side, and returns when all are done.
func (t *team) deal(pieces int, work func(worker, piece int)) {
	if pieces > len(t.taken) {
		t.taken = make([]place, pieces)
	}
	t.work, t.pieces = work, pieces
	t.busy.Store(int64(t.size - 1))
	job := t.job.Add(1)
	t.tell()
	t.take(0, job)
	t.wait(func() bool { return t.busy.Load() == 0 })
}

// take does the pieces that nobody has taken. Each member begins with a share of its own, the same in every job: the
// memory that belongs to it is then in its cache. Who is through with it helps the others; looking first is cheap, since
// only a swap takes the cache line away from the one who has it.
func (t *team) take(worker int, job int64) {
	for k := range t.pieces {
		piece := (worker*t.pieces/t.size + k) % t.pieces
		if taken := &t.taken[piece]; taken.Load() != job && taken.Swap(job) != job {
			t.work(worker, piece)
		}
	}
}

// dismiss ends the team.
func (t *team) dismiss() {
	t.work = nil
	t.job.Add(1)
	t.tell()
}

// wait returns when something has come true. A batch has two jobs of some 100 µs, and to wake a goroutine that sleeps
// takes 65 µs: so it asks again and again for about as long, and only then sleeps, until it is told of a change.
func (t *team) wait(ready func() bool) {
	for range 1000 {
		if ready() {
			return
		}
		runtime.Gosched()
	}
	t.mutex.Lock()
	for !ready() {
		t.change.Wait()
	}
	t.mutex.Unlock()
}

// tell wakes who sleeps. Whoever is between asking and sleeping holds the mutex: to wait for it is to find them asleep.
func (t *team) tell() {
	t.mutex.Lock()
	t.mutex.Unlock()
	t.change.Broadcast()
}

// ---- Appendix: what a run begins with, and what callers can get wrong ----

// newTrainer refuses settings and examples that make no sense.
func newTrainer(net *Network, data, valid Examples, s Settings, rng *RandomState) (*trainer, error) {
	loss, err1 := Find(Losses, s.Loss)
	solver, err2 := Find(Solvers, s.Solver)
	schedule, err3 := Find(Schedules, s.Schedule)
	if err := cmp.Or(err1, err2, err3, net.check(data), net.check(valid)); err != nil {
		return nil, err
	}
	switch {
	case net.Workers < 1:
		return nil, fmt.Errorf("%d workers, expected 1 or more", net.Workers)
	case s.Batch < 1 || s.Batches < 0:
		return nil, fmt.Errorf("%d batches of %d examples an epoch, expected 0 or more of at least 1",
			s.Batches, s.Batch)
	case !(s.Dropout < 1 && s.Momentum <= 1 && max(s.Rate, s.Alpha) < math.Inf(1) && s.Tol < math.Inf(1)) ||
		!(min(s.Dropout, s.Rate, s.Momentum, s.Alpha, s.Clip, float64(s.Patience)) >= 0):
		return nil, fmt.Errorf("dropout %g, rate %g, momentum %g, alpha %g, clip %g, patience %d, tol %g, expected finite "+
			"numbers, only tol below 0, dropout below 1, momentum at most 1",
			s.Dropout, s.Rate, s.Momentum, s.Alpha, s.Clip, s.Patience, s.Tol)
	case solver.Name != "sgd" && schedule.Name != "constant":
		return nil, fmt.Errorf("schedule %s with solver %s, expected constant", schedule, solver)
	case len(data.Y) == 0 || s.EarlyStop && len(valid.Y) == 0:
		return nil, errors.New("no examples to train on, or none to stop early by, expected some")
	}
	s.Batch = min(s.Batch, len(data.Y))
	m := min(s.Batch, chunk)
	t := &trainer{Settings: s, loss: loss, solver: solver, schedule: schedule, net: net,
		rng: rng, data: data, grad: make([]float64, len(net.Theta)), losses: make([]float64, m),
		portions: make([]portion, min(net.Workers, m))}
	for i := range data.Y {
		t.order = append(t.order, i)
	}
	theta, grad := net.Theta, t.grad
	for l, fanOut := range net.Sizes[1:] {
		t.deltas = append(t.deltas, make([]float64, m*fanOut))
		t.outputs = append(t.outputs, make([]float64, m*(fanOut+1)))
		if s.Dropout > 0 && l+1 < len(net.W) {
			t.keeps = append(t.keeps, make([]float64, m*fanOut))
		}
		fanIn := net.Sizes[l]
		for first := 0; first <= fanIn; first += stripeInputs {
			inputs := min(stripeInputs, fanIn+1-first)
			n := inputs * fanOut
			part := stripe{layer: l, first: first, inputs: inputs, theta: theta[:n], grad: grad[:n],
				weights: min(inputs, fanIn-first) * fanOut, memory1: make([]float64, n), memory2: make([]float64, n)}
			t.stripes = append(t.stripes, part)
			theta, grad = theta[n:], grad[n:]
		}
	}
	t.team = newTeam(min(net.Workers, max(m, len(t.stripes))))
	// Each worker makes its own, so that no two of them write to one cache line.
	t.team.deal(len(t.portions), func(_, k int) {
		t.portions[k].layers = net.newLayers()
		for _, fanIn := range net.Sizes[:len(net.W)] {
			lists := make([][]entry, fanIn+1)
			for i := range lists {
				lists[i] = make([]entry, 0, m/len(t.portions)+1)
			}
			t.portions[k].lists = append(t.portions[k].lists, lists)
		}
	})
	return t, nil
}

// check refuses examples that do not fit the network.
func (net *Network) check(data Examples) error {
	pixels, classes := net.Sizes[0], net.Sizes[len(net.W)]
	if len(data.X) != pixels*len(data.Y) {
		return fmt.Errorf("%d pixels, expected %d for each of %d examples", len(data.X), pixels, len(data.Y))
	}
	if len(data.Y) > 0 && int(slices.Max(data.Y)) >= classes {
		return fmt.Errorf("label %d, expected at most %d, for %d classes", slices.Max(data.Y), classes-1, classes)
	}
	return nil
}

// bounded is whether every weight is a number below 1e30, and no sum of weighted inputs can be 1e300 or more: above
// 1.8e308 it would overflow.
func (net *Network) bounded() bool {
	input := 1.0 // how large an input, or the bias's, may be
	for l, w := range net.W {
		weight := max(slices.Max(w), -slices.Min(w))
		z := float64(net.Sizes[l]+1) * input * weight
		if !(weight < 1e30 && z < 1e300) { // or NaN
			return false
		}
		input = max(1, net.Activation.F(z), -net.Activation.F(-z))
	}
	return true
}

// Parameters is how many weights, biases among them, layers of these sizes have.
func Parameters(sizes []int) (n int, err error) {
	const most = 1 << 28 // 2 GiB of them
	for l := 1; l < len(sizes); l++ {
		if min(sizes[l-1], sizes[l]) < 1 || sizes[l-1] >= (most-n)/sizes[l] {
			n = 0
			break
		}
		n += (sizes[l-1] + 1) * sizes[l]
	}
	if n == 0 {
		err = fmt.Errorf("layers of %d, expected inputs and outputs, each size 1 or more, and at most %d weights",
			sizes, most)
	}
	return n, err
}

// Find returns the entry of a list that has the name: of Activations, Losses, Solvers, Schedules.
func Find[T fmt.Stringer](list []T, name string) (found T, err error) {
	names := Names(list)
	if k := slices.Index(names, name); k >= 0 {
		return list[k], nil
	}
	return found, fmt.Errorf("%.40q, expected one of %s", name, strings.Join(names, ", "))
}

// Names returns the names in a list.
func Names[T fmt.Stringer](list []T) (names []string) {
	for _, entry := range list {
		names = append(names, entry.String())
	}
	return names
}

// ---- Appendix: random numbers, as numpy draws them ----

// RandomState is numpy's legacy generator of that name: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998),
// seeded from one 32-bit integer.
type RandomState struct {
	state [624]uint32
	next  int // the next word of state to hand out
}

func NewRandomState(seed uint32) *RandomState {
	r := &RandomState{}
	for i := range r.state {
		r.state[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return r
}

// Uint32 returns 32 random bits, and renews the word of state that they come from.
func (r *RandomState) Uint32() uint32 {
	i := r.next
	r.next = (i + 1) % 624
	y := r.state[i]&0x80000000 | r.state[r.next]&0x7fffffff
	y = r.state[(i+397)%624] ^ y>>1 ^ (y&1)*0x9908b0df
	r.state[i] = y
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// Float64 returns a number in [0, 1) with 53 random bits.
func (r *RandomState) Float64() float64 {
	high, low := r.Uint32()>>5, r.Uint32()>>6
	return (float64(high)*(1<<26) + float64(low)) / (1 << 53)
}

// Permutation returns the numbers 0 to n-1 in the order that numpy's permutation has for them.
func (r *RandomState) Permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j, mask := n, uint32(1)<<bits.Len32(uint32(i))-1
		for j > i { // from 0 to i: as many bits as i has, until they are not above it
			j = int(r.Uint32() & mask)
		}
		p[i], p[j] = p[j], p[i]
	}
	return p
}
