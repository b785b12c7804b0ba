package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func TestGenerateDigitsIsDeterministic(t *testing.T) {
	want, wantLabels := GenerateDigits(500, 7, 1)
	for _, workers := range []int{0, 2, 3, 600, math.MaxInt} {
		got, gotLabels := GenerateDigits(500, 7, workers)
		if !bytes.Equal(got, want) || !bytes.Equal(gotLabels, wantLabels) {
			t.Errorf("%d workers: got other digits, want those of one worker", workers)
		}
	}
	got, gotLabels := GenerateDigits(123, 7, 2)
	if !bytes.Equal(got, want[:123*784]) || !bytes.Equal(gotLabels, wantLabels[:123]) {
		t.Error("123 digits: got others, want the first 123 of 500")
	}
	if got, _ := GenerateDigits(500, 8, 2); bytes.Equal(got, want) {
		t.Error("seed 8: got the digits of seed 7, want others")
	}
	for _, n := range []int{0, -3} {
		if pixels, labels := GenerateDigits(n, 7, 2); len(pixels) != 0 || len(labels) != 0 {
			t.Errorf("%d digits: got %d pixels and %d labels, want none", n, len(pixels), len(labels))
		}
	}
}

// TestDrawnDigitsStay: whoever changes them has the README's first run, its pictures and its figures to do again.
func TestDrawnDigitsStay(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "386" { // others may fuse a product and a sum
		t.Skip("only on amd64 and 386")
	}
	pixels, labels := GenerateDigits(3000, 1, 2)
	const want = "32d4ffe616a688e4e9e8b7384507b40bf010f1ec4d25bb930b039568f7b84b0c"
	if got := fmt.Sprintf("%x", sha256.Sum256(append(pixels, labels...))); got != want {
		t.Errorf("got SHA-256 %s, want %s", got, want)
	}
}

// TestDrawnDigitsAreAllDifferent draws two sets of two seeds: no image may come twice, in one set or in both.
func TestDrawnDigitsAreAllDifferent(t *testing.T) {
	seen := map[[784]byte]string{}
	for seed, n := range map[uint64]int{1: 12000, 2: 4000} {
		pixels, _ := GenerateDigits(n, seed, 2)
		for i := range n {
			name := fmt.Sprintf("image %d of seed %d", i, seed)
			image := [784]byte(pixels[i*784:])
			if other := seen[image]; other != "" {
				t.Errorf("got %s the same as %s, want every image once", name, other)
			}
			seen[image] = name
		}
	}
}

func TestDrawnDigitsFollowMNIST(t *testing.T) {
	const n = 5000
	pixels, labels := GenerateDigits(n, 3, 2)
	var count [10]int
	for i, label := range labels {
		count[label]++
		checkConventions(t, fmt.Sprintf("image %d, a %d", i, label), pixels[i*784:][:784])
	}
	for digit, got := range count {
		if got < n/10*8/10 || got > n/10*12/10 {
			t.Errorf("digit %d: got %d of %d images, want about a tenth", digit, got, n)
		}
	}
}

// checkConventions reports an image whose ink exceeds 20x20 pixels, is off centre, or nowhere saturated.
func checkConventions(t *testing.T, name string, image []byte) {
	t.Helper()
	if len(image) != 784 {
		t.Fatalf("%s: got %d pixels, want 784", name, len(image))
	}
	var mass, sumX, sumY float64
	x0, y0, x1, y1, most := 28, 28, 0, 0, byte(0)
	for i, v := range image {
		if v == 0 {
			continue
		}
		x, y := i%28, i/28
		x0, y0, x1, y1, most = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1), max(most, v)
		mass += float64(v)
		sumX += float64(v) * float64(x)
		sumY += float64(v) * float64(y)
	}
	if x1-x0 > 20 || y1-y0 > 20 || max(x1-x0, y1-y0) < 17 {
		t.Errorf("%s: got ink in %dx%d pixels, want the longer side 17 to 20", name, x1-x0, y1-y0)
	}
	if x, y := sumX/mass, sumY/mass; math.Abs(x-14) > 1 || math.Abs(y-14) > 1 {
		t.Errorf("%s: got its centre of mass at (%.1f, %.1f), want (14, 14)", name, x, y)
	}
	if most < 150 {
		t.Errorf("%s: got its brightest pixel at %d, want 150 or more", name, most)
	}
}

// A painting is a digit as brush strokes in a 100 by 100 square, for paint.
type painting [][]point

