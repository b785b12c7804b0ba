// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// Digits without a data file: images drawn by code with the accidents of handwriting, and picture files read and
// normalized. Both follow MNIST's conventions. How people write each digit, and how far their hands stray, was found by
// looking at MNIST's training images, above all at those that a network misread. Where a step says "2.0 points", a
// network of 100 hidden units, trained on 60,000 drawn digits, reads 2.0 percentage points less of those images without
// it.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // the kinds of picture that image.Decode knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

const digitSide = 28 // an image of a digit has 28x28 pixels; the ink spans 20x20 at most

// ---- Drawing digits ----

// handTable lists ways in which people write each digit: how often, from 1 to 9, and the pen's path, a pair of letters
// a point: a to z from left to right, and from top to bottom. The path is a smooth curve through the points; a point
// given twice is a corner, and "/" lifts the pen.
const handTable = `
0 9qakbfhcoewkzrvwmvdqa 8pdjbcjfvozvtwiqakchf 2ofjccjfuozvtvjqckfjj 1qakbfhcoewkzrvwmvdqa/sgit
0 1tekbehcoewkzrvwmvdnailoq 1wbndfgcpiyqyvovfqbia
1 9pammkz 4uammfz 4oamz/laky 2igpapaommz/bzyz 2kfpapammkz 1igpapaommz/fzuz 1kfpapammkz
2 9gelaqauftmlveybuirpuyw 6cciaoasdpjjsbzbzlyyy 4cfiaqfromxgzbtenmmsrxw 3idmaqfpllugyewiupxvy 3egjbqbtgppjycweslstxyw
2 3hflbqaueslkufycuirpuyw 3egkasdqkkreyeymwwv 3hdnarfpnkwfzdvhsprwm 3gflapfmohxhxqxxz 2egjcpctfqkjsbwbwmwzw
2 2jfmaqfopiyiypxyx 2ciibscvjpsiycvgtovwy 2bkgiljincscsmqzq 2bcmavgrqiycthnqnzo 2gidekasdrkksdzdzmxzy
3 9ebpatekkkkuouvkzbw 7fcmatepjklklspsvlzew 7ccmatdpjimimumxtpycy 4gemaueqkkmokuouumzcv 4cckaucsijmjmtovumycx
3 4edmasflllltqqxizbw 4eemateokjnhloluqswkzcw 3jemaravdsimmmmsottmzex 3ccmataskkmhohkmjukuskzbw 3hflaqdojhkhkrnutnzcx
3 3ccmavfrlilnorulzex 2gapawawaqglklksmsslzdx 2agjaudqjimpqlwcz 2heddlasdqjilslvrqxizaw
4 9jaelkntk/waqmlz 7gaehfmlnrk/varlmz 7iafgememmnvm/varmnz 5gbbmbmyl/tbqmqz 4cablgopmwl/uctpsz 3ozrmuauamieqeqmqvq
4 3qaijbqbqmqzq/qaqmoz 3qzrksasaeoeokpsn 3eadkhpqluauarmqz 2iaelelmkvk/qaomlz 2qadqdqwp/qarz 2kabpbpyn/tbpmnz
5 9yapbidfklmqslygzbw 9vaobgcgcelellkuouvlzbw 8zcqekekeililoootjybw 7wajbjbgkgkpjwpsxjzcv 4yaqalblbglglnjsnpvizbx
5 4zajfjfhmhmnnpsjzaw 3tbjbibflfloktosumyey 3vbmagcfimkvpvvmycx 3tbgcgcfknktqnyfzctio 3wbhbbkbkmhwlxtozcy
5 3fbfkfkokvrnzbx/ibzb 2zbpblcjljlqmqtkxcz 2zbocldjkjkplqskwby 2vakakalhppnxfzas 2fbhifnqlttnz/cbza
6 9lagicqfypxuumsiv 9iadicrgyozvuuqpokqiw 6najifqgxlzsvuqqokpfv 6uaoehnfuizoyttrompgu 3taiecofwozsvprkrgu
6 3caakeulzuwyqtmmplv 3caaoexmzvvxorklopvzw 3cacmeynzxuvnmmds 3tfnagdcnewmzuusolnhs 2uamfimivlypvprlsjw
7 9edmaubthoqkz 8ebmavavanmgz 6eejbtbvgsppz 5bcicubweqmmz 3cgfcocvbqmoz 3dffafanawawapklz 3ckfbfbpavbvbumtz
7 3ebmavavanmjz/gntl 3cjdcdcndxaxapmkz 3ahfbnasfqpkz 3dcdhdbdbwbwblz/fmwl 3ebsaxbxbqnlz/emyl 2ccicscucomjz/fmum
7 2ciebebmbvbvbqmmz/gowm 2bbbiikwawanz 2cdncvbqlkz/enyl 2cccgccccwbwbqnjz/hmwn 1abqbzhrqhz
8 9tdmahekkqppwkygvjqpjud 6wbmbffjlpqqwlzivlpsiwa 6teqakcihmmqqqwkzfwhqmmshuc 5scoajdgilmpqpvkzfwhrmlsgtc
8 5zeqajciiomsspxkzgwkpsiuc 5zdqbieijpqoxgwiqpjue 5ufoagacfhjnnsspylzgwhrnmug 4qaicfinmuiucqa/nmfpewkztwupnm
8 4tblagfllussyiyfuloug 3vbmbfejkqotumygwgrmlugwc 3mmfibdkatcuhmmdrcwlzvvtpmm 2faigomrsoyiygslmsgwa 2dznnrflaffkmuz
9 9sepakcfiimokseseqomz 8uepaiceiimqkududtoqz 6udlacgimqkvevespoz 5vdobiegkmltiucsomz 3vcmbcfflpkvevetopz
9 3vbmaeeejnlshrokz 3sekacfgkqjseuorxhzbv 3tfkafeghohvdqoiz 2teqakchikmqkududsonzfy 2sckbffgkmkrgscqmpy
9 2olelafhaqaymuwlzas 2tgnacgdnlotkuhvqxz 2sdkabigopksesevqzz
`

