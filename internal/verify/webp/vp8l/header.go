// Package vp8l decides whether a chunk holds one well-formed lossless WebP
// bitstream (RFC 9649 section 3), without making its pixels.
package vp8l

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

const (
	// HeaderSize is the number of bytes before the bitstream proper. An alpha plane has no
	// header.
	HeaderSize = 5

	signature = 0x2f
)

// Header is the header of a lossless picture (RFC 9649 section 3.4).
type Header struct {
	Width, Height int // 1..16384
}

// ReadHeader reads the header of the picture in b, whose first byte is at offset base of the
// file.
func ReadHeader(b []byte, base int) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, verify.Faultf(verify.Truncated, base+len(b), "VP8L: header is cut")
	}
	if b[0] != signature {
		return Header{}, verify.Faultf(verify.Malformed, base, "VP8L: no signature")
	}
	n := binary.LittleEndian.Uint32(b[1:])
	if version := n >> 29; version != 0 {
		return Header{}, verify.Faultf(verify.Malformed, base+4, "VP8L: version %d", version)
	}
	return Header{Width: 1 + int(n&0x3fff), Height: 1 + int(n>>14&0x3fff)}, nil
}
