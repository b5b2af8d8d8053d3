package main

import (
	"image"
	"math"
)

// flesh returns the colour of a hand: mostly that of the face, in another light, or of somebody else.
func (p *painter) flesh() [3]float64 {
	c := p.skin
	if p.chance(0.2) {
		// From light to dark skin, as red, green and blue go together in photos.
		t := p.Float64()
		c = [3]float64{240 - 180*t, 205 - 165*t, 180 - 150*t}
	}
	tone, warm := p.in(0.65, 1.2), p.in(-12, 12)
	return [3]float64{c[0]*tone + warm, c[1] * tone, c[2]*tone - warm/2}
}

// hand lays fingers and a palm over a point of the face.
func (p *painter) hand(img *image.RGBA, f frame, u, v float64) {
	angle := p.in(-math.Pi, math.Pi) // towards the wrist
	if p.chance(0.7) {
		angle = math.Pi/2 + p.in(-1.2, 1.2)
	}
	p.handFrom(img, f, u, v, angle)
}

// handFrom is hand with the wrist in one direction: stretched fingers and the palm, or a fist, with knuckles and
// nails, and the sleeve.
func (p *painter) handFrom(img *image.RGBA, f frame, u, v, angle float64) {
	skin := p.flesh()
	sin, cos := math.Sincos(angle)
	width := p.in(0.13, 0.19) // half that of a finger
	spread := p.in(0, 0.3)
	n := 3 + p.IntN(2)
	long := p.in(0.5, 0.9)
	fist := p.chance(0.3)
	if fist {
		n, long, spread = 4, p.in(0.3, 0.45), 0
	}
	bend := p.in(-0.25, 0.25)
	// Of a, across the fingers, and b, towards the wrist.
	place := func(a, b float64) (float64, float64) { return u + a*sin + b*cos, v - a*cos + b*sin }
	light, slope := p.in(0.3, 1), p.in(-0.25, 0.25)
	side := p.in(-0.35, 0.35)
	tone := func(s float64) [3]float64 {
		return [3]float64{skin[0] * s, skin[1] * s * (0.9 + 0.1*s), skin[2] * s * (0.88 + 0.12*s)}
	}
	// A finger is round: darker towards its edges, and more so on one side.
	round := func(in shape, r float64) material {
		return func(x, y float64) [3]float64 {
			d := min(1, max(0, in(x, y)/r))
			across := (x-u)*sin - (y-v)*cos
			return tone((1 - light*0.5*(1-d)*(1-d)) * (1 + slope*(x-u-y+v)) * (1 + side*0.2*math.Sin(across*math.Pi/width)))
		}
	}
	soft := p.in(0.02, 0.06)
	shadow := func(in shape) {
		dx, dy := p.in(-0.06, 0.06), p.in(0, 0.1)
		f.lay(img, func(x, y float64) float64 { return in(x-dx, y-dy) }, func(_, _ float64) [3]float64 { return [3]float64{20, 10, 8} }, p.in(0.1, 0.4), 0.15)
	}
	pu, pv := place(0, long*0.5+0.35)
	wu, wv := place(0, long*0.5+2.5)
	ku, kv := place(-width*float64(n)*0.5, long*0.5+0.2)
	lu, lv := place(width*float64(n)*0.5, long*0.5+0.2)
	palm := either(capsule(pu, pv, wu, wv, width*float64(n)*0.8), capsule(ku, kv, lu, lv, width*2))
	shadow(palm)
	f.lay(img, palm, round(palm, 0.4), 1, soft)
	if p.chance(0.5) { // the sleeve
		su, sv := place(0, long*0.5+p.in(0.9, 1.6))
		f.lay(img, capsule(su, sv, wu, wv, width*float64(n)*p.in(0.9, 1.3)), p.cloth(), 1, soft)
	}
	for i := range n {
		from := float64(i) - float64(n-1)/2
		a := from * width * 2
		reach := long * (1 - 0.12*math.Abs(from)) * p.in(0.85, 1.08)
		tu, tv := place(a*(1+spread)+bend*reach, -reach*0.6)
		mu, mv := place(a*(1+spread/2), -reach*0.1)
		ru, rv := place(a, reach*0.5+0.2)
		r := width * p.in(0.88, 1.02)
		finger := either(capsule(tu, tv, mu, mv, r*0.9), capsule(mu, mv, ru, rv, r))
		if i == 0 {
			shadow(finger)
		}
		f.lay(img, finger, round(finger, r), 1, soft)
		if p.chance(0.3) && !fist { // a nail
			c := tone(p.in(1.05, 1.3))
			if p.chance(0.3) {
				c = p.colour()
			}
			f.lay(img, capsule(tu, tv, tu+(mu-tu)*0.2, tv+(mv-tv)*0.2, r*0.5), func(_, _ float64) [3]float64 { return c }, 0.8, soft)
		}
	}
	if p.chance(0.5) { // the thumb
		s := float64(2*p.IntN(2) - 1)
		bu, bv := place(s*width*float64(n)*0.7, long*0.5+0.5)
		eu, ev := place(s*(width*float64(n)+p.in(0, 0.35)), long*p.in(-0.1, 0.5))
		thumb := capsule(bu, bv, eu, ev, width*1.1)
		f.lay(img, thumb, round(thumb, width), 1, soft)
	}
}
