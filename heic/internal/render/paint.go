package render

import (
	"context"
	"image"
	"image/color"
)

// Package draw paints too, but sample by sample through interfaces, and with code for every
// type of picture, which builds for browsers would carry. Here all plain pictures are YCbCr
// or NRGBA.

// paint draws a plain picture over dst, its corner at the given place.
func paint(dst *image.NRGBA, img image.Image, at image.Point) {
	src, ok := img.(*image.NRGBA)
	if !ok || src.Opaque() {
		put(dst, img, at)
		return
	}
	to, from := overlap(dst, src, at)
	for y := range to.Dy() {
		for x := range to.Dx() {
			at := to.Min.Add(image.Pt(x, y))
			dst.SetRGBA64(at.X, at.Y, over(dst.RGBA64At(at.X, at.Y), src.RGBA64At(from.X+x, from.Y+y)))
		}
	}
}

// over is Porter and Duff's src over dst, as package draw rounds it.
func over(dst, src color.RGBA64) color.RGBA64 {
	a := 0xffff - uint32(src.A)
	mix := func(d, s uint16) uint16 { return uint16(uint32(d)*a/0xffff) + s }
	return color.RGBA64{R: mix(dst.R, src.R), G: mix(dst.G, src.G), B: mix(dst.B, src.B), A: mix(dst.A, src.A)}
}

// put replaces pixels of dst by those of a plain picture, its corner at the given place.
func put(dst *image.NRGBA, img image.Image, at image.Point) {
	to, from := overlap(dst, img, at)
	switch src := img.(type) {
	case *image.YCbCr:
		for y := range to.Dy() {
			row := dst.Pix[dst.PixOffset(to.Min.X, to.Min.Y+y):][:4*to.Dx()]
			for x := range to.Dx() {
				i, j := src.YOffset(from.X+x, from.Y+y), src.COffset(from.X+x, from.Y+y)
				p := row[4*x : 4*x+4]
				p[0], p[1], p[2] = color.YCbCrToRGB(src.Y[i], src.Cb[j], src.Cr[j])
				p[3] = 255
			}
		}
	case *image.NRGBA:
		for y := range to.Dy() {
			i, j := dst.PixOffset(to.Min.X, to.Min.Y+y), src.PixOffset(from.X, from.Y+y)
			copy(dst.Pix[i:i+4*to.Dx()], src.Pix[j:])
		}
	}
}

// overlap returns the part of dst that a picture covers whose corner is at the given
// place, and where in that picture it begins.
func overlap(dst *image.NRGBA, img image.Image, at image.Point) (to image.Rectangle, from image.Point) {
	r := img.Bounds()
	to = image.Rectangle{Min: at, Max: at.Add(r.Size())}.Intersect(dst.Rect)
	return to, r.Min.Add(to.Min.Sub(at))
}

// fillNRGBA gives all pixels one colour. It stops where ctx is done.
func fillNRGBA(ctx context.Context, dst *image.NRGBA, c color.NRGBA) {
	first := dst.Pix[:min(dst.Stride, len(dst.Pix))]
	for i := 0; i+3 < len(first); i += 4 {
		first[i], first[i+1], first[i+2], first[i+3] = c.R, c.G, c.B, c.A
	}
	for rest := dst.Pix[len(first):]; len(rest) > 0 && ctx.Err() == nil; {
		rest = rest[copy(rest, first):]
	}
}

// nrgba copies a plain picture.
func nrgba(img image.Image) *image.NRGBA {
	dst := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	put(dst, img, image.Point{})
	return dst
}

// shrink reduces a plain picture by 1<<shift, to the means of squares of pixels.
func shrink(ctx context.Context, img image.Image, shift uint) image.Image {
	if shift == 0 {
		return img
	}
	full, ok := atOrigin(img).(*image.NRGBA)
	if !ok {
		full = nrgba(img)
	}
	side, size := 1<<shift, full.Rect.Size()
	dst := image.NewNRGBA(image.Rect(0, 0, (size.X+side-1)>>shift, (size.Y+side-1)>>shift))
	for y := range dst.Rect.Dy() {
		if ctx.Err() != nil {
			break
		}
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
