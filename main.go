// Mlpviz trains a multi-layer perceptron on handwritten digits and draws what it learned.
//
//	go run .                                   digits drawn by code; pictures in out/
//	go run . -data DIR                         MNIST, scikit-learn's "Visualization of MLP weights on MNIST"
//	go run . -data DIR -preset dnn             the machine learning crash course's deep network
//	go run . -data DIR -preset influence       what every pixel does to every node
//	go run . -hidden 100 -save digits.npz      keep the network
//	go run . -load digits.npz -predict my.png  let it read a picture
//	go run . -h                                all flags
//
// The same flags give the same output and files, byte for byte, for any number of workers. The exit code is 0, 1 if the
// run failed, 2 if the flags are wrong, and 130 if training was interrupted and its results were written.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"
)

func main() {
	c, err := parse(os.Args[1:])
	exitOn(err)
	for _, o := range c.options() {
		if c.typed[o.name] && !o.counts {
			printf("note: -%s has no effect on this run\n", o.name)
		}
	}
	s := &session{config: c, rng: NewRandomState(c.seed)}
	s.listen()
	s.loadData()
	s.makeNetwork()
	s.describeData()
	s.findImages()
	s.checkOutputs()
	s.trainNetwork()
	s.score()
	s.writeOutputs()
	s.readDigits()
	s.explain()
	exitOn(unprinted)
	if s.interrupted {
		os.Exit(130)
	}
}

// unprinted is the first error of printf, such as a full disk. It ends the run when all files are written.
var unprinted error

func printf(format string, args ...any) {
	if _, err := fmt.Printf(format, args...); err != nil && unprinted == nil {
		unprinted = fmt.Errorf("standard output: %w, expected to print there", errors.Unwrap(err))
	}
}

// expect ends the program unless a flag is as expected.
func expect(ok bool, name string, found any, expected string, args ...any) {
	if !ok {
		exitOn(badFlag(name, found, expected, args...))
	}
}

// exitOn ends the program if there is an error, with one line on standard error.
func exitOn(err error) {
	if err == nil {
		return
	}
	code, words := 1, strings.FieldsFunc(err.Error(), unicode.IsControl) // a name that was typed may have newlines
	if errors.As(err, new(usageError)) {
		code = 2
	}
	fmt.Fprintln(os.Stderr, "mlpviz:", strings.Join(words, " "))
	os.Exit(code)
}

// ---- The run ----

// session is what the stages of a run hand on to each other.
type session struct {
	*config
	rng                         *RandomState
	net                         *Network
	train, valid, test          Set
	classes                     int       // the largest training label plus one; 10 for drawn digits
	images                      []found   // of -predict, then of -influence
	inputs                      []string  // the files that were read, but for -load's
	cost                        Loss      // what single answers are judged by
	loss, validLoss, validScore []float64 // of each epoch; the last two only where there are validation rows
	film                        Film      // for the animation
	page                        Page
	judged                      Set     // what confusion and mistakes are about
	answers                     Answers // to it
	idle                        []int   // the units of the first hidden layer that hardly ever fire, with relu
	judgedName, idleWords       string
	training                    atomic.Bool
	interrupted                 bool
}

// listen ends training at an interrupt, and the program at the next, or at one outside of training.
func (s *session) listen() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if <-signals; s.training.CompareAndSwap(true, false) {
			fmt.Fprintln(os.Stderr, "mlpviz: interrupted, ending after the batch in hand; press Ctrl-C again to quit")
			<-signals
		}
		fmt.Fprintln(os.Stderr, "mlpviz: interrupted, quitting when the file in hand, if any, is written")
		writing.Lock()
		os.Exit(130)
	}()
}

