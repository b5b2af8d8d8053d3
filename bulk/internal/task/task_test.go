package task

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"github.com/imgvet/imgvet/bulk/internal/parts"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

func TestMissing(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	h, err := plan.Make(t.Context(), b, plan.Head{Job: "j"}, plan.Limits{Keys: 4}, func(yield func(store.Object, error) bool) {
		for i := range 22 {
			if !yield(store.Object{Key: fmt.Sprint(i), Size: 1}, nil) {
				return
			}
		}
	})
	require.NoError(t, err)
	require.Equal(t, int64(6), h.Shards)
	for _, p := range []struct {
		shard int64
		n     parts.Node
	}{{0, ""}, {1, "0"}, {2, "00"}, {2, "1"}, {3, "0"}, {3, "1"}, {5, ""}, {99, ""}} {
		require.NoError(t, parts.Put(t.Context(), b, "j", p.shard, p.n, nil))
	}
	var got []string
	for m, err := range Missing(t.Context(), b, h) {
		require.NoError(t, err)
		again, err := Parse(m.Encode())
		require.NoError(t, err)
		require.Equal(t, m, again)
		s, err := h.Fetch(t.Context(), b, m.Shard, m.Segment, m.Offset, m.Length)
		require.NoError(t, err)
		require.Equal(t, m.Shard, s.Shard)
		got = append(got, fmt.Sprint(m.Shard, "-", m.Node))
	}
	require.Equal(t, []string{"1-1", "2-01", "4-"}, got)
	p, err := Count(t.Context(), b, h)
	require.NoError(t, err)
	require.Equal(t, Progress{Shards: 6, Keys: 22, DoneShards: 3, DoneKeys: 4 + 2 + 3 + 4 + 2, Halved: 3}, p)
}

func TestParseRefuses(t *testing.T) {
	for _, b := range []string{
		"", "{}", `{"job":"a b","shard":0,"segment":0,"offset":0,"length":1}`, `{"job":"j","shard":-1,"segment":0,"offset":0,"length":1}`,
		`{"job":"j","shard":0,"segment":0,"offset":0,"length":0}`, `{"job":"j","shard":0,"node":"2","segment":0,"offset":0,"length":1}`,
		`{"job":"j","shard":0,"segment":0,"offset":0,"length":1}x`, `{"job":"j","shard":0,"segment":0,"offset":0,"length":1,"keys":["a"]}`,
	} {
		_, err := Parse([]byte(b))
		require.Error(t, err, b)
	}
}

func FuzzParse(f *testing.F) {
	for i := range 64 {
		f.Add(Message{"job", int64(i), parts.Node("01"[:i%3]), int64(i), int64(i * i), 1 + int64(i)}.Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(m.Encode())
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}
