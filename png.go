// This file draws the pictures: mosaics of tiles, line charts, the confusion matrix and the animation, with the colour
// maps and the bitmap font that they need. It takes numbers with their widths and heights, and gives an image.Image or
// writes a GIF. What the numbers mean it is told in words: titles, headings, captions and notes.
//
// From bottom to top: colours, letters, drawings (which grow with what is put on them), then a section for each picture.

package main

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ---- Colours ----

var (
	paper = color.RGBA{255, 255, 255, 255} // the page
	ink   = color.RGBA{51, 51, 51, 255}    // text and axes
	faint = color.RGBA{221, 221, 221, 255} // grid lines and the frames of tiles

	// lineColors differ in lightness as well as in hue, for readers who do not see the hue.
	lineColors = []color.RGBA{{23, 64, 122, 255}, {217, 115, 13, 255}, {160, 48, 112, 255}, {42, 157, 111, 255}}
)

// A ColorMap gives t in [0,1] its colour. What lies outside gets the colour of that end, NaN that of 0.
type ColorMap func(t float64) color.RGBA

// ColorMapNames lists the maps; a name with "_r" behind it is the same map reversed.
var ColorMapNames = []string{"gray", "pink", "bone", "coolwarm"}

// colorKnots has t, red, green and blue at each knot of a map, all in 255ths. In between lie straight lines. The colours
// are matplotlib's, to 2/255; coolwarm is from K. Moreland, "Diverging Color Maps for Scientific Visualization", 2009.
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
		i := 1
		for knots[i][0] < t {
			i++
		}
		a, b := knots[i-1], knots[i]
		mix := func(c int) uint8 { return uint8(math.Round(a[c] + (b[c]-a[c])*(t-a[0])/(b[0]-a[0]))) }
		return color.RGBA{mix(1), mix(2), mix(3), 255}
	}, base == "coolwarm", ok
}

// ---- Letters ----

// font has one word a glyph: the character itself, then its rows from the top, each row five pixels read as a base-32
// digit with the leftmost pixel as 16. So A is 4ahhvhh: 4 is ..#.., a is .#.#., h is #...#, v is #####. Letters stand on
// the seventh row, the eighth is for descenders, and rows left out at the end are empty.
const font = `
!4444404 "aaa #aavavaa $4fke5u4 %op248j3 &cik8lid '444 (2488842 )8422248 *04lel4 +044v44 ,00000c48 -000e .00000cc /122488g
0ehhhhhe 14c4444e 2eh1248v 3eh161he 426aiv22 5vgu11he 668guhhe 7v124888 8ehhehhe 9ehhf12c :0cc0cc ;0cc0c48 <248g842 =00v0v
>8421248 ?eh12404 @ehnlnge A4ahhvhh Buhhuhhu Cehggghe Duhhhhhu Evgguggv Fvgguggg Gehgnhhf Hhhhvhhh Ie44444e J72222ic Khikokih
Lggggggv Mhrllhhh Nhhpljhh Oehhhhhe Puhhuggg Qehhhlid Ruhhukih Sfgge11u Tv444444 Uhhhhhhe Vhhhhha4 Whhhllla Xhha4ahh Yhhha444
Zv1248gv [e88888e \g884221 ]e22222e ^4ah _0000000v a00e1fhf bgguhhhu c00ehghe d11fhhhf e00ehvge f698s888 g00fhhf1e hggmphhh
i40c444e j206222ic kggikoki lc44444e m00qllll n00mphhh o00ehhhe p00uhhugg q00fhhf11 r00mpggg s00fge1u t88s8896 u00hhhjd
v00hhha4 w00hhlla x00ha4ah y00hhhf1e z00v248v {2448442 |4444444 }8442448 ~008l2 →042v24 ×0ha4ah ±44v440v ·000cc ²c24e
−000v –000v …000000l ≤248420e ≥842480e Σvg848gv α00diiid δ684ehhe η00mphhh1 θ4ahvha4 σ00fihhe ` + "`84"

