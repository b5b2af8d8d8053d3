package recon

// StartCU begins a coding unit. bypass is cu_transquant_bypass_flag.
func (p *Picture) StartCU(bypass bool) { p.cu.bypass = bypass }

// EndCU ends the coding unit of 1<<log2 luma samples at x, y. untouched says that
// the loop filters must leave it as it is: it was coded without loss, or as PCM.
func (p *Picture) EndCU(x, y int, log2 uint8, pcm bool) {
	flags := uint8(0)
	if p.cu.bypass || pcm && p.seq.PCMLoopFilterDisabled {
		flags = keep
		p.ctbAt(p.at.x, p.at.y).anyKeep = true
	}
	n := 1 << (log2 - 3)
	i := p.blockAt(x, y)
	for range n {
		row := p.blocks[i : i+n]
		for j := range row {
			row[j].qp = int8(p.qp)
			row[j].flags |= flags
		}
		i += p.blockRow
	}
	p.lastQP = p.qp
}

// Transform marks the edges of a transform block of 1<<log2 luma samples at x, y,
// for the deblocking filter. Those of 4x4 blocks count where they are edges of
// 8x8 blocks (8.7.2.3).
func (p *Picture) Transform(x, y int, log2 uint8) {
	if x&7 != 0 || y&7 != 0 {
		return
	}
	i := p.blockAt(x, y)
	n := max(1, 1<<log2>>3)
	for j := range p.blocks[i : i+n] {
		p.blocks[i+j].flags |= edgeAbove
	}
	for j := range n {
		p.blocks[i+j*p.blockRow].flags |= edgeLeft
	}
}

// block returns the samples from x, y on, in samples of the component.
func (p *Picture) samples(c, x, y int) (pix []uint16, stride int) {
	l := &p.planes[c]
	at := p.lineAt(l, y) + x
	return l.pix[at:], l.stride
}

// PCM makes the next pcm_sample values those of the block of w by h samples at x,
// y of a component.
func (p *Picture) PCM(comp, x, y, w, h int, next func() uint32) {
	shift := p.planes[comp].depth - p.seq.PCMBitDepth[min(comp, 1)]
	pix, stride := p.samples(comp, x, y)
	for i := range h {
		line := pix[i*stride : i*stride+w]
		for j := range line {
			line[j] = uint16(next() << shift)
		}
	}
}
