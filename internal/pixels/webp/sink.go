package webp

import (
	"image"
	"image/color"

	"github.com/imgvet/imgvet/internal/pixels/box"
)

// sink receives the rows of a frame: red, green, blue and opacity of each pixel.
type sink interface {
	// row receives row y of the frame, and may change it.
	row(y int, rgba []byte)
	picture() image.Image
}

func newSink(p *picture, scale int) sink {
	if scale == 1 {
		return &canvas{image.NewNRGBA(p.canvas), p.at.Min}
	}
	return &reducer{box.New(p.canvas.Dx(), p.canvas.Dy(), scale), p.at.Min}
}

// canvas keeps every pixel. RFC 9649, 2.7.1.1: it is transparent where no frame has been drawn.
type canvas struct {
	img *image.NRGBA
	at  image.Point // of the frame
}

func (c *canvas) row(y int, rgba []byte) { copy(c.img.Pix[c.img.PixOffset(c.at.X, c.at.Y+y):], rgba) }
func (c *canvas) picture() image.Image   { return c.img }

// reducer keeps the means of squares.
type reducer struct {
	box *box.Reducer
	at  image.Point
}

func (r *reducer) row(y int, rgba []byte) {
	box.Premultiply(rgba)
	r.box.Add(r.at.X, r.at.Y+y, rgba)
}

func (r *reducer) picture() image.Image { return r.box.Picture() }

// fillRGB fills line with the colours of row y, all opaque.
func fillRGB(line []byte, m *image.YCbCr, y int) {
	luma := m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y):]
	at := m.COffset(m.Rect.Min.X, m.Rect.Min.Y+y)
	cb, cr := m.Cb[at:], m.Cr[at:]
	for x := range len(line) / 4 {
		p := line[4*x:][:4]
		p[0], p[1], p[2] = color.YCbCrToRGB(luma[x], cb[x/2], cr[x/2])
		p[3] = 0xff
	}
}