// glyphs holds the rows of each character.
var glyphs = func() map[rune]string {
	rows := map[rune]string{' ': "0"}
	for _, word := range strings.Fields(font) {
		glyph := []rune(word)
		rows[glyph[0]] = string(glyph[1:])
	}
	return rows
}()

// margin is the empty border of a picture, in pixels. small and large are the sizes of text, in pixels of the picture
// to a pixel of the font: the title is large, all else small.
const margin, small, large = 28, 2, 3

// A character takes six pixels of the font across, the last one empty, and a line eleven down, the last three empty.
func textWidth(line string, scale int) int { return max(0, 6*len([]rune(line))-1) * scale }

// wrap breaks s between words into lines at most width pixels wide. A longer word keeps a line of its own.
func wrap(s string, width, scale int) string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && textWidth(line+" "+word, scale) > width {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// ---- Drawings ----

// A drawing is a list of things to paint and the rectangle that they cover. It has no edge: it grows with what is put on
// it, to the left of its origin (0,0) and above it too, so that nothing is ever clipped. Drawings are put on drawings,
// and the outermost becomes the picture.
type drawing struct {
	bounds image.Rectangle
	parts  []func(img draw.Image, at image.Point) // at: where the origin lies on the image
	areas  []image.Rectangle                      // where the data are: tiles, plots, cells
}

func (d *drawing) add(r image.Rectangle, paint func(img draw.Image, at image.Point)) {
	d.bounds = d.bounds.Union(r)
	d.parts = append(d.parts, paint)
}

func (d *drawing) fill(r image.Rectangle, c color.RGBA) {
	d.add(r, func(img draw.Image, at image.Point) { fill(img, r.Add(at), c) })
}

func fill(img draw.Image, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// square is the pixel (x, y) magnified: its corner and its sides are multiples of side.
func square(x, y, side int) image.Rectangle {
	return image.Rect(x*side, y*side, (x+1)*side, (y+1)*side)
}

// text puts lines on d, the first with its top at y. The share align (0, 0.5 or 1) of each line is to the left of x.
// Characters that the font lacks become question marks.
func (d *drawing) text(x, y int, align float64, s string, scale int, c color.RGBA) {
	for _, line := range strings.Split(s, "\n") {
		width := textWidth(line, scale)
		corner := image.Pt(x-int(align*float64(width)), y)
		d.bounds = d.bounds.Union(image.Rectangle{corner, corner.Add(image.Pt(width, 8*scale))})
		for i, r := range []rune(line) {
			for row, digit := range cmp.Or(glyphs[r], glyphs['?']) {
				bits, _ := strconv.ParseUint(string(digit), 32, 5)
				for column := 0; column < 5; column++ {
					if bits&(16>>column) != 0 {
						d.fill(square(6*i+column, row, scale).Add(corner), c)
					}
				}
			}
		}
		y += 11 * scale
	}
}

// place puts a whole drawing on d, its origin at p.
func (d *drawing) place(other *drawing, p image.Point) {
	for _, area := range other.areas {
		d.areas = append(d.areas, area.Add(p))
	}
	d.add(other.bounds.Add(p), func(img draw.Image, at image.Point) {
		for _, paint := range other.parts {
			paint(img, at.Add(p))
		}
	})
}

// grid sets drawings in rows of equal columns, their origins in line. The first origin is the grid's.
func grid(columns int, gap image.Point, cells []*drawing) *drawing {
	columns = max(columns, 1)
	left, right := 0, 0
	for _, cell := range cells {
		left, right = max(left, -cell.bounds.Min.X), max(right, cell.bounds.Max.X)
	}
	d := &drawing{}
	for start := 0; start < len(cells); start += columns {
		row := cells[start:min(start+columns, len(cells))]
		y := 0
		for _, cell := range row {
			if start > 0 {
				y = max(y, d.bounds.Max.Y+gap.Y-cell.bounds.Min.Y)
			}
		}
		for i, cell := range row {
			d.place(cell, image.Pt(i*(left+right+gap.X), y))
		}
	}
	return d
}

// A Picture is an image, and where on it the data lie: the tiles of a Panel, the plot of a Chart, the cells of a Confusion.
type Picture struct {
	*image.RGBA
	Areas []image.Rectangle
}

// A Part of a picture is a Panel, a Chart or a Confusion.
type Part interface{ draw() *drawing }

// Sheet draws parts, columns of them side by side, between title and notes.
func Sheet(title string, notes []string, columns int, parts ...Part) Picture {
	cells := make([]*drawing, len(parts))
	for i, p := range parts {
		cells[i] = p.draw()
	}
	body, head, foot := grid(columns, image.Pt(40, 32), cells), &drawing{}, &drawing{}
	width := max(body.bounds.Max.X, 640) // of the text, which must not widen the picture much
	head.text(0, 0, 0, wrap(title, width, large), large, ink)
	foot.text(0, 0, 0, wrap(strings.Join(notes, "\n"), width, small), small, ink)
	page := grid(1, image.Pt(0, 24), []*drawing{head, body, foot})

	framed := &drawing{}
	framed.place(page, image.Pt(margin, margin).Sub(page.bounds.Min))
	img := image.NewRGBA(image.Rectangle{Max: framed.bounds.Max.Add(image.Pt(margin, margin))})
	fill(img, img.Rect, paper)
	framed.parts[0](img, image.Point{})
	return Picture{img, framed.areas}
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
	Symmetric bool    // with OwnScale: from -m to m, where m is the tile's greatest absolute value
	Scale     string  // what the values are, written beside the scale bar; "" draws no bar
}

// draw puts the origin at the top left pixel of the first tile.
func (p Panel) draw() *drawing {
	tiles := make([]*drawing, len(p.Tiles))
	gap := image.Pt(4, 4)
	for k := range tiles {
		tiles[k] = p.tile(k)
		if k < len(p.Captions) {
			area := tiles[k].areas[0]
			tiles[k].text(area.Max.X/2, area.Max.Y+6, 0.5, p.Captions[k], small, ink)
			gap = image.Pt(12, 12)
		}
	}
	d := grid(p.Columns, gap, tiles)
	if p.Scale != "" {
		least, most := fmt.Sprintf("%.4g", p.Min), fmt.Sprintf("%.4g", p.Max)
		if p.OwnScale {
			least, most = "low", "high, each tile on its own scale"
		}
		d.place(scaleBar(p.Map, p.Scale+": "+least, most), image.Pt(0, d.bounds.Max.Y+14))
	}
	d.text(0, -30, 0, p.Heading, small, ink)
	return d
}

// tile draws tile k: each value a square in the value's colour and nothing else, all in a frame of one pixel.
func (p Panel) tile(k int) *drawing {
	zoom := p.zoom()
	area := image.Rect(0, 0, p.Width*zoom, p.Height*zoom)
	d := &drawing{areas: []image.Rectangle{area}}
	d.fill(area.Inset(-1), faint)
	low, high := p.Min, p.Max
	if p.OwnScale {
		low, high = slices.Min(p.Tiles[k]), slices.Max(p.Tiles[k])
		if p.Symmetric {
			low, high = min(low, -high), max(high, -low)
		}
	}
	d.add(area, func(img draw.Image, at image.Point) {
		for i, v := range p.Tiles[k] {
			t := 0.5 // where all is equal
			if low < high {
				t = (v - low) / (high - low)
			}
			fill(img, square(i%p.Width, i/p.Width, zoom).Add(at), p.Map(t))
		}
	})
	return d
}

// zoom makes a tile at least 84 pixels long, and up to 168 where few fill a row, but a row no wider than a slide.
func (p Panel) zoom() int {
	if p.Zoom > 0 {
		return p.Zoom
	}
	columns, side := max(1, min(p.Columns, len(p.Tiles))), max(p.Width, p.Height)
	zoom := max((84+side-1)/side, min(168/side, 600/(columns*side)))
	return max(1, min(zoom, (1540/columns-4)/p.Width))
}

// scaleBar draws the whole of a map in 256 steps, with words for its ends.
func scaleBar(m ColorMap, least, most string) *drawing {
	d := &drawing{}
	d.text(0, 1, 0, least, small, ink)
	left := d.bounds.Max.X + 10
	d.fill(image.Rect(left-1, -1, left+257, 17), faint)
	for x := 0; x < 256; x++ {
		d.fill(image.Rect(left+x, 0, left+x+1, 16), m(float64(x)/255))
	}
	d.text(left+266, 1, 0, most, small, ink)
	return d
}

// Animation writes panels as the frames of an endless GIF, half a second each and the last one longer. Their headings
// tell them apart. All have one geometry and one colour table: paper, ink, faint, and 253 even steps of the first
// panel's map, so that no colour is approximated by another.
func Animation(w io.Writer, title string, notes []string, frames []Panel) error {
	if len(frames) == 0 {
		return fmt.Errorf("animation: no frames")
	}
	const steps = 252
	smooth := frames[0].Map
	stepped := func(t float64) color.RGBA { return smooth(math.Round(t*steps) / steps) }
	table, index := color.Palette{paper, ink, faint}, map[color.RGBA]uint8{paper: 0, ink: 1, faint: 2}
	for i := 0; i <= steps; i++ {
		c := stepped(float64(i) / steps)
		index[c] = uint8(len(table))
		table = append(table, c)
	}
	longest := 0
	for _, p := range frames {
		longest = max(longest, len(p.Heading))
	}
	film := gif.GIF{Config: image.Config{ColorModel: table}} // gif writes a table once if it finds the frames' here
	for _, p := range frames {
		p.Heading = fmt.Sprintf("%-*s", longest, p.Heading) // so that all frames are equally wide
		p.Map = stepped
		img := Sheet(title, notes, 1, p).RGBA
		frame := image.NewPaletted(img.Rect, table)
		for i := range frame.Pix {
			frame.Pix[i] = index[color.RGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], 255}]
		}
		film.Image, film.Delay = append(film.Image, frame), append(film.Delay, 50) // hundredths of a second
		film.Config.Width, film.Config.Height = img.Rect.Dx(), img.Rect.Dy()
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
	Width, Height         int    // of the plot, in pixels; 0 is 760 × 420
	Format                string // of the last values, as fmt has it; "" is %.6g
}

// draw puts the origin at the top left pixel of the plot.
func (c Chart) draw() *drawing {
	size := image.Pt(cmp.Or(c.Width, 760), cmp.Or(c.Height, 420))
	x, y := c.axes(size)
	d := &drawing{areas: []image.Rectangle{{Max: size}}}
	for i, v := range x.ticks {
		at := int(math.Round(x.at(v)))
		d.fill(image.Rect(at, 0, at+1, size.Y), faint)
		d.text(at, size.Y+10, 0.5, x.labels[i], small, ink)
	}
	for i, v := range y.ticks {
		at := int(math.Round(y.at(v)))
		d.fill(image.Rect(0, at, size.X, at+1), faint)
		d.text(-10, at-6, 1, y.labels[i], small, ink)
	}
	d.fill(image.Rect(0, 0, 1, size.Y), ink)
	d.fill(image.Rect(0, size.Y-1, size.X, size.Y), ink)
	d.text(size.X/2, size.Y+36, 0.5, c.XLabel, small, ink)
	d.text(0, -62, 0, c.Title, small, ink)

	legend := &drawing{}
	legend.text(0, 0, 0, c.YLabel, small, ink)
	for i, s := range c.Series {
		if left := legend.bounds.Max.X + 36; len(c.Series) > 1 {
			legend.fill(image.Rect(left, 5, left+30, 9), lineColor(i))
			legend.text(left+40, 0, 0, s.Name, small, ink)
		}
		d.curve(s, x, y, lineColor(i))
	}
	d.place(legend, image.Pt(0, -32))
	c.lastValues(d, size, y)
	return d
}

func lineColor(i int) color.RGBA { return lineColors[i%len(lineColors)] }

// curve draws a series as a smooth line; if it has few points, with a dot at each.
func (d *drawing) curve(s Series, x, y axis, c color.RGBA) {
	mask := image.NewAlpha(d.areas[0].Inset(-6)) // so that a line along the edge is seen in its full width
	for i := range s.X {
		ax, ay := x.at(s.X[max(i-1, 0)]), y.at(s.Y[max(i-1, 0)])
		bx, by := x.at(s.X[i]), y.at(s.Y[i])
		stroke(mask, ax, ay, bx, by, 1.5)
		if len(s.X) <= 30 {
			stroke(mask, bx, by, bx, by, 4)
		}
	}
	d.add(mask.Rect, func(img draw.Image, at image.Point) {
		draw.DrawMask(img, mask.Rect.Add(at), image.NewUniform(c), image.Point{}, mask, mask.Rect.Min, draw.Over)
	})
}

// stroke marks a line with round ends from (ax, ay) to (bx, by). A pixel is covered where its centre is within radius of
// the line, and less and less over the next pixel: this makes the line smooth. A pixel keeps its highest mark, so that
// many short lines join to one.
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
			t := 0.0 // the line's point nearest to (x, y) is the share t of the way from a to b
			if length2 := dx*dx + dy*dy; length2 > 0 {
				t = min(max((px*dx+py*dy)/length2, 0), 1)
			}
			cover := min(max(radius+0.5-math.Hypot(px-t*dx, py-t*dy), 0), 1)
			mask.SetAlpha(x, y, color.Alpha{A: max(mask.AlphaAt(x, y).A, uint8(255*cover))})
		}
	}
}

