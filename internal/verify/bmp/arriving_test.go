package bmp_test

import (
	"bytes"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/arrivetest"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/bmp/bmptest"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// large are pictures of a megabyte whose pixels are looked at.
func large() map[string][]byte {
	palette := make([]color.NRGBA, 200)
	runs := bytes.Repeat([]byte{1, 7}, 1000)
	runs = append(runs, 0, dib.EndOfLine)
	codes := append(bytes.Repeat(runs, 520), 0, dib.EndOfBitmap)
	return map[string][]byte{
		"RLE8":          bmptest.File{HeaderSize: 40, Width: 1000, Height: 520, Bits: 8, Compression: dib.RLE8, Palette: palette, ClrUsed: 200, Pixels: codes}.Bytes(),
		"short palette": bmptest.File{HeaderSize: 40, Width: 1024, Height: 1024, Bits: 8, Palette: palette, ClrUsed: 200, Pixels: make([]byte, 1<<20)}.Bytes(),
	}
}

func TestArriving(t *testing.T) {
	rnd := rand.New(rand.NewPCG(17, 4))
	for _, v := range bmptest.Variants() {
		b := v.File.Bytes()
		arrivetest.Same(t, "variant", b, bmp.VerifyInput)
		for range 20 {
			c := bytes.Clone(b)
			for range 1 + rnd.IntN(3) {
				c[rnd.IntN(min(len(c), 200))] = byte(rnd.IntN(256))
			}
			arrivetest.Same(t, "a mutant", c[:len(c)-rnd.IntN(2)*rnd.IntN(len(c))], bmp.VerifyInput)
		}
	}
	for name, b := range large() {
		_, err := bmp.Verify(b, limits)
		require.NoError(t, err, name)
		arrivetest.Same(t, name, b, bmp.VerifyInput)
	}
}

func TestBrokenEarly(t *testing.T) {
	b := large()["RLE8"]
	at := len(b)/20&^1 + len(b)&1
	copy(b[at:], []byte{0, dib.Delta, 255, 255, 0, dib.Delta, 255, 255, 0, dib.Delta, 255, 255, 0, dib.Delta, 255, 255, 0, dib.Delta, 255, 255})
	arrivetest.Early(t, "RLE8", b, at, 1000, verify.Malformed, bmp.VerifyInput)
	b = large()["short palette"]
	b[26] = 9 // planes and bits
	b[28] = 77
	arrivetest.Early(t, "header", b, 28, 0, verify.Malformed, bmp.VerifyInput)
}

func TestCancelled(t *testing.T) {
	for name, b := range large() {
		arrivetest.Cancelled(t, name, b, bmp.VerifyInput)
	}
}

func TestLimited(t *testing.T) {
	for name, b := range large() {
		arrivetest.Limited(t, name, b, verify.WeightBMP, bmp.VerifyInput)
	}
}

// BenchmarkWorst tells what a MiB of the most costly files takes.
func BenchmarkWorst(b *testing.B) {
	for name, file := range large() {
		b.Run(name, func(b *testing.B) { arrivetest.PerMiB(b, file, limits, bmp.VerifyInput) })
	}
}
