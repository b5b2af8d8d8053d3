package face

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/imgvet/imgvet/face/internal/nn"
)

// coordinates is how many numbers a net gives for a box: centre x and y, width, height, and x
// and y of six landmarks.
const coordinates = 4 + 2*landmarks

// The landmarks in the nets' order. Left and right are the person's own.
const (
	rightEye = iota
	leftEye
	noseTip
	mouth
	rightEar
	leftEar
	landmarks
)

// point is a position in a picture, in pixels.
type point struct{ x, y float64 }

// detection is a face as a net sees it, in pixels of the picture.
type detection struct {
	box   region
	marks [landmarks]point
	score float64 // 0..1
	quality
	// quarters is how many quarters clockwise the picture was turned for the net to see the face.
	quarters int
	// Of a candidate of a second search: how much surer closer looks must be of it, as a logit,
	// and whether it fills the frame.
	doubt float64
	close bool
}

func (r region) width() float64  { return r.x1 - r.x0 }
func (r region) height() float64 { return r.y1 - r.y0 }
func (r region) area() float64   { return max(0, r.width()) * max(0, r.height()) }
func (r region) side() float64   { return max(r.width(), r.height()) }
func (r region) middle() point   { return point{(r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2} }

// overlap returns the area of the intersection of two regions over that of their union, 0..1.
func overlap(a, b region) float64 {
	both := region{max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)}
	if both.width() <= 0 || both.height() <= 0 {
		return 0
	}
	return both.area() / (a.area() + b.area() - both.area())
}

// around returns the square around p whose side is side.
func around(p point, side float64) region {
	return region{p.x - side/2, p.y - side/2, p.x + side/2, p.y + side/2}
}

// view is a net, the memory of its runs, and how many quarters clockwise it sees the picture
// turned.
type view struct {
	*detector
	scratch  *nn.Scratch
	quarters int
}

// run returns what v detects in the square region r of src with a score of at least least, the
// best first. crop is as for sample.
func (v view) run(ctx context.Context, ws *workspace, src source, r region, least float64, crop []float32) ([]detection, error) {
	if err := v.sample(ctx, ws, src, r, crop); err != nil {
		return nil, err
	}
	return v.infer(ctx, ws, r, least)
}

// sample sets the net's input to the square region r of src. If crop is not nil, sample stores
// the region in it too, at that size but not turned: rows of red, green and blue, 0..255.
func (v view) sample(ctx context.Context, ws *workspace, src source, r region, crop []float32) error {
	if by := float64(src.by); src.coarse != nil && r.width() >= 2*by*float64(v.side) {
		src, r = *src.coarse, region{r.x0 / by, r.y0 / by, r.x1 / by, r.y1 / by}
	}
	return ws.scale(ctx, src, r, v.side, v.side, func(y int, row []float32) {
		if crop != nil {
			copy(crop[y*len(row):], row)
		}
		v.put(y, row)
	})
}

// put sets the part of the net's input that shows row y of the square.
func (v view) put(y int, row []float32) {
	in := v.net.Input(v.scratch)
	if v.quarters == 0 {
		to := in[y*len(row):][:len(row)]
		for i, p := range row {
			to[i] = toInput(p)
		}
		return
	}
	for x := range v.side {
		tx, ty := turned(x, y, v.side, v.quarters)
		to, p := (*[3]float32)(in[3*(ty*v.side+tx):]), row[3*x:][:3]
		to[0], to[1], to[2] = toInput(p[0]), toInput(p[1]), toInput(p[2])
	}
}

// infer is run for the input that the net has, which shows the square region r.
func (v view) infer(ctx context.Context, ws *workspace, r region, least float64) ([]detection, error) {
	if err := v.net.Run(ctx, v.scratch); err != nil {
		return nil, err
	}
	if v.quarters == 0 {
		ws.raw = v.decode(ws.raw[:0], v.scratch, r, least)
		return merge(ws.raw), nil
	}
	ws.raw = v.decode(ws.raw[:0], v.scratch, region{0, 0, r.width(), r.width()}, least)
	found := merge(ws.raw)
	for i, d := range found {
		found[i] = d.back(r, v.quarters)
	}
	return found, nil
}

