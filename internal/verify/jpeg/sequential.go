package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// bigScan is the scan size, in bytes left in the file, above which lookup tables with several
// symbols per entry pay off. It is the default of decoder.bigScan.
const bigScan = 48 << 10

// sequential holds the tables of a sequential scan.
type sequential struct {
	// looks holds two lookup tables for each component of the scan: that of the first lookup in
	// a block, then that of further lookups.
	looks [2 * stream.MaxComponents << stream.LookBits]stream.Look
	codes [stream.MaxComponents]struct{ dc, ac stream.Code }

	n      int // blocks in an MCU
	places [16]place
	codeOf [stream.MaxMCUBlocks]int // by place: the scan component whose tables code it

	single  stream.LookTable
	lengths [1 << stream.LookBits]byte
}

// place says how the block at one place of an MCU is coded, and what follows it. Its two halves
// have one layout: the low one is for the next lookup within the block, the high one for the
// next lookup once the block has ended. So a shift chooses between them without a branch:
//
//	bits 0-15   where in looks the table of the next look begins
//	bits 16-19  the place that the next look is in
type place uint64

const (
	placeIndex = 16
	placeEnded = 32
)

// firstLooks and furtherLooks return the tables of component i of the scan.
func (q *sequential) firstLooks(i int) *stream.LookTable {
	return (*stream.LookTable)(q.looks[2*i<<stream.LookBits:])
}

func (q *sequential) furtherLooks(i int) *stream.LookTable {
	return (*stream.LookTable)(q.looks[(2*i+1)<<stream.LookBits:])
}

// sequentialScan verifies the entropy-coded segments of a sequential scan.
func (d *decoder) sequentialScan() error {
	d.prepareSequential()
	return d.segments((*decoder).sequentialMCUs)
}

// prepareSequential builds the tables of the scan.
func (d *decoder) prepareSequential() {
	q, s := &d.seq, &d.Scan
	extend := d.isBig()
	var component [stream.MaxMCUBlocks]int
	q.n = 0
	for i := range s.N {
		c := &s.Comps[i]
		same := i
		for j := range i {
			if s.Comps[j].Td == c.Td && s.Comps[j].Ta == c.Ta {
				same = j
				break
			}
		}
		if same == i {
			q.build(i, &d.Huff[stream.ClassDC][c.Td], &d.Huff[stream.ClassAC][c.Ta], extend)
		}
		for range c.Blocks {
			component[q.n] = same
			q.n++
		}
	}
	for i := range q.n {
		next := (i + 1) % q.n
		q.codeOf[i] = component[i]
		q.places[i] = place(2*component[i]+1)<<stream.LookBits | place(i)<<placeIndex |
			place(2*component[next])<<stream.LookBits<<placeEnded | place(next)<<placeIndex<<placeEnded
	}
}

// build builds the tables of component i.
func (q *sequential) build(i int, dc, ac *stream.HuffTable, extend bool) {
	q.codes[i].dc.Init(dc)
	q.codes[i].ac.Init(ac)
	first, further := q.firstLooks(i), q.furtherLooks(i)
	dc.FillLooks(first, nil, stream.ClassDC)
	if !extend {
		ac.FillLooks(further, nil, stream.ClassAC)
		return
	}
	ac.FillLooks(&q.single, &q.lengths, stream.ClassAC)
	first.Extend(dc, &q.single, &q.lengths)
	*further = q.single
	further.Extend(ac, &q.single, &q.lengths)
}

// segments verifies the scan's segments, with one call of mcus each, and the restart markers
// between them. T.81 E.2.4: in a scan of one component, an MCU is a block.
func (d *decoder) segments(mcus func(d *decoder, n int) error) error {
	for left, rst := d.Scan.MCUs, 0; ; rst++ {
		n := left
		if d.Interval > 0 {
			n = min(n, d.Interval)
		}
		d.StartSegment()
		if err := mcus(d, n); err != nil {
			return err
		}
		if left -= n; left == 0 {
			return nil
		}
		if err := d.Restart(rst); err != nil {
			return err
		}
	}
}

// spot is a position of the reader in a sequential scan.
type spot struct {
	pos   int // bit position in the buffer
	left  int // blocks of the segment that have not ended yet
	place int // of the block in its MCU
	k     int // next coefficient, 0 at the start of a block
}

