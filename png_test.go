package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// decode sends a picture through PNG, as a reader of the file would see it.
func decode(t *testing.T, d *Drawing) image.Image {
	t.Helper()
	var file bytes.Buffer
	if err := d.Encode(&file); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func checkPixel(t *testing.T, what string, img image.Image, x, y int, want color.RGBA) {
	t.Helper()
	if got := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA); got != want {
		t.Errorf("%s: pixel (%d,%d) is %v, want %v", what, x, y, got, want)
	}
}

// checkMargin reports what reaches into the picture's border.
func checkMargin(t *testing.T, what string, img image.Image) {
	t.Helper()
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			inside := image.Pt(x, y).In(b.Inset(pageMargin))
			if got := color.RGBAModel.Convert(img.At(x, y)); !inside && got != pageColor {
				t.Errorf("%s: pixel (%d,%d) of the margin is %v, want %v", what, x, y, got, pageColor)
				return
			}
		}
	}
}

func mustMap(t *testing.T, name string) ColorMap {
	t.Helper()
	m, _, ok := ColorMapByName(name)
	if !ok {
		t.Fatalf("no colour map %q", name)
	}
	return m
}

// goldenMaps has matplotlib 3.6.3's colours: matplotlib.colormaps[name](i, bytes=True) for each i of goldenIndex.
var goldenIndex = []int{0, 3, 13, 32, 64, 96, 128, 160, 200, 240, 255}
var goldenMaps = map[string][][3]int{
	"gray":       {{0, 0, 0}, {3, 3, 3}, {13, 13, 13}, {32, 32, 32}, {64, 64, 64}, {96, 96, 96}, {128, 128, 128}, {160, 160, 160}, {200, 200, 200}, {240, 240, 240}, {255, 255, 255}},
	"pink":       {{30, 0, 0}, {44, 19, 19}, {77, 46, 46}, {116, 73, 73}, {161, 104, 104}, {194, 130, 127}, {208, 171, 147}, {221, 205, 164}, {235, 235, 193}, {249, 249, 239}, {255, 255, 255}},
	"bone":       {{0, 0, 0}, {2, 2, 3}, {11, 11, 15}, {28, 27, 38}, {56, 55, 77}, {84, 84, 115}, {112, 123, 143}, {140, 161, 171}, {179, 206, 206}, {234, 241, 241}, {255, 255, 255}},
	"coolwarm":   {{58, 76, 192}, {62, 81, 196}, {73, 98, 211}, {97, 130, 234}, {141, 175, 253}, {184, 207, 248}, {221, 220, 219}, {244, 195, 171}, {240, 139, 109}, {201, 59, 55}, {179, 3, 38}},
	"bone_r":     {{255, 255, 255}, {250, 252, 252}, {237, 243, 243}, {211, 227, 226}, {167, 198, 198}, {139, 160, 170}, {111, 122, 142}, {83, 83, 114}, {48, 48, 66}, {13, 13, 18}, {0, 0, 0}},
	"coolwarm_r": {{179, 3, 38}, {184, 17, 41}, {198, 53, 52}, {221, 96, 76}, {244, 154, 123}, {244, 196, 173}, {220, 220, 221}, {183, 207, 249}, {128, 164, 250}, {76, 102, 214}, {58, 76, 192}},
}

func TestColorMaps(t *testing.T) {
	for name, colors := range goldenMaps {
		m := mustMap(t, name)
		for k, want := range colors {
			c := m(float64(goldenIndex[k]) / 255)
			for i, got := range []uint8{c.R, c.G, c.B} {
				if d := int(got) - want[i]; d < -3 || d > 3 {
					t.Errorf("%s(%d/255) is %v, want %v within 3", name, goldenIndex[k], c, want)
				}
			}
		}
	}
	for _, name := range ColorMapNames {
		m, diverging, _ := ColorMapByName(name)
		r, _, ok := ColorMapByName(name + "_r")
		if !ok || diverging != (name == "coolwarm") {
			t.Errorf("%s: reversed found %v, diverging %v", name, ok, diverging)
			continue
		}
		for i := 0; i <= 255; i++ {
			if got, want := r(1-float64(i)/256), m(float64(i)/256); got != want {
				t.Errorf("%s_r(1-%d/256) is %v, want %v", name, i, got, want)
			}
		}
		if m(-7) != m(0) || m(7) != m(1) || m(math.Inf(1)) != m(1) || m(math.NaN()) != m(0) || r(math.NaN()) != r(0) {
			t.Errorf("%s: outside of [0,1] it is %v %v, want the ends %v %v", name, m(-7), m(7), m(0), m(1))
		}
	}
	if m, _, ok := ColorMapByName("jet"); ok || m != nil {
		t.Error("a map that does not exist was found")
	}
}

