package heic

import (
	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// input returns the item at place i of r, which it is made of, verified.
func (v *verifier) input(it *heif.Item, r *heif.Reference, i, depth int) (*heif.Item, error) {
	in := v.Item(r.ID(i))
	if in == nil {
		return nil, verify.Faultf(verify.Malformed, r.At, "item %d is derived from an item that is not there", r.From)
	}
	again := v.state(in).visit == visited
	if err := v.verifyPart(it, in, depth); err != nil || !again {
		return in, err
	}
	// An item named twice is verified once, but decoded and drawn twice.
	return in, v.spend(in.At, v.state(in).cost)
}

// verifyPart verifies an item that another is made of, or whose alpha plane it is.
func (v *verifier) verifyPart(whole, part *heif.Item, depth int) error {
	if err := v.verifyImage(part, depth+1); err != nil {
		return err
	}
	v.state(whole).height = max(v.state(whole).height, v.state(part).height+1)
	return nil
}

// verifyGrid verifies a grid: every tile, and that the tiles cover the canvas.
func (v *verifier) verifyGrid(it *heif.Item, p *heif.Properties, depth int) error {
	g, err := v.ParseGrid(it)
	if err != nil {
		return err
	}
	r, err := v.Inputs(it)
	if err != nil {
		return err
	}
	if r.Len() != g.Rows*g.Cols {
		return verify.Faultf(verify.Malformed, r.At, "grid of %dx%d with %d tiles", g.Cols, g.Rows, r.Len())
	}
	if g.Canvas != p.Size {
		return verify.Faultf(verify.Malformed, p.SizeAt, "ispe says %dx%d, the grid %dx%d", p.Size.W, p.Size.H, g.Canvas.W, g.Canvas.H)
	}
	// Look at all tile sizes before verifying the first tile: it is cheap, and a
	// grid that lies is refused before any stream is read.
	tile, err := v.tileSize(r)
	if err != nil {
		return err
	}
	// 23008-12, 6.6.2.3.1: the tiles cover the canvas, and what stands out at the
	// right and the bottom is cut off. A whole row or column outside is no grid
	// that any encoder makes.
	w, h := tile.W*int64(g.Cols), tile.H*int64(g.Rows)
	if w < g.Canvas.W || h < g.Canvas.H || w-tile.W >= g.Canvas.W || h-tile.H >= g.Canvas.H {
		return verify.Faultf(verify.Malformed, it.At, "grid of %dx%d tiles of %dx%d for %dx%d pixels", g.Cols, g.Rows, tile.W, tile.H, g.Canvas.W, g.Canvas.H)
	}
	var format *heif.Config
	for i := range r.Len() {
		in, err := v.input(it, r, i, depth)
		if err != nil {
			return err
		}
		c, err := v.tileFormat(in, format)
		if err != nil {
			return err
		}
		format = c
	}
	return nil
}

// tileSize returns the shown size that all tiles of a grid share.
func (v *verifier) tileSize(r *heif.Reference) (heif.Size, error) {
	var tile heif.Size
	for i := range r.Len() {
		in := v.Item(r.ID(i))
		if in == nil {
			return tile, verify.Faultf(verify.Malformed, r.At, "item %d is derived from an item that is not there", r.From)
		}
		s := v.state(in).out
		if s.W == 0 {
			p, err := v.Properties(in)
			if err != nil {
				return tile, err
			}
			if err := verify.CheckSize(p.Size.W, p.Size.H, v.lim.coded(), p.SizeAt); err != nil {
				return tile, err
			}
			sh, err := heif.Follow(p.Steps, p.Size)
			if err != nil {
				return tile, err
			}
			s = sh.Size()
			v.state(in).out = s
		}
		if i > 0 && s != tile {
			// 6.6.2.3.1: "all input images shall have exactly the same width and height".
			return tile, verify.Faultf(verify.Malformed, in.At, "tiles of two sizes in one grid")
		}
		tile = s
	}
	return tile, nil
}

// tileFormat checks that a tile has the chroma format and depth of the one before.
func (v *verifier) tileFormat(in *heif.Item, before *heif.Config) (*heif.Config, error) {
	p, err := v.Properties(in)
	if err != nil {
		return nil, err
	}
	c := p.Config
	if c == nil {
		return before, nil // a derived tile
	}
	if before != nil && (c.SPS.ChromaFormat != before.SPS.ChromaFormat || c.SPS.BitDepthLuma != before.SPS.BitDepthLuma || c.SPS.BitDepthChroma != before.SPS.BitDepthChroma) {
		return nil, verify.Faultf(verify.Malformed, in.At, "tiles of two formats in one grid")
	}
	return c, nil
}

// verifyOverlay verifies an overlay and all its layers.
func (v *verifier) verifyOverlay(it *heif.Item, p *heif.Properties, depth int) error {
	r, err := v.Inputs(it)
	if err != nil {
		return err
	}
	o, err := v.ParseOverlay(it, r.Len())
	if err != nil {
		return err
	}
	if o.Canvas != p.Size {
		return verify.Faultf(verify.Malformed, p.SizeAt, "ispe says %dx%d, the overlay %dx%d", p.Size.W, p.Size.H, o.Canvas.W, o.Canvas.H)
	}
	if err := v.spend(it.At, o.Canvas.Area()); err != nil {
		return err
	}
	for i := range r.Len() {
		in, err := v.input(it, r, i, depth)
		if err != nil {
			return err
		}
		if err := v.spend(it.At, v.state(in).out.Area()); err != nil {
			return err
		}
		// Viewers blend a layer by its alpha plane, and fail where that is broken.
		if plane := v.AlphaOf(in); plane != nil {
			if err := v.verifyPart(it, plane, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyIdentity verifies an identity derivation (23008-12, 6.6.2.1): one input,
// shown with this item's transforms.
func (v *verifier) verifyIdentity(it *heif.Item, p *heif.Properties, depth int) error {
	r, err := v.Inputs(it)
	if err != nil {
		return err
	}
	if r.Len() != 1 {
		return verify.Faultf(verify.Malformed, r.At, "identity of %d items", r.Len())
	}
	in, err := v.input(it, r, 0, depth)
	if err != nil {
		return err
	}
	if v.state(in).out != p.Size {
		return verify.Faultf(verify.Malformed, p.SizeAt, "ispe says %dx%d, the source is %dx%d", p.Size.W, p.Size.H, v.state(in).out.W, v.state(in).out.H)
	}
	return nil
}
