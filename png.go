// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// This file draws the pictures: mosaics of tiles, line charts, the confusion matrix and the animation, with the colour
// maps and the bitmap font that they need. It takes numbers with their widths and heights, and gives an image.Image or
// writes a GIF. What the numbers mean it is told in words: titles, headings, captions and notes.
//
// From bottom to top: colours, letters, drawings, then a section for each kind of picture.

package main

import (
	"cmp"
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

	// lineColors differ in lightness as well as in hue, for readers who do not see the hue.
	lineColors = []color.RGBA{{23, 64, 122, 255}, {217, 115, 13, 255}, {160, 48, 112, 255}, {42, 157, 111, 255}}
)

// A ColorMap gives t in [0,1] its colour. What lies outside gets the colour of that end, NaN that of 0.
type ColorMap func(t float64) color.RGBA

// ColorMapNames lists the maps; a name with "_r" behind it is the same map reversed.
var ColorMapNames = []string{"gray", "pink", "bone", "coolwarm"}

// colorKnots has t, red, green and blue at each knot of a map, all in 255ths. In between lie straight lines. The
// colours are matplotlib's, to 2/255; coolwarm is from K. Moreland, "Diverging Color Maps for Scientific
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
}

// ColorMapByName finds a map. A diverging one is neutral in the middle: its scale should be symmetric about zero.
func ColorMapByName(name string) (m ColorMap, diverging, ok bool) {
	base, reversed := strings.CutSuffix(name, "_r")
	knots, ok := colorKnots[base]
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
	}, base == "coolwarm", ok
}

// ---- Letters ----

// font has a word for each character: the character itself, then the strokes of the pen that writes it, "/" between
// them. Two digits in base 36 are a point: x from the left, y from the top. Capitals reach from 0 to c, small letters
// from 4 to c, descenders to f. A stroke leads from its first point to its last. Those between only attract it, but it
// passes halfway from each of them to the next: so a point given twice is a corner.
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

// glyphs holds the strokes of each character; for what it lacks, take the question mark's. A space is two units wide,
// and its stroke is far below the line.
var glyphs = func() map[rune]string {
	strokes := map[rune]string{' ': "2z2z"}
	for _, word := range strings.Fields(font) {
		character, size := utf8.DecodeRuneInString(word)
		strokes[character] = word[size:]
	}
	return strokes
}()

// pageMargin is the empty border of a picture, in pixels. small and large are the sizes of text, in pixels to two units
// of the font: the title is large, all else small. From line to line are 22 units.
const pageMargin, small, large = 28, 2, 3

