package vp8l

// Lookup tables. Only positions in the bitstream matter, so an entry says how many bits to drop,
// and one lookup passes whole pixels if their codes are short.

const (
	minTableBits = 4
	maxTableBits = 10 // at most 15: the entries rely on it
)

// An entry for green says what the next bits are: any number of whole pixels, then perhaps the
// start of a literal or of a copy.
//
//	bits 0-5    bits to drop
//	bits 6-7    kind
//	bits 8-11   whole pixels passed
//	bits 12-15  the same, and one more if a pixel has begun
//	bits 16-20  prefix symbol of the length, of a copy
const (
	kindWhole   = 0 << 6 // nothing follows
	kindLiteral = 1 << 6 // red, blue and alpha follow
	kindCopy    = 2 << 6 // the rest of the length, and the distance follow
	kindLong    = 3 << 6 // the code is too long for the table; drops nothing
	kindMask    = 3 << 6

	wholeShift = 8
	needShift  = 12
	countMask  = 15
	lengthBit  = 16
)

// An entry for red, blue or alpha says how many bits to drop, in bits 0-5, and what is then left
// of the literal. In all entries the flags are above the 6 bits that a shift uses, so that the
// shift need not wait for a mask.
const (
	restNone  = 0 << 6
	restBlue  = 1 << 6 // and alpha
	restAlpha = 2 << 6
	restLong  = 3 << 6 // the code is too long for the table; drops nothing
	restMask  = 3 << 6
	restBits  = 63
)

// An entry for a distance is the symbol times 16 plus the bits to drop.
const distanceLong = 0xffff

// fastTables are the tables of green, red, blue and alpha for the fast loop, which passes
// literals and entries of the colour cache. An entry is the number of bits to drop.
type fastTables [distance][1 << maxTableBits]uint8

const (
	fastCache = 1 << 6 // an entry of the colour cache: no red, blue and alpha follow
	fastStop  = 1 << 7 // anything else, or a code too long for the table; drops nothing
)

func fastGreenEntry(symbol uint16, length uint) uint8 {
	switch {
	case symbol < numLiterals:
		return uint8(length)
	case symbol < firstCache:
		return fastStop
	}
	return uint8(length) | fastCache
}

// long decodes codes that do not fit a table. For green and for distances it keeps the meaning
// of the symbols.
type long struct {
	count    [maxCodeLength + 1]uint16 // codes of each length
	literals [maxCodeLength + 1]uint16 // how many of these are literals; they come first
	prefixes [maxCodeLength + 1]uint8  // how many of these, the next ones, are lengths or distances
	symbols  [numDistances]uint8       // the symbols of prefixes, in the order of their codes
}

// fill fills the table t, of 1<<k entries, for the code c. It writes each entry once, at the
// size that the table has when its length is reached, and copies it as the table doubles.
func fill[T uint8 | uint16 | uint32](t []T, k uint, c *code, empty T, entry func(symbol uint16, length uint) T) {
	if c.max == 0 {
		t[0] = entry(c.sorted[0], 0)
		return
	}
	t[0] = empty
	next, at := uint(0), 0
	for l := uint(1); l <= k; l++ {
		copy(t[1<<(l-1):1<<l], t[:1<<(l-1)])
		next <<= 1
		for range c.count[l] {
			t[reverse(next, l)] = entry(c.sorted[at], l)
			next++
			at++
		}
	}
}

func greenEntry(symbol uint16, length uint) uint32 {
	switch e := uint32(length); {
	case symbol < numLiterals:
		return e | kindLiteral | 1<<needShift
	case symbol < firstCache:
		return e | kindCopy | 1<<needShift | uint32(symbol-numLiterals)<<lengthBit
	default:
		return e | kindWhole | 1<<wholeShift | 1<<needShift
	}
}

func lengthEntry(_ uint16, length uint) uint8 { return uint8(length) | restNone }

func lengthBlueEntry(_ uint16, length uint) uint8 { return uint8(length) | restBlue }

func lengthAlphaEntry(_ uint16, length uint) uint8 { return uint8(length) | restAlpha }

