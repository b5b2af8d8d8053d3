package face

import (
	"image"
	"image/color"
)

// source reads pixels of any picture as red, green and blue of 8 bits, row by row, without a
// copy of the picture. It lays transparent pixels on white, as a page shows them.
type source struct {
	w, h   int
	planes []plane // for *image.YCbCr: Y, Cb, Cr; for *image.Gray: one
	// For all others: line writes the pixels x0 <= x < x1 of row y to dst, 3 bytes each.
	line func(dst []byte, y, x0, x1 int)
	// foreign: line calls methods of a type that is not of package image.
	foreign bool
	// coarse, if not nil, is the same picture with its sides divided by by.
	coarse *source
	by     int
}

// plane is one component of a picture. It may have fewer samples than the picture has pixels.
type plane struct {
	pix        []byte
	stride     int
	w, h       int
	subX, subY int     // pixels of the picture per sample
	atX, atY   float64 // position of the picture's first pixel, in samples
}

// newSource returns the pixels of img. An empty picture has none.
func newSource(img image.Image) source {
	r := img.Bounds()
	s := source{w: r.Dx(), h: r.Dy()}
	if r.Empty() {
		return source{}
	}
	switch p := img.(type) {
	case *image.YCbCr:
		s.planes = ycbcrPlanes(p)
	case *image.Gray:
		s.planes = []plane{{pix: p.Pix[p.PixOffset(r.Min.X, r.Min.Y):], stride: p.Stride, w: s.w, h: s.h, subX: 1, subY: 1}}
	case *image.Gray16:
		s.line = func(dst []byte, y, x0, x1 int) {
			row := p.Pix[p.PixOffset(r.Min.X+x0, r.Min.Y+y):]
			for i := range x1 - x0 {
				v := row[2*i]
				dst[3*i], dst[3*i+1], dst[3*i+2] = v, v, v
			}
		}
	case *image.RGBA:
		s.line = func(dst []byte, y, x0, x1 int) {
			premultiplied(dst, p.Pix[p.PixOffset(r.Min.X+x0, r.Min.Y+y):], x1-x0, 1)
		}
	case *image.RGBA64:
		s.line = func(dst []byte, y, x0, x1 int) {
			premultiplied(dst, p.Pix[p.PixOffset(r.Min.X+x0, r.Min.Y+y):], x1-x0, 2)
		}
	case *image.NRGBA:
		s.line = func(dst []byte, y, x0, x1 int) {
			straight(dst, p.Pix[p.PixOffset(r.Min.X+x0, r.Min.Y+y):], x1-x0, 1)
		}
	case *image.NRGBA64:
		s.line = func(dst []byte, y, x0, x1 int) {
			straight(dst, p.Pix[p.PixOffset(r.Min.X+x0, r.Min.Y+y):], x1-x0, 2)
		}
	case *image.Paletted:
		s.line = palettedLine(p)
	case *image.CMYK:
		s.line = func(dst []byte, y, x0, x1 int) {
			row := p.Pix[p.PixOffset(r.Min.X+x0, r.Min.Y+y):]
			for i := range x1 - x0 {
				c := row[4*i : 4*i+4]
				dst[3*i], dst[3*i+1], dst[3*i+2] = color.CMYKToRGB(c[0], c[1], c[2], c[3])
			}
		}
	default:
		s.line, s.foreign = anyLine(img), true
	}
	return s
}

