package detect

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/cursor"
)

// HEIC by brands and items.
//
// ISO/IEC 23008-12 (HEIF, 3rd ed.) has brands of two kinds. Those of annex B promise HEVC: heic,
// heix (stills), heim, heis (layered stills), hevc, hevx (sequences). mif1 and msf1 (10.2)
// promise only the structure. AVIF files have them too, so we must look at the coded item.
//
// If the head shows the primary item, that item decides, whatever the brands say: an HEVC item,
// or a derived picture (grid, overlay, identity) made of HEVC items, is HEIC, and anything else
// is not. If the head does not show it (the meta box comes after the coded data, is longer than
// the head, or is broken), we decide by brand:
//
//   - HEVC brand and a HEIF major brand: HEIC. The verifier sees the whole file
//     and has the last word.
//   - HEVC brand beside another major brand (isom, mp42, qt, avif): Unknown.
//     That is what video with a stray brand looks like.
//   - mif1 or msf1 alone: HEIC if an HEVC item is in the part of the item list
//     that is in the head, and none of another codec.

// brands is what a FileTypeBox says.
type brands struct {
	hevc      bool // an HEVC brand, major or compatible
	general   bool // mif1 or msf1, major or compatible
	heifMajor bool // the major brand is one of either kind
}

// isHEIC reports whether b is the head of an HEVC-coded still in HEIF.
func isHEIC(b []byte) bool {
	// ISO/IEC 14496-12 4.3: the FileTypeBox comes before any variable-length box. Every HEIF
	// reader requires it first.
	if len(b) < 16 || string(b[4:8]) != "ftyp" {
		return false
	}
	c := cursor.New(b, 0)
	first, _ := nextBox(&c)
	br := readBrands(first.payload)
	if !br.hevc && !br.general {
		return false
	}
	switch primaryCodec(findBox(&c, "meta")) {
	case hevc:
		return true
	case other:
		return false
	case likelyHEVC:
		return br.hevc && br.heifMajor || br.general
	}
	return br.hevc && br.heifMajor
}

// findBox returns the payload of the next box of a kind, or nil if the head does not show one.
func findBox(c *cursor.Cursor, kind string) []byte {
	for {
		bx, ok := nextBox(c)
		if !ok {
			return nil
		}
		if string(bx.kind) == kind {
			return bx.payload
		}
	}
}

func readBrands(ftyp []byte) brands {
	var br brands
	for i := 0; i+4 <= len(ftyp); i += 4 {
		if i == 4 {
			continue // minor_version, not a brand
		}
		switch string(ftyp[i : i+4]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx":
			br.hevc = true
		case "mif1", "msf1":
			br.general = true
		}
		if i == 0 {
			br.heifMajor = br.hevc || br.general
		}
	}
	return br
}

// codec is what the head shows about the codec of the primary item.
type codec int

const (
	unseen     codec = iota // nothing
	likelyHEVC              // not the item itself, but other items, all HEVC
	hevc                    // HEVC, directly or as the parts of a derived item
	other                   // another codec
)

// metaBoxes are the boxes of a MetaBox that lead to the primary item, as far as the head holds
// them. The payloads start at the FullBox header.
type metaBoxes struct{ pitm, iinf, iref []byte }

func primaryCodec(meta []byte) codec {
	if len(meta) < 4 {
		return unseen
	}
	var m metaBoxes
	c := cursor.New(meta[4:], 0)
	for {
		bx, ok := nextBox(&c)
		if !ok {
			break
		}
		switch string(bx.kind) {
		case "pitm":
			m.pitm = bx.payload
		case "iinf":
			m.iinf = bx.payload
		case "iref":
			m.iref = bx.payload
		}
	}
	if id, ok := primaryID(m.pitm); ok {
		// A derived item of derived items is legal (an identity of a grid). We know of no file
		// with more levels, and the bound ends a loop of references.
		for range 4 {
			switch string(itemType(m.iinf, id)) {
			case "hvc1", "lhv1":
				return hevc
			case "grid", "iovl", "iden", "tmap":
				if id, ok = firstInput(m.iref, id); ok {
					continue
				}
			case "":
			default:
				return other
			}
			break
		}
	}
	return codecOfAll(m.iinf)
}

