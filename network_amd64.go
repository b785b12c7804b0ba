// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The kernels of network.go for processors with AVX: the same loops, four numbers at once. They multiply, then add, in
// the order of the Go loops and never fused, so the bits are the same. Without this file and network_amd64.s, or with
// -tags purego, the Go loops do the work; so they do with GOAMD64=v3, for which Go itself multiplies and adds in one
// step.

//go:build !purego && !amd64.v3

package main

func init() {
	if hasAVX() {
		addRows, addToRows, multiplyRows, sgdStep = addRowsAVX, addToRowsAVX, multiplyRowsAVX, sgdStepAVX
		nonzeroBytes, fetch = nonzeroBytesAVX, fetchAVX
	}
}

// hasAVX reports whether the processor has AVX and the system keeps the wide registers: bits 1 and 2 of what XGETBV
// reads.
func hasAVX() bool {
	const osxsave, avx = 1 << 27, 1 << 28
	features := cpuid1()
	return features&osxsave != 0 && features&avx != 0 && xgetbv()&6 == 6
}

// masks holds 4 numbers for VMASKMOVPD to take, then 4 to leave: what begins k before the middle takes k.
var masks = func() (m [8]int64) {
	for k := range 4 {
		m[k] = -1
	}
	return m
}()

func cpuid1() (ecx uint32)

func xgetbv() (eax uint32)

// addRowsAVX has a kernel of its own for the up to three rows that are left. Left to plain Go they took an eighth of the
// page's run.
func addRowsAVX(sum []float64, list []entry, w []float64) {
	n := len(sum)
	columns, rows := n&^3, len(list)&^3
	addFours(sum, list[:rows], w)
	for _, e := range list[rows:] {
		row := w[e.row*n:][:n]
		addRow(sum[:columns], row, e.x)
		for j := columns; j < n; j++ {
			sum[j] += e.x * row[j]
		}
	}
}

// addFours is addRows for a list of a multiple of four entries.
//
//go:noescape
func addFours(sum []float64, list []entry, w []float64)

// addRow adds x*row to sum, which has a multiple of four numbers.
//
//go:noescape
func addRow(sum, row []float64, x float64)

// addToRowsAVX extends v over the zeros behind it to a multiple of four, so that the kernel has no remainder.
func addToRowsAVX(sum []float64, n, first int, list []entry, v []float64) {
	addToPaddedRows(sum, n, first, list, v[:(len(v)+3)&^3])
}

// addToPaddedRows is addToRows for a v of a multiple of four numbers.
//
//go:noescape
func addToPaddedRows(sum []float64, n, first int, list []entry, v []float64)

// multiplyRowsAVX takes four rows at a time, so that no addition waits for the one before.
func multiplyRowsAVX(y []float64, list []entry, w, v []float64) {
	n := len(v)
	for ; len(list) >= 4; list = list[4:] {
		var dots [4]float64
		var rows [4][]float64
		for i := range rows {
			rows[i] = w[list[i].row*n:][:n]
		}
		dot4(&dots, &rows, v)
		for i, dot := range dots {
			y[list[i].row] = dot
		}
	}
	multiplyRowsInGo(y, list, w, v)
}

// dot4 sets dots to dot(row, v) of four rows as long as v.
//
//go:noescape
func dot4(dots *[4]float64, rows *[4][]float64, v []float64)

func sgdStepAVX(theta, grad, velocity []float64, rate, momentum float64, nesterov bool) {
	fours := len(theta) &^ 3
	if !nesterov {
		fours = 0
	}
	nesterovStep(theta[:fours], grad, velocity, rate, momentum)
	sgdStepInGo(theta[fours:], grad[fours:], velocity[fours:], rate, momentum, nesterov)
}

// nesterovStep is sgdStep with nesterov, for a multiple of four weights.
//
//go:noescape
func nesterovStep(theta, grad, velocity []float64, rate, momentum float64)

func nonzeroBytesAVX(b []byte) (set uint64) {
	if len(b) == 64 {
		return nonzero64(b)
	}
	return nonzeroBytesInGo(b)
}

// nonzero64 is nonzeroBytes for 64 bytes. Training takes a fourteenth less time with it.
//
//go:noescape
func nonzero64(b []byte) (set uint64)

// fetchAVX is fetch.
//
//go:noescape
func fetchAVX(image []byte)
