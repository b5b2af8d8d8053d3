package fuzz

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
)

func pngBadCases() []Case {
	s := &suite{format: detect.PNG}
	pngBadHeader(s)
	pngBadPalette(s)
	pngBadOrder(s)
	pngBadData(s)
	pngBadAnimation(s)
	return s.cases
}

func pngBadHeader(s *suite) {
	header := func(edit func(p *pngInfo)) []byte {
		p := pngBase
		chunks := []pngChunk{{}, idat(zlibStored(p.rows())), iend}
		edit(&p)
		chunks[0] = p.chunk()
		return pngFile(chunks...)
	}
	good := pngBase.picture()
	s.badOther("signature_line_feed", patched(good, 4, '\n', '\n'), "5.2: a transfer that changed line ends broke the signature")
	s.badOther("signature_seventh_bit", patched(good, 0, 0x09), "5.2: a transfer that cleared the high bit broke the signature")
	s.bad("ihdr_zero_width", header(func(p *pngInfo) { p.w = 0 }), `11.2.1: "Zero is an invalid value"`)
	s.bad("ihdr_zero_height", header(func(p *pngInfo) { p.h = 0 }), `11.2.1: "Zero is an invalid value"`)
	s.bad("ihdr_width_2_31", header(func(p *pngInfo) { p.w = 1 << 31 }), "7.1: at most 2^31-1")
	s.bad("ihdr_height_2_31", header(func(p *pngInfo) { p.h = 1 << 31 }), "7.1: at most 2^31-1")
	s.bad("ihdr_depth_0", header(func(p *pngInfo) { p.depth = 0 }), "11.2.1: bit depth is 1, 2, 4, 8 or 16")
	s.bad("ihdr_depth_3", header(func(p *pngInfo) { p.depth, p.colour = 3, pngGray }), "11.2.1: bit depth is 1, 2, 4, 8 or 16")
	s.bad("ihdr_colour_1", header(func(p *pngInfo) { p.colour = 1 }), "11.2.1: colour type is 0, 2, 3, 4 or 6")
	s.bad("ihdr_colour_5", header(func(p *pngInfo) { p.colour = 5 }), "11.2.1: colour type is 0, 2, 3, 4 or 6")
	s.bad("ihdr_colour_7", header(func(p *pngInfo) { p.colour = 7 }), "11.2.1: colour type is 0, 2, 3, 4 or 6")
	for _, c := range []struct{ depth, colour byte }{{4, pngRGB}, {16, pngPalette}, {4, pngGrayAlpha}, {2, pngRGBA}} {
		s.bad(fmt.Sprintf("ihdr_colour_%d_depth_%d", c.colour, c.depth),
			header(func(p *pngInfo) { p.depth, p.colour = c.depth, c.colour }), "11.2.1 table 12: not an allowed combination")
	}
	s.bad("ihdr_compression_1", header(func(p *pngInfo) { p.compression = 1 }), "11.2.1: only compression method 0 is defined")
	s.bad("ihdr_filter_1", header(func(p *pngInfo) { p.filter = 1 }), "11.2.1: only filter method 0 is defined")
	s.bad("ihdr_interlace_2", header(func(p *pngInfo) { p.il = 2 }), "11.2.1: interlace method is 0 or 1")

	h, data := pngBase.chunk(), idat(zlibStored(pngBase.rows()))
	short, long, unsealed := h, h, h
	short.data = h.data[:12]
	long.data = join(h.data, []byte{0})
	unsealed.crcXor = 1
	s.bad("ihdr_of_12_bytes", pngFile(short, data, iend), "11.2.1: 13 bytes")
	s.bad("ihdr_of_14_bytes", pngFile(long, data, iend), "11.2.1: 13 bytes")
	s.bad("ihdr_crc", pngFile(unsealed, data, iend), "5.3: the CRC of a critical chunk")
	s.bad("ihdr_missing", pngFile(data, iend), "5.6: IHDR comes first")
	s.bad("ihdr_second", pngFile(pngChunk{kind: "gAMA", data: be32(45455)}, h, data, iend), "5.6: IHDR comes first")
	s.bad("ihdr_twice", pngFile(h, h, data, iend), "5.6 table 7: one IHDR")
}

