package fuzz

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
)

// The sections named here are those of "Portable Network Graphics (PNG)
// Specification (Third Edition)", W3C Recommendation, 24 June 2025.

func pngGoodCases() []Case {
	s := &suite{format: detect.PNG}
	pngKinds(s)
	pngSizes(s)
	pngAncillary(s)
	pngStreams(s)
	pngAnimations(s)
	return s.cases
}

// pngKinds has every colour type and bit depth of 11.2.1, table 12, plain and
// interlaced.
func pngKinds(s *suite) {
	kinds := []struct {
		name   string
		colour byte
		depths []byte
	}{
		{"gray", pngGray, []byte{1, 2, 4, 8, 16}},
		{"rgb", pngRGB, []byte{8, 16}},
		{"palette", pngPalette, []byte{1, 2, 4, 8}},
		{"gray_alpha", pngGrayAlpha, []byte{8, 16}},
		{"rgba", pngRGBA, []byte{8, 16}},
	}
	for _, k := range kinds {
		for _, depth := range k.depths {
			p := pngInfo{w: 11, h: 9, depth: depth, colour: k.colour}
			s.good(fmt.Sprintf("kind_%s_%d", k.name, depth), p.picture(), "11.2.1 table 12: an allowed combination; every filter type of 9.2")
			p.il = 1
			s.good(fmt.Sprintf("kind_%s_%d_interlaced", k.name, depth), p.picture(), "8.1: Adam7, seven reduced images")
		}
	}
}

func pngSizes(s *suite) {
	for _, size := range [][2]uint32{{1, 1}, {1, 9}, {9, 1}, {4, 4}, {5, 5}, {3, 2}} {
		p := pngInfo{w: size[0], h: size[1], depth: 8, colour: pngRGB}
		s.good(fmt.Sprintf("size_%dx%d", p.w, p.h), p.picture(), "11.2.1: the least sizes")
		p.il = 1
		s.good(fmt.Sprintf("size_%dx%d_interlaced", p.w, p.h), p.picture(), "8.1: reduced images without rows or columns are left out")
	}
	p := pngInfo{w: 4000, h: 1, depth: 1, colour: pngGray}
	s.good("size_4000x1", p.picture(), "11.2.1: a very wide picture")
	p = pngInfo{w: 1, h: 4000, depth: 1, colour: pngGray}
	s.good("size_1x4000", p.picture(), "11.2.1: a very high picture")
}

// pngBase is the file that most PNG cases start from.
var pngBase = pngInfo{w: 7, h: 5, depth: 8, colour: pngRGB}

// pngWith puts chunks between IHDR and IDAT of pngBase.
func pngWith(chunks ...pngChunk) []byte {
	return pngFile(append(append([]pngChunk{pngBase.chunk()}, chunks...), idat(zlibStored(pngBase.rows())), iend)...)
}

// tinyTIFF is EXIF with one entry: Orientation (TIFF 6.0, section 8).
func tinyTIFF(orientation int) []byte {
	return join([]byte("II*\x00\x08\x00\x00\x00"), le16(1), le16(0x112), le16(3), le32(1), le32(uint32(orientation)), le32(0))
}

func pngAncillary(s *suite) {
	gray := pngInfo{w: 7, h: 5, depth: 8, colour: pngGray}
	pal := pngInfo{w: 7, h: 5, depth: 4, colour: pngPalette}
	with := func(p pngInfo, chunks ...pngChunk) []byte {
		return pngFile(append(append([]pngChunk{p.chunk()}, chunks...), idat(zlibStored(p.rows())), iend)...)
	}
	s.good("trns_gray", with(gray, pngChunk{kind: "tRNS", data: be16(7)}), "11.3.1.1: one sample for greyscale")
	s.good("trns_rgb", pngWith(pngChunk{kind: "tRNS", data: make([]byte, 6)}), "11.3.1.1: three samples for truecolour")
	s.good("trns_palette", with(pal, palette(16), pngChunk{kind: "tRNS", data: pattern(16, 3)}), "11.3.1.1: an alpha value for each palette entry")
	s.good("trns_palette_short", with(pal, palette(16), pngChunk{kind: "tRNS", data: pattern(3, 3)}), "11.3.1.1: fewer values than entries")
	s.good("plte_in_rgb", pngWith(palette(5)), "11.2.2: a suggested palette for truecolour")
	s.good("gama", pngWith(pngChunk{kind: "gAMA", data: be32(45455)}), "11.3.2.2")
	s.good("srgb", pngWith(pngChunk{kind: "sRGB", data: []byte{0}}), "11.3.2.5")
	s.good("phys", pngWith(pngChunk{kind: "pHYs", data: join(be32(2835), be32(2835), []byte{1})}), "11.3.4.3")
	s.good("time", pngWith(pngChunk{kind: "tIME", data: join(be16(2024), []byte{2, 29, 23, 59, 60})}), "11.3.5.1: a leap second too")
	s.good("text", pngWith(pngChunk{kind: "tEXt", data: []byte("Title\x00A picture")}), "11.3.3.2")
	s.good("ztxt", pngWith(pngChunk{kind: "zTXt", data: join([]byte("Title\x00\x00"), zlibStored([]byte("A picture")))}), "11.3.3.3")
	s.good("itxt", pngWith(pngChunk{kind: "iTXt", data: []byte("Title\x00\x00\x00de\x00Titel\x00Ein Bild")}), "11.3.3.4")
	s.good("private_chunk", pngWith(pngChunk{kind: "fuZz", data: pattern(100, 1)}), "5.4: an ancillary chunk nobody knows is skipped")
	s.good("exif", pngWith(pngChunk{kind: "eXIf", data: tinyTIFF(6)}), "11.3.4.6: orientation 6")
	s.good("text_after_idat", pngFile(pngBase.chunk(), idat(zlibStored(pngBase.rows())), pngChunk{kind: "tEXt", data: []byte("a\x00b")}, iend), "5.6 table 7: text chunks stand anywhere")
}