// ramp makes n tiles whose values all differ.
func ramp(n, width, height int) [][]float64 {
	tiles := make([][]float64, n)
	for k := range tiles {
		for i := 0; i < width*height; i++ {
			tiles[k] = append(tiles[k], float64(k-n/2)+float64(i)/float64(width*height))
		}
	}
	return tiles
}

// TestTilesAreExact checks every pixel of every tile, on a shared scale that clips, and on scales of the tiles' own.
func TestTilesAreExact(t *testing.T) {
	p := Panel{Tiles: ramp(7, 5, 9), Width: 5, Height: 9, Columns: 3, Zoom: 4, Map: mustMap(t, "pink"), Min: -2, Max: 3, Scale: "weight",
		Captions: strings.Fields("0 1 2 3 4 5 6")}
	own, symmetric := p, p
	own.OwnScale = true
	symmetric.OwnScale, symmetric.Symmetric = true, true
	picture := Sheet("Tiles", "", 2, p, own, symmetric)
	img := decode(t, picture)
	if len(picture.Areas) != 21 {
		t.Fatalf("%d areas, want 21", len(picture.Areas))
	}
	for k, area := range picture.Areas {
		tile := p.Tiles[k%7]
		low, high := -2.0, 3.0
		switch least, most := tile[0], tile[44]; k / 7 {
		case 1:
			low, high = least, most
		case 2:
			high = math.Max(most, -least)
			low = -high
		}
		if area.Dx() != 20 || area.Dy() != 36 {
			t.Fatalf("tile %d is %v, want 20 × 36 pixels", k, area)
		}
		for y := 0; y < area.Dy(); y++ {
			for x := 0; x < area.Dx(); x++ {
				v := tile[y/4*5+x/4]
				checkPixel(t, fmt.Sprintf("tile %d", k), img, area.Min.X+x, area.Min.Y+y, p.Map((v-low)/(high-low)))
			}
		}
		for _, other := range picture.Areas[:k] {
			if area.Inset(-2).Overlaps(other) {
				t.Errorf("no gap between tiles %v and %v", area, other)
			}
		}
	}
	flat := Panel{Tiles: [][]float64{{0, 0}}, Width: 2, Height: 1, Map: mustMap(t, "gray")}
	picture = Sheet("", "", 1, flat)
	checkPixel(t, "tile without differences", decode(t, picture), picture.Areas[0].Min.X, picture.Areas[0].Min.Y, flat.Map(0.5))
}

func TestZoom(t *testing.T) {
	for _, test := range []struct{ tiles, columns, width, height, want int }{
		{16, 4, 28, 28, 5}, {100, 10, 28, 28, 3}, {1, 1, 28, 28, 6}, {100, 25, 28, 28, 1}, {100, 13, 28, 28, 2}, {100, 100, 28, 28, 1},
		{9, 3, 200, 200, 1}, {10, 5, 9, 9, 13}, {16, 4, 14, 28, 10}, {16, 4, 28, 14, 5}, {16, 4, 10, 100, 3},
	} {
		p := Panel{Tiles: make([][]float64, test.tiles), Columns: test.columns, Width: test.width, Height: test.height}
		if got := p.zoom(); got != test.want {
			t.Errorf("%d tiles of %d × %d, %d to a row: zoom %d, want %d",
				test.tiles, test.width, test.height, test.columns, got, test.want)
		}
	}
}

func TestScaleBar(t *testing.T) {
	m := mustMap(t, "coolwarm")
	d := scaleBar(m, "-1", "1")
	img, left := decode(t, d), textWidth("-1", small)+10
	for x := 0; x < 256; x++ {
		checkPixel(t, "scale bar", img, left+x, 8-d.Rect.Min.Y, m(float64(x)/255))
	}
	checkPixel(t, "left of the scale bar", img, left-1, 8-d.Rect.Min.Y, gridColor)
	checkPixel(t, "right of the scale bar", img, left+256, 8-d.Rect.Min.Y, gridColor)
}

