package webp

import "github.com/imgvet/imgvet/internal/verify"

const (
	animSize       = 6  // background, loop count
	anmfHeaderSize = 16 // rectangle, duration, flags

	// maxTotalPixels bounds the pixels of all frames of an animation: a viewer must make them
	// all, and a file of 10 MiB can hold 200,000 frames of one colour. It allows an hour of full
	// HD at one frame a second, or 39 frames of the largest picture accepted by default.
	maxTotalPixels = 1 << 33
)

// anim verifies the ANIM chunk (RFC 9649 section 2.7.1.1).
func (v *verifier) anim(c chunk) error {
	if v.flags&flagAnimation == 0 && !v.hasImage {
		// RFC 9649 tells readers to ignore it, but libwebp's demuxer gives up.
		return verify.Faultf(verify.Malformed, c.at, "ANIM, but VP8X says that the file is a still")
	}
	if v.flags&flagAnimation == 0 {
		v.info.Warn(verify.MisplacedChunk, int64(c.at), "ANIM after a still")
		return nil
	}
	if v.hasANIM {
		v.info.Warn(verify.MisplacedChunk, int64(c.at), "second ANIM")
		return nil
	}
	if len(c.data) < animSize {
		return verify.Faultf(verify.Malformed, c.at+4, "ANIM: size %d, want %d", len(c.data), animSize)
	}
	if len(c.data) > animSize {
		v.info.Warn(verify.SizeDisagrees, int64(c.at+4), "ANIM is too long")
	}
	v.hasANIM = true
	return nil
}

// frame verifies an ANMF chunk, its picture included (RFC 9649 section 2.7.1.1).
func (v *verifier) frame(c chunk) error {
	if !v.hasANIM {
		return verify.Faultf(verify.Malformed, c.at, "ANMF without ANIM before it")
	}
	if !c.coded.Reach(anmfHeaderSize) {
		return verify.Faultf(verify.Malformed, c.at+4, "ANMF: size %d is under %d", c.coded.Len(), anmfHeaderSize)
	}
	header := c.coded.B[:anmfHeaderSize]
	if header[15]&^0x03 != 0 {
		v.info.Warn(verify.ReservedValue, int64(c.dataAt()+15), "ANMF: reserved bits are not zero")
	}
	if width, height := 1+uint24(header[6:]), 1+uint24(header[9:]); int64(width)*int64(height) > 1<<32-1 {
		return verify.Faultf(verify.Malformed, c.dataAt()+6, "ANMF: frame has over 2^32-1 pixels")
	}
	v.info.Frames++
	v.hasImage = true

	end := int64(c.dataAt()) + int64(c.coded.Len())
	w := walker{v: v, pos: int64(c.dataAt() + anmfHeaderSize), end: end + end&1}
	image, err := w.next()
	if err != nil {
		return err
	}
	var alph chunk
	if image.id == fccALPH {
		alph = image
		if image, err = w.next(); err != nil {
			return err
		}
	}
	if image.id != fccVP8 && image.id != fccVP8L {
		return verify.Faultf(verify.Malformed, image.at, "ANMF: no picture where it is due")
	}
	if err := v.frameImage(c, image, alph); err != nil {
		return err
	}
	if err := w.finish(image); err != nil {
		return err
	}
	for !w.done() {
		after, err := w.next()
		if err != nil {
			return err
		}
		switch after.id {
		case fccVP8, fccVP8L, fccALPH, fccANMF, fccANIM, fccVP8X:
			return verify.Faultf(verify.Malformed, after.at, "ANMF: more than one picture")
		}
		v.info.Warn(verify.UnknownMetadata, int64(after.at), "unknown chunk in ANMF")
	}
	return nil
}

// frameImage verifies the picture of the ANMF chunk c.
func (v *verifier) frameImage(c, image, alph chunk) error {
	header := c.coded.B
	width, height, err := v.imageSize(&image)
	if err != nil {
		return err
	}
	// libwebp draws the picture at its own size, and demands that this lies on the canvas,
	// whatever the frame says.
	if width != 1+uint24(header[6:]) || height != 1+uint24(header[9:]) {
		v.info.Warn(verify.SizeDisagrees, int64(c.dataAt()+6), "ANMF: frame and picture disagree on their size")
	}
	x, y := 2*uint24(header), 2*uint24(header[3:])
	if x+width > v.info.Width || y+height > v.info.Height {
		return verify.Faultf(verify.Malformed, c.dataAt(), "ANMF: frame reaches out of the canvas")
	}
	if v.totalPixels += int64(width) * int64(height); v.totalPixels > maxTotalPixels {
		f := verify.Faultf(verify.TooMuchWork, c.dataAt()+6, "the frames have too many pixels in all")
		f.Limit, f.Got = maxTotalPixels, v.totalPixels
		return f
	}
	return v.image(image, alph, width, height)
}
