package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/walk"
)

// TestProgressSharesTheTerminal: lines come out whole, in their order, over a bar
// that is wiped off first and drawn again.
func TestProgressSharesTheTerminal(t *testing.T) {
	var tty bytes.Buffer
	s := &screen{out: &tty, errs: &tty, stderr: &tty}
	s.share(true)
	ctx, cancel := context.WithCancel(t.Context())
	s.stop, s.stopped = cancel, make(chan struct{})
	close(s.stopped)
	s.count(ctx, func(yield func(walk.File, error) bool) {
		for range 10 {
			if !yield(walk.File{}, nil) {
				return
			}
		}
	})
	s.draw(false)
	require.Empty(t, tty.String(), "no bar for what is done soon")
	for i := range 4 {
		fmt.Fprintf([]io.Writer{s.out, s.errs}[i%2], "line %d\n", i)
		s.step()
	}
	require.Empty(t, tty.String(), "lines wait for the bar to be off the screen")
	s.draw(true)
	require.Contains(t, tty.String(), "line 0\nline 1\nline 2\nline 3\n")
	require.Contains(t, tty.String(), "(4/10, ")
	require.Contains(t, tty.String(), "files/")
	drawn := tty.Len()
	fmt.Fprintln(s.out, "line 4")
	s.step()
	s.draw(true)
	require.Regexp(t, `\x1b\[2K\r?line 4\n`, tty.String()[drawn:], "the bar was wiped off")
	drawn = tty.Len()
	fmt.Fprint(s.out, strings.Repeat("x", maxHeld), "\n")
	require.Greater(t, tty.Len(), drawn+maxHeld, "no more is held than the limit")
	require.NoError(t, s.finish(report.Tally{OK: 5, Took: time.Second}))
	require.True(t, strings.HasSuffix(tty.String(), "5 checked: 5 good, in 1s\n"))
}

func TestProgressTellsOfLostLines(t *testing.T) {
	s := &screen{out: full{}, errs: io.Discard, stderr: io.Discard}
	s.share(true)
	s.start(t.Context(), none())
	fmt.Fprintln(s.out, "lost")
	require.Error(t, s.finish(report.Tally{}))
}

func none() iter.Seq2[walk.File, error] { return func(func(walk.File, error) bool) {} }

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
