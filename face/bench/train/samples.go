package main

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/face"
)

// sample is a face that was found, and what is known of it.
type sample struct {
	Features                  []float32
	Name                      string // where it is from
	Kind                      string // what covers it, or "bare"
	Set                       string // of the packages, or the style of a drawing
	Painted                   bool   // the cover is painted on
	Eyes, Mouth, Paint, Drawn bool
}

// labelled is a line of faces.tsv: a face that the finder sees in a picture, and what a person saw on it.
type labelled struct {
	pack, path, sum, set string
	bounds               image.Rectangle
	marks                []image.Point
	label                string
}

// source makes samples.
type source struct {
	finder   *face.Finder
	net      *net
	textures []*image.RGBA
}

// random returns a source of random numbers of its own for each picture, so that the samples of
// one do not depend on the others.
func random(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 20261130))
}

// around returns the part of img around a face, of 2.6 times its size at most, scaled so that
// the face is of about 112 pixels at most; and the landmarks in it.
func around(img *image.RGBA, bounds image.Rectangle, marks []image.Point) (*image.RGBA, image.Rectangle, []image.Point) {
	side := max(bounds.Dx(), bounds.Dy())
	cx, cy := (bounds.Min.X+bounds.Max.X)/2, (bounds.Min.Y+bounds.Max.Y)/2
	r := image.Rect(cx-13*side/10, cy-13*side/10, cx+13*side/10, cy+13*side/10).Intersect(img.Rect)
	by := min(1, 112/float64(side))
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(r.Dx())*by)), max(1, int(float64(r.Dy())*by))))
	draw.CatmullRom.Scale(out, out.Rect, img, r, draw.Src, nil)
	at := func(p image.Point) image.Point {
		return image.Pt(int(float64(p.X-r.Min.X)*by), int(float64(p.Y-r.Min.Y)*by))
	}
	var moved []image.Point
	for _, m := range marks {
		moved = append(moved, at(m))
	}
	return out, image.Rectangle{Min: at(bounds.Min), Max: at(bounds.Max)}, moved
}

func clone(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	copy(out.Pix, img.Pix)
	return out
}

// worn makes a picture as cameras and services leave it: lighter or darker, of few pixels,
// without colour, compressed.
// It returns where the face is then.
func worn(p *rand.Rand, img *image.RGBA, bounds image.Rectangle) (*image.RGBA, image.Rectangle) {
	in := func(from, to float64) float64 { return from + (to-from)*p.Float64() }
	out := clone(img)
	if p.Float64() < 0.5 {
		gain, offset, gamma := in(0.6, 1.25), in(-20, 20), in(0.7, 1.4)
		if p.Float64() < 0.3 { // far too bright, or far too dark
			gain = math.Exp(in(math.Log(0.2), math.Log(2.3)))
		}
		cast := [3]float64{in(0.85, 1.15), 1, in(0.85, 1.15)}
		grey := p.Float64() < 0.15
		var curve [256]float64
		for v := range curve {
			curve[v] = 255 * math.Pow(float64(v)/255, gamma) * gain
		}
		for i := 0; i < len(out.Pix); i += 4 {
			var c [3]float64
			for k := range c {
				c[k] = min(255, max(0, curve[out.Pix[i+k]]*cast[k]+offset))
			}
			if grey {
				v := 0.299*c[0] + 0.587*c[1] + 0.114*c[2]
				c = [3]float64{v, v, v}
			}
			for k := range c {
				out.Pix[i+k] = byte(c[k] + 0.5)
			}
		}
	}
	if p.Float64() < 0.5 { // mirrored
		bounds.Min.X, bounds.Max.X = out.Rect.Dx()-bounds.Max.X, out.Rect.Dx()-bounds.Min.X
		for y := range out.Rect.Dy() {
			for x := range out.Rect.Dx() / 2 {
				a, b := out.PixOffset(x, y), out.PixOffset(out.Rect.Dx()-1-x, y)
				for k := range 4 {
					out.Pix[a+k], out.Pix[b+k] = out.Pix[b+k], out.Pix[a+k]
				}
			}
		}
	}
	if want := math.Exp(in(math.Log(36), math.Log(130))); want < float64(bounds.Dx()) {
		by := want / float64(bounds.Dx())
		small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(out.Rect.Dx())*by)), max(1, int(float64(out.Rect.Dy())*by))))
		draw.BiLinear.Scale(small, small.Rect, out, out.Rect, draw.Src, nil)
		at := func(v int) int { return int(float64(v)*by + 0.5) }
		out, bounds = small, image.Rect(at(bounds.Min.X), at(bounds.Min.Y), at(bounds.Max.X), at(bounds.Max.Y))
	}
	if p.Float64() < 0.12 {
		out = moved(out, in(0.03, 0.25)*float64(bounds.Dx()), in(0, math.Pi))
	} else if p.Float64() < 0.12 {
		out = blurred(out, in(0.01, 0.04)*float64(bounds.Dx()))
	}
	if p.Float64() < 0.6 {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 45 + p.IntN(50)}); err == nil {
			if back, err := jpeg.Decode(&b); err == nil {
				out = onWhite(back)
			}
		}
	}
	return out, bounds
}

