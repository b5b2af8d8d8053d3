package mesh

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// TestPose holds the fit to poses that a made-up face is turned to.
func TestPose(t *testing.T) {
	m := &Mesh{}
	for i, v := range []vector{{-3, 2, 3}, {3, 2, 3}, {0, 0, 7}, {0, -4, 5}, {-6, 0, -2}, {6, 0, -2}} {
		m.fit = append(m.fit, point{index: 10 * i, at: v, weight: float32(i + 1)})
	}
	for _, want := range []validate.Pose{{}, {Yaw: 40}, {Pitch: -25}, {Roll: 15}, {Yaw: -20, Pitch: 10, Roll: -30}} {
		const radians = math.Pi / 180
		sinY, cosY := math.Sincos(want.Yaw * radians)
		sinP, cosP := math.Sincos(want.Pitch * radians)
		sinR, cosR := math.Sincos(want.Roll * radians)
		points := make([]float32, 3*meshPoints)
		for _, p := range m.fit {
			x, y, z := p.at[0], p.at[1], p.at[2]
			y, z = y*cosP+z*sinP, z*cosP-y*sinP // raised
			x, z = x*cosY+z*sinY, z*cosY-x*sinY // turned
			y = -y
			x, y = x*cosR-y*sinR, x*sinR+y*cosR // leaned, with y down
			to := points[3*p.index:]
			to[0], to[1], to[2] = float32(96+8*x), float32(96+8*y), float32(-8*z)
		}
		got := m.pose(points)
		if want.Roll != 0 && want.Yaw != 0 {
			// Leaning turns where the face looks, too: only the size of it stays.
			require.InDelta(t, math.Cos(want.Yaw*radians)*math.Cos(want.Pitch*radians), math.Cos(got.Yaw*radians)*math.Cos(got.Pitch*radians), 1e-4)
			continue
		}
		require.InDelta(t, want.Yaw, got.Yaw, 0.01)
		require.InDelta(t, want.Pitch, got.Pitch, 0.01)
		require.InDelta(t, want.Roll, got.Roll, 0.01)
	}
}

// TestGeometryRefuses has what is no canonical face.
func TestGeometryRefuses(t *testing.T) {
	for _, b := range [][]byte{nil, {0x80}, {0x0a, 5, 1}, {0x1d, 1}, {0x09, 0}, {0x12, 2, 0x08, 1}} {
		_, err := readGeometry(b)
		require.Error(t, err, "%x", b)
	}
}
