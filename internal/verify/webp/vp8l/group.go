package vp8l

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// maxSymbols is how many symbols the prefix codes of all groups may have together, which a
// decoder must keep. 2600 groups, the most that libwebp makes, have half as many; but a
// code of 2048 symbols takes 8 bytes of a file.
const maxSymbols = 1 << 24

// The prefix codes of a group, in the order in which they are stored.
const (
	green = iota
	red
	blue
	alpha
	distance
	numCodes
)

// alphabetSize returns the number of symbols of the code i.
func alphabetSize(i int, cacheBits uint) int {
	switch i {
	case green:
		if cacheBits > 0 {
			return firstCache + 1<<cacheBits
		}
		return firstCache
	case distance:
		return numDistances
	}
	return numLiterals
}

// What the pixels of a group cost.
const (
	groupCoded    = iota
	groupConstant // takes no bits: literals of one colour, or one entry of the cache
	groupCopies   // takes no bits: copies of one length and distance
)

// group says where the tables of its five prefix codes start. An index of a long is -1 if the
// table has all codes.
type group struct {
	kind                      uint8
	copyLength, copyCode      uint8 // of groupCopies
	pixelBits, greenBits      uint8 // log2 of the size of the tables
	redBits, blueBits         uint8
	alphaBits, distanceBits   uint8
	pixels, green             uint32 // in decoder.wide
	red, blue, alpha          uint32 // in decoder.narrow
	distance                  uint32 // in decoder.middle
	fast                      int32  // in decoder.fast, or -1
	longGreen, longDistance   int32  // in decoder.longs
	longRed, longBlue, longAl int32  // in decoder.counts
}

// readGroups reads the prefix codes of groups 0..last into d.groups. If used is not nil, it maps
// the groups that the picture uses to their index there, and the others, which are only checked,
// to -1.
func (d *decoder) readGroups(last int, cacheBits uint, used []int32) error {
	kept := last + 1
	if used != nil {
		kept = 0
		for _, to := range used {
			if to >= 0 {
				kept++
			}
		}
	}
	// A table pays for itself only with many lookups.
	room := 2 * (d.r.size() - d.r.pos) / kept
	k := uint(min(max(bits.Len(uint(max(room, 0)))-1, minTableBits), maxTableBits))

	d.groups, d.wide, d.narrow, d.middle, d.fast = d.groups[:0], d.wide[:0], d.narrow[:0], d.middle[:0], d.fast[:0]
	d.longs, d.counts = d.longs[:0], d.counts[:0]
	symbols := 0
	for i := 0; i <= last; i++ {
		keep := used == nil || used[i] >= 0
		for j := range numCodes {
			c := &d.codes[j]
			if !keep {
				c = nil
			}
			if err := d.readCode(alphabetSize(j, cacheBits), c); err != nil {
				return err
			}
			if keep {
				symbols += c.symbols()
			}
		}
		if symbols > maxSymbols {
			return verify.Faultf(verify.TooMuchWork, d.base+d.r.used(), "VP8L: too many prefix codes")
		}
		if keep {
			d.groups = extend(d.groups, 1)
			d.groups[len(d.groups)-1] = d.newGroup(k)
		}
	}
	return nil
}

// newGroup builds the tables, of up to 1<<k entries, of the codes in d.codes.
func (d *decoder) newGroup(k uint) group {
	g := group{fast: -1, longGreen: -1, longDistance: -1, longRed: -1, longBlue: -1, longAl: -1}
	if d.constant(&g) {
		return g
	}
	g.green, g.greenBits = d.greenTable(k, &g.longGreen)
	g.distance, g.distanceBits = d.distanceTable(min(k, 8), &g.longDistance)
	c := &d.codes
	n := min(k, c[green].max+c[red].max+c[blue].max+c[alpha].max)
	if !d.dense(n) {
		if k == maxTableBits {
			// The tables above are for what the fast loop cannot handle.
			g.fast = d.fastTables()
		}
		d.literalTables(&g, k)
		g.pixels, g.pixelBits = g.green, g.greenBits
		return g
	}
	d.chainedTables(&g, k)
	g.pixels, g.pixelBits = uint32(len(d.wide)), uint8(n)
	d.wide = extend(d.wide, 1<<n)
	chainPixels(d.wide[g.pixels:], d.wide[g.green:][:1<<g.greenBits], d.narrow[g.red:][:1<<g.redBits], uint32(n))
	return g
}

// dense reports whether one lookup of k bits mostly passes whole pixels. If it does so only now
// and then, testing for it costs more than it saves: the branch cannot be predicted.
func (d *decoder) dense(k uint) bool {
	sum := uint(0) // expected bits of a pixel, times 1<<maxCodeLength
	for i := green; i <= alpha; i++ {
		for l := uint(1); l <= d.codes[i].max; l++ {
			sum += uint(d.codes[i].count[l]) * l << (maxCodeLength - l)
		}
	}
	return sum < k<<maxCodeLength*6/10
}