// look appends v to samples, with the features of the face with these bounds, in a square that is off a
// little, as the finder's own is. It appends nothing if the net sees no face there.
func (s *source) look(ctx context.Context, samples []sample, p *rand.Rand, img *image.RGBA, bounds image.Rectangle, v sample) ([]sample, error) {
	in := func(from, to float64) float64 { return from + (to-from)*p.Float64() }
	side := float64(max(bounds.Dx(), bounds.Dy()))
	x, y := float64(bounds.Min.X+bounds.Max.X)/2, float64(bounds.Min.Y+bounds.Max.Y)/2
	x, y = x+side*in(-0.08, 0.08), y+side*in(-0.08, 0.08)
	var err error
	v.Features, err = s.net.look(ctx, img, x, y, side*in(1.75, 2.3))
	if err != nil || v.Features == nil {
		return samples, err
	}
	return append(samples, v), nil
}

// cover is a way to cover a face, or what is near one.
type cover struct {
	name        string
	weight      int // how many pictures of it are made of each face
	eyes, mouth bool
	paint       bool
	make        func(p *painter, img *image.RGBA, f frame)
}

var covers = []cover{
	{"bare", 2, false, false, false, func(*painter, *image.RGBA, frame) {}},
	{"clear glasses", 3, false, false, false, (*painter).clearGlasses},
	{"shade", 1, false, false, false, (*painter).shade},
	{"hood", 1, false, false, false, func(p *painter, img *image.RGBA, f frame) { p.hood(img, f, p.cloth()) }},
	{"hand beside", 2, false, false, false, func(p *painter, img *image.RGBA, f frame) {
		if p.chance(0.5) {
			p.handFrom(img, f, p.in(-0.4, 0.4), f.mouth+p.in(1.1, 1.5), math.Pi/2+p.in(-0.6, 0.6))
		} else if side := float64(p.IntN(2)); side == 0 {
			p.handFrom(img, f, 1.6, p.in(0.2, 1.2), p.in(0, 1.5))
		} else {
			p.handFrom(img, f, -1.6, p.in(0.2, 1.2), math.Pi-p.in(0, 1.5))
		}
	}},
	{"thing beside", 1, false, false, false, func(p *painter, img *image.RGBA, f frame) {
		if p.chance(0.5) {
			p.thing(img, f, p.in(-0.4, 0.4), f.mouth+p.in(1.6, 2))
		} else {
			p.thing(img, f, 2.1-4.2*float64(p.IntN(2)), p.in(0, 1.2))
		}
	}},
	{"mask", 3, false, true, false, (*painter).mask},
	{"veil", 1, false, true, false, (*painter).veil},
	{"bandana", 1, false, true, false, (*painter).bandana},
	{"hand on the mouth", 3, false, true, false, func(p *painter, img *image.RGBA, f frame) { p.hand(img, f, p.in(-0.2, 0.2), f.mouth+p.in(-0.2, 0.15)) }},
	{"thing on the mouth", 1, false, true, false, func(p *painter, img *image.RGBA, f frame) { p.thing(img, f, p.in(-0.2, 0.2), f.mouth+p.in(0, 0.3)) }},
	{"sunglasses", 4, true, false, false, (*painter).sunglasses},
	{"band on the eyes", 1, true, false, false, (*painter).band},
	{"hand on the eyes", 3, true, false, false, func(p *painter, img *image.RGBA, f frame) { p.hand(img, f, p.in(-0.5, 0.5), p.in(-0.15, 0.15)) }},
	{"thing on the eyes", 1, true, false, false, func(p *painter, img *image.RGBA, f frame) { p.thing(img, f, p.in(-0.3, 0.3), p.in(-0.3, 0)) }},
	{"mask and sunglasses", 1, true, true, false, func(p *painter, img *image.RGBA, f frame) { p.mask(img, f); p.sunglasses(img, f) }},
	{"face paint", 1, false, false, true, (*painter).makeUp},
}

