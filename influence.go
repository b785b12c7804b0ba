// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// What the nodes see: the value of every node of the network for an image, and how each pixel changes it, one pixel at a
// time and by integrated gradients; and how much of the nodes' changes either leaves unexplained. It needs network.go.
//
// Nodes come in layers: each hidden layer after its activation, then the output before softmax and after it. A tile is
// what each pixel does to one node; the tiles of a layer are a matrix, nodes × pixels.

package main

import (
	"fmt"
	"math"
	"slices"
)

// Nodes returns the value of every node for the inputs x, layer by layer. It panics unless x has as many numbers as the
// network has inputs.
func (net *Network) Nodes(x []float64) (values [][]float64) {
	if len(x) != net.Sizes[0] {
		panic(fmt.Sprintf("%d inputs, expected %d", len(x), net.Sizes[0]))
	}
	return net.nodes(net.newLayers(), nonzero(x))
}

// nodes runs a list of inputs through layers, and returns the values of the nodes, which are shared with layers.
func (net *Network) nodes(layers []layer, list []entry) (values [][]float64) {
	layers[0].in = append(list, entry{net.Sizes[0], 1}) // the bias's 1
	net.forward(layers)
	last := len(layers) - 1
	for _, hidden := range layers[:last] {
		values = append(values, hidden.a)
	}
	return append(values, layers[last].z[:len(layers[last].a)], layers[last].a)
}

// nonzero lists the numbers of a row that are not 0.
func nonzero(row []float64) (list []entry) {
	for j, v := range row {
		if v != 0 {
			list = append(list, entry{j, v})
		}
	}
	return list
}

// perNode returns n zeros for every node: for each layer a matrix, nodes × n.
func (net *Network) perNode(n int) (zeros [][]float64) {
	for l := range len(net.Sizes) {
		zeros = append(zeros, make([]float64, net.Sizes[min(l+1, len(net.W))]*n))
	}
	return zeros
}

// OnePixel returns the tiles of the method that lights one pixel at a time: how every node changes from an all-black
// image when that pixel alone takes its value from x.
func (net *Network) OnePixel(x []float64) (tiles [][]float64) {
	black := net.Nodes(make([]float64, len(x)))
	tiles = net.perNode(len(x))
	layers := net.newLayers()
	for i, v := range x {
		for l, values := range net.nodes(layers, []entry{{i, v}}) {
			for node, value := range values {
				tiles[l][node*len(x)+i] = value - black[l][node]
			}
		}
	}
	return tiles
}

// Unexplained returns, for each layer, how far the tiles' sums are from the nodes' changes between black and x:
// Σ|change-Σ tile| / Σ|change| over its nodes. It is infinite if no node changes, but a tile has a sum.
func (net *Network) Unexplained(x []float64, tiles [][]float64) (shares []float64) {
	black := net.Nodes(make([]float64, len(x)))
	for l, values := range net.Nodes(x) {
		rest, total := 0.0, 0.0
		for node, v := range values {
			change := v - black[l][node]
			total += math.Abs(change)
			for _, part := range tiles[l][node*len(x):][:len(x)] {
				change -= part
			}
			rest += math.Abs(change)
		}
		if rest > 0 {
			rest /= total
		}
		shares = append(shares, rest)
	}
	return shares
}

// IntegratedGradients returns tiles that share out each node's whole change from black to x among the pixels
// (Sundararajan, Taly and Yan, 2017): pixel i gets x_i·∫∂node/∂x_i along the straight line from black to x. The integral
// is a mean over the midpoints of steps, which are doubled from 16 until every layer's Unexplained is at most tolerance,
// or until doubling again would exceed maxSteps.
func (net *Network) IntegratedGradients(x []float64, tolerance float64, maxSteps int) (tiles [][]float64, steps int) {
	pixels, units := len(x), net.Sizes[1]
	for steps = max(1, min(16, maxSteps)); ; steps *= 2 {
		// A pixel acts on a node only through the first layer's z: ∂node/∂x_i = Σ_unit W[i][unit]·∂node/∂z_unit. W is the
		// same at every step, so the steps add up ∂node/∂z, and W multiplies the sum once.
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
				tile[k] = x[i] / float64(steps) * dot(net.Row(0, i), sums[l][node*units:][:units])
			}
		}
		if slices.Max(net.Unexplained(x, tiles)) <= tolerance || 2*steps > maxSteps {
			return tiles, steps
		}
	}
}

// addSlopes adds to sums how every node changes with the first layer's z, at the inputs x: for each layer a matrix,
// nodes × units. Backpropagation takes the chain rule from one loss back to all inputs; this takes it from one input z
// forward to all nodes.
func (net *Network) addSlopes(sums [][]float64, x []float64) {
	layers, last, units := net.newLayers(), len(net.W)-1, net.Sizes[1]
	net.nodes(layers, nonzero(x))
	for unit := range units {
		d := make([]float64, units) // how the values of a layer change with this unit's z
		d[unit] = 1                 // its own z first
		for l, sum := range sums {
			if l > last {
				softmaxSlope(d, layers[last].a) // from the last z to p
			} else if l > 0 {
				below := d
				n := net.Sizes[l+1]
				d = make([]float64, padded(n))
				addRows(d, nonzero(below), net.W[l]) // from a_(l-1) to z_l; a bias changes nothing
				d = d[:n]
			}
			for j := range d {
				if l < last {
					d[j] *= layers[l].slope[j] // from z_l to a_l
				}
				if d[j] != 0 { // in the first layer all but one are 0
					sum[j*units+unit] += d[j]
				}
			}
		}
	}
}