// GenerateDigits draws n digits as images of 28x28 gray pixels, as MNIST stores them: 0 is background. Image i has a
// random generator of its own, so neither n nor the number of workers changes it. A digit takes 785 bytes of memory;
// n is at most math.MaxInt/784, and below 1 gives none.
func GenerateDigits(n int, seed uint64, workers int) (pixels, labels []byte) {
	n = max(0, n)
	pixels, labels = make([]byte, n*digitSide*digitSide), make([]byte, n)
	var ways [10][]string // each digit's paths of the pen, still as letters, the frequent ones repeatedly
	for _, line := range strings.Split(strings.TrimSpace(handTable), "\n") {
		words := strings.Fields(line)
		digit := words[0][0] - '0'
		for _, word := range words[1:] {
			for range word[0] - '0' {
				ways[digit] = append(ways[digit], word[1:])
			}
		}
	}
	workers = max(1, min(workers, n))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < n; i += workers {
				rng := rand.New(rand.NewPCG(seed, uint64(i)))
				digit := rng.IntN(10)
				labels[i] = byte(digit)
				way := ways[digit][rng.IntN(len(ways[digit]))]
				copy(pixels[i*digitSide*digitSide:], drawPaths(movePen(way, rng), rng))
			}
		}()
	}
	wg.Wait()
	return pixels, labels
}

type point struct{ x, y float64 }

// movePen follows a way of handTable as a hand would, never twice alike, to paths about 1 wide and high around (0, 0).
func movePen(way string, rng *rand.Rand) (paths [][]point) {
	normal := rng.NormFloat64
	stray := func() float64 { return 0.08 * normal() }

	// The pose is aspect, slant (0.9 points) and rotation. The terms below bend the plane by these amounts, in x and in y.
	aspect, slant, turn := math.Exp(0.2*normal()), 0.28*normal(), 0.15*normal()
	var bend [7]point
	for i := range bend {
		bend[i] = point{0.2 * normal(), 0.2 * normal()}
	}
	for _, stroke := range strings.Split(way, "/") {
		var path []point
		var pen point
		// Points stray from their place (2.0 points), neighbours in similar directions (0.6).
		ex, ey := stray(), stray()
		for i := 0; i < len(stroke); i += 2 {
			if i == 0 || stroke[i:i+2] != stroke[i-2:i] { // at a corner's second point the pen stays
				x, y := float64(stroke[i]-'a')/25-0.5+ex, float64(stroke[i+1]-'a')/25-0.5+ey
				ex, ey = 0.6*ex+stray(), 0.6*ey+stray()
				pen = point{aspect*x + slant*y, turn*x + y}
				xx, xy, yy := x*x, x*y, y*y
				for k, term := range [7]float64{xx, xy, yy, 2 * xx * x, 2 * xx * y, 2 * x * yy, 2 * yy * y} {
					pen.x += bend[k].x * term
					pen.y += bend[k].y * term
				}
			}
			path = append(path, pen)
		}
		paths = append(paths, smoothPath(path))
	}
	return paths
}

