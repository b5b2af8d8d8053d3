package jpeg

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/arrivetest"
)

// large are photographs of more than half a megabyte. Those that image/jpeg cannot write need
// jpegtran.
func large(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for name, args := range map[string][]string{
		"baseline": nil, "restarts": {"-restart", "1"}, "progressive": {"-progressive"}, "arithmetic": {"-arithmetic"},
		"arithmetic, progressive": {"-arithmetic", "-progressive"},
	} {
		files[name] = benchKind{"", 1600, 1200, 97, args}.make(t)
		require.Greater(t, len(files[name]), 1<<19, name)
	}
	return files
}

func TestArriving(t *testing.T) {
	files := goodFiles(t)
	for _, f := range files {
		arrivetest.Same(t, f.name, f.data, VerifyInput)
	}
	for name, b := range hostileFiles() {
		if !testenv.Long() {
			break
		}
		arrivetest.Same(t, name, b, VerifyInput)
	}
	rng := rand.New(rand.NewPCG(17, 1))
	n := testenv.Count(2000, 60)
	for range n {
		f, other := files[rng.IntN(len(files))], files[rng.IntN(len(files))]
		if len(f.data) < 100_000 {
			arrivetest.Same(t, f.name+", a mutant", mutate(rng, f.data, other.data), VerifyInput)
		}
	}
	for name, b := range large(t) {
		arrivetest.Same(t, name, b, VerifyInput)
		for range n / 200 {
			arrivetest.Same(t, name+", a mutant", mutate(rng, b, files[0].data), VerifyInput)
		}
	}
}

func TestBrokenEarly(t *testing.T) {
	for name, b := range large(t) {
		at := len(b) / 20
		b = bytes.Clone(b)
		copy(b[at:], []byte{0xff, mEOI})
		arrivetest.Early(t, name, b, at, 1<<15, verify.Malformed, VerifyInput)
	}
}

func TestCancelled(t *testing.T) {
	for name, b := range large(t) {
		arrivetest.Cancelled(t, name, b, VerifyInput)
	}
}

func TestLimited(t *testing.T) {
	for name, w := range map[string]verify.Weight{
		"baseline": verify.WeightJPEG, "progressive": verify.WeightJPEGProgressive, "arithmetic": verify.WeightJPEGArithmetic,
	} {
		arrivetest.Limited(t, name, large(t)[name], w, VerifyInput)
	}
}

// BenchmarkWorst tells what a MiB of the most costly files takes.
func BenchmarkWorst(b *testing.B) {
	for name, file := range hostileFiles() {
		b.Run(name, func(b *testing.B) { arrivetest.PerMiB(b, file, lim, VerifyInput) })
	}
	for name, file := range large(b) {
		b.Run(name, func(b *testing.B) { arrivetest.PerMiB(b, file, lim, VerifyInput) })
	}
}
