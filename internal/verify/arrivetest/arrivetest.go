// Package arrivetest tests verifiers on files that are still arriving. Only tests import it.
package arrivetest

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// Limits are those of all tests here.
var limits = verify.Limits{MaxPixels: 220_000_000}

// Arriving returns an Input for b that arrives in pieces, each of which lies elsewhere than the
// one before. sent, if it is not nil, is how many bytes have arrived.
func Arriving(ctx context.Context, b []byte, sent *int, step func() int) *verify.Input {
	at := 0
	return verify.Arriving(ctx, nil, -1, func(ctx context.Context, _ int, _ int64) ([]byte, bool, error) {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		at = min(len(b), at+step())
		if sent != nil {
			*sent = at
		}
		return slices.Clone(b[:at]), at == len(b), nil
	})
}

// verdict is all that a verifier says of a file.
type verdict struct {
	Info   string
	Fault  *verify.Fault
	Looked int64
}

func judge(t testing.TB, in *verify.Input, lim verify.Limits, v verify.Verifier) verdict {
	t.Helper()
	info, looked, err := verify.Judge(in, lim, v)
	said, jsonErr := json.Marshal(info)
	require.NoError(t, jsonErr)
	got := verdict{Info: string(said), Looked: looked}
	if err != nil {
		require.ErrorAs(t, err, &got.Fault)
	}
	return got
}

// Same requires the verdict on b not to depend on how b arrives, and to be that of b in memory. Of
// a file that is refused before its end, only the fault is compared; and nothing is compared if
// the file is also cut.
func Same(t testing.TB, name string, b []byte, v verify.Verifier) {
	t.Helper()
	for _, lenient := range []bool{false, true} {
		lim := limits
		lim.Lenient = lenient
		want := judge(t, verify.Memory(context.Background(), b), lim, v)
		rnd := rand.New(rand.NewPCG(uint64(len(b)), 17))
		steps := []func() int{
			func() int { return len(b) },
			func() int { return 1 + rnd.IntN(1+len(b)/5) },
			func() int { return 1 + rnd.IntN(1+len(b)/50) },
			func() int { return 1 + (len(b)-1)/2 },
		}
		if !testenv.Long() {
			steps = steps[1:3] // in large and in small pieces
		}
		if len(b) < testenv.Count(3000, 600) {
			steps = append(steps, func() int { return 1 })
		}
		for at := 1; at < len(b) && len(b) < 300; at += testenv.Count(1, 7) {
			first := true
			steps = append(steps, func() int {
				if first {
					first = false
					return at
				}
				return len(b)
			})
		}
		var streamed *verdict
		for _, step := range steps {
			got := judge(t, Arriving(context.Background(), b, nil, step), lim, v)
			if streamed != nil {
				require.Equal(t, *streamed, got, "%s, lenient %v: two ways to arrive", name, lenient)
			}
			streamed = &got
		}
		if streamed.Looked == int64(len(b)) {
			require.Equal(t, want, *streamed, "%s, lenient %v", name, lenient)
			continue
		}
		require.NotNil(t, want.Fault, "%s, lenient %v: %v", name, lenient, streamed.Fault)
		if want.Fault.Reason != verify.Truncated {
			require.Equal(t, want.Fault, streamed.Fault, "%s, lenient %v", name, lenient)
		}
	}
}

// Early requires that b, which breaks at byte at, is refused for the given reason when no more
// than extra bytes behind at and a window have arrived.
func Early(t testing.TB, name string, b []byte, at, extra int, reason verify.Reason, v verify.Verifier) {
	t.Helper()
	sent := 0
	const step = 10_000
	_, looked, err := verify.Judge(Arriving(context.Background(), b, &sent, func() int { return step }), limits, v)
	var fault *verify.Fault
	require.ErrorAs(t, err, &fault, name)
	require.Equal(t, reason, fault.Reason, name)
	require.LessOrEqual(t, sent, at+extra+verify.Window+step, "%s: %d bytes", name, len(b))
	require.LessOrEqual(t, looked, int64(sent), name)
}

// counted is a context that counts how often it was looked at, and is cancelled at some look.
type counted struct {
	context.Context //nolint:containedctx // it is one
	looks, cancelAt int
}

func (c *counted) Err() error {
	if c.looks++; c.cancelAt > 0 && c.looks >= c.cancelAt {
		return context.Canceled
	}
	return nil
}