// lastValues writes the last value of each series beside the plot, at the height where its line ends, or as far above as
// the values below need: from the bottom up, so that none gets among the labels of the x axis.
func (c Chart) lastValues(d *drawing, size image.Point, y axis) {
	heights := map[int]float64{} // of each series by its number
	var order []int
	for i, s := range c.Series {
		if n := len(s.Y); n > 0 {
			heights[i] = max(y.at(s.Y[n-1]), 0)
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(heights[j], heights[i]) })
	lowest := float64(size.Y - 8)
	for _, i := range order {
		if heights[i] < lowest { // which NaN is not
			lowest = heights[i]
		}
		last := c.Series[i].Y[len(c.Series[i].Y)-1]
		d.text(size.X+12, int(lowest)-6, 0, fmt.Sprintf(cmp.Or(c.Format, "%.6g"), last), small, lineColor(i))
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

// newAxis begins and ends on ticks, at or just beyond low and high.
func newAxis(low, high, first, last, step float64) axis {
	from, to := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	a := axis{low: from * step, high: to * step, first: first, last: last}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9))) // as many as the step needs
	for k := from; k <= to; k++ {
		label := strconv.FormatFloat(k*step, 'f', decimals, 64)
		if k == 0 || decimals > 4 || to*step >= 1e6 {
			label = strconv.FormatFloat(k*step, 'g', 10, 64) // has an exponent where that is shorter
		}
		a.ticks, a.labels = append(a.ticks, k*step), append(a.labels, label)
	}
	return a
}

