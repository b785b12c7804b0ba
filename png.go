// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// This file draws the pictures: mosaics of tiles, the animation, line charts and the confusion matrix, with the colour
// maps and the font of strokes that they need. It takes numbers with their width and height, and the words that go
// with them: titles, headings, captions and notes. It writes PNG and GIF.
//
// From bottom to top: colours, letters, drawings, then a section for each kind of picture.

package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ---- Colours ----

var (
	pageColor = color.RGBA{255, 255, 255, 255}
	textColor = color.RGBA{51, 51, 51, 255}    // of axes too
	gridColor = color.RGBA{221, 221, 221, 255} // of the frames of tiles too

	// lineColors are blue, orange, purple, green, black, sky, red and brown. Neighbours differ in lightness too, for
	// readers who do not see hues.
	lineColors = []color.RGBA{{23, 64, 122, 255}, {217, 115, 13, 255}, {160, 48, 112, 255}, {42, 157, 111, 255},
		{0, 0, 0, 255}, {86, 160, 220, 255}, {190, 30, 45, 255}, {166, 124, 82, 255}}
)

// A ColorMap returns the colour of t in [0,1]. It clips what lies outside, and treats NaN as 0.
type ColorMap func(t float64) color.RGBA

// ColorMapNames lists the maps for a user. With "_r" at its end a name means the same map reversed.
var ColorMapNames = []string{"gray", "pink", "bone", "coolwarm"}

// colorKnots holds t, red, green and blue at each knot of a map, all in 255ths, with straight lines between the knots.
// The colours are matplotlib's to within 2/255; coolwarm is from K. Moreland, "Diverging Color Maps for Scientific
// Visualization", 2009.
var colorKnots = map[string][][4]float64{
	"gray": {{0, 0, 0, 0}, {255, 255, 255, 255}},
	"bone": {{0, 0, 0, 0}, {90, 79, 79, 110}, {188, 164, 196, 196}, {255, 255, 255, 255}},
	"pink": {
		{0, 30, 0, 0}, {4, 50, 26, 26}, {11, 72, 43, 43}, {24, 102, 64, 64}, {51, 145, 93, 93}, {91, 192, 124, 124},
		{133, 210, 178, 150}, {188, 232, 231, 179}, {244, 251, 251, 244}, {255, 255, 255, 255}},
	"coolwarm": {
		{0, 59, 76, 192}, {7, 67, 88, 203}, {31, 97, 128, 233}, {55, 129, 164, 251}, {79, 162, 193, 255},
		{104, 195, 213, 244}, {126, 219, 220, 222}, {137, 230, 215, 207}, {158, 244, 198, 175}, {182, 247, 168, 137},
		{207, 236, 127, 99}, {232, 212, 78, 65}, {247, 192, 40, 47}, {255, 180, 4, 38}},
	"recall": {{0, 255, 255, 255}, {255, 20, 110, 76}}, // of a Confusion's diagonal: from white to green
}

// ColorMapByName returns the map of that name, or ok false and no map. A diverging map is neutral in the middle: its
// scale should be symmetric about zero.
func ColorMapByName(name string) (m ColorMap, diverging, ok bool) {
	base, reversed := strings.CutSuffix(name, "_r")
	knots, ok := colorKnots[base]
	if !ok {
		return nil, false, false
	}
	return func(t float64) color.RGBA {
		if !(t > 0) { // NaN too
			t = 0
		}
		t = 255 * min(t, 1)
		if reversed {
			t = 255 - t
		}
		i := slices.IndexFunc(knots[1:], func(knot [4]float64) bool { return t <= knot[0] })
		a, b := knots[i], knots[i+1]
		mix := func(c int) uint8 { return uint8(math.Round(a[c] + (b[c]-a[c])*(t-a[0])/(b[0]-a[0]))) }
		return color.RGBA{mix(1), mix(2), mix(3), 255}
	}, base == "coolwarm", true
}

// ---- Letters ----

