package check

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/walk"
	"github.com/imgvet/imgvet/validate"
)

// numbered makes n links to one good picture and yields their names, counting them.
func numbered(t *testing.T, n int, yielded *atomic.Int64) iter.Seq2[walk.File, error] {
	dir := t.TempDir()
	png, err := os.ReadFile("../../../../testdata/good/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	for i := range n {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), png, 0o600))
	}
	return func(yield func(walk.File, error) bool) {
		for i := range n {
			yielded.Add(1)
			if !yield(walk.File{Name: filepath.Join(dir, fmt.Sprint(i)), Named: true}, nil) {
				return
			}
		}
	}
}

// TestPoolKeepsOrderAndBounds: while the first file takes its time, others are
// judged, but no more of them than the window holds.
func TestPoolKeepsOrderAndBounds(t *testing.T) {
	const jobs, n = 3, 400
	var yielded, judged atomic.Int64
	files := numbered(t, n, &yielded)
	release := make(chan struct{})
	p := pool{jobs: jobs, judge: judge{opts: validate.Options{Checks: []validate.Check{func(context.Context, *validate.Picture) error {
		if judged.Add(1) == 1 {
			<-release
		}
		return nil
	}}}}}
	const limit = jobs*windowPerJob + jobs + 2
	go func() {
		defer close(release)
		for before := int64(-1); before != judged.Load() || before < jobs; {
			before = judged.Load()
			time.Sleep(50 * time.Millisecond)
		}
	}()
	next := 0
	first := true
	err := p.run(t.Context(), files, func(v report.Verdict) error {
		if first {
			first = false
			require.LessOrEqual(t, yielded.Load(), int64(limit))
		}
		require.NoError(t, v.Err)
		require.Equal(t, fmt.Sprint(next), filepath.Base(v.File))
		next++
		require.LessOrEqual(t, yielded.Load(), int64(next+limit), "the walk does not run ahead")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, n, next)
}

func TestPoolStops(t *testing.T) {
	var yielded atomic.Int64
	files := numbered(t, 300, &yielded)
	p := pool{jobs: 2}
	stop := errors.New("stop")
	n := 0
	err := p.run(t.Context(), files, func(report.Verdict) error {
		if n++; n == 5 {
			return stop
		}
		return nil
	})
	require.ErrorIs(t, err, stop)
	require.Equal(t, 5, n)
	require.Less(t, yielded.Load(), int64(300))

	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	n = 0
	err = p.run(ctx, files, func(report.Verdict) error {
		if n++; n == 5 {
			cancel(why)
		}
		return nil
	})
	require.ErrorIs(t, err, why)
	require.Equal(t, 5, n, "no report.Verdict after the end")
}
