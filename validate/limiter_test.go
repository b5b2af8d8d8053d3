package validate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

func newLimiter(t testing.TB, verifications int, readBytes int64) *validate.Limiter {
	t.Helper()
	l, err := validate.NewLimiter(verifications, readBytes)
	require.NoError(t, err)
	return l
}

// requireFree asserts that nothing is held any more.
func requireFree(t testing.TB, l *validate.Limiter) {
	t.Helper()
	bytes, slots := validate.Held(l)
	require.Zero(t, bytes)
	require.Zero(t, slots)
}

func TestLimiterProblems(t *testing.T) {
	for _, n := range []struct{ verifications, readBytes int }{{-1, 0}, {0, -1}} {
		_, err := validate.NewLimiter(n.verifications, int64(n.readBytes))
		require.Error(t, err)
	}
	require.ErrorContains(t, validate.Options{Limiter: &validate.Limiter{}}.Problems(), "Limiter")
	require.NoError(t, validate.Options{Limiter: newLimiter(t, 0, 0)}.Problems())
}

// TestLimiterSlots: as many files are verified at once as there are slots, no more and no fewer,
// however they come.
func TestLimiterSlots(t *testing.T) {
	const slots, calls = 3, 30
	photo := good(t, detect.PNG)
	file := onDisk(t, map[string][]byte{"f": photo})["f"]
	l := newLimiter(t, slots, 0)
	var running, most atomic.Int64
	full := make(chan struct{})
	var fill sync.Once
	opts := validate.Options{Limiter: l, Checks: []validate.Check{func(context.Context, *validate.Picture) error {
		n := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if n == slots {
			fill.Do(func() { close(full) })
		}
		<-full // until all slots are in use at once
		return nil
	}}}
	var group sync.WaitGroup
	for i := range calls {
		group.Go(func() {
			ctx := context.Background()
			var err error
			switch i % 4 {
			case 0:
				_, err = validate.Bytes(ctx, photo, opts)
			case 1:
				_, err = validate.File(ctx, file, opts)
			case 2:
				_, err = validate.Validate(ctx, bytes.NewReader(photo), opts)
			default:
				_, err = validate.Validate(ctx, &hidden{bytes.NewReader(photo), 0}, opts)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, slots, most.Load())
	requireFree(t, l)
}

// TestLimiterWaitsWithTheContext: a call that waits for a slot ends with its context, and that is
// no verdict. What is refused before the verification needs no slot.
func TestLimiterWaitsWithTheContext(t *testing.T) {
	photo := good(t, detect.PNG)
	file := onDisk(t, map[string][]byte{"f": photo})["f"]
	l := newLimiter(t, 1, 0)
	busy, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_, err := validate.Bytes(context.Background(), photo, validate.Options{Limiter: l, Checks: []validate.Check{
			func(context.Context, *validate.Picture) error {
				close(busy)
				<-release
				return nil
			},
		}})
		if err != nil {
			t.Error(err)
		}
	})
	<-busy
	opts := validate.Options{Limiter: l}
	for name, call := range map[string]func(context.Context) (*validate.Result, error){
		"Bytes": func(ctx context.Context) (*validate.Result, error) { return validate.Bytes(ctx, photo, opts) },
		"File":  func(ctx context.Context) (*validate.Result, error) { return validate.File(ctx, file, opts) },
		"Validate": func(ctx context.Context) (*validate.Result, error) {
			return validate.Validate(ctx, bytes.NewReader(photo), opts)
		},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err := call(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		var refusal *validate.Error
		require.False(t, errors.As(err, &refusal), name)
	}
	for want, b := range map[validate.Reason][]byte{validate.Empty: nil, validate.UnknownFormat: []byte("text")} {
		_, err := validate.Bytes(context.Background(), b, opts)
		var refusal *validate.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, want, refusal.Reason)
	}
	close(release)
	group.Wait()
	requireFree(t, l)
	_, err := validate.File(context.Background(), file, opts)
	require.NoError(t, err)
}

// TestLimiterSlowReader: while one sender is slow, others are verified with the only slot.
func TestLimiterSlowReader(t *testing.T) {
	photo := padded(good(t, detect.PNG), 50_000)
	l := newLimiter(t, 1, 0)
	opts := validate.Options{Limiter: l}
	slow, sender := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := validate.Validate(context.Background(), slow, opts)
		done <- err
	}()
	_, err := sender.Write(photo[:20_000])
	require.NoError(t, err)
	_, slots := validate.Held(l)
	require.Zero(t, slots)
	for range 3 {
		_, err := validate.Validate(context.Background(), bytes.NewReader(photo), opts)
		require.NoError(t, err)
	}
	_, err = sender.Write(photo[20_000:])
	require.NoError(t, err)
	require.NoError(t, sender.Close())
	require.NoError(t, <-done)
	requireFree(t, l)
}

// TestLimiterBytes: many readers at once stay within the bytes, and all of them come to their
// end although each needs more than its share.
func TestLimiterBytes(t *testing.T) {
	const readBytes, maxBytes = 1 << 20, 500_000
	l := newLimiter(t, 2, readBytes)
	photo := padded(good(t, detect.PNG), 400_000)
	opts := validate.Options{Limiter: l, MaxBytes: maxBytes}
	var most, readers, together atomic.Int64
	var group sync.WaitGroup
	for range 60 {
		group.Go(func() {
			readers.Add(1)
			defer readers.Add(-1)
			_, err := validate.Validate(context.Background(), &calling{bytes.NewReader(photo), func() {
				held, _ := validate.Held(l)
				if held > most.Load() {
					most.Store(held)
				}
				together.Store(max(together.Load(), readers.Load()))
				time.Sleep(100 * time.Microsecond)
			}}, opts)
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	requireFree(t, l)
	require.LessOrEqual(t, most.Load(), int64(readBytes+2*maxBytes))
	require.Greater(t, most.Load(), int64(readBytes/2), "they were read side by side")
	require.Greater(t, together.Load(), int64(2))
}

// calling is a reader that calls a function before each read.
type calling struct {
	r      io.Reader
	before func()
}

func (c *calling) Read(p []byte) (int, error) {
	c.before()
	return c.r.Read(p)
}

// TestLimiterBytesAreGivenBack: a call that waits for bytes ends with its context, and leaves
// nothing behind; those behind it go on.
func TestLimiterBytesAreGivenBack(t *testing.T) {
	l := newLimiter(t, 4, 100_000)
	photo := padded(good(t, detect.PNG), 300_000)
	opts := validate.Options{Limiter: l}
	// One call is above the limit, and its sender stops.
	slow, sender := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := validate.Validate(context.Background(), slow, opts)
		done <- err
	}()
	_, err := sender.Write(photo[:250_000])
	require.NoError(t, err)
	// Others wait for it, as long as they like to.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if _, err := validate.Validate(ctx, &hidden{bytes.NewReader(photo), 0}, opts); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	_, err = validate.Bytes(context.Background(), photo, opts)
	require.NoError(t, err, "which reads nothing")
	patient := make(chan error, 1)
	go func() {
		_, err := validate.Validate(context.Background(), &hidden{bytes.NewReader(photo), 0}, opts)
		patient <- err
	}()
	require.NoError(t, sender.CloseWithError(errors.New("gone")))
	require.Error(t, <-done)
	require.NoError(t, <-patient)
	requireFree(t, l)
}
