package vp8l

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// Alphabets of the five prefix codes of a group (RFC 9649 section 3.7.2).
const (
	numLiterals  = 256
	numLengths   = 24
	numDistances = 40
	maxCacheBits = 11

	firstCache  = numLiterals + numLengths // first symbol of the colour cache
	maxAlphabet = firstCache + 1<<maxCacheBits

	maxCodeLength = 15
)

// code is a prefix code: its symbols by length and value, which is the order of canonical codes,
// and the number of codes of each length. If it has one symbol, that takes no bits and count[0]
// is 1.
type code struct {
	count  [maxCodeLength + 1]uint16
	sorted [maxAlphabet]uint16
	max    uint // greatest length in use
}

// symbols returns how many symbols have a code that takes bits.
func (c *code) symbols() (n int) {
	for _, m := range c.count[1:] {
		n += int(m)
	}
	return n
}

// numCodeLengths is the size of the alphabet of the code for code lengths.
const numCodeLengths = 19

// codeLengthOrder is the order in which the lengths of that code are stored (RFC
// 9649 section 3.7.2.1.2).
var codeLengthOrder = [numCodeLengths]uint8{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// readCode reads a prefix code of an alphabet (RFC 9649 section 3.7.2.1) into c. If c is nil it
// only checks that the code is present and legal.
func (d *decoder) readCode(alphabet int, c *code) error {
	var err error
	if d.r.read(1) != 0 {
		err = d.readSimpleCode(alphabet, c)
	} else {
		err = d.readNormalCode(alphabet, c)
	}
	if d.r.overrun() {
		return d.truncated()
	}
	return err
}

// readSimpleCode reads a code of one or two symbols (RFC 9649 section 3.7.2.1.1). Like libwebp,
// it ignores a symbol outside the alphabet, and takes two equal symbols for one, so that the
// other needs no bit.
func (d *decoder) readSimpleCode(alphabet int, c *code) error {
	two := d.r.read(1) != 0
	firstBits := uint(1)
	if d.r.read(1) != 0 {
		firstBits = 8
	}
	a := int(d.r.read(firstBits))
	b := a
	if two {
		b = int(d.r.read(8))
	}
	if a > b {
		a, b = b, a
	}
	if a >= alphabet {
		return d.malformed("prefix code without a symbol")
	}
	if c == nil {
		return nil
	}
	c.count = [maxCodeLength + 1]uint16{}
	c.sorted[0] = uint16(a)
	if a == b || b >= alphabet {
		c.count[0], c.max = 1, 0
		return nil
	}
	c.sorted[1] = uint16(b)
	c.count[1], c.max = 2, 1
	return nil
}

// readNormalCode reads a code that is given by its code lengths, which are coded themselves (RFC
// 9649 section 3.7.2.1.2).
func (d *decoder) readNormalCode(alphabet int, c *code) error {
	if err := d.readCodeLengthCode(); err != nil {
		return err
	}
	left := alphabet // how many lengths may still be coded
	if d.r.read(1) != 0 {
		n := 2 + 2*d.r.read(3)
		left = 2 + int(d.r.read(n))
		if left > alphabet {
			return d.malformed("more code lengths than symbols")
		}
	}
	if e := d.lengthTable[0]; d.sameLength && e>>3 < 16 {
		return d.uniformCode(min(left, alphabet), uint(e>>3), c)
	}
	lens := d.lens[:alphabet]
	var count [maxCodeLength + 1]uint16
	previous := uint8(8)
	i := 0
	for ; i < len(lens) && left > 0; left-- {
		if d.r.n < 7+7 {
			d.r.refill()
		}
		e := d.lengthTable[d.r.acc&(1<<maxLengthBits-1)]
		nb := uint(e & 7)
		d.r.acc >>= nb
		d.r.n -= nb
		n := e >> 3
		if n < 16 {
			lens[i] = n
			count[n]++
			i++
			if n != 0 {
				previous = n
			}
			continue
		}
		repeat, value := 0, uint8(0)
		switch n {
		case 16:
			repeat, value = 3+int(d.r.read(2)), previous
		case 17:
			repeat = 3 + int(d.r.read(3))
		default:
			repeat = 11 + int(d.r.read(7))
		}
		if repeat > len(lens)-i {
			return d.malformed("code lengths past the last symbol")
		}
		count[value] += uint16(repeat)
		for ; repeat > 0; repeat-- {
			lens[i] = value
			i++
		}
	}
	count[0] = 0
	used, space := 0, 0
	for n := 1; n <= maxCodeLength; n++ {
		used += int(count[n])
		space += int(count[n]) << (maxCodeLength - n)
	}
	// A code must be complete, or have one symbol, whatever the length of its code.
	if used != 1 && space != 1<<maxCodeLength {
		return d.malformed("prefix code is over- or undersubscribed")
	}
	if c != nil {
		c.set(lens[:i], &count, used)
	}
	return nil
}

// uniformCode sets c to a code of n > 1 symbols that all have the same code length. Such a code
// takes so few bits in the file that it must cost little here.
func (d *decoder) uniformCode(n int, length uint, c *code) error {
	if length == 0 || n != 1<<length {
		return d.malformed("prefix code is over- or undersubscribed")
	}
	if c == nil {
		return nil
	}
	c.count, c.max = [maxCodeLength + 1]uint16{}, length
	c.count[length] = uint16(n)
	sorted := c.sorted[:n]
	for i := range sorted {
		sorted[i] = uint16(i)
	}
	return nil
}

// set sets c from code lengths.
func (c *code) set(lens []uint8, count *[maxCodeLength + 1]uint16, used int) {
	if used == 1 {
		*count = [maxCodeLength + 1]uint16{0: 1}
		c.count, c.max = *count, 0
		for i, n := range lens {
			if n != 0 {
				c.sorted[0] = uint16(i)
				return
			}
		}
		return
	}
	var next [maxCodeLength + 1]uint16
	at := uint16(0)
	for n := 1; n <= maxCodeLength; n++ {
		next[n] = at
		at += count[n]
		if count[n] != 0 {
			c.max = uint(n)
		}
	}
	c.count = *count
	for i, n := range lens {
		if n != 0 {
			c.sorted[next[n]] = uint16(i)
			next[n]++
		}
	}
}

// maxLengthBits is the greatest length of a code for a code length.
const maxLengthBits = 7

// readCodeLengthCode reads the code for code lengths into d.lengthTable. An entry is the symbol
// times 8 plus the number of bits to drop.
func (d *decoder) readCodeLengthCode() error {
	var lens [numCodeLengths]uint8
	var count [maxLengthBits + 1]uint8
	used, space, last := 0, 0, 0
	n := 4 + d.r.read(4)
	for _, i := range codeLengthOrder[:n] {
		v := d.r.read(3)
		if v != 0 {
			lens[i] = uint8(v)
			count[v]++
			used++
			space += 1 << (maxLengthBits - v)
			last = int(i)
		}
	}
	d.sameLength = used == 1
	if used == 1 {
		e := uint8(last << 3)
		for i := range d.lengthTable {
			d.lengthTable[i] = e
		}
		return nil
	}
	if space != 1<<maxLengthBits {
		return d.malformed("code length code is over- or undersubscribed")
	}
	next := uint(0) // first code of the length
	for l := uint(1); l <= maxLengthBits; l++ {
		next <<= 1
		if count[l] == 0 {
			continue
		}
		for i, v := range lens {
			if uint(v) != l {
				continue
			}
			e := uint8(i<<3) | uint8(l)
			for at := reverse(next, l); at < 1<<maxLengthBits; at += 1 << l {
				d.lengthTable[at] = e
			}
			next++
		}
	}
	return nil
}

// reverse returns the lowest n bits of v in reverse order.
func reverse(v, n uint) uint { return uint(bits.Reverse16(uint16(v))) >> (16 - n) }

func (d *decoder) truncated() error {
	return verify.Faultf(verify.Truncated, d.base+d.r.size(), "VP8L: bitstream is cut")
}

// malformed returns a fault at about the place that was last read.
func (d *decoder) malformed(text string) error {
	if d.r.overrun() {
		return d.truncated()
	}
	return verify.Faultf(verify.Malformed, d.base+d.r.used(), "VP8L: %s", text)
}
