//go:build !imgvet_verdictonly

package heic

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"

	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/heic/internal/recon"
	"github.com/imgvet/imgvet/internal/verify"
)

// renderer makes the pixels of a verified file.
type renderer struct {
	ctx      context.Context
	f        *file
	limits   verify.Limits // of each coded picture
	parallel int           // coded pictures at a time
	shift    uint          // the shown picture is reduced by 1<<shift

	// What items show that others are made of more than once: they are decoded once,
	// however often they are named.
	uses map[uint32]int
	made map[uint32]picture
}

// picture is what an item shows, and how its samples are to be read.
type picture struct {
	img    image.Image
	colour *nclx // of the samples in img; nil once they are plain
}

// errNotVerified is a fault of this package: the file was verified before.
var errNotVerified = errors.New("heic: not a verified file")

// render returns the primary item's pixels, upright.
func (r *renderer) render() (image.Image, error) {
	r.countUses()
	it := r.f.item(r.f.primary)
	if r.shift > 0 {
		p, ok, err := r.reduced(it)
		if err != nil {
			return nil, err
		}
		if ok {
			return ownPlain(p), nil
		}
	}
	p, err := r.item(it, 0)
	if err != nil {
		return nil, err
	}
	return atOrigin(shrink(ownPlain(p), r.shift)), nil
}

// countUses counts how often each item is named as an input.
func (r *renderer) countUses() {
	r.uses, r.made = map[uint32]int{}, map[uint32]picture{}
	for i := range r.f.refs {
		if ref := &r.f.refs[i]; string(ref.typ[:]) == "dimg" {
			for j := range ref.len() {
				r.uses[ref.id(j)]++
			}
		}
	}
}

