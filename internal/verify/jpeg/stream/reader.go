package stream

import (
	"bytes"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
)

// maxScans bounds the SOS markers of a file. The scan scripts of cjpeg, mozjpeg and Photoshop
// use at most 20; the bound leaves room for custom scripts.
const maxScans = 64

// Reader reads the segments of one file, in order. Its fields hold what it has read so far, for
// the caller to use. Call Reset to reuse a Reader for another file.
type Reader struct {
	In   *verify.Input // where B comes from, nil if B is the whole file
	B    []byte        // the file as far as In shows it
	Pos  int           // of the next byte of B to look at
	Lim  verify.Limits
	Deep bool // take 12 bits a sample, which no browser shows
	Info verify.Info

	Frame    Frame
	Scan     Scan
	Scans    int // SOS markers so far
	Interval int // restart interval in MCUs, 0 for none
	Huff     [2][4]HuffTable
	JFIF     bool // the last APP0 is a JFIF header, by image/jpeg's test
	Adobe    int  // Adobe's colour transform, -1 if not stated
	Src      Source
	Arith    Arith

	approx  [MaxComponents][64]byte // progressive: how far each coefficient has been refined
	quantAt [4]int                  // offsets of the quantization tables, 0 if not defined
	dhts    int                     // DHT markers read
	excess  int                     // surplus bytes after the last MCU of the last segment read

	forgiven struct{ surplus, tables bool } // what was warned about already
}

// Init sets what does not change from file to file.
func (r *Reader) Init() {
	r.Arith.r, r.Arith.estimates = r, estimates()
}

// ResetInput sets r to the beginning of in.
func (r *Reader) ResetInput(in *verify.Input, lim verify.Limits) {
	r.Reset(in.Bytes(), lim)
	r.In = in
}

// reach waits until B has n bytes. It returns false if the file ends before.
func (r *Reader) reach(n int) bool { return n <= len(r.B) || r.wait(n) }

func (r *Reader) wait(n int) bool {
	if r.In == nil {
		return false
	}
	ok := r.In.Reach(n)
	r.B = r.In.Bytes()
	return ok
}

// All waits until B is the whole file.
func (r *Reader) All() { r.wait(math.MaxInt) }

// Reset sets r to the beginning of b, which is a whole file.
func (r *Reader) Reset(b []byte, lim verify.Limits) {
	r.In, r.B, r.Pos, r.Lim = nil, b, 0, lim
	r.Info = verify.Info{Frames: 1}
	r.Frame = Frame{}
	r.Scans, r.Interval = 0, 0
	r.dhts, r.excess = 0, 0
	r.forgiven.surplus, r.forgiven.tables = false, false
	r.JFIF, r.Adobe = false, -1
	r.quantAt = [4]int{}
	r.approx = [MaxComponents][64]byte{}
	for class := range r.Huff {
		for i := range r.Huff[class] {
			r.Huff[class][i].Defined = false
		}
	}
	r.Arith.reset()
}

// Quant returns quantization table id in zigzag order, or zeros if it is not defined.
func (r *Reader) Quant(id byte) (q [64]uint16) {
	at := r.quantAt[id&3]
	if at == 0 {
		return q
	}
	p := r.B[at:]
	for i := range q {
		if p[0]>>4 == 0 {
			q[i] = uint16(p[1+i])
		} else {
			q[i] = uint16(p[1+2*i])<<8 | uint16(p[2+2*i])
		}
	}
	return q
}

// SkipScan skips the entropy-coded segments of the scan, unread.
func (r *Reader) SkipScan() {
	for r.Pos < len(r.B) {
		i := bytes.IndexByte(r.B[r.Pos:], 0xff)
		if i < 0 {
			r.Pos = len(r.B)
			return
		}
		r.Pos += i
		// The byte after the fill bytes shows whether this is a marker.
		next := r.Pos + 1
		for next < len(r.B) && r.B[next] == 0xff {
			next++
		}
		if next < len(r.B) && r.B[next] != 0 && (r.B[next] < RST0 || r.B[next] > RST7) {
			return
		}
		r.Pos = min(next+1, len(r.B))
	}
}

