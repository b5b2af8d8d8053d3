package jpeg

import "github.com/imgvet/imgvet/internal/verify"

// progressive holds what the scans of a progressive frame need.
type progressive struct {
	maps  [maxComponents]bitmap
	free  []*chunk
	block int // AC scans: next block in the component's raster
	// visits counts blocks of refining scans that were looked at without a code of
	// their own; maxVisits bounds it.
	visits, maxVisits int64

	code    code
	band    [1 << bandBits]bandLook
	single  [1 << bandBits]bandLook
	lengths [1 << bandBits]byte
	refine  [1 << refineBits]refineLook
	passed  [256 << 4]byte
}

// visitsPerBlock is how often a block may be passed over in EOB runs of refining
// scans. Such a visit may cost no bit, so that scans full of them are a bomb; the
// scan scripts of real encoders make at most three.
const visitsPerBlock = 16

// progressiveScan verifies the entropy-coded segments of a progressive scan.
func (d *decoder) progressiveScan() error {
	s := &d.scan
	d.prog.block = 0
	switch {
	case s.ss == 0 && s.ah == 0:
		d.prepareDC()
		return d.segments((*decoder).dcMCUs)
	case s.ss == 0:
		return d.segments((*decoder).dcBits)
	}
	t := &d.huff[classAC][s.comps[0].ta]
	d.prog.code.init(t)
	if s.ah == 0 {
		d.prog.prepareBand(t, len(d.b)-d.pos >= d.bigScan)
		return d.segments((*decoder).bandBlocks)
	}
	d.prog.prepareRefine(t)
	return d.segments((*decoder).refineBlocks)
}

// prepareDC builds the tables of a first DC scan in those of sequential scans.
func (d *decoder) prepareDC() {
	q, s := &d.seq, &d.scan
	q.n = 0
	for i := range s.n {
		dc := &d.huff[classDC][s.comps[i].td]
		q.codes[i].dc.init(dc)
		dc.fillLooks(q.firstLooks(i), nil, classDC)
		for range s.comps[i].blocks {
			q.codeOf[q.n] = i
			q.n++
		}
	}
}

// dcMCUs verifies a segment of n MCUs of a first DC scan. T.81 G.1.2.1.
func (d *decoder) dcMCUs(n int) error {
	s, q := &d.src, &d.seq
	pos, limit := 0, 8*s.limit()
	for range n {
		if pos >= limit {
			var ok bool
			if pos, ok = d.more(pos); !ok {
				return d.short()
			}
			limit = 8 * s.limit()
		}
		for _, i := range q.codeOf[:q.n] {
			acc := s.word(uint(pos)>>3) << (pos & 7)
			e := q.firstLooks(i)[acc>>(64-lookBits)]
			if e == firstUnknown {
				symbol, length := q.codes[i].dc.next(acc)
				if length == 0 {
					return d.corrupt(pos, "no such Huffman code")
				}
				e = dcLook(symbol, length)
			}
			pos += int(e & 63)
		}
	}
	return d.endSegment(pos)
}

// dcBits verifies a segment of n MCUs of a refining DC scan: one bit a block.
// T.81 G.1.2.1.
func (d *decoder) dcBits(n int) error {
	blocks := 0
	for i := range d.scan.n {
		blocks += d.scan.comps[i].blocks
	}
	return d.endSegment(n * blocks)
}

// runTooLong refuses an EOB run that goes on behind the last block of a segment
// that ends at bit position pos. libjpeg drops the rest of such a run; no encoder
// writes it.
func (d *decoder) runTooLong(pos int) error {
	return d.corrupt(pos, "EOB run goes on behind the last block")
}

// countVisits charges n visits.
func (d *decoder) countVisits(n int) error {
	p := &d.prog
	if p.visits += int64(n); p.visits > p.maxVisits {
		f := verify.Faultf(verify.TooMuchWork, d.pos, "refining scans visit blocks more than %d times", visitsPerBlock)
		f.Limit, f.Got = p.maxVisits, p.visits
		return f
	}
	return nil
}
