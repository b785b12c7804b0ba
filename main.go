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
// The same flags give the same output and files, byte for byte, for any number of workers. The exit code is 0, 1 if
// something failed or was not written, 2 if the flags are wrong, and 130 after an interrupt whose results were written.
//
// This file is what is printed (pictures for the terminal too), every exit, the run as a row of stages, what each of its
// pictures shows, and the comparison of runs.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
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
	if errors.Is(err, flag.ErrHelp) {
		printf("%s", helpText())
		exitOn(unprinted)
		return
	}
	exitOn(err)
	for _, o := range c.options() {
		if c.typed[o.name] && !o.counts {
			printf("note: -%s has no effect on this run\n", o.name)
		}
	}
	listen()
	if c.compare != "" {
		compare(c, os.Args[1:])
	} else {
		newSession(c).run()
	}
	complain(unprinted)
	switch {
	case failed:
		os.Exit(1)
	case interrupted.Load():
		os.Exit(130)
	}
}

// run goes through the stages of a run.
func (s *session) run() {
	s.loadData()
	s.makeNetwork()
	s.describeData()
	s.findImages()
	s.checkOutputs()
	s.conclude(s.trainNetwork())
	s.saveNetwork() // before all other files, since it may hold an hour of training
	s.writeHistory()
	s.score()
	s.drawPictures()
	s.readDigits()
	s.explain()
}

// ---- Printing and exits ----

// stdout is where printf prints.
var stdout io.Writer = os.Stdout

// unprinted is the first error of printf, such as a full disk or a closed pipe. It is reported when all files are
// written.
var unprinted error

func printf(format string, args ...any) {
	if _, err := fmt.Fprintf(stdout, format, args...); err != nil && unprinted == nil {
		unprinted = fmt.Errorf("standard output: %w, expected to print there", cmp.Or(errors.Unwrap(err), err))
	}
}

// expect ends the program unless a flag is as expected.
func expect(ok bool, name string, found any, expected string, args ...any) {
	if !ok {
		exitOn(badFlag(name, found, expected, args...))
	}
}

// failed is set by complain: the exit code will be 1.
var failed bool

// complain prints an error, if there is one, in one line on standard error. The run goes on.
func complain(err error) {
	if err != nil {
		words := strings.FieldsFunc(err.Error(), unicode.IsControl) // a name that was typed may have newlines
		fmt.Fprintln(os.Stderr, "mlpviz:", strings.Join(words, " "))
		failed = true
	}
}

// exitOn ends the program if there is an error.
func exitOn(err error) {
	if err == nil {
		return
	}
	complain(err)
	if errors.As(err, new(usageError)) {
		os.Exit(2)
	}
	os.Exit(1)
}

// writeFile writes a file and says so. If that fails, the others are still written.
func writeFile(path string, write func(w io.Writer) error) {
	err := WriteFile(path, write)
	if complain(err); err == nil {
		printf("wrote %s\n", path)
	}
}

// terminal returns standard error if a person watches it, else nothing: what is timed goes nowhere else.
func terminal() io.Writer {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return os.Stderr
	}
	return io.Discard
}

// progress shows a line on the terminal in place of the last one. It needs no escape codes, which not every terminal
// understands.
func progress(format string, args ...any) {
	fmt.Fprintf(terminal(), "\r%-79s\r", fmt.Sprintf(format, args...))
}

// ---- Signals ----

// begun is set when training may begin, interrupted by the first signal after that.
var begun, interrupted atomic.Bool

// listen makes the first signal end training early; the results are then written. A second signal quits at once, and so
// does the first before training, when there is nothing to write. A signal that the parent ignores stays ignored.
func listen() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // so that a closed pipe is an error for printf, not the end
	signals := make(chan os.Signal, 2)
	for _, each := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(each) {
			signal.Notify(signals, each)
		}
	}
	go func() {
		<-signals
		if begun.Load() {
			interrupted.Store(true)
			fmt.Fprintln(os.Stderr, "mlpviz: interrupted: training ends after the batch in hand, then the results are "+
				"written; press Ctrl-C again to quit")
			for first := time.Now(); time.Since(first) < time.Second/2; { // timeout(1) sends its signal twice at once
				<-signals
			}
		}
		fmt.Fprintln(os.Stderr, "mlpviz: interrupted: quitting, not everything was written")
		writing.Lock() // nobody has a file with a temporary name now
		os.Exit(1)
	}()
}

// ---- The run ----

// A session holds what the stages of a run hand on to each other.
type session struct {
	*config
	rng                      *RandomState
	net                      *Network
	train, valid, test       Set
	classes                  int       // the largest training label plus one; 10 for drawn digits
	toRead, toExplain        []found   // the pictures of -predict, the images of -influence
	unreadable               int       // pictures of -predict
	maxSteps                 int       // of integrated gradients
	inputs                   []string  // the files that were read, but for -load's
	cost                     Loss      // what single answers are judged by
	rates, losses            []float64 // of each epoch
	validLosses, validScores []float64 // of each epoch, where there are validation rows
	frames                   []Panel   // of the animation: before training, every k-th epoch, and the newest
	every                    int       // k
	judged                   Set       // what confusion and mistakes are about
	answers                  Answers   // to it
	idle, unused             []int     // units of the first hidden layer: hardly ever fire; the next hardly uses them
	hard, validHard          []float64 // with -steps, the log loss of the hard predictions after each period
	frameNotes, title        string    // title is the second line of every picture's title
	page                     Page
}

func newSession(c *config) *session { return &session{config: c, rng: NewRandomState(c.seed)} }

