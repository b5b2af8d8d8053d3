package main

import (
	"image"
	"math"
	"math/rand/v2"
)

// frame is a system of coordinates on a face: the origin between the eyes, u along them and v down
// the face, in units of about the distance between the eyes of a face from the front.
type frame struct {
	ox, oy float64 // origin, in pixels
	ux, uy float64 // one unit along u, in pixels
	unit   float64 // pixels in a unit
	narrow float64 // how much narrower than from the front the face looks, 0.5..1
	lean   float64 // u of the middle of the face, per v
	mouth  float64 // v of the mouth
	nose   float64 // v of the tip of the nose
}

// newFrame returns the frame of a face with these landmarks. ok is false if it is too small.
func newFrame(marks []image.Point) (f frame, ok bool) {
	right, left, nose, mouth := marks[0], marks[1], marks[2], marks[3]
	ex, ey := float64(left.X-right.X), float64(left.Y-right.Y)
	apart := math.Hypot(ex, ey)
	f.ox, f.oy = float64(right.X+left.X)/2, float64(right.Y+left.Y)/2
	down := math.Hypot(float64(mouth.X)-f.ox, float64(mouth.Y)-f.oy)
	f.unit = max(apart, down*0.9)
	if apart < 4 {
		return f, false
	}
	f.narrow = 0.5 + 0.5*apart/f.unit
	f.ux, f.uy = ex/apart*f.unit, ey/apart*f.unit
	mu, mv := f.at(float64(mouth.X), float64(mouth.Y))
	_, f.nose = f.at(float64(nose.X), float64(nose.Y))
	if mv < 0.3 {
		return f, false
	}
	f.lean, f.mouth = mu/mv, mv
	return f, true
}

// at returns the coordinates of a pixel.
func (f frame) at(x, y float64) (u, v float64) {
	dx, dy := x-f.ox, y-f.oy
	n := f.unit * f.unit
	return (dx*f.ux + dy*f.uy) / n, (dy*f.ux - dx*f.uy) / n
}

// shape returns how far inside a cover a point is, in units; it is negative outside.
type shape func(u, v float64) float64

// material returns the colour of a point of a cover, 0..255.
type material func(u, v float64) [3]float64

// lay lays a cover on img. soft is how wide its edge is, in units.
func (f frame) lay(img *image.RGBA, in shape, m material, opacity, soft float64) {
	straight := func(x, y int) (u, v float64) {
		u, v = f.at(float64(x), float64(y))
		return (u - f.lean*v) / f.narrow, v
	}
	// Blocks far outside are passed over: no shape falls by more than steep per unit.
	const block, steep = 8, 4
	far := soft + steep*block/f.unit/f.narrow
	for y0 := 0; y0 < img.Rect.Dy(); y0 += block {
		for x0 := 0; x0 < img.Rect.Dx(); x0 += block {
			if u, v := straight(x0+block/2, y0+block/2); in(u, v) < -far {
				continue
			}
			for y := y0; y < min(y0+block, img.Rect.Dy()); y++ {
				for x := x0; x < min(x0+block, img.Rect.Dx()); x++ {
					u, v := straight(x, y)
					a := opacity * min(1, max(0, in(u, v)/soft+0.5))
					if a <= 0 {
						continue
					}
					c := m(u, v)
					p := img.Pix[y*img.Stride+4*x:]
					for k := range 3 {
						p[k] = byte(min(255, max(0, float64(p[k])*(1-a)+c[k]*a+0.5)))
					}
				}
			}
		}
	}
}

// painter paints covers at random.
type painter struct {
	*rand.Rand
	textures []*image.RGBA // pictures without a face, as cloth and things
	skin     [3]float64    // of the face that is painted
}

func (p *painter) in(from, to float64) float64 { return from + (to-from)*p.Float64() }

func (p *painter) chance(of float64) bool { return p.Float64() < of }

// colour returns a colour that covers have.
func (p *painter) colour() [3]float64 {
	switch p.IntN(7) {
	case 0:
		v := p.in(215, 255)
		return [3]float64{v, v, v}
	case 1:
		return [3]float64{p.in(130, 190), p.in(180, 215), p.in(205, 240)} // surgical blue or green
	case 2:
		v := p.in(5, 50)
		return [3]float64{v, v, v + 5}
	case 3:
		v := p.in(60, 200)
		return [3]float64{v, v, v}
	case 4:
		return [3]float64{p.in(200, 250), p.in(150, 200), p.in(150, 210)} // pink, beige
	}
	return [3]float64{p.in(0, 255), p.in(0, 255), p.in(0, 255)}
}

