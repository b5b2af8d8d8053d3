package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKernels holds the vector kernels to their portable twins: at every remainder of inputs,
// outputs and pixels, and with a sentinel behind what they may write.
func TestKernels(t *testing.T) {
	if !hasVector {
		t.Skip("SKIPPED: no vector kernels for this processor")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = 2*rng.Float32() - 1
		}
		return v
	}
	const sentinel = 1e9
	marked := func(n int) []float32 {
		v := random(n + 8)
		for i := range v[n:] {
			v[n+i] = sentinel
		}
		return v
	}
	requireClose := func(want, got []float32, what string) {
		for i := range want {
			// Sums of k numbers of at most 1, in another order or rounded less often.
			if !(math.Abs(float64(want[i]-got[i])) <= 1e-5*math.Max(1, math.Abs(float64(want[i])))) {
				require.Equal(t, want[i], got[i], "%s: element %d", what, i)
			}
		}
	}
	for _, k := range []int{1, 2, 3, 4, 5, 7, 8, 9, 27, 64} {
		for _, n := range []int{1, 3, 8, 9, 16, 23} {
			weights, bias := random(k*n), random(n)
			portable, vector := newMatrix(weights, bias, n, false), newMatrix(weights, bias, n, true)
			for _, pixels := range []int{1, 2, 7, 8, 9, 15, 16, 17} {
				src := random(pixels * k)
				for _, channels := range []int{0, min(8, n), max(n-3, 1), n} {
					j := job{src: src, pixels: pixels, residual: random(pixels * channels), channels: channels}
					for _, after := range []activation{{}, {relu: true}, {slopes: random(n)}} {
						want, got := marked(pixels*n), marked(pixels*n)
						a, b := j, j
						a.dst, a.activation, b.dst, b.activation = want[:pixels*n], after, got[:pixels*n], after
						portable.multiply(&a)
						vector.multiply(&b)
						requireClose(want, got, fmt.Sprintf("%d inputs, %d outputs, %d pixels, %d residual", k, n, pixels, channels))
					}
				}
			}
		}
	}
	for _, n := range []int{1, 7, 8, 9, 16, 24, 31} {
		for _, stride := range []int{1, 2} {
			for _, pixels := range []int{1, 2, 3, 8} {
				row := func() []float32 { return random(((pixels-1)*stride + 3) * n) }
				r0, r1, r2, taps, bias := row(), row(), row(), random(9*n), random(n)
				want, got := marked(pixels*n), marked(pixels*n)
				taps9Portable(want[:pixels*n], r0, r1, r2, taps, bias, stride, 0)
				taps9Vector(got[:pixels*n], r0, r1, r2, taps, bias, stride)
				requireClose(want, got, fmt.Sprintf("%d channels, stride %d, %d pixels", n, stride, pixels))
			}
		}
	}
}
