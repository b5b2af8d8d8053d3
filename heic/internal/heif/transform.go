package heif

import (
	"image"
	"math/bits"

	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/internal/verify"
)

// step is one transformative property (ISO/IEC 23008-12, 6.5.9, 6.5.10, 6.5.12).
type step struct {
	at     int
	orient orientation // irot, imir
	clap   *aperture   // clap, or nil
}

// orientation is an EXIF orientation, 1..8: how to turn the stored picture so
// that it stands upright.
type orientation uint8

// The eight orientations (EXIF 2.32, 4.6.4, tag 0x0112), by what a viewer does.
const (
	Upright        orientation = 1
	flipLeftRight  orientation = 2
	half           orientation = 3
	flipTopBottom  orientation = 4
	transpose      orientation = 5
	clockwise      orientation = 6
	transverse     orientation = 7
	anticlockwise  orientation = 8
	numOrientation             = 8
)

// matrix is the linear part of an orientation: where the right (xx, yx) and the
// downward (xy, yy) unit steps of the stored picture go.
type matrix struct{ xx, xy, yx, yy int }

func (o orientation) matrix() matrix {
	switch o {
	case flipLeftRight:
		return matrix{-1, 0, 0, 1}
	case half:
		return matrix{-1, 0, 0, -1}
	case flipTopBottom:
		return matrix{1, 0, 0, -1}
	case transpose:
		return matrix{0, 1, 1, 0}
	case clockwise: // right goes down, down goes left
		return matrix{0, -1, 1, 0}
	case transverse:
		return matrix{0, -1, -1, 0}
	case anticlockwise: // right goes up, down goes right
		return matrix{0, 1, -1, 0}
	}
	return matrix{1, 0, 0, 1}
}

// then returns the orientation that does o first and p after it.
func (o orientation) then(p orientation) orientation {
	a, b := p.matrix(), o.matrix()
	want := matrix{
		a.xx*b.xx + a.xy*b.yx, a.xx*b.xy + a.xy*b.yy,
		a.yx*b.xx + a.yy*b.yx, a.yx*b.xy + a.yy*b.yy,
	}
	for q := Upright; q <= numOrientation; q++ {
		if q.matrix() == want {
			return q
		}
	}
	return Upright // not reached: the eight are closed under composition
}

// swaps tells whether o exchanges width and height.
func (o orientation) swaps() bool { return o.matrix().xx == 0 }

// stored returns the stored pixel that o shows at (x, y), for a stored picture of
// w by h pixels.
func (o orientation) stored(x, y, w, h int) (int, int) {
	switch o {
	case flipLeftRight:
		return w - 1 - x, y
	case half:
		return w - 1 - x, h - 1 - y
	case flipTopBottom:
		return x, h - 1 - y
	case transpose:
		return y, x
	case clockwise:
		return y, h - 1 - x
	case transverse:
		return w - 1 - y, h - 1 - x
	case anticlockwise:
		return w - 1 - y, x
	}
	return x, y
}

// parseStep reads irot, imir or clap.
func parseStep(b *bmff.Box) (step, error) {
	s := step{at: b.At, orient: Upright}
	c := b.Cursor()
	switch b.Type {
	case "irot":
		// "angle * 90 specifies the angle (in anti-clockwise direction)".
		s.orient = [4]orientation{Upright, anticlockwise, half, clockwise}[c.Uint8("irot")&3]
	case "imir":
		// 23008-12:2022: axis 0 exchanges top and bottom (EXIF 4), 1 left and right (EXIF 2).
		s.orient = [2]orientation{flipTopBottom, flipLeftRight}[c.Uint8("imir")&1]
	case "clap":
		a := &aperture{}
		for i := range a.n {
			a.n[i] = c.Uint32BE("clap")
		}
		if c.Err() == nil && (a.n[1] == 0 || a.n[3] == 0 || a.n[5] == 0 || a.n[7] == 0) {
			c.Fail(verify.Faultf(verify.Malformed, b.At, "clap: zero denominator"))
		}
		s.clap = a
	}
	return s, c.Err()
}

