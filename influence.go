// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// What the nodes see: how every pixel of an image changes every node of the network, one pixel at a time and by
// integrated gradients, and how much of the nodes' changes either leaves unexplained. It needs network.go alone.

package main

import (
	"fmt"
	"math"
	"slices"
)

// nonzero lists the numbers in a row that are not 0.
func nonzero(row []float64) (list []entry) {
	for j, v := range row {
		if v != 0 {
			list = append(list, entry{uint32(j), uint32(j)})
		}
	}
	return list
}

// Nodes returns the value of every node for the inputs x, layer by layer: the outputs of each hidden layer, then the
// last one's z, then softmax of it. It panics if x is not as long as there are inputs.
func (net *Network) Nodes(x []float64) (values [][]float64) {
	if len(x) != net.Sizes[0] {
		panic(fmt.Sprintf("%d inputs, expected %d", len(x), net.Sizes[0]))
	}
	layers := net.newLayers()
	layers[0].x = append(slices.Clip(x), 1)
	layers[0].in = nonzero(layers[0].x)
	p := net.forward(layers)
	for l, n := range net.Sizes[1:len(net.W)] {
		values = append(values, layers[l].a[:n])
	}
	return append(values, layers[len(layers)-1].z, p)
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
// Σ|change-Σ tile| / Σ|change| over its nodes. It is infinite if there is no change, but a tile has one.
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

// IntegratedGradients returns tiles as OnePixel does, which share out each node's whole change from black to x among
// the pixels (Sundararajan, Taly and Yan, 2017): pixel i has x_i·∫∂node/∂x_i along the straight line to x. The
// integral is a mean over the midpoints of steps, doubled from 16 until every layer's Unexplained is at most
// tolerance, or up to maxSteps.
func (net *Network) IntegratedGradients(x []float64, tolerance float64, maxSteps int) (tiles [][]float64, steps int) {
	pixels, units := len(x), net.Sizes[1]
	for steps = max(1, min(16, maxSteps)); ; steps *= 2 {
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
				below := d
				d = make([]float64, net.Sizes[l+1])
				addRows(d, nonzero(below), below, net.W[l])
			}
			for j := range d {
				if l < last {
					d[j] *= net.Activation.Slope(values[l][j])
				}
				if d[j] != 0 { // of the first layer's all but one are
					sum[j*units+unit] += d[j]
				}
			}
		}
	}
}
