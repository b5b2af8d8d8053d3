package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/validate"
)

// numbered makes n links to one good picture and yields their names, counting them.
func numbered(t *testing.T, n int, yielded *atomic.Int64) iter.Seq2[string, error] {
	dir, png := folder(t)
	for i := range n {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), png, 0o600))
	}
	return func(yield func(string, error) bool) {
		for i := range n {
			yielded.Add(1)
			if !yield(filepath.Join(dir, fmt.Sprint(i)), nil) {
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

func TestCheckFailFast(t *testing.T) {
	dir, _ := folder(t)
	for _, jobs := range []string{"1", "4"} {
		out, errs, code := imgvet("", "check", "--fail-fast", "--jobs", jobs, dir)
		require.Equal(t, cli.ExitRefused, code, errs)
		require.Equal(t, 2, strings.Count(out, "\n"), "a.png, b-cut.png and no more: %s", out)
		_, _, code = imgvet("", "check", "--fail-fast", "--jobs", jobs, filepath.Join(dir, "none"), dir)
		require.Equal(t, cli.ExitFailed, code)
	}
	_, _, code := imgvet("", "check", "--fail-fast", goodDir)
	require.Equal(t, cli.ExitOK, code)
}

func TestCheckJobs(t *testing.T) {
	dir, _ := folder(t)
	want, _, _ := imgvet("", "check", "--jobs", "1", dir)
	for _, jobs := range []string{"2", "7", "256"} {
		out, _, code := imgvet("", "check", "-j", jobs, dir)
		require.Equal(t, cli.ExitRefused, code)
		require.Equal(t, want, out)
	}
	for _, jobs := range []string{"-1", "257", "x"} {
		_, _, code := imgvet("", "check", "-j", jobs, dir)
		require.Equal(t, cli.ExitUsage, code)
	}
}

func TestCheckQuiet(t *testing.T) {
	dir, _ := folder(t)
	for _, args := range [][]string{{"check", "-q", dir}, {"check", "-q", "--json", dir}} {
		out, errs, code := imgvet("", args...)
		require.Equal(t, cli.ExitRefused, code)
		require.Empty(t, errs)
		require.Equal(t, 2, strings.Count(out, "\n"), out)
		require.Contains(t, out, "b-cut.png")
		require.Contains(t, out, "c-empty.jpg")
	}
}

func TestCheckUsage(t *testing.T) {
	dir, png := folder(t)
	for _, args := range [][]string{{"-", "-"}, {filepath.Join(dir, "[a-")}} {
		_, errs, code := imgvet(string(png), append([]string{"check"}, args...)...)
		require.Equal(t, cli.ExitUsage, code, "%q", args)
		require.NotEmpty(t, errs)
	}
	_, errs, code := imgvet("", "check", filepath.Join(dir, "*.gif"))
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "no file matches")
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestCheckTellsOfLostOutput(t *testing.T) {
	dir, _ := folder(t)
	for _, args := range [][]string{{"check", dir}, {"check", "--json", dir}} {
		var errs strings.Builder
		require.Equal(t, cli.ExitFailed, run(t.Context(), args, strings.NewReader(""), full{}, &errs))
		require.Contains(t, errs.String(), "no space left on device")
	}
}

// TestCheckDoesNotWaitForStandardInput: a check that ends early leaves it alone.
func TestCheckDoesNotWaitForStandardInput(t *testing.T) {
	dir, _ := folder(t)
	never, w := io.Pipe()
	defer w.Close()
	var out, errs strings.Builder
	code := run(t.Context(), []string{"check", "--fail-fast", filepath.Join(dir, "b-cut.png"), "-"}, never, &out, &errs)
	require.Equal(t, cli.ExitRefused, code, errs.String())
}
