//go:build !imgvet_browser

package pixels_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels"
	"github.com/imgvet/imgvet/internal/verify"
)

func TestScale(t *testing.T) {
	for _, c := range []struct{ w, h, side, want int }{
		{4000, 3000, 0, 1}, {4000, 3000, -1, 1}, {4000, 3000, 4001, 1}, {4000, 3000, 4000, 1},
		{4000, 3000, 2001, 1}, {4000, 3000, 2000, 2}, {4000, 3000, 1999, 2},
		{3000, 4000, 1001, 2}, {3000, 4000, 1000, 4}, {3000, 4000, 501, 4}, {3000, 4000, 500, 8}, {3000, 4000, 1, 8},
		{4001, 3, 501, 8}, {4001, 3, 502, 4}, // rounded up
		{1, 1, 1, 8},
	} {
		require.Equal(t, c.want, pixels.Scale(detect.JPEG, c.w, c.h, c.side), "%+v", c)
		require.Equal(t, c.want, pixels.Scale(detect.HEIC, c.w, c.h, c.side), "%+v", c)
	}
}

func TestScaleByAnyNumber(t *testing.T) {
	for _, c := range []struct{ w, h, side, want int }{
		{4000, 3000, 0, 1}, {4000, 3000, 4001, 1}, {4000, 3000, 2001, 1}, {4000, 3000, 2000, 2},
		{3000, 4000, 512, 7}, {4000, 3000, 1, 4000}, {1_000_000, 1, 1, 4096}, {1, 1, 1, 1},
	} {
		for _, f := range []detect.Format{detect.PNG, detect.BMP, detect.WebP} {
			require.Equal(t, c.want, pixels.Scale(f, c.w, c.h, c.side), "%+v of %s", c, f)
		}
	}
}

func TestFitToHasFittedsSize(t *testing.T) {
	for _, size := range []image.Point{{300, 200}, {299, 7}, {1, 1}, {5000, 1}} {
		img := image.NewGray(image.Rectangle{Max: size})
		for _, side := range []int{0, 1, 7, 100, 299, 300, 301} {
			want := pixels.Fit(img, side).Bounds().Size()
			require.Equal(t, want, pixels.Fitted(size, side))
			require.Equal(t, want, pixels.FitTo(img, want).Bounds().Size())
		}
		require.Same(t, img, pixels.FitTo(img, size))
	}
}

func TestDecodeReduced(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 37, 21), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = byte(2 * (i % img.YStride))
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, nil))
	for _, scale := range []int{1, 2, 4, 8} {
		got, err := pixels.Decode(context.Background(), detect.JPEG, b.Bytes(), scale)
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, (37+scale-1)/scale, (21+scale-1)/scale), got.Bounds())
	}
	_, err := pixels.Decode(context.Background(), detect.JPEG, b.Bytes()[:b.Len()/2], 4)
	var fault *verify.Fault
	require.ErrorAs(t, err, &fault)
	require.Equal(t, verify.Truncated, fault.Reason)
}

// TestJPEGThatImageJPEGLacks has legal files that image/jpeg refuses: the other decoder
// takes over, and heeds the context.
func TestJPEGThatImageJPEGLacks(t *testing.T) {
	names, err := filepath.Glob("../../testdata/variants/jpeg/*.jpg")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		_, err = jpeg.Decode(bytes.NewReader(b))
		require.Error(t, err, name)
		img, err := pixels.Decode(context.Background(), detect.JPEG, b, 1)
		require.NoError(t, err, name)
		require.False(t, img.Bounds().Empty(), name)
		_, err = pixels.Decode(done, detect.JPEG, b, 1)
		require.ErrorIs(t, err, context.Canceled, name)
	}
}
