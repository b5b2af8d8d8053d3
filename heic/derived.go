package heic

import (
	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// inputs returns the items that a derived item is made of, in order.
func (f *file) inputs(it *item) (*reference, error) {
	r := f.reference("dimg", it.id)
	if r == nil || r.len() == 0 {
		return nil, verify.Faultf(verify.Malformed, it.at, "item %d is derived from nothing", it.id)
	}
	return r, nil
}

// input returns the item at place i of r, verified.
func (f *file) input(r *reference, i, depth int) (*item, error) {
	in := f.item(r.id(i))
	if in == nil {
		return nil, verify.Faultf(verify.Malformed, r.at, "item %d is derived from an item that is not there", r.from)
	}
	// An item named twice is verified once, but decoded and drawn twice.
	if in.visit == visited {
		return in, f.spend(in.at, in.cost)
	}
	return in, f.verifyImage(in, depth+1)
}

// grid is an ImageGrid (23008-12, 6.6.2.3).
type grid struct {
	rows, cols int
	canvas     size
}

// parseGrid reads the data of a grid item.
func (f *file) parseGrid(it *item) (grid, error) {
	data, err := f.read(it)
	if err != nil {
		return grid{}, err
	}
	c := newCursor(&data)
	g := grid{}
	version, flags := c.Uint8("version"), c.Uint8("flags")
	g.rows, g.cols = int(c.Uint8("rows_minus_one"))+1, int(c.Uint8("columns_minus_one"))+1
	g.canvas = canvasSize(&c, flags)
	if err := c.Err(); err != nil {
		return g, inBox(err)
	}
	if version != 0 {
		return g, verify.Faultf(verify.Unsupported, data.start(), "grid version %d", version)
	}
	return g, nil
}

// verifyGrid verifies a grid: every tile, and that the tiles cover the canvas.
func (f *file) verifyGrid(it *item, p *properties, depth int) error {
	g, err := f.parseGrid(it)
	if err != nil {
		return err
	}
	r, err := f.inputs(it)
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
	tile, err := f.tileSize(r)
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
		in, err := f.input(r, i, depth)
		if err != nil {
			return err
		}
		c, err := f.tileFormat(in, format)
		if err != nil {
			return err
		}
		format = c
	}
	return nil
}

// tileSize returns the shown size that all tiles of a grid share.
func (f *file) tileSize(r *reference) (size, error) {
	var tile size
	for i := range r.len() {
		in := f.item(r.id(i))
		if in == nil {
			return tile, verify.Faultf(verify.Malformed, r.at, "item %d is derived from an item that is not there", r.from)
		}
		s := in.out
		if s.w == 0 {
			p, err := f.properties(in)
			if err != nil {
				return tile, err
			}
			if err := verify.CheckSize(p.size.w, p.size.h, f.codedLimits(), p.sizeAt); err != nil {
				return tile, err
			}
			sh, err := follow(p.steps, p.size)
			if err != nil {
				return tile, err
			}
			s = sh.size()
			in.out = s
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
func (f *file) tileFormat(in *item, before *config) (*config, error) {
	p, err := f.properties(in)
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

// overlay is an ImageOverlay (23008-12, 6.6.2.2): a filled canvas and where each
// layer lies on it.
type overlay struct {
	fill   [4]uint16 // R, G, B, A
	canvas size
	at     [][2]int32 // x, y of each layer
}

func (f *file) parseOverlay(it *item, layers int) (overlay, error) {
	data, err := f.read(it)
	if err != nil {
		return overlay{}, err
	}
	c := newCursor(&data)
	o := overlay{}
	version, flags := c.Uint8("version"), c.Uint8("flags")
	for i := range o.fill {
		o.fill[i] = c.Uint16BE("canvas_fill_value")
	}
	o.canvas = canvasSize(&c, flags)
	for range layers {
		var at [2]int32
		for j := range at {
			if flags&1 != 0 {
				at[j] = int32(c.Uint32BE("offset"))
			} else {
				at[j] = int32(int16(c.Uint16BE("offset")))
			}
		}
		if c.Err() != nil {
			break
		}
		o.at = append(o.at, at)
	}
	if err := c.Err(); err != nil {
		return o, inBox(err)
	}
	if version != 0 {
		return o, verify.Faultf(verify.Unsupported, data.start(), "overlay version %d", version)
	}
	return o, nil
}

// verifyOverlay verifies an overlay and all its layers.
func (f *file) verifyOverlay(it *item, p *properties, depth int) error {
	r, err := f.inputs(it)
	if err != nil {
		return err
	}
	o, err := f.parseOverlay(it, r.len())
	if err != nil {
		return err
	}
	if o.canvas != p.size {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the overlay %dx%d", p.size.w, p.size.h, o.canvas.w, o.canvas.h)
	}
	if err := f.spend(it.at, o.canvas.area()); err != nil {
		return err
	}
	for i := range r.len() {
		in, err := f.input(r, i, depth)
		if err != nil {
			return err
		}
		if err := f.spend(it.at, in.out.area()); err != nil {
			return err
		}
	}
	return nil
}

// verifyIdentity verifies an identity derivation (23008-12, 6.6.2.1): one input,
// shown with this item's transforms.
func (f *file) verifyIdentity(it *item, p *properties, depth int) error {
	r, err := f.inputs(it)
	if err != nil {
		return err
	}
	if r.len() != 1 {
		return verify.Faultf(verify.Malformed, r.at, "identity of %d items", r.len())
	}
	in, err := f.input(r, 0, depth)
	if err != nil {
		return err
	}
	if in.out != p.size {
		return verify.Faultf(verify.Malformed, p.sizeAt, "ispe says %dx%d, the source is %dx%d", p.size.w, p.size.h, in.out.w, in.out.h)
	}
	return nil
}

// canvasSize reads output_width and output_height: 32 bits each if flag 1 is set,
// else 16 (23008-12, 6.6.2.2.2 and 6.6.2.3.2).
func canvasSize(c *cursor.Cursor, flags uint8) size {
	if flags&1 != 0 {
		return size{int64(c.Uint32BE("output_width")), int64(c.Uint32BE("output_height"))}
	}
	return size{int64(c.Uint16BE("output_width")), int64(c.Uint16BE("output_height"))}
}
