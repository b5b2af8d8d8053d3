package heif

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestApertureIsExact holds the edges against fractions of any size.
func TestApertureIsExact(t *testing.T) {
	floor := func(r *big.Rat) *big.Int {
		q, _ := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int)) // Euclidean: q is the floor
		return q
	}
	frac := func(a, b int64) *big.Rat { return new(big.Rat).SetFrac(big.NewInt(a), big.NewInt(b)) }
	want := func(a *aperture, side int64) (lo, hi int64, ok bool) {
		length := frac(int64(a.n[0]), int64(a.n[1]))
		first := new(big.Rat).Sub(frac(side, 2), new(big.Rat).Quo(length, frac(2, 1)))
		first.Add(first, frac(int64(int32(a.n[4])), int64(a.n[5])))
		from, n := floor(first).Int64(), floor(length.Add(length, frac(1, 2))).Int64()
		lo, hi = max(from, 0), min(from+n, side)
		if lo >= hi {
			return 0, 0, false
		}
		return lo, hi, true
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	shown := 0
	for range 200_000 {
		some := func() uint32 { return rnd.Uint32() >> rnd.IntN(32) }
		a := &aperture{}
		side := int64(some() >> 1)
		a.n = [8]uint32{some(), max(some(), 1), 0, 1, some(), max(some(), 1)}
		switch rnd.IntN(3) {
		case 0: // the extremes
			for _, i := range []int{0, 1, 4, 5} {
				if rnd.IntN(2) == 0 {
					a.n[i] = []uint32{1, 1<<31 - 1, 1 << 31, 1<<32 - 1}[rnd.IntN(4)]
				}
			}
		case 1: // as writers have it: the offset is a fraction near the middle
			a.n[0], a.n[1], a.n[5] = uint32(side)/2, 1, 2
			a.n[4] = uint32(int32(rnd.IntN(400) - 200))
		}
		lo, hi, ok := want(a, side)
		l, h, shows := a.edge(0, side)
		require.Equal(t, ok, shows, "%v of %d", a.n, side)
		require.Equal(t, [2]int64{lo, hi}, [2]int64{int64(l), int64(h)}, "%v of %d", a.n, side)
		if ok {
			shown++
		}
	}
	require.Greater(t, shown, 20_000)
}
