package fuzz

import (
	"bytes"
	"slices"

	"github.com/imgvet/imgvet/detect"
)

// forgivenCases stand on both sides of the line between what real encoders, cameras and
// proxies write and what only damage looks like.
func forgivenCases() []Case {
	var all []Case
	for f, cases := range map[detect.Format]func(*suite){
		detect.JPEG: jpegWriters, detect.PNG: pngWriters, detect.BMP: bmpWriters, detect.WebP: webpWriters, detect.HEIC: heicWriters,
	} {
		s := &suite{format: f}
		cases(s)
		all = append(all, s.cases...)
	}
	slices.SortFunc(all, func(a, b Case) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return all
}

func jpegWriters(s *suite) {
	b := seed("420.jpg")
	before := func(at int, p ...byte) []byte { return slices.Insert(slices.Clone(b), at, p...) }
	eoi, dqt := len(b)-2, bytes.Index(b, []byte{0xff, mDQT})
	const behind, between = "libjpeg-turbo, browsers: bytes behind the last MCU are skipped", "libjpeg: next_marker skips to the next marker"
	s.warned("surplus_ff00", before(eoi, 0xff, 0), "jpeg-js, Jimp: a whole byte of padding ones")
	s.warned("surplus_ff00_twice", before(eoi, 0xff, 0, 0xff, 0), behind)
	s.warned("surplus_a_byte", before(eoi, 0x5a), behind)
	s.warned("surplus_two_bytes", before(eoi, 0x5a, 0x3c), behind)
	s.bad("surplus_three_bytes", before(eoi, 0x5a, 0x3c, 0x5a), "more than encoders leave: lost or doubled bits show so")
	s.warned("surplus_zeros", before(eoi, make([]byte, 40)...), behind)
	s.bad("surplus_zeros_and_a_byte", before(eoi, append(make([]byte, 40), 1)...), "more than encoders leave")
	s.warned("stray_bytes", before(dqt, []byte("stray bytes")...), between)
	s.warned("stray_ff00", before(dqt, 0xff, 0, 0xff, 0), between)
	s.warned("stray_at_sos", slices.Insert(slices.Clone(b), bytes.Index(b, []byte{0xff, mSOS}), 1, 2, 3, 4, 5), between)
	s.warned("com_length_0", before(dqt, 0xff, mCOM, 0, 0), "libjpeg: skip_variable takes it for an empty one")
	s.warned("app1_length_1", before(dqt, 0xff, 0xe1, 0, 1), "libjpeg: skip_variable takes it for an empty one")
	s.bad("dqt_length_0_before_the_tables", before(dqt, 0xff, mDQT, 0, 0), "B.2.4.1: tables have a length")
	s.warned("com_too_short", before(dqt, 0xff, mCOM, 0, 4, 'l', 'o', 'n', 'g', 'e', 'r'), between)
	s.bad("com_over_the_tables", before(dqt, 0xff, mCOM, 0, 40), "a table that is skipped is missed")
	s.warned("dnl_before_the_frame", before(dqt, 0xff, 0xdc, 0, 4, 0, 17), "libjpeg passes over DNL wherever it stands")
	twice := bytes.Clone(b)
	for at, id := range map[int]byte{10: 1, 13: 1, 16: 2} {
		twice[bytes.Index(b, []byte{0xff, mSOF0})+at] = id
	}
	for at, id := range map[int]byte{5: 1, 7: 1, 9: 2} {
		twice[bytes.Index(b, []byte{0xff, mSOS})+at] = id
	}
	s.warned("components_1_1_2", twice, "libjpeg: a scan names them in the frame's order")

	// A gray picture of four blocks by annex K: DC of category 0 is 00, EOB 1010.
	quant, huff := flatTables()[:1], flatTables()[1:]
	head := append([]jpegSeg{{marker: mSOI}}, quant...)
	tail := []jpegSeg{sos(0, 63, 0, 1), {data: []byte{0x28, 0xa2, 0x8a}}, {marker: mEOI}}
	file := func(frame byte, middle ...jpegSeg) []byte {
		segs := append(slices.Clone(head), sof(frame, 16, 16, 0x11))
		return jpegFile(append(append(segs, middle...), tail...)...)
	}
	s.warned("no_huffman_tables", file(mSOF0), "motion JPEG: the tables of T.81 annex K")
	s.bad("no_huffman_tables_progressive", file(mSOF2), "libjpeg has tables of its own for sequential scans alone")
	hidden := jpegFile(huff...)
	s.bad("huffman_tables_in_a_comment", file(mSOF0, jpegSeg{marker: mCOM, data: hidden}), "the tables that the data is coded by are skipped")
	progressive := func(scans ...jpegSeg) []byte {
		segs := append(append([]jpegSeg{{marker: mSOI}}, flatTables()...), sof(mSOF2, 16, 16, 0x11))
		return jpegFile(append(append(segs, scans...), jpegSeg{marker: mEOI})...)
	}
	four := jpegSeg{data: flatBits(4)}
	s.warned("scans_cut_before_the_last", progressive(sos(0, 0, 0, 1), four, sos(1, 63, 1, 1), four), "a proxy cuts between scans and adds EOI: whole, but blurred")
	s.good("scans_all", progressive(sos(0, 0, 0, 1), four, sos(1, 63, 1, 1), four, sos(1, 63, 0x10, 1), four), "G.1.1: every coefficient to its last bit")
}

func pngWriters(s *suite) {
	raw := pngBase.rows()
	file := func(raw []byte, before ...pngChunk) []byte {
		return pngFile(append(append([]pngChunk{pngBase.chunk()}, before...), idat(zlibStored(raw)), iend)...)
	}
	s.warned("rows_a_byte_more", file(append(slices.Clone(raw), 0)), "libpng: extra compressed data is dropped")
	s.warned("rows_twice", file(append(slices.Clone(raw), raw...)), "libpng shows the rows that IHDR asks for")
	s.warned("actl_0_frames", file(raw, pngChunk{kind: "acTL", data: make([]byte, 8)}), "browsers pass over it: a still")
	fctl := pngChunk{kind: "fcTL", data: join(be32(0), be32(pngBase.w), be32(pngBase.h), be32(0), be32(0), be16(1), be16(10), []byte{0, 0})}
	s.bad("actl_0_frames_fctl", file(raw, pngChunk{kind: "acTL", data: make([]byte, 8)}, fctl), "11.3.5.1: a frame that is not declared")
	unsealed := pngChunk{kind: "tEXt", data: []byte("a\x00b"), crcXor: 1}
	s.warned("text_crc", file(raw, unsealed), "libpng drops an ancillary chunk of a wrong CRC")
	s.warned("trns_before_plte_rgb", file(raw, pngChunk{kind: "tRNS", data: make([]byte, 6)}, palette(3)), "5.6 table 7: shown all the same")
	s.bad("plte_257_in_rgb", file(raw, palette(257)), "Chromium refuses a PLTE of over 768 bytes in any picture")
	s.bad("plte_empty_in_rgb", file(raw, pngChunk{kind: "PLTE"}), "Chromium refuses a PLTE of under 3 bytes in any picture")
	s.warned("exif_cut", file(raw, pngChunk{kind: "eXIf", data: tinyTIFF(6)[:15]}), "11.3.4.5: no viewer needs it")
}

func bmpWriters(s *suite) {
	fields := func(masks ...uint32) []byte {
		return bmpInfo{header: 40, w: 13, h: 7, bits: 16, compression: biBitFields, masks: masks}.file()
	}
	s.good("bitfields_16_444", fields(0xf00, 0xf0, 0xf), "bmpsuite rgb16 family")
	s.bad("bitfields_16_above", fields(0x1f0000, 0x7e0, 0x1f), "Chromium and Pillow: no mask of bits that a pixel has not")
	s.bad("bitfields_16_hole", fields(0xa000, 0x7e0, 0x1f), "a channel is one run of bits")
	s.bad("bitfields_16_hole_above", fields(0x1f800, 0x7e0, 0x1f), "Chromium and Pillow: no mask of bits that a pixel has not")
}

func webpWriters(s *suite) {
	picture := riffChunks(plain(detect.WebP))[0]
	with := func(flags byte, kind string, data []byte, first bool) []byte {
		meta := riffChunk{kind: kind, data: data}
		if first {
			return riffFile(vp8x(flags, 24, 17), meta, picture)
		}
		return riffFile(vp8x(flags, 24, 17), picture, meta)
	}
	s.warned("exif_cut", with(vp8xEXIF, "EXIF", tinyTIFF(6)[:16], false), "RFC 9649 2.7.1.5: no viewer needs it")
	s.warned("icc_cut", with(vp8xICC, "ICCP", iccProfile(200)[:140], true), "RFC 9649 2.7.1.4: no viewer needs it")
}

func heicWriters(s *suite) {
	c := codedSeed("tile.heic")
	behind := func(tail ...byte) []byte {
		longer := c
		longer.data = append(slices.Clone(c.data), tail...)
		return longer.still().file()
	}
	s.warned("nal_length_0_behind", behind(0, 0, 0, 0), "libheif passes over a unit of no byte")
	s.bad("nal_length_cut_behind", behind(0, 0), "14496-15 4.3.2: lengths fill the item")
}
