package vp8l

import "encoding/binary"

// planeCodes are the 120 pixels around the current one that have short distance codes: 16 times
// the rows up, plus 8, minus the columns left (RFC 9649 section 3.6.2.2).
var planeCodes = [120]uint8{
	0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a,
	0x38, 0x05, 0x37, 0x39, 0x15, 0x1b, 0x36, 0x3a, 0x25, 0x2b, 0x48, 0x04,
	0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46, 0x4a, 0x24, 0x2c, 0x58, 0x45,
	0x4b, 0x34, 0x3c, 0x03, 0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a, 0x23, 0x2d,
	0x44, 0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1e,
	0x66, 0x6a, 0x22, 0x2e, 0x54, 0x5c, 0x43, 0x4d, 0x65, 0x6b, 0x32, 0x3e,
	0x78, 0x01, 0x77, 0x79, 0x53, 0x5d, 0x11, 0x1f, 0x64, 0x6c, 0x42, 0x4e,
	0x76, 0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f, 0x63, 0x6d, 0x52, 0x5e,
	0x00, 0x74, 0x7c, 0x41, 0x4f, 0x10, 0x20, 0x62, 0x6e, 0x30, 0x73, 0x7d,
	0x51, 0x5f, 0x40, 0x72, 0x7e, 0x61, 0x6f, 0x50, 0x71, 0x7f, 0x60, 0x70,
}

// planeDistance returns how many pixels back a distance code points, in a picture of this width.
func planeDistance(width, code int) int {
	if code > len(planeCodes) {
		return code - len(planeCodes)
	}
	p := int(planeCodes[code-1])
	return max(p>>4*width+8-p&15, 1)
}

// tilesPerLook is how many tiles of a row may be passed between two looks at the context. They may
// take no bits.
const tilesPerLook = 1 << 20

// passTiles looks at the context if many tiles have been passed since it last did; n is how many
// have been in all. It reports whether the verification may go on.
func (d *decoder) passTiles(n int) bool {
	if n-d.looked < tilesPerLook {
		return true
	}
	d.looked = n
	return d.in.Look()
}

// pixels verifies the pixels of a picture whose groups are in d.groups. If tileBits is not 0,
// tiles are that large, and d.tiles says which group each tile uses; else there is one group.
//
// Only the position in the bitstream and the number of pixels matter. They suffice to find both
// kinds of illegal symbols: copies from before the picture, and past its end.
func (d *decoder) pixels(width, height int, tileBits uint) error {
	total := width * height
	d.looked = 0
	var (
		pos       = d.r.pos
		acc, n    = d.r.acc, d.r.n
		at        = 0 // pixels passed
		runEnd    = 0 // up to here the group is certainly the same
		row, y    = 0, 0
		tileWidth = tiles(width, tileBits)
		g         *group
		pixels    []uint32
		reds      []uint8
		blues     []uint8
		pixelMask uint64
		redMask   uint64
		blueMask  uint64
	)
window:
	for at < total {
		b := d.r.b
		for at < total {
			if at >= runEnd {
				if tileBits == 0 {
					g, runEnd = &d.groups[0], total
				} else {
					if at-row >= width {
						y += (at - row) / width
						row = y * width
						if !d.passTiles(y * tileWidth) {
							return d.in.Err()
						}
					}
					x := at - row
					g = &d.groups[d.tiles[y>>tileBits*tileWidth+x>>tileBits]]
					runEnd = row + min(width, (x>>tileBits+1)<<tileBits)
				}
				if g.kind == groupConstant {
					at = runEnd
					continue
				}
				if g.kind == groupCopies {
					length, dist := int(g.copyLength), planeDistance(width, int(g.copyCode))
					at2 := at + (runEnd-at+length-1)/length*length
					if dist > at || at2 > total {
						return d.malformed("copy from before the picture, or past its end")
					}
					at = at2
					continue
				}
				pixels = d.wide[g.pixels:][:1<<g.pixelBits]
				reds = d.narrow[g.red:][:1<<g.redBits]
				blues = d.narrow[g.blue:][:1<<g.blueBits]
				pixelMask, redMask, blueMask = 1<<g.pixelBits-1, 1<<g.redBits-1, 1<<g.blueBits-1
			}
			if g.fast >= 0 {
				d.r.acc, d.r.n, d.r.pos = acc, n, pos
				if g.alphaBits > 0 {
					at = d.r.literalsAlpha(&d.fast[g.fast], at, runEnd)
				} else {
					at = d.r.literals(&d.fast[g.fast], at, runEnd)
				}
				acc, n, pos = d.r.acc, d.r.n, d.r.pos
				if at >= runEnd {
					continue
				}
			}
			// 56 bits are enough for all but a green code that is too long for the table: 10 bits of
			// it, then 3 times 15, or 10+15+18 for a copy.
			if pos+8 <= len(b) {
				acc |= binary.LittleEndian.Uint64(b[pos:]) << (n & 63)
				pos += int((63 - n) >> 3)
				n |= 56
			} else {
				d.r.acc, d.r.n, d.r.pos = acc, n, pos
				if d.r.grow() {
					continue window
				}
				d.r.refillTail()
				if d.r.overrun() {
					return d.truncated()
				}
				acc, n, pos = d.r.acc, d.r.n, d.r.pos
			}
			e := pixels[acc&pixelMask]
			if int(e>>needShift&countMask) > runEnd-at {
				e = d.wide[g.green:][acc&(1<<g.greenBits-1)]
			}
			if e&kindMask == kindLong {
				e = d.longs[g.longGreen].green(acc)
				acc >>= e & 63
				n -= uint(e & 63)
				d.r.acc, d.r.n, d.r.pos = acc, n, pos
				d.r.refill()
				acc, n, pos = d.r.acc, d.r.n, d.r.pos
				e &^= 63
			}
			acc >>= e & 63
			n -= uint(e & 63)
			at += int(e >> wholeShift & countMask)
			switch e & kindMask {
			case kindLiteral:
				at++
				f := reds[acc&redMask]
				if f == restLong {
					f = uint8(codeLength(acc, &d.counts[g.longRed])) | restBlue
				}
				acc >>= f & restBits
				n -= uint(f & restBits)
				if f < restBlue {
					continue
				}
				if f < restAlpha {
					f = blues[acc&blueMask]
					if f == restLong {
						f = uint8(codeLength(acc, &d.counts[g.longBlue])) | restAlpha
					}
					acc >>= f & restBits
					n -= uint(f & restBits)
					if f < restBlue {
						continue
					}
				}
				f = d.narrow[g.alpha:][acc&(1<<g.alphaBits-1)]
				if f == restLong {
					f = uint8(codeLength(acc, &d.counts[g.longAl]))
				}
				acc >>= f & restBits
				n -= uint(f & restBits)
			case kindCopy:
				d.r.acc, d.r.n, d.r.pos = acc, n, pos
				length := d.prefixed(uint(e >> lengthBit))
				dist := planeDistance(width, d.prefixed(d.distance(g)))
				if dist > at || length > total-at {
					return d.malformed("copy from before the picture, or past its end")
				}
				acc, n, pos = d.r.acc, d.r.n, d.r.pos
				at += length
			}
		}
	}
	d.r.acc, d.r.n, d.r.pos = acc, n, pos
	if d.r.overrun() {
		return d.truncated()
	}
	return nil
}

