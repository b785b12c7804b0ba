package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ---- A page and a browser

// aPage returns the page of a small network: before training, after each of two epochs; and the weights at these times.
func aPage(t *testing.T, activation string, hidden ...int) (p *Page, net *Network, thetas [][]float64) {
	t.Helper()
	x, y := GenerateDigits(1000, 1, 2)
	rng := NewRandomState(1)
	net, err := NewNetwork(slices.Concat([]int{784}, hidden, []int{10}), activation, rng)
	if err != nil {
		t.Fatal(err)
	}
	p = &Page{Run: "</script><script>a & b", Scored: "test", Height: 28, Width: 28}
	keep := func(heading string) {
		p.Add(heading, net)
		thetas = append(thetas, net.Weights())
	}
	keep("before training")
	s := Settings{Loss: "cross-entropy", Solver: "sgd", Schedule: "constant", Rate: 0.1, Momentum: 0.9, Batch: 50, Epochs: 2,
		Patience: 10, AfterEpoch: func(epoch int, _, _ float64, _ []float64) bool {
			keep(fmt.Sprint("after epoch ", epoch))
			return true
		}}
	if err := net.Train(Examples{x, y}, Examples{}, s, rng); err != nil {
		t.Fatal(err)
	}
	p.Score(Examples{x, y}, 2)
	p.Digits = PageImages(net, Examples{x[:3*784], y[:3]})
	p.Mistakes = PageImages(net, Examples{x[5*784 : 8*784], y[5:8]})
	return p, net, thetas
}

// The loss and the score of an epoch are those of its network, and half of the room is for images.
func TestPageScore(t *testing.T) {
	t.Parallel()
	p, net, thetas := aPage(t, "relu", 5)
	x, y := GenerateDigits(1000, 1, 2)
	for i, theta := range thetas {
		net, _ := Restore(net.Sizes, theta, "relu")
		answers := net.Predict(x)
		near(t, p.Epochs[i].Heading, []float64{p.Epochs[i].Loss, p.Epochs[i].Score},
			[]float64{Mean(answers, y, Losses[0].Value), Mean(answers, y, Right)}, 1e-5)
	}
	const many = 100
	wide := newNet(t, "relu", 1, pagePixels/many, 2, 2)
	data := Examples{make([]byte, many*(pagePixels/many)), make([]byte, many)}
	if got := len(PageImages(wide, data)); got != many/2 {
		t.Errorf("got %d images of %d in a hundredth of the room each, want half of them", got, many)
	}
}

func written(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// browse opens a page in a real browser, and returns what it makes of it. The script runs behind the page's own; what
// it returns goes into answers, and then the console must stay empty. Nothing may be requested.
func browse(t *testing.T, page, script string, answers any) (dom string) {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil && browser == "" {
			browser = path
		}
	}
	if browser == "" {
		t.Skip("no browser: chromium would open the page")
	}
	if script != "" {
		script = "let refused = 0;\nwindow.requestAnimationFrame = work => setTimeout(work, 16);\n" + // virtual time has no frames
			"document.addEventListener('securitypolicyviolation', () => refused++);\n" +
			"document.addEventListener('DOMContentLoaded', async () => {\nlet answers;\ntry {\n answers = await (async () => {\n" +
			script + "\n})();\n} catch (error) { answers = String(error.stack); }\n" +
			"const requested = performance.getEntriesByType('resource').length + refused;\n" +
			"document.body.dataset.answers = encodeURIComponent(JSON.stringify({ requested, answers }));\n});\n"
		sum := sha256.Sum256([]byte(script))
		page = strings.Replace(page, "script-src ", "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"' ", 1)
		page += "<script>" + script + "</script>"
	}
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"page.html": page})
	cmd := exec.Command(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--user-data-dir="+filepath.Join(dir, "user"), "--enable-logging=stderr", "--window-size=1280,800",
		"--virtual-time-budget=60000", "--dump-dom", "file://"+filepath.ToSlash(filepath.Join(dir, "page.html")))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", browser, err, stderr.String())
	}
	if said := find("(.*CONSOLE.*)", stderr.String()); script != "" && said != nil {
		t.Errorf("the browser's console: got %q, want nothing", said)
	}
	if script == "" {
		return string(out)
	}
	found := find(`data-answers="([^"]*)"`, string(out))
	if found == nil {
		t.Fatalf("no answers from the page: %.2000s", out)
	}
	var result struct {
		Requested int
		Answers   json.RawMessage
	}
	text := regexp.MustCompile("%[0-9A-F]{2}").ReplaceAllStringFunc(found[0], func(hex string) string {
		var b byte
		fmt.Sscanf(hex, "%%%X", &b)
		return string([]byte{b})
	})
	if err := json.Unmarshal([]byte(text), &result); err != nil {
		t.Fatal(err)
	}
	if result.Requested != 0 {
		t.Errorf("got %d requests, sent or refused, want none", result.Requested)
	}
	if err := json.Unmarshal(result.Answers, answers); err != nil {
		t.Fatalf("%v: %.2000s", err, result.Answers)
	}
	return string(out)
}

