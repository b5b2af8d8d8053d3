package recon

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// nowhere takes samples and forgets them.
type nowhere struct{}

func (nowhere) Line(int, int, int, []uint16) {}

// started returns a picture of 192x128 samples with its coding tree unit 1, 1 begun.
func started(t *testing.T, seq Sequence) *Picture {
	t.Helper()
	seq.Width, seq.Height, seq.Log2Ctb = 192, 128, 6
	p := new(Picture)
	p.Start(context.Background(), seq, nowhere{})
	p.StartSlice(Slice{QP: 30}, false)
	return p
}

// site is a block of n by n samples at x, y in the coding tree unit 1, 1.
type site struct {
	p       *Picture
	comp    int
	x, y, n int
	around  Neighbours
}

// interleaved is the place of 4x4 samples in the order of coding (6.5.2).
func interleaved(x, y int) (z int) {
	for b := range 4 {
		z |= (x>>2>>b&1)<<(2*b) | (y>>2>>b&1)<<(2*b+1)
	}
	return z
}

// sample returns the neighbour at dx, dy from the block's corner, if it is there: in the
// picture, and coded before the block (6.4.1). Of the row above the coding tree unit the
// samples are those before the loop filters.
func (s site) sample(dx, dy int) (v int, ok bool) {
	x, y := s.x+dx, s.y+dy
	l := &s.p.planes[s.comp]
	switch {
	case x >= 192 || y >= 128:
		return 0, false
	case y < 64 && x < 64:
		ok = s.around.UpLeft
	case y < 64 && x < 128:
		ok = s.around.Up
	case y < 64:
		ok = s.around.UpRight
	case x < 64:
		ok = s.around.Left
	case x >= 128:
		return 0, false // the next unit
	default:
		ok = interleaved(x-64, y-64) < interleaved(s.x-64, s.y-64)
	}
	if y < 64 {
		return int(l.bottom[0][x]), ok
	}
	return int(s.p.row(s.comp, y)[x]), ok
}

// neighbours are p[-1][y] and p[x][-1] by y and x from -1 on, substituted (8.4.4.2.2).
func (s site) neighbours(depth int) (left, above func(int) int) {
	// From the lower left over the corner to the upper right.
	line := make([]int, 4*s.n+1)
	first := -1
	for i := range line {
		dx, dy := -1, 2*s.n-1-i
		if i > 2*s.n {
			dx, dy = i-2*s.n-1, -1
		}
		v, ok := s.sample(dx, dy)
		switch {
		case ok:
			line[i] = v
			if first < 0 {
				first = i
			}
		case first >= 0:
			line[i] = line[i-1]
		}
	}
	for i := range line {
		if first < 0 {
			line[i] = 1 << (depth - 1)
		} else if i < first {
			line[i] = line[first]
		}
	}
	return func(y int) int { return line[2*s.n-1-y] }, func(x int) int { return line[2*s.n+1+x] }
}

// softened filters them (8.4.4.2.3).
func softened(n int, strong bool, left, above func(int) int) (l, a func(int) int) {
	corner, farLeft, farAbove := left(-1), left(2*n-1), above(2*n-1)
	side := func(p func(int) int, far, other int) func(int) int {
		return func(i int) int {
			switch {
			case i == 2*n-1:
				return far
			case strong && i == -1:
				return corner
			case strong:
				return ((63-i)*corner + (i+1)*far + 32) >> 6
			case i == -1:
				return (other + 2*corner + p(0) + 2) >> 2
			}
			return (p(i-1) + 2*p(i) + p(i+1) + 2) >> 2
		}
	}
	return side(left, farLeft, above(0)), side(above, farAbove, left(0))
}

