package inflate

import "encoding/binary"

// decode runs the codes of the current block until the block ends, the buffer
// is full or the input is used up. It returns what is wrong, or "".
//
// This loop is where the time goes. A refill gives 56 bits: enough for five
// table entries of literals, or for one length with its distance (48). Above
// its low 6 bits count holds garbage, since whole entries are taken from it.
func (d *Decoder) decode() string {
	if len(d.in)-d.pos < margin {
		d.fill()
	}
	in := d.in[min(d.pos, len(d.in)):]
	if !d.codes.paired {
		if d.unpaired <= 0 {
			d.codes.pair()
		} else {
			in = in[:min(len(in), margin+d.unpaired)]
		}
	}
	// What is needed after the loop must not take registers from it.
	d.ahead = len(in)
	out, next, count := uint(d.out), d.bits, d.count
	text := ""

	for len(in) >= margin && out < spanEnd {
		next |= binary.LittleEndian.Uint64(in) << (count & 63)
		in = in[(count&63^63)>>3 : len(in) : len(in)]
		count |= 56

		e := d.codes.lit[next&litMask]
		if e&literals != 0 {
			next >>= e & dropBits
			count -= uint(e)
			binary.LittleEndian.PutUint32(d.buffer[out:], uint32(e>>byteShift))
			out += uint(e >> countShift & 3)
			if e = d.codes.lit[next&litMask]; e&literals != 0 {
				next >>= e & dropBits
				count -= uint(e)
				binary.LittleEndian.PutUint32(d.buffer[out:], uint32(e>>byteShift))
				out += uint(e >> countShift & 3)
				if e = d.codes.lit[next&litMask]; e&literals != 0 {
					next >>= e & dropBits
					count -= uint(e)
					binary.LittleEndian.PutUint32(d.buffer[out:], uint32(e>>byteShift))
					out += uint(e >> countShift & 3)
					if e = d.codes.lit[next&litMask]; e&literals != 0 {
						next >>= e & dropBits
						count -= uint(e)
						binary.LittleEndian.PutUint32(d.buffer[out:], uint32(e>>byteShift))
						out += uint(e >> countShift & 3)
						continue
					}
				}
			}
			next |= binary.LittleEndian.Uint64(in) << (count & 63)
			in = in[(count&63^63)>>3 : len(in) : len(in)]
			count |= 56
		}

		if e&special != 0 {
			if e&kindBits == longCode&kindBits {
				e = d.codes.longLit.long(next, litBits, d.symbols.lit[:])
			}
			if e&literals != 0 {
				next >>= e & dropBits
				count -= uint(e)
				d.buffer[out] = byte(e >> byteShift)
				out++
				continue
			}
			if e&special != 0 {
				if e&kindBits == blockEnd&kindBits {
					next >>= e & dropBits
					count -= uint(e)
					d.state = atBlock
				} else {
					text = "literal or length code that must not occur"
				}
				break
			}
		}
		start := next
		// The byte before the length; without one, the match overwrites it.
		d.buffer[out&indexMask] = byte(e >> byteShift)
		out += uint(e >> 31)
		length := uint(e>>lengthShift&lengthMask) + uint(entry(next>>(e>>codeLenShift&codeLenMask))&(e>>lenExtraShift&lenExtraMask))
		next >>= e & dropBits
		count -= uint(e)

		e = d.codes.dist[next&distMask]
		if e&special != 0 {
			if e&kindBits == longCode&kindBits {
				e = d.codes.longDist.long(next, distBits, d.symbols.dist[:])
			}
			if e&special != 0 {
				text = "distance code that must not occur"
				break
			}
		}
		dist := uint(e>>distShift&distBaseMask) + uint(next&(1<<(e&dropBits)-1)>>(e>>codeLenShift&codeLenMask))
		next >>= e & dropBits
		count -= uint(e)
		if dist > out || dist > d.window {
			text = "distance goes too far back"
			break
		}

		if dist >= 16 && length <= 32 {
			to, from := d.buffer[out&indexMask:], d.buffer[(out-dist)&indexMask:]
			*(*[16]byte)(to) = *(*[16]byte)(from)
			*(*[16]byte)(to[16:]) = *(*[16]byte)(from[16:])
		} else {
			copyMatch(&d.buffer, out, dist, length)
		}
		out += length
		if length == maxMatch && d.startRun(start, next, e, dist) {
			break
		}
	}
	used := d.ahead - len(in)
	d.pos += used
	d.unpaired -= used
	d.out, d.bits, d.count = int(out), next, count&63
	return text
}

// copyMatch writes length bytes at out that repeat those dist bytes back. It may
// write up to overshoot bytes more.
func copyMatch(buf *[bufferSize + overshoot]byte, out, dist, length uint) {
	from, end := (out-dist)&indexMask, out+length
	switch {
	case dist < 8:
	case length > 64:
		// What is copied doubles with each copy, since it is periodic too. Words
		// that overlap what was just written would wait for it.
		for out < end {
			out += uint(copy(buf[out:end], buf[from:out]))
		}
		return
	case dist >= 16:
		for ; out < end; out, from = out+16, from+16 {
			*(*[16]byte)(buf[out&indexMask:]) = *(*[16]byte)(buf[from&indexMask:])
		}
		return
	default:
		for ; out < end; out, from = out+8, from+8 {
			*(*[8]byte)(buf[out&indexMask:]) = *(*[8]byte)(buf[from&indexMask:])
		}
		return
	}
	// The pattern is shorter than a word: multiply it into one, and step by as
	// many bytes of it as are whole patterns.
	x := binary.LittleEndian.Uint64(buf[from:]) & (1<<(8*dist&63) - 1)
	x *= repeat[dist&7]
	stride := 8 - 8%dist
	for ; out+stride < end; out += 2 * stride {
		binary.LittleEndian.PutUint64(buf[out&indexMask:], x)
		binary.LittleEndian.PutUint64(buf[(out+stride)&indexMask:], x)
	}
	if out < end {
		binary.LittleEndian.PutUint64(buf[out&indexMask:], x)
	}
}

// repeat holds the factors that fill a word with patterns of 1 to 7 bytes.
var repeat = [8]uint64{0, 0x0101010101010101, 0x0001000100010001, 0x0001000001000001, 0x0000000100000001,
	0x0000010000000001, 0x0001000000000001, 0x0100000000000001}