// cloth returns a material with shading, folds and perhaps a pattern.
func (p *painter) cloth() material {
	base, other := p.colour(), p.colour()
	side, light := p.in(0, 0.35), p.in(-0.25, 0.25)
	fold, folds, angle := p.in(0, 0.15), p.in(2, 14), p.in(-0.6, 0.6)
	grain := p.in(0, 0.06)
	pattern, size := p.IntN(8), p.in(0.06, 0.5)
	var cut *image.RGBA
	var cx, cy int
	scale := p.in(60, 300)
	if len(p.textures) > 0 {
		cut = p.textures[p.IntN(len(p.textures))]
		cx, cy = p.IntN(cut.Rect.Dx()), p.IntN(cut.Rect.Dy())
	}
	noise := rand.New(rand.NewPCG(p.Uint64(), 1))
	return func(u, v float64) [3]float64 {
		c := base
		switch {
		case pattern == 0 && math.Mod(math.Abs(u)+9, size) < size/2,
			pattern == 1 && math.Mod(math.Abs(v)+9, size) < size/2,
			pattern == 2 && math.Hypot(math.Mod(u+9, size)-size/2, math.Mod(v+9, size)-size/2) < size/4:
			c = other
		case pattern == 3 && cut != nil || pattern == 4 && cut != nil:
			x, y := wrap(cx+int(u*scale), cut.Rect.Dx()), wrap(cy+int(v*scale), cut.Rect.Dy())
			q := cut.Pix[y*cut.Stride+4*x:]
			c = [3]float64{float64(q[0]), float64(q[1]), float64(q[2])}
		}
		s := 1 - side*u*u + light*u + fold*math.Sin(folds*(v+angle*u)*2) + grain*noise.NormFloat64()
		return [3]float64{c[0] * s, c[1] * s, c[2] * s}
	}
}

func wrap(i, n int) int { return ((i % n) + n) % n }

// box returns a shape with rounded corners.
func box(u0, v0, u1, v1, round float64) shape {
	return func(u, v float64) float64 {
		dx := max(u0+round-u, u-u1+round, 0)
		dy := max(v0+round-v, v-v1+round, 0)
		if dx == 0 && dy == 0 {
			return min(u-u0, u1-u, v-v0, v1-v)
		}
		return round - math.Hypot(dx, dy)
	}
}

// capsule returns a thick line.
func capsule(u0, v0, u1, v1, r float64) shape {
	du, dv := u1-u0, v1-v0
	n := max(1e-9, du*du+dv*dv)
	return func(u, v float64) float64 {
		t := min(1, max(0, ((u-u0)*du+(v-v0)*dv)/n))
		return r - math.Hypot(u-u0-t*du, v-v0-t*dv)
	}
}

func either(shapes ...shape) shape {
	return func(u, v float64) float64 {
		d := math.Inf(-1)
		for _, s := range shapes {
			d = max(d, s(u, v))
		}
		return d
	}
}

// mask covers nose and mouth: from somewhere on the nose to the chin or further.
func (p *painter) mask(img *image.RGBA, f frame) {
	top := f.nose * p.in(0.15, 0.7)
	bottom := f.mouth + p.in(0.45, 1.0)
	wide, mid, low := p.in(0.7, 1.15), p.in(0.85, 1.2), p.in(0.35, 0.8)
	dip := p.in(0, 0.25) // how much lower the upper edge is at the cheeks
	power := p.in(1, 3)
	body := func(u, v float64) float64 {
		t := (v - top) / (bottom - top)
		half := wide + (mid-wide)*min(1, max(0, 2*t))
		if t > 0.5 {
			half = mid + (low-mid)*math.Pow(2*t-1, power)
		}
		return min(v-top-dip*u*u, bottom-v-0.3*u*u, half-math.Abs(u))
	}
	cloth := p.cloth()
	if p.chance(0.5) { // ear loops
		w := p.in(0.02, 0.05)
		loops := either(capsule(-mid, top+0.1, -1.5, 0.05, w), capsule(mid, top+0.1, 1.5, 0.05, w),
			capsule(-mid, bottom-0.4, -1.5, 0.3, w), capsule(mid, bottom-0.4, 1.5, 0.3, w))
		f.lay(img, loops, cloth, 1, 0.03)
	}
	f.lay(img, body, cloth, p.in(0.93, 1), p.in(0.02, 0.08))
	if p.chance(0.4) { // the seam or ridge
		c := p.colour()
		f.lay(img, capsule(0, top, 0, bottom, p.in(0.01, 0.03)), func(_, _ float64) [3]float64 { return c }, 0.5, 0.04)
	}
}

