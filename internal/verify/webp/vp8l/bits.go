package vp8l

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// bitReader reads bits from the lowest bit of each byte upwards (RFC 9649 section 3.3). Past the
// end of src it makes up zeros, and counts them.
//
// It is a plain struct so that the pixel loop can keep acc, n and pos in registers. Bits of acc
// above n are zero, or the ones that come next in b.
type bitReader struct {
	b    []byte // src.B
	pos  int    // of the next byte of b
	acc  uint64 // bits already loaded
	n    uint   // how many of them count, at most 64
	over uint   // how many of them, the last ones, are made up
	src  *verify.Section
}

func newBitReader(src *verify.Section) bitReader { return bitReader{b: src.B, src: src} }

// size returns how many bytes the bitstream may have.
func (r *bitReader) size() int { return r.src.Len() }

// grow waits for more bytes. It returns false at the end of the bitstream.
func (r *bitReader) grow() bool {
	ok := r.src.More()
	r.b = r.src.B
	return ok
}

// refill loads bits until there are at least 56.
func (r *bitReader) refill() {
	if r.pos+8 <= len(r.b) {
		r.acc |= binary.LittleEndian.Uint64(r.b[r.pos:]) << (r.n & 63)
		r.pos += int((63 - r.n) >> 3)
		r.n |= 56
		return
	}
	r.refillTail()
}

// refillTail is refill where b ends: it waits for more bytes, or takes the last ones of the
// bitstream.
func (r *bitReader) refillTail() {
	for r.pos+8 > len(r.b) && r.grow() {
	}
	if r.pos+8 <= len(r.b) {
		// As in refill, which is inlined as long as nothing here calls it.
		r.acc |= binary.LittleEndian.Uint64(r.b[r.pos:]) << (r.n & 63)
		r.pos += int((63 - r.n) >> 3)
		r.n |= 56
		return
	}
	for r.n <= 56 {
		if r.pos < len(r.b) {
			r.acc |= uint64(r.b[r.pos]) << r.n
			r.pos++
		} else {
			r.over += 8
		}
		r.n += 8
	}
}

// overrun reports whether made-up bits were read.
func (r *bitReader) overrun() bool { return r.n < r.over }

// read returns the next n bits, at most 24.
func (r *bitReader) read(n uint) uint {
	if r.n < n {
		r.refill()
	}
	u := uint(r.acc) & (1<<n - 1)
	r.acc >>= n
	r.n -= n
	return u
}

// used returns how many bytes of b were read, whole or in part.
func (r *bitReader) used() int {
	if r.overrun() {
		return r.size()
	}
	return r.pos - int(r.n-r.over)/8
}