func pngStreams(s *suite) {
	raw := pngBase.rows()
	z := zlibStored(raw)
	split := func(sizes ...int) []byte {
		chunks := []pngChunk{pngBase.chunk()}
		rest := z
		for _, n := range sizes {
			chunks, rest = append(chunks, idat(rest[:n])), rest[n:]
		}
		return pngFile(append(chunks, idat(rest), iend)...)
	}
	s.good("idat_split_in_header", split(1), "10.1: the stream may be cut anywhere between IDAT chunks")
	s.good("idat_split_in_block_header", split(4), "10.1")
	s.good("idat_split_in_adler", split(len(z)-2), "10.1")
	s.good("idat_empty_first", split(0), "10.1: a zero-length IDAT is legal, if wasteful")
	s.good("idat_empty_between", split(20, 0, 0, 9), "10.1")
	s.good("idat_empty_last", split(len(z)), "10.1")
	ones := make([]int, len(z)-1)
	for i := range ones {
		ones[i] = 1
	}
	s.good("idat_of_one_byte_each", split(ones...), "10.1")
	s.good("deflate_dynamic", seed("dynamic.png"), "RFC 1951 3.2.7: dynamic Huffman codes, by optipng")

	// Several stored blocks, an empty one among them.
	blocks := join([]byte{0}, le16(10), le16(^10), raw[:10], []byte{0}, le16(0), le16(^0), []byte{1}, le16(len(raw)-10), le16(^(len(raw) - 10)), raw[10:])
	s.good("deflate_stored_blocks", pngFile(pngBase.chunk(), idat(zlibOf(blocks, raw)), iend), "RFC 1951 3.2.4: an empty stored block is legal")
	fixed := fixedLiterals(raw)
	s.good("deflate_fixed", pngFile(pngBase.chunk(), idat(zlibOf(fixed, raw)), iend), "RFC 1951 3.2.6: fixed Huffman codes")
	zeros := pngInfo{w: 300, h: 300, depth: 8, colour: pngGray}
	s.good("deflate_longest_matches", zeros.zeros(), "RFC 1951 3.2.5: length 258, distance 1, one distance code of one bit")
	for _, window := range []byte{0x08, 0x18, 0x48} {
		// RFC 1950 2.2: CINFO is log2 of the window less 8; stored blocks need none.
		head := []byte{window, 0}
		head[1] = byte(31 - int(window)<<8%31)
		s.good(fmt.Sprintf("zlib_window_%d", 256<<(window>>4)), pngFile(pngBase.chunk(), idat(join(head, z[2:])), iend), "RFC 1950 2.2: a small window")
	}
}

// apng returns an animation of three frames: the default image, a part of it,
// and all of it again.
func apng(edit func([]pngChunk) []pngChunk) []byte {
	fctl := func(seq, w, h, x, y uint32, dispose, blend byte) pngChunk {
		return pngChunk{kind: "fcTL", data: join(be32(seq), be32(w), be32(h), be32(x), be32(y), be16(1), be16(10), []byte{dispose, blend})}
	}
	fdat := func(seq uint32, p pngInfo) pngChunk {
		return pngChunk{kind: "fdAT", data: join(be32(seq), zlibStored(p.rows()))}
	}
	part := pngInfo{w: 3, h: 2, depth: pngBase.depth, colour: pngBase.colour}
	chunks := []pngChunk{
		pngBase.chunk(),
		{kind: "acTL", data: join(be32(3), be32(0))},
		fctl(0, pngBase.w, pngBase.h, 0, 0, 0, 0),
		idat(zlibStored(pngBase.rows())),
		fctl(1, part.w, part.h, 4, 3, 1, 1),
		fdat(2, part),
		fctl(3, pngBase.w, pngBase.h, 0, 0, 2, 0),
		fdat(4, pngBase),
		iend,
	}
	if edit != nil {
		chunks = edit(chunks)
	}
	return pngFile(chunks...)
}

func pngAnimations(s *suite) {
	s.good("apng", apng(nil), "11.3.6: three frames, the first being the default image")
	s.good("apng_default_image_apart", apng(func(c []pngChunk) []pngChunk {
		// Without the first fcTL the IDAT image is no frame; numbers move down.
		c = append(c[:2:2], c[3:]...)
		c[1].data = join(be32(2), be32(0))
		for i, n := range map[int]uint32{3: 0, 4: 1, 5: 2, 6: 3} {
			c[i].data = join(be32(n), c[i].data[4:])
		}
		return c
	}), "11.3.6.2: no fcTL before IDAT: the default image is not part of the animation")
	s.good("apng_frame_in_two_chunks", apng(func(c []pngChunk) []pngChunk {
		last := c[7].data
		c[7].data = last[:9:9]
		return append(c[:8:8], pngChunk{kind: "fdAT", data: join(be32(5), last[9:])}, iend)
	}), "11.3.6.3: a frame's data may be spread over fdAT chunks")
}
