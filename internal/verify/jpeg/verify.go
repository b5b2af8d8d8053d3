package jpeg

import (
	"bytes"
	"sync"

	"github.com/imgvet/imgvet/internal/exif"
	"github.com/imgvet/imgvet/internal/verify"
)

// Marker codes: the second byte of a marker. T.81 table B.1.
const (
	mTEM   = 0x01
	mSOF0  = 0xc0 // baseline, Huffman
	mSOF1  = 0xc1 // extended sequential, Huffman
	mSOF2  = 0xc2 // progressive, Huffman
	mDHT   = 0xc4
	mJPG   = 0xc8
	mSOF9  = 0xc9 // extended sequential, arithmetic
	mSOF10 = 0xca // progressive, arithmetic
	mDAC   = 0xcc
	mSOF15 = 0xcf
	mRST0  = 0xd0
	mRST7  = 0xd7
	mSOI   = 0xd8
	mEOI   = 0xd9
	mSOS   = 0xda
	mDQT   = 0xdb
	mDNL   = 0xdc
	mDRI   = 0xdd
	mDHP   = 0xde
	mEXP   = 0xdf
	mAPP0  = 0xe0
	mAPP1  = 0xe1
	mAPP2  = 0xe2
	mAPP14 = 0xee
	mAPP15 = 0xef
	mCOM   = 0xfe
)

// maxScans bounds the SOS markers of a file. The scan scripts of cjpeg, mozjpeg
// and Photoshop use at most 20; the bound leaves room for a script of one's own.
const maxScans = 64

// decoder is the state of one verification. It is pooled: reset clears what one
// file must not see of the file before it.
type decoder struct {
	b    []byte
	pos  int // of the next byte of b to look at
	lim  verify.Limits
	info verify.Info

	frame   frame
	scan    scan
	scans   int                     // SOS markers so far
	ri      int                     // restart interval in MCUs, 0 for none
	approx  [maxComponents][64]byte // progressive: how far each coefficient is
	quant   [4]bool                 // quantization tables that are defined
	huff    [2][4]huffTable
	mpf     mpf
	hasExif bool
	src     source
	seq     sequential
	prog    progressive
	arith   arith

	bigScan int // from how many bytes left on looks are worth extending
}

var pool = sync.Pool{New: func() any { return newDecoder() }}

func newDecoder() *decoder {
	d := &decoder{bigScan: bigScan}
	d.arith.d, d.arith.estimates = d, estimates()
	d.prog.preparePassed()
	return d
}

// Verify reports whether b is one whole JPEG picture that a viewer shows without
// an error. Its error is nil or a [*verify.Fault]; Info is filled as far as it
// is known either way. It keeps no byte of b, and is safe for concurrent use.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	d := pool.Get().(*decoder)
	d.reset(b, lim)
	err := d.file()
	info := d.info
	d.prog.release()
	d.b, d.info = nil, verify.Info{}
	pool.Put(d)
	return info, err
}

func (d *decoder) reset(b []byte, lim verify.Limits) {
	d.b, d.pos, d.lim = b, 0, lim
	d.info = verify.Info{Frames: 1}
	d.frame = frame{}
	d.scans, d.ri = 0, 0
	d.quant = [4]bool{}
	d.approx = [maxComponents][64]byte{}
	for class := range d.huff {
		for i := range d.huff[class] {
			d.huff[class][i].defined = false
		}
	}
	d.arith.reset()
	d.mpf = mpf{}
	d.hasExif = false
}

// file walks the file from SOI to its last byte.
func (d *decoder) file() error {
	if soi := []byte{0xff, mSOI}; !bytes.HasPrefix(d.b, soi) {
		if bytes.HasPrefix(soi, d.b) {
			return verify.Faultf(verify.Truncated, len(d.b), "SOI is cut")
		}
		return verify.Faultf(verify.Malformed, 0, "no SOI")
	}
	d.pos = 2
	for {
		at, m, err := d.marker()
		if err != nil {
			return err
		}
		if m == mEOI {
			return d.end(at)
		}
		if err := d.segment(at, m); err != nil {
			return err
		}
	}
}

// marker passes over the next marker, which must stand at d.pos, and returns its
// code and where its last fill byte stands.
func (d *decoder) marker() (at int, m byte, err error) {
	at = d.pos
	// T.81 B.1.1.2: "Any marker may optionally be preceded by any number of fill
	// bytes, which are bytes assigned code X'FF'."
	for d.pos < len(d.b) && d.b[d.pos] == 0xff {
		d.pos++
	}
	switch {
	case d.pos == len(d.b):
		return at, 0, verify.Faultf(verify.Truncated, d.pos, "EOI is missing")
	case d.pos == at, d.b[d.pos] == 0:
		// libjpeg: "Corrupt JPEG data: extraneous bytes before marker".
		return at, 0, verify.Faultf(verify.Malformed, at, "surplus bytes where a marker is due")
	case d.pos-at > 1:
		d.info.Warn(verify.FillBytes, int64(at), "fill bytes before a marker")
	}
	m = d.b[d.pos]
	d.pos++
	return d.pos - 2, m, nil
}

