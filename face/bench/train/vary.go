package main

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
)

// variant makes a picture that deserves advice from a good one, whose face is of so many pixels.
type variant struct {
	name string
	make func(p *painter, img *image.RGBA, side float64) *image.RGBA
}

var variants = []variant{
	{"blurred 2 %", func(_ *painter, img *image.RGBA, side float64) *image.RGBA { return blurred(img, 0.02*side) }},
	{"blurred 4 %", func(_ *painter, img *image.RGBA, side float64) *image.RGBA { return blurred(img, 0.04*side) }},
	{"moved 8 %", func(p *painter, img *image.RGBA, side float64) *image.RGBA {
		return moved(img, 0.08*side, p.in(0, math.Pi))
	}},
	{"moved 15 %", func(p *painter, img *image.RGBA, side float64) *image.RGBA {
		return moved(img, 0.15*side, p.in(0, math.Pi))
	}},
	{"moved 25 %", func(p *painter, img *image.RGBA, side float64) *image.RGBA {
		return moved(img, 0.25*side, p.in(0, math.Pi))
	}},
	{"a quarter as bright", func(_ *painter, img *image.RGBA, _ float64) *image.RGBA { return lit(img, 0.25) }},
	{"twice as bright", func(_ *painter, img *image.RGBA, _ float64) *image.RGBA { return lit(img, 2) }},
	{"rotated 45°", func(_ *painter, img *image.RGBA, _ float64) *image.RGBA { return rotated(img, 45) }},
}

func lit(img *image.RGBA, by float64) *image.RGBA {
	out := clone(img)
	for i, v := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = byte(min(255, float64(v)*by+0.5))
		}
	}
	return out
}

// moved averages img along a line, as a camera that moves does.
func moved(img *image.RGBA, length, angle float64) *image.RGBA {
	sin, cos := math.Sincos(angle)
	n := max(2, int(length+0.5))
	return averaged(img, n, func(i int) (float64, float64) {
		s := float64(i) - float64(n-1)/2
		return s * cos, s * sin
	})
}

// blurred blurs by about a Gaussian of that standard deviation: three box filters, as W3C's filter
// effects describe it.
func blurred(img *image.RGBA, sigma float64) *image.RGBA {
	n := max(1, int(sigma*3*math.Sqrt(2*math.Pi)/4+0.5))
	for range 3 {
		img = averaged(img, n, func(i int) (float64, float64) { return float64(i - n/2), 0 })
		img = averaged(img, n, func(i int) (float64, float64) { return 0, float64(i - n/2) })
	}
	return img
}

// averaged averages n pixels around each, at these offsets.
func averaged(img *image.RGBA, n int, offset func(i int) (x, y float64)) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	offsets := make([]image.Point, n)
	for i := range offsets {
		x, y := offset(i)
		offsets[i] = image.Pt(int(math.Round(x)), int(math.Round(y)))
	}
	for y := range h {
		for x := range w {
			var sum [3]int
			for _, o := range offsets {
				p := img.Pix[min(h-1, max(0, y+o.Y))*img.Stride+4*min(w-1, max(0, x+o.X)):]
				sum[0], sum[1], sum[2] = sum[0]+int(p[0]), sum[1]+int(p[1]), sum[2]+int(p[2])
			}
			p := out.Pix[y*out.Stride+4*x:]
			p[0], p[1], p[2], p[3] = byte((sum[0]+n/2)/n), byte((sum[1]+n/2)/n), byte((sum[2]+n/2)/n), 255
		}
	}
	return out
}

// rotated turns img around its middle; the new corners are grey.
func rotated(img *image.RGBA, degrees float64) *image.RGBA {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	nw, nh := w*math.Abs(cos)+h*math.Abs(sin), w*math.Abs(sin)+h*math.Abs(cos)
	out := image.NewRGBA(image.Rect(0, 0, int(nw), int(nh)))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	m := [6]float64{cos, -sin, nw/2 - cos*w/2 + sin*h/2, sin, cos, nh/2 - sin*w/2 - cos*h/2}
	draw.BiLinear.Transform(out, m, img, img.Rect, draw.Over, nil)
	return out
}

// quarter turns img, and a rectangle in it, by a quarter clockwise.
func quarter(img *image.RGBA, r image.Rectangle) (*image.RGBA, image.Rectangle) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			copy(out.Pix[out.PixOffset(h-1-y, x):][:4], img.Pix[img.PixOffset(x, y):][:4])
		}
	}
	return out, image.Rect(h-r.Max.Y, r.Min.X, h-r.Min.Y, r.Max.X)
}
