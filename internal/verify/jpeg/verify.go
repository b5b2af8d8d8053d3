package jpeg

import (
	"sync"

	"github.com/imgvet/imgvet/internal/exif"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// decoder is the state of one verification. It is pooled: reset clears what the next file must
// not see.
type decoder struct {
	stream.Reader

	mpf     mpf
	hasExif bool
	icc     profile
	seq     sequential
	prog    progressive

	bigScan int // in bytes left: see the constant
}

var pool = sync.Pool{New: func() any { return newDecoder() }}

func newDecoder() *decoder {
	d := &decoder{bigScan: bigScan}
	d.Init()
	d.prog.preparePassed()
	return d
}

// Verify is [VerifyInput] for a file in memory.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	return verify.Whole(b, lim, VerifyInput)
}

// VerifyInput returns nil if in is one whole JPEG picture that a viewer shows without an error,
// else a [*verify.Fault], or the error of in. In any case Info is filled in as far as it is known.
// VerifyInput keeps no byte of the file, and is safe for concurrent use.
func VerifyInput(in *verify.Input, lim verify.Limits) (verify.Info, error) {
	d := pool.Get().(*decoder)
	d.reset(in, lim)
	err := d.file()
	in.Holding(nil)
	if in.Err() != nil {
		err = in.Err()
	}
	info := d.Info
	info.Facts.BitDepth, info.Facts.Progressive = d.Frame.Precision, d.Frame.Progressive
	d.prog.release()
	d.In, d.B, d.Info = nil, nil, verify.Info{}
	d.icc.reset()
	pool.Put(d)
	return info, err
}

func (d *decoder) reset(in *verify.Input, lim verify.Limits) {
	d.ResetInput(in, lim)
	d.mpf = mpf{}
	d.hasExif = false
	d.icc.reset()
}

// file walks the file from SOI to its last byte.
func (d *decoder) file() error {
	if err := d.SOI(); err != nil {
		return err
	}
	for {
		s, err := d.Next()
		switch {
		case err != nil:
			return err
		case s.Marker == stream.EOI:
			d.icc.judge(&d.Info)
			d.tail()
			return nil
		case s.Marker == stream.SOS:
			err = d.entropy()
		default:
			d.app(s)
		}
		if err != nil {
			return err
		}
	}
}

// entropy verifies the entropy-coded segments of the scan.
func (d *decoder) entropy() error {
	switch {
	case d.Frame.Arithmetic:
		return d.arithScan()
	case d.Frame.Progressive:
		return d.progressiveScan()
	}
	return d.sequentialScan()
}

// isBig reports whether so much of the file is left, as far as that is known, that lookup tables
// with several symbols per entry pay off.
func (d *decoder) isBig() bool {
	size := d.In.Size()
	return size < 0 || size-int64(d.Pos) >= int64(d.bigScan)
}

// app reads what matters in an application segment: EXIF, a colour profile and the multi-picture
// index. No viewer needs any of them to be right.
func (d *decoder) app(s stream.Segment) {
	const mpfHead = "MPF\x00"
	p := s.Payload
	d.facts(s)
	switch {
	case s.Marker == stream.APP1 && !d.hasExif && stream.HasPrefix(p, exifHead):
		d.hasExif = true
		// A sixth byte follows. The standard says that it is zero (CIPA DC-008, 4.7.2.2), but
		// Chromium takes any value: some editors write 0xff.
		tiff := p[min(len(exifHead)+1, len(p)):]
		d.Info.RawOrientation = exif.Orientation(tiff)
		if d.Scans == 0 { // viewers read headers up to the first scan
			d.Info.Orientation = d.Info.RawOrientation
		}
		if problem := exif.Problem(tiff); problem != "" {
			d.Info.Warn(verify.BadMetadata, int64(s.From), problem)
		}
	case s.Marker == stream.APP2 && stream.HasPrefix(p, profileHead):
		d.icc.add(p[len(profileHead):], s.From)
	case s.Marker == stream.APP2 && !d.mpf.found && stream.HasPrefix(p, mpfHead):
		d.mpf = readMPF(p[len(mpfHead):], s.From+len(mpfHead))
		if d.mpf.broken {
			d.Info.Warn(verify.BadMetadata, int64(s.From), "multi-picture index is broken")
		}
	}
}
