package png

import (
	"image"
	"image/color"

	"github.com/imgvet/imgvet/internal/verify/png"
)

// canvas is a sink that keeps every pixel, as image/png would.
type canvas struct {
	img    image.Image
	pix    []byte
	stride int
	size   int // bytes per pixel in pix
	put    convert
	used   int           // colours in use: those of PLTE, and any up to the largest index seen
	colors color.Palette // 256 of them, black after those of PLTE
}

func newCanvas(p *png.Picture) *canvas {
	r := image.Rect(0, 0, p.Width, p.Height)
	c := &canvas{put: converter(p)}
	keyed := p.Transparency != nil
	wide := p.Depth == 16
	switch {
	case p.Colour == png.Indexed:
		c.colors, c.used = palette(p), len(p.Palette)/3
		img := image.NewPaletted(r, c.colors)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 1
		c.put = indices(int(p.Depth), &c.used)
	case p.Colour == png.Grayscale && !keyed && wide:
		img := image.NewGray16(r)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 2
	case p.Colour == png.Grayscale && !keyed:
		img := image.NewGray(r)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 1
	case p.Colour == png.Truecolour && !keyed && wide:
		img := image.NewRGBA64(r)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 8
	case p.Colour == png.Truecolour && !keyed:
		img := image.NewRGBA(r)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 4
	case wide:
		img := image.NewNRGBA64(r)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 8
	default:
		img := image.NewNRGBA(r)
		c.img, c.pix, c.stride, c.size = img, img.Pix, img.Stride, 4
	}
	return c
}

func (c *canvas) row(p []byte, x, dx, y, n int) {
	c.put(c.pix[y*c.stride+x*c.size:], dx*c.size, p, n)
}

func (c *canvas) picture() image.Image {
	if img, ok := c.img.(*image.Paletted); ok {
		img.Palette = c.colors[:c.used]
	}
	return c.img
}

// palette returns 256 colours: those of PLTE with their opacity from tRNS, then black. For
// libpng and browsers an index that PLTE does not define is black.
func palette(p *png.Picture) color.Palette {
	all := make(color.Palette, 256)
	for i := range all {
		all[i] = color.RGBA{A: 0xff}
		if c := p.Palette[min(3*i, len(p.Palette)):]; len(c) >= 3 {
			all[i] = color.RGBA{c[0], c[1], c[2], 0xff}
			if i < len(p.Transparency) {
				all[i] = color.NRGBA{c[0], c[1], c[2], p.Transparency[i]}
			}
		}
	}
	return all
}
