package face

import (
	_ "embed"
	"fmt"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/face/internal/tflite"
)

// The nets, as MediaPipe ships them; see weights/README.md.
var (
	//go:embed weights/face_detection_short_range.tflite
	shortRange string
	//go:embed weights/face_detection_full_range.tflite
	fullRange string
)

// detector is a net and the anchors that its outputs refer to.
type detector struct {
	net     *nn.Net
	side    int // pixels of its square input
	anchors []anchor
	// The indices of the outputs that hold the boxes and the scores.
	boxes, scores int
	maps          []feature // that signs are read from
}

// anchor is the point that a box is relative to, in parts of the input.
type anchor struct{ x, y float32 }

// cells describes a square grid of anchors: side cells along each side, each anchors per cell.
type cells struct{ side, each int }

// newDetector reads a net whose boxes refer to these grids, in this order. features says whether its
// feature maps are kept.
func newDetector(model string, features bool, grids ...cells) (*detector, error) {
	m, err := tflite.Parse([]byte(model))
	if err != nil {
		return nil, err
	}
	d := &detector{boxes: -1, scores: -1}
	if features {
		d.keepFeatures(m)
	}
	if d.net, err = nn.Compile(m); err != nil {
		return nil, err
	}
	// MediaPipe, modules/face_detection: the anchors of all layers of one stride are in the
	// middle of its cells, and fixed_anchor_size makes them 1 wide and high.
	for _, g := range grids {
		for i := range g.side * g.side * g.each {
			cell := i / g.each
			d.anchors = append(d.anchors, anchor{
				x: (float32(cell%g.side) + 0.5) / float32(g.side),
				y: (float32(cell/g.side) + 0.5) / float32(g.side),
			})
		}
	}
	h, w, c := d.net.InputSize()
	if h != w || c != 3 {
		return nil, fmt.Errorf("face: a net for pictures of %dx%d with %d channels", w, h, c)
	}
	d.side = h
	for i := range d.net.Outputs() {
		switch d.net.OutputSize(i) {
		case len(d.anchors) * coordinates:
			d.boxes = i
		case len(d.anchors):
			d.scores = i
		}
	}
	if d.boxes < 0 || d.scores < 0 {
		return nil, fmt.Errorf("face: the outputs of a net do not fit %d anchors", len(d.anchors))
	}
	return d, nil
}

// newDetectors returns the net for whole pictures, 192 pixels square, and the net for parts that
// a face fills, 128 pixels square.
func newDetectors() (whole, zoom *detector, err error) {
	// face_detection_full_range.pbtxt: one layer of stride 4.
	if whole, err = newDetector(fullRange, false, cells{48, 1}); err != nil {
		return nil, nil, fmt.Errorf("full-range net: %w", err)
	}
	// face_detection_short_range.pbtxt: strides 8, 16, 16, 16, two anchors a layer.
	if zoom, err = newDetector(shortRange, true, cells{16, 2}, cells{8, 6}); err != nil {
		return nil, nil, fmt.Errorf("short-range net: %w", err)
	}
	return whole, zoom, nil
}
