package recon

// deblockChroma filters the chroma edges of one direction of a CTB: those on a grid
// of 8x8 chroma samples (8.7.2.5, edgeSpacing and ChromaArrayType).
func (p *Picture) deblockChroma(x, y int, c *ctb, vertical bool) {
	if p.comps == 1 {
		return
	}
	flag := uint8(edgeAbove)
	if vertical {
		flag = edgeLeft
	}
	luma, l := &p.planes[0], &p.planes[1]
	x0, y0 := x<<p.log2, y<<p.log2
	maskX, maskY := 0, 0 // luma places of edges have none of these bits
	if vertical {
		maskX = 8<<l.subX - 1
	} else {
		maskY = 8<<l.subY - 1
	}
	for by := y0; by < min(y0+p.side, luma.h); by += 8 {
		if by&maskY != 0 {
			continue
		}
		row := p.blockAt(x0, by)
		for bx := x0; bx < min(x0+p.side, luma.w); bx += 8 {
			q := p.blocks[row+(bx-x0)>>3]
			if q.flags&flag == 0 || bx&maskX != 0 {
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
			for comp := 1; comp < 3; comp++ {
				p.chromaEdge(comp, bx, by, before, q, c, vertical)
			}
		}
	}
}

// chromaEdge filters the edge of one block of 8x8 luma samples at bx, by (8.7.2.5.8).
func (p *Picture) chromaEdge(comp, bx, by int, before, q block, c *ctb, vertical bool) {
	l := &p.planes[comp]
	// cQpPicOffset is the PPS's alone, and there are no offsets of coding units.
	index := (int(q.qp)+int(before.qp)+1)>>1 + p.seq.ChromaQPOffset[comp-1]
	tc := int(tcs[min(max(p.chromaQP(index)+2+int(c.tc), 0), 53)]) << (l.depth - 8)
	if tc == 0 {
		return
	}
	x, y := bx>>l.subX, by>>l.subY
	keepP, keepQ := before.flags&keep != 0, q.flags&keep != 0
	if vertical {
		pix, stride := p.samples(comp, x-2, y)
		for i := range 8 >> l.subY {
			s := pix[i*stride : i*stride+4]
			chromaFilter(&s[0], &s[1], &s[2], &s[3], tc, l.top, keepP, keepQ)
		}
		return
	}
	n := 8 >> l.subX
	var rows [4][]uint16
	for i := range rows {
		rows[i] = p.row(comp, y-2+i)[x : x+n]
	}
	for i := range n {
		chromaFilter(&rows[0][i], &rows[1][i], &rows[2][i], &rows[3][i], tc, l.top, keepP, keepQ)
	}
}

func chromaFilter(p1, p0, q0, q1 *uint16, tc, top int, keepP, keepQ bool) {
	a, b := int(*p0), int(*q0)
	delta := min(max(((b-a)<<2+int(*p1)-int(*q1)+4)>>3, -tc), tc)
	if !keepP {
		*p0 = uint16(min(max(a+delta, 0), top))
	}
	if !keepQ {
		*q0 = uint16(min(max(b-delta, 0), top))
	}
}
