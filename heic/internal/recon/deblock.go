package recon

// Deblocking (8.7.2). All blocks are intra, so that the boundary strength of every
// edge is 2.

// deblockRow filters the edges of a row of CTBs: first all vertical ones, then the
// horizontal ones, of which the uppermost reach into the row above.
func (p *Picture) deblockRow(y int) {
	for x := range p.cols {
		c := p.ctbAt(x, y)
		if !c.deblock {
			continue
		}
		p.bounds(x, y, c)
		p.deblockLuma(x, y, c, true)
		p.deblockChroma(x, y, c, true)
	}
	for x := range p.cols {
		c := p.ctbAt(x, y)
		if !c.deblock {
			continue
		}
		p.deblockLuma(x, y, c, false)
		p.deblockChroma(x, y, c, false)
	}
}

// bounds takes the marks from edges of a CTB that are not filtered: those of the
// picture, and of slices and tiles that say so (8.7.2.3, filterEdgeFlag).
func (p *Picture) bounds(x, y int, c *ctb) {
	n := p.side >> 3
	i := p.blockAt(x<<p.log2, y<<p.log2)
	if x == 0 || !p.crosses(c, p.ctbAt(x-1, y)) {
		for j := range n {
			p.blocks[i+j*p.blockRow].flags &^= edgeLeft
		}
	}
	if y == 0 || !p.crosses(c, p.ctbAt(x, y-1)) {
		for j := range n {
			p.blocks[i+j].flags &^= edgeAbove
		}
	}
}

// crosses tells whether the filter goes over the edge from a CTB to one before it.
func (p *Picture) crosses(c, before *ctb) bool {
	return (c.sliceNo == before.sliceNo || c.across) &&
		(c.tile == before.tile || p.seq.LoopFilterAcrossTiles)
}

// deblockLuma filters the luma edges of one direction of a CTB.
func (p *Picture) deblockLuma(x, y int, c *ctb, vertical bool) {
	l := &p.planes[0]
	flag := uint8(edgeAbove)
	if vertical {
		flag = edgeLeft
	}
	x0, y0 := x<<p.log2, y<<p.log2
	for by := y0; by < min(y0+p.side, l.h); by += 8 {
		row := p.blockAt(x0, by)
		for bx := x0; bx < min(x0+p.side, l.w); bx += 8 {
			q := p.blocks[row+(bx-x0)>>3]
			if q.flags&flag == 0 {
				continue
			}
			var before block
			if vertical {
				before = p.blocks[row+(bx-x0)>>3-1]
			} else {
				before = p.blocks[p.blockAt(bx, by-1)]
			}
			if before.flags&q.flags&keep != 0 {
				continue
			}
			beta, tc := lumaLimits(int(before.qp), int(q.qp), c, l.depth)
			if beta == 0 {
				continue
			}
			e := edge{beta: beta, tc: tc, top: l.top, keepP: before.flags&keep != 0, keepQ: q.flags&keep != 0}
			if vertical {
				pix, stride := p.samples(0, bx-4, by)
				e.vertical(pix, stride)
				e.vertical(pix[4*stride:], stride)
			} else {
				e.horizontal(p, bx, by)
			}
		}
	}
}

// lumaLimits derives β and tC (8.7.2.5.3).
func lumaLimits(qpP, qpQ int, c *ctb, depth int) (beta, tc int) {
	qp := (qpP + qpQ + 1) >> 1
	beta = int(betas[min(max(qp+int(c.beta), 0), 51)]) << (depth - 8)
	tc = int(tcs[min(max(qp+2+int(c.tc), 0), 53)]) << (depth - 8)
	return beta, tc
}

// Table 8-12.
var betas = [52]uint8{
	16: 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28,
	30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64,
}

var tcs = [54]uint8{
	18: 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4,
	5, 5, 6, 6, 7, 8, 9, 10, 11, 13, 14, 16, 18, 20, 22, 24,
}

// edge is what filtering a luma edge takes.
type edge struct {
	beta, tc, top int
	keepP, keepQ  bool
}

func abs(v int) int { return max(v, -v) }