// arc is a part of an ellipse about (x, y) from one angle to another, in degrees: 0 is right, 90 down.
func arc(x, y, rx, ry, from, to float64) (stroke []point) {
	for i := range 41 {
		angle := (from + (to-from)*float64(i)/40) * math.Pi / 180
		stroke = append(stroke, point{x + rx*math.Cos(angle), y + ry*math.Sin(angle)})
	}
	return stroke
}

// lines joins the points x, y, x, y, ... by straight lines.
func lines(xy ...float64) (stroke []point) {
	for i := 0; i < len(xy); i += 2 {
		stroke = append(stroke, point{xy[i], xy[i+1]})
	}
	return stroke
}

// paint draws d on the canvas with a round brush; its square has its corner at (x, y).
func paint(canvas draw.Image, d painting, x, y, size, brush float64, ink color.Color) {
	for _, stroke := range d {
		for i := range stroke {
			a, b := stroke[max(i-1, 0)], stroke[i]
			steps := 1 + math.Ceil(size/100*math.Hypot(b.x-a.x, b.y-a.y)*4/max(4, brush))
			for s := range int(steps) + 1 {
				f := float64(s) / steps
				cx, cy := x+size/100*(a.x+f*(b.x-a.x)), y+size/100*(a.y+f*(b.y-a.y))
				for py := math.Floor(cy - brush/2); py <= cy+brush/2; py++ {
					for px := math.Floor(cx - brush/2); px <= cx+brush/2; px++ {
						if math.Hypot(px+0.5-cx, py+0.5-cy) <= brush/2 {
							canvas.Set(int(px), int(py), ink)
						}
					}
				}
			}
		}
	}
}

