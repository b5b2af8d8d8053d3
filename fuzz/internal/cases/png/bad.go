package png

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Bad are files with one defect each.
func Bad() []cases.Case {
	s := &cases.Suite{Format: detect.PNG}
	badHeader(s)
	badPalette(s)
	badOrder(s)
	badData(s)
	badAnimation(s)
	return s.Cases
}

func badHeader(s *cases.Suite) {
	header := func(edit func(p *png.Info)) []byte {
		p := png.Base
		chunks := []png.Chunk{{}, png.IDAT(deflate.ZlibStored(p.Rows())), png.IEND}
		edit(&p)
		chunks[0] = p.Chunk()
		return png.File(chunks...)
	}
	good := png.Base.Picture()
	s.BadOther("signature_line_feed", pack.Patched(good, 4, '\n', '\n'), "5.2: a transfer that changed line ends broke the signature")
	s.BadOther("signature_seventh_bit", pack.Patched(good, 0, 0x09), "5.2: a transfer that cleared the high bit broke the signature")
	s.Bad("ihdr_zero_width", header(func(p *png.Info) { p.W = 0 }), `11.2.1: "Zero is an invalid value"`)
	s.Bad("ihdr_zero_height", header(func(p *png.Info) { p.H = 0 }), `11.2.1: "Zero is an invalid value"`)
	s.Bad("ihdr_width_2_31", header(func(p *png.Info) { p.W = 1 << 31 }), "7.1: at most 2^31-1")
	s.Bad("ihdr_height_2_31", header(func(p *png.Info) { p.H = 1 << 31 }), "7.1: at most 2^31-1")
	s.Bad("ihdr_depth_0", header(func(p *png.Info) { p.Depth = 0 }), "11.2.1: bit depth is 1, 2, 4, 8 or 16")
	s.Bad("ihdr_depth_3", header(func(p *png.Info) { p.Depth, p.Colour = 3, png.Gray }), "11.2.1: bit depth is 1, 2, 4, 8 or 16")
	s.Bad("ihdr_colour_1", header(func(p *png.Info) { p.Colour = 1 }), "11.2.1: colour type is 0, 2, 3, 4 or 6")
	s.Bad("ihdr_colour_5", header(func(p *png.Info) { p.Colour = 5 }), "11.2.1: colour type is 0, 2, 3, 4 or 6")
	s.Bad("ihdr_colour_7", header(func(p *png.Info) { p.Colour = 7 }), "11.2.1: colour type is 0, 2, 3, 4 or 6")
	for _, c := range []struct{ depth, colour byte }{{4, png.RGB}, {16, png.Palette}, {4, png.GrayAlpha}, {2, png.RGBA}} {
		s.Bad(fmt.Sprintf("ihdr_colour_%d_depth_%d", c.colour, c.depth),
			header(func(p *png.Info) { p.Depth, p.Colour = c.depth, c.colour }), "11.2.1 table 12: not an allowed combination")
	}
	s.Bad("ihdr_compression_1", header(func(p *png.Info) { p.Compression = 1 }), "11.2.1: only compression method 0 is defined")
	s.Bad("ihdr_filter_1", header(func(p *png.Info) { p.Filter = 1 }), "11.2.1: only filter method 0 is defined")
	s.Bad("ihdr_interlace_2", header(func(p *png.Info) { p.Interlace = 2 }), "11.2.1: interlace method is 0 or 1")

	h, data := png.Base.Chunk(), png.IDAT(deflate.ZlibStored(png.Base.Rows()))
	short, long, unsealed := h, h, h
	short.Data = h.Data[:12]
	long.Data = pack.Join(h.Data, []byte{0})
	unsealed.CRCXor = 1
	s.Bad("ihdr_of_12_bytes", png.File(short, data, png.IEND), "11.2.1: 13 bytes")
	s.Bad("ihdr_of_14_bytes", png.File(long, data, png.IEND), "11.2.1: 13 bytes")
	s.Bad("ihdr_crc", png.File(unsealed, data, png.IEND), "5.3: the CRC of a critical chunk")
	s.Bad("ihdr_missing", png.File(data, png.IEND), "5.6: IHDR comes first")
	s.Bad("ihdr_second", png.File(png.Chunk{Kind: "gAMA", Data: pack.BE32(45455)}, h, data, png.IEND), "5.6: IHDR comes first")
	s.Bad("ihdr_twice", png.File(h, h, data, png.IEND), "5.6 table 7: one IHDR")
}

