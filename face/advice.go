package face

import (
	"fmt"
	"math"
	"slices"

	"github.com/imgvet/imgvet/face/internal/signs"
	"github.com/imgvet/imgvet/validate"
)

// Limits for advice. docs/faces.md says how each was set, and how often it errs.
const (
	smallFace    = 64    // a face of fewer pixels of the picture across is too small
	cutShare     = 0.15  // of the face's box outside the picture
	tilted       = 35    // degrees between the line through the eyes and the horizontal
	turnedYaw    = 30    // degrees that the head looks to the side
	blurredRatio = 0.025 // see workspace.sharpness
	// The mean alone would call dark skin a dark picture: in light, even very dark skin has
	// highlights.
	darkMean, darkBright = 50, 90
	brightShare          = 0.25 // share of the face in which light has removed all detail
	burnt                = 250  // brightness from which light has removed all detail
)

// quality is what the pixels of a face show, at the size of the net's input.
type quality struct {
	signs.Signs
	sharpness float64 // see workspace.sharpness; only of the largest face
	mean      float64 // brightness, 0..255
	bright    float64 // 95th percentile of the brightness
	// The shares of the pixels of the upper and of the lower half whose brightness is burnt or more.
	burntAbove, burntBelow float64
}

// measure returns the quality of the middle half of a square crop. In a crop of twice the side
// of the face's box, that is about the box.
func measure(crop []float32, side int) quality {
	from, to := side/4, side-side/4
	var histogram [256]int
	var q quality
	sum, half := 0.0, float64((to-from)*(to-from))/2
	for y := from; y < to; y++ {
		part := &q.burntAbove
		if y >= side/2 {
			part = &q.burntBelow
		}
		for x := from; x < to; x++ {
			v := luma(crop[3*(y*side+x):])
			histogram[int(v)]++
			sum += float64(v)
			if v >= burnt {
				*part += 1 / half
			}
		}
	}
	q.mean = sum / (2 * half)
	rest := int(half) / 10
	for v := len(histogram) - 1; v >= 0 && rest >= 0; v-- {
		rest -= histogram[v]
		q.bright = float64(v)
	}
	return q
}

// burnt returns the share of the face in which light has removed all detail, but for what covers it.
func (q quality) burnt() float64 {
	switch {
	case q.Mouth > 0:
		return q.burntAbove
	case q.Eyes > 0:
		return q.burntBelow
	}
	return (q.burntAbove + q.burntBelow) / 2
}

// advise returns what a person should know about faces, the largest first, in a picture of w x h
// pixels. scale is how many pixels of the user's picture one of these covers.
func advise(faces []detection, w, h int, scale float64) []validate.Warning {
	var advice []validate.Warning
	say := func(r validate.Reason, format string, args ...any) {
		advice = append(advice, validate.Warning{Reason: r, Offset: -1, Text: fmt.Sprintf(format, args...)})
	}
	if len(faces) > 1 {
		say(validate.SeveralFaces, "%d faces: which of them is meant is left to chance", len(faces))
	}
	d := faces[0]
	if d.tilt() > tilted {
		say(validate.FaceRotated, "the face leans to the side, or the picture lies on its side: hold both upright")
	}
	if d.box.outside(w, h) > cutShare {
		say(validate.FaceCut, "the face reaches over the edge of the picture: step back, or move to the middle")
	}
	size := min(d.box.width(), d.box.height()) * scale
	// A face of few pixels only looks blurred because it was enlarged.
	blurred := d.sharpness < blurredRatio && size >= smallFace
	switch {
	case d.Drawn > 0:
		say(validate.FaceDrawn, "the face looks drawn: use a photo")
	case blurred: // eyes and mouth that are smeared look covered
	case d.Mouth > 0 && d.Eyes > 0:
		say(validate.FaceCovered, "the face is covered: take off what is over it")
	case d.Mouth > 0:
		say(validate.FaceCovered, "nose and mouth are covered: take off the mask or veil, or the hand away")
	case d.Eyes > 0:
		say(validate.FaceCovered, "the eyes are covered: take off the sunglasses, or the hand away")
	case d.Paint > 0:
		say(validate.FaceCovered, "face paint or body art covers the face")
	}
	if size < smallFace {
		say(validate.FaceTooSmall, "the face is about %d pixels across: come closer, or use a larger picture", int(math.Round(size)))
	}
	if math.Abs(d.pose().Yaw) > turnedYaw {
		say(validate.FaceTurned, "the face looks to the side: look into the camera")
	}
	if blurred {
		say(validate.FaceBlurred, "the face is blurred: hold still, and wipe the lens")
	}
	if d.mean < darkMean && d.bright < darkBright {
		say(validate.FaceDark, "there is too little light on the face")
	}
	// White paper is no light.
	if d.burnt() > brightShare && d.Drawn <= 0 {
		say(validate.FaceOverexposed, "there is too much light on the face")
	}
	return advice
}

// outside returns the share of r that lies outside a picture of w x h.
func (r region) outside(w, h int) float64 {
	inside := r.inside(w, h)
	if inside.width() <= 0 || inside.height() <= 0 {
		return 1
	}
	return 1 - inside.area()/r.area()
}

// inside returns the part of r in a picture of w x h.
func (r region) inside(w, h int) region {
	return region{max(r.x0, 0), max(r.y0, 0), min(r.x1, float64(w)), min(r.y1, float64(h))}
}

// tilt returns the angle between the line through the eyes and that of an upright face, in
// degrees, 0..180. The nets see the eyes of a head on its side at some 40 to 65 degrees.
func (d detection) tilt() float64 {
	right, left := d.marks[rightEye], d.marks[leftEye]
	return math.Abs(math.Atan2(left.y-right.y, left.x-right.x)) * 180 / math.Pi
}

// weakAdvice returns advice for a picture with no face, if it has something like one.
func weakAdvice(found []detection) []validate.Warning {
	i := slices.IndexFunc(found, func(d detection) bool { return d.score >= weak })
	if i < 0 {
		return nil
	}
	advice := validate.Warning{Reason: validate.FaceWeak, Offset: -1, Text: "a face may be there, but not clearly enough"}
	switch d := found[i]; {
	case d.Drawn > 0:
		advice.Reason, advice.Text = validate.FaceDrawn, "a face may be there, but it looks drawn"
	case d.Eyes > 0 || d.Mouth > 0:
		advice.Reason, advice.Text = validate.FaceCovered, "a face may be there, but it is covered"
	}
	return []validate.Warning{advice}
}
