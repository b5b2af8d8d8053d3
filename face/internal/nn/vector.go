//go:build (amd64 || arm64) && !purego

package nn

// tile is eight outputs of eight pixels of a multiplication. The kernel knows where its fields
// lie. Steps are in floats, from a pixel to the next one; 0 makes the same pixel eight times.
type tile struct {
	dst, src *float32
	weights  *[8]float32 // k rows
	bias     *float32    // eight floats
	residual *float32    // nil if there is none
	dstStep  int
	srcStep  int
	resStep  int
	k        int
	relu     int // 0 or 1
}

// dot8x8 sets t.dst, pixel by pixel, to the products of t.src with t.weights, plus t.bias and
// t.residual; negative ones to 0 if t.relu is 1.
//
//go:noescape
func dot8x8(t *tile)

// taps9x8 computes eight channels of the given number of pixels of a 3x3 depthwise convolution.
// n is the floats from a pixel to the next one in dst, the rows and the taps; step is the floats
// from a pixel's left column to the next pixel's.
//
//go:noescape
func taps9x8(dst, r0, r1, r2, taps, bias *float32, n, step, pixels int)

// multiplyVector is multiplyPortable with eight outputs of eight pixels at a time. It finishes j
// too.
func (m *matrix) multiplyVector(j *job) {
	// Index the last float of each, so that a mistake in the arithmetic is a panic.
	_, _ = j.src[:j.pixels*m.k], j.dst[:j.pixels*m.n]
	if j.channels > 0 {
		_ = j.residual[:j.pixels*j.channels]
	}
	var acc [64]float32
	for first := 0; first < m.n; first += 8 {
		t := tile{weights: &m.eight[first/8*m.k], bias: &m.bias[first : first+8][0], k: m.k}
		_ = m.eight[first/8*m.k:][:m.k]
		// Eight outputs that all have a residual, or none, go straight to dst. Others are
		// finished one by one.
		direct := first+8 <= m.n && (first >= j.channels || first+8 <= j.channels)
		if direct && j.relu {
			t.relu = 1
		}
		for p := 0; p < j.pixels; p += 8 {
			at, step := p, 1
			switch {
			case p+8 <= j.pixels:
			case j.pixels >= 8: // the last eight, some of them for the second time
				at = j.pixels - 8
			default: // one pixel, eight times
				step = 0
			}
			for {
				t.src, t.srcStep = &j.src[at*m.k], step*m.k
				if direct {
					t.dst, t.dstStep = &j.dst[at*m.n+first], step*m.n
					if first < j.channels {
						t.residual, t.resStep = &j.residual[at*j.channels+first], step*j.channels
					}
					dot8x8(&t)
				} else {
					t.dst, t.dstStep = &acc[0], 8
					dot8x8(&t)
					for i := range 1 + 7*step {
						m.finishOne(j, acc[8*i:][:8], at+i, first)
					}
				}
				if at++; step == 1 || at == j.pixels {
					break
				}
			}
		}
	}
	if j.slopes != nil {
		j.activate(j.dst)
	}
}

// finishOne stores the sums of a pixel from output first on, with what follows them but slopes.
func (m *matrix) finishOne(j *job, sums []float32, pixel, first int) {
	to := j.dst[pixel*m.n+first:][:min(8, m.n-first)]
	copy(to, sums)
	for i := first; i < min(first+8, j.channels); i++ {
		to[i-first] += j.residual[pixel*j.channels+i]
	}
	if j.relu {
		activation{relu: true}.activate(to)
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
