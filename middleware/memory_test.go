package middleware

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/buffers"
)

// TestMemoryStaysInItsBudget lends, takes back and trims at random, and checks the sums after
// each step.
func TestMemoryStaysInItsBudget(t *testing.T) {
	const limit = 1 << 20
	m := newMemory(limit, limit)
	random := rand.New(rand.NewPCG(1, 2))
	var lent [][]byte
	sum, refused := int64(0), 0
	for range 20_000 {
		switch {
		case random.IntN(100) == 0:
			m.trim()
		case random.IntN(2) == 0 || len(lent) == 0:
			n := int64(1) << random.IntN(20)
			n += random.Int64N(n)
			b := m.take(n)
			if b == nil {
				require.Greater(t, sum+n, int64(limit), "refused what there is room for")
				refused++
				continue
			}
			require.Empty(t, b)
			require.GreaterOrEqual(t, int64(cap(b)), n)
			require.LessOrEqual(t, cap(b), max(buffers.Least*3/2, int(n)*2))
			lent, sum = append(lent, b), sum+int64(cap(b))
		default:
			i := random.IntN(len(lent))
			b := lent[i]
			lent[i] = lent[len(lent)-1]
			lent, sum = lent[:len(lent)-1], sum-int64(cap(b))
			if random.IntN(4) == 0 {
				m.drop(b)
			} else {
				m.give(b)
			}
		}
		used, kept := m.used()
		require.Equal(t, sum, used)
		require.LessOrEqual(t, used+kept, int64(limit))
		total := int64(0)
		for size, list := range m.free {
			total += int64(size) * int64(len(list))
		}
		require.Equal(t, total, kept)
	}
	require.Positive(t, refused)
	for _, b := range lent {
		m.give(b)
	}
	used, kept := m.used()
	require.Zero(t, used)
	require.Positive(t, kept)
	m.trim()
	m.trim()
	_, kept = m.used()
	require.Zero(t, kept, "what nobody uses goes")
}

// TestMemoryIsUsedAgain: the same size comes back, and no byte of it to be seen.
func TestMemoryIsUsedAgain(t *testing.T) {
	m := newMemory(1<<20, 1<<20)
	first := append(m.take(100_000), "secret"...)
	m.give(first)
	again := m.take(100_000)
	require.Empty(t, again)
	require.Same(t, &first[0], &again[:1][0])
	m.drop(again)
	fresh := m.take(100_000)
	require.NotSame(t, &first[0], &fresh[:1][0], "what was dropped may be in use")
}

// TestGrowingBelievesNothing: whatever is announced, the buffer stays within twice the bytes that
// came, and ends at about their number if the announcement was true.
func TestGrowingBelievesNothing(t *testing.T) {
	for _, announced := range []int64{0, 1, 100_000, 3_000_000, 1 << 40} {
		g := growing{memory: newMemory(16<<20, 8<<20), expect: announced}
		for range 3_000 {
			require.True(t, g.room(1000, 8<<20))
			g.b = append(g.b, make([]byte, 1000)...)
			require.LessOrEqual(t, cap(g.b), max(buffers.Least, 2*len(g.b)))
			used, kept := g.memory.used()
			require.EqualValues(t, cap(g.b), used)
			require.LessOrEqual(t, used+kept, int64(16<<20))
		}
		if announced == 3_000_000 {
			require.LessOrEqual(t, cap(g.b), 3_000_000*5/4)
		}
		require.False(t, g.room(8<<20, 8<<20), "over the most that it may have")
		require.Len(t, g.b, 3_000_000, "and nothing is lost")
	}
}

// TestMemoryForEachVerification: as many files of the largest size as there are slots, whatever
// came before.
func TestMemoryForEachVerification(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const slots, largest = 3, 9_000_000
	m := newMemory(slots*largest, largest)
	for range 1000 {
		var lent [][]byte
		for range slots {
			b := m.take(1 + random.Int64N(largest))
			require.NotNil(t, b)
			require.LessOrEqual(t, cap(b), largest)
			lent = append(lent, b)
		}
		for _, b := range lent {
			m.give(b)
		}
	}
}

// TestReserveLeavesHalf: what verifications keep while they wait leaves half of the memory to
// bodies.
func TestReserveLeavesHalf(t *testing.T) {
	const limit = 1 << 20
	m := newMemory(limit, limit)
	m.give(m.take(limit))
	require.True(t, m.reserve(limit/4))
	require.True(t, m.reserve(limit/4))
	require.False(t, m.reserve(1))
	b := m.take(limit / 2)
	require.NotNil(t, b)
	require.Nil(t, m.take(1))
	m.unreserve(limit / 4)
	require.True(t, m.reserve(limit/4))
	m.unreserve(limit / 2)
	m.give(b)
	used, _ := m.used()
	require.Zero(t, used)
	require.True(t, m.reserve(limit/2), "kept buffers give way")
}
