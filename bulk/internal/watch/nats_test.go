package watch

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/verify"
)

// message is an event of a stream, which counts what the stream hears of it.
type message struct {
	jetstream.Msg
	data        []byte
	beats, acks int
}

func (m *message) Data() []byte { return m.data }
func (m *message) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{NumDelivered: 1}, nil
}
func (m *message) InProgress() error { m.beats++; return nil }
func (m *message) Ack() error        { m.acks++; return nil }

// TestBeat: the stream hears of an event that takes long, so that no other watcher gets it too, and
// nothing more when it is done.
func TestBeat(t *testing.T) {
	recorded, err := os.ReadFile("../events/testdata/minio.json")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "a.png"), []byte("no picture"), 0o600))
		b, err := store.OpenDir(folder, false)
		require.NoError(t, err)
		defer b.Close()
		pool, err := verify.New(verify.Config{Bucket: b})
		require.NoError(t, err)
		w := &Watcher{
			Bucket: b, Name: "uploads", Pool: pool, Refused: Keep, Log: slog.New(slog.DiscardHandler),
			Emit: func(line.Line) error { time.Sleep(3*eventWait + time.Second); return nil },
		}
		m := &message{data: []byte(strings.ReplaceAll(string(recorded), "holiday%2Fa+b%2Bc+%C3%A9.jpg", "a.png"))}
		w.message(t.Context(), m)
		require.Equal(t, 1, m.acks)
		require.Equal(t, 9, m.beats)
		time.Sleep(2 * eventWait)
		require.Equal(t, 9, m.beats)
	})
}
