//go:build !imgvet_browser

package pixels_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels"
	"github.com/imgvet/imgvet/internal/verify"
)

func encodePNG(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func writePNG(t testing.TB, name string, img image.Image) {
	require.NoError(t, os.WriteFile(name, encodePNG(t, img), 0o600))
}

func TestDecodeFaults(t *testing.T) {
	ctx := context.Background()
	good := encodePNG(t, image.NewGray(image.Rect(0, 0, 9, 9)))
	img, err := pixels.Decode(ctx, detect.PNG, good, 1)
	require.NoError(t, err)
	require.Equal(t, image.Pt(9, 9), img.Bounds().Size())

	for _, c := range []struct {
		f detect.Format
		b []byte
	}{
		{detect.PNG, good[:40]},
		{detect.JPEG, good},
		{detect.WebP, good},
		{detect.BMP, good},
		{detect.WebP, []byte("RIFF\x0c\x00\x00\x00WEBPANMF\x00\x00\x00\x00")},
	} {
		_, err := pixels.Decode(ctx, c.f, c.b, 1)
		var fault *verify.Fault
		require.ErrorAs(t, err, &fault)
		require.NotEmpty(t, fault.Reason)
	}
	_, err = pixels.Decode(ctx, detect.HEIC, good, 1)
	require.Error(t, err)
}
