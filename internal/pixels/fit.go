package pixels

import (
	"image"

	"golang.org/x/image/draw"
)

// Fit returns img scaled down so that neither side is longer than maxSide, or img itself if it
// fits already or maxSide is 0. Every source pixel counts (a triangle filter as wide as the
// scale), so that fine detail does not turn into noise.
func Fit(img image.Image, maxSide int) image.Image {
	return FitTo(img, Fitted(img.Bounds().Size(), maxSide))
}

// Fitted returns the size to which Fit scales a picture of this size.
func Fitted(size image.Point, maxSide int) image.Point {
	longest := max(size.X, size.Y)
	if maxSide <= 0 || longest <= maxSide {
		return size
	}
	scaled := func(side int) int {
		return max(1, int((int64(side)*int64(maxSide)+int64(longest)/2)/int64(longest)))
	}
	return image.Pt(scaled(size.X), scaled(size.Y))
}

// FitTo returns img scaled to size with Fit's filter, or img itself if it has that size.
func FitTo(img image.Image, size image.Point) image.Image {
	if img.Bounds().Size() == size {
		return img
	}
	dst := image.NewRGBA(image.Rectangle{Max: size})
	draw.BiLinear.Scale(dst, dst.Rect, img, img.Bounds(), draw.Src, nil)
	return dst
}
