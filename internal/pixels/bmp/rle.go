package bmp

import (
	"image"
	"image/color"

	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// painter sets pixels of a picture, y counted from the top.
type painter interface{ set(x, y int, index uint8) }

type indexPainter struct{ img *image.Paletted }

func (p indexPainter) set(x, y int, index uint8) { p.img.Pix[y*p.img.Stride+x] = index }

type nrgbaPainter struct {
	img     *image.NRGBA
	palette color.Palette // opaque colours, so that RGBA is NRGBA
}

func (p nrgbaPainter) set(x, y int, index uint8) {
	c := p.palette[index].(color.RGBA)
	p.img.SetNRGBA(x, y, color.NRGBA(c))
}

// runLengths paints the run-length codes of b, which [dib.Header.WalkRLE] has
// walked without a fault: so every code is whole, and stays in the picture but
// for runs that pass the end of their row.
func runLengths[P painter](h *dib.Header, b []byte, p P) {
	half := h.Compression == dib.RLE4
	x, y := 0, 0
	put := func(v uint8) {
		if x >= h.Width {
			return
		}
		line := h.Height - 1 - y
		if h.TopDown {
			line = y
		}
		p.set(x, line, v)
		x++
	}
	for i := h.Data; i+1 < len(b); i += 2 {
		n, code := int(b[i]), b[i+1]
		if n != 0 {
			for k := range min(n, h.Width-x) {
				switch {
				case !half:
					put(code)
				case k%2 == 0:
					put(code >> 4)
				default:
					put(code & 15)
				}
			}
			continue
		}
		switch code {
		case dib.EndOfLine:
			x, y = 0, y+1
		case dib.EndOfBitmap:
			return
		case dib.Delta:
			x, y = x+int(b[i+2]), y+int(b[i+3])
			i += 2
		default:
			for k := range int(code) {
				switch {
				case !half:
					put(b[i+2+k])
				case k%2 == 0:
					put(b[i+2+k/2] >> 4)
				default:
					put(b[i+2+k/2] & 15)
				}
			}
			i += h.AbsoluteSize(int(code))
		}
	}
}
