// Digits without a data file: images drawn by code with the accidents of handwriting, and the
// conventions of MNIST, to which drawn digits and a user's own pictures are brought alike.
// A number of points beside a step is the accuracy on real handwriting, in percent, that a
// network of 100 hidden units trained on the drawn digits loses without it.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // the kinds of picture that image.Decode knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	digitSide  = 28   // an image of a digit has 28x28 pixels; the ink spans 20x20 at most
	maxPicture = 20e6 // pixels of a picture to decode; a phone's has 12 million
)

// handTable lists ways in which people write each digit: how often, as xN, then the pen's path as
// points xxyy in a square of 100 by 100, y downwards. The path is a smooth curve through the points;
// a point given twice is a corner, and "/" lifts the pen.
const handTable = `
0 x9 6601 4204 2027 1054 1587 3899 6785 8949 8513 6400 x8 6012 3503 1035 2085 5599 8575 8830 6502 4006 2820
0 x2 5520 3510 1035 2080 5599 8575 8535 6508 4020 3535
1 x9 5900 5050 4099 x4 8000 5050 2099 x4 5500 5099 / 4402 3997 x1 3023 6000 6000 5550 5099 / 2099 8099
1 x1 4120 5900 5900 5050 4099
2 x9 2515 4502 6500 8020 7550 4585 1598 0580 3068 6080 9590 x6 1010 3000 5500 7012 6035 3570 0599 0599 4598 9595
2 x3 3012 5000 6520 6045 4578 2698 1488 3278 6092 8598 x3 1525 3503 6505 7525 6060 3595 1090 1572 4572 7592 9590
2 x3 2820 4504 6600 8117 7044 4080 2095 1080 3068 6078 9888 x3 1525 4002 7012 6542 4068 1595 1595 5090 9085
2 x2 1522 3509 6009 7520 6542 3670 0590 0590 5088 9988 x2 3520 5000 6520 5560 3095 3095 6092 9592
2 x2 1030 3005 7008 8535 6070 3095 1085 2575 5585 9098 x2 0538 2530 4536 3352 0870 0870 5065 9966
3 x9 1505 6000 7515 4042 4042 8055 8085 4099 0588 x7 2008 5002 7515 6035 4045 4045 7060 7085 4599 1590
3 x7 1010 5000 7512 6035 3047 3047 8050 9275 6095 1095 x4 2515 5000 8016 6640 4048 5440 8055 8078 4699 1085
3 x4 0810 4002 8008 7030 3548 3548 7555 8580 5098 0892 x4 1512 5000 7020 4545 4545 7562 6592 3099 0588
3 x4 1515 5000 7515 5542 3553 2845 5544 8065 7090 4099 1090
3 x3 3514 4902 6800 8312 7234 4646 4646 7155 7777 4899 1691
3 x2 2302 5900 8600 8600 6522 4440 4440 7048 7374 4399 1391
4 x9 3500 1545 4052 7538 / 9000 6550 4599 x7 2302 1528 2050 4451 6938 / 8400 6945 5099
4 x7 3000 2125 1548 1548 4753 8448 / 8302 6750 5199 x5 2505 0550 0550 9545 / 7505 6550 6599
4 x4 1000 0545 2555 6050 8845 / 8010 7560 7099 x3 5499 6750 7800 7800 4732 1464 1464 5064 8564
4 x3 6502 3035 0565 0565 5064 9962 / 6502 6250 5899 x2 3000 1545 1545 5042 8540 / 6502 5550 4599
5 x9 9500 6003 3013 2038 4550 6570 4595 2599 0590 x9 8500 5503 2506 2506 1545 1545 4540 8055 7885 4599 0590
5 x8 9910 6515 4018 4018 3045 3045 5555 5575 3595 0590 x7 9002 3505 3505 2540 2540 6035 9060 7092 3599 0885
5 x4 9400 6600 4403 4403 2644 2644 5136 7253 6185 3199 0591 x3 7505 3505 3005 2045 2045 5540 7558 7080 5097 1595
5 x3 8505 5002 2508 2030 5040 8560 8585 5098 1092 x2 9903 6005 4508 3545 3545 6550 6575 4092 1099
5 x2 9905 5510 4512 3540 3540 6045 6570 4090 0595
6 x9 4500 2530 1065 2095 6092 8078 5070 3085 x9 3000 1230 0868 2595 5599 8582 8262 6055 4065 3088
6 x6 5200 3530 2064 2291 4399 7184 7964 6354 3961 2084 x6 8000 5418 2951 1979 3099 5497 7575 6755 4759 2579
6 x3 7500 3015 1055 2090 5599 7085 6068 4068 2580 x3 1000 0240 1580 4599 8090 9565 7550 5060 4585
6 x2 8000 5020 3050 3085 4598 6085 6068 4570 3590 x2 5500 2525 0860 2592 6097 9078 7855 4552 2578
7 x9 1513 4700 7803 7728 5464 3999 x8 1604 4802 8300 8300 5147 2699 x6 1518 3505 7505 8525 7060 6099
7 x5 0510 3008 8005 9015 6550 5099 x3 1025 2008 5508 8505 6550 5599 x3 1321 2100 2100 5301 8600 8600 6042 4499
7 x3 1040 2005 2005 6002 8505 8505 8050 7599 x3 1604 4802 8300 8300 5147 3699 / 2552 7645
7 x2 0810 3008 7008 8010 5548 3599 / 2050 8048 x2 1030 1805 1805 5005 8505 8505 6550 5099 / 2555 9050
8 x9 7512 5002 2815 4040 6560 6088 4098 2585 3562 6035 8012
8 x6 8805 5003 2020 3545 6065 6590 4599 3085 4560 7030 9000
8 x6 7714 6300 4008 3328 4946 6665 6387 3899 2087 2763 5046 7328 7910
8 x5 7010 5500 3512 2530 4548 6065 6085 4099 2088 2867 5045 7225 7510
8 x5 9915 6500 3510 3032 5548 7070 6092 4099 2588 4060 7030 8010
8 x5 9912 6505 3015 3035 6065 5592 2590 3065 6035 8015
8 x4 6200 3008 2034 5346 8034 8008 6200 / 5346 2061 1589 4099 7589 7861 5346
8 x4 7505 4502 2520 4545 8070 7095 3098 2080 4555 8025
8 x3 8505 5005 2018 3538 6558 7578 5098 2590 2568 5045 8022 8808
9 x9 7416 6100 3908 2032 3048 5740 7416 7416 6354 4999 x8 8016 6000 3008 1533 3350 6340 8013 8013 7557 6599
9 x6 8012 4502 1025 3048 6540 8515 8515 7060 5599 x5 8512 5503 3015 2538 5045 7530 8010 7055 5099
9 x3 8510 5003 1020 2045 6040 8515 8515 7555 6099 x2 7716 6400 4008 2833 3950 6340 8013 8013 7257 5199 1994
9 x2 7010 4005 2020 2540 5042 6825 7008 6550 6098
`

