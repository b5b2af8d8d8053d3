package heic_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/arrivetest"
)

// verifyInput makes a verifier of VerifyInput, that reads so many tiles at a time.
func verifyInput(parallel int) verify.Verifier {
	return func(in *verify.Input, lim verify.Limits) (verify.Info, error) {
		info, err := heic.VerifyInput(in, heic.Limits{MaxPixels: lim.MaxPixels, Parallel: parallel})
		return verify.Info{
			Width: info.Width, Height: info.Height, Orientation: info.Orientation, Frames: info.Frames,
			Shown: info.Clap, Facts: info.Facts, Warnings: info.Warnings,
		}, err
	}
}

func TestArriving(t *testing.T) {
	for _, g := range goodFiles(t) {
		arrivetest.Same(t, g.name, g.b, verifyInput(1))
		arrivetest.Same(t, g.name, g.b, verifyInput(3))
	}
	for _, g := range hostileFiles() {
		if len(g.b) < 1<<16 {
			arrivetest.Same(t, g.name, g.b, verifyInput(1))
		}
	}
	for name, b := range mutants(t, mutantCount(t, 600)) {
		arrivetest.Same(t, name, b, verifyInput(1))
	}
}

// largeGrid is a grid of more than a megabyte.
func largeGrid(tb testing.TB) []byte {
	b := gridOfLargeTiles(tb, testenv.Count(512, 320))
	require.Greater(tb, len(b), 1<<19)
	return b
}

// A tile that is broken is refused before the others have come; also where its fault is not the
// only one, as long as the other lies far behind.
func TestBrokenEarly(t *testing.T) {
	b := bytes.Clone(largeGrid(t))
	arrivetest.Same(t, "grid", b, verifyInput(2))
	at := len(b) / 20
	copy(b[at:], bytes.Repeat([]byte{0, 0, 3}, 20_000)) // inside of a tile
	_, err := heic.Verify(b, heic.Limits{})
	var fault *heic.Error
	require.ErrorAs(t, err, &fault)
	for parallel := 1; parallel <= testenv.Count(2, 1); parallel++ {
		arrivetest.Same(t, "broken grid", b, verifyInput(parallel))
		arrivetest.Early(t, "broken grid", b, at, len(b)/8, fault.Reason, verifyInput(parallel))
		arrivetest.Early(t, "broken and cut", b[:len(b)-1000], at, len(b)/8, fault.Reason, verifyInput(parallel))
	}
}

func TestCancelled(t *testing.T) {
	arrivetest.Cancelled(t, "grid", largeGrid(t), verifyInput(1))
	one := heifEnc(t, noise(1000, 800), "-q", "90")
	arrivetest.Cancelled(t, "one picture", one, verifyInput(1))
}

func TestLimited(t *testing.T) {
	arrivetest.Limited(t, "grid", largeGrid(t), verify.WeightHEIC, verifyInput(1))
}

// BenchmarkWorst tells what a MiB of the most costly files takes.
func BenchmarkWorst(b *testing.B) {
	for _, q := range []string{"60", "100"} {
		file := heifEnc(b, noise(1000, 800), "-q", q)
		b.Run("noise, quality "+q, func(b *testing.B) {
			arrivetest.PerMiB(b, file, verify.Limits{MaxPixels: heic.DefaultMaxPixels}, verifyInput(1))
		})
	}
}
