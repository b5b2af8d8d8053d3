package nn

import "math"

// matrix holds the weights of a convolution with k inputs per pixel and n outputs, packed for
// the kernel that reads them: either four or eight is nil.
type matrix struct {
	k, n int
	// Blocks of four outputs, for plain Go. A block holds, input by input, the weights of its
	// outputs; those past n are zero.
	four [][4]float32
	// The same in blocks of eight, for vector kernels: one AVX register, or two of NEON.
	eight [][8]float32
	bias  []float32 // padded to whole blocks of eight
}

// newMatrix packs weights that are stored output by output (OHWI, as in TFLite).
func newMatrix(weights, bias []float32, n int, vector bool) matrix {
	m := matrix{k: len(weights) / n, n: n, bias: make([]float32, (n+7)/8*8)}
	copy(m.bias, bias)
	if vector {
		m.eight = make([][8]float32, (n+7)/8*m.k)
	} else {
		m.four = make([][4]float32, (n+3)/4*m.k)
	}
	for o := range n {
		column := weights[o*m.k:][:m.k]
		if vector {
			block := m.eight[o/8*m.k:][:m.k]
			for i, v := range column {
				block[i][o%8] = v
			}
			continue
		}
		block := m.four[o/4*m.k:][:m.k]
		for i, v := range column {
			block[i][o%4] = v
		}
	}
	return m
}

// job is one multiplication. It turns the pixels in src, m.k floats each, into pixels in dst,
// m.n floats each.
type job struct {
	dst, src []float32
	pixels   int
	residual []float32 // with so many channels per pixel, at most m.n; nil if there is none
	channels int
	activation
}

// multiply runs j.
func (m *matrix) multiply(j *job) {
	if m.eight != nil {
		m.multiplyVector(j)
	} else {
		m.multiplyPortable(j)
	}
}

// multiplyPortable runs j in plain Go: four outputs of two pixels at a time,
// as many as fit the registers.
func (m *matrix) multiplyPortable(j *job) {
	for first := 0; first < m.n; first += 4 {
		w := m.four[first/4*m.k:][:m.k]
		bias := (*[4]float32)(m.bias[first:])
		whole := first+4 <= m.n
		for p := 0; p < j.pixels; p += 2 {
			q := min(p+1, j.pixels-1) // the last pixel is done twice if it has no partner
			x, y := j.src[p*m.k:], j.src[q*m.k:]
			to, next := j.dst[p*m.n+first:], j.dst[q*m.n+first:]
			if whole {
				dot((*[4]float32)(to), (*[4]float32)(next), x, y, w, bias)
				continue
			}
			var a, b [4]float32
			dot(&a, &b, x, y, w, bias)
			copy(to, a[:m.n-first])
			copy(next, b[:m.n-first])
		}
	}
	j.finish(m.n)
}

// dot sets a and b to the products of the pixels x and y with four columns of weights.
//
// It takes four inputs at a time for the compiler's sake. At the end of a block of code the
// compiler makes all products before it adds any, and there are too few registers for more.
func dot(a, b *[4]float32, x, y []float32, w [][4]float32, bias *[4]float32) {
	a0, a1, a2, a3 := bias[0], bias[1], bias[2], bias[3]
	b0, b1, b2, b3 := a0, a1, a2, a3
	for ; len(w) >= 4 && len(x) >= 4 && len(y) >= 4; w, x, y = w[4:], x[4:], y[4:] {
		c, x, y := (*[4][4]float32)(w), (*[4]float32)(x), (*[4]float32)(y)
		u, v := x[0], y[0]
		a0, b0 = a0+u*c[0][0], b0+v*c[0][0]
		a1, b1 = a1+u*c[0][1], b1+v*c[0][1]
		a2, b2 = a2+u*c[0][2], b2+v*c[0][2]
		a3, b3 = a3+u*c[0][3], b3+v*c[0][3]
		u, v = x[1], y[1]
		a0, b0 = a0+u*c[1][0], b0+v*c[1][0]
		a1, b1 = a1+u*c[1][1], b1+v*c[1][1]
		a2, b2 = a2+u*c[1][2], b2+v*c[1][2]
		a3, b3 = a3+u*c[1][3], b3+v*c[1][3]
		u, v = x[2], y[2]
		a0, b0 = a0+u*c[2][0], b0+v*c[2][0]
		a1, b1 = a1+u*c[2][1], b1+v*c[2][1]
		a2, b2 = a2+u*c[2][2], b2+v*c[2][2]
		a3, b3 = a3+u*c[2][3], b3+v*c[2][3]
		u, v = x[3], y[3]
		a0, b0 = a0+u*c[3][0], b0+v*c[3][0]
		a1, b1 = a1+u*c[3][1], b1+v*c[3][1]
		a2, b2 = a2+u*c[3][2], b2+v*c[3][2]
		a3, b3 = a3+u*c[3][3], b3+v*c[3][3]
	}
	x, y = x[:len(w)], y[:len(w)]
	for i := range w {
		u, v, c := x[i], y[i], &w[i]
		a0, b0 = a0+u*c[0], b0+v*c[0]
		a1, b1 = a1+u*c[1], b1+v*c[1]
		a2, b2 = a2+u*c[2], b2+v*c[2]
		a3, b3 = a3+u*c[3], b3+v*c[3]
	}
	*a = [4]float32{a0, a1, a2, a3}
	*b = [4]float32{b0, b1, b2, b3}
}

// finish adds the residual to the products, n per pixel, and applies the activation.
func (j *job) finish(n int) {
	if j.channels > 0 {
		from, to := j.residual, j.dst
		for range j.pixels {
			r := from[:j.channels]
			for i, v := range to[:len(r)] {
				to[i] = v + r[i]
			}
			from, to = from[len(r):], to[n:]
		}
	}
	j.activate(j.dst)
}

// activate applies a to pixels.
func (a activation) activate(pixels []float32) {
	switch {
	case a.relu:
		for i, v := range pixels {
			pixels[i] = rectify(v)
		}
	case a.slopes != nil:
		for ; len(pixels) > 0; pixels = pixels[len(a.slopes):] {
			for i, slope := range a.slopes {
				v := pixels[i]
				positive := rectify(v)
				pixels[i] = positive + slope*(v-positive)
			}
		}
	}
}

// rectify returns v, or 0 if v is negative. The sign is unpredictable, so a branch would be
// mispredicted half the time.
func rectify(v float32) float32 {
	b := math.Float32bits(v)
	return math.Float32frombits(b &^ uint32(int32(b)>>31))
}

// taps9Portable computes the channels from first on for a row of pixels of a 3x3 depthwise
// convolution. The pixels' columns must all lie inside the input. r0, r1 and r2 begin at the
// first pixel's left column. taps are the weights, tap by tap. stride is in columns.
func taps9Portable(dst, r0, r1, r2, taps, bias []float32, stride, first int) {
	n := len(bias)
	for c := first; c < n; c++ {
		w00, w01, w02 := taps[c], taps[n+c], taps[2*n+c]
		w10, w11, w12 := taps[3*n+c], taps[4*n+c], taps[5*n+c]
		w20, w21, w22 := taps[6*n+c], taps[7*n+c], taps[8*n+c]
		b := bias[c]
		at := c
		for o := c; o < len(dst); o += n {
			s := b + r0[at]*w00 + r0[at+n]*w01 + r0[at+2*n]*w02
			s += r1[at]*w10 + r1[at+n]*w11 + r1[at+2*n]*w12
			s += r2[at]*w20 + r2[at+n]*w21 + r2[at+2*n]*w22
			dst[o] = s
			at += stride * n
		}
	}
}
