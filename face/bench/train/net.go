package main

import (
	"context"
	"image"
	"math"
	"os"

	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/face/internal/signs"
	"github.com/imgvet/imgvet/face/internal/tflite"
)

// net is the short-range net, for the features that it computes.
type net struct {
	*nn.Net
	scratch *nn.Scratch
	maps    []signs.Map
}

func newNet(weights string) (*net, error) {
	b, err := os.ReadFile(weights)
	if err != nil {
		return nil, err
	}
	m, err := tflite.Parse(b)
	if err != nil {
		return nil, err
	}
	outputs := len(m.Outputs)
	m.Outputs = append(m.Outputs, signs.Tensors(m)...)
	compiled, err := nn.Compile(m)
	if err != nil {
		return nil, err
	}
	n := &net{Net: compiled, scratch: compiled.NewScratch()}
	for i, t := range m.Outputs[outputs:] {
		shape := m.Tensors[t].Shape
		n.maps = append(n.maps, signs.Map{Side: shape[1], Channels: shape[3], Cells: n.Output(n.scratch, outputs+i)})
	}
	return n, nil
}

// look returns the features of the face near the middle of the square around x, y of that side, as the
// finder's last look at a face has them: at the landmarks that the net sees in that square. They are nil if it
// sees no face.
func (n *net) look(ctx context.Context, img *image.RGBA, x, y, side float64) ([]float32, error) {
	r := image.Rect(int(x-side/2), int(y-side/2), int(x+side/2), int(y+side/2))
	if r.Dx() < 4 {
		return nil, nil
	}
	part := image.NewRGBA(r) // black outside
	draw.Draw(part, r, img, r.Min, draw.Src)
	h, w, _ := n.InputSize()
	crop := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(crop, crop.Rect, part, r, draw.Src, nil)
	in, pixels := n.Input(n.scratch), make([]float32, 3*w*h)
	for i := range w * h {
		for k := range 3 {
			pixels[3*i+k] = float32(crop.Pix[4*i+k])
			in[3*i+k] = pixels[3*i+k]/127.5 - 1
		}
	}
	if err := n.Run(ctx, n.scratch); err != nil {
		return nil, err
	}
	f, ok := n.best(float64(w))
	if !ok {
		return nil, nil
	}
	out := make([]float32, signs.Size(n.maps))
	signs.Sample(out, signs.Crop{Side: w, Pixels: pixels}, n.maps, f)
	return out, nil
}

// best returns the landmarks of the surest face in the middle half of the net's input.
func (n *net) best(side float64) (f signs.Face, ok bool) {
	boxes, scores := n.Output(n.scratch, 0), n.Output(n.scratch, 1)
	highest := float32(0) // a logit: the score is 0.5
	for i, score := range scores {
		// Two anchors in each of 16 x 16 cells, then six in each of 8 x 8.
		cell, cells := i/2, 16
		if i >= 512 {
			cell, cells = (i-512)/6, 8
		}
		ax, ay := (float64(cell%cells)+0.5)/float64(cells), (float64(cell/cells)+0.5)/float64(cells)
		b := boxes[16*i:][:16]
		at := func(k int) signs.Point { return signs.Point{X: ax + float64(b[k])/side, Y: ay + float64(b[k+1])/side} }
		if c := at(0); score <= highest || math.Abs(c.X-0.5) > 0.25 || math.Abs(c.Y-0.5) > 0.25 {
			continue
		}
		highest, ok = score, true
		f = signs.Face{RightEye: at(4), LeftEye: at(6), Nose: at(8), Mouth: at(10)}
	}
	return f, ok
}