// loadData reads or draws the examples, and divides them anew for -split.
func (s *session) loadData() {
	if s.noData {
		return
	}
	source := cmp.Or(s.data, "digits drawn by code, not MNIST")
	if s.data == "" {
		n := 60000
		if s.rows > 0 && s.split == 0 { // more would not be used
			n = min(n, s.rows)
		}
		s.classes, s.train, s.test = 10, Set{Height: 28, Width: 28}, Set{Height: 28, Width: 28} // 10 even if few are drawn
		s.train.Pixels, s.train.Labels = GenerateDigits(n, 1, s.workers)
		s.test.Pixels, s.test.Labels = GenerateDigits(10000, 2, s.workers) // another seed
	} else {
		info, err := os.Stat(s.data)
		expect(s.testFile == "" || err != nil || !info.IsDir(), "test", s.testFile, "a CSV -data beside it")
		s.train, s.test, err = LoadData(s.data, s.testFile)
		exitOn(err)
		s.inputs = append(s.inputs, s.data, s.testFile)
	}
	s.classes = max(s.classes, s.train.Classes()) // before -rows, which may leave some out
	if s.classes < 2 {
		exitOn(fmt.Errorf("%s: no label but 0, expected at least two classes", source))
	}
	if s.split > 0 {
		all := s.train.Append(s.test)
		s.test, s.train = all.Cut(NewRandomState(0).Permutation(all.Len()), s.split)
		expect(s.train.Len() > 0, "split", s.split, "a fraction that leaves some of the %d examples for training", all.Len())
	}
	s.train = s.train.Head(cmp.Or(s.rows, s.train.Len()))
	printf("data: %s: %d training and %d test images, %d x %d pixels, %d classes\n",
		source, s.train.Len(), s.test.Len(), s.train.Height, s.train.Width, s.classes)
}

func (s *session) describeData() {
	if s.describe {
		printf("%s", s.train.Summary("training")+s.valid.Summary("validation")+s.test.Summary("test"))
	}
	for _, word := range s.show {
		i := example(s.train, "@"+word)
		expect(i >= 0, "show", strconv.Quote(word), "numbers from 0 to %d", s.train.Len()-1)
		printf("training example %d: %d\n%s", i, s.train.Labels[i], terminalPicture(s.train.Image(i), s.train.Width))
	}
}

// makeNetwork draws the weights, and prints what the network is made of; with -load it reads it. Then it sets the
// validation rows apart: the order in which the run's generator is asked.
func (s *session) makeNetwork() {
	if s.load != "" {
		s.loadNetwork()
	} else {
		const most = maxNumbers - 2 // what -load takes, which reads the images' shape too
		sizes := slices.Concat([]int{s.train.Height * s.train.Width}, s.hiddenSizes, []int{s.classes})
		n, err := Parameters(sizes)
		expect(err == nil && n <= most, "hidden", strconv.Quote(s.hidden), "at most %d parameters in all", most)
		s.net, err = NewNetwork(sizes, s.activation, s.rng)
		expect(err == nil, "hidden", strconv.Quote(s.hidden), "fewer layers, whose sums stay finite")
	}
	if s.net.Workers = s.workers; s.noData {
		return
	}
	if n := s.train.Len(); s.validation > 0 {
		s.valid, s.train = s.train.Cut(s.rng.Permutation(n), s.validation)
		expect(s.train.Len() > 0, "validation", s.validation, "fewer than the %d training examples", n)
		printf("validation: %d of the training images are held out, %d train\n", s.valid.Len(), s.train.Len())
	}
	kind := s.net.Activation.Name
	if len(s.net.W) == 1 {
		kind = "softmax regression"
	}
	printf("network: %s, %s: %s; %d parameters\n", join(s.net.Sizes, "-"), kind, Arrays(s.net.Sizes), len(s.net.Theta))
	if kind == "step" {
		printf("note: the gradient of step is zero, so only the output layer learns\n")
	}
}

// loadNetwork takes up a saved network, which must fit the data, and -hidden and -activation if the user typed them.
func (s *session) loadNetwork() {
	m, err := openFile(s.load, func(_ io.Reader, f *os.File, size int64) (Model, error) { return ReadModel(f, size) })
	exitOn(err)
	name, hidden := cmp.Or(m.Activation, s.activation), cmp.Or(join(m.Sizes[1:len(m.Sizes)-1], ","), "none")
	s.net, err = Restore(m.Sizes, m.Theta, name)
	if err = cmp.Or(err, m.Check(s.train.Height, s.train.Width, max(2, s.classes))); err != nil {
		exitOn(fmt.Errorf("%s: %w", s.load, err))
	}
	expect(!s.typed["hidden"] || s.hidden == hidden, "hidden", s.hidden, "%s as in %s", hidden, s.load)
	expect(!s.typed["activation"] || s.activation == name, "activation", s.activation, "%s as in %s", name, s.load)
	if m.Activation == "" && hidden != "none" {
		printf("note: %s does not name its activation: %s is assumed (-activation)\n", s.load, name)
	}
	s.train.Height, s.train.Width = m.Height, m.Width
	for range m.Theta { // as a new network's weights are drawn, so that a seed always holds out the same rows
		s.rng.Float64()
	}
}

