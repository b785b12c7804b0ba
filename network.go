// A multi-layer perceptron, trained by mini-batch backpropagation. Given the same data, seed and settings it takes the
// steps of scikit-learn's MLPClassifier, so that the losses agree in every digit that both print.
//
// The letters, as a lecture on neural networks writes them and as they stand here:
//
//	x      x      the inputs of one example: pixels, from 0 for black to 1 for white
//	θ      Theta  every weight of the network
//	W, b   w      layer l's part of it, (fanIn+1) × fanOut: row i holds the weights that leave input i; the last row
//	              is the biases, the weights of one more input that is always 1
//	z      z      a layer's weighted sums, z_l = W_lᵀ·a_(l-1)
//	a      a      a layer's outputs, a_l = h(z_l)
//	h, h'  F      the activation function; h' is its Slope
//	p      p      the last layer's outputs, softmax(z): a probability for each class
//	L      loss   how wrong p is, for one example or on average
//	δ      delta  ∂L/∂z, how the loss answers to a layer's weighted sums
//	∂L/∂θ  grad   in Theta's order
//	η      Rate   the learning rate
//	m      m      the examples in a batch
//	α      Alpha  the strength of the L2 penalty
//
// The lecture leaves out the biases, and writes δ_i in one formula where δ_j is meant. Its layers count from 1; here
// layer 0 is the first with weights. Matrices are flat slices: entry (i, j) of n columns is element i*n+j.

package main

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// ---- Random numbers, as numpy draws them ----

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

// Permutation returns the numbers 0 to n-1 in random order.
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

// ---- Activations and losses, each with its derivative beside it ----

// Activation is what every unit of a hidden layer does to its weighted sum. Slope is its derivative, written in terms
// of the output a = F(z), as these functions allow: so z need not be kept.
type Activation struct {
	Name  string
	F     func(z float64) (a float64)
	Slope func(a float64) float64
}

