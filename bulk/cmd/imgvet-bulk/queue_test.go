//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/bulk/internal/engine"
	"github.com/imgvet/imgvet/internal/cli"
)

func connect(t testing.TB, s *natsServer) jetstream.JetStream {
	nc, err := nats.Connect(s.url())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return js
}

// TestLostStream: a stream that is lost costs time, not results.
func TestLostStream(t *testing.T) {
	t.Parallel()
	photos := t.TempDir()
	want := objects(t, photos, 300, 40, 9)
	results, file := "file://"+t.TempDir(), filepath.Join(t.TempDir(), "all.jsonl")
	s := startServer(t)
	js := connect(t, s)
	_, errs, code := imgvetBulk(t, "", "plan", "--bucket", "file://"+photos, "--results", results, "--shard-keys", "10", "--nats", s.url(), "--ack-wait", "1s")
	require.Zero(t, code, errs)
	f := startFleet(t, 2, []string{hookDelay + "=20ms"}, "work", "--results", results, "--nats", s.url(), "--ack-wait", "1s", "--in-flight", "2")
	eventually(t, "some are done", func() bool { return progressOf(t, results).DoneKeys > 20 })
	require.NoError(t, js.DeleteStream(t.Context(), engine.Stream))

	collecting := []string{"collect", "--results", results, "--out", file, "--nats", s.url(), "--ack-wait", "1s"}
	_, errs, code = imgvetBulk(t, "", collecting...)
	require.Equal(t, cli.ExitFailed, code)
	require.Regexp(t, `[1-9]\d* shards published again`, errs)
	_, errs, code = imgvetBulk(t, "", collecting...)
	require.Equal(t, cli.ExitFailed, code)
	require.NotRegexp(t, `[1-9]\d* shards published again`, errs, "not while they wait")
	waitDone(t, results)
	f.stop()
	_, errs, code = imgvetBulk(t, "", collecting...)
	require.Equal(t, cli.ExitRefused, code, errs)
	checkLines(t, file, want)
}

// TestHandBack: a worker that is told to end hands back what it has begun, and another has it at
// once, long before AckWait is over.
func TestHandBack(t *testing.T) {
	t.Parallel()
	photos := t.TempDir()
	objects(t, photos, 40, 0, 9)
	results := "file://" + t.TempDir()
	s := startServer(t)
	_, errs, code := imgvetBulk(t, "", "plan", "--bucket", "file://"+photos, "--results", results, "--shard-keys", "20", "--job", "j", "--nats", s.url(), "--ack-wait", "1h")
	require.Zero(t, code, errs)
	args := []string{"work", "--results", results, "--nats", s.url(), "--ack-wait", "1h", "--drain"}
	slow := process(t, []string{hookDelay + "=1s"}, append(args, "--in-flight", "1")...)
	require.NoError(t, slow.Start())
	consumer, err := connect(t, s).Consumer(t.Context(), engine.Stream, "j")
	require.NoError(t, err)
	eventually(t, "both shards are begun", func() bool {
		info, err := consumer.Info(t.Context())
		return err == nil && info.NumAckPending == 2
	})
	require.NoError(t, slow.Process.Signal(syscall.SIGTERM))
	_ = slow.Wait()
	require.Equal(t, 143, slow.ProcessState.ExitCode())
	require.Zero(t, progressOf(t, results).DoneKeys, "no part of half a shard")
	_, errs, code = imgvetBulk(t, "", args...)
	require.Zero(t, code, errs)
	require.Equal(t, int64(40), progressOf(t, results).DoneKeys)
}

// TestStreamIsChecked: a stream that would forget shards is not used.
func TestStreamIsChecked(t *testing.T) {
	photos, s := tree(t), startServer(t)
	js := connect(t, s)
	for want, cfg := range map[string]jetstream.StreamConfig{
		"retention": {Retention: jetstream.LimitsPolicy},
		"forgets":   {Retention: jetstream.WorkQueuePolicy, MaxAge: time.Hour},
		"full":      {Retention: jetstream.WorkQueuePolicy, MaxMsgs: 10, Discard: jetstream.DiscardOld},
		"lack":      {Retention: jetstream.WorkQueuePolicy, Subjects: []string{"other"}},
		"":          {Retention: jetstream.WorkQueuePolicy, MaxMsgs: 10, Discard: jetstream.DiscardNew},
	} {
		cfg.Name = engine.Stream
		if cfg.Subjects == nil {
			cfg.Subjects = []string{"imgvet.bulk.>"}
		}
		_, err := js.CreateStream(t.Context(), cfg)
		require.NoError(t, err)
		_, errs, code := imgvetBulk(t, "", "plan", "--bucket", "file://"+photos, "--results", "file://"+t.TempDir(), "--nats", s.url())
		require.Equal(t, want == "", code == 0, errs)
		require.Contains(t, errs, want)
		require.NoError(t, js.DeleteStream(t.Context(), engine.Stream))
	}
}

// TestForeignMessages: what is no message of this plan is dropped, and everything else is done.
func TestForeignMessages(t *testing.T) {
	photos, s := tree(t), startServer(t)
	js := connect(t, s)
	results := "file://" + t.TempDir()
	_, errs, code := imgvetBulk(t, "", "plan", "--bucket", "file://"+photos, "--results", results, "--job", "j", "--nats", s.url())
	require.Zero(t, code, errs)
	for _, m := range []string{"hello", `{"job":"other","shard":0,"segment":0,"offset":0,"length":10}`, `{"job":"j","shard":0,"node":"000000","segment":0,"offset":0,"length":1}`, strings.Repeat("x", 100_000)} {
		_, err := js.Publish(t.Context(), "imgvet.bulk.j", []byte(m))
		require.NoError(t, err)
	}
	done := make(chan int, 1)
	go func() {
		_, _, code := imgvetBulk(t, "", "work", "--results", results, "--nats", s.url(), "--drain")
		done <- code
	}()
	select {
	case code := <-done:
		require.Zero(t, code)
	case <-time.After(time.Minute):
		t.Fatal("a message that names no shard is tried for ever")
	}
	require.Equal(t, int64(3), progressOf(t, results).DoneKeys)
}

// TestTwoRuns: one run at a time works on the same state.
func TestTwoRuns(t *testing.T) {
	photos, results, state := t.TempDir(), "file://"+t.TempDir(), t.TempDir()
	objects(t, photos, 20, 0, 9)
	args := []string{"run", "--bucket", "file://" + photos, "--results", results, "--state", state}
	slow := process(t, []string{hookDelay + "=500ms"}, append(args, "--in-flight", "1")...)
	require.NoError(t, slow.Start())
	eventually(t, "the first run has begun", func() bool {
		_, err := filepath.Glob(filepath.Join(state, "jetstream"))
		m, _ := filepath.Glob(filepath.Join(state, "jetstream", "*"))
		return err == nil && len(m) > 0
	})
	_, errs, code := imgvetBulk(t, "", args...)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "another run is at work")
	require.NoError(t, slow.Process.Kill())
	_ = slow.Wait()
}