func distanceEntry(symbol uint16, length uint) uint16 { return symbol<<4 | uint16(length) }

// chain fills the table t, of 1<<k entries, which looks up a code in first, and the one that
// follows in then. If the two do not fit, rest says what is left.
func chain(t, first, then []uint8, k uint, rest uint8) {
	for i := range t {
		e := first[i&(len(first)-1)]
		if e == restLong {
			t[i] = e
			continue
		}
		f := then[i>>e&(len(then)-1)]
		if f&restMask != restLong && uint(e+f&restBits) <= k {
			t[i] = e + f
		} else {
			t[i] = e | rest
		}
	}
}

// chainPixels fills the table t, of 1<<k entries, which looks up as many whole pixels as fit.
func chainPixels(t, green []uint32, red []uint8, k uint32) {
	for i := range t {
		used, pixels := uint32(0), uint32(0)
		for {
			e := green[i>>used&(len(green)-1)]
			n := used + e&63
			kind := e & kindMask
			if kind == kindLong || n > k {
				if pixels == 0 {
					t[i] = e
				} else {
					t[i] = used | kindWhole | pixels<<wholeShift | pixels<<needShift
				}
				break
			}
			if kind == kindWhole {
				used = n
				pixels++
				continue
			}
			if kind == kindLiteral {
				r := red[i>>n&(len(red)-1)]
				if r&restMask == restNone && n+uint32(r) <= k {
					used = n + uint32(r)
					pixels++
					continue
				}
			}
			t[i] = e&^63 + n + pixels<<wholeShift + pixels<<needShift
			break
		}
	}
}

// longOf returns the long of c. Symbols below literals share one meaning, those from there up to
// limit differ, and those from limit on share one again.
func longOf(c *code, literals, limit uint16) long {
	g := long{count: c.count}
	at, n := 0, 0
	for l := 1; l <= maxCodeLength; l++ {
		for range c.count[l] {
			switch s := c.sorted[at]; {
			case s < literals:
				g.literals[l]++
			case s < limit:
				g.prefixes[l]++
				g.symbols[n] = uint8(s - literals)
				n++
			}
			at++
		}
	}
	return g
}

// codeLength returns the length, 1..15, of the code at the start of acc.
func codeLength(acc uint64, count *[maxCodeLength + 1]uint16) uint {
	v, first := uint(0), uint(0)
	for l := uint(1); l <= maxCodeLength; l++ {
		v = v<<1 | uint(acc)&1
		acc >>= 1
		n := uint(count[l])
		if v-first < n {
			return l
		}
		first = (first + n) << 1
	}
	return maxCodeLength
}

// find returns the length of the code at the start of acc, and its rank among the codes of that
// length.
func (g *long) find(acc uint64) (length, rank uint) {
	v, first := uint(0), uint(0)
	for l := uint(1); l <= maxCodeLength; l++ {
		v = v<<1 | uint(acc)&1
		acc >>= 1
		n := uint(g.count[l])
		if v-first < n {
			return l, v - first
		}
		first = (first + n) << 1
	}
	return maxCodeLength, 0
}

// green returns the entry for the code at the start of acc.
func (g *long) green(acc uint64) uint32 {
	l, rank := g.find(acc)
	literals, prefixes := uint(g.literals[l]), uint(g.prefixes[l])
	switch {
	case rank < literals:
		return greenEntry(0, l)
	case rank < literals+prefixes:
		return greenEntry(numLiterals+uint16(g.symbol(l, rank-literals)), l)
	default:
		return greenEntry(firstCache, l)
	}
}

// distance returns the entry for the code at the start of acc.
func (g *long) distance(acc uint64) uint16 {
	l, rank := g.find(acc)
	return distanceEntry(uint16(g.symbol(l, rank)), l)
}

// symbol returns the prefix symbol of this rank among those of length l.
func (g *long) symbol(l, rank uint) uint8 {
	for _, n := range g.prefixes[:l] {
		rank += uint(n)
	}
	return g.symbols[min(rank, numDistances-1)]
}