// veil covers all below the eyes or the nose, down to the edge of the picture, and perhaps the
// forehead too. Some let the face through.
func (p *painter) veil(img *image.RGBA, f frame) {
	top, dip := f.nose*p.in(0.1, 0.75), p.in(-0.1, 0.3)
	wide := p.in(0.9, 1.6)
	cloth := p.cloth()
	opacity := 1.0
	if p.chance(0.2) {
		opacity = p.in(0.7, 0.95)
	}
	f.lay(img, func(u, v float64) float64 {
		return min(v-top-dip*u*u, wide+0.5*max(0, v)-math.Abs(u))
	}, cloth, opacity, p.in(0.02, 0.08))
	if p.chance(0.5) {
		p.hood(img, f, cloth)
	}
}

// hood covers the hair and the sides, but nothing of the face. A scarf does so too.
func (p *painter) hood(img *image.RGBA, f frame, cloth material) {
	over := p.in(0.35, 0.7)
	inner := p.in(0.95, 1.1)
	f.lay(img, func(u, v float64) float64 {
		out := 1.7 - math.Hypot(u*0.9, (v-0.3)*0.8)
		if v > 0.3 {
			out = 1.7 - math.Abs(u)*0.9
		}
		return min(out, max(-over-v+0.2*u*u, math.Abs(u)-inner))
	}, cloth, 1, 0.06)
}

// bandana is a triangle below the nose.
func (p *painter) bandana(img *image.RGBA, f frame) {
	top, wide, length := f.nose*p.in(0.2, 0.8), p.in(0.9, 1.2), p.in(1.2, 2.2)
	f.lay(img, func(u, v float64) float64 {
		return min(v-top-0.1*u*u, (wide*(1-(v-top)/(length*1.6)) - math.Abs(u)))
	}, p.cloth(), 1, p.in(0.02, 0.08))
}

// band covers both eyes with cloth, a mask of carnival, goggles or a headset.
func (p *painter) band(img *image.RGBA, f frame) {
	h, wide := p.in(0.25, 0.55), p.in(0.9, 1.3)
	at := p.in(-0.1, 0.1)
	f.lay(img, func(u, v float64) float64 {
		return box(-wide, at-h, wide, at+h, min(h, 0.2))(u, v+0.1*u*u)
	}, p.cloth(), 1, p.in(0.02, 0.06))
}

// thing is a phone, a sheet of paper, a cup: a box over a point of the face.
func (p *painter) thing(img *image.RGBA, f frame, u, v float64) {
	w, h := p.in(0.45, 1.1), p.in(0.4, 1.1)
	sin, cos := math.Sincos(p.in(-0.5, 0.5))
	in := box(-w, -h, w, h, p.in(0.02, 0.3))
	f.lay(img, func(x, y float64) float64 {
		x, y = x-u, y-v
		return in(x*cos+y*sin, y*cos-x*sin)
	}, p.cloth(), 1, p.in(0.02, 0.06))
}

// makeUp paints the skin with strong colours, and leaves eyes and mouth to be seen.
func (p *painter) makeUp(img *image.RGBA, f frame) {
	a, b := p.colour(), p.colour()
	size, angle, kind := p.in(0.15, 0.6), p.in(-2, 2), p.IntN(4)
	opacity := p.in(0.6, 0.95)
	face := func(u, v float64) float64 {
		d := 1.25 - math.Hypot(u*1.25, (v-0.35)*0.95)
		return min(d, math.Hypot(math.Abs(u)-0.5, v*1.4)-0.2, math.Hypot(u*0.6, v-f.mouth)-0.18)
	}
	f.lay(img, face, func(u, v float64) [3]float64 {
		second := false
		switch kind {
		case 0:
			second = math.Mod(u+angle*v+99, size) < size/2
		case 1:
			second = u > 0
		case 2:
			second = math.Hypot(math.Abs(u)-0.5, v) < 0.33 || math.Abs(v-f.mouth) < 0.15
		}
		if second {
			return b
		}
		return a
	}, opacity, 0.08)
}