// TestText checks the pixels of letters with stems, bars, round parts, a dot and a descender.
func TestText(t *testing.T) {
	d := &Drawing{}
	d.text(0, 0, 0, "Lig", small, textColor)
	img := decode(t, d)
	want := `
##......................
##.........##...........
##.........##...........
##......................
##.........##.....###.##
##.........##...########
##.........##...##...###
##.........##..##.....##
##.........##..##.....##
##.........##..##.....##
##.........##..##.....##
##.........##...##...###
#########..##...########
#########..##.....###.##
...............##.....##
...............########.
................######..
........................
`
	got := "\n"
	for y := range 18 {
		for x := range d.Rect.Dx() {
			got += map[bool]string{true: "#", false: "."}[color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 150]
		}
		got += "\n"
	}
	if got != want {
		t.Errorf("Lig is %s\nwant %s", got, want)
	}
	for r := ' '; r <= '~'; r++ {
		for _, stroke := range glyphs[r].strokes {
			if len(stroke) < 4 || len(stroke)%2 != 0 {
				t.Errorf("glyph %q: stroke %q, want two points or more", r, stroke)
			}
			for i, digit := range stroke {
				if last := "cf"[i%2]; r != ' ' && digit > rune(last) { // x, then y
					t.Errorf("glyph %q: digit %c of stroke %q, want at most %c", r, digit, stroke, last)
				}
			}
		}
		if textWidth(string(r)+"x", small) <= textWidth("x", small) {
			t.Errorf("%q takes no room", r)
		}
	}
	if got, want := textWidth("δ", small), textWidth("?", small); got != want {
		t.Errorf("a character that the font lacks is %d wide, want %d as a question mark", got, want)
	}
	if got, want := wrap("one two three\nfour incomprehensibilities", func(line string) bool { return len(line) <= 7 }), "one two\nthree\nfour\nincomprehensibilities"; got != want {
		t.Errorf("wrapped: %q, want %q", got, want)
	}
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		most      int
		whole     bool
		want      string
	}{
		{0, 1, 5, false, "0 0.2 0.4 0.6 0.8 1.0"},
		{0, 1, 2, false, "0 0.5 1.0"},
		{0.0465, 0.3201, 7, false, "0 0.05 0.10 0.15 0.20 0.25 0.30 0.35"},
		{1, 10, 11, true, "1 2 3 4 5 6 7 8 9 10"},
		{1, 3, 11, true, "1 2 3"},
		{1, 1000, 11, true, "0 100 200 300 400 500 600 700 800 900 1000"},
		{-5, 5, 6, false, "-6 -4 -2 0 2 4 6"},
		{0, 3e-6, 4, false, "0 1e-06 2e-06 3e-06"},
		{0, 3e6, 4, false, "0 1000000 2000000 3000000"},
		{0, 2e12, 2, false, "0 1e+12 2e+12"},
		{2.491480614, 2.491480615, 3, false, "2.4914806135 2.491480614 2.4914806145 2.491480615"},
		{-0.3, 0.3, 6, false, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"},
	} {
		a := newAxis(test.low, test.high, 0, 100, test.most, map[bool]float64{true: 1}[test.whole])
		if got := strings.Join(a.labels, " "); got != test.want {
			t.Errorf("ticks from %g to %g, at most %d: %s, want %s", test.low, test.high, test.most, got, test.want)
		}
		if first, last := a.at(a.ticks[0]), a.at(a.ticks[len(a.ticks)-1]); first != 0 || last != 100 {
			t.Errorf("ticks from %g to %g reach from pixel %g to %g, want 0 to 100", test.low, test.high, first, last)
		}
	}
}

