package face

import (
	_ "embed"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/face/internal/signs"
	"github.com/imgvet/imgvet/face/internal/tflite"
)

// Fitted by face/bench/train; see weights/README.md.
//
//go:embed weights/face_signs.bin
var faceSigns string

// feature is a feature map of a net: the index of the output that it is kept as, and its sides.
type feature struct{ output, side, channels int }

// keepFeatures makes outputs of the feature maps that signs are read from.
func (d *detector) keepFeatures(m *tflite.Model) {
	for _, t := range signs.Tensors(m) {
		shape := m.Tensors[t].Shape
		d.maps = append(d.maps, feature{len(m.Outputs), shape[1], shape[3]})
		m.Outputs = append(m.Outputs, t)
	}
}

// features returns the feature maps of the last run in scratch. If that is nil, they have no cells.
func (d *detector) features(scratch *nn.Scratch) []signs.Map {
	maps := make([]signs.Map, len(d.maps))
	for i, f := range d.maps {
		maps[i] = signs.Map{Side: f.side, Channels: f.channels}
		if scratch != nil {
			maps[i].Cells = d.net.Output(scratch, f.output)
		}
	}
	return maps
}

// newHeads reads the heads for the features of zoom.
func newHeads(zoom *detector) (*signs.Heads, error) {
	return signs.Parse([]byte(faceSigns), signs.Size(zoom.features(nil)))
}

// telling is the least width of a face, in pixels of the picture that is searched, of which signs are read.
// The heads were fitted to no smaller ones.
const telling = 36

// signs returns what the last run of the net for close pictures says of d. It ran on the square
// region r. Of a face too small to tell, or seen turned, it says nothing: the heads were fitted to upright
// faces.
func (f *Finder) signs(ws *workspace, r region, d detection) signs.Signs {
	if d.box.width() < telling || d.quarters != 0 {
		return signs.Signs{}
	}
	at := func(i int) signs.Point {
		return signs.Point{X: (d.marks[i].x - r.x0) / r.width(), Y: (d.marks[i].y - r.y0) / r.height()}
	}
	maps := f.zoom.features(ws.zoom)
	ws.features = grow(ws.features, signs.Size(maps))
	crop := signs.Crop{Side: f.zoom.side, Pixels: ws.crop}
	signs.Sample(ws.features, crop, maps, signs.Face{RightEye: at(rightEye), LeftEye: at(leftEye), Nose: at(noseTip), Mouth: at(mouth)})
	return f.heads.Of(ws.features)
}