// newCanvas returns a sheet of w by h pixels of one colour.
func newCanvas(w, h int, paper color.Color) *image.NRGBA {
	canvas := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(canvas, canvas.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	return canvas
}

// three is the painting that every row of the table below shows: a 3 with a flat top.
var three = painting{lines(20, 5, 75, 5, 45, 40), arc(45, 67, 35, 27, -90, 140)}

func TestNormalizeGivesOneImageForManyPictures(t *testing.T) {
	black, white, none := color.Black, color.White, color.Transparent
	red, blue, yellow := color.RGBA{200, 30, 20, 255}, color.RGBA{20, 30, 120, 255}, color.RGBA{250, 230, 40, 255}
	on := func(w, h int, x, y, size float64, paper, ink color.Color) image.Image {
		canvas := newCanvas(w, h, paper)
		paint(canvas, three, x, y, size, size*0.13, ink)
		return canvas
	}
	plain := on(400, 400, 100, 100, 200, white, black)
	want, err := Normalize(plain)
	if err != nil {
		t.Fatal(err)
	}
	checkConventions(t, "the three", want)
	all := crc32.ChecksumIEEE(want)

	as := func(kind draw.Image) image.Image {
		draw.Draw(kind, kind.Bounds(), plain, image.Point{}, draw.Src)
		return kind
	}
	cornered := on(400, 400, 100, 100, 200, white, black).(*image.NRGBA)
	uneven := newCanvas(400, 400, white)
	for i := range uneven.Pix {
		if x := i / 4 % 400; i%4 < 3 {
			uneven.Pix[i] = byte(250 - x/8 - i%7)
		}
	}
	paint(uneven, three, 100, 100, 200, 26, color.Gray{40})
	rippled := newCanvas(400, 400, white)
	for i := 0; i < 400*400; i += 5 {
		rippled.Set(i%400, i/400, color.Gray{205})
	}
	paint(rippled, three, 100, 100, 200, 26, black)
	for y := range 40 {
		for x := range 40 - y {
			cornered.SetNRGBA(x, y, color.NRGBA{})
		}
	}
	for _, test := range []struct {
		name    string
		picture image.Image
		most    float64 // difference, the mean over the pixels
	}{
		{"light on dark", on(400, 400, 100, 100, 200, black, white), 0.1},
		{"black on nothing", on(400, 400, 100, 100, 200, none, black), 0.1},
		{"white on nothing", on(400, 400, 100, 100, 200, none, white), 0.1},
		{"see-through ink", on(400, 400, 100, 100, 200, none, color.NRGBA{0, 0, 90, 120}), 0.1},
		{"red on blue", on(400, 400, 100, 100, 200, blue, red), 0.1},
		{"yellow on white", on(400, 400, 100, 100, 200, white, yellow), 0.1},
		{"pale gray on white", on(400, 400, 100, 100, 200, white, color.Gray{200}), 0.1},
		{"gray picture", as(image.NewGray(plain.Bounds())), 0.1},
		{"gray picture of 16 bits", as(image.NewGray16(plain.Bounds())), 0.1},
		{"palette", as(image.NewPaletted(plain.Bounds(), color.Palette{red, white, black})), 0.1},
		{"part of a picture", plain.(*image.NRGBA).SubImage(image.Rect(90, 70, 350, 390)), 0.1},
		{"transparent corner of white paper", cornered, 0.1},
		{"uneven paper", uneven, 2},
		{"rippled paper", rippled, 0.1},
		{"in a corner", on(400, 400, 15, 195, 190, white, black), 3},
		{"wide canvas", on(1000, 300, 700, 50, 200, white, black), 0.1},
		{"big", on(2500, 2000, 300, 100, 1800, white, black), 3},
		{"small", on(60, 60, 12, 12, 40, white, black), 6},
		{"tiny", on(28, 28, 4, 4, 20, white, black), 12},
	} {
		got, err := Normalize(test.picture)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		checkConventions(t, test.name, got)
		all = crc32.Update(all, crc32.IEEETable, got)
		if d := difference(got, want); d > test.most {
			t.Errorf("%s: got an image that differs by %.2f a pixel, want %.1f or less:\n%s",
				test.name, d, test.most, sideBySide(got, want))
		}
	}
	// Others than these may fuse a product and a sum. Whoever changes the images on purpose takes over the new checksum.
	if fixed := runtime.GOARCH == "amd64" || runtime.GOARCH == "386"; fixed && all != 0xeee89e4f {
		t.Errorf("got other images than before, of checksum %#08x", all)
	}
}

// difference is the mean difference of two images' pixels, when they are laid upon each other as well as shifts
// by up to a pixel can: rounding the centre of mass may go either way.
func difference(a, b []byte) float64 {
	best := math.Inf(1)
	for shift := range 9 {
		dx, dy, sum := shift%3-1, shift/3-1, 0.0
		for i, v := range b {
			x, y, w := i%28+dx, i/28+dy, byte(0)
			if x >= 0 && x < 28 && y >= 0 && y < 28 {
				w = a[y*28+x]
			}
			sum += math.Abs(float64(v) - float64(w))
		}
		best = min(best, sum/784)
	}
	return best
}

// sideBySide shows two images as text.
func sideBySide(a, b []byte) string {
	var s strings.Builder
	for y := range 28 {
		for _, image := range [][]byte{a, b} {
			for _, v := range image[y*28:][:28] {
				s.WriteByte(" .:+#"[int(v)*4/255])
			}
			s.WriteString(" | ")
		}
		s.WriteByte('\n')
	}
	return s.String()
}

// TestNormalizeKeepsThinLines draws with ever thinner pens: the ink stays as bright as MNIST's thinner digits.
func TestNormalizeKeepsThinLines(t *testing.T) {
	for _, pen := range []float64{40, 20, 10, 5, 3, 1.5} {
		canvas := newCanvas(600, 700, color.White)
		paint(canvas, three, 60, 80, 480, pen, color.Black)
		got, err := Normalize(canvas)
		if err != nil {
			t.Errorf("pen of %g: %v", pen, err)
			continue
		}
		checkConventions(t, fmt.Sprintf("pen of %g", pen), got)
		var mass, square float64
		for _, v := range got {
			mass += float64(v) / 255
			square += float64(v) / 255 * float64(v) / 255
		}
		if mass < 30 || mass > 130 || square/mass < 0.65 {
			t.Errorf("pen of %g: got ink for %.0f pixels of brightness %.2f, want 30 to 130 of 0.65 or more\n%s",
				pen, mass, square/mass, sideBySide(got, got))
		}
	}
}

func TestNormalizeRefusesWhatIsNoDigit(t *testing.T) {
	noisy, large := newCanvas(100, 80, color.White), newCanvas(1900, 1500, color.White)
	for _, canvas := range []*image.NRGBA{noisy, large} {
		for i := range canvas.Pix {
			canvas.Pix[i] -= byte(i % 1009 * 7 % 11)
		}
	}
	for _, test := range []struct {
		name    string
		picture image.Image
		want    string
	}{
		{"white", newCanvas(50, 40, color.White), "an empty picture"},
		{"black", newCanvas(50, 40, color.Black), "an empty picture"},
		{"transparent", newCanvas(50, 40, color.Transparent), "an empty picture"},
		{"blank noisy paper", noisy, "an empty picture"},
		{"blank noisy paper, large", large, "an empty picture"},
		{"one pixel", newCanvas(1, 1, color.Black), "an empty picture"},
		{"no width", newCanvas(0, 40, color.White), "without pixels"},
		{"no pixels", newCanvas(0, 0, color.White), "without pixels"},
	} {
		got, err := Normalize(test.picture)
		checkRefusal(t, test.name, got, err, test.want)
	}
}

// TestNormalizeReadsNarrowPictures: a pixel wide and very high, a third of it ink.
func TestNormalizeReadsNarrowPictures(t *testing.T) {
	canvas := newCanvas(1, 60000, color.White)
	draw.Draw(canvas, image.Rect(0, 20000, 1, 40000), image.Black, image.Point{}, draw.Src)
	if _, err := Normalize(canvas); err != nil {
		t.Error(err)
	}
}

// TestNormalizeIgnoresSpecks scatters stray pixels around a digit: it must not shrink.
func TestNormalizeIgnoresSpecks(t *testing.T) {
	plain := newCanvas(300, 300, color.White)
	paint(plain, three, 110, 120, 90, 10, color.Black)
	want, err := Normalize(plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, every := range map[string]int{"a few": 17000, "many": 450, "noise": 30} {
		canvas := newCanvas(300, 300, color.White)
		paint(canvas, three, 110, 120, 90, 10, color.Black)
		for i := 0; i < 300*300; i += every + (i%7)*(i%7)%7 {
			canvas.Set(i%300, i/300, color.Black)
			canvas.Set(i%300+1, i/300, color.Gray{120})
		}
		if got, err := Normalize(canvas); err != nil || difference(got, want) > 1 {
			t.Errorf("%s: got error %v, want an image that differs by 1 or less:\n%s", name, err, sideBySide(got, want))
		}
	}
	stroke, bar := newCanvas(200, 200, color.White), lines(40, 5, 50, 5) // a part of the digit that the pen does not join
	paint(stroke, painting{lines(50, 30, 50, 98)}, 50, 50, 100, 10, color.Black)
	alone, err := Normalize(stroke)
	paint(stroke, painting{bar}, 50, 50, 100, 10, color.Black)
	if got, err2 := Normalize(stroke); err != nil || err2 != nil || difference(got, alone) < 5 {
		t.Errorf("a small part: %v, %v, got it erased:\n%s", err, err2, sideBySide(got, alone))
	}
	board := newCanvas(300, 300, color.Gray{60}) // chalk, and a black spot
	paint(board, three, 110, 120, 90, 10, color.White)
	draw.Draw(board, image.Rect(40, 40, 44, 44), image.Black, image.Point{}, draw.Src)
	if got, err := Normalize(board); err != nil || difference(got, want) > 1 {
		t.Errorf("a black spot on a blackboard: %v, got another image:\n%s", err, sideBySide(got, want))
	}
	faint := newCanvas(30, 30, color.White) // a smudge paler than its one black pixel
	paint(faint, three, 5, 5, 20, 3, color.Gray{150})
	faint.Set(28, 28, color.Black)
	if _, err := Normalize(faint); err != nil {
		t.Error(err)
	}
}

// TestSideBySide: a note is due for two digits, and for hardly any single one.
func TestSideBySide(t *testing.T) {
	pictures, _ := paintedDigits()
	for i, picture := range pictures {
		image, err := Normalize(picture)
		if err != nil || SideBySide(image) {
			t.Errorf("painted digit %d: %v, two digits: %v, want neither", i, err, SideBySide(image))
		}
	}
	for _, x := range []float64{150, -30} { // a 1 to the right of a 3, and to its left
		two := newCanvas(300, 200, color.White)
		paint(two, three, 60-x/4, 20, 120, 12, color.Black)
		paint(two, painting{lines(50, 2, 50, 98)}, x, 20, 120, 12, color.Black)
		if image, err := Normalize(two); err != nil || !SideBySide(image) {
			t.Errorf("a 3 beside a 1: %v, got one digit, want two", err)
		}
	}
	images, _ := GenerateDigits(3000, 5, 2)
	seen := 0
	for ; len(images) > 0; images = images[784:] {
		if SideBySide(images[:784]) {
			seen++
		}
	}
	if seen > 6 {
		t.Errorf("got two digits in %d of 3000 drawn ones, want at most 6", seen)
	}
}

// TestSolid: a note is due for a digit on squares as dark as its ink, and for hardly any on plain paper.
func TestSolid(t *testing.T) {
	squares := newCanvas(400, 400, color.Gray{240})
	for i := range 400 * 400 {
		if x, y := i%400, i/400; x%20 < 6 || y%20 < 6 {
			squares.Set(x, y, color.Gray{50})
		}
	}
	paint(squares, three, 100, 100, 200, 20, color.Gray{40})
	if image, err := Normalize(squares); err != nil || !Solid(image) {
		t.Errorf("a 3 on dark squares: %v, got plain paper, want a solid block", err)
	}
	for _, block := range []struct {
		wide, high int
		want       bool
	}{{9, 19, true}, {19, 9, true}, {8, 20, false}, {20, 8, false}, {18, 18, false}} {
		image := make([]byte, 28*28)
		for y := range block.high {
			for x := range block.wide {
				image[(4+y)*28+4+x] = 1
			}
		}
		if got := Solid(image); got != block.want {
			t.Errorf("%+v: got %v", block, got)
		}
	}
	pictures, _ := paintedDigits()
	for i, picture := range pictures {
		if image, err := Normalize(picture); err != nil || Solid(image) {
			t.Errorf("painted digit %d: %v, got a solid block, want none", i, err)
		}
	}
	images, _ := GenerateDigits(3000, 5, 2)
	seen := 0
	for ; len(images) > 0; images = images[784:] {
		if Solid(images[:784]) {
			seen++
		}
	}
	if seen > 12 {
		t.Errorf("got a solid block in %d of 3000 drawn digits, want at most 12", seen)
	}
}

// checkRefusal wants no image but a one-line error of the form "<found>, expected <what>" that contains want.
func checkRefusal(t *testing.T, name string, image []byte, err error, want string) {
	t.Helper()
	if err == nil || image != nil {
		t.Errorf("%s: got %d pixels and error %v, want only an error with %q", name, len(image), err, want)
		return
	}
	if s := err.Error(); !strings.Contains(s, want) || !strings.Contains(s, "expected") || strings.Contains(s, "\n") {
		t.Errorf("%s: got error %q, want one line with %q and what was expected", name, s, want)
	}
}

// encode writes the picture as png, jpeg or gif.
func encode(tb testing.TB, picture image.Image, format string) []byte {
	tb.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, picture)
	case "jpeg":
		err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: 50})
	case "gif":
		err = gif.Encode(&b, picture, nil)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// claimedPNG returns the start of a gray PNG whose header claims w by h pixels.
