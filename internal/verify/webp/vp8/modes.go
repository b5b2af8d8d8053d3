package vp8

import "encoding/binary"

// macroblock is what the coefficients need to know about the modes.
type macroblock uint8

const (
	skipped macroblock = 1 << iota // has no coefficients
	split                          // predicted in 4x4 blocks, so that DC is not stored separately
)

// Probabilities of the modes of a macroblock in a key frame (RFC 6386 section
// 11.2), and of chroma (section 11.4).
const (
	probNotSplit = 145
	probTMorHE   = 156
	probVE       = 163
	probTM       = 128

	probChroma0 = 142
	probChroma1 = 114
	probChroma2 = 183
)

// modesMargin is more than the bytes that the modes of a macroblock can take: 150 booleans of up
// to 7 bits, and one refill.
const modesMargin = 150 + 8

// modes reads the modes of a row of macroblocks (RFC 6386 section 11) into
// d.coded.
func (d *decoder) modes() {
	var left [4]uint8
	for x := range d.columns {
		above := &d.modeAbove[x]
		m := macroblock(0)
		r := &d.first
		if d.segments {
			if r.read(d.segmentProbs[0]) {
				r.read(d.segmentProbs[2])
			} else {
				r.read(d.segmentProbs[1])
			}
		}
		if d.skips && r.read(d.skipProb) {
			m = skipped
		}
		if r.read(probNotSplit) {
			mode := d.wholeMode()
			left = [4]uint8{mode, mode, mode, mode}
			*above = left
		} else {
			m |= split
			if len(r.b)-r.pos > modesMargin || r.ahead(modesMargin) {
				r.splitModes(above, &left)
			} else {
				r.splitModesAtEnd(above, &left)
			}
		}
		if r.read(probChroma0) && r.read(probChroma1) {
			r.read(probChroma2)
		}
		d.coded[x] = m
	}
}

// wholeMode reads the mode of a macroblock that is predicted as a whole, and returns its context
// for later modes.
func (d *decoder) wholeMode() uint8 {
	if d.first.read(probTMorHE) {
		if d.first.read(probTM) {
			return modeTM
		}
		return modeHE
	}
	if d.first.read(probVE) {
		return modeVE
	}
	return modeDC
}

// splitModesAtEnd reads the modes of 16 blocks (RFC 6386 section 11.2).
func (r *reader) splitModesAtEnd(above, left *[4]uint8) {
	for y := range left {
		mode := left[y]
		for x := range above {
			mode = r.mode(&modeProbs[above[x]][mode])
			above[x] = mode
		}
		left[y] = mode
	}
}

// mode reads the mode of one block.
func (r *reader) mode(p *[numModes - 1]uint8) uint8 {
	switch {
	case !r.read(p[0]):
		return modeDC
	case !r.read(p[1]):
		return modeTM
	case !r.read(p[2]):
		return modeVE
	case !r.read(p[3]):
		switch {
		case !r.read(p[4]):
			return modeHE
		case !r.read(p[5]):
			return modeRD
		}
		return modeVR
	case !r.read(p[6]):
		return modeLD
	case !r.read(p[7]):
		return modeVL
	case !r.read(p[8]):
		return modeHD
	}
	return modeHU
}

// splitModes is the fast form of splitModesAtEnd. It needs modesMargin bytes. The longest code
// of a mode has 7 booleans, and so takes at most 49 bits.
func (r *reader) splitModes(above, left *[4]uint8) {
	w, pos, b := r.w, r.pos, r.b
	n := 0
	for y := range left {
		mode := left[y]
		for x := range above {
			w, n = w.fill(binary.BigEndian.Uint64(b[pos:]))
			pos += n
			w, mode = w.mode(&modeProbs[above[x]][mode])
			above[x] = mode
		}
		left[y] = mode
	}
	r.w, r.pos = w, pos
}

// mode reads the mode of one block, which takes at most 49 bits.
func (w window) mode(p *[numModes - 1]uint8) (window, uint8) {
	s := w.split(p[0])
	if !w.one(s) {
		return w.take0(s), modeDC
	}
	w = w.take1(s)
	if s = w.split(p[1]); !w.one(s) {
		return w.take0(s), modeTM
	}
	w = w.take1(s)
	if s = w.split(p[2]); !w.one(s) {
		return w.take0(s), modeVE
	}
	w = w.take1(s)
	if s = w.split(p[3]); !w.one(s) {
		w = w.take0(s)
		if s = w.split(p[4]); !w.one(s) {
			return w.take0(s), modeHE
		}
		w = w.take1(s)
		if s = w.split(p[5]); !w.one(s) {
			return w.take0(s), modeRD
		}
		return w.take1(s), modeVR
	}
	w = w.take1(s)
	if s = w.split(p[6]); !w.one(s) {
		return w.take0(s), modeLD
	}
	w = w.take1(s)
	if s = w.split(p[7]); !w.one(s) {
		return w.take0(s), modeVL
	}
	w = w.take1(s)
	if s = w.split(p[8]); !w.one(s) {
		return w.take0(s), modeHD
	}
	return w.take1(s), modeHU
}
