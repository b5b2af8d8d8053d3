//go:build js && wasm

package main

import (
	"image"
	"image/color"
)

// rows hands out a decoded picture as ImageData has it, RGBA not multiplied by alpha, row
// by row: of the whole only JavaScript's copy exists. Squares of n pixels a side become
// one, the mean, where the picture is still too large.
type rows struct {
	img  image.Image // *image.YCbCr or *image.NRGBA, at 0, 0
	n    int
	line []byte // of img
	out  []byte
	sums []uint32 // of a row of squares: red, green and blue times alpha, and alpha
}

func newRows(img image.Image, maxSide int) *rows {
	size := img.Bounds().Size()
	n := (max(size.X, size.Y) + maxSide - 1) / maxSide
	r := &rows{img: img, n: n, line: make([]byte, 4*size.X)}
	if n > 1 {
		width, _ := r.size()
		r.out, r.sums = make([]byte, 4*width), make([]uint32, 4*width)
	}
	return r
}

// size returns the size of the picture that is handed out.
func (r *rows) size() (width, height int) {
	size := r.img.Bounds().Size()
	return (size.X + r.n - 1) / r.n, (size.Y + r.n - 1) / r.n
}

// row returns a row, valid until the next call.
func (r *rows) row(y int) []byte {
	if r.n == 1 {
		r.read(y)
		return r.line
	}
	clear(r.sums)
	last := min((y+1)*r.n, r.img.Bounds().Dy())
	for y := y * r.n; y < last; y++ {
		r.read(y)
		for i := 0; i < len(r.line); i += 4 {
			to, a := r.sums[i/4/r.n*4:][:4], uint32(r.line[i+3])
			for c := range 3 {
				to[c] += a * uint32(r.line[i+c])
			}
			to[3] += a
		}
	}
	width := len(r.line) / 4
	for i := 0; i < len(r.out); i += 4 {
		from, to := r.sums[i:][:4], r.out[i:][:4]
		clear(to)
		if a := from[3]; a > 0 {
			for c := range 3 {
				to[c] = uint8((from[c] + a/2) / a)
			}
			pixels := uint32(min(r.n, width-i/4*r.n) * (last - y*r.n))
			to[3] = uint8((a + pixels/2) / pixels)
		}
	}
	return r.out
}

// read puts a row of the decoded picture into line.
func (r *rows) read(y int) {
	switch m := r.img.(type) {
	case *image.NRGBA:
		copy(r.line, m.Pix[y*m.Stride:])
	case *image.YCbCr:
		at, chroma := m.YOffset(0, y), m.COffset(0, y)
		step := uint(0) // log2 of the luma samples beside each other that share chroma
		if m.SubsampleRatio == image.YCbCrSubsampleRatio420 || m.SubsampleRatio == image.YCbCrSubsampleRatio422 {
			step = 1
		}
		for x := 0; 4*x < len(r.line); x++ {
			p, c := r.line[4*x:][:4], chroma+x>>step
			p[0], p[1], p[2] = color.YCbCrToRGB(m.Y[at+x], m.Cb[c], m.Cr[c])
			p[3] = 255
		}
	}
}
