package vp8l

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// window is how many pixels back a copy can reach (RFC 9649 section 3.6.2.2: the greatest
// distance is 2^20-120, and 7 rows and 8 pixels are less).
const window = 1 << 20

// Rows decodes a bitstream, without its header, that [Verify] has passed. It calls put with each
// row from the top: alpha in the highest byte, then red, green and blue. put must not keep a
// row; an error of put ends Rows.
//
// It does not hold the whole picture. It holds 4 bytes for each of the last 2^20 pixels, 4 for
// each tile of a transform (at most one for 16 pixels), and the tables of the prefix codes,
// whose symbols Verify has counted.
func Rows(b []byte, width, height int, put func(y int, argb []uint32) error) error {
	d := decoders.Get().(*decoder)
	d.src = verify.SectionOf(b)
	d.r, d.base = newBitReader(&d.src), 0
	err := d.rows(width, height, put)
	d.r, d.src = bitReader{}, verify.Section{}
	if 4*cap(d.tiles) <= maxKept {
		decoders.Put(d)
	}
	return err
}

func (d *decoder) rows(width, height int, put func(y int, argb []uint32) error) error {
	chain, coded, err := d.readTransforms(width, height)
	if err != nil {
		return err
	}
	cacheBits, err := d.readCacheBits()
	if err != nil {
		return err
	}
	r := ring{d: d, width: coded, height: height, cacheBits: cacheBits}
	last := 0
	var used []int32
	if d.r.read(1) != 0 {
		if last, used, err = r.readTiles(); err != nil {
			return err
		}
	}
	if err := r.readGroups(last, used); err != nil {
		return err
	}
	line, full := make([]uint32, coded), make([]uint32, width)
	return r.pixels(func(y, start int) error {
		r.copyRow(line, start)
		row := line
		for i := len(chain) - 1; i >= 0; i-- {
			row = chain[i].inverse(y, row, full)
		}
		return put(y, row)
	})
}

// readTransforms reads the transforms, and returns the width of the coded picture.
func (d *decoder) readTransforms(width, height int) (chain []*transform, coded int, err error) {
	var seen [4]bool
	for d.r.read(1) != 0 {
		t := &transform{kind: d.r.read(2), width: width}
		if seen[t.kind] {
			return nil, 0, d.malformed("transform is there twice")
		}
		seen[t.kind] = true
		w, h := 0, 0
		switch t.kind {
		case predictor, crossColor:
			t.bits = 2 + d.r.read(3)
			w, h = tiles(width, t.bits), tiles(height, t.bits)
		case colorIndexing:
			w, h = 1+int(d.r.read(8)), 1
			t.bits = bundleBits(w)
			width = tiles(width, t.bits)
		}
		if w > 0 {
			colours, err := d.subColours(w, h)
			if err != nil {
				return nil, 0, err
			}
			t.setTiles(colours, w)
		}
		chain = append(chain, t)
	}
	return chain, width, nil
}

// subColours decodes the picture that belongs to a transform.
func (d *decoder) subColours(width, height int) ([]uint32, error) {
	cacheBits, err := d.readCacheBits()
	if err != nil {
		return nil, err
	}
	if err := d.readCodes(cacheBits); err != nil {
		return nil, err
	}
	d.tiles = nil // the caller keeps it
	d.imageTables()
	err = d.entropyPixels(width, width*height, cacheBits)
	px := d.tiles
	d.tiles = nil
	return px, err
}

// valueCode is a prefix code that decodes symbols: a table as for entropyImage, and the code
// itself for codes too long for the table.
type valueCode struct {
	table []uint16
	count *[maxCodeLength + 1]uint16
	more  []uint16 // symbols in the order of their codes
}

type valueGroup [numCodes]valueCode

// ring decodes the pixels of a picture, and keeps the last of them.
type ring struct {
	d             *decoder
	width, height int
	cacheBits     uint
	tileBits      uint
	tileWidth     int
	groups        []valueGroup
	px            []uint32
	cached        int // pixels already in the colour cache
}

// readTiles reads the group of each tile into d.tiles.
func (r *ring) readTiles() (last int, used []int32, err error) {
	d := r.d
	n := 2 + d.r.read(3)
	w, h := tiles(r.width, n), tiles(r.height, n)
	if err := d.entropyImage(w, w*h); err != nil {
		return 0, nil, err
	}
	last, kept := d.useGroups()
	if kept > 1 {
		r.tileBits, r.tileWidth = n, w
	}
	return last, d.used, nil
}

