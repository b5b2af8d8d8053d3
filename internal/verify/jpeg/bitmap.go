package jpeg

// chunkBlocks is how many blocks one allocation of a bitmap covers.
const chunkBlocks = 4096

// keepChunks is how many chunks, of 32 KiB, a decoder keeps for the next file: enough for a
// picture of 24 megapixels.
const keepChunks = 160

// chunk marks the nonzero coefficients of chunkBlocks blocks: bit k of a block
// is coefficient k in zigzag order.
type chunk [chunkBlocks]uint64

// bitmap marks the nonzero coefficients of a component of a progressive frame. It counts blocks
// in the raster of the component's own scans. A chunk is allocated when a scan first has a code
// for one of its blocks. By then a DC scan has spent at least a bit on each of them.
type bitmap []*chunk

// marks returns the marks of at most n blocks from block i on. It allocates their chunk if
// needed.
func (d *decoder) marks(component, i, n int) []uint64 {
	c := &d.prog.maps[component]
	for len(*c) <= i/chunkBlocks {
		*c = append(*c, nil)
	}
	p := &(*c)[i/chunkBlocks]
	if *p == nil {
		d.prog.held++
		if free := d.prog.free; len(free) > 0 {
			*p = free[len(free)-1]
			d.prog.free = free[:len(free)-1]
			clear((*p)[:])
		} else {
			*p = new(chunk)
		}
	}
	from := i % chunkBlocks
	return (*p)[from:min(chunkBlocks, from+n)]
}

// known returns what marks does, or, if their chunk does not exist yet, nil and the number of
// blocks in it, at most n.
func (d *decoder) known(component, i, n int) ([]uint64, int) {
	c := d.prog.maps[component]
	if j := i / chunkBlocks; j >= len(c) || c[j] == nil {
		return nil, min(n, chunkBlocks-i%chunkBlocks)
	}
	m := d.marks(component, i, n)
	return m, len(m)
}

// release puts the chunks back in the free list.
func (p *progressive) release() {
	p.held = 0
	for i := range p.maps {
		for j, c := range p.maps[i] {
			if c != nil && len(p.free) < keepChunks {
				p.free = append(p.free, c)
			}
			p.maps[i][j] = nil
		}
		p.maps[i] = p.maps[i][:0]
	}
}

// Holds returns how many bytes the chunks in use have. It is asked at each wait, which may be for
// a single byte.
func (p *progressive) Holds() int64 { return int64(p.held) * chunkBlocks * 8 }
