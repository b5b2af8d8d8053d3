package heic_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// TestLastByte: of a grid as phones write it, no more than a row of tiles is left to read after
// the last byte has come.
func TestLastByte(t *testing.T) {
	testenv.OneGoroutine(t)
	const rows, cols = 6, 8
	b := gridOfTiles(heifEnc(t, noise(512, 512), "-q", "30"), rows, cols, 512)
	var whole, after []time.Duration
	for range 3 {
		start := cputime.Used()
		_, err := heic.Verify(b, heic.Limits{})
		require.NoError(t, err)
		whole = append(whole, cputime.Used()-start)

		at, last := 0, time.Duration(0)
		in := verify.Arriving(context.Background(), nil, -1, func(context.Context, int, int64) ([]byte, bool, error) {
			if at = min(len(b), at+1400); at == len(b) {
				last = cputime.Used()
			}
			return b[:at], at == len(b), nil
		})
		_, err = heic.VerifyInput(in, heic.Limits{})
		require.NoError(t, err)
		after = append(after, cputime.Used()-last)
	}
	w, a := slices.Min(whole), slices.Min(after)
	t.Logf("%d bytes: %v, after the last byte %v, %.1f %%", len(b), w, a, 100*float64(a)/float64(w))
	require.Less(t, a, w/rows)
}
