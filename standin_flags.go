package main

import (
	"fmt"
	"slices"
	"strings"
)

// What stands in for network.go's lists and their names. It goes, whole, when network.go has them.

type Solver struct {
	Name string
	Rate float64
}

type Schedule struct{ Name string }

func (s Solver) String() string     { return s.Name }
func (s Schedule) String() string   { return s.Name }
func (a Activation) String() string { return a.Name }
func (l Loss) String() string       { return l.Name }

var (
	Solvers         = []Solver{{"sgd", 0.1}, {"adam", 0.001}, {"adagrad", 0.05}}
	Schedules       = []Schedule{{"constant"}, {"invscaling"}, {"adaptive"}}
	activationNames = strings.Join(Names(Activations), ", ") // for unpackNetwork
)

func Names[T fmt.Stringer](list []T) (names []string) {
	for _, v := range list {
		names = append(names, v.String())
	}
	return names
}

func Find[T fmt.Stringer](list []T, name string) (found T, err error) {
	i := slices.Index(Names(list), name)
	if i < 0 {
		return found, fmt.Errorf("%.40q, expected one of %s", name, strings.Join(Names(list), ", "))
	}
	return list[i], nil
}
