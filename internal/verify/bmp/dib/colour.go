package dib

import (
	"encoding/binary"
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// readPalette reads the palette at byte at and returns the offset of its end.
func (h *Header) readPalette(b []byte, at int, clrUsed uint32, data int64, info *verify.Info) (int, error) {
	h.PaletteStep = 4
	if h.size == sizeOS2v1 {
		h.PaletteStep = 3
	}
	n := uint32(1) << h.Bits
	switch {
	case clrUsed > n:
		// Browsers use as many as the bits can index, and skip the others.
		info.Warn(verify.SizeDisagrees, atClrUsed, "more colours than the bits can number")
	case clrUsed > 0:
		n = clrUsed
	}
	end := at + int(n)*h.PaletteStep // at most 1024 bytes
	if data < int64(end) {
		return 0, verify.Faultf(verify.Malformed, atDataOffset, "pixels at %d, inside the palette, which ends at %d", data, end)
	}
	if end > len(b) {
		return 0, verify.Faultf(verify.Truncated, len(b), "palette: ends at %d, past the end", end)
	}
	h.Palette = b[at:end:end]
	return end, nil
}

// readMasks sets the masks of a picture of 16 bits or more, and returns the offset of the end of
// the headers. The rules are Chromium's: channels must not overlap, and each must be one run of
// bits within a pixel. If the header has an alpha mask, it counts even where the other masks do
// not.
func (h *Header) readMasks(b []byte, at int, info *verify.Info) (int, error) {
	inHeader := 0 // masks in the info header
	switch {
	case h.os2:
	case h.size >= sizeV3:
		inHeader = 4
	case h.size >= sizeV2:
		inHeader = 3
	}
	switch {
	case h.Compression != BitFields && h.Compression != AlphaBitFields:
		h.Masks = [4]uint32{0xff0000, 0xff00, 0xff}
		if h.Bits == 16 {
			h.Masks = [4]uint32{0x7c00, 0x03e0, 0x001f}
		}
		if inHeader == 4 {
			h.Masks[3] = binary.LittleEndian.Uint32(b[atMasks+12:])
		}
	default:
		n := inHeader
		if n == 0 { // they follow the header
			if n = 3; h.Compression == AlphaBitFields {
				n = 4
			}
			if len(b)-at < 4*n {
				return 0, verify.Faultf(verify.Truncated, len(b), "masks: %d bytes needed, %d left", 4*n, len(b)-at)
			}
			at += 4 * n
		}
		for i := range n {
			h.Masks[i] = binary.LittleEndian.Uint32(b[atMasks+4*i:])
		}
		if h.Masks[0]|h.Masks[1]|h.Masks[2] == 0 {
			info.Warn(verify.ReservedValue, atMasks, "no mask has a bit: a black picture")
		}
	}
	seen := uint32(0)
	fields := h.Compression == BitFields || h.Compression == AlphaBitFields
	for i, m := range h.Masks {
		if fields && h.Bits == 16 && m>>16 != 0 {
			return 0, verify.Faultf(verify.Malformed, atMasks+4*i, "mask of bits that the pixels do not have")
		}
		// Without BitFields some V4 headers have an alpha mask with bits outside the pixel.
		m &= 1<<h.Bits - 1
		run := m >> (bits.TrailingZeros32(m) & 31)
		if m&seen != 0 || run&(run+1) != 0 {
			return 0, verify.Faultf(verify.Malformed, atMasks+4*i, "masks overlap or have holes")
		}
		seen |= m
		h.Masks[i] = m
	}
	return at, nil
}

// Colour space types of BITMAPV5HEADER, and numbers of ICC.1:2022 (7.2).
const (
	profileEmbedded = 0x4D424544 // "MBED"
	iccHeaderSize   = 128
	iccSignatureAt  = 36
)

// readProfile checks that an embedded ICC profile is inside the file and looks like one.
// Otherwise Chromium shows nothing.
func (h *Header) readProfile(b []byte) error {
	if h.size < sizeV5 || binary.LittleEndian.Uint32(b[atCSType:]) != profileEmbedded {
		return nil
	}
	start := fileHeaderSize + int64(binary.LittleEndian.Uint32(b[atProfile:]))
	size := int64(binary.LittleEndian.Uint32(b[atProfile+4:]))
	if start+size > int64(len(b)) {
		return verify.Faultf(verify.Truncated, len(b), "colour profile: ends at %d, past the end", start+size)
	}
	p := b[start : start+size]
	if size < iccHeaderSize+4 || int64(binary.BigEndian.Uint32(p)) > size || string(p[iccSignatureAt:iccSignatureAt+4]) != "acsp" {
		return verify.Faultf(verify.Malformed, int(start), "colour profile: not an ICC profile")
	}
	h.end = start + size
	h.Profile = p
	return nil
}
