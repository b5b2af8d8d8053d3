package verify

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBuffers: what was used last is used next, if it is large enough; nothing is larger than the
// limit; and what is given back is not held a second time.
func TestBuffers(t *testing.T) {
	var b buffers
	first, second := b.take(1000, 1<<20), b.take(2000, 1<<20)
	require.Len(t, first, 1000)
	require.Greater(t, cap(first), 1000)
	b.give(second)
	b.give(first)
	again := b.take(1500, 1<<20)
	require.Same(t, &first[0], &again[0])
	require.Len(t, again, 1500)
	large := b.take(1<<20, 1<<20)
	require.Equal(t, 1<<20, cap(large))
	require.Empty(t, b.free, "the one that was too small is let go")
}
