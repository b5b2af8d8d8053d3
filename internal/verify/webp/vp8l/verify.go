package vp8l

import (
	"sync"

	"github.com/imgvet/imgvet/internal/verify"
)

// decoder is the state of one call of Verify. It is large, and reused.
type decoder struct {
	r    bitReader
	base int // offset of r.b in the file

	lengthTable [1 << maxLengthBits]uint8
	sameLength  bool // lengthTable has one entry
	lens        [maxAlphabet]uint8
	codes       [numCodes]code
	first       [1 << maxTableBits]uint8

	groups []group
	wide   []uint32 // tables of green
	middle []uint16 // tables of distances
	narrow []uint8  // tables of red, blue and alpha
	fast   []fastTables
	longs  []long
	counts [][maxCodeLength + 1]uint16

	tiles  []uint32 // the entropy image: first its pixels, then indexes of groups
	used   []int32  // maps a group of the file to its index in groups
	cache  [1 << maxCacheBits]uint32
	tables [numCodes][1 << maxTableBits]uint16
	src    verify.Section
	in     *verify.Input // nil for a file that Verify has passed
	looked int           // tiles passed when the context was looked at
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// maxKept is how many bytes of slices a decoder may take back into the pool.
const maxKept = 4 << 20

// Verify returns nil if b holds the whole of one bitstream of width x height pixels, without its
// header, else a [*verify.Fault]. base is the offset of b in the file of in. used is how many bytes of
// b the bitstream takes. in says how many steps it may cost beyond the time to read b.
func Verify(in *verify.Input, b verify.Section, base, width, height int) (used int, err error) {
	d := decoders.Get().(*decoder)
	d.src = b
	d.r, d.in, d.base = newBitReader(&d.src), in, base
	in.Holding(d)
	err = d.picture(width, height)
	in.Holding(nil)
	used = d.r.used()
	d.r, d.src, d.in = bitReader{}, verify.Section{}, nil
	if d.Holds() <= maxKept {
		decoders.Put(d)
	}
	return used, err
}

// Holds returns about how many bytes the slices of d have.
func (d *decoder) Holds() int64 {
	return int64(4*cap(d.wide) + 4096*cap(d.fast) + 2*cap(d.middle) + cap(d.narrow) + 64*cap(d.groups) +
		120*cap(d.longs) + 32*cap(d.counts) + 4*cap(d.tiles) + 4*cap(d.used))
}

// Transforms (RFC 9649 section 3.5).
const (
	predictor = iota
	crossColor
	subtractGreen
	colorIndexing
)

// picture verifies the transforms and the pixels.
func (d *decoder) picture(width, height int) error {
	var seen [4]bool
	for d.r.read(1) != 0 {
		t := d.r.read(2)
		if seen[t] {
			return d.malformed("transform is there twice")
		}
		seen[t] = true
		switch t {
		case predictor, crossColor:
			n := 2 + d.r.read(3)
			if err := d.subImage(tiles(width, n), tiles(height, n)); err != nil {
				return err
			}
		case colorIndexing:
			colors := 1 + int(d.r.read(8))
			if err := d.subImage(colors, 1); err != nil {
				return err
			}
			width = tiles(width, bundleBits(colors))
		}
	}
	cacheBits, err := d.readCacheBits()
	if err != nil {
		return err
	}
	if d.r.read(1) != 0 {
		return d.tiledImage(width, height, cacheBits)
	}
	return d.codedImage(width, height, cacheBits)
}

// bundleBits returns log2 of the number of pixels that share a byte in a picture of so few
// colours (RFC 9649 section 3.5.4).
func bundleBits(colors int) uint {
	switch {
	case colors <= 2:
		return 3
	case colors <= 4:
		return 2
	case colors <= 16:
		return 1
	}
	return 0
}

// tiles returns how many tiles of 1<<n pixels cover size pixels.
func tiles(size int, n uint) int { return (size + 1<<n - 1) >> n }

// subImage verifies the picture that belongs to a transform.
func (d *decoder) subImage(width, height int) error {
	cacheBits, err := d.readCacheBits()
	if err != nil {
		return err
	}
	return d.codedImage(width, height, cacheBits)
}

// readCacheBits reads log2 of the size of the colour cache, or 0 if there is
// none (RFC 9649 section 3.6.3).
func (d *decoder) readCacheBits() (uint, error) {
	if d.r.read(1) == 0 {
		return 0, nil
	}
	n := d.r.read(4)
	if n < 1 || n > maxCacheBits {
		return 0, d.malformed("size of the colour cache is illegal")
	}
	return n, nil
}

// codedImage verifies prefix codes and pixels of a picture with one group.
func (d *decoder) codedImage(width, height int, cacheBits uint) error {
	if err := d.readGroups(0, cacheBits, nil); err != nil {
		return err
	}
	return d.pixels(width, height, 0)
}

// tooMuchWork takes n steps off the budget. It returns a fault if that uses up the budget.
func (d *decoder) tooMuchWork(n int64) error {
	if d.in != nil && !d.in.Afford(n) {
		return verify.Faultf(verify.TooMuchWork, d.base+d.r.used(), "VP8L: pixels that take no bits are too many")
	}
	return nil
}
