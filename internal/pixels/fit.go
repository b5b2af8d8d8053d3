//go:build !imgvet_verdictonly

package pixels

import (
	"image"

	"golang.org/x/image/draw"
)

// Fit returns img scaled down so that neither side is longer than maxSide, or
// img itself if it fits already or maxSide is 0. Every source pixel weighs in
// (a triangle filter as wide as the scale), so that no detail turns into noise.
func Fit(img image.Image, maxSide int) image.Image {
	size := img.Bounds().Size()
	longest := max(size.X, size.Y)
	if maxSide <= 0 || longest <= maxSide {
		return img
	}
	scaled := func(side int) int {
		return max(1, int((int64(side)*int64(maxSide)+int64(longest)/2)/int64(longest)))
	}
	dst := image.NewRGBA(image.Rect(0, 0, scaled(size.X), scaled(size.Y)))
	draw.BiLinear.Scale(dst, dst.Rect, img, img.Bounds(), draw.Src, nil)
	return dst
}
