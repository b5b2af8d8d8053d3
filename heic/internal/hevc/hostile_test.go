package hevc

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

// TestHostileStreams: what asks for much work, or repeats itself, is refused fast.
func TestHostileStreams(t *testing.T) {
	v := vectors(t)[0]
	fast := func(name string, want verify.Reason, f func() error) {
		t.Helper()
		// The target is 50 ms on a quiet machine, making the stream included.
		best := time.Hour
		for run := 0; run < 5 && best >= testenv.Scale(100*time.Millisecond); run++ {
			start := cputime.Used()
			err := f()
			best = min(best, cputime.Used()-start)
			requireFault(t, err, want)
		}
		t.Logf("%s: %v", name, best)
		require.Less(t, best, testenv.Scale(200*time.Millisecond), name)
	}

	fast("10,000 sets of one identifier", verify.Malformed, func() error {
		var sets []Unit
		for i := range 10_000 {
			sets = append(sets, v.sets[i%3])
		}
		_, err := verifyItem(codedItem{append(sets, v.units[len(v.units)-1]), v.units})
		return err
	})

	// 65,536 by 65,536 samples, and a slice of nothing.
	huge := newStream(1)
	huge.write()
	huge.width, huge.height = maxSide, maxSide
	huge.pickTiles()
	huge.colBounds, huge.rowBounds = []int{0, huge.cols}, []int{0, huge.rows}
	huge.writeSets()
	fast("a huge picture", verify.TooManyPixels, func() error {
		sets, err := ParseParameterSets(slices.Values(huge.sets))
		require.NoError(t, err)
		_, err = sets.Picture(context.Background(), slices.Values(huge.units), verify.Limits{MaxPixels: 100_000_000})
		return err
	})
	// Nothing but more probable symbols: as many coding tree units as bytes buy.
	huge.e.out = bitWriter{b: make([]byte, 4096)}
	huge.units = nil
	huge.emit(0, false, nil)
	fast("a huge picture that is allowed", verify.Truncated, func() error {
		_, err := verifyItem(huge.item())
		return err
	})

	// A slice for every CTB of a picture that is not there.
	fast("100,000 slices", verify.Malformed, func() error {
		units := slices.Repeat(v.units[len(v.units)-1:], 100_000)
		_, err := verifyItem(codedItem{v.sets, units})
		return err
	})
}
