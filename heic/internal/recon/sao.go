package recon

// emit hands luma lines from..to-1, and the chroma lines of the same place, to the
// sink, with sample adaptive offset applied (8.7.3).
func (p *Picture) emit(from, to int) {
	for comp := range p.comps {
		l := &p.planes[comp]
		for y := from >> l.subY; y < to>>l.subY; {
			// Lines that lie in one row of CTBs.
			cy := y / l.ctbH
			end := min(to>>l.subY, (cy+1)*l.ctbH, l.h)
			for cx := range p.cols {
				p.emitBlock(comp, cx, cy, y, end)
			}
			y = end
		}
	}
}

// emitBlock hands out lines from..to-1 of a CTB.
func (p *Picture) emitBlock(comp, cx, cy, from, to int) {
	l := &p.planes[comp]
	c := p.ctbAt(cx, cy)
	s := &c.sao[comp]
	x, n := cx*l.ctbW, min(l.ctbW, l.w-cx*l.ctbW)
	switch s.Kind {
	case 0:
		for y := from; y < to; y++ {
			p.sink.Line(comp, x, y, p.row(comp, y)[x:x+n])
		}
		return
	case 1:
		var offsets [8]int16
		for i, o := range s.Offset {
			offsets[i] = o << p.seq.SAOShift[min(comp, 1)]
		}
		for y := from; y < to; y++ {
			out := p.saoOut[:n]
			in := p.row(comp, y)[x : x+n]
			if p.vector {
				bandVector(out, in, &offsets, int(s.Class), l.depth-5, l.top)
			} else {
				bandPortable(out, in, &offsets, int(s.Class), l.depth-5, l.top)
			}
			p.restore(comp, c, x, y, out)
			p.sink.Line(comp, x, y, out)
		}
	default:
		p.emitEdges(comp, cx, cy, from, to, s)
	}
}

// bandPortable adds the offsets to the samples in the four bands from first on, of 32
// that go round.
func bandPortable(out, in []uint16, offsets *[8]int16, first, shift, top int) {
	var table [32]int
	for i, o := range offsets[:4] {
		table[(first+i)&31] = int(o)
	}
	in = in[:len(out)]
	for i := range out {
		v := int(in[i])
		out[i] = uint16(min(max(v+table[v>>(shift&7)&31], 0), top))
	}
}

// restore puts back the samples that the filters must leave as they are.
func (p *Picture) restore(comp int, c *ctb, x, y int, out []uint16) {
	if !c.anyKeep {
		return
	}
	l := &p.planes[comp]
	row := p.row(comp, y)[x : x+len(out)]
	for i := range out {
		if p.blocks[p.blockAt((x+i)<<l.subX, y<<l.subY)].flags&keep != 0 {
			out[i] = row[i]
		}
	}
}

// emitEdges hands out lines from..to-1 of a CTB with edge offset.
func (p *Picture) emitEdges(comp, cx, cy, from, to int, s *SAO) {
	l := &p.planes[comp]
	c := p.ctbAt(cx, cy)
	x, n := cx*l.ctbW, min(l.ctbW, l.w-cx*l.ctbW)
	shift := p.seq.SAOShift[min(comp, 1)]
	// By sign(a)+sign(b)+2: equations 8-xx give edgeIdx 1, 2, 0, 3, 4.
	offsets := [8]int16{s.Offset[0] << shift, s.Offset[1] << shift, 0, s.Offset[2] << shift, s.Offset[3] << shift}
	// Which CTBs around it may be looked at, by (dy+1)*3 + dx+1.
	var open [9]bool
	for i := range open {
		nx, ny := cx+i%3-1, cy+i/3-1
		if nx < 0 || nx >= p.cols || ny < 0 || ny >= p.rows || !needs(ny, cy, from, to, l.ctbH) {
			continue
		}
		open[i] = p.open(c, p.ctbAt(nx, ny))
	}
	dx, dy := [4]int{1, 0, 1, -1}[s.Class&3], [4]int{0, 1, 1, 1}[s.Class&3]
	for y := from; y < to; y++ {
		out := p.saoOut[:n]
		row := p.row(comp, y)
		copy(out, row[x:x+n])
		p.edgeLine(comp, cx, cy, y, dx, dy, n, &open, &offsets, row, out)
		p.restore(comp, c, x, y, out)
		p.sink.Line(comp, x, y, out)
	}
}

