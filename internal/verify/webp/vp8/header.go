package vp8

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// HeaderSize is how many bytes the header takes: frame tag, start code, width, height.
const HeaderSize = 10

const frameTagSize = 3 // key frame, version, show, size of the first partition

// Header is the uncompressed header of a key frame (RFC 6386 section 9.1).
type Header struct {
	Width, Height int
	Scaled        bool // asks the viewer to scale the picture up
	firstSize     int  // bytes of the first partition
}

// ReadHeader reads the header of the key frame in b, whose first byte is at offset base of the
// file. The caller must check for a size of zero.
func ReadHeader(b []byte, base int) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, verify.Faultf(verify.Truncated, base+len(b), "VP8: header is cut")
	}
	tag := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	if tag&1 != 0 {
		return Header{}, verify.Faultf(verify.Malformed, base, "VP8: not a key frame")
	}
	if version := tag >> 1 & 7; version > 3 {
		return Header{}, verify.Faultf(verify.Malformed, base, "VP8: version %d", version)
	}
	if tag>>4&1 == 0 {
		return Header{}, verify.Faultf(verify.Malformed, base, "VP8: frame is not shown")
	}
	if b[3] != 0x9d || b[4] != 0x01 || b[5] != 0x2a {
		return Header{}, verify.Faultf(verify.Malformed, base+frameTagSize, "VP8: no start code")
	}
	w, h := binary.LittleEndian.Uint16(b[6:]), binary.LittleEndian.Uint16(b[8:])
	return Header{
		Width:     int(w & 0x3fff),
		Height:    int(h & 0x3fff),
		Scaled:    w>>14 != 0 || h>>14 != 0,
		firstSize: int(tag >> 5),
	}, nil
}
