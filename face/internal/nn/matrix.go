package nn

// lanes is how many outputs a block of a matrix holds: one AVX register's.
const lanes = 8

// matrix holds the weights of a convolution of k inputs a pixel and n outputs.
type matrix struct {
	k, n int
	// Blocks of eight outputs; in each block, input by input, the weights of its
	// outputs side by side. Those past n are zero.
	w    []float32
	bias []float32 // of whole blocks too
}

// newMatrix packs weights that stand output by output (OHWI, as TFLite stores them).
func newMatrix(weights, bias []float32, n int) matrix {
	blocks := (n + lanes - 1) / lanes
	m := matrix{k: len(weights) / n, n: n, bias: make([]float32, blocks*lanes)}
	m.w = make([]float32, blocks*m.k*lanes)
	copy(m.bias, bias)
	for o := range n {
		to := m.w[o/lanes*m.k*lanes+o%lanes:]
		for i, v := range weights[o*m.k:][:m.k] {
			to[i*lanes] = v
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

// finish adds the residual to acc, the outputs first... of pixel p, and stores them.
func (j *job) finish(acc []float32, p, first, n int) {
	acc = acc[:min(len(acc), n-first)]
	if first < j.channels {
		for i, v := range j.residual[p*j.channels+first : min(p*j.channels+first+len(acc), (p+1)*j.channels)] {
			acc[i] += v
		}
	}
	if j.relu {
		for i, v := range acc {
			// max compiles to more than a comparison: it has to mind NaN and -0.
			if v < 0 {
				acc[i] = 0
			}
		}
	}
	copy(j.dst[p*n+first:], acc)
}

// multiplyPortable is multiply in plain Go: four outputs of two pixels at a time, as many as stay
// in registers.
func (m *matrix) multiplyPortable(j job) {
	for first := 0; first < m.n; first += 4 {
		w := m.w[first/lanes*m.k*lanes+first%lanes:]
		w = w[: (m.k-1)*lanes+4 : (m.k-1)*lanes+4]
		bias := (*[4]float32)(m.bias[first:])
		p := 0
		for ; p+2 <= j.pixels; p += 2 {
			a, b := dot2x4(j.src[p*m.k:][:m.k], j.src[(p+1)*m.k:][:m.k], w, bias)
			j.finish(a[:], p, first, m.n)
			j.finish(b[:], p+1, first, m.n)
		}
		if p < j.pixels {
			row := j.src[p*m.k:][:m.k]
			a, _ := dot2x4(row, row, w, bias)
			j.finish(a[:], p, first, m.n)
		}
	}
}

// dot2x4 returns the products of two pixels and four columns of weights.
func dot2x4(x, y, w []float32, bias *[4]float32) (a, b [4]float32) {
	a0, a1, a2, a3 := bias[0], bias[1], bias[2], bias[3]
	b0, b1, b2, b3 := a0, a1, a2, a3
	y = y[:len(x)]
	for i, u := range x {
		v := y[i]
		c := (*[4]float32)(w[i*lanes:])
		a0 += u * c[0]
		b0 += v * c[0]
		a1 += u * c[1]
		b1 += v * c[1]
		a2 += u * c[2]
		b2 += v * c[2]
		a3 += u * c[3]
		b3 += v * c[3]
	}
	return [4]float32{a0, a1, a2, a3}, [4]float32{b0, b1, b2, b3}
}

// taps9Portable computes pixels of a depthwise convolution of 3x3 whose columns all
// lie inside the input: r0, r1 and r2 begin at the first one's left column.
func taps9Portable(dst, r0, r1, r2, taps, bias []float32, stride int) {
	n := len(bias)
	for c := range n {
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
