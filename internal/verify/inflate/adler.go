package inflate

import "encoding/binary"

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

// A word of 8 bytes is summed as two words of four 16-bit lanes each: the bytes
// at even and at odd positions. A lane of the weighted sums holds at most
// 255*22*21/2 after laneWords words, which just fits.
const (
	laneWords = 22
	laneBytes = 8 * laneWords
	evenBytes = 0x00ff00ff00ff00ff
	evenLanes = 0x0000ffff0000ffff
	allLanes  = 0x0001000100010001 // multiplied: the sum of the lanes, in the top lane
	laneIndex = 0x0000000100020003 // multiplied: the sum of lane i times i, in the top lane
)

// measure returns what p adds to a checksum.
func measure(p []byte) step {
	t := step{n: uint64(len(p))}
	// The sums stay far below 2^64 for any p that a window holds.
	for len(p) >= laneBytes {
		var ae, ao, be, bo uint64
		for q := p[:laneBytes]; len(q) >= 16; q = q[16:] {
			x := binary.LittleEndian.Uint64(q)
			be += ae
			bo += ao
			ae += x & evenBytes
			ao += x >> 8 & evenBytes
			y := binary.LittleEndian.Uint64(q[8:])
			be += ae
			bo += ao
			ae += y & evenBytes
			ao += y >> 8 & evenBytes
		}
		p = p[laneBytes:]

		odd := ao * allLanes >> 48
		sum := ae*allLanes>>48 + odd
		// Words that follow a byte, times 8; b holds that count less one.
		later := be&evenLanes + be>>16&evenLanes + bo&evenLanes + bo>>16&evenLanes
		weighted := 8 * (later&0xffffffff + later>>32 + sum)
		// Position of the byte in its word: 2*lane, and one more in the odd lanes.
		weighted -= 2*(ae*laneIndex>>48+ao*laneIndex>>48) + odd
		t.w += laneBytes*t.s + weighted
		t.s += sum
	}
	for _, c := range p {
		t.s += uint64(c)
		t.w += t.s
	}
	return t
}
