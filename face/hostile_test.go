package face_test

import (
	"context"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// plain is a picture of any bounds; it counts the pixels read from it.
type plain struct {
	r     image.Rectangle
	reads *int
}

func (p plain) ColorModel() color.Model { return color.GrayModel }
func (p plain) Bounds() image.Rectangle { return p.r }
func (p plain) At(int, int) color.Color { *p.reads++; return color.Gray{100} }

// TestEndlessPictures checks that a picture that would take for ever, or whose sides overflow
// int, is an error, and never "no face".
func TestEndlessPictures(t *testing.T) {
	f := finder(t)
	least, most := image.Pt(math.MinInt, math.MinInt), image.Pt(math.MaxInt, math.MaxInt)
	for _, r := range []image.Rectangle{
		image.NewUniform(color.White).Bounds(),
		{Min: least, Max: most},
		{Min: least},
		{Max: most},
		{Min: image.Pt(math.MinInt, 0), Max: image.Pt(0, 1)},
		{Max: image.Pt(1, math.MaxInt)},
		{Max: image.Pt(1<<17, 1<<16)},
	} {
		_, err := f.FindIn(context.Background(), plain{r, new(int)})
		require.ErrorContains(t, err, "too large", "%v", r)
	}
	_, err := f.FindIn(context.Background(), nil)
	require.ErrorContains(t, err, "nil")
}

// TestShortPictures checks that a picture with fewer pixels than it promises is an error, and
// that the finder serves others after it.
func TestShortPictures(t *testing.T) {
	f := finder(t)
	r := image.Rect(0, 0, 3000, 2000)
	rgba, gray, ycbcr := image.NewRGBA(r), image.NewGray(r), image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	rgba.Pix, gray.Pix, ycbcr.Y = rgba.Pix[:1000:1000], gray.Pix[:1000:1000], ycbcr.Y[:1000:1000]
	for _, img := range []image.Image{rgba, gray, ycbcr, (*image.RGBA)(nil)} {
		_, err := f.FindIn(context.Background(), img)
		require.ErrorContains(t, err, "cannot be read", "%T", img)
	}
	one(t, f, person(t), "after them")
}

// TestMissingChroma shows pictures left of and above the origin, for which image.NewYCbCr
// makes no chroma at all, or less than image.YCbCr.COffset points to.
func TestMissingChroma(t *testing.T) {
	alone(t)
	f := finder(t)
	for _, r := range []image.Rectangle{
		image.Rect(-1, -1, 0, 0), image.Rect(-2000, -1, 0, 0), image.Rect(-1, -2000, 0, 0), image.Rect(-3000, -3, -1, -1),
	} {
		for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
			seen, err := f.FindIn(context.Background(), image.NewYCbCr(r, ratio))
			faces := seen.Found
			require.NoError(t, err, "%v of %v", ratio, r)
			require.Empty(t, faces)
		}
	}
}

// looks is a context that is done after it has been checked so many times. It notes the most
// pixels read between two checks.
type looks struct {
	context.Context
	reads       *int
	left, worst int
}

func (l *looks) Err() error {
	l.worst = max(l.worst, *l.reads)
	*l.reads = 0
	if l.left--; l.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestLooksAtTheContext checks that few pixels are read between two checks of the context,
// however large the picture: reading one may be slow.
func TestLooksAtTheContext(t *testing.T) {
	for _, size := range []image.Point{{10_000, 10_000}, {65_535, 65_535}, {1 << 30, 4}, {4, 1 << 30}} {
		reads := new(int)
		ctx := &looks{context.Background(), reads, 6, 0}
		_, err := finder(t).FindIn(ctx, plain{image.Rectangle{Max: size}, reads})
		require.ErrorIs(t, err, context.Canceled)
		require.Positive(t, ctx.worst)
		require.Less(t, ctx.worst, 150_000, "%v", size)
	}
}