// smoothPath samples the Catmull-Rom curve through the points, four to a span. A span without length is a corner.
func smoothPath(points []point) []point {
	path := []point{points[0]}
	for i, end := range points[1:] {
		before, start, after := points[max(i-1, 0)], points[i], points[min(i+2, len(points)-1)]
		for t := 0.25; t <= 1 && start != end; t += 0.25 {
			at := func(a, b, c, d float64) float64 { return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a))) }
			path = append(path, point{at(before.x, start.x, end.x, after.x), at(before.y, start.y, end.y, after.y)})
		}
	}
	return path
}

// drawPaths scales paths of any size to the digit's box, 20x20 pixels from (4, 4), and inks them.
func drawPaths(paths [][]point, rng *rand.Rand) []byte {
	lo, hi := paths[0][0], paths[0][0]
	for _, p := range slices.Concat(paths...) {
		lo = point{min(lo.x, p.x), min(lo.y, p.y)}
		hi = point{max(hi.x, p.x), max(hi.y, p.y)}
	}
	// The pen's width, and how it changes with the place (pressure) and the direction (nib): 5.0 points.
	normal := rng.NormFloat64
	width := 2.25 * math.Exp(0.33*normal())
	pressX, pressY, nibX, nibY := 0.5*normal(), 0.5*normal(), 0.2*normal(), 0.2*normal()
	margin := 4.15 + width/2 // 4 to the box, 0.15 for the soft edge
	scale := (digitSide - 2*margin) / max(hi.x-lo.x, hi.y-lo.y)
	var ink inkImage
	for _, path := range paths {
		for i, p := range path {
			path[i] = point{(p.x-lo.x)*scale + margin, (p.y-lo.y)*scale + margin}
		}
		for i, b := range path[1:] {
			a := path[i]
			dx, dy := b.x-a.x, b.y-a.y
			w := 1 + pressX*(b.x-14)/20 + pressY*(b.y-14)/20 +
				(nibX*(dx*dx-dy*dy)+nibY*2*dx*dy)/(dx*dx+dy*dy+1e-9)
			ink.line(a, b, width/2*min(2, max(0.4, w)))
		}
	}
	return ink.centred()
}

// inkImage is an image of a digit in the making, row by row: 0 is paper, 1 is ink.
type inkImage [digitSide * digitSide]float64

// line inks what lies within r of the line from a to b, in the digit's box; the edge fades over a pixel.
func (ink *inkImage) line(a, b point, r float64) {
	r += 0.5
	dx, dy := b.x-a.x, b.y-a.y
	length2 := dx*dx + dy*dy + 1e-9 // squared, and never 0
	left, right := max(4, int(min(a.x, b.x)-r)), min(23, int(max(a.x, b.x)+r))
	top, bottom := max(4, int(min(a.y, b.y)-r)), min(23, int(max(a.y, b.y)+r))
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			px, py := float64(x)+0.5-a.x, float64(y)+0.5-a.y
			t := min(1, max(0, (px*dx+py*dy)/length2)) // the nearest place on the line
			px, py = px-t*dx, py-t*dy
			i := y*digitSide + x
			ink[i] = max(ink[i], min(1, r-math.Sqrt(px*px+py*py)))
		}
	}
}