type found struct {
	name   string // of an image that a flag lists
	pixels []byte
}

// findImages reads what -predict and -influence list. An influence on 2000 nodes took a minute and 800 MB.
func (s *session) findImages() {
	for _, path := range s.predict {
		s.images = append(s.images, found{path, s.readPicture(path)})
	}
	for _, what := range s.influence {
		expect(slices.Max(s.net.Sizes[1:]) <= 2000, "influence", "a layer of more than 2000 units", "fewer to draw")
		s.images = append(s.images, s.pick(what))
	}
}

func (s *session) readPicture(path string) []byte {
	s.inputs = append(s.inputs, path)
	pixels, err := openFile(path, func(r io.Reader, _ *os.File, _ int64) ([]byte, error) { return DecodePicture(r) })
	exitOn(err)
	if height, width := s.train.Height, s.train.Width; height != 28 || width != 28 {
		exitOn(fmt.Errorf("%s: a picture for a network of %d x %d pixels, expected one of 28 x 28", path, height, width))
	}
	return pixels
}

// example returns the index in set of the first example of a digit, or the number after @; -1 if there is none.
func example(set Set, word string) int {
	number, isNumber := strings.CutPrefix(word, "@")
	i, err := strconv.Atoi(number)
	switch {
	case !isNumber:
		return slices.Index(set.Labels, byte(i))
	case err != nil || i < 0 || i >= set.Len():
		return -1
	}
	return i
}

// pick finds an image to explain, and names it.
func (s *session) pick(what string) found {
	i := example(s.test, what)
	switch base := filepath.Base(what); {
	case what == "white":
		return found{what, []byte(strings.Repeat("\xff", s.net.Sizes[0]))}
	case !isExample(what):
		return found{"file-" + strings.TrimSuffix(base, filepath.Ext(base)), s.readPicture(what)}
	case what[0] == '@':
		expect(i >= 0, "influence", strconv.Quote(what), "@N with N less than the %d test examples", s.test.Len())
		return found{"test-" + strconv.Itoa(i), s.test.Image(i)}
	}
	expect(i >= 0, "influence", what, "a digit that is in the test set")
	return found{"digit-" + what, s.test.Image(i)}
}

// checkOutputs finds out now, not after an hour of training, that an output cannot be written.
func (s *session) checkOutputs() {
	var files []string
	for _, name := range s.pictureNames {
		picture, _ := Find(pictures, name)
		files = append(files, filepath.Join(s.out, picture.file))
	}
	for _, image := range s.images[len(s.predict):] {
		base := filepath.Join(s.out, "influence-")
		files = append(files, base+image.name+".png", base+"integrated-"+image.name+".png")
	}
	twice := Shared(files, s.inputs)
	expect(twice == "", "out", twice, "each picture in a file of its own, which this run does not read")
	fine := Shared(append(files, s.save), s.inputs) == "" && !strings.Contains(filepath.Base(s.save), "-ubyte")
	expect(fine, "save", s.save, "a file that this run does not read or draw") // -ubyte: MNIST's four
	exitOn(CheckFolder(s.out, files))
	if s.save != "" {
		exitOn(CheckPath(s.save))
	}
}

// trainNetwork trains and prints a report an epoch. Interrupted, it ends after the batch in hand.
func (s *session) trainNetwork() {
	if s.Epochs == 0 {
		return
	}
	var terminal io.Writer = io.Discard // what is timed goes nowhere else
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		terminal = os.Stderr
	}
	const eraseLine = "\r\x1b[K"
	total, start, shown, done := s.train.Len(), time.Now(), time.Now(), 0
	s.cost, _ = Find(Losses, s.Loss)
	if s.Steps > 0 {
		s.cost, total = Losses[0], s.Batches*min(s.Batch, total) // log loss, as the crash course has it
	}
	pace := func() float64 { return float64(done) / time.Since(start).Seconds() }
	s.AfterBatch = func(seen int, loss float64) bool {
		if done = len(s.loss)*total + seen; time.Since(shown) > 100*time.Millisecond {
			shown = time.Now()
			left := time.Duration(float64(s.Epochs*total-done) / pace() * 1e9)
			fmt.Fprintf(terminal, eraseLine+"%d of %d examples, loss %.4g, %.0f examples a second, at most %v left",
				seen, total, loss, pace(), left.Round(time.Second))
		}
		return s.training.Load()
	}
	s.AfterEpoch = func(epoch int, loss float64, valid []float64) bool {
		fmt.Fprint(terminal, eraseLine)
		s.report(epoch, loss, valid)
		return s.training.Load()
	}
	s.training.Store(true)
	s.frame("before training")
	train, valid := Examples{s.train.Pixels, s.train.Labels}, Examples{s.valid.Pixels, s.valid.Labels}
	err := s.net.Train(train, valid, s.Settings, s.rng)
	s.interrupted = !s.training.Swap(false)
	fmt.Fprintf(terminal, eraseLine+"trained for %.1f s, %.0f examples a second\n", time.Since(start).Seconds(), pace())
	s.conclude(err)
}