func claimedPNG(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(chunk[4:], w)
	binary.BigEndian.PutUint32(chunk[8:], h)
	chunk[12] = 8
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func threeOnPaper() image.Image {
	canvas := newCanvas(120, 160, color.White)
	paint(canvas, three, 20, 30, 90, 12, color.Black)
	return canvas
}

func TestDecodePictureReadsEveryFormat(t *testing.T) {
	want, err := Normalize(threeOnPaper())
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"png", "jpeg", "gif"} {
		file := encode(t, threeOnPaper(), format)
		got, err := DecodePicture(iotest.OneByteReader(bytes.NewReader(file)))
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if d := difference(got, want); d > 2 || got[0] != 0 {
			t.Errorf("%s: got an image that differs by %.2f a pixel, want 2 or less, and a black corner:\n%s",
				format, d, sideBySide(got, want))
		}
	}
}

func TestDecodePictureRefusesBadFiles(t *testing.T) {
	whole := encode(t, threeOnPaper(), "png")
	photo := encode(t, threeOnPaper(), "jpeg")
	moving := encode(t, threeOnPaper(), "gif")
	phone := "\xff\xd8\xff\xc0\x00\x11\x08\x0b\xb8\x0f\xa0\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01" // 4000x3000, cut short
	billion := "40000x25000 pixels, expected at most 25165824"
	if math.MaxInt == math.MaxInt32 { // the decoder itself refuses them
		billion = "dimension overflow, expected"
	}
	for _, test := range []struct {
		name, file, want string
	}{
		{"nothing", "", "unknown format, expected a whole PNG, JPEG or GIF file"},
		{"garbage", "<!DOCTYPE html><html>", "unknown format"},
		{"cut PNG", string(whole[:len(whole)/2]), "not enough pixel data, expected"},
		{"cut PNG header", string(whole[:20]), "unexpected EOF, expected"},
		{"cut JPEG", string(photo[:len(photo)/2]), "short Huffman data, expected"},
		{"cut GIF", string(moving[:len(moving)/2]), "expected a whole PNG, JPEG or GIF"},
		{"a billion pixels", string(claimedPNG(40000, 25000)), billion},
		{"a pixel row too many", string(claimedPNG(6144, 4097)), "6144x4097 pixels, expected at most 25165824"},
		{"as many pixels as may be", string(claimedPNG(6144, 4096)), "unexpected EOF, expected a whole"},
		{"a phone's JPEG", phone, "unexpected EOF, expected a whole"},
		{"a phone's progressive JPEG", strings.Replace(phone, "\xff\xc0", "\xff\xc2", 1), "unexpected EOF, expected a whole"},
		{"a phone's HEIC", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "export it as JPEG or PNG"},
		{"another HEIC", "\x00\x00\x00\x18ftypmif1", "export it as JPEG or PNG"},
		{"a web page's WebP", "RIFF\x24\x00\x00\x00WEBPVP8 ", "export it as JPEG or PNG"},
		{"blank PNG", string(encode(t, newCanvas(9, 9, color.White), "png")), "an empty picture"},
	} {
		got, err := DecodePicture(strings.NewReader(test.file))
		checkRefusal(t, test.name, got, err, test.want)
	}
}

