package png

import (
	"errors"
	"io"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/inflate"
)

const (
	// Bound on the filter bytes of all rows of a picture, whatever its shape
	filterBytes = 64 << 20
	// All frames together may inflate to this, or to as much as one still picture may.
	minWork = 512 << 20
	// Bytes allowed after the last row inside the zlib stream; no more are inflated.
	maxSurplus = 64 << 20
	// The context is looked at each time that so many bytes were inflated.
	workPerLook = 32 << 20
)

// picture proves that the run of chunks that starts with c is one zlib stream of exactly the
// rows of a picture of width by height. piece is c's part of the stream. Data after the last row
// is a warning.
func (v *verifier) picture(c chunk, piece []byte, width, height int64) error {
	s := &v.stream
	*s = stream{v: v, name: c.name, at: c.at, piece: piece, given: c.open, inflated: v.work}
	if c.open {
		s.enter()
	}
	var err error
	if s.fault == nil {
		v.inflate.Reset(s)
		err = v.allRows(s, width, height)
		s.close()
	}
	if s.fault != nil {
		return s.fault // the stream also seems to end at a broken chunk
	}
	if err != nil {
		return err
	}
	extra := v.surplus > 0 || v.inflate.Unused() || s.unread
	for {
		piece, ok := s.Next()
		if !ok {
			break
		}
		extra = extra || len(piece) > 0
	}
	if extra {
		v.warn(verify.TrailingData, c, "bytes after the last row, or after the end of the zlib stream")
	}
	return s.fault
}

// allRows inflates s to its end.
func (v *verifier) allRows(s *stream, width, height int64) error {
	var r rows
	r.init(v.hdr, width, height)
	v.surplus = 0
	for {
		p, err := v.inflate.Next()
		if err != nil {
			s.close() // a wrong CRC goes before what is wrong inside of its chunk
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			var e *inflate.Error
			errors.As(err, &e)
			if e.Whole && r.done() && s.fault == nil && v.lim.Lenient {
				v.info.Warn(verify.BadChecksum, int64(s.at), s.name.String()+": Adler-32 is cut or wrong")
				return nil
			}
			if e.Short {
				return verify.Faultf(v.shortReason(), s.offsetOf(e.Offset), "%v: picture data ends too early", s.name)
			}
			return verify.Faultf(verify.Malformed, s.offsetOf(e.Offset), "%v: %s", s.name, e.Text)
		}
		v.work += int64(len(p))
		if !v.charge(s) {
			return v.in.Err()
		}
		rest, ok := r.pass(p)
		if !ok {
			return verify.Faultf(verify.Malformed, s.at, "%v: filter type that does not exist", s.name)
		}
		// libpng and Chromium show the rows that IHDR states, and drop the others.
		if v.surplus += int64(rest); v.surplus > maxSurplus {
			return tooMuch(s, "%v: more than %d bytes after the last row", maxSurplus, v.surplus)
		}
		if v.work > v.maxWork() {
			return tooMuch(s, "%v: frames inflate to %d bytes and more", v.maxWork(), v.work)
		}
	}
	if !r.done() {
		return verify.Faultf(verify.Malformed, s.at, "%v: rows are missing", s.name)
	}
	return nil
}

// shortReason returns the reason for a stream that ends too early: Truncated if the end of the
// file may have cut it.
func (v *verifier) shortReason() verify.Reason {
	if !v.reach(int64(v.pos) + 1) {
		return verify.Truncated
	}
	return verify.Malformed
}

// charge charges the bytes of s that were inflated since the last call. It also looks at the
// context, since few bytes can inflate to many. It returns false if the verification must stop.
func (v *verifier) charge(s *stream) bool {
	used := v.inflate.Consumed()
	ok := v.in.Spend(used-s.charged, verify.WeightPNG, s.chunkAt)
	ok = v.in.Spend((v.work-s.inflated)/verify.InflatedPerUnit, 1, s.chunkAt) && ok
	s.charged, s.inflated = used, v.work
	if v.work > v.look {
		v.look = v.work + workPerLook
		ok = ok && v.in.Look()
	}
	return ok
}

// tooMuch refuses a stream that inflates to got bytes, over limit.
func tooMuch(s *stream, format string, limit, got int64) error {
	f := verify.Faultf(verify.TooMuchWork, s.at, format, s.name, limit)
	f.Limit, f.Got = limit, got
	return f
}

// maxWork returns how many bytes the frames of a file may inflate to. One picture at the pixel
// limit takes at most 8 bytes a pixel, and its filter bytes.
func (v *verifier) maxWork() int64 {
	const maxPixelBytes, maxInt64 = 8, 1<<63 - 1
	if v.lim.MaxPixels > (maxInt64-filterBytes)/maxPixelBytes {
		return maxInt64
	}
	return max(minWork, v.lim.MaxPixels*maxPixelBytes) + filterBytes
}
