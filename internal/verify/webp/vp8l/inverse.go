package vp8l

// transform is one transform of the encoder (RFC 9649 section 3.5), with the state to invert it
// row by row.
type transform struct {
	kind   uint
	bits   uint // log2 of the side of a tile, or of the number of pixels that share a byte
	width  int  // of the rows that it returns
	across int  // tiles in a row

	tiles []uint32 // multipliers of colours, or the palette
	modes []uint8  // of prediction
	above []uint32 // the row returned last
}

// setTiles sets the picture that belongs to the transform, w pixels wide.
func (t *transform) setTiles(px []uint32, w int) {
	t.across = w
	switch t.kind {
	case predictor:
		t.modes = make([]uint8, len(px))
		for i, p := range px {
			t.modes[i] = uint8(p >> 8 & 15)
		}
		t.above = make([]uint32, t.width)
	case crossColor:
		t.tiles = px
	case colorIndexing:
		// Section 3.5.4: each colour is stored as its difference to the one before. An
		// index past the last colour is transparent black.
		t.tiles = make([]uint32, 256)
		last := uint32(0)
		for i, p := range px {
			last = add(last, p)
			t.tiles[i] = last
		}
	}
}

// inverse undoes the transform of row y, in place or, if the row gets wider, into full.
func (t *transform) inverse(y int, row, full []uint32) []uint32 {
	switch t.kind {
	case predictor:
		t.predict(y, row)
		copy(t.above, row)
	case crossColor:
		tiles := t.tiles[y>>t.bits*t.across:]
		for x, p := range row {
			row[x] = uncross(p, tiles[x>>t.bits])
		}
	case subtractGreen:
		for x, p := range row {
			g := p >> 8 & 0xff
			row[x] = p&0xff00ff00 | (p&0x00ff00ff+(g<<16|g))&0x00ff00ff
		}
	case colorIndexing:
		width := uint(8) >> t.bits
		mask := uint32(1)<<width - 1
		for x := range full {
			shift := 8 + uint(x)&(1<<t.bits-1)*width
			full[x] = t.tiles[row[x>>t.bits]>>shift&mask]
		}
		return full
	}
	return row
}

// uncross undoes the transform of section 3.5.2 for a pixel.
func uncross(p, tile uint32) uint32 {
	delta := func(t, c uint32) uint32 { return uint32(int32(int8(t)) * int32(int8(c)) >> 5) }
	g := p >> 8
	r := (p>>16 + delta(tile, g)) & 0xff
	b := p + delta(tile>>8, g) + delta(tile>>16, r)
	return p&0xff00ff00 | r<<16 | b&0xff
}

// predict adds to each pixel the prediction from its neighbours (section 3.5.1).
func (t *transform) predict(y int, row []uint32) {
	const black = 0xff000000
	if y == 0 {
		left := uint32(black)
		for x, p := range row {
			left = add(p, left)
			row[x] = left
		}
		return
	}
	above, modes := t.above, t.modes[y>>t.bits*t.across:]
	row[0] = add(row[0], above[0])
	left := row[0]
	for x := 1; x < len(row); x++ {
		top, topLeft := above[x], above[x-1]
		// For the last pixel, the one to the upper right is the first of its own row.
		topRight := row[0]
		if x+1 < len(row) {
			topRight = above[x+1]
		}
		var p uint32
		switch modes[x>>t.bits] {
		case 1:
			p = left
		case 2:
			p = top
		case 3:
			p = topRight
		case 4:
			p = topLeft
		case 5:
			p = average(average(left, topRight), top)
		case 6:
			p = average(left, topLeft)
		case 7:
			p = average(left, top)
		case 8:
			p = average(topLeft, top)
		case 9:
			p = average(top, topRight)
		case 10:
			p = average(average(left, topLeft), average(top, topRight))
		case 11:
			p = closer(left, top, topLeft)
		case 12:
			p = slope(left, top, topLeft)
		case 13:
			p = halfSlope(average(left, top), topLeft)
		default: // 0, and 14 and 15 as in libwebp
			p = black
		}
		left = add(row[x], p)
		row[x] = left
	}
}

// add adds byte by byte.
func add(a, b uint32) uint32 {
	return (a&0xff00ff00+b&0xff00ff00)&0xff00ff00 | (a&0x00ff00ff+b&0x00ff00ff)&0x00ff00ff
}

// average returns the mean of each byte, rounded down.
func average(a, b uint32) uint32 { return (a^b)&0xfefefefe>>1 + a&b }

// closer returns left or top, whichever is closer to left+top-topLeft.
func closer(left, top, topLeft uint32) uint32 {
	byLeft, byTop := 0, 0
	for shift := 0; shift < 32; shift += 8 {
		l, t, c := int(left>>shift&0xff), int(top>>shift&0xff), int(topLeft>>shift&0xff)
		byLeft += max(t-c, c-t) // of left+top-topLeft to left
		byTop += max(l-c, c-l)
	}
	if byLeft < byTop {
		return left
	}
	return top
}

// slope returns left+top-topLeft for each byte, clamped.
func slope(left, top, topLeft uint32) (p uint32) {
	for shift := 0; shift < 32; shift += 8 {
		v := int(left>>shift&0xff) + int(top>>shift&0xff) - int(topLeft>>shift&0xff)
		p |= uint32(max(0, min(255, v))) << shift
	}
	return p
}

// halfSlope returns mean+(mean-topLeft)/2 for each byte, clamped.
func halfSlope(mean, topLeft uint32) (p uint32) {
	for shift := 0; shift < 32; shift += 8 {
		m := int(mean >> shift & 0xff)
		v := m + (m-int(topLeft>>shift&0xff))/2
		p |= uint32(max(0, min(255, v))) << shift
	}
	return p
}
