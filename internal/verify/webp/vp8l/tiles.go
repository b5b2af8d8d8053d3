package vp8l

import "github.com/imgvet/imgvet/internal/verify"

// How many tiles a picture may have. libwebp makes at most 2600. Each takes four bytes of memory
// here, and more in a decoder, but copies can code one in 1/300 of a bit.
const (
	freeTiles    = 1 << 16
	tilesPerByte = 16
)

// tiledImage verifies a picture whose tiles choose among groups of prefix codes (RFC 9649
// section 3.6.2.2).
func (d *decoder) tiledImage(width, height int, cacheBits uint) error {
	n := 2 + d.r.read(3)
	w, h := tiles(width, n), tiles(height, n)
	if total := int64(w) * int64(h); total > freeTiles+tilesPerByte*int64(d.r.size()) {
		f := verify.Faultf(verify.TooMuchWork, d.base+d.r.used(), "VP8L: too many tiles for so few bytes")
		f.Limit, f.Got = freeTiles+tilesPerByte*int64(d.r.size()), total
		return f
	}
	if err := d.entropyImage(w, w*h); err != nil {
		return err
	}
	last, kept := d.useGroups()
	if err := d.readGroups(last, cacheBits, d.used); err != nil {
		return err
	}
	if kept == 1 {
		return d.pixels(width, height, 0)
	}
	for i, g := range d.tiles {
		d.tiles[i] = uint32(d.used[g])
	}
	// A tile that takes no bits still takes one step a row.
	for i := range d.groups {
		if d.groups[i].kind != groupCoded {
			if err := d.tooMuchWork(int64(w) * int64(height)); err != nil {
				return err
			}
			break
		}
	}
	return d.pixels(width, height, n)
}

// useGroups sets d.used to the index of each group that d.tiles names, and to -1 for the others.
// It returns the last group named, and how many are named.
func (d *decoder) useGroups() (last, kept int) {
	for _, g := range d.tiles {
		last = max(last, int(g))
	}
	d.used = extend(d.used[:0], last+1)
	for i := range d.used {
		d.used[i] = -1
	}
	for _, g := range d.tiles {
		d.used[g] = 0
	}
	place := int32(0)
	for i, to := range d.used {
		if to >= 0 {
			d.used[i] = place
			place++
		}
	}
	return last, int(place)
}

// entropyImage decodes the entropy image, whose pixels name the groups, into d.tiles. d.tiles
// has one element if all tiles use the same group. Verify needs no other picture's colours.
func (d *decoder) entropyImage(width, total int) error {
	cacheBits, err := d.readCacheBits()
	if err != nil {
		return err
	}
	if err := d.readCodes(cacheBits); err != nil {
		return err
	}
	// Unused groups are still in the file, and are read.
	if c := &d.codes; c[green].max+c[red].max+c[blue].max+c[alpha].max == 0 && c[green].sorted[0] < numLiterals {
		d.tiles = append(d.tiles[:0], uint32(c[red].sorted[0]<<8|c[green].sorted[0]))
		return nil
	}
	if err := d.tooMuchWork(int64(total)); err != nil {
		return err
	}
	d.imageTables()
	if err := d.entropyPixels(width, total, cacheBits); err != nil {
		return err
	}
	for i, argb := range d.tiles {
		d.tiles[i] = argb >> 8 & 0xffff
	}
	return nil
}

// readCodes reads the prefix codes of one group into d.codes.
func (d *decoder) readCodes(cacheBits uint) error {
	for i := range numCodes {
		if err := d.readCode(alphabetSize(i, cacheBits), &d.codes[i]); err != nil {
			return err
		}
	}
	return nil
}

// imageTables builds the tables of d.codes whose entries hold symbols.
func (d *decoder) imageTables() {
	for i := range d.codes {
		c := &d.codes[i]
		k := min(c.max, maxTableBits)
		fill(d.tables[i][:1<<k], k, c, symbolLong, symbolEntry)
	}
}

// entropyPixels decodes total pixels into d.tiles, which grows as they arrive.
func (d *decoder) entropyPixels(width, total int, cacheBits uint) error {
	px := d.tiles[:0]
	cached := 0 // pixels already in the colour cache
	if cacheBits > 0 {
		clear(d.cache[:1<<cacheBits])
	}
	for ; len(px) < total; d.tiles = px {
		if d.r.overrun() {
			return d.truncated()
		}
		if len(px) == cap(px) {
			// Grow to what is needed, but never far beyond what the data have paid for.
			px = extend(px, min(max(1024, len(px)), total-len(px)))[:len(px)]
		}
		s := d.symbol(green)
		switch {
		case s < numLiterals:
			argb := uint32(s)<<8 | uint32(d.symbol(red))<<16
			argb |= uint32(d.symbol(blue)) | uint32(d.symbol(alpha))<<24
			px = append(px, argb)
		case s < firstCache:
			length := d.prefixed(uint(s - numLiterals))
			dist := planeDistance(width, d.prefixed(uint(d.symbol(distance))))
			if dist > len(px) || length > total-len(px) {
				return d.malformed("copy from before the picture, or past its end")
			}
			if length > cap(px)-len(px) {
				px = extend(px, min(max(length, len(px)), total-len(px)))[:len(px)]
			}
			for range length {
				px = append(px, px[len(px)-dist])
			}
		default:
			for ; cached < len(px); cached++ {
				d.cache[px[cached]*0x1e35a7bd>>(32-cacheBits)] = px[cached]
			}
			px = append(px, d.cache[s-firstCache])
		}
	}
	if d.r.overrun() {
		return d.truncated()
	}
	return nil
}

// symbolLong stands for a code that is too long for the table. Other entries are the symbol
// times 16 plus the number of bits to drop.
const symbolLong = 0xffff

func symbolEntry(symbol uint16, length uint) uint16 { return symbol<<4 | uint16(length) }

// symbol reads a symbol of the code i of the entropy image.
func (d *decoder) symbol(i int) uint16 {
	if d.r.n < maxCodeLength {
		d.r.refill()
	}
	c := &d.codes[i]
	e := d.tables[i][d.r.acc&(1<<min(c.max, maxTableBits)-1)]
	if e != symbolLong {
		d.r.acc >>= e & 15
		d.r.n -= uint(e & 15)
		return e >> 4
	}
	v, first, at := uint(0), uint(0), uint(0)
	for l := 1; l <= maxCodeLength; l++ {
		v = v<<1 | d.r.read(1)
		n := uint(c.count[l])
		if v-first < n {
			return c.sorted[at+v-first]
		}
		at += n
		first = (first + n) << 1
	}
	return c.sorted[0]
}

// prefixed reads the rest of a length or a distance after its prefix symbol (RFC 9649 section
// 3.6.2.2).
func (d *decoder) prefixed(symbol uint) int {
	if symbol < 4 {
		return int(symbol) + 1
	}
	n := (symbol - 2) >> 1
	return int((2+symbol&1)<<n+d.r.read(n)) + 1
}
