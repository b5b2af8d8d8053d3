package main

import (
	"image"
	"math"

	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/validate"
)

// cut cuts out the middle of the face's box, so that the face fills the frame as in a selfie taken
// from too near. part is of the box's sides, and may be more than 1.
func cut(part float64) func(*image.RGBA, *validate.Face, image.Image) *image.RGBA {
	return func(src *image.RGBA, f *validate.Face, _ image.Image) *image.RGBA {
		if f == nil {
			return nil
		}
		b := f.Bounds
		dx, dy := int(float64(b.Dx())*(1-part)/2), int(float64(b.Dy())*(1-part)/2)
		return toRGBA(src.SubImage(image.Rect(b.Min.X+dx, b.Min.Y+dy, b.Max.X-dx, b.Max.Y-dy)))
	}
}

// covered is cut of a masked portrait.
func covered(part float64) func(*image.RGBA, *validate.Face, image.Image) *image.RGBA {
	return func(src *image.RGBA, f *validate.Face, scene image.Image) *image.RGBA {
		if src = masked(src, f, scene); src == nil {
			return nil
		}
		return cut(part)(src, f, scene)
	}
}

// within puts the portrait into a landscape so that the width of the face is part of its longer
// side.
func within(part float64) func(*image.RGBA, *validate.Face, image.Image) *image.RGBA {
	return func(src *image.RGBA, f *validate.Face, scene image.Image) *image.RGBA {
		if f == nil {
			return nil
		}
		out := toRGBA(scene)
		face := part * float64(max(out.Rect.Dx(), out.Rect.Dy()))
		longest := max(src.Rect.Dx(), src.Rect.Dy())
		small := fit(src, max(1, int(face*float64(longest)/float64(f.Bounds.Dx())+0.5)))
		at := small.Rect.Add(image.Pt(out.Rect.Dx()/3, out.Rect.Dy()/3))
		draw.Draw(out, at, small, image.Point{}, draw.Src)
		return out
	}
}

// quartered turns the picture clockwise by quarters, as a phone without EXIF stores it.
func quartered(quarters int) func(*image.RGBA, *validate.Face, image.Image) *image.RGBA {
	return func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA {
		for range quarters {
			w, h := src.Rect.Dx(), src.Rect.Dy()
			out := image.NewRGBA(image.Rect(0, 0, h, w))
			for y := range h {
				for x := range w {
					out.SetRGBA(h-1-y, x, src.RGBAAt(x, y))
				}
			}
			src = out
		}
		return src
	}
}

// moved blurs along a line of 45 degrees, as a hand that moves while the shutter is open. part
// is the length of the line in widths of the face.
func moved(part float64) func(*image.RGBA, *validate.Face, image.Image) *image.RGBA {
	return func(src *image.RGBA, f *validate.Face, _ image.Image) *image.RGBA {
		if f == nil {
			return nil
		}
		steps := int(part*float64(f.Bounds.Dx())/math.Sqrt2 + 0.5)
		if steps < 2 {
			return nil
		}
		out := image.NewRGBA(src.Rect)
		b := src.Rect
		for y := range b.Dy() {
			for x := range b.Dx() {
				var sum [3]int
				for k := range steps {
					px := min(max(x+k-steps/2, 0), b.Dx()-1)
					py := min(max(y+k-steps/2, 0), b.Dy()-1)
					p := src.Pix[src.PixOffset(px, py):]
					for c := range sum {
						sum[c] += int(p[c])
					}
				}
				to := out.Pix[out.PixOffset(x, y):]
				for c := range sum {
					to[c] = byte((sum[c] + steps/2) / steps)
				}
				to[3] = 255
			}
		}
		return out
	}
}
