package inflate

import (
	"math/bits"
)

// Alphabet sizes (RFC 1951, 3.2.5 to 3.2.7). Symbols 286, 287, 30 and 31 belong to the fixed
// code but must not occur.
const (
	maxLitLen    = 286
	maxDist      = 30
	fixedLitLen  = 288
	fixedDist    = 32
	endOfBlock   = 256
	maxCodeLen   = 15
	numCodeLens  = 19
	codeLenBits  = 7 // longest code of the code length alphabet
	litBits      = 11
	distBits     = 9
	litMask      = 1<<litBits - 1
	distMask     = 1<<distBits - 1
	codeLenOrder = "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"
)

// An entry says what the next bits of the stream mean. Bits 0-5 are how many of them to drop,
// extra bits included.
//
// An entry has one of two forms. Up to two literals, then perhaps a match length of at most
// maxShort:
//
//	bits 6-7    how many literals
//	bits 8-23   the literals
//	bits 24-29  the length
//	bit  31     there is a length
//
// Or a distance, or a length that is long or has extra bits (which is special):
//
//	bits 8-11   how many of the bits to drop are the Huffman code; 12 and 13 are zero, so that
//	            a shift by bits 8-13 is one by bits 8-11
//	bits 14-28  the base
//	bit  30     special: not for the loop
//	bit  31     this is a length
//
// Any other special entry has no length, and bits 14-28 say what it is.
type entry uint32

const (
	dropBits   entry = 63
	oneLiteral entry = 1 << countShift
	literals   entry = 3 << countShift
	oneBit     entry = 1 | 1<<codeLenShift // of Huffman code
	special    entry = 1 << specialShift
	isLength   entry = 1 << 31

	longLength   = special | (maxShort+0)<<baseShift // the code is longer than the table's index
	longDistance = special | (maxShort+1)<<baseShift
	blockEnd     = special | (maxShort+2)<<baseShift
	noLength     = special | (maxShort+3)<<baseShift // must not occur
	noDistance   = special | (maxShort+4)<<baseShift

	// The longest match length that fits the field, for the loop.
	maxShort = 63
)

// Shifts and widths of the fields.
const (
	countShift   = 6
	byteShift    = 8
	codeLenShift = 8
	codeLenMask  = 15
	baseShift    = 14
	baseMask     = 1<<15 - 1
	lengthShift  = 24
	lengthMask   = 63
	specialShift = 30
)

// coded returns the entry of a symbol with a code of n bits.
func (e entry) coded(n int) entry {
	if e.plain() {
		return e + entry(n)
	}
	return e + entry(n)*oneBit
}

// plain reports whether e, in the table of literals and lengths, has the first form.
func (e entry) plain() bool { return e&literals != 0 || e&(isLength|special) == isLength }

// value returns the length or the distance of an entry of the second form. next holds the bits
// that it decodes.
func (e entry) value(next uint64) uint {
	return uint(e>>baseShift&baseMask) + uint(next&(1<<(e&dropBits)-1)>>(e>>codeLenShift&codeLenMask))
}

func litLenEntry(sym int) entry {
	switch {
	case sym < endOfBlock:
		return oneLiteral | entry(sym)<<byteShift
	case sym == endOfBlock:
		return blockEnd
	case sym >= maxLitLen:
		return noLength
	}
	// RFC 1951, 3.2.5: after the first four lengths, four for each number of extra bits; the
	// last symbol means 258 and has none.
	s, extra := sym-endOfBlock-1, 0
	base := 3 + s
	switch {
	case s == 28:
		base = 258
	case s >= 8:
		extra = s>>2 - 1
		base = 3 + (4+s&3)<<extra
	default:
		return isLength | entry(base)<<lengthShift
	}
	return isLength | special | entry(base)<<baseShift | entry(extra)
}

func distEntry(sym int) entry {
	if sym >= maxDist {
		return noDistance
	}
	base, extra := 1+sym, 0
	if sym >= 4 {
		extra = sym>>1 - 1
		base = 1 + (2+sym&1)<<extra
	}
	return entry(base)<<baseShift | entry(extra)
}

// canonical is a Huffman code in a form that can decode codes too long for the table: sorted
// holds the symbols by length, then by value.
type canonical struct {
	count  [maxCodeLen + 1]uint16
	offset [maxCodeLen + 1]uint16 // of the first symbol of a length in sorted
	first  [maxCodeLen + 1]uint16 // code of that symbol
	sorted [fixedLitLen]uint16
}

