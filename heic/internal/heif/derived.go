package heif

import (
	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// Inputs returns the items that a derived item is made of, in order.
func (f *File) Inputs(it *Item) (*Reference, error) {
	r := f.Reference("dimg", it.ID)
	if r == nil || r.Len() == 0 {
		return nil, verify.Faultf(verify.Malformed, it.At, "item %d is derived from nothing", it.ID)
	}
	return r, nil
}

// Grid is an ImageGrid (23008-12, 6.6.2.3).
type Grid struct {
	Rows, Cols int
	Canvas     Size
}

// ParseGrid reads the data of a grid item.
func (f *File) ParseGrid(it *Item) (Grid, error) {
	data, err := f.Read(it)
	if err != nil {
		return Grid{}, err
	}
	c := newCursor(&data)
	g := Grid{}
	version, flags := c.Uint8("version"), c.Uint8("flags")
	g.Rows, g.Cols = int(c.Uint8("rows_minus_one"))+1, int(c.Uint8("columns_minus_one"))+1
	g.Canvas = canvasSize(&c, flags)
	if err := c.Err(); err != nil {
		return g, bmff.InBox(err)
	}
	if version != 0 {
		return g, verify.Faultf(verify.Unsupported, data.Start(), "grid version %d", version)
	}
	return g, nil
}

// Overlay is an ImageOverlay (23008-12, 6.6.2.2): a filled canvas and where each
// layer lies on it.
type Overlay struct {
	Fill   [4]uint16 // R, G, B, A
	Canvas Size
	At     [][2]int32 // x, y of each layer
}

// ParseOverlay reads the data of an overlay item of so many layers.
func (f *File) ParseOverlay(it *Item, layers int) (Overlay, error) {
	data, err := f.Read(it)
	if err != nil {
		return Overlay{}, err
	}
	c := newCursor(&data)
	o := Overlay{}
	version, flags := c.Uint8("version"), c.Uint8("flags")
	for i := range o.Fill {
		o.Fill[i] = c.Uint16BE("canvas_fill_value")
	}
	o.Canvas = canvasSize(&c, flags)
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
		o.At = append(o.At, at)
	}
	if err := c.Err(); err != nil {
		return o, bmff.InBox(err)
	}
	if version != 0 {
		return o, verify.Faultf(verify.Unsupported, data.Start(), "overlay version %d", version)
	}
	return o, nil
}

// canvasSize reads output_width and output_height: 32 bits each if flag 1 is set,
// else 16 (23008-12, 6.6.2.2.2 and 6.6.2.3.2).
func canvasSize(c *cursor.Cursor, flags uint8) Size {
	if flags&1 != 0 {
		return Size{int64(c.Uint32BE("output_width")), int64(c.Uint32BE("output_height"))}
	}
	return Size{int64(c.Uint16BE("output_width")), int64(c.Uint16BE("output_height"))}
}
