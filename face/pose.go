package face

import (
	"math"

	"github.com/imgvet/imgvet/validate"
)

// Proportions of a head, as the nets' landmarks see it. They were fitted to the poses that
// MediaPipe's face mesh tells of 394 faces; docs/faces.md says how far the two differ.
const (
	noseOut   = 0.706 // from the eyes' line to the tip of the nose, out of the face, in eye distances
	noseDown  = 0.489 // from the eyes down to the nose, in parts of the way to the mouth, of a level head
	nosePitch = 0.534 // what the tangent of the pitch changes of that share
)

// pose estimates where the head looks from four landmarks: the tip of the nose stands out of the
// face, so it moves against the eyes and the mouth when the head turns.
func (d detection) pose() validate.Pose {
	right, left := d.marks[rightEye], d.marks[leftEye]
	dx, dy := left.x-right.x, left.y-right.y
	apart := math.Hypot(dx, dy)
	if apart == 0 {
		return validate.Pose{Yaw: 90} // one eye is behind the other
	}
	// The nose and the mouth from the middle between the eyes: along the line through the eyes,
	// and down the face.
	from := func(p point) (along, down float64) {
		x, y := p.x-(left.x+right.x)/2, p.y-(left.y+right.y)/2
		return (x*dx + y*dy) / apart, (y*dx - x*dy) / apart
	}
	aside, nose := from(d.marks[noseTip])
	_, lips := from(d.marks[mouth])
	// Where the mouth is not below the eyes, the landmarks are no face's, and say nothing of it.
	pitch := 0.0
	if lips > 0 {
		pitch = math.Atan((noseDown - nose/lips) / nosePitch)
	}
	const degrees = 180 / math.Pi
	return validate.Pose{
		Yaw:   math.Atan2(aside, noseOut*apart) * degrees,
		Pitch: pitch * degrees,
		Roll:  math.Atan2(dy, dx) * degrees,
	}
}
