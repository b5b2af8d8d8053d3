package webp_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/pixels/webp"
	"github.com/imgvet/imgvet/internal/verify"
	verifywebp "github.com/imgvet/imgvet/internal/verify/webp"
)

const (
	minSeeds   = 60
	fuzzPixels = 1 << 18
)

// FuzzDecode holds that whatever the verifier accepts has pixels, of the canvas's size,
// that a lossless still has those of golang.org/x/image, and that the reduced picture is
// the means of the full one.
func FuzzDecode(f *testing.F) {
	seeds := 0
	add := func(b []byte) {
		if len(b) <= 40<<10 {
			f.Add(b)
			seeds++
		}
	}
	names, err := filepath.Glob("../../../testdata/good/webp/*.webp")
	require.NoError(f, err)
	for i, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(f, err)
		add(b)
		add(fuzz.Corrupt(uint64(i), b))
	}
	for c := range fuzz.Cases() {
		if c.Format == detect.WebP {
			add(c.Data)
		}
	}
	require.GreaterOrEqual(f, seeds, minSeeds)
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := verifywebp.Verify(data, verify.Limits{MaxPixels: fuzzPixels})
		if err != nil {
			return
		}
		img, err := webp.Decode(t.Context(), data, 1)
		require.NoError(t, err)
		require.Equal(t, image.Pt(info.Width, info.Height), img.Bounds().Size())
		if info.Frames == 1 && info.Width*info.Height < 1<<14 {
			reduced(t, "fuzzed", data, 3)
		}
		if _, err := webp.Decode(t.Context(), data, 8); err != nil {
			t.Fatalf("reduced: %v", err)
		}
	})
}