// report keeps and prints the loss of an epoch. A period of -steps has first what the crash course shows, the log loss
// of the hard predictions, in which a wrong answer costs -ln(1e-15), then that of the probabilities, which is kept.
func (s *session) report(epoch int, loss float64, valid []float64) {
	heading, score, validLoss := fmt.Sprintf("after epoch %d", epoch), 0.0, 0.0
	if s.Steps > 0 {
		heading = fmt.Sprintf("after %d batches", epoch*s.Batches)
		p, _ := s.net.Evaluate(s.train.Pixels)
		loss = Mean(p, s.train.Labels, s.cost.Value)
	}
	s.frame(heading)
	s.loss = append(s.loss, loss)
	if len(valid) > 0 {
		score, validLoss = Mean(valid, s.valid.Labels, Right), Mean(valid, s.valid.Labels, s.cost.Value)
		s.validScore, s.validLoss = append(s.validScore, score), append(s.validLoss, validLoss)
	}
	switch {
	case s.Steps > 0 && len(valid) > 0:
		printf("  period %02d : %0.2f\n              log loss: training %.4f, validation %.4f; validation accuracy %.4f\n",
			epoch-1, -math.Log(1e-15)*(1-score), loss, validLoss, score)
	case s.Steps > 0:
		printf("  period %02d : training log loss %.4f\n", epoch-1, loss)
	case len(valid) > 0:
		const form = "Iteration %d, loss = %s\nValidation score: %f\nValidation loss: %.8f\n"
		printf(form, epoch, decimals(loss, 8), score, validLoss)
	default:
		printf("Iteration %d, loss = %s\n", epoch, decimals(loss, 8))
	}
}

// conclude prints how training ended, and what to make of it.
func (s *session) conclude(err error) {
	flag, v := "lr", s.Rate                                 // what most likely kept a high loss high
	if s.Alpha > 0.1*float64(min(s.Batch, s.train.Len())) { // the penalty shrinks weights faster than data can form them
		flag, v = "alpha", s.Alpha
	}
	n, even := len(s.loss), make([]float64, s.classes)
	softmax(even)
	guessing := s.cost.Value(even, 0)
	switch {
	case err != nil:
		exitOn(fmt.Errorf("-%s: training with %g diverged (%w), expected a lower value", flag, v, err))
	case s.interrupted:
		printf("interrupted after %d whole %s\n", n, map[bool]string{false: "epochs", true: "periods"}[s.Steps > 0])
	case s.loss[n-1] >= guessing:
		printf("note: the loss ended at %s, no better than guessing (%.4f): try a lower -%s than %g, or longer training\n",
			decimals(s.loss[n-1], 4), guessing, flag, v)
	case s.Steps > 0: // they are always taken to the end
	case n < s.Epochs:
		printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case n > 1 && !s.EarlyStop && slices.Min(s.loss[:n-1])-s.loss[n-1] > s.Tol:
		printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: "+
			"more -epochs would lower it further\n", n, s.Tol)
	}
}

