package fuzz

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
)

// BMP has no standard. The sections named here are those of [MS-WMF] (device
// independent bitmaps), of "OS/2 Presentation Manager" (BITMAPINFOHEADER2), and
// bmpsuite, whose good files every browser shows.

func bmpGoodCases() []Case {
	s := &suite{format: detect.BMP}
	for _, bits := range []int{1, 4, 8, 16, 24, 32} {
		m := bmpInfo{header: 40, w: 13, h: 7, bits: bits}
		s.good(fmt.Sprintf("v3_%d_bit", bits), m.file(), "[MS-WMF] 2.2.2.3, BitCount; rows of a multiple of four bytes")
		m.h = -7
		s.good(fmt.Sprintf("v3_%d_bit_top_down", bits), m.file(), "[MS-WMF] 2.2.2.3: a negative Height is top-down")
	}
	for _, bits := range []int{1, 4, 8, 24} {
		s.good(fmt.Sprintf("os2_1_%d_bit", bits), bmpInfo{header: 12, w: 13, h: 7, bits: bits}.file(), "[MS-WMF] 2.2.2.2: BitmapCoreHeader, colours of three bytes")
	}
	for _, header := range []int{16, 48, 64} {
		s.good(fmt.Sprintf("os2_2_header_%d", header), bmpInfo{header: header, w: 13, h: 7, bits: 24}.file(), "BITMAPINFOHEADER2: may stop after any field; bmpsuite pal8os2v2")
	}
	rgb565 := []uint32{0xf800, 0x7e0, 0x1f}
	rgb8888 := []uint32{0xff0000, 0xff00, 0xff, 0xff000000}
	s.good("bitfields_565", bmpInfo{header: 40, w: 13, h: 7, bits: 16, compression: biBitFields, masks: rgb565}.file(), "[MS-WMF] 2.2.2.9: three masks behind the header; bmpsuite rgb16-565")
	s.good("bitfields_888", bmpInfo{header: 40, w: 13, h: 7, bits: 32, compression: biBitFields, masks: rgb8888[:3]}.file(), "[MS-WMF] 2.2.2.9; bmpsuite rgb32bf")
	s.good("v2_bitfields", bmpInfo{header: 52, w: 13, h: 7, bits: 16, compression: biBitFields, masks: rgb565}.file(), "Adobe's V2 header: masks inside; bmpsuite rgb16-565 family")
	s.good("v3_adobe_bitfields", bmpInfo{header: 56, w: 13, h: 7, bits: 32, compression: biBitFields, masks: rgb8888}.file(), "Adobe's V3 header: an alpha mask too; bmpsuite rgba32h56")
	for _, header := range []int{108, 124} {
		s.good(fmt.Sprintf("v%d_24_bit", header/31+1), bmpInfo{header: header, w: 13, h: 7, bits: 24}.file(), "[MS-WMF] 2.2.2.4, 2.2.2.5: V4 and V5 headers")
		s.good(fmt.Sprintf("v%d_bitfields_8888", header/31+1), bmpInfo{header: header, w: 13, h: 7, bits: 32, compression: biBitFields, masks: rgb8888}.file(), "[MS-WMF] 2.2.2.4: masks with alpha")
	}
	s.good("palette_short", bmpInfo{header: 40, w: 13, h: 7, bits: 8, colours: 256 - 3}.file(), "[MS-WMF] 2.2.2.3, ColorUsed: fewer than 256; bmpsuite pal8-0 family")
	s.good("palette_for_24_bit", bmpInfo{header: 40, w: 13, h: 7, bits: 24, colours: 16}.file(), "[MS-WMF] 2.2.2.3: colours that merely help a display; bmpsuite rgb24pal")
	s.good("gap", bmpInfo{header: 40, w: 13, h: 7, bits: 24, gap: 100}.file(), "[MS-WMF] 2.2.2.9: pixels begin where the file header says; bmpsuite pal8offs")
	for _, size := range [][2]int{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {1, 50}, {5000, 1}} {
		s.good(fmt.Sprintf("size_%dx%d", size[0], size[1]), bmpInfo{header: 40, w: size[0], h: size[1], bits: 24}.file(), "[MS-WMF] 2.2.2.9: padding of rows")
	}
	s.good("rle8", bmpInfo{header: 40, w: 13, h: 4, bits: 8, compression: biRLE8, pixels: rle8Rows(13, 4)}.file(), "[MS-WMF] 3.1.6.1: runs and absolute runs")
	s.good("rle4", bmpInfo{header: 40, w: 6, h: 2, bits: 4, compression: biRLE4, pixels: []byte{6, 0x12, 0, 0, 0, 6, 0x12, 0x34, 0x56, 0, 0, 1}}.file(),
		"[MS-WMF] 3.1.6.2: two pixels a byte; an absolute run is padded to two bytes")
	s.warned("rle8_top_down", bmpInfo{header: 40, w: 13, h: -4, bits: 8, compression: biRLE8, pixels: rle8Rows(13, 4)}.file(), "[MS-WMF] 2.2.2.3: a top-down bitmap is not compressed, and browsers show it")
	return s.cases
}

