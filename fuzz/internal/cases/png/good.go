package png

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// The sections named here are those of "Portable Network Graphics (PNG)
// Specification (Third Edition)", W3C Recommendation, 24 June 2025.

// Good are files that pass; a few of them with a warning.
func Good() []cases.Case {
	s := &cases.Suite{Format: detect.PNG}
	kinds(s)
	sizes(s)
	ancillary(s)
	streams(s)
	animations(s)
	return s.Cases
}

// kinds has every colour type and bit depth of 11.2.1, table 12, plain and
// interlaced.
func kinds(s *cases.Suite) {
	kinds := []struct {
		name   string
		colour byte
		depths []byte
	}{
		{"gray", png.Gray, []byte{1, 2, 4, 8, 16}},
		{"rgb", png.RGB, []byte{8, 16}},
		{"palette", png.Palette, []byte{1, 2, 4, 8}},
		{"gray_alpha", png.GrayAlpha, []byte{8, 16}},
		{"rgba", png.RGBA, []byte{8, 16}},
	}
	for _, k := range kinds {
		for _, depth := range k.depths {
			p := png.Info{W: 11, H: 9, Depth: depth, Colour: k.colour}
			s.Good(fmt.Sprintf("kind_%s_%d", k.name, depth), p.Picture(), "11.2.1 table 12: an allowed combination; every filter type of 9.2")
			p.Interlace = 1
			s.Good(fmt.Sprintf("kind_%s_%d_interlaced", k.name, depth), p.Picture(), "8.1: Adam7, seven reduced images")
		}
	}
}

func sizes(s *cases.Suite) {
	for _, size := range [][2]uint32{{1, 1}, {1, 9}, {9, 1}, {4, 4}, {5, 5}, {3, 2}} {
		p := png.Info{W: size[0], H: size[1], Depth: 8, Colour: png.RGB}
		s.Good(fmt.Sprintf("size_%dx%d", p.W, p.H), p.Picture(), "11.2.1: the least sizes")
		p.Interlace = 1
		s.Good(fmt.Sprintf("size_%dx%d_interlaced", p.W, p.H), p.Picture(), "8.1: reduced images without rows or columns are left out")
	}
	p := png.Info{W: 4000, H: 1, Depth: 1, Colour: png.Gray}
	s.Good("size_4000x1", p.Picture(), "11.2.1: a very wide picture")
	p = png.Info{W: 1, H: 4000, Depth: 1, Colour: png.Gray}
	s.Good("size_1x4000", p.Picture(), "11.2.1: a very high picture")
}

func ancillary(s *cases.Suite) {
	gray := png.Info{W: 7, H: 5, Depth: 8, Colour: png.Gray}
	pal := png.Info{W: 7, H: 5, Depth: 4, Colour: png.Palette}
	with := func(p png.Info, chunks ...png.Chunk) []byte {
		return png.File(append(append([]png.Chunk{p.Chunk()}, chunks...), png.IDAT(deflate.ZlibStored(p.Rows())), png.IEND)...)
	}
	s.Good("trns_gray", with(gray, png.Chunk{Kind: "tRNS", Data: pack.BE16(7)}), "11.3.1.1: one sample for greyscale")
	s.Good("trns_rgb", png.With(png.Chunk{Kind: "tRNS", Data: make([]byte, 6)}), "11.3.1.1: three samples for truecolour")
	s.Good("trns_palette", with(pal, png.PLTE(16), png.Chunk{Kind: "tRNS", Data: pack.Pattern(16, 3)}), "11.3.1.1: an alpha value for each palette entry")
	s.Good("trns_palette_short", with(pal, png.PLTE(16), png.Chunk{Kind: "tRNS", Data: pack.Pattern(3, 3)}), "11.3.1.1: fewer values than entries")
	s.Good("plte_in_rgb", png.With(png.PLTE(5)), "11.2.2: a suggested palette for truecolour")
	s.Good("gama", png.With(png.Chunk{Kind: "gAMA", Data: pack.BE32(45455)}), "11.3.2.2")
	s.Good("srgb", png.With(png.Chunk{Kind: "sRGB", Data: []byte{0}}), "11.3.2.5")
	s.Good("phys", png.With(png.Chunk{Kind: "pHYs", Data: pack.Join(pack.BE32(2835), pack.BE32(2835), []byte{1})}), "11.3.4.3")
	s.Good("time", png.With(png.Chunk{Kind: "tIME", Data: pack.Join(pack.BE16(2024), []byte{2, 29, 23, 59, 60})}), "11.3.5.1: a leap second too")
	s.Good("text", png.With(png.Chunk{Kind: "tEXt", Data: []byte("Title\x00A picture")}), "11.3.3.2")
	s.Good("ztxt", png.With(png.Chunk{Kind: "zTXt", Data: pack.Join([]byte("Title\x00\x00"), deflate.ZlibStored([]byte("A picture")))}), "11.3.3.3")
	s.Good("itxt", png.With(png.Chunk{Kind: "iTXt", Data: []byte("Title\x00\x00\x00de\x00Titel\x00Ein Bild")}), "11.3.3.4")
	s.Good("private_chunk", png.With(png.Chunk{Kind: "fuZz", Data: pack.Pattern(100, 1)}), "5.4: an ancillary chunk nobody knows is skipped")
	s.Good("exif", png.With(png.Chunk{Kind: "eXIf", Data: meta.TIFF(6)}), "11.3.4.6: orientation 6")
	s.Good("text_after_idat", png.File(png.Base.Chunk(), png.IDAT(deflate.ZlibStored(png.Base.Rows())), png.Chunk{Kind: "tEXt", Data: []byte("a\x00b")}, png.IEND), "5.6 table 7: text chunks stand anywhere")
}

