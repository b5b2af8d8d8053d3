package face

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/imgvet/imgvet/face/internal/nn"
)

const (
	maxCandidates = 16   // that are looked at closely
	deciding      = 6    // of them that tell whether there is a face
	faintest      = 0.05 // the least score of a candidate in the net for whole pictures
	others        = 0.2  // and of one that is looked at once a face has been found
	faintestLook  = 0.01 // the least score in a look
	weak          = 0.4  // the least score of what may be a face
	hopeful       = 0.9  // the most that a last look is expected to say of what the others doubt
	// A turned picture must be surer: three more looks at a picture without a face are three
	// more chances to see one. By so much, or a fifth of what a higher threshold leaves.
	surer = 0.1
)

// least returns the least score of what is a face or may be one.
func (f *Finder) least() float64 { return min(weak, f.threshold) }

// search returns the faces and what may be one in src, the largest first. The net for
// whole pictures proposes; both nets look closer at each proposal.
//
// The best few decide whether there is a face; once there is, the clearer ones of the
// others are looked at too, to tell how many there are.
func (f *Finder) search(ctx context.Context, ws *workspace, src source) ([]detection, error) {
	whole := around(point{float64(src.w) / 2, float64(src.h) / 2}, float64(max(src.w, src.h)))
	candidates, err := f.whole.run(ctx, ws, ws.whole, src, whole, faintest, nil)
	if err != nil {
		return nil, err
	}
	var found []detection
	for i, c := range candidates[:min(len(candidates), maxCandidates)] {
		// By the default: a lower threshold must not end the search at what a higher one passes over.
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
	found = merge(found)
	slices.SortStableFunc(found, func(a, b detection) int { return cmp.Compare(b.box.area(), a.box.area()) })
	return found, nil
}

// closer returns candidate c as closer looks at it see it. The net for close pictures sees a
// square of three times its side; the net for whole pictures, one of four times. What that
// leaves as a face is seen once more, in a square of twice its side, for where exactly it is,
// and for advice.
func (f *Finder) closer(ctx context.Context, ws *workspace, src source, c detection) (detection, error) {
	zoom := view{f.zoom, ws.zoom}
	far, err := f.look(ctx, ws, zoom, src, c, 3, nil)
	if err != nil {
		return detection{}, err
	}
	wide := c
	// Where both nets are sure, another look changes nothing: so for nine portraits of ten, and for no
	// picture without a face of those in docs/faces.md. Nor where it could hardly make it a face.
	if c.score < 0.5 || far.score < 0.85 {
		wide.score = 0
		if hope := together(c.score, far.score, hopeful); hope >= min(f.threshold, DefaultThreshold) {
			if wide, err = f.look(ctx, ws, view{f.whole, ws.whole}, src, c, 4, nil); err != nil {
				return detection{}, err
			}
			if hope < DefaultThreshold { // the default spares this look, and has no face here
				wide.score = min(wide.score, hopeful)
			}
		}
	}
	d := far
	d.score = together(c.score, far.score, wide.score)
	if d.score < f.least() {
		return d, nil
	}
	ws.crop = grow(ws.crop, 3*f.zoom.side*f.zoom.side)
	near, err := f.look(ctx, ws, zoom, src, c, 2, ws.crop)
	if err != nil {
		return detection{}, err
	}
	if near.score > 0 {
		d.box, d.marks = near.box, near.marks
	}
	d.quality = ws.measure(ws.crop, f.zoom.side)
	return d, nil
}

// together returns the score of what the net for whole pictures sees as whole, and in a square of
// four times its side as wide, and the other net in one of three times as far. Each errs on
// other pictures, so that the average tells better than any of them. The weights are near
// those that a logistic regression gives, and the last term has the default threshold let
// less than 1 % of the pictures of docs/faces.md without a face pass.
func together(whole, far, wide float64) float64 {
	x := (2*logit(whole)+3*logit(far)+2*logit(wide))/7 - 0.2
	return 1 / (1 + math.Exp(-x))
}

// logit is the inverse of the sigmoid, between -4.6 and 4.6.
func logit(score float64) float64 {
	score = min(max(score, faintestLook), 1-faintestLook)
	return math.Log(score / (1 - score))
}

// view is a net and the memory of its runs.
type view struct {
	*detector
	scratch *nn.Scratch
}

// look returns what v makes of candidate c in a square of that many times its side: c itself with
// score 0 if it sees nothing there. crop is as for run.
func (f *Finder) look(ctx context.Context, ws *workspace, v view, src source, c detection, times float64, crop []float32) (detection, error) {
	seen, err := v.run(ctx, ws, v.scratch, src, around(c.box.middle(), times*c.box.side()), faintestLook, crop)
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