// score prints the shares of right answers, the most frequent errors, and the numbers behind the mosaic. It keeps the
// answers that confusion and mistakes show: to the held-out rows where there are some, else to the test set.
func (s *session) score() {
	if s.noData {
		return
	}
	p, units := s.net.Evaluate(s.train.Pixels)
	printf("Training set score: %f\n", Mean(p, s.train.Labels, Right))
	for i, set := range []Set{s.valid, s.test} {
		if name := []string{"Validation", "Test"}[i]; set.Len() > 0 {
			p, _ := s.net.Evaluate(set.Pixels)
			printf("%s set score: %f\n", name, Mean(p, set.Labels, Right))
			if s.judged.Len() == 0 {
				s.judged, s.judgedName, s.answers = set, strings.ToLower(name)+" set", Judge(set.Labels, p)
			}
		}
	}
	if most := s.answers.Errors(); s.judged.Len() > 0 {
		printf("most confused: %s\n", cmp.Or(strings.Join(most[:min(5, len(most))], ", "), "none"))
	}
	for l, w := range s.net.W {
		w = w[:s.net.Sizes[l]*s.net.Sizes[l+1]] // without the biases
		printf("coefs_%d: largest absolute weight %s", l, decimals(max(slices.Max(w), -slices.Min(w)), 4))
		if l > 0 {
			_, unused := which(len(units[l-1]), func(j int) bool { return units[l-1][j].Use < 0.05 })
			printf("; units that it hardly uses, less than a twentieth of the average: %s", unused)
		}
		if l < len(units) && s.net.Activation.Name == "relu" {
			idle, words := which(len(units[l]), func(j int) bool { return units[l][j].Fired*1000 < s.train.Len() })
			printf("; units that fire on fewer than one in a thousand training examples: %s", words)
			if l == 0 {
				s.idle, s.idleWords = idle, words
			}
		}
		printf("\n")
	}
}

func writeFile(path string, write func(w io.Writer) error) {
	exitOn(WriteFile(path, write))
	printf("wrote %s\n", path)
}

func (s *session) writeSheet(name, title, notes string, columns int, parts ...Part) {
	writeFile(filepath.Join(s.out, name+".png"), Sheet(title, notes, columns, parts...).Encode)
}

// writeOutputs writes the network, for -load or Python, and the pictures that -pictures lists.
func (s *session) writeOutputs() {
	if m := (Model{s.net.Sizes, s.net.Theta, s.net.Activation.Name, s.train.Height, s.train.Width}); s.save != "" {
		writeFile(s.save, func(w io.Writer) error { return WriteModel(w, m) })
	}
	for _, name := range s.pictureNames {
		switch p, _ := Find(pictures, name); {
		case name == "loss" && len(s.loss) == 0:
			printf("no loss.png: no whole epoch or period was trained\n")
		case name == "animation" && len(s.film.Frames) == 0:
			printf("no animation: nothing was trained\n")
		case name == "page" && len(s.net.Theta) > pageWeights:
			printf("no page.html: %d weights, expected at most %d\n", len(s.net.Theta), pageWeights)
		case (name == "confusion" || name == "mistakes") && s.judged.Len() == 0:
			printf("no %s.png: there are no validation and no test examples\n", name)
		default:
			p.draw(s)
		}
	}
}

type picture struct {
	name, file string
	draw       func(*session)
}

func (p picture) String() string { return p.name }

var pictures = []picture{
	{"weights", "weights.png", func(s *session) {
		mosaic, notes := s.mosaic()
		s.writeSheet("weights", "First-layer weights", notes, 1, mosaic)
	}},
	{"loss", "loss.png", func(s *session) {
		first, chart := 1, Chart{XLabel: "epoch", YLabel: s.Loss, Format: "%.8f", MarkName: "kept"}
		notes := "Training: the mean over the epoch, penalty included, each example before its batch's step."
		if s.Steps > 0 { // which the crash course counts from period 0
			first, chart.XLabel, chart.YLabel = 0, fmt.Sprintf("period (batches in each: %d)", s.Batches), "log loss"
			notes = "Log loss of the probabilities at the end of each period."
		} else if len(s.validLoss) > 0 {
			notes += "\nValidation: after the epoch, without penalty."
		}
		if s.EarlyStop {
			notes += "\nKept: the weights with the best validation score."
			chart.Marks = []float64{float64(first + Argmax(s.validScore))}
		}
		parts := []Part{chart.With(first, []string{"training", "validation"}, s.loss, s.validLoss)}
		if len(s.validScore) > 0 {
			chart.YLabel, chart.MarkName, chart.Height, chart.Format = "validation score", "", 180, "%.4f"
			parts = append(parts, chart.With(first, []string{""}, s.validScore))
		}
		s.writeSheet("loss", "Loss", notes, 1, parts...)
	}},
	{"confusion", "confusion.png", func(s *session) {
		s.writeSheet("confusion", "Confusion matrix, "+s.judgedName, s.answers.Notes(), 1, s.answers.Confusion)
	}},
	{"mistakes", "mistakes.png", func(s *session) {
		a, shown, p := s.answers, s.answers.Mistakes, s.panel("gray_r", 10)
		note := fmt.Sprintf("%d of %d examples are misread.", len(shown), s.judged.Len())
		if shown = shown[:min(len(shown), 50)]; len(shown) > 0 {
			note += fmt.Sprintf(" Shown are %d, the surest first: true → predicted, and how sure the network was.", len(shown))
		}
		for _, i := range shown {
			p.Add(floats(s.judged.Image(i)), "%d → %d\n%.1f%%", s.judged.Labels[i], a.Read[i], 100*a.Sure[i])
		}
		s.writeSheet("mistakes", "Mistakes, "+s.judgedName, note, 1, p)
	}},
	{"page", "page.html", (*session).writePage},
	{"examples", "examples.png", func(s *session) {
		p, first := s.panel("gray_r", 10), s.train.Head(100)
		for i, label := range first.Labels {
			p.Add(floats(first.Image(i)), "%d", label)
		}
		note := fmt.Sprintf("The first %d of %d, with their labels.", first.Len(), s.train.Len())
		s.writeSheet("examples", "Training examples", note, 1, p)
	}},
	{"animation", "weights.gif", func(s *session) {
		writeFile(filepath.Join(s.out, "weights.gif"), func(w io.Writer) error {
			return Animation(w, "First-layer weights while training", s.film.Notes, s.film.Frames)
		})
	}},
	{"activations", "activations.png", func(s *session) { // the lecture's four, above their gradients
		parts := make([]Part, 8)
		for k, name := range []string{"step", "logistic", "tanh", "relu"} {
			act, _ := Find(Activations, name)
			parts[k] = FunctionChart(name, "a = h(z)", act.F)
			parts[4+k] = FunctionChart("", "h'(z)", func(z float64) float64 { return act.Slope(act.F(z)) })
		}
		s.writeSheet("activations", "Activations and their gradients", "", 4, parts...)
	}},
}