// sequentialMCUs verifies a segment of n MCUs.
func (d *decoder) sequentialMCUs(n int) error {
	at := spot{left: n * d.seq.n}
	for at.left > 0 {
		if at.pos>>3 < d.Src.End-fastMargin && at.left > fastBlocks {
			at = d.fastLooks(at)
		}
		pos, ok := d.More(at.pos)
		if !ok {
			return d.Short()
		}
		at.pos = pos
		var err error
		if at, err = d.slowBlock(at); err != nil {
			return err
		}
	}
	return d.EndSegment(at.pos)
}

const (
	// fastLooks stops this many bytes before the end of the buffer.
	fastMargin = 24
	// It also stops this many blocks before the end of the segment.
	fastBlocks = 4
)

// fastLooks goes through the buffer, lookup by lookup, until it nears the end of the buffer or
// of the segment, or meets what no lookup can decide. It has no branch for the end of a block:
// the processor could not predict it, and it would cost more than all the other work on a block.
func (d *decoder) fastLooks(from spot) spot {
	q, s := &d.seq, &d.Src
	acc, have, at := s.Seek(from.pos)
	limit := min(uint(max(0, s.End-fastMargin)), stream.BufSize)
	p := q.places[from.place&15]
	sel := uint(uint32(p))
	if from.k == 0 {
		sel -= 1 << stream.LookBits // the table before it
	}
	count := uint(from.k)
	stop := uint(from.left-fastBlocks) << 7
	var e uint
	for at < limit && count < stop {
		// The compiler makes one load of this, and knows it to be in bounds.
		word := uint64(s.Buf[at+7]) | uint64(s.Buf[at+6])<<8 | uint64(s.Buf[at+5])<<16 | uint64(s.Buf[at+4])<<24 |
			uint64(s.Buf[at+3])<<32 | uint64(s.Buf[at+2])<<40 | uint64(s.Buf[at+1])<<48 | uint64(s.Buf[at])<<56
		acc |= word >> (have & 63)
		at += (63 - have) >> 3 & 7
		have |= 56

		e = uint(q.looks[sel&baseMask+uint(acc>>(64-stream.LookBits))])
		acc <<= e & 63
		have -= e
		count += e >> 8
		if count&64 != 0 {
			break
		}
		sel = uint(uint32(p))
		blocks := count &^ 127
		if e >= stream.EOB<<8 {
			sel = uint(p >> 32)
			count = blocks
		}
		p = q.places[sel>>placeIndex&15]

		e = uint(q.looks[sel&baseMask+uint(acc>>(64-stream.LookBits))])
		acc <<= e & 63
		have -= e
		count += e >> 8
		if count&64 != 0 {
			break
		}
		sel = uint(uint32(p))
		blocks = count &^ 127
		if e >= stream.EOB<<8 {
			sel = uint(p >> 32)
			count = blocks
		}
		p = q.places[sel>>placeIndex&15]
	}
	to := spot{8*int(at) - int(have&63), from.left, int(p >> placeIndex & 15), 0}
	if count&64 != 0 {
		// Go back before the last lookup.
		to.pos -= int(e & 63)
		count -= e >> 8
	}
	to.left -= int(count >> 7)
	to.k = int(count & 127)
	return to
}

const baseMask = (2*stream.MaxComponents - 1) << stream.LookBits

// slowBlock verifies the rest of a block, one code at a time.
func (d *decoder) slowBlock(at spot) (spot, error) {
	s := &d.Src
	codes := &d.seq.codes[d.seq.codeOf[at.place]]
	for at.k < 64 {
		acc := s.Word(uint(at.pos)>>3) << (at.pos & 7)
		if at.k == 0 {
			category, length := codes.dc.Next(acc)
			if length == 0 {
				return at, d.Corrupt(at.pos, "no such Huffman code")
			}
			at.pos += length + int(category)
			at.k = 1
			continue
		}
		symbol, length := codes.ac.Next(acc)
		if length == 0 {
			return at, d.Corrupt(at.pos, "no such Huffman code")
		}
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 && run == 0 {
			at.pos += length
			break
		}
		if size == 0 && run < 15 {
			return at, d.Corrupt(at.pos, "EOB run in a sequential scan")
		}
		if at.k += run + 1; at.k > 64 {
			return at, d.Corrupt(at.pos, "more than 64 coefficients")
		}
		at.pos += length + size
	}
	at.left--
	at.place = (at.place + 1) % d.seq.n
	at.k = 0
	return at, nil
}