// Activations lists what hidden layers can use. Step is flat on both sides: no gradient passes it, and only the
// output layer learns.
var Activations = []Activation{
	{"relu", func(z float64) float64 { return max(0, z) }, func(a float64) float64 { return indicator(a > 0) }},
	{"logistic", func(z float64) float64 { return 1 / (1 + math.Exp(-z)) },
		func(a float64) float64 { return a * (1 - a) }},
	{"tanh", math.Tanh, func(a float64) float64 { return 1 - a*a }},
	{"identity", func(z float64) float64 { return z }, func(a float64) float64 { return 1 }},
	{"step", func(z float64) float64 { return indicator(z >= 0) }, func(a float64) float64 { return 0 }},
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
// that.
type Network struct {
	Sizes      []int // units of each layer, the inputs first: 784, 50, 10
	Activation Activation
	Theta      []float64   // every weight, layer after layer
	W          [][]float64 // W[l] is layer l's part of Theta
	Workers    int         // goroutines that share the work; any number gives the same bits
}

// NewNetwork draws the weights between ±sqrt(f/(fanIn+fanOut)), where f is 6, or 2 for logistic, so that signals keep
// their size from layer to layer (Glorot and Bengio, 2010).
func NewNetwork(sizes []int, activation Activation, workers int, rng *RandomState) *Network {
	net := &Network{Sizes: sizes, Activation: activation, Workers: workers}
	for l, fanOut := range sizes[1:] {
		net.Theta = append(net.Theta, make([]float64, (sizes[l]+1)*fanOut)...)
	}
	f, rest := 6.0, net.Theta
	if activation.Name == "logistic" {
		f = 2
	}
	for l, fanOut := range sizes[1:] {
		size, bound := (sizes[l]+1)*fanOut, math.Sqrt(f/float64(sizes[l]+fanOut))
		for i := range size {
			rest[i] = -bound + 2*bound*rng.Float64()
		}
		net.W, rest = append(net.W, rest[:size]), rest[size:]
	}
	return net
}

// ---- The kernel: where the time goes ----

// entry is a number that is not zero, and its place in a row or a column.
type entry struct {
	at int
	v  float64
}

// addRows adds to sum the rows of the matrix w that list names, each times its number: sum += Σ v·w[at], rows as long
// as sum. Zeros can be left out of the list, since they add nothing. This is the whole of the forward pass, and of the
// gradient.
//
// It is the hot loop. Four rows at a time read and write sum a quarter as often, which is twice as fast as one at a
// time; eight run out of registers. Two columns at a time, because the loop with one lost a third of its speed at half
// of the addresses that the compiler happened to give it. The order of the additions is that of the list, wherever it
// is cut.
func addRows(sum []float64, list []entry, w []float64) {
	n := len(sum)
	for ; len(list) >= 4; list = list[4:] {
		v0, v1, v2, v3 := list[0].v, list[1].v, list[2].v, list[3].v
		w0, w1 := w[list[0].at*n:][:n], w[list[1].at*n:][:n]
		w2, w3 := w[list[2].at*n:][:n], w[list[3].at*n:][:n]
		for j := 1; j < n; j += 2 {
			sum[j-1] = sum[j-1] + v0*w0[j-1] + v1*w1[j-1] + v2*w2[j-1] + v3*w3[j-1]
			sum[j] = sum[j] + v0*w0[j] + v1*w1[j] + v2*w2[j] + v3*w3[j]
		}
		if j := n - 1; n%2 == 1 {
			sum[j] = sum[j] + v0*w0[j] + v1*w1[j] + v2*w2[j] + v3*w3[j]
		}
	}
	for _, e := range list {
		w := w[e.at*n:][:n]
		for j := range sum {
			sum[j] += e.v * w[j]
		}
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

// team is goroutines that share one job after another. What each of them does must not depend on who comes first.
type team struct {
	size  int
	work  func(w int)
	calls atomic.Int64 // of wait
}

func newTeam(size int) *team {
	t := &team{size: size}
	for w := 1; w < size; w++ {
		go func() {
			for t.wait(); t.work != nil; t.wait() {
				t.work(w)
				t.wait()
			}
		}()
	}
	return t
}

// do runs work(0) to work(size-1) side by side and returns when all are done. Without work the team ends.
func (t *team) do(work func(w int)) {
	t.work = work
	t.wait()
	if work != nil {
		work(0)
		t.wait()
	}
}

// wait returns when every member has called it. A batch has three jobs of some 100 µs, and to wake a goroutine that
// sleeps takes 65 µs: so it asks again and again for about as long, and only then naps, to leave the processor to
// others.
func (t *team) wait() {
	size := int64(t.size)
	all := (t.calls.Add(1) + size - 1) / size * size // the count of calls when the last member is here
	for tries := 0; t.calls.Load() < all; tries++ {
		if tries < 1000 {
			runtime.Gosched()
		} else {
			time.Sleep(20 * time.Microsecond)
		}
	}
}

// share is worker w's part of n things: lo to hi.
func (t *team) share(w, n int) (lo, hi int) { return n * w / t.size, n * (w + 1) / t.size }

// ---- One example: forward, then backward in reverse ----

// layer is what a worker has of one layer: the example at hand, and the lists of the chunk so far.
type layer struct {
	in       []entry   // what comes in, without zeros that no gradient passes; the bias's 1 last
	a, delta []float64 // fanOut
	keep     []float64 // fanOut: what dropout multiplies a by; nil without
	fired    []int     // fanOut: the examples so far in which a unit passed something on
	byIn     [][]entry // fanIn+1 lists, one an input: which examples of the chunk gave it something (at), and what (v)
}

// newLayers makes them for every layer, with room for m examples in each list.
func (net *Network) newLayers(m int) (layers []layer) {
	for l, fanOut := range net.Sizes[1:] {
		fanIn := net.Sizes[l]
		L := layer{in: make([]entry, fanIn+1), a: make([]float64, fanOut), delta: make([]float64, fanOut),
			fired: make([]int, fanOut), byIn: make([][]entry, fanIn+1)}
		for input := range L.byIn {
			L.byIn[input] = make([]entry, 0, m)
		}
		layers = append(layers, L)
	}
	return layers
}

// load makes image the first layer's input. Four fifths of a digit are black, so eight bytes are passed over at once.
// Any other is listed, but counted only if it is not black: without a branch, which the processor would too often
// guess wrong.
func (L *layer) load(image []byte) {
	in, n := L.in[:len(image)+1], 0
	for j := 0; j < len(image); j += 8 {
		pixels := image[j:min(j+8, len(image))]
		if len(pixels) == 8 && binary.LittleEndian.Uint64(pixels) == 0 {
			continue
		}
		for k, v := range pixels {
			in[n] = entry{j + k, float64(v) / 255}
			n += (int(v) + 255) >> 8 // 0 for black, 1 for all else
		}
	}
	in[n] = entry{len(image), 1}
	L.in = in[:n+1]
}

// forward runs the first layer's input through the network and returns the last layer's z. In the hidden layers' delta
// it leaves h'(z), times what dropout multiplies by, for backward.
func (net *Network) forward(layers []layer) (z []float64) {
	for l := range layers {
		L := &layers[l]
		clear(L.a)
		addRows(L.a, L.in, net.W[l]) // z_l = W_lᵀ·a_(l-1)
		if l+1 == len(layers) {
			break
		}
		next := layers[l+1].in[:0]
		for j, z := range L.a {
			a := net.Activation.F(z) // a_l = h(z_l)
			out, slope := a, net.Activation.Slope(a)
			if L.keep != nil {
				out, slope = out*L.keep[j], slope*L.keep[j]
			}
			L.a[j], L.delta[j] = a, slope
			if out != 0 || slope != 0 { // else nothing passes, forward or back
				L.fired[j]++
				next = append(next, entry{j, out})
			}
		}
		layers[l+1].in = append(next, entry{len(L.a), 1})
	}
	return layers[len(layers)-1].a
}

// backward turns h'(z_l) in every hidden layer's delta into δ_l = ∂L/∂z_l, from the last layer's: the chain rule leads
// through W_l, then through h. What is not in the list has h'(z) = 0.
func (net *Network) backward(layers []layer) {
	for l := len(layers) - 1; l > 0; l-- {
		L, n := &layers[l], len(layers[l].delta)
		for _, e := range L.in[:len(L.in)-1] { // the bias leads nowhere
			layers[l-1].delta[e.at] *= dot(net.W[l][e.at*n:][:n], L.delta) // δ_(l-1) = h'(z)·(W_l·δ_l)
		}
	}
}

// ---- Solvers: each takes one step from the batch's gradient ----

// sgdStep is gradient descent with momentum: v is the step, a running sum of gradients. Nesterov's form looks one
// step of momentum ahead.
func sgdStep(theta, grad, v []float64, rate, momentum float64, nesterov bool) {
	for i, g := range grad {
		v[i] = momentum*v[i] - rate*g
		if nesterov {
			theta[i] += momentum*v[i] - rate*g
		} else {
			theta[i] += v[i]
		}
	}
}

// adamStep (Kingma and Ba, 2015) divides the running mean of the gradients by the root of that of their squares; t
// counts batches from 1.
func adamStep(theta, grad, mean, square []float64, rate float64, t int) {
	const beta1, beta2, eps = 0.9, 0.999, 1e-8
	// Both means start at 0: this makes up for it in the first steps.
	rate *= math.Sqrt(1-math.Pow(beta2, float64(t))) / (1 - math.Pow(beta1, float64(t)))
	for i, g := range grad {
		mean[i] = beta1*mean[i] + (1-beta1)*g
		square[i] = beta2*square[i] + (1-beta2)*g*g
		theta[i] -= rate * mean[i] / (math.Sqrt(square[i]) + eps)
	}
}

// adagradStep (Duchi, Hazan and Singer, 2011) divides by the root of the sum of all squared gradients, which starts
// at 0.1 as in TensorFlow.
func adagradStep(theta, grad, square []float64, rate float64) {
	for i, g := range grad {
		square[i] += g * g
		theta[i] -= rate * g / math.Sqrt(0.1+square[i])
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

// ---- Training ----

// Examples are n images, a byte a pixel, image after image, and their n labels.
type Examples struct{ X, Y []byte }

// Settings are what scikit-learn's MLPClassifier takes, and a few more.
type Settings struct {
	Loss             Loss
	Sum              bool    // follow the gradient of a batch's summed loss, not of its mean
	Alpha            float64 // L2 penalty: 0.5·α·Σw² is added to a batch's summed loss
	Dropout          float64 // share of the hidden outputs dropped in training
	Clip             float64 // the gradient's largest length; 0 for any
	Solver, Schedule string  // sgd, adam or adagrad; for sgd what becomes of η: constant, invscaling or adaptive
	Rate, Momentum   float64 // η at the start; momentum, for sgd
	Nesterov         bool    // the momentum's form
	Batch, Epochs    int     // examples a batch, at least 1; at most so many epochs
	Steps            int     // if not 0: a multiple of 10, so many batches instead, in ten periods that stand for epochs
	Tol              float64 // by so much an epoch must improve to count as better
	Patience         int     // training ends after more than so many epochs in a row that do not
	EarlyStop        bool    // watch the score on the validation examples, not the loss, and keep the best weights

	// AfterBatch gets the examples of this epoch so far and their mean loss. AfterEpoch gets the epoch, from 1; the
	// mean loss of its examples, each before its batch's step, with penalty; and the validation examples'
	// probabilities, n × classes. Training ends when either returns false.
	AfterBatch func(seen int, loss float64) bool
	AfterEpoch func(epoch int, loss float64, valid []float64) bool
}

// ErrDiverged means that the loss or a weight is no longer a finite number.
var ErrDiverged = errors.New("the loss or a weight is no longer a finite number")

// chunk is how many examples are worked on together: the gradients of a larger batch's chunks add up, so that memory
// does not grow with it.
const chunk = 256

// row is an input's weights in a layer, Theta[lo:hi]. One worker owns it, adds up its gradient and takes its steps.
type row struct{ number, layer, input, lo, hi int }

// trainer is the state of a run.
type trainer struct {
	Settings // Rate is η as the schedule has it
	*Network
	*team
	rng     *RandomState
	data    Examples
	order   []int       // the examples as last shuffled
	left    []int       // those of them that no batch of this pass has had
	layers  [][]layer   // each worker's
	rows    [][]row     // each worker's
	deltas  [][]float64 // each layer's, m × fanOut: those of a chunk
	keeps   [][]float64 // each hidden layer's, m × fanOut; none without dropout
	losses  []float64   // of each example in a chunk
	squares []float64   // of each row: Σw², 0 for biases
	grad    []float64   // ∂L/∂θ, in Theta's order, as is the solver's memory
	m, v    []float64
	t, seen int // batches and examples so far
}

func newTrainer(net *Network, data Examples, s Settings, rng *RandomState) *trainer {
	s.Batch = min(s.Batch, len(data.Y))
	m, size := min(s.Batch, chunk), len(net.Theta)
	t := &trainer{Settings: s, Network: net, team: newTeam(net.Workers), rng: rng, data: data,
		layers: make([][]layer, net.Workers), rows: make([][]row, net.Workers),
		losses: make([]float64, m), grad: make([]float64, size), m: make([]float64, size), v: make([]float64, size)}
	for i := range data.Y {
		t.order = append(t.order, i)
	}
	// Each worker makes its own, so that no two of them write to one cache line.
	t.do(func(w int) { t.layers[w] = net.newLayers(m/net.Workers + 1) })
	lo := 0
	for l, fanOut := range net.Sizes[1:] {
		t.deltas = append(t.deltas, make([]float64, m*fanOut))
		if s.Dropout > 0 && l+1 < len(net.W) {
			t.keeps = append(t.keeps, make([]float64, m*fanOut))
		}
		for input := range net.Sizes[l] + 1 {
			const stripe = 28 // rows together: with fewer, workers share cache lines; with more, one has the middle
			w := input / stripe % net.Workers
			t.rows[w] = append(t.rows[w], row{len(t.squares), l, input, lo, lo + fanOut})
			t.squares, lo = append(t.squares, 0), lo+fanOut
		}
	}
	return t
}

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

// drop draws which hidden outputs a chunk does without. Those kept grow to make up for them, so that nothing changes
// when the network is used.
func (t *trainer) drop() {
	for _, keep := range t.keeps {
		for i := range keep {
			keep[i] = indicator(t.rng.Float64() >= t.Dropout) / (1 - t.Dropout)
		}
	}
}

// backpropagate sets grad to the gradient of the loss on a batch, and returns the loss: the mean of the examples', with
// the penalty. Workers first share the examples, then the rows of weights.
func (t *trainer) backpropagate(batch []int) float64 {
	scale, loss := 1/float64(len(batch)), 0.0
	if t.Sum {
		scale = 1
	}
	for start := 0; start < len(batch); start += chunk {
		part := batch[start:min(start+chunk, len(batch))]
		if t.Dropout > 0 {
			t.drop()
		}
		t.do(func(w int) {
			for i, hi := t.share(w, len(part)); i < hi; i++ {
				t.losses[i] = t.example(t.layers[w], part[i], i, scale)
			}
		})
		t.do(func(w int) {
			for k, layers := range t.layers { // one after the other, as the deltas of one's examples fit into the cache
				for _, r := range t.rows[w] {
					t.gradient(r, layers, scale*t.Alpha, start == 0 && k == 0)
				}
			}
		})
		for _, v := range t.losses[:len(part)] {
			loss += v
		}
	}
	for _, v := range t.squares {
		loss += 0.5 * t.Alpha * v
	}
	return loss / float64(len(batch))
}

// example runs an example, the i-th of a chunk, forward and backward, and returns its loss. The deltas are scaled, and
// with them the gradient.
func (t *trainer) example(layers []layer, number, i int, scale float64) (loss float64) {
	for l, n := range t.Sizes[1:] {
		layers[l].delta = t.deltas[l][i*n:][:n]
		if l < len(t.keeps) {
			layers[l].keep = t.keeps[l][i*n:][:n]
		}
	}
	pixels, label := t.Sizes[0], t.data.Y[number]
	layers[0].load(t.data.X[number*pixels:][:pixels])
	p, delta := t.forward(layers), layers[len(layers)-1].delta
	softmax(p)
	copy(delta, p)
	delta[label]-- // p - y
	t.Loss.Delta(delta, p)
	for k := range delta {
		delta[k] *= scale
	}
	t.backward(layers)
	for l := range layers {
		byIn := layers[l].byIn
		for _, e := range layers[l].in {
			byIn[e.at] = append(byIn[e.at], entry{i, e.v})
		}
	}
	return t.Loss.Value(p, label)
}

// gradient adds Σ_examples a_(l-1)ᵀ·δ_l to a row of grad, over one worker's examples, and empties its list of them. The
// first of a batch start the row from the penalty's gradient, penalty·W. Biases have none.
func (t *trainer) gradient(r row, layers []layer, penalty float64, first bool) {
	grad, w := t.grad[r.lo:r.hi], t.Theta[r.lo:r.hi]
	if first {
		if r.input == t.Sizes[r.layer] { // the bias
			penalty = 0
		} else {
			t.squares[r.number] = dot(w, w)
		}
		for j, v := range w {
			grad[j] = penalty * v
		}
	}
	list := &layers[r.layer].byIn[r.input]
	addRows(grad, *list, t.deltas[r.layer])
	*list = (*list)[:0]
}

// update takes the solver's step, each worker for the weights whose gradient it has at hand.
func (t *trainer) update() {
	t.t++
	if t.Clip > 0 {
		clipNorm(t.grad, t.Clip)
	}
	t.do(func(w int) {
		for _, r := range t.rows[w] {
			theta, grad, m, v := t.Theta[r.lo:r.hi], t.grad[r.lo:r.hi], t.m[r.lo:r.hi], t.v[r.lo:r.hi]
			switch t.Solver {
			case "sgd":
				sgdStep(theta, grad, v, t.Rate, t.Momentum, t.Nesterov)
			case "adam":
				adamStep(theta, grad, m, v, t.Rate, t.t)
			case "adagrad":
				adagradStep(theta, grad, v, t.Rate)
			}
		}
	})
}

// epoch trains on so many batches, for each the gradient of its loss, then a step. It returns the mean loss of their
// examples, and whether it came to the end: AfterBatch may stop it, and so does a loss that is no number.
func (t *trainer) epoch(batches int) (loss float64, whole bool) {
	sum, seen := 0.0, 0
	for whole = true; whole && batches > 0; batches-- {
		batch := t.batch()
		sum += t.backpropagate(batch) * float64(len(batch))
		seen += len(batch)
		t.update()
		whole = !math.IsNaN(sum) && (t.AfterBatch == nil || t.AfterBatch(seen, sum/float64(seen)))
	}
	t.seen += seen
	return sum / float64(seen), whole
}

// Train fits the network to data by mini-batch gradient descent. An epoch is one pass over the shuffled examples, batch
// by batch. Training ends after the epochs, when patience runs out, when a callback says so, or with ErrDiverged.
func (net *Network) Train(data, valid Examples, s Settings, rng *RandomState) error {
	t := newTrainer(net, data, s, rng)
	defer t.do(nil)
	epochs, batches := s.Epochs, (len(data.Y)+t.Batch-1)/t.Batch // in an epoch
	if s.Steps > 0 {
		epochs, batches = 10, s.Steps/10
	}
	best, bestTheta, worse := math.Inf(1), net.Theta, 0
	for epoch, goOn := 1, true; goOn && epoch <= epochs; epoch++ {
		watched, whole := t.epoch(batches)
		if all := watched + dot(net.Theta, net.Theta); math.IsNaN(all) || math.IsInf(all, 0) {
			return ErrDiverged
		}
		if !whole {
			break
		}
		p, _ := net.Evaluate(valid.X)
		goOn = s.AfterEpoch == nil || s.AfterEpoch(epoch, watched, p)
		if s.EarlyStop {
			watched = -Mean(p, valid.Y, Right) // less is better, as for the loss
		}
		worse++
		if watched <= best-s.Tol {
			worse = 0
		}
		if watched < best {
			best = watched
			if s.EarlyStop {
				bestTheta = slices.Clone(net.Theta)
			}
		}
		if s.Schedule == "invscaling" {
			t.Rate = s.Rate / math.Sqrt(float64(t.seen)+1)
		}
		if worse > s.Patience { // the end, but adaptive goes on at a fifth of the rate, down to 1e-6
			goOn = goOn && s.Schedule == "adaptive" && t.Rate > 1e-6
			t.Rate, worse = t.Rate/5, 0
		}
	}
	copy(net.Theta, bestTheta)
	return nil
}

// ---- Using the network ----

// Evaluate runs the network on images, a byte a pixel, image after image. p has a row of probabilities for each;
// fired counts, for each unit of each hidden layer, the images for which it passes anything on, as relu does above 0.
func (net *Network) Evaluate(x []byte) (p []float64, fired [][]int) {
	pixels, last := net.Sizes[0], len(net.W)-1
	n, classes := len(x)/pixels, net.Sizes[last+1]
	p = make([]float64, n*classes)
	layers, team := make([][]layer, net.Workers), newTeam(net.Workers)
	defer team.do(nil)
	team.do(func(w int) {
		layers[w] = net.newLayers(0)
		for i, hi := team.share(w, n); i < hi; i++ {
			layers[w][0].load(x[i*pixels:][:pixels])
			copy(p[i*classes:], net.forward(layers[w]))
			softmax(p[i*classes:][:classes])
		}
	})
	for l := range last {
		fired = append(fired, make([]int, net.Sizes[l+1]))
		for w := range layers {
			for j, n := range layers[w][l].fired {
				fired[l][j] += n
			}
		}
	}
	return p, fired
}

// Argmax returns the place of the largest number, the first if there are several; 0 if one is not a number.
func Argmax(p []float64) int { return max(0, slices.Index(p, slices.Max(p))) }

// Mean averages over the examples what value makes of their probabilities and label: with a loss's Value what the
// answers cost, without penalty; with Right the share that is read rightly.
func Mean(p []float64, labels []byte, value func(p []float64, label byte) float64) float64 {
	sum, classes := 0.0, len(p)/len(labels)
	for i, label := range labels {
		sum += value(p[i*classes:][:classes], label)
	}
	return sum / float64(len(labels))
}

// Right is 1 if the most probable class is the label, else 0.
func Right(p []float64, label byte) float64 { return indicator(Argmax(p) == int(label)) }

// ---- What the nodes see ----

// nonzero lists the numbers in a row that are not 0, with their places.
func nonzero(row []float64) (list []entry) {
	for j, v := range row {
		if v != 0 {
			list = append(list, entry{j, v})
		}
	}
	return list
}

// Nodes returns the value of every node for the inputs x, layer by layer: the outputs of each hidden layer, then the
// last one's z, then softmax of it.
func (net *Network) Nodes(x []float64) (values [][]float64) {
	layers := net.newLayers(0)
	layers[0].in = append(nonzero(x), entry{len(x), 1})
	p := slices.Clone(net.forward(layers))
	softmax(p)
	for _, L := range layers {
		values = append(values, L.a)
	}
	return append(values, p)
}

// perNode returns n zeros for every node, for each of Nodes' layers nodes × n.
func (net *Network) perNode(n int) (zeros [][]float64) {
	for l := range len(net.Sizes) {
		zeros = append(zeros, make([]float64, net.Sizes[min(l+1, len(net.W))]*n))
	}
	return zeros
}

// OnePixel returns how every node changes from an all-black image when a single pixel takes its value from x: for
// each of Nodes' layers nodes × pixels.
func (net *Network) OnePixel(x []float64) (tiles [][]float64) {
	one := make([]float64, len(x))
	black := net.Nodes(one)
	tiles = net.perNode(len(x))
	for i, v := range x {
		one[i] = v
		for l, values := range net.Nodes(one) {
			for node, v := range values {
				tiles[l][node*len(x)+i] = v - black[l][node]
			}
		}
		one[i] = 0
	}
	return tiles
}

// Unexplained returns, for each of Nodes' layers, how far the tiles' sums are from what they should share out:
// Σ|change-Σ tile| / Σ|change| over its nodes.
func (net *Network) Unexplained(x []float64, tiles [][]float64) (shares []float64) {
	black := net.Nodes(make([]float64, len(x)))
	for l, values := range net.Nodes(x) {
		rest, total := 0.0, 0x1p-1022 // no change at all: 0 of it is unexplained
		for node, v := range values {
			change := v - black[l][node]
			total += math.Abs(change)
			for _, part := range tiles[l][node*len(x):][:len(x)] {
				change -= part
			}
			rest += math.Abs(change)
		}
		shares = append(shares, rest/total)
	}
	return shares
}

// IntegratedGradients returns tiles as OnePixel does, which share out each node's whole change from black to x among
// the pixels (Sundararajan, Taly and Yan, 2017): pixel i has x_i·∫∂node/∂x_i along the straight line to x. The
// integral is a mean over the midpoints of steps, doubled from 16 until every layer's Unexplained is at most
// tolerance, or up to maxSteps.
func (net *Network) IntegratedGradients(x []float64, tolerance float64, maxSteps int) (tiles [][]float64, steps int) {
	pixels, units := len(x), net.Sizes[1]
	for steps = min(16, maxSteps); ; steps *= 2 {
		// From a pixel every way leads through the first layer's z. So the sums are taken of ∂node/∂z, and W leads back
		// to the pixels after.
		sums, at := net.perNode(units), make([]float64, pixels)
		for s := range steps {
			for i, v := range x {
				at[i] = v * (float64(s) + 0.5) / float64(steps)
			}
			net.addSlopes(sums, at)
		}
		tiles = net.perNode(pixels)
		for l, tile := range tiles {
			for k := range tile {
				node, i := k/pixels, k%pixels
				tile[k] = x[i] / float64(steps) * dot(net.W[0][i*units:][:units], sums[l][node*units:][:units])
			}
		}
		if slices.Max(net.Unexplained(x, tiles)) <= tolerance || 2*steps > maxSteps {
			return tiles, steps
		}
	}
}

// addSlopes adds to sums how every node answers, at the inputs x, to the first layer's z: for each of Nodes' layers
// nodes × units. The chain rule again, here from the first layer to the last.
func (net *Network) addSlopes(sums [][]float64, x []float64) {
	values, last, units := net.Nodes(x), len(net.W)-1, net.Sizes[1]
	for unit := range units {
		d := make([]float64, units)
		d[unit] = 1 // ∂z/∂z
		for l, sum := range sums {
			if l > last {
				softmaxSlope(d, values[l])
			} else if l > 0 {
				below := nonzero(d)
				d = make([]float64, net.Sizes[l+1])
				addRows(d, below, net.W[l])
			}
			for j := range d {
				if l < last {
					d[j] *= net.Activation.Slope(values[l][j])
				}
				sum[j*units+unit] += d[j]
			}
		}
	}
}