// centred moves the ink by whole pixels to bring its centre of mass to (14, 14), and returns it as bytes. MNIST
// counts a pixel as being at its index, so half a pixel off the middle.
func (ink *inkImage) centred() []byte {
	var mass, sumX, sumY float64
	for i, v := range ink {
		mass += v
		sumX += v * float64(i%digitSide)
		sumY += v * float64(i/digitSide)
	}
	shiftX, shiftY := 14-int(math.Round(sumX/mass)), 14-int(math.Round(sumY/mass))
	moved := image.NewGray(image.Rect(0, 0, digitSide, digitSide))
	for i, v := range ink { // SetGray ignores what leaves the image
		moved.SetGray(i%digitSide+shiftX, i/digitSide+shiftY, color.Gray{byte(v*255 + 0.5)})
	}
	return moved.Pix
}

// ---- Reading pictures ----

// DecodePicture reads a PNG, JPEG or GIF file from r and returns the digit that it shows as Normalize does: 784 bytes,
// 28x28 pixels row by row, light ink on black. It returns an error for a file that is damaged, of another kind or too
// large, and for a picture without ink. A phone's photo has 12 or 24 million pixels; as a JPEG it takes 3 to 15 MB. The
// worst file within the limits, a progressive JPEG in four colours, takes 730 MB of memory.
func DecodePicture(r io.Reader) ([]byte, error) {
	const mostBytes, mostPixels = 64 << 20, 24 << 20
	file, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w, expected a file that can be read", err)
	}
	if len(file) > mostBytes {
		return nil, fmt.Errorf("a file of more than %d MiB, expected a picture in at most that", mostBytes>>20)
	}
	// Phones and web pages use two more kinds, which the standard library cannot read.
	heic := len(file) >= 12 && string(file[4:8]) == "ftyp"
	webp := len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP"
	if heic || webp {
		return nil, errors.New("a picture of kind HEIC, AVIF or WebP, expected PNG, JPEG or GIF: export it as JPEG or PNG")
	}
	// The header comes first: a picture that is too large is refused before it takes memory.
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	if int64(config.Width)*int64(config.Height) > mostPixels {
		return nil, fmt.Errorf("%dx%d pixels, expected at most %d", config.Width, config.Height, mostPixels)
	}
	var picture image.Image
	if err == nil {
		picture, _, err = image.Decode(bytes.NewReader(file))
	}
	if err != nil {
		return nil, fmt.Errorf("%w, expected a whole PNG, JPEG or GIF file", err)
	}
	return Normalize(picture)
}

