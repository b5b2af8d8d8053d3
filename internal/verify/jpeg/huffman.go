package jpeg

// lookBits is how many bits of the stream index a look-up table. More pass more
// symbols at a time, but four such tables must fit the first cache.
const lookBits = 12

// A look is what follows from the next lookBits bits of a sequential scan. Since
// no value is wanted, it only says how far they lead:
//
//	bits 0-5    bits of the stream to drop: codes and the magnitudes behind them
//	bits 8-15   coefficients passed; eob more if an EOB ends the block there
//
// It covers as many symbols as have their codes within the lookBits bits; the
// magnitude of the last may lie past them. Its drop is thus at most
// lookBits+15 = 27 bits.
type look uint16

const (
	eob = 128 // in the count of a look: the block ends

	// A look that leads nowhere leaves the block in an impossible place, past its
	// end without an EOB, so that it needs no test of its own. firstUnknown is for
	// the first look of a block, which starts at coefficient 0, and acUnknown for
	// further ones.
	firstUnknown = look(65 << 8)
	acUnknown    = look(64 << 8)
)

type lookTable [1 << lookBits]look

// code finds codes one at a time, of all lengths: T.81 F.2.2.3 in the form that
// compares the next 16 bits with the first code of the next length.
type code struct {
	above   [17]uint32 // by length: 16-bit prefixes from here on have a longer code
	offset  [17]int32  // by length: add to the code for the index of its symbol
	symbols *[256]byte
}

// next returns the symbol that the top 16 bits of acc start with, and the length
// of its code, which is 0 if there is none.
func (c *code) next(acc uint64) (symbol byte, length int) {
	prefix := uint32(acc >> 48)
	for l := 1; l <= 16; l++ {
		if prefix < c.above[l] {
			return c.symbols[byte(int32(prefix>>(16-l))+c.offset[l])], l
		}
	}
	return 0, 0
}

func (c *code) init(t *huffTable) {
	c.symbols = &t.symbols
	next, index := uint32(0), int32(0)
	for l := 1; l <= 16; l++ {
		n := uint32(t.counts[l-1])
		c.offset[l] = index - int32(next)
		next += n
		index += int32(n)
		c.above[l] = next << (16 - l)
		next <<= 1
	}
}

// acLook is the look of one AC symbol whose code has the given length.
func acLook(symbol byte, length int) look {
	run, size := look(symbol>>4), look(symbol&15)
	switch {
	case size > 0:
		return look(length) + size | (run+1)<<8
	case run == 15:
		return look(length) | 16<<8
	case run == 0:
		return look(length) | eob<<8
	}
	return acUnknown // EOB runs are for progressive scans: T.81 F.1.2.2.1
}

// dcLook is the look of one DC symbol whose code has the given length.
func dcLook(symbol byte, length int) look { return look(length) + look(symbol) | 1<<8 }

// fillLooks fills table with one symbol a look, and lengths, if it is not nil,
// with the lengths of their codes, 0 where none is known.
func (t *huffTable) fillLooks(table *lookTable, lengths *[1 << lookBits]byte, class int) {
	at, index := 0, 0
	for l := 1; l <= lookBits; l++ {
		for range t.counts[l-1] {
			e := look(0)
			if class == classDC {
				e = dcLook(t.symbols[index], l)
			} else {
				e = acLook(t.symbols[index], l)
			}
			run := 1 << (lookBits - l)
			fillRun(table[at:at+run], e)
			if lengths != nil {
				fillRun(lengths[at:at+run], byte(l))
			}
			at += run
			index++
		}
	}
	unknown := acUnknown
	if class == classDC {
		unknown = firstUnknown
	}
	fillRun(table[at:], unknown)
	if lengths != nil {
		clear(lengths[at:])
	}
}

// fillRun sets all of p to v.
func fillRun[T look | bandLook | refineLook | byte](p []T, v T) {
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

// extend appends to each look of table, which t is the code of, the AC symbols
// that follow in its bits, by the one-symbol looks of ac and the lengths of their
// codes.
func (table *lookTable) extend(t *huffTable, ac *lookTable, lengths *[1 << lookBits]byte) {
	at := 0
	for l := 1; l <= lookBits; l++ {
		for range t.counts[l-1] {
			looks := table[at : at+1<<(lookBits-l)]
			e := looks[0]
			if drop := int(e & 63); drop < lookBits && e>>8 < eob && e != acUnknown {
				// What follows does not depend on the magnitude: make the looks
				// behind one, and copy them for the others.
				n := 1 << (lookBits - drop)
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

// extended returns look e, at index i, with the AC symbols that follow.
func extended(e look, i int, ac *lookTable, lengths *[1 << lookBits]byte) look {
	const mask = 1<<lookBits - 1
	drop, count := int(e&63), int(e>>8)
	for drop < lookBits && count < eob {
		j := i << drop & mask
		l, next := int(lengths[j]), ac[j]
		if l == 0 || drop+l > lookBits || next == acUnknown || count+int(next>>8)&^eob > 63 {
			break
		}
		drop += int(next & 63)
		count += int(next >> 8)
	}
	return look(drop) | look(count)<<8
}