// needs tells whether lines from..to-1 of CTB row cy look at row ny.
func needs(ny, cy, from, to, h int) bool {
	switch {
	case ny < cy:
		return from == cy*h
	case ny > cy:
		return to == (cy+1)*h
	}
	return true
}

// open tells whether samples of c may be compared with samples of d: the flag of
// the later slice decides (8.7.3.2).
func (p *Picture) open(c, d *ctb) bool {
	if c.tile != d.tile && !p.seq.LoopFilterAcrossTiles {
		return false
	}
	if c.sliceNo == d.sliceNo {
		return true
	}
	if c.sliceNo > d.sliceNo {
		return c.across
	}
	return d.across
}

// edgeLine adds the offsets to line y of a CTB. Samples whose neighbours are
// outside the picture, or behind a closed border, are left.
func (p *Picture) edgeLine(comp, cx, cy, y, dx, dy, n int, open *[9]bool, offsets *[8]int16, row, out []uint16) {
	l := &p.planes[comp]
	x := cx * l.ctbW
	up, down := row, row
	upRow, downRow := 3, 3 // of open
	if dy != 0 {
		if y == 0 || y == l.h-1 {
			return
		}
		up, down = p.row(comp, y-1), p.row(comp, y+1)
		if y == cy*l.ctbH {
			upRow = 0
		}
		if y == (cy+1)*l.ctbH-1 {
			downRow = 6
		}
	}
	// The neighbours are up[i-dx] and down[i+dx].
	first, last := 0, n
	if dx != 0 {
		leftRow, rightRow := upRow, downRow
		if dx < 0 {
			leftRow, rightRow = downRow, upRow
		}
		if !open[leftRow] || x == 0 {
			first = 1
		}
		if !open[rightRow+2] || x+n == l.w {
			last = n - 1
		}
	}
	// The middle, whose neighbours are in the columns of this CTB; the first and
	// the last sample may look at two columns.
	from, to := max(first, min(1, n)), min(last, n-1)
	if dx == 0 {
		from, to = 0, n
	}
	if open[upRow+1] && open[downRow+1] {
		o, in, a, b := out[from:to], row[x+from:x+to], up[x+from-dx:], down[x+from+dx:]
		if p.vector {
			edgesVector(o, in, a, b, offsets, l.top)
		} else {
			edgesPortable(o, in, a, b, offsets, l.top)
		}
	}
	if dx == 0 {
		return
	}
	at := func(i int) {
		out[i] = edgeSample(row[x+i], up[x+i-dx], down[x+i+dx], offsets, l.top)
	}
	// Of the first sample one neighbour is in the column to the left, the other in
	// the middle one; of the last likewise.
	upOpen, downOpen := open[upRow+1], open[downRow+1]
	if first == 0 && n > 1 {
		if dx > 0 && downOpen || dx < 0 && upOpen {
			at(0)
		}
	}
	if last == n && n > 1 {
		if dx > 0 && upOpen || dx < 0 && downOpen {
			at(n - 1)
		}
	}
}

func edgeSample(v, a, b uint16, offsets *[8]int16, top int) uint16 {
	s := int32(v)
	return uint16(min(max(int(s)+int(offsets[(2+sign(s-int32(a))+sign(s-int32(b)))&7]), 0), top))
}

func sign(v int32) int32 { return v>>31 | int32(uint32(-v)>>31) }

// edgesPortable is edgeSample for a line.
func edgesPortable(out, in, a, b []uint16, offsets *[8]int16, top int) {
	in, a, b = in[:len(out)], a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = edgeSample(in[i], a[i], b[i], offsets, top)
	}
}
