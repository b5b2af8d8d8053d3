package fuzz

import (
	"encoding/binary"
	"slices"
)

func box(kind string, parts ...[]byte) []byte {
	body := join(parts...)
	return join(be32(uint32(8+len(body))), []byte(kind), body)
}

func fullBox(kind string, version byte, flags int, parts ...[]byte) []byte {
	return box(kind, append([][]byte{be32(uint32(version)<<24 | uint32(flags))}, parts...)...)
}

// heifItem is an item of a HEIF file to be written.
type heifItem struct {
	id     int
	kind   string
	data   []byte
	props  []int // 1-based places in heif.props
	idat   bool  // data stand in the idat box (construction method 1)
	hidden bool
	more   []byte // of the item info entry: a content type
}

// heifRef is a reference between items: dimg, thmb, auxl, cdsc.
type heifRef struct {
	kind string
	from int
	to   []int
}

// heif is a HEIF file to be written: ftyp, meta, mdat. Offsets come out true.
type heif struct {
	major   string
	brands  []string
	primary int
	items   []heifItem
	props   [][]byte // property boxes
	refs    []heifRef
	extents int // extents each item in mdat is cut into; 0 means 1

	// edit changes or removes a box of meta before it is written. It is called
	// twice, the second time with true offsets.
	edit func(kind string, b []byte) []byte
	// mdatFirst puts the coded data before meta.
	mdatFirst bool
	between   []byte // boxes between ftyp and the rest
}

func (h heif) file() []byte {
	ftyp := box("ftyp", []byte(h.major), be32(0), []byte(joinStrings(h.brands)))
	var mdat []byte
	for _, it := range h.items {
		if !it.idat {
			mdat = append(mdat, it.data...)
		}
	}
	if mdat != nil {
		mdat = box("mdat", mdat)
	}
	front := len(ftyp) + len(h.between)
	if h.mdatFirst {
		return join(ftyp, h.between, mdat, h.meta(front+8))
	}
	return join(ftyp, h.between, h.meta(front+len(h.meta(0))+8), mdat)
}

func joinStrings(s []string) string {
	var all string
	for _, v := range s {
		all += v
	}
	return all
}

// meta returns the MetaBox for coded data that begin at an offset of the file.
func (h heif) meta(data int) []byte {
	boxes := []struct {
		kind string
		b    []byte
	}{
		{"hdlr", fullBox("hdlr", 0, 0, be32(0), []byte("pict"), make([]byte, 13))},
		{"pitm", fullBox("pitm", 0, 0, be16(h.primary))},
		{"iloc", h.iloc(data)},
		{"iinf", h.iinf()},
		{"iref", h.iref()},
		{"iprp", box("iprp", box("ipco", h.props...), h.ipma())},
		{"idat", h.idat()},
	}
	var body []byte
	for _, x := range boxes {
		if h.edit != nil {
			x.b = h.edit(x.kind, x.b)
		}
		body = append(body, x.b...)
	}
	return fullBox("meta", 0, 0, body)
}

// iloc is version 1 (ISO/IEC 14496-12 8.11.3) with offsets and lengths of four
// bytes.
func (h heif) iloc(data int) []byte {
	body := join([]byte{0x44, 0x00}, be16(len(h.items)))
	inIdat := 0
	for _, it := range h.items {
		at, n, method := data, 1, 0
		if it.idat {
			at, method = inIdat, 1
			inIdat += len(it.data)
		} else {
			data += len(it.data)
			n = max(h.extents, 1)
		}
		body = append(body, join(be16(it.id), be16(method), be16(0), be16(n))...)
		left := len(it.data)
		for i := range n {
			size := left / (n - i)
			body = append(body, join(be32(uint32(at)), be32(uint32(size)))...)
			at, left = at+size, left-size
		}
	}
	return fullBox("iloc", 1, 0, body)
}

func (h heif) iinf() []byte {
	body := be16(len(h.items))
	for _, it := range h.items {
		flags := 0
		if it.hidden {
			flags = 1
		}
		body = append(body, fullBox("infe", 2, flags, be16(it.id), be16(0), []byte(it.kind), []byte{0}, it.more)...)
	}
	return fullBox("iinf", 0, 0, body)
}