// jsonOf returns v as a script may name it.
func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// pointer is script that draws a stroke on the pad, of points from 0 to 1, as a pointer does.
const pointer = `
const pad = $("pad");
pad.setPointerCapture = () => {}; // no real pointer is down
const send = (type, [x, y], more) => {
  const box = pad.getBoundingClientRect();
  pad.dispatchEvent(new PointerEvent(type, { isPrimary: true, bubbles: true, pointerId: 7, pointerType: "pen",
    clientX: box.left + x * box.width, clientY: box.top + y * box.height, ...more }));
};
const drawStroke = points => {
  send("pointerdown", points[0], {});
  for (const point of points.slice(1)) send("pointermove", point, {});
  send("pointerup", points.at(-1), {});
};
const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
const slide = (id, value) => { $(id).value = value; $(id).dispatchEvent(new Event("input")); };
const node = key => document.querySelector('.node[data-key="' + key + '"]');
`

// ---- The same network

func TestPageProbabilities(t *testing.T) {
	images, _ := GenerateDigits(200, 2, 2)
	for _, c := range []struct {
		activation string
		hidden     []int
	}{{"relu", []int{20}}, {"logistic", []int{12, 9}}, {"tanh", []int{8}}, {"identity", nil}} {
		t.Run(fmt.Sprint(c.activation, c.hidden), func(t *testing.T) {
			t.Parallel()
			p, net, thetas := aPage(t, c.activation, c.hidden...)
			var got [][]float64
			browse(t, written(t, p), "const images = bytes("+jsonOf(images)+`);
return times.map(({ W }) => Array.from({ length: 200 }, (_, i) =>
  [...forward(W, Float64Array.from(images.subarray(784 * i, 784 * i + 784), v => v / 255)).p]).flat());`, &got)
			if len(got) != len(thetas) {
				t.Fatalf("got %d times, want %d", len(got), len(thetas))
			}
			for i, theta := range thetas {
				net, _ := Restore(net.Sizes, theta, c.activation)
				want := net.Predict(images)
				near(t, fmt.Sprint("time ", i), got[i], want, 1e-5)
			}
		})
	}
}

// aDrawing is a digit on the pad: strokes of points from 0 to 1.
type aDrawing struct {
	Strokes [][][2]float64
	Pen     int
}

// drawings returns n digits as people draw them, of all sizes, anywhere, with any pen, some with a speck; and a dot.
func drawings(n int) (list []aDrawing) {
	rng := rand.New(rand.NewPCG(3, 4))
	ways := strings.Split(strings.TrimSpace(handTable), "\n")
	for i := range n {
		words := strings.Fields(ways[i%len(ways)])
		size := []float64{0.75, 0.3, 0.55}[i%3]
		d := aDrawing{Pen: []int{22, 6, 44, 12}[i%4]}
		dx, dy := (1-size)*rng.Float64(), (1-size)*rng.Float64()
		for _, path := range movePen(words[1+rng.IntN(len(words)-1)][1:], rng) {
			var stroke [][2]float64
			for _, p := range path {
				stroke = append(stroke, [2]float64{dx + size*(p.x+0.5), dy + size*(p.y+0.5)})
			}
			d.Strokes = append(d.Strokes, stroke)
		}
		if i%5 == 0 {
			d.Strokes = append(d.Strokes, [][2]float64{{0.97, 0.03}})
		}
		list = append(list, d)
	}
	return append(list, aDrawing{[][][2]float64{{{1.005, 0.5}}}, 6}) // hardly on the pad: its ink is gray
}