// axes span the points of all series, x with as many ticks as there is room for. The y axis starts at 0 if that is not
// far away.
func (c Chart) axes(size image.Point) (x, y axis) {
	var xs, ys []float64
	for _, s := range c.Series {
		xs, ys = append(xs, s.X...), append(ys, s.Y...)
	}
	whole := !slices.ContainsFunc(xs, func(v float64) bool { return v != math.Trunc(v) }) // no ticks between epochs
	low, high := extent(xs)
	for most := 11; most > 1; most-- {
		x = newAxis(low, high, 0, float64(size.X-1), roundStep(low, high, most, whole))
		n := len(x.labels)
		if (max(textWidth(x.labels[0], small), textWidth(x.labels[n-1], small))+24)*(n-1) < size.X {
			break
		}
	}
	low, high = extent(ys)
	if low > 0 && low < high/2 {
		low = 0
	}
	y = newAxis(low, high, float64(size.Y-1), 0, roundStep(low, high, size.Y/60, false))
	return x, y
}

// extent is the least and the greatest value, or a little around them where they are too close for an axis.
func extent(values []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if math.Abs(v) < 1e300 { // neither NaN nor infinite, nor so large that a difference could be
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return 0, 1
	}
	pad := max(math.Abs(low), math.Abs(high)) / 10
	if pad < 1e-200 {
		pad = 1
	}
	if high-low < 1e-8*pad {
		return low - pad, high + pad
	}
	return low, high
}