// Normalize brings a picture of a digit to MNIST's conventions: 28x28 pixels, light ink on black, its box shrunk (or
// grown) to 20x20, its centre of mass in the centre. A pixel is ink as far as it differs from the paper around it in
// red, green, blue or opacity, whichever differs most: any colours will do, on any paper or none. A picture without
// ink is an error.
func Normalize(picture image.Image) ([]byte, error) {
	bounds := picture.Bounds()
	if bounds.Empty() {
		return nil, errors.New("a picture without pixels, expected one of a digit")
	}
	paper := measurePaper(picture)
	fine := 1 + (max(bounds.Dx(), bounds.Dy())-1)/1000 // pixels on a side of each that is kept: 1000x1000 are enough
	w, h := (bounds.Dx()+fine-1)/fine, (bounds.Dy()+fine-1)/fine
	sums, row := make([]int, w*h), image.NewRGBA(image.Rect(0, 0, bounds.Dx(), 1)) // 0 is paper
	for y := range bounds.Dy() {
		draw.Draw(row, row.Rect, picture, bounds.Min.Add(image.Pt(0, y)), draw.Src)
		for x := range bounds.Dx() {
			sums[y/fine*w+x/fine] += paper.ink(x, y, row.Pix[4*x:][:4])
		}
	}
	strongest := slices.Max(sums)
	if strongest < 20*min(fine, bounds.Dx())*min(fine, bounds.Dy()) { // of 255: the noise of a blank page, photographed
		return nil, errors.New("an empty picture, expected a digit that differs from its background")
	}
	// Uneven paper, and the ripples that JPEG leaves around ink, differ by less than 0.3 of the strongest ink and
	// become 0; ink of more than 0.7 becomes 255. Both limits rise by up to 0.15 if the border shows stronger lines, as
	// those of squared paper.
	var border []int
	for i, v := range sums {
		if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == h-1 {
			border = append(border, v)
		}
	}
	slices.Sort(border)
	faint := min(0.45, max(0.3, float64(border[(len(border)-1)*19/20])/float64(strongest)))
	gray := image.NewGray(image.Rect(0, 0, w, h))
	for i, v := range sums {
		gray.Pix[i] = byte(255 * min(1, max(0, (float64(v)/float64(strongest)-faint)/0.4)))
	}
	removeSpecks(gray)
	var box image.Rectangle
	for i, v := range gray.Pix {
		if v >= 128 {
			box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	return fitInk(gray, box).centred(), nil
}

// A sheet holds the brightness of a picture's paper, in red, green, blue and opacity. Where the ink is lighter than the
// paper, brightness is inverted, so that ink is always darker.
type sheet struct {
	side, columns, rows int      // pixels on a side of a square cell, and the number of cells
	cells               [4][]int // the paper's brightness in each cell, row by row
	brightest           [4]int   // the brightest cell
	invert              [4]byte  // 255 where brightness is inverted, else 0
	opaque              bool
}

// measurePaper measures the paper in cells, 32 along the longer side of the picture. Shadow counts as paper, if it is
// wider than a third of that side or reaches a sixth of it in from the border.
func measurePaper(picture image.Image) *sheet {
	const along, reach = 32, 5
	r := picture.Bounds()
	side := (max(r.Dx(), r.Dy()) + along - 1) / along
	paper := &sheet{side: side, columns: (r.Dx() + side - 1) / side, rows: (r.Dy() + side - 1) / side}
	// The median of 8x8 places in a cell leaves out noise and thin lines, written or printed.
	var all, border [4][]int
	for y := range paper.rows {
		for x := range paper.columns {
			cell := image.Rect(x*side, y*side, (x+1)*side, (y+1)*side).Add(r.Min).Intersect(r)
			var places [4][]int
			for k := range 64 {
				red, green, blue, opacity := picture.At(cell.Min.X+k%8*cell.Dx()/8, cell.Min.Y+k/8*cell.Dy()/8).RGBA()
				for c, v := range []uint32{red, green, blue, opacity} {
					places[c] = append(places[c], int(v>>8))
				}
			}
			for c, values := range places {
				all[c] = append(all[c], values...)
				median := middle(values)
				paper.cells[c] = append(paper.cells[c], median)
				if x == 0 || y == 0 || x == paper.columns-1 || y == paper.rows-1 {
					border[c] = append(border[c], median)
				}
			}
		}
	}
	paper.opaque = middle(border[3]) == 255
	for c, cells := range paper.cells {
		// Ink is darker than paper if, by ratio, the border's paper is further from the darkest place than from the
		// brightest: a shadow takes half of the light, ink more. Adding 50 lets black specks on a blackboard be.
		usual, least, most := middle(border[c])+50, slices.Min(all[c])+50, slices.Max(all[c])+50
		if usual*usual <= least*most {
			paper.invert[c] = 255
			for i := range cells {
				cells[i] = 255 - cells[i]
			}
		}
		// Bright paper grows over what is dark and shrinks back: thick ink is gone for good, a wide shadow returns. One
		// step more takes the shadow across its edge, since a cell there holds both.
		for range reach {
			paper.blend(cells, slices.Max[[]int])
		}
		for range reach + 1 {
			paper.blend(cells, slices.Min[[]int])
		}
		paper.brightest[c] = slices.Max(cells)
	}
	return paper
}

// middle sorts the values and returns their median.
func middle(values []int) int {
	slices.Sort(values)
	return values[len(values)/2]
}

// blend replaces each cell by pick's choice from the cell and its neighbours.
func (paper *sheet) blend(cells []int, pick func([]int) int) {
	old := slices.Clone(cells)
	for i := range cells {
		var near []int
		for y := max(0, i/paper.columns-1); y <= min(paper.rows-1, i/paper.columns+1); y++ {
			for x := max(0, i%paper.columns-1); x <= min(paper.columns-1, i%paper.columns+1); x++ {
				near = append(near, old[y*paper.columns+x])
			}
		}
		cells[i] = pick(near)
	}
}

// ink returns how much darker the pixel at (x, y), in red, green, blue and opacity, is than its paper, from 0 to 255.
// In shadow it is scaled up to what it would be on the brightest paper.
func (paper *sheet) ink(x, y int, pixel []byte) (differs int) {
	cell := y/paper.side*paper.columns + x/paper.side
	for c, v := range pixel {
		bright := paper.cells[c][cell]
		differs = max(differs, (bright-int(v^paper.invert[c]))*paper.brightest[c]/max(1, bright))
	}
	if paper.opaque { // a hole in opaque paper is not ink
		differs = differs * int(pixel[3]) / 255
	}
	return differs
}

// removeSpecks erases pieces of ink with less than a thirtieth of the largest one's. Pixels that touch are one piece.
func removeSpecks(gray *image.Gray) {
	piece, sizes := make([]int, len(gray.Pix)), []int{0} // the piece that a pixel is of, from 1
	for i, v := range gray.Pix {
		if v == 0 || piece[i] > 0 {
			continue
		}
		piece[i] = len(sizes)
		size, found := 0, []int{i}
		for n := 0; n < len(found); n++ { // it grows while it is looked through
			if gray.Pix[found[n]] >= 128 {
				size++
			}
			for k := range 9 {
				x, y := found[n]%gray.Stride+k%3-1, found[n]/gray.Stride+k/3-1
				if j := y*gray.Stride + x; image.Pt(x, y).In(gray.Rect) && gray.Pix[j] > 0 && piece[j] == 0 {
					piece[j] = len(sizes)
					found = append(found, j)
				}
			}
		}
		sizes = append(sizes, size)
	}
	largest := slices.Max(sizes)
	for i, k := range piece {
		if sizes[k]*30 < largest {
			gray.Pix[i] = 0
		}
	}
}

// fitInk averages the box of gray into the middle of an image, where its longer side takes 20 pixels.
func fitInk(gray *image.Gray, box image.Rectangle) *inkImage {
	var ink inkImage
	scale := 20 / float64(max(box.Dx(), box.Dy())) // the side of gray's pixels in the image
	left, top := (digitSide-scale*float64(box.Dx()))/2, (digitSide-scale*float64(box.Dy()))/2
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			v := float64(gray.GrayAt(x, y).Y) / 255
			x0, y0 := left+scale*float64(x-box.Min.X), top+scale*float64(y-box.Min.Y)
			for inkY := math.Floor(y0); inkY < y0+scale; inkY++ {
				for inkX := math.Floor(x0); inkX < x0+scale; inkX++ {
					area := (min(x0+scale, inkX+1) - max(x0, inkX)) * (min(y0+scale, inkY+1) - max(y0, inkY))
					ink[int(inkY)*digitSide+int(inkX)] += v * area
				}
			}
		}
	}
	// A thin pen's line has faded: make it as bright as MNIST's, where the mean brightness of the ink, each pixel's
	// weighted by itself, is above 0.75 in 98% of the digits.
	mass, square := 0.0, 0.0
	for _, v := range ink {
		mass, square = mass+v, square+v*v
	}
	for i, v := range ink {
		ink[i] = min(1, v*max(1, 0.75*mass/square))
	}
	return &ink
}

// SideBySide reports whether an image of 28x28 pixels seems to show more than one digit: it has a blank column with at
// least a fifth of the ink on either side. Of MNIST's 70,000 digits it is true for ten.
func SideBySide(image []byte) bool {
	var columns [digitSide]int
	total, left := 0, 0
	for i, v := range image {
		columns[i%digitSide] += int(v)
		total += int(v)
	}
	for _, ink := range columns {
		if left += ink; ink == 0 && left*5 >= total && (total-left)*5 >= total {
			return true
		}
	}
	return false
}

// Solid reports whether an image of 28x28 pixels seems to show a shadow or squared paper: nine columns or rows have
// ink in at least 19 of the box's 20 pixels. Of MNIST's 70,000 digits it is true for 13.
func Solid(image []byte) bool {
	var columns, rows [digitSide]int
	for i, v := range image {
		if v > 0 {
			columns[i%digitSide]++
			rows[i/digitSide]++
		}
	}
	full := func(inked [digitSide]int) (n int) {
		for _, pixels := range inked {
			if pixels >= 19 {
				n++
			}
		}
		return n
	}
	return full(columns) >= 9 || full(rows) >= 9
}