// decide is the decision on four lines of an edge, from its first and its last line
// (8.7.2.5.3): p3 to p0 and q0 to q3. dE is 0, 1 or 2.
func (e *edge) decide(a, b *[8]int) (dE int, dEp, dEq bool) {
	dp0, dp3 := abs(a[1]-2*a[2]+a[3]), abs(b[1]-2*b[2]+b[3])
	dq0, dq3 := abs(a[6]-2*a[5]+a[4]), abs(b[6]-2*b[5]+b[4])
	if dp0+dq0+dp3+dq3 >= e.beta {
		return 0, false, false
	}
	if e.flat(a, dp0+dq0) && e.flat(b, dp3+dq3) {
		return 2, false, false
	}
	side := (e.beta + e.beta>>1) >> 3
	return 1, dp0+dp3 < side, dq0+dq3 < side
}

// flat is dSam (8.7.2.5.6).
func (e *edge) flat(a *[8]int, dpq int) bool {
	return 2*dpq < e.beta>>2 && abs(a[0]-a[3])+abs(a[4]-a[7]) < e.beta>>3 && abs(a[3]-a[4]) < (5*e.tc+1)>>1
}

// vertical filters four lines of eight samples, across their middle.
func (e *edge) vertical(pix []uint16, stride int) {
	load := func(y int) (a [8]int) {
		for i, v := range pix[y*stride : y*stride+8] {
			a[i] = int(v)
		}
		return a
	}
	a, b := load(0), load(3)
	dE, dEp, dEq := e.decide(&a, &b)
	if dE == 0 {
		return
	}
	for y := range 4 {
		a := load(y)
		e.filter(&a, dE, dEp, dEq)
		for i, v := range a[1:7] {
			pix[y*stride+1+i] = uint16(v)
		}
	}
}

// horizontal filters the eight columns from x on across the edge above line y.
func (e *edge) horizontal(p *Picture, x, y int) {
	var rows [8][]uint16
	for i := range rows {
		rows[i] = p.row(0, y-4+i)[x : x+8]
	}
	load := func(x int) (a [8]int) {
		for i := range a {
			a[i] = int(rows[i][x])
		}
		return a
	}
	for x := 0; x < 8; x += 4 {
		a, b := load(x), load(x+3)
		dE, dEp, dEq := e.decide(&a, &b)
		if dE == 0 {
			continue
		}
		for j := range 4 {
			a := load(x + j)
			e.filter(&a, dE, dEp, dEq)
			for i := 1; i < 7; i++ {
				rows[i][x+j] = uint16(a[i])
			}
		}
	}
}

// filter changes the samples p3 to p0 and q0 to q3 of one line (8.7.2.5.7).
func (e *edge) filter(a *[8]int, dE int, dEp, dEq bool) {
	p3, p2, p1, p0, q0, q1, q2, q3 := a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
	tc := e.tc
	if dE == 2 {
		near := func(v, from int) int { return min(max(v, from-2*tc), from+2*tc) }
		if !e.keepP {
			a[3] = near((p2+2*p1+2*p0+2*q0+q1+4)>>3, p0)
			a[2] = near((p2+p1+p0+q0+2)>>2, p1)
			a[1] = near((2*p3+3*p2+p1+p0+q0+4)>>3, p2)
		}
		if !e.keepQ {
			a[4] = near((p1+2*p0+2*q0+2*q1+q2+4)>>3, q0)
			a[5] = near((p0+q0+q1+q2+2)>>2, q1)
			a[6] = near((p0+q0+q1+3*q2+2*q3+4)>>3, q2)
		}
		return
	}
	delta := (9*(q0-p0) - 3*(q1-p1) + 8) >> 4
	if abs(delta) >= 10*tc {
		return
	}
	delta = min(max(delta, -tc), tc)
	half := tc >> 1
	if !e.keepP {
		a[3] = min(max(p0+delta, 0), e.top)
		if dEp {
			d := min(max(((p2+p0+1)>>1-p1+delta)>>1, -half), half)
			a[2] = min(max(p1+d, 0), e.top)
		}
	}
	if !e.keepQ {
		a[4] = min(max(q0-delta, 0), e.top)
		if dEq {
			d := min(max(((q2+q0+1)>>1-q1-delta)>>1, -half), half)
			a[5] = min(max(q1+d, 0), e.top)
		}
	}
}
