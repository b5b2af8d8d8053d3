package nn

import "math"

// matrix holds the weights of a convolution of k inputs a pixel and n outputs, packed
// for the kernel that will read them: one of four and eight is nil.
type matrix struct {
	k, n int
	// Blocks of four outputs, for plain Go; in each, input by input, the weights of its
	// outputs. Those past n are zero.
	four [][4]float32
	// Blocks of eight, an AVX register's, likewise.
	eight [][8]float32
	bias  []float32 // of whole blocks of eight
}

// newMatrix packs weights that stand output by output (OHWI, as TFLite stores them).
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

// job is one multiplication: pixels of m.k floats in src become pixels of m.n floats in dst.
type job struct {
	dst, src []float32
	pixels   int
	residual []float32 // of pixels of so many channels, at most m.n; nil if there is none
	channels int
	relu     bool
}

// multiply computes j.
func (m *matrix) multiply(j *job) {
	if m.eight != nil {
		m.multiplyVector(j)
		return
	}
	m.multiplyPortable(j)
}

// multiplyPortable computes j in plain Go: four outputs of two pixels at a time, as
// many as stay in registers.
func (m *matrix) multiplyPortable(j *job) {
	for first := 0; first < m.n; first += 4 {
		w := m.four[first/4*m.k:][:m.k]
		bias := (*[4]float32)(m.bias[first:])
		p := 0
		var a, b [4]float32
		for ; p+2 <= j.pixels; p += 2 {
			dot(&a, &b, j.src[p*m.k:], j.src[(p+1)*m.k:], w, bias)
			j.finish(&a, p, first, m.n)
			j.finish(&b, p+1, first, m.n)
		}
		if p < j.pixels {
			row := j.src[p*m.k:]
			dot(&a, &b, row, row, w, bias)
			j.finish(&a, p, first, m.n)
		}
	}
}

// dot sets a and b to the products of the pixels x and y with four columns of weights.
func dot(a, b *[4]float32, x, y []float32, w [][4]float32, bias *[4]float32) {
	a0, a1, a2, a3 := bias[0], bias[1], bias[2], bias[3]
	b0, b1, b2, b3 := a0, a1, a2, a3
	x, y = x[:len(w)], y[:len(w)]
	for i := range w {
		u, v := x[i], y[i]
		c := &w[i]
		// Loaded first: else the compiler loads each for every use.
		c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
		a0 += u * c0
		a1 += u * c1
		a2 += u * c2
		a3 += u * c3
		b0 += v * c0
		b1 += v * c1
		b2 += v * c2
		b3 += v * c3
	}
	*a = [4]float32{a0, a1, a2, a3}
	*b = [4]float32{b0, b1, b2, b3}
}

// finish adds the residual to four outputs of pixel p, of which a pixel has n, the
// first of them output first; activates and stores them.
func (j *job) finish(a *[4]float32, p, first, n int) {
	if r := p*j.channels + first; first+4 <= j.channels {
		v := (*[4]float32)(j.residual[r:])
		a[0] += v[0]
		a[1] += v[1]
		a[2] += v[2]
		a[3] += v[3]
	} else if first < j.channels {
		for i, v := range j.residual[r : (p+1)*j.channels] {
			a[i] += v
		}
	}
	if j.relu {
		a[0], a[1], a[2], a[3] = rectify(a[0]), rectify(a[1]), rectify(a[2]), rectify(a[3])
	}
	if to := j.dst[p*n+first:]; first+4 <= n {
		*(*[4]float32)(to) = *a
	} else {
		copy(to, a[:n-first])
	}
}

// rectify returns v, or 0 if v is negative. The sign is a coin toss, which a branch
// would lose half the time.
func rectify(v float32) float32 {
	b := math.Float32bits(v)
	return math.Float32frombits(b &^ uint32(int32(b)>>31))
}

// taps9Portable computes channels first and up of a row of pixels of a depthwise
// convolution of 3x3, whose columns all lie inside the input: r0, r1 and r2 begin at the first
// pixel's left column, taps are the weights, tap by tap, and stride is in columns.
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
