package inflate

import (
	"bytes"
	"encoding/binary"
)

// adlerMod is the largest prime below 2^16 (RFC 1950, section 9).
const adlerMod = 65521

// adler is the running checksum of RFC 1950: a is the sum of the bytes plus
// one, b is the sum of all values that a took, both modulo adlerMod.
type adler struct{ a, b uint32 }

func (s adler) sum() uint32 { return s.b<<16 | s.a }

// step is what a run of n bytes adds: a' = a+s, b' = b+n*a+w.
type step struct{ n, s, w uint64 }

func (s adler) add(t step) adler {
	a, b := uint64(s.a), uint64(s.b)
	b += t.n%adlerMod*a + t.w
	a += t.s
	return adler{uint32(a % adlerMod), uint32(b % adlerMod)}
}

// sumBlock is a multiple of all short periods, so that flat data repeats by it.
const sumBlock = 5040

// update adds p to the checksum. Comparing a block with the one before it is
// three times as fast as summing it, and stops at the first difference.
func (s adler) update(p []byte) adler {
	var last []byte
	var t step
	for len(p) > 0 {
		block := p[:min(len(p), sumBlock)]
		if !bytes.Equal(block, last) {
			t = measure(block)
		}
		s = s.add(t)
		last, p = block, p[len(block):]
	}
	return s
}

// A word of 8 bytes is summed as two words of four 16-bit lanes each: the bytes
// at even and at odd positions. After laneWords words a lane of the weighted
// sums holds at most 255*20*19/2, and after laneBlocks times that a lane of the
// plain sums at most 12*20*255: both just fit.
const (
	laneWords  = 20
	laneBytes  = 8 * laneWords
	laneBlocks = 12
	evenBytes  = 0x00ff00ff00ff00ff
	evenLanes  = 0x0000ffff0000ffff
	allLanes   = 0x0001000100010001 // multiplied: the sum of the lanes, in the top lane
)

// measure returns what p adds to a checksum.
func measure(p []byte) step {
	// The sums stay far below 2^64 for any p that a buffer holds.
	t := step{n: uint64(len(p))}
	for len(p) >= laneBytes {
		var even, odd, later uint64
		before := t.s
		for range min(len(p)/laneBytes, laneBlocks) {
			ae, ao, be, bo := lanes((*[laneBytes]byte)(p), evenBytes)
			p = p[laneBytes:]
			// How many words follow a byte, within this block and in those after it.
			later += be&evenLanes + be>>16&evenLanes + bo&evenLanes + bo>>16&evenLanes
			t.w += laneBytes * t.s
			t.s += (ae + ao) * allLanes >> 48
			even += ae
			odd += ao
		}
		// A byte counts as often as there are bytes from it on: 8 for its own word
		// and each later one, less its position in the word, which is twice the
		// lane, and one more in the odd lanes.
		t.w += 8 * (later&0xffffffff + later>>32 + t.s - before)
		t.w -= 2*(weigh(even)+weigh(odd)) + odd&0xffff + odd>>16&0xffff + odd>>32&0xffff + odd>>48
	}
	for _, c := range p {
		t.s += uint64(c)
		t.w += t.s
	}
	return t
}

// weigh returns the sum of lane i times i.
func weigh(x uint64) uint64 { return x>>16&0xffff + 2*(x>>32&0xffff) + 3*(x>>48) }

// lanes returns the plain sums of the bytes at even and at odd positions of the
// words of p, and the sums of what these were before each word. mask is
// evenBytes, as an argument to have it in a register. The function is apart
// from its caller for the same reason: the sums must not be spilled.
func lanes(p *[laneBytes]byte, mask uint64) (ae, ao, be, bo uint64) {
	for i := 0; i <= laneBytes-32; i += 32 {
		q := (*[32]byte)(p[i:])
		x := binary.LittleEndian.Uint64(q[:])
		be, ae = be+ae, ae+x&mask
		bo, ao = bo+ao, ao+x>>8&mask
		x = binary.LittleEndian.Uint64(q[8:])
		be, ae = be+ae, ae+x&mask
		bo, ao = bo+ao, ao+x>>8&mask
		x = binary.LittleEndian.Uint64(q[16:])
		be, ae = be+ae, ae+x&mask
		bo, ao = bo+ao, ao+x>>8&mask
		x = binary.LittleEndian.Uint64(q[24:])
		be, ae = be+ae, ae+x&mask
		bo, ao = bo+ao, ao+x>>8&mask
	}
	return ae, ao, be, bo
}
