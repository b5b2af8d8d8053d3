package face

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// head returns the landmarks of a head in this pose, seen from far away: eyes 10 apart, and the
// nose and the mouth where the proportions of pose.go have them.
func head(p validate.Pose) detection {
	const apart, radians = 10.0, math.Pi / 180
	sinY, cosY := math.Sincos(p.Yaw * radians)
	sinP, cosP := math.Sincos(p.Pitch * radians)
	sinR, cosR := math.Sincos(p.Roll * radians)
	at := func(x, down, out float64) point {
		down, out = down*cosP-out*sinP, out*cosP+down*sinP // raised
		x = x*cosY + out*sinY                              // then turned
		return point{50 + x*cosR - down*sinR, 50 + x*sinR + down*cosR}
	}
	lips := noseOut * apart / nosePitch
	var d detection
	d.marks[rightEye], d.marks[leftEye] = at(-apart/2, 0, 0), at(apart/2, 0, 0)
	d.marks[noseTip], d.marks[mouth] = at(0, noseDown*lips, noseOut*apart), at(0, lips, 0)
	return d
}

// TestPose checks that turning, nodding and leaning are told apart.
func TestPose(t *testing.T) {
	for _, roll := range []float64{-170, -60, 0, 20, 90, 179} {
		for _, angle := range []float64{-60, -35, -10, 0, 5, 30, 55} {
			got := head(validate.Pose{Yaw: angle, Roll: roll}).pose()
			require.InDelta(t, angle, got.Yaw, 1e-6)
			require.InDelta(t, 0, got.Pitch, 1e-6)
			require.InDelta(t, roll, got.Roll, 1e-6)
			require.InDelta(t, math.Abs(roll), head(validate.Pose{Yaw: angle, Roll: roll}).tilt(), 1e-6)
			got = head(validate.Pose{Pitch: angle, Roll: roll}).pose()
			require.InDelta(t, 0, got.Yaw, 1e-6)
			require.InDelta(t, angle, got.Pitch, 1e-6)
			require.InDelta(t, roll, got.Roll, 1e-6)
		}
	}
	got := head(validate.Pose{Yaw: 25, Pitch: -10, Roll: 10}).pose()
	require.InDelta(t, 25, got.Yaw, 5)
	require.InDelta(t, -10, got.Pitch, 5)
	require.InDelta(t, 10, got.Roll, 5)
}

// TestPoseOfNoFace holds that landmarks that no face has give a pose within its limits.
func TestPoseOfNoFace(t *testing.T) {
	var d detection
	require.Equal(t, validate.Pose{Yaw: 90}, d.pose(), "all in one place")
	d = head(validate.Pose{})
	d.marks[mouth] = d.marks[rightEye]
	require.Zero(t, d.pose().Pitch, "a mouth beside an eye")
	d.marks[noseTip] = point{1e9, -1e9}
	require.InDelta(t, 90, d.pose().Yaw, 1)
}
