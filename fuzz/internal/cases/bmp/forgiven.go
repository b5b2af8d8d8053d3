package bmp

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.BMP}
	fields := func(masks ...uint32) []byte {
		return bmp.Info{Header: 40, W: 13, H: 7, Bits: 16, Compression: bmp.BitFields, Masks: masks}.File()
	}
	s.Good("bitfields_16_444", fields(0xf00, 0xf0, 0xf), "bmpsuite rgb16 family")
	s.Bad("bitfields_16_above", fields(0x1f0000, 0x7e0, 0x1f), "Chromium and Pillow: no mask of bits that a pixel has not")
	s.Bad("bitfields_16_hole", fields(0xa000, 0x7e0, 0x1f), "a channel is one run of bits")
	s.Bad("bitfields_16_hole_above", fields(0x1f800, 0x7e0, 0x1f), "Chromium and Pillow: no mask of bits that a pixel has not")
	s.Good("bitfields_16_bit_15", fields(0x8000, 0x7f00, 0xff), "[MS-WMF] 2.2.2.9: masks up to the highest bit of a pixel")
	s.Bad("bitfields_16_bit_16", fields(0x18000, 0x7f00, 0xff), "Chromium and Pillow: no mask of bits that a pixel has not")
	rle := func(pixels ...byte) []byte {
		return bmp.Info{Header: 40, W: 6, H: 2, Bits: 8, Compression: bmp.RLE8, Pixels: pixels}.File()
	}
	s.Good("rle8_end_behind_the_last_pixel", rle(6, 1, 0, 0, 6, 2, 0, 1), "[MS-WMF] 3.1.6.1: end of bitmap")
	s.Bad("rle8_end_missing_behind_the_last_pixel", rle(6, 1, 0, 0, 6, 2), "[MS-WMF] 3.1.6.1: end of bitmap is due; nothing tells a cut file from this one")
	return s.Cases
}
