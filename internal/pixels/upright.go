package pixels

import (
	"image"
	"image/draw"
)

// Upright returns img as a viewer shows it, given its EXIF orientation 1..8 (CIPA DC-008-2023,
// Exif 3.0, 4.6.5.1.6). For 1 and any other value it returns img itself. The result's bounds
// start at 0, 0. Its type is that of img if that type can be turned without loss, else
// *image.RGBA.
func Upright(img image.Image, orientation int) image.Image {
	if !turns(orientation) {
		return img
	}
	t := turn{orientation: orientation, w: img.Bounds().Dx(), h: img.Bounds().Dy()}
	out := image.Rectangle{Max: t.size()}
	switch src := img.(type) {
	case *image.Gray:
		dst := image.NewGray(out)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 1)
		return dst
	case *image.Gray16:
		dst := image.NewGray16(out)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 2)
		return dst
	case *image.Paletted:
		dst := image.NewPaletted(out, src.Palette)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 1)
		return dst
	case *image.RGBA:
		dst := image.NewRGBA(out)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 4)
		return dst
	case *image.NRGBA:
		return TurnNRGBA(src, orientation)
	case *image.CMYK:
		dst := image.NewCMYK(out)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 4)
		return dst
	case *image.RGBA64:
		dst := image.NewRGBA64(out)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 8)
		return dst
	case *image.NRGBA64:
		dst := image.NewNRGBA64(out)
		t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 8)
		return dst
	case *image.YCbCr:
		if dst := t.ycbcr(src); dst != nil {
			return dst
		}
	}
	flat := image.NewRGBA(image.Rect(0, 0, t.w, t.h))
	draw.Draw(flat, flat.Rect, img, img.Bounds().Min, draw.Src)
	return Upright(flat, orientation)
}