// segment handles the marker m, which stands at offset at, and what belongs to it.
func (d *decoder) segment(at int, m byte) error {
	switch {
	case m == mTEM, mRST0 <= m && m <= mRST7:
		// No length follows these. libjpeg and image/jpeg pass over them: some
		// encoders end the last scan in a restart marker.
		d.info.Warn(verify.MisplacedChunk, int64(at), "marker without a meaning here")
		return nil
	case m == mSOI:
		return verify.Faultf(verify.Malformed, at, "second SOI")
	case m < mSOF0:
		return verify.Faultf(verify.Malformed, at, "reserved marker %#02x", m)
	}
	p, err := d.payload(at)
	if err != nil {
		return err
	}
	from := d.pos - len(p) // offset of p in the file
	switch {
	case m == mDHT:
		return d.dht(p, from)
	case m == mDAC:
		return d.dac(p, from)
	case m == mDQT:
		return d.dqt(p, from)
	case m == mDRI:
		return d.dri(p, from)
	case m == mDNL:
		return d.dnl(p, from)
	case m == mSOS:
		return d.sos(p, at)
	case m == mJPG, m == mDHP, m == mEXP:
		return verify.Faultf(verify.Unsupported, at, "marker %#02x: hierarchical or extended JPEG", m)
	case mSOF0 <= m && m <= mSOF15:
		return d.sof(p, at, m)
	case mAPP0 <= m && m <= mAPP15:
		d.app(p, from, m)
		return nil
	case m == mCOM:
		return nil
	}
	// JPG0 to JPG13: reserved for extensions, which libjpeg refuses.
	return verify.Faultf(verify.Malformed, at, "reserved marker %#02x", m)
}

// payload returns what the segment's length covers beyond itself, and passes
// over it. at is where the marker stands.
func (d *decoder) payload(at int) ([]byte, error) {
	left := d.b[d.pos:]
	if len(left) < 2 {
		return nil, verify.Faultf(verify.Truncated, len(d.b), "segment length is cut")
	}
	n := int(left[0])<<8 | int(left[1])
	if n < 2 {
		return nil, verify.Faultf(verify.Malformed, at+2, "segment length %d is less than 2", n)
	}
	if n > len(left) {
		return nil, verify.Faultf(verify.Truncated, len(d.b), "segment of %d bytes, %d left", n, len(left))
	}
	d.pos += n
	return left[2:n:n], nil
}

// app reads what matters of an application segment: EXIF, the multi-picture
// index and Adobe's colour transform. No viewer needs any of them to be right.
func (d *decoder) app(p []byte, from int, m byte) {
	const jfifHead, exifHead, mpfHead, adobeHead = "JFIF\x00", "Exif\x00\x00", "MPF\x00", "Adobe"
	switch {
	case m == mAPP0 && hasPrefix(p, jfifHead):
		// T.871 10.1: the version is 1.02. libjpeg warns of another major version.
		if len(p) > 5 && p[5] != 1 {
			d.info.Warn(verify.ReservedValue, int64(from+5), "unknown JFIF version")
		}
	case m == mAPP1 && !d.hasExif && hasPrefix(p, exifHead):
		d.hasExif = true
		d.info.Orientation = exif.Orientation(p[len(exifHead):])
	case m == mAPP2 && !d.mpf.found && hasPrefix(p, mpfHead):
		d.mpf = readMPF(p[len(mpfHead):], from+len(mpfHead))
		if d.mpf.broken {
			d.info.Warn(verify.BadMetadata, int64(from), "multi-picture index is broken")
		}
	case m == mAPP14 && hasPrefix(p, adobeHead):
		// Adobe TN 5116, section 18: transform is 0 (RGB, CMYK), 1 (YCbCr) or
		// 2 (YCCK). libjpeg guesses at anything else.
		if len(p) >= 12 && p[11] > 2 {
			d.info.Warn(verify.ReservedValue, int64(from+11), "unknown Adobe colour transform")
		}
	}
}

func hasPrefix(p []byte, s string) bool { return len(p) >= len(s) && string(p[:len(s)]) == s }

// end judges the file at its EOI, which stands at offset at.
func (d *decoder) end(at int) error {
	if d.frame.n == 0 {
		return verify.Faultf(verify.Malformed, at, "EOI before a frame")
	}
	for i := range d.frame.comps[:d.frame.n] {
		if !d.frame.comps[i].scanned {
			return verify.Faultf(verify.Malformed, at, "no scan of component %d", i)
		}
	}
	d.tail()
	return nil
}
