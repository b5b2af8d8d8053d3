package jpeg

import (
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// progressive holds what the scans of a progressive frame need.
type progressive struct {
	maps  [stream.MaxComponents]bitmap
	free  []*chunk
	held  int // chunks in maps
	block int // AC scans: next block in the component's raster
	// visits counts the blocks of refining scans that were looked at without a code of their
	// own. maxVisits bounds it.
	visits, maxVisits int64
	looked            int64 // visits when the context was looked at

	code    stream.Code
	band    [1 << bandBits]bandLook
	single  [1 << bandBits]bandLook
	lengths [1 << bandBits]byte
	refine  [1 << refineBits]refineLook
	passed  [256 << 4]byte
}

// visitsPerBlock is how often EOB runs of refining scans may pass over a block. Such a visit may
// cost no bit, so that scans full of them are a bomb. The scan scripts of real encoders make at
// most three.
const visitsPerBlock = 16

// visitsPerLook is how many such visits may pass between two looks at the context. They take some
// 10 milliseconds.
const visitsPerLook = 8 << 20

// progressiveScan verifies the entropy-coded segments of a progressive scan.
func (d *decoder) progressiveScan() error {
	s := &d.Scan
	d.prog.block = 0
	if d.Scans == 1 {
		d.allowVisits()
		if d.In != nil {
			d.In.Holding(&d.prog)
		}
	}
	switch {
	case s.Ss == 0 && s.Ah == 0:
		d.prepareDC()
		return d.segments((*decoder).dcMCUs)
	case s.Ss == 0:
		return d.segments((*decoder).dcBits)
	}
	t := &d.Huff[stream.ClassAC][s.Comps[0].Ta]
	d.prog.code.Init(t)
	if s.Ah == 0 {
		d.prog.prepareBand(t, d.isBig())
		return d.segments((*decoder).bandBlocks)
	}
	d.prog.prepareRefine(t)
	return d.segments((*decoder).refineBlocks)
}

// prepareDC builds the tables of a first DC scan, in the memory for sequential scans.
func (d *decoder) prepareDC() {
	q, s := &d.seq, &d.Scan
	q.n = 0
	for i := range s.N {
		dc := &d.Huff[stream.ClassDC][s.Comps[i].Td]
		q.codes[i].dc.Init(dc)
		dc.FillLooks(q.firstLooks(i), nil, stream.ClassDC)
		for range s.Comps[i].Blocks {
			q.codeOf[q.n] = i
			q.n++
		}
	}
}

// dcMCUs verifies a segment of n MCUs of a first DC scan. T.81 G.1.2.1.
func (d *decoder) dcMCUs(n int) error {
	s, q := &d.Src, &d.seq
	pos, limit := 0, 8*s.Limit()
	for range n {
		if pos >= limit {
			var ok bool
			if pos, ok = d.More(pos); !ok {
				return d.Short()
			}
			limit = 8 * s.Limit()
		}
		for _, i := range q.codeOf[:q.n] {
			acc := s.Word(uint(pos)>>3) << (pos & 7)
			e := q.firstLooks(i)[acc>>(64-stream.LookBits)]
			if e == stream.FirstUnknown {
				symbol, length := q.codes[i].dc.Next(acc)
				if length == 0 {
					return d.Corrupt(pos, "no such Huffman code")
				}
				e = stream.DCLook(symbol, length)
			}
			pos += int(e & 63)
		}
	}
	return d.EndSegment(pos)
}

// dcBits verifies a segment of n MCUs of a refining DC scan: one bit a block.
// T.81 G.1.2.1.
func (d *decoder) dcBits(n int) error {
	blocks := 0
	for i := range d.Scan.N {
		blocks += d.Scan.Comps[i].Blocks
	}
	return d.EndSegment(n * blocks)
}

// runTooLong refuses an EOB run that goes on after the last block of a segment, which ends at
// bit position pos. libjpeg drops the rest of such a run; no encoder writes one.
func (d *decoder) runTooLong(pos int) error {
	return d.Corrupt(pos, "EOB run goes on behind the last block")
}

// countVisits charges n visits.
func (d *decoder) countVisits(n int) error {
	p := &d.prog
	if p.visits += int64(n); p.visits > p.maxVisits {
		f := verify.Faultf(verify.TooMuchWork, d.Pos, "refining scans visit blocks more than %d times", visitsPerBlock)
		f.Limit, f.Got = p.maxVisits, p.visits
		return f
	}
	if p.visits-p.looked > visitsPerLook {
		p.looked = p.visits
		if !d.In.Look() {
			return d.In.Err()
		}
	}
	return nil
}

// allowVisits resets the count of visits and its bound.
func (d *decoder) allowVisits() {
	d.prog.visits, d.prog.looked, d.prog.maxVisits = 0, 0, visitsPerBlock*d.blocks()
}

// blocks returns how many blocks hold the frame's pixels.
func (d *decoder) blocks() int64 {
	n := int64(0)
	for _, c := range d.Frame.Comps[:d.Frame.N] {
		n += int64(c.BlocksX) * int64(c.BlocksY)
	}
	return n
}
