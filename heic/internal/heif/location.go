package heif

import (
	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// locationTable is the head of iloc (14496-12, 8.11.3): the widths, in bytes, of
// the fields of an extent.
type locationTable struct {
	box                     *bmff.Box
	offset, length, indexSz int
}

// location says where an item's bytes are. Its extents stay in iloc.
type location struct {
	known  bool
	method uint8  // 0: file, 1: idat, 2: another item
	ref    uint16 // data_reference_index; 0 is this file
	base   uint64
	at     int // offset of the first extent in iloc's payload
	count  int // extents
	Size   int64
}

// parseLocations reads iloc.
func (f *File) parseLocations(b *bmff.Box) error {
	c, version, _ := b.FullBox()
	sizes := c.Uint16BE("field sizes")
	t := locationTable{box: b, offset: int(sizes >> 12), length: int(sizes >> 8 & 15)}
	baseSize := int(sizes >> 4 & 15)
	if version > 0 {
		t.indexSz = int(sizes & 15)
	}
	if version > 2 {
		return verify.Faultf(verify.Unsupported, b.At, "iloc version %d", version)
	}
	for _, n := range []int{t.offset, t.length, baseSize, t.indexSz} {
		if n != 0 && n != 4 && n != 8 {
			return verify.Faultf(verify.Malformed, b.At, "iloc: a field of %d bytes", n)
		}
	}
	f.locs = t
	var count uint32
	if version < 2 {
		count = uint32(c.Uint16BE("item_count"))
	} else {
		count = c.Uint32BE("item_count")
	}
	if err := c.Err(); err != nil {
		return err
	}
	if int64(count) > maxItems {
		return verify.TooMany(b.At, "locations", maxItems, int64(count))
	}
	for range count {
		if err := f.parseLocation(&c, version, baseSize); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) parseLocation(c *cursor.Cursor, version uint8, baseSize int) error {
	at := c.Offset()
	var id uint32
	if version < 2 {
		id = uint32(c.Uint16BE("item_ID"))
	} else {
		id = c.Uint32BE("item_ID")
	}
	l := location{known: true}
	if version > 0 {
		l.method = uint8(c.Uint16BE("construction_method") & 15)
	}
	l.ref = c.Uint16BE("data_reference_index")
	l.base = uintOf(c, baseSize)
	l.count = int(c.Uint16BE("extent_count"))
	each := f.locs.offset + f.locs.length + f.locs.indexSz
	if err := c.Err(); err != nil {
		return err
	}
	// Extents without a field cost no bytes, so no bytes bound their number.
	if l.count > maxItemExtents || each == 0 && l.count > 1 {
		return verify.TooMany(at, "extents of one item", maxItemExtents, int64(l.count))
	}
	l.at = c.Offset() - f.locs.box.Base
	c.Skip(l.count*each, "extents")
	it := f.Item(id)
	if it == nil || c.Err() != nil {
		return c.Err() // a location without an item hurts nobody
	}
	if it.Loc.known {
		return verify.Faultf(verify.Malformed, at, "two locations of one item")
	}
	it.Loc = l
	return nil
}

// uintOf reads a field of n bytes: 0, 4 or 8.
func uintOf(c *cursor.Cursor, n int) uint64 {
	switch n {
	case 4:
		return uint64(c.Uint32BE("iloc field"))
	case 8:
		return c.Uint64BE("iloc field")
	}
	return 0
}

// eachExtent calls visit with index, offset and length of each extent of l.
// Offsets are relative to what the construction method says. base+offset and
// the end are checked for overflow.
func (f *File) eachExtent(l *location, visit func(index, off, n int64) error) error {
	t := &f.locs
	c := cursor.New(t.box.Data[l.at:], t.box.Base+l.at)
	for range l.count {
		at := c.Offset()
		index := uint64(1) // 14496-12, 8.11.3.3: "if index_size is 0, then the value 1 is implied"
		if t.indexSz > 0 {
			index = uintOf(&c, t.indexSz)
		}
		off, n := uintOf(&c, t.offset), uintOf(&c, t.length)
		if err := c.Err(); err != nil {
			return bmff.InBox(err)
		}
		const far = 1 << 62
		if l.base > far || off > far || n > far || l.base+off > far-n || index > far {
			return verify.Faultf(verify.Malformed, at, "iloc: extent overflows")
		}
		if err := visit(int64(index), int64(l.base+off), int64(n)); err != nil {
			return err
		}
	}
	return nil
}

// checkLocations checks that every extent of every item lies inside its source.
// One past the end of the file is Truncated, whatever the item: boxes may lie
// behind the picture, and an upload that lost them is not whole.
func (f *File) checkLocations() error {
	for i := range f.Items {
		it := &f.Items[i]
		l := &it.Loc
		if !l.known {
			continue
		}
		if f.extents += l.count; f.extents > maxExtents {
			return verify.TooMany(f.locs.box.At, "extents", maxExtents, int64(f.extents))
		}
		if l.ref != 0 {
			continue // not in this file; refused if the picture needs it
		}
		end := int64(0)
		err := f.eachExtent(l, func(_, off, n int64) error {
			l.Size += n
			end = max(end, off+n)
			switch l.method {
			case 0:
				if f.in == nil && off+n > int64(len(f.Bytes)) {
					return verify.Faultf(verify.Truncated, len(f.Bytes), "item %d: extent ends at %d, the file at %d", it.ID, off+n, len(f.Bytes))
				}
			case 1:
				if f.idat.Type == "" || off+n > int64(len(f.idat.Data)) {
					return verify.Faultf(verify.Malformed, it.At, "item %d: extent outside idat", it.ID)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		// Extents of one item that overlap would let a small file pose as a large one.
		if f.in != nil && l.Size > max(end, int64(len(f.Bytes))) {
			return ErrArriving
		}
		if f.in == nil && l.Size > int64(len(f.Bytes)) {
			return verify.Faultf(verify.Malformed, it.At, "item %d: larger than the file", it.ID)
		}
	}
	return nil
}

// spansOf appends the byte runs that make up an item. The item's bytes all lie in
// this file.
func (f *File) spansOf(dst []Span, it *Item, depth int) ([]Span, error) {
	l := &it.Loc
	if !l.known {
		return dst, verify.Faultf(verify.Malformed, it.At, "item %d has no location", it.ID)
	}
	if l.ref != 0 {
		return dst, verify.Faultf(verify.Unsupported, it.At, "item %d lies in another file", it.ID)
	}
	if l.method > 2 {
		return dst, verify.Faultf(verify.Unsupported, it.At, "item %d: construction method %d", it.ID, l.method)
	}
	if depth > maxConstruction {
		return dst, verify.Faultf(verify.TooMuchWork, it.At, "items built of items over %d deep", maxConstruction)
	}
	err := f.eachExtent(l, func(index, off, n int64) error {
		if f.extents++; f.extents > 2*maxExtents {
			return verify.TooMany(f.locs.box.At, "extents", 2*maxExtents, int64(f.extents))
		}
		switch l.method {
		case 0:
			dst = append(dst, Span{int(off), int(n)})
			return nil
		case 1:
			dst = append(dst, Span{f.idat.Base + int(off), int(n)})
			return nil
		}
		var err error
		dst, err = f.cut(dst, it, index, off, n, depth)
		return err
	})
	return dst, err
}

// cut appends bytes off..off+n of the item that it names with its iloc reference
// number index (14496-12, 8.11.3.1, construction method 2).
func (f *File) cut(dst []Span, it *Item, index, off, n int64, depth int) ([]Span, error) {
	r := f.Reference("iloc", it.ID)
	if r == nil || index < 1 || index > int64(r.Len()) {
		return dst, verify.Faultf(verify.Malformed, it.At, "item %d: no iloc reference %d", it.ID, index)
	}
	src := f.Item(r.ID(int(index - 1)))
	if src == nil {
		return dst, verify.Faultf(verify.Malformed, it.At, "item %d: built of an item that is not there", it.ID)
	}
	whole, err := f.spansOf(nil, src, depth+1)
	if err != nil {
		return dst, err
	}
	for _, s := range whole {
		if n == 0 {
			break
		}
		if off >= int64(s.N) {
			off -= int64(s.N)
			continue
		}
		take := min(n, int64(s.N)-off)
		dst = append(dst, Span{s.At + int(off), int(take)})
		off, n = 0, n-take
	}
	if n > 0 {
		return dst, verify.Faultf(verify.Malformed, it.At, "item %d: extent outside its source item", it.ID)
	}
	return dst, nil
}
