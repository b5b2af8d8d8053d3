package inflate

import "encoding/binary"

// Source is a compressed stream in pieces of any length; a piece may be empty. Next returns the
// next piece, or false after the last. The Decoder reads pieces in place, and keeps none after
// Reset.
type Source interface {
	Next() (piece []byte, ok bool)
}

// A Continuer is a Source whose pieces are parts of larger ones: Continues reports whether the
// next piece belongs to the same one as the last. The Decoder reads on to the end of such a
// piece where it would stop at the end of another. So its steps depend on the larger pieces
// alone, however they are cut.
type Continuer interface {
	Source
	Continues() bool
}

// The decoder's loop reads 8 bytes at a time without checking how many are left, so it runs only
// while margin bytes are available. Pieces are copied to a small buffer for it, the stage: the
// loop needs only one register for its position there, and need not know where pieces end. Past
// the end of the stream the stage holds zeros, and the overrun is found afterwards.
const (
	margin    = 16
	padding   = margin + 8 // the loop must run until even the bits it holds are past the end
	stageSize = 4 << 10
	stageMask = stageSize - 1
)

// input is the bit reader: bits holds count bits of the stream, the next one lowest. Bits above
// those are zero, or the ones that come next.
type input struct {
	bits  uint64
	count uint // 0..63

	pos    int   // of the next byte in stage
	filled int   // bytes in stage, padding included
	start  int64 // offset of stage[0] in the stream
	end    int   // end of the stream in stage, once dry
	dry    bool  // the source has no more

	src   Source
	piece []byte // the part of src's last piece that is not in stage yet
	stage [stageSize + padding]byte
}

func (r *input) reset(src Source) {
	r.bits, r.count = 0, 0
	r.pos, r.filled, r.start, r.end, r.dry = 0, 0, 0, 0, false
	r.src, r.piece = src, nil
}

// fill makes at least margin bytes available at pos, or all remaining bytes once dry.
func (r *input) fill() {
	if r.dry || r.filled-r.pos >= margin {
		return
	}
	r.start += int64(r.pos)
	n := copy(r.stage[:], r.stage[r.pos:r.filled])
	for n < stageSize {
		if len(r.piece) == 0 {
			if n >= 2*margin && !r.continues() {
				break // enough: later pieces may never be needed
			}
			piece, ok := r.src.Next()
			if !ok {
				r.dry, r.end = true, n
				clear(r.stage[n : n+padding])
				n += padding
				break
			}
			r.piece = piece
		}
		k := copy(r.stage[n:stageSize], r.piece)
		n, r.piece = n+k, r.piece[k:]
	}
	r.pos, r.filled = 0, n
}

// continues reports whether the next piece is a part of the same larger one as the last.
func (r *input) continues() bool {
	c, ok := r.src.(Continuer)
	return ok && c.Continues()
}

// refill makes at least 56 bits available. Past the end of the stream they are zero, and overrun
// reports that.
func (r *input) refill() {
	if r.filled-r.pos < 8 {
		r.fill()
	}
	if r.filled-r.pos < 8 {
		// The source is dry, and only padding is left.
		r.pos += int((63 - r.count) >> 3)
		r.count |= 56
		return
	}
	r.bits |= binary.LittleEndian.Uint64(r.stage[r.pos:]) << r.count
	r.pos += int((63 - r.count) >> 3)
	r.count |= 56
}

// take returns the next n bits, which must be available.
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

// consumed returns how many whole bytes of the stream have been used.
func (r *input) consumed() int64 {
	n := r.start + int64(r.pos) - int64(r.count>>3)
	if r.dry {
		n = min(n, r.start+int64(r.end))
	}
	return max(n, 0)
}

// unused reports whether the pieces taken from the source hold more bytes.
func (r *input) unused() bool {
	end := r.filled
	if r.dry {
		end = r.end
	}
	return end-r.pos+int(r.count>>3) > 0 || len(r.piece) > 0
}
