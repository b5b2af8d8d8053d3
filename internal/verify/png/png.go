package png

import (
	"errors"
	"sync"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/inflate"
)

const signature = "\x89PNG\r\n\x1a\n" // 5.2

// verifier is the state of one walk over one file.
type verifier struct {
	in   *verify.Input
	b    []byte // the file as far as in shows it
	lim  verify.Limits
	info verify.Info
	pos  int // offset of the next chunk

	hdr      header
	colours  []byte // data of the PLTE that counts, nil before it
	trns     []byte // data of the tRNS that counts
	palette  int    // entries of PLTE, 0 before it
	seen     uint32 // bits of the ancillary chunks seen: see ruleFor
	sawIDAT  bool
	complete bool // every row of the still picture is present
	anim     animation
	work     int64 // bytes inflated so far
	look     int64 // work at which the context is looked at
	surplus  int64 // inflated bytes after the last row of the frame
	stream   stream
	inflate  *inflate.Decoder

	profileBuf []byte // empty, with capacity for the beginning of a profile
}

// scratch is the memory that one call needs, some 170 KiB.
type scratch struct {
	verifier verifier
	decoder  inflate.Decoder
	profile  [profileHead]byte
}

var pool = sync.Pool{New: func() any { return new(scratch) }}

// Verify is [VerifyInput] for a file in memory.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	return verify.Whole(b, lim, VerifyInput)
}

// VerifyInput returns nil if in is one whole PNG or APNG, else a [*verify.Fault], or the error of
// in. Info.Frames is 1, or the number in acTL.
func VerifyInput(in *verify.Input, lim verify.Limits) (verify.Info, error) {
	s := pool.Get().(*scratch)
	v := &s.verifier
	*v = verifier{in: in, b: in.Bytes(), lim: lim, inflate: &s.decoder, profileBuf: s.profile[:0]}
	err := v.file()
	if in.Err() != nil {
		err = in.Err()
	}
	info := v.info
	*v = verifier{} // the pool must not keep the caller's bytes
	s.decoder.Reset(nil)
	pool.Put(s)
	return info, err
}

// file walks the whole file: signature, IHDR, then all chunks up to IEND.
func (v *verifier) file() error {
	v.reach(int64(len(signature)))
	n := min(len(v.b), len(signature))
	if string(v.b[:n]) != signature[:n] {
		return verify.Faultf(verify.Malformed, 0, "no PNG signature")
	}
	if n < len(signature) {
		return verify.Faultf(verify.Truncated, n, "signature is cut")
	}
	v.pos = len(signature)
	if err := v.header(); err != nil {
		return err
	}
	if v.in.InMemory() && !v.lim.Lenient {
		if err := v.whole(); err != nil {
			return err
		}
	}
	return v.chunks()
}

// chunks walks the chunks between IHDR and the end of the file.
func (v *verifier) chunks() error {
	for {
		c, open := v.opens()
		var err error
		if !open {
			c, err = v.next()
		}
		if err == nil && c.name == nameIEND {
			return v.end(c)
		}
		if err == nil {
			err = v.chunk(c)
		}
		if err != nil {
			return v.forgive(err)
		}
	}
}

// forgive takes, under Lenient alone, a file that breaks off or breaks a rule after the last
// byte of its picture: IEND is missing or damaged, or a chunk was renamed. Browsers show the
// whole picture, since they draw rows as they arrive. It forgives no animation: a frame may be
// missing, and frames are part of the picture.
func (v *verifier) forgive(err error) error {
	var fault *verify.Fault
	if !v.lim.Lenient || !v.complete || v.anim.on || !errors.As(err, &fault) {
		return err
	}
	v.info.Warn(verify.MissingEnd, fault.Offset, "no good IEND: "+fault.Text)
	return nil
}

// header reads IHDR, which must be the first chunk.
func (v *verifier) header() error {
	c, err := v.next()
	if err != nil {
		return err
	}
	if c.name == nameCGBI {
		return verify.Faultf(verify.Unsupported, c.at, "Apple's own variant of PNG")
	}
	if c.name != nameIHDR {
		return verify.Faultf(verify.Malformed, c.at, "%v stands before IHDR", c.name)
	}
	v.hdr, err = parseHeader(c, v.lim)
	v.info.Width, v.info.Height = int(min(v.hdr.width, maxChunkLen)), int(min(v.hdr.height, maxChunkLen))
	v.info.Frames = 1
	f := &v.info.Facts
	f.BitDepth, f.Progressive = int(v.hdr.depth), v.hdr.interlaced
	f.Alpha = v.hdr.colour == grayscaleAlpha || v.hdr.colour == truecolorAlpha
	return err
}

