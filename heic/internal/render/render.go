package render

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/heic/internal/recon"
	"github.com/imgvet/imgvet/internal/verify"
)

// Options say how a picture is rendered.
type Options struct {
	Limits   verify.Limits // of each coded picture
	Parallel int           // coded pictures, or rows of one, that are decoded at a time
	Shift    uint          // the picture is reduced by 1<<shift
}

// Picture returns the pixels of the primary item of f, upright. f has been verified.
func Picture(ctx context.Context, f *heif.File, o Options) (image.Image, error) {
	r := renderer{ctx: ctx, f: f, Options: o}
	return r.render()
}

// Samples returns what other decoders return for the primary item of f: its samples, not
// cropped, turned or made colours of. It is nil for an item that is neither coded nor a grid.
func Samples(ctx context.Context, f *heif.File, o Options) (*image.YCbCr, error) {
	r := renderer{ctx: ctx, f: f, Options: o}
	r.countUses()
	it := f.Item(f.Primary)
	p, err := f.Properties(it)
	if err != nil {
		return nil, err
	}
	var pic picture
	switch string(it.Type[:]) {
	case "hvc1":
		pic, err = r.coded(it, &p)
	case "grid":
		pic, err = r.grid(it, &p, 0)
	}
	img, _ := pic.img.(*image.YCbCr)
	return img, err
}

// renderer makes the pixels of a verified file.
type renderer struct {
	ctx context.Context
	f   *heif.File
	Options

	// What items show that others are made of more than once: they are decoded once,
	// however often they are named.
	uses   map[uint32]int
	made   map[uint32]picture
	planes map[uint32]*image.Gray // alpha planes of layers that are drawn more than once
}

// picture is what an item shows, and how its samples are to be read.
type picture struct {
	img    image.Image
	colour *heif.NCLX // of the samples in img; nil once they are plain
}

// errNotVerified is a fault of this package: the file was verified before.
var errNotVerified = errors.New("heic: not a verified file")

// render returns the primary item's pixels, upright.
func (r *renderer) render() (image.Image, error) {
	img, err := r.pixels()
	if err == nil {
		err = r.ctx.Err() // what does not return an error has stopped for it
	}
	return img, err
}

// pixels is render, but that ctx may have cut it short.
func (r *renderer) pixels() (image.Image, error) {
	r.countUses()
	it := r.f.Item(r.f.Primary)
	if r.Shift > 0 {
		p, ok, err := r.reduced(it)
		if err != nil {
			return nil, err
		}
		if ok {
			return ownPlain(r.ctx, p), nil
		}
	}
	p, err := r.item(it, 0)
	if err != nil {
		return nil, err
	}
	return atOrigin(shrink(r.ctx, ownPlain(r.ctx, p), r.Shift)), nil
}

// countUses counts how often each item is named as an input, or as what it belongs to by an
// alpha plane: layers may share one.
func (r *renderer) countUses() {
	r.uses, r.made, r.planes = map[uint32]int{}, map[uint32]picture{}, map[uint32]*image.Gray{}
	for i := range r.f.References {
		switch ref := &r.f.References[i]; string(ref.Type[:]) {
		case "dimg":
			for j := range ref.Len() {
				if id := ref.ID(j); r.f.Item(id) != nil { // the others are not worth memory
					r.uses[id]++
				}
			}
		case "auxl":
			r.uses[ref.From] += ref.Len()
		}
	}
}