// font holds a word for each character: the character itself, then the strokes of the pen that writes it, separated by
// "/". Two digits in base 36 are a point: x from the left, y from the top. Capitals reach from 0 to c, small letters
// from 4 to c, descenders to f. A stroke leads from its first point to its last. The points between only attract it,
// but it passes halfway between each of them and the next, so a point given twice is a corner.
const font = `
!0008/0c0c "0003/3033 #301c/705c/0484/0888 $72700006767c0c0a/404c %800c/020030340402/5a58888c5c5a &8c13105053070c6c87
'0003 (3004093e )0034390e *3137/0266/6206 +0787/434b ,1b0e -0767 .0c0c /600e 00600707c0c06 10340404c 2030070760c0c7c
3020070763636767c0c0a 45c5050090979 5701010060614747c0c0a 66000080c7c740408 70070702c 8131060661613/0906767c0c09
91c7c747000087874 :0505/0c0c ;1515/1b0e <8408088c =0585/0989 >0488880c ?020060653539/3c3c @9c0c00b0b98984/8784343a8a87
A0c40408c/1979 B0c000070760606868c0c0c C8280000c8c8a D0c0000808c0c0c E7000000c0c7c/0666 F7000000c/0666
G8280000c8c878757 H000c/808c/0686 I000c J60666c0c09 K000c/7007/348c L000c0c7c M0c00005959a0a0ac N0c00008c8c80
O40808c0c0040 P0c000070770707 Q40808c0c0040/598c R0c000070770707/378c S72700006767c0c0a T0080/404c U00060c8c8680
V004c4c80 W003c3c60609c9cc0 X008c/800c Y00464680/464c Z0080800c0c8c [3000000e0e3e \006e ]0030303e3e0e ^04303064 _0d8d
a747c/7874040c7c78 b000c/0804747c0c08 c6664040c6c6a d707c/7874040c7c78 e08787874040c7c7a f5020252c/0454
g747b7f0f0e/7874040c7c78 h000c/080474797c i040c/0101 j242b2f0f/2121 k000c/640a/287c l00090c2c
m040c/080454585c/5854a4a8ac n040c/080474797c o0804747c0c08 p040f/0804747c0c08 q747f/7874040c7c78 r040c/080454
s66640408686c0c0a t20292c5c/0454 u04070c7c78/747c v043c3c64 w042c2c54548c8ca4 x046c/640c y043c/642f z0464640c0c6c
{4020270707272e4e |000e }0020274747272e0e ~08246b87 →0888/5488885c ` + "`0022"

// A glyph is how a character is written.
type glyph struct {
	strokes []string
	width   int // in units of the font
}

// glyphs holds the characters. Others are written as a question mark. A space is two units wide, and its stroke is far
// below the line, where nothing is drawn.
var glyphs = func() map[rune]glyph {
	table := map[rune]glyph{}
	for _, word := range append(strings.Fields(font), " 2z2z") {
		character, size := utf8.DecodeRuneInString(word)
		g := glyph{strokes: strings.Split(word[size:], "/")}
		for _, stroke := range g.strokes {
			for i := 0; i < len(stroke); i += 2 {
				x, _ := strconv.ParseInt(stroke[i:i+1], 36, 0)
				g.width = max(g.width, int(x))
			}
		}
		table[character] = g
	}
	return table
}()

func glyphOf(character rune) glyph {
	if g, ok := glyphs[character]; ok {
		return g
	}
	return glyphs['?']
}

// pageMargin is the empty border of a picture, in pixels. small and large are the sizes of text, in pixels for two
// units of the font: the title is large, everything else small. Characters are letterGap units apart, lines 22.
const pageMargin, small, large, letterGap = 28, 2, 3, 4

// write marks in mask a line of text that begins at (x, y).
func write(mask *image.Alpha, x, y float64, line string, unit float64) {
	for _, character := range line {
		g := glyphOf(character)
		for _, digits := range g.strokes {
			var points []image.Point // doubled, so that halfway between two of them is a whole number
			for ; digits != ""; digits = digits[2:] {
				xy, _ := strconv.ParseInt(digits[:2], 36, 0)
				points = append(points, image.Pt(int(xy/36), int(xy%36)).Mul(2))
			}
			last := len(points) - 1
			start := points[0]
			for i := 1; i <= max(1, last-1); i++ { // a parabola to halfway after points[i], drawn as four lines
				end := points[i].Add(points[min(i+1, last)]).Div(2)
				if i >= last-1 {
					end = points[last]
				}
				px, py := x+float64(start.X)*unit/2, y+float64(start.Y)*unit/2
				for t := 1; t <= 4; t++ {
					to := start.Mul((4 - t) * (4 - t)).Add(points[i].Mul(2 * t * (4 - t))).Add(end.Mul(t * t))
					qx, qy := x+float64(to.X)*unit/32, y+float64(to.Y)*unit/32
					stroke(mask, px, py, qx, qy, 0.9*unit)
					px, py = qx, qy
				}
				start = end
			}
		}
		x += float64(g.width+letterGap) * unit
	}
}

// textWidth returns the width of a line in pixels. The pen is two units wide.
func textWidth(line string, scale int) int {
	units := 2 - letterGap
	for _, character := range line {
		units += glyphOf(character).width + letterGap
	}
	return max(0, units) * scale / 2
}