// slowPredict is 8.4.4.2.3 to 8.4.4.2.6, sample by sample.
func (s site) slowPredict(seq Sequence, mode int, bypass bool) []uint16 {
	n, depth := s.n, seq.BitDepth[min(s.comp, 1)]
	left, above := s.neighbours(depth)
	abs := func(v int) int { return max(v, -v) }
	if !seq.SmoothingDisabled && mode != modeDC && n != 4 &&
		min(abs(mode-modeVertical), abs(mode-modeHorizontal)) > map[int]int{8: 7, 16: 1, 32: 0}[n] {
		flat := func(p func(int) int) bool { return abs(p(-1)+p(2*n-1)-2*p(n-1)) < 1<<(depth-5) }
		strong := seq.StrongSmoothing && s.comp == 0 && n == 32 && flat(left) && flat(above)
		left, above = softened(n, strong, left, above)
	}
	edges := s.comp == 0 && n < 32
	dc := n
	for i := range n {
		dc += left(i) + above(i)
	}
	dc /= 2 * n
	main, side := above, left
	distance := mode - modeVertical
	if mode < 18 {
		main, side, distance = left, above, modeHorizontal-mode
	}
	angle := []int{0, 2, 5, 9, 13, 17, 21, 26, 32}[min(abs(distance), 8)]
	if distance < 0 {
		angle = -angle
	}
	ref := func(i int) int { // ref[i] of 8.4.4.2.6
		if i >= 0 {
			return main(i - 1)
		}
		inverse := int(math.Round(8192 / float64(angle)))
		return side(-1 + (i*inverse+128)>>8)
	}
	out := make([]uint16, n*n)
	for y := range n {
		for x := range n {
			v := 0
			i, j := x, y // along the main side, and away from it
			if mode < 18 {
				i, j = y, x
			}
			switch {
			case mode == modePlanar:
				v = ((n-1-x)*left(y) + (x+1)*above(n) + (n-1-y)*above(x) + (y+1)*left(n) + n) / (2 * n)
			case mode == modeDC && edges && x == 0 && y == 0:
				v = (left(0) + 2*dc + above(0) + 2) >> 2
			case mode == modeDC && edges && y == 0:
				v = (above(x) + 3*dc + 2) >> 2
			case mode == modeDC && edges && x == 0:
				v = (left(y) + 3*dc + 2) >> 2
			case mode == modeDC:
				v = dc
			case angle == 0 && edges && i == 0 && !(seq.ImplicitRDPCM && bypass):
				v = min(max(main(0)+(side(j)-side(-1))>>1, 0), 1<<depth-1)
			default:
				at, f := (j+1)*angle>>5, (j+1)*angle&31
				v = ref(i + at + 1)
				if f != 0 {
					v = ((32-f)*v + f*ref(i+at+2) + 16) >> 5
				}
			}
			out[y*n+x] = uint16(v)
		}
	}
	return out
}

// Prediction is what the formulas say, for every mode and size, at any place in a coding
// tree unit, whatever neighbours are there.
func TestPredict(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	coin := func() bool { return r.IntN(2) == 0 }
	for round := range 40 {
		depth := []int{8, 10, 12}[round%3]
		seq := Sequence{
			ChromaFormat: 3, BitDepth: [2]int{depth, depth},
			StrongSmoothing: coin(), SmoothingDisabled: r.IntN(4) == 0, ImplicitRDPCM: coin(),
		}
		p := started(t, seq)
		// Small steps, so that strong smoothing is chosen too; or any values.
		steps := 1 << []int{1, depth}[r.IntN(2)]
		base := r.IntN(1<<depth - steps + 1)
		for c := range 3 {
			l := &p.planes[c]
			for _, plane := range [][]uint16{l.pix, l.bottom[0]} {
				for i := range plane {
					plane[i] = uint16(base + r.IntN(steps))
				}
			}
		}
		around := Neighbours{coin(), coin(), coin(), coin()}
		bypass := coin()
		p.StartCTU(1, 1, 0, around, true)
		p.StartCU(bypass)
		for log2 := 2; log2 <= 5; log2++ {
			n := 1 << log2
			for mode := range 35 {
				s := site{p, r.IntN(3), 64 + n*r.IntN(64/n), 64 + n*r.IntN(64/n), n, around}
				want := s.slowPredict(seq, mode, bypass)
				p.Predict(s.comp, s.x, s.y, uint8(log2), uint8(mode))
				var got []uint16
				for y := range n {
					got = append(got, p.row(s.comp, s.y+y)[s.x:s.x+n]...)
				}
				require.Equal(t, want, got, fmt.Sprintf("round %d: mode %d of %dx%d at %d,%d of component %d, %+v", round, mode, n, n, s.x, s.y, s.comp, around))
			}
		}
	}
}
