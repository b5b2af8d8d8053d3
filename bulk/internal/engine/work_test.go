package engine

import (
	"bytes"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/verify"
)

// TestRounds: a store that gives nothing is tried for as long as the guide says, and then the lines
// tell why.
func TestRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		b, err := store.OpenDir(folder, false)
		require.NoError(t, err)
		defer b.Close()
		require.NoError(t, os.Remove(folder))
		pool, err := verify.New(verify.Config{Bucket: b})
		require.NoError(t, err)
		w := &Worker{Pool: pool, Log: slog.New(slog.DiscardHandler)}
		begun := time.Now()
		part, err := w.read(t.Context(), []store.Object{{Key: "a.png"}, {Key: "b.png"}})
		require.NoError(t, err)
		require.InDelta(t, 48, time.Since(begun).Minutes(), 15) // five times the deviation of the pauses
		for text := range bytes.Lines(part) {
			l, err := line.Parse(text)
			require.NoError(t, err)
			require.Contains(t, l.Failure, verify.ErrStore.Error())
		}
		require.Equal(t, 2, bytes.Count(part, []byte("\n")))
	})
}
