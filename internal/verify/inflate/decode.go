package inflate

import "encoding/binary"

// decode runs the codes of the current block until the block ends, the buffer
// is full or the input is used up. It returns what is wrong, or "".
//
// This loop is where the time goes. A refill gives 56 bits: enough for four
// table entries of literals, or for one length with its distance (48).
func (d *Decoder) decode() string {
	if len(d.in)-d.pos < margin {
		d.fill()
	}
	c := d.codes
	limit := spanEnd
	if !c.paired {
		if d.out-d.fresh >= pairAfter {
			c.pair()
		} else {
			limit = min(limit, d.fresh+pairAfter)
		}
	}

	in, pos, last := d.in, d.pos, len(d.in)-margin
	buf, out := &d.buffer, d.out
	next, count := d.bits, d.count
	text := ""
	for pos <= last && out < limit {
		next |= binary.LittleEndian.Uint64(in[pos:]) << count
		pos += int((63 - count) >> 3)
		count |= 56

		e := c.lit[next&litMask]
		if e&literal != 0 {
			next >>= e & dropBits
			count -= uint(e & dropBits)
			binary.LittleEndian.PutUint16(buf[out:], uint16(e>>16))
			out += int(e >> 12 & 3)
			if e = c.lit[next&litMask]; e&literal != 0 {
				next >>= e & dropBits
				count -= uint(e & dropBits)
				binary.LittleEndian.PutUint16(buf[out:], uint16(e>>16))
				out += int(e >> 12 & 3)
				if e = c.lit[next&litMask]; e&literal != 0 {
					next >>= e & dropBits
					count -= uint(e & dropBits)
					binary.LittleEndian.PutUint16(buf[out:], uint16(e>>16))
					out += int(e >> 12 & 3)
					if e = c.lit[next&litMask]; e&literal != 0 {
						next >>= e & dropBits
						count -= uint(e & dropBits)
						binary.LittleEndian.PutUint16(buf[out:], uint16(e>>16))
						out += int(e >> 12 & 3)
						continue
					}
				}
			}
			next |= binary.LittleEndian.Uint64(in[pos:]) << count
			pos += int((63 - count) >> 3)
			count |= 56
		}

		if e&special != 0 {
			if e&kindBits == longCode&kindBits {
				e = c.longLit.long(next, litBits, d.symbols.lit[:])
			}
			if e&literal != 0 {
				next >>= e & dropBits
				count -= uint(e & dropBits)
				buf[out] = byte(e >> 16)
				out++
				continue
			}
			if e&special != 0 {
				if e&kindBits == blockEnd&kindBits {
					next >>= e & dropBits
					count -= uint(e & dropBits)
					d.state = atBlock
				} else {
					text = "literal or length code that must not occur"
				}
				break
			}
		}
		length := int(e>>16&511) + int(entry(next>>(e>>8&15))&(e>>25))
		next >>= e & dropBits
		count -= uint(e & dropBits)

		e = c.dist[next&distMask]
		if e&special != 0 {
			if e&kindBits == longCode&kindBits {
				e = c.longDist.long(next, distBits, d.symbols.dist[:])
			}
			if e&special != 0 {
				text = "distance code that must not occur"
				break
			}
		}
		dist := int(e>>16) + int(next&(1<<(e&dropBits)-1)>>(e>>8&15))
		next >>= e & dropBits
		count -= uint(e & dropBits)
		if dist > out || dist > d.window {
			text = "distance goes too far back"
			break
		}
		copyMatch(buf, out, dist, length)
		out += length
	}
	d.pos, d.out, d.bits, d.count = pos, out, next, count
	return text
}

// copyMatch repeats length bytes from dist bytes back. It may write up to
// overshoot bytes more.
func copyMatch(buf *[bufferSize]byte, out, dist, length int) {
	from := out - dist
	if dist >= 8 {
		for n := 0; n < length; n += 16 {
			binary.LittleEndian.PutUint64(buf[out+n:], binary.LittleEndian.Uint64(buf[from+n:]))
			binary.LittleEndian.PutUint64(buf[out+n+8:], binary.LittleEndian.Uint64(buf[from+n+8:]))
		}
		return
	}
	for n := range length {
		buf[out+n] = buf[from+n]
	}
}