func TestPageNormalizes(t *testing.T) {
	t.Parallel()
	p, _, _ := aPage(t, "relu", 5)
	list := drawings(30)
	var got []struct {
		Bitmap []byte // PNG
		Seen   []int
	}
	browse(t, written(t, p), pointer+"return "+jsonOf(list)+`.map(({ Strokes, Pen }) => {
  strokes.length = 0;
  $("pen").value = Pen;
  Strokes.forEach(drawStroke);
  look();
  return { Bitmap: pad.toDataURL("image/png").split(",")[1], Seen: [...x].map(v => Math.round(255 * v)) };
});`, &got)
	worst := 0
	for i, g := range got {
		bitmap, err := png.Decode(bytes.NewReader(g.Bitmap))
		if err != nil {
			t.Fatal(err)
		}
		want, err := Normalize(bitmap)
		if err != nil {
			t.Fatalf("drawing %d: %v", i, err)
		}
		for k, v := range want {
			if d := max(g.Seen[k]-int(v), int(v)-g.Seen[k]); d > 2 {
				t.Fatalf("drawing %d, pixel %d: got %d, want %d within 2, as Normalize has it", i, k, g.Seen[k], v)
			} else {
				worst = max(worst, d)
			}
		}
	}
	if len(got) != len(list) {
		t.Errorf("got %d drawings, want %d", len(got), len(list))
	}
	t.Logf("%d drawings: pixels differ by at most %d of 255", len(got), worst)
}

// ---- What one does with it