// aperture is a clap box (14496-12, 12.1.4): width, height, horizontal and
// vertical offset of the centre, each numerator and denominator. Offsets are
// signed.
type aperture struct{ n [8]uint32 }

// rect returns the pixels of a picture of w by h that the aperture shows, rounded
// as libheif does it: the first pixel down, the size to the nearest.
func (a *aperture) rect(w, h int64) (image.Rectangle, bool) {
	x0, x1, ok := a.edge(0, w)
	y0, y1, ok2 := a.edge(1, h)
	return image.Rect(x0, y0, x1, y1), ok && ok2 && x0 < x1 && y0 < y1
}

// edge returns the first pixel and the one behind the last, along one axis. It is
// exact, in words of 64 bits: math/big would be 36 KB more for a browser to load.
func (a *aperture) edge(axis int, side int64) (lo, hi int, ok bool) {
	length, per := int64(a.n[2*axis]), int64(a.n[2*axis+1])
	offset, offsetPer := int64(int32(a.n[4+2*axis])), int64(a.n[5+2*axis])
	// 12.1.4.1: pcX = horizOff + (width-1)/2, from pcX - (apertureWidth-1)/2: the first
	// pixel is side/2 - length/2 + offset, each of them a whole number and a fraction.
	whole, rest := floorDiv((side&1)*per-length, 2*per)
	moved, restMoved := floorDiv(offset, offsetPer)
	from := side/2 + whole + moved
	// rest/(2 per) + restMoved/offsetPer >= 1, multiplied out.
	left, leftLow := bits.Mul64(uint64(rest), uint64(offsetPer))
	right, rightLow := bits.Mul64(uint64(2*per), uint64(offsetPer-restMoved))
	if left > right || left == right && leftLow >= rightLow {
		from++
	}
	n, _ := floorDiv(2*length+per, 2*per)
	// The box may reach past the picture; viewers cut it there.
	l, r := max(from, 0), min(from+n, side)
	if l >= r {
		return 0, 0, false
	}
	return int(l), int(r), true
}

// floorDiv returns a/b rounded down, and what is left: 0 <= rest < b. b is positive.
func floorDiv(a, b int64) (q, rest int64) {
	q, rest = a/b, a%b
	if rest < 0 {
		q, rest = q-1, rest+b
	}
	return q, rest
}

// Shown is what the steps make of a stored picture: the part that is kept, in
// stored pixels, and how to turn it.
type Shown struct {
	Crop   image.Rectangle
	Orient orientation
}

// Size returns the size of the shown picture.
func (s Shown) Size() Size {
	w, h := int64(s.Crop.Dx()), int64(s.Crop.Dy())
	if s.Orient.swaps() {
		w, h = h, w
	}
	return Size{w, h}
}

// Follow applies the steps, in order, to a stored picture. A crop behind a turn is
// carried back through it, so that one crop and one turn remain.
func Follow(steps []step, stored Size) (Shown, error) {
	s := Shown{image.Rect(0, 0, int(stored.W), int(stored.H)), Upright}
	for _, st := range steps {
		if st.clap == nil {
			s.Orient = s.Orient.then(st.orient)
			continue
		}
		now := s.Size()
		r, ok := st.clap.rect(now.W, now.H)
		if !ok {
			return s, verify.Faultf(verify.Malformed, st.at, "clap shows no pixel")
		}
		w, h := s.Crop.Dx(), s.Crop.Dy()
		ax, ay := s.Orient.stored(r.Min.X, r.Min.Y, w, h)
		bx, by := s.Orient.stored(r.Max.X-1, r.Max.Y-1, w, h)
		kept := image.Rect(min(ax, bx), min(ay, by), max(ax, bx)+1, max(ay, by)+1)
		s.Crop = kept.Add(s.Crop.Min)
	}
	return s, nil
}