// Segment is a marker at which Next stops, and the data that its length covers.
type Segment struct {
	Marker  byte
	Payload []byte // of APP0 to APP15
	From    int    // offset of Payload in the file
}

// SOI reads the marker that every file begins with.
func (r *Reader) SOI() error {
	r.reach(2)
	if soi := []byte{0xff, SOI}; !bytes.HasPrefix(r.B, soi) {
		if bytes.HasPrefix(soi, r.B) {
			return verify.Faultf(verify.Truncated, len(r.B), "SOI is cut")
		}
		return verify.Faultf(verify.Malformed, 0, "no SOI")
	}
	r.Pos = 2
	return nil
}

// Next reads segments up to one that the caller must act on: APP0 to APP15; SOS, with its header
// in r.Scan and its entropy-coded segments from r.Pos on; or EOI, which ends the picture.
func (r *Reader) Next() (Segment, error) {
	for {
		at, m, err := r.marker()
		if err != nil {
			if r.endless() {
				r.Info.Warn(verify.MissingEnd, int64(len(r.B)), "EOI is missing")
				return Segment{Marker: EOI}, nil
			}
			return Segment{}, err
		}
		if m == EOI {
			return Segment{Marker: EOI}, r.end(at)
		}
		p, err := r.segment(at, m)
		if err != nil {
			return Segment{}, err
		}
		if m == SOS || APP0 <= m && m <= APP15 {
			return Segment{m, p, r.Pos - len(p)}, nil
		}
	}
}

// marker reads the next marker. It returns the offset of its last fill byte, and its code.
func (r *Reader) marker() (at int, m byte, err error) {
	if err := r.resync(); err != nil {
		return r.Pos, 0, err
	}
	at = r.Pos
	// T.81 B.1.1.2: "Any marker may optionally be preceded by any number of fill
	// bytes, which are bytes assigned code X'FF'."
	for r.reach(r.Pos+1) && r.B[r.Pos] == 0xff {
		r.Pos++
	}
	switch {
	case r.Pos == len(r.B):
		return at, 0, verify.Faultf(verify.Truncated, r.Pos, "EOI is missing")
	case r.Pos-at > 1:
		r.Info.Warn(verify.FillBytes, int64(at), "fill bytes before a marker")
	}
	m = r.B[r.Pos]
	r.Pos++
	return r.Pos - 2, m, nil
}

// segment handles the marker m at offset at, and its segment. It returns the payload of an
// application segment.
func (r *Reader) segment(at int, m byte) ([]byte, error) {
	switch {
	case m == TEM, RST0 <= m && m <= RST7:
		// These have no length. libjpeg and image/jpeg skip them: some encoders end the last
		// scan with a restart marker.
		r.Info.Warn(verify.MisplacedChunk, int64(at), "marker without a meaning here")
		return nil, nil
	case m == SOI:
		return nil, verify.Faultf(verify.Malformed, at, "second SOI")
	case m < SOF0:
		return nil, verify.Faultf(verify.Malformed, at, "reserved marker %#02x", m)
	}
	p, err := r.payload(at, m)
	if err != nil {
		return nil, err
	}
	from := r.Pos - len(p) // offset of p in the file
	switch {
	case m == DHT:
		r.dhts++
		return nil, r.dht(p, from)
	case m == DAC:
		return nil, r.dac(p, from)
	case m == DQT:
		return nil, r.dqt(p, from)
	case m == DRI:
		return nil, r.dri(p, from)
	case m == DNL:
		r.dnl(p, from)
		return nil, nil
	case m == SOS:
		return nil, r.sos(p, at)
	case m == JPG, m == DHP, m == EXP:
		return nil, verify.Faultf(verify.Unsupported, at, "marker %#02x: hierarchical or extended JPEG", m)
	case SOF0 <= m && m <= SOF15:
		return nil, r.sof(p, at, m)
	case APP0 <= m && m <= APP15:
		r.app(p, from, m)
		return p, nil
	case m == COM:
		return nil, nil
	}
	// JPG0 to JPG13: reserved for extensions, which libjpeg refuses.
	return nil, verify.Faultf(verify.Malformed, at, "reserved marker %#02x", m)
}

