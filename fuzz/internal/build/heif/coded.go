package heif

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Coded is a coded picture of a seed: its decoder configuration and its stream.
type Coded struct{ HvcC, Ispe, Data []byte }

// Seed takes the coded picture out of a seed.
func Seed(name string) Coded {
	var c Coded
	b := seeds.Get(name)
	for _, p := range parts.Boxes(b, 0, len(b), 0) {
		switch p.Kind {
		case "hvcC":
			c.HvcC = slices.Clone(b[p.At:p.End])
		case "ispe":
			c.Ispe = slices.Clone(b[p.At:p.End])
		case "mdat":
			c.Data = slices.Clone(b[p.Data:p.DataEnd])
		}
	}
	return c
}

// Ispe returns the property of a size (ISO/IEC 23008-12 6.5.3).
func Ispe(w, h int) []byte { return FullBox("ispe", 0, 0, pack.BE32(uint32(w)), pack.BE32(uint32(h))) }

// Still returns a file of one coded item.
func (c Coded) Still() File {
	return File{
		Major: "heic", Brands: []string{"mif1", "heic"}, Primary: 1,
		Items: []Item{{ID: 1, Kind: "hvc1", Data: c.Data, Props: []int{1, 2}}},
		Props: [][]byte{c.HvcC, c.Ispe},
	}
}

// StillWith is the file of still after an edit.
func (c Coded) StillWith(edit func(h *File)) []byte {
	h := c.Still()
	edit(&h)
	return h.Bytes()
}

// WithExif returns h with an Exif item about its primary item (annex A.2.1).
func WithExif(h File, data []byte) File {
	h.Items = append(h.Items, Item{ID: 900, Kind: "Exif", Data: data})
	h.Refs = append(h.Refs, Ref{"cdsc", 900, []int{h.Primary}})
	return h
}

// WithXMP returns h with an XMP item about its primary item (annex A.3).
func WithXMP(h File, data []byte) File {
	h.Items = append(h.Items, Item{ID: 2, Kind: "mime", Data: data, More: []byte("application/rdf+xml\x00")})
	h.Refs = append(h.Refs, Ref{"cdsc", 2, []int{h.Primary}})
	return h
}

// Clap is a centred window of w x h (ISO/IEC 14496-12 12.1.4).
func Clap(w, h int) []byte {
	return Box("clap", pack.BE32(uint32(w)), pack.BE32(1), pack.BE32(uint32(h)), pack.BE32(1), pack.BE32(0), pack.BE32(1), pack.BE32(0), pack.BE32(1))
}

// HvcCFor returns an HEVC configuration (ISO/IEC 14496-15 8.3.3.1) of parameter
// sets that claim a size.
func HvcCFor(width, height int) []byte {
	gray := width%2 != 0 || height%2 != 0
	profile, compatible, chroma := byte(3), byte(0x70), byte(1)
	if gray {
		profile, compatible, chroma = 4, 0x08, 0
	}
	head := []byte{1, profile, compatible, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 186, 0xf0, 0, 0xfc, 0xfc | chroma, 0xf8, 0xf8, 0, 0, 0x0f, 3}
	body := head
	for _, nal := range [][]byte{hevcVPS(gray), hevcSPS(width, height), hevcPPS()} {
		body = append(body, pack.Join([]byte{0x80 | nal[0]>>1}, pack.BE16(1), pack.BE16(len(nal)), nal)...)
	}
	return Box("hvcC", body)
}

// Replace swaps a box of meta for another, nil to leave it out.
func Replace(kind string, by func(b []byte) []byte) func(string, []byte) []byte {
	return func(k string, b []byte) []byte {
		if k == kind {
			return by(b)
		}
		return b
	}
}

// Resized returns a box with data after edit, and a true size.
func Resized(b []byte, edit func(data []byte) []byte) []byte {
	return Box(string(b[4:8]), edit(slices.Clone(b[8:])))
}