// TestCurve checks that a line of known course has its colour where it must pass, and not beside.
func TestCurve(t *testing.T) {
	c := Chart{Width: 201, Height: 241, Series: []Series{{X: []float64{0, 1, 2}, Y: []float64{0, 4, 4}}}}
	picture := Sheet("", "", 1, c)
	img, at := decode(t, picture), picture.Areas[0].Min
	for _, p := range []image.Point{{0, 240}, {25, 180}, {50, 120}, {75, 60}, {100, 0}, {150, 0}, {200, 0}} {
		checkPixel(t, "on the line", img, at.X+p.X, at.Y+p.Y, lineColors[0])
	}
	for _, p := range []image.Point{{25, 190}, {55, 122}, {70, 61}, {150, 4}} {
		checkPixel(t, "beside the line", img, at.X+p.X, at.Y+p.Y, pageColor)
	}
	edge := color.RGBAModel.Convert(img.At(at.X+46, at.Y+125)).(color.RGBA)
	if edge == pageColor || edge == lineColors[0] {
		t.Errorf("edge of the line is %v, want a mixture of %v and %v", edge, lineColors[0], pageColor)
	}

	dot := Chart{Width: 201, Height: 241, Series: []Series{{X: []float64{1}, Y: []float64{5}}}}
	picture = Sheet("", "", 1, dot)
	img, at = decode(t, picture), picture.Areas[0].Min
	for _, dx := range []int{-3, 0, 3} {
		checkPixel(t, "single point", img, at.X+100+dx, at.Y+120, lineColors[0])
	}
	checkPixel(t, "beside the single point", img, at.X+106, at.Y+123, pageColor)
}

// TestLastValues checks that the values of curves that end close together are written apart from each other.
func TestLastValues(t *testing.T) {
	c := Chart{Format: "%.4g"}
	for _, last := range []float64{0.02, 0.01, 0, math.NaN(), 0.01} {
		c.Series = append(c.Series, Series{Name: "s", X: []float64{1, 2}, Y: []float64{1, last}})
	}
	d := &Drawing{}
	c.lastValues(d, image.Pt(100, 100), axis{low: 0, high: 1, first: 99, last: 0})
	page, err := d.Paint()
	if err != nil {
		t.Fatal(err)
	}
	var lines []int // rows where text begins
	blank := true
	for y := d.Rect.Min.Y; y < d.Rect.Max.Y; y++ {
		empty := true
		for x := d.Rect.Min.X; x < d.Rect.Max.X; x++ {
			empty = empty && page.RGBAAt(x, y) == pageColor
		}
		if blank && !empty {
			lines = append(lines, y)
		}
		blank = empty
	}
	if len(lines) != 5 || d.Rect.Max.Y > 105 {
		t.Errorf("5 values begin in rows %v and end above %d, want 5 rows and at most 105", lines, d.Rect.Max.Y)
	}
	top := Chart{Format: "%.4g"}.With(1, make([]string, 4), []float64{1}, []float64{1}, []float64{1}, []float64{1})
	d = &Drawing{}
	top.lastValues(d, image.Pt(100, 100), axis{low: 0, high: 1, first: 99, last: 0})
	if want := image.Rect(112, -6, 112+textWidth("1", small), 60-6+9*small); d.Rect != want {
		t.Errorf("4 values at the top are written in %v, want %v", d.Rect, want)
	}
	width := func(format string) int {
		return Sheet("", "", 1, Chart{Series: []Series{{X: []float64{1, 2}, Y: []float64{0, 0.25}}}, Format: format}).Rect.Dx()
	}
	if none, short, long := width(""), width("%.2g"), width("%.8f"); none >= short || short >= long {
		t.Errorf("without, with a short and with a long value a picture is %d, %d, %d wide, want growing widths", none, short, long)
	}
}

