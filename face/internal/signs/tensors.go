package signs

import (
	"slices"

	"github.com/imgvet/imgvet/face/internal/tflite"
)

// Tensors returns the indices of the feature maps that Sample reads, of a net whose outputs are
// concatenated from convolutions of maps, as those of the face detection nets are: first the last map
// before the finest of those was halved, which still shows what lies on an eye, and then those.
// It is nil if there is no such map.
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
	if len(maps) == 0 {
		return nil
	}
	side := m.Tensors[maps[0]].Shape[1]
	for _, op := range m.Ops {
		if op.Kind == tflite.DepthwiseConv2D && op.StrideY == 2 && m.Tensors[op.Outputs[0]].Shape[1] == side {
			return slices.Insert(maps, 0, op.Inputs[0])
		}
	}
	return nil
}
