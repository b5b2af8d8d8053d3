package render

import (
	"image"
	"image/draw"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPaintAsPackageDraw: the pixels are those of package draw, with and without
// transparency, wherever the picture lies on the canvas.
func TestPaintAsPackageDraw(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	noise := func(b []uint8) {
		for i := range b {
			b[i] = uint8(r.IntN(256))
			if r.IntN(4) == 0 { // the ends are cases of their own
				b[i] = uint8(r.IntN(2) * 255)
			}
		}
	}
	for i := range 400 {
		rect := image.Rect(0, 0, 1+r.IntN(20), 1+r.IntN(20))
		canvas := image.NewNRGBA(image.Rect(0, 0, 16, 16))
		noise(canvas.Pix)
		var img image.Image
		switch i % 3 {
		case 0:
			m := image.NewYCbCr(rect, image.YCbCrSubsampleRatio420)
			noise(m.Y)
			noise(m.Cb)
			noise(m.Cr)
			img = m.SubImage(rect.Inset(rect.Dx() / 8))
		case 1:
			m := image.NewNRGBA(rect)
			noise(m.Pix)
			img = m
		default:
			m := image.NewNRGBA(rect)
			noise(m.Pix)
			for j := 3; j < len(m.Pix); j += 4 {
				m.Pix[j] = 255
			}
			img = m.SubImage(rect.Inset(rect.Dx() / 8))
		}
		at := image.Pt(r.IntN(60)-30, r.IntN(60)-30)
		for op, own := range map[draw.Op]func(*image.NRGBA, image.Image, image.Point){draw.Over: paint, draw.Src: put} {
			want, got := copyOf(canvas), copyOf(canvas)
			draw.Draw(want, image.Rectangle{Min: at, Max: at.Add(img.Bounds().Size())}, img, img.Bounds().Min, op)
			own(got, img, at)
			require.Equal(t, want, got, "%T of %v at %v, op %v", img, img.Bounds(), at, op)
		}
	}
}

func copyOf(m *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	copy(out.Pix, m.Pix)
	return out
}