func badPalette(s *cases.Suite) {
	p := png.Info{W: 7, H: 5, Depth: 8, Colour: png.Palette}
	data := png.IDAT(deflate.ZlibStored(p.Rows()))
	with := func(chunks ...png.Chunk) []byte {
		return png.File(append(append([]png.Chunk{p.Chunk()}, chunks...), data, png.IEND)...)
	}
	whole, unsealed := png.PLTE(256), png.PLTE(256)
	unsealed.CRCXor = 1
	uneven := png.Chunk{Kind: "PLTE", Data: whole.Data[:767]}
	s.Bad("plte_missing", with(), "11.2.2: colour type 3 needs a palette")
	s.Bad("plte_empty", with(png.Chunk{Kind: "PLTE"}), "11.2.2: 1 to 256 entries")
	s.Bad("plte_257_entries", with(png.PLTE(257)), "11.2.2: 1 to 256 entries")
	s.Bad("plte_not_threes", with(uneven), "11.2.2: a length not divisible by 3 is an error")
	s.Bad("plte_crc", with(unsealed), "5.3: the CRC of a critical chunk")
	s.Bad("plte_twice", with(whole, whole), "5.6 table 7: at most one PLTE")
	s.Bad("plte_after_idat", png.File(p.Chunk(), data, whole, png.IEND), "5.6 table 7: PLTE comes before IDAT")
}

func badOrder(s *cases.Suite) {
	h, data := png.Base.Chunk(), png.IDAT(deflate.ZlibStored(png.Base.Rows()))
	z := data.Data
	s.Bad("iend_missing", png.File(h, data), "5.6: IEND ends the datastream: the tail is lost")
	s.Bad("iend_cut", png.File(h, data, png.IEND)[:len(png.File(h, data))+11], "5.3: a chunk ends with four bytes of CRC")
	s.Bad("iend_crc", png.File(h, data, png.Chunk{Kind: "IEND", CRCXor: 1}), "5.3: the CRC of a critical chunk")
	s.Bad("idat_missing", png.File(h, png.IEND), "5.6 table 7: one or more IDAT")
	s.Bad("idat_empty", png.File(h, png.IDAT(nil), png.IEND), "10.1: the data of a picture is not nothing")
	s.Bad("idat_torn_apart", png.File(h, png.IDAT(z[:20]), png.Chunk{Kind: "tEXt", Data: []byte("a\x00b")}, png.IDAT(z[20:]), png.IEND), "5.6: IDAT chunks stand one behind the other")
	s.Bad("chunk_critical_unknown", png.File(h, png.Chunk{Kind: "FUZZ"}, data, png.IEND), "5.4: a critical chunk nobody knows is an error")
	s.Bad("chunk_type_not_letters", png.File(h, png.Chunk{Kind: "fu\x00z"}, data, png.IEND), "5.3: the bytes of a type are letters")
	s.Bad("chunk_length_2_31", png.File(h, png.Chunk{Kind: "fuZz", Longer: 1 << 31}, data, png.IEND), "5.3: at most 2^31-1")
	s.Bad("chunk_past_the_end", png.File(h, png.Chunk{Kind: "fuZz", Longer: 1 << 20}, data, png.IEND), "5.3: the length passes the end of the file")
}

