package heic_test

import (
	"context"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/pixels"
	"github.com/imgvet/imgvet/internal/verify"
)

func decode(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, err := heic.Decode(t.Context(), b, heic.Limits{})
	require.NoError(t, err)
	return img
}

func TestDecodeGoodFiles(t *testing.T) {
	for _, g := range goodFiles(t) {
		info, err := heic.Verify(g.b, heic.Limits{})
		require.NoError(t, err)
		img, err := heic.Decode(t.Context(), g.b, heic.Limits{})
		require.NoError(t, err, g.name)
		want := info.Clap.Size()
		if info.Orientation >= 5 {
			want.X, want.Y = want.Y, want.X
		}
		require.Equal(t, image.Rectangle{Max: want}, img.Bounds(), g.name)
	}
}

// near tells whether two pictures are the same but for rounding.
func near(t *testing.T, name string, want, got image.Image, tolerance int) {
	t.Helper()
	require.Equal(t, want.Bounds().Size(), got.Bounds().Size(), name)
	size := want.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			a := color.NRGBAModel.Convert(want.At(want.Bounds().Min.X+x, want.Bounds().Min.Y+y)).(color.NRGBA)
			b := color.NRGBAModel.Convert(got.At(got.Bounds().Min.X+x, got.Bounds().Min.Y+y)).(color.NRGBA)
			for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
				require.LessOrEqual(t, max(d, -d), tolerance, "%s at %d,%d: want %v, got %v", name, x, y, a, b)
			}
		}
	}
}

// Turned and cropped pictures are the plain picture, turned and cropped.
func TestDecodeAppliesTransforms(t *testing.T) {
	base := decode(t, single().bytes())
	for want, props := range [][][]byte{
		1: {}, 2: {imir(1)}, 3: {irot(2)}, 4: {imir(0)},
		5: {irot(1), imir(0)}, 6: {irot(3)}, 7: {irot(3), imir(0)}, 8: {irot(1)},
	} {
		if want == 0 {
			continue
		}
		near(t, "single", pixels.Upright(base, want), decode(t, single(props...).bytes()), 0)
		near(t, "identity", pixels.Upright(base, want), decode(t, identityOf(props...).bytes()), 0)
	}
	sub := base.(*image.YCbCr).SubImage(image.Rect(7, 12, 57, 52))
	near(t, "clap", sub, decode(t, single(clap(50, 1, 40, 1, 0, 1, 0, 1)).bytes()), 0)
	near(t, "clap and turn", pixels.Upright(pixels.Fit(sub, 0), 6), decode(t, single(clap(50, 1, 40, 1, 0, 1, 0, 1), irot(3)).bytes()), 1)
}

func TestDecodePutsTilesAndLayersInPlace(t *testing.T) {
	base := decode(t, single().bytes()).(*image.YCbCr)
	grid := decode(t, gridOf(2, 3, 190, 128).bytes()).(*image.YCbCr)
	require.Equal(t, image.Rect(0, 0, 190, 128), grid.Rect)
	for _, at := range []image.Point{{0, 0}, {64, 0}, {0, 64}, {64, 64}} {
		near(t, "tile", base, grid.SubImage(image.Rectangle{Min: at, Max: at.Add(image.Pt(64, 64))}), 0)
	}
	near(t, "cut tile", base.SubImage(image.Rect(0, 0, 62, 64)), grid.SubImage(image.Rect(128, 64, 190, 128)), 0)

	// Two layers on white and full alpha: one at 0,0, one at -16,70.
	layers := decode(t, overlayOf(80, 120).bytes()).(*image.NRGBA)
	near(t, "layer", base, layers.SubImage(image.Rect(0, 0, 64, 64)), 0)
	near(t, "cut layer", base.SubImage(image.Rect(16, 0, 64, 50)), layers.SubImage(image.Rect(0, 70, 48, 120)), 0)
	require.Equal(t, color.NRGBA{R: 255, A: 255}, layers.NRGBAAt(70, 10), "the canvas is filled with red")
}

func TestDecodeRefusesWhatVerifyRefuses(t *testing.T) {
	_, err := heic.Decode(t.Context(), gridOf(1, 1, 60000, 60000).bytes(), heic.Limits{})
	refused(t, err, verify.TooManyPixels)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = heic.Decode(ctx, single().bytes(), heic.Limits{})
	require.ErrorIs(t, err, context.Canceled)
}
