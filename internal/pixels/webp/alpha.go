package webp

import (
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/webp/vp8l"
)

// Filters of an alpha plane (RFC 9649, 2.7.1.2).
const (
	noFilter = iota
	horizontal
	vertical
	gradient
)

// alphaRows passes the rows of the alpha plane to put, which must not keep them.
func (p *picture) alphaRows(put func(y int, row []byte) error) error {
	w, h := p.at.Dx(), p.at.Dy()
	filter, compressed, data := p.alpha[0]>>2&3, p.alpha[0]&3 == 1, p.alpha[1:]
	row, above := make([]byte, w), make([]byte, w)
	done := func(y int) error {
		unfilter(row, above, y, filter)
		err := put(y, row)
		row, above = above, row
		return err
	}
	if compressed {
		return vp8l.Rows(data, w, h, func(y int, argb []uint32) error {
			for x, c := range argb {
				row[x] = byte(c >> 8)
			}
			return done(y)
		})
	}
	if int64(len(data)) < int64(w)*int64(h) {
		return verify.Faultf(verify.Truncated, -1, "ALPH: rows are missing")
	}
	for y := range h {
		copy(row, data[y*w:])
		if err := done(y); err != nil {
			return err
		}
	}
	return nil
}

// unfilter adds to each value its filter's prediction: the value to the left, the one above, or
// both minus the one above left. The first row is predicted only from the left, and the first
// value of other rows from above.
func unfilter(row, above []byte, y int, filter byte) {
	if filter == noFilter {
		return
	}
	left := byte(0)
	if y > 0 {
		left = above[0]
	}
	for x := range row {
		expected := left
		switch {
		case y == 0 || x == 0:
		case filter == vertical:
			expected = above[x]
		case filter == gradient:
			expected = byte(max(0, min(255, int(left)+int(above[x])-int(above[x-1]))))
		}
		row[x] += expected
		left = row[x]
	}
}
