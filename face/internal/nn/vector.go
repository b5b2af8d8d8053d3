//go:build (amd64 || arm64) && !purego

package nn

// dot8x8 sets acc, pixel by pixel, to the products of eight pixels, step floats apart
// from src on, of k floats each, with the k rows of eight weights at w, plus the eight at bias.
//
//go:noescape
func dot8x8(acc *[64]float32, src *float32, step, k int, w *[8]float32, bias *float32)

// taps9x8 computes eight channels of the given number of pixels of a 3x3 depthwise convolution.
// n is the floats from a pixel to the next one in dst, the rows and the taps; step is the floats
// from a pixel's left column to the next pixel's.
//
//go:noescape
func taps9x8(dst, r0, r1, r2, taps, bias *float32, n, step, pixels int)

// multiplyVector is multiplyPortable with eight outputs of eight pixels at a time.
func (m *matrix) multiplyVector(j *job) {
	var acc [64]float32
	_ = j.src[:j.pixels*m.k]
	for first := 0; first < m.n; first += 8 {
		w := m.eight[first/8*m.k:][:m.k]
		bias := m.bias[first:][:8]
		for p := 0; p < j.pixels; {
			at, step, fresh := p, m.k, 0
			switch {
			case p+8 <= j.pixels:
			case j.pixels >= 8: // the last eight, some of them for the second time
				at = j.pixels - 8
				fresh = p - at
			default: // one pixel, eight times
				step, fresh = 0, 7
			}
			dot8x8(&acc, &j.src[at*m.k], step, m.k, &w[0], &bias[0])
			for i := fresh; i < 8; i++ {
				copy(j.dst[p*m.n+first:][:min(8, m.n-first)], acc[8*i:])
				p++
			}
		}
	}
}

// taps9Vector is taps9Portable with eight channels at a time.
func taps9Vector(dst, r0, r1, r2, taps, bias []float32, stride int) {
	n := len(bias)
	pixels := len(dst) / n
	// Index the last float read from each, so that a mistake in the arithmetic above is a panic.
	last := ((pixels-1)*stride+2)*n + n - 1
	_, _, _, _ = r0[last], r1[last], r2[last], taps[9*n-1]
	c := 0
	for ; c+8 <= n; c += 8 {
		taps9x8(&dst[c], &r0[c], &r1[c], &r2[c], &taps[c], &bias[c], n, stride*n, pixels)
	}
	taps9Portable(dst, r0, r1, r2, taps, bias, stride, c)
}
