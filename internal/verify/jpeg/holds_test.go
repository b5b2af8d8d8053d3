package jpeg

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Holds counts each chunk once, whichever blocks of it are marked, and those of the free list not
// at all.
func TestHolds(t *testing.T) {
	d := newDecoder()
	for range 2 {
		require.Zero(t, d.prog.Holds())
		d.marks(0, 0, 10)
		d.marks(0, 5, 10)
		d.marks(2, 3*chunkBlocks+1, 10)
		require.EqualValues(t, 2*8*chunkBlocks, d.prog.Holds())
		d.prog.release()
	}
}
