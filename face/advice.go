package face

import (
	"fmt"
	"math"
	"slices"

	"github.com/imgvet/imgvet/validate"
)

// Limits for advice. docs/faces.md says how each was set, and how often it errs.
const (
	smallFace    = 64   // a face of fewer pixels of the picture across is too small
	cutShare     = 0.15 // of the face's box outside the picture
	tilted       = 35   // degrees between the line through the eyes and the horizontal
	turnedYaw    = 30   // degrees that the head looks to the side
	blurredRatio = 0.03 // see quality.sharpness
	// The mean alone would call dark skin a dark picture: in light, even very dark skin has
	// highlights.
	darkMean, darkBright = 50, 90
	brightShare          = 0.25 // share of the face in which light has removed all detail
	burnt                = 250  // brightness from which light has removed all detail
)

// quality is what the pixels of a face show, at the size of the net's input.
type quality struct {
	sharpness float64 // variance of the Laplacian over the variance of the brightness
	mean      float64 // brightness, 0..255
	bright    float64 // 95th percentile of the brightness
	burnt     float64 // share of the pixels whose brightness is burnt or more
}

// measure returns the quality of the middle half of a square crop. In a crop of twice the side
// of the face's box, that is about the box.
func (ws *workspace) measure(crop []float32, side int) quality {
	from, to := side/4, side-side/4
	ws.gray = grow(ws.gray, side*side)
	gray := ws.gray
	for i := range gray {
		gray[i] = 0.299*crop[3*i] + 0.587*crop[3*i+1] + 0.114*crop[3*i+2]
	}
	var histogram [256]int
	var edges, brightness moments
	for y := from; y < to; y++ {
		for x := from; x < to; x++ {
			i := y*side + x
			v := gray[i]
			histogram[int(v)]++
			brightness.add(float64(v))
			edges.add(float64(gray[i-1] + gray[i+1] + gray[i-side] + gray[i+side] - 4*v))
		}
	}
	// At least 1, so that noise below one grey level does not make a flat picture sharp.
	q := quality{mean: brightness.mean(), sharpness: edges.variance() / max(1, brightness.variance())}
	rest := int(brightness.n) / 20
	for v := len(histogram) - 1; v >= 0; v-- {
		if v >= burnt {
			q.burnt += float64(histogram[v]) / brightness.n
		}
		if rest -= histogram[v]; rest < 0 {
			q.bright = max(q.bright, float64(v))
		}
	}
	return q
}

// moments collects numbers for their mean and variance.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(v float64) {
	m.n++
	m.sum += v
	m.squares += v * v
}

func (m *moments) mean() float64     { return m.sum / m.n }
func (m *moments) variance() float64 { return max(0, m.squares/m.n-m.mean()*m.mean()) }

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
	if cut := d.cut(w, h); cut > cutShare {
		say(validate.FaceCut, "the face reaches over the edge of the picture: step back, or move to the middle")
	}
	size := min(d.box.width(), d.box.height()) * scale
	if size < smallFace {
		say(validate.FaceTooSmall, "the face is about %d pixels across: come closer, or use a larger picture", int(math.Round(size)))
	}
	if math.Abs(d.pose().Yaw) > turnedYaw {
		say(validate.FaceTurned, "the face looks to the side: look into the camera")
	}
	// A face of few pixels only looks blurred because it was enlarged.
	if d.sharpness < blurredRatio && size >= smallFace {
		say(validate.FaceBlurred, "the face is blurred: hold still, and wipe the lens")
	}
	if d.mean < darkMean && d.bright < darkBright {
		say(validate.FaceDark, "there is too little light on the face")
	}
	if d.burnt > brightShare {
		say(validate.FaceOverexposed, "there is too much light on the face")
	}
	return advice
}

// cut returns the share of the face's box that lies outside a picture of w x h.
func (d detection) cut(w, h int) float64 {
	inside := region{max(d.box.x0, 0), max(d.box.y0, 0), min(d.box.x1, float64(w)), min(d.box.y1, float64(h))}
	if inside.width() <= 0 || inside.height() <= 0 {
		return 1
	}
	return 1 - inside.area()/d.box.area()
}

// tilt returns the angle between the line through the eyes and that of an upright face, in
// degrees, 0..180. The nets see the eyes of a head on its side at some 40 to 65 degrees.
func (d detection) tilt() float64 {
	right, left := d.marks[rightEye], d.marks[leftEye]
	return math.Abs(math.Atan2(left.y-right.y, left.x-right.x)) * 180 / math.Pi
}

// weakAdvice returns advice for a picture with no face, if it has something like one.
func weakAdvice(found []detection) []validate.Warning {
	if !slices.ContainsFunc(found, func(d detection) bool { return d.score >= weak }) {
		return nil
	}
	return []validate.Warning{{Reason: validate.FaceWeak, Offset: -1, Text: "a face may be there, but not clearly enough"}}
}
