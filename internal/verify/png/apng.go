package png

import (
	"math"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// animation is the state of an APNG (11.3.5 and annex on animation).
//
// To the third edition a lost, surplus or misnumbered frame is an error. Browsers then play part
// of the animation or fall back to its first picture, so each of these refuses the file.
type animation struct {
	on       bool  // a good acTL came before IDAT
	none     bool  // an acTL of 0 frames came before IDAT
	declared int64 // acTL num_frames
	frames   int64 // fcTL chunks seen
	seq      int64 // next sequence number
	fcTL     int   // offset of the fcTL that still waits for its data, or noFrame
	width    int64 // size of the frame that fcTL announced
	height   int64
}

const noFrame = 0 // no chunk has this offset

// animates reports whether a chunk of this name carries part of the picture.
func (v *verifier) animates(name chunkName) bool {
	switch name {
	case nameACTL:
		return !v.sawIDAT
	case nameFCTL, nameFDAT:
		return v.anim.on
	}
	return false
}

// control reads acTL (11.3.5.1).
func (v *verifier) control(c chunk) error {
	if v.sawIDAT {
		// 11.3.5.1 demands it before IDAT, and viewers take the file for a still picture.
		v.warn(verify.MisplacedChunk, c, "stands after IDAT")
		return nil
	}
	if v.anim.on {
		v.warn(verify.MisplacedChunk, c, "stands twice")
		return nil
	}
	if len(c.data) != 8 {
		return verify.Faultf(verify.Malformed, c.at, "acTL of %d bytes", len(c.data))
	}
	r := cursor.New(c.data, c.dataAt())
	n, plays := int64(r.Uint32BE("num_frames")), int64(r.Uint32BE("num_plays"))
	if n == 0 {
		// Chromium and libpng ignore it and show a still, which the file is as long as no frame
		// follows.
		v.anim.none = true
		v.warn(verify.ReservedValue, c, "no frames: a still picture")
		return nil
	}
	if n > math.MaxInt32 || plays > math.MaxInt32 {
		return verify.Faultf(verify.Malformed, c.dataAt(), "acTL: %d frames, %d plays", n, plays)
	}
	v.anim = animation{on: true, declared: n}
	return nil
}

// frameControl reads fcTL (11.3.5.2).
func (v *verifier) frameControl(c chunk) error {
	a := &v.anim
	if a.none && !a.on {
		return verify.Faultf(verify.Malformed, c.at, "fcTL: more frames than the 0 of acTL")
	}
	if !a.on {
		v.warn(verify.MisplacedChunk, c, "stands without acTL")
		return nil
	}
	if len(c.data) != 26 {
		return verify.Faultf(verify.Malformed, c.at, "fcTL of %d bytes", len(c.data))
	}
	r := cursor.New(c.data, c.dataAt())
	if err := v.sequence(c, r.Uint32BE("sequence_number")); err != nil {
		return err
	}
	w, h := int64(r.Uint32BE("width")), int64(r.Uint32BE("height"))
	x, y := int64(r.Uint32BE("x_offset")), int64(r.Uint32BE("y_offset"))
	r.Skip(4, "delay")
	dispose, blend := r.Uint8("dispose_op"), r.Uint8("blend_op")

	switch {
	case a.fcTL != noFrame:
		return verify.Faultf(verify.Malformed, a.fcTL, "fcTL: frame without data")
	case a.frames == a.declared:
		return verify.Faultf(verify.Malformed, c.at, "fcTL: more frames than the %d of acTL", a.declared)
	case w == 0 || h == 0 || x+w > v.hdr.width || y+h > v.hdr.height:
		return verify.Faultf(verify.Malformed, c.dataAt()+4, "fcTL: %dx%d at (%d,%d) leaves the %dx%d picture",
			w, h, x, y, v.hdr.width, v.hdr.height)
	case !v.sawIDAT && (w != v.hdr.width || h != v.hdr.height):
		return verify.Faultf(verify.Malformed, c.dataAt()+4, "fcTL: first frame does not cover the picture")
	case dispose > 2 || blend > 1:
		return verify.Faultf(verify.Malformed, c.dataAt()+24, "fcTL: dispose_op %d, blend_op %d", dispose, blend)
	}
	a.frames++
	a.fcTL, a.width, a.height = c.at, w, h
	return nil
}

// sequence checks the number that fcTL and fdAT share: it counts from 0, without gaps.
func (v *verifier) sequence(c chunk, got uint32) error {
	if int64(got) != v.anim.seq {
		return verify.Faultf(verify.Malformed, c.dataAt(), "%v: sequence number %d, not %d", c.name, got, v.anim.seq)
	}
	v.anim.seq++
	return nil
}

// frameData checks the sequence number of an fdAT chunk (11.3.5.3) and returns its part of the
// zlib stream.
func (v *verifier) frameData(c chunk) ([]byte, error) {
	if len(c.data) < 4 {
		return nil, verify.Faultf(verify.Malformed, c.at, "fdAT of %d bytes", len(c.data))
	}
	r := cursor.New(c.data, c.dataAt())
	if err := v.sequence(c, r.Uint32BE("sequence_number")); err != nil {
		return nil, err
	}
	return c.data[4:], nil
}

// endAnimation checks at IEND that all frames are present, and sets Info.Frames.
func (v *verifier) endAnimation(at int) error {
	a := &v.anim
	if !a.on {
		return nil
	}
	if a.fcTL != noFrame {
		return verify.Faultf(verify.Malformed, a.fcTL, "fcTL: frame without data")
	}
	if a.frames != a.declared {
		return verify.Faultf(verify.Malformed, at, "%d frames, not the %d of acTL", a.frames, a.declared)
	}
	v.info.Frames = int(a.declared)
	return nil
}
