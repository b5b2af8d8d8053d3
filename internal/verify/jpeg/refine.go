package jpeg

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// refineBits is how many bits of the stream index the lookup table of a refining scan.
const refineBits = 10

// A refineLook is one lookup: what the next refineBits bits of a refining AC scan mean, one
// symbol:
//
//	bits 0-4    bits of the code, and of the sign behind it
//	bits 5-8    the run: zeros to pass, or the exponent of an EOB run
//	bit  9      a coefficient becomes nonzero behind the run
//	bit  10     an EOB run
//	bit  11     none of this holds: the code is unknown, illegal, or too long
type refineLook uint16

const (
	refineRun     = 5
	refineNew     = 9
	refineEOB     = 1 << 10
	refineUnknown = 1 << 11
)

// refineSymbol returns the lookup entry of a symbol whose code has the given length.
func refineSymbol(symbol byte, length int) refineLook {
	run, size := refineLook(symbol>>4), refineLook(symbol&15)
	switch {
	case size == 0 && run < 15:
		return refineLook(length) | run<<refineRun | refineEOB
	case size <= 1:
		return refineLook(length) + size | run<<refineRun | size<<refineNew
	}
	return refineUnknown // T.81 G.1.2.3: the size is 1
}

// passedMore in progressive.passed means that the zero at the end of the run is not among the
// next 8 coefficients.
const passedMore = 0xff

// preparePassed fills the table of how many coefficients a run passes before the zero that ends
// it. Its index is the run, with a mask of which of the next 8 are nonzero above it.
func (p *progressive) preparePassed() {
	for nonzero := range 256 {
		at := 0
		for run := range 16 {
			for at < 8 && nonzero>>at&1 != 0 {
				at++
			}
			p.passed[nonzero<<4|run] = passedMore
			if at < 8 {
				p.passed[nonzero<<4|run] = byte(at)
				at++
			}
		}
	}
}

func (p *progressive) prepareRefine(t *stream.HuffTable) {
	at, index := 0, 0
	for l := 1; l <= refineBits; l++ {
		for range t.Counts[l-1] {
			n := 1 << (refineBits - l)
			stream.FillRun(p.refine[at:at+n], refineSymbol(t.Symbols[index], l))
			at += n
			index++
		}
	}
	stream.FillRun(p.refine[at:], refineUnknown)
}

// refineBlocks verifies a segment of n blocks of a refining AC scan. T.81 G.1.2.3.
func (d *decoder) refineBlocks(n int) error {
	p := &d.prog
	component := d.Scan.Comps[0].Index
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
		return d.runTooLong(min(pos, 8*d.Src.End))
	}
	return d.EndSegment(pos)
}

// refineRun counts the correction bits of blocks in an EOB run: one for each coefficient in the
// band that is already nonzero.
func (d *decoder) refineRun(marks []uint64) (int, error) {
	band, n := d.Scan.Band(), 0
	for _, m := range marks {
		n += bits.OnesCount64(m & band)
	}
	return n, d.countVisits(len(marks))
}

// refineMarks verifies the blocks of marks from bit position pos on, and marks coefficients that
// become nonzero. It returns the bit position after them, and how many more blocks an EOB run
// covers.
func (d *decoder) refineMarks(marks []uint64, pos int) (int, int, error) {
	s, p := &d.Src, &d.prog
	ss, se, band := uint(d.Scan.Ss), uint(d.Scan.Se), d.Scan.Band()
	acc, have, at := s.Seek(pos)
	limit := s.Limit()
	for len(marks) > 0 {
		if int(at) >= limit {
			pos, ok := d.More(8*int(at) - int(have))
			if !ok {
				return 0, 0, d.Short()
			}
			acc, have, at = s.Seek(pos)
			limit = s.Limit() + 8
		}
		old, k := marks[0], ss
		m := old
		run := 0
		for k <= se {
			acc |= s.Word(at) >> (have & 63)
			at += (63 - have) >> 3 & 7
			have |= 56
			e := uint(p.refine[acc>>(64-refineBits)])
			if e >= refineEOB {
				if e == refineUnknown {
					var err error
					if e, err = d.slowRefine(acc, 8*int(at)-int(have)); err != nil {
						return 0, 0, err
					}
				}
				if e&refineEOB != 0 {
					acc <<= e & 31
					r := e >> refineRun & 15
					run = 1<<r + int(acc>>1>>(63-r))
					// The block ends with the corrections of its remaining coefficients.
					pos := 8*int(at) - int(have) + int(e&31) + int(r) + bits.OnesCount64(m&band&(^uint64(0)<<(k&63)))
					skip := min(run, len(marks))
					n, err := d.refineRun(marks[1:skip])
					if err != nil {
						return 0, 0, err
					}
					acc, have, at = s.Seek(pos + n)
					break
				}
			}
			// The symbol skips r zero coefficients. Every nonzero one before the next zero has a
			// correction bit.
			r := e >> refineRun & 15
			passed := uint(p.passed[old>>(k&63)&0xff<<4|uint64(r)])
			if passed == passedMore {
				zeros := ^old & band & (^uint64(0) << (k & 63))
				for range r {
					zeros &= zeros - 1
				}
				passed = uint(bits.TrailingZeros64(zeros)) - k
			}
			if k+passed > se {
				return 0, 0, d.Corrupt(8*int(at)-int(have), "coefficient behind the band")
			}
			k += passed
			m |= uint64(e>>refineNew&1) << (k & 63)
			k++
			drop := e&31 + passed - r
			if drop > 56 {
				acc, have, at = s.Seek(8*int(at) - int(have) + int(drop))
				continue
			}
			acc <<= drop & 63
			have -= drop
		}
		marks[0] = m
		if run > 1 {
			skip := min(run, len(marks))
			if run -= skip; run > 0 {
				return 8*int(at) - int(have), run, nil
			}
			marks = marks[skip:]
			continue
		}
		marks = marks[1:]
	}
	return 8*int(at) - int(have), 0, nil
}

// slowRefine returns the lookup entry of the one code at the top of acc, which is at bit
// position pos.
func (d *decoder) slowRefine(acc uint64, pos int) (uint, error) {
	symbol, length := d.prog.code.Next(acc)
	if length == 0 {
		return 0, d.Corrupt(pos, "no such Huffman code")
	}
	e := refineSymbol(symbol, length)
	if e == refineUnknown {
		return 0, d.Corrupt(pos, "new coefficient of more than one bit")
	}
	return uint(e), nil
}