// wrap breaks s between words into lines that fit. A word that is too long for any line gets one of its own.
func wrap(s string, fits func(line string) bool) string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && !fits(line+" "+word) {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// ---- Drawings ----

// A Drawing is a plan of a picture: where everything lies is known, and so is its size, before a pixel is painted. It
// grows with what is added, to the left of its origin (0,0) and above it too, so that nothing is ever clipped.
type Drawing struct {
	Rect  image.Rectangle
	Areas []image.Rectangle // where the data lie: the tiles of a Panel, the plot of a Chart, the cells of a Confusion
	steps []func(page *image.RGBA, origin image.Point)
}

// A picture has at most maxSide pixels on a side, as GIF has it, and maxArea in all, which take four bytes each. The
// frames of an animation have at most maxFilm in all, of a byte.
const maxSide, maxArea, maxFilm = 65_535, 40_000_000, 80_000_000

// Check returns an error if d is larger than a picture may be.
func (d *Drawing) Check() error {
	width, height := d.Rect.Dx(), d.Rect.Dy()
	if max(width, height) > maxSide || width > maxArea/max(1, height) {
		return fmt.Errorf("%d x %d pixels, expected at most %d in all and %d on a side", width, height, maxArea, maxSide)
	}
	return nil
}

// Paint returns the picture, on a white page, or the error of Check.
func (d *Drawing) Paint() (*image.RGBA, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	page := image.NewRGBA(d.Rect)
	draw.Draw(page, page.Rect, image.NewUniform(pageColor), image.Point{}, draw.Src)
	d.paint(page, image.Point{})
	return page, nil
}

func (d *Drawing) paint(page *image.RGBA, origin image.Point) {
	for _, step := range d.steps {
		step(page, origin)
	}
}

// add plans what step paints within r when d's origin comes to lie at origin.
func (d *Drawing) add(r image.Rectangle, step func(page *image.RGBA, origin image.Point)) {
	if !r.Empty() {
		d.Rect, d.steps = d.Rect.Union(r), append(d.steps, step)
	}
}

// fill adds a rectangle whose top left pixel is (x, y).
func (d *Drawing) fill(x, y, width, height int, c color.RGBA) {
	r := image.Rect(x, y, x+width, y+height)
	d.add(r, func(page *image.RGBA, origin image.Point) {
		draw.Draw(page, r.Add(origin), image.NewUniform(c), image.Point{}, draw.Src)
	})
}

// text adds lines, the first with its top at y. The share align (0, 0.5 or 1) of each line is to the left of x.
func (d *Drawing) text(x, y int, align float64, s string, scale int, c color.RGBA) {
	for _, line := range strings.Split(s, "\n") {
		width, unit := textWidth(line, scale), float64(scale)/2
		left, top := x-int(align*float64(width)), y
		d.mask(image.Rect(left, top, left+width, top+9*scale), c, func(mask *image.Alpha) {
			write(mask, float64(left)+unit-0.5, float64(top)+unit-0.5, line, unit)
		})
		y += 11 * scale
	}
}

// mask adds what mark marks within r, in one colour.
func (d *Drawing) mask(r image.Rectangle, c color.RGBA, mark func(mask *image.Alpha)) {
	d.add(r, func(page *image.RGBA, origin image.Point) {
		mask := image.NewAlpha(r)
		mark(mask)
		draw.DrawMask(page, r.Add(origin), image.NewUniform(c), image.Point{}, mask, r.Min, draw.Over)
	})
}

// place adds a whole drawing, its origin at p.
func (d *Drawing) place(other *Drawing, p image.Point) {
	for _, area := range other.Areas {
		d.Areas = append(d.Areas, area.Add(p))
	}
	d.add(other.Rect.Add(p), func(page *image.RGBA, origin image.Point) { other.paint(page, origin.Add(p)) })
}

// grid places drawings in rows, in columns of equal width, their origins in line. Its origin is that of the first.
func grid(columns int, gap image.Point, cells []*Drawing) *Drawing {
	columns = max(columns, 1)
	left, right := 0, 0 // the most that a cell reaches to either side of its origin
	for _, cell := range cells {
		left, right = max(left, -cell.Rect.Min.X), max(right, cell.Rect.Max.X)
	}
	d := &Drawing{}
	for start := 0; start < len(cells); start += columns {
		row, y := cells[start:min(start+columns, len(cells))], 0
		for _, cell := range row {
			if start > 0 {
				y = max(y, d.Rect.Max.Y+gap.Y-cell.Rect.Min.Y)
			}
		}
		for i, cell := range row {
			d.place(cell, image.Pt(i*(left+right+gap.X), y))
		}
	}
	return d
}

// A Part of a picture is a Panel, a Chart, a Confusion or a Row.
type Part interface{ draw() *Drawing }

// A Row is a Part of parts side by side.
type Row []Part

func (r Row) draw() *Drawing {
	d := r[0].draw()
	for _, part := range r[1:] {
		next := part.draw()
		d.place(next, image.Pt(d.Rect.Max.X+24-next.Rect.Min.X, 0))
	}
	return d
}

// Sheet returns a whole picture: parts, columns of them side by side, between title and notes. The first line of the
// title is large. The top left pixel of the picture is (0,0).
func Sheet(title, notes string, columns int, parts ...Part) *Drawing {
	cells := make([]*Drawing, len(parts))
	for i, p := range parts {
		cells[i] = p.draw()
	}
	body, head, foot := grid(columns, image.Pt(40, 32), cells), &Drawing{}, &Drawing{}
	width := max(body.Rect.Max.X, 680) // of the text, which must not widen the picture much
	fit := func(s string, scale int) string {
		return wrap(s, func(line string) bool { return textWidth(line, scale) <= width })
	}
	title, more, _ := strings.Cut(title, "\n")
	head.text(0, 0, 0, fit(title, large), large, textColor)
	head.text(0, head.Rect.Max.Y+8, 0, fit(more, small), small, textColor)
	foot.text(0, 0, 0, fit(notes, small), small, textColor)
	if body.Rect.Dy() > 3*width/2 { // nobody looks for notes at the end of a long page
		body, foot = foot, body
	}
	page := grid(1, image.Pt(0, 24), []*Drawing{head, body, foot})
	page.Rect = page.Rect.Inset(-pageMargin)
	sheet := &Drawing{}
	sheet.place(page, page.Rect.Min.Mul(-1))
	return sheet
}

// Encode paints d and writes it as PNG. A picture without colours takes a byte a pixel, which halves the file. The
// error is w's, or that of Check.
func (d *Drawing) Encode(w io.Writer) error {
	page, err := d.Paint()
	if err != nil {
		return err
	}
	gray := image.NewGray(page.Rect)
	for i := range gray.Pix {
		if c := page.Pix[4*i:]; c[0] != c[1] || c[1] != c[2] {
			return png.Encode(w, page)
		}
		gray.Pix[i] = page.Pix[4*i]
	}
	return png.Encode(w, gray)
}

// ---- Mosaics: weights, examples, mistakes, influence ----

// A Panel is a grid of equal tiles under a heading, with one colour scale. Without tiles its place stays empty.
type Panel struct {
	Heading       string
	Tiles         [][]float64 // each Height × Width values, row by row
	Height, Width int
	Captions      []string           // one under each tile, of one or more lines; or nil
	Marks         map[int]color.RGBA // of tiles that a coloured frame points out
	Columns       int                // tiles in a row
	Zoom          int                // side of the square that shows a value, in pixels; 0 chooses a comfortable one

	Map       ColorMap
	Min, Max  float64 // ends of the scale; values outside get the colour of the end
	OwnScale  bool    // each tile has a scale of its own instead, from its least to its greatest value
	Symmetric bool    // with OwnScale, or after HalfScale: the scale runs from -m to m
	Scale     string  // what the values are, written beside the scale bar; "" draws no bar

	headingWidth int // the least width of the heading, in pixels
}

// Column returns column k of a matrix with n columns: of coefs_0, inputs × units, the weights of unit k.
func Column(matrix []float64, n, k int) (tile []float64) {
	for ; k < len(matrix); k += n {
		tile = append(tile, matrix[k])
	}
	return tile
}

// Add appends a tile and its caption.
func (p *Panel) Add(tile []float64, caption string, args ...any) {
	p.Tiles, p.Captions = append(p.Tiles, tile), append(p.Captions, fmt.Sprintf(caption, args...))
}

// HalfScale returns p with a scale from half the smallest of the values to half the largest, since nearly all lie
// within it. If p is Symmetric, the scale reaches half the largest absolute value on either side of 0.
func (p Panel) HalfScale(values []float64) Panel {
	p.Min, p.Max = slices.Min(values)/2, slices.Max(values)/2
	if p.Symmetric {
		p.Max = max(p.Max, -p.Min)
		p.Min = 0 - p.Max // -p.Max could be -0, which would be written as such
	}
	return p
}

// draw puts the origin at the top left pixel of the first tile.
func (p Panel) draw() *Drawing {
	gap := image.Pt(4, 4)
	if p.Captions != nil {
		gap.Y = 10
	}
	tiles := make([]*Drawing, len(p.Tiles))
	for k := range tiles {
		tiles[k] = p.tile(k)
	}
	for _, caption := range p.Captions {
		for _, line := range strings.Split(caption, "\n") {
			if textWidth(line, small) > p.Width*p.zoom()-8 { // too near the next
				gap.X = 12
			}
		}
	}
	d := grid(p.Columns, gap, tiles)
	for k, c := range p.Marks {
		for r := d.Areas[k]; !r.Eq(d.Areas[k].Inset(-3)); r = r.Inset(-1) {
			d.fill(r.Min.X-1, r.Min.Y-1, r.Dx()+2, 1, c)
			d.fill(r.Min.X-1, r.Max.Y, r.Dx()+2, 1, c)
			d.fill(r.Min.X-1, r.Min.Y, 1, r.Dy(), c)
			d.fill(r.Max.X, r.Min.Y, 1, r.Dy(), c)
		}
	}
	if p.Scale != "" {
		least, most := fmt.Sprintf("%.4g", p.Min), fmt.Sprintf("%.4g", p.Max)
		if p.OwnScale {
			least, most = "low", "high, each tile on its own scale"
		}
		d.place(scaleBar(p.Map, p.Scale+": "+least, most), image.Pt(0, d.Rect.Max.Y+14))
	}
	d.text(0, -30, 0, p.Heading, small, textColor)
	d.Rect = d.Rect.Union(image.Rect(0, -30, p.headingWidth, 0))
	return d
}

// tile returns tile k: a square of one colour for each value, in a frame of one pixel, above its caption.
func (p Panel) tile(k int) *Drawing {
	low, high := p.Min, p.Max
	if p.OwnScale {
		low, high = slices.Min(p.Tiles[k]), slices.Max(p.Tiles[k])
		if p.Symmetric {
			low, high = min(low, -high), max(high, -low)
		}
	}
	zoom := p.zoom()
	width, height := p.Width*zoom, p.Height*zoom
	d := &Drawing{Areas: []image.Rectangle{image.Rect(0, 0, width, height)}}
	d.fill(-1, -1, width+2, height+2, gridColor)
	d.add(d.Rect, func(page *image.RGBA, origin image.Point) {
		for i, v := range p.Tiles[k] {
			t := 0.5 // if all values are equal
			if low < high {
				t = (v - low) / (high - low)
			}
			square := image.Rect(0, 0, zoom, zoom).Add(image.Pt(i%p.Width, i/p.Width).Mul(zoom)).Add(origin)
			draw.Draw(page, square, image.NewUniform(p.Map(t)), image.Point{}, draw.Src)
		}
	})
	if p.Captions != nil {
		d.text(width/2, height+6, 0.5, p.Captions[k], small, textColor)
	}
	return d
}

// zoom returns p.Zoom. If that is 0, it makes a tile about 168 pixels wide where a row has few, 84 where it has many,
// and less where the picture would be wider than 960 pixels, or the tile higher than twice that.
func (p Panel) zoom() int {
	columns := max(1, min(p.Columns, len(p.Tiles)))
	side := min(max(84, 600/columns), 168, 904/columns-6)
	return cmp.Or(p.Zoom, max(1, min(side/p.Width, 2*side/p.Height)))
}

// scaleBar returns a bar that shows a map in 256 steps, with words at its ends.
func scaleBar(m ColorMap, least, most string) *Drawing {
	d := &Drawing{}
	d.text(0, 1, 0, least, small, textColor)
	left := d.Rect.Max.X + 10
	d.fill(left-1, -1, 258, 18, gridColor)
	for x := range 256 {
		d.fill(left+x, 0, 1, 16, m(float64(x)/255))
	}
	d.text(left+266, 1, 0, most, small, textColor)
	return d
}

// Animation writes panels, which differ in their headings, as the frames of an endless GIF: half a second each, the
// last one longer. All have the size, the map and the scale of the last one. They share one colour table: 13 grays from
// the text's to the page's, the grid's among them, and 243 even steps of the map, so that tiles keep the map's colours.
// The error is w's, or says that there are no frames, or more pixels than maxFilm.
func Animation(w io.Writer, title, notes string, frames []Panel) error {
	if len(frames) == 0 {
		return errors.New("animation: no frames, expected some")
	}
	const steps = 242
	last := frames[len(frames)-1]
	notes += map[bool]string{false: " All frames have the scale of the last.",
		true: " Each tile of each frame has a scale of its own."}[last.OwnScale]
	smooth := last.Map
	last.Map = func(t float64) color.RGBA { return smooth(math.Round(t*steps) / steps) }
	var table color.Palette
	for v := textColor.R; len(table) < 13; v += (pageColor.R - textColor.R) / 12 {
		table = append(table, color.RGBA{v, v, v, 255})
	}
	for i := range steps + 1 {
		table = append(table, smooth(float64(i)/steps))
	}
	widest := 0
	for _, p := range frames {
		widest = max(widest, textWidth(p.Heading, small))
	}
	film := gif.GIF{Config: image.Config{ColorModel: table}} // gif writes the table once if all frames have this one
	for _, p := range frames {
		p.Min, p.Max, p.Map, p.headingWidth = last.Min, last.Max, last.Map, widest
		sheet, err := Sheet(title, notes, 1, p).Paint()
		if err == nil && len(frames) > 4*maxFilm/len(sheet.Pix) {
			err = fmt.Errorf("%d frames of %v pixels, expected at most %d in all", len(frames), sheet.Rect.Max, maxFilm)
		}
		if err != nil {
			return fmt.Errorf("animation: %w", err)
		}
		frame := image.NewPaletted(sheet.Rect, table)
		index := map[color.RGBA]uint8{}
		for i := range frame.Pix {
			c := color.RGBA{sheet.Pix[4*i], sheet.Pix[4*i+1], sheet.Pix[4*i+2], 255}
			if _, found := index[c]; !found {
				index[c] = uint8(table.Index(c))
			}
			frame.Pix[i] = index[c]
		}
		film.Image, film.Delay = append(film.Image, frame), append(film.Delay, 50) // hundredths of a second
		film.Config.Width, film.Config.Height = frame.Rect.Dx(), frame.Rect.Dy()
	}
	film.Delay[len(frames)-1] = 200
	return gif.EncodeAll(w, &film)
}

// ---- Line charts: loss, activations ----

// A Series is a line through the points (X[i], Y[i]), with a gap at each point that is not finite.
type Series struct {
	Name  string
	X, Y  []float64
	Color int // which of lineColors
}

// A Chart shows series on common axes.
type Chart struct {
	Title, XLabel, YLabel string
	Series                []Series
	Width, Height         int        // of the plot, in pixels; 0 is 760 × 360
	Format                string     // of the last values, for fmt, each beside the end of its line; "" shows none
	Range                 [2]float64 // of the y axis; if zero, what the values need
	Marks                 []float64  // x of vertical lines, labelled MarkName
	MarkName              string
	NameEnds              bool // write the series' names at the ends of their lines, in place of a legend
}

// FunctionChart returns a small chart of a function and of its slope, from -4 to 4, as far as they are within from -1
// to 1.5. All such charts have the same axes.
func FunctionChart(name string, h func(z float64) (value, slope float64)) Chart {
	c := Chart{Title: name, XLabel: "z", Width: 224, Height: 300, Range: [2]float64{-1, 1.5}}
	c.Series = []Series{{Name: "h(z)"}, {Name: "h'(z)", Color: 1}}
	for i := -200; i <= 200; i++ {
		z := float64(i) / 50
		value, slope := h(z)
		for k, v := range []float64{value, slope} {
			if v < c.Range[0] || v > c.Range[1] {
				v = math.NaN()
			}
			c.Series[k].X, c.Series[k].Y = append(c.Series[k].X, z), append(c.Series[k].Y, v)
		}
	}
	return c
}

// With returns c with a line for each series that is not empty, in the colour of its place. Its x counts from first.
func (c Chart) With(first int, names []string, series ...[]float64) Chart {
	for k, y := range series {
		if line := (Series{Name: names[k], Y: y, Color: k}); len(y) > 0 {
			for i := range y {
				line.X = append(line.X, float64(first+i))
			}
			c.Series = append(slices.Clip(c.Series), line)
		}
	}
	return c
}

// draw puts the origin at the top left pixel of the plot.
func (c Chart) draw() *Drawing {
	size := image.Pt(cmp.Or(c.Width, 760), cmp.Or(c.Height, 360))
	x, y := c.axes(size)
	d := &Drawing{Areas: []image.Rectangle{{Max: size}}}
	for i, v := range x.ticks {
		at := int(math.Round(x.at(v)))
		d.fill(at, 0, 1, size.Y, gridColor)
		d.text(at, size.Y+10, 0.5, x.labels[i], small, textColor)
	}
	for i, v := range y.ticks {
		at := int(math.Round(y.at(v)))
		d.fill(0, at, size.X, 1, gridColor)
		d.text(-10, at-6, 1, y.labels[i], small, textColor)
	}
	d.fill(0, 0, 1, size.Y, textColor)
	d.fill(0, size.Y-1, size.X, 1, textColor)
	d.text(size.X/2, size.Y+36, 0.5, c.XLabel, small, textColor)
	d.text(0, -62, 0, c.Title, small, textColor)
	d.text(0, -32, 0, c.YLabel, small, textColor)
	for _, v := range c.Marks {
		if at := x.at(v); at >= 0 && at < float64(size.X) {
			d.fill(int(at)-1, 0, 3, size.Y, textColor) // wider than the y axis, which it may hide
			align := math.Round(at / float64(size.X))  // the name goes to the side with more room
			d.text(int(at-16*align)+8, 6, align, c.MarkName, small, textColor)
		}
	}
	left := 0 // where the legend continues
	if c.YLabel != "" {
		left = textWidth(c.YLabel, small) + 36
	}
	for _, s := range c.Series {
		if len(c.Series) > 1 && !c.NameEnds {
			d.fill(left, -27, 30, 4, lineColors[s.Color%len(lineColors)])
			d.text(left+40, -32, 0, s.Name, small, textColor)
			left += 40 + textWidth(s.Name, small) + 36
		}
	}
	for i := range c.Series { // the first one on top
		s := c.Series[len(c.Series)-1-i]
		d.curve(s, x, y, lineColors[s.Color%len(lineColors)])
	}
	if c.Format != "" {
		c.lastValues(d, size, y)
	}
	return d
}

// curve adds a series as a smooth line. If it has few points, each gets a dot.
func (d *Drawing) curve(s Series, x, y axis, c color.RGBA) {
	frame := d.Areas[0].Inset(-6) // so that a line along the edge keeps its full width
	d.mask(frame, c, func(mask *image.Alpha) {
		for i := range s.X {
			ax, ay := x.at(s.X[max(i-1, 0)]), y.at(s.Y[max(i-1, 0)])
			bx, by := x.at(s.X[i]), y.at(s.Y[i])
			stroke(mask, ax, ay, bx, by, 1.5)
			if len(s.X) <= 30 {
				stroke(mask, bx, by, bx, by, 4)
			}
		}
	})
}

// stroke marks a line with round ends from (ax, ay) to (bx, by). A pixel is covered if its centre is within radius of
// the line; beyond, the cover falls to 0 over one pixel, which makes the edge smooth. A pixel keeps its highest mark,
// so that short lines join to a long one.
func stroke(mask *image.Alpha, ax, ay, bx, by, radius float64) {
	dx, dy := bx-ax, by-ay
	if !(math.Hypot(dx, dy) < 1e6) { // a point is NaN, or infinitely far away
		return
	}
	box := image.Rect(int(min(ax, bx)), int(min(ay, by)), int(max(ax, bx))+1, int(max(ay, by))+1)
	box = box.Inset(-int(radius) - 2).Intersect(mask.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			px, py := float64(x)-ax, float64(y)-ay
			// The nearest point of the line is the share t of the way from a to b. 1e-9 is for a dot, which has no length.
			t := min(max((px*dx+py*dy)/max(dx*dx+dy*dy, 1e-9), 0), 1)
			cover := min(max(radius+0.5-math.Hypot(px-t*dx, py-t*dy), 0), 1)
			mask.SetAlpha(x, y, color.Alpha{A: max(mask.AlphaAt(x, y).A, uint8(255*cover))})
		}
	}
}

