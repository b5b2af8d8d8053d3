package inflate

import (
	"math/bits"
)

// Alphabet sizes (RFC 1951, 3.2.5 to 3.2.7). Symbols 286, 287, 30 and 31 take
// part in the fixed code but must not occur.
const (
	maxLitLen    = 286
	maxDist      = 30
	fixedLitLen  = 288
	fixedDist    = 32
	endOfBlock   = 256
	maxCodeLen   = 15
	numCodeLens  = 19
	codeLenBits  = 7 // longest code of the code length alphabet
	litBits      = 10
	distBits     = 9
	litMask      = 1<<litBits - 1
	distMask     = 1<<distBits - 1
	codeLenOrder = "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"
)

// An entry says what the next bits of the stream mean.
//
//	bits 0-5    how many bits to drop, extra bits included
//	bits 6-7    how many literals: then they are in bits 8-15, 16-23 and 24-31
//
// With no literals it is special if bit 30 is set, of the kind in bits 16-17:
// longCode, whose code is longer than the table's index, the end of block, and
// what must not occur. Else it is a length or a distance:
//
//	bits 8-11   how many of the bits to drop are the Huffman code
//	bits 16-24  base of the length, and in bits 25-29 the mask of its extra bits
//	bits 12-26  base of the distance
//	bit  31     a literal, in bits 8-15, goes before the length, which has no
//	            extra bits
type entry uint32

const (
	dropBits   entry = 63
	oneLiteral entry = 1 << 6
	literals   entry = 3 << 6
	oneBit     entry = 1 | 1<<8 // of Huffman code
	special    entry = 1 << 30
	withByte   entry = 1 << 31

	kindBits  = 3 << 16
	longCode  = special | 1<<16
	blockEnd  = special | 2<<16
	forbidden = special | 3<<16
)

// Shifts and widths of the fields.
const (
	countShift    = 6
	byteShift     = 8
	codeLenShift  = 8
	codeLenMask   = 15
	lengthShift   = 16
	lengthMask    = 1<<9 - 1
	lenExtraShift = 25
	lenExtraMask  = 1<<5 - 1
	distShift     = 12
	distBaseMask  = 1<<15 - 1
)

// coded returns the entry of a symbol with a code of n bits.
func (e entry) coded(n int) entry {
	if e&literals != 0 {
		return e + entry(n)
	}
	return e + entry(n)*oneBit
}

func litLenEntry(sym int) entry {
	switch {
	case sym < endOfBlock:
		return oneLiteral | entry(sym)<<byteShift
	case sym == endOfBlock:
		return blockEnd
	case sym >= maxLitLen:
		return forbidden
	}
	// RFC 1951, 3.2.5: four lengths for each number of extra bits, after the
	// first four; the last symbol is 258 alone.
	s, extra := sym-endOfBlock-1, 0
	base := 3 + s
	switch {
	case s == 28:
		base = 258
	case s >= 8:
		extra = s>>2 - 1
		base = 3 + (4+s&3)<<extra
	}
	return entry(base)<<lengthShift | entry(1<<extra-1)<<lenExtraShift | entry(extra)
}

func distEntry(sym int) entry {
	if sym >= maxDist {
		return forbidden
	}
	base, extra := 1+sym, 0
	if sym >= 4 {
		extra = sym>>1 - 1
		base = 1 + (2+sym&1)<<extra
	}
	return entry(base)<<distShift | entry(extra)
}

// canonical is a Huffman code in the form that decodes codes too long for the
// table: sorted holds the symbols by length, then by value.
type canonical struct {
	count  [maxCodeLen + 1]uint16
	offset [maxCodeLen + 1]uint16 // of the first symbol of a length in sorted
	first  [maxCodeLen + 1]uint16 // code of that symbol
	sorted [fixedLitLen]uint16
}

// set takes the code lengths of all symbols. It reports whether they form a
// code that zlib accepts: a complete one, or none or one symbol, of one bit.
func (c *canonical) set(lens []uint8) bool {
	// Two counters for each length: equal neighbours would wait for each other.
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
	left := 1 // codes of length n that are not taken
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

// fill writes the table that the next len(table) values of the stream's bits
// index, from the entries of the symbols. len(table) is 1<<width.
func (c *canonical) fill(table []entry, width int, symbols []entry) {
	// Huffman codes come first bit first, so the index is the code reversed:
	// table[:1<<n] is complete for codes up to n bits, and is doubled to reach
	// n+1. Entries that longer codes share are overwritten as those come.
	var code uint
	at := 0
	table[0] = forbidden
	for n := 1; n <= maxCodeLen; n++ {
		if n <= width {
			copy(table[1<<(n-1):1<<n], table[:1<<(n-1)])
		}
		for range c.count[n] {
			if n <= width {
				table[code] = symbols[c.sorted[at]].coded(n)
			} else {
				table[code&(1<<width-1)] = longCode
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

// long decodes a code of more than width bits from the next bits of the stream.
func (c *canonical) long(next uint64, width int, symbols []entry) entry {
	code := bits.Reverse16(uint16(next))
	for n := width + 1; n <= maxCodeLen; n++ {
		// Codes of one length follow each other, so the distance from the first,
		// which wraps if it is below, is the index.
		if i := code>>(16-n) - c.first[n]; i < c.count[n] {
			return symbols[c.sorted[c.offset[n]+i]].coded(n)
		}
	}
	return forbidden
}

// code is the pair of Huffman codes of a block, ready to decode.
type code struct {
	lit      [1 << litBits]entry
	dist     [1 << distBits]entry
	longLit  canonical
	longDist canonical
	paired   bool
}

// set builds the tables from the code lengths of both alphabets. It returns
// what is wrong with them, or "".
func (c *code) set(lit, dist []uint8, s *symbols) string {
	c.paired = false
	if !c.longLit.set(lit) {
		return "literal and length code is not complete"
	}
	if !c.longDist.set(dist) {
		return "distance code is not complete"
	}
	c.longLit.fill(c.lit[:], litBits, s.lit[:])
	c.longDist.fill(c.dist[:], distBits, s.dist[:])
	return ""
}

// pair lets each entry of a literal decode what follows as far as its bits are
// enough: a second and a third literal, or a length without extra bits. It
// costs as much as decoding a kilobyte, and is worth it only for a block that
// is longer.
func (c *code) pair() {
	c.paired = true
	// Downwards, since entry i looks at entry i>>n, which must still be single.
	for i := litMask; i >= 0; i-- {
		e := c.lit[i]
		if e&literals == 0 {
			continue
		}
		n := e & dropBits
		f := c.lit[i>>n&litMask]
		n += f & dropBits
		if n > litBits {
			continue
		}
		const second, third = byteShift + 8, byteShift + 16
		if f&literals == 0 {
			if f&(special|lenExtraMask<<lenExtraShift) == 0 {
				c.lit[i] = withByte | f&(lengthMask<<lengthShift) | e&(0xff<<byteShift) | n
			}
			continue
		}
		e = e&(0xff<<byteShift) | f>>byteShift&0xff<<second | 2*oneLiteral | n
		g := c.lit[i>>n&litMask]
		if n += g & dropBits; g&literals != 0 && n <= litBits {
			e = e&^(literals|dropBits) | g>>byteShift&0xff<<third | 3*oneLiteral | n
		}
		c.lit[i] = e
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
