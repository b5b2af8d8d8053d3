package signs_test

import (
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face/internal/signs"
	"github.com/imgvet/imgvet/face/internal/tflite"
)

// ramp returns a map in which channel 0 is 10 times the column, channel 1 the row.
func ramp(side int) signs.Map {
	m := signs.Map{Side: side, Channels: 2, Cells: make([]float32, 2*side*side)}
	for y := range side {
		for x := range side {
			m.Cells[2*(y*side+x)], m.Cells[2*(y*side+x)+1] = float32(10*x), float32(y)
		}
	}
	return m
}

// patches is how many features are of the crop: four of each of 9 x 11 places.
const patches = 9 * 11 * 4

// details is at how many points the finest map is read.
const details = 37

// flat returns a grey crop.
func flat(side int) signs.Crop {
	c := signs.Crop{Side: side, Pixels: make([]float32, 3*side*side)}
	for i := range c.Pixels {
		c.Pixels[i] = 100
	}
	return c
}

// TestPatches reads a crop that is red on the left and bright above, which shows in the patches
// on those sides of the face, beside the average.
func TestPatches(t *testing.T) {
	c := flat(128)
	upright := signs.Face{RightEye: signs.Point{X: 0.4, Y: 0.45}, LeftEye: signs.Point{X: 0.6, Y: 0.45}, Nose: signs.Point{X: 0.5, Y: 0.55}, Mouth: signs.Point{X: 0.5, Y: 0.65}}
	got := make([]float32, signs.Size(nil))
	require.Len(t, got, patches)
	signs.Sample(got, c, nil, upright)
	for i, v := range got {
		require.InDelta(t, 0, v, 0.01, "flat: %d", i)
	}
	for y := range 128 {
		for x := range 128 {
			p := c.Pixels[3*(y*128+x):]
			if x < 64 {
				p[0] += 60
			}
			if y < 64 {
				p[0], p[1], p[2] = p[0]+50, p[1]+50, p[2]+50
			}
		}
	}
	signs.Sample(got, c, nil, upright)
	patch := func(row, column int) []float32 { return got[4*(9*row+column):][:4] }
	for _, row := range []int{0, 10} {
		require.Greater(t, patch(row, 0)[1], patch(row, 8)[1]+0.5, "red on the left")
		require.InDelta(t, patch(row, 8)[1], patch(row, 8)[2], 1e-4, "no colour on the right")
	}
	for _, column := range []int{0, 8} {
		require.Greater(t, patch(0, column)[0], patch(10, column)[0]+1, "bright above")
	}
	require.InDelta(t, 0, patch(0, 0)[3], 0.01, "no contrast away from the edges")
	require.Greater(t, patch(0, 4)[3], float32(0.1), "contrast across an edge")
}

// TestSample reads ramps, which interpolation leaves as they are: 8 cells have their middles at
// 1/16, 3/16 and so on. The first map is read in more detail.
func TestSample(t *testing.T) {
	maps := []signs.Map{ramp(16), ramp(8), ramp(4)}
	got := make([]float32, signs.Size(maps))
	require.Len(t, got, patches+details*2+6*(2+2))
	signs.Sample(got, flat(128), maps, signs.Face{
		RightEye: signs.Point{X: 0.25, Y: 0.5}, LeftEye: signs.Point{X: 0.75, Y: 0.5},
		Nose: signs.Point{X: 0.5, Y: 0.6}, Mouth: signs.Point{X: 0.5, Y: 0.75},
	})
	// The finest map: the right eye's nine points, rows of u = -0.75, -0.5, -0.25 at v = -0.2, 0, 0.2.
	fine := got[patches:][:details*2]
	for i, want := range [][2]float32{{15, 6.7}, {35, 6.7}, {55, 6.7}, {15, 7.5}, {35, 7.5}, {55, 7.5}, {15, 8.3}, {35, 8.3}, {55, 8.3}} {
		require.InDelta(t, want[0], fine[2*i], 1e-4, i)
		require.InDelta(t, want[1], fine[2*i+1], 1e-4, i)
	}
	last := fine[len(fine)-2:] // the chin, at v = 1.55
	require.InDelta(t, 75, last[0], 1e-4)
	require.InDelta(t, 13.7, last[1], 1e-4)
	for i, want := range []float32{
		15, 3.5, 5, 1.5, // right eye
		55, 3.5, 25, 1.5, // left eye
		35, 4.3, 15, 1.9, // nose
		35, 5.5, 15, 2.5, // mouth
		35, 6.7, 15, 3, // chin, at 0.9: below the lowest middle of the coarser map
		35, 2.3, 15, 0.9, // forehead, at 0.35
	} {
		require.InDelta(t, want, got[patches+details*2+i], 1e-4, i)
	}
}

