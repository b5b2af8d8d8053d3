package png

// rows follows the layout of inflated picture data: each row of each pass is a filter byte and
// the packed pixels (7.2, 9.2).
type rows struct {
	passes [7]passSize
	at     int   // current pass
	left   int64 // rows of it that have not begun
	skip   int64 // bytes left of the current row
}

// passSize is the size of a pass: how many rows, and how many bytes in each without the filter
// byte.
type passSize struct{ rows, bytes int64 }

// Adam7 (8.1): where the pixels of each pass start, and how far apart they are.
const (
	xStart, xStep = "\x00\x04\x00\x02\x00\x01\x00", "\x08\x08\x04\x04\x02\x02\x01"
	yStart, yStep = "\x00\x00\x04\x00\x02\x00\x01", "\x08\x08\x08\x04\x04\x02\x02"
)

func (r *rows) init(h header, width, height int64) {
	*r = rows{}
	bits := h.samples() * int64(h.depth)
	if !h.interlaced {
		r.passes[0] = passSize{height, (width*bits + 7) / 8}
	} else {
		for i := range r.passes {
			w := (width - int64(xStart[i]) + int64(xStep[i]) - 1) / int64(xStep[i])
			n := (height - int64(yStart[i]) + int64(yStep[i]) - 1) / int64(yStep[i])
			if w > 0 { // a pass without pixels has no filter bytes either (8.1)
				r.passes[i] = passSize{max(n, 0), (w*bits + 7) / 8}
			}
		}
	}
	r.left = r.passes[0].rows
	r.settle()
}

// settle goes to the next pass that has rows.
func (r *rows) settle() {
	for r.left == 0 && r.at < len(r.passes)-1 {
		r.at++
		r.left = r.passes[r.at].rows
	}
}

func (r *rows) done() bool { return r.left == 0 && r.skip == 0 }

// pass consumes the next bytes of the data. It returns how many of them follow the last row, and
// false if a filter type is not 0 to 4.
func (r *rows) pass(p []byte) (extra int, ok bool) {
	n := int64(len(p))
	for at := r.skip; ; {
		if at >= n {
			r.skip = at - n
			return 0, true
		}
		if r.left == 0 {
			r.skip = 0
			return int(n - at), true
		}
		// libpng reports "bad adaptive filter value" and stops.
		if p[at] > 4 {
			return 0, false
		}
		at += 1 + r.passes[r.at].bytes
		if r.left--; r.left == 0 {
			r.settle()
		}
	}
}
