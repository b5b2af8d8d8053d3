package bmp

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
)

// BMP has no standard. The sections named here are those of [MS-WMF] (device
// independent bitmaps), of "OS/2 Presentation Manager" (BITMAPINFOHEADER2), and
// bmpsuite, whose good files every browser shows.

// Good are files that pass; a few of them with a warning.
func Good() []cases.Case {
	s := &cases.Suite{Format: detect.BMP}
	for _, bits := range []int{1, 4, 8, 16, 24, 32} {
		m := bmp.Info{Header: 40, W: 13, H: 7, Bits: bits}
		s.Good(fmt.Sprintf("v3_%d_bit", bits), m.File(), "[MS-WMF] 2.2.2.3, BitCount; rows of a multiple of four bytes")
		m.H = -7
		s.Good(fmt.Sprintf("v3_%d_bit_top_down", bits), m.File(), "[MS-WMF] 2.2.2.3: a negative Height is top-down")
	}
	for _, bits := range []int{1, 4, 8, 24} {
		s.Good(fmt.Sprintf("os2_1_%d_bit", bits), bmp.Info{Header: 12, W: 13, H: 7, Bits: bits}.File(), "[MS-WMF] 2.2.2.2: BitmapCoreHeader, colours of three bytes")
	}
	for _, header := range []int{16, 48, 64} {
		s.Good(fmt.Sprintf("os2_2_header_%d", header), bmp.Info{Header: header, W: 13, H: 7, Bits: 24}.File(), "BITMAPINFOHEADER2: may stop after any field; bmpsuite pal8os2v2")
	}
	rgb565 := []uint32{0xf800, 0x7e0, 0x1f}
	rgb8888 := []uint32{0xff0000, 0xff00, 0xff, 0xff000000}
	s.Good("bitfields_565", bmp.Info{Header: 40, W: 13, H: 7, Bits: 16, Compression: bmp.BitFields, Masks: rgb565}.File(), "[MS-WMF] 2.2.2.9: three masks behind the header; bmpsuite rgb16-565")
	s.Good("bitfields_888", bmp.Info{Header: 40, W: 13, H: 7, Bits: 32, Compression: bmp.BitFields, Masks: rgb8888[:3]}.File(), "[MS-WMF] 2.2.2.9; bmpsuite rgb32bf")
	s.Good("v2_bitfields", bmp.Info{Header: 52, W: 13, H: 7, Bits: 16, Compression: bmp.BitFields, Masks: rgb565}.File(), "Adobe's V2 header: masks inside; bmpsuite rgb16-565 family")
	s.Good("v3_adobe_bitfields", bmp.Info{Header: 56, W: 13, H: 7, Bits: 32, Compression: bmp.BitFields, Masks: rgb8888}.File(), "Adobe's V3 header: an alpha mask too; bmpsuite rgba32h56")
	for _, header := range []int{108, 124} {
		s.Good(fmt.Sprintf("v%d_24_bit", header/31+1), bmp.Info{Header: header, W: 13, H: 7, Bits: 24}.File(), "[MS-WMF] 2.2.2.4, 2.2.2.5: V4 and V5 headers")
		s.Good(fmt.Sprintf("v%d_bitfields_8888", header/31+1), bmp.Info{Header: header, W: 13, H: 7, Bits: 32, Compression: bmp.BitFields, Masks: rgb8888}.File(), "[MS-WMF] 2.2.2.4: masks with alpha")
	}
	s.Good("palette_short", bmp.Info{Header: 40, W: 13, H: 7, Bits: 8, Colours: 256 - 3}.File(), "[MS-WMF] 2.2.2.3, ColorUsed: fewer than 256; bmpsuite pal8-0 family")
	s.Good("palette_for_24_bit", bmp.Info{Header: 40, W: 13, H: 7, Bits: 24, Colours: 16}.File(), "[MS-WMF] 2.2.2.3: colours that merely help a display; bmpsuite rgb24pal")
	s.Good("gap", bmp.Info{Header: 40, W: 13, H: 7, Bits: 24, Gap: 100}.File(), "[MS-WMF] 2.2.2.9: pixels begin where the file header says; bmpsuite pal8offs")
	for _, size := range [][2]int{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {1, 50}, {5000, 1}} {
		s.Good(fmt.Sprintf("size_%dx%d", size[0], size[1]), bmp.Info{Header: 40, W: size[0], H: size[1], Bits: 24}.File(), "[MS-WMF] 2.2.2.9: padding of rows")
	}
	s.Good("rle8", bmp.Info{Header: 40, W: 13, H: 4, Bits: 8, Compression: bmp.RLE8, Pixels: bmp.RLE8Rows(13, 4)}.File(), "[MS-WMF] 3.1.6.1: runs and absolute runs")
	s.Good("rle4", bmp.Info{Header: 40, W: 6, H: 2, Bits: 4, Compression: bmp.RLE4, Pixels: []byte{6, 0x12, 0, 0, 0, 6, 0x12, 0x34, 0x56, 0, 0, 1}}.File(),
		"[MS-WMF] 3.1.6.2: two pixels a byte; an absolute run is padded to two bytes")
	s.Warned("rle8_top_down", bmp.Info{Header: 40, W: 13, H: -4, Bits: 8, Compression: bmp.RLE8, Pixels: bmp.RLE8Rows(13, 4)}.File(), "[MS-WMF] 2.2.2.3: a top-down bitmap is not compressed, and browsers show it")
	return s.Cases
}