// lastValues writes the last value of each series beside the plot, at the height where its line ends, or higher or lower
// if others need the room. It works from the bottom up, so that no value reaches the labels of the x axis.
func (c Chart) lastValues(d *Drawing, size image.Point, y axis) {
	last := func(i int) float64 { return c.Series[i].Y[len(c.Series[i].Y)-1] }
	var order []int
	for i, s := range c.Series {
		if len(s.Y) > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(last(i), last(j)) })
	lowest := size.Y - 8
	for k, i := range order {
		if height := max(y.at(last(i)), float64(20*(len(order)-1-k))); height < float64(lowest) { // which NaN is not
			lowest = int(height)
		}
		text, lineColor := fmt.Sprintf(c.Format, last(i)), lineColors[c.Series[i].Color%len(lineColors)]
		if c.NameEnds {
			text = c.Series[i].Name + ": " + text
		}
		d.text(size.X+12, lowest-6, 0, text, small, lineColor)
		lowest -= 20
	}
}

// An axis maps the values from low to high to the pixels from first to last. It has labelled ticks at round values.
type axis struct {
	low, high, first, last float64
	ticks                  []float64
	labels                 []string
}

// at returns the pixel of a value. float64 rounds the product: some processors could add it unrounded, which a pixel of a
// curve may show.
func (a axis) at(v float64) float64 {
	return a.first + float64((v-a.low)/(a.high-a.low)*(a.last-a.first))
}

