package recon

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// twins are two pictures with the same samples, of which one is made with vector code.
func twins(t *testing.T, r *rand.Rand, seq Sequence) [2]*Picture {
	t.Helper()
	if !hasVector {
		t.Skip("no vector code for this processor, or under the tag purego")
	}
	p := [2]*Picture{started(t, seq), started(t, seq)}
	p[0].vector = false
	require.True(t, p[1].vector)
	for c := range p[0].comps {
		noisy(r, p[0].planes[c].pix, p[0].planes[c].top)
		copy(p[1].planes[c].pix, p[0].planes[c].pix)
	}
	for i := range p {
		p[i].StartCTU(1, 1, 0, Neighbours{true, true, true, true}, true)
		p[i].StartCU(false)
	}
	return p
}

// noisy fills samples: with any values, with few that are near each other, or with the
// least and the greatest.
func noisy(r *rand.Rand, pix []uint16, top int) {
	kind, base := r.IntN(3), r.IntN(top-3)
	for i := range pix {
		switch kind {
		case 0:
			pix[i] = uint16(r.IntN(top + 1))
		case 1:
			pix[i] = uint16(base + r.IntN(4))
		default:
			pix[i] = uint16(r.IntN(2) * top)
		}
	}
}

// requireTwins compares all samples of both pictures.
func requireTwins(t *testing.T, p [2]*Picture, what string) {
	t.Helper()
	for c := range p[0].comps {
		if !slices.Equal(p[0].planes[c].pix, p[1].planes[c].pix) {
			require.Equal(t, p[0].planes[c].pix, p[1].planes[c].pix, "%s: component %d", what, c)
		}
	}
}

// Transforms with vector code give the samples of the portable ones, change no sample
// beside the block, and leave no coefficient behind.
func TestVectorTransforms(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 600 {
		depth := []int{8, 10, 12}[round%3]
		p := twins(t, r, Sequence{ChromaFormat: 3, BitDepth: [2]int{depth, depth}})
		for log2 := 2; log2 <= 5; log2++ {
			n := 1 << log2
			comp, x, y := r.IntN(3), 64+n*r.IntN(64/n), 64+n*r.IntN(64/n)
			cols, rows := 1+r.IntN(n/4), 1+r.IntN(n/4)
			most := []int{1, 40, 1000, 32767}[r.IntN(4)]
			if r.IntN(8) == 0 {
				cols, rows = 1, 1
			}
			dcOnly := r.IntN(8) == 0
			seldom := 1 + r.IntN(6)
			for i := range p {
				p[i].StartResidual(uint8(comp), uint8(log2), modePlanar, false)
			}
			if dcOnly {
				cols, rows = 1, 1
			}
			for at := range 16 * cols * rows {
				cx, cy := at%(4*cols), at/(4*cols)
				v := 0
				switch {
				case dcOnly && at > 0:
				case r.IntN(seldom) == 0:
					v = r.IntN(2*most+1) - most
				case most == 32767:
					v = []int{-32768, 32767}[r.IntN(2)]
				}
				p[0].coeffs[cy*n+cx] = int16(v)
			}
			p[1].coeffs = p[0].coeffs
			for i := range p {
				p[i].maxX, p[i].maxY = uint8(cols-1), uint8(rows-1)
				p[i].EndResidual(x, y)
				require.Zero(t, p[i].coeffs)
			}
			requireTwins(t, p, fmt.Sprintf("round %d: %d bits, %dx%d at %d,%d, %d columns and %d rows of sub-blocks", round, depth, n, n, x, y, cols, rows))
		}
	}
}

// Sample adaptive offset with vector code is that of the portable one, for lines of any
// length, and writes nothing behind the line.
func TestVectorSAO(t *testing.T) {
	if !hasVector {
		t.Skip("no vector code for this processor, or under the tag purego")
	}
	r := rand.New(rand.NewPCG(7, 8))
	for round := range 3000 {
		depth := []int{8, 10, 12}[round%3]
		top := 1<<depth - 1
		n := 1 + r.IntN(64)
		line := func() []uint16 {
			s := make([]uint16, n)
			noisy(r, s, top)
			return s
		}
		in, a, b := line(), line(), line()
		if round%2 == 0 { // near to each other
			for i := range in {
				a[i], b[i] = in[max(i-1, 0)], in[min(i+1, n-1)]
			}
		}
		var offsets [8]int16
		for i := range 4 {
			offsets[i] = int16(r.IntN(8<<(depth-8)*2) - 8<<(depth-8))
		}
		guard := uint16(0xAAAA)
		want, got := append(make([]uint16, n), guard), append(make([]uint16, n), guard)
		first := r.IntN(32)
		bandPortable(want[:n], in, &offsets, first, depth-5, top)
		bandVector(got[:n], in, &offsets, first, depth-5, top)
		require.Equal(t, want, got, "round %d: band of %d samples", round, n)

		offsets[2], offsets[4] = 0, offsets[2]
		edgesPortable(want[:n], in, a, b, &offsets, top)
		edgesVector(got[:n], in, a, b, &offsets, top)
		require.Equal(t, want, got, "round %d: edges of %d samples", round, n)
	}
}
