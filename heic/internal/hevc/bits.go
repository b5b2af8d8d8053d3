package hevc

import (
	"bytes"
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// bitReader reads the syntax elements of a NAL unit up to the slice data, and
// drops emulation prevention bytes (7.3.1.1) as it goes. Its error is sticky:
// after the first fault every read returns 0.
type bitReader struct {
	nal  []byte
	pos  int   // next byte of nal
	cur  uint8 // byte that bits are taken from
	left uint  // bits of cur not yet taken
	base int   // offset of nal[0] in the file
	err  *verify.Fault
}

// newBitReader returns a reader that stands behind the two-byte NAL unit header.
func newBitReader(nal []byte, base int) bitReader {
	return bitReader{nal: nal, pos: min(nalHeaderSize, len(nal)), base: base}
}

func (r *bitReader) fail(reason verify.Reason, format string, args ...any) {
	if r.err == nil {
		r.err = verify.Faultf(reason, r.base+r.pos, format, args...)
	}
	r.pos, r.left = len(r.nal), 0
}

func (r *bitReader) malformed(format string, args ...any) {
	r.fail(verify.Malformed, format, args...)
}

// fault returns the sticky error as an error that is nil if there is none.
func (r *bitReader) fault() error {
	if r.err != nil {
		return r.err
	}
	return nil
}

// isEmulationPrevention tells whether b[pos] is an emulation_prevention_three_byte.
func isEmulationPrevention(b []byte, pos int) bool {
	return b[pos] == 3 && pos >= 2 && b[pos-1] == 0 && b[pos-2] == 0
}

func (r *bitReader) nextByte() bool {
	if r.pos < len(r.nal) && isEmulationPrevention(r.nal, r.pos) {
		r.pos++
	}
	if r.pos >= len(r.nal) {
		r.fail(verify.Truncated, "NAL unit ends inside its header fields")
		return false
	}
	r.cur, r.left = r.nal[r.pos], 8
	r.pos++
	return true
}

// u reads n bits, at most 32.
func (r *bitReader) u(n uint) uint32 {
	var v uint64
	for n > 0 {
		if r.left == 0 && !r.nextByte() {
			return 0
		}
		k := min(n, r.left)
		r.left -= k
		v = v<<k | uint64(r.cur>>r.left)&(1<<k-1)
		n -= k
	}
	return uint32(v)
}

func (r *bitReader) flag() bool { return r.u(1) != 0 }

func (r *bitReader) skip(n uint) {
	for ; n > 32; n -= 32 {
		r.u(32)
	}
	r.u(n)
}

// ue reads an unsigned Exp-Golomb code (9.2) of at most limit.
func (r *bitReader) ue(limit uint32, what string) uint32 {
	var zeros uint
	for r.err == nil && r.u(1) == 0 {
		if zeros++; zeros > 31 {
			r.malformed("%s: Exp-Golomb code of over 32 bits", what)
		}
	}
	if r.err != nil {
		return 0
	}
	// 31 zeros give at most 2^32-2, so that nothing wraps.
	v := uint32(uint64(1)<<zeros - 1 + uint64(r.u(zeros)))
	switch {
	case v <= limit:
		return v
	case limit == anyUE:
		r.fail(verify.Unsupported, "%s: %d is more than decoders read", what, v)
	default:
		r.malformed("%s: %d is over %d", what, v, limit)
	}
	return 0
}

// se reads a signed Exp-Golomb code in lo..hi.
func (r *bitReader) se(lo, hi int32, what string) int32 {
	const largest = 1<<32 - 2 // that 32 bits hold
	k := r.ue(largest, what)
	v := (int64(k) + 1) >> 1
	if k&1 == 0 {
		v = -v
	}
	if v < int64(lo) || v > int64(hi) {
		r.malformed("%s: %d is not in %d..%d", what, v, lo, hi)
		return 0
	}
	return int32(v)
}

// anyUE bounds the fields for which the standard allows all values of ue(v), up to
// 2^32-2: what libde265 reads, codes of 20 zeros at most. FFmpeg stops at less.
const anyUE = 1<<21 - 2

// trailingBits checks rbsp_trailing_bits (7.3.2.11): a one, zeros up to the end
// of the byte, and nothing behind. Zero bytes that a byte stream leaves behind a
// NAL unit (trailing_zero_8bits, B.2) are forgiven.
func (r *bitReader) trailingBits(what string) {
	if r.err == nil && r.u(1) != 1 || r.u(r.left) != 0 {
		r.malformed("%s: bad trailing bits", what)
	}
	for r.err == nil && r.pos < len(r.nal) {
		if r.nal[r.pos] != 0 && !isEmulationPrevention(r.nal, r.pos) {
			r.malformed("%s: bytes behind its end", what)
		}
		r.pos++
	}
}

// ceilLog2 returns Ceil(Log2(n)) for n of 1 or more.
func ceilLog2(n uint32) uint { return uint(bits.Len32(n - 1)) }

// NAL unit types (table 7-1) that mean something here.
const (
	nalRASLR    = 9 // last of the types of trailing and leading pictures in use
	nalBLAWLP   = 16
	nalIDRWRADL = 19
	nalIDRNLP   = 20
	nalCRA      = 21
	nalVPS      = 32
	nalSPS      = 33
	nalPPS      = 34
	nalAUD      = 35
	nalEOS      = 36
	nalEOB      = 37
	nalFD       = 38
	nalPrefix   = 39
	nalSuffix   = 40

	nalHeaderSize = 2
)

// nalHeader is the NAL unit header (7.3.1.2).
type nalHeader struct {
	unitType   uint8
	layer      uint8
	temporalID uint8
}

// parseNALHeader reads the header of nal, whose first byte stands at offset base
// of the file, and checks that emulation prevention was done.
func parseNALHeader(nal []byte, base int) (nalHeader, error) {
	if len(nal) < nalHeaderSize {
		return nalHeader{}, verify.Faultf(verify.Truncated, base+len(nal), "NAL unit of %d bytes", len(nal))
	}
	if nal[0]&0x80 != 0 {
		return nalHeader{}, verify.Faultf(verify.Malformed, base, "forbidden_zero_bit is set")
	}
	if nal[1]&7 == 0 {
		return nalHeader{}, verify.Faultf(verify.Malformed, base+1, "nuh_temporal_id_plus1 is 0")
	}
	h := nalHeader{
		unitType:   nal[0] >> 1,
		layer:      nal[0]&1<<5 | nal[1]>>3,
		temporalID: nal[1]&7 - 1,
	}
	return h, nil
}

// checkEmulation refuses the byte sequences 000000, 000001 and 000002, which may
// not occur inside a NAL unit (7.4.1), and 000003 before a byte over 3. It
// returns how many zero bytes stand behind the end of the NAL unit: zeros that a
// byte stream's framing left there, which the standard does not count as part of
// it, and decoders skip.
func checkEmulation(nal []byte, base int) (zeros int, err error) {
	b := nal
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	zeros = len(nal) - len(b)
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte{0, 0})
		if i < 0 || at+i+2 >= len(b) {
			return zeros, nil
		}
		at += i + 2
		switch c := b[at]; {
		case c < 3:
			return 0, verify.Faultf(verify.Malformed, base+at, "start code or zeros inside a NAL unit")
		case c == 3 && at+1 < len(b) && b[at+1] > 3:
			return 0, verify.Faultf(verify.Malformed, base+at, "emulation prevention where none is due")
		}
	}
}