type point struct{ x, y float64 }

type handwriting [][]point // the pen's paths, with coordinates from -0.5 to 0.5

// parseHands lists the ways to write each digit, the frequent ones repeatedly.
func parseHands() (ways [10][]handwriting) {
	for _, line := range strings.Split(strings.TrimSpace(handTable), "\n") {
		digit := line[0] - '0'
		for _, way := range strings.Split(line, " x")[1:] {
			var h handwriting
			for _, stroke := range strings.Split(way[1:], "/") {
				var path []point
				for _, word := range strings.Fields(stroke) {
					xy, _ := strconv.Atoi(word)
					path = append(path, point{float64(xy/100)/100 - 0.5, float64(xy%100)/100 - 0.5})
				}
				h = append(h, path)
			}
			for range way[0] - '0' {
				ways[digit] = append(ways[digit], h)
			}
		}
	}
	return ways
}

// GenerateDigits draws n digits as images of 28x28 gray pixels, as MNIST stores them: 0 is background.
// Image i has a random generator of its own, so neither n nor the number of workers changes it.
func GenerateDigits(n int, seed uint64, workers int) (pixels, labels []byte) {
	pixels, labels = make([]byte, n*digitSide*digitSide), make([]byte, n)
	ways := parseHands()
	workers = max(1, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < n; i += workers {
				rng := rand.New(rand.NewPCG(seed, uint64(i)))
				digit := rng.IntN(10)
				labels[i] = byte(digit)
				paths := ways[digit][rng.IntN(len(ways[digit]))].write(rng)
				copy(pixels[i*digitSide*digitSide:], drawPaths(paths, rng))
			}
		}()
	}
	wg.Wait()
	return pixels, labels
}

