package heic

import "github.com/imgvet/imgvet/internal/verify"

// input returns the item at place i of r, verified.
func (v *verifier) input(r *reference, i, depth int) (*item, error) {
	in := v.item(r.id(i))
	if in == nil {
		return nil, verify.Faultf(verify.Malformed, r.at, "item %d is derived from an item that is not there", r.from)
	}
	// An item named twice is verified once, but decoded and drawn twice.
	if v.state(in).visit == visited {
		return in, v.spend(in.at, v.state(in).cost)
	}
	return in, v.verifyImage(in, depth+1)
}

// verifyGrid verifies a grid: every tile, and that the tiles cover the canvas.
func (v *verifier) verifyGrid(it *item, p *properties, depth int) error {
	g, err := v.parseGrid(it)
	if err != nil {
		return err
	}
	r, err := v.inputs(it)
	if err != nil {
		return err
	}
	if r.len() != g.rows*g.cols {
		return verify.Faultf(verify.Malformed, r.at, "grid of %dx%d with %d tiles", g.cols, g.rows, r.len())
	}
	if g.canvas != p.size {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the grid %dx%d", p.size.w, p.size.h, g.canvas.w, g.canvas.h)
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
	w, h := tile.w*int64(g.cols), tile.h*int64(g.rows)
	if w < g.canvas.w || h < g.canvas.h || w-tile.w >= g.canvas.w || h-tile.h >= g.canvas.h {
		return verify.Faultf(verify.Malformed, it.at, "grid of %dx%d tiles of %dx%d for %dx%d pixels", g.cols, g.rows, tile.w, tile.h, g.canvas.w, g.canvas.h)
	}
	var format *config
	for i := range r.len() {
		in, err := v.input(r, i, depth)
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
func (v *verifier) tileSize(r *reference) (size, error) {
	var tile size
	for i := range r.len() {
		in := v.item(r.id(i))
		if in == nil {
			return tile, verify.Faultf(verify.Malformed, r.at, "item %d is derived from an item that is not there", r.from)
		}
		s := v.state(in).out
		if s.w == 0 {
			p, err := v.properties(in)
			if err != nil {
				return tile, err
			}
			if err := verify.CheckSize(p.size.w, p.size.h, v.lim.coded(), p.sizeAt); err != nil {
				return tile, err
			}
			sh, err := follow(p.steps, p.size)
			if err != nil {
				return tile, err
			}
			s = sh.size()
			v.state(in).out = s
		}
		if i > 0 && s != tile {
			// 6.6.2.3.1: "all input images shall have exactly the same width and height".
			return tile, verify.Faultf(verify.Malformed, in.at, "tiles of two sizes in one grid")
		}
		tile = s
	}
	return tile, nil
}

// tileFormat checks that a tile has the chroma format and depth of the one before.
func (v *verifier) tileFormat(in *item, before *config) (*config, error) {
	p, err := v.properties(in)
	if err != nil {
		return nil, err
	}
	c := p.config
	if c == nil {
		return before, nil // a derived tile
	}
	if before != nil && (c.sps.ChromaFormat != before.sps.ChromaFormat || c.sps.BitDepthLuma != before.sps.BitDepthLuma || c.sps.BitDepthChroma != before.sps.BitDepthChroma) {
		return nil, verify.Faultf(verify.Malformed, in.at, "tiles of two formats in one grid")
	}
	return c, nil
}

// verifyOverlay verifies an overlay and all its layers.
func (v *verifier) verifyOverlay(it *item, p *properties, depth int) error {
	r, err := v.inputs(it)
	if err != nil {
		return err
	}
	o, err := v.parseOverlay(it, r.len())
	if err != nil {
		return err
	}
	if o.canvas != p.size {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the overlay %dx%d", p.size.w, p.size.h, o.canvas.w, o.canvas.h)
	}
	if err := v.spend(it.at, o.canvas.area()); err != nil {
		return err
	}
	for i := range r.len() {
		in, err := v.input(r, i, depth)
		if err != nil {
			return err
		}
		if err := v.spend(it.at, v.state(in).out.area()); err != nil {
			return err
		}
	}
	return nil
}

// verifyIdentity verifies an identity derivation (23008-12, 6.6.2.1): one input,
// shown with this item's transforms.
func (v *verifier) verifyIdentity(it *item, p *properties, depth int) error {
	r, err := v.inputs(it)
	if err != nil {
		return err
	}
	if r.len() != 1 {
		return verify.Faultf(verify.Malformed, r.at, "identity of %d items", r.len())
	}
	in, err := v.input(r, 0, depth)
	if err != nil {
		return err
	}
	if v.state(in).out != p.size {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the source is %dx%d", p.size.w, p.size.h, v.state(in).out.w, v.state(in).out.h)
	}
	return nil
}
