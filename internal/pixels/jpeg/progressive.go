package jpeg

import (
	mathbits "math/bits"

	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// progressiveCoder returns the coder for the current scan of a progressive file.
func (d *decoder) progressiveCoder() coder {
	s := &d.Scan
	switch p := (progressive{d: d, plane: &d.planes[s.Comps[0].Index]}); {
	case s.Ss == 0 && s.Ah == 0:
		return &dcFirst{progressive: p, codes: d.prepare(true, false, false)}
	case s.Ss == 0:
		return &dcRefining{p}
	case s.Ah == 0:
		return &acFirst{p, d.prepare(false, true, false).ac[s.Comps[0].Ta&3]}
	default:
		return d.acRefiningCoder(p)
	}
}

// progressive has what the coders of progressive scans share.
type progressive struct {
	d     *decoder
	plane *plane // of the scan's first component
	run   int    // blocks that the EOB run still covers
}

func (c *progressive) start()       { c.run = 0; c.d.startBits() }
func (c *progressive) ready() error { return c.d.moreBits() }

func (c *progressive) end() error {
	if c.run > 0 {
		return c.d.Corrupt(c.d.bits.pos(), "EOB run goes on behind the last block")
	}
	return c.d.EndSegment(c.d.bits.pos())
}

// coefs returns the reduced coefficients of the block at x, y of p, and its marks.
func (d *decoder) coefs(p *plane, x, y int) ([]int16, *uint64) {
	at := y*p.blocksX + x
	n := d.side * d.side
	return p.coefs[at*n:][:n], &p.marks[at]
}

// dcFirst decodes a first DC scan. T.81 G.1.2.1.
type dcFirst struct {
	progressive
	codes huffCodes
	pred  [4]int32 // by component of the scan
}

func (c *dcFirst) start() { c.pred = [4]int32{}; c.progressive.start() }

func (c *dcFirst) decode(i, x, y int) error {
	s := &c.d.Scan.Comps[i]
	diff, err := c.d.difference(c.codes.dc[s.Td&3])
	if err != nil {
		return err
	}
	c.pred[i] += diff
	coefs, _ := c.d.coefs(&c.d.planes[s.Index], x, y)
	coefs[0] = int16(c.pred[i] << c.d.Scan.Al)
	return nil
}

// dcRefining decodes a DC scan that adds a bit to each coefficient.
type dcRefining struct{ progressive }

func (c *dcRefining) decode(i, x, y int) error {
	b := &c.d.bits
	b.refill(&c.d.Src)
	coefs, _ := c.d.coefs(&c.d.planes[c.d.Scan.Comps[i].Index], x, y)
	coefs[0] |= int16(b.take(1) << c.d.Scan.Al)
	return nil
}

// acFirst decodes a first AC scan. T.81 G.1.2.2.
type acFirst struct {
	progressive
	codes *acCodes
}

func (c *acFirst) decode(_, x, y int) error {
	if c.run > 0 {
		c.run--
		return nil
	}
	d := c.d
	coefs, marks := d.coefs(c.plane, x, y)
	b := d.bits
	se, al := d.Scan.Se, d.Scan.Al
	m := *marks
	k := d.Scan.Ss
	for k <= se {
		b.refill(&d.Src)
		e := c.codes.values[b.acc>>(64-valueBits)]
		v := int32(e) >> 16
		if v != 0 {
			k += int(e >> 8 & 15)
			b.drop(uint(e & 63))
		} else {
			length, symbol := uint(e&63), byte(e>>8)
			if length == 0 {
				var n int
				if symbol, n = c.codes.code.Next(b.acc); n == 0 {
					return d.Corrupt(b.pos(), "no such Huffman code")
				}
				length = uint(n)
			}
			b.drop(length)
			run, size := uint(symbol>>4), uint(symbol&15)
			if size == 0 && run < 15 {
				c.run = 1<<run - 1 + int(b.take(run))
				break
			}
			k += int(run)
			if size == 0 {
				k++
				continue
			}
			v = extend(b.take(size), size)
		}
		m |= 1 << (k & 63)
		if at := int(d.slots[k&127]); at < len(coefs) {
			coefs[at] = int16(v << al)
		}
		k++
	}
	if k > se+1 {
		return d.Corrupt(b.pos(), "coefficient behind the band")
	}
	*marks = m
	d.bits = b
	return nil
}

// refineBits is how many bits of the stream index a refineTable.
const refineBits = 9

// A refineTable, for a scan that adds a bit, holds the length of each code and, eight bits up,
// its symbol; or 0 if the code is longer than refineBits.
type refineTable [1 << refineBits]uint16

// acRefining decodes an AC scan that adds a bit to each coefficient. T.81 G.1.2.3.
type acRefining struct {
	progressive
	code   stream.Code
	table  refineTable
	passed [256 << 4]byte
}

// passedMore in acRefining.passed means that the zero at the end of the run is not among the
// next eight coefficients.
const passedMore = 0xff

// preparePassed fills the table of how many coefficients a run passes before the zero that ends
// it. Its index is the run, with a mask of which of the next eight are nonzero above it.
func (c *acRefining) preparePassed() {
	for nonzero := range 256 {
		at := 0
		for run := range 16 {
			for at < 8 && nonzero>>at&1 != 0 {
				at++
			}
			c.passed[nonzero<<4|run] = passedMore
			if at < 8 {
				c.passed[nonzero<<4|run] = byte(at)
				at++
			}
		}
	}
}

func (d *decoder) acRefiningCoder(p progressive) *acRefining {
	c := &acRefining{progressive: p}
	h := &d.Huff[stream.ClassAC][d.Scan.Comps[0].Ta&3]
	c.code.Init(h)
	fillCodes(c.table[:], refineBits, h)
	c.preparePassed()
	return c
}

func (c *acRefining) decode(_, x, y int) error {
	d := c.d
	coefs, marks := d.coefs(c.plane, x, y)
	b := d.bits
	old := *marks
	m := old
	band := d.Scan.Band()
	k := uint(d.Scan.Ss)
	for c.run == 0 && k <= uint(d.Scan.Se) {
		b.refill(&d.Src)
		e := c.table[b.acc>>(64-refineBits)]
		length, symbol := int(e&63), byte(e>>8)
		if length == 0 {
			if symbol, length = c.code.Next(b.acc); length == 0 {
				return d.Corrupt(b.pos(), "no such Huffman code")
			}
		}
		b.drop(uint(length))
		run, size := uint(symbol>>4), uint(symbol&15)
		if size == 0 && run < 15 {
			c.run = 1<<run + int(b.take(run))
			break
		}
		if size > 1 {
			return d.Corrupt(b.pos(), "new coefficient of more than one bit")
		}
		v := int16(2*(b.acc>>63)) - 1
		b.drop(size)
		// The run skips zeros. Every nonzero coefficient before the next zero gets a correction
		// bit.
		to := k + uint(c.passed[old>>(k&63)&0xff<<4|uint64(run)])
		if to >= k+passedMore {
			zeros := ^old & band & (^uint64(0) << (k & 63))
			for ; run > 0; run-- {
				zeros &= zeros - 1
			}
			to = uint(mathbits.TrailingZeros64(zeros))
		}
		if to > uint(d.Scan.Se) {
			return d.Corrupt(b.pos(), "coefficient behind the band")
		}
		if passed := old & (^uint64(0) << (k & 63)) & (1<<to - 1); passed != 0 {
			d.correct(&b, coefs, passed)
		}
		if size == 1 {
			m |= 1 << to
			if at := int(d.slots[to&127]); at < len(coefs) {
				coefs[at] = v << d.Scan.Al
			}
		}
		k = to + 1
	}
	if c.run > 0 {
		c.run--
		if rest := old & band & (^uint64(0) << (k & 63)); k < 64 && rest != 0 {
			d.correct(&b, coefs, rest)
		}
	}
	*marks = m
	d.bits = b
	return nil
}

// correct reads a bit for each coefficient in marks, and adds it to those in coefs.
func (d *decoder) correct(b *bits, coefs []int16, marks uint64) {
	bit := int16(1) << d.Scan.Al
	// At most a full word of bits at a time. Most wanted coefficients come first.
	for marks != 0 {
		b.refill(&d.Src)
		word := b.acc
		n := uint(mathbits.OnesCount64(marks))
		part := marks
		if n > 56 {
			for n = 0; n < 56; n++ {
				marks &= marks - 1
			}
			part &^= marks
		} else {
			marks = 0
		}
		b.drop(n)
		for part&d.wanted != 0 {
			at := int(d.slots[mathbits.TrailingZeros64(part)])
			part &= part - 1
			set := word>>63 != 0
			word <<= 1
			if !set || at >= len(coefs) {
				continue
			}
			if coefs[at] >= 0 {
				coefs[at] += bit
			} else {
				coefs[at] -= bit
			}
		}
	}
}

// render computes the samples of a progressive file from its coefficients.
func (d *decoder) render() error {
	var out block
	n := d.side * d.side
	for i := range d.Frame.N {
		p, c := &d.planes[i], &d.Frame.Comps[i]
		for y := range c.BlocksY {
			if err := d.check(c.BlocksX); err != nil {
				return err
			}
			for x := range c.BlocksX {
				coefs, marks := d.coefs(p, x, y)
				out[0] = int32(coefs[0]) * p.quant[0]
				m := *marks & d.wanted &^ 1
				if m != 0 {
					clear(out[1:n])
				}
				for left := m; left != 0; left &= left - 1 {
					k := mathbits.TrailingZeros64(left)
					at := d.slots[k] & 63
					out[at] = int32(coefs[at]) * p.quant[k]
				}
				d.put(p, x, y, &out, m == 0)
			}
		}
		p.coefs, p.marks = nil, nil
	}
	return nil
}
