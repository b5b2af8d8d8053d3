package face

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTogether holds that the score rises with what each look says, and stays within 0..1.
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
			require.InDelta(t, p, v, 0.05)
		}
	}
}

// TestTogetherUnseen holds that a look that saw nothing speaks against a face, and that what
// spares a look can't have been decided by it.
func TestTogetherUnseen(t *testing.T) {
	require.Greater(t, together(0.5, 0.85, 0.5), DefaultThreshold, "sure without a third look")
	require.Less(t, together(0.9, 0, 0.9), DefaultThreshold)
	require.Less(t, together(0.3, 0.5, 0), weak)
	require.Less(t, weak, DefaultThreshold)
}