func (s *session) panel(colors string, columns int) Panel { // on a scale from 0 to 1

	m, diverging, _ := ColorMapByName(colors)
	return Panel{Height: s.train.Height, Width: s.train.Width, Columns: columns, Map: m, Max: 1, Symmetric: diverging}
}

// mosaic has a tile for each unit of the first layer, its weights, and notes on what they are.
func (s *session) mosaic() (p Panel, notes string) {
	units := s.net.Sizes[1]
	shown, coefs := min(units, s.tiles[0]*s.tiles[1]), s.net.W[0][:s.net.Sizes[0]*units]
	p = s.panel(s.cmap, s.tiles[1])
	p.Scale, p.OwnScale, notes = "weight", s.scale == "tile", "outputs 0 to %d of %d, one for each class"
	if len(s.net.W) > 1 {
		notes = "units 0 to %d of %d in the first hidden layer"
	}
	notes = fmt.Sprintf("The tiles are "+notes+", row by row: the weight that each gives to every pixel of the image. "+
		"One that looks like noise has learned little.", shown-1, units)
	if len(s.idle) > 0 {
		notes += " Idle units fire on fewer than one in a thousand training examples: " + s.idleWords + "."
	}
	for unit, tile := range Columns(coefs, units)[:shown] {
		p.Add(tile, "%d%s", unit, map[bool]string{true: " idle"}[slices.Contains(s.idle, unit)])
	}
	if s.tiles == [2]int{4, 4} && len(s.net.W) > 1 {
		p.Captions = nil // as on scikit-learn's page
	}
	return p.HalfScale(coefs), notes + p.ScaleNote()
}

// frame keeps the mosaic as it is now for the animation, and the network for the page.
func (s *session) frame(heading string) {
	if slices.Contains(s.pictureNames, "animation") {
		mosaic, notes := s.mosaic()
		mosaic.Heading, s.film.Notes = heading, notes
		s.film.Add(mosaic)
	}
	if slices.Contains(s.pictureNames, "page") && len(s.net.Theta) <= pageWeights {
		s.page.Add(heading, s.net)
	}
}

