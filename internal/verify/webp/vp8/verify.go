// Package vp8 decides whether a chunk holds one well-formed VP8 key frame (RFC
// 6386), without making its pixels.
package vp8

import "github.com/imgvet/imgvet/internal/verify"

// Verify reports whether b holds one whole key frame. base is the offset of b in
// the file. The error is a [*verify.Fault] or nil.
func Verify(b []byte, base int) error {
	h, err := ReadHeader(b, base)
	if err != nil {
		return err
	}
	if h.firstSize > len(b)-headerSize {
		return verify.Faultf(verify.Truncated, base+len(b), "VP8: first partition of %d bytes is cut", h.firstSize)
	}
	return nil
}
