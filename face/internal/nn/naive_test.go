package nn

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face/internal/tflite"
)

// naive runs a model operation by operation, each as its definition reads, in float64:
// the twin that the fused steps and kernels are held to.
type naive struct {
	m      *tflite.Model
	values map[int][]float64
}

// side returns the sides of tensor t, N H W C, with ones before what it lacks.
func (n naive) sides(t int) [4]int {
	s := [4]int{1, 1, 1, 1}
	shape := n.m.Tensors[t].Shape
	copy(s[4-len(shape):], shape)
	return s
}

// at returns element y, x, c of tensor t, and outside what stands there.
func (n naive) at(t, y, x, c int, outside float64) float64 {
	s := n.sides(t)
	if y < 0 || y >= s[1] || x < 0 || x >= s[2] || c >= s[3] {
		return outside
	}
	return n.value(t)[(y*s[2]+x)*s[3]+c]
}

func (n naive) value(t int) []float64 {
	if v, ok := n.values[t]; ok {
		return v
	}
	var v []float64
	for _, f := range n.m.Tensors[t].Floats() {
		v = append(v, float64(f))
	}
	n.values[t] = v
	return v
}

// run returns the outputs for an input.
func (n naive) run(t testing.TB, input []float32) [][]float64 {
	n.values = map[int][]float64{}
	for _, v := range input {
		n.values[n.m.Inputs[0]] = append(n.values[n.m.Inputs[0]], float64(v))
	}
	for _, op := range n.m.Ops {
		out := op.Outputs[0]
		switch op.Kind {
		case tflite.Concatenation:
			for _, in := range op.Inputs {
				n.values[out] = append(n.values[out], n.value(in)...)
			}
			continue
		case tflite.Reshape, tflite.Dequantize:
			n.values[out] = n.value(op.Inputs[0])
			continue
		}
		s := n.sides(out)
		v := make([]float64, 0, s[1]*s[2]*s[3])
		for y := range s[1] {
			for x := range s[2] {
				for c := range s[3] {
					v = append(v, n.element(t, op, y, x, c))
				}
			}
		}
		n.values[out] = v
	}
	var outputs [][]float64
	for _, o := range n.m.Outputs {
		outputs = append(outputs, n.value(o))
	}
	return outputs
}

// element computes one element of op's output.
func (n naive) element(t testing.TB, op tflite.Op, y, x, c int) float64 {
	in := op.Inputs[0]
	size, out := n.sides(in), n.sides(op.Outputs[0])
	switch op.Kind {
	case tflite.Add:
		return n.at(in, y, x, c, 0) + n.at(op.Inputs[1], y, x, c, 0)
	case tflite.ReLU:
		return max(0, n.at(in, y, x, c, 0))
	case tflite.PReLU:
		v := n.at(in, y, x, c, 0)
		return max(v, 0) + n.value(op.Inputs[1])[c]*min(v, 0)
	case tflite.Pad:
		return n.at(in, y, x, c, 0)
	case tflite.ResizeBilinear:
		fy := (float64(y)+0.5)*float64(size[1])/float64(out[1]) - 0.5
		fx := (float64(x)+0.5)*float64(size[2])/float64(out[2]) - 0.5
		fy, fx = min(max(fy, 0), float64(size[1]-1)), min(max(fx, 0), float64(size[2]-1))
		y0, x0 := int(fy), int(fx)
		y1, x1 := min(y0+1, size[1]-1), min(x0+1, size[2]-1)
		ty, tx := fy-float64(y0), fx-float64(x0)
		return (1-ty)*((1-tx)*n.at(in, y0, x0, c, 0)+tx*n.at(in, y0, x1, c, 0)) +
			ty*((1-tx)*n.at(in, y1, x0, c, 0)+tx*n.at(in, y1, x1, c, 0))
	}
	h, w := op.FilterY, op.FilterX
	if op.Kind != tflite.MaxPool2D {
		k := n.sides(op.Inputs[1])
		h, w = k[1], k[2]
	}
	before := func(in, out, k, stride int) int {
		if !op.Same {
			return 0
		}
		return max(0, (out-1)*stride+k-in) / 2
	}
	top, left := before(size[1], out[1], h, op.StrideY), before(size[2], out[2], w, op.StrideX)
	best, sum := math.Inf(-1), 0.0
	for ky := range h {
		for kx := range w {
			iy, ix := y*op.StrideY-top+ky, x*op.StrideX-left+kx
			switch op.Kind {
			case tflite.MaxPool2D:
				best = max(best, n.at(in, iy, ix, c, math.Inf(-1)))
			case tflite.DepthwiseConv2D:
				sum += n.at(in, iy, ix, c, 0) * n.at(op.Inputs[1], ky, kx, c, 0)
			case tflite.Conv2D:
				if iy < 0 || iy >= size[1] || ix < 0 || ix >= size[2] {
					continue
				}
				kernel := n.value(op.Inputs[1])[((c*h+ky)*w+kx)*size[3]:]
				for i, v := range n.value(in)[(iy*size[2]+ix)*size[3]:][:size[3]] {
					sum += v * kernel[i]
				}
			default:
				require.Fail(t, "operator", "%v", op.Kind)
			}
		}
	}
	if op.Kind == tflite.MaxPool2D {
		return best
	}
	return sum + n.value(op.Inputs[2])[c]
}

// requireEqual holds both kinds of kernels to the naive twin for one input.
func requireEqual(t *testing.T, m *tflite.Model, input []float32) {
	want := naive{m: m}.run(t, input)
	for _, vector := range kernels() {
		n, err := compile(m, vector)
		require.NoError(t, err)
		s := n.NewScratch()
		// Twice: what one run leaves behind must not reach the next.
		for range 2 {
			copy(n.Input(s), input)
			require.NoError(t, n.Run(t.Context(), s))
		}
		require.Equal(t, len(want), n.Outputs())
		for i := range want {
			got := n.Output(s, i)
			require.Len(t, got, len(want[i]))
			// float32 adds up to some thousand products with 24 bits each.
			largest := 1.0
			for _, v := range want[i] {
				largest = max(largest, math.Abs(v))
			}
			for k, v := range want[i] {
				if math.Abs(v-float64(got[k])) > 2e-5*largest {
					require.Fail(t, "differs", "vector=%v: output %d, element %d: %v, not %v", vector, i, k, got[k], v)
				}
			}
		}
	}
}

// kernels lists the kinds of kernels that this processor runs.
func kernels() []bool {
	if hasVector {
		return []bool{false, true}
	}
	return []bool{false}
}
