package main

import (
	"context"
	"image"
	"math"
	"os"

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
	if side < 4 {
		return nil, nil
	}
	h, w, _ := n.InputSize()
	crop := scaled(img, x-side/2, y-side/2, side, w)
	in := n.Input(n.scratch)
	for i := range 3 * w * h {
		in[i] = crop[i]/127.5 - 1
	}
	if err := n.Run(ctx, n.scratch); err != nil {
		return nil, err
	}
	f, ok := n.best(float64(w))
	if !ok {
		return nil, nil
	}
	out := make([]float32, signs.Size(n.maps))
	signs.Sample(out, signs.Crop{Side: w, Pixels: crop}, n.maps, f)
	return out, nil
}

// scaled returns the square of img from x, y on as n x n pixels, black outside the picture, as the
// finder scales it: pixels of img are averaged by area, or interpolated if there are fewer of them.
func scaled(img *image.RGBA, x, y, side float64, n int) []float32 {
	out := make([]float32, 3*n*n)
	step := side / float64(n)
	xs, ys := make([][]share, n), make([][]share, n)
	for i := range n {
		xs[i] = shares(x+float64(i)*step, step, img.Rect.Dx())
		ys[i] = shares(y+float64(i)*step, step, img.Rect.Dy())
	}
	for i := range n {
		for k := range n {
			to := out[3*(i*n+k):][:3]
			for _, v := range ys[i] {
				for _, u := range xs[k] {
					p := img.Pix[v.at*img.Stride+4*u.at:]
					for c := range to {
						to[c] += v.weight * u.weight * float32(p[c])
					}
				}
			}
		}
	}
	return out
}

// share is a pixel's share in an average.
type share struct {
	at     int
	weight float32
}

// shares returns the shares of limit pixels in a row in the part from at to at+step.
func shares(at, step float64, limit int) []share {
	middle := at + step/2
	if middle < 0 || middle >= float64(limit) {
		return nil
	}
	if step < 1 {
		below := math.Floor(middle - 0.5)
		t := float32(middle - 0.5 - below)
		i := int(below)
		return []share{{max(i, 0), 1 - t}, {min(i+1, limit-1), t}}
	}
	lo, hi := max(at, 0), min(at+step, float64(limit))
	var out []share
	for i := int(lo); i < limit && float64(i) < hi; i++ {
		out = append(out, share{i, float32((min(hi, float64(i+1)) - max(lo, float64(i))) / (hi - lo))})
	}
	return out
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
