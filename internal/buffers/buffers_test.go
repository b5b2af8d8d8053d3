package buffers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/buffers"
)

func TestSize(t *testing.T) {
	require.EqualValues(t, buffers.Least, buffers.Size(0))
	class := buffers.Class(buffers.Least)
	require.GreaterOrEqual(t, class, 0)
	for n, last := int64(1), int64(buffers.Least); n < 1<<34; n += 1 + n/97 {
		size := buffers.Size(n)
		require.GreaterOrEqual(t, size, n)
		if n > buffers.Least {
			require.Less(t, float64(size), float64(n)*1.25)
		}
		require.Equal(t, size, buffers.Size(size), "a rounded size stays")
		require.Equal(t, 2*size, buffers.Size(2*size))
		if size != last {
			last, class = size, class+1
		}
		require.Equal(t, class, buffers.Class(size), "%d", size)
		require.Less(t, class, buffers.Classes)
	}
}
