package face

import (
	"cmp"
	"context"
	"math"
	"slices"
)

const (
	maxCandidates = 16   // that are looked at closely
	deciding      = 3    // of them that tell whether there is a face
	faintest      = 0.1  // the least score of a candidate in the net for whole pictures
	others        = 0.2  // and of one that is looked at once a face has been found
	faintestLook  = 0.01 // the least score in the net for close pictures
	farthest      = 0.5  // landmarks further apart tell no more
	weak          = 0.4  // the least score of what may be a face
	// A turned picture must be surer: three more looks at a picture without a face are three
	// more chances to see one.
	surer = 0.1
)

// search returns the faces and what may be one in src, whatever their score, the
// largest first. The net for whole pictures proposes; the other one sees each proposal
// closely.
//
// The best three decide whether there is a face; once there is, the clearer ones of the
// others are looked at too, to tell how many there are.
func (f *Finder) search(ctx context.Context, ws *workspace, src source) ([]detection, error) {
	whole := around(point{float64(src.w) / 2, float64(src.h) / 2}, float64(max(src.w, src.h)))
	candidates, err := f.whole.run(ctx, ws, ws.whole, src, whole, faintest, nil)
	if err != nil {
		return nil, err
	}
	var found []detection
	for i, c := range candidates[:min(len(candidates), maxCandidates)] {
		if sure := len(above(found, f.threshold)) > 0; sure && c.score < others || !sure && i >= deciding {
			break
		}
		d, err := f.closer(ctx, ws, src, c)
		if err != nil {
			return nil, err
		}
		if d.score > 0 {
			found = append(found, d)
		}
	}
	found = merge(found)
	slices.SortStableFunc(found, func(a, b detection) int { return cmp.Compare(b.box.area(), a.box.area()) })
	return found, nil
}

// closer returns candidate c as the net for close pictures sees it, in squares of twice and three times its
// side.
func (f *Finder) closer(ctx context.Context, ws *workspace, src source, c detection) (detection, error) {
	ws.crop = grow(ws.crop, 3*f.zoom.side*f.zoom.side)
	near, err := f.look(ctx, ws, src, c, 2, ws.crop)
	if err != nil {
		return detection{}, err
	}
	pixels := ws.measure(ws.crop, f.zoom.side)
	far := near
	// Where both nets are sure, a third look changes nothing: so for nine portraits of ten,
	// and for no picture without a face of those in docs/faces.md.
	if c.score < 0.5 || near.score < 0.85 {
		if far, err = f.look(ctx, ws, src, c, 3, nil); err != nil {
			return detection{}, err
		}
	}
	d := near
	if near.score == 0 {
		d = far
	}
	d.score = together(c, near, far)
	d.quality = pixels
	return d, nil
}

// together returns the score of what the net for whole pictures sees as c, and the other one as
// near and far. They err on different things, so that the average tells better than either, or
// than the best of several looks; and they mark the same places of a face, but others on what
// only looks like one.
func together(c, near, far detection) float64 {
	x := 0.3*logit(c.score) + 0.7*(logit(near.score)+logit(far.score))/2
	apart := (c.apart(near) + c.apart(far)) / 2
	return max(0, 1/(1+math.Exp(-x))-0.4*apart)
}

// logit is the inverse of the sigmoid, between -4.6 and 4.6.
func logit(score float64) float64 {
	score = min(max(score, faintestLook), 1-faintestLook)
	return math.Log(score / (1 - score))
}

// apart returns how far the landmarks of c and of a look at it lie from each other, as the
// average of all in parts of c's side; at most farthest, as where nothing was seen.
func (d detection) apart(seen detection) float64 {
	if seen.score == 0 {
		return farthest
	}
	sum := 0.0
	for k, m := range d.marks {
		sum += math.Hypot(m.x-seen.marks[k].x, m.y-seen.marks[k].y)
	}
	return min(sum/landmarks/d.box.side(), farthest)
}

// look returns what the net for close pictures makes of candidate c in a square of that many times
// its side: c itself with score 0 if it sees nothing there.
func (f *Finder) look(ctx context.Context, ws *workspace, src source, c detection, times float64, crop []float32) (detection, error) {
	seen, err := f.zoom.run(ctx, ws, ws.zoom, src, around(c.box.middle(), times*c.box.side()), faintestLook, crop)
	if err != nil {
		return detection{}, err
	}
	for _, d := range seen {
		if overlap(d.box, c.box) > maxOverlap/2 {
			return d, nil
		}
	}
	c.score = 0
	return c, nil
}
