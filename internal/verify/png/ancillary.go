package png

import (
	"bytes"
	"io"

	"github.com/imgvet/imgvet/internal/exif"
	"github.com/imgvet/imgvet/internal/icc"
	"github.com/imgvet/imgvet/internal/verify"
)

// place says where an ancillary chunk may be (5.6, table 7).
type place uint8

const (
	anywhere place = iota
	beforePLTE
	beforeIDAT
	afterPLTE // and before IDAT
)

// rule is what table 7 and section 11.3 demand of an ancillary chunk. Decoders ignore a chunk
// that breaks its rule, so a broken rule is a warning.
type rule struct {
	name     chunkName
	place    place
	many     bool // more than one is allowed
	min, max int  // data length; max 0 means any
	keyword  bool // data starts with a keyword of 1 to 79 bytes and a zero byte
}

// Bits of verifier.seen for the chunks that must follow PLTE.
const (
	seenBKGD = 1 << (8 + iota)
	seenHIST
	seenTRNS
)

// ruleFor returns the rule for name, and its bit in verifier.seen. A name that the third edition
// does not define has no rule: such a chunk may be anywhere.
func ruleFor(name chunkName) (r rule, bit uint32, ok bool) {
	switch name {
	case 'c'<<24 | 'H'<<16 | 'R'<<8 | 'M':
		return rule{name, beforePLTE, false, 32, 32, false}, 1 << 0, true
	case nameCICP:
		return rule{name, beforePLTE, false, 4, 4, false}, 1 << 1, true
	case 'g'<<24 | 'A'<<16 | 'M'<<8 | 'A':
		return rule{name, beforePLTE, false, 4, 4, false}, 1 << 2, true
	case nameICCP:
		return rule{name, beforePLTE, false, 3, 0, true}, 1 << 3, true
	case 'm'<<24 | 'D'<<16 | 'C'<<8 | 'V':
		return rule{name, beforePLTE, false, 24, 24, false}, 1 << 4, true
	case 'c'<<24 | 'L'<<16 | 'L'<<8 | 'I':
		return rule{name, beforePLTE, false, 8, 8, false}, 1 << 5, true
	case 's'<<24 | 'B'<<16 | 'I'<<8 | 'T':
		return rule{name, beforePLTE, false, 1, 4, false}, 1 << 6, true
	case 's'<<24 | 'R'<<16 | 'G'<<8 | 'B':
		return rule{name, beforePLTE, false, 1, 1, false}, 1 << 7, true
	case 'b'<<24 | 'K'<<16 | 'G'<<8 | 'D':
		return rule{name, afterPLTE, false, 1, 6, false}, seenBKGD, true
	case 'h'<<24 | 'I'<<16 | 'S'<<8 | 'T':
		return rule{name, afterPLTE, false, 2, 512, false}, seenHIST, true
	case nameTRNS:
		return rule{name, afterPLTE, false, 1, 256, false}, seenTRNS, true
	case 'p'<<24 | 'H'<<16 | 'Y'<<8 | 's':
		return rule{name, beforeIDAT, false, 9, 9, false}, 1 << 11, true
	case 's'<<24 | 'P'<<16 | 'L'<<8 | 'T':
		return rule{name, beforeIDAT, true, 3, 0, true}, 1 << 12, true
	case nameEXIF:
		// Table 7 demands eXIf before IDAT. The registered extension that it grew out of did
		// not, tools append it, and decoders read it in either place.
		return rule{name, anywhere, false, 4, 0, false}, 1 << 13, true
	case 't'<<24 | 'I'<<16 | 'M'<<8 | 'E':
		return rule{name, anywhere, false, 7, 7, false}, 1 << 14, true
	case 't'<<24 | 'E'<<16 | 'X'<<8 | 't':
		return rule{name, anywhere, true, 2, 0, true}, 1 << 15, true
	case 'z'<<24 | 'T'<<16 | 'X'<<8 | 't':
		return rule{name, anywhere, true, 3, 0, true}, 1 << 16, true
	case nameITXT:
		return rule{name, anywhere, true, 6, 0, true}, 1 << 17, true
	}
	return rule{}, 0, false
}