// set takes the code lengths of all symbols. It reports whether they form a code that zlib
// accepts: a complete one, no symbols at all, or one symbol with a code of one bit.
func (c *canonical) set(lens []uint8) bool {
	// Two counters for each length: with one, equal neighbours would wait for each other.
	var odd [maxCodeLen + 1]uint16
	c.count = odd
	for i := 0; i < len(lens)-1; i += 2 {
		c.count[lens[i]&maxCodeLen]++
		odd[lens[i+1]&maxCodeLen]++
	}
	if len(lens)%2 == 1 {
		c.count[lens[len(lens)-1]&maxCodeLen]++
	}
	for n := range odd {
		c.count[n] += odd[n]
	}
	left := 1 // unused codes of length n
	code, at := 0, 0
	for n := 1; n <= maxCodeLen; n++ {
		left = left<<1 - int(c.count[n])
		if left < 0 {
			return false
		}
		code <<= 1
		c.first[n], c.offset[n] = uint16(code), uint16(at)
		code += int(c.count[n])
		at += int(c.count[n])
	}
	if left > 0 && at > 0 && (at > 1 || c.count[1] != 1) {
		return false
	}
	next := c.offset
	for sym, n := range lens {
		if n != 0 {
			c.sorted[next[n&maxCodeLen]%fixedLitLen] = uint16(sym)
			next[n&maxCodeLen]++
		}
	}
	return true
}

// fill writes table from the entries of the symbols. The next width bits of the stream index it;
// len(table) is 1<<width. long is the entry for codes that are longer, none the entry for bits
// that are no code.
func (c *canonical) fill(table []entry, width int, long, none entry, symbols []entry) {
	// The first bit of a Huffman code comes first in the stream, so the index is the code
	// reversed. table[:1<<n] is complete for codes up to n bits, and is doubled to reach n+1.
	// Longer codes later overwrite the entries that they share.
	var code uint
	at := 0
	table[0] = none
	for n := 1; n <= maxCodeLen; n++ {
		if n <= width {
			copy(table[1<<(n-1):1<<n], table[:1<<(n-1)])
		}
		for range c.count[n] {
			if n <= width {
				table[code] = symbols[c.sorted[at]].coded(n)
			} else {
				table[code&(1<<width-1)] = long
			}
			at++
			// Add one to the reversed code of n bits.
			free := ^code & (1<<n - 1)
			if free == 0 {
				break
			}
			top := uint(1) << (bits.Len(free) - 1)
			code = code&(top-1) | top
		}
	}
}

// long decodes a code of more than width bits from the next bits of the
// stream. If there is none, it returns the entry none.
func (c *canonical) long(next uint64, width int, symbols []entry, none entry) entry {
	code := bits.Reverse16(uint16(next))
	for n := width + 1; n <= maxCodeLen; n++ {
		// Codes of one length are consecutive, so the distance from the first one is the index.
		// It wraps if the code is below the first.
		if i := code>>(16-n) - c.first[n]; i < c.count[n] {
			return symbols[c.sorted[c.offset[n]+i]].coded(n)
		}
	}
	return none
}

// code is the pair of Huffman codes of a block, ready to decode.
type code struct {
	lit      [1 << litBits]entry // literals and lengths
	dist     [1 << distBits]entry
	longLit  canonical
	longDist canonical
	paired   bool
}

// set builds the tables from the code lengths of both alphabets. It returns what is wrong with
// them, or "".
func (c *code) set(lit, dist []uint8, s *symbols) string {
	c.paired = false
	if !c.longLit.set(lit) {
		return "literal and length code is not complete"
	}
	if !c.longDist.set(dist) {
		return "distance code is not complete"
	}
	c.longLit.fill(c.lit[:], litBits, longLength, noLength, s.lit[:])
	c.longDist.fill(c.dist[:], distBits, longDistance, noDistance, s.dist[:])
	return ""
}

// pair lets each entry decode what follows as far as its bits go: the extra bits of a length, or
// a second literal and a length after a literal. It costs as much as decoding a kilobyte, so it
// pays only for a longer block.
func (c *code) pair() {
	c.paired = true
	for i, e := range c.lit {
		if e&(isLength|special) != isLength|special || e&dropBits > litBits {
			continue
		}
		if length := e.value(uint64(i)); length <= maxShort {
			c.lit[i] = isLength | entry(length)<<lengthShift | e&dropBits
		}
	}
	// Downwards, since entry i looks at entry i>>n, which must not be paired yet. Which entries
	// can be paired is close to random, so there is no branch: a mask is all ones if the next
	// entry is added. An entry of the table is either plain or special.
	for i := litMask; i >= 0; i-- {
		e := c.lit[i]
		f := c.lit[i>>(e&dropBits)&litMask]
		sum := e&dropBits + f&dropBits
		// e is a literal, f is not special, and their bits fit.
		can := -(e >> countShift & 1) & (f>>specialShift&1 - 1) & -((sum - litBits - 1) >> 31)
		// A length has no bits where a literal has its byte.
		e += (f&^(0xff<<byteShift) + f&(0xff<<byteShift)<<8) & can
		// A length follows if these are two literals.
		g := c.lit[i>>(sum&dropBits)&litMask]
		sum += g & dropBits
		can &= -(e >> (countShift + 1) & 1) & -(g >> 31) & (g>>specialShift&1 - 1) & -((sum - litBits - 1) >> 31)
		c.lit[i] = e + g&can
	}
}

// symbols holds the entries of all symbols, without their code lengths.
type symbols struct {
	lit  [fixedLitLen]entry
	dist [fixedDist]entry
	set  bool
}

func (s *symbols) init() {
	if s.set {
		return
	}
	s.set = true
	for i := range s.lit {
		s.lit[i] = litLenEntry(i)
	}
	for i := range s.dist {
		s.dist[i] = distEntry(i)
	}
}
