package heic_test

import (
	"context"
	"image"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
)

// reducedSize is what DecodeReduced promises of a picture's size.
func reducedSize(full image.Point, scale int) image.Point {
	return image.Pt((full.X+scale-1)/scale, (full.Y+scale-1)/scale)
}

// Whatever Verify accepts has pixels at every scale, and they cost no more than an
// honest picture of the pixels that all layers have together: heic.Decode's bound.
func TestAcceptedMutantsHavePixels(t *testing.T) {
	accepted := 0
	for name, b := range mutants(t, mutantCount(t, 2000)) {
		info, err := heic.Verify(b, heic.Limits{})
		if err != nil {
			continue
		}
		accepted++
		img, err := heic.Decode(t.Context(), b, heic.Limits{})
		require.NoError(t, err, name)
		want := info.Clap.Size()
		if info.Orientation >= 5 {
			want.X, want.Y = want.Y, want.X
		}
		require.Equal(t, image.Rectangle{Max: want}, img.Bounds(), name)
		for _, scale := range []int{2, 8} {
			small, err := heic.DecodeReduced(t.Context(), b, heic.Limits{}, scale)
			require.NoError(t, err, name)
			require.Equal(t, image.Rectangle{Max: reducedSize(want, scale)}, small.Bounds(), name)
		}
	}
	require.Positive(t, accepted)
	t.Logf("%d accepted", accepted)
}

// A reduced picture is the full one, with each square of pixels its mean.
func TestReducedIsTheMeanOfTheFull(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, g := range goodFiles(t) {
		full, err := heic.Decode(t.Context(), g.b, heic.Limits{})
		require.NoError(t, err, g.name)
		for _, scale := range []int{2, 4, 8} {
			small, err := heic.DecodeReduced(t.Context(), g.b, heic.Limits{}, scale)
			require.NoError(t, err, g.name)
			require.Equal(t, image.Rectangle{Max: reducedSize(full.Bounds().Size(), scale)}, small.Bounds(), g.name)
			a, ok := full.(*image.YCbCr)
			b, okSmall := small.(*image.YCbCr)
			if !ok || !okSmall {
				continue
			}
			size := a.Rect.Size()
			for y := range b.Rect.Dy() {
				for x := range b.Rect.Dx() {
					sum, n := 0, 0
					for j := y * scale; j < min(size.Y, (y+1)*scale); j++ {
						for i := x * scale; i < min(size.X, (x+1)*scale); i++ {
							sum += int(a.Y[a.YOffset(i, j)])
							n++
						}
					}
					got := int(b.Y[b.YOffset(x, y)])
					// Limited range is stretched, and cut off, behind the mean.
					require.InDelta(t, float64(sum)/float64(n), float64(got), 3, "%s 1/%d at %d,%d", g.name, scale, x, y)
				}
			}
		}
	}
	_, err := heic.DecodeReduced(t.Context(), single().bytes(), heic.Limits{}, 3)
	require.Error(t, err)
}

// Tiles that are decoded at the same time are those that are decoded one by one.
func TestParallelPixelsAreTheSequentialOnes(t *testing.T) {
	for _, b := range [][]byte{gridOf(3, 4, 250, 190).bytes(), gridOf(4, 5, 320, 256).bytes()} {
		for _, scale := range []int{1, 4, 8} {
			want, err := heic.DecodeReduced(t.Context(), b, heic.Limits{}, scale)
			require.NoError(t, err)
			for _, n := range []int{2, 7} {
				got, err := heic.DecodeReduced(t.Context(), b, heic.Limits{Parallel: n}, scale)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
	}
}

// repeated is a grid that names one item in all of its places.
func repeated(rows, cols int) []byte {
	f := single()
	f.props = append(f.props, ispe(uint64(cols*64), uint64(rows*64)))
	f.items = append(f.items, heifItem{typ: "grid", data: gridData(byte(rows), byte(cols), uint64(cols*64), uint64(rows*64)), idat: true, props: []byte{3}})
	f.primary = 2
	f.ref("dimg", 2, slices.Repeat([]int{1}, rows*cols)...)
	return f.bytes()
}

// A grid that names one item thousands of times costs no more than the pixels that it
// shows: the item is decoded once.
func TestRepeatedTilesAreDecodedOnce(t *testing.T) {
	b := repeated(50, 50)
	_, err := heic.Verify(b, heic.Limits{})
	require.NoError(t, err)
	one, err := heic.Decode(t.Context(), single().bytes(), heic.Limits{})
	require.NoError(t, err)
	before := cputime.Used()
	img, err := heic.Decode(t.Context(), b, heic.Limits{})
	require.NoError(t, err)
	spent := cputime.Used() - before
	tile := one.(*image.YCbCr)
	got := img.(*image.YCbCr)
	for y := range 50 {
		for x := range 50 {
			at := image.Pt(x*64, y*64)
			require.Equal(t, tile.Y[:64], got.Y[got.YOffset(at.X, at.Y):][:64])
		}
	}
	// 10 megapixels of tiles take 1 s and more where each is decoded.
	require.Less(t, spent.Seconds(), 0.5)
}

// A context that is done ends a decode, with no goroutine left.
func TestDecodeEndsWithItsContext(t *testing.T) {
	b := gridOf(2, 3, 192, 128).bytes()
	before := runtime.NumGoroutine()
	for n := range 40 {
		ctx := &countdown{Context: t.Context()}
		ctx.left.Store(int64(n))
		_, err := heic.Decode(ctx, b, heic.Limits{Parallel: 4})
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before+1)
}

// countdown is a context that is done when it has been looked at so often.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func FuzzDecode(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		lim := heic.Limits{MaxPixels: 1 << 18}
		info, err := heic.Verify(b, lim)
		if err != nil {
			return
		}
		img, err := heic.Decode(t.Context(), b, lim)
		require.NoError(t, err, "accepted, and no pixels")
		small, err := heic.DecodeReduced(t.Context(), b, lim, 4)
		require.NoError(t, err)
		require.Equal(t, reducedSize(img.Bounds().Size(), 4), small.Bounds().Size())
		require.Equal(t, info.Clap.Dx()*info.Clap.Dy(), img.Bounds().Dx()*img.Bounds().Dy())
	})
}

// A small picture of a large grid costs a row of a tile and itself, not the grid:
// docs/heic.md.
func TestReducedGridsCostLittleMemory(t *testing.T) {
	testenv.OneGoroutine(t) // and with the race detector pools lose what they hold, at random
	tile := heifEnc(t, noise(512, 512), "-q", "30")
	for _, c := range []struct {
		rows, cols, scale int
		most              uint64
	}{
		{6, 8, 4, 12 << 20},   // 12 megapixels
		{12, 16, 8, 16 << 20}, // 48 megapixels
	} {
		if c.scale == 8 && !testenv.Long() {
			continue
		}
		b := gridOfTiles(tile, c.rows, c.cols, 512)
		least := uint64(math.MaxUint64)
		for range testenv.Count(3, 1) { // a collection in between empties the pools
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := heic.DecodeReduced(t.Context(), b, heic.Limits{}, c.scale)
			require.NoError(t, err)
			runtime.ReadMemStats(&after)
			least = min(least, after.TotalAlloc-before.TotalAlloc) // no less than what was held at any time
		}
		t.Logf("%d megapixels at 1/%d: %d KiB", c.rows*c.cols/4, c.scale, least>>10)
		require.Less(t, least, c.most)
	}
}
