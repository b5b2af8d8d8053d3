package heic

import (
	"bytes"
	"slices"

	"github.com/imgvet/imgvet/internal/verify"
)

// parseMeta reads the file's meta box (14496-12, 8.11).
func (f *file) parseMeta(b *box) error {
	c, version, _ := b.fullBox()
	if err := c.Err(); err != nil {
		return inBox(err)
	}
	if version != 0 {
		return verify.Faultf(verify.Unsupported, b.at, "meta box version %d", version)
	}
	var hdlr, pitm, iinf, iloc, iprp, iref *box
	slots := map[string]**box{"hdlr": &hdlr, "pitm": &pitm, "iinf": &iinf, "iloc": &iloc, "iprp": &iprp, "iref": &iref, "idat": &f.idat}
	for n := 0; c.Len() > 0; n++ {
		if n >= maxTopBoxes {
			return verify.Faultf(verify.TooMuchWork, c.Offset(), "over %d boxes in meta", maxTopBoxes)
		}
		child, err := next(&c)
		if err != nil {
			return err
		}
		slot, known := slots[child.typ]
		if !known {
			continue // dinf, grpl, ipro, free, ...: nothing the picture needs
		}
		// 14496-12, 8.11: "zero or one" of each. Two would let two readers see two pictures.
		if *slot != nil {
			return verify.Faultf(verify.Malformed, child.at, "second %s box", child.typ)
		}
		*slot = &child
	}
	for _, s := range []struct {
		name  string
		box   *box
		must  bool
		parse func(*box) error
	}{
		{"hdlr", hdlr, true, f.parseHandler},
		{"pitm", pitm, true, f.parsePrimary},
		{"iinf", iinf, true, f.parseItems},
		{"iloc", iloc, false, f.parseLocations},
		{"iprp", iprp, true, f.parseProperties},
		{"iref", iref, false, f.parseReferences},
	} {
		if s.box == nil && s.must {
			return verify.Faultf(verify.Malformed, b.at, "meta without %s", s.name)
		}
		if s.box == nil {
			continue
		}
		if err := s.parse(s.box); err != nil {
			return inBox(err)
		}
	}
	return nil
}

// parseHandler checks that the meta box describes pictures: ISO/IEC 23008-12,
// 6.2 asks for handler type "pict".
func (f *file) parseHandler(b *box) error {
	c, _, _ := b.fullBox()
	c.Skip(4, "pre_defined")
	handler := string(c.Bytes(4, "handler_type"))
	if err := c.Err(); err != nil {
		return err
	}
	if handler != "pict" {
		return verify.Faultf(verify.Unsupported, b.at, "meta handler is not pict")
	}
	return nil
}

// parsePrimary reads pitm (14496-12, 8.11.4).
func (f *file) parsePrimary(b *box) error {
	c, version, _ := b.fullBox()
	if version == 0 {
		f.primary = uint32(c.Uint16BE("item_ID"))
	} else {
		f.primary = c.Uint32BE("item_ID")
	}
	return c.Err()
}

// parseItems reads iinf and its infe boxes (14496-12, 8.11.6).
func (f *file) parseItems(b *box) error {
	c, version, _ := b.fullBox()
	var count int64
	if version == 0 {
		count = int64(c.Uint16BE("entry_count"))
	} else {
		count = int64(c.Uint32BE("entry_count"))
	}
	if err := c.Err(); err != nil {
		return err
	}
	if count > maxItems {
		return tooMany(b.at, "items", maxItems, count)
	}
	// An infe of version 2 takes 20 bytes at least.
	f.items = make([]item, 0, min(count, int64(c.Len()/20)))
	for range count {
		e, err := next(&c)
		if err != nil {
			return err
		}
		if e.typ != "infe" {
			return verify.Faultf(verify.Malformed, e.at, "iinf holds a box that is not infe")
		}
		if err := f.parseItem(&e); err != nil {
			return err
		}
	}
	byID := func(a, b item) int {
		switch {
		case a.id < b.id:
			return -1
		case a.id > b.id:
			return 1
		}
		return 0
	}
	if !slices.IsSortedFunc(f.items, byID) {
		slices.SortStableFunc(f.items, byID)
	}
	for i := range f.items {
		f.items[i].index = i
		if i > 0 && f.items[i].id == f.items[i-1].id {
			return verify.Faultf(verify.Malformed, f.items[i].at, "two items of one ID")
		}
	}
	return nil
}

func (f *file) parseItem(e *box) error {
	c, version, flags := e.fullBox()
	it := item{at: e.at, hidden: flags&1 != 0}
	switch version {
	case 0, 1:
		// These give no item_type: nothing that HEIF can show (23008-12, 6.2 asks for version 2 or 3).
		f.warn(verify.UnknownMetadata, e.at, "item without a type")
		return nil
	case 2:
		it.id = uint32(c.Uint16BE("item_ID"))
	default:
		it.id = c.Uint32BE("item_ID")
	}
	it.protected = c.Uint16BE("item_protection_index") != 0
	copy(it.typ[:], c.Bytes(4, "item_type"))
	rest := c.Rest()
	it.xmp = string(it.typ[:]) == "mime" && isXMP(rest)
	if err := c.Err(); err != nil {
		return err
	}
	// 8.11.6.2: item_name is null-terminated. libheif refuses the file over a name
	// without an end, though not over none at all.
	if len(rest) > 0 && bytes.IndexByte(rest, 0) < 0 {
		return verify.Faultf(verify.Malformed, e.at, "infe: item_name without an end")
	}
	f.items = append(f.items, it)
	return nil
}

// isXMP tells whether the rest of a mime item's infe, its name, content type and
// content encoding, says plain XMP (23008-12, A.3).
func isXMP(b []byte) bool {
	part := bytes.SplitN(b, []byte{0}, 4)
	return len(part) > 1 && string(part[1]) == "application/rdf+xml" && (len(part) < 3 || len(part[2]) == 0)
}

// parseReferences reads iref (14496-12, 8.11.12).
func (f *file) parseReferences(b *box) error {
	c, version, _ := b.fullBox()
	for c.Len() > 0 {
		if len(f.refs) >= maxReferences {
			return tooMany(b.at, "item references", maxReferences, maxReferences+1)
		}
		e, err := next(&c)
		if err != nil {
			return err
		}
		r := reference{at: e.at, wide: version != 0}
		copy(r.typ[:], e.typ)
		rc, width := e.cursor(), 2
		if r.wide {
			r.from, width = rc.Uint32BE("from_item_ID"), 4
		} else {
			r.from = uint32(rc.Uint16BE("from_item_ID"))
		}
		n := int(rc.Uint16BE("reference_count"))
		r.to = rc.Bytes(n*width, "to_item_ID")
		if err := rc.Err(); err != nil {
			return err
		}
		f.refs = append(f.refs, r)
	}
	slices.SortStableFunc(f.refs, func(a, b reference) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	// 14496-12, 8.11.12.1: one box collects all references of one type from one
	// item. A second dimg would let two readers see two pictures.
	for i := range f.refs {
		if r := &f.refs[i]; string(r.typ[:]) == "dimg" && f.reference("dimg", r.from) != r {
			return verify.Faultf(verify.Malformed, r.at, "second dimg reference of one item")
		}
	}
	return nil
}

func tooMany(at int, what string, limit, got int64) error {
	f := verify.Faultf(verify.TooMuchWork, at, "over %d %s", limit, what)
	f.Limit, f.Got = limit, got
	return f
}