// TestDecodePictureStopsReading gives it a JPEG whose comments never end.
func TestDecodePictureStopsReading(t *testing.T) {
	endless := &comments{}
	got, err := DecodePicture(endless)
	checkRefusal(t, "endless comments", got, err, "a file of more than 64 MiB")
	if endless.read > 65<<20 {
		t.Errorf("got %d bytes read, want hardly more than 64 MiB", endless.read)
	}
}

// comments reads as the start of a JPEG and then comments of 64 KiB.
type comments struct{ read int }

func (c *comments) Read(b []byte) (int, error) {
	if c.read > 1<<28 {
		return 0, io.ErrUnexpectedEOF
	}
	for i := range b {
		b[i] = 0
		if at := (c.read + i - 2) % (1<<16 + 1); c.read+i < 2 {
			b[i] = "\xff\xd8"[c.read+i]
		} else if at < 4 {
			b[i] = "\xff\xfe\xff\xff"[at]
		}
	}
	c.read += len(b)
	return len(b), nil
}

func FuzzDecodePicture(f *testing.F) {
	for _, format := range []string{"png", "jpeg", "gif"} {
		file := encode(f, threeOnPaper(), format)
		f.Add(file)
		f.Add(file[:len(file)*2/3])
	}
	f.Add(encode(f, newCanvas(3, 1, color.Transparent), "png"))
	f.Add(claimedPNG(5, 4))
	f.Add(claimedPNG(1<<31-1, 1<<31-1))
	f.Fuzz(func(t *testing.T, file []byte) {
		image, err := DecodePicture(bytes.NewReader(file))
		if err != nil {
			checkRefusal(t, "fuzzed file", image, err, "")
		} else if len(image) != 784 || bytes.Equal(image, make([]byte, 784)) {
			t.Errorf("got %d pixels, all black or not, want 784 with ink", len(image))
		}
	})
}

