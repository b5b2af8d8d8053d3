package heic_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/testenv"
)

// sameVerdict checks that reading several tiles at a time changes nothing: not the
// fault that is reported, not its place, not the warnings nor their order.
func sameVerdict(t *testing.T, name string, b []byte) error {
	t.Helper()
	want, wantErr := heic.Verify(b, heic.Limits{MaxPixels: 100_000_000})
	for _, n := range []int{-1, 1, 2, 3, 8, 1000, -2, -3, math.MinInt} {
		got, err := heic.Verify(b, heic.Limits{MaxPixels: 100_000_000, Parallel: n})
		require.Equal(t, wantErr, err, "%s, %d at a time", name, n)
		require.Equal(t, want, got, "%s, %d at a time", name, n)
	}
	return wantErr
}

// unequalTiles is a grid of tiles in which several things may go wrong at once.
func unequalTiles(edit func(tile int, it *heifItem)) []byte {
	f := gridOf(3, 4, 4*64, 3*64)
	for i := range 12 {
		edit(i, &f.items[i])
	}
	return f.bytes()
}

func TestParallelVerdictIsTheSequentialOne(t *testing.T) {
	for _, g := range goodFiles(t) {
		require.NoError(t, sameVerdict(t, g.name, g.b))
	}
	for _, g := range hostileFiles() {
		require.Error(t, sameVerdict(t, g.name, g.b), g.name)
	}
	// Of two faults, the first in the order of the tiles is the one reported, be
	// it of a stream or of the container.
	for i := range 12 {
		for j := range 12 {
			name := fmt.Sprintf("tile %d cut, tile %d without hvcC", i, j)
			require.Error(t, sameVerdict(t, name, unequalTiles(func(n int, it *heifItem) {
				if n == j {
					it.props = []byte{2}
				}
				if n == i {
					it.data = bytes.Clone(it.data)
					it.data[len(it.data)-2] ^= 0xff
				}
				if n%3 == 0 { // with a warning before the fault, and behind it
					it.data = cat(be(4, uint64(len(it.data)-4+2)), it.data[4:], []byte{0, 0})
				}
			})), name)
		}
	}
	// Of over 16 warnings, the first 16.
	require.NoError(t, sameVerdict(t, "warnings", unequalTiles(func(n int, it *heifItem) {
		it.data = cat(be(4, uint64(len(it.data)-4+2)), it.data[4:], []byte{0, 0})
	})))
}

func TestParallelVerdictsOfMutants(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	n, bad := testenv.Count(4000, 150), 0
	files := []good{
		{"grid", gridOf(2, 3, 190, 128).bytes()},
		{"grid of 12", unequalTiles(func(int, *heifItem) {})},
		{"overlay", overlayOf(80, 120).bytes()},
		{"thumbnail", withThumbnail().bytes()},
	}
	for i := range n {
		g := files[i%len(files)]
		b := mutate(r, g.b)
		if sameVerdict(t, fmt.Sprintf("%s, mutant %d", g.name, i), b) != nil {
			bad++
		}
	}
	require.Greater(t, bad, n/2)
}

// mutate damages a copy of b in one to three places, as transfers and attackers do.
func mutate(r *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + r.IntN(3) {
		at := r.IntN(len(b))
		n := min(1+r.IntN(16), len(b)-at)
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2:
			clear(b[at : at+n])
		case 3:
			copy(b[at:at+n], b[r.IntN(len(b)):])
		case 4:
			b = append(b[:at], b[at+n:]...)
		case 5:
			b = append(b[:at:at], append(bytes.Clone(b[at:at+n]), b[at:]...)...)
		}
		if len(b) < 64 {
			return b
		}
	}
	return b
}

// Several tiles at a time cost under 1 MiB each beyond the file.
func TestParallelMemory(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(moduleDir(t, "github.com/jdeng/goheif"), "testdata", "camel.heic"))
	require.NoError(t, err)
	if len(names) == 0 || testenv.Race {
		t.Skip("SKIPPED: goheif's camel.heic is not there, or the race detector counts its own memory")
	}
	b, err := os.ReadFile(names[0])
	require.NoError(t, err)
	for _, n := range []int{1, 2, 8, 64, -8} {
		most := peak(func() {
			_, err := heic.Verify(b, heic.Limits{MaxPixels: 100_000_000, Parallel: n})
			require.NoError(t, err)
		})
		t.Logf("%d at a time: %d KiB", n, most>>10)
		require.Less(t, most, int64(max(n, -n))<<20)
	}
}

// peak returns how much memory a call allocates in all, which is no less than
// what it holds at any time: the least of three runs, with cold pools.
func peak(call func()) int64 {
	least := int64(1 << 62)
	var before, after runtime.MemStats
	for range 3 {
		runtime.GC()
		runtime.GC() // the second empties what sync.Pool kept of the first
		runtime.ReadMemStats(&before)
		call()
		runtime.ReadMemStats(&after)
		least = min(least, int64(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

// Verify may be called at once from many places, each with goroutines of its own,
// and leaves none behind.
func TestParallelCallsAtOnce(t *testing.T) {
	whole, broken := gridOf(3, 4, 4*64, 3*64).bytes(), unequalTiles(func(n int, it *heifItem) {
		if n == 5 {
			it.data = it.data[:len(it.data)-4]
		}
	})
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				_, err := heic.Verify(whole, heic.Limits{MaxPixels: 100_000_000, Parallel: 4})
				if err != nil {
					t.Error(err)
				}
				if _, err = heic.Verify(broken, heic.Limits{MaxPixels: 100_000_000, Parallel: 4}); err == nil {
					t.Error("a cut tile is accepted")
				}
			}
		})
	}
	wg.Wait()
	for start := time.Now(); runtime.NumGoroutine() > before && time.Since(start) < time.Minute; {
		time.Sleep(time.Millisecond) // one that has closed its channel may not have ended yet
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}
