package recon

// Predict predicts the block of 1<<log2 samples a side at x, y of a component, in
// its samples: 8.4.4.2.
func (p *Picture) Predict(comp, x, y int, log2, mode uint8) {
	n := 1 << log2
	p.gather(comp, x, y, n)
	left, above := &p.left, &p.above
	if p.filters(comp, n, mode) {
		p.soften(n, p.strong(comp, n))
		left, above = &p.softLeft, &p.softAbove
	}
	pix, stride := p.samples(comp, x, y)
	switch {
	case mode == modePlanar:
		planar(pix, stride, log2, left, above)
	case mode == modeDC:
		dc(pix, stride, log2, left, above, comp == 0 && n < 32)
	default:
		p.angular(pix, stride, comp, n, mode, left, above)
	}
}

// filters tells whether the neighbouring samples are filtered: filterFlag of
// 8.4.4.2.3.
func (p *Picture) filters(comp, n int, mode uint8) bool {
	if p.seq.SmoothingDisabled || comp > 0 && p.seq.ChromaFormat != 3 || mode == modeDC || n == 4 {
		return false
	}
	off := func(from int) int { return max(int(mode)-from, from-int(mode)) }
	least := min(off(modeVertical), off(modeHorizontal)) // minDistVerHor
	switch n {
	case 8:
		return least > 7
	case 16:
		return least > 1
	}
	return least > 0
}

// strong is biIntFlag.
func (p *Picture) strong(comp, n int) bool {
	if !p.seq.StrongSmoothing || comp != 0 || n != 32 {
		return false
	}
	limit := 1 << (p.planes[0].depth - 5)
	bent := func(r *[65]uint16) int {
		d := int(r[0]) + int(r[64]) - 2*int(r[32])
		return max(d, -d)
	}
	return bent(&p.above) < limit && bent(&p.left) < limit
}

// planar is 8.4.4.2.4.
func planar(pix []uint16, stride int, log2 uint8, left, above *[65]uint16) {
	n := 1 << log2
	right, below := int(above[n+1]), int(left[n+1])
	top := above[1 : n+1]
	for y := range n {
		line := pix[y*stride : y*stride+len(top)]
		l := int(left[y+1])
		// (n-1-x)*l + (x+1)*right goes up by the same step with each x.
		h := n*l + n
		step := right - l
		a, b := n-1-y, (y+1)*below
		for x, t := range top {
			h += step
			line[x] = uint16((h + a*int(t) + b) >> (log2 + 1))
		}
	}
}

// dc is 8.4.4.2.5.
func dc(pix []uint16, stride int, log2 uint8, left, above *[65]uint16, edges bool) {
	n := 1 << log2
	sum := n
	for i := 1; i <= n; i++ {
		sum += int(left[i]) + int(above[i])
	}
	v := sum >> (log2 + 1)
	for y := range n {
		line := pix[y*stride : y*stride+n]
		for x := range line {
			line[x] = uint16(v)
		}
	}
	if !edges {
		return
	}
	for i := 1; i < n; i++ {
		pix[i] = uint16((int(above[i+1]) + 3*v + 2) >> 2)
		pix[i*stride] = uint16((int(left[i+1]) + 3*v + 2) >> 2)
	}
	pix[0] = uint16((int(left[1]) + 2*v + int(above[1]) + 2) >> 2)
}

// Tables 8-5 and 8-6, by mode.
var (
	angles = [35]int8{
		0, 0, 32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26,
		-32, -26, -21, -17, -13, -9, -5, -2, 0, 2, 5, 9, 13, 17, 21, 26, 32,
	}
	inverseAngles = [35]int16{
		11: -4096, -1638, -910, -630, -482, -390, -315,
		-256, -315, -390, -482, -630, -910, -1638, -4096,
	}
)

// angular is 8.4.4.2.6. Modes below 18 are those above, turned over the diagonal.
func (p *Picture) angular(pix []uint16, stride, comp, n int, mode uint8, left, above *[65]uint16) {
	main, side := above, left
	if mode < 18 {
		main, side = left, above
	}
	angle := int(angles[mode])
	ref := main[:]
	first := 0 // index in ref of ref[0]
	if last := n * angle >> 5; angle < 0 && last < -1 {
		first = 32
		ref = p.line[:]
		copy(ref[first:first+n+1], main[:n+1])
		inverse := int(inverseAngles[mode])
		for i := last; i < 0; i++ {
			ref[first+i] = side[(i*inverse+128)>>8]
		}
	}
	// 8.4.4.2.6: disableIntraBoundaryFilter.
	edge := angle == 0 && comp == 0 && n < 32 && !(p.seq.ImplicitRDPCM && p.cu.bypass)
	if mode >= 18 {
		project(pix, stride, n, angle, ref, first)
		if edge {
			smoothEdge(pix, stride, n, p.planes[comp].top, main, side)
		}
		return
	}
	block := p.turned[:n*n]
	project(block, n, n, angle, ref, first)
	if edge {
		smoothEdge(block, n, n, p.planes[comp].top, main, side)
	}
	transpose(pix, stride, block, n)
}

// project fills a block from the samples above it, ref[first+1:], along an angle.
func project(pix []uint16, stride, n, angle int, ref []uint16, first int) {
	for y := range n {
		line := pix[y*stride : y*stride+n]
		at := (y + 1) * angle
		from := first + at>>5 + 1
		f := at & 31
		if f == 0 {
			copy(line, ref[from:from+n])
			continue
		}
		a := int(ref[from])
		for x, v := range ref[from+1 : from+1+len(line)] {
			b := int(v)
			line[x] = uint16(((32-f)*a + f*b + 16) >> 5)
			a = b
		}
	}
}

// smoothEdge adds half the slope of the side to the first column.
func smoothEdge(pix []uint16, stride, n, top int, main, side *[65]uint16) {
	for y := range n {
		pix[y*stride] = uint16(min(max(int(main[1])+(int(side[y+1])-int(side[0]))>>1, 0), top))
	}
}

// transpose writes block to pix, rows as columns.
func transpose(pix []uint16, stride int, block []uint16, n int) {
	for y := range n {
		line := pix[y*stride : y*stride+n]
		at := y
		for x := range line {
			line[x] = block[at]
			at += n
		}
	}
}
