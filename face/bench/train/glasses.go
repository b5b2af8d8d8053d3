package main

import (
	"image"
	"math"
)

// glasses are two lenses, or one before both eyes, in a frame.
type glasses struct {
	w, h        float64 // half the width and height of a lens
	apart, down float64 // the middle of a lens
	round       float64 // radius of its corners
	taper, skew float64 // how much narrower it is below, and how far it leans outwards
	tilt        float64 // how much higher its outer end is
	rim         float64 // half the thickness of the frame
	shield      bool    // one lens
}

// glasses returns those of a common shape.
func (p *painter) glasses() glasses {
	g := glasses{apart: p.in(0.5, 0.58), down: p.in(-0.04, 0.12), rim: p.in(0.012, 0.07)}
	switch p.IntN(7) {
	case 0: // round
		g.w = p.in(0.25, 0.42)
		g.h, g.round = g.w*p.in(0.9, 1.05), g.w
	case 1: // narrow
		g.w, g.h = p.in(0.3, 0.45), p.in(0.16, 0.26)
		g.round, g.tilt = g.h*p.in(0.2, 0.9), p.in(0, 0.08)
	case 2, 3: // wayfarer
		g.w, g.h = p.in(0.33, 0.47), p.in(0.24, 0.38)
		g.round, g.taper, g.tilt = g.h*p.in(0.3, 0.7), p.in(0.04, 0.15), p.in(0, 0.12)
	case 4: // aviator
		g.w, g.h = p.in(0.36, 0.48), p.in(0.3, 0.44)
		g.round, g.taper, g.skew = g.h*p.in(0.6, 0.9), p.in(0.1, 0.22), p.in(-0.08, 0)
		g.rim = p.in(0.01, 0.03)
	case 5: // large, or a cat's eyes
		g.w, g.h = p.in(0.42, 0.52), p.in(0.34, 0.52)
		g.round, g.tilt = g.h*p.in(0.3, 1), p.in(0, 0.22)
	case 6: // sports
		g.w, g.h, g.shield = p.in(0.95, 1.15), p.in(0.2, 0.42), true
		g.round, g.tilt = g.h*p.in(0.4, 0.9), p.in(-0.1, 0.15)
	}
	if !g.shield {
		g.w = min(g.w, g.apart-0.02)
	}
	return g
}

// lens returns the lens on one side, -1 or 1, and so much more around it.
func (g glasses) lens(side, grown float64) shape {
	in := box(-g.w-grown, -g.h-grown, g.w+grown, g.h+grown, g.round+grown)
	if g.shield {
		return func(u, v float64) float64 {
			v += g.tilt*math.Abs(u) - g.down
			return min(in(u, v), math.Hypot(u*1.3, v-g.h-grown)-0.22+grown) // room for the nose
		}
	}
	return func(u, v float64) float64 {
		x := side*u - g.apart
		y := v - g.down + g.tilt*x
		below := min(max(y/g.h, -1), 1)
		return in((x-g.skew*below)/(1-g.taper*below), y)
	}
}

// frame returns rims, bridge and temples.
func (g glasses) frame() shape {
	arm := g.apart + g.w
	if g.shield {
		arm = g.w
	}
	joint := g.down - g.h*0.5 - g.tilt*(arm-g.apart)
	parts := []shape{capsule(-arm, joint, -1.45, g.down-g.h*0.2, g.rim), capsule(arm, joint, 1.45, g.down-g.h*0.2, g.rim)}
	if !g.shield {
		parts = append(parts, capsule(-g.apart+g.w, g.down-g.h*0.3, g.apart-g.w, g.down-g.h*0.3, g.rim))
	}
	for _, side := range []float64{-1, 1} {
		outer, inner := g.lens(side, g.rim), g.lens(side, -g.rim/2)
		parts = append(parts, func(u, v float64) float64 { return min(outer(u, v), -inner(u, v)) })
	}
	return either(parts...)
}

// frameColour returns the colour of a frame: black as often as not, metal, horn, or any.
func (p *painter) frameColour() [3]float64 {
	switch p.IntN(8) {
	case 0, 1, 2, 3:
		v := p.in(5, 40)
		return [3]float64{v, v, v + 3}
	case 4:
		v := p.in(0.6, 1)
		return [3]float64{230 * v, 190 * v, 110 * v} // gold
	case 5:
		v := p.in(120, 220)
		return [3]float64{v, v, v + 5} // silver
	case 6:
		return [3]float64{p.in(60, 120), p.in(35, 75), p.in(10, 40)} // horn
	}
	return p.colour()
}