// TestSampleOutside checks that landmarks anywhere, or nowhere, give the features of the nearest cell.
func TestSampleOutside(t *testing.T) {
	maps := []signs.Map{ramp(16), ramp(8)}
	got := make([]float32, signs.Size(maps))
	far := signs.Point{X: 1e300, Y: -1e300}
	signs.Sample(got, flat(128), maps, signs.Face{RightEye: far, LeftEye: signs.Point{X: math.NaN(), Y: math.NaN()}, Nose: far, Mouth: signs.Point{X: math.Inf(1), Y: math.Inf(-1)}})
	require.Equal(t, []float32{70, 0, 0, 0, 70, 0, 70, 0}, got[patches+details*2:][:8])
	for _, v := range got {
		require.False(t, math.IsNaN(float64(v)))
	}
}

// TestHeads writes weights, reads them, and weighs features with them.
func TestHeads(t *testing.T) {
	var b []byte
	for i := range 4 {
		b = signs.Append(b, float64(i)-1.5, []float64{1, float64(i), -0.5})
	}
	h, err := signs.Parse(b, 3)
	require.NoError(t, err)
	got := h.Of([]float32{2, 3, 4})
	require.Equal(t, signs.Signs{Eyes: -1.5, Mouth: 2.5, Paint: 6.5, Drawn: 10.5}, got)

	// A bfloat16 has eight significant bits, and rounds to the nearest.
	b = nil
	for range 4 {
		b = signs.Append(b, 0, []float64{math.Pi})
	}
	h, err = signs.Parse(b, 1)
	require.NoError(t, err)
	require.InDelta(t, math.Pi, h.Of([]float32{1}).Eyes, math.Pi/512)

	for _, n := range []int{0, 1, len(b) - 1, len(b) + 1} {
		_, err := signs.Parse(append(b, 0)[:n], 1)
		require.Error(t, err, n)
	}
}

// TestCovered checks that what covers a face is as sure as the surest sign of it.
func TestCovered(t *testing.T) {
	require.Equal(t, 3.0, signs.Signs{Eyes: -1, Mouth: 3, Paint: 2, Drawn: 9}.Covered())
	require.Equal(t, 4.0, signs.Signs{Eyes: 4, Mouth: 3}.Covered())
	require.Equal(t, 5.0, signs.Signs{Paint: 5}.Covered())
	require.Zero(t, signs.Signs{Eyes: -4, Mouth: -3, Paint: -1, Drawn: 2}.Covered())
}

// TestTensors checks which feature maps the nets' outputs come from.
func TestTensors(t *testing.T) {
	for net, want := range map[string][][]int{
		"face_detection_short_range.tflite": {{1, 32, 32, 42}, {1, 16, 16, 88}, {1, 8, 8, 96}},
	} {
		b, err := os.ReadFile("../../weights/" + net)
		require.NoError(t, err)
		m, err := tflite.Parse(b)
		require.NoError(t, err)
		var got [][]int
		for _, i := range signs.Tensors(m) {
			got = append(got, m.Tensors[i].Shape)
		}
		require.Equal(t, want, got)
	}
}