func pngBadPalette(s *suite) {
	p := pngInfo{w: 7, h: 5, depth: 8, colour: pngPalette}
	data := idat(zlibStored(p.rows()))
	with := func(chunks ...pngChunk) []byte {
		return pngFile(append(append([]pngChunk{p.chunk()}, chunks...), data, iend)...)
	}
	whole, unsealed := palette(256), palette(256)
	unsealed.crcXor = 1
	uneven := pngChunk{kind: "PLTE", data: whole.data[:767]}
	s.bad("plte_missing", with(), "11.2.2: colour type 3 needs a palette")
	s.bad("plte_empty", with(pngChunk{kind: "PLTE"}), "11.2.2: 1 to 256 entries")
	s.bad("plte_257_entries", with(palette(257)), "11.2.2: 1 to 256 entries")
	s.bad("plte_not_threes", with(uneven), "11.2.2: a length not divisible by 3 is an error")
	s.bad("plte_crc", with(unsealed), "5.3: the CRC of a critical chunk")
	s.bad("plte_twice", with(whole, whole), "5.6 table 7: at most one PLTE")
	s.bad("plte_after_idat", pngFile(p.chunk(), data, whole, iend), "5.6 table 7: PLTE comes before IDAT")
}

func pngBadOrder(s *suite) {
	h, data := pngBase.chunk(), idat(zlibStored(pngBase.rows()))
	z := data.data
	s.bad("iend_missing", pngFile(h, data), "5.6: IEND ends the datastream: the tail is lost")
	s.bad("iend_cut", pngFile(h, data, iend)[:len(pngFile(h, data))+11], "5.3: a chunk ends with four bytes of CRC")
	s.bad("iend_crc", pngFile(h, data, pngChunk{kind: "IEND", crcXor: 1}), "5.3: the CRC of a critical chunk")
	s.bad("idat_missing", pngFile(h, iend), "5.6 table 7: one or more IDAT")
	s.bad("idat_empty", pngFile(h, idat(nil), iend), "10.1: the data of a picture is not nothing")
	s.bad("idat_torn_apart", pngFile(h, idat(z[:20]), pngChunk{kind: "tEXt", data: []byte("a\x00b")}, idat(z[20:]), iend), "5.6: IDAT chunks stand one behind the other")
	s.bad("chunk_critical_unknown", pngFile(h, pngChunk{kind: "FUZZ"}, data, iend), "5.4: a critical chunk nobody knows is an error")
	s.bad("chunk_type_not_letters", pngFile(h, pngChunk{kind: "fu\x00z"}, data, iend), "5.3: the bytes of a type are letters")
	s.bad("chunk_length_2_31", pngFile(h, pngChunk{kind: "fuZz", longer: 1 << 31}, data, iend), "5.3: at most 2^31-1")
	s.bad("chunk_past_the_end", pngFile(h, pngChunk{kind: "fuZz", longer: 1 << 20}, data, iend), "5.3: the length passes the end of the file")
}

func pngBadData(s *suite) {
	h, raw := pngBase.chunk(), pngBase.rows()
	z := zlibStored(raw)
	withData := func(z []byte) []byte { return pngFile(h, idat(z), iend) }
	unsealed := idat(z)
	unsealed.crcXor = 1
	s.bad("idat_crc", pngFile(h, unsealed, iend), "5.3: the CRC of a critical chunk")
	s.bad("idat_length_short", pngFile(h, pngChunk{kind: "IDAT", data: z, longer: -1}, iend), "5.3: the length is that of the data")
	row := len(raw) / int(pngBase.h)
	for _, filter := range []byte{5, 255} {
		s.bad(fmt.Sprintf("filter_%d", filter), withData(zlibStored(patched(raw, 2*row, filter))), "9.2: filter types 0 to 4")
	}
	s.bad("rows_last_byte_missing", withData(zlibStored(raw[:len(raw)-1])), "7.2: the scanlines fill the picture")
	s.bad("rows_last_row_missing", withData(zlibStored(raw[:len(raw)-row])), "7.2: the scanlines fill the picture")
	s.bad("rows_first_only", withData(zlibStored(raw[:row])), "7.2: the scanlines fill the picture")
	s.bad("rows_none", withData(zlibStored(nil)), "7.2: the scanlines fill the picture")
	il := pngInfo{w: 7, h: 5, depth: 8, colour: pngRGB, il: 1}
	s.bad("interlaced_last_pass_missing", pngFile(il.chunk(), idat(zlibStored(il.rows()[:len(il.rows())-2*row])), iend), "8.1: seven passes")
	s.bad("interlaced_filter_5", pngFile(il.chunk(), idat(zlibStored(patched(il.rows(), 0, 5))), iend), "9.2: filter types 0 to 4")
	plain := pngBase
	plain.il = 1
	s.bad("interlaced_in_name_only", pngFile(plain.chunk(), idat(z), iend), "8.1: rows of the whole picture where reduced images are due")

	dynamic := seed("dynamic.png")
	s.bad("deflate_dynamic_idat_zeroed", reseal(zeroed(dynamic, idatStart(dynamic)+20, 30)), "RFC 1951: the code stream is not the one written")
}

