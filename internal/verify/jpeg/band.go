package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// bandBits is stream.LookBits for the first AC scans of a progressive frame. Their entries are
// twice as large.
const bandBits = 11

// A bandLook is one lookup: what the next bandBits bits of a first AC scan mean:
//
//	bits 0-4    bits of the stream to drop, at most bandBits+15
//	bits 5-9    coefficients passed, at most 16
//	bits 10-13  exponent of the EOB run that ends the block; its bits follow
//	bit  14     none of this holds: the code is unknown, or longer than bandBits
//	bits 15-30  which of the coefficients passed are nonzero
//	bit  31     the look ends a block: an EOB run or bit 14
type bandLook uint32

const (
	bandCount   = 5
	bandRun     = 10
	bandMarks   = 15
	bandEnd     = bandLook(1 << 31)
	bandUnknown = bandEnd | 1<<14
)

// prepareBand builds the lookup table of a first AC scan, with one symbol per entry or, if
// extend is set, as many as fit.
func (p *progressive) prepareBand(t *stream.HuffTable, extend bool) {
	table := &p.band
	if extend {
		table = &p.single
	}
	at, index := 0, 0
	for l := 1; l <= bandBits; l++ {
		for range t.Counts[l-1] {
			run, size := bandLook(t.Symbols[index]>>4), bandLook(t.Symbols[index]&15)
			e := bandLook(l)
			switch {
			case size > 0:
				e += size
				e |= (run+1)<<bandCount | 1<<(bandMarks+run)
			case run == 15:
				e |= 16 << bandCount
			default:
				e |= bandEnd | run<<bandRun
			}
			n := 1 << (bandBits - l)
			stream.FillRun(table[at:at+n], e)
			stream.FillRun(p.lengths[at:at+n], byte(l))
			at += n
			index++
		}
	}
	stream.FillRun(table[at:], bandUnknown)
	clear(p.lengths[at:])
	if !extend {
		return
	}
	for i, e := range p.single {
		p.band[i] = p.extendBand(i, e)
	}
}

// extendBand appends to entry e, at index i, the symbols that follow in its bits.
func (p *progressive) extendBand(i int, e bandLook) bandLook {
	const mask = 1<<bandBits - 1
	drop, count := e&31, e>>bandCount&31
	marks := e >> bandMarks & 0xffff
	for e < bandEnd && drop < bandBits {
		j := i << drop & mask
		l, f := bandLook(p.lengths[j]), p.single[j]
		n := f >> bandCount & 31
		if l == 0 || drop+l > bandBits || count+n > 16 {
			break
		}
		marks |= f >> bandMarks & 0xffff << count
		drop += f & 31
		count += n
		e = f & (bandEnd | 15<<bandRun) // ends the loop at an EOB run
	}
	return e&(bandUnknown|15<<bandRun) | drop | count<<bandCount | marks<<bandMarks
}

// bandBlocks verifies a segment of n blocks of a first AC scan. T.81 G.1.2.2.
func (d *decoder) bandBlocks(n int) error {
	s, p := &d.Src, &d.prog
	component := d.Scan.Comps[0].Index
	pos, run := 0, 0
	for n > 0 {
		if run > 0 {
			skip := min(run, n)
			run, n, p.block = run-skip, n-skip, p.block+skip
			continue
		}
		marks := d.marks(component, p.block, n)
		n -= len(marks)
		p.block += len(marks)
		var err error
		if pos, run, err = d.bandMarks(marks, pos); err != nil {
			return err
		}
	}
	if run > 0 {
		return d.runTooLong(min(pos, 8*s.End))
	}
	return d.EndSegment(pos)
}

// bandMarks verifies the blocks of marks from bit position pos on, and marks their nonzero
// coefficients. It returns the bit position after them, and how many more blocks an EOB run
// covers.
func (d *decoder) bandMarks(marks []uint64, pos int) (int, int, error) {
	s, table := &d.Src, &d.prog.band
	ss, se := d.Scan.Ss, d.Scan.Se
	acc, have, at := s.Seek(pos)
	limit := s.Limit()
	run := 0
	for len(marks) > 0 {
		if int(at) >= limit {
			pos, ok := d.More(8*int(at) - int(have))
			if !ok {
				return 0, 0, d.Short()
			}
			acc, have, at = s.Seek(pos)
			limit = s.Limit() + 8
		}
		m, k := marks[0], ss
		var e bandLook
		var before uint64
		for {
			acc |= s.Word(at) >> (have & 63)
			at += (63 - have) >> 3
			have |= 56
			e = table[acc>>(64-bandBits)]
			acc <<= e & 31
			have -= uint(e & 31)
			before = m
			m |= uint64(e>>bandMarks&0xffff) << (uint(k) & 63)
			k += int(e >> bandCount & 31)
			if e >= bandEnd || k > se {
				break
			}
		}
		switch {
		case e&bandUnknown == bandUnknown, k > se+1, k > se && e >= bandEnd:
			// Go back before the last lookup, and on one code at a time.
			k -= int(e >> bandCount & 31)
			pos, mark, r, err := d.slowBand(8*int(at)-int(have)-int(e&31), k)
			if err != nil {
				return 0, 0, err
			}
			m, run = before|mark, r
			acc, have, at = s.Seek(pos)
		case e >= bandEnd:
			r := uint(e >> bandRun & 15)
			// have is at least 56-26, enough for the 14 bits of a run.
			run = 1<<r - 1 + int(acc>>1>>(63-r))
			acc <<= r
			have -= r
		}
		marks[0] = m
		marks = marks[1:]
		if run > 0 {
			skip := min(run, len(marks))
			run -= skip
			marks = marks[skip:]
		}
	}
	return 8*int(at) - int(have), run, nil
}

// slowBand verifies the rest of a block, from bit position pos and coefficient k on, one code at
// a time. It returns the bit position after it, its nonzero coefficients, and how many further
// blocks its EOB run covers.
func (d *decoder) slowBand(pos, k int) (end int, marks uint64, run int, err error) {
	for k <= d.Scan.Se {
		acc := d.Src.Word(uint(pos)>>3) << (pos & 7)
		symbol, length := d.prog.code.Next(acc)
		if length == 0 {
			return 0, 0, 0, d.Corrupt(pos, "no such Huffman code")
		}
		r, size := uint(symbol>>4), int(symbol&15)
		if size == 0 && r < 15 {
			run = 1<<r - 1 + int(acc<<length>>1>>(63-r))
			return pos + length + int(r), marks, run, nil
		}
		k += int(r)
		if k > d.Scan.Se {
			return 0, 0, 0, d.Corrupt(pos, "coefficient behind the band")
		}
		if size > 0 {
			marks |= 1 << k
		}
		k++
		pos += length + size
	}
	return pos, marks, 0, nil
}