// TestNothingIsClipped draws what is likely to go wrong: extreme numbers of points, classes and tiles, long texts, and
// values that are no numbers.
func TestNothingIsClipped(t *testing.T) {
	long := "A title that is a good deal longer than the picture which it describes is wide, by far"
	gray := mustMap(t, "gray")
	pictures := map[string]*Drawing{"empty": Sheet("", "", 1)}
	for _, n := range []int{1, 16, 100} {
		p := Panel{Heading: long, Tiles: ramp(n, 5, 9), Width: 5, Height: 9, Columns: 10, Map: gray, Min: -1e-9, Max: 123456, Scale: "weight"}
		for range p.Tiles {
			p.Captions = append(p.Captions, "7 → 1\n100.0%")
		}
		pictures[fmt.Sprint(n, " tiles")] = Sheet(long, long+"\n"+long, 1, p)
	}
	for _, n := range []int{3, 10, 47, 200} {
		counts := make([]int, n*n)
		for i := n; i < len(counts); i += 7 {
			counts[i] = i
		}
		pictures[fmt.Sprint(n, " classes")] = Sheet(long, "", 1, Confusion{counts, n})
	}
	nan, inf := math.NaN(), math.Inf(1)
	for name, y := range map[string][]float64{
		"constant": {5, 5}, "zero": {0, 0}, "tiny": {1e-6, 2e-6}, "huge": {1e6, 3e6}, "extreme": {-1e308, 1e308}, "denormal": {0, 5e-324},
		"almost constant": {1e6, 1e6 + 1e-7}, "NaN": {nan, nan}, "mixed": {nan, 1, inf, 2, -inf, 3, 1e308}, "none": nil,
	} {
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(i + 1)
		}
		c := Chart{long, "epoch", "loss", []Series{{"training", x, y, 0}, {"validation", x, y, 1}}, 0, 0, "%.4g",
			[2]float64{}, []float64{1, math.NaN()}, "kept", false}
		c2 := Chart{Series: []Series{{X: y, Y: x}}, Width: 340, Height: 240}
		pictures[name] = Sheet(long, "", 2, c, c2)
	}
	for _, n := range []int{1, 10, 1000} {
		s := Series{Name: "training"}
		for i := 1; i <= n; i++ {
			s.X, s.Y = append(s.X, float64(i)), append(s.Y, math.Sin(float64(i*i)))
		}
		pictures[fmt.Sprint(n, " points")] = Sheet("Loss", "", 1, Chart{Series: []Series{s, s}})
	}
	for name, p := range pictures {
		checkMargin(t, name, decode(t, p))
	}
}