// roundStep is the least step of 1, 2 or 5 times a power of ten that goes at most so many times from low to high.
func roundStep(low, high float64, most int, whole bool) float64 {
	least := (high - low) / float64(most) * (1 - 1e-9)
	if whole {
		least = max(least, 1)
	}
	step := math.Pow(10, math.Ceil(math.Log10(least)))
	for _, divisor := range []float64{5, 2} {
		if step/divisor >= least {
			return step / divisor
		}
	}
	return step
}

// ---- Confusion matrix ----

// A Confusion is a matrix Counts[true*Classes+predicted], drawn in percent of each row. Half a percent or more is written
// in its cell, and beside each row its recall, the share on the diagonal.
type Confusion struct {
	Counts  []int
	Classes int
	Map     ColorMap
}

// draw makes a panel with a tile of one value for each cell.
func (c Confusion) draw() *drawing {
	pitch := min(max(720/c.Classes, 72), 120, max(1700/c.Classes, 8)) // from one cell to the next, in pixels
	p := Panel{Width: 1, Height: 1, Columns: c.Classes, Zoom: pitch - 6, Map: c.Map, Max: 100, Scale: "% of the true class"}
	for row := 0; row < c.Classes; row++ {
		counts, sum := c.Counts[row*c.Classes:][:c.Classes], 0
		for _, n := range counts {
			sum += n
		}
		for _, n := range counts {
			p.Tiles = append(p.Tiles, []float64{100 * float64(n) / float64(sum)}) // NaN if the class has no examples
		}
	}
	d := p.draw()
	side := d.areas[len(d.areas)-1].Max.X
	d.text(-12, -58, 1, "true", small, ink)
	d.text(side/2, -58, 0.5, "predicted", small, ink)
	d.text(side+90, -58, 1, "recall", small, ink)
	every := int(roundStep(0, float64(c.Classes-1), max(1, side/36), true)) // classes from one label to the next
	for k, area := range d.areas {
		percent, row, column := p.Tiles[k][0], k/c.Classes, k%c.Classes
		x, y := (area.Min.X+area.Max.X)/2, (area.Min.Y+area.Max.Y)/2-7
		if percent >= 0.5 && pitch >= 36 {
			text, contrast := strconv.FormatFloat(percent, 'f', pitch/64, 64), ink // a decimal where there is room
			if color.GrayModel.Convert(c.Map(percent/100)).(color.Gray).Y < 128 {
				contrast = paper
			}
			d.text(x, y, 0.5, text, small, contrast)
		}
		if row == column && row%every == 0 {
			d.text(-12, y, 1, strconv.Itoa(row), small, ink)
			d.text(x, -28, 0.5, strconv.Itoa(row), small, ink)
			recall := strings.Replace(fmt.Sprintf("%.1f%%", percent), "NaN%", "none", 1)
			d.text(side+90, y, 1, recall, small, ink)
		}
	}
	return d
}
