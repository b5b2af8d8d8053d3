//go:build !imgvet_browser

package pixels_test

import (
	"context"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels"
)

// tool runs one of Debian's tools, and skips the test where it is missing.
func tool(t *testing.T, name string, args ...string) {
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed (Debian: webp)", name)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	require.NoError(t, err, "%s %q: %s", name, args, out)
}

func solid(w, h int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	return img
}

func TestAnimatedWebPShowsItsFirstFrame(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for name, c := range map[string]color.NRGBA{"red": {255, 0, 0, 255}, "half": {0, 0, 255, 128}} {
		writePNG(t, file(name+".png"), solid(20, 10, c))
	}
	tool(t, "cwebp", "-quiet", file("red.png"), "-o", file("lossy.webp"))
	tool(t, "cwebp", "-quiet", "-lossless", "-exact", file("half.png"), "-o", file("lossless.webp"))
	tool(t, "cwebp", "-quiet", "-q", "90", file("half.png"), "-o", file("alpha.webp"))
	for _, c := range []struct {
		first, second, at string
		size              image.Point
		inside            image.Point
		want              color.NRGBA
	}{
		{"lossy", "lossless", "+100", image.Pt(20, 10), image.Pt(3, 3), color.NRGBA{255, 0, 0, 255}},
		{"lossless", "lossy", "+100", image.Pt(20, 10), image.Pt(3, 3), color.NRGBA{0, 0, 255, 128}},
		{"alpha", "lossy", "+100", image.Pt(20, 10), image.Pt(3, 3), color.NRGBA{0, 0, 255, 128}},
		{"lossy", "alpha", "+100+10+4", image.Pt(30, 14), image.Pt(12, 6), color.NRGBA{255, 0, 0, 255}},
	} {
		second := "+100+0+0"
		if c.at != "+100" {
			second = "+100+10+4"
		}
		tool(t, "webpmux", "-frame", file(c.first+".webp"), c.at, "-frame", file(c.second+".webp"), second, "-o", file("anim.webp"))
		b, err := os.ReadFile(file("anim.webp"))
		require.NoError(t, err)
		img, err := pixels.Decode(context.Background(), detect.WebP, b, 1)
		require.NoError(t, err)
		require.Equal(t, c.size, img.Bounds().Size())
		requireColour(t, c.want, img.At(c.inside.X, c.inside.Y))
		if c.at != "+100" {
			requireColour(t, color.NRGBA{}, img.At(0, 0))
		}
	}
}

// requireColour compares up to what lossy coding changes.
func requireColour(t *testing.T, want color.NRGBA, got color.Color) {
	n := color.NRGBAModel.Convert(got).(color.NRGBA)
	require.InDelta(t, want.A, n.A, 4)
	if want.A > 0 {
		require.InDeltaSlice(t, []byte{want.R, want.G, want.B}, []byte{n.R, n.G, n.B}, 20)
	}
}
