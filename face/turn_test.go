package face

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBack checks that a face seen in a turned square is put back where its pixels are.
func TestBack(t *testing.T) {
	const side = 8
	r := region{10, 20, 10 + side, 20 + side}
	for quarters := range 4 {
		for _, at := range []image.Point{{0, 0}, {7, 0}, {3, 5}, {2, 7}} {
			tx, ty := turned(at.X, at.Y, side, quarters)
			require.True(t, image.Pt(tx, ty).In(image.Rect(0, 0, side, side)))
			x, y := float64(tx), float64(ty)
			d := detection{box: region{x, y, x + 1, y + 1}}
			d.marks[noseTip] = point{x + 0.5, y + 0.5}
			d = d.back(r, quarters)
			want := region{10 + float64(at.X), 20 + float64(at.Y), 11 + float64(at.X), 21 + float64(at.Y)}
			require.Equal(t, want, d.box, "%d quarters, %v", quarters, at)
			require.Equal(t, want.middle(), d.marks[noseTip])
			require.Equal(t, quarters, d.quarters)
		}
	}
	x, y := turned(1, 0, side, 1)
	require.Equal(t, image.Pt(7, 1), image.Pt(x, y), "clockwise, the upper edge becomes the right one")
}

// TestCoarse checks that a look at a large part of a picture sees the same in the smaller copy.
func TestCoarse(t *testing.T) {
	ws := new(workspace)
	img := blots(203)
	rgba := image.NewRGBA(image.Rect(0, 0, 1153, 770))
	ycbcr := image.NewYCbCr(rgba.Rect, image.YCbCrSubsampleRatio420)
	b := img.Bounds()
	for y := range rgba.Rect.Dy() {
		for x := range rgba.Rect.Dx() {
			c := img.At(b.Min.X+x*b.Dx()/rgba.Rect.Dx(), b.Min.Y+y*b.Dy()/rgba.Rect.Dy())
			rgba.Set(x, y, c)
			r, _, _, _ := c.RGBA()
			ycbcr.Y[ycbcr.YOffset(x, y)] = byte(r >> 8)
		}
	}
	for _, img := range []image.Image{rgba, ycbcr} {
		src := newSource(img)
		coarse, err := ws.withCoarse(t.Context(), src)
		require.NoError(t, err)
		require.Equal(t, 3, coarse.by)
		r := region{-200, -100, 1000, 1100} // 128 parts of 9.4 pixels each
		k := float64(coarse.by)
		var full, small []float32
		keep := func(to *[]float32) func(int, []float32) {
			return func(_ int, row []float32) { *to = append(*to, row...) }
		}
		require.NoError(t, ws.scale(t.Context(), src, r, 128, 128, keep(&full)))
		require.NoError(t, ws.scale(t.Context(), *coarse.coarse, region{r.x0 / k, r.y0 / k, r.x1 / k, r.y1 / k}, 128, 128, keep(&small)))
		off := 0.0
		for i := range full {
			off += float64(max(full[i]-small[i], small[i]-full[i]))
		}
		require.Less(t, off/float64(len(full)), 2.0, "%T: grey levels on average", img)
		require.Greater(t, off, 0.0)
	}
	src, err := ws.withCoarse(t.Context(), newSource(image.NewGray(image.Rect(0, 0, 767, 9))))
	require.NoError(t, err)
	require.Nil(t, src.coarse)
}