// toInput returns a sample of 0..255 as the nets take it: -1..1.
func toInput(v float32) float32 { return v*(1/127.5) - 1 }

// decode appends to found the boxes of the last run whose score is at least least.
func (d *detector) decode(found []detection, scratch *nn.Scratch, r region, least float64) []detection {
	boxes, scores := d.net.Output(scratch, d.boxes), d.net.Output(scratch, d.scores)
	side, scale := r.width(), r.width()/float64(d.side)
	for i, a := range d.anchors {
		// score_clipping_thresh: 100; 1/(1+e^-x) as the graphs' sigmoid_score asks.
		x := min(max(float64(scores[i]), -100), 100)
		score := 1 / (1 + math.Exp(-x))
		if !(score >= least) {
			continue
		}
		b := boxes[i*coordinates:][:coordinates]
		at := func(k int) point {
			return point{
				r.x0 + float64(a.x)*side + float64(b[k])*scale,
				r.y0 + float64(a.y)*side + float64(b[k+1])*scale,
			}
		}
		w, h := float64(b[2])*scale, float64(b[3])*scale
		if !(w > 0 && h > 0) {
			continue
		}
		c := at(0)
		v := detection{score: score, box: region{c.x - w/2, c.y - h/2, c.x + w/2, c.y + h/2}}
		for k := range v.marks {
			v.marks[k] = at(4 + 2*k)
		}
		found = append(found, v)
	}
	return found
}

// maxOverlap is min_suppression_threshold of both graphs: boxes that overlap more are one face.
const maxOverlap = 0.3

// merge makes one detection of those that overlap, with the weighted non-maximum suppression of
// MediaPipe (NonMaxSuppressionCalculator, WEIGHTED): the average of their boxes and landmarks,
// weighted by their scores, with the score of the best. It may overwrite found.
func merge(found []detection) []detection {
	if len(found) > 1 {
		found = bestFirst(found)
	}
	var out []detection
	for len(found) > 0 {
		best := found[0]
		var sum detection
		rest := found[:0]
		for _, v := range found {
			if overlap(best.box, v.box) <= maxOverlap {
				rest = append(rest, v)
				continue
			}
			sum.add(v)
		}
		if len(rest) == len(found) { // a box so thin that it does not overlap itself
			rest = rest[1:]
		} else {
			average := sum.average(best.score)
			best.box, best.marks = average.box, average.marks
		}
		out = append(out, best)
		found = rest
	}
	return out
}

// bestFirst returns a copy of found in falling order of the scores, those of equal score in the
// order of found. It sorts indices: a detection is large.
func bestFirst(found []detection) []detection {
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(found[b].score, found[a].score), cmp.Compare(a, b))
	})
	out := make([]detection, len(found))
	for i, k := range order {
		out[i] = found[k]
	}
	return out
}

// add adds v to a sum, weighted by its score.
func (d *detection) add(v detection) {
	w := v.score
	d.score += w
	d.box.x0 += w * v.box.x0
	d.box.y0 += w * v.box.y0
	d.box.x1 += w * v.box.x1
	d.box.y1 += w * v.box.y1
	for k := range d.marks {
		d.marks[k].x += w * v.marks[k].x
		d.marks[k].y += w * v.marks[k].y
	}
}

// average returns the average of the detections in a sum, with this score.
func (d detection) average(score float64) detection {
	n := d.score
	out := detection{score: score, box: region{d.box.x0 / n, d.box.y0 / n, d.box.x1 / n, d.box.y1 / n}}
	for k := range d.marks {
		out.marks[k] = point{d.marks[k].x / n, d.marks[k].y / n}
	}
	return out
}
