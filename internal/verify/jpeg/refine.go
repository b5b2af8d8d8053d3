package jpeg

import "math/bits"

// refineBits is how many bits of the stream index the looks of a refining scan.
const refineBits = 10

// A refineLook is one symbol of a refining AC scan and, above it, the length of
// its code; 0 if the code is unknown or longer than refineBits.
type refineLook uint16

func (p *progressive) prepareRefine(t *huffTable) {
	at, index := 0, 0
	for l := 1; l <= refineBits; l++ {
		for range t.counts[l-1] {
			n := 1 << (refineBits - l)
			fillRun(p.refine[at:at+n], refineLook(t.symbols[index])|refineLook(l)<<8)
			at += n
			index++
		}
	}
	clear(p.refine[at:])
}

// refineBlocks verifies a segment of n blocks of a refining AC scan. T.81 G.1.2.3.
func (d *decoder) refineBlocks(n int) error {
	p := &d.prog
	component := d.scan.comps[0].index
	pos, run := 0, 0
	for n > 0 {
		var marks []uint64
		count := 0
		if run > 0 {
			marks, count = d.known(component, p.block, min(n, run))
			run -= count
			bits, err := d.refineRun(marks)
			if err != nil {
				return err
			}
			pos += bits
		} else {
			marks = d.marks(component, p.block, n)
			count = len(marks)
			var err error
			if pos, run, err = d.refineMarks(marks, pos); err != nil {
				return err
			}
		}
		n -= count
		p.block += count
	}
	if run > 0 {
		return d.runTooLong(min(pos, 8*d.src.end))
	}
	return d.endSegment(pos)
}

// refineRun counts the correction bits of blocks in an EOB run: one for each
// coefficient of the band that is nonzero already.
func (d *decoder) refineRun(marks []uint64) (int, error) {
	band, n := d.scan.band(), 0
	for _, m := range marks {
		n += bits.OnesCount64(m & band)
	}
	return n, d.countVisits(len(marks))
}

// band returns the marks of all coefficients of the scan.
func (s *scan) band() uint64 { return ^uint64(0) << s.ss & (^uint64(0) >> (63 - s.se)) }

// refineMarks verifies the blocks of marks from bit position pos on, and marks
// coefficients that become nonzero. It returns the position behind them, and how
// much of an EOB run is left.
func (d *decoder) refineMarks(marks []uint64, pos int) (int, int, error) {
	s, p := &d.src, &d.prog
	ss, se, band := d.scan.ss, d.scan.se, d.scan.band()
	limit := 8 * s.limit()
	for i := 0; i < len(marks); i++ {
		if pos >= limit {
			var ok bool
			if pos, ok = d.more(pos); !ok {
				return 0, 0, d.short()
			}
			limit = 8 * s.limit()
		}
		m, k, run := marks[i], ss, 0
		for k <= se {
			acc := s.word(uint(pos)>>3) << (pos & 7)
			e := p.refine[acc>>(64-refineBits)]
			symbol, length := byte(e), int(e>>8)
			if length == 0 {
				if symbol, length = p.code.next(acc); length == 0 {
					return 0, 0, d.corrupt(pos, "no such Huffman code")
				}
			}
			r, size := int(symbol>>4), int(symbol&15)
			if size == 0 && r < 15 {
				run = 1<<r + int(acc<<(uint(length)&63)>>1>>(63-r))
				pos += length + r
				break
			}
			if size > 1 {
				return 0, 0, d.corrupt(pos, "new coefficient of more than one bit")
			}
			// The symbol passes r coefficients that are zero, and all nonzero
			// ones before the next zero, with a correction bit each.
			zeros := ^m & band & (^uint64(0) << (uint(k) & 63))
			for range r {
				zeros &= zeros - 1
			}
			if zeros == 0 {
				return 0, 0, d.corrupt(pos, "coefficient behind the band")
			}
			next := bits.TrailingZeros64(zeros)
			m |= uint64(size) << (uint(next) & 63)
			pos += length + size + next - k - r
			k = next + 1
		}
		if run > 0 {
			pos += bits.OnesCount64(m & band & (^uint64(0) << (uint(k) & 63)))
			run--
		}
		marks[i] = m
		if run > 0 {
			skip := min(run, len(marks)-1-i)
			n, err := d.refineRun(marks[i+1 : i+1+skip])
			if err != nil {
				return 0, 0, err
			}
			pos += n
			run -= skip
			i += skip
			if run > 0 {
				return pos, run, nil
			}
		}
	}
	return pos, 0, nil
}
