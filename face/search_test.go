package face

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// looks returns a candidate 40 wide, and a look at it that has the landmarks so far aside.
func looks(score, lookScore, aside float64) (c, near detection) {
	return seenAs(score, 0), seenAs(lookScore, aside)
}

// seenAs returns a face of 40 pixels whose landmarks lie so far aside.
func seenAs(score, aside float64) detection {
	d := detection{score: score, box: around(point{50, 50}, 40)}
	for k := range d.marks {
		d.marks[k] = point{40 + 4*float64(k) + aside, 50 - float64(k%2)}
	}
	return d
}

// TestTogether holds that the score rises with what each look says and falls as
// landmarks part, and stays within 0..1.
func TestTogether(t *testing.T) {
	score := func(full, near, far, aside float64) float64 {
		c, a := looks(full, near, aside)
		_, b := looks(full, far, aside)
		v := together(c, a, b)
		require.GreaterOrEqual(t, v, 0.0)
		require.LessOrEqual(t, v, 1.0)
		return v
	}
	for _, p := range []float64{0.1, 0.3, 0.5, 0.8, 0.95} {
		require.InDelta(t, p, score(p, p, p, 0), 1e-9, "all agree")
	}
	base := score(0.5, 0.6, 0.7, 4)
	require.Greater(t, score(0.6, 0.6, 0.7, 4), base)
	require.Greater(t, score(0.5, 0.7, 0.7, 4), base)
	require.Greater(t, score(0.5, 0.6, 0.8, 4), base)
	require.InDelta(t, score(0.5, 0.6, 0.7, 0)-0.04, base, 1e-9, "a tenth of the side")
	require.InDelta(t, score(0.5, 0.6, 0.7, 0)-0.2, score(0.5, 0.6, 0.7, 1e6), 1e-9, "at most half of it counts")
	require.Greater(t, score(1, 1, 1, 0), 0.98)
	require.Zero(t, score(0, 0, 0, 1e6))
}

// TestTogetherUnseen holds that a look that saw nothing speaks against a face, however sure the
// other one is, and that a sure candidate stays one without a third look.
func TestTogetherUnseen(t *testing.T) {
	c, sure := looks(0.9, 0.95, 0)
	nothing := c
	nothing.score = 0
	require.InDelta(t, farthest, c.apart(nothing), 0)
	require.Zero(t, c.apart(sure))
	require.Less(t, together(c, sure, nothing), DefaultThreshold)
	require.Less(t, together(c, nothing, nothing), 0.1)

	c, sure = looks(0.5, 0.85, 1e6)
	require.Greater(t, together(c, sure, sure), DefaultThreshold)
}
