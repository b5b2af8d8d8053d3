package face

import (
	"context"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// together is the score of a candidate of the first search.
func together(whole, far, wide float64) float64 {
	return detection{score: whole}.believed(far, wide)
}

// TestTogether checks that the score rises with what each look says, and stays within 0..1.
func TestTogether(t *testing.T) {
	base := together(0.5, 0.6, 0.7)
	require.Greater(t, together(0.6, 0.6, 0.7), base)
	require.Greater(t, together(0.5, 0.7, 0.7), base)
	require.Greater(t, together(0.5, 0.6, 0.8), base)
	require.InDelta(t, together(0.9, 0.5, 0.1), together(0.1, 0.5, 0.9), 1e-9, "both looks of one net weigh the same")
	for _, p := range []float64{0, 0.01, 0.3, 0.5, 0.8, 0.99, 1} {
		v := together(p, p, p)
		require.Greater(t, v, 0.0)
		require.Less(t, v, 1.0)
		if 0.01 < p && p < 0.99 {
			require.Less(t, v, p, "the score is stricter than the nets")
			require.InDelta(t, p, v, 0.06)
		}
	}
}

// TestTogetherUnseen checks that a look that saw nothing lowers the score, and that a skipped
// look could not have changed the outcome.
func TestTogetherUnseen(t *testing.T) {
	require.Greater(t, together(0.5, 0.85, 0.5), DefaultThreshold, "sure without a third look")
	require.Less(t, together(0.9, 0, 0.9), DefaultThreshold)
	require.Less(t, together(0.3, 0.5, 0), weak)
	require.Less(t, weak, DefaultThreshold)
}

// TestDoubt checks that doubt lowers a score, and that no candidate passes the highest score.
func TestDoubt(t *testing.T) {
	for _, fills := range []bool{false, true} {
		c := detection{score: 0.7, close: fills}
		sure := c.believed(0.7, 0.7)
		require.InDelta(t, together(0.7, 0.7, 0.7), sure, 1e-9, "looks that agree")
		c.doubt = turnedDoubt
		require.Less(t, c.believed(0.7, 0.7), sure)
		c.doubt = closeDoubt - closeGain
		require.Greater(t, c.believed(0.7, 0.7), sure)
		c.score = 1
		require.InDelta(t, 0.988, c.believed(1, 1), 1e-3)
	}
	c := detection{score: 0.5, close: true}
	require.Greater(t, c.believed(0.5, 0.8), c.believed(0.8, 0.5), "the net for whole pictures counts more")
}

// blots returns a picture of ellipses, some of which look a little like a face.
func blots(seed uint64) image.Image {
	const w, h = 192, 128
	rng := rand.New(rand.NewPCG(seed, 1))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for range 12 {
		c := color.NRGBA{byte(rng.IntN(256)), byte(rng.IntN(256)), byte(rng.IntN(256)), 255}
		x, y, a, b := rng.IntN(w), rng.IntN(h), 4+rng.IntN(60), 4+rng.IntN(60)
		for v := range h {
			for u := range w {
				if dx, dy := (u-x)*b, (v-y)*a; dx*dx+dy*dy < a*a*b*b {
					img.SetNRGBA(u, v, c)
				}
			}
		}
	}
	return img
}

// TestLowerThreshold checks that a lower threshold finds all that a higher one finds.
func TestLowerThreshold(t *testing.T) {
	for _, seed := range []uint64{203, 229, 347, 382} {
		before := []float64{}
		for _, threshold := range []float64{0.5, 0.2, 0.1, 0.02} {
			f, err := New(Options{Threshold: threshold})
			require.NoError(t, err)
			seen, err := f.FindIn(context.Background(), blots(seed))
			faces := seen.Found
			require.NoError(t, err)
			best := 0.0
			for _, v := range faces {
				best = max(best, v.Score)
			}
			for _, score := range before {
				require.GreaterOrEqual(t, best, score, "picture %d, threshold %v", seed, threshold)
			}
			before = append(before, best)
		}
	}
}