// write marks a line of text that begins at (x, y), and returns where it ends.
func write(mask *image.Alpha, x, y float64, line string, unit float64) float64 {
	for _, character := range line {
		width := 0
		for _, digits := range strings.Split(cmp.Or(glyphs[character], glyphs['?']), "/") {
			var points []image.Point // twice as far out, so that halfway between two is whole
			for ; digits != ""; digits = digits[2:] {
				xy, _ := strconv.ParseInt(digits[:2], 36, 0)
				points = append(points, image.Pt(int(xy/36), int(xy%36)).Mul(2))
				width = max(width, int(xy/36))
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
		x += float64(width+4) * unit
	}
	return x
}

// textWidth is a line's width in pixels. The pen is two units wide.
func textWidth(line string, scale int) int {
	return max(0, int(write(&image.Alpha{}, -2, 0, line, 1))) * scale / 2
}

// wrap breaks s between words into lines that fit. A longer word keeps a line of its own.
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

// A Drawing is an image without an edge: it grows with what is put on it, to the left of its origin (0,0) and above it
// too, so that nothing is ever clipped. Drawings are put on drawings, and the outermost is the picture.
type Drawing struct {
	image.RGBA
	Areas []image.Rectangle // where the data lie: the tiles of a Panel, the plot of a Chart, the cells of a Confusion
}

// grow makes room for r: blank paper around what is already drawn.
func (d *Drawing) grow(r image.Rectangle) {
	if r.In(d.Rect) {
		return
	}
	larger := image.NewRGBA(d.Rect.Union(r))
	draw.Draw(larger, larger.Rect, image.NewUniform(pageColor), image.Point{}, draw.Src)
	draw.Draw(larger, d.Rect, &d.RGBA, d.Rect.Min, draw.Src)
	d.RGBA = *larger
}

// fill paints a rectangle whose top left pixel is (x, y).
func (d *Drawing) fill(x, y, width, height int, c color.RGBA) {
	r := image.Rect(x, y, x+width, y+height)
	d.grow(r)
	draw.Draw(&d.RGBA, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// text puts lines on d, the first with its top at y. The share align (0, 0.5 or 1) of each line is to the left of x.
func (d *Drawing) text(x, y int, align float64, s string, scale int, c color.RGBA) {
	for _, line := range strings.Split(s, "\n") {
		width, unit := textWidth(line, scale), float64(scale)/2
		left := x - int(align*float64(width))
		mask := image.NewAlpha(image.Rect(left, y, left+width, y+9*scale))
		write(mask, float64(left)+unit-0.5, float64(y)+unit-0.5, line, unit)
		d.paint(mask, c)
		y += 11 * scale
	}
}

// paint colours what mask marks.
func (d *Drawing) paint(mask *image.Alpha, c color.RGBA) {
	d.grow(mask.Rect)
	draw.DrawMask(&d.RGBA, mask.Rect, image.NewUniform(c), image.Point{}, mask, mask.Rect.Min, draw.Over)
}

// place puts a whole drawing on d, its origin at p.
func (d *Drawing) place(other *Drawing, p image.Point) {
	for _, area := range other.Areas {
		d.Areas = append(d.Areas, area.Add(p))
	}
	d.grow(other.Rect.Add(p))
	draw.Draw(&d.RGBA, other.Rect.Add(p), &other.RGBA, other.Rect.Min, draw.Src)
}

// grid sets drawings in rows of equal columns, their origins in line. The first origin is the grid's.
func grid(columns int, gap image.Point, cells []*Drawing) *Drawing {
	columns = max(columns, 1)
	left, right := 0, 0 // the most that a cell reaches to either side of its origin
	for _, cell := range cells {
		left, right = max(left, -cell.Rect.Min.X), max(right, cell.Rect.Max.X)
	}
	var origins []image.Point
	var bounds image.Rectangle
	for start := 0; start < len(cells); start += columns {
		row, y := cells[start:min(start+columns, len(cells))], 0
		for _, cell := range row {
			if start > 0 {
				y = max(y, bounds.Max.Y+gap.Y-cell.Rect.Min.Y)
			}
		}
		for i, cell := range row {
			origins = append(origins, image.Pt(i*(left+right+gap.X), y))
			bounds = bounds.Union(cell.Rect.Add(origins[start+i]))
		}
	}
	d := &Drawing{}
	d.grow(bounds) // once, and not with every cell
	for k, cell := range cells {
		d.place(cell, origins[k])
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
		d.place(next, image.Pt(d.Rect.Max.X+40-next.Rect.Min.X, 0))
	}
	return d
}

// Sheet draws a picture: parts, columns of them side by side, between title and notes. Its top left pixel is (0,0).
func Sheet(title, notes string, columns int, parts ...Part) *Drawing {
	cells := make([]*Drawing, len(parts))
	for i, p := range parts {
		cells[i] = p.draw()
	}
	body, head, foot := grid(columns, image.Pt(40, 32), cells), &Drawing{}, &Drawing{}
	width := max(body.Rect.Max.X, 640) // of the text, which must not widen the picture much
	head.text(0, 0, 0, wrap(title, func(line string) bool { return textWidth(line, large) <= width }), large, textColor)
	foot.text(0, 0, 0, wrap(notes, func(line string) bool { return textWidth(line, small) <= width }), small, textColor)
	if body.Rect.Dy() > 3*width/2 { // nobody looks for notes at the end of a long page
		body, foot = foot, body
	}
	page := grid(1, image.Pt(0, 24), []*Drawing{head, body, foot})
	page.grow(page.Rect.Inset(-pageMargin))
	sheet := &Drawing{}
	sheet.place(page, page.Rect.Min.Mul(-1))
	return sheet
}

// Encode writes d as PNG; without colours at a byte a pixel, which makes half the file.
func (d *Drawing) Encode(w io.Writer) error {
	gray := image.NewGray(d.Rect)
	for i := range gray.Pix {
		if c := d.Pix[4*i:]; c[0] != c[1] || c[1] != c[2] {
			return png.Encode(w, d)
		}
		gray.Pix[i] = d.Pix[4*i]
	}
	return png.Encode(w, gray)
}

// ---- Mosaics: weights, examples, mistakes, influence ----

// A Panel is a grid of equal tiles under a heading, on one colour scale. Without tiles it leaves its place empty.
type Panel struct {
	Heading       string
	Tiles         [][]float64 // each Height × Width values, row by row
	Height, Width int
	Captions      []string // one under each tile, of one or more lines; or nil
	Columns       int      // tiles in a row
	Zoom          int      // side of the square that shows a value, in pixels; 0 chooses a comfortable one

	Map       ColorMap
	Min, Max  float64 // ends of the scale; values outside get the colour of the end
	OwnScale  bool    // a scale for each tile instead, from its least to its greatest value
	Symmetric bool    // with OwnScale, or after HalfScale: from -m to m
	Scale     string  // what the values are, written beside the scale bar; "" draws no bar

	headingWidth int // what the heading takes at least, in pixels
}

// Columns returns the n columns of a matrix as tiles: of coefs_0, inputs × units, the weights of each unit.
func Columns(matrix []float64, n int) [][]float64 {
	tiles := make([][]float64, n)
	for i, v := range matrix {
		tiles[i%n] = append(tiles[i%n], v)
	}
	return tiles
}

// Add appends a tile and its caption.
func (p *Panel) Add(tile []float64, caption string, args ...any) {
	p.Tiles, p.Captions = append(p.Tiles, tile), append(p.Captions, fmt.Sprintf(caption, args...))
}

// HalfScale returns p with a scale that ends at half of the least and of the greatest of all these values, since nearly
// all keep within; for a Symmetric one at half of the largest absolute value.
func (p Panel) HalfScale(values []float64) Panel {
	p.Min, p.Max = slices.Min(values)/2, slices.Max(values)/2
	if p.Symmetric {
		p.Max = max(p.Max, -p.Min)
		p.Min = 0 - p.Max // not -p.Max, which may be -0 and is then written so
	}
	return p
}

// ScaleNote says where the scale of HalfScale ends; nothing if p has no use for it.
func (p Panel) ScaleNote() string {
	ends := map[bool]string{false: "least and of the greatest weight", true: "largest absolute weight"}[p.Symmetric]
	if p.OwnScale {
		return ""
	}
	return " The scale ends at half of the " + ends + "; weights beyond it have the end's colour."
}

// draw puts the origin at the top left pixel of the first tile.
func (p Panel) draw() *Drawing {
	gap := image.Pt(4, 4)
	if p.Captions != nil {
		gap = image.Pt(12, 12)
	}
	tiles := make([]*Drawing, len(p.Tiles))
	for k := range tiles {
		tiles[k] = p.tile(k)
	}
	d := grid(p.Columns, gap, tiles)
	if p.Scale != "" {
		least, most := fmt.Sprintf("%.4g", p.Min), fmt.Sprintf("%.4g", p.Max)
		if p.OwnScale {
			least, most = "low", "high, each tile on its own scale"
		}
		d.place(scaleBar(p.Map, p.Scale+": "+least, most), image.Pt(0, d.Rect.Max.Y+14))
	}
	d.text(0, -30, 0, p.Heading, small, textColor)
	d.grow(image.Rect(0, -30, p.headingWidth, 0))
	return d
}

// tile draws tile k in a frame of one pixel, each value a square in its colour and nothing else, the caption below.
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
	for i, v := range p.Tiles[k] {
		t := 0.5 // where all is equal
		if low < high {
			t = (v - low) / (high - low)
		}
		d.fill(i%p.Width*zoom, i/p.Width*zoom, zoom, zoom, p.Map(t))
	}
	if p.Captions != nil {
		d.text(width/2, height+6, 0.5, p.Captions[k], small, textColor)
	}
	return d
}

// zoom is p.Zoom, or makes a tile about 168 pixels wide where few fill a row, 84 where many do, and less where the row
// would be wider than 1540 or the tile more than twice as high.
func (p Panel) zoom() int {
	columns := max(1, min(p.Columns, len(p.Tiles)))
	side := min(max(84, 600/columns), 168, 1540/columns-4)
	return cmp.Or(p.Zoom, max(1, min(side/p.Width, 2*side/p.Height)))
}

// scaleBar draws the whole of a map in 256 steps, with words for its ends.
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

// A Film has the frames of an animation: all up to 60, or fewer if they are large; then every second, every fourth and
// so on; and always the newest.
type Film struct {
	Frames        []Panel
	Notes         string // for all of them
	added, sparse int    // every 2^sparse-th of those added is kept
}

// Add appends a frame.
func (f *Film) Add(p Panel) {
	if newest := len(f.Frames) - 1; newest >= 0 && (f.added-1)%(1<<f.sparse) != 0 {
		f.Frames = f.Frames[:newest] // it was there only as the newest
	}
	f.Frames, f.added = append(f.Frames, p), f.added+1
	half := max(1, min(30, 5_000_000/max(1, len(p.Tiles)*p.Width*p.Height))) // at most 80 MB in all frames
	if len(f.Frames) > 2*half {
		for i := range half + 1 {
			f.Frames[i] = f.Frames[2*i]
		}
		f.Frames, f.sparse = f.Frames[:half+1], f.sparse+1
	}
}

// Animation writes panels as the frames of an endless GIF, half a second each and the last one longer. Their headings
// tell them apart. All have one geometry, the scale of the last one, and one colour table: 13 grays from text to page,
// the grid's among them, and 243 even steps of the last one's map, so that no tile has the nearest of other colours.
func Animation(w io.Writer, title, notes string, frames []Panel) error {
	if len(frames) == 0 {
		return fmt.Errorf("animation: no frames")
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
	film := gif.GIF{Config: image.Config{ColorModel: table}} // gif writes a table once if it finds the frames' here
	for _, p := range frames {
		p.Min, p.Max, p.Map, p.headingWidth = last.Min, last.Max, last.Map, widest
		sheet := Sheet(title, notes, 1, p)
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

// A Series is a line through the points (X[i], Y[i]). A point that is not finite leaves a gap.
type Series struct {
	Name string
	X, Y []float64
}

// A Chart draws its series over common axes, with the last value of each at its end.
type Chart struct {
	Title, XLabel, YLabel string
	Series                []Series
	Width, Height         int       // of the plot, in pixels; 0 is 760 × 420
	Format                string    // of the last values, as fmt has it; "" is %.6g
	Marks                 []float64 // x of vertical lines, which are called MarkName
	MarkName              string
}

// FunctionChart draws h from -6 to 6.
func FunctionChart(title, label string, h func(z float64) float64) Chart {
	var s Series
	for i := -300; i <= 300; i++ {
		z := float64(i) / 50
		s.X, s.Y = append(s.X, z), append(s.Y, h(z))
	}
	return Chart{Title: title, XLabel: "z", YLabel: label, Series: []Series{s}, Width: 300, Height: 240, Format: "%.3g"}
}

// With returns c with a line for each series that is not empty, its x counted from first.
func (c Chart) With(first int, names []string, series ...[]float64) Chart {
	for k, y := range series {
		if line := (Series{Name: names[k], Y: y}); len(y) > 0 {
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
	size := image.Pt(cmp.Or(c.Width, 760), cmp.Or(c.Height, 420))
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
			d.fill(int(at)-1, 0, 3, size.Y, textColor) // wider than the y axis, where it may be
			align := math.Round(at / float64(size.X))  // to the side where there is more room
			d.text(int(at-16*align)+8, 6, align, c.MarkName, small, textColor)
		}
	}
	left := textWidth(c.YLabel, small) + 36 // where the legend goes on
	for i, s := range c.Series {
		lineColor := lineColors[i%len(lineColors)]
		if len(c.Series) > 1 {
			d.fill(left, -27, 30, 4, lineColor)
			d.text(left+40, -32, 0, s.Name, small, textColor)
			left += 40 + textWidth(s.Name, small) + 36
		}
		d.curve(s, x, y, lineColor)
	}
	c.lastValues(d, size, y)
	return d
}

// curve draws a series as a smooth line; if it has few points, with a dot at each.
func (d *Drawing) curve(s Series, x, y axis, c color.RGBA) {
	mask := image.NewAlpha(d.Areas[0].Inset(-6)) // so that a line along the edge is seen in its full width
	for i := range s.X {
		ax, ay := x.at(s.X[max(i-1, 0)]), y.at(s.Y[max(i-1, 0)])
		bx, by := x.at(s.X[i]), y.at(s.Y[i])
		stroke(mask, ax, ay, bx, by, 1.5)
		if len(s.X) <= 30 {
			stroke(mask, bx, by, bx, by, 4)
		}
	}
	d.paint(mask, c)
}

// stroke marks a line with round ends from (ax, ay) to (bx, by). A pixel is covered where its centre is within radius
// of the line, and less and less over the next pixel: this makes the line smooth. A pixel keeps its highest mark, so
// that many short lines join to one.
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
			// The point nearest to (x, y) is the share t of the way from a to b. A dot has no length: hence 1e-9.
			t := min(max((px*dx+py*dy)/max(dx*dx+dy*dy, 1e-9), 0), 1)
			cover := min(max(radius+0.5-math.Hypot(px-t*dx, py-t*dy), 0), 1)
			mask.SetAlpha(x, y, color.Alpha{A: max(mask.AlphaAt(x, y).A, uint8(255*cover))})
		}
	}
}

// lastValues writes the last value of each series beside the plot, at the height where its line ends, or as far above
// as the values below need: from the bottom up, so that none gets among the labels of the x axis.
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
	for _, i := range order {
		if height := max(y.at(last(i)), 0); height < float64(lowest) { // which NaN is not
			lowest = int(height)
		}
		text := fmt.Sprintf(cmp.Or(c.Format, "%.6g"), last(i))
		if v := math.Abs(last(i)); v > 1e10 || v < 1e-6 && v > 0 {
			text = fmt.Sprintf("%.6g", last(i))
		}
		d.text(size.X+12, lowest-6, 0, text, small, lineColors[i%len(lineColors)])
		lowest -= 20
	}
}

// An axis maps values from low to high to pixels from first to last, and has labelled ticks at round values.
type axis struct {
	low, high, first, last float64
	ticks                  []float64
	labels                 []string
}

func (a axis) at(v float64) float64 { return a.first + (v-a.low)/(a.high-a.low)*(a.last-a.first) }

// newAxis begins and ends on ticks, at or just beyond low and high. The step from tick to tick is 1, 2 or 5 times a
// power of ten: the least such that is no less than leastStep and takes no more than most steps from low to high.
func newAxis(low, high, first, last float64, most int, leastStep float64) axis {
	least := max(leastStep, (high-low)/float64(most)*(1-1e-9)) // here and below 1e-9 makes up for rounding errors
	step := math.Pow(10, math.Floor(math.Log10(least)))
	for _, factor := range []float64{2, 2.5, 2} { // on to 2, 5 and 10 times the power
		if step < least {
			step *= factor
		}
	}
	from, to := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	a := axis{low: from * step, high: to * step, first: first, last: last}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9))) // as many as the step needs
	for k := from; k <= to; k++ {
		label := fmt.Sprintf("%.*f", decimals, k*step)
		if k == 0 || decimals > 4 || to*step >= 1e6 {
			label = fmt.Sprintf("%.12g", k*step) // has an exponent where that is shorter
		}
		a.ticks, a.labels = append(a.ticks, k*step), append(a.labels, label)
	}
	return a
}