func badData(s *cases.Suite) {
	h, raw := png.Base.Chunk(), png.Base.Rows()
	z := deflate.ZlibStored(raw)
	withData := func(z []byte) []byte { return png.File(h, png.IDAT(z), png.IEND) }
	unsealed := png.IDAT(z)
	unsealed.CRCXor = 1
	s.Bad("idat_crc", png.File(h, unsealed, png.IEND), "5.3: the CRC of a critical chunk")
	s.Bad("idat_length_short", png.File(h, png.Chunk{Kind: "IDAT", Data: z, Longer: -1}, png.IEND), "5.3: the length is that of the data")
	row := len(raw) / int(png.Base.H)
	for _, filter := range []byte{5, 255} {
		s.Bad(fmt.Sprintf("filter_%d", filter), withData(deflate.ZlibStored(pack.Patched(raw, 2*row, filter))), "9.2: filter types 0 to 4")
	}
	s.Bad("rows_last_byte_missing", withData(deflate.ZlibStored(raw[:len(raw)-1])), "7.2: the scanlines fill the picture")
	s.Bad("rows_last_row_missing", withData(deflate.ZlibStored(raw[:len(raw)-row])), "7.2: the scanlines fill the picture")
	s.Bad("rows_first_only", withData(deflate.ZlibStored(raw[:row])), "7.2: the scanlines fill the picture")
	s.Bad("rows_none", withData(deflate.ZlibStored(nil)), "7.2: the scanlines fill the picture")
	il := png.Info{W: 7, H: 5, Depth: 8, Colour: png.RGB, Interlace: 1}
	s.Bad("interlaced_last_pass_missing", png.File(il.Chunk(), png.IDAT(deflate.ZlibStored(il.Rows()[:len(il.Rows())-2*row])), png.IEND), "8.1: seven passes")
	s.Bad("interlaced_filter_5", png.File(il.Chunk(), png.IDAT(deflate.ZlibStored(pack.Patched(il.Rows(), 0, 5))), png.IEND), "9.2: filter types 0 to 4")
	plain := png.Base
	plain.Interlace = 1
	s.Bad("interlaced_in_name_only", png.File(plain.Chunk(), png.IDAT(z), png.IEND), "8.1: rows of the whole picture where reduced images are due")

	dynamic := seeds.Get("dynamic.png")
	s.Bad("deflate_dynamic_idat_zeroed", parts.Reseal(pack.Zeroed(dynamic, png.IDATStart(dynamic)+20, 30)), "RFC 1951: the code stream is not the one written")
}

func badAnimation(s *cases.Suite) {
	edit := func(name, why string, f func(c []png.Chunk) []png.Chunk) { s.Bad("apng_"+name, png.Animation(f), why) }
	edit("frame_missing", "11.3.6.1: num_frames frames", func(c []png.Chunk) []png.Chunk { return append(c[:6:6], png.IEND) })
	edit("frame_without_data", "11.3.6.3: at least one fdAT a frame", func(c []png.Chunk) []png.Chunk { return append(c[:7:7], png.IEND) })
	edit("sequence_gap", "11.3.6.1: sequence numbers have no gaps", func(c []png.Chunk) []png.Chunk {
		c[7].Data = pack.Join(pack.BE32(9), c[7].Data[4:])
		return c
	})
	edit("sequence_repeats", "11.3.6.1: sequence numbers have no duplicates", func(c []png.Chunk) []png.Chunk {
		c[6].Data = pack.Join(pack.BE32(2), c[6].Data[4:])
		return c
	})
	edit("region_past_the_edge", "11.3.6.2: x_offset + width <= IHDR width", func(c []png.Chunk) []png.Chunk {
		c[4].Data = pack.Patched(c[4].Data, 12, pack.BE32(5)...)
		return c
	})
	edit("region_zero_width", "11.3.6.2: width is above 0", func(c []png.Chunk) []png.Chunk {
		c[4].Data = pack.Patched(c[4].Data, 4, pack.BE32(0)...)
		return c
	})
	edit("first_frame_not_whole", "11.3.6.2: the default image's frame is the whole picture", func(c []png.Chunk) []png.Chunk {
		c[2].Data = pack.Patched(c[2].Data, 4, pack.BE32(3)...)
		return c
	})
	edit("frame_cut", "7.2: the scanlines fill the frame", func(c []png.Chunk) []png.Chunk {
		p := png.Base
		c[7].Data = pack.Join(pack.BE32(4), deflate.ZlibStored(p.Rows()[:40]))
		return c
	})
	edit("dispose_3", "11.3.6.2: dispose_op is 0, 1 or 2", func(c []png.Chunk) []png.Chunk {
		c[6].Data = pack.Patched(c[6].Data, 24, 3)
		return c
	})
	edit("blend_2", "11.3.6.2: blend_op is 0 or 1", func(c []png.Chunk) []png.Chunk {
		c[6].Data = pack.Patched(c[6].Data, 25, 2)
		return c
	})
}