// payload reads the segment of marker m and returns what its length covers beyond the length
// field itself. at is the offset of the marker.
func (r *Reader) payload(at int, m byte) ([]byte, error) {
	if !r.reach(r.Pos + 2) {
		return nil, verify.Faultf(verify.Truncated, len(r.B), "segment length is cut")
	}
	n := int(r.B[r.Pos])<<8 | int(r.B[r.Pos+1])
	if n < 2 {
		if !skippable(m) {
			return nil, verify.Faultf(verify.Malformed, at+2, "segment length %d is less than 2", n)
		}
		// libjpeg's skip_variable treats it as an empty segment.
		r.Info.Warn(verify.SizeDisagrees, int64(at+2), "segment length is less than 2")
		n = 2
	}
	r.reach(r.Pos + n)
	left := r.B[r.Pos:]
	if n > len(left) {
		return nil, verify.Faultf(verify.Truncated, len(r.B), "segment of %d bytes, %d left", n, len(left))
	}
	r.Pos += n
	return left[2:n:n], nil
}

// skippable reports whether viewers skip the segments of marker m unread.
func skippable(m byte) bool {
	return APP0 <= m && m <= APP15 || m == COM || m == DNL
}

// app reads what an application segment says about colours.
func (r *Reader) app(p []byte, from int, m byte) {
	switch {
	case m == APP0:
		if r.JFIF = HasPrefix(p, "JFIF\x00"); !r.JFIF {
			return
		}
		// T.871 10.1: the version is 1.02. libjpeg warns of another major version.
		if len(p) > 5 && p[5] != 1 {
			r.Info.Warn(verify.ReservedValue, int64(from+5), "unknown JFIF version")
		}
	case m == APP14 && HasPrefix(p, "Adobe") && len(p) >= 12:
		// Adobe TN 5116, section 18: transform is 0 (RGB, CMYK), 1 (YCbCr) or
		// 2 (YCCK). libjpeg guesses at anything else.
		r.Adobe = int(p[11])
		if p[11] > 2 {
			r.Info.Warn(verify.ReservedValue, int64(from+11), "unknown Adobe colour transform")
		}
	}
}

// HasPrefix reports whether p begins with s.
func HasPrefix(p []byte, s string) bool { return len(p) >= len(s) && string(p[:len(s)]) == s }

// end judges the picture at its EOI, which is at offset at.
func (r *Reader) end(at int) error {
	if r.Frame.N == 0 {
		return verify.Faultf(verify.Malformed, at, "EOI before a frame")
	}
	for i := range r.Frame.Comps[:r.Frame.N] {
		if !r.Frame.Comps[i].Scanned {
			return verify.Faultf(verify.Malformed, at, "no scan of component %d", i)
		}
	}
	if !r.refined() {
		// Proxies that shorten progressive files cut them between scans and append an EOI. The
		// picture is whole, but blurred.
		r.Info.Warn(verify.IncompleteScans, int64(at), "progressive scans are missing: coefficients lack their last bits")
	}
	return nil
}

// refined reports whether every coefficient of every component has been refined to its last bit.
func (r *Reader) refined() bool {
	for i := range r.Frame.N {
		if !r.Frame.Comps[i].Scanned {
			return false
		}
		if !r.Frame.Progressive {
			continue
		}
		for _, left := range r.approx[i] {
			if left != 1 {
				return false
			}
		}
	}
	return true
}