// newAxis returns an axis that begins and ends on ticks, at low and high or just beyond. The step from tick to tick is
// 1, 2 or 5 times a power of ten: the smallest that is at least leastStep and takes at most most steps to high.
func newAxis(low, high, first, last float64, most int, leastStep float64) axis {
	least := max(leastStep, (high-low)/float64(most)*(1-1e-9)) // here and below, 1e-9 allows for rounding errors
	step := math.Pow(10, math.Floor(math.Log10(least)))
	for _, factor := range []float64{2, 2.5, 2} { // on to 2, 5 and 10 times the power
		if step < least {
			step *= factor
		}
	}
	from, to := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	a := axis{low: from * step, high: to * step, first: first, last: last}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9))) // as many as the step has
	for k := from; k <= to; k++ {
		label := fmt.Sprintf("%.*f", decimals, k*step)
		if k == 0 || decimals > 4 || to*step >= 1e6 {
			label = fmt.Sprintf("%.12g", k*step) // with an exponent where that is shorter
		}
		a.ticks, a.labels = append(a.ticks, k*step), append(a.labels, label)
	}
	return a
}

// axes returns axes that span the points of all series. The x axis counts epochs, so its steps are whole numbers. The y
// axis starts at 0 if the values are not far from it.
func (c Chart) axes(size image.Point) (x, y axis) {
	var xs, ys []float64
	for _, s := range c.Series {
		xs, ys = append(xs, s.X...), append(ys, s.Y...)
	}
	low, high := extent(xs)
	x = newAxis(low, high, 0, float64(size.X-1), 11, 1) // 760 pixels have room for 12 labels of five digits
	if len(x.ticks) == 3 && high-low < 1 {              // a single epoch: there is none before and none after
		x.ticks, x.labels = x.ticks[1:2], x.labels[1:2]
	}
	low, high = extent(ys)
	if low > 0 && low < high/2 {
		low = 0
	}
	if c.Range != [2]float64{} {
		low, high = c.Range[0], c.Range[1]
	}
	y = newAxis(low, high, float64(size.Y-1), 0, size.Y/60, 0)
	return x, y
}

