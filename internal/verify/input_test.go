package verify_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// pieces returns a More that hands out b in pieces, and then err or the end.
func pieces(b []byte, step int, err error) verify.More {
	at := 0
	return func(_ context.Context, have int, _ int64) ([]byte, bool, error) {
		if have != at {
			panic("More is told what it has not said")
		}
		if at == len(b) && err != nil {
			return nil, false, err
		}
		at = min(len(b), at+step)
		return b[:at], at == len(b) && err == nil, nil
	}
}

func TestInputShowsWindows(t *testing.T) {
	b := make([]byte, 3*verify.Window+5)
	in := verify.Memory(context.Background(), b)
	require.True(t, in.InMemory())
	require.Len(t, in.Bytes(), verify.Window)
	require.Len(t, in.File(), len(b))
	require.True(t, in.Reach(verify.Window))
	require.Len(t, in.Bytes(), verify.Window)
	require.True(t, in.Reach(verify.Window+1))
	require.Len(t, in.Bytes(), 2*verify.Window)
	require.True(t, in.Reach(len(b)))
	require.False(t, in.Reach(len(b)+1))
	require.False(t, in.Extend())
	require.True(t, in.All())
	require.NoError(t, in.Err())
}

func TestInputArrives(t *testing.T) {
	b := []byte("0123456789")
	in := verify.Arriving(context.Background(), nil, -1, pieces(b, 3, nil))
	require.EqualValues(t, -1, in.Size())
	require.True(t, in.Reach(4))
	require.Equal(t, "012345", string(in.Bytes()))
	require.EqualValues(t, -1, in.Size())
	require.True(t, in.Extend())
	require.Equal(t, "012345678", string(in.Bytes()))
	require.False(t, in.Reach(11))
	require.EqualValues(t, -1, in.Size())
	require.Equal(t, string(b), string(in.Bytes()))
	require.NoError(t, in.Err())
}

// TestInputStops: once it has stopped, for whatever reason, the file seems to end.
func TestInputStops(t *testing.T) {
	broken := errors.New("broken")
	in := verify.Arriving(context.Background(), nil, -1, pieces([]byte("01234"), 5, broken))
	require.True(t, in.Reach(5))
	require.False(t, in.Reach(6))
	require.ErrorIs(t, in.Err(), broken)
	require.False(t, in.All())

	ctx, cancel := context.WithCancel(context.Background())
	in = verify.Memory(ctx, make([]byte, 2*verify.Window))
	require.True(t, in.Look())
	cancel()
	require.True(t, in.Reach(verify.Window), "this was shown before")
	require.False(t, in.Reach(verify.Window+1))
	require.ErrorIs(t, in.Err(), context.Canceled)

	in = verify.Memory(context.Background(), nil)
	in.Limit(10)
	require.True(t, in.Spend(5, 2, 7))
	require.False(t, in.Spend(1, 1, 8))
	var fault *verify.Fault
	require.ErrorAs(t, in.Err(), &fault)
	require.Equal(t, []any{verify.TooMuchWork, int64(8), int64(10), int64(11)}, []any{fault.Reason, fault.Offset, fault.Limit, fault.Got})
}

// TestAfford: bytes that have not arrived pay as well.
func TestAfford(t *testing.T) {
	in := verify.Arriving(context.Background(), nil, -1, pieces(make([]byte, 10), 1, nil))
	in.Allow(100, 7)
	require.True(t, in.Afford(100))
	require.Empty(t, in.Bytes(), "nothing is waited for")
	require.True(t, in.Afford(8))
	require.Len(t, in.Bytes(), 2)
	require.True(t, in.Afford(62))
	require.False(t, in.Afford(1))
	in = verify.Memory(context.Background(), make([]byte, 10))
	in.Allow(0, 1)
	require.True(t, in.Afford(10))
	require.False(t, in.Afford(1))
}

func TestSection(t *testing.T) {
	b := []byte("0123456789")
	in := verify.Arriving(context.Background(), nil, -1, pieces(b, 4, nil))
	s := in.Section(2, 12)
	require.Equal(t, 10, s.Len())
	require.Empty(t, s.B)
	require.True(t, s.Reach(1))
	require.Equal(t, "23", string(s.B))
	part := s.From(1)
	part = part.Until(4)
	require.Equal(t, "3", string(part.B))
	require.True(t, part.Reach(4))
	require.Equal(t, "3456", string(part.B))
	require.False(t, part.More(), "the part ends")
	require.False(t, s.Reach(10), "the file ends")
	require.Equal(t, "23456789", string(s.B))
	memory := verify.SectionOf(b)
	require.Equal(t, 10, memory.Len())
	require.False(t, memory.More())
}

// TestJudgeWaitsForAWindow: a verifier that is told by the end of the file decides otherwise if
// it has the whole file.
func TestJudgeWaitsForAWindow(t *testing.T) {
	verifier := func(in *verify.Input, _ verify.Limits) (verify.Info, error) {
		if in.InMemory() {
			return verify.Info{Width: 2}, verify.Faultf(verify.Truncated, len(in.File()), "cut")
		}
		in.Reach(101)
		return verify.Info{Width: 1}, verify.Faultf(verify.Malformed, 100, "broken")
	}
	for _, size := range []int{101, verify.Window, verify.Window + 100, verify.Window + 101, 3 * verify.Window} {
		for _, step := range []int{50_000, 70_001, 1 << 30} {
			in := verify.Arriving(context.Background(), nil, -1, pieces(make([]byte, size), step, nil))
			info, looked, err := verify.Judge(in, verify.Limits{}, verifier)
			var fault *verify.Fault
			require.ErrorAs(t, err, &fault)
			if size <= verify.Window+100 {
				require.Equal(t, verify.Truncated, fault.Reason, size)
				require.Equal(t, 2, info.Width)
				require.EqualValues(t, size, looked)
				continue
			}
			require.Equal(t, verify.Malformed, fault.Reason, size)
			require.Equal(t, 1, info.Width)
			require.EqualValues(t, verify.Window+100, looked)
		}
	}
	broken := errors.New("broken")
	in := verify.Arriving(context.Background(), nil, -1, pieces(make([]byte, 200), 50, broken))
	_, _, err := verify.Judge(in, verify.Limits{}, verifier)
	require.ErrorIs(t, err, broken, "the read failed before the verdict was certain")
}
