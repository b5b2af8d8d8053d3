package webp

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/exif"
	"github.com/imgvet/imgvet/internal/icc"
	"github.com/imgvet/imgvet/internal/verify"
)

// Flags of VP8X (RFC 9649 section 2.7).
const (
	flagAnimation = 0x02
	flagXMP       = 0x04
	flagEXIF      = 0x08
	flagAlpha     = 0x10
	flagICCP      = 0x20

	flagsKnown    = flagAnimation | flagXMP | flagEXIF | flagAlpha | flagICCP
	flagsMetadata = flagXMP | flagEXIF | flagICCP
)

// vp8xSize is the only size of VP8X that libwebp's decoder takes.
const vp8xSize = 10

// extended verifies a file that starts with VP8X (RFC 9649 section 2.7).
func (v *verifier) extended(w *walker, vp8x chunk) error {
	if err := v.readVP8X(vp8x); err != nil {
		return err
	}
	for !w.done() {
		c, err := w.next()
		if err != nil && v.hasImage && v.flags&flagAnimation == 0 {
			if err = v.forgive(err); err == nil {
				break
			}
		}
		if err != nil {
			return err
		}
		if err := v.extendedChunk(c); err != nil {
			return err
		}
		if err := w.finish(c); err != nil {
			return err
		}
	}
	v.reach(w.pos)
	return v.checkExtended(int(min(w.pos, int64(len(v.b)))))
}

func (v *verifier) readVP8X(c chunk) error {
	if len(c.data) != vp8xSize {
		return verify.Faultf(verify.Malformed, c.at+4, "VP8X: size %d, want %d", len(c.data), vp8xSize)
	}
	v.flags = c.data[0]
	v.info.Facts.Alpha = v.flags&flagAlpha != 0
	if v.flags&^flagsKnown != 0 {
		// RFC 9649 tells readers to ignore them, but libwebp's demuxer, and so every browser,
		// refuses the file.
		return verify.Faultf(verify.Malformed, c.dataAt(), "VP8X: reserved flags %#x", v.flags&^flagsKnown)
	}
	if c.data[1]|c.data[2]|c.data[3] != 0 {
		v.info.Warn(verify.ReservedValue, int64(c.dataAt()+1), "VP8X: reserved bytes are not zero")
	}
	width, height := 1+uint24(c.data[4:]), 1+uint24(c.data[7:])
	v.info.Width, v.info.Height = width, height
	if int64(width)*int64(height) > 1<<32-1 {
		return verify.Faultf(verify.Malformed, c.dataAt()+4, "VP8X: canvas has over 2^32-1 pixels")
	}
	return verify.CheckSize(int64(width), int64(height), v.lim, c.dataAt()+4)
}

// extendedChunk verifies one chunk after VP8X.
func (v *verifier) extendedChunk(c chunk) error {
	if v.alph.id != 0 && c.id != fccVP8 && c.id != fccVP8L {
		// The demuxer sees a picture in the ALPH without VP8, and gives up.
		return verify.Faultf(verify.Malformed, c.at, "ALPH is not followed by VP8")
	}
	switch c.id {
	case fccVP8, fccVP8L, fccALPH:
		return v.stillChunk(c)
	case fccANIM:
		return v.anim(c)
	case fccANMF:
		return v.frame(c)
	case fccICCP:
		if v.hasImage {
			v.info.Warn(verify.MisplacedChunk, int64(c.at), "ICCP after the picture")
		}
		if problem := icc.Problem(c.data); problem != "" {
			v.info.Warn(verify.BadMetadata, int64(c.at), problem)
		}
		if v.hasMetadata&flagICCP == 0 {
			v.info.Facts.AddICC(c.data)
		}
		v.metadata(c, flagICCP)
	case fccXMP:
		v.info.Facts.AddXMP(c.data)
		v.metadata(c, flagXMP)
	case fccEXIF:
		if v.hasMetadata&flagEXIF == 0 {
			// Chromium shows WebP as stored, whatever this says; libvips and Pillow turn it.
			v.info.RawOrientation = exif.Orientation(tiffOf(c.data))
			if problem := exif.Problem(tiffOf(c.data)); problem != "" {
				v.info.Warn(verify.BadMetadata, int64(c.at), problem)
			}
		}
		v.info.Facts.AddEXIF(tiffOf(c.data))
		v.metadata(c, flagEXIF)
	case fccVP8X:
		return verify.Faultf(verify.Malformed, c.at, "second VP8X")
	case fccC2PA: // C2PA 2.1, A.3.5
		v.info.Facts.C2PA = true
	default:
		v.info.Warn(verify.UnknownMetadata, int64(c.at), "unknown chunk")
	}
	return nil
}

// stillChunk verifies the parts of a still picture.
func (v *verifier) stillChunk(c chunk) error {
	// libwebp's decoder refuses a file that claims to be animated, its demuxer a picture after
	// ANIM.
	if v.flags&flagAnimation != 0 || v.hasANIM {
		return verify.Faultf(verify.Malformed, c.at, "still picture in an animation")
	}
	if v.hasImage {
		return verify.Faultf(verify.Malformed, c.at, "second picture, or second part of one, in a still file")
	}
	if c.id == fccALPH {
		v.alph = c
		return nil
	}
	v.hasImage = true
	v.info.Frames = 1
	alph := v.alph
	v.alph = chunk{}
	w, h, err := v.imageSize(&c)
	if err != nil {
		return err
	}
	if w != v.info.Width || h != v.info.Height {
		return verify.Faultf(verify.Malformed, c.dataAt(), "picture is %dx%d, canvas %dx%d", w, h, v.info.Width, v.info.Height)
	}
	return v.image(c, alph, w, h)
}

// metadata notes a chunk of metadata, which no viewer needs.
func (v *verifier) metadata(c chunk, flag byte) {
	if v.hasMetadata&flag != 0 {
		v.info.Warn(verify.MisplacedChunk, int64(c.at), "second chunk of its kind of metadata")
	}
	v.hasMetadata |= flag
}

// checkExtended makes the checks that need the whole file.
func (v *verifier) checkExtended(end int) error {
	switch {
	case v.alph.id != 0:
		return verify.Faultf(verify.Malformed, end, "ALPH without a picture")
	case !v.hasImage:
		return verify.Faultf(verify.Malformed, end, "no picture")
	case v.flags&flagsMetadata != v.hasMetadata:
		v.info.Warn(verify.BadMetadata, riffHeaderSize+chunkHeaderSize, "VP8X: flags and metadata chunks disagree")
	}
	return nil
}

// tiffOf returns the TIFF stream of an EXIF chunk. Some writers leave in the prefix that EXIF
// has in JPEG.
func tiffOf(p []byte) []byte {
	return bytes.TrimPrefix(p, []byte("Exif\x00\x00"))
}
