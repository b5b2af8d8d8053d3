package main

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/validate"
)

// variant makes another picture from a portrait. These are synthetic, and reported apart from
// the photographs. f is the face that the finder saw on the portrait; most variants do not need
// it. A nil result means that the variant cannot be made.
type variant struct {
	name string
	make func(src *image.RGBA, f *validate.Face, scene image.Image) *image.RGBA
	// alone is set of what nobody asks pigo about: docs/faces.md compares with it on the others.
	alone bool
}

// variants are made of every frontal portrait.
var variants = []variant{
	{"black and white", func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA {
		return each(src, func(r, g, b float64) (float64, float64, float64) {
			v := 0.299*r + 0.587*g + 0.114*b
			return v, v, v
		})
	}, false},
	{"a quarter as bright", func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA { return scale(src, 0.25) }, false},
	{"an eighth as bright", func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA { return scale(src, 0.125) }, false},
	{"twice as bright", func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA { return scale(src, 2) }, false},
	{"rotated 15°", rotated(15), false},
	{"rotated 30°", rotated(30), false},
	{"rotated 45°", rotated(45), false},
	{"shrunk to 48 pixels", func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA { return fit(src, 48) }, false},
	{"a tenth of a landscape", func(src *image.RGBA, _ *validate.Face, scene image.Image) *image.RGBA {
		out := toRGBA(scene)
		small := fit(src, max(out.Rect.Dx(), out.Rect.Dy())/10)
		at := small.Rect.Add(image.Pt(out.Rect.Dx()/3, out.Rect.Dy()/3))
		draw.Draw(out, at, small, image.Point{}, draw.Src)
		return out
	}, false},
	{"blurred by 2 % of the face", func(src *image.RGBA, f *validate.Face, _ image.Image) *image.RGBA { return blurred(src, f, 0.02) }, false},
	{"blurred by 4 % of the face", func(src *image.RGBA, f *validate.Face, _ image.Image) *image.RGBA { return blurred(src, f, 0.04) }, false},
	{"masked", masked, false},
	{"cut to the face", cut(1), true},
	{"cut to 80 % of the face", cut(0.8), true},
	{"cut to 60 % of the face", cut(0.6), true},
	{"cut to 45 % of the face", cut(0.45), true},
	{"masked and cut to 130 %", covered(1.3), true},
	{"masked and cut to the face", covered(1), true},
	{"face a tenth of a landscape", within(0.1), true},
	{"face a 20th", within(0.05), true},
	{"face a 30th", within(1.0 / 30), true},
	{"face a 40th", within(0.025), true},
	{"face a 60th", within(1.0 / 60), true},
	{"upside down", quartered(2), true},
	{"on its right side", quartered(1), true},
	{"on its left side", quartered(3), true},
	{"moved by 12 % of the face", moved(0.12), true},
	{"moved by 25 % of the face", moved(0.25), true},
}

func toRGBA(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
	return out
}

// each maps every pixel's samples of 0..255.
func each(src *image.RGBA, f func(r, g, b float64) (float64, float64, float64)) *image.RGBA {
	out := image.NewRGBA(src.Rect)
	clamp := func(v float64) byte { return byte(min(255, max(0, v+0.5))) }
	for i := 0; i < len(src.Pix); i += 4 {
		r, g, b := f(float64(src.Pix[i]), float64(src.Pix[i+1]), float64(src.Pix[i+2]))
		out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = clamp(r), clamp(g), clamp(b), 255
	}
	return out
}

func scale(src *image.RGBA, by float64) *image.RGBA {
	return each(src, func(r, g, b float64) (float64, float64, float64) { return r * by, g * by, b * by })
}

// fit returns src scaled to a longer side of side pixels.
func fit(src *image.RGBA, side int) *image.RGBA {
	longest := max(src.Rect.Dx(), src.Rect.Dy())
	out := image.NewRGBA(image.Rect(0, 0, max(1, src.Rect.Dx()*side/longest), max(1, src.Rect.Dy()*side/longest)))
	draw.CatmullRom.Scale(out, out.Rect, src, src.Rect, draw.Src, nil)
	return out
}