// reduced makes the primary item's pixels at the smaller size, without those of the
// full picture; unless the item is of a kind that only the full picture tells.
func (r *renderer) reduced(it *heif.Item) (p picture, ok bool, err error) {
	if it == nil {
		return p, false, errNotVerified
	}
	props, err := r.f.Properties(it)
	if err != nil {
		return p, false, err
	}
	s, err := heif.Follow(props.Steps, props.Size)
	if err != nil {
		return p, false, err
	}
	var c *canvas
	switch string(it.Type[:]) {
	case "hvc1":
		if !chromaCorner(props.Config, s.Crop.Min) {
			return p, false, nil
		}
		c = newCanvas(s.Crop.Size(), props.Config.SPS.ChromaFormat, r.Shift)
		p.colour = streamColour(&props)
		err = r.decode(r.ctx, it, &props, c, image.Point{}.Sub(s.Crop.Min))
	case "grid":
		var t *tiles
		t, err = r.tiles(it, &props)
		if err != nil || t == nil || !chromaCorner(t.config, s.Crop.Min) {
			return p, false, err
		}
		c = newCanvas(s.Crop.Size(), t.config.SPS.ChromaFormat, r.Shift)
		p.colour = t.colour
		err = t.draw(c, image.Point{}.Sub(s.Crop.Min))
	default:
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	p.img = c.finish()
	turned := heif.Shown{Crop: p.img.Bounds(), Orient: s.Orient}
	return turn(r.ctx, turned, p), true, nil
}

// chromaCorner tells whether a luma sample of c's pictures is on a chroma sample.
func chromaCorner(c *heif.Config, at image.Point) bool {
	if c == nil {
		return false
	}
	sub := c.SPS.ChromaFormat
	return !(sub != 3 && at.X%2 != 0 || sub < 2 && at.Y%2 != 0)
}

// item renders an item with its transforms. One that is used more than once is kept.
func (r *renderer) item(it *heif.Item, depth int) (picture, error) {
	if err := r.ctx.Err(); err != nil {
		return picture{}, err
	}
	if it == nil || depth > heif.MaxDerivation {
		return picture{}, errNotVerified
	}
	if p, ok := r.made[it.ID]; ok {
		return p, nil
	}
	p, err := r.f.Properties(it)
	if err != nil {
		return picture{}, err
	}
	var pic picture
	switch string(it.Type[:]) {
	case "hvc1":
		pic, err = r.coded(it, &p)
	case "grid":
		pic, err = r.grid(it, &p, depth)
	case "iovl":
		pic, err = r.overlay(it, depth)
	case "iden":
		pic, err = r.identity(it, depth)
	default:
		err = fmt.Errorf("heic: item type %q", it.Printable())
	}
	if err != nil {
		return picture{}, err
	}
	if p.Colour != nil {
		if pic.colour == nil && !isYCbCr(pic.img) {
			p.Colour = nil
		}
		pic.colour = p.Colour
	}
	s, err := heif.Follow(p.Steps, p.Size)
	if err != nil {
		return picture{}, err
	}
	pic = turn(r.ctx, s, pic)
	if r.uses[it.ID] > 1 {
		r.made[it.ID] = pic
	}
	return pic, nil
}

func isYCbCr(img image.Image) bool {
	_, ok := img.(*image.YCbCr)
	return ok
}

// coded decodes an hvc1 item.
func (r *renderer) coded(it *heif.Item, p *heif.Properties) (picture, error) {
	if p.Config == nil {
		return picture{}, errNotVerified
	}
	sps := &p.Config.SPS
	c := newCanvas(image.Pt(sps.Width, sps.Height), sps.ChromaFormat, 0)
	if err := r.decode(r.ctx, it, p, c, image.Point{}); err != nil {
		return picture{}, err
	}
	return picture{c.finish(), streamColour(p)}, nil
}

// streamColour says how the samples of a coded picture are to be read: as its item
// states, else as the stream does (23008-12, 6.5.5), which is how libheif has it.
func streamColour(p *heif.Properties) *heif.NCLX {
	if p.Colour != nil {
		return p.Colour
	}
	return &heif.NCLX{Matrix: uint16(p.Config.SPS.Matrix), FullRange: p.Config.SPS.FullRange}
}

// decode draws the samples of an hvc1 item onto c, its corner at the given place.
func (r *renderer) decode(ctx context.Context, it *heif.Item, p *heif.Properties, c *canvas, at image.Point) error {
	data, err := r.f.Read(it)
	if err != nil {
		return err
	}
	return r.decodeRead(ctx, &data, p, c, at, r.Parallel)
}

// decodeRead is decode of an item whose bytes were read. It changes nothing but c, so that
// several may run at a time: reading counts the file's extents. rows is how many rows of a
// wavefront are made at a time.
func (r *renderer) decodeRead(ctx context.Context, data *heif.Payload, p *heif.Properties, c *canvas, at image.Point, rows int) error {
	return decodeStream(ctx, p.Config, data, r.Limits, rows, func(s *hevc.SPS) recon.Sink { return c.place(at, s) })
}

// identity shows another item.
func (r *renderer) identity(it *heif.Item, depth int) (picture, error) {
	refs, err := r.f.Inputs(it)
	if err != nil {
		return picture{}, err
	}
	return r.item(r.f.Item(refs.ID(0)), depth+1)
}

// decodeStream hands the samples of a coded picture to the sink that place returns.
func decodeStream(ctx context.Context, c *heif.Config, data *heif.Payload, lim verify.Limits, rows int, place func(*hevc.SPS) recon.Sink) error {
	var walk error
	units := func(yield func(hevc.Unit) bool) { _, walk = heif.EachUnit(c, data, yield) }
	_, err := c.Sets.Decode(ctx, units, lim, rows, place)
	if walk != nil { // which looks to Decode like an early end
		return walk
	}
	return err
}
