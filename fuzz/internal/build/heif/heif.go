package heif

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Box returns a box of a type (ISO/IEC 14496-12 4.2).
func Box(kind string, parts ...[]byte) []byte {
	body := pack.Join(parts...)
	return pack.Join(pack.BE32(uint32(8+len(body))), []byte(kind), body)
}

// FullBox returns a box with a version and flags.
func FullBox(kind string, version byte, flags int, parts ...[]byte) []byte {
	return Box(kind, append([][]byte{pack.BE32(uint32(version)<<24 | uint32(flags))}, parts...)...)
}

// Item is an item of a HEIF file to be written.
type Item struct {
	ID     int
	Kind   string
	Data   []byte
	Props  []int // 1-based places in heif.props
	Idat   bool  // data stand in the idat box (construction method 1)
	Hidden bool
	More   []byte // of the item info entry: a content type
}

// Ref is a reference between items: dimg, thmb, auxl, cdsc.
type Ref struct {
	Kind string
	From int
	To   []int
}

// File is a HEIF file to be written: ftyp, meta, mdat. Offsets come out true.
type File struct {
	Major   string
	Brands  []string
	Primary int
	Items   []Item
	Props   [][]byte // property boxes
	Refs    []Ref
	Extents int // extents each item in mdat is cut into; 0 means 1

	// edit changes or removes a box of meta before it is written. It is called
	// twice, the second time with true offsets.
	Edit func(kind string, b []byte) []byte
	// mdatFirst puts the coded data before meta.
	MdatFirst bool
	Between   []byte // boxes between ftyp and the rest
}

// Bytes writes the whole file.
func (h File) Bytes() []byte {
	ftyp := Box("ftyp", []byte(h.Major), pack.BE32(0), []byte(joinStrings(h.Brands)))
	var mdat []byte
	for _, it := range h.Items {
		if !it.Idat {
			mdat = append(mdat, it.Data...)
		}
	}
	if mdat != nil {
		mdat = Box("mdat", mdat)
	}
	front := len(ftyp) + len(h.Between)
	if h.MdatFirst {
		return pack.Join(ftyp, h.Between, mdat, h.meta(front+8))
	}
	return pack.Join(ftyp, h.Between, h.meta(front+len(h.meta(0))+8), mdat)
}

// Mini returns a file of the low-overhead structure (ISO/IEC 23008-12, 3rd ed., Amd 1):
// these brands, and a mini box in place of meta.
func Mini(major, brands string) []byte {
	ftyp := Box("ftyp", []byte(major), pack.BE32(0), []byte(brands))
	return pack.Join(ftyp, Box("mini", []byte{0x08}, make([]byte, 23)))
}

func joinStrings(s []string) string {
	var all string
	for _, v := range s {
		all += v
	}
	return all
}

// meta returns the MetaBox for coded data that begin at an offset of the file.
func (h File) meta(data int) []byte {
	boxes := []struct {
		kind string
		b    []byte
	}{
		{"hdlr", FullBox("hdlr", 0, 0, pack.BE32(0), []byte("pict"), make([]byte, 13))},
		{"pitm", FullBox("pitm", 0, 0, pack.BE16(h.Primary))},
		{"iloc", h.iloc(data)},
		{"iinf", h.iinf()},
		{"iref", h.iref()},
		{"iprp", Box("iprp", Box("ipco", h.Props...), h.ipma())},
		{"idat", h.idat()},
	}
	var body []byte
	for _, x := range boxes {
		if h.Edit != nil {
			x.b = h.Edit(x.kind, x.b)
		}
		body = append(body, x.b...)
	}
	return FullBox("meta", 0, 0, body)
}

// iloc is version 1 (ISO/IEC 14496-12 8.11.3) with offsets and lengths of four
// bytes.
func (h File) iloc(data int) []byte {
	body := pack.Join([]byte{0x44, 0x00}, pack.BE16(len(h.Items)))
	inIdat := 0
	for _, it := range h.Items {
		at, n, method := data, 1, 0
		if it.Idat {
			at, method = inIdat, 1
			inIdat += len(it.Data)
		} else {
			data += len(it.Data)
			n = max(h.Extents, 1)
		}
		body = append(body, pack.Join(pack.BE16(it.ID), pack.BE16(method), pack.BE16(0), pack.BE16(n))...)
		left := len(it.Data)
		for i := range n {
			size := left / (n - i)
			body = append(body, pack.Join(pack.BE32(uint32(at)), pack.BE32(uint32(size)))...)
			at, left = at+size, left-size
		}
	}
	return FullBox("iloc", 1, 0, body)
}

func (h File) iinf() []byte {
	body := pack.BE16(len(h.Items))
	for _, it := range h.Items {
		flags := 0
		if it.Hidden {
			flags = 1
		}
		body = append(body, FullBox("infe", 2, flags, pack.BE16(it.ID), pack.BE16(0), []byte(it.Kind), []byte{0}, it.More)...)
	}
	return FullBox("iinf", 0, 0, body)
}

func (h File) iref() []byte {
	if len(h.Refs) == 0 {
		return nil
	}
	var body []byte
	for _, r := range h.Refs {
		to := pack.BE16(len(r.To))
		for _, id := range r.To {
			to = append(to, pack.BE16(id)...)
		}
		body = append(body, Box(r.Kind, pack.BE16(r.From), to)...)
	}
	return FullBox("iref", 0, 0, body)
}

// ipma marks what ISO/IEC 23008-12 6.5 wants essential: hvcC, irot, imir, clap.
func (h File) ipma() []byte {
	body := pack.BE32(uint32(len(h.Items)))
	for _, it := range h.Items {
		body = append(body, pack.BE16(it.ID)...)
		body = append(body, byte(len(it.Props)))
		for _, p := range it.Props {
			v := byte(p)
			if p <= len(h.Props) && slices.Contains([]string{"hvcC", "irot", "imir", "clap", "fuzz"}, string(h.Props[p-1][4:8])) {
				v |= 0x80
			}
			body = append(body, v)
		}
	}
	return FullBox("ipma", 0, 0, body)
}

func (h File) idat() []byte {
	var body []byte
	for _, it := range h.Items {
		if it.Idat {
			body = append(body, it.Data...)
		}
	}
	if body == nil {
		return nil
	}
	return Box("idat", body)
}