func TestPageInUse(t *testing.T) {
	t.Parallel()
	p, net, thetas := aPage(t, "relu", 20)
	digit := drawings(1)[0]
	var got map[string]string
	var numbers struct{ On, Off, X []float64 }
	script := pointer + "const digit = " + jsonOf(digit) + `;
const said = {}, note = (name, ...ids) => said[name] = ids.map(id => $(id).textContent).join(" | ");
note("run", "run"), note("begin", "which", "whyTitle");
$("clear").click(), note("empty", "read", "outputs", "which"), said.empty += " | " + $("why").hidden + document.querySelectorAll(".shown").length;
digit.Strokes.forEach(drawStroke);
send("pointermove", [0.5, 0.5], {}); // no button is down: not a stroke
await frame();
said.drawn = $("which").textContent + $("hint").hidden + (Number($("read").textContent) == order(forward(times[now].W, x).p)[0]);
const count = strokes.length;
drawStroke([[0.1, 0.1], [0.9, 0.9]]), $("undo").click(), said.undo = String(count == strokes.length);
send("pointerdown", [0.5, 0.5], { isPrimary: false }), send("pointerdown", [0.5, 0.5], { button: 2 });
said.others = String(count == strokes.length);
said.touch = getComputedStyle(pad).touchAction;
node("0,3").dispatchEvent(new PointerEvent("pointerover", { bubbles: true, pointerType: "mouse" }));
await frame(), note("pointed", "whyTitle");
document.body.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, pointerType: "mouse" }));
await frame(), said.left = String($("whyTitle").textContent.startsWith("Why "));
node("0,4").click(), note("clicked", "whyTitle");
const before = [...forward(times[now].W, x).p];
$("switch").click();
const after = [...forward(times[now].W, x).p];
said.off = node("0,4").className + " | " + $("switch").textContent + " | " + $("without").textContent.slice(0, 17);
document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true })), said.delete = node("0,4").className;
$("switch").click(), $("all").click(), said.on = node("0,4").className + " | " + $("switch").textContent;
node("0,4").focus();
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })), note("right", "whyTitle");
document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true })), note("down", "whyTitle");
slide("slider", 0), note("past", "when", "whyTitle");
$("back").click(), said.back = $("whyTitle").textContent.slice(0, 4) + $("back").hidden;
node("0,4").click();
document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
said.escape = String($("whyTitle").textContent.startsWith("Why "));
$("play").click(), said.playing = $("play").textContent;
await new Promise(done => setTimeout(done, 3000)), said.played = now + $("slider").value + $("play").textContent;
node("1,7").click(), said.output = $("whyTitle").textContent.replace(/\d\?$/, "") + " | " + [...$("gave").children].filter(bar => !bar.hidden).length;
$("gave").firstChild.click(), said.follow = String(/^What unit \d+ looks for$/.test($("whyTitle").textContent));
const image = [...x];
slide("digits", 2), note("digit", "which");
slide("mistakes", 1), note("mistake", "which");
said.wide = String(document.documentElement.scrollWidth <= innerWidth);
return { said, numbers: { On: before, Off: after, X: image } };`
	var both struct {
		Said    *map[string]string
		Numbers any
	}
	both.Said, both.Numbers = &got, &numbers
	browse(t, written(t, p), script, &both)
	columns := 10
	right := max(0, slices.IndexFunc(p.Digits, func(image PageImage) bool { return image.Read == int(image.Label) }))
	want := map[string]string{
		"run":     p.Run,
		"begin":   fmt.Sprintf("test image %d of 3: a %d; the finished network reads %d | ", right+1, p.Digits[right].Label, p.Digits[right].Read),
		"empty":   "– | 0123456789 | Nothing: an empty pad is not read. | true0",
		"drawn":   "your drawingtruetrue",
		"undo":    "true",
		"others":  "true",
		"touch":   "none",
		"pointed": "What unit 3 looks for",
		"left":    "true",
		"clicked": "What unit 4 looks for",
		"off":     "node shown off | Switch it on | With all units on",
		"delete":  "node shown",
		"on":      "node shown | Switch it off",
		"right":   "What unit 5 looks for",
		"down":    fmt.Sprintf("What unit %d looks for", 5+columns),
		"past":    fmt.Sprintf("before training: test loss %.4f, test score %.1f%% | What unit 15 looks for", p.Epochs[0].Loss, 100*p.Epochs[0].Score),
		"back":    "Why true",
		"escape":  "true",
		"playing": "■ Stop",
		"played":  "22▶ Play",
		"output":  "Why 7, and not  | 5",
		"follow":  "true",
		"digit":   fmt.Sprintf("test image 3 of 3: a %d; the finished network reads %d", p.Digits[2].Label, p.Digits[2].Read),
		"mistake": fmt.Sprintf("surest mistake 2 of 3: a %d; the finished network reads %d", p.Mistakes[1].Label, p.Mistakes[1].Read),
		"wide":    "true",
	}
	for name, w := range want {
		if g := got[name]; g != w && !(name == "begin" && strings.HasPrefix(g, w+"Why ")) {
			t.Errorf("%s: got %q, want %q", name, g, w)
		}
	}
	image := make([]byte, 784)
	for i, v := range numbers.X {
		image[i] = byte(math.Round(255 * v))
	}
	without := slices.Clone(thetas[2])
	clear(without[785*20+4*10:][:10]) // what unit 4 gives to the outputs
	for name, c := range map[string]struct{ theta, got []float64 }{"on": {thetas[2], numbers.On}, "off": {without, numbers.Off}} {
		net, _ := Restore(net.Sizes, c.theta, "relu")
		want := net.Predict(image)
		near(t, "unit 4 "+name, c.got, want, 1e-5)
	}
	if slices.Equal(numbers.On, numbers.Off) {
		t.Error("unit 4 makes no difference: draw another digit")
	}
}

// TestPageOfOthers opens pages of images of another size, of other numbers of classes, and without images.
func TestPageOfOthers(t *testing.T) {
	t.Parallel()
	net := newNet(t, "tanh", 1, 12, 3, 2, 5)
	p := &Page{Scored: "training", Height: 3, Width: 4, Digits: PageImages(net, Examples{}), Mistakes: []PageImage{}}
	p.Add("the finished network", net)
	p.Score(smallExamples(4, 12, 5), 1)
	var got []string
	browse(t, written(t, p), pointer+`node("1,1").click();
return [$("draw").hidden, $("past").hidden, $("outputs").children.length, $("whyTitle").textContent].map(String);`, &got)
	if want := []string{"true", "true", "5", "What unit 1 of layer 2 looks for"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// ---- A file that can be handed on

func TestPageDamaged(t *testing.T) {
	p, _, _ := aPage(t, "relu", 5)
	page := written(t, p)
	if !strings.Contains(page, "<noscript><p>This page computes with JavaScript") {
		t.Error("no word for a browser that runs no scripts")
	}
	for _, where := range []string{"<style>", "softmax", `id="run"`, `"Theta"`} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			dom := browse(t, page[:strings.Index(page, where)+len(where)], "", nil)
			if !regexp.MustCompile(`<p id="notice">[^<]*damaged`).MatchString(dom) || strings.Contains(dom, `<div id="page">`) {
				t.Errorf("got %.3000s, want a notice that it is damaged, and no more", dom)
			}
		})
	}
}

