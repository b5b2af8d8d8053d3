//go:build !imgvet_verdictonly

package render

import (
	"image"
	"image/color"
	"image/draw"
)

// paint draws a plain picture onto dst, its corner at the given place. Package draw
// does so too, but sample by sample through interfaces.
func paint(dst *image.NRGBA, img image.Image, at image.Point) {
	from := img.Bounds()
	to := image.Rectangle{Min: at, Max: at.Add(from.Size())}.Intersect(dst.Rect)
	if to.Empty() {
		return
	}
	from.Min = from.Min.Add(to.Min.Sub(at))
	switch src := img.(type) {
	case *image.YCbCr:
		for y := range to.Dy() {
			row := dst.Pix[dst.PixOffset(to.Min.X, to.Min.Y+y):][:4*to.Dx()]
			for x := range to.Dx() {
				i, j := src.YOffset(from.Min.X+x, from.Min.Y+y), src.COffset(from.Min.X+x, from.Min.Y+y)
				p := row[4*x : 4*x+4]
				p[0], p[1], p[2] = color.YCbCrToRGB(src.Y[i], src.Cb[j], src.Cr[j])
				p[3] = 255
			}
		}
	case *image.NRGBA:
		if !src.Opaque() {
			draw.Draw(dst, to, src, from.Min, draw.Over)
			return
		}
		for y := range to.Dy() {
			i, j := dst.PixOffset(to.Min.X, to.Min.Y+y), src.PixOffset(from.Min.X, from.Min.Y+y)
			copy(dst.Pix[i:i+4*to.Dx()], src.Pix[j:])
		}
	default:
		draw.Draw(dst, to, img, from.Min, draw.Over)
	}
}

// fillNRGBA gives all pixels one colour.
func fillNRGBA(dst *image.NRGBA, c color.NRGBA) {
	for i := 0; i+3 < len(dst.Pix); i += 4 {
		dst.Pix[i], dst.Pix[i+1], dst.Pix[i+2], dst.Pix[i+3] = c.R, c.G, c.B, c.A
	}
}

// nrgba copies a plain picture.
func nrgba(img image.Image) *image.NRGBA {
	dst := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	if src, ok := img.(*image.NRGBA); ok {
		for y := range dst.Rect.Dy() {
			copy(dst.Pix[y*dst.Stride:(y+1)*dst.Stride], src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y+y):])
		}
		return dst
	}
	paint(dst, img, image.Point{})
	return dst
}

// shrink reduces a plain picture by 1<<shift, to the means of squares of pixels.
func shrink(img image.Image, shift uint) image.Image {
	if shift == 0 {
		return img
	}
	full := nrgba(img)
	side, size := 1<<shift, full.Rect.Size()
	dst := image.NewNRGBA(image.Rect(0, 0, (size.X+side-1)>>shift, (size.Y+side-1)>>shift))
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			box := image.Rect(x*side, y*side, (x+1)*side, (y+1)*side).Intersect(full.Rect)
			dst.SetNRGBA(x, y, mean(full, box))
		}
	}
	return dst
}

// mean is the mean of pixels, weighted with their alpha.
func mean(img *image.NRGBA, box image.Rectangle) color.NRGBA {
	var sum [4]int
	n := box.Dx() * box.Dy()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for i := img.PixOffset(box.Min.X, y); i < img.PixOffset(box.Max.X, y); i += 4 {
			a := int(img.Pix[i+3])
			for c := range 3 {
				sum[c] += a * int(img.Pix[i+c])
			}
			sum[3] += a
		}
	}
	if sum[3] == 0 {
		return color.NRGBA{}
	}
	at := func(c int) uint8 { return uint8((sum[c] + sum[3]/2) / sum[3]) }
	return color.NRGBA{at(0), at(1), at(2), uint8((sum[3] + n/2) / n)}
}
