package heic_test

import (
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// tool returns the path of a program of libheif, or skips the test.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("SKIPPED: %s (Debian: libheif-examples) is not installed, so nothing is compared with libheif", name)
	}
	return path
}

// heifEnc codes a picture with heif-enc and the given options.
func heifEnc(t testing.TB, img image.Image, options ...string) []byte {
	t.Helper()
	enc, dir := tool(t, "heif-enc"), t.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.heic")
	f, err := os.Create(in)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, img))
	require.NoError(t, f.Close())
	msg, err := exec.Command(enc, append(options, "-o", out, in)...).CombinedOutput()
	require.NoError(t, err, "%v: %s", options, msg)
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	return b
}

// noise is a picture that fills every slice with coefficients. A fixed rule, so
// that every run codes the same.
func noise(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	v := uint32(1)
	for i := range img.Pix {
		v = v*1664525 + 1013904223
		if img.Pix[i] = uint8(v >> 24); i%4 == 3 {
			img.Pix[i] = 255 // opaque
		}
	}
	return img
}
