package face

import (
	"cmp"
	"context"
	"slices"
)

const (
	maxCandidates = 16  // that are looked at closely
	deciding      = 3   // of them that tell whether there is a face
	faintest      = 0.1 // the least score of a candidate in the net for whole pictures
	others        = 0.2 // and of one that is just counted
	weak          = 0.5 // the least score of what may be a face
	// A turned picture must be surer: three more looks at a picture without a face are three
	// more chances to see one.
	surer = 0.1
)

// search returns the faces and what may be one in src, whatever their score, the
// largest first. The net for whole pictures proposes; the other one sees each proposal
// closely.
//
// The best three decide whether there is a face; only if there is, the others are
// looked at too, to tell how many there are.
func (f *Finder) search(ctx context.Context, ws *workspace, src source) ([]detection, error) {
	whole := around(point{float64(src.w) / 2, float64(src.h) / 2}, float64(max(src.w, src.h)))
	candidates, err := f.whole.run(ctx, &ws.sampler, ws.whole, src, whole, faintest, nil)
	if err != nil {
		return nil, err
	}
	var found []detection
	for i, c := range candidates[:min(len(candidates), maxCandidates)] {
		if i >= deciding && (c.score < others || len(above(found, f.threshold)) == 0) {
			break
		}
		d, err := f.closer(ctx, ws, src, c)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	found = merge(found)
	slices.SortStableFunc(found, func(a, b detection) int { return cmp.Compare(b.box.area(), a.box.area()) })
	return found, nil
}

// closer returns candidate c as the net for close pictures sees it, in squares of twice and three times its
// side. The score is what both nets make of it: they err on different things, so that the average
// tells better than either, or than the best of several looks.
func (f *Finder) closer(ctx context.Context, ws *workspace, src source, c detection) (detection, error) {
	ws.crop = grow(ws.crop, 3*f.zoom.side*f.zoom.side)
	d, near, err := f.look(ctx, ws, src, c, 2, ws.crop)
	if err != nil {
		return detection{}, err
	}
	pixels := ws.measure(ws.crop, f.zoom.side)
	far := near
	// Where both nets are sure, a third look changes nothing: so for nine portraits of ten,
	// and for no picture without a face of those in docs/faces.md.
	if c.score < 0.5 || near < 0.85 {
		var wider detection
		if wider, far, err = f.look(ctx, ws, src, c, 3, nil); err != nil {
			return detection{}, err
		}
		if near == 0 {
			d = wider
		}
	}
	d.score = 0.3*c.score + 0.7*(near+far)/2
	d.quality = pixels
	return d, nil
}

// look returns what the net for close pictures makes of candidate c in a square of that many times
// its side, and how sure it is: c itself and 0 if it sees nothing there.
func (f *Finder) look(ctx context.Context, ws *workspace, src source, c detection, times float64, crop []float32) (detection, float64, error) {
	side := times * max(c.box.width(), c.box.height())
	seen, err := f.zoom.run(ctx, &ws.sampler, ws.zoom, src, around(c.box.middle(), side), 0.01, crop)
	if err != nil {
		return detection{}, 0, err
	}
	for _, d := range seen {
		if overlap(d.box, c.box) > maxOverlap/2 {
			return d, d.score, nil
		}
	}
	return c, 0, nil
}