// telling is the width of a face in pixels below which the finder tells nothing; see package face.
const telling = 36

// tinted is the kind of a face with tinted glasses through which one sees the eyes: one can argue.
const tinted = "tinted"

// photos makes samples from a labelled face: as it is, and with each cover painted on it.
func (s *source) photos(ctx context.Context, pics string, l labelled) ([]sample, error) {
	if l.label == "skip" || l.bounds.Dx() < telling {
		return nil, nil
	}
	img, err := l.picture(ctx, pics)
	if err != nil {
		return nil, err
	}
	p := random(l.pack + "/" + l.path + l.bounds.String())
	base := sample{Name: l.pack + "/" + l.path, Set: l.set, Kind: l.label}
	base.Eyes = strings.Contains(l.label, "eyes") || l.label == "sunglasses"
	base.Mouth, base.Paint = strings.Contains(l.label, "mouth"), l.label == "paint"
	small, bounds, marks := around(img, l.bounds, l.marks)
	out, err := s.look(ctx, nil, p, small, bounds, base)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	f, ok := newFrame(marks)
	if !ok || l.label == tinted || base.Eyes || base.Mouth || base.Paint {
		return out, nil
	}
	skin := f.skin(small)
	for _, c := range covers {
		for range c.weight {
			made := clone(small)
			c.make(&painter{Rand: p, textures: s.textures, skin: skin}, made, f)
			v := base
			v.Kind, v.Painted, v.Eyes, v.Mouth, v.Paint = c.name, true, c.eyes, c.mouth, c.paint
			made, at := worn(p, made, bounds)
			if out, err = s.look(ctx, out, p, made, at, v); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", base.Name, c.name, err)
			}
		}
	}
	// A bare face that is turned, and that the finder may take for an upright one, is no covered one.
	side, at := small, bounds
	for range 3 {
		side, at = quarter(side, at)
		turned := base
		turned.Kind, turned.Painted = "turned", true
		if out, err = s.look(ctx, out, p, side, at, turned); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// drawing makes samples of a drawing in which the finder sees a face: as it is, and three times worn.
func (s *source) drawing(ctx context.Context, name string) ([]sample, error) {
	img, err := load(ctx, name, "")
	if err != nil {
		return nil, err
	}
	found, err := s.finder.FindIn(ctx, img)
	if err != nil || len(found.Found) == 0 {
		return nil, err
	}
	style := filepath.Base(filepath.Dir(name))
	p := random(style + "/" + filepath.Base(name))
	v := sample{Name: style + "/" + filepath.Base(name), Kind: "drawn", Set: style, Drawn: true}
	part, bounds, _ := around(img, found.Found[0].Bounds, nil)
	var out []sample
	for k := range 4 {
		made, at := part, bounds
		if v.Painted = k > 0; v.Painted {
			made, at = worn(p, part, bounds)
		}
		if out, err = s.look(ctx, out, p, made, at, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// picture opens a picture of a package.
func (l labelled) picture(ctx context.Context, folder string) (*image.RGBA, error) {
	return load(ctx, filepath.Join(folder, l.pack, filepath.FromSlash(l.path)), l.sum)
}

// skin returns the colour of the cheeks.
func (f frame) skin(img *image.RGBA) (skin [3]float64) {
	for _, u := range []float64{-0.5, 0.5} {
		v := 0.55 * f.mouth
		if c := image.Pt(int(f.ox+u*f.ux-v*f.uy), int(f.oy+u*f.uy+v*f.ux)); c.In(img.Rect) {
			q := img.Pix[img.PixOffset(c.X, c.Y):]
			for k := range skin {
				skin[k] += float64(q[k]) / 2
			}
		}
	}
	return skin
}
