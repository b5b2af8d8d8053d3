package nn

import "math"

// patches writes the input under each position of the filter along row y of the output, one
// patch after the other. That is the input of multiply for a convolution.
func (st *step) patches(dst, src []float32, in value, width, y int) {
	f := st.filter
	for x := range width {
		// The columns of the patch that lie inside the input.
		left := x*f.strideX - f.left
		from := min(max(-left, 0), f.w)
		to := max(min(in.w-left, f.w), from)
		for ky := range f.h {
			row := dst[:f.w*in.c]
			dst = dst[len(row):]
			iy := y*f.strideY - f.top + ky
			if iy < 0 || iy >= in.h {
				clear(row)
				continue
			}
			clear(row[:from*in.c])
			if from < to {
				copy(row[from*in.c:to*in.c], src[(iy*in.w+left+from)*in.c:])
			}
			clear(row[to*in.c:])
		}
	}
}

// depthwiseRow computes row y of a 3x3 depthwise convolution. zeros stands for the rows outside
// the input, and is as long as one row.
func (st *step) depthwiseRow(dst, src []float32, in value, width, y int, zeros []float32) {
	f := st.filter
	var rows [3][]float32
	for k := range rows {
		if iy := y*f.strideY - f.top + k; iy < 0 || iy >= in.h {
			rows[k] = zeros[:in.w*in.c]
		} else {
			rows[k] = src[iy*in.w*in.c:][:in.w*in.c]
		}
	}
	// The pixels whose three columns all lie inside the input are done in one go.
	first := min(width, (f.left+f.strideX-1)/f.strideX)
	last := first - 1
	if in.w+f.left >= 3 {
		last = max(last, min(width-1, (in.w+f.left-3)/f.strideX))
	}
	for x := range first {
		st.depthwiseEdge(dst[x*in.c:][:in.c], rows, in, x)
	}
	if first <= last {
		ix := first*f.strideX - f.left
		to, r0, r1, r2 := dst[first*in.c:(last+1)*in.c], rows[0][ix*in.c:], rows[1][ix*in.c:], rows[2][ix*in.c:]
		if st.weights.eight != nil {
			taps9Vector(to, r0, r1, r2, st.taps, st.bias, f.strideX)
		} else {
			taps9Portable(to, r0, r1, r2, st.taps, st.bias, f.strideX, 0)
		}
	}
	for x := last + 1; x < width; x++ {
		st.depthwiseEdge(dst[x*in.c:][:in.c], rows, in, x)
	}
}

// depthwiseEdge computes one pixel, some of whose columns may lie outside the input.
func (st *step) depthwiseEdge(dst []float32, rows [3][]float32, in value, x int) {
	copy(dst, st.bias)
	for ky, row := range rows {
		for kx := range 3 {
			ix := x*st.filter.strideX - st.filter.left + kx
			if ix < 0 || ix >= in.w {
				continue
			}
			taps := st.taps[(3*ky+kx)*in.c:][:len(dst)]
			pixel := row[ix*in.c:][:len(dst)]
			for c := range dst {
				dst[c] += pixel[c] * taps[c]
			}
		}
	}
}

// pool takes the maximum of each window, ignoring what lies outside the input.
func (st *step) pool(dst, src []float32, in, out value) {
	f := st.filter
	for y := range out.h {
		for x := range out.w {
			best := dst[(y*out.w+x)*out.c:][:out.c]
			first := true
			for ky := range f.h {
				for kx := range f.w {
					iy, ix := y*f.strideY-f.top+ky, x*f.strideX-f.left+kx
					if iy < 0 || iy >= in.h || ix < 0 || ix >= in.w {
						continue
					}
					pixel := src[(iy*in.w+ix)*in.c:][:len(best)]
					if first {
						copy(best, pixel)
						first = false
						continue
					}
					for c, v := range pixel {
						best[c] = max(best[c], v)
					}
				}
			}
		}
	}
}

// bilinear resizes with pixel centres at halves (half_pixel_centers of
// tensorflow/lite/kernels/internal/reference/resize_bilinear.h).
func bilinear(dst, src []float32, in, out value) {
	between := func(i, from, to int) (lo, hi int, t float32) {
		at := (float32(i)+0.5)*float32(from)/float32(to) - 0.5
		floor := math.Floor(float64(at))
		lo = max(int(floor), 0)
		hi = min(int(floor)+1, from-1)
		return lo, hi, max(at-float32(lo), 0)
	}
	for y := range out.h {
		y0, y1, ty := between(y, in.h, out.h)
		for x := range out.w {
			x0, x1, tx := between(x, in.w, out.w)
			to := dst[(y*out.w+x)*out.c:][:out.c]
			a := src[(y0*in.w+x0)*in.c:][:len(to)]
			b := src[(y0*in.w+x1)*in.c:][:len(to)]
			c := src[(y1*in.w+x0)*in.c:][:len(to)]
			d := src[(y1*in.w+x1)*in.c:][:len(to)]
			for i := range to {
				top := a[i] + (b[i]-a[i])*tx
				bottom := c[i] + (d[i]-c[i])*tx
				to[i] = top + (bottom-top)*ty
			}
		}
	}
}

// add sums two pictures of n and m channels, m at most n. The channels that b lacks are zero.
func add(dst, a, b []float32, n, m int) {
	for len(dst) > 0 {
		copy(dst, a[:n])
		for i, v := range b[:m] {
			dst[i] += v
		}
		dst, a, b = dst[n:], a[n:], b[m:]
	}
}
