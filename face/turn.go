package face

import "context"

// searchTurned searches src turned by one, two and three quarters. It returns the faces of the
// turn with the best face, at their positions in src, or best if no turn has a better one. It
// does not stop at the first turn with a face: a face on its side may score as one, but its
// landmarks are off.
func (f *Finder) searchTurned(ctx context.Context, ws *workspace, src source, best []detection) ([]detection, error) {
	highest := 0.0
	for _, d := range best {
		highest = max(highest, d.score)
	}
	for quarters := 1; quarters <= 3; quarters++ {
		turned, err := ws.turn(ctx, src, quarters)
		if err != nil {
			return nil, err
		}
		found, err := f.search(ctx, ws, turned)
		if err != nil {
			return nil, err
		}
		faces := above(found, f.threshold+min(surer, (1-f.threshold)/5))
		score := 0.0
		for i, d := range faces {
			score = max(score, d.score)
			faces[i] = d.back(src.w, src.h, quarters)
		}
		if score > highest {
			best, highest = faces, score
		}
	}
	return best, nil
}

// turn returns src, which is at working size, turned clockwise by so many quarters.
func (ws *workspace) turn(ctx context.Context, src source, quarters int) (source, error) {
	w, h := src.w, src.h
	if quarters%2 == 1 {
		w, h = h, w
	}
	ws.turned = grow(ws.turned, 3*w*h)
	err := ws.scale(ctx, src, region{0, 0, float64(src.w), float64(src.h)}, src.w, src.h, func(y int, row []float32) {
		for x := range src.w {
			tx, ty := x, y
			switch quarters {
			case 1:
				tx, ty = src.h-1-y, x
			case 2:
				tx, ty = src.w-1-x, src.h-1-y
			case 3:
				tx, ty = y, src.w-1-x
			}
			to := ws.turned[3*(ty*w+tx):][:3]
			to[0], to[1], to[2] = byte(row[3*x]+0.5), byte(row[3*x+1]+0.5), byte(row[3*x+2]+0.5)
		}
	})
	return packedSource(ws.turned, w, h), err
}

// back returns d at its position in a picture of w x h. d was found in that picture turned
// clockwise by so many quarters.
func (d detection) back(w, h, quarters int) detection {
	at := func(p point) point {
		switch quarters {
		case 1:
			return point{p.y, float64(h) - p.x}
		case 2:
			return point{float64(w) - p.x, float64(h) - p.y}
		case 3:
			return point{float64(w) - p.y, p.x}
		}
		return p
	}
	a, b := at(point{d.box.x0, d.box.y0}), at(point{d.box.x1, d.box.y1})
	d.box = region{min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)}
	for k, m := range d.marks {
		d.marks[k] = at(m)
	}
	return d
}