// sunglasses hide the eyes behind dark, coloured, graded or mirroring lenses.
func (p *painter) sunglasses(img *image.RGBA, f frame) {
	g := p.glasses()
	tint, opacity := [3]float64{p.in(0, 50), p.in(0, 45), p.in(0, 50)}, p.in(0.86, 1)
	switch p.IntN(5) {
	case 0: // brown, green, blue
		tint = [3]float64{p.in(10, 110), p.in(10, 90), p.in(5, 90)}
	case 1:
		tint, opacity = p.colour(), p.in(0.8, 1)
	}
	graded := 0.0 // how much more of the skin is seen below
	if p.chance(0.3) {
		graded = p.in(0.1, 0.5)
	}
	ground := p.colour()
	mirror, horizon, sharp := 0.0, p.in(-0.2, 0.3), p.in(2, 20)
	if p.chance(0.25) {
		mirror = p.in(0.3, 0.9)
	}
	shine, at, slant, narrow := p.in(0, 140), p.in(-0.4, 0.3), p.in(-0.9, 0.9), p.in(3, 12)
	scene := p.cloth()
	reflected := 0.0 // of the surroundings
	if p.chance(0.3) {
		reflected = p.in(0.05, 0.4)
	}
	glass := func(u, v float64) [3]float64 {
		y := (v - g.down) / g.h
		low := graded * min(1, max(0, 0.5+y/2))
		sky := mirror / (1 + math.Exp(sharp*(y-horizon)))
		streak := shine * max(0, 1-narrow*math.Abs(v-at-slant*u))
		around := scene(u, v)
		c := tint
		for k := range c {
			c[k] += low * (0.8*p.skin[k] - c[k])
			c[k] += sky * (ground[k] - c[k])
			c[k] += reflected * (around[k] - c[k])
			c[k] = c[k]*(1-0.3*y) + streak
		}
		return c
	}
	p.wear(img, f, g, glass, opacity)
}

// clearGlasses show the eyes, behind lenses that hardly dim or tint, and may shine in places.
func (p *painter) clearGlasses(img *image.RGBA, f frame) {
	g := p.glasses()
	opacity := 0.0
	if p.chance(0.6) {
		opacity = p.in(0, 0.2)
	}
	tint := p.colour()
	p.wear(img, f, g, func(_, _ float64) [3]float64 { return tint }, opacity)
	if p.chance(0.4) {
		at, slant, wide := p.in(-0.35, 0.35), p.in(-0.9, 0.9), p.in(0.03, 0.1)
		light := [3]float64{p.in(170, 255), p.in(190, 255), p.in(200, 255)}
		for _, side := range []float64{-1, 1} {
			lens := g.lens(side, 0)
			f.lay(img, func(u, v float64) float64 { return min(lens(u, v), wide-math.Abs(v-at-slant*u)) },
				func(_, _ float64) [3]float64 { return light }, p.in(0.2, 0.7), 0.03)
		}
	}
}

// wear lays glasses on a face: their shadow, the lenses and the frame.
func (p *painter) wear(img *image.RGBA, f frame, g glasses, glass material, opacity float64) {
	shape := either(g.lens(-1, g.rim), g.lens(1, g.rim))
	if p.chance(0.4) && opacity > 0.5 {
		dx, dy := p.in(-0.05, 0.05), p.in(0.02, 0.12)
		f.lay(img, func(u, v float64) float64 { return shape(u-dx, v-dy) }, func(_, _ float64) [3]float64 { return [3]float64{} }, p.in(0.1, 0.35), 0.12)
	}
	for _, side := range []float64{-1, 1} {
		f.lay(img, g.lens(side, 0), glass, opacity, 0.03)
		if g.shield {
			break
		}
	}
	if p.chance(0.88) {
		c, light := p.frameColour(), p.in(0, 60)
		f.lay(img, g.frame(), func(u, v float64) [3]float64 {
			s := light * max(0, 1-5*math.Abs(u-v-0.4))
			return [3]float64{c[0] + s, c[1] + s, c[2] + s}
		}, 1, 0.03)
	}
}

// shade darkens the eyes as the peak of a cap does, or one side of the face. The face is bare.
func (p *painter) shade(img *image.RGBA, f frame) {
	down, slant, soft := p.in(-0.1, 0.6), p.in(-0.4, 0.4), p.in(0.1, 0.4)
	opacity := p.in(0.3, 0.75)
	in := func(u, v float64) float64 { return min(down-v+slant*u, 1.6-math.Abs(u)) }
	if p.chance(0.3) {
		side, edge := float64(2*p.IntN(2)-1), p.in(-0.4, 0.4)
		in = func(u, v float64) float64 { return side*(u-edge) + slant*v }
	}
	f.lay(img, in, func(_, _ float64) [3]float64 { return [3]float64{5, 5, 8} }, opacity, soft)
	if p.chance(0.4) { // the cap
		over := p.in(0.25, 0.6)
		f.lay(img, func(u, v float64) float64 { return min(-over-v+0.15*u*u, 1.3-math.Abs(u), v+1.7) }, p.cloth(), 1, 0.05)
	}
}