// writePage writes the page, with the network as it is in the end, unless an epoch left it so.
func (s *session) writePage() {
	p, set, first, wrong := &s.page, s.train, s.test.Head(20), s.answers.Mistakes
	p.Scored = "training"
	for k, other := range []Set{s.test, s.valid} {
		if other.Len() > 0 {
			set, p.Scored = other, []string{"test", "validation"}[k]
		}
	}
	p.Add("the finished network", s.net)
	p.Score(Examples{set.Pixels, set.Labels}, s.workers)
	worst := s.judged.Take(wrong[:min(50, len(wrong))])
	p.Height, p.Width = s.train.Height, s.train.Width
	p.Digits = PageImages(s.net, Examples{first.Pixels, first.Labels})
	p.Mistakes = PageImages(s.net, Examples{worst.Pixels, worst.Labels})
	p.Run = fmt.Sprintf("%s, %s, %d %s, seed %d, %s score %.4f", join(s.net.Sizes, "-"), s.net.Activation, len(s.loss),
		map[bool]string{false: "epochs", true: "periods"}[s.Steps > 0], s.seed, p.Scored, p.Epochs[len(p.Epochs)-1].Score)
	path := filepath.Join(s.out, "page.html")
	exitOn(WriteFile(path, p.Write))
	printf("wrote %s: open it in a browser, draw a digit and watch\n", path)
}

// readDigits prints what the network reads in picture files: the digit, what it saw, the probabilities.
func (s *session) readDigits() {
	for _, image := range s.images[:len(s.predict)] {
		p, _ := s.net.Evaluate(image.pixels)
		printf("%s: %d\n%s%s", image.name, Argmax(p), terminalPicture(image.pixels, 28), terminalBars(p))
		if SideBySide(image.pixels) {
			printf("  note: this looks like more than one digit, expected one in a picture\n")
		}
	}
}

// explain draws what every pixel of each image of -influence does to every node, one pixel at a time and by integrated
// gradients, and prints how far the tiles are from adding up to the nodes' changes since an all-black image.
func (s *session) explain() {
	layers := []string{"output, before softmax", "output, after softmax"}
	for l := len(s.net.W) - 1; l > 0; l-- {
		layers = slices.Insert(layers, 0, fmt.Sprintf("hidden layer %d, %s", l, s.net.Activation.Name))
	}
	for _, image := range s.images[len(s.predict):] {
		x := floats(image.pixels)
		black, values := s.net.Nodes(make([]float64, len(x))), s.net.Nodes(x)
		from, to := black[len(black)-1], values[len(values)-1]
		answers := fmt.Sprintf("All black is read as %d (%.1f%%), this image as %d (%.1f%%).",
			Argmax(from), 100*from[Argmax(from)], Argmax(to), 100*to[Argmax(to)])
		printf("influence of %s: %s\n", image.name, answers)
		onePixel := s.net.OnePixel(x)
		integrated, steps := s.net.IntegratedGradients(x, 0.001, 4096)
		oneMisses, misses := s.net.Unexplained(x, onePixel), s.net.Unexplained(x, integrated)
		printf("  how far the tiles' sums are from the nodes' changes, in percent of the changes:\n")
		for l, name := range layers {
			one, all := percent(oneMisses[l], 2), percent(misses[l], 3)
			printf("  %-26s one pixel %8s   integrated gradients %8s\n", name, one, all)
		}
		printf("  integrated gradients took %d steps\n", steps)
		if slices.Max(misses) > 0.001 {
			printf("  note: the steps ended before every layer was within 0.1%%\n")
		}
		write := func(name, method string, tiles [][]float64) {
			parts := Influences(s.panel("gray", 10), x, layers, black, values, tiles)
			title := fmt.Sprintf("Influence of every pixel, %s: %.50s", method, image.name)
			s.writeSheet(name+image.name, title, InfluenceNotes+answers, 1, parts...)
		}
		write("influence-", "one at a time", onePixel)
		write("influence-integrated-", "by integrated gradients", integrated)
	}
}

// ---- What the answers are worth, and what an influence picture says ----

// Answers are what the examples of a set are read as: for each the class and its probability; and the places of those
// that are read wrongly, the surest first.
type Answers struct {
	Confusion
	Read     []int
	Sure     []float64
	Mistakes []int
}

// Judge takes the most probable class of each example as the answer; p has a row of probabilities for each.
func Judge(labels []byte, p []float64) (a Answers) {
	classes := len(p) / len(labels)
	a.Confusion = Confusion{make([]int, classes*classes), classes}
	for i, label := range labels {
		row := p[i*classes:][:classes]
		read := max(0, slices.Index(row, slices.Max(row))) // 0 if one is NaN
		a.Read, a.Sure = append(a.Read, read), append(a.Sure, row[read])
		if a.Counts[int(label)*classes+read]++; read != int(label) {
			a.Mistakes = append(a.Mistakes, i)
		}
	}
	slices.SortStableFunc(a.Mistakes, func(i, j int) int { return cmp.Compare(a.Sure[j], a.Sure[i]) })
	return a
}

