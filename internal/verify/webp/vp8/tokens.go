package vp8

import "encoding/binary"

// Planes of coefficients (RFC 6386 section 13.3).
const (
	lumaWithoutDC = iota
	lumaDC
	chroma
	lumaWithDC
)

// contexts tell which blocks at an edge of a macroblock have coefficients: four of luma, two of
// each chroma plane, and the one of the DC of luma.
type contexts [16]uint8

const (
	lumaEdge   = 0
	chromaEdge = 4
	dcEdge     = 8
)

// block holds the indices of a block's contexts.
type block struct{ left, above uint8 }

// blocks are the blocks of a macroblock, in the order in which they are stored.
var blocks = [25]block{
	{dcEdge, dcEdge},
	{0, 0}, {0, 1}, {0, 2}, {0, 3},
	{1, 0}, {1, 1}, {1, 2}, {1, 3},
	{2, 0}, {2, 1}, {2, 2}, {2, 3},
	{3, 0}, {3, 1}, {3, 2}, {3, 3},
	{4, 4}, {4, 5}, {5, 4}, {5, 5},
	{6, 6}, {6, 7}, {7, 6}, {7, 7},
}

const (
	firstLuma   = 1
	firstChroma = 17
)

// blockMargin is more than the bytes that a block can take: 16 tokens of up to 19 booleans of up
// to 7 bits, and one refill.
const blockMargin = 16*19*7/8 + 8

// tokens reads the coefficients of a row of macroblocks (RFC 6386 section 13).
func (d *decoder) tokens(r *reader) {
	var left contexts
	for x := range d.columns {
		m, above := d.coded[x], &d.above[x]
		if m&skipped != 0 {
			// Where the DC of luma is not stored separately, its context stays.
			dc, aboveDC := left[dcEdge], above[dcEdge]
			left, *above = contexts{}, contexts{}
			if m&split != 0 {
				left[dcEdge], above[dcEdge] = dc, aboveDC
			}
			d.steps++
			continue
		}
		if m&split == 0 {
			d.plane(r, lumaDC, 0, blocks[:firstLuma], &left, above)
			d.plane(r, lumaWithoutDC, 1, blocks[firstLuma:firstChroma], &left, above)
		} else {
			d.plane(r, lumaWithDC, 0, blocks[firstLuma:firstChroma], &left, above)
		}
		d.plane(r, chroma, 0, blocks[firstChroma:], &left, above)
	}
}

// plane reads the coefficients of some blocks of a macroblock, starting at position first.
func (d *decoder) plane(r *reader, plane, first int, list []block, left, above *contexts) {
	p := &d.probs[plane]
	if d.fast {
		n, steps := fastBlocks(r, p, &list[0], len(list), first, left, above)
		d.steps += int64(steps)
		list = list[n:]
	}
	w, pos, b := r.w, r.pos, r.b
	for _, at := range list {
		n := 0
		l, a := &left[at.left&15], &above[at.above&15]
		if len(b)-pos <= blockMargin {
			r.pos = pos
			r.ahead(blockMargin)
			b = r.b
		}
		if len(b)-pos > blockMargin {
			w, pos, n = w.block(b, pos, p, first<<2|int(*l+*a))
		} else {
			r.w, r.pos = w, pos
			n = r.blockAtEnd(p, first, *l+*a)
			w, pos = r.w, r.pos
		}
		d.steps += int64(n - first + 1)
		*l = 0
		if n > first {
			*l = 1
		}
		*a = *l
	}
	r.w, r.pos = w, pos
}

// Probabilities of the extra bits of large coefficients (RFC 6386 section
// 13.2), for the categories 3 to 6.
var extraProbs = [4][]uint8{
	{173, 148, 140},
	{176, 155, 140, 135},
	{180, 157, 141, 134, 130},
	{254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129},
}

// blockAtEnd reads the tokens of a block, and returns the position after the last one.
func (r *reader) blockAtEnd(probs *planeProbs, n int, context uint8) int {
	p := &probs[n][context]
	for n < 16 {
		if !r.read(p[0]) {
			return n // end of block
		}
		for !r.read(p[1]) { // zero
			n++
			if n == 16 {
				return n
			}
			p = &probs[n&31][0]
		}
		n++
		if r.read(p[2]) {
			r.large(p)
			p = &probs[n&31][2]
		} else {
			p = &probs[n&31][1]
		}
		r.flag() // sign
	}
	return n
}

// large reads the rest of a token above 1.
func (r *reader) large(p *[16]uint8) {
	if !r.read(p[3]) {
		if r.read(p[4]) {
			r.read(p[5])
		}
		return
	}
	if !r.read(p[6]) {
		if r.read(p[7]) {
			r.read(165)
			r.read(145)
		} else {
			r.read(159)
		}
		return
	}
	category := 0
	if r.read(p[8]) {
		category = 2
	}
	if r.read(p[9+category/2]) {
		category++
	}
	for _, q := range extraProbs[category] {
		r.read(q)
	}
}

// block is the fast form of blockAtEnd. It needs blockMargin bytes.
func (w window) block(b []byte, pos int, probs *planeProbs, start int) (window, int, int) {
	taken := 0
	n := start >> 2
	p := &probs[n&15][start&3]
	for {
		// 56 bits are enough: end of block, zero, one, and sign take at most 22.
		w, taken = w.fill(binary.BigEndian.Uint64(b[pos:]))
		pos += taken
		s := w.split(p[0])
		if !w.one(s) {
			w = w.take0(s)
			break
		}
		w = w.take1(s)
		for {
			s = w.split(p[1])
			if w.one(s) {
				break
			}
			w = w.take0(s)
			n++
			if n == 16 {
				return w, pos, n
			}
			p = &probs[n&31][0]
			w, taken = w.fill(binary.BigEndian.Uint64(b[pos:]))
			pos += taken
		}
		w = w.take1(s)
		n++
		s = w.split(p[2])
		if !w.one(s) {
			w = w.take0(s).sign()
			p = &probs[n&31][1]
		} else {
			w = w.take1(s)
			if s = w.split(p[3]); !w.one(s) {
				w = w.take0(s)
				if s = w.split(p[4]); !w.one(s) {
					w = w.take0(s).sign()
				} else {
					w = w.take1(s).skip(p[5]).sign()
				}
			} else {
				w = w.take1(s)
				w, pos = w.largest(b, pos, p)
			}
			p = &probs[n&31][2]
		}
		if n == 16 {
			break
		}
	}
	return w, pos, n
}

// largest reads the rest of a token above 4, and its sign. It needs blockMargin bytes.
func (w window) largest(b []byte, pos int, p *[16]uint8) (window, int) {
	w, n := w.fill(binary.BigEndian.Uint64(b[pos:]))
	pos += n
	s := w.split(p[6])
	if !w.one(s) {
		w = w.take0(s)
		if s = w.split(p[7]); !w.one(s) {
			w = w.take0(s).skip(159)
		} else {
			w = w.take1(s).skip(165).skip(145)
		}
		return w.sign(), pos
	}
	w = w.take1(s)
	category := 0
	if s = w.split(p[8]); w.one(s) {
		w = w.take1(s)
		category = 2
	} else {
		w = w.take0(s)
	}
	if s = w.split(p[9+category/2]); w.one(s) {
		w = w.take1(s)
		category++
	} else {
		w = w.take0(s)
	}
	for _, q := range extraProbs[category] {
		w, n = w.fill(binary.BigEndian.Uint64(b[pos:]))
		pos += n
		w = w.skip(q)
	}
	w, n = w.fill(binary.BigEndian.Uint64(b[pos:]))
	return w.sign(), pos + n
}
