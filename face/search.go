package face

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/imgvet/imgvet/face/internal/signs"
	"github.com/imgvet/imgvet/face/internal/trace"
)

const (
	maxCandidates = 16   // candidates that are looked at closely
	deciding      = 6    // how many of them decide whether there is a face
	faintest      = 0.05 // lowest score of a candidate in the net for whole pictures
	others        = 0.2  // the same, for candidates after a face has been found
	faintestLook  = 0.01 // lowest score in a closer look
	weak          = 0.4  // lowest score of what may be a face
	hopeful       = 0.9  // the most that a last look is expected to give a candidate that the others doubt
)

// least returns the lowest score of a face, or of what may be one.
func (f *Finder) least() float64 { return min(weak, f.threshold) }

// search returns the faces in src, and what may be faces, the largest first. The net for whole
// pictures proposes candidates, and both nets look closer at each.
//
// The best few candidates decide whether there is a face. Once there is one, search also looks
// at the clearer ones of the others, to tell how many faces there are. If there is none, it
// searches again for what that net misses.
func (f *Finder) search(ctx context.Context, ws *workspace, src source) ([]detection, error) {
	whole := around(point{float64(src.w) / 2, float64(src.h) / 2}, float64(max(src.w, src.h)))
	candidates, err := view{f.whole, ws.whole, 0}.run(ctx, ws, src, whole, faintest, nil)
	if err != nil {
		return nil, err
	}
	var found []detection
	for i, c := range candidates[:min(len(candidates), maxCandidates)] {
		// Not f.threshold: a lower threshold must not end the search at what a higher one would
		// pass over.
		if sure := len(above(found, DefaultThreshold)) > 0; sure && c.score < others || !sure && i >= deciding {
			break
		}
		d, err := f.closer(ctx, ws, src, c)
		if err != nil {
			return nil, err
		}
		if d.score >= f.least() {
			found = append(found, d)
		}
	}
	if len(above(found, DefaultThreshold)) == 0 {
		if found, err = f.again(ctx, ws, src, whole, found); err != nil {
			return nil, err
		}
	}
	found = merge(found)
	slices.SortStableFunc(found, func(a, b detection) int { return cmp.Compare(b.box.area(), a.box.area()) })
	return found, nil
}

// closer returns candidate c as closer looks show it. The net for close pictures looks at a
// square of three times its side, the net for whole pictures at one of four times. If the score
// is still that of a possible face, closer looks once more, at a square of twice its side, for
// its exact place and for advice.
func (f *Finder) closer(ctx context.Context, ws *workspace, src source, c detection) (detection, error) {
	zoom, full := view{f.zoom, ws.zoom, c.quarters}, view{f.whole, ws.whole, c.quarters}
	far, err := f.look(ctx, ws, zoom, src, c, 3, nil)
	if err != nil {
		return detection{}, err
	}
	wide := c
	// If both nets are sure, another look changes nothing. That holds for nine portraits of ten,
	// and for no picture without a face in docs/faces.md. Nor is it needed where it could hardly
	// make the candidate a face.
	if c.score < 0.5 || far.score < 0.85 || c.close || c.doubt != 0 {
		wide.score = 0
		if hope := c.believed(far.score, hopeful); hope >= min(f.threshold, DefaultThreshold) {
			if wide, err = f.look(ctx, ws, full, src, c, 4, nil); err != nil {
				return detection{}, err
			}
			if hope < DefaultThreshold { // with the default threshold this look is not made, and there is no face
				wide.score = min(wide.score, hopeful)
			}
		}
	}
	d := far
	d.score = c.believed(far.score, wide.score)
	if d.score >= f.least() {
		if err := f.nearest(ctx, ws, src, c, &d); err != nil {
			return detection{}, err
		}
	}
	if see := trace.Of(ctx); see != nil {
		see(trace.Candidate{
			Side: c.box.side() / float64(max(src.w, src.h)), Proposal: c.score, Far: far.score, Wide: wide.score,
			Score: d.score, Doubt: c.doubt, Frame: c.close, Quarters: c.quarters, Signs: d.Signs,
		})
	}
	return d, nil
}

// nearest looks at candidate c in a square of twice its side, and sets the place and the quality
// of d, which is the same face, to what it sees.
func (f *Finder) nearest(ctx context.Context, ws *workspace, src source, c detection, d *detection) error {
	ws.crop = grow(ws.crop, 3*f.zoom.side*f.zoom.side)
	near, err := f.look(ctx, ws, view{f.zoom, ws.zoom, c.quarters}, src, c, 2, ws.crop)
	if err != nil {
		return err
	}
	if near.score > 0 {
		d.box, d.marks = near.box, near.marks
	}
	d.quality = measure(ws.crop, f.zoom.side)
	square := around(c.box.middle(), 2*c.box.side())
	d.Signs = f.signs(ws, square, *d)
	// Black beside the face looks like a drawing's even colours. There the surer sign is told, and of a face
	// that the frame cuts not that it is drawn.
	cut := d.box.outside(src.w, src.h) > cutShare
	if d.Drawn > d.Covered() {
		if cut {
			d.Signs = signs.Signs{}
		}
	} else if cut || square.outside(src.w, src.h) > 0.5 {
		d.Drawn = min(d.Drawn, 0)
	}
	return nil
}

// believed returns the score of candidate c after two closer looks: far, by the net for close
// pictures in a square of three times its side; and wide, by the net for whole pictures in one of
// four times. Each look errs on other pictures, so the average of their logits and of that of the
// proposal is better than any of them. The weights are near those of a logistic regression.
//
// Closer looks at a candidate that fills the frame see mostly what lies outside the picture, which
// is black. The net for whole pictures takes that best. c.doubt, and what is subtracted from all,
// are such that at the default threshold less than 1 % of the pictures without a face in
// docs/faces.md pass.
func (c detection) believed(far, wide float64) float64 {
	x := (2*logit(c.score) + 3*logit(far) + 2*logit(wide)) / 7
	if c.close {
		x = (logit(c.score) + logit(far) + 4*logit(wide)) / 6
	}
	return sigmoid(min(x-c.doubt, logit(1)) - 0.22)
}

// sigmoid is the inverse of logit.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// logit is the inverse of the sigmoid, between -4.6 and 4.6.
func logit(score float64) float64 {
	score = min(max(score, faintestLook), 1-faintestLook)
	return math.Log(score / (1 - score))
}

// look returns what v detects of candidate c in a square of times its side, or c with score 0 if
// it detects nothing there. crop is as for run.
func (f *Finder) look(ctx context.Context, ws *workspace, v view, src source, c detection, times float64, crop []float32) (detection, error) {
	seen, err := v.run(ctx, ws, src, around(c.box.middle(), times*c.box.side()), faintestLook, crop)
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
