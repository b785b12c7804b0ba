package main

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// TestInfluence compares node 1 of each layer with numpy: one pixel is nodes(x_i alone) - nodes(0), written out with
// matrix products; integrated gradients sum 200,000 midpoints of the Jacobian, J = W0*h'; J = (J@W1)*h'; J = J@W2; ...
func TestInfluence(t *testing.T) {
	x := []float64{1, 0.25, 0, 0.6}
	for _, test := range []struct {
		activation     string
		one, integrate [][]float64
	}{
		{"logistic", [][]float64{
			{0.29755820102793107, 0.06133002698673784, 0, -0.20319929208573245},
			{0.04004628394488674, -0.0019901525241594609, 0, -0.02372408535665238},
			{0.0048993972989807011, 0.003173777328262628, 0, -0.007469419777706876},
			{-0.0022029999794831445, -0.0002537815960143297, 0, 0.0017539427592305479},
		}, [][]float64{
			{0.32680016763861347, 0.059030006096888743, 0, -0.20731491297213397},
			{0.048850821059588809, -0.0022198690815507034, 0, -0.013015623657734827},
			{0.005945940968614739, 0.0023471550981646241, 0, -0.0058440629786995855},
			{-0.0026760887827051503, -0.00014656805194576588, 0, 0.0011494720878525225},
		}},
		{"relu", [][]float64{
			{1.3506691763029166, 0.23309301058394008, 0, 0},
			{0.99213404681667194, -0.29158229598798924, 0, -1.149161217211208},
			{-0.74637372548378444, -0.2233941396485899, 0, -0.19599534520883011},
			{0.010644945928158206, 0.0035859013381746296, 0, -0.035393542668081979},
		}, [][]float64{
			{1.3396406200234978, 0.241979661574247, 0, -0.84983884971636547},
			{0.99881797468551903, -0.29696810829852366, 0, 0.14333619923107352},
			{-1.0229600472770572, -0.19687774806264638, 0, 0.66863716675495399},
			{0.070377617021758682, -0.0046085315868471402, 0, -0.016455577493145374},
		}},
	} {
		net := sineNetwork(1.5, test.activation, 4, 5, 4, 3)
		one := net.OnePixel(x)
		integrated, steps := net.IntegratedGradients(x, 0.001, 4096)
		for l := range one {
			near(t, fmt.Sprintf("%s, one pixel, layer %d", test.activation, l), one[l][4:8], test.one[l], 1e-12)
			largest := 0.0
			for _, v := range test.integrate[l] {
				largest = max(largest, math.Abs(v))
			}
			near(t, fmt.Sprintf("%s, integrated, layer %d", test.activation, l), integrated[l][4:8], test.integrate[l], 1e-3*largest)
		}
		black := make([]float64, len(x)) // in which nothing changes: then a tile that says so is right, and no other
		if got := net.Unexplained(black, net.OnePixel(black)); slices.Max(got) != 0 {
			t.Errorf("%s: got %g unexplained where nothing changes, want 0", test.activation, got)
		}
		if got := net.Unexplained(black, one); !math.IsInf(slices.Min(got), 1) {
			t.Errorf("%s: got %g unexplained by tiles of no change, want infinitely much", test.activation, got)
		}
		for l, share := range net.Unexplained(x, integrated) {
			if share > 0.001 || steps > 4096 {
				t.Errorf("%s, layer %d: got %g unexplained after %d steps, want at most 0.001", test.activation, l, share, steps)
			}
		}
	}
}