// Errors says what is read as another class, and how often, the most frequent first.
func (c Confusion) Errors() (texts []string) {
	var cells []int
	for k, n := range c.Counts {
		if n > 0 && k/c.Classes != k%c.Classes {
			cells = append(cells, k)
		}
	}
	slices.SortStableFunc(cells, func(a, b int) int { return cmp.Compare(c.Counts[b], c.Counts[a]) })
	for _, k := range cells {
		texts = append(texts, fmt.Sprintf("%d read as %d (%d)", k/c.Classes, k%c.Classes, c.Counts[k]))
	}
	return texts
}

// InfluenceNotes explain Influences.
const InfluenceNotes = "A tile is a node, and each of its pixels shows what that pixel of the image does to the " +
	"node's value, compared with an all-black image: lighter raises it, darker lowers it, gray leaves it as it is. " +
	"Under a tile stand the node's number and its value, for the black image → for this one. "

// Influences are the parts of a picture of what every pixel of an image, x, does to every node: the image beside the
// outputs before softmax, both large; the outputs after it; the hidden layers. All are like p. black and values are
// what the nodes have for a black image and for x, layer by layer; tiles has for each layer nodes × pixels.
func Influences(p Panel, x []float64, layers []string, black, values, tiles [][]float64) []Part {
	var parts []Part
	image, last := p, len(layers)-1
	image.Heading, image.Columns, image.Zoom, image.Tiles = "the image", 1, max(1, 140/max(p.Width, p.Height)), [][]float64{x}
	for l, name := range layers {
		panel := p
		panel.Heading, panel.Scale, panel.Symmetric = name, "change, as far as half of the largest", true
		if l == last-1 {
			panel.Columns, panel.Zoom = 5, image.Zoom
		}
		for node, v := range black[l] {
			share, arrow := "", "→"
			if l == last-1 {
				share, arrow = fmt.Sprintf(": %.1f%%", 100*values[last][node]), " → "
			}
			caption := "%d%s\n%.2f%s%.2f"
			if max(math.Abs(v), math.Abs(values[l][node])) > 1e6 {
				caption = "%d%s\n%.1e%s%.1e"
			}
			panel.Add(tiles[l][node*len(x):][:len(x)], caption, node, share, v, arrow, values[l][node])
		}
		parts = append(parts, panel.HalfScale(tiles[l]))
	}
	return append([]Part{Row{image, parts[last-1]}, parts[last]}, parts[:last-1]...)
}

// ---- Words and terminal pictures ----

// terminalPicture draws an image in characters, two rows of pixels in each row of them.
func terminalPicture(image []byte, width int) (picture string) {
	image = slices.Concat(image, make([]byte, width)) // a last row without a partner gets a black one
	for y := 0; y < len(image)/width-1; y += 2 {
		line := ""
		for i := y * width; i < (y+1)*width; i++ {
			line += []string{" ", "▀", "▄", "█"}[image[i]>>7+2*(image[i+width]>>7)] // lit from 128 on
		}
		picture += strings.TrimRight(line, " ") + "\n"
	}
	return picture
}

// terminalBars draws a line for each of the shares, with its number.
func terminalBars(shares []float64) (bars string) {
	for i, v := range shares {
		bars += strings.TrimRight(fmt.Sprintf("  %d %.4f %s", i, v, strings.Repeat("█", int(40*v+0.5))), " ") + "\n"
	}
	return bars
}

// floats brings pixels from 0..255 to 0..1.
func floats(image []byte) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v) / 255
	}
	return x
}

// join writes numbers with a separator between them.
func join(numbers []int, separator string) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", separator)
}

// which lists those of the numbers below n that are meant, also in words.
func which(n int, meant func(i int) bool) (numbers []int, words string) {
	for i := range n {
		if meant(i) {
			numbers = append(numbers, i)
		}
	}
	if len(numbers) == n && n > 1 {
		return numbers, fmt.Sprint("all ", n)
	}
	return numbers, cmp.Or(join(numbers, ", "), "none")
}

// decimals writes a number with as many of them, or with an exponent where it would fill lines.
func decimals(v float64, n int) string {
	if v > 1e10 {
		return fmt.Sprintf("%.*e", n, v)
	}
	return fmt.Sprintf("%.*f", n, v)
}

// percent writes a share of a change, which may be none.
func percent(share float64, n int) string {
	if math.IsInf(share, 1) {
		return "no change"
	}
	return decimals(100*share, n) + "%"
}
