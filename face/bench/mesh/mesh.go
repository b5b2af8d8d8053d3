// Package mesh runs MediaPipe's face mesh, as a second opinion that package face is measured
// against: whether a face is there, and where the head looks. Package face itself does not use
// it; docs/faces.md says why.
package mesh

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"

	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/face/internal/tflite"
	"github.com/imgvet/imgvet/validate"
)

// Where the files lie in face_mesh_solution_packed_assets.data of @mediapipe/face_mesh
// 0.4.1657299874; face_mesh_solution_packed_assets_loader.js says so.
const (
	netFrom, netTo           = 2495952, 3737848 // face_landmark.tflite
	geometryFrom, geometryTo = 3737848, 3757224 // geometry_pipeline_metadata_landmarks.binarypb
)

const (
	side   = 192 // of the net's square input
	around = 1.5 // sides of the face's box that the input shows, as MediaPipe's graph has it
)

// Mesh is the net and the canonical face. It serves one call at a time.
type Mesh struct {
	net     *nn.Net
	scratch *nn.Scratch
	fit     []point
}

// Open reads the packed assets.
func Open(name string) (*Mesh, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(b) < geometryTo {
		return nil, errors.New("not the packed assets of @mediapipe/face_mesh 0.4.1657299874")
	}
	m := &Mesh{}
	if m.fit, err = readGeometry(b[geometryFrom:geometryTo]); err != nil {
		return nil, err
	}
	model, err := tflite.Parse(b[netFrom:netTo])
	if err != nil {
		return nil, err
	}
	if m.net, err = nn.Compile(model); err != nil {
		return nil, err
	}
	h, w, c := m.net.InputSize()
	if h != side || w != side || c != 3 || m.net.Outputs() != 2 || m.net.OutputSize(0) != 3*meshPoints || m.net.OutputSize(1) != 1 {
		return nil, fmt.Errorf("a net of another shape: %dx%dx%d", w, h, c)
	}
	m.scratch = m.net.NewScratch()
	return m, nil
}

// Look runs the net on face f of img, levelled by its eyes. presence is the logit of a face being
// there.
func (m *Mesh) Look(ctx context.Context, img image.Image, f validate.Face) (presence float64, pose validate.Pose, err error) {
	if len(f.Landmarks) < 2 {
		return 0, pose, errors.New("a face without eyes")
	}
	eyes := f.Landmarks[1].Sub(f.Landmarks[0])
	lean := math.Atan2(float64(eyes.Y), float64(eyes.X))
	sin, cos := math.Sincos(lean)
	scale := side / (around * float64(max(f.Bounds.Dx(), f.Bounds.Dy())))
	x, y := float64(f.Bounds.Min.X+f.Bounds.Max.X)/2, float64(f.Bounds.Min.Y+f.Bounds.Max.Y)/2
	// x' = scale * (cos(x-middle) + sin(y-middle)) + side/2, and so on.
	at := [6]float64{
		scale * cos, scale * sin, side/2 - scale*(cos*x+sin*y),
		-scale * sin, scale * cos, side/2 - scale*(cos*y-sin*x),
	}
	crop := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.BiLinear.Transform(crop, at, img, img.Bounds(), draw.Src, nil)
	in := m.net.Input(m.scratch)
	for i := range side * side {
		for c := range 3 {
			in[3*i+c] = float32(crop.Pix[4*i+c]) / 255
		}
	}
	if err := m.net.Run(ctx, m.scratch); err != nil {
		return 0, pose, err
	}
	pose = m.pose(m.net.Output(m.scratch, 0))
	pose.Roll += lean * 180 / math.Pi
	return float64(m.net.Output(m.scratch, 1)[0]), pose, nil
}

type vector [3]float64

// pose lays the canonical face on the points of a mesh: the rotation of least squares.
func (m *Mesh) pose(points []float32) validate.Pose {
	var weights float64
	var middle, canonical vector
	seen := make([]vector, len(m.fit))
	for i, p := range m.fit {
		v := points[3*p.index:]
		seen[i] = vector{float64(v[0]), -float64(v[1]), -float64(v[2])} // y up, z to the camera
		weights += float64(p.weight)
		for k := range 3 {
			middle[k] += float64(p.weight) * seen[i][k]
			canonical[k] += float64(p.weight) * p.at[k]
		}
	}
	var s [3][3]float64 // correlations
	for i, p := range m.fit {
		for a := range 3 {
			for b := range 3 {
				s[a][b] += float64(p.weight) * (p.at[a] - canonical[a]/weights) * (seen[i][b] - middle[b]/weights)
			}
		}
	}
	r := rotation(s)
	const degrees = 180 / math.Pi
	return validate.Pose{
		Yaw:   math.Atan2(r[0][2], r[2][2]) * degrees,
		Pitch: math.Asin(min(max(r[1][2], -1), 1)) * degrees,
		Roll:  -math.Atan2(r[1][0], r[0][0]) * degrees, // clockwise, with y down
	}
}

// rotation returns the rotation that turns the first of two sets of points best onto the
// second, from their correlations (B. Horn, Closed-form solution of absolute orientation using
// unit quaternions, 1987, section 4).
func rotation(s [3][3]float64) [3][3]float64 {
	n := [4][4]float64{
		{s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
		{s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
		{s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
		{s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]},
	}
	// The eigenvector of the largest eigenvalue, by powers; the shift makes that the largest in
	// size.
	shift := 0.0
	for _, row := range n {
		sum := 0.0
		for _, v := range row {
			sum += math.Abs(v)
		}
		shift = max(shift, sum)
	}
	q := [4]float64{1, 0.1, 0.1, 0.1}
	for range 1000 {
		var next [4]float64
		size := 0.0
		for i, row := range n {
			next[i] = shift * q[i]
			for k, v := range row {
				next[i] += v * q[k]
			}
			size += next[i] * next[i]
		}
		if size == 0 {
			break
		}
		for i := range q {
			q[i] = next[i] / math.Sqrt(size)
		}
	}
	w, x, y, z := q[0], q[1], q[2], q[3]
	return [3][3]float64{
		{w*w + x*x - y*y - z*z, 2 * (x*y - w*z), 2 * (x*z + w*y)},
		{2 * (x*y + w*z), w*w - x*x + y*y - z*z, 2 * (y*z - w*x)},
		{2 * (x*z - w*y), 2 * (y*z + w*x), w*w - x*x - y*y + z*z},
	}
}