// Cancelled requires that the verifier looks at the context for each 256 KiB of b, which is
// good; that it ends soon after the context is cancelled, wherever that is; and that it says so.
// perLook is how much processor time may pass, on average, between two looks.
func Cancelled(t testing.TB, name string, b []byte, v verify.Verifier) {
	t.Helper()
	require.Greater(t, len(b), 2*verify.Window, name)
	ctx := &counted{Context: context.Background()}
	_, _, err := verify.Judge(verify.Memory(ctx, b), limits, v)
	require.NoError(t, err, name)
	total := ctx.looks
	require.GreaterOrEqual(t, total, len(b)/verify.Window, "%s: %d bytes", name, len(b))

	places := []int{1, 2, total / 2, total}
	if !testenv.Long() {
		places = []int{2, total / 3}
	}
	for _, at := range places {
		ctx := &counted{Context: context.Background(), cancelAt: max(at, 1)}
		_, _, err := verify.Judge(verify.Memory(ctx, b), limits, v)
		require.ErrorIs(t, err, context.Canceled, "%s, look %d of %d", name, at, total)
		var fault *verify.Fault
		require.False(t, errors.As(err, &fault), name)
		require.LessOrEqual(t, ctx.looks, ctx.cancelAt+3, "%s: goes on", name)
	}
	ctx = &counted{Context: context.Background(), cancelAt: 10}
	sent := 0
	_, _, err = verify.Judge(Arriving(ctx, b, &sent, func() int { return 50_000 }), limits, v)
	require.ErrorIs(t, err, context.Canceled, name)
	require.Less(t, sent, 500_001, name)
}

// Limited requires that b, which is good, costs a number of units of work that is weight times
// most of its bytes; that it passes with that ceiling; and that it is refused with one less.
func Limited(t testing.TB, name string, b []byte, w verify.Weight, v verify.Verifier) {
	t.Helper()
	within := func(in *verify.Input, limit int64) error {
		in.Limit(limit)
		_, _, err := verify.Judge(in, limits, v)
		return err
	}
	memory := func() *verify.Input { return verify.Memory(context.Background(), b) }
	most := int64(len(b)) * int64(w)
	require.NoError(t, within(memory(), most), name)
	low, high := int64(0), most // refused, passes
	if !testenv.Long() {
		low = most * 6 / 10
		require.Error(t, within(memory(), low), name)
	}
	for high-low > int64(testenv.Count(1, int(most/50))) {
		if mid := (low + high) / 2; within(memory(), mid) == nil {
			high = mid
		} else {
			low = mid
		}
	}
	require.Greater(t, high, most*7/10, name)
	for _, in := range []*verify.Input{memory(), Arriving(context.Background(), b, nil, func() int { return 9_999 })} {
		var fault *verify.Fault
		require.ErrorAs(t, within(in, low), &fault, name)
		require.Equal(t, verify.TooMuchWork, fault.Reason, name)
		require.Equal(t, low, fault.Limit, name)
		require.Greater(t, fault.Got, low, name)
	}
	require.NoError(t, within(Arriving(context.Background(), b, nil, func() int { return 9_999 }), high), name)
}

// timed is a context that notes the longest processor time between two looks at it.
type timed struct {
	context.Context //nolint:containedctx // it is one
	last, longest   time.Duration
}

func (c *timed) Err() error {
	now := cputime.Used()
	c.longest = max(c.longest, now-c.last)
	c.last = now
	return nil
}

// PerMiB measures what v costs for each MiB of b, and the longest time between two looks at the
// context. It reports processor time, in milliseconds.
func PerMiB(b *testing.B, file []byte, lim verify.Limits, v verify.Verifier) {
	b.Helper()
	n := 0
	start := cputime.Used()
	for b.Loop() {
		n++
		if _, err := verify.Whole(file, lim, v); err != nil {
			var fault *verify.Fault
			require.ErrorAs(b, err, &fault)
		}
	}
	used := cputime.Used() - start
	b.ReportMetric(float64(used.Microseconds())/1000/float64(n)/(float64(len(file))/(1<<20)), "cpu-ms/MiB")
	b.ReportMetric(float64(used.Microseconds())/1000/float64(n), "cpu-ms")
	longest := time.Hour
	for range 3 {
		ctx := &timed{Context: context.Background(), last: cputime.Used()}
		_, _, _ = verify.Judge(verify.Memory(ctx, file), lim, v)
		_ = ctx.Err()
		longest = min(longest, ctx.longest)
	}
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-between-looks")
}
