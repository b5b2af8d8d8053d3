package bmp

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Bad are files with one defect each.
func Bad() []cases.Case {
	s := &cases.Suite{Format: detect.BMP}
	base := bmp.Info{Header: 40, W: 13, H: 7, Bits: 24}
	good := base.File()
	// Offsets of BITMAPFILEHEADER and BITMAPINFOHEADER fields.
	const offBits, width, height, bitCount, compression = 10, 18, 22, 28, 30
	edit := func(at int, data []byte) []byte { return pack.Patched(good, at, data...) }
	s.Bad("width_0", edit(width, pack.LE32(0)), "[MS-WMF] 2.2.2.3: Width is positive")
	s.Bad("width_negative", edit(width, pack.LE32(1<<32-13)), "[MS-WMF] 2.2.2.3: Width is positive")
	s.Bad("height_0", edit(height, pack.LE32(0)), "[MS-WMF] 2.2.2.3: Height is not zero")
	s.Bad("height_minimum", edit(height, pack.LE32(1<<31)), "[MS-WMF] 2.2.2.3: -2^31 has no absolute value")
	s.Bad("width_of_another_file", edit(width, pack.LE32(14)), "[MS-WMF] 2.2.2.9: 7 rows of 44 bytes claimed, 40 there")
	s.Bad("height_of_another_file", edit(height, pack.LE32(8)), "[MS-WMF] 2.2.2.9: a row is missing")
	for _, bits := range []int{3, 5, 7, 48, 64} {
		s.Bad(fmt.Sprintf("bits_%d", bits), edit(bitCount, pack.LE16(bits)), "[MS-WMF] 2.1.1.3: 1, 4, 8, 16, 24 or 32 (2 on Windows CE)")
	}
	s.Bad("compression_6_plus", edit(compression, pack.LE32(99)), "[MS-WMF] 2.1.1.7: no such compression")
	s.Bad("compression_jpeg", edit(compression, pack.LE32(bmp.JPEG)), "[MS-WMF] 2.1.1.7: for printers; no viewer shows it")
	s.Bad("compression_png", edit(compression, pack.LE32(bmp.PNG)), "[MS-WMF] 2.1.1.7: for printers; no viewer shows it")
	s.Bad("compression_rle8_of_24_bit", edit(compression, pack.LE32(bmp.RLE8)), "[MS-WMF] 2.1.1.7: RLE8 is for 8 bits")
	s.Bad("compression_rle4_of_24_bit", edit(compression, pack.LE32(bmp.RLE4)), "[MS-WMF] 2.1.1.7: RLE4 is for 4 bits")
	s.Bad("offset_past_the_end", edit(offBits, pack.LE32(1<<20)), "[MS-WMF] 2.2.2.9: no pixels there")
	s.Bad("offset_2_32", edit(offBits, pack.LE32(1<<32-1)), "[MS-WMF] 2.2.2.9: no pixels there")
	s.Bad("offset_one_too_far", edit(offBits, pack.LE32(55)), "[MS-WMF] 2.2.2.9: the last byte is missing")
	s.Bad("header_cut", good[:40], "[MS-WMF] 2.2.2.3: 40 bytes")
	s.Bad("pixels_none", good[:54], "[MS-WMF] 2.2.2.9: no pixels")
	s.Bad("pixels_last_row_missing", good[:len(good)-base.Stride()], "[MS-WMF] 2.2.2.9: rows for all of Height")
	s.Bad("pixels_last_pixel_missing", good[:len(good)-2], "[MS-WMF] 2.2.2.9: rows for all of Height")

	rle := func(name, why string, pixels ...byte) {
		s.Bad("rle8_"+name, bmp.Info{Header: 40, W: 6, H: 2, Bits: 8, Compression: bmp.RLE8, Pixels: pixels}.File(), why)
	}
	rle("empty", "[MS-WMF] 3.1.6.1: end of bitmap is due")
	rle("end_missing", "[MS-WMF] 3.1.6.1: end of bitmap is due", 6, 1, 0, 0, 3, 2)
	rle("run_cut", "[MS-WMF] 3.1.6.1: a run has two bytes", 6, 1, 0, 0, 6)
	rle("absolute_cut", "[MS-WMF] 3.1.6.1: an absolute run of 5 has 2 bytes", 0, 5, 1, 2)
	rle("delta_cut", "[MS-WMF] 3.1.6.1: a delta has four bytes", 0, 2, 1)
	s.Bad("os2_1_zero_width", bmp.Info{Header: 12, W: 0, H: 7, Bits: 24}.File(), "[MS-WMF] 2.2.2.2: Width")
	s.Bad("os2_1_pixels_missing", bmp.Info{Header: 12, W: 13, H: 7, Bits: 24, Pixels: []byte{1, 2, 3}}.File(), "[MS-WMF] 2.2.2.9: rows for all of Height")
	return s.Cases
}