func (h heif) iref() []byte {
	if len(h.refs) == 0 {
		return nil
	}
	var body []byte
	for _, r := range h.refs {
		to := be16(len(r.to))
		for _, id := range r.to {
			to = append(to, be16(id)...)
		}
		body = append(body, box(r.kind, be16(r.from), to)...)
	}
	return fullBox("iref", 0, 0, body)
}

// ipma marks what ISO/IEC 23008-12 6.5 wants essential: hvcC, irot, imir, clap.
func (h heif) ipma() []byte {
	body := be32(uint32(len(h.items)))
	for _, it := range h.items {
		body = append(body, be16(it.id)...)
		body = append(body, byte(len(it.props)))
		for _, p := range it.props {
			v := byte(p)
			if p <= len(h.props) && slices.Contains([]string{"hvcC", "irot", "imir", "clap", "fuzz"}, string(h.props[p-1][4:8])) {
				v |= 0x80
			}
			body = append(body, v)
		}
	}
	return fullBox("ipma", 0, 0, body)
}

func (h heif) idat() []byte {
	var body []byte
	for _, it := range h.items {
		if it.idat {
			body = append(body, it.data...)
		}
	}
	if body == nil {
		return nil
	}
	return box("idat", body)
}

// coded is a coded picture of a seed: its decoder configuration and its stream.
type coded struct{ hvcC, ispe, data []byte }

func codedSeed(name string) coded {
	var c coded
	b := seed(name)
	for _, p := range boxParts(b, 0, len(b), 0) {
		switch p.kind {
		case "hvcC":
			c.hvcC = slices.Clone(b[p.at:p.end])
		case "ispe":
			c.ispe = slices.Clone(b[p.at:p.end])
		case "mdat":
			c.data = slices.Clone(b[p.data:p.dataEnd])
		}
	}
	return c
}

func ispe(w, h int) []byte { return fullBox("ispe", 0, 0, be32(uint32(w)), be32(uint32(h))) }

// still returns a file of one coded item.
func (c coded) still() heif {
	return heif{
		major: "heic", brands: []string{"mif1", "heic"}, primary: 1,
		items: []heifItem{{id: 1, kind: "hvc1", data: c.data, props: []int{1, 2}}},
		props: [][]byte{c.hvcC, c.ispe},
	}
}

// gridOf returns a file of rows x columns tiles of the same 64x64 picture, shown
// as w x h pixels (ISO/IEC 23008-12 6.6.2.3).
func gridOf(c coded, rows, columns, w, h int) heif {
	f := c.still()
	f.props = append(f.props, ispe(w, h))
	f.items[0].hidden = true
	var tiles []int
	for i := 1; i < rows*columns; i++ {
		f.items = append(f.items, heifItem{id: i + 1, kind: "hvc1", data: c.data, props: []int{1, 2}, hidden: true})
	}
	for i := range rows * columns {
		tiles = append(tiles, i+1)
	}
	f.primary = 500
	f.items = append(f.items, heifItem{
		id: 500, kind: "grid", idat: true, props: []int{3},
		data: join([]byte{0, 0, byte(rows - 1), byte(columns - 1)}, be16(w), be16(h)),
	})
	f.refs = []heifRef{{"dimg", 500, tiles}}
	return f
}

// replaceBox swaps a box of meta for another, nil to leave it out.
func replaceBox(kind string, by func(b []byte) []byte) func(string, []byte) []byte {
	return func(k string, b []byte) []byte {
		if k == kind {
			return by(b)
		}
		return b
	}
}

// resized returns a box with data after edit, and a true size.
func resized(b []byte, edit func(data []byte) []byte) []byte {
	return box(string(b[4:8]), edit(slices.Clone(b[8:])))
}

// setBE32 overwrites four bytes of a box, counted from its start.
func setBE32(b []byte, at int, v uint32) []byte {
	b = slices.Clone(b)
	binary.BigEndian.PutUint32(b[at:], v)
	return b
}
