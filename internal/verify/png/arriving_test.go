package png

import (
	"bytes"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/arrivetest"
)

// grains returns the rows of an RGB picture that do not compress, filter bytes included.
func grains(w, h int) []byte {
	rnd := rand.New(rand.NewPCG(3, 4))
	raw := make([]byte, 0, h*(1+3*w))
	for range h {
		raw = append(raw, 0)
		for range 3 * w {
			raw = append(raw, byte(rnd.IntN(256)&0xf7))
		}
	}
	return raw
}

// large are pictures of more than a megabyte: in one IDAT, in many, and animated.
func large() map[string][]byte {
	z := deflate(grains(900, 500))
	cut := func(size int) (parts []part) {
		for rest := z; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			parts = append(parts, part{"IDAT", rest[:min(size, len(rest))]})
		}
		return parts
	}
	head := ihdr(900, 500, 8, truecolour, 0)
	frames := append([]part{head, {"acTL", u32(2, 0)}, fcTL(0, 900, 500, 0, 0)}, cut(30_000)...)
	frames = append(frames, fcTL(1, 900, 500, 0, 0), fdAT(2, z), iend)
	img := image.NewNRGBA(image.Rect(0, 0, 600, 500))
	rnd := rand.New(rand.NewPCG(5, 6))
	for i := range img.Pix {
		img.Pix[i] = byte(rnd.IntN(256))
	}
	img.Set(0, 0, color.NRGBA{1, 2, 3, 4})
	return map[string][]byte{
		"one IDAT":   join(head, part{"IDAT", z}, iend),
		"many IDATs": join(append(append([]part{head}, cut(8192)...), iend)...),
		"animated":   join(frames...),
		"interlaced": interlace(img),
	}
}

func TestArriving(t *testing.T) {
	files := corpus(t)
	var all [][]byte
	for name, b := range files {
		arrivetest.Same(t, name, b, VerifyInput)
		all = append(all, b)
	}
	rng := rand.New(rand.NewPCG(17, 2))
	n := testenv.Count(2000, 60)
	for range n {
		b := mutant(rng, all[rng.IntN(len(all))], all[rng.IntN(len(all))])
		if len(b) < 100_000 {
			arrivetest.Same(t, "mutant", b, VerifyInput)
		}
	}
	for name, b := range large() {
		_, err := Verify(b, limits)
		require.NoError(t, err, name)
		arrivetest.Same(t, name, b, VerifyInput)
		for range n / 200 {
			arrivetest.Same(t, name+", a mutant", mutant(rng, b, all[0]), VerifyInput)
		}
	}
}

// A chunk is refused by its CRC, which must arrive for that.
func TestBrokenEarly(t *testing.T) {
	for name, extra := range map[string]int{"many IDATs": 8192, "one IDAT": 1 << 30} {
		b := bytes.Clone(large()[name])
		at := len(b) / 20
		b[at] ^= 0x10
		arrivetest.Early(t, name, b, at, extra, verify.Malformed, VerifyInput)
	}
}

func TestCancelled(t *testing.T) {
	for name, b := range large() {
		arrivetest.Cancelled(t, name, b, VerifyInput)
	}
}

func TestLimited(t *testing.T) {
	for name, b := range large() {
		if name != "interlaced" { // inflates to more
			arrivetest.Limited(t, name, b, verify.WeightPNG+1, VerifyInput)
		}
	}
}

// BenchmarkWorst tells what a MiB of the most costly files takes.
func BenchmarkWorst(b *testing.B) {
	for name, file := range hostile() {
		b.Run(name, func(b *testing.B) { arrivetest.PerMiB(b, file, limits, VerifyInput) })
	}
	b.Run("noise", func(b *testing.B) { arrivetest.PerMiB(b, large()["one IDAT"], limits, VerifyInput) })
}