// constant reports whether the codes of a group take no bits. If so it sets g.
func (d *decoder) constant(g *group) bool {
	c := &d.codes
	if c[green].max != 0 {
		return false
	}
	switch s := c[green].sorted[0]; {
	case s < numLiterals:
		if c[red].max+c[blue].max+c[alpha].max != 0 {
			return false
		}
		g.kind = groupConstant
	case s < firstCache:
		// Prefix symbols below 4 have no extra bits.
		length, dist := s-numLiterals, c[distance].sorted[0]
		if length >= 4 || c[distance].max != 0 || dist >= 4 {
			return false
		}
		g.kind, g.copyLength, g.copyCode = groupCopies, uint8(length+1), uint8(dist+1)
	default:
		g.kind = groupConstant
	}
	return true
}

func (d *decoder) greenTable(k uint, long *int32) (at uint32, size uint8) {
	c := &d.codes[green]
	n := min(k, c.max)
	at = uint32(len(d.wide))
	d.wide = extend(d.wide, 1<<n)
	fill(d.wide[at:], n, c, kindLong, greenEntry)
	if n < c.max {
		*long = int32(len(d.longs))
		d.longs = extend(d.longs, 1)
		d.longs[*long] = longOf(c, numLiterals, firstCache)
	}
	return at, uint8(n)
}

func (d *decoder) distanceTable(k uint, long *int32) (at uint32, size uint8) {
	c := &d.codes[distance]
	n := min(k, c.max)
	at = uint32(len(d.middle))
	d.middle = extend(d.middle, 1<<n)
	fill(d.middle[at:], n, c, distanceLong, distanceEntry)
	if n < c.max {
		*long = int32(len(d.longs))
		d.longs = extend(d.longs, 1)
		d.longs[*long] = longOf(c, 0, numDistances)
	}
	return at, uint8(n)
}

// literalTables builds the tables of red, blue and alpha.
func (d *decoder) literalTables(g *group, k uint) {
	r, b, a := &d.codes[red], &d.codes[blue], &d.codes[alpha]
	entry := lengthEntry
	g.alpha, g.alphaBits = d.lengthTableOf(a, k, entry)
	g.longAl = d.longCounts(a, k)
	if a.max > 0 {
		entry = lengthAlphaEntry
	}
	g.blue, g.blueBits = d.lengthTableOf(b, k, entry)
	g.longBlue = d.longCounts(b, k)
	g.red, g.redBits = d.lengthTableOf(r, k, lengthBlueEntry)
	g.longRed = d.longCounts(r, k)
}

func (d *decoder) lengthTableOf(c *code, k uint, entry func(uint16, uint) uint8) (at uint32, size uint8) {
	n := min(k, c.max)
	at = uint32(len(d.narrow))
	d.narrow = extend(d.narrow, 1<<n)
	fill(d.narrow[at:], n, c, restLong, entry)
	return at, uint8(n)
}

// fastTables builds the tables for the fast loop, and returns their index.
func (d *decoder) fastTables() int32 {
	d.fast = extend(d.fast, 1)
	t := &d.fast[len(d.fast)-1]
	for i, entry := range [...]func(uint16, uint) uint8{green: fastGreenEntry, red: lengthEntry, blue: lengthEntry, alpha: lengthEntry} {
		c := &d.codes[i]
		n := min(c.max, maxTableBits)
		fill(t[i][:1<<n], n, c, fastStop, entry)
		for size := 1 << n; size < len(t[i]); size *= 2 {
			copy(t[i][size:2*size], t[i][:size])
		}
	}
	return int32(len(d.fast) - 1)
}

// chainedTables is literalTables for dense groups: an entry of red or blue also covers the codes
// that follow, if they fit.
func (d *decoder) chainedTables(g *group, k uint) {
	r, b, a := &d.codes[red], &d.codes[blue], &d.codes[alpha]
	g.alpha, g.alphaBits = d.lengthTableOf(a, k, lengthEntry)
	g.longAl = d.longCounts(a, k)

	first := d.first[:1<<min(k, b.max)]
	fill(first, min(k, b.max), b, restLong, lengthEntry)
	n := min(k, b.max+a.max)
	g.blueBits, g.blue = uint8(n), uint32(len(d.narrow))
	d.narrow = extend(d.narrow, 1<<n)
	chain(d.narrow[g.blue:], first, d.narrow[g.alpha:g.blue], n, restAlpha)
	g.longBlue = d.longCounts(b, k)

	first = d.first[:1<<min(k, r.max)]
	fill(first, min(k, r.max), r, restLong, lengthEntry)
	n = min(k, r.max+b.max+a.max)
	g.redBits, g.red = uint8(n), uint32(len(d.narrow))
	d.narrow = extend(d.narrow, 1<<n)
	chain(d.narrow[g.red:], first, d.narrow[g.blue:g.red], n, restBlue)
	g.longRed = d.longCounts(r, k)
}

// longCounts keeps the counts of c if it has codes of more than k bits.
func (d *decoder) longCounts(c *code, k uint) int32 {
	if c.max <= k {
		return -1
	}
	d.counts = extend(d.counts, 1)
	d.counts[len(d.counts)-1] = c.count
	return int32(len(d.counts) - 1)
}

// extend lengthens s by n elements, whose values are undefined. If s must grow it doubles, since
// slower growth would leave more garbage behind.
func extend[T any](s []T, n int) []T {
	if m := len(s) + n; m <= cap(s) {
		return s[:m]
	}
	t := make([]T, len(s)+n, max(2*len(s), len(s)+n))
	copy(t, s)
	return t
}