// primaryID reads a PrimaryItemBox (ISO/IEC 14496-12 8.11.4).
func primaryID(pitm []byte) (uint32, bool) {
	c := cursor.New(pitm, 0)
	id := readID(&c, c.Uint32BE("version and flags")>>24 == 0)
	return id, c.Err() == nil
}

func readID(c *cursor.Cursor, short bool) uint32 {
	if short {
		return uint32(c.Uint16BE("item ID"))
	}
	return c.Uint32BE("item ID")
}

// itemType returns the item_type of an item, or nil if the head does not show it.
func itemType(iinf []byte, id uint32) (kind []byte) {
	eachItem(iinf, func(got uint32, k []byte) bool {
		if got == id {
			kind = k
		}
		return kind == nil
	})
	return kind
}

// codecOfAll judges by all picture items in the head.
func codecOfAll(iinf []byte) codec {
	all := unseen
	eachItem(iinf, func(_ uint32, kind []byte) bool {
		switch string(kind) {
		case "hvc1":
			all = likelyHEVC
		case "av01", "avc1", "jpeg", "vvc1", "j2k1", "unci", "evc1":
			all = other
			return false
		}
		return true
	})
	if all == other {
		return unseen // a thumbnail of another codec proves nothing either
	}
	return all
}

// eachItem calls yield for the entries of an ItemInfoBox (ISO/IEC 14496-12
// 8.11.6) until it returns false.
func eachItem(iinf []byte, yield func(id uint32, kind []byte) bool) {
	c := cursor.New(iinf, 0)
	if c.Uint32BE("version and flags")>>24 == 0 {
		c.Uint16BE("entry count")
	} else {
		c.Uint32BE("entry count")
	}
	for {
		bx, ok := nextBox(&c)
		if !ok {
			return
		}
		if string(bx.kind) != "infe" {
			continue
		}
		e := cursor.New(bx.payload, 0)
		version := e.Uint32BE("version and flags") >> 24
		if version < 2 {
			continue // no item_type: not a picture item
		}
		id := readID(&e, version == 2)
		e.Uint16BE("item protection index")
		kind := e.Bytes(4, "item type")
		if e.Err() == nil && !yield(id, kind) {
			return
		}
	}
}

// firstInput returns the first item that a derived item is made of: the first
// target of its dimg reference (ISO/IEC 14496-12 8.11.12).
func firstInput(iref []byte, from uint32) (uint32, bool) {
	c := cursor.New(iref, 0)
	short := c.Uint32BE("version and flags")>>24 == 0
	for {
		bx, ok := nextBox(&c)
		if !ok {
			return 0, false
		}
		if string(bx.kind) != "dimg" {
			continue
		}
		r := cursor.New(bx.payload, 0)
		id := readID(&r, short)
		n := r.Uint16BE("reference count")
		to := readID(&r, short)
		if r.Err() == nil && id == from && n > 0 {
			return to, true
		}
	}
}

type box struct {
	kind    []byte
	payload []byte // as much of it as the head holds
}

// nextBox reads one box (ISO/IEC 14496-12 4.2). It returns false at the end of the head and at
// an impossible size.
func nextBox(c *cursor.Cursor) (box, bool) {
	if c.Len() < 8 {
		return box{}, false
	}
	h := c.Bytes(8, "box header")
	size, kind := int64(binary.BigEndian.Uint32(h)), h[4:8]
	switch size {
	case 0: // to the end of the file
		return box{kind, c.Rest()}, true
	case 1:
		if c.Len() < 8 {
			return box{}, false
		}
		large := c.Uint64BE("large size")
		size = int64(min(large, 1<<62)) - 8
	}
	if size < 8 {
		return box{}, false
	}
	return box{kind, c.Bytes(int(min(size-8, int64(c.Len()))), "box")}, true
}