// loadData reads or draws the examples, and divides them anew for -split.
func (s *session) loadData() {
	if s.noData {
		return
	}
	source := cmp.Or(s.data, "digits drawn by code, not MNIST")
	if s.data == "" {
		n := 60000
		if s.split == 0 { // else -rows comes after it, and takes some of all
			n = cmp.Or(s.rows, n)
		}
		expect(n <= 2_000_000, "rows", n, "at most 2000000 digits to draw, which take 784 bytes each")
		s.classes, s.train, s.test = 10, Set{Height: 28, Width: 28}, Set{Height: 28, Width: 28} // 10 even if few are drawn
		s.train.Pixels, s.train.Labels = GenerateDigits(n, 1, s.workers)
		s.test.Pixels, s.test.Labels = GenerateDigits(10000, 2, s.workers) // another seed
	} else {
		info, err := os.Stat(s.data)
		expect(s.testFile == "" || err != nil || !info.IsDir(), "test", s.testFile, "a CSV -data beside it")
		s.train, s.test, err = LoadData(s.data, s.testFile)
		exitOn(err)
		s.inputs = append(DataFiles(s.data), s.testFile)
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

// makeNetwork draws the weights, and prints what the network is made of; with -load it reads it. Then it sets the
// validation rows apart: the order in which the run's generator is asked.
func (s *session) makeNetwork() {
	if s.load != "" {
		s.loadNetwork()
	} else {
		sizes := slices.Concat([]int{s.train.Height * s.train.Width}, s.hiddenSizes, []int{s.classes})
		n, err := Parameters(sizes)
		expect(err == nil && n <= maxParameters, "hidden", fmt.Sprintf("%.40q", s.hidden),
			"at most %d parameters in all", maxParameters)
		expect(s.save == "" || len(sizes) <= maxLayers+1, "hidden", fmt.Sprint(len(s.hiddenSizes), " layers"),
			"at most %d, since -load reads no more", maxLayers-1)
		s.net, err = NewNetwork(sizes, s.activation, s.rng)
		expect(err == nil, "hidden", fmt.Sprintf("%.40q", s.hidden), "fewer layers, whose sums stay finite")
	}
	if s.net.Workers = s.workers; s.noData {
		return
	}
	if n := s.train.Len(); s.validation > 0 {
		s.valid, s.train = s.train.Cut(s.rng.Permutation(n), s.validation)
		expect(s.train.Len() > 0, "validation", s.validation, "fewer than the %d training examples", n)
		printf("validation: %d of the training images are held out, %d train\n", s.valid.Len(), s.train.Len())
	}
	printf("network: %s: %s; %d parameters\n", s.networkWords(), Arrays(s.net.Sizes), len(s.net.Weights()))
	if len(s.net.W) > 1 && s.net.Activation.Name == "step" {
		printf("note: the gradient of step is zero, so only the output layer learns\n")
	}
}

// networkWords returns the network's layers and its activation: "784-50-10, relu".
func (s *session) networkWords() string {
	kind := s.net.Activation.Name
	if len(s.net.W) == 1 {
		kind = "softmax regression"
	}
	return join(s.net.Sizes, "-") + ", " + kind
}

// loadNetwork takes up a saved network, which must fit the data, and -hidden and -activation if the user typed them.
func (s *session) loadNetwork() {
	f, err := openFile(s.load)
	exitOn(err)
	defer f.Close()
	info, err := f.Stat()
	exitOn(err)
	m, err := ReadModel(f, info.Size())
	if err != nil {
		exitOn(fmt.Errorf("%s: %w", shown(s.load), err))
	}
	name, hidden := cmp.Or(m.Activation, s.activation), cmp.Or(join(m.Sizes[1:len(m.Sizes)-1], ","), "none")
	s.net, err = Restore(m.Sizes, m.Theta, name)
	if err = cmp.Or(err, m.Check(s.train.Height, s.train.Width, max(2, s.classes))); err != nil {
		exitOn(fmt.Errorf("%s: %w", shown(s.load), err))
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

// describeData prints a summary of each set for -describe, and the training examples of -show.
func (s *session) describeData() {
	if s.describe {
		printf("%s", s.train.Summary("training")+s.valid.Summary("validation")+s.test.Summary("test"))
		if s.Epochs > 0 {
			s.describeGradient("before training")
		}
	}
	for _, word := range s.show {
		i := example(s.train, "@"+word)
		expect(i >= 0, "show", strconv.Quote(word), "numbers from 0 to %d", s.train.Len()-1)
		printf("training example %d: %d\n%s", i, s.train.Labels[i], terminalPicture(s.train.Image(i), s.train.Width))
	}
}

// found is an image that a flag lists.
type found struct {
	name   string // as the user knows it
	file   string // what the files of its influence are called
	pixels []byte
}

// findImages reads the pictures that -predict and -influence list, and those in the folders of -predict. One that cannot
// be read costs a line, unless there is no other.
func (s *session) findImages() {
	var paths []string
	for _, path := range s.predict {
		entries, err := os.ReadDir(path)
		if err != nil { // no folder
			paths = append(paths, path)
		}
		for _, entry := range entries {
			if !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
				paths = append(paths, filepath.Join(path, entry.Name()))
			}
		}
		expect(err != nil || len(entries) > 0, "predict", path, "a folder with pictures")
	}
	for _, path := range paths {
		pixels, err := s.readPicture(path)
		if complain(err); err == nil {
			s.toRead = append(s.toRead, found{path, "", pixels})
		}
	}
	if len(paths) > 0 && len(s.toRead) == 0 {
		os.Exit(1)
	}
	s.unreadable = len(paths) - len(s.toRead)
	s.checkInfluence()
	for _, what := range s.influence {
		s.toExplain = append(s.toExplain, s.pick(what))
	}
}

// readPicture returns the pixels of a picture file, normalised.
func (s *session) readPicture(path string) ([]byte, error) {
	s.inputs = append(s.inputs, path)
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pixels, err := DecodePicture(f)
	if height, width := s.train.Height, s.train.Width; err == nil && (height != 28 || width != 28) {
		err = fmt.Errorf("a picture for a network of %d x %d pixels, expected one of 28 x 28", height, width)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", shown(path), err)
	}
	return pixels, err
}

// checkInfluence refuses networks with which -influence would take too long or too much memory. Each of the two methods
// has a tile a node: at most 64 MiB of numbers. A step of integrated gradients sends the slopes of the first layer's
// units through all other layers; 10^11 products take some 20 seconds of one core, and 16 steps must fit.
func (s *session) checkInfluence() {
	const most, products = 8 << 20, 1e11
	nodes := s.net.Sizes[len(s.net.W)] // those of the output count twice, before and after softmax
	for _, n := range s.net.Sizes[1:] {
		nodes += n
	}
	step := float64(s.net.Sizes[1]) * float64(len(s.net.Theta)-len(s.net.W[0])+s.net.Sizes[0])
	s.maxSteps = int(min(4096, products/step))
	expect(len(s.influence) == 0 || nodes <= most/s.net.Sizes[0] && s.maxSteps >= 16, "influence",
		join(s.net.Sizes, "-"), "a smaller network or smaller images")
}

// pick finds an image to explain, and names it.
func (s *session) pick(what string) found {
	i := example(s.test, what)
	switch base := filepath.Base(what); {
	case what == "white":
		return found{what, what, []byte(strings.Repeat("\xff", s.net.Sizes[0]))}
	case !isExample(what):
		pixels, err := s.readPicture(what)
		exitOn(err)
		return found{what, "file-" + strings.TrimSuffix(base, filepath.Ext(base)), pixels}
	case what[0] == '@':
		expect(i >= 0, "influence", strconv.Quote(what), "@N with N less than the %d test examples", s.test.Len())
		name := "test-" + strconv.Itoa(i)
		return found{name, name, s.test.Image(i)}
	}
	expect(i >= 0, "influence", what, "a digit that is in the test set")
	return found{"digit-" + what, "digit-" + what, s.test.Image(i)}
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

// influenceFile returns the path of a picture of influence: of the outputs, or of a hidden layer from 1.
func (s *session) influenceFile(image found, method string, hidden int) string {
	name := "influence-" + method + image.file
	if hidden > 0 {
		name += fmt.Sprintf("-hidden-%d", hidden)
	}
	return filepath.Join(s.out, name+".png")
}

// checkOutputs finds out now, not after an hour of training, that an output cannot be written.
func (s *session) checkOutputs() {
	var files []string
	for _, name := range s.pictureNames {
		picture, _ := Find(pictures, name)
		files = append(files, filepath.Join(s.out, picture.file))
		if picture.largest != nil {
			if err := Sheet("", "", 1, picture.largest(s)).Check(); err != nil {
				exitOn(usageError{fmt.Errorf("-pictures: %s of %w", picture.file, err)})
			}
		}
	}
	for _, image := range s.toExplain {
		for hidden := range s.net.W {
			files = append(files, s.influenceFile(image, "", hidden), s.influenceFile(image, "integrated-", hidden))
		}
	}
	if err := Sheet("", "", 1, s.blank(10, s.net.Sizes[len(s.net.W)], "9")).Check(); err != nil && len(s.influence) > 0 {
		exitOn(usageError{fmt.Errorf("-influence: a picture of %w", err)})
	}
	twice := Shared(files, s.inputs)
	expect(twice == "", "out", twice, "each picture in a file of its own, which this run does not read")
	exitOn(CheckFolder(s.out, files))
	for _, o := range []struct{ flag, path string }{{"save", s.save}, {"history", s.history}} {
		if o.path != "" {
			files = append(files, o.path)
			expect(Shared(files, s.inputs) == "", o.flag, o.path, "a file that this run does not read or write otherwise")
			exitOn(CheckPath(o.path))
		}
	}
	begun.Store(true)
}

// trainNetwork trains and prints a report an epoch. Interrupted, it ends after the batch in hand. Its errors are Train's.
func (s *session) trainNetwork() error {
	if s.Epochs == 0 {
		return nil
	}
	epoch := float64(s.train.Len()) // its examples
	s.cost, _ = Find(Losses, s.Loss)
	if s.Steps > 0 {
		s.cost, epoch = Losses[0], float64(s.Batches*min(s.Batch, s.train.Len())) // log loss, as the crash course has it
	}
	start, last, done := time.Now(), time.Now(), 0.0
	pace := func() float64 { return done / time.Since(start).Seconds() }
	s.AfterBatch = func(seen int, loss float64) bool {
		if done = float64(len(s.losses))*epoch + float64(seen); time.Since(last) > 100*time.Millisecond {
			last = time.Now()
			left := time.Duration((float64(s.Epochs)*epoch - done) / pace() * 1e9)
			progress("%d of %.0f examples, loss %.4g, %.0f a second, at most %v left",
				seen, epoch, loss, pace(), left.Round(time.Second))
		}
		return !interrupted.Load()
	}
	s.AfterEpoch = func(epoch int, rate, loss float64, valid []float64) bool {
		s.rates = append(s.rates, rate)
		progress("")
		s.report(epoch, loss, valid)
		return !interrupted.Load()
	}
	s.frame(0, "before training")
	train, valid := Examples{s.train.Pixels, s.train.Labels}, Examples{s.valid.Pixels, s.valid.Labels}
	err := s.net.Train(train, valid, s.Settings, s.rng)
	progress("")
	fmt.Fprintf(terminal(), "trained for %.1f s, %.0f examples a second\n", time.Since(start).Seconds(), pace())
	return err
}

// wrong is what a wrong answer costs in the log loss of hard predictions.
var wrong = -math.Log(1e-15)

// report keeps and prints the loss of an epoch. A period of -steps has first what the crash course shows, the log loss
// of the hard predictions, in which a wrong answer costs -ln(1e-15), then that of the probabilities, which is kept.
func (s *session) report(epoch int, loss float64, valid []float64) {
	heading, score, validLoss := fmt.Sprintf("after epoch %d", epoch), 0.0, 0.0
	if s.Steps > 0 {
		heading = fmt.Sprintf("after %d batches", epoch*s.Batches)
		p := s.net.Predict(s.train.Pixels)
		loss = Mean(p, s.train.Labels, s.cost.Value)
		s.hard = append(s.hard, wrong*(1-Mean(p, s.train.Labels, Right)))
	}
	s.frame(epoch, fmt.Sprintf("%s: loss %.4g", heading, loss))
	s.losses = append(s.losses, loss)
	if len(valid) > 0 {
		score, validLoss = Mean(valid, s.valid.Labels, Right), Mean(valid, s.valid.Labels, s.cost.Value)
		s.validScores, s.validLosses = append(s.validScores, score), append(s.validLosses, validLoss)
		s.validHard = append(s.validHard, wrong*(1-score))
	}
	switch {
	case s.Steps > 0 && len(valid) > 0:
		printf("  period %02d : %0.2f\n              log loss: training %.4f, validation %.4f; validation accuracy %.4f\n",
			epoch-1, wrong*(1-score), loss, validLoss, score)
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
	if s.Epochs == 0 {
		return
	}
	if err != nil && !errors.Is(err, ErrDiverged) {
		exitOn(err)
	}
	flag, v := "lr", s.Rate                                 // what most likely kept a high loss high
	if s.Alpha > 0.1*float64(min(s.Batch, s.train.Len())) { // the penalty shrinks weights faster than data can form them
		flag, v = "alpha", s.Alpha
	}
	n, even := len(s.losses), make([]float64, s.classes)
	softmax(even)
	guessing := s.cost.Value(even, 0)
	switch {
	case err != nil:
		exitOn(fmt.Errorf("-%s: training with %g diverged (%w), expected a lower value", flag, v, err))
	case interrupted.Load():
		printf("interrupted after %d whole %s\n", n, map[bool]string{false: "epochs", true: "periods"}[s.Steps > 0])
	case s.losses[n-1] >= guessing:
		printf("note: the loss ended at %s, no better than guessing (%.4f): try a lower -%s than %g, or longer training\n",
			decimals(s.losses[n-1], 4), guessing, flag, v)
	case s.Steps > 0: // they are always taken to the end
	case n < s.Epochs:
		printf("stopped: no improvement by more than %g in more than %d iterations in a row\n", s.Tol, s.Patience)
	case n > 1 && !s.EarlyStop && slices.Min(s.losses[:n-1])-s.losses[n-1] > s.Tol:
		printf("note: stopped at the limit of %d iterations while the loss still fell by more than %g: "+
			"more -epochs would lower it further\n", n, s.Tol)
	}
}

// saveNetwork writes the network, for -load or Python.
func (s *session) saveNetwork() {
	if m := (Model{s.net.Sizes, s.net.Weights(), s.net.Activation.Name, s.train.Height, s.train.Width}); s.save != "" {
		writeFile(s.save, func(w io.Writer) error { return WriteModel(w, m) })
	}
}

// writeHistory writes a CSV file with a line for each epoch.
func (s *session) writeHistory() {
	if s.history == "" {
		return
	}
	writeFile(s.history, func(w io.Writer) error {
		text := "epoch,rate,loss"
		if len(s.validLosses) > 0 {
			text += ",validation_loss,validation_score"
		}
		for i, loss := range s.losses {
			text += fmt.Sprintf("\n%d,%g,%g", i+1, s.rates[i], loss)
			if len(s.validLosses) > 0 {
				text += fmt.Sprintf(",%g,%g", s.validLosses[i], s.validScores[i])
			}
		}
		_, err := fmt.Fprintln(w, text)
		return err
	})
}

// score prints the shares of right answers, the most frequent errors, and the numbers behind the mosaic. It keeps the
// answers that confusion and mistakes show: to the held-out rows where there are some, else to the test set.
func (s *session) score() {
	if s.noData {
		return
	}
	units, p := s.net.Units(s.train.Pixels)
	printf("Training set score: %f\n", Mean(p, s.train.Labels, Right))
	for i, set := range []Set{s.valid, s.test} {
		if name := []string{"Validation", "Test"}[i]; set.Len() > 0 {
			p := s.net.Predict(set.Pixels)
			printf("%s set score: %f\n", name, Mean(p, set.Labels, Right))
			if s.judged.Len() == 0 {
				s.judged, s.answers = set, Judge(set.Labels, p)
			}
		}
	}
	if most := s.answers.Errors(); s.judged.Len() > 0 {
		printf("most confused: %s\n", cmp.Or(strings.Join(most[:min(5, len(most))], ", "), "none"))
	}
	for l, w := range s.net.W {
		w = w[:len(w)-padded(s.net.Sizes[l+1])] // without the biases
		printf("coefs_%d: largest absolute weight %s\n", l, decimals(max(slices.Max(w), -slices.Min(w)), 4))
	}
	for l, layer := range units {
		unused, unusedWords := which(len(layer), func(j int) bool { return layer[j].Use < 0.05 })
		if idle, words := which(len(layer), func(j int) bool { return layer[j].Fired*1000 < s.train.Len() }); s.net.Activation.Name == "relu" {
			printf("hidden layer %d: units that fire on fewer than one in a thousand training examples: %s\n", l+1, words)
			if l == 0 {
				s.idle = idle
			}
		}
		printf("hidden layer %d: units that coefs_%d hardly uses, less than a twentieth of the average: %s\n",
			l+1, l+1, unusedWords)
		if l == 0 {
			s.unused = unused
		}
	}
	if s.describe {
		s.describeGradient("at the end")
		s.describeUnits(units)
	}
}

// describeUnits prints a line for each hidden unit: on how many of the training images it fires, its part in the next
// layer's sums, how large the weights are that leave it, and to what the largest of them leads.
func (s *session) describeUnits(units [][]Unit) {
	for l, layer := range units {
		n, next := s.net.Sizes[l+2], "unit"
		if l+2 == len(s.net.W) {
			next = "class"
		}
		printf("hidden layer %d:\n  unit   fires on   use (average 1)   mean |weight| onward   leads most to\n", l+1)
		for j, unit := range layer {
			onward, sum := s.net.Row(l+1, j), 0.0
			for _, v := range onward {
				sum += math.Abs(v)
			}
			printf("  %4d %9.2f%% %17.2f %22.4f   %s %d\n", j, 100*float64(unit.Fired)/float64(s.train.Len()), unit.Use,
				sum/float64(n), next, Argmax(onward))
		}
	}
}

// describeGradient prints how large the gradient is in each layer: the mean of |δ| over some training examples. Where it
// shrinks from the output to the first layer, the first layers hardly learn.
func (s *session) describeGradient(when string) {
	some, sums, text := s.train.Head(200), make([]float64, len(s.net.W)), ""
	loss, _ := Find(Losses, s.Loss)
	for i, label := range some.Labels {
		_, grad := s.net.Backpropagate(floats(some.Image(i)), label, loss)
		for l, g := range grad {
			for _, delta := range g[len(g)-padded(s.net.Sizes[l+1]):] { // the biases' gradient is δ
				sums[l] += math.Abs(delta)
			}
		}
	}
	for l, sum := range sums {
		text += fmt.Sprintf(", layer %d %.3g", l+1, sum/float64(s.net.Sizes[l+1]*some.Len()))
	}
	printf("size of the gradient %s, the mean of |delta| over %d training examples: %s\n", when, some.Len(), text[2:])
}

// ---- Pictures of the run ----

// drawPictures draws the pictures that -pictures lists.
func (s *session) drawPictures() {
	s.title = s.describeRun()
	for _, name := range s.pictureNames {
		switch p, _ := Find(pictures, name); {
		case name == "loss" && len(s.losses) == 0:
			printf("no loss.png: no whole epoch or period was trained\n")
		case name == "animation" && len(s.frames) == 0:
			printf("no animation: nothing was trained\n")
		case name == "page" && len(s.net.Weights()) > pageWeights:
			printf("no page.html: %d weights, expected at most %d\n", len(s.net.Weights()), pageWeights)
		case (name == "confusion" || name == "mistakes") && s.judged.Len() == 0:
			printf("no %s.png: there are no validation and no test examples\n", name)
		default:
			p.draw(s)
		}
	}
}

// describeRun names the run: the network, its training, its score, and each flag of the user or a preset that differs
// from its default.
func (s *session) describeRun() string {
	unit, n := "epoch", len(s.losses)
	if s.Steps > 0 {
		unit, n = "step", n*s.Batches
	}
	if n != 1 {
		unit += "s"
	}
	words := []string{s.networkWords()}
	if s.data != "" {
		words[0] += ", on " + filepath.Base(s.data)
	}
	if n > 0 {
		words = append(words, fmt.Sprintf("%d %s of %s %g", n, unit, s.Solver, s.Rate))
	}
	if n > 0 || s.load == "" {
		words = append(words, fmt.Sprintf("seed %d", s.seed))
	}
	if all := s.judged.Len(); all > 0 {
		right := float64(all-len(s.answers.Mistakes)) / float64(all)
		words = append(words, fmt.Sprintf("%s score %.4f", strings.TrimSuffix(s.judgedName(), " set"), right))
	}
	words = append(words, s.changes("data describe show hidden activation save history epochs steps solver lr")...)
	return strings.Join(words, "; ")
}

// judgedName names the set that confusion and mistakes are about.
func (s *session) judgedName() string {
	if s.valid.Len() > 0 {
		return "validation set"
	}
	return "test set"
}

// changes returns the flags of the user or a preset that differ from their defaults, but for some and for those of the
// pictures, which change no network.
func (c *config) changes(but string) (words []string) {
	defaults, _ := parse(nil)
	usual := defaults.options()
	text := func(o option) string { return fmt.Sprint(reflect.ValueOf(o.value).Elem()) }
	for i, o := range c.options() {
		if o.text == "Pictures" {
			break
		}
		if c.given[o.name] && !slices.Contains(strings.Fields(but), o.name) && text(o) != text(usual[i]) {
			words = append(words, strings.TrimSuffix(o.name+" "+filepath.Base(text(o)), " true"))
		}
	}
	return words
}

// A picture is a file that -pictures can ask for. largest returns the largest panel that the picture can have, which is
// known before training; it is nil if the picture is always small.
type picture struct {
	name, file string
	largest    func(*session) Panel
	draw       func(*session)
}

func (p picture) String() string { return p.name }

var pictures = []picture{
	{"weights", "weights.png", blankMosaic, func(s *session) {
		p, notes := s.mosaic()
		s.writeSheet("weights", s.mosaicTitle(), notes, p)
	}},
	{"loss", "loss.png", nil, func(s *session) {
		first, chart := 1, Chart{XLabel: "epoch", YLabel: s.Loss, Format: "%.4g", MarkName: "kept"}
		notes := "Training: the mean over the epoch, penalty included, each example before its batch's step."
		if s.Steps > 0 { // which the crash course counts from period 0
			first, chart.XLabel, chart.YLabel = 0, fmt.Sprintf("period (batches in each: %d)", s.Batches), "log loss"
			notes = fmt.Sprintf("Both are from the end of each period. The crash course draws the log loss of the hard "+
				"predictions: a wrong answer costs -ln(1e-15) = %.2f, a right one nothing.", wrong)
		} else if len(s.validLosses) > 0 {
			notes += "\nValidation: after the epoch, without penalty."
		}
		if s.EarlyStop {
			notes += "\nKept: the weights with the best validation score."
			chart.Marks = []float64{float64(first + Argmax(s.validScores))}
		}
		names := []string{"training", "validation"}
		parts := []Part{chart.With(first, names, s.losses, s.validLosses)}
		chart.MarkName, chart.Height = "", 180
		if s.Steps > 0 {
			chart.YLabel = "log loss of the hard predictions"
			parts = append(parts, chart.With(first, names, s.hard, s.validHard))
		} else if len(s.validScores) > 0 {
			chart.YLabel, chart.Format = "validation score", "%.4f"
			parts = append(parts, chart.With(first, names, nil, s.validScores))
		}
		s.writeSheet("loss", "Loss", notes, parts...)
	}},
	{"confusion", "confusion.png", nil, func(s *session) {
		what := map[bool]string{false: "how many of them", true: "those that"}[s.answers.Crowded()]
		note := "Each row holds the examples of one true class. Off the diagonal: " + what + " are read as the column's " +
			"class, darker for a larger share of the row. On the diagonal, in green: the recall, the percentage that is right."
		s.writeSheet("confusion", "Confusion matrix, "+s.judgedName(), note, s.answers.Confusion)
	}},
	{"mistakes", "mistakes.png", func(s *session) Panel {
		return s.blank(10, min(50, max(s.valid.Len(), s.test.Len())), "9 → 9\n100.0%")
	}, func(s *session) {
		a, shown, p := s.answers, s.answers.Mistakes, s.panel("gray_r", 10)
		note := fmt.Sprintf("%d of %d examples are misread.", len(shown), s.judged.Len())
		if shown = shown[:min(len(shown), 50)]; len(shown) > 0 {
			note += fmt.Sprintf(" Shown are the %d of which the network was surest: true → predicted, and the "+
				"probability.", len(shown))
		}
		for _, i := range shown {
			p.Add(floats(s.judged.Image(i)), "%d → %d\n%.1f%%", s.judged.Labels[i], a.Read[i], 100*a.Sure[i])
		}
		s.writeSheet("mistakes", "Mistakes, "+s.judgedName(), note, p)
	}},
	{"page", "page.html", nil, (*session).writePage},
	{"examples", "examples.png", func(s *session) Panel {
		return s.blank(10, min(60, s.train.Len()), "9")
	}, func(s *session) {
		p, first := s.panel("gray_r", 10), s.train.Head(60)
		for i, label := range first.Labels {
			p.Add(floats(first.Image(i)), "%d", label)
		}
		note := fmt.Sprintf("The first %d of %d, with their labels.", first.Len(), s.train.Len())
		s.writeSheet("examples", "Training examples", note, p)
	}},
	{"animation", "weights.gif", blankMosaic, func(s *session) {
		writeFile(filepath.Join(s.out, "weights.gif"), func(w io.Writer) error {
			return Animation(w, s.mosaicTitle()+" while training\n"+s.title, s.frameNotes, s.frames)
		})
	}},
	{"activations", "activations.png", nil, func(s *session) { // the same for every run
		var parts []Part
		for _, act := range Activations {
			parts = append(parts, FunctionChart(act.Name, act.At))
		}
		sheet := Sheet("Activations and their gradients", "", 3, parts...)
		writeFile(filepath.Join(s.out, "activations.png"), sheet.Encode)
	}},
}

// writeSheet writes a picture of this run, which the second line names.
func (s *session) writeSheet(name, title, notes string, parts ...Part) {
	writeFile(filepath.Join(s.out, name+".png"), Sheet(title+"\n"+s.title, notes, 1, parts...).Encode)
}

// panel returns an empty panel for images, on a scale from 0 to 1.
func (s *session) panel(colors string, columns int) Panel {
	m, diverging, _ := ColorMapByName(colors)
	return Panel{Height: s.train.Height, Width: s.train.Width, Columns: columns, Map: m, Max: 1, Symmetric: diverging}
}

// blank returns a panel of n tiles without values.
func (s *session) blank(columns, n int, caption string) Panel {
	p := s.panel("gray", columns)
	for range n {
		p.Add(nil, "%s", caption)
	}
	return p
}

// blankMosaic returns a panel as large as that of mosaic.
func blankMosaic(s *session) Panel {
	return s.blank(s.tiles[1], min(s.net.Sizes[1], s.tiles[0]*s.tiles[1]), "9999")
}

func (s *session) mosaicTitle() string {
	return map[bool]string{false: "First-layer weights", true: "Weights of the outputs"}[len(s.net.W) == 1]
}

// mosaic returns a tile for each unit of the first layer, its weights, and notes that say what they are.
func (s *session) mosaic() (p Panel, notes string) {
	units := s.net.Sizes[1]
	shown, coefs := min(units, s.tiles[0]*s.tiles[1]), s.net.Weights()[:s.net.Sizes[0]*units]
	p = s.panel(s.cmap, s.tiles[1])
	p.Scale, p.OwnScale, p.Marks = "weight", s.scale == "tile", map[int]color.RGBA{}
	for unit := range shown {
		p.Add(Column(coefs, units, unit), "%d", unit)
	}
	notes = "The tiles are outputs 0 to %d of %d, one for each class"
	if len(s.net.W) > 1 {
		notes = "The tiles are units 0 to %d of %d in the first hidden layer"
	}
	notes = fmt.Sprintf(notes+", row by row: the weight that each gives to every pixel of the image.", shown-1, units)
	if len(s.net.W) > 1 {
		notes += " One that looks like noise has learned little."
		if s.tiles == [2]int{4, 4} {
			p.Captions = nil // as on scikit-learn's page
		}
	}
	mark := func(units []int, c color.RGBA, words string) {
		n := len(p.Marks)
		for _, unit := range units {
			if _, marked := p.Marks[unit]; unit < shown && !marked {
				p.Marks[unit] = c
			}
		}
		if len(p.Marks) > n {
			notes += words
		}
	}
	mark(s.idle, lineColors[1], " Orange frame: idle, fires on fewer than one in a thousand training examples.")
	mark(s.unused, lineColors[2], " Purple frame: the next layer hardly uses it, less than a twentieth of the average.")
	switch {
	case p.OwnScale:
	case p.Symmetric:
		notes += " The scale reaches half the largest absolute weight on either side of 0; anything beyond is clipped."
	default:
		notes += " The scale runs from half the smallest weight to half the largest; anything beyond is clipped."
	}
	return p.HalfScale(coefs), notes
}

// frame keeps the network after an epoch for the page, and the mosaic for the animation: 60 frames at most, and fewer if
// they are large, so that they have no more than maxFilm pixels and the weights that they show take no more than 80 MB.
// Two are always kept.
func (s *session) frame(epoch int, heading string) {
	if slices.Contains(s.pictureNames, "page") && len(s.net.Weights()) <= pageWeights {
		s.page.Add(strings.Split(heading, ":")[0], s.net)
	}
	if !slices.Contains(s.pictureNames, "animation") {
		return
	}
	p, notes := s.mosaic()
	for i, set := range []Set{s.valid, s.test} {
		if set.Len() > 0 && !strings.Contains(heading, "score") {
			score := Mean(s.net.Predict(set.Pixels), set.Labels, Right)
			heading += fmt.Sprintf(", %s score %.4f", []string{"validation", "test"}[i], score)
		}
	}
	p.Heading, s.frameNotes = heading, notes
	if epoch == 0 {
		size := Sheet("", notes, 1, p).Rect.Size()
		s.every = spacing(s.Epochs, max(2, min(60, maxFilm/(size.X*size.Y), maxFilm/8/(len(p.Tiles)*p.Height*p.Width))))
	}
	s.frames = thin(s.frames, p, epoch, s.every)
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
	p.Run = s.title
	path := filepath.Join(s.out, "page.html")
	err := WriteFile(path, p.Write)
	if complain(err); err == nil {
		printf("wrote %s: open it in a browser, draw a digit and watch\n", path)
	}
}

// spacing returns the smallest k for which epochs 0, k, 2k and so on and the last one are at most most, from 2 on.
func spacing(epochs, most int) int { return 1 + max(0, epochs-1)/(most-1) }

// thin adds the item of an epoch to those of epochs 0, k, 2k and so on. If the last of the list belongs to none of
// these, the item takes its place.
func thin[T any](list []T, item T, epoch, k int) []T { return append(list[:(epoch+k-1)/k], item) }

// ---- Pictures that the network reads, and influence ----

// readDigits prints what the network reads in picture files: the digit, what it saw, the probabilities.
func (s *session) readDigits() {
	for _, picture := range s.toRead {
		p := s.net.Predict(picture.pixels)
		printf("%s: %d\n%s%s", picture.name, Argmax(p), terminalPicture(picture.pixels, 28), terminalBars(p))
		if SideBySide(picture.pixels) {
			printf("  note: this looks like more than one digit, expected one in a picture\n")
		}
		if Solid(picture.pixels) {
			printf("  note: much of the box is ink, expected plain paper without shadows or squares\n")
		}
	}
	if n := len(s.toRead); n+s.unreadable > 1 {
		printf("pictures: %d read, %d unreadable\n", n, s.unreadable)
	}
}

// explain draws what every pixel of each image of -influence does to every node, one pixel at a time and by integrated
// gradients, and prints how far the tiles are from adding up to the nodes' changes since an all-black image.
func (s *session) explain() {
	layers := []string{"output, before softmax", "output, after softmax"}
	for l := len(s.net.W) - 1; l > 0; l-- {
		layers = slices.Insert(layers, 0, fmt.Sprintf("hidden layer %d, %s", l, s.net.Activation.Name))
	}
	for _, image := range s.toExplain {
		x := floats(image.pixels)
		black, values := s.net.Nodes(make([]float64, len(x))), s.net.Nodes(x)
		from, to := black[len(black)-1], values[len(values)-1]
		answers := fmt.Sprintf("All black is read as %d (%.1f%%), this image as %d (%.1f%%).",
			Argmax(from), 100*from[Argmax(from)], Argmax(to), 100*to[Argmax(to)])
		printf("influence of %s: %s\n", image.name, answers)
		onePixel := s.net.OnePixel(x)
		progress("integrated gradients ...")
		integrated, steps := s.net.IntegratedGradients(x, 0.001, s.maxSteps)
		progress("")
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
		f := Influence{x, black, values, onePixel}
		s.drawInfluence(image, "", "one pixel at a time", layers, answers, f)
		f.Tiles = integrated
		s.drawInfluence(image, "integrated-", "by integrated gradients", layers, answers, f)
	}
}

// drawInfluence writes a picture of the image with the outputs, and one of each hidden layer.
func (s *session) drawInfluence(image found, method, title string, layers []string, answers string, f Influence) {
	for hidden := range s.net.W {
		layer := "the outputs"
		if hidden > 0 {
			layer = fmt.Sprint("hidden layer ", hidden)
		}
		title := fmt.Sprintf("Influence of %.50s on %s, %s\n%s", image.name, layer, title, s.title)
		writeFile(s.influenceFile(image, method, hidden), f.Slide(s.panel("gray", 1), title, answers, layers, hidden).Encode)
	}
}

// ---- Comparing runs ----

// compare does the same run once for each value of -compare. It prints one table, and draws one picture of all losses
// and scores, epoch by epoch. A value with which training diverges has a row that says so.
func compare(c *config, args []string) {
	flag, list, _ := strings.Cut(c.compare, "=")
	var runs []*session
	values := strings.Split(list, "/")
	for _, value := range values { // all of them now: a mistake in the last one shows before an hour of training
		one, err := parse(append(slices.Clone(args), "-"+flag+"="+value))
		exitOn(err)
		expect(one.Epochs > 0, "compare", c.compare, "runs that train")
		runs = append(runs, newSession(one))
	}
	exitOn(CheckFolder(c.out, []string{filepath.Join(c.out, "compare.png")}))
	var losses, scores []float64            // the last ones, of the runs that did not diverge
	var lossCurves, scoreCurves [][]float64 // of all runs, epoch by epoch
	judgedName := ""
	for i, s := range runs {
		start := time.Now()
		stdout = io.Discard
		s.loadData()
		s.makeNetwork()
		stdout = os.Stdout
		if judgedName = s.judgedName(); i == 0 {
			printf("%-16s %14s %16s %20s\n", flag, "last loss", "training score", judgedName+" score")
			begun.Store(true)
		}
		if s.valid.Len() == 0 {
			s.valid = s.test
		}
		expect(s.valid.Len() > 0, "compare", c.compare, "a test set, or -validation rows, to judge by")
		stdout = io.Discard
		err := s.trainNetwork()
		stdout = os.Stdout
		lossCurves, scoreCurves = append(lossCurves, s.losses), append(scoreCurves, s.validScores)
		switch n := len(s.losses) - 1; {
		case errors.Is(err, ErrDiverged):
			printf("%-16s %14s\n", values[i], "diverged")
		case err != nil:
			exitOn(err)
		case n >= 0:
			losses, scores = append(losses, s.losses[n]), append(scores, s.validScores[n])
			train := Mean(s.net.Predict(s.train.Pixels), s.train.Labels, Right)
			printf("%-16s %14s %16f %20f\n", values[i], decimals(s.losses[n], 8), train, s.validScores[n])
		}
		fmt.Fprintf(terminal(), "%s took %.1f s\n", values[i], time.Since(start).Seconds())
		if interrupted.Load() {
			break
		}
	}
	if n := float64(len(losses)); flag == "seed" && n > 0 {
		mean := func(values []float64) float64 {
			sum := 0.0
			for _, v := range values {
				sum += v
			}
			return sum / n
		}
		const row = "%-16s %14.8f %37f\n"
		printf(row, "mean", mean(losses), mean(scores))
		printf(row, "least", slices.Min(losses), slices.Min(scores))
		printf(row, "greatest", slices.Max(losses), slices.Max(scores))
	}
	unit := map[bool]string{false: "epoch", true: "period"}[c.Steps > 0]
	loss := Chart{XLabel: unit, YLabel: "training loss", Format: "%.4g", NameEnds: true}.With(1, values, lossCurves...)
	score := Chart{XLabel: unit, YLabel: judgedName + " score", Format: "%.4f", NameEnds: true}.With(1, values, scoreCurves...)
	title := fmt.Sprintf("-%s %s\n", flag, strings.ReplaceAll(list, "/", ", ")) +
		cmp.Or(strings.Join(c.changes("compare "+flag), "; "), "everything else as without flags")
	writeFile(filepath.Join(c.out, "compare.png"), Sheet(title, "", 1, loss, score).Encode)
}

// ---- What the answers are worth, and what an influence picture says ----

// Answers holds what a network reads in the examples of a set.
type Answers struct {
	Confusion
	Read     []int     // the class of each example
	Sure     []float64 // its probability
	Mistakes []int     // the indices of the examples that are misread, the surest first
}

// Judge takes the most probable class of each example as its answer. p holds probabilities, examples × classes.
func Judge(labels []byte, p []float64) (a Answers) {
	classes := len(p) / len(labels)
	a.Confusion = Confusion{make([]int, classes*classes), classes}
	for i, label := range labels {
		row := p[i*classes:][:classes]
		read := Argmax(row)
		a.Read, a.Sure = append(a.Read, read), append(a.Sure, row[read])
		if a.Counts[int(label)*classes+read]++; read != int(label) {
			a.Mistakes = append(a.Mistakes, i)
		}
	}
	slices.SortStableFunc(a.Mistakes, func(i, j int) int { return cmp.Compare(a.Sure[j], a.Sure[i]) })
	return a
}

// Errors returns a text for each pair of classes that are confused, such as "4 read as 9 (12)", most frequent first.
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

// An Influence is what every pixel of an image X does to every node. Black and Values hold the nodes' values for a
// black image and for X, layer by layer; Tiles holds nodes × pixels for each layer.
type Influence struct {
	X                    []float64
	Black, Values, Tiles [][]float64
}

// Slide returns a picture of a hidden layer, counted from 1; or for 0, of the image and of the outputs before and after
// softmax. Tiles have p's size and map; layers names all layers; notes end the text. The picture shows as many nodes as
// fit on 960 x 1000 pixels, but at least one row of them.
func (f Influence) Slide(p Panel, title, notes string, layers []string, hidden int) *Drawing {
	last, layer := len(layers)-1, hidden-1
	if hidden == 0 {
		layer = last - 1
	}
	change := func(node int) string {
		from, to := f.Black[layer][node], f.Values[layer][node]
		if max(math.Abs(from), math.Abs(to)) > 1e6 {
			return fmt.Sprintf("%.1e→%.1e", from, to)
		}
		return fmt.Sprintf("%.2f→%.2f", from, to)
	}
	value := func(node int) string { return fmt.Sprintf("%d\n%s", node, change(node)) }
	share := func(node int) string {
		return fmt.Sprintf("%d: %.1f→%.1f%%\n%s", node, 100*f.Black[last][node], 100*f.Values[last][node], change(node))
	}
	zoom := func(side int) int { return max(1, side/max(p.Height, p.Width)) }
	panel := func(layer, n, columns, side int, caption func(node int) string) Panel {
		p := p
		if hidden == 0 { // a hidden layer is named in the title
			p.Heading = layers[layer]
		}
		p.Columns, p.Zoom, p.Symmetric, p.Scale = columns, zoom(side), true, "change, up to half the largest"
		for node := range n {
			p.Add(f.Tiles[layer][node*len(f.X):][:len(f.X)], "%s", caption(node))
		}
		return p.HalfScale(f.Tiles[layer])
	}
	image, wide := p, p.Width*zoom(56)+6 // wide is a tile with its gap
	image.Heading, image.Columns, image.Zoom, image.Tiles = "the image", 1, zoom(112), [][]float64{f.X}
	nodes := len(f.Black[layer])
	for n, values := min(nodes, 200), true; ; { // more than 200 never fit
		var parts []Part
		columns, caption := max(1, 916/wide), "its number"
		if values {
			caption += " and value, for black → for the image"
		}
		words := "A tile is a node. Each pixel shows how that pixel of the image, compared with black, changes the node's " +
			"value: lighter raises it, darker lowers it, gray leaves it as it is. Under it: " + caption + ". " + notes
		if n < nodes {
			words += fmt.Sprintf(" Shown are the first %d nodes of %d.", n, nodes)
		}
		switch {
		case hidden == 0 && values:
			columns = 5
			parts = []Part{Row{image, panel(layer, n, columns, 112, share)}, panel(last, n, 10, 84, strconv.Itoa)}
		case hidden == 0:
			columns = 11
			parts = []Part{Row{image, panel(layer, n, columns, 56, strconv.Itoa)}, panel(last, n, 14, 56, strconv.Itoa)}
		case values:
			columns = max(1, 916/max(100, wide))
			parts = []Part{panel(layer, n, columns, 56, value)}
		default:
			parts = []Part{panel(layer, n, columns, 56, strconv.Itoa)}
		}
		slide := Sheet(title, words, 1, parts...)
		switch fits := slide.Rect.Max.X <= 960 && slide.Rect.Max.Y <= 1000; {
		case fits || !values && n <= columns:
			return slide
		case values: // leave out the values
			values = false
		default: // and the last row
			n = (n - 1) / columns * columns
		}
	}
}

// ---- Words and terminal pictures ----

// terminalPicture returns an image drawn in characters, each of them two pixels, one above the other.
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

// terminalBars returns a line for each of the shares: its number, the share, a bar.
func terminalBars(shares []float64) (bars string) {
	for i, v := range shares {
		bars += strings.TrimRight(fmt.Sprintf("  %d %.4f %s", i, v, strings.Repeat("█", int(40*v+0.5))), " ") + "\n"
	}
	return bars
}

// floats returns pixels as inputs of a network: 0 to 255 as 0 to 1.
func floats(image []byte) []float64 {
	x := make([]float64, len(image))
	for i, v := range image {
		x[i] = float64(v) / 255
	}
	return x
}

// join returns numbers as text, with a separator between them.
func join(numbers []int, separator string) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", separator)
}

// which returns the i below n for which meant(i) holds, and the same as text, which names the first 40.
func which(n int, meant func(i int) bool) (numbers []int, text string) {
	const most = 40
	for i := range n {
		if meant(i) {
			numbers = append(numbers, i)
		}
	}
	switch more := len(numbers) - most; {
	case len(numbers) == n && n > 1:
		return numbers, fmt.Sprint("all ", n)
	case more > 0:
		return numbers, fmt.Sprintf("%s and %d more", join(numbers[:most], ", "), more)
	}
	return numbers, cmp.Or(join(numbers, ", "), "none")
}

// decimals returns v with n decimals, and with an exponent above 1e10.
func decimals(v float64, n int) string {
	if v > 1e10 {
		return fmt.Sprintf("%.*e", n, v)
	}
	return fmt.Sprintf("%.*f", n, v)
}

// percent returns a share of a change in percent, with n decimals, or "no change" for an infinite share.
func percent(share float64, n int) string {
	if math.IsInf(share, 1) {
		return "no change"
	}
	return decimals(100*share, n) + "%"
}