// axes span the points of all series. The x axis counts epochs: its steps are whole. The y axis starts at 0 if that is
// not far away.
func (c Chart) axes(size image.Point) (x, y axis) {
	var xs, ys []float64
	for _, s := range c.Series {
		xs, ys = append(xs, s.X...), append(ys, s.Y...)
	}
	low, high := extent(xs)
	x = newAxis(low, high, 0, float64(size.X-1), 11, 1) // 760 pixels have room for labels of five digits
	if len(x.ticks) == 3 && high-low < 1 {              // a single epoch: there is none before and none after
		x.ticks, x.labels = x.ticks[1:2], x.labels[1:2]
	}
	low, high = extent(ys)
	if low > 0 && low < high/2 {
		low = 0
	}
	y = newAxis(low, high, float64(size.Y-1), 0, size.Y/60, 0)
	return x, y
}

// extent is the least and the greatest value, or a little around them where they are too close for an axis. Without any
// finite value it is NaN: then the axis has no ticks.
func extent(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if math.Abs(v) < 1e300 { // neither NaN nor infinite, nor so large that a difference could be
			low, high = min(low, v), max(high, v)
		}
	}
	if pad := cmp.Or(max(math.Abs(low), math.Abs(high))/10, 1); high-low < 1e-8*pad {
		return low - pad, high + pad
	}
	return low, high
}