// paintings are three ways of each digit.
var paintings = [10][3]painting{
	{
		{arc(50, 50, 32, 46, -90, 270)},
		{arc(48, 52, 40, 42, -60, 305)},
		{arc(50, 50, 24, 48, 200, -170)},
	}, {
		{lines(50, 2, 50, 98)},
		{lines(30, 25, 55, 3, 53, 97)},
		{lines(65, 4, 38, 96)},
	}, {
		{arc(48, 28, 28, 26, 190, 395), lines(71, 43, 18, 94, 84, 94)},
		{arc(45, 30, 30, 27, 200, 370), lines(74, 35, 20, 88), arc(34, 86, 14, 9, 170, 300), lines(41, 79, 60, 92, 88, 88)},
		{lines(18, 12, 60, 4), arc(52, 26, 24, 22, -80, 60), lines(64, 45, 15, 90, 90, 96)},
	}, {
		{arc(45, 26, 26, 23, 200, 450), arc(45, 73, 32, 24, -90, 150)},
		{lines(18, 6, 76, 6, 44, 38), arc(46, 67, 30, 29, -95, 145)},
		{arc(48, 25, 22, 20, 190, 430), lines(55, 44, 40, 47), arc(44, 70, 28, 25, -80, 160)},
	}, {
		{lines(58, 4, 12, 66, 90, 66), lines(64, 38, 62, 97)},
		{lines(22, 6, 18, 54, 80, 52), lines(74, 4, 68, 98)},
		{lines(26, 3, 21.6, 19.8), arc(46, 28, 26, 24, 200, 20), lines(75, 4, 72, 50, 60, 98)},
	}, {
		{lines(80, 5, 28, 5, 24, 44), arc(46, 67, 33, 28, -130, 140)},
		{lines(30, 8, 26, 42), arc(44, 68, 30, 27, -130, 150), lines(30, 8, 82, 6)},
		{arc(62, 24, 32, 20, -50, -180), lines(30, 25, 32, 42), arc(46, 70, 30, 27, -110, 155)},
	}, {
		{arc(80, 55, 56, 52, -100, -180), arc(50, 70, 27, 26, 180, 540)},
		{lines(62, 4, 28, 52), arc(48, 72, 26, 24, 200, 560)},
		{arc(72, 40, 46, 36, -70, -180), lines(26, 42, 24, 66), arc(47, 72, 23, 24, 190, 545)},
	}, {
		{lines(15, 6, 82, 6, 40, 97)},
		{lines(18, 10, 78, 7), arc(100, 75, 50, 72, -108, -190)},
		{lines(14, 18, 16, 6, 80, 6, 44, 97), lines(34, 50, 76, 48)},
	}, {
		{arc(50, 27, 24, 24, 90, 450), arc(50, 74, 30, 24, -90, 270)},
		{arc(50, 26, 26, 22, -20, -210), lines(30, 37, 70, 60), arc(50, 74, 27, 23, -35, 200), lines(25, 66, 72, 34)},
		{arc(52, 24, 20, 21, 80, 440), lines(52, 45, 46, 50), arc(47, 74, 24, 24, -90, 270)},
	}, {
		{arc(48, 30, 27, 27, 0, 360), lines(75, 28, 70, 97)},
		{arc(46, 28, 25, 24, -20, 330), arc(28, 40, 45, 56, -30, 75)},
		{arc(48, 27, 24, 24, -30, -390), lines(70, 14, 72, 60, 52, 97)},
	},
}

