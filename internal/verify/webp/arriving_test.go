package webp

import (
	"bytes"
	"image"
	"image/color"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/arrivetest"
)

// grains is a picture that does not compress.
func grains(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(1, 7))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{byte(rnd.IntN(256)), byte(rnd.IntN(256)), byte(rnd.IntN(256)), 255})
		}
	}
	return img
}

// large are pictures of more than half a megabyte, that cwebp makes.
func large(tb testing.TB) map[string][]byte {
	tb.Helper()
	if _, err := exec.LookPath("cwebp"); err != nil {
		tb.Skip("cwebp is not installed")
	}
	lossy := cwebp(tb, grains(1200, 800), "-q", "100")
	lossless := cwebp(tb, grains(600, 500), "-lossless", "-z", "1")
	frame := anmfOf(0, 0, 600, 500, lossless[riffHeaderSize:])
	return map[string][]byte{
		"lossy": lossy, "lossless": lossless,
		"partitions": cwebp(tb, grains(1200, 800), "-q", "100", "-partition_limit", "0", "-segments", "4"),
		"animated":   riffOf(vp8xOf(flagAnimation, 600, 500), animOf, frame, frame),
	}
}

func TestArriving(t *testing.T) {
	files := goodFiles(t)
	for _, f := range files {
		arrivetest.Same(t, f.name, f.data, VerifyInput)
	}
	rnd := rand.New(rand.NewPCG(17, 3))
	n := testenv.Count(2000, 60)
	for range n {
		if f := files[rnd.IntN(len(files))]; len(f.data) < 100_000 {
			arrivetest.Same(t, f.name+", a mutant", mutate(rnd, f.data, files), VerifyInput)
		}
	}
	for name, b := range large(t) {
		_, err := Verify(b, limits)
		require.NoError(t, err, name)
		arrivetest.Same(t, name, b, VerifyInput)
		for range n / 200 {
			arrivetest.Same(t, name+", a mutant", mutate(rnd, b, files), VerifyInput)
		}
	}
}

func TestBrokenEarly(t *testing.T) {
	for name, b := range large(t) {
		b = bytes.Clone(b)
		at := len(b) / 20
		switch name {
		case "animated":
			copy(b[50:], "VP8X") // the picture of the first frame
			arrivetest.Early(t, name, b, 0, 0, verify.Malformed, VerifyInput)
		case "lossless":
			// Hardly any bits are illegal. Where they copy, the distance may be too large.
			copy(b[at:], bytes.Repeat([]byte{0x6d, 0xb6, 0xdb}, 3000))
			if _, err := Verify(b, limits); err != nil {
				arrivetest.Early(t, name, b, at, 1<<17, verify.Malformed, VerifyInput)
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	for name, b := range large(t) {
		arrivetest.Cancelled(t, name, b, VerifyInput)
	}
}

func TestLimited(t *testing.T) {
	files := large(t)
	arrivetest.Limited(t, "lossy", files["lossy"], verify.WeightWebPLossy, VerifyInput)
	arrivetest.Limited(t, "lossless", files["lossless"], verify.WeightWebPLossless, VerifyInput)
	arrivetest.Limited(t, "animated", files["animated"], verify.WeightWebPLossless, VerifyInput)
}

// BenchmarkWorst tells what a MiB of the most costly files takes.
func BenchmarkWorst(b *testing.B) {
	for name, file := range large(b) {
		b.Run(name, func(b *testing.B) { arrivetest.PerMiB(b, file, limits, VerifyInput) })
	}
}
