package jpeg

import (
	"bytes"
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

const (
	// bufSize is how many entropy-coded bytes are unstuffed at a time: small
	// enough to stay in the first cache beside the code tables.
	bufSize = 16 << 10
	// bufPad is what the decoding of one MCU may read past the end of a segment
	// before it notices: 10 blocks of 64 codes of 16 bits, each with up to 15 bits
	// more, and some words of look-ahead.
	bufPad = maxMCUBlocks*64*(16+15)/8 + 48
)

// source hands out the bits of one entropy-coded segment: the bytes between a
// scan header or restart marker and the next marker, with the zero bytes that
// follow each 0xff left out (T.81 B.1.1.5). Behind a segment's last byte stand
// zeros, so that readers look for its end once an MCU and not once a bit.
type source struct {
	end   int  // bytes of buf that are the segment's
	final bool // the segment ends at end, and file position at its marker
	cut   bool // final because the file ends there
	buf   [bufSize + bufPad]byte
}

// startSegment begins the segment at d.pos.
func (d *decoder) startSegment() {
	d.src.end, d.src.final, d.src.cut = 0, false, false
	d.fill(0)
}

// limit is the byte position from which on a reader must call more before it
// reads an MCU.
func (s *source) limit() int {
	if s.final {
		return s.end
	}
	return s.end - bufPad
}

// more is called at bit position pos of the buffer, at least 8*limit. It returns
// the position of the same bit in the refilled buffer, and false if the segment
// has ended before that bit.
func (d *decoder) more(pos int) (int, bool) {
	s := &d.src
	for !s.final && pos>>3 >= s.limit() {
		drop := min(pos>>3, s.end)
		d.fill(drop)
		pos -= 8 * drop
	}
	return pos, pos <= 8*s.end
}

// fill drops the first n bytes of the buffer, and appends unstuffed bytes from
// d.pos on until it is full or the segment ends.
func (d *decoder) fill(n int) {
	s := &d.src
	end := copy(s.buf[:], s.buf[n:s.end])
	b, pos := d.b, d.pos
	for end < bufSize {
		run := b[pos:min(len(b), pos+bufSize-end)]
		i := bytes.IndexByte(run, 0xff)
		if i < 0 {
			end += copy(s.buf[end:], run)
			pos += len(run)
			if pos == len(b) {
				s.final, s.cut = true, true
				break
			}
			continue
		}
		end += copy(s.buf[end:], run[:i])
		pos += i
		if pos+1 < len(b) && b[pos+1] == 0 {
			s.buf[end] = 0xff
			end++
			pos += 2
			continue
		}
		// A marker, or fill bytes before one. libjpeg also takes fill bytes
		// before a stuffed zero.
		next := pos + 1
		for next < len(b) && b[next] == 0xff {
			next++
		}
		if next == len(b) || b[next] != 0 {
			s.final, s.cut = true, next == len(b)
			break
		}
		d.info.Warn(verify.FillBytes, int64(pos), "fill bytes before a stuffed byte")
		pos = next - 1
	}
	d.pos, s.end = pos, end
	if s.final {
		clear(s.buf[end:min(len(s.buf), end+bufPad)])
	}
}

// offset returns where byte at of the buffer stands in the file.
func (d *decoder) offset(at int) int {
	pos := d.pos
	for n := d.src.end - at; n > 0 && pos > 1; n-- {
		if pos--; d.b[pos] == 0 && d.b[pos-1] == 0xff {
			pos--
		}
	}
	return pos
}

// short refuses a segment that ends before its last MCU does.
func (d *decoder) short() error {
	if d.src.cut {
		return verify.Faultf(verify.Truncated, len(d.b), "scan is cut")
	}
	return verify.Faultf(verify.Malformed, d.pos, "marker before the end of the scan's data")
}

// corrupt refuses the code at bit position pos of the buffer. A code that
// reaches past a cut is the cut's fault.
func (d *decoder) corrupt(pos int, what string) error {
	if d.src.final && pos+64 > 8*d.src.end {
		if d.src.cut || pos > 8*d.src.end {
			return d.short()
		}
	}
	return verify.Faultf(verify.Malformed, d.offset(pos>>3), "%s", what)
}

// endSegment judges what is left of the segment at bit position pos: T.81
// F.1.2.3 fills the last byte with ones, and nothing follows it.
func (d *decoder) endSegment(pos int) error {
	pos, ok := d.more(pos)
	s := &d.src
	if !ok {
		return d.short()
	}
	if !s.final || 8*s.end-pos >= 8 {
		return verify.Faultf(verify.Malformed, d.offset((pos+7)>>3), "surplus data behind the scan's last MCU")
	}
	if n := 8*s.end - pos; n > 0 && ^s.buf[s.end-1]<<(8-n) != 0 {
		d.info.Warn(verify.MissingPadding, int64(d.pos-1), "last byte of a scan is not filled with ones")
	}
	return nil
}

// word returns the 64 bits of the buffer from byte at on.
func (s *source) word(at uint) uint64 { return binary.BigEndian.Uint64(s.buf[at:]) }
