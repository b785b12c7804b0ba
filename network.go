// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// A multi-layer perceptron, trained by mini-batch backpropagation. Given the same data, seed and settings, and at least
// three classes, it takes the same steps as scikit-learn's MLPClassifier: the losses agree in every digit that both
// print.
//
// The letters, as a lecture on neural networks writes them and as they stand here:
//
//	x      x      the inputs of one example: pixels, from 0 for black to 1 for white
//	θ      Theta  every weight of the network
//	W, b   W      layer l's part of it, fanIn+1 rows: row i holds the fanOut weights that leave input i, then zeros up to
//	              padded(fanOut) numbers; the last row is the biases, the weights of one more input that is always 1
//	z      z      a layer's weighted sums, z_l = W_lᵀ·a_(l-1), where a_(-1) is x
//	a      a      a layer's outputs, a_l = h(z_l)
//	h, h'  F      the activation function and its derivative
//	p      p      the last layer's outputs, softmax(z): a probability for each class
//	L      loss   how wrong p is, for one example or on average
//	δ      delta  ∂L/∂z, how the loss changes with a layer's weighted sums
//	∂L/∂θ  grad   the gradient, in Theta's order
//	η      Rate   the learning rate
//	α      Alpha  the strength of the L2 penalty
//
// The lecture leaves out the biases, and writes δ_i in one formula where δ_j is meant. Its layers count from 1; here
// layer 0 is the first with weights. Here a and δ are columns, so ∂L/∂W is a·δᵀ; where they are rows, the same matrix
// is aᵀδ. Matrices are flat slices: in rows of n numbers, padded(fanOut) for W, entry (i, j) is element i*n+j.
//
// The network comes first, in the order of the idea: activations and losses; backpropagation in its plainest form, then
// in its fast form; solvers; training; using the network. Appendices follow: the kernels, where the time goes; the team
// of workers; what callers can get wrong; numpy's random numbers.

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

// An Activation is the function h of the hidden layers.
type Activation struct {
	Name string
	F    func(z, a, slope []float64) // sets a = h(z) and slope = h'(z) for every unit of a layer
	Init float64                     // how large the first weights are: see NewNetwork
}

func (act Activation) String() string { return act.Name }

// At returns h(z) and h'(z) for a single number.
func (act Activation) At(z float64) (a, slope float64) {
	var out [2]float64
	act.F([]float64{z}, out[:1], out[1:])
	return out[0], out[1]
}

// Activations lists what hidden layers can use. Each function loops over a layer's units itself, because calling one
// for every unit took 13% of training. Step is flat on both sides: its gradient is zero, so only the output layer learns.
var Activations = []Activation{
	{"relu", func(z, a, slope []float64) {
		for j, z := range z {
			a[j], slope[j] = max(0, z), indicator(z > 0)
		}
	}, 6},
	{"logistic", func(z, a, slope []float64) {
		for j, z := range z {
			a[j] = 1 / (1 + math.Exp(-z))
			slope[j] = a[j] * (1 - a[j])
		}
	}, 2},
	{"tanh", func(z, a, slope []float64) {
		for j, z := range z {
			a[j] = math.Tanh(z)
			slope[j] = 1 - a[j]*a[j]
		}
	}, 6},
	{"identity", func(z, a, slope []float64) {
		for j, z := range z {
			a[j], slope[j] = z, 1
		}
	}, 6},
	{"step", func(z, a, slope []float64) {
		for j, z := range z {
			a[j], slope[j] = indicator(z >= 0), 0
		}
	}, 6},
}

func indicator(is bool) float64 { return float64(bit(is)) }

