package face

import "context"

const (
	closeSide  = 0.6  // of the picture's longer side: a box of this size fills the frame
	largeSide  = 0.3  // the same, of the smallest box in a look beyond the picture
	turnedSide = 0.12 // the same, of the smallest box in a turned picture
	glimpse    = 0.2  // lowest score of a candidate of the net for close pictures in the whole picture
	// How much surer the closer looks must be of such a candidate, as logits: each look at a
	// picture without a face is another chance to see one. Boxes that fill the frame are seldom mistaken.
	doubtful    = 0.7 // score below which a face may be one on its side or upside down
	closeDoubt  = 0.5
	largeDoubt  = 0.4
	turnedDoubt = 0.85
)

// again searches src for what the net for whole pictures misses, after only found was found in
// the square region whole: a face that fills the frame or is larger, and faces upside down or on
// their side. It returns found with the faces that it finds, or instead of it the faces of the
// turned picture if one of them is surer.
//
// The net for close pictures proposes.
func (f *Finder) again(ctx context.Context, ws *workspace, src source, whole region, found []detection) ([]detection, error) {
	look := func(quarters int, r region, takes func(c *detection, side float64) bool) (seen []detection, err error) {
		candidates, err := view{f.zoom, ws.zoom, quarters}.run(ctx, ws, src, r, glimpse, nil)
		if err != nil {
			return nil, err
		}
		for _, c := range candidates[:min(len(candidates), 2)] {
			if !takes(&c, c.box.side()/whole.width()) {
				continue
			}
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

	beyond := around(whole.middle(), 1.5*whole.width())
	upright, err := look(0, beyond, func(c *detection, side float64) bool {
		c.close, c.doubt = side >= closeSide, largeDoubt
		if c.close {
			c.doubt = closeDoubt * (0.2 - min(1, (side-closeSide)/closeSide))
		}
		return side >= largeSide
	})
	if err != nil {
		return nil, err
	}
	found = append(found, upright...)
	for quarters := 1; quarters <= 3 && len(above(upright, DefaultThreshold)) == 0; quarters++ {
		seen, err := look(quarters, whole, func(c *detection, side float64) bool {
			c.doubt = turnedDoubt
			return side >= turnedSide
		})
		if err != nil {
			return nil, err
		}
		if best(seen) > best(found) {
			found = seen
		}
	}
	return found, nil
}

// straighten finds out whether faces that were found upright, the largest first, are on their side
// or upside down, where the nets see them too, but not their landmarks. It corrects their positions
// then. It looks only if the largest leans or is a doubtful one.
func (f *Finder) straighten(ctx context.Context, ws *workspace, src source, found []detection) error {
	if len(found) == 0 || found[0].quarters != 0 || found[0].score >= doubtful && found[0].tilt() <= tilted {
		return nil
	}
	quarters, highest := 0, 0.0
	for q := range 4 {
		d, err := f.look(ctx, ws, view{f.zoom, ws.zoom, q}, src, found[0], 3, nil)
		if err != nil {
			return err
		}
		x := logit(d.score)
		if q == 0 {
			x++ // it takes more to call a picture turned
		}
		if q == 0 || x > highest {
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
		}
	}
	return nil
}

// best returns the highest score of detections, or 0.
func best(found []detection) float64 {
	score := 0.0
	for _, d := range found {
		score = max(score, d.score)
	}
	return score
}
