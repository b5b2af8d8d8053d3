package vp8

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// window is the state of the boolean decoder (RFC 6386 section 7). It is passed
// by value, so that loops hold it in registers.
type window struct {
	v uint64 // the next bits, highest first
	r uint32 // range minus 1, 126..254
	n uint   // how many bits of v count; those below may already hold the bytes that follow
}

// norm brings a range (minus 1) back to 127 or more (RFC 6386 section 7.3).
type norm struct {
	shift [256]uint8 // how far to shift the value
	r     [256]uint8 // the resulting range minus 1
}

var normalise = makeNorm()

func makeNorm() (t norm) {
	for i := range 255 {
		t.shift[i] = uint8(bits.LeadingZeros8(uint8(i + 1)))
		t.r[i] = uint8((i+1)<<t.shift[i] - 1)
	}
	return t
}

// split returns the range (minus 1) of the value 0, whose probability is p/256.
func (w window) split(p uint8) uint32 { return w.r * uint32(p) >> 8 }

// one reports whether the next boolean is 1.
func (w window) one(split uint32) bool { return uint32(w.v>>56) > split }

// take0 skips a boolean that is 0.
func (w window) take0(split uint32) window {
	s := uint(normalise.shift[uint8(split)])
	return window{w.v << (s & 63), uint32(normalise.r[uint8(split)]), w.n - s}
}

// take1 skips a boolean that is 1.
func (w window) take1(split uint32) window {
	r := uint8(w.r - split - 1)
	s := uint(normalise.shift[r])
	return window{(w.v - uint64(split+1)<<56) << (s & 63), uint32(normalise.r[r]), w.n - s}
}

// skip skips a boolean of any value. It has no branch that could be mispredicted.
func (w window) skip(p uint8) window {
	split := w.split(p)
	one := uint32(int32(split-uint32(w.v>>56)) >> 31) // all ones if it is 1
	r := uint8(split + one&(w.r-2*split-1))
	s := uint(normalise.shift[r])
	return window{(w.v - uint64(one&(split+1))<<56) << (s & 63), uint32(normalise.r[r]), w.n - s}
}

// sign skips a boolean of even probability. A sign is never the first boolean, so the range is
// never that of a fresh window, 254. It is therefore halved and shifted by one bit.
func (w window) sign() window {
	split := w.r >> 1
	one := uint32(int32(split-uint32(w.v>>56)) >> 31)
	return window{(w.v - uint64(one&(split+1))<<56) << 1, w.r + one | 1, w.n - 1}
}

// fill adds bits to w until it has 56 or more. next holds the next 8 bytes. fill returns how
// many of them it took.
func (w window) fill(next uint64) (window, int) {
	return window{w.v | next>>(w.n&63), w.r, w.n | 56}, int(63-w.n) >> 3
}

// reader reads booleans one by one, and knows where its bytes end.
type reader struct {
	b   []byte // src.B
	pos int
	w   window
	eof bool // a byte past the end was needed
	src verify.Section
}

// possible reports whether an encoder can have written the partition. The value is always below
// the range, which starts at 255: if the first byte were 255, decoders would read ones until
// their registers overflow.
func (r *reader) possible() bool { return len(r.b) == 0 || r.b[0] != 255 }

func newReader(src verify.Section) reader { return reader{b: src.B, src: src, w: window{r: 254}} }

// grow waits for more bytes. It returns false at the end of the partition.
func (r *reader) grow() bool {
	ok := r.src.More()
	r.b = r.src.B
	return ok
}

// ahead waits until more than n bytes follow pos. It returns false if the partition ends before.
func (r *reader) ahead(n int) bool {
	for len(r.b)-r.pos <= n {
		if !r.grow() {
			return false
		}
	}
	return true
}

// read reads a boolean that is 0 with probability p/256. It needs 8 bits, and takes another byte
// if it has fewer. libwebp tells a whole partition from a cut one by this, and encoders flush
// accordingly.
func (r *reader) read(p uint8) bool {
	if r.w.n < 8 {
		if r.pos < len(r.b) || r.grow() {
			r.w.v |= uint64(r.b[r.pos]) << (56 - r.w.n)
			r.pos++
		} else {
			r.eof = true
		}
		r.w.n += 8
	}
	split := r.w.split(p)
	if r.w.one(split) {
		r.w = r.w.take1(split)
		return true
	}
	r.w = r.w.take0(split)
	return false
}

// even is the probability of a flag or a bit of a number.
const even = 128

// flag reads one bit.
func (r *reader) flag() bool { return r.read(even) }

// number reads an unsigned number of n bits.
func (r *reader) number(n int) uint {
	v := uint(0)
	for range n {
		v <<= 1
		if r.read(even) {
			v |= 1
		}
	}
	return v
}

// optional skips a flag and, if it is set, a number of n bits and a sign.
func (r *reader) optional(n int) {
	if r.flag() {
		r.number(n + 1)
	}
}

// unread returns how many bytes have not been touched.
func (r *reader) unread() int { return r.src.Len() - r.pos }
