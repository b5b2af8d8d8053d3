package bmptest

import (
	"encoding/binary"
	"fmt"
	"image"
)

// Variant is a good file and the picture that it shows.
type Variant struct {
	Name string
	File File
	Want *image.NRGBA
}

// Variants returns a good file for each kind of header, depth and coding, in widths that cover
// every number of pad bytes.
func Variants() []Variant {
	var out []Variant
	add := func(name string, f File, want *image.NRGBA) {
		out = append(out, Variant{fmt.Sprintf("%s %dx%d", name, f.Width, f.Height), f, want})
	}
	headers := []struct {
		name string
		size int
	}{{"os2v1", 12}, {"os2v2-16", 16}, {"os2v2-42", 42}, {"os2v2-64", 64}, {"info", 40}, {"v2", 52}, {"v3", 56}, {"v4", 108}, {"v5", 124}}
	width := 17
	next := func() int { width = 17 + (width-16)%8; return width }
	for _, h := range headers {
		os2 := h.size == 12 || h.size == 16 || h.size == 42 || h.size == 64
		for _, bits := range []int{1, 2, 4, 8} {
			if bits == 2 && os2 {
				continue
			}
			f := File{HeaderSize: h.size, Width: next(), Height: 9, Bits: bits}
			want := f.Indexed(1 << bits)
			add(fmt.Sprintf("%s-%d", h.name, bits), f, want)
		}
		f := File{HeaderSize: h.size, Width: next(), Height: 9, Bits: 24}
		want := f.Direct([4]uint32{0xff0000, 0xff00, 0xff}, false)
		add(h.name+"-24", f, want)
		if os2 {
			continue
		}
		f = File{HeaderSize: h.size, Width: next(), Height: 9, TopDown: true, Bits: 8, ClrUsed: 100}
		want = f.Indexed(100)
		add(h.name+"-8-top-down-100-colours", f, want)
		f = File{HeaderSize: h.size, Width: next(), Height: 9, Bits: 16}
		want = f.Direct([4]uint32{0x7c00, 0x3e0, 0x1f}, false)
		add(h.name+"-16", f, want)
		f = File{HeaderSize: h.size, Width: next(), Height: 9, Bits: 32}
		want = f.Direct([4]uint32{0xff0000, 0xff00, 0xff, 0}, false)
		add(h.name+"-32", f, want)
		for _, bits := range []int{16, 32} {
			for i, masks := range fieldMasks(bits) {
				hasAlpha := h.size >= 56 && masks[3] != 0
				f := File{HeaderSize: h.size, Width: next(), Height: 9, TopDown: i%2 == 1, Bits: bits, Compression: 3, Masks: masks[:3]}
				if h.size >= 56 {
					f.Masks = masks[:]
				}
				want := f.Direct(masks, hasAlpha)
				add(fmt.Sprintf("%s-%d-fields-%x-%x-%x-%x", h.name, bits, masks[0], masks[1], masks[2], masks[3]), f, want)
			}
		}
		for _, bits := range []int{4, 8} {
			f := File{HeaderSize: h.size, Width: next(), Height: 9, Bits: bits, Compression: uint32(3 - bits/4)}
			want := f.Indexed(1 << bits)
			f.RunLengths(1 << bits)
			add(fmt.Sprintf("%s-rle%d", h.name, bits), f, want)
		}
	}
	f := File{HeaderSize: 40, Width: 13, Height: 5, Bits: 16, Compression: 6, Masks: []uint32{0xf00, 0xf0, 0xf, 0xf000}}
	want := f.Direct([4]uint32(f.Masks), true)
	add("info-16-alpha-fields", f, want)
	f = File{HeaderSize: 40, Width: 13, Height: 5, Bits: 8, ClrUsed: 77, Gap: []byte("no one looks here")}
	want = f.Indexed(77)
	add("info-8-gap", f, want)
	f = File{HeaderSize: 40, Width: 13, Height: 5, Bits: 24, ClrUsed: 3}
	want = f.Direct([4]uint32{0xff0000, 0xff00, 0xff}, false)
	f.Palette = Palette(3) // a hint for screens of few colours
	add("info-24-palette", f, want)
	f = File{HeaderSize: 124, Width: 13, Height: 5, Bits: 24, Profile: Profile()}
	want = f.Direct([4]uint32{0xff0000, 0xff00, 0xff}, false)
	add("v5-24-profile", f, want)
	f = File{HeaderSize: 64, Width: 13, Height: 5, Bits: 4, Compression: 2}
	want = f.Indexed(16)
	f.RunLengths(16)
	add("os2v2-64-rle4", f, want)
	for _, size := range [][2]int{{1, 1}, {65535, 1}, {1, 65535}} {
		f = File{HeaderSize: 40, Width: size[0], Height: size[1], Bits: 1}
		want = f.Indexed(2)
		add("info-1", f, want)
	}
	return out
}

func fieldMasks(bits int) [][4]uint32 {
	if bits == 16 {
		return [][4]uint32{{0xf800, 0x7e0, 0x1f}, {0x7c00, 0x3e0, 0x1f, 0x8000}, {0xf00, 0xf0, 0xf, 0xf000}, {0x1c0, 0x38, 0x7}, {0x3, 0xfffc, 0}}
	}
	return [][4]uint32{{0xff0000, 0xff00, 0xff, 0xff000000}, {0xff, 0xff00, 0xff0000}, {0x3ff00000, 0xffc00, 0x3ff, 0xc0000000}, {0xff000000, 0xff0000, 0xff00, 0xff}, {0xffff0000, 0xfffe, 1}}
}

// Profile returns as much of an ICC profile as viewers of BMP check before they give it to a
// colour engine: the header and an empty tag table (ICC.1:2022, 7.2, 7.3).
func Profile() []byte {
	p := make([]byte, 132)
	binary.BigEndian.PutUint32(p, uint32(len(p)))
	copy(p[36:], "acsp")
	return p
}