// bit returns 1 or 0. The compiler makes it without a branch, which the processor would often guess wrong: without that,
// training took a twelfth longer.
func bit(is bool) (n int) {
	if is {
		n = 1
	}
	return n
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
// becomes p_k·(v_k - Σ_j p_j·v_j). The matrix is symmetric: it takes a change of z to the change of p, and ∂L/∂p to
// ∂L/∂z.
func softmaxSlope(v, p []float64) {
	mean := dot(p, v)
	for k := range v {
		v[k] = p[k] * (v[k] - mean)
	}
}

// A Loss is the cost of answering p when the true class is label, for one example.
type Loss struct {
	Name  string
	Value func(p []float64, label byte) float64
	Delta func(delta, p []float64) // turns delta from p - y into ∂L/∂z of the last layer
}

func (loss Loss) String() string { return loss.Name }

// Losses lists what training can minimise. With y, which is 1 for the true class and 0 for the others, they are
// -Σ_k y_k·ln(p_k) and Σ_k (p_k-y_k)².
var Losses = []Loss{
	{"cross-entropy", func(p []float64, label byte) float64 {
		const eps = 0x1p-52 // clipped as in scikit-learn: an impossible answer costs 36, not infinity
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

// A Network is a multi-layer perceptron: fully connected layers, the activation after each but the last, softmax after
// that. Training changes Theta; everything else only reads it, so many goroutines may call it at once. NewNetwork and
// Restore make one; a zero Network is of no use.
type Network struct {
	Sizes      []int // units in each layer, the inputs first: 784, 50, 10
	Activation Activation
	Theta      []float64   // every weight, layer after layer; Weights leaves out the zeros that fill the rows
	W          [][]float64 // W[l] is layer l's part of Theta
	Workers    int         // goroutines that share the work; any number from 1 on gives the same bits
}

// padded returns the length of a row of W: fanOut weights, and zeros up to a multiple of 4, so that a kernel that
// takes four numbers at a time leaves no remainder. With more than 64 weights the length is an odd multiple of 8: with
// a power of two, the rows of a stripe (see Training) would compete for the same few sets of the cache.
func padded(fanOut int) int {
	if fanOut > 64 {
		return (fanOut+7)&^7 | 8
	}
	return (fanOut + 3) &^ 3
}

// Restore makes a network from weights that are already known: theta holds each layer's rows of W, the biases last,
// without padding; Restore copies it. Workers is the number of cores. It is an error if the name of the activation is
// unknown, if theta does not have Parameters(sizes) weights, or if these are so large that sums could overflow.
func Restore(sizes []int, theta []float64, activation string) (*Network, error) {
	act, err := Find(Activations, activation)
	if err != nil {
		return nil, fmt.Errorf("activation %w", err)
	}
	net := &Network{Sizes: slices.Clone(sizes), Activation: act, Workers: runtime.GOMAXPROCS(0)}
	if n, err := Parameters(sizes); err != nil {
		return nil, err
	} else if n != len(theta) {
		return nil, fmt.Errorf("%d weights, expected %d for layers of %d", len(theta), n, sizes)
	}
	numbers := 0
	for l, fanOut := range sizes[1:] {
		numbers += (sizes[l] + 1) * padded(fanOut)
	}
	net.Theta = make([]float64, numbers)
	rest := net.Theta
	for l, fanOut := range sizes[1:] {
		size := (sizes[l] + 1) * padded(fanOut)
		net.W, rest = append(net.W, rest[:size:size]), rest[size:]
		for i := range sizes[l] + 1 {
			theta = theta[copy(net.Row(l, i), theta):]
		}
	}
	if !net.bounded() {
		return nil, errors.New("weights with which sums could overflow, expected numbers below 1e30, and sums below 1e300")
	}
	return net, nil
}

// NewNetwork draws weights between ±sqrt(f/(fanIn+fanOut)), where f is the activation's Init, as scikit-learn does: with
// 6, signals keep their size from layer to layer (Glorot and Bengio, 2010). The errors are Restore's.
func NewNetwork(sizes []int, activation string, rng *RandomState) (*Network, error) {
	n, _ := Parameters(sizes) // Restore returns its error
	net, err := Restore(sizes, make([]float64, n), activation)
	if err != nil {
		return nil, err
	}
	for l := range net.W {
		bound := math.Sqrt(net.Activation.Init / float64(sizes[l]+sizes[l+1]))
		for i := range sizes[l] + 1 {
			row := net.Row(l, i)
			for j := range row {
				row[j] = -bound + 2*bound*rng.Float64()
			}
		}
	}
	if !net.bounded() {
		return nil, errors.New("too many layers, expected sums that stay finite")
	}
	return net, nil
}

// Row returns the fanOut weights of layer l that leave its input i, or the biases if i is fanIn.
func (net *Network) Row(l, i int) []float64 {
	fanOut := net.Sizes[l+1]
	return net.W[l][i*padded(fanOut):][:fanOut:fanOut]
}

// Weights returns all weights as Restore takes them.
func (net *Network) Weights() (theta []float64) {
	n, _ := Parameters(net.Sizes)
	theta = make([]float64, 0, n)
	for l := range net.W {
		for i := range net.Sizes[l] + 1 {
			theta = append(theta, net.Row(l, i)...)
		}
	}
	return theta
}

// ---- Backpropagation, plainly: one example, every weight ----

// Backpropagate returns the loss of one example, whose inputs are x, and the gradient: grad[l] is ∂L/∂W_l and has the
// shape of W[l]. There is no penalty and no dropout. Training takes the fast form below; the tests hold it to this one.
func (net *Network) Backpropagate(x []float64, label byte, loss Loss) (cost float64, grad [][]float64) {
	last := len(net.W) - 1
	in := make([][]float64, last+1)    // in[l] is what enters layer l, fanIn+1 numbers: a_(l-1), then the bias's 1
	slope := make([][]float64, last+1) // slope[l] is h'(z_l), fanOut numbers; unused in the last layer
	grad = make([][]float64, last+1)
	a := x
	for l, w := range net.W {
		n := net.Sizes[l+1]
		width := padded(n)
		in[l] = append(slices.Clone(a), 1)
		z := make([]float64, n)
		for i, v := range in[l] {
			for j := range z {
				z[j] += v * w[i*width+j] // z_l = W_lᵀ·a_(l-1)
			}
		}
		a, slope[l] = make([]float64, n), make([]float64, n)
		if l < last {
			net.Activation.F(z, a, slope[l]) // a_l = h(z_l), and beside it h'(z_l)
		} else {
			copy(a, z)
			softmax(a) // p = softmax(z_l)
		}
	}
	p, delta := a, slices.Clone(a)
	delta[label]--       // p - y
	loss.Delta(delta, p) // δ_l = ∂L/∂z_l of the last layer
	for l := last; l >= 0; l-- {
		width := padded(len(delta))
		grad[l] = make([]float64, len(net.W[l]))
		below := make([]float64, len(in[l]))
		for i, v := range in[l] {
			for j, d := range delta {
				grad[l][i*width+j] = v * d          // ∂L/∂W_l = a_(l-1)·δ_lᵀ
				below[i] += net.W[l][i*width+j] * d // ∂L/∂a_(l-1) = W_l·δ_l
			}
		}
		if l > 0 {
			delta = below[:len(below)-1] // without the last row: the bias's 1 comes from no layer
			for i := range delta {
				delta[i] *= slope[l-1][i] // δ_(l-1) = h'(z_(l-1))·∂L/∂a_(l-1)
			}
		}
	}
	return loss.Value(p, label), grad
}

// ---- The same, fast: forward, then backward in reverse ----
//
// The fast form computes the same sums and leaves out the terms that are zero: four fifths of a digit's pixels are black,
// and half of the relu units are off. Adding zero changes no sum, and the terms that remain keep their order. So a
// layer's inputs become a list of those that count, each with its row of W.
//
// The plain form multiplies a·δᵀ as soon as it has δ. The fast form first takes a chunk of the batch's examples
// forward and backward, and keeps their traces. Then each worker adds up a·δᵀ over all of them for some rows of W at a
// time, a stripe (see Training), so that no two workers write to the same weights.

// An entry is one term of a weighted sum: x times a row of W.
type entry struct {
	row int
	x   float64
}

// A layer holds one layer's values while an example passes through.
type layer struct {
	*trace
	z     []float64 // padded(fanOut): the weighted sums, then zeros
	a     []float64 // fanOut outputs; p in the last layer
	slope []float64 // fanOut: h'(z), in hidden layers; times keep under dropout
}

// A trace is what the gradient needs of a layer after the example has passed, so each example of a chunk has its own. A
// worker uses z, a and slope again for its next example: they stay in its cache.
type trace struct {
	in     []entry   // the inputs that are not zero, in order, and then the bias's 1
	starts []int     // for each stripe of inputs the index in the list where it begins; finally the list's length
	keep   []float64 // fanOut: what dropout multiplies a by; nil without
	delta  []float64 // padded(fanOut): ∂L/∂z, then zeros
}

// newTraces allocates the traces of one example, layer by layer.
func (net *Network) newTraces() (traces []trace) {
	for l, n := range net.Sizes[1:] {
		traces = append(traces, trace{in: make([]entry, net.Sizes[l]+1), starts: make([]int, 0, net.Sizes[l]/stripeInputs+2),
			delta: make([]float64, padded(n))})
	}
	return traces
}

// newLayers allocates all that one example needs, layer by layer. Training puts the traces of the example at hand there.
func (net *Network) newLayers() (layers []layer) {
	traces := net.newTraces()
	for l, n := range net.Sizes[1:] {
		layers = append(layers, layer{&traces[l], make([]float64, padded(n)), make([]float64, n), make([]float64, n)})
	}
	return layers
}

// stripe returns the inputs in a stripe.
func (t *trace) stripe(number int) []entry { return t.in[t.starts[number]:t.starts[number+1]] }

// forward runs the first layer's inputs through the network and returns p, the last layer's outputs.
func (net *Network) forward(layers []layer) (p []float64) {
	for l := range layers {
		here := &layers[l]
		clear(here.z)
		addRows(here.z, here.in, net.W[l]) // z_l = W_lᵀ·a_(l-1)
		if l+1 < len(layers) {
			net.activate(here, &layers[l+1])
		}
	}
	last := layers[len(layers)-1]
	copy(last.a, last.z)
	softmax(last.a)
	return last.a
}

// activate takes a hidden layer from z to a and h'(z), and lists a as the next layer's inputs. It leaves out a unit
// only if a and h'(z) are both 0: with a = 0 alone, δ still passes through it.
func (net *Network) activate(here, next *layer) {
	net.Activation.F(here.z[:len(here.a)], here.a, here.slope) // a_l = h(z_l)
	for j, keep := range here.keep {
		here.a[j] *= keep
		here.slope[j] *= keep
	}
	in, n := next.in[:len(here.a)+1], 0
	next.starts = next.starts[:0]
	for first := 0; first < len(here.a); first += stripeInputs {
		next.starts = append(next.starts, n)
		for j := first; j < min(first+stripeInputs, len(here.a)); j++ {
			in[n] = entry{j, here.a[j]}
			n += bit(here.a[j] != 0) | bit(here.slope[j] != 0)
		}
	}
	in[n] = entry{len(here.a), 1}
	next.in, next.starts = in[:n+1], append(next.starts, n+1)
}

// backward sets every hidden layer's δ_l = ∂L/∂z_l, starting from the last layer's. Units that are not listed have
// slope 0, so multiplying makes their δ 0, whatever finite number an earlier example left there.
func (net *Network) backward(layers []layer) {
	for l := len(layers) - 1; l > 0; l-- {
		here, below := &layers[l], &layers[l-1]
		multiplyRows(below.delta, here.in[:len(here.in)-1], net.W[l], here.delta) // W_l·δ_l, without the bias
		for j, slope := range below.slope {
			below.delta[j] *= slope // δ_(l-1) = h'(z_(l-1))·(W_l·δ_l)
		}
	}
}

// ---- Solvers: each takes one step from the batch's gradient ----

// A Solver updates weights from a gradient. Step changes theta, a part of Theta, given grad, the same part of the
// gradient. memory1 and memory2 are its state for each weight, initially zero; t counts batches from 1.
type Solver struct {
	Name string
	Rate float64 // the default for η
	Step func(s *Settings, t int, theta, grad, memory1, memory2 []float64)
}

func (solver Solver) String() string { return solver.Name }

// Solvers lists gradient descent with momentum; Adam (Kingma and Ba, 2015), which divides the running mean of the
// gradients by the root of that of their squares; and Adagrad (Duchi, Hazan and Singer, 2011), which divides by the
// root of the sum of all squared gradients; that sum starts at 0.1, as in TensorFlow.
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

// sgdStepInGo adds velocity to theta: the sum of all steps -η·g so far, each shrunk by momentum at every later batch.
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

// clipNorm scales grad down to the length limit if it is longer.
func clipNorm(grad []float64, limit float64) {
	if norm := math.Sqrt(dot(grad, grad)); norm > limit {
		for i := range grad {
			grad[i] *= limit / norm
		}
	}
}

// A Schedule changes η as training goes on.
type Schedule struct {
	Name     string
	Rate     func(eta, seen float64) float64 // η after so many examples, if it began as eta; nil if it stays
	Adaptive bool                            // when training would stop, go on with a fifth of η instead
}

func (schedule Schedule) String() string { return schedule.Name }

// Schedules lists the ways in which η can change.
var Schedules = []Schedule{
	{Name: "constant"},
	{Name: "invscaling", Rate: func(eta, seen float64) float64 { return eta / math.Sqrt(seen+1) }},
	{Name: "adaptive", Adaptive: true},
}

// ---- Training ----

// Examples are n images, one byte a pixel, image after image, and their n labels.
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
	Batch, Epochs    int     // examples in a batch; at most this many epochs
	Batches          int     // batches in an epoch; 0 for one pass over the examples
	Tol              float64 // an epoch must beat the best by this to count as an improvement
	Patience         int     // training ends after more than this many epochs in a row without one
	EarlyStop        bool    // watch the score on the validation examples, not the loss, and keep the best weights

	// AfterBatch gets the number of examples of this epoch so far and their mean loss. AfterEpoch gets the epoch, from
	// 1; its η; the mean loss of its examples, each before its batch's step, with penalty; and the validation examples'
	// probabilities, n × classes. Training ends when either returns false.
	AfterBatch func(seen int, loss float64) bool
	AfterEpoch func(epoch int, rate, loss float64, valid []float64) bool
}

// ErrDiverged means that the loss is no longer a finite number, or that the network is no longer bounded.
var ErrDiverged = errors.New("the loss or a weight has grown beyond all bounds")

// chunk is the number of examples that are worked on together. A larger batch adds up the gradients of its chunks, so
// that memory does not grow with it. The usual batch of 200 is one chunk.
const chunk = 256

// few is the number of examples that a worker takes at a time. A batch of 200 makes 20 pieces.
const few = 10

// A trainer is the state of a run.
type trainer struct {
	Settings // Rate is η as the schedule has it
	loss     Loss
	solver   Solver
	schedule Schedule
	net      *Network
	team     *team
	rng      *RandomState
	data     Examples
	order    []int   // the examples as last shuffled
	left     []int   // those of them that no batch of this pass has had
	steps    int     // batches so far
	seen     float64 // examples in whole epochs so far

	layers  [][]layer // of each worker
	traces  [][]trace // of each example in the chunk
	losses  []float64 // of each example in the chunk
	stripes []stripe
	grad    []float64 // ∂L/∂θ, like Theta
}

// A stripe is the weights that leave some adjacent inputs of a layer: their rows of W, and in a layer's last
// stripe also the biases.
type stripe struct {
	layer, number    int       // it is the number-th of the layer
	theta, grad      []float64 // the weights; ∂L/∂ them
	weights          int       // how many of them are not biases
	squares          float64   // Σw² over those, for the penalty
	memory1, memory2 []float64 // the solver's
}

// stripeInputs is the number of inputs in a stripe, a multiple of 64, as load takes 64 pixels at a time. The stripe's
// gradient is added up blockColumns columns at a time. With half as many inputs training took 5% longer, because of
// twice as many calls; with more inputs there would be too few stripes to share out.
const stripeInputs, blockColumns = 128, 64

// newTrainer allocates what training needs. It returns an error if settings or examples make no sense.
func newTrainer(net *Network, data, valid Examples, s Settings, rng *RandomState) (*trainer, error) {
	loss, err1 := Find(Losses, s.Loss)
	solver, err2 := Find(Solvers, s.Solver)
	schedule, err3 := Find(Schedules, s.Schedule)
	if err := cmp.Or(err1, err2, err3, s.check(net, data, valid)); err != nil {
		return nil, err
	}
	s.Batch = min(s.Batch, len(data.Y))
	m := min(s.Batch, chunk)
	t := &trainer{Settings: s, loss: loss, solver: solver, schedule: schedule, net: net, rng: rng, data: data,
		traces: make([][]trace, m), losses: make([]float64, m), grad: make([]float64, len(net.Theta))}
	for i := range data.Y {
		t.order = append(t.order, i)
	}
	theta, grad := net.Theta, t.grad
	for l, fanOut := range net.Sizes[1:] {
		fanIn, width := net.Sizes[l], padded(fanOut)
		for first := 0; first < fanIn; first += stripeInputs {
			weights := min(stripeInputs, fanIn-first) * width
			n := weights
			if first+stripeInputs >= fanIn {
				n += width // the biases
			}
			t.stripes = append(t.stripes, stripe{layer: l, number: first / stripeInputs, theta: theta[:n], grad: grad[:n],
				weights: weights, memory1: make([]float64, n), memory2: make([]float64, n)})
			theta, grad = theta[n:], grad[n:]
		}
	}
	for i := range t.traces {
		t.traces[i] = net.newTraces()
		for l := 0; s.Dropout > 0 && l < len(net.W)-1; l++ {
			t.traces[i][l].keep = make([]float64, net.Sizes[l+1])
		}
	}
	t.team = newTeam(min(net.Workers, max((m+few-1)/few, len(t.stripes))))
	for range t.team.size {
		t.layers = append(t.layers, net.newLayers())
	}
	return t, nil
}

// Train fits the network to data by mini-batch gradient descent, epoch after epoch. Training ends after the epochs,
// when patience runs out, when a callback returns false, or with ErrDiverged. Settings or examples that make no sense
// are an error before anything changes. valid may be empty, but for EarlyStop.
func (net *Network) Train(data, valid Examples, s Settings, rng *RandomState) error {
	t, err := newTrainer(net, data, valid, s, rng)
	if err != nil {
		return err
	}
	defer t.team.dismiss()
	batches := cmp.Or(s.Batches, (len(data.Y)+t.Batch-1)/t.Batch)
	best, worse, kept := math.Inf(1), 0, []float64(nil) // worse: epochs in a row without an improvement
	if s.EarlyStop {
		best = math.Inf(-1)
	}
	for epoch, goOn := 1, true; goOn && epoch <= s.Epochs; epoch++ {
		loss, complete := t.epoch(batches)
		if math.IsNaN(loss) || math.IsInf(loss, 0) || !net.bounded() {
			return ErrDiverged
		}
		if !complete {
			break
		}
		p := net.Predict(valid.X)
		goOn = s.AfterEpoch == nil || s.AfterEpoch(epoch, t.Rate, loss, p)
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
		if worse > s.Patience { // the end, but adaptive goes on with a fifth of the rate, down to 1e-6
			goOn = goOn && t.schedule.Adaptive && t.Rate > 1e-6
			t.Rate, worse = t.Rate/5, 0
		}
	}
	copy(net.Theta, kept) // nothing, unless they were kept
	return nil
}

// epoch trains on this many batches, usually one pass over the examples. It returns the mean loss of their examples and
// reports whether it came to the end: AfterBatch may stop it, and so does a loss that is NaN.
func (t *trainer) epoch(batches int) (loss float64, complete bool) {
	sum, seen := 0.0, 0
	for complete = true; complete && batches > 0; batches-- {
		batch := t.batch()
		sum += t.step(batch) * float64(len(batch))
		seen += len(batch)
		complete = !math.IsNaN(sum) && (t.AfterBatch == nil || t.AfterBatch(seen, sum/float64(seen)))
	}
	t.seen += float64(seen)
	return sum / float64(seen), complete
}

// batch returns the numbers of the next batch's examples. Before each pass over the data they are shuffled, from the
// order that the last pass had.
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

// step makes one optimiser step on a batch and returns the mean loss of its examples, penalty included. The workers
// first share the examples, then the weights.
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
		t.team.deal((len(part)+few-1)/few, func(member, k int) {
			for i := few * k; i < min(few*(k+1), len(part)); i++ {
				if i+1 < len(part) {
					fetch(t.image(part[i+1]))
				}
				t.losses[i] = t.example(t.layers[member], t.traces[i], part[i], scale)
			}
		})
		t.team.deal(len(t.stripes), func(_, k int) {
			// In reverse, so that the last pieces are short, and nobody waits long: the top of an image is mostly black.
			s := &t.stripes[len(t.stripes)-1-k]
			if start == 0 {
				s.begin(scale * t.Alpha)
			}
			t.gradient(s, t.traces[:len(part)])
			if t.Clip == 0 && start+chunk >= len(batch) {
				t.update(s)
			}
		})
		for _, v := range t.losses[:len(part)] {
			loss += v
		}
	}
	if t.Clip > 0 { // clipping needs the whole gradient
		clipNorm(t.grad, t.Clip)
		t.team.deal(len(t.stripes), func(_, k int) { t.update(&t.stripes[k]) })
	}
	for _, s := range t.stripes {
		loss += 0.5 * t.Alpha * s.squares
	}
	return loss / float64(len(batch))
}

// drop draws which hidden outputs a chunk does without. Those kept grow to make up for them: the expected a is the
// same, and the trained network needs no correction.
func (t *trainer) drop() {
	for l := range len(t.net.W) - 1 {
		for _, traces := range t.traces {
			for j := range traces[l].keep {
				traces[l].keep[j] = indicator(t.rng.Float64() >= t.Dropout) / (1 - t.Dropout)
			}
		}
	}
}

// example runs an example forward and backward, leaves its traces for the gradient, and returns its loss. Every part of
// the gradient is a product with a δ, so scaling the last layer's δ by 1/m makes the batch's sum a mean.
func (t *trainer) example(layers []layer, traces []trace, number int, scale float64) (loss float64) {
	for l := range layers {
		layers[l].trace = &traces[l]
	}
	layers[0].load(t.image(number))
	p, delta, label := t.net.forward(layers), layers[len(layers)-1].delta, t.data.Y[number]
	copy(delta, p)
	delta[label]-- // p - y
	t.loss.Delta(delta[:len(p)], p)
	for k := range delta {
		delta[k] *= scale
	}
	t.net.backward(layers)
	return t.loss.Value(p, label)
}

func (t *trainer) image(number int) []byte {
	pixels := t.net.Sizes[0]
	return t.data.X[number*pixels:][:pixels]
}

// begin sets a stripe's gradient to that of the penalty 0.5·α·Σw²: α·W, where the caller has scaled α as it scales δ.
// Biases have no penalty.
func (s *stripe) begin(alpha float64) {
	w := s.theta[:s.weights]
	clear(s.grad)
	addRows(s.grad[:len(w)], []entry{{0, alpha}}, w) // 0 + α·W, with W as one long row, which is faster than row by row
	s.squares = dot(w, w)
}

// gradient adds these examples' part to a stripe's gradient, some columns at a time: ∂L/∂W_l = Σ a_(l-1)·δ_lᵀ.
func (t *trainer) gradient(s *stripe, examples [][]trace) {
	fanOut := t.net.Sizes[s.layer+1]
	width := padded(fanOut)
	for column := 0; column < fanOut; column += blockColumns {
		columns := min(blockColumns, width-column)
		for i, traces := range examples {
			if i+2 < len(examples) {
				fetchList(examples[i+2][s.layer].stripe(s.number))
			}
			here := &traces[s.layer]
			addToRows(s.grad[column:], width, s.number*stripeInputs, here.stripe(s.number), here.delta[column:][:columns])
		}
	}
}

// update takes the solver's step for a stripe.
func (t *trainer) update(s *stripe) {
	t.solver.Step(&t.Settings, t.steps, s.theta, s.grad, s.memory1, s.memory2)
}

// ---- Using the network ----

// Predict returns the probabilities of the classes for each image of x, n × classes. x is n images, one byte a pixel, 0
// for black, image after image. Many goroutines may call it at once. It panics unless len(x) is a multiple of the number
// of inputs.
func (net *Network) Predict(x []byte) (p []float64) {
	classes := net.Sizes[len(net.W)]
	p = make([]float64, net.images(x)*classes)
	net.each(x, func(_, i int, layers []layer) { copy(p[i*classes:], layers[len(layers)-1].a) })
	return p
}

// A Unit is what a hidden unit does over a set of images.
type Unit struct {
	Fired int     // the images for which its output is not 0
	Use   float64 // its part in the next layer's sums, Σ|a·w|, as a multiple of the average unit's
}

// Units returns what the units of each hidden layer do while the network looks at the images of x, and what Predict
// returns for them.
func (net *Network) Units(x []byte) (units [][]Unit, p []float64) {
	classes := net.Sizes[len(net.W)]
	p = make([]float64, net.images(x)*classes)
	var sums [pieces][][]Unit // a piece has sums of its own, so that they are added up in a fixed order
	for k := range sums {
		sums[k] = net.noUnits()
	}
	net.each(x, func(piece, i int, layers []layer) {
		copy(p[i*classes:], layers[len(layers)-1].a)
		for l, units := range sums[piece] {
			for j, a := range layers[l].a {
				units[j].Fired += bit(a != 0)
				units[j].Use += math.Abs(a)
			}
		}
	})
	units = net.noUnits()
	for l, layer := range units {
		total := 0x1p-1022 // without any output each unit's use is 0
		for j := range layer {
			unit := &layer[j]
			for _, sum := range sums {
				unit.Fired += sum[l][j].Fired
				unit.Use += sum[l][j].Use
			}
			strength := 0.0
			for _, v := range net.Row(l+1, j) {
				strength += math.Abs(v)
			}
			unit.Use *= strength
			total += unit.Use
		}
		for j := range layer {
			layer[j].Use = layer[j].Use * float64(len(layer)) / total
		}
	}
	return units, p
}

func (net *Network) noUnits() (units [][]Unit) {
	for _, size := range net.Sizes[1:len(net.W)] {
		units = append(units, make([]Unit, size))
	}
	return units
}

// pieces is the number of parts into which each cuts the images, whatever the number of workers.
const pieces = 64

// each runs every image of x through the network and calls see with the image's piece, its index and its layers.
func (net *Network) each(x []byte, see func(piece, i int, layers []layer)) {
	n, pixels := net.images(x), net.Sizes[0]
	team := newTeam(max(1, min(net.Workers, n, pieces)))
	defer team.dismiss()
	layers := make([][]layer, team.size)
	team.deal(pieces, func(member, piece int) {
		if layers[member] == nil {
			layers[member] = net.newLayers()
		}
		layers := layers[member]
		for i := n * piece / pieces; i < n*(piece+1)/pieces; i++ {
			layers[0].load(x[i*pixels:][:pixels])
			net.forward(layers)
			see(piece, i, layers)
		}
	})
}

// images returns the number of images in x.
func (net *Network) images(x []byte) int {
	if len(x)%net.Sizes[0] != 0 {
		panic(fmt.Sprintf("%d pixels, expected whole images of %d", len(x), net.Sizes[0]))
	}
	return len(x) / net.Sizes[0]
}

// Argmax returns the index of the first largest element, 0 if any is NaN. It panics if p is empty.
func Argmax(p []float64) int { return max(0, slices.Index(p, slices.Max(p))) }

// Mean returns the average of value(p, label) over the examples, of whose probabilities p has a row for each label. With
// a loss's Value it is what the answers cost, without penalty; with Right, the share of right answers. It panics unless
// there are labels and p divides by them.
func Mean(p []float64, labels []byte, value func(p []float64, label byte) float64) float64 {
	if len(labels) == 0 || len(p)%len(labels) != 0 {
		panic(fmt.Sprintf("%d probabilities, expected as many for each of %d labels", len(p), len(labels)))
	}
	sum, classes := 0.0, len(p)/len(labels)
	for i, label := range labels {
		sum += value(p[i*classes:][:classes], label)
	}
	return sum / float64(len(labels))
}

// Right returns 1 if the most probable class is the label, else 0.
func Right(p []float64, label byte) float64 { return indicator(Argmax(p) == int(label)) }

// ---- Appendix: the kernels, where the time goes ----

// Three functions do nearly all the work, each along a list of entries:
//
//	addRows       sum += Σ x·w[row]       forward: z = Wᵀ·a
//	addToRows     sum[row-first] += x·v   the gradient: ∂L/∂W += a·δᵀ
//	multiplyRows  y[row] = w[row]·v       backward: W·δ
//
// Of the others, sgdStep takes a step of sgd, nonzeroBytes finds the pixels that are not black, and fetch and
// fetchList ask for memory that will be read soon, where a processor can ask without waiting: an image, or a list that
// another worker has written.
//
// sum, v, theta, grad and velocity have a multiple of four numbers, and at least four. A row of w is as long as sum or
// v. addToRows adds to a part of each row of its matrix: a row begins n numbers after the one before, and none may be
// listed twice, since a kernel may load several before it stores one. Where a processor can take several numbers at a
// time, these variables hold kernels that do, and that add in the same order, so the bits are the same. Figures about
// speed were measured on a virtual AMD EPYC (Zen 3 and 4) with two cores.
var addRows, addToRows, multiplyRows, sgdStep = addRowsInGo, addToRowsInGo, multiplyRowsInGo, sgdStepInGo

// nonzeroBytes returns a number whose bit k is set if b[k] is not 0. b has at most 64 bytes.
var nonzeroBytes = nonzeroBytesInGo

var fetch, fetchList = func(image []byte) {}, func(list []entry) {}

// addRowsInGo takes four rows at a time, which reads and writes sum a quarter as often and is twice as fast as one at a
// time; eight run out of registers. It takes two columns at a time, because the loop with one lost a third of its speed
// at half of the addresses that the compiler happened to give it. The additions keep the order of the list. Each float64
// rounds a product: some processors can add it unrounded, and the bits would depend on the four that are together.
func addRowsInGo(sum []float64, list []entry, w []float64) {
	n := len(sum)
	for ; len(list) >= 4; list = list[4:] {
		x0, x1, x2, x3 := list[0].x, list[1].x, list[2].x, list[3].x
		w0, w1 := w[list[0].row*n:][:n], w[list[1].row*n:][:n]
		w2, w3 := w[list[2].row*n:][:n], w[list[3].row*n:][:n]
		for j := 1; j < n; j += 2 {
			sum[j-1] = sum[j-1] + float64(x0*w0[j-1]) + float64(x1*w1[j-1]) + float64(x2*w2[j-1]) + float64(x3*w3[j-1])
			sum[j] = sum[j] + float64(x0*w0[j]) + float64(x1*w1[j]) + float64(x2*w2[j]) + float64(x3*w3[j])
		}
	}
	for _, e := range list {
		row := w[e.row*n:][:n]
		for j := range sum {
			sum[j] += float64(e.x * row[j])
		}
	}
}

// addToRowsInGo takes four rows at a time, which is a quarter faster than one at a time.
func addToRowsInGo(sum []float64, n, first int, list []entry, v []float64) {
	for ; len(list) >= 4; list = list[4:] {
		x0, x1, x2, x3 := list[0].x, list[1].x, list[2].x, list[3].x
		s0, s1 := sum[(list[0].row-first)*n:][:len(v)], sum[(list[1].row-first)*n:][:len(v)]
		s2, s3 := sum[(list[2].row-first)*n:][:len(v)], sum[(list[3].row-first)*n:][:len(v)]
		for j, v := range v {
			s0[j] += float64(x0 * v)
			s1[j] += float64(x1 * v)
			s2[j] += float64(x2 * v)
			s3[j] += float64(x3 * v)
		}
	}
	for _, e := range list {
		row := sum[(e.row-first)*n:][:len(v)]
		for j, v := range v {
			row[j] += float64(e.x * v)
		}
	}
}

func multiplyRowsInGo(y []float64, list []entry, w, v []float64) {
	for _, e := range list {
		y[e.row] = dot(w[e.row*len(v):][:len(v)], v)
	}
}

// dot returns Σ_j x_j·y_j. It keeps four sums, because each addition waits for the one before.
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

// nonzeroBytesInGo takes eight bytes at a time as one number. Adding 127 to the lower seven bits of a byte carries into
// its highest bit, unless they are all 0. The product then moves the lowest bit of byte j to bit j of the top byte.
func nonzeroBytesInGo(b []byte) (set uint64) {
	const ones = 0x0101010101010101 // a 1 in each byte
	k := 0
	for ; k+8 <= len(b); k += 8 {
		v := binary.LittleEndian.Uint64(b[k:])
		v = (v&(127*ones) + 127*ones | v) >> 7 & ones // now each byte is 0 if it was, else 1
		set |= v * 0x0102040810204080 >> 56 << k
	}
	for ; k < len(b); k++ {
		set |= uint64(bit(b[k] != 0)) << k
	}
	return set
}

// grays[v] is the input for a pixel of value v, from 0 to 1.
var grays = func() (x [256]float64) {
	for v := range x {
		x[v] = float64(v) / 255
	}
	return x
}()

// load lists the pixels of image that are not black. Four fifths of a digit are, so it first finds the others, 64 at a
// time.
func (first *layer) load(image []byte) {
	in, n := first.in[:len(image)+1], 0
	first.starts = first.starts[:0]
	for i := 0; i < len(image); i += 64 {
		if i%stripeInputs == 0 {
			first.starts = append(first.starts, n)
		}
		pixels := image[i:min(i+64, len(image))]
		for lit := nonzeroBytes(pixels); lit != 0; lit &= lit - 1 { // each turn clears the lowest bit
			k := bits.TrailingZeros64(lit)
			in[n] = entry{i + k, grays[pixels[k]]}
			n++
		}
	}
	in[n] = entry{len(image), 1}
	first.in, first.starts = in[:n+1], append(first.starts, n+1)
}

// ---- Appendix: the team of workers ----

// A team is goroutines that share one job after another. A job is pieces that anyone may do, in any order: the result
// must not depend on it.
type team struct {
	size   int
	work   func(member, piece int) // nil once the team is dismissed
	pieces int
	next   atomic.Int64        // the next piece that nobody has taken
	job    atomic.Int64        // the number of the job at hand
	busy   atomic.Int64        // members that have not finished it
	failed atomic.Pointer[any] // what a piece panicked with, if one did
	mutex  sync.Mutex
	change *sync.Cond // of job or busy, for members that sleep
}

func newTeam(size int) *team {
	t := &team{size: size}
	t.change = sync.NewCond(&t.mutex)
	for member := 1; member < size; member++ {
		go func() {
			for job := int64(1); ; job++ {
				t.wait(func() bool { return t.job.Load() == job })
				if t.work == nil {
					return
				}
				t.take(member)
				t.busy.Add(-1)
				t.tell()
			}
		}()
	}
	return t
}

// deal runs work once for each piece, 0 to pieces-1, side by side on the members, and returns when all are done. work
// also gets the member that does the piece, 0 to size-1. If work panics, deal does too, on the caller's goroutine.
func (t *team) deal(pieces int, work func(member, piece int)) {
	t.work, t.pieces = work, pieces
	t.next.Store(0)
	t.busy.Store(int64(t.size - 1))
	t.job.Add(1)
	t.tell()
	t.take(0)
	t.wait(func() bool { return t.busy.Load() == 0 })
	if failed := t.failed.Load(); failed != nil {
		panic(*failed)
	}
}

// take does pieces until none is left.
func (t *team) take(member int) {
	defer func() {
		if failed := recover(); failed != nil {
			t.failed.Store(&failed)
		}
	}()
	for {
		piece := int(t.next.Add(1)) - 1
		if piece >= t.pieces {
			return
		}
		t.work(member, piece)
	}
}

// dismiss ends the team.
func (t *team) dismiss() {
	t.work = nil
	t.job.Add(1)
	t.tell()
}

// wait returns when ready does. A batch has two jobs of some 100 µs each, and waking a goroutine that sleeps takes
// 65 µs: so it spins for about the cost of a wake-up, then sleeps until told of a change.
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

// tell wakes those that sleep. A member between asking and sleeping holds the mutex, so taking it once waits until that
// member is asleep.
func (t *team) tell() {
	t.mutex.Lock()
	t.mutex.Unlock()
	t.change.Broadcast()
}

// ---- Appendix: what callers can get wrong ----

// check returns an error if settings or examples make no sense.
func (s *Settings) check(net *Network, data, valid Examples) error {
	switch {
	case net.Workers < 1:
		return fmt.Errorf("%d workers, expected 1 or more", net.Workers)
	case s.Batch < 1 || s.Batches < 0:
		return fmt.Errorf("%d batches of %d examples an epoch, expected 0 or more of at least 1", s.Batches, s.Batch)
	case !(s.Dropout < 1 && s.Momentum <= 1 && max(s.Rate, s.Alpha) < math.Inf(1) && s.Tol < math.Inf(1)) ||
		!(min(s.Dropout, s.Rate, s.Momentum, s.Alpha, s.Clip, float64(s.Patience)) >= 0):
		return fmt.Errorf("dropout %g, rate %g, momentum %g, alpha %g, clip %g, patience %d, tol %g, expected finite "+
			"numbers, only tol below 0, dropout below 1, momentum at most 1",
			s.Dropout, s.Rate, s.Momentum, s.Alpha, s.Clip, s.Patience, s.Tol)
	case s.Solver != "sgd" && s.Schedule != "constant":
		return fmt.Errorf("schedule %s with solver %s, expected constant", s.Schedule, s.Solver)
	case len(data.Y) == 0 || s.EarlyStop && len(valid.Y) == 0:
		return errors.New("no examples to train on, or none to stop early by, expected some")
	}
	return cmp.Or(net.check(data), net.check(valid))
}

// check returns an error if examples do not fit the network.
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

// bounded reports whether every weight is below 1e30 in size, and no sum of weighted inputs can reach 1e300: above
// 1.8e308 it would overflow.
func (net *Network) bounded() bool {
	input := 1.0 // how large an input can be, and the bias's
	for l, w := range net.W {
		weight := max(slices.Max(w), -slices.Min(w))
		z := float64(net.Sizes[l]+1) * input * weight
		if !(weight < 1e30 && z < 1e300) { // or NaN
			return false
		}
		high, _ := net.Activation.At(z)
		low, _ := net.Activation.At(-z)
		input = max(1, high, -low)
	}
	return true
}

// Parameters returns the number of weights and biases in layers of these sizes, the inputs first. It is an error if
// there are fewer than two sizes, if one is below 1, or if Theta would have more than 2^28 numbers, which take 2 GiB.
func Parameters(sizes []int) (n int, err error) {
	const most = 1 << 28
	numbers := 0 // with the padding
	for l := 1; l < len(sizes); l++ {
		if min(sizes[l-1], sizes[l]) < 1 || sizes[l] > most || sizes[l-1] >= (most-numbers)/padded(sizes[l]) {
			n = 0
			break
		}
		n += (sizes[l-1] + 1) * sizes[l]
		numbers += (sizes[l-1] + 1) * padded(sizes[l])
	}
	if n == 0 {
		err = fmt.Errorf("layers of %d, expected inputs and outputs, each size 1 or more, and at most %d weights, "+
			"counted with the zeros that fill rows", sizes, most)
	}
	return n, err
}

// Find returns the element of list with this name: of Activations, Losses, Solvers or Schedules. An unknown name is an
// error that lists those known.
func Find[T fmt.Stringer](list []T, name string) (found T, err error) {
	names := Names(list)
	if k := slices.Index(names, name); k >= 0 {
		return list[k], nil
	}
	return found, fmt.Errorf("%.40q, expected one of %s", name, strings.Join(names, ", "))
}

// Names returns the names of the elements of list.
func Names[T fmt.Stringer](list []T) (names []string) {
	for _, element := range list {
		names = append(names, element.String())
	}
	return names
}

// ---- Appendix: random numbers, as numpy draws them ----

// RandomState is numpy's legacy generator of that name: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998),
// seeded from one 32-bit integer. NewRandomState makes one; a zero RandomState only returns zeros.
type RandomState struct {
	state [624]uint32
	next  int // the next word of state to hand out
}

// NewRandomState returns the generator that numpy.random.RandomState(seed) is.
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

// Permutation returns the numbers 0 to n-1 in the order of numpy's permutation(n).
func (r *RandomState) Permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j, mask := n, uint32(1)<<bits.Len32(uint32(i))-1
		for j > i { // from 0 to i: draw as many bits as i has until they are not above it
			j = int(r.Uint32() & mask)
		}
		p[i], p[j] = p[j], p[i]
	}
	return p
}
