// Package boxtest has the plain way to reduce a picture, for tests of the decoders that do
// it row by row.
package boxtest

import (
	"image"
	"image/color"
)

// Means returns the mean of each square of scale x scale pixels of img, in colours of 8
// bits that are weighted by opacity.
func Means(img image.Image, scale int) *image.RGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, (b.Dx()+scale-1)/scale, (b.Dy()+scale-1)/scale))
	for y := range out.Rect.Max.Y {
		for x := range out.Rect.Max.X {
			square := image.Rect(x*scale, y*scale, (x+1)*scale, (y+1)*scale).Add(b.Min).Intersect(b)
			var sums [4]int
			for sy := square.Min.Y; sy < square.Max.Y; sy++ {
				for sx := square.Min.X; sx < square.Max.X; sx++ {
					for i, v := range weighted(img.At(sx, sy)) {
						sums[i] += v
					}
				}
			}
			n := square.Dx() * square.Dy()
			for i, v := range sums {
				out.Pix[out.PixOffset(x, y)+i] = uint8((v + n/2) / n)
			}
		}
	}
	return out
}

func weighted(c color.Color) [4]int {
	if n, ok := c.(color.NRGBA); ok {
		w := func(v uint8) int { return (int(v)*int(n.A) + 127) / 255 }
		return [4]int{w(n.R), w(n.G), w(n.B), int(n.A)}
	}
	if n, ok := c.(color.NYCbCrA); ok {
		r, g, b := color.YCbCrToRGB(n.Y, n.Cb, n.Cr)
		return weighted(color.NRGBA{R: r, G: g, B: b, A: n.A})
	}
	v := color.RGBAModel.Convert(c).(color.RGBA)
	return [4]int{int(v.R), int(v.G), int(v.B), int(v.A)}
}