// paintedDigits are three of each digit, drawn as with a paint program: a thick round brush in one of three
// widths, dark on white, off-centre on canvases of 200 to 600 pixels.
func paintedDigits() (pictures []image.Image, labels []byte) {
	sizes := [][2]int{{280, 280}, {600, 450}, {200, 240}, {500, 600}, {400, 320}, {320, 400}, {560, 560}}
	for digit, ways := range paintings {
		for way, d := range ways {
			k := len(pictures)
			w, h := sizes[k%7][0], sizes[k%7][1]
			size := float64(min(w, h)) * []float64{0.5, 0.62, 0.7}[k%3]
			brush := size * []float64{0.09, 0.13, 0.17}[(digit+way)%3]
			x := brush + (float64(w)-size-2*brush)*[]float64{0.1, 0.8, 0.4, 1}[k%4]
			y := brush + (float64(h)-size-2*brush)*[]float64{0.9, 0.2, 0, 0.5, 0.7}[k%5]
			canvas := newCanvas(w, h, color.White)
			paint(canvas, d, x, y, size, brush, []color.Color{color.Black, color.Gray{50}, color.RGBA{20, 40, 140, 255}}[way])
			pictures, labels = append(pictures, canvas), append(labels, byte(digit))
		}
	}
	return pictures, labels
}

