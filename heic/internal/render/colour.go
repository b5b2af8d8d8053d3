package render

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/heic/internal/heif"
)

// Code points of ITU-T H.273, table 4: matrix_coefficients.
const (
	matrixIdentity = 0
	matrixBT709    = 1
	matrixYCgCo    = 8
	matrixBT2020   = 9
)

// plain returns a picture's pixels in a form that Go's image package reads right:
// YCbCr of full range and BT.601, or NRGBA. BT.601's relatives (H.273 5, 6 and 4)
// and unspecified matrices count as BT.601, as viewers have it.
//
// It stops where ctx is done, and leaves the rest as it is: render looks at ctx last.
func plain(ctx context.Context, p picture) image.Image { return p.plain(ctx, false) }

// ownPlain is plain for a picture of which nobody else makes use: its samples may be
// changed in place.
func ownPlain(ctx context.Context, p picture) image.Image { return p.plain(ctx, true) }

func (p picture) plain(ctx context.Context, own bool) image.Image {
	src, ok := p.img.(*image.YCbCr)
	if !ok || p.colour == nil {
		return p.img
	}
	switch p.colour.Matrix {
	case matrixIdentity, matrixYCgCo:
		if src.SubsampleRatio == image.YCbCrSubsampleRatio444 {
			return toRGB(ctx, src, p.colour)
		}
	case matrixBT709, matrixBT2020:
		return toRGB(ctx, src, p.colour)
	}
	if p.colour.FullRange {
		return src
	}
	if !own {
		dst := image.NewYCbCr(image.Rectangle{Max: src.Rect.Size()}, src.SubsampleRatio)
		copyYCbCr(dst, src, image.Point{})
		src = dst
	}
	widen(ctx, src)
	return src
}

// scale maps 8-bit samples from off..off+span to 0..255.
func scale(off, span int) (t [256]uint8) {
	for i := range t {
		t[i] = clamp8(((i-off)*255*2 + span) / (2 * span))
	}
	return t
}

func clamp8(v int) uint8 { return uint8(min(max(v, 0), 255)) }

// Limited range (H.273, 8.3): luma in 16..235, chroma in 16..240 about 128.
func lumaTable() [256]uint8 { return scale(16, 219) }

func chromaTable() (t [256]uint8) {
	for i := range t {
		t[i] = clamp8(128 + ((i-128)*255*2+sign(i-128)*224)/(2*224))
	}
	return t
}

func sign(v int) int {
	if v < 0 {
		return -1
	}
	return 1
}

// widen stretches samples of limited range to full range, in place.
func widen(ctx context.Context, img *image.YCbCr) {
	luma, chroma := lumaTable(), chromaTable()
	size := img.Rect.Size()
	for y := range size.Y {
		if ctx.Err() != nil {
			return
		}
		i := img.YOffset(img.Rect.Min.X, img.Rect.Min.Y+y)
		stretch(img.Y[i:i+size.X], &luma)
	}
	cw, ch, step := chromaSize(img.SubsampleRatio, size)
	for y := range ch {
		if ctx.Err() != nil {
			return
		}
		j := img.COffset(img.Rect.Min.X, img.Rect.Min.Y+y*step)
		stretch(img.Cb[j:j+cw], &chroma)
		stretch(img.Cr[j:j+cw], &chroma)
	}
}

func stretch(line []uint8, table *[256]uint8) {
	for i, v := range line {
		line[i] = table[v]
	}
}

// toRGB converts samples of other matrices than BT.601 (H.273, 8.3).
func toRGB(ctx context.Context, src *image.YCbCr, c *heif.NCLX) *image.NRGBA {
	size := src.Rect.Size()
	dst := image.NewNRGBA(image.Rectangle{Max: size})
	luma, chroma := scale(0, 255), scale(0, 255)
	if !c.FullRange {
		luma, chroma = lumaTable(), chromaTable()
		if c.Matrix == matrixIdentity {
			chroma = luma // there they hold blue and red
		}
	}
	m := newMatrix(c.Matrix)
	for y := range size.Y {
		if ctx.Err() != nil {
			break
		}
		row := dst.Pix[y*dst.Stride : y*dst.Stride+4*size.X]
		for x := range size.X {
			i := src.YOffset(src.Rect.Min.X+x, src.Rect.Min.Y+y)
			j := src.COffset(src.Rect.Min.X+x, src.Rect.Min.Y+y)
			r, g, b := m.rgb(int(luma[src.Y[i]]), int(chroma[src.Cb[j]]), int(chroma[src.Cr[j]]))
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = r, g, b, 255
		}
	}
	return dst
}

// colourMatrix holds the factors from YCbCr to RGB, times 65536.
type colourMatrix struct {
	code           uint16
	rv, gu, gv, bu int
}

// newMatrix derives the factors from the weights of red and blue: H.273, 8.3,
// equations 41 to 43.
func newMatrix(code uint16) colourMatrix {
	kr, kb := 0.299, 0.114
	switch code {
	case matrixBT709:
		kr, kb = 0.2126, 0.0722
	case matrixBT2020:
		kr, kb = 0.2627, 0.0593
	}
	kg := 1 - kr - kb
	fix := func(v float64) int { return int(v*65536 + 0.5) }
	return colourMatrix{code, fix(2 * (1 - kr)), fix(2 * kb * (1 - kb) / kg), fix(2 * kr * (1 - kr) / kg), fix(2 * (1 - kb))}
}

func (m *colourMatrix) rgb(y, u, v int) (r, g, b uint8) {
	switch m.code {
	case matrixIdentity: // the planes are green, blue, red
		return uint8(v), uint8(y), uint8(u)
	case matrixYCgCo:
		cg, co := u-128, v-128
		return clamp8(y - cg + co), clamp8(y + cg), clamp8(y - cg - co)
	}
	u, v = u-128, v-128
	const half = 1 << 15
	return clamp8(y + (m.rv*v+half)>>16), clamp8(y - (m.gu*u+m.gv*v+half)>>16), clamp8(y + (m.bu*u+half)>>16)
}
