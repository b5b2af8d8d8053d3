package parts

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"github.com/imgvet/imgvet/bulk/internal/store"
)

func TestRange(t *testing.T) {
	for _, c := range []struct {
		n        Node
		objects  int
		from, to int
		ok       bool
	}{
		{"", 5, 0, 5, true}, {"0", 5, 0, 3, true}, {"1", 5, 3, 5, true}, {"00", 5, 0, 2, true}, {"01", 5, 2, 3, true},
		{"", 1, 0, 1, true}, {"0", 1, 0, 0, false}, {"010", 5, 0, 0, false}, {"", 0, 0, 0, false},
	} {
		from, to, ok := c.n.Range(c.objects)
		require.Equal(t, c.ok, ok, c)
		if ok {
			require.Equal(t, [2]int{c.from, c.to}, [2]int{from, to}, c)
		}
	}
}

// TestCover: whatever nodes are there, those chosen and those missing have each object once, in
// order; a node wins over what it contains.
func TestCover(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		objects := 1 + random.IntN(20)
		var there []Node
		for range random.IntN(6) {
			n := ""
			for range random.IntN(7) {
				n += string("01"[random.IntN(2)])
			}
			there = append(there, Node(n))
		}
		have, missing := Cover(there, objects)
		seen := make([]int, objects)
		last := -1
		for _, n := range have {
			from, to, ok := n.Range(objects)
			require.True(t, ok)
			require.Greater(t, from, last, "in order")
			last = to - 1
			require.Contains(t, there, n)
			for _, m := range there {
				require.False(t, len(m) < len(n) && strings.HasPrefix(string(n), string(m)), "%q wins over %q", m, n)
			}
			for i := from; i < to; i++ {
				seen[i]++
			}
		}
		for _, n := range missing {
			from, to, ok := n.Range(objects)
			require.True(t, ok)
			for i := from; i < to; i++ {
				seen[i]++
			}
		}
		for i, n := range seen {
			require.Equal(t, 1, n, "object %d of %d: there %q, have %q, missing %q", i, objects, there, have, missing)
		}
	}
}

func TestList(t *testing.T) {
	b := memblob.OpenBucket(nil)
	defer b.Close()
	want := []Found{{3, []Node{"0", "10", "11"}}, {4, []Node{""}}, {4095, []Node{""}}, {4096, []Node{"", "1"}}}
	for _, f := range want {
		for _, n := range f.Nodes {
			require.NoError(t, Put(t.Context(), b, "job", f.Shard, n, nil))
		}
	}
	for _, other := range []string{"parts/job/x.jsonl", "parts/job/00000000/12.jsonl", "parts/job2/00000000/0000000001.jsonl", "parts/job/00000000/0000000003-2.jsonl", "parts/job/00000000/0000000003-.jsonl"} {
		require.NoError(t, b.WriteAll(t.Context(), other, nil, nil))
	}
	var got []Found
	for f, err := range List(t.Context(), b, "job") {
		require.NoError(t, err)
		got = append(got, f)
	}
	for i := range got { // "3" is listed behind "3-0"
		require.ElementsMatch(t, want[i].Nodes, got[i].Nodes)
		require.Equal(t, want[i].Shard, got[i].Shard)
	}
	require.Len(t, got, len(want))
}

func TestCheck(t *testing.T) {
	objects := []store.Object{{Key: "a"}, {Key: "b"}}
	a, b := `{"file":"a","ok":true,"size":1,"key":"a"}`+"\n", `{"file":"b","ok":false,"failure":"x","size":0,"key":"b"}`+"\n"
	lines, err := Check([]byte(a+b), objects)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	for name, part := range map[string]string{
		"empty": "", "one": a, "order": b + a, "more": a + b + a, "cut": a + b[:len(b)-1], "torn": a + b[:20], "other": a + strings.Replace(b, `"key":"b"`, `"key":"c"`, 1),
		"no verdict": a + `{"file":"b","ok":false,"size":0,"key":"b"}` + "\n", "twice": a + a,
	} {
		_, err := Check([]byte(part), objects)
		var bad *BadError
		require.ErrorAs(t, err, &bad, name)
	}
}

func FuzzParseKey(f *testing.F) {
	for shard := range 30 {
		for _, n := range []Node{"", "0", "10"} {
			f.Add(Key("job", int64(shard*shard*shard), n))
		}
	}
	f.Fuzz(func(t *testing.T, key string) {
		shard, n, ok := ParseKey("job", key)
		if ok {
			require.Equal(t, key, Key("job", shard, n))
		}
	})
}

func FuzzCheck(f *testing.F) {
	for i := range 30 {
		f.Add(fmt.Appendf(nil, `{"file":"a","ok":true,"size":%d,"key":"a"}`+"\n"+`{"file":"b","ok":false,"error":{"code":5,"message":"m"},"size":0,"key":"b"}`+"\n", i))
		f.Add(fmt.Appendf(nil, `{"file":"a","ok":true,"size":%d,"key":"a"}`, i))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := Check(b, []store.Object{{Key: "a"}, {Key: "b"}})
		if err == nil {
			require.Len(t, lines, 2)
		}
	})
}