// ---- Confusion matrix ----

// A Confusion is a matrix Counts[true*Classes+predicted]. Cells off the diagonal show counts. Their colours are shares
// of the row, on a scale to one and a half times the largest of them, so that errors show even if they are few. Cells on
// the diagonal show the recall, the percentage of the row that is right: beyond the scale, unless it is bad.
type Confusion struct {
	Counts  []int
	Classes int
}

const manyClasses = 48 // from here on there are no numbers in the cells, which are less than 42 pixels wide

// Notes explain a picture of c.
func (c Confusion) Notes() string {
	what := map[bool]string{true: "how many of them", false: "those that"}[c.Classes < manyClasses]
	return "A row has the examples of one true class. Off the diagonal: " + what + " are read as the column's class, " +
		"darker for a larger share of the row. On the diagonal: the recall, the percentage that is right."
}

// draw makes a panel with a tile of one value for each cell.
func (c Confusion) draw() *Drawing {
	// From one cell to the next, in pixels: 72 to 120, for 720 in all; with many classes 8 at least, for 2000 in all.
	pitch := min(max(720/c.Classes, 72), 120, max(2000/c.Classes, 8))
	if c.Classes < manyClasses {
		pitch = max(pitch, textWidth(strconv.Itoa(slices.Max(c.Counts)), small)+12)
	}
	p := Panel{Width: 1, Height: 1, Columns: c.Classes, Zoom: pitch - 6, Scale: "errors, % of the true class"}
	p.Map, _, _ = ColorMapByName("bone_r")
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
	p.Max = cmp.Or(min(1.5*p.Max, 100), 100)
	d := p.draw()
	side := d.Areas[len(d.Areas)-1].Max.X
	d.text(-12, -58, 1, "true", small, textColor)
	d.text(side/2, -58, 0.5, "predicted", small, textColor)
	d.text(side+90, -58, 1, "examples", small, textColor)
	every := (pitch + 35) / pitch // classes from one label to the next: at least 36 pixels
	for k, area := range d.Areas {
		percent, row, column := p.Tiles[k][0], k/c.Classes, k%c.Classes
		x, y := (area.Min.X+area.Max.X)/2, (area.Min.Y+area.Max.Y)/2-7
		if c.Classes < manyClasses && (c.Counts[k] > 0 || row == column && sums[row] > 0) {
			content, contrast := strconv.Itoa(c.Counts[k]), textColor
			if row == column {
				content = fmt.Sprintf("%.*f", pitch/64, percent) // a decimal where there is room
			}
			if percent > p.Max*0.4 { // where the map is dark
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