func TestConfusion(t *testing.T) {
	m := mustMap(t, "bone_r")
	labels, read := []byte{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, []int{0, 0, 0, 0, 1, 1, 1, 1, 2, 2}
	answers := func(read []int, classes int) []float64 { // as probabilities
		p := make([]float64, len(read)*classes)
		for i, class := range read {
			p[i*classes+class] = 0.5 + float64(i)/100
		}
		return p
	}
	a := Judge(labels, answers(read, 3))
	c := a.Confusion
	if !slices.Equal(a.Read, read) || !slices.Equal(a.Mistakes, []int{9, 8, 4}) || a.Sure[4] != 0.54 {
		t.Errorf("answers %v, mistakes %v, %v sure of the first, want %v, [9 8 4], 0.54", a.Read, a.Mistakes, a.Sure[4], read)
	}
	if want := []int{4, 1, 0, 0, 3, 2, 0, 0, 0}; !slices.Equal(c.Counts, want) {
		t.Errorf("counts %v, want %v", c.Counts, want)
	}
	if got, want := c.Errors(), []string{"1 read as 2 (2)", "0 read as 1 (1)"}; !slices.Equal(got, want) {
		t.Errorf("errors %q, want %v, the most frequent first", got, want)
	}
	picture := Sheet("", "", 1, c)
	img := decode(t, picture)
	green := mustMap(t, "recall")
	for k, want := range []color.RGBA{green(0.8), m(0.5), m(0), m(0), green(0.6), m(1), m(0), m(0), green(0)} { // to 40%
		corner := picture.Areas[k].Min
		checkPixel(t, fmt.Sprintf("cell %d", k), img, corner.X, corner.Y, want)
	}
	for k, want := range map[int]color.RGBA{0: pageColor, 1: pageColor, 4: textColor, 5: pageColor} {
		found := false // text: light on dark, dark on light
		for y := picture.Areas[k].Min.Y; y < picture.Areas[k].Max.Y; y++ {
			for x := picture.Areas[k].Min.X; x < picture.Areas[k].Max.X; x++ {
				c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
				found = found || max(int(c.R)-int(want.R), int(want.R)-int(c.R)) < 24
			}
		}
		if !found {
			t.Errorf("cell %d has no text of colour %v", k, want)
		}
	}
	right := Sheet("", "", 1, Judge([]byte{0, 1}, answers([]int{0, 1}, 2)).Confusion)
	for k, want := range []color.RGBA{green(1), m(0), m(0), green(1)} {
		checkPixel(t, fmt.Sprintf("no errors, cell %d", k), decode(t, right), right.Areas[k].Min.X, right.Areas[k].Min.Y, want)
	}
	bad := Sheet("", "", 1, Confusion{[]int{0, 9, 0, 0}, 2}) // a row without a hit, and one without examples
	checkPixel(t, "the worst error", decode(t, bad), bad.Areas[1].Min.X, bad.Areas[1].Min.Y, m(1))
	text := func(area image.Rectangle) (pixels int) {
		img := decode(t, bad)
		for i := range area.Dx() * area.Dy() {
			if color.RGBAModel.Convert(img.At(area.Min.X+i%area.Dx(), area.Min.Y+i/area.Dx())) != m(0) {
				pixels++
			}
		}
		return pixels
	}
	if text(bad.Areas[0]) == 0 || text(bad.Areas[3]) > 0 {
		t.Error("want a recall of 0 where there are examples, and none where there are none")
	}
	for classes, want := range map[int]int{2: 120, 8: 80, 10: 64, 26: 64, 40: 62, 47: 62, 48: 41, 100: 20, 256: 8} { // pixels to the next cell
		counts := make([]int, classes*classes)
		counts[1] = 12345
		areas := Sheet("", "", 1, Confusion{counts, classes}).Areas
		if x, y := areas[1].Min.X-areas[0].Min.X, areas[classes].Min.Y-areas[0].Min.Y; x != want || y != want {
			t.Errorf("%d classes: cells %d x %d apart, want %d", classes, x, y, want)
		}
	}
}

// TestScales checks the tiles of a layer's weights and their scale.
func TestScales(t *testing.T) {
	coefs := []float64{1, 2, 3, -4, 5, -10}
	if got := fmt.Sprint(Column(coefs, 2, 0), Column(coefs, 2, 1)); got != "[1 3 5] [2 -4 -10]" {
		t.Errorf("columns are %s, want [1 3 5] [2 -4 -10]", got)
	}
	p := Panel{}.HalfScale(coefs)
	q := Panel{Symmetric: true}.HalfScale(coefs)
	if p.Min != -5 || p.Max != 2.5 || q.Min != -5 || q.Max != 5 {
		t.Errorf("scales from %g to %g and %g to %g, want -5 to 2.5 and -5 to 5", p.Min, p.Max, q.Min, q.Max)
	}
	if zero := (Panel{Symmetric: true}).HalfScale([]float64{0}); math.Signbit(zero.Min) {
		t.Error("a scale of nothing begins at -0, want 0")
	}
}

// TestRow checks that parts stand side by side, each in the room that it takes.
func TestRow(t *testing.T) {
	tile := func(zoom int) Panel {
		return Panel{Tiles: [][]float64{{0}}, Width: 1, Height: 1, Zoom: zoom, Columns: 1, Map: mustMap(t, "gray")}
	}
	picture := Sheet("", "", 1, Row{tile(20), tile(50), tile(10)})
	for k, want := range []image.Rectangle{image.Rect(0, 0, 20, 20), image.Rect(46, 0, 96, 50), image.Rect(122, 0, 132, 10)} {
		if got := picture.Areas[k].Sub(picture.Areas[0].Min); got != want {
			t.Errorf("part %d is at %v, want %v", k, got, want)
		}
	}
	checkMargin(t, "row", decode(t, picture))
}

// TestEncode: a picture without colours takes a byte a pixel, and stays what it is.
func TestEncode(t *testing.T) {
	for want, c := range map[color.Model]color.RGBA{color.GrayModel: textColor, color.RGBAModel: {9, 9, 8, 255}} {
		var file bytes.Buffer
		d := &Drawing{}
		d.fill(0, 0, 3, 2, pageColor)
		d.fill(2, 1, 1, 1, c)
		err := d.Encode(&file)
		img, err2 := png.Decode(&file)
		if err != nil || err2 != nil || img.ColorModel() != want {
			t.Fatalf("%v: got %v, %v, want a picture of another kind", c, err, err2)
		}
		checkPixel(t, "the corner", img, 2, 1, c)
		checkPixel(t, "its neighbour", img, 1, 1, pageColor)
	}
}

// TestNotes checks that they stand below a picture, but above one that is much higher than wide.
func TestNotes(t *testing.T) {
	for columns, above := range map[int]bool{10: false, 1: true} {
		p := Panel{Tiles: ramp(10, 2, 2), Width: 2, Height: 2, Columns: columns, Zoom: 100, Map: mustMap(t, "gray")}
		picture := Sheet("", "Notes of some length", 1, p)
		if space := picture.Areas[0].Min.Y; (space > 60) != above {
			t.Errorf("%d to a row: the first tile is %d pixels down, want notes above it %v", columns, space, above)
		}
	}
}

// TestSecondLine checks that the first line of a title is large and the next is small.
func TestSecondLine(t *testing.T) {
	height := func(title string) int { return Sheet(title, "", 1).Rect.Dy() - 2*pageMargin }
	if one, two := height("Title"), height("Title\n784-50-10"); one != 9*large || two != one+8+9*small {
		t.Errorf("titles of one and two lines are %d and %d pixels high, want %d and %d", one, two, 9*large, 9*large+8+9*small)
	}
}

// TestMarks checks the frame around a tile that is pointed out, and that no other tile moves or changes.
func TestMarks(t *testing.T) {
	p := Panel{Tiles: ramp(4, 5, 5), Width: 5, Height: 5, Columns: 2, Zoom: 4, Map: mustMap(t, "pink")}
	plain := decode(t, Sheet("", "", 1, p))
	p.Marks = map[int]color.RGBA{3: lineColors[1]}
	picture := Sheet("", "", 1, p)
	img, area := decode(t, picture), picture.Areas[3]
	for i := range area.Dx() {
		for _, out := range []int{1, 2, 3} {
			checkPixel(t, "frame above", img, area.Min.X+i, area.Min.Y-out, lineColors[1])
			checkPixel(t, "frame below", img, area.Min.X+i, area.Max.Y-1+out, lineColors[1])
			checkPixel(t, "frame to the left", img, area.Min.X-out, area.Min.Y+i, lineColors[1])
			checkPixel(t, "frame to the right", img, area.Max.X-1+out, area.Min.Y+i, lineColors[1])
		}
	}
	for y := range plain.Bounds().Dy() {
		for x := range plain.Bounds().Dx() {
			if !image.Pt(x, y).In(area.Inset(-3)) {
				checkPixel(t, "elsewhere", img, x, y, color.RGBAModel.Convert(plain.At(x, y)).(color.RGBA))
			}
		}
	}
}

// TestSeriesColors checks that a series keeps its colour where another is missing, and that the first lies on top.
func TestSeriesColors(t *testing.T) {
	names := []string{"training", "validation"}
	for _, test := range []struct {
		training, validation []float64
		want                 color.RGBA
	}{
		{[]float64{1, 1}, []float64{1, 1}, lineColors[0]}, {[]float64{1, 1}, nil, lineColors[0]}, {nil, []float64{1, 1}, lineColors[1]},
	} {
		picture := Sheet("", "", 1, Chart{Width: 201, Height: 241}.With(1, names, test.training, test.validation))
		at := picture.Areas[0].Min
		checkPixel(t, "the line", decode(t, picture), at.X+50, at.Y+120, test.want)
	}
}

// TestFunctionChart checks that all have the same axes, and show the function and its slope as far as these reach.
func TestFunctionChart(t *testing.T) {
	double := FunctionChart("double", func(z float64) (value, slope float64) { return 2 * z, 0.25 })
	picture := Sheet("", "", 1, double)
	img, at := decode(t, picture), picture.Areas[0].Min
	x, y := double.axes(picture.Areas[0].Size())
	if got := strings.Join(y.labels, " ") + "; " + strings.Join(x.labels, " "); got != "-1.0 -0.5 0 0.5 1.0 1.5; -4 -3 -2 -1 0 1 2 3 4" {
		t.Errorf("axes are %s", got)
	}
	pixel := func(what string, z, v float64, want color.RGBA) {
		checkPixel(t, what, img, at.X+int(math.Round(x.at(z))), at.Y+int(math.Round(y.at(v))), want)
	}
	pixel("the function", 0.5, 1, lineColors[0])
	pixel("its slope", -2.5, 0.25, lineColors[1])
	pixel("where the function has left the chart", 2.5, 1.25, pageColor)
}

// TestMark checks the line at an epoch of a chart, and the one tick of a chart that has one epoch.
func TestMark(t *testing.T) {
	x := []float64{1, 2, 3}
	picture := Sheet("", "", 1, Chart{Width: 201, Height: 241, Series: []Series{{X: x, Y: []float64{0, 0, 0}}}, Marks: []float64{2}, MarkName: "kept"})
	img, at := decode(t, picture), picture.Areas[0].Min
	checkPixel(t, "mark", img, at.X+100, at.Y+70, textColor)
	checkPixel(t, "beside the mark", img, at.X+103, at.Y+70, pageColor)
	if x, _ := (Chart{Series: []Series{{X: []float64{1}, Y: []float64{5}}}}).axes(image.Pt(201, 241)); strings.Join(x.labels, " ") != "1" {
		t.Errorf("one epoch has ticks %v, want 1 alone", x.labels)
	}
}

// TestTooLarge checks that the size of a picture is known before it is painted, and limited. All this takes no memory.
func TestTooLarge(t *testing.T) {
	wide := Panel{Tiles: [][]float64{nil}, Width: 1_000_000, Height: 1, Columns: 1, Map: mustMap(t, "gray")}
	high := Panel{Tiles: make([][]float64, 10_000), Width: 28, Height: 28, Columns: 10, Map: mustMap(t, "gray")}
	large := Panel{Tiles: make([][]float64, 4900), Width: 100, Height: 100, Columns: 70, Map: mustMap(t, "gray")}
	for want, p := range map[string]Panel{
		"1000058 x 110 pixels, expected at most 40000000 in all and 65535 on a side": wide,
		"952 x 90103 pixels, expected at most 40000000 in all and 65535 on a side":   high,
		"7472 x 7523 pixels, expected at most 40000000 in all and 65535 on a side":   large,
	} {
		_, err := Sheet("A title", "", 1, p).Paint()
		err2 := Sheet("A title", "", 1, p).Encode(io.Discard)
		err3 := Animation(io.Discard, "A title", "", []Panel{p})
		if fmt.Sprint(err) != want || fmt.Sprint(err2) != want || err3 == nil {
			t.Errorf("%d tiles of %d x %d: got %v; %v; %v, want %s", len(p.Tiles), p.Width, p.Height, err, err2, err3, want)
		}
	}
	one := Panel{Tiles: [][]float64{nil}, Width: 2000, Height: 2000, Columns: 1, Map: mustMap(t, "gray")}
	var frames []Panel
	for range 20 {
		frames = append(frames, one)
	}
	if err := Animation(io.Discard, "", "", frames); err == nil || !strings.Contains(err.Error(), ": 20 frames of ") {
		t.Errorf("an animation of 20 frames of 4 million pixels: got %v, want an error", err)
	}
}

// TestAnimation checks that the frames share one table, and that the colours of the tiles are the map's and not the
// nearest of some other table.
func TestAnimation(t *testing.T) {
	for _, name := range []string{"gray", "coolwarm", "pink_r"} {
		m := mustMap(t, name)
		var frames []Panel
		for f := 0; f < 3; f++ {
			tile := make([]float64, 243)
			for i := range tile {
				tile[i] = float64((i+50*f)%243) + 0.3
			}
			frames = append(frames, Panel{Heading: strings.Repeat("epoch ", 9*f), Tiles: [][]float64{tile}, Width: 27, Height: 9,
				Columns: 1, Zoom: 2, Map: m, Min: float64(f - 2), Max: float64(100 + 71*f), Scale: "weight"}) // at last 0 to 242
		}
		var file bytes.Buffer
		if err := Animation(&file, "Weights", "A tile a unit.", frames); err != nil {
			t.Fatal(err)
		}
		film, err := gif.DecodeAll(&file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(film.Delay, []int{50, 50, 200}) || film.LoopCount != 0 {
			t.Errorf("delays %v, loop count %d, want [50 50 200] and 0, for ever", film.Delay, film.LoopCount)
		}
		area := Sheet("Weights", "A tile a unit.", 1, frames[2]).Areas[0]
		global := film.Config.ColorModel.(color.Palette)
		for f, img := range film.Image {
			if !slices.Equal(img.Palette, global) {
				t.Errorf("%s: frame %d has a colour table of its own", name, f)
			}
			if img.Rect != film.Image[0].Rect {
				t.Errorf("%s: frame %d is %v, want %v like frame 0", name, f, img.Rect, film.Image[0].Rect)
			}
			checkMargin(t, fmt.Sprintf("%s, frame %d", name, f), img)
			for i, v := range frames[f].Tiles[0] {
				checkPixel(t, fmt.Sprintf("%s, frame %d, value %d", name, f, i), img, area.Min.X+i%27*2+1, area.Min.Y+i/27*2+1, m(math.Floor(v)/242))
			}
		}
	}
	if err := Animation(&bytes.Buffer{}, "", "", nil); err == nil {
		t.Error("an animation without frames gave no error")
	}
}
