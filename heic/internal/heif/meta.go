package heif

import (
	"bytes"
	"slices"

	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/internal/verify"
)

// parseMeta reads the file's meta box (14496-12, 8.11).
func (f *File) parseMeta(b *bmff.Box) error {
	c, version, _ := b.FullBox()
	if err := c.Err(); err != nil {
		return bmff.InBox(err)
	}
	if version != 0 {
		return verify.Faultf(verify.Unsupported, b.At, "meta box version %d", version)
	}
	children := [...]struct {
		name  string
		must  bool
		parse func(*File, *bmff.Box) error
		box   bmff.Box // without a type until it is found
	}{ // in the order in which they need each other
		{name: "hdlr", must: true, parse: (*File).parseHandler},
		{name: "idat", parse: (*File).parseData},
		{name: "pitm", must: true, parse: (*File).parsePrimary},
		{name: "iinf", must: true, parse: (*File).parseItems},
		{name: "iloc", parse: (*File).parseLocations},
		{name: "iprp", must: true, parse: (*File).parseProperties},
		{name: "iref", parse: (*File).parseReferences},
	}
	for n := 0; c.Len() > 0; n++ {
		if n >= maxMetaBoxes {
			return verify.Faultf(verify.TooMuchWork, c.Offset(), "over %d boxes in meta", maxMetaBoxes)
		}
		child, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		for i := range children {
			// Any other box is nothing that the picture needs: dinf, grpl, ipro, free, ...
			if k := &children[i]; k.name == child.Type {
				// 14496-12, 8.11: "zero or one" of each. Two would let two readers see two pictures.
				if k.box.Type != "" {
					return verify.Faultf(verify.Malformed, child.At, "second %s box", child.Type)
				}
				k.box = child
			}
		}
	}
	for i := range children {
		k := &children[i]
		if k.box.Type == "" && k.must {
			return verify.Faultf(verify.Malformed, b.At, "meta without %s", k.name)
		}
		if k.box.Type == "" {
			continue
		}
		if err := k.parse(f, &k.box); err != nil {
			return bmff.InBox(err)
		}
	}
	return nil
}

// parseData notes idat, which holds the bytes of small items (14496-12, 8.11.11).
func (f *File) parseData(b *bmff.Box) error {
	f.idat = *b
	return nil
}

// parseHandler checks that the meta box describes pictures: ISO/IEC 23008-12,
// 6.2 asks for handler type "pict".
func (f *File) parseHandler(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	c.Skip(4, "pre_defined")
	handler := string(c.Bytes(4, "handler_type"))
	if err := c.Err(); err != nil {
		return err
	}
	if handler != "pict" {
		return verify.Faultf(verify.Unsupported, b.At, "meta handler is not pict")
	}
	return nil
}

// parsePrimary reads pitm (14496-12, 8.11.4).
func (f *File) parsePrimary(b *bmff.Box) error {
	c, version, _ := b.FullBox()
	if version == 0 {
		f.Primary = uint32(c.Uint16BE("item_ID"))
	} else {
		f.Primary = c.Uint32BE("item_ID")
	}
	return c.Err()
}

// parseItems reads iinf and its infe boxes (14496-12, 8.11.6).
func (f *File) parseItems(b *bmff.Box) error {
	c, version, _ := b.FullBox()
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
		return verify.TooMany(b.At, "items", maxItems, count)
	}
	// An infe of version 2 takes 20 bytes at least.
	f.Items = make([]Item, 0, min(count, int64(c.Len()/20)))
	for range count {
		e, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		if e.Type != "infe" {
			return verify.Faultf(verify.Malformed, e.At, "iinf holds a box that is not infe")
		}
		if err := f.parseItem(&e); err != nil {
			return err
		}
	}
	byID := func(a, b Item) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	}
	if !slices.IsSortedFunc(f.Items, byID) {
		slices.SortStableFunc(f.Items, byID)
	}
	for i := range f.Items {
		f.Items[i].Index = i
		if i > 0 && f.Items[i].ID == f.Items[i-1].ID {
			return verify.Faultf(verify.Malformed, f.Items[i].At, "two items of one ID")
		}
	}
	return nil
}

func (f *File) parseItem(e *bmff.Box) error {
	c, version, flags := e.FullBox()
	it := Item{At: e.At, Hidden: flags&1 != 0}
	switch version {
	case 0, 1:
		// These give no item_type: nothing that HEIF can show (23008-12, 6.2 asks for version 2 or 3).
		f.warn(verify.UnknownMetadata, e.At, "item without a type")
		return nil
	case 2:
		it.ID = uint32(c.Uint16BE("item_ID"))
	default:
		it.ID = c.Uint32BE("item_ID")
	}
	it.Protected = c.Uint16BE("item_protection_index") != 0
	copy(it.Type[:], c.Bytes(4, "item_type"))
	rest := c.Rest()
	it.XMP = string(it.Type[:]) == "mime" && isXMP(rest)
	if err := c.Err(); err != nil {
		return err
	}
	// 8.11.6.2: item_name is null-terminated. libheif refuses the file over a name
	// without an end, though not over none at all.
	if len(rest) > 0 && bytes.IndexByte(rest, 0) < 0 {
		return verify.Faultf(verify.Malformed, e.At, "infe: item_name without an end")
	}
	f.Items = append(f.Items, it)
	return nil
}

// isXMP tells whether the rest of a mime item's infe, its name, content type and
// content encoding, says plain XMP (23008-12, A.3).
func isXMP(b []byte) bool {
	part := bytes.SplitN(b, []byte{0}, 4)
	return len(part) > 1 && string(part[1]) == "application/rdf+xml" && (len(part) < 3 || len(part[2]) == 0)
}

// parseReferences reads iref (14496-12, 8.11.12).
func (f *File) parseReferences(b *bmff.Box) error {
	c, version, _ := b.FullBox()
	for c.Len() > 0 {
		if len(f.References) >= maxReferences {
			return verify.TooMany(b.At, "item references", maxReferences, maxReferences+1)
		}
		e, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		r := Reference{At: e.At, wide: version != 0}
		copy(r.Type[:], e.Type)
		rc, width := e.Cursor(), 2
		if r.wide {
			r.From, width = rc.Uint32BE("from_item_ID"), 4
		} else {
			r.From = uint32(rc.Uint16BE("from_item_ID"))
		}
		n := int(rc.Uint16BE("reference_count"))
		r.to = rc.Bytes(n*width, "to_item_ID")
		if err := rc.Err(); err != nil {
			return err
		}
		f.References = append(f.References, r)
	}
	slices.SortStableFunc(f.References, func(a, b Reference) int {
		switch {
		case a.From < b.From:
			return -1
		case a.From > b.From:
			return 1
		}
		return 0
	})
	// 14496-12, 8.11.12.1: one box collects all references of one type from one
	// item. A second dimg would let two readers see two pictures.
	for i := range f.References {
		if r := &f.References[i]; string(r.Type[:]) == "dimg" && f.Reference("dimg", r.From) != r {
			return verify.Faultf(verify.Malformed, r.At, "second dimg reference of one item")
		}
	}
	return nil
}
