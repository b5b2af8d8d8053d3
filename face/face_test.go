package face_test

import (
	"context"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face"
)

func TestOptions(t *testing.T) {
	for _, threshold := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		_, err := face.New(face.Options{Threshold: threshold})
		require.ErrorContains(t, err, "Threshold")
	}
	_, err := face.New(face.Options{Threshold: 1})
	require.NoError(t, err)
}

// odd is a picture of an unknown type.
type odd struct{ image.Image }

// TestNoFace shows the finder pictures of every type and of unlikely sizes, none of
// which has a face.
func TestNoFace(t *testing.T) {
	alone(t)
	f, err := face.New(face.Options{})
	require.NoError(t, err)
	for _, size := range []image.Point{{1, 1}, {1, 700}, {700, 1}, {3, 2}, {17, 1500}, {9000, 1}} {
		r := image.Rectangle{Max: size}.Add(image.Pt(-5, 7))
		for name, img := range map[string]image.Image{
			"gray": image.NewGray(r), "gray16": image.NewGray16(r), "rgba": image.NewRGBA(r), "nrgba": image.NewNRGBA(r),
			"rgba64": image.NewRGBA64(r), "nrgba64": image.NewNRGBA64(r), "cmyk": image.NewCMYK(r),
			"alpha": image.NewAlpha(r), "paletted": image.NewPaletted(r, color.Palette{color.White}),
			"420": image.NewYCbCr(r, image.YCbCrSubsampleRatio420), "410": image.NewYCbCr(r, image.YCbCrSubsampleRatio410),
			"nycbcra": image.NewNYCbCrA(r, image.YCbCrSubsampleRatio420), "other": odd{image.NewRGBA(r)},
		} {
			seen, err := f.FindIn(context.Background(), img)
			faces := seen.Found
			require.NoError(t, err, name)
			require.Empty(t, faces, "%s of %v", name, size)
		}
	}
	seen, err := f.FindIn(context.Background(), image.NewGray(image.Rectangle{}))
	faces := seen.Found
	require.NoError(t, err)
	require.Empty(t, faces)
}

// TestCancelled checks that a done context is an error, and never "no face".
func TestCancelled(t *testing.T) {
	f, err := face.New(face.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = f.FindIn(ctx, image.NewGray(image.Rect(0, 0, 100, 100)))
	require.ErrorIs(t, err, context.Canceled)
}
