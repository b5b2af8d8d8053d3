package inflate

import "encoding/binary"

const tooFar = "distance goes too far back"

// decode decodes the current block until the block ends, the buffer is full or the input is used
// up. It returns what is wrong, or "".
func (d *Decoder) decode() string {
	d.fill()
	stop := d.filled - margin + 1
	if d.dry {
		stop = d.end - margin + 1 // the rest is for decodeLast
	}
	last := stop
	if !d.codes.paired {
		if d.unpaired <= 0 {
			d.codes.pair()
		} else {
			stop = min(stop, d.pos+d.unpaired)
		}
	}
	d.unpaired += d.pos
	// Distances within the data already decoded are legal in any case.
	d.near = min(uint(d.out), d.window)
	if d.fast {
		d.fastLoop(stop)
	} else {
		d.loop(stop)
	}
	d.unpaired -= d.pos
	if d.dry && d.pos >= last && d.state == inCodes && d.text == "" {
		d.decodeLast()
	}
	return d.text
}

// decodeLast decodes the symbols that may need bits past the end of the input, one by one. It
// drops the symbol that does, so that what is decoded does not depend on how the loops group
// symbols.
func (d *Decoder) decodeLast() {
	for ok := true; ok && d.out < spanEnd; {
		before := d.out
		next, count, out, pos, more := d.rare(d.bits, d.count, uint(d.out), d.pos, 0)
		d.bits, d.count, d.out, d.pos, ok = next, count&63, int(out), pos, more
		if d.overrun() {
			d.out, ok = before, false
		}
	}
}

// loop decodes symbols until the position in the stage is stop, the buffer is full, or the block
// ends. fastLoop is its twin in assembly.
//
// Most of the time is spent in this loop. It has few variables, so that all of them stay in
// registers, and leaves rare cases to other functions. A refill gives 56 bits, enough for two
// entries of literals, one of a length, and a distance: 11, 11, 11 and 9+13. Only the low 6 bits
// of count are valid, since whole entries are subtracted from it.
func (d *Decoder) loop(stop int) {
	out, pos, next, count := uint(d.out), d.pos, d.bits, d.count
	for pos < stop && out < spanEnd {
		next |= binary.LittleEndian.Uint64(d.stage[pos&stageMask:]) << (count & 63)
		pos += int(count&63^63) >> 3
		count |= 56

		e := d.codes.lit[next&litMask]
		if e < special {
			next >>= e & dropBits
			count -= uint(e)
			binary.LittleEndian.PutUint16(d.buffer[out:], uint16(e>>byteShift))
			out += uint(e >> countShift & 3)

			e = d.codes.lit[next&litMask]
			if e < special {
				next >>= e & dropBits
				count -= uint(e)
				binary.LittleEndian.PutUint16(d.buffer[out:], uint16(e>>byteShift))
				out += uint(e >> countShift & 3)

				e = d.codes.lit[next&litMask]
				if e < special {
					next >>= e & dropBits
					count -= uint(e)
					binary.LittleEndian.PutUint16(d.buffer[out:], uint16(e>>byteShift))
					out += uint(e >> countShift & 3)
					continue
				}
			}
		}
		length := uint(0)
		if e&special == 0 {
			next >>= e & dropBits
			count -= uint(e)
			binary.LittleEndian.PutUint16(d.buffer[out&indexMask:], uint16(e>>byteShift))
			out += uint(e >> countShift & 3)
			length = uint(e >> lengthShift & lengthMask)
			e = d.codes.dist[next&distMask]
		}
		if e&special != 0 {
			var ok bool
			if next, count, out, pos, ok = d.rare(next, count, out, pos, length); !ok {
				break
			}
			continue
		}
		dist := e.value(next)
		next >>= e & dropBits
		count -= uint(e)
		if dist > d.near && (dist > out || dist > d.window) {
			d.text = tooFar
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
	}
	d.out, d.pos, d.bits, d.count = int(out), pos, next, count&63
}

// rare decodes a symbol that the loop does not handle: one with a long code, a long match, the
// end of the block, or one close to the end of the input. A nonzero length is that of a match of which only the distance is left
// to decode. rare reports whether the loop may go on.
func (d *Decoder) rare(next uint64, count, out uint, pos int, length uint) (uint64, uint, uint, int, bool) {
	// pos is 8 bytes past the end of the input at most.
	next |= binary.LittleEndian.Uint64(d.stage[min(pos, len(d.stage)-8):]) << (count & 63)
	pos += int(count&63^63) >> 3
	count |= 56
	if length == 0 {
		e := d.codes.lit[next&litMask]
		if e&special == 0 && e&literals != 0 {
			// Perhaps more than one symbol.
			e = d.codes.longLit.long(next, 0, d.symbols.lit[:], noLength)
		} else if e == longLength {
			e = d.codes.longLit.long(next, litBits, d.symbols.lit[:], noLength)
		}
		switch {
		case e&literals != 0:
			d.buffer[out&indexMask] = byte(e >> byteShift)
			return next >> (e & dropBits), count - uint(e), out + 1, pos, true
		case e&special == 0:
			length = uint(e >> lengthShift & lengthMask)
		case e&isLength != 0:
			length = e.value(next)
		default:
			if e>>baseShift == blockEnd>>baseShift {
				d.state = atBlock
				return next >> (e & dropBits), count - uint(e), out, pos, false
			}
			d.text = "literal or length code that must not occur"
			return next, count, out, pos, false
		}
		next >>= e & dropBits
		count -= uint(e)
	}
	e := d.codes.dist[next&distMask]
	if e == longDistance {
		e = d.codes.longDist.long(next, distBits, d.symbols.dist[:], noDistance)
	}
	dist := e.value(next)
	next >>= e & dropBits
	count -= uint(e)
	if e>>baseShift == noDistance>>baseShift {
		d.text = "distance code that must not occur"
	} else if dist > out || dist > d.window {
		d.text = tooFar
	}
	if d.text != "" {
		return next, count, out, pos, false
	}
	copyMatch(&d.buffer, out, dist, length)
	return next, count, out + length, pos, length != maxMatch || !d.startRun(next, dist)
}

// copyMatch writes to out the length bytes that start dist bytes before it. It may write up to
// overshoot bytes more.
func copyMatch(buf *[bufferSize + overshoot]byte, out, dist, length uint) {
	from, end := (out-dist)&indexMask, out+length
	switch {
	case dist < 8:
	case length > 64:
		// Each copy doubles the bytes to copy, since they repeat too. Copying word by word would
		// wait for the words just written.
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
	// The pattern is shorter than a word: multiply it to fill one, and advance by the bytes of
	// its whole repetitions.
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