// photographs returns ten JPEG files like a telephone's, of the digits from 0 to 9, written with a dark pen. Each one's
// name tells what is hard about its light or paper.
func photographs(tb testing.TB) (files [][]byte, names []string) {
	all := func(x, y float64) float64 { return 1 }
	side := func(x, y float64) float64 { return 1 - 0.6*x }
	corner := func(x, y float64) float64 { return 0.35 + 0.35*x + 0.35*y }
	vignette := func(x, y float64) float64 { return 1 - 1.1*((x-0.5)*(x-0.5)+(y-0.5)*(y-0.5)) }
	edge := func(width float64) func(x, y float64) float64 { // half the paper lies in shadow
		return func(x, y float64) float64 { return 0.45 + 0.55*min(1, max(0, 0.5+(x+0.3*y-0.65)/width)) }
	}
	for digit, photo := range []struct {
		name          string
		light         func(x, y float64) float64 // at a place, x and y from 0 to 1
		columns, rows int                        // pixels between the paper's lines, 0 for none
		thick         int                        // pixels of a line
		line          color.NRGBA
		noise, pen    float64
	}{
		{"a light from the side", side, 0, 0, 0, color.NRGBA{}, 4, 16},
		{"a light from a corner", corner, 0, 0, 0, color.NRGBA{}, 4, 12},
		{"dark corners", vignette, 0, 0, 0, color.NRGBA{}, 8, 14},
		{"half in a soft shadow", edge(0.3), 0, 0, 0, color.NRGBA{}, 4, 16},
		{"half in a hard shadow", edge(0.01), 0, 0, 0, color.NRGBA{}, 4, 14},
		{"thin squares", all, 25, 25, 1, color.NRGBA{150, 170, 210, 255}, 4, 12},
		{"thick squares in a light from a corner", corner, 40, 40, 3, color.NRGBA{160, 180, 220, 255}, 4, 20},
		{"ruled paper in a soft shadow", edge(0.3), 0, 45, 2, color.NRGBA{140, 160, 200, 255}, 4, 14},
		{"noise and dark corners", vignette, 0, 0, 0, color.NRGBA{}, 20, 16},
		{"squares in a hard shadow", edge(0.01), 30, 30, 2, color.NRGBA{150, 170, 210, 255}, 8, 16},
	} {
		const w, h = 480, 560
		canvas, rng := newCanvas(w, h, color.NRGBA{225, 222, 210, 255}), rand.New(rand.NewPCG(1, uint64(digit)))
		for i := range w * h {
			x, y := i%w, i/w
			if photo.columns > 0 && (x+9)%photo.columns < photo.thick || photo.rows > 0 && (y+9)%photo.rows < photo.thick {
				canvas.Set(x, y, photo.line)
			}
		}
		paint(canvas, paintings[digit][(digit+1)%3], 120, 130, 260, photo.pen, color.NRGBA{35, 35, 60, 255})
		for i := range canvas.Pix {
			if x, y := i/4%w, i/4/w; i%4 < 3 {
				v := float64(canvas.Pix[i])*photo.light(float64(x)/w, float64(y)/h) + photo.noise*rng.NormFloat64()
				canvas.Pix[i] = byte(min(255, max(0, v)))
			}
		}
		files, names = append(files, encode(tb, canvas, "jpeg")), append(names, fmt.Sprintf("a %d, %s", digit, photo.name))
	}
	return files, names
}

// trainOnBuiltIn trains a network of 100 units, once for all tests, for five epochs with the program's default settings
// on 60,000 drawn digits.
var trainOnBuiltIn = sync.OnceValues(func() (*Network, error) {
	x, y := GenerateDigits(60000, 1, 2)
	rng := NewRandomState(1)
	net, _ := NewNetwork([]int{784, 100, 10}, "relu", rng)
	net.Workers = 2
	settings := Settings{Loss: "cross-entropy", Alpha: 1e-4, Solver: "sgd", Rate: 0.1, Schedule: "constant",
		Momentum: 0.9, Nesterov: true, Batch: 200, Epochs: 5, Tol: 1e-4, Patience: 10}
	return net, net.Train(Examples{x, y}, Examples{}, settings, rng)
})

// classify returns the digits that the network of trainOnBuiltIn reads in images.
func classify(t *testing.T, images []byte) (answers []int) {
	t.Helper()
	net, err := trainOnBuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for p := net.Predict(images); len(p) > 0; p = p[10:] {
		answers = append(answers, Argmax(p[:10]))
	}
	return answers
}

// TestPaintedDigits reads the painted digits with a network that has seen only drawn ones.
func TestPaintedDigits(t *testing.T) {
	t.Parallel()
	pictures, labels := paintedDigits()
	var images []byte
	for i, picture := range pictures {
		file := encode(t, picture, []string{"png", "jpeg"}[i%2])
		image, err := DecodePicture(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("painted digit %d: %v", i, err)
		}
		checkConventions(t, fmt.Sprintf("painted digit %d, a %d", i, labels[i]), image)
		images = append(images, image...)
	}
	right := 0
	for i, answer := range classify(t, images) {
		t.Logf("painted digit %d: a %d is read as %d", i, labels[i], answer)
		if answer == int(labels[i]) {
			right++
		}
	}
	if right < 27 {
		t.Errorf("got %d of 30 painted digits right, want 27 or more", right)
	}
}

// TestPhotographs: shadow and the paper's lines are not read as ink. With the paper's colour measured at the border
// alone, six of the ten were read wrongly.
func TestPhotographs(t *testing.T) {
	files, names := photographs(t)
	for i, file := range files {
		image, err := DecodePicture(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", names[i], err)
		}
		checkConventions(t, names[i], image)
		if got := classify(t, image)[0]; got != i || Solid(image) {
			t.Errorf("%s: got %d, a solid block: %v, want the digit and no block:\n%s",
				names[i], got, Solid(image), sideBySide(image, image))
		}
	}
}