// reduced makes the primary item's pixels at the smaller size, without those of the
// full picture; unless the item is of a kind that only the full picture tells.
func (r *renderer) reduced(it *item) (p picture, ok bool, err error) {
	if it == nil {
		return p, false, errNotVerified
	}
	props, err := r.f.properties(it)
	if err != nil {
		return p, false, err
	}
	s, err := follow(props.steps, props.size)
	if err != nil {
		return p, false, err
	}
	var c *canvas
	switch string(it.typ[:]) {
	case "hvc1":
		if !chromaCorner(props.config, s.crop.Min) {
			return p, false, nil
		}
		c = newCanvas(s.crop.Size(), props.config.sps.ChromaFormat, r.shift)
		p.colour = streamColour(&props)
		err = r.decode(r.ctx, it, &props, c, image.Point{}.Sub(s.crop.Min))
	case "grid":
		var t *tiles
		t, err = r.tiles(it, &props)
		if err != nil || t == nil || !chromaCorner(t.config, s.crop.Min) {
			return p, false, err
		}
		c = newCanvas(s.crop.Size(), t.config.sps.ChromaFormat, r.shift)
		p.colour = t.colour
		err = t.draw(c, image.Point{}.Sub(s.crop.Min))
	default:
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	p.img = c.finish()
	turned := shown{crop: p.img.Bounds(), orient: s.orient}
	return turned.apply(p), true, nil
}

// chromaCorner tells whether a luma sample of c's pictures is on a chroma sample.
func chromaCorner(c *config, at image.Point) bool {
	if c == nil {
		return false
	}
	sub := c.sps.ChromaFormat
	return !(sub != 3 && at.X%2 != 0 || sub < 2 && at.Y%2 != 0)
}

// item renders an item with its transforms. One that is used more than once is kept.
func (r *renderer) item(it *item, depth int) (picture, error) {
	if err := r.ctx.Err(); err != nil {
		return picture{}, err
	}
	if it == nil || depth > maxDerivation {
		return picture{}, errNotVerified
	}
	if p, ok := r.made[it.id]; ok {
		return p, nil
	}
	p, err := r.f.properties(it)
	if err != nil {
		return picture{}, err
	}
	var pic picture
	switch string(it.typ[:]) {
	case "hvc1":
		pic, err = r.coded(it, &p)
	case "grid":
		pic, err = r.grid(it, &p, depth)
	case "iovl":
		pic, err = r.overlay(it, depth)
	case "iden":
		pic, err = r.identity(it, depth)
	default:
		err = fmt.Errorf("heic: item type %q", printable(it.typ))
	}
	if err != nil {
		return picture{}, err
	}
	if p.colour != nil {
		if pic.colour == nil && !isYCbCr(pic.img) {
			p.colour = nil
		}
		pic.colour = p.colour
	}
	s, err := follow(p.steps, p.size)
	if err != nil {
		return picture{}, err
	}
	pic = s.apply(pic)
	if r.uses[it.id] > 1 {
		r.made[it.id] = pic
	}
	return pic, nil
}

func isYCbCr(img image.Image) bool {
	_, ok := img.(*image.YCbCr)
	return ok
}

// coded decodes an hvc1 item.
func (r *renderer) coded(it *item, p *properties) (picture, error) {
	if p.config == nil {
		return picture{}, errNotVerified
	}
	sps := &p.config.sps
	c := newCanvas(image.Pt(sps.Width, sps.Height), sps.ChromaFormat, 0)
	if err := r.decode(r.ctx, it, p, c, image.Point{}); err != nil {
		return picture{}, err
	}
	return picture{c.finish(), streamColour(p)}, nil
}

// streamColour says how the samples of a coded picture are to be read: as its item
// states, else as the stream does (23008-12, 6.5.5), which is how libheif has it.
func streamColour(p *properties) *nclx {
	if p.colour != nil {
		return p.colour
	}
	return &nclx{matrix: uint16(p.config.sps.Matrix), fullRange: p.config.sps.FullRange}
}

// decode draws the samples of an hvc1 item onto c, its corner at the given place.
func (r *renderer) decode(ctx context.Context, it *item, p *properties, c *canvas, at image.Point) error {
	data, err := r.f.read(it)
	if err != nil {
		return err
	}
	return r.decodeRead(ctx, &data, p, c, at)
}

// decodeRead is decode of an item whose bytes were read. It changes nothing but c, so that
// several may run at a time: reading counts the file's extents.
func (r *renderer) decodeRead(ctx context.Context, data *payload, p *properties, c *canvas, at image.Point) error {
	return decodeStream(ctx, p.config, data, r.limits, func(s *hevc.SPS) recon.Sink { return c.place(at, s) })
}

// overlay draws the layers onto a canvas of the fill colour (23008-12, 6.6.2.2).
func (r *renderer) overlay(it *item, depth int) (picture, error) {
	refs, err := r.f.inputs(it)
	if err != nil {
		return picture{}, err
	}
	o, err := r.f.parseOverlay(it, refs.len())
	if err != nil {
		return picture{}, err
	}
	dst := image.NewNRGBA(image.Rect(0, 0, int(o.canvas.w), int(o.canvas.h)))
	fill := color.NRGBAModel.Convert(color.NRGBA64{R: o.fill[0], G: o.fill[1], B: o.fill[2], A: o.fill[3]}).(color.NRGBA)
	fillNRGBA(dst, fill)
	for i := range refs.len() {
		layer, err := r.item(r.f.item(refs.id(i)), depth+1)
		if err != nil {
			return picture{}, err
		}
		// The offsets are any 32-bit value: add in 64 bits, and draw only what shows.
		x, y := int64(o.at[i][0]), int64(o.at[i][1])
		if x >= o.canvas.w || y >= o.canvas.h || x < -maxSide || y < -maxSide {
			continue
		}
		paint(dst, plain(layer), image.Pt(int(x), int(y)))
	}
	return picture{img: dst}, nil
}

// identity shows another item.
func (r *renderer) identity(it *item, depth int) (picture, error) {
	refs, err := r.f.inputs(it)
	if err != nil {
		return picture{}, err
	}
	return r.item(r.f.item(refs.id(0)), depth+1)
}

// decodeStream hands the samples of a coded picture to the sink that place returns.
func decodeStream(ctx context.Context, c *config, data *payload, lim verify.Limits, place func(*hevc.SPS) recon.Sink) error {
	var walk error
	units := func(yield func(hevc.Unit) bool) { _, walk = eachUnit(c, data, yield) }
	_, err := c.sets.Decode(ctx, units, lim, place)
	if walk != nil { // which looks to Decode like an early end
		return walk
	}
	return err
}
