package inflate

import "encoding/binary"

// Source is a compressed stream in pieces of any length, empty ones included.
// Next returns the next piece, or false when there is no more. The Decoder
// reads pieces in place and keeps none after it was reset.
type Source interface {
	Next() (piece []byte, ok bool)
}

// The decoder's loop reads 8 bytes at a time without asking how many are left,
// so it runs only while margin bytes are there. Where a piece ends, its last
// bytes and the first ones of what follows are put together in a small buffer;
// long pieces are otherwise read in place. Past the end of the stream the
// buffer holds zeros, and the overrun is found afterwards.
const (
	margin    = 16
	padding   = margin + 8 // the loop must run until even the bits it holds are past the end
	joinSize  = 1024
	longPiece = 512
	headOfOne = 64 // how much of a long piece is copied to cross into it
)

// input is the bit reader: bits holds count bits of the stream, the next one
// lowest, and those above are either zero or already what comes next.
type input struct {
	bits  uint64
	count uint // 0..63

	in    []byte // what pos counts in: a piece, or buf
	pos   int
	start int64 // offset of in[0] in the stream
	end   int   // where the stream ends in in, once dry
	dry   bool  // the source has no more

	src    Source
	piece  []byte // the last one that src gave
	taken  int    // how much of piece is in in
	inBuf  bool   // in is buf
	copied int    // how many bytes at the end of in are of piece
	buf    [joinSize + padding]byte
}

func (r *input) reset(src Source) {
	r.bits, r.count = 0, 0
	r.in, r.pos, r.start, r.end, r.dry = nil, 0, 0, 0, false
	r.src, r.piece, r.taken, r.inBuf, r.copied = src, nil, 0, false, 0
}

// fill makes at least margin bytes readable at pos, unless it is dry already
// and has less. It is called with fewer than margin+8 left.
func (r *input) fill() {
	left := len(r.in) - r.pos
	if r.dry || left >= margin {
		return
	}
	if !r.inBuf {
		r.taken, r.copied = len(r.piece), left
	}
	r.start += int64(r.pos)
	if r.inBuf && left <= r.copied && len(r.piece)-r.taken+left >= margin {
		r.in, r.pos, r.inBuf = r.piece[r.taken-left:], 0, false
		return
	}
	n := copy(r.buf[:], r.in[r.pos:])
	r.copied = min(r.copied, n)
	for n < joinSize {
		if r.taken == len(r.piece) {
			if n >= 2*margin {
				break // enough: the next piece may stand alone
			}
			piece, ok := r.src.Next()
			if !ok {
				r.dry, r.end = true, n
				clear(r.buf[n : n+padding])
				n += padding
				break
			}
			r.piece, r.taken, r.copied = piece, 0, 0
		}
		rest := r.piece[r.taken:]
		if len(rest) > longPiece {
			rest = rest[:headOfOne]
		}
		k := copy(r.buf[n:joinSize], rest)
		n, r.taken, r.copied = n+k, r.taken+k, r.copied+k
		if r.taken < len(r.piece) && n >= margin {
			break
		}
	}
	r.in, r.pos, r.inBuf = r.buf[:n], 0, true
}

// refill makes at least 56 bits readable; past the end of the stream they are
// zero, and overrun tells.
func (r *input) refill() {
	if len(r.in)-r.pos < 8 {
		r.fill()
	}
	if len(r.in)-r.pos < 8 {
		// Dry, and all but the padding is used.
		r.pos += int((63 - r.count) >> 3)
		r.count |= 56
		return
	}
	r.bits |= binary.LittleEndian.Uint64(r.in[r.pos:]) << r.count
	r.pos += int((63 - r.count) >> 3)
	r.count |= 56
}

// take returns the next n bits, which must have been made readable.
func (r *input) take(n uint) uint {
	v := uint(r.bits & (1<<n - 1))
	r.bits >>= n
	r.count -= n
	return v
}

// align drops the bits up to the next byte boundary.
func (r *input) align() { r.take(r.count & 7) }

// overrun reports whether bits past the end of the stream were used.
func (r *input) overrun() bool {
	return r.dry && int64(r.pos)*8-int64(r.count) > int64(r.end)*8
}

// consumed returns how many whole bytes of the stream are used.
func (r *input) consumed() int64 {
	n := r.start + int64(r.pos) - int64(r.count>>3)
	if r.dry {
		n = min(n, r.start+int64(r.end))
	}
	return max(n, 0)
}

// unused reports whether the pieces taken from the source hold more bytes.
func (r *input) unused() bool {
	end := len(r.in)
	if r.dry {
		end = r.end
	}
	held := end - r.pos + int(r.count>>3)
	return held > 0 || r.inBuf && r.taken < len(r.piece)
}