// chunk judges one chunk between IHDR and IEND.
func (v *verifier) chunk(c chunk) error {
	if !c.crcOK {
		v.warn(verify.BadChecksum, c, "wrong CRC") // next refuses it where it matters
		return nil
	}
	switch c.name {
	case nameIHDR:
		return verify.Faultf(verify.Malformed, c.at, "IHDR stands twice")
	case namePLTE:
		return v.plte(c)
	case nameIDAT:
		return v.idat(c)
	case nameACTL:
		return v.control(c)
	case nameFCTL:
		return v.frameControl(c)
	case nameFDAT:
		return v.fdat(c)
	}
	if c.name.critical() {
		// 5.4: a decoder must say that it cannot show the picture.
		return verify.Faultf(verify.Unsupported, c.at, "unknown critical chunk %v", c.name)
	}
	v.ancillary(c)
	return nil
}

// plte checks the palette (11.2.2) as libpng does: a fault in it refuses the file only if the
// pixels need it.
func (v *verifier) plte(c chunk) error {
	n := len(c.data) / 3
	switch indexed := v.hdr.colour == indexedColour; {
	case v.palette > 0:
		return verify.Faultf(verify.Malformed, c.at, "PLTE stands twice")
	case v.sawIDAT:
		v.warn(verify.MisplacedChunk, c, "stands after IDAT")
		return nil
	case len(c.data) < 3 || len(c.data) > 3*256:
		// Chromium shows none of these, whatever the colour type. libpng refuses them only in
		// indexed pictures.
		return verify.Faultf(verify.Malformed, c.at, "PLTE of %d bytes", len(c.data))
	case v.hdr.colour == grayscale || v.hdr.colour == grayscaleAlpha:
		v.warn(verify.MisplacedChunk, c, "stands in a grayscale picture")
		return nil
	case indexed && len(c.data)%3 != 0:
		return verify.Faultf(verify.Malformed, c.at, "PLTE of %d bytes", len(c.data))
	case !indexed && v.seen&(seenBKGD|seenHIST|seenTRNS) != 0:
		v.warn(verify.MisplacedChunk, c, "stands after a chunk that must follow it")
	case len(c.data)%3 != 0:
		v.warn(verify.BadMetadata, c, "length is wrong")
	case indexed && n > 1<<v.hdr.depth:
		v.warn(verify.SizeDisagrees, c, "more entries than the bit depth can name")
		n = 1 << v.hdr.depth
	}
	v.palette, v.colours = n, c.data[:3*n]
	return nil
}

// idat judges the run of IDAT chunks that starts with c.
func (v *verifier) idat(c chunk) error {
	if v.sawIDAT {
		// The picture is already whole: libpng warns and goes on.
		v.warn(verify.MisplacedChunk, c, "stands after the picture data")
		return nil
	}
	if v.hdr.colour == indexedColour && v.palette == 0 {
		return verify.Faultf(verify.Malformed, c.at, "IDAT stands before PLTE")
	}
	v.sawIDAT = true
	v.anim.fcTL = noFrame
	if err := v.picture(c, c.data, v.hdr.width, v.hdr.height); err != nil {
		return err
	}
	v.complete = true
	return nil
}

// fdat judges the run of fdAT chunks that starts with c.
func (v *verifier) fdat(c chunk) error {
	if !v.anim.on {
		v.warn(verify.MisplacedChunk, c, "stands without acTL")
		return nil
	}
	if !v.sawIDAT || v.anim.fcTL == noFrame {
		return verify.Faultf(verify.Malformed, c.at, "fdAT stands without fcTL")
	}
	var piece []byte
	if !c.open {
		var err error
		if piece, err = v.frameData(c); err != nil {
			return err
		}
	}
	v.anim.fcTL = noFrame
	return v.picture(c, piece, v.anim.width, v.anim.height)
}

// end judges IEND and what follows it.
func (v *verifier) end(c chunk) error {
	if !v.sawIDAT {
		return verify.Faultf(verify.Malformed, c.at, "IEND stands before IDAT")
	}
	if len(c.data) > 0 {
		v.warn(verify.ReservedValue, c, "holds data")
	}
	if err := v.endAnimation(c.at); err != nil {
		return err
	}
	if v.reach(int64(v.pos) + 1) {
		v.info.Warn(verify.TrailingData, int64(v.pos), "bytes after IEND")
	}
	return nil
}
