package face_test

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// TestPoseOfPictures holds the poses of pictures to those that MediaPipe's face mesh tells, and a
// mirrored picture to the mirrored pose.
func TestPoseOfPictures(t *testing.T) {
	alone(t)
	f := finder(t)
	for name, want := range map[string]validate.Pose{
		"astronaut-half":  {Yaw: -1.0, Pitch: -10.0, Roll: 3.5},
		"astronaut-whole": {Yaw: -0.9, Pitch: -9.4, Roll: 3.3},
		"mona-lisa":       {Yaw: -19.3, Pitch: -13.8, Roll: 0.2},
	} {
		img := reference(t, name)
		got := one(t, f, img, name).Pose
		require.InDelta(t, want.Yaw, got.Yaw, 6, name)
		require.InDelta(t, want.Pitch, got.Pitch, 9, name)
		require.InDelta(t, want.Roll, got.Roll, 6, name)
		b := img.Bounds()
		mirrored := image.NewRGBA(b)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				mirrored.Set(b.Max.X-1-(x-b.Min.X), y, img.At(x, y))
			}
		}
		other := one(t, f, mirrored, name).Pose
		require.InDelta(t, -got.Yaw, other.Yaw, 4, name)
		require.InDelta(t, got.Pitch, other.Pitch, 4, name)
		require.InDelta(t, -got.Roll, other.Roll, 4, name)
	}
}
