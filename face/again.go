package face

import (
	"context"

	"github.com/imgvet/imgvet/face/internal/signs"
)

// What counts in a second search. Sides are parts of the longer side of the picture.
const (
	beyond     = 1.5  // side of the square that is searched for faces that fill the frame
	closeSide  = 0.6  // side of the smallest box that fills the frame
	largeSide  = 0.3  // side of the smallest box that is taken from that square
	turnedSide = 0.12 // side of the smallest box in a turned picture
	most       = 2    // candidates of each look
	glimpse    = 0.2  // lowest score of a candidate that fills the frame
	clearer    = 0.4  // the same, of other candidates
)

// How much surer closer looks must be of what a second search proposes, as logits: each look at a
// picture without a face is another chance to see one. Little that fills the frame looks like a
// face, and the less so the larger it is.
const (
	largeDoubt  = 0.4
	turnedDoubt = 1.0
	closeDoubt  = 0.3
	closeGain   = 1.0 // less doubt of a box of twice closeSide or more
)

// again searches src for what the net for whole pictures misses, after only found was found in
// the square region whole: faces that fill the frame or are larger, and faces upside down or on
// their side, of which a small one is only seen where one may be upright. It returns found with
// the faces that it finds, or instead of it those of the turned picture with the surest one, if
// that is surer.
//
// The net for close pictures proposes candidates: for a quarter of the cost, it sees what the
// other net never learned.
func (f *Finder) again(ctx context.Context, ws *workspace, src source, whole region, found []detection) ([]detection, error) {
	upright := view{f.zoom, ws.zoom, 0}
	candidates, err := upright.run(ctx, ws, src, around(whole.middle(), beyond*whole.width()), glimpse, nil)
	if err != nil {
		return nil, err
	}
	var nearer []detection
	for _, c := range candidates {
		side := c.box.side() / whole.width()
		if c.close = side >= closeSide; c.close {
			c.doubt = closeDoubt - closeGain*min(1, (side-closeSide)/closeSide)
		} else {
			c.doubt = largeDoubt
		}
		if c.close || side >= largeSide && c.score >= clearer {
			nearer = append(nearer, c)
		}
	}
	seen, err := f.closest(ctx, ws, src, nearer)
	if err != nil {
		return nil, err
	}
	if found = append(found, seen...); best(found) >= DefaultThreshold {
		return found, nil
	}
	if seen, err = f.sideways(ctx, ws, src, found); err != nil {
		return nil, err
	}
	if best(seen) >= DefaultThreshold {
		return seen, nil
	}
	ws.square = grow(ws.square, 3*f.zoom.side*f.zoom.side)
	if err := upright.sample(ctx, ws, src, whole, ws.square); err != nil {
		return nil, err
	}
	for quarters := 1; quarters <= 3; quarters++ {
		turned := view{f.zoom, ws.zoom, quarters}
		for y := range turned.side {
			turned.put(y, ws.square[3*y*turned.side:][:3*turned.side])
		}
		candidates, err := turned.infer(ctx, ws, whole, clearer)
		if err != nil {
			return nil, err
		}
		var large []detection
		for _, c := range candidates {
			if c.box.side() >= turnedSide*whole.width() {
				c.doubt = turnedDoubt
				large = append(large, c)
			}
		}
		seen, err := f.closest(ctx, ws, src, large)
		if err != nil {
			return nil, err
		}
		if best(seen) > best(found) {
			found = seen
		}
	}
	return found, nil
}

// sideways looks at the best of what may be upright faces, found, as if they were upside down or on their
// side, and returns the faces that it sees so. A face that is turned looks a little like an upright one too,
// and may be too small to be proposed in the whole picture turned. The look that proposes takes the place of
// the net for whole pictures, which saw it upright.
func (f *Finder) sideways(ctx context.Context, ws *workspace, src source, found []detection) (seen []detection, err error) {
	doubtful := bestFirst(above(found, weak))
	for _, d := range doubtful[:min(len(doubtful), most)] {
		for quarters := 1; quarters <= 3; quarters++ {
			c, err := f.look(ctx, ws, view{f.zoom, ws.zoom, quarters}, src, d, 3, nil)
			if err != nil {
				return nil, err
			}
			if c.score < clearer {
				continue
			}
			c.quarters, c.doubt, c.close = quarters, turnedDoubt, false
			near, err := f.closest(ctx, ws, src, []detection{c})
			if err != nil {
				return nil, err
			}
			seen = append(seen, near...)
		}
	}
	return seen, nil
}

// closest returns what closer looks show at the best of candidates, if it may be faces.
func (f *Finder) closest(ctx context.Context, ws *workspace, src source, candidates []detection) (seen []detection, err error) {
	for _, c := range candidates[:min(len(candidates), most)] {
		d, err := f.closer(ctx, ws, src, c)
		if err != nil {
			return nil, err
		}
		if d.score >= f.least() {
			seen = append(seen, d)
		}
	}
	return seen, nil
}

// best returns the highest score of detections, or 0.
func best(found []detection) float64 {
	score := 0.0
	for _, d := range found {
		score = max(score, d.score)
	}
	return score
}

const (
	doubtful = 0.7 // score below which a face that seems upright may not be
	// By how much a turned look must be surer than the upright one, as a logit: of a face that
	// leans, and of one that does not.
	plainLean, plain = 1.2, 2.1
)

// straighten finds out whether the faces in found, the largest first, are on their side or upside
// down, where the nets see them too, but not their landmarks. It corrects their positions then.
// It looks only if the largest leans or is a doubtful one.
func (f *Finder) straighten(ctx context.Context, ws *workspace, src source, found []detection) error {
	if len(found) == 0 || found[0].quarters != 0 || found[0].score >= doubtful && found[0].tilt() <= tilted {
		return nil
	}
	margin := plain
	if found[0].tilt() > tilted {
		margin = plainLean
	}
	quarters, highest := 0, 0.0
	for q := range 4 {
		d, err := f.look(ctx, ws, view{f.zoom, ws.zoom, q}, src, found[0], 3, nil)
		if err != nil {
			return err
		}
		switch x := logit(d.score); {
		case q == 0:
			highest = x + margin
		case x > highest:
			quarters, highest = q, x
		}
	}
	if quarters == 0 {
		return nil
	}
	for i, d := range found {
		near, err := f.look(ctx, ws, view{f.zoom, ws.zoom, quarters}, src, d, 2, nil)
		if err != nil {
			return err
		}
		if near.score > 0 {
			found[i].box, found[i].marks, found[i].quarters = near.box, near.marks, quarters
			found[i].Signs = signs.Signs{} // they were read at the wrong places
		}
	}
	return nil
}
