package inflate

import (
	"bytes"
	"encoding/binary"
)

// adlerMod is the largest prime below 2^16 (RFC 1950, section 9).
const adlerMod = 65521

// adler is the running checksum of RFC 1950: a is one plus the sum of the bytes, b is the sum of
// all values that a has had, both modulo adlerMod.
type adler struct{ a, b uint32 }

func (s adler) sum() uint32 { return s.b<<16 | s.a }

// step is the effect of n bytes on the checksum: a' = a+s, b' = b+n*a+w.
type step struct{ n, s, w uint64 }

func (s adler) add(t step) adler {
	a, b := uint64(s.a), uint64(s.b)
	b += t.n%adlerMod*a + t.w
	a += t.s
	return adler{uint32(a % adlerMod), uint32(b % adlerMod)}
}

// sumBlock is a multiple of all short periods, so that blocks of flat data are equal.
const sumBlock = 5040

// update adds p to the checksum. It is three times as fast to compare a block with the one
// before it as to sum it, and the comparison stops at the first difference.
func (s adler) update(p []byte) adler {
	if hasVectorSum { // nearly as fast as that comparison
		return s.add(measure(p))
	}
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

// We sum 8 bytes at a time as two words of four 16-bit lanes each: the bytes at even and at odd
// positions. After laneWords words a lane of the weighted sums holds at most 255*20*19/2, and
// after laneBlocks times that a lane of the plain sums holds at most 12*20*255: both just fit.
const (
	laneWords  = 20
	laneBytes  = 8 * laneWords
	laneBlocks = 12
	evenBytes  = 0x00ff00ff00ff00ff
	evenLanes  = 0x0000ffff0000ffff
	allLanes   = 0x0001000100010001 // multiplied by it, a word has the sum of its lanes in the top lane
)

// measure returns the effect of p on a checksum. p is no longer than a buffer.
func measure(p []byte) step {
	if hasVectorSum && len(p) >= vectorGroup {
		return measureVector(p)
	}
	return measureWords(p)
}

// measureVector is measure for at least vectorGroup bytes.
func measureVector(p []byte) step {
	n := len(p) / vectorGroup * vectorGroup
	t := step{n: uint64(len(p))}
	t.s, t.w = vectorSum(&p[0], n)
	for _, c := range p[n:] {
		t.s += uint64(c)
		t.w += t.s
	}
	return t
}

// measureWords is measure in plain Go.
func measureWords(p []byte) step {
	// The sums stay far below 2^64 for any p that a buffer holds.
	t := step{n: uint64(len(p))}
	for len(p) >= laneBytes {
		var even, odd, later uint64
		before := t.s
		for range min(len(p)/laneBytes, laneBlocks) {
			ae, ao, be, bo := lanes((*[laneBytes]byte)(p), evenBytes)
			p = p[laneBytes:]
			// later counts, for each byte, the words that follow it in its block and in later
			// ones.
			later += be&evenLanes + be>>16&evenLanes + bo&evenLanes + bo>>16&evenLanes
			t.w += laneBytes * t.s
			t.s += (ae + ao) * allLanes >> 48
			even += ae
			odd += ao
		}
		// A byte counts once for each byte from it to the end: 8 times for its own word and each
		// later word, minus its position in its word. That position is twice the lane, plus one
		// in the odd lanes.
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

// lanes returns the plain sums of the bytes at even and at odd positions of the words of p, and
// the sums of those sums before each word. mask is evenBytes, passed as an argument to keep it
// in a register. lanes is a function of its own for the same reason: the sums must not be
// spilled.
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
