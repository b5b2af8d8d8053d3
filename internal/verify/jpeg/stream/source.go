package stream

import (
	"bytes"
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

const (
	// BufSize is how many entropy-coded bytes are unstuffed at a time: few enough to stay in the
	// first-level cache with the code tables.
	BufSize = 16 << 10
	// bufPad is how many bytes the decoding of one MCU may read past the end of a segment before
	// it notices: 10 blocks of 64 codes of 16 bits, each with up to 15 bits more, and some words
	// of look-ahead.
	bufPad = MaxMCUBlocks*64*(16+15)/8 + 48
)

// Source gives the bits of one entropy-coded segment: the bytes between a scan header or restart
// marker and the next marker, without the zero byte that follows each 0xff (T.81 B.1.1.5). Zeros
// follow a segment's last byte, so that readers check for its end once an MCU and not once a
// bit.
type Source struct {
	End   int  // bytes of Buf that belong to the segment
	Final bool // the segment ends at End, and r.Pos is at its marker
	Cut   bool // Final because the file ends there
	Buf   [BufSize + bufPad]byte
}

// StartSegment begins the segment at r.Pos.
func (r *Reader) StartSegment() {
	r.Src.End, r.Src.Final, r.Src.Cut = 0, false, false
	r.Fill(0)
}

// Limit returns the byte position from which on a reader must call More before it reads an MCU.
func (s *Source) Limit() int {
	if s.Final {
		return s.End
	}
	return s.End - bufPad
}

// More refills the buffer. pos is the reader's bit position, at least 8*Limit. More returns the
// position of the same bit in the refilled buffer, or false if the segment has ended before that
// bit.
func (r *Reader) More(pos int) (int, bool) {
	s := &r.Src
	for !s.Final && pos>>3 >= s.Limit() {
		drop := min(pos>>3, s.End)
		r.Fill(drop)
		pos -= 8 * drop
	}
	return pos, pos <= 8*s.End
}

// Fill drops the first n bytes of the buffer. Then it appends unstuffed bytes from r.Pos on
// until the buffer is full or the segment ends, and waits for them: how far it reads does not
// depend on how the file arrives.
func (r *Reader) Fill(n int) {
	s := &r.Src
	end := copy(s.Buf[:], s.Buf[n:s.End])
	pos := r.Pos
	for end < BufSize {
		if pos == len(r.B) && !r.reach(pos+1) {
			s.Final, s.Cut = true, true
			break
		}
		run := r.B[pos:min(len(r.B), pos+BufSize-end)]
		i := bytes.IndexByte(run, 0xff)
		if i < 0 {
			end += copy(s.Buf[end:], run)
			pos += len(run)
			continue
		}
		end += copy(s.Buf[end:], run[:i])
		pos += i
		if r.reach(pos+2) && r.B[pos+1] == 0 {
			s.Buf[end] = 0xff
			end++
			pos += 2
			continue
		}
		// A marker, or fill bytes before one. libjpeg also allows fill bytes before a stuffed
		// zero.
		next := pos + 1
		for r.reach(next+1) && r.B[next] == 0xff {
			next++
		}
		if next == len(r.B) || r.B[next] != 0 {
			s.Final, s.Cut = true, next == len(r.B)
			break
		}
		r.Info.Warn(verify.FillBytes, int64(pos), "fill bytes before a stuffed byte")
		pos = next - 1
	}
	if r.In != nil {
		r.In.Spend(int64(pos-r.Pos), r.Frame.weight(), pos)
	}
	r.Pos, s.End = pos, end
	if s.Final {
		clear(s.Buf[end:min(len(s.Buf), end+bufPad)])
	}
}

// Offset returns the offset in the file of byte at of the buffer.
func (r *Reader) Offset(at int) int {
	pos := r.Pos
	for n := r.Src.End - at; n > 0 && pos > 1; n-- {
		if pos--; r.B[pos] == 0 && r.B[pos-1] == 0xff {
			pos--
		}
	}
	return pos
}

// Short refuses a segment that ends before its last MCU does.
func (r *Reader) Short() error {
	if r.Src.Cut {
		return verify.Faultf(verify.Truncated, len(r.B), "scan is cut")
	}
	return verify.Faultf(verify.Malformed, r.Pos, "marker before the end of the scan's data")
}

// Corrupt refuses the code at bit position pos of the buffer. If the code reaches past the end
// of a cut file, the file is Truncated.
func (r *Reader) Corrupt(pos int, what string) error {
	if r.Src.Final && pos+64 > 8*r.Src.End {
		if r.Src.Cut || pos > 8*r.Src.End {
			return r.Short()
		}
	}
	return verify.Faultf(verify.Malformed, r.Offset(pos>>3), "%s", what)
}

// EndSegment judges the rest of the segment from bit position pos on: T.81 F.1.2.3 fills the
// last byte with ones, and nothing should follow it.
func (r *Reader) EndSegment(pos int) error {
	pos, ok := r.More(pos)
	if !ok {
		return r.Short()
	}
	padded := true
	if n := -pos & 7; n > 0 && ^r.Src.Buf[pos>>3]<<(8-n) != 0 {
		padded = false
		at := r.Offset(pos >> 3)
		r.Info.Warn(verify.MissingPadding, int64(at), "last byte of a scan is not filled with ones")
	}
	return r.surplus((pos+7)>>3, padded)
}

// Word returns the 64 bits of the buffer from byte at on.
func (s *Source) Word(at uint) uint64 { return binary.BigEndian.Uint64(s.Buf[at:]) }

// Seek returns the state of a bit reader at bit position pos.
func (s *Source) Seek(pos int) (acc uint64, have, at uint) {
	at = uint(pos) >> 3
	acc = s.Word(at) << (pos & 7)
	return acc, 56 - uint(pos)&7, at + 7
}
