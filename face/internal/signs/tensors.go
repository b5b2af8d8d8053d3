package signs

import (
	"slices"

	"github.com/imgvet/imgvet/face/internal/tflite"
)

// Tensors returns the indices of the feature maps of a net whose outputs are concatenated from
// convolutions of them, as the face detection nets are.
func Tensors(m *tflite.Model) []int {
	var maps []int
	for _, op := range m.Ops {
		if op.Kind != tflite.Conv2D {
			continue
		}
		out := op.Outputs[0]
		last := slices.ContainsFunc(m.Ops, func(o tflite.Op) bool { return o.Kind == tflite.Reshape && o.Inputs[0] == out })
		if last && !slices.Contains(maps, op.Inputs[0]) {
			maps = append(maps, op.Inputs[0])
		}
	}
	return maps
}
