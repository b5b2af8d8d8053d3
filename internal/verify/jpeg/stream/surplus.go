package stream

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/verify"
)

// maxSurplus is how many bytes of any value may follow the last MCU of a segment. Encoders that
// flush their bit buffer once too often leave two, and libjpeg-turbo swallows two without a
// warning. More bytes show that bits of a scan were lost or doubled: docs/differences-jpeg.md
// counts what passes within the limit.
const maxSurplus = 2

// surplus counts the bytes after the last MCU of a segment, or between the scans of a file.
type surplus struct {
	n     int
	other bool // a byte is neither 0 nor 0xff
}

// add counts the byte v, and reports whether the surplus is still harmless: at most maxSurplus
// bytes, or any number of zeros and padding (0xff, stuffed) if the byte before them was padded
// correctly.
func (s *surplus) add(v byte, padded bool) bool {
	s.n++
	s.other = s.other || v != 0 && v != 0xff
	return s.n <= maxSurplus || padded && !s.other
}

// surplus judges the rest of the segment from byte at of the buffer on. padded says that the
// bits before it are filled with ones.
func (r *Reader) surplus(at int, padded bool) error {
	s := &r.Src
	r.excess = 0
	if at >= s.End && s.Final {
		return nil
	}
	var extra surplus
	from := r.Offset(at)
	for {
		for ; at < s.End; at++ {
			if !extra.add(s.Buf[at], padded) {
				return verify.Faultf(verify.Malformed, from, "surplus data behind the scan's last MCU")
			}
		}
		if s.Final {
			break
		}
		r.Fill(s.End)
		at = 0
	}
	if r.excess = extra.n; extra.n > 0 && !r.forgiven.surplus {
		r.forgiven.surplus = true // once a file: there may be a restart marker every MCU
		r.Info.Warn(verify.FillBytes, int64(from), "surplus bytes behind the last MCU of a scan")
	}
	return nil
}

// resync skips bytes before the next marker, as all decoders do. Before the first scan such
// bytes come from a wrong length of an APPn or COM segment, or from webcams and cameras that put
// them between segments. After it they are limited as they are after an MCU.
func (r *Reader) resync() error {
	from := r.Pos
	var extra surplus
	for r.reach(r.Pos + 1) {
		if r.B[r.Pos] != 0xff {
			if r.Scans == 0 {
				if i := bytes.IndexByte(r.B[r.Pos:], 0xff); i >= 0 {
					r.Pos += i
				} else {
					r.Pos = len(r.B)
				}
				continue
			}
			if !extra.add(r.B[r.Pos], true) {
				return r.surplusBytes(from)
			}
			r.Pos++
			continue
		}
		next := r.Pos + 1
		for r.reach(next+1) && r.B[next] == 0xff {
			next++
		}
		if next == len(r.B) || r.B[next] != 0 {
			break // a marker
		}
		if r.Scans > 0 && !extra.add(0xff, true) {
			return r.surplusBytes(from)
		}
		r.Pos = next + 1
	}
	if r.Pos > from {
		r.Info.Warn(verify.FillBytes, int64(from), "bytes between segments that belong to none")
	}
	return nil
}

// surplusBytes refuses bytes between scans. libjpeg: "Corrupt JPEG data: extraneous
// bytes before marker".
func (r *Reader) surplusBytes(from int) error {
	r.Pos = from
	return verify.Faultf(verify.Malformed, from, "surplus bytes where a marker is due")
}

// endless reports whether only the EOI is missing and the tolerance allows that: the file ends
// after the last MCU of its last scan, and no coefficient is missing. It reports false for
// arithmetic-coded data, which does not show that it was cut, and for a tail of zeros, which may
// stand for lost bytes.
func (r *Reader) endless() bool {
	const zeros = maxSurplus + 1
	return r.Lim.Lenient && r.Src.Cut && r.Scans > 0 && !r.Frame.Arithmetic &&
		r.excess <= maxSurplus && r.refined() &&
		!bytes.HasSuffix(r.B, make([]byte, zeros))
}
