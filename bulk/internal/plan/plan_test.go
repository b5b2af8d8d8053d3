package plan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"github.com/imgvet/imgvet/bulk/internal/store"
)

func numbered(n int, size int64) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for i := range n {
			if !yield(store.Object{Key: fmt.Sprintf("ü/%07d \"<&\n.jpg", i), Size: size}, nil) {
				return
			}
		}
	}
}

func results(t testing.TB) *blob.Bucket {
	b := memblob.OpenBucket(nil)
	t.Cleanup(func() { b.Close() })
	return b
}

func TestMake(t *testing.T) {
	for _, c := range []struct {
		n                int
		size             int64
		limits           Limits
		shards, segments int64
	}{
		{0, 1, Limits{}, 0, 0},
		{1, 1, Limits{}, 1, 1},
		{200, 1, Limits{}, 1, 1},
		{201, 1, Limits{}, 2, 1},
		{200*64 + 1, 1, Limits{}, 65, 2},
		{10, 128 << 20, Limits{}, 5, 1},     // two of 128 MiB are 256 MiB
		{10, 128<<20 + 1, Limits{}, 10, 1},  // and no byte more
		{3, 1 << 40, Limits{}, 3, 1},        // one is taken, whatever its size
		{100, 1, Limits{Keys: 1}, 100, 2},   //
		{30, 10, Limits{Bytes: 25}, 15, 1},  //
		{40_000, 1, Limits{Keys: 7}, 0, 90}, // 40000/7/64
	} {
		b := results(t)
		h, err := Make(t.Context(), b, Head{Job: "j", Bucket: "mem://"}, c.limits, numbered(c.n, c.size))
		require.NoError(t, err)
		require.Equal(t, int64(c.n), h.Keys)
		require.Equal(t, int64(c.n)*c.size, h.Bytes)
		if c.shards > 0 {
			require.Equal(t, c.shards, h.Shards, "%+v", c)
		}
		require.Equal(t, c.segments, h.Segments, "%+v", c)
		loaded, err := Load(t.Context(), b)
		require.NoError(t, err)
		require.Equal(t, h, loaded)

		next := 0
		for s, err := range h.All(t.Context(), b) {
			require.NoError(t, err)
			for _, o := range s.Refs() {
				require.Equal(t, fmt.Sprintf("ü/%07d \"<&\n.jpg", next), o.Key)
				next++
			}
			again, err := h.Fetch(t.Context(), b, s.Shard, s.Segment, s.Offset, s.Length)
			require.NoError(t, err)
			require.Equal(t, s, again)
		}
		require.Equal(t, c.n, next)
		for _, of := range []int64{1, 2, 3, 20} {
			seen := map[int64]int{}
			for index := range of {
				for s, err := range h.Share(t.Context(), b, index, of) {
					require.NoError(t, err)
					seen[s.Shard]++
				}
			}
			require.Len(t, seen, int(h.Shards))
			for _, n := range seen {
				require.Equal(t, 1, n)
			}
		}
	}
}

// TestMakeOnce: a plan is whole or not there, and of several one stands.
func TestMakeOnce(t *testing.T) {
	t.Run("jobs", func(t *testing.T) { makeOnce(t, func(i int) string { return fmt.Sprint("j", i) }) })
	// Planners that were given one name must not write over the segments of the one that wins.
	t.Run("one job", func(t *testing.T) { makeOnce(t, func(int) string { return "j" }) })
}

func makeOnce(t *testing.T, job func(int) string) {
	b := results(t)
	oops := errors.New("oops")
	broken := func(yield func(store.Object, error) bool) {
		for o := range numbered(100_000, 1) {
			if !yield(o, nil) {
				return
			}
		}
		yield(store.Object{}, oops)
	}
	_, err := Make(t.Context(), b, Head{Job: "j"}, Limits{}, broken)
	require.ErrorIs(t, err, oops)
	_, err = Load(t.Context(), b)
	require.ErrorIs(t, err, ErrNone)

	var wg sync.WaitGroup
	heads, errs := make([]Head, 8), make([]error, 8)
	for i := range heads {
		wg.Go(func() {
			heads[i], errs[i] = Make(context.Background(), b, Head{Job: job(i)}, Limits{}, numbered(1000+i, 1))
		})
	}
	wg.Wait()
	won := 0
	for i, h := range heads {
		require.Equal(t, heads[0], h, "all go on with one plan")
		if errs[i] == nil {
			won++
		} else {
			require.ErrorIs(t, errs[i], ErrExists)
		}
	}
	require.Equal(t, 1, won)
	n := int64(0)
	for s, err := range heads[0].All(t.Context(), b) {
		require.NoError(t, err)
		n += int64(len(s.Objects))
	}
	require.Equal(t, heads[0].Keys, n, "the segments are those of the plan that stands")
}

func TestMakeRefuses(t *testing.T) {
	for _, l := range []Limits{{Keys: -1}, {Keys: MaxKeys + 1}, {Bytes: -1}} {
		_, err := Make(t.Context(), results(t), Head{Job: "j"}, l, numbered(1, 1))
		require.Error(t, err)
	}
	for _, job := range []string{"", "a.b", "a/b", "a b", "a*", ">", "-a", strings.Repeat("a", 65), "ü"} {
		_, err := Make(t.Context(), results(t), Head{Job: job}, Limits{}, numbered(1, 1))
		require.Error(t, err, job)
	}
}

func TestFetchRefuses(t *testing.T) {
	b := results(t)
	h, err := Make(t.Context(), b, Head{Job: "j"}, Limits{Keys: 2}, numbered(6, 1))
	require.NoError(t, err)
	var all []Shard
	for s := range h.All(t.Context(), b) {
		all = append(all, s)
	}
	s := all[1]
	for _, at := range [][4]int64{{0, 0, s.Offset, s.Length}, {1, 1, s.Offset, s.Length}, {1, 0, s.Offset + 1, s.Length}, {1, 0, s.Offset, s.Length - 2}, {1, 0, s.Offset, 0}, {1, 0, -1, 1}, {1, -1, 0, 1}} {
		_, err := h.Fetch(t.Context(), b, at[0], at[1], at[2], at[3])
		require.Error(t, err, at)
	}
}

func FuzzParseHead(f *testing.F) {
	for i := range 64 {
		f.Add(fmt.Appendf(nil, `{"imgvet_bulk":1,"job":"j","draft":"D","bucket":"file:///a","created":"2026-11-30T10:00:00Z","keys":%d,"bytes":1,"shards":1,"segments":1,"rules":{"tolerance":"strict","picture":{"MinWidth":%d}}}`, i, i))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHead(b)
		if err == nil {
			require.NoError(t, CheckJob(h.Job))
			require.NoError(t, h.Rules.Options().Problems())
			require.LessOrEqual(t, h.Segments, h.Keys)
		}
	})
}

func FuzzParseShard(f *testing.F) {
	for i := range 64 {
		f.Add(fmt.Appendf(nil, `{"shard":%d,"objects":[{"k":"a%d","s":%d},{"k":"b","s":0}]}`, i, i, i))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseShard(b)
		if err == nil {
			require.NotEmpty(t, s.Objects)
			for _, o := range s.Refs() {
				require.NotEmpty(t, o.Key)
				require.GreaterOrEqual(t, o.Size, int64(0))
			}
		}
	})
}
