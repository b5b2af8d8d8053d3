package png

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/png"
)

// MaxScale bounds the scale of [Decode]: a sum over a square of that side fits 32 bits.
const MaxScale = 4096

// Decode returns the pixels of the PNG file b, for an animation those of the still picture. Each
// side is that of the file divided by scale, rounded up; scale is 1 to [MaxScale]. The caller
// must have checked the picture's size, since Decode allocates by it.
//
// At scale 1 the result has the type that image/png returns, else it is an *image.Gray or
// *image.RGBA. Its bounds begin at 0, 0. The error is a [*verify.Fault], or ctx's, which Decode
// checks every few milliseconds. Decode keeps no byte of b, and is safe for concurrent use.
func Decode(ctx context.Context, b []byte, scale int) (image.Image, error) {
	if scale < 1 || scale > MaxScale {
		return nil, fmt.Errorf("png: scale is %d; it must be 1 to %d", scale, MaxScale)
	}
	p, err := png.Open(b)
	if err != nil {
		return nil, err
	}
	if int64(p.Width)*int64(p.Height) > math.MaxInt/8 {
		return nil, verify.Faultf(verify.Unsupported, -1, "%dx%d pixels are too many for this machine", p.Width, p.Height)
	}
	var s sink
	if scale == 1 {
		s = newCanvas(p)
	} else {
		s = newReducer(p, scale)
	}
	if err := read(ctx, p, s); err != nil {
		return nil, err
	}
	return s.picture(), nil
}

// sink receives the rows of a picture.
type sink interface {
	// row receives n pixels, packed as in the file. They belong to row y, at x, x+dx, x+2dx and
	// so on. p is valid until row returns.
	row(p []byte, x, dx, y, n int)
	picture() image.Image
}

// read inflates the rows of p, undoes their filters, and hands them to s.
func read(ctx context.Context, p *png.Picture, s sink) error {
	bits := p.BitsPerPixel()
	r := reader{ctx: ctx, p: p}
	most := (p.Width*bits + 7) / 8
	buf := make([]byte, 2*(most+1))
	row, above := buf[:most+1], buf[most+1:]
	for _, pass := range p.Passes() {
		n := (p.Width - pass.X0 + pass.DX - 1) / pass.DX
		if n <= 0 {
			continue // 8.1: a pass without pixels has no filter bytes either
		}
		size := 1 + (n*bits+7)/8
		clear(above[:size])
		for y := pass.Y0; y < p.Height; y += pass.DY {
			if err := r.fill(row[:size]); err != nil {
				return err
			}
			if !unfilter(row[0], row[1:size], above[1:size], max(1, bits/8)) {
				return verify.Faultf(verify.Malformed, -1, "IDAT: filter type that does not exist")
			}
			s.row(row[1:size], pass.X0, pass.DX, y, n)
			row, above = above, row
		}
	}
	return nil
}

// reader returns inflated bytes in portions of any size.
type reader struct {
	ctx  context.Context
	p    *png.Picture
	span []byte
}

// fill fills p.
func (r *reader) fill(p []byte) error {
	for len(p) > 0 {
		for len(r.span) == 0 {
			if err := r.ctx.Err(); err != nil {
				return err
			}
			span, err := r.p.Next()
			if err == io.EOF {
				return verify.Faultf(verify.Malformed, -1, "IDAT: rows are missing")
			}
			if err != nil {
				return err
			}
			r.span = span
		}
		n := copy(p, r.span)
		p, r.span = p[n:], r.span[n:]
	}
	return nil
}