// write moves the pen along the paths of h as a hand would, never twice alike.
func (h handwriting) write(rng *rand.Rand) (paths [][]point) {
	normal := func(sd float64) float64 { return sd * rng.NormFloat64() }
	stray := func() float64 { return 0.2 * (2*rng.Float64() - 1) }

	// The pose: aspect (0.7 points), slant (2.8) and rotation, and a bend of the plane.
	aspect, slant, turn := math.Exp(normal(0.2)), normal(0.26), normal(0.15)
	var bend [6]float64
	for i := range bend {
		bend[i] = normal(0.25)
	}
	for _, stroke := range h {
		path := make([]point, len(stroke))
		// Points stray from their place (2.4 points), neighbours in similar directions (0.6).
		ex, ey := stray(), stray()
		for i, p := range stroke {
			if i > 0 && p == stroke[i-1] { // a corner stays one
				path[i] = path[i-1]
				continue
			}
			x, y := p.x+ex, p.y+ey
			ex, ey = 0.6*ex+0.67*stray(), 0.6*ey+0.67*stray()
			path[i] = point{
				aspect*x + slant*y + bend[0]*x*x + bend[1]*x*y + bend[2]*y*y,
				turn*x + y + bend[3]*x*x + bend[4]*x*y + bend[5]*y*y,
			}
		}
		paths = append(paths, smoothPath(path))
	}
	return paths
}

// smoothPath samples the Catmull-Rom curve through the points c, five to a span.
func smoothPath(c []point) []point {
	path := c[:1:1]
	for i, p := range c[1:] {
		o, before, after := c[i], c[max(i-1, 0)], c[min(i+2, len(c)-1)]
		for t := 0.2; t < 1.1 && o != p; t += 0.2 {
			at := func(a, b, c, d float64) float64 { return b + t/2*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a))) }
			path = append(path, point{at(before.x, o.x, p.x, after.x), at(before.y, o.y, p.y, after.y)})
		}
	}
	return path
}

// drawPaths scales paths of any size to the digit's box and inks them.
func drawPaths(paths [][]point, rng *rand.Rand) []byte {
	normal := func(sd float64) float64 { return sd * rng.NormFloat64() }
	lo, hi := point{9, 9}, point{-9, -9}
	for _, path := range paths {
		for _, p := range path {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
		}
	}
	// The pen's width, and how it changes with the place (pressure) and the direction (nib) (1.4 points).
	width := 2.3 * math.Exp(normal(0.3))
	pressX, pressY, nibX, nibY := normal(0.5), normal(0.5), normal(0.2), normal(0.2)
	margin := 4.15 + width/2
	scale := (digitSide - 2*margin) / max(hi.x-lo.x, hi.y-lo.y)
	var ink inkImage
	for _, path := range paths {
		var a point
		for i, p := range path {
			b := point{(p.x-lo.x)*scale + margin, (p.y-lo.y)*scale + margin}
			if i > 0 {
				dx, dy := b.x-a.x, b.y-a.y
				w := 1 + pressX*(b.x-14)/20 + pressY*(b.y-14)/20 +
					(nibX*(dx*dx-dy*dy)+nibY*2*dx*dy)/(dx*dx+dy*dy+1e-9)
				ink.line(a, b, width/2*min(2, max(0.4, w)))
			}
			a = b
		}
	}
	return ink.centred()
}

// inkImage is an image of a digit in the making, row by row: 0 is paper, 1 is ink.
type inkImage [digitSide * digitSide]float64

// line inks what lies in the digit's box within r of the line from a to b; the edge fades over a pixel.
func (ink *inkImage) line(a, b point, r float64) {
	r += 0.5
	dx, dy := b.x-a.x, b.y-a.y
	length2 := dx*dx + dy*dy + 1e-9 // squared, and never 0
	for y := max(4, int(min(a.y, b.y)-r)); y <= min(23, int(max(a.y, b.y)+r)); y++ {
		for x := max(4, int(min(a.x, b.x)-r)); x <= min(23, int(max(a.x, b.x)+r)); x++ {
			px, py := float64(x)+0.5-a.x, float64(y)+0.5-a.y
			t := min(1, max(0, (px*dx+py*dy)/length2)) // the nearest place on the line
			px, py = px-t*dx, py-t*dy
			if d2 := px*px + py*py; d2 < r*r {
				v := &ink[y*digitSide+x]
				*v = max(*v, min(1, r-math.Sqrt(d2)))
			}
		}
	}
}

// centred moves the ink by whole pixels so that its centre of mass is the image's centre
// (12 points), and returns it as bytes.
func (ink *inkImage) centred() []byte {
	var mass, sumX, sumY float64
	for i, v := range ink {
		mass += v
		sumX += v * (float64(i%digitSide) + 0.5)
		sumY += v * (float64(i/digitSide) + 0.5)
	}
	shiftX, shiftY := int(math.Round(digitSide/2-sumX/mass)), int(math.Round(digitSide/2-sumY/mass))
	pixels := make([]byte, len(ink))
	for i, v := range ink {
		x, y := i%digitSide+shiftX, i/digitSide+shiftY
		if x >= 0 && x < digitSide && y >= 0 && y < digitSide {
			pixels[y*digitSide+x] = byte(v*255 + 0.5)
		}
	}
	return pixels
}