// rotated turns the picture around its middle; the new corners are grey.
func rotated(degrees float64) func(*image.RGBA, *validate.Face, image.Image) *image.RGBA {
	return func(src *image.RGBA, _ *validate.Face, _ image.Image) *image.RGBA {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		w, h := float64(src.Rect.Dx()), float64(src.Rect.Dy())
		nw, nh := w*math.Abs(cos)+h*math.Abs(sin), w*math.Abs(sin)+h*math.Abs(cos)
		out := image.NewRGBA(image.Rect(0, 0, int(nw), int(nh)))
		draw.Draw(out, out.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
		// x' = cos(x-w/2) - sin(y-h/2) + nw/2, and so on.
		m := [6]float64{cos, -sin, nw/2 - cos*w/2 + sin*h/2, sin, cos, nh/2 - sin*w/2 - cos*h/2}
		draw.BiLinear.Transform(out, m, src, src.Rect, draw.Over, nil)
		return out
	}
}

// blurred blurs by a Gaussian whose standard deviation is part of the face's width: three box
// filters, as W3C's filter effects describe it.
func blurred(src *image.RGBA, f *validate.Face, part float64) *image.RGBA {
	if f == nil {
		return nil
	}
	sigma := part * float64(f.Bounds.Dx())
	d := int(sigma*3*math.Sqrt(2*math.Pi)/4 + 0.5)
	out := toRGBA(src)
	if d < 2 {
		return nil
	}
	for range 3 {
		boxBlur(out, d, 4, out.Stride, out.Rect.Dx(), out.Rect.Dy())
		boxBlur(out, d, out.Stride, 4, out.Rect.Dy(), out.Rect.Dx())
	}
	return out
}

// boxBlur averages d samples along lines: n samples step bytes apart, on each of lines
// lines that are skip bytes apart.
func boxBlur(p *image.RGBA, d, step, skip, n, lines int) {
	line := make([]int, n)
	for l := range lines {
		for c := range 3 {
			base := l*skip + c
			for i := range n {
				line[i] = int(p.Pix[base+i*step])
			}
			for i := range n {
				sum := 0
				for k := range d {
					sum += line[min(n-1, max(0, i+k-d/2))]
				}
				p.Pix[base+i*step] = byte((sum + d/2) / d)
			}
		}
	}
}

// masked paints a surgical mask over the lower half of the face: from halfway between
// eyes and nose to the chin, as wide as the face.
func masked(src *image.RGBA, f *validate.Face, _ image.Image) *image.RGBA {
	if f == nil || len(f.Landmarks) < 4 {
		return nil
	}
	right, left, nose, mouth := f.Landmarks[0], f.Landmarks[1], f.Landmarks[2], f.Landmarks[3]
	ex, ey := float64(left.X-right.X), float64(left.Y-right.Y)
	apart := math.Hypot(ex, ey)
	if apart < 4 {
		return nil
	}
	ux, uy := ex/apart, ey/apart // along the eyes
	vx, vy := -uy, ux            // and down the face
	mx, my := float64(right.X+left.X)/2, float64(right.Y+left.Y)/2
	along := func(p image.Point) (u, v float64) {
		dx, dy := float64(p.X)-mx, float64(p.Y)-my
		return dx*ux + dy*uy, dx*vx + dy*vy
	}
	nu, nv := along(nose)
	mu, mv := along(mouth)
	out := toRGBA(src)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := along(image.Pt(x, y))
			t := (v - 0.5*nv) / (mv + 0.65*apart - 0.5*nv) // 0 at the upper edge, 1 at the chin
			if t < 0 || t > 1 {
				continue
			}
			middle := nu + (mu-nu)*t
			half := apart * (1.05 - 0.45*t*t)
			if math.Abs(u-middle) > half {
				continue
			}
			shade := 1 - 0.25*math.Abs(u-middle)/half
			if math.Mod(t*4, 1) < 0.12 { // the mask's pleats
				shade -= 0.1
			}
			out.SetRGBA(x, y, color.RGBA{byte(150 * shade), byte(195 * shade), byte(220 * shade), 255})
		}
	}
	return out
}