func bmpBadCases() []Case {
	s := &suite{format: detect.BMP}
	base := bmpInfo{header: 40, w: 13, h: 7, bits: 24}
	good := base.file()
	// Offsets of BITMAPFILEHEADER and BITMAPINFOHEADER fields.
	const offBits, width, height, bitCount, compression = 10, 18, 22, 28, 30
	edit := func(at int, data []byte) []byte { return patched(good, at, data...) }
	s.bad("width_0", edit(width, le32(0)), "[MS-WMF] 2.2.2.3: Width is positive")
	s.bad("width_negative", edit(width, le32(1<<32-13)), "[MS-WMF] 2.2.2.3: Width is positive")
	s.bad("height_0", edit(height, le32(0)), "[MS-WMF] 2.2.2.3: Height is not zero")
	s.bad("height_minimum", edit(height, le32(1<<31)), "[MS-WMF] 2.2.2.3: -2^31 has no absolute value")
	s.bad("width_of_another_file", edit(width, le32(14)), "[MS-WMF] 2.2.2.9: 7 rows of 44 bytes claimed, 40 there")
	s.bad("height_of_another_file", edit(height, le32(8)), "[MS-WMF] 2.2.2.9: a row is missing")
	for _, bits := range []int{3, 5, 7, 48, 64} {
		s.bad(fmt.Sprintf("bits_%d", bits), edit(bitCount, le16(bits)), "[MS-WMF] 2.1.1.3: 1, 4, 8, 16, 24 or 32 (2 on Windows CE)")
	}
	s.bad("compression_6_plus", edit(compression, le32(99)), "[MS-WMF] 2.1.1.7: no such compression")
	s.bad("compression_jpeg", edit(compression, le32(biJPEG)), "[MS-WMF] 2.1.1.7: for printers; no viewer shows it")
	s.bad("compression_png", edit(compression, le32(biPNG)), "[MS-WMF] 2.1.1.7: for printers; no viewer shows it")
	s.bad("compression_rle8_of_24_bit", edit(compression, le32(biRLE8)), "[MS-WMF] 2.1.1.7: RLE8 is for 8 bits")
	s.bad("compression_rle4_of_24_bit", edit(compression, le32(biRLE4)), "[MS-WMF] 2.1.1.7: RLE4 is for 4 bits")
	s.bad("offset_past_the_end", edit(offBits, le32(1<<20)), "[MS-WMF] 2.2.2.9: no pixels there")
	s.bad("offset_2_32", edit(offBits, le32(1<<32-1)), "[MS-WMF] 2.2.2.9: no pixels there")
	s.bad("offset_one_too_far", edit(offBits, le32(55)), "[MS-WMF] 2.2.2.9: the last byte is missing")
	s.bad("header_cut", good[:40], "[MS-WMF] 2.2.2.3: 40 bytes")
	s.bad("pixels_none", good[:54], "[MS-WMF] 2.2.2.9: no pixels")
	s.bad("pixels_last_row_missing", good[:len(good)-base.stride()], "[MS-WMF] 2.2.2.9: rows for all of Height")
	s.bad("pixels_last_pixel_missing", good[:len(good)-2], "[MS-WMF] 2.2.2.9: rows for all of Height")

	rle := func(name, why string, pixels ...byte) {
		s.bad("rle8_"+name, bmpInfo{header: 40, w: 6, h: 2, bits: 8, compression: biRLE8, pixels: pixels}.file(), why)
	}
	rle("empty", "[MS-WMF] 3.1.6.1: end of bitmap is due")
	rle("end_missing", "[MS-WMF] 3.1.6.1: end of bitmap is due", 6, 1, 0, 0, 3, 2)
	rle("run_cut", "[MS-WMF] 3.1.6.1: a run has two bytes", 6, 1, 0, 0, 6)
	rle("absolute_cut", "[MS-WMF] 3.1.6.1: an absolute run of 5 has 2 bytes", 0, 5, 1, 2)
	rle("delta_cut", "[MS-WMF] 3.1.6.1: a delta has four bytes", 0, 2, 1)
	s.bad("os2_1_zero_width", bmpInfo{header: 12, w: 0, h: 7, bits: 24}.file(), "[MS-WMF] 2.2.2.2: Width")
	s.bad("os2_1_pixels_missing", bmpInfo{header: 12, w: 13, h: 7, bits: 24, pixels: []byte{1, 2, 3}}.file(), "[MS-WMF] 2.2.2.9: rows for all of Height")
	return s.cases
}
