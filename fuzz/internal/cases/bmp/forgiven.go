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
	return s.Cases
}