func streams(s *cases.Suite) {
	raw := png.Base.Rows()
	z := deflate.ZlibStored(raw)
	split := func(sizes ...int) []byte {
		chunks := []png.Chunk{png.Base.Chunk()}
		rest := z
		for _, n := range sizes {
			chunks, rest = append(chunks, png.IDAT(rest[:n])), rest[n:]
		}
		return png.File(append(chunks, png.IDAT(rest), png.IEND)...)
	}
	s.Good("idat_split_in_header", split(1), "10.1: the stream may be cut anywhere between IDAT chunks")
	s.Good("idat_split_in_block_header", split(4), "10.1")
	s.Good("idat_split_in_adler", split(len(z)-2), "10.1")
	s.Good("idat_empty_first", split(0), "10.1: a zero-length IDAT is legal, if wasteful")
	s.Good("idat_empty_between", split(20, 0, 0, 9), "10.1")
	s.Good("idat_empty_last", split(len(z)), "10.1")
	ones := make([]int, len(z)-1)
	for i := range ones {
		ones[i] = 1
	}
	s.Good("idat_of_one_byte_each", split(ones...), "10.1")
	s.Good("deflate_dynamic", seeds.Get("dynamic.png"), "RFC 1951 3.2.7: dynamic Huffman codes, by optipng")

	// Several stored blocks, an empty one among them.
	blocks := pack.Join([]byte{0}, pack.LE16(10), pack.LE16(^10), raw[:10], []byte{0}, pack.LE16(0), pack.LE16(^0), []byte{1}, pack.LE16(len(raw)-10), pack.LE16(^(len(raw) - 10)), raw[10:])
	s.Good("deflate_stored_blocks", png.File(png.Base.Chunk(), png.IDAT(deflate.ZlibOf(blocks, raw)), png.IEND), "RFC 1951 3.2.4: an empty stored block is legal")
	fixed := deflate.FixedLiterals(raw)
	s.Good("deflate_fixed", png.File(png.Base.Chunk(), png.IDAT(deflate.ZlibOf(fixed, raw)), png.IEND), "RFC 1951 3.2.6: fixed Huffman codes")
	zeros := png.Info{W: 300, H: 300, Depth: 8, Colour: png.Gray}
	s.Good("deflate_longest_matches", zeros.Zeros(), "RFC 1951 3.2.5: length 258, distance 1, one distance code of one bit")
	for _, window := range []byte{0x08, 0x18, 0x48} {
		// RFC 1950 2.2: CINFO is log2 of the window less 8; stored blocks need none.
		head := []byte{window, 0}
		head[1] = byte(31 - int(window)<<8%31)
		s.Good(fmt.Sprintf("zlib_window_%d", 256<<(window>>4)), png.File(png.Base.Chunk(), png.IDAT(pack.Join(head, z[2:])), png.IEND), "RFC 1950 2.2: a small window")
	}
}

func animations(s *cases.Suite) {
	s.Good("apng", png.Animation(nil), "11.3.6: three frames, the first being the default image")
	s.Good("apng_default_image_apart", png.Animation(func(c []png.Chunk) []png.Chunk {
		// Without the first fcTL the IDAT image is no frame; numbers move down.
		c = append(c[:2:2], c[3:]...)
		c[1].Data = pack.Join(pack.BE32(2), pack.BE32(0))
		for i, n := range map[int]uint32{3: 0, 4: 1, 5: 2, 6: 3} {
			c[i].Data = pack.Join(pack.BE32(n), c[i].Data[4:])
		}
		return c
	}), "11.3.6.2: no fcTL before IDAT: the default image is not part of the animation")
	s.Good("apng_frame_in_two_chunks", png.Animation(func(c []png.Chunk) []png.Chunk {
		last := c[7].Data
		c[7].Data = last[:9:9]
		return append(c[:8:8], png.Chunk{Kind: "fdAT", Data: pack.Join(pack.BE32(5), last[9:])}, png.IEND)
	}), "11.3.6.3: a frame's data may be spread over fdAT chunks")
}