// ancillary judges a chunk that no viewer needs. It never refuses.
func (v *verifier) ancillary(c chunk) {
	if c.name.reserved() {
		v.warn(verify.ReservedValue, c, "third letter of the name is lower case")
	}
	r, bit, ok := ruleFor(c.name)
	if !ok {
		if c.name == nameCABX { // C2PA 2.1, A.3.1
			v.info.Facts.C2PA = true
		}
		return
	}
	twice := v.seen&bit != 0 && !r.many
	v.seen |= bit
	switch {
	case twice:
		v.warn(verify.MisplacedChunk, c, "stands twice")
	case r.place != anywhere && v.sawIDAT:
		v.warn(verify.MisplacedChunk, c, "stands after IDAT")
	case r.place == beforePLTE && v.palette > 0:
		v.warn(verify.MisplacedChunk, c, "stands before IDAT but after PLTE")
	case r.place == afterPLTE && v.hdr.colour == indexedColour && v.palette == 0:
		v.warn(verify.MisplacedChunk, c, "stands before PLTE")
	case len(c.data) < r.min || r.max > 0 && len(c.data) > r.max || !v.lengthFits(c):
		v.warn(verify.BadMetadata, c, "length is wrong")
	case r.keyword && !hasKeyword(c.data):
		v.warn(verify.BadMetadata, c, "no keyword of 1 to 79 bytes")
	case c.name == nameEXIF:
		v.exif(c)
	case c.name == nameTRNS:
		v.trns = c.data
		v.info.Facts.Alpha = true
	case c.name == nameICCP:
		v.profile(c)
	case c.name == nameITXT:
		v.internationalText(c)
	case c.name == nameCICP:
		v.info.Facts.HDR = verify.HDRTransfer(int(c.data[1]))
	}
}

// lengthFits checks the lengths that depend on the colour type (11.3).
func (v *verifier) lengthFits(c chunk) bool {
	n := len(c.data)
	switch c.name {
	case nameTRNS:
		switch v.hdr.colour {
		case grayscale:
			return n == 2
		case truecolour:
			return n == 6
		case indexedColour:
			return n <= v.palette
		}
		return false // a picture with an alpha channel must not have one
	case 'b'<<24 | 'K'<<16 | 'G'<<8 | 'D':
		switch v.hdr.colour {
		case grayscale, grayscaleAlpha:
			return n == 2
		case indexedColour:
			return n == 1
		}
		return n == 6
	case 's'<<24 | 'B'<<16 | 'I'<<8 | 'T':
		if v.hdr.colour == indexedColour {
			return n == 3
		}
		return n == int(v.hdr.samples())
	case 'h'<<24 | 'I'<<16 | 'S'<<8 | 'T':
		return n == 2*v.palette
	}
	return true
}

// hasKeyword reports whether p starts with a keyword (11.3.3.1).
func hasKeyword(p []byte) bool {
	const maxKeyword = 79
	n := bytes.IndexByte(p[:min(len(p), maxKeyword+1)], 0)
	return n > 0
}

// exif reads the orientation from eXIf (11.3.4.5), which holds a TIFF stream.
func (v *verifier) exif(c chunk) {
	if problem := exif.Problem(c.data); problem != "" {
		v.warn(verify.BadMetadata, c, problem)
	}
	v.info.Facts.AddEXIF(c.data)
	v.info.RawOrientation = exif.Orientation(c.data)
	if !v.sawIDAT {
		// If eXIf follows the picture, Chromium has begun to draw when it meets it, and does not
		// turn the picture; libvips and Pillow do.
		v.info.Orientation = v.info.RawOrientation
	}
}

func (v *verifier) warn(r verify.Reason, c chunk, text string) {
	v.info.Warn(r, int64(c.at), c.name.String()+": "+text)
}

// internationalText looks for XMP, which is in an uncompressed iTXt chunk with this keyword (XMP
// part 3, 1.1.5).
func (v *verifier) internationalText(c chunk) {
	const xmp = "XML:com.adobe.xmp\x00"
	if bytes.HasPrefix(c.data, []byte(xmp)) {
		v.info.Facts.AddXMP(c.data[len(xmp):])
	}
}

const (
	maxProfile  = 4 << 20 // how many bytes of a profile are inflated
	profileHead = 4 << 10 // how many of them are kept: the tags that tell its kind come first
)

// profile checks whether the profile in iCCP (11.3.2.3) can be read. iCCP holds a name, a zero
// byte, the compression method 0, and a zlib stream.
func (v *verifier) profile(c chunk) {
	v.info.Facts.ICC = icc.Other
	z := c.data[bytes.IndexByte(c.data, 0)+1:]
	if len(z) < 1 || z[0] != 0 {
		v.warn(verify.BadMetadata, c, "compression method of the profile is not 0")
		return
	}
	v.inflate.Reset(&whole{z[1:], false})
	kept, size := v.profileBuf, 0
	for size <= maxProfile {
		p, err := v.inflate.Next()
		if err == io.EOF {
			if problem := icc.HeadProblem(kept, size); problem != "" {
				v.warn(verify.BadMetadata, c, problem)
			}
			v.info.Facts.AddICC(kept)
			return
		}
		if err != nil {
			v.warn(verify.BadMetadata, c, "the profile's zlib stream is broken: "+err.Error())
			return
		}
		size += len(p)
		kept = append(kept, p[:min(len(p), cap(kept)-len(kept))]...)
	}
	v.warn(verify.BadMetadata, c, "the profile inflates to over 4 MiB")
}

// whole is a zlib stream in one piece.
type whole struct {
	piece []byte
	given bool
}

// Next returns the piece.
func (w *whole) Next() ([]byte, bool) {
	if w.given {
		return nil, false
	}
	w.given = true
	return w.piece, true
}
