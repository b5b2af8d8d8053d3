package bmp

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/internal/pixels/box"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// chunk is how many pixels are converted at a time: a row can be as long as the file has
// pixels.
const chunk = 1024

// reduce makes means of squares of pixels.
func reduce(ctx context.Context, h *dib.Header, b []byte, scale int) (image.Image, error) {
	r := box.New(h.Width, h.Height, scale)
	if h.IsRLE() {
		p := &boxPainter{box: r, colours: rgba(h)}
		runLengths(h, b, p)
		p.flush()
		return r.Picture(), ctx.Err()
	}
	var line [4 * chunk]byte
	convert := lines(h, b)
	for y := range h.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		src := row(h, b, y)
		for x := 0; x < h.Width; x += chunk {
			dst := line[:4*min(chunk, h.Width-x)]
			convert(dst, src[x*h.Bits/8:])
			r.Add(x, y, dst)
		}
	}
	return r.Picture(), nil
}

// lines returns what fills a line with pixels, their colours weighted by opacity. The
// first one stands at the start of a byte.
func lines(h *dib.Header, b []byte) func(dst, src []byte) {
	if h.Bits > 8 {
		c := newConverter(h, b)
		return func(dst, src []byte) {
			c.convert(dst, src)
			box.Premultiply(dst)
		}
	}
	colours := rgba(h)
	var indexes [chunk]byte
	return func(dst, src []byte) {
		to := indexes[:len(dst)/4]
		unpack(to, src, h.Bits)
		for i, v := range to {
			*(*[4]byte)(dst[4*i:]) = colours[v]
		}
	}
}

// rgba returns the palette, as bytes.
func rgba(h *dib.Header) (colours [256][4]byte) {
	for i, c := range palette(h) {
		r, g, b, a := c.RGBA()
		colours[i] = [4]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), byte(a >> 8)}
	}
	return colours
}

// boxPainter collects pixels that stand beside each other.
type boxPainter struct {
	box     *box.Reducer
	colours [256][4]byte
	x, y, n int // of the pixels in line
	line    [4 * chunk]byte
}

func (p *boxPainter) set(x, y int, index uint8) {
	if p.n == chunk || y != p.y || x != p.x+p.n {
		p.flush()
		p.x, p.y = x, y
	}
	*(*[4]byte)(p.line[4*p.n:]) = p.colours[index]
	p.n++
}

func (p *boxPainter) flush() {
	if p.n > 0 {
		p.box.Add(p.x, p.y, p.line[:4*p.n])
	}
	p.n = 0
}
