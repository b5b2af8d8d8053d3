package render

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/heic/internal/heif"
)

// mosaic puts tiles on a canvas: sample by sample while they are YCbCr of one kind
// whose edges fall on chroma samples, as all cameras write them, else as NRGBA.
type mosaic struct {
	size   image.Point // of a tile
	out    image.Rectangle
	ycc    *image.YCbCr
	rgb    *image.NRGBA
	colour *heif.NCLX
}

func newMosaic(first picture, g heif.Grid, colour *heif.NCLX) mosaic {
	m := mosaic{size: first.img.Bounds().Size(), out: image.Rect(0, 0, int(g.Canvas.W), int(g.Canvas.H))}
	whole := image.Rect(0, 0, m.size.X*g.Cols, m.size.Y*g.Rows)
	src, ok := first.img.(*image.YCbCr)
	if ok && onChroma(src, src.Rect.Min.Add(m.size)) {
		m.ycc = image.NewYCbCr(whole, src.SubsampleRatio)
		if m.colour = colour; colour == nil {
			m.colour = first.colour
		}
		return m
	}
	m.rgb = image.NewNRGBA(m.out)
	return m
}

// place puts a tile at column x and row y.
func (m *mosaic) place(ctx context.Context, tile picture, x, y int) {
	src, ok := tile.img.(*image.YCbCr)
	if m.ycc != nil && ok && src.SubsampleRatio == m.ycc.SubsampleRatio && tile.img.Bounds().Size() == m.size {
		copyYCbCr(m.ycc, src, image.Pt(x*m.size.X, y*m.size.Y))
		return
	}
	if m.rgb == nil {
		m.rgb = image.NewNRGBA(m.out)
		done := plain(ctx, picture{m.ycc, m.colour})
		paint(m.rgb, done, image.Point{})
		m.ycc, m.colour = nil, nil
	}
	img := plain(ctx, tile)
	at := image.Pt(x*m.size.X, y*m.size.Y)
	room := m.rgb.SubImage(image.Rectangle{Min: at, Max: at.Add(m.size)}).(*image.NRGBA)
	put(room, img, at)
}

func (m *mosaic) canvas() image.Image {
	if m.ycc != nil {
		return m.ycc.SubImage(m.out)
	}
	return m.rgb
}

// copyYCbCr copies the planes of src into dst, whose corner at is on a chroma
// sample. Both have the same chroma format.
func copyYCbCr(dst, src *image.YCbCr, at image.Point) {
	size := src.Rect.Size()
	for y := range size.Y {
		i, j := dst.YOffset(at.X, at.Y+y), src.YOffset(src.Rect.Min.X, src.Rect.Min.Y+y)
		copy(dst.Y[i:i+size.X], src.Y[j:j+size.X])
	}
	cw, ch, step := chromaSize(src.SubsampleRatio, size)
	for y := range ch {
		i, j := dst.COffset(at.X, at.Y+y*step), src.COffset(src.Rect.Min.X, src.Rect.Min.Y+y*step)
		copy(dst.Cb[i:i+cw], src.Cb[j:j+cw])
		copy(dst.Cr[i:i+cw], src.Cr[j:j+cw])
	}
}

// chromaSize returns the size of a chroma plane for luma of a size, and how many
// luma rows share a row of it.
func chromaSize(r image.YCbCrSubsampleRatio, s image.Point) (w, h, step int) {
	switch r {
	case image.YCbCrSubsampleRatio420:
		return (s.X + 1) / 2, (s.Y + 1) / 2, 2
	case image.YCbCrSubsampleRatio422:
		return (s.X + 1) / 2, s.Y, 1
	case image.YCbCrSubsampleRatio440:
		return s.X, (s.Y + 1) / 2, 2
	}
	return s.X, s.Y, 1
}
