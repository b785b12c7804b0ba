package main

import "fmt"

// Restore stands in for the one that network.go will have, and activationByName for its list.
func Restore(sizes []int, theta []float64, activation string) (*Network, error) {
	act, ok := activationByName(activation)
	if !ok {
		return nil, fmt.Errorf("activation %.40q, expected one of %s", activation, activationNames)
	}
	net := &Network{Sizes: sizes, Activation: act, Workers: 1, Theta: theta}
	rest := theta
	for l, fanOut := range sizes[1:] {
		n := (sizes[l] + 1) * fanOut
		if n > len(rest) {
			return nil, fmt.Errorf("%d weights, expected as many as sizes %d need", len(theta), sizes)
		}
		net.W, rest = append(net.W, rest[:n]), rest[n:]
	}
	return net, nil
}

func activationByName(name string) (act Activation, ok bool) {
	for _, act := range Activations {
		if act.Name == name {
			return act, true
		}
	}
	return act, false
}