// readGroups reads the prefix codes of groups 0..last, and keeps those that used names.
func (r *ring) readGroups(last int, used []int32) error {
	d := r.d
	kept := 1
	if used != nil {
		kept = 0
		for _, to := range used {
			if to >= 0 {
				kept++
			}
		}
	}
	// Many groups get small tables, so that hostile files do not fill memory with them.
	k := uint(max(minTableBits, maxTableBits-bits.Len(uint(kept)>>6)))
	for i := 0; i <= last; i++ {
		keep := used == nil || used[i] >= 0
		var g valueGroup
		for j := range numCodes {
			var c *code
			if keep {
				c = &d.codes[j]
			}
			if err := d.readCode(alphabetSize(j, r.cacheBits), c); err != nil {
				return err
			}
			if keep {
				g[j].set(c, k)
			}
		}
		if keep {
			r.groups = append(r.groups, g)
		}
	}
	return nil
}

// set builds the tables of c, of up to 1<<k entries.
func (v *valueCode) set(c *code, k uint) {
	k = min(k, c.max)
	v.table = make([]uint16, 1<<k)
	fill(v.table, k, c, symbolLong, symbolEntry)
	if c.max <= k {
		return
	}
	count := c.count
	v.count, v.more = &count, append([]uint16(nil), c.sorted[:c.symbols()]...)
}

// symbol reads a symbol; 15 bits must have been loaded.
func (v *valueCode) symbol(r *bitReader) uint {
	e := v.table[r.acc&uint64(len(v.table)-1)]
	if e != symbolLong {
		r.acc >>= e & 15
		r.n -= uint(e & 15)
		return uint(e >> 4)
	}
	value, first, at := uint(0), uint(0), uint(0)
	for l := 1; l <= maxCodeLength; l++ {
		value = value<<1 | r.read(1)
		n := uint(v.count[l])
		if value-first < n {
			return uint(v.more[at+value-first])
		}
		at += n
		first = (first + n) << 1
	}
	return 0 // a complete code has no such bits
}

// pixels decodes all pixels. It calls done with the index of each row's first pixel; the row is
// in the ring until done returns.
func (r *ring) pixels(done func(y, start int) error) error {
	d := r.d
	total := r.width * r.height
	size := 1 << bits.Len(uint(min(total, window)-1))
	r.px = make([]uint32, size)
	clear(d.cache[:])
	mask := size - 1
	at, row, y, runEnd := 0, 0, 0, 0
	var g *valueGroup
	for at < total {
		if at >= runEnd {
			if g, runEnd = &r.groups[0], row+r.width; r.tileWidth > 0 {
				x := at - row
				g = &r.groups[d.used[d.tiles[y>>r.tileBits*r.tileWidth+x>>r.tileBits]]]
				runEnd = row + min(r.width, (x>>r.tileBits+1)<<r.tileBits)
			}
		}
		if d.r.overrun() {
			return d.truncated()
		}
		d.r.refill()
		length, dist := 1, 0
		switch s := g[green].symbol(&d.r); {
		case s < numLiterals:
			argb := uint32(s) << 8
			argb |= uint32(g[red].symbol(&d.r)) << 16
			argb |= uint32(g[blue].symbol(&d.r))
			if d.r.n < maxCodeLength {
				d.r.refill()
			}
			r.px[at&mask] = argb | uint32(g[alpha].symbol(&d.r))<<24
		case s < firstCache:
			length = d.prefixed(s - numLiterals)
			d.r.refill()
			dist = planeDistance(r.width, d.prefixed(g[distance].symbol(&d.r)))
			if dist > at || length > total-at {
				return d.malformed("copy from before the picture, or past its end")
			}
		default:
			r.fillCache(at)
			r.px[at&mask] = d.cache[s-firstCache]
		}
		// In pieces that end with a row, which is passed on before the ring comes round to it.
		for length > 0 {
			n := min(length, row+r.width-at)
			if dist > 0 {
				for i := at; i < at+n; i++ {
					r.px[i&mask] = r.px[(i-dist)&mask]
				}
			}
			at, length = at+n, length-n
			if at < row+r.width {
				break
			}
			r.fillCache(at)
			if err := done(y, row); err != nil {
				return err
			}
			row, y = at, y+1
		}
	}
	if d.r.overrun() {
		return d.truncated()
	}
	return nil
}

// fillCache adds the pixels before at to the colour cache.
func (r *ring) fillCache(at int) {
	if r.cacheBits == 0 {
		return
	}
	mask := len(r.px) - 1
	for ; r.cached < at; r.cached++ {
		px := r.px[r.cached&mask]
		r.d.cache[px*0x1e35a7bd>>(32-r.cacheBits)] = px
	}
}

// copyRow copies pixels from start on to line.
func (r *ring) copyRow(line []uint32, start int) {
	n := copy(line, r.px[start&(len(r.px)-1):])
	copy(line[n:], r.px)
}
