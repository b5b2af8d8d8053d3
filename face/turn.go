package face

// turned returns where the pixel at x, y of a square of side pixels is after so many quarters
// clockwise.
func turned(x, y, side, quarters int) (tx, ty int) {
	switch quarters {
	case 1:
		return side - 1 - y, x
	case 2:
		return side - 1 - x, side - 1 - y
	case 3:
		return y, side - 1 - x
	}
	return x, y
}

// back returns d at its position in the picture. d was found in the square region r, turned
// clockwise by so many quarters, and its position is relative to the corner of that.
func (d detection) back(r region, quarters int) detection {
	side := r.width()
	at := func(p point) point {
		switch quarters {
		case 1:
			p = point{p.y, side - p.x}
		case 2:
			p = point{side - p.x, side - p.y}
		case 3:
			p = point{side - p.y, p.x}
		}
		return point{r.x0 + p.x, r.y0 + p.y}
	}
	a, b := at(point{d.box.x0, d.box.y0}), at(point{d.box.x1, d.box.y1})
	d.box = region{min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)}
	for k, m := range d.marks {
		d.marks[k] = at(m)
	}
	d.quarters = quarters
	return d
}
