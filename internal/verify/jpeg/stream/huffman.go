package stream

// LookBits is how many bits of the stream index a lookup table. With more bits a lookup passes
// more symbols, but four such tables must fit the first-level cache.
const LookBits = 12

// A Look is one lookup: what the next LookBits bits of a sequential scan mean. Since we need no
// values, it only says how far they lead:
//
//	bits 0-5    bits of the stream to drop: codes and the magnitudes behind them
//	bits 8-15   coefficients passed; EOB more if an EOB ends the block there
//
// It covers as many symbols as have their codes within the LookBits bits. The magnitude of the
// last may extend beyond them, so it drops at most LookBits+15 = 27 bits.
type Look uint16

const (
	// EOB in the count of a look: the block ends.
	EOB = 128

	// FirstUnknown marks bits without a known code. It leaves the block in an impossible place,
	// past its end without an EOB, so that it needs no test of its own. It is for the first
	// lookup in a block, which starts at coefficient 0.
	FirstUnknown = Look(65 << 8)
	// ACUnknown is FirstUnknown for further lookups.
	ACUnknown = Look(64 << 8)
)

// LookTable holds a Look for each index.
type LookTable [1 << LookBits]Look

// Code decodes codes of all lengths, one at a time: T.81 F.2.2.3 in the form that compares the
// next 16 bits with the first code of the next length.
type Code struct {
	above   [17]uint32 // by length: 16-bit prefixes from this one on have a longer code
	offset  [17]int32  // by length: added to a code, the index of its symbol
	symbols *[256]byte
}

// Next decodes the code at the top of acc. It returns its symbol and length; the length is 0 if
// there is no such code.
func (c *Code) Next(acc uint64) (symbol byte, length int) {
	prefix := uint32(acc >> 48)
	for l := 1; l <= 16; l++ {
		if prefix < c.above[l] {
			return c.symbols[byte(int32(prefix>>(16-l))+c.offset[l])], l
		}
	}
	return 0, 0
}

// Init sets c to the code of t, and keeps a reference to t.
func (c *Code) Init(t *HuffTable) {
	c.symbols = &t.Symbols
	next, index := uint32(0), int32(0)
	for l := 1; l <= 16; l++ {
		n := uint32(t.Counts[l-1])
		c.offset[l] = index - int32(next)
		next += n
		index += int32(n)
		c.above[l] = next << (16 - l)
		next <<= 1
	}
}

// acLook returns the Look of one AC symbol whose code has the given length.
func acLook(symbol byte, length int) Look {
	run, size := Look(symbol>>4), Look(symbol&15)
	switch {
	case size > 0:
		return Look(length) + size | (run+1)<<8
	case run == 15:
		return Look(length) | 16<<8
	case run == 0:
		return Look(length) | EOB<<8
	}
	return ACUnknown // EOB runs are for progressive scans: T.81 F.1.2.2.1
}

// DCLook returns the Look of one DC symbol whose code has the given length.
func DCLook(symbol byte, length int) Look { return Look(length) + Look(symbol) | 1<<8 }

// FillLooks fills table with one symbol per entry. If lengths is not nil, it gets the lengths of
// their codes, 0 where no code is known.
func (t *HuffTable) FillLooks(table *LookTable, lengths *[1 << LookBits]byte, class int) {
	at, index := 0, 0
	for l := 1; l <= LookBits; l++ {
		for range t.Counts[l-1] {
			e := Look(0)
			if class == ClassDC {
				e = DCLook(t.Symbols[index], l)
			} else {
				e = acLook(t.Symbols[index], l)
			}
			run := 1 << (LookBits - l)
			FillRun(table[at:at+run], e)
			if lengths != nil {
				FillRun(lengths[at:at+run], byte(l))
			}
			at += run
			index++
		}
	}
	unknown := ACUnknown
	if class == ClassDC {
		unknown = FirstUnknown
	}
	FillRun(table[at:], unknown)
	if lengths != nil {
		clear(lengths[at:])
	}
}

// FillRun sets all of p to v.
func FillRun[T ~uint8 | ~uint16 | ~uint32](p []T, v T) {
	if len(p) <= 32 {
		for i := range p {
			p[i] = v
		}
		return
	}
	for i := range 32 {
		p[i] = v
	}
	for n := 32; n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}
}

// Extend appends to each entry of table, which t has filled, the AC symbols that follow in its
// bits. ac holds the one-symbol entries, and lengths the lengths of their codes.
func (table *LookTable) Extend(t *HuffTable, ac *LookTable, lengths *[1 << LookBits]byte) {
	at := 0
	for l := 1; l <= LookBits; l++ {
		for range t.Counts[l-1] {
			looks := table[at : at+1<<(LookBits-l)]
			e := looks[0]
			if drop := int(e & 63); drop < LookBits && e>>8 < EOB && e != ACUnknown {
				// What follows does not depend on the magnitude: compute the entries for one
				// magnitude, and copy them for the others.
				n := 1 << (LookBits - drop)
				for i := range looks[:n] {
					looks[i] = extended(e, at+i, ac, lengths)
				}
				for ; n < len(looks); n *= 2 {
					copy(looks[n:], looks[:n])
				}
			}
			at += len(looks)
		}
	}
}

// extended returns entry e, at index i, with the AC symbols that follow.
func extended(e Look, i int, ac *LookTable, lengths *[1 << LookBits]byte) Look {
	const mask = 1<<LookBits - 1
	drop, count := int(e&63), int(e>>8)
	for drop < LookBits && count < EOB {
		j := i << drop & mask
		l, next := int(lengths[j]), ac[j]
		if l == 0 || drop+l > LookBits || next == ACUnknown || count+int(next>>8)&^EOB > 63 {
			break
		}
		drop += int(next & 63)
		count += int(next >> 8)
	}
	return Look(drop) | Look(count)<<8
}