// DecodePicture reads a PNG, JPEG or GIF and normalizes it. It reads the header first, and refuses
// a picture that is too large before that takes any memory.
func DecodePicture(r io.Reader) ([]byte, error) {
	var header bytes.Buffer
	config, format, err := image.DecodeConfig(io.TeeReader(r, &header))
	if errors.Is(err, image.ErrFormat) {
		return nil, errors.New("not a known kind of picture, expected PNG, JPEG or GIF")
	}
	var picture image.Image
	if err == nil {
		if int64(config.Width)*int64(config.Height) > maxPicture {
			return nil, fmt.Errorf("%dx%d pixels, expected at most %d million", config.Width, config.Height, int(maxPicture/1e6))
		}
		picture, _, err = image.Decode(io.MultiReader(&header, r))
	}
	if err != nil {
		return nil, fmt.Errorf("broken picture (%w), expected a whole %s", err, strings.ToUpper(format))
	}
	return Normalize(picture)
}

// Normalize brings a picture of a digit to MNIST's conventions: 28x28 pixels, light ink on black,
// its box shrunk (or grown) to 20x20, its centre of mass in the centre.
func Normalize(picture image.Image) ([]byte, error) {
	if picture.Bounds().Empty() {
		return nil, errors.New("a picture without pixels, expected one of a digit")
	}
	gray, box, err := findInk(picture)
	if err != nil {
		return nil, err
	}
	return fitInk(gray, box).centred(), nil
}

// findInk tells ink (255) from paper (0), and the box of the ink. The paper is the median of the
// picture's border, perhaps transparent. A pixel is ink as far as it differs from that in red, green,
// blue or opacity, whichever most, so that all colours will do, and black or white on nothing.
func findInk(picture image.Image) (gray *image.Gray, box image.Rectangle, err error) {
	w, h := picture.Bounds().Dx(), picture.Bounds().Dy()
	rgba := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(rgba, rgba.Rect, picture, picture.Bounds().Min, draw.Src)
	gray = image.NewGray(rgba.Rect)
	var border [4][]byte // its reds, greens, blues and opacities
	for i := range gray.Pix {
		if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == h-1 {
			for c, v := range rgba.Pix[4*i:][:4] {
				border[c] = append(border[c], v)
			}
		}
	}
	var paper [4]int
	for c, values := range border {
		slices.Sort(values)
		paper[c] = int(values[len(values)/2])
	}
	most := 0
	for i := range gray.Pix {
		differs := 0
		for c, v := range rgba.Pix[4*i:][:4] {
			differs = max(differs, int(v)-paper[c], paper[c]-int(v))
		}
		if paper[3] == 255 { // a hole in opaque paper is not ink
			differs = differs * int(rgba.Pix[4*i+3]) / 255
		}
		gray.Pix[i] = byte(differs)
		most = max(most, differs)
	}
	if most < 20 { // of 255: the noise of a blank page, photographed
		return nil, box, errors.New("an empty picture, expected a digit that differs from its background")
	}
	// Uneven paper, and the ripples that JPEG leaves around ink, differ by less than 0.3 of the
	// darkest ink and become 0; ink of more than 0.7 becomes 255.
	for i, v := range gray.Pix {
		gray.Pix[i] = byte(255 * min(1, max(0, (float64(v)/float64(most)-0.3)/0.4)))
		if gray.Pix[i] >= 128 {
			box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	return gray, box, nil
}

// fitInk averages the box of gray into the middle of an image, where its longer side takes 20 pixels.
func fitInk(gray *image.Gray, box image.Rectangle) *inkImage {
	var ink inkImage
	scale := 20 / float64(max(box.Dx(), box.Dy()))
	left, top := (digitSide-scale*float64(box.Dx()))/2, (digitSide-scale*float64(box.Dy()))/2
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			v := float64(gray.Pix[y*gray.Stride+x]) / 255
			x0, y0 := left+scale*float64(x-box.Min.X), top+scale*float64(y-box.Min.Y)
			for inkY := math.Floor(y0); inkY < y0+scale && v > 0; inkY++ {
				for inkX := math.Floor(x0); inkX < x0+scale; inkX++ {
					area := (min(x0+scale, inkX+1) - max(x0, inkX)) * (min(y0+scale, inkY+1) - max(y0, inkY))
					ink[int(inkY)*digitSide+int(inkX)] += v * area
				}
			}
		}
	}
	// A thin pen's line has faded: make it as bright as MNIST's, where the mean brightness of the ink,
	// each pixel's weighted by itself, is above 0.75 in 98% of the digits.
	mass, square := 0.0, 0.0
	for _, v := range ink {
		mass, square = mass+v, square+v*v
	}
	for i, v := range ink {
		ink[i] = min(1, v*max(1, 0.75*mass/square))
	}
	return &ink
}