// ycbcrPlanes returns the planes of p. If p is part of a picture, it may begin in the middle of
// a chroma sample.
func ycbcrPlanes(p *image.YCbCr) []plane {
	r := p.Rect
	subX, subY := 1, 1
	switch p.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		subX = 2
	case image.YCbCrSubsampleRatio420:
		subX, subY = 2, 2
	case image.YCbCrSubsampleRatio440:
		subY = 2
	case image.YCbCrSubsampleRatio411:
		subX = 4
	case image.YCbCrSubsampleRatio410:
		subX, subY = 4, 2
	}
	// image.YCbCr.COffset divides toward zero, and so do these.
	cw, ch := (r.Max.X-1)/subX-r.Min.X/subX+1, (r.Max.Y-1)/subY-r.Min.Y/subY+1
	c := p.COffset(r.Min.X, r.Min.Y)
	// For negative coordinates image.NewYCbCr allocates less than COffset points to.
	c = min(c, len(p.Cb), len(p.Cr))
	cw = min(cw, p.CStride, min(len(p.Cb), len(p.Cr))-c)
	ch = min(ch, (min(len(p.Cb), len(p.Cr))-c-cw)/max(p.CStride, 1)+1)
	if cw == 0 {
		ch = 0
	}
	inX, inY := max(0, r.Min.X%subX), max(0, r.Min.Y%subY)
	chroma := plane{stride: p.CStride, w: cw, h: ch, subX: subX, subY: subY, atX: float64(inX) / float64(subX), atY: float64(inY) / float64(subY)}
	cb, cr := chroma, chroma
	cb.pix, cr.pix = p.Cb[c:], p.Cr[c:]
	return []plane{{pix: p.Y[p.YOffset(r.Min.X, r.Min.Y):], stride: p.YStride, w: r.Dx(), h: r.Dy(), subX: 1, subY: 1}, cb, cr}
}

// premultiplied lays n pixels of premultiplied RGBA on white. size is the bytes of a sample, of
// which only the first, the highest, counts.
func premultiplied(dst, src []byte, n, size int) {
	for i := range n {
		p := src[4*size*i : 4*size*i+4*size]
		white := 255 - p[3*size]
		dst[3*i], dst[3*i+1], dst[3*i+2] = p[0]+white, p[size]+white, p[2*size]+white
	}
}

// straight lays n pixels of RGBA that is not premultiplied on white.
func straight(dst, src []byte, n, size int) {
	for i := range n {
		p := src[4*size*i : 4*size*i+4*size]
		if a := uint32(p[3*size]); a != 255 {
			for c := range 3 {
				dst[3*i+c] = byte((uint32(p[c*size])*a + 255*(255-a) + 127) / 255)
			}
			continue
		}
		dst[3*i], dst[3*i+1], dst[3*i+2] = p[0], p[size], p[2*size]
	}
}

// onWhite lays a colour on white.
func onWhite(c color.Color) (red, green, blue byte) {
	r, g, b, a := c.RGBA()
	white := 0xFFFF - a
	return byte((r + white) >> 8), byte((g + white) >> 8), byte((b + white) >> 8)
}

func palettedLine(p *image.Paletted) func(dst []byte, y, x0, x1 int) {
	var colours [256][3]byte // an index past the palette is black, as the decoders' own
	for i, c := range p.Palette[:min(len(p.Palette), 256)] {
		colours[i][0], colours[i][1], colours[i][2] = onWhite(c)
	}
	return func(dst []byte, y, x0, x1 int) {
		row := p.Pix[p.PixOffset(p.Rect.Min.X+x0, p.Rect.Min.Y+y):]
		for i := range x1 - x0 {
			copy(dst[3*i:], colours[row[i]][:])
		}
	}
}

// anyLine reads a picture of any type, pixel by pixel.
func anyLine(img image.Image) func(dst []byte, y, x0, x1 int) {
	r := img.Bounds()
	if p, ok := img.(image.RGBA64Image); ok {
		return func(dst []byte, y, x0, x1 int) {
			for x := x0; x < x1; x++ {
				c := p.RGBA64At(r.Min.X+x, r.Min.Y+y)
				white := 0xFFFF - c.A
				i := 3 * (x - x0)
				dst[i], dst[i+1], dst[i+2] = byte((c.R+white)>>8), byte((c.G+white)>>8), byte((c.B+white)>>8)
			}
		}
	}
	return func(dst []byte, y, x0, x1 int) {
		for x := x0; x < x1; x++ {
			i := 3 * (x - x0)
			dst[i], dst[i+1], dst[i+2] = onWhite(img.At(r.Min.X+x, r.Min.Y+y))
		}
	}
}
