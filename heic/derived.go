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

// canvasSize reads output_width and output_height: 32 bits each if flag 1 is set,
// else 16 (23008-12, 6.6.2.2.2 and 6.6.2.3.2).
func canvasSize(c *cursor.Cursor, flags uint8) size {
	if flags&1 != 0 {
		return size{int64(c.Uint32BE("output_width")), int64(c.Uint32BE("output_height"))}
	}
	return size{int64(c.Uint16BE("output_width")), int64(c.Uint16BE("output_height"))}
}