// TestPageLoadsNothing reads the file for whatever makes a browser load something, or run what users wrote.
func TestPageLoadsNothing(t *testing.T) {
	p, _, _ := aPage(t, "relu", 5)
	page := written(t, p)
	const mark = `<script type="application/json"`
	shell, data, _ := strings.Cut(page, mark)
	for _, word := range []string{"http:", "https:", "//www", "src=", "url(", "@import", "import(", "import ", "fetch", "XMLHttp",
		"WebSocket", "EventSource", "sendBeacon", "Worker", "<iframe", "<object", "<embed", "<form", "<a ", "eval(", "Function("} {
		if strings.Contains(shell, word) {
			t.Errorf("the page contains %q, want nothing that could load", word)
		}
	}
	if links := find(`(<link[^>]*>)`, shell); len(links) != 1 || links[0] != `<link rel="icon" href="data:,">` {
		t.Errorf("got links %q, want an empty icon alone", links)
	}
	if strings.Count(data, "<") != 1 || !strings.HasSuffix(data, "</script>\n") {
		t.Errorf("the data have a < of their own: %.200s", data)
	}
	for _, rule := range []string{"default-src 'none'; script-src 'sha256-", "style-src 'sha256-", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(shell, rule) {
			t.Errorf("the policy lacks %q", rule)
		}
	}
}

// TestPageSize adds more times of large networks than a page has room for.
func TestPageSize(t *testing.T) {
	for _, c := range []struct {
		hidden, times int
		kept          []int
	}{
		{100, 11, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{300, 10, []int{0, 2, 4, 6, 8, 9}},
		{300, 11, []int{0, 2, 4, 6, 8, 10}},
		{300, 23, []int{0, 8, 16, 22}},
		{2000, 3, []int{0, 2}},
		{1, 61, []int{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54,
			56, 58, 60}},
	} {
		net := sineNetwork(0.1, "relu", 784, c.hidden, 10)
		p := &Page{}
		for i := range c.times {
			net.Theta[0] = float64(i)
			for range 2 { // the second time nothing has changed
				p.Add(fmt.Sprint(i), net)
			}
		}
		var kept []int
		for _, epoch := range p.Epochs {
			kept = append(kept, epoch.At)
		}
		if size := len(written(t, p)); !slices.Equal(kept, c.kept) || len(kept) > 2 && size >= 8_000_000 {
			t.Errorf("%d units, %d times: kept %d in %d bytes, want %d, below 8,000,000", c.hidden, c.times, kept, size, c.kept)
		}
	}
}

func TestPageWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := succeed(t, dir, "-rows 300 -epochs 1 -hidden 5 -pictures page -save m.npz")
	const page = "out/page.html"
	if want := "wrote " + page + ": open it"; !strings.Contains(out, want) {
		t.Errorf("got %s, want a line %q", out, want)
	}
	first, _ := os.ReadFile(filepath.Join(dir, page))
	succeed(t, dir, "-rows 300 -epochs 1 -hidden 5 -pictures page -workers 3")
	if second, _ := os.ReadFile(filepath.Join(dir, page)); len(first) == 0 || !bytes.Equal(first, second) {
		t.Error("another number of workers makes another page")
	}
	succeed(t, dir, "-rows 300 -load m.npz -pictures page")
	if loaded, _ := os.ReadFile(filepath.Join(dir, page)); bytes.Count(loaded, []byte(`"Theta"`)) != 1 {
		t.Error("the page of a loaded network holds it more than once, or not at all")
	}
	writeFiles(t, dir, map[string]string{"d.csv": strings.Repeat("1"+strings.Repeat(",0", 784)+"\n", 4)})
	out = succeed(t, dir, "-data d.csv -epochs 1 -hidden 3000 -pictures page -out none")
	if !strings.Contains(out, "no page.html: 2361002 weights, expected at most 2000000\n") {
		t.Errorf("got %s, want a line that says why there is no page", out)
	}
}
