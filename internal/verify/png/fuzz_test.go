package png

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/verify"
)

// FuzzVerify: our verdict is image/png's except for the table of differences, and is the same
// each time. A file that is whole to its last byte is not whole without it. No file costs more
// than its size allows.
func FuzzVerify(f *testing.F) {
	const maxSeed, minSeeds = 32 << 10, 60
	seeds := 0
	files := corpus(f)
	rng := rand.New(rand.NewPCG(10, 11))
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if b := files[path]; len(b) <= maxSeed {
			f.Add(b)
			f.Add(mutant(rng, b, b))
			seeds += 2
		}
	}
	if seeds < minSeeds {
		f.Fatalf("%d seeds, not %d", seeds, minSeeds)
	}
	lim := verify.Limits{MaxPixels: 1 << 20} // image/png is asked too, and takes memory
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			t.Skip()
		}
		start := cputime.Used()
		info, err := Verify(b, lim)
		// Far more than any takes, since the fuzzer's threads are counted too.
		require.Less(t, cputime.Used()-start, 10*time.Second)
		require.LessOrEqual(t, len(info.Warnings), 16)

		again, err2 := Verify(b, lim)
		require.Equal(t, info, again)
		require.Equal(t, err, err2)

		if _, err := compare(b, lim); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			require.Positive(t, info.Width)
			require.Positive(t, info.Height)
			require.Positive(t, info.Frames)
			if !slices.ContainsFunc(info.Warnings, func(w verify.Warning) bool { return w.Text == "bytes after IEND" }) {
				_, err := Verify(b[:len(b)-1], lim)
				require.Error(t, err)
			}
		}
	})
}
