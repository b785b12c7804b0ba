// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The page to draw on: a trained network, as it was after every epoch, in one HTML file that loads nothing else.
// page.html is the page, with markup, style and script; here is what goes into it. It needs network.go alone.

package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed page.html
var pageHTML string

const (
	pageWeights = 2_000_000 // of a network that a page holds, at most
	pageBytes   = 7_800_000 // of weights and images, in base64, unless the first and the last weights take more
	pageEpochs  = 60        // at most
	pagePixels  = 1 << 20   // of all images, at most
)

// A Page is what page.html shows.
type Page struct {
	Run           string // the run, in words
	Scored        string // what Loss and Score are of: training, validation or test
	Sizes         []int
	Activation    string
	Height, Width int // of the images
	Epochs        []PageEpoch
	Digits        []PageImage
	Mistakes      []PageImage
	added, sparse int // every 2^sparse-th epoch of those added is kept
}

// A PageEpoch is the network at one time of training.
type PageEpoch struct {
	Heading     string  // such as "after epoch 3"
	At          int     // how many were added before
	Loss, Score float64 // the mean of -ln(p) of the right class, and the share of right answers
	Theta       []byte  // every weight, float32, little-endian
}

// A PageImage is an image to step through, with its label and the class that the network reads in it.
type PageImage struct {
	Pixels      []byte
	Label, Read int
}

// PageImages returns as many of the images as half of a page's have room for. The list is never nil, which JSON calls
// null.
func PageImages(net *Network, data Examples) []PageImage {
	size, list := net.Sizes[0], []PageImage{}
	for i, label := range data.Y[:min(len(data.Y), pagePixels/2/size)] {
		image := data.X[i*size:][:size]
		list = append(list, PageImage{image, int(label), Argmax(net.Predict(image))})
	}
	return list
}

// Add appends the network as it is now, unless it has not changed since the last call. Every epoch is kept; if they are
// too many or too large every second, every fourth and so on; and always the newest.
func (p *Page) Add(heading string, net *Network) {
	weights := net.Weights()
	theta := make([]byte, 0, 4*len(weights))
	for _, v := range weights {
		theta = binary.LittleEndian.AppendUint32(theta, math.Float32bits(float32(v)))
	}
	if n := len(p.Epochs); n > 0 && bytes.Equal(theta, p.Epochs[n-1].Theta) {
		return
	}
	images := base64.StdEncoding.EncodedLen(min(70*net.Sizes[0], pagePixels))
	room := min(pageEpochs, max(2, (pageBytes-images)/base64.StdEncoding.EncodedLen(len(theta))))
	for (p.added+1<<p.sparse-1)>>p.sparse >= room { // those kept beside the new one
		p.sparse++
	}
	p.Epochs = slices.DeleteFunc(p.Epochs, func(e PageEpoch) bool { return e.At%(1<<p.sparse) != 0 })
	p.Epochs = append(p.Epochs, PageEpoch{Heading: heading, At: p.added, Theta: theta})
	p.Sizes, p.Activation = net.Sizes, net.Activation.Name
	p.added++
}

// Score sets the loss and the score of every epoch on data. That takes no longer for many epochs than for those kept.
func (p *Page) Score(data Examples, workers int) {
	for i := range p.Epochs {
		e := &p.Epochs[i]
		theta := make([]float64, len(e.Theta)/4)
		for k := range theta {
			theta[k] = float64(math.Float32frombits(binary.LittleEndian.Uint32(e.Theta[4*k:])))
		}
		net, _ := Restore(p.Sizes, theta, p.Activation) // which Add was given
		net.Workers = workers
		answers := net.Predict(data.X)
		e.Loss, e.Score = Mean(answers, data.Y, Losses[0].Value), Mean(answers, data.Y, Right)
	}
}

// Write writes the page. JSON escapes <, > and &, so that no word in it can end its element.
func (p *Page) Write(w io.Writer) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	hash := func(tag string) string { // of the first such element, for the policy
		_, text, _ := strings.Cut(pageHTML, "<"+tag+">")
		text, _, _ = strings.Cut(text, "</"+tag+">")
		sum := sha256.Sum256([]byte(text))
		return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
	}
	head, tail, _ := strings.Cut(pageHTML, "{{data}}")
	head = strings.NewReplacer("{{style}}", hash("style"), "{{script}}", hash("script"),
		"{{bytes}}", strconv.Itoa(len(data))).Replace(head)
	_, err = io.Copy(w, io.MultiReader(strings.NewReader(head), bytes.NewReader(data), strings.NewReader(tail)))
	return err
}
