package heif

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Overlay places the same picture twice on a canvas of 96x80.
func Overlay(c Coded) File {
	h := c.Still()
	h.Primary = 3
	h.Props = append(h.Props, Ispe(96, 80))
	h.Items[0].Hidden = true
	canvas := pack.Join([]byte{0, 0}, pack.BE16(0xffff), pack.BE16(0), pack.BE16(0), pack.BE16(0xffff), pack.BE16(96), pack.BE16(80), pack.BE16(0), pack.BE16(0), pack.BE16(32), pack.BE16(16))
	h.Items = append(h.Items,
		Item{ID: 2, Kind: "hvc1", Data: c.Data, Props: []int{1, 2}, Hidden: true},
		Item{ID: 3, Kind: "iovl", Idat: true, Props: []int{3}, Data: canvas})
	h.Refs = []Ref{{"dimg", 3, []int{1, 2}}}
	return h
}

// Grid returns a file of rows x columns tiles of the same 64x64 picture, shown
// as w x h pixels (ISO/IEC 23008-12 6.6.2.3).
func Grid(c Coded, rows, columns, w, h int) File {
	f := c.Still()
	f.Props = append(f.Props, Ispe(w, h))
	f.Items[0].Hidden = true
	var tiles []int
	for i := 1; i < rows*columns; i++ {
		f.Items = append(f.Items, Item{ID: i + 1, Kind: "hvc1", Data: c.Data, Props: []int{1, 2}, Hidden: true})
	}
	for i := range rows * columns {
		tiles = append(tiles, i+1)
	}
	f.Primary = 500
	f.Items = append(f.Items, Item{
		ID: 500, Kind: "grid", Idat: true, Props: []int{3},
		Data: pack.Join([]byte{0, 0, byte(rows - 1), byte(columns - 1)}, pack.BE16(w), pack.BE16(h)),
	})
	f.Refs = []Ref{{"dimg", 500, tiles}}
	return f
}

// Repeated returns a file of a grid like [Grid] that names one picture in each of its
// places.
func Repeated(c Coded, rows, columns, w, h int) File {
	f := Grid(c, 1, 1, w, h)
	f.Items[1].Data = pack.Join([]byte{0, 0, byte(rows - 1), byte(columns - 1)}, pack.BE16(w), pack.BE16(h))
	f.Refs[0].To = slices.Repeat([]int{1}, rows*columns)
	return f
}

// RepeatedLayers returns an overlay on a canvas of w x h whose layers are all the same
// grid of side x side tiles.
func RepeatedLayers(c Coded, side, layers, w, h int) File {
	f := Repeated(c, side, side, 64*side, 64*side)
	f.Props = append(f.Props, Ispe(w, h))
	canvas := pack.Join([]byte{0, 0}, make([]byte, 6), pack.BE16(0xffff), pack.BE16(w), pack.BE16(h), make([]byte, 4*layers))
	f.Primary = 501
	f.Items[1].Hidden = true
	f.Items = append(f.Items, Item{ID: 501, Kind: "iovl", Idat: true, Props: []int{4}, Data: canvas})
	f.Refs = append(f.Refs, Ref{"dimg", 501, slices.Repeat([]int{500}, layers)})
	return f
}

// WithAlpha gives an item of f an alpha plane (ISO/IEC 23008-12 6.5.8).
func WithAlpha(f File, of int, alpha Coded) File {
	n := len(f.Props)
	f.Props = append(f.Props, alpha.HvcC, alpha.Ispe, FullBox("auxC", 0, 0, []byte("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")))
	id := 600 + of
	f.Items = append(f.Items, Item{ID: id, Kind: "hvc1", Data: alpha.Data, Props: []int{n + 1, n + 2, n + 3}, Hidden: true})
	f.Refs = append(f.Refs, Ref{"auxl", id, []int{of}})
	return f
}
