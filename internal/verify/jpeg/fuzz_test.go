package jpeg

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// minSeeds is how many seeds a fuzz run must start from.
const minSeeds = 60

// FuzzVerify checks what no input may break: Verify does not panic, its errors are Faults inside
// the file, it gives the same verdict again from used state, and it agrees with image/jpeg
// except for the listed differences.
func FuzzVerify(f *testing.F) {
	seeds := [][]byte{gray(nil)}
	files := goodFiles(f)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, file := range files {
		if len(file.data) < 40<<10 {
			seeds = append(seeds, file.data, mutate(rng, file.data, files[0].data))
		}
	}
	require.GreaterOrEqual(f, len(seeds), minSeeds)
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Verify(data, lim)
		if err != nil {
			var fault *verify.Fault
			require.ErrorAs(t, err, &fault)
			require.LessOrEqual(t, fault.Offset, int64(len(data)))
			require.GreaterOrEqual(t, fault.Offset, int64(0))
		} else {
			require.Positive(t, info.Width)
			require.Positive(t, info.Height)
			require.Equal(t, 1, info.Frames)
		}
		again, err2 := Verify(data, lim)
		require.Equal(t, info, again)
		require.Equal(t, err, err2)
		compare(t, "input", data)
	})
}