// literals passes literals whose alpha takes no bits, and entries of the colour cache. It starts
// at pixel at and stops at runEnd, at anything else, or when fewer than 8 bytes are left, and
// returns the pixel it reached. Photographs spend most of their time here: each lookup must wait
// for the one before, so the loop must hold little else.
func (r *bitReader) literals(t *fastTables, at, runEnd int) int {
	const mask = 1<<maxTableBits - 1
	acc, n, pos, b := r.acc, r.n, r.pos, r.b
	for at < runEnd && pos+8 <= len(b) {
		acc |= binary.LittleEndian.Uint64(b[pos:pos+8:pos+8]) << (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		// The flags of an entry are above the 6 bits that a shift uses.
		g := t[green][acc&mask]
		rest := acc >> (g & 63)
		if g >= fastCache {
			if g >= fastStop {
				break
			}
			acc = rest
			n -= uint(g & 63)
			at++
			continue
		}
		f := t[red][rest&mask]
		rest >>= f & 63
		u := t[blue][rest&mask]
		rest >>= u & 63
		sum := uint(g) + uint(f) + uint(u)
		if sum >= fastStop {
			break
		}
		acc = rest
		n -= sum
		at++
	}
	r.acc, r.n, r.pos = acc, n, pos
	return at
}

// literalsAlpha is literals for codes whose alpha takes bits.
func (r *bitReader) literalsAlpha(t *fastTables, at, runEnd int) int {
	const mask = 1<<maxTableBits - 1
	acc, n, pos, b := r.acc, r.n, r.pos, r.b
	for at < runEnd && pos+8 <= len(b) {
		acc |= binary.LittleEndian.Uint64(b[pos:pos+8:pos+8]) << (n & 63)
		pos += int((63 - n) >> 3)
		n |= 56
		// The flags of an entry are above the 6 bits that a shift uses.
		g := t[green][acc&mask]
		rest := acc >> (g & 63)
		if g >= fastCache {
			if g >= fastStop {
				break
			}
			acc = rest
			n -= uint(g & 63)
			at++
			continue
		}
		f := t[red][rest&mask]
		rest >>= f & 63
		u := t[blue][rest&mask]
		rest >>= u & 63
		a := t[alpha][rest&mask]
		rest >>= a & 63
		sum := uint(g) + uint(f) + uint(u) + uint(a)
		if sum >= fastStop {
			break
		}
		acc = rest
		n -= sum
		at++
	}
	r.acc, r.n, r.pos = acc, n, pos
	return at
}

// distance reads the prefix symbol of a distance.
func (d *decoder) distance(g *group) uint {
	if d.r.n < maxCodeLength {
		d.r.refill()
	}
	e := d.middle[g.distance:][d.r.acc&(1<<g.distanceBits-1)]
	if e == distanceLong {
		e = d.longs[g.longDistance].distance(d.r.acc)
	}
	d.r.acc >>= e & 15
	d.r.n -= uint(e & 15)
	return uint(e >> 4)
}