// idatStart returns where the data of the first IDAT begins.
func idatStart(b []byte) int {
	for _, c := range pngParts(b) {
		if c.kind == "IDAT" {
			return c.data
		}
	}
	return 0
}

func pngBadAnimation(s *suite) {
	edit := func(name, why string, f func(c []pngChunk) []pngChunk) { s.bad("apng_"+name, apng(f), why) }
	edit("frame_missing", "11.3.6.1: num_frames frames", func(c []pngChunk) []pngChunk { return append(c[:6:6], iend) })
	edit("frame_without_data", "11.3.6.3: at least one fdAT a frame", func(c []pngChunk) []pngChunk { return append(c[:7:7], iend) })
	edit("sequence_gap", "11.3.6.1: sequence numbers have no gaps", func(c []pngChunk) []pngChunk {
		c[7].data = join(be32(9), c[7].data[4:])
		return c
	})
	edit("sequence_repeats", "11.3.6.1: sequence numbers have no duplicates", func(c []pngChunk) []pngChunk {
		c[6].data = join(be32(2), c[6].data[4:])
		return c
	})
	edit("region_past_the_edge", "11.3.6.2: x_offset + width <= IHDR width", func(c []pngChunk) []pngChunk {
		c[4].data = patched(c[4].data, 12, be32(5)...)
		return c
	})
	edit("region_zero_width", "11.3.6.2: width is above 0", func(c []pngChunk) []pngChunk {
		c[4].data = patched(c[4].data, 4, be32(0)...)
		return c
	})
	edit("first_frame_not_whole", "11.3.6.2: the default image's frame is the whole picture", func(c []pngChunk) []pngChunk {
		c[2].data = patched(c[2].data, 4, be32(3)...)
		return c
	})
	edit("frame_cut", "7.2: the scanlines fill the frame", func(c []pngChunk) []pngChunk {
		p := pngBase
		c[7].data = join(be32(4), zlibStored(p.rows()[:40]))
		return c
	})
	edit("dispose_3", "11.3.6.2: dispose_op is 0, 1 or 2", func(c []pngChunk) []pngChunk {
		c[6].data = patched(c[6].data, 24, 3)
		return c
	})
	edit("blend_2", "11.3.6.2: blend_op is 0 or 1", func(c []pngChunk) []pngChunk {
		c[6].data = patched(c[6].data, 25, 2)
		return c
	})
}

