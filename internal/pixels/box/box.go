// Package box reduces a picture row by row. Each pixel of the small picture is the mean of a
// square, so memory is bounded by the small picture and one row of squares.
package box

import "image"

// MaxScale bounds the scale of a [Reducer]: a sum over a square of that side fits 32 bits.
const MaxScale = 4096

// Reducer receives the pixels of a picture and keeps the means of squares of them. Pixels that
// it never receives count as transparent.
type Reducer struct {
	scale         int
	width, height int // of the large picture
	small         *image.RGBA
	sums          []uint32 // for the row of squares that y names
	y             int      // the row of squares in sums, or -1
}

// New returns a Reducer for a picture of width x height pixels. It divides each side by scale, 1
// to [MaxScale], and rounds up.
func New(width, height, scale int) *Reducer {
	w, h := (width+scale-1)/scale, (height+scale-1)/scale
	return &Reducer{
		scale: scale, width: width, height: height,
		small: image.NewRGBA(image.Rect(0, 0, w, h)),
		sums:  make([]uint32, 4*w),
		y:     -1,
	}
}

// Add adds pixels of row y from x on: red, green and blue weighted by opacity, and opacity.
// After a pixel of another row of squares, none may follow of this one.
func (r *Reducer) Add(x, y int, p []byte) {
	if at := y / r.scale; at != r.y {
		r.flush()
		r.y = at
	}
	sums := r.sums[x/r.scale*4:]
	Sum(sums, p, r.scale-x%r.scale, r.scale)
}

// Sum adds pixels, four bytes each, to the sums of the squares that they lie in, four each. The
// first square takes the first n pixels, and each other one scale.
func Sum(sums []uint32, p []byte, n, scale int) {
	for ; len(p) >= 4; n = scale {
		square := p[:min(len(p), 4*n)]
		p = p[len(square):]
		s := sums[:4:4]
		sums = sums[4:]
		a, b, c, d := s[0], s[1], s[2], s[3]
		for ; len(square) >= 4; square = square[4:] {
			a += uint32(square[0])
			b += uint32(square[1])
			c += uint32(square[2])
			d += uint32(square[3])
		}
		s[0], s[1], s[2], s[3] = a, b, c, d
	}
}

// flush computes the pixels of row r.y, and clears their sums.
func (r *Reducer) flush() {
	if r.y < 0 {
		return
	}
	high := min(r.scale, r.height-r.y*r.scale)
	out := r.small.Pix[r.y*r.small.Stride:][:len(r.sums)]
	for i, s := range r.sums {
		n := uint64(high * min(r.scale, r.width-i/4*r.scale))
		out[i] = byte((uint64(s) + n/2) / n)
	}
	clear(r.sums)
}

// Picture returns the small picture.
func (r *Reducer) Picture() *image.RGBA {
	r.flush()
	r.y = -1
	return r.small
}

// Premultiply weights the colours of p, four bytes a pixel, by their opacity.
func Premultiply(p []byte) {
	for ; len(p) >= 4; p = p[4:] {
		if a := uint32(p[3]); a != 0xff {
			for i := range 3 {
				p[i] = byte((uint32(p[i])*a + 127) / 255)
			}
		}
	}
}
