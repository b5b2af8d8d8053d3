package heic_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// A picture that x265 codes as a wavefront has the same pixels however many of its rows
// are made at a time, at every scale; and a done context ends it.
func TestWavefrontPixels(t *testing.T) {
	file := heifEnc(t, noise(648, 392), "-q", "50")
	for _, scale := range []int{1, 2, 8} {
		want, err := heic.DecodeReduced(t.Context(), file, heic.Limits{}, scale)
		require.NoError(t, err)
		for _, n := range []int{2, 5, 64} {
			got, err := heic.DecodeReduced(t.Context(), file, heic.Limits{Parallel: n}, scale)
			require.NoError(t, err)
			require.Equal(t, want, got, "1/%d, %d rows at a time", scale, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := heic.Decode(ctx, file, heic.Limits{Parallel: 4})
	require.ErrorIs(t, err, context.Canceled)
}