// deflateCases have one defect in the zlib stream of an otherwise perfect file.
// RFC 1950 and RFC 1951 are what PNG (3rd ed.) 10.1 refers to.
func deflateCases() []Case {
	s := &suite{format: detect.PNG}
	raw := pngBase.rows()
	z := zlibStored(raw)
	file := func(z []byte) []byte { return pngFile(pngBase.chunk(), idat(z), iend) }
	block := func(f func(w *deflater)) []byte {
		var w deflater
		f(&w)
		return file(zlibOf(w.b, raw))
	}
	s.bad("zlib_method_7", file(join([]byte{0x77, 0x09}, z[2:])), "RFC 1950 2.2: CM is 8")
	s.bad("zlib_window_64k", file(join([]byte{0x88, 0x1c}, z[2:])), "RFC 1950 2.2: CINFO is at most 7")
	s.bad("zlib_header_check", file(patched(z, 1, 0x02)), "RFC 1950 2.2: CMF and FLG are a multiple of 31")
	s.bad("zlib_preset_dictionary", file(join([]byte{0x78, 0x20}, be32(1), z[2:])), "10.1: no preset dictionary in PNG")
	s.bad("zlib_adler", file(join(z[:len(z)-4], badSum(raw))), "RFC 1950 2.2: Adler-32 of the data")
	s.bad("zlib_adler_cut", file(z[:len(z)-1]), "RFC 1950 2.2: four bytes of Adler-32")
	s.bad("deflate_no_last_block", file(join([]byte{0x78, 0x01, 0}, z[3:])), "RFC 1951 3.2.3: one block has BFINAL")
	s.bad("deflate_block_type_3", file(patched(z, 2, 7)), "RFC 1951 3.2.3: BTYPE 11 is an error")
	s.bad("deflate_stored_length", file(patched(z, 5, z[5]^1)), "RFC 1951 3.2.4: NLEN is the complement of LEN")
	s.bad("deflate_stored_past_the_end", file(join(z[:3], le16(0xfff), le16(^0xfff), z[7:])), "RFC 1951 3.2.4: LEN bytes follow")

	literals := func(w *deflater) {
		for _, v := range raw {
			w.fixedSymbol(int(v))
		}
	}
	s.bad("deflate_length_symbol_286", block(func(w *deflater) {
		w.put(3, 3)
		literals(w)
		w.fixedSymbol(286)
		w.put(0, 5)
		w.fixedSymbol(256)
	}), "RFC 1951 3.2.6: 286 and 287 never occur")
	s.bad("deflate_distance_symbol_30", block(func(w *deflater) {
		w.put(3, 3)
		w.fixedSymbol(0)
		w.fixedSymbol(257)
		w.code(30, 5)
		w.put(0, 13)
		w.fixedSymbol(256)
	}), "RFC 1951 3.2.6: 30 and 31 never occur")
	s.bad("deflate_distance_too_far", block(func(w *deflater) {
		w.put(3, 3)
		w.fixedSymbol(0)
		w.fixedSymbol(257)
		w.code(1, 5) // distance 2, and one byte is there
		for range len(raw) - 4 {
			w.fixedSymbol(0)
		}
		w.fixedSymbol(256)
	}), "RFC 1951 3.2.5: a distance does not pass the start")
	s.bad("deflate_no_end_of_block", block(func(w *deflater) {
		w.put(3, 3)
		literals(w)
	}), "RFC 1951 3.2.3: symbol 256 ends a block")

	lengths := func(n int, at map[int]int) []int {
		l := make([]int, n)
		for sym, bits := range at {
			l[sym] = bits
		}
		return l
	}
	dynamic := func(name, why string, litlen, dist []int) {
		s.bad("deflate_"+name, block(func(w *deflater) {
			w.dynamicHeader(litlen, dist)
			w.put(0, 64)
		}), why)
	}
	dynamic("287_length_codes", "RFC 1951 3.2.7: at most 286", lengths(287, map[int]int{0: 1, 256: 1}), []int{1})
	dynamic("31_distance_codes", "RFC 1951 3.2.7: at most 30", lengths(257, map[int]int{0: 1, 256: 1}), lengths(31, map[int]int{0: 1}))
	dynamic("lengths_oversubscribed", "RFC 1951 3.2.2: more codes than bits allow", lengths(257, map[int]int{0: 1, 1: 1, 256: 1}), []int{1})
	dynamic("lengths_incomplete", "RFC 1951 3.2.2, zlib inftrees.c: fewer codes than bits allow", lengths(257, map[int]int{0: 2, 256: 2}), []int{1})
	dynamic("no_end_symbol", "RFC 1951 3.2.7: symbol 256 has a code", lengths(257, map[int]int{0: 1, 1: 1}), []int{1})
	dynamic("distances_oversubscribed", "RFC 1951 3.2.2: more codes than bits allow", lengths(257, map[int]int{0: 1, 256: 1}), []int{1, 1, 1})
	s.bad("deflate_repeat_without_previous", block(func(w *deflater) {
		w.put(5, 3)
		w.put(0, 5)
		w.put(0, 5)
		w.put(0, 4)
		for _, n := range []uint64{1, 0, 0, 1} { // symbols 16, 17, 18, 0
			w.put(n, 3)
		}
		w.put(1, 1) // symbol 16: repeat the length before the first
		w.put(0, 2)
		w.put(0, 64)
	}), "RFC 1951 3.2.7: code 16 copies the previous length")
	s.bad("deflate_repeat_past_the_end", block(func(w *deflater) {
		w.put(5, 3)
		w.put(0, 5)
		w.put(0, 5)
		w.put(0, 4)
		for _, n := range []uint64{0, 0, 1, 1} {
			w.put(n, 3)
		}
		for range 3 { // three times 138 zero lengths, for 258
			w.put(1, 1)
			w.put(127, 7)
		}
		w.put(0, 64)
	}), "RFC 1951 3.2.7: HLIT + HDIST + 258 lengths and no more")
	return s.cases
}