// extent returns the range of the finite values, widened if too narrow for an axis. Without any finite value it returns
// NaN, and the axis has no ticks.
func extent(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if math.Abs(v) < 1e300 { // finite, and so small that the difference of two is finite too
			low, high = min(low, v), max(high, v)
		}
	}
	if pad := cmp.Or(max(math.Abs(low), math.Abs(high))/10, 1); high-low < 1e-8*pad {
		return low - pad, high + pad
	}
	return low, high
}

// ---- Confusion matrix ----

// A Confusion is a matrix Counts[true*Classes+predicted]. Cells off the diagonal show counts; their colours show shares
// of the row, on a scale that ends at the largest of them. Cells on the diagonal show the recall, the percentage of the
// row that is right, in a colour of their own: from white at 0 to green at 100.
type Confusion struct {
	Counts  []int
	Classes int
}

// Crowded reports whether there are so many classes that the cells, less than 42 pixels wide, have no numbers in them.
func (c Confusion) Crowded() bool { return c.Classes >= 48 }

// draw returns a panel with a tile of one value for each cell.
func (c Confusion) draw() *Drawing {
	// pitch is from one cell to the next, in pixels: 64 to 120, for 640 in all; or with many classes, for 2000 in all,
	// at least 8.
	pitch := min(max(640/c.Classes, 64), 120, max(2000/c.Classes, 8))
	if !c.Crowded() {
		pitch = max(pitch, textWidth(strconv.Itoa(slices.Max(c.Counts)), small)+12)
	}
	p := Panel{Width: 1, Height: 1, Columns: c.Classes, Zoom: pitch - 6, Scale: "errors, % of the true class"}
	p.Map, _, _ = ColorMapByName("bone_r")
	green, _, _ := ColorMapByName("recall")
	sums := make([]int, c.Classes)
	for k, n := range c.Counts {
		sums[k/c.Classes] += n
	}
	for k, n := range c.Counts {
		percent := 100 * float64(n) / float64(sums[k/c.Classes]) // NaN if the class has no examples
		p.Tiles = append(p.Tiles, []float64{percent})
		if k/c.Classes != k%c.Classes && percent > p.Max {
			p.Max = percent
		}
	}
	p.Max = cmp.Or(p.Max, 100)
	d := p.draw()
	side := d.Areas[len(d.Areas)-1].Max.X
	d.text(-12, -58, 1, "true", small, textColor)
	d.text(side/2, -58, 0.5, "predicted", small, textColor)
	d.text(side+90, -58, 1, "examples", small, textColor)
	every := (pitch + 35) / pitch // classes from one label to the next, at least 36 pixels
	for k, area := range d.Areas {
		percent, row, column := p.Tiles[k][0], k/c.Classes, k%c.Classes
		x, y := (area.Min.X+area.Max.X)/2, (area.Min.Y+area.Max.Y)/2-7
		content, back := strconv.Itoa(c.Counts[k]), p.Map(percent/p.Max)
		if row == column {
			content, back = fmt.Sprintf("%.*f", pitch/64, percent), green(percent/100) // a decimal where there is room
			d.fill(area.Min.X, area.Min.Y, area.Dx(), area.Dy(), back)
		}
		if !c.Crowded() && (c.Counts[k] > 0 || row == column && sums[row] > 0) {
			contrast := textColor
			if color.GrayModel.Convert(back).(color.Gray).Y < 128 {
				contrast = pageColor
			}
			d.text(x, y, 0.5, content, small, contrast)
		}
		if row == column && row%every == 0 {
			d.text(-12, y, 1, strconv.Itoa(row), small, textColor)
			d.text(x, -28, 0.5, strconv.Itoa(row), small, textColor)
			d.text(side+90, y, 1, strconv.Itoa(sums[row]), small, textColor)
		}
	}
	return d
}
