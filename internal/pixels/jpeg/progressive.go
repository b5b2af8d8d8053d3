package jpeg

import mathbits "math/bits"

// progressiveCoder returns what decodes the scan of a progressive file.
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
		return &acRefining{p, d.prepare(false, true, false).ac[s.Comps[0].Ta&3]}
	}
}

// progressive is what the coders of progressive scans share.
type progressive struct {
	d     *decoder
	plane *plane // of the scan's first component
	run   int    // blocks that an EOB run still covers
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

// dcRefining decodes a DC scan that adds a bit.
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

// acRefining decodes an AC scan that adds a bit. T.81 G.1.2.3.
type acRefining struct {
	progressive
	codes *acCodes
}

func (c *acRefining) decode(_, x, y int) error {
	d := c.d
	coefs, marks := d.coefs(c.plane, x, y)
	b := &d.bits
	m := *marks
	band := d.Scan.Band()
	k := uint(d.Scan.Ss)
	for c.run == 0 && k <= uint(d.Scan.Se) {
		b.refill(&d.Src)
		// A magnitude is one bit, the sign: the table's value may hold it already.
		symbol, n := c.symbol()
		if n == 0 {
			return d.Corrupt(b.pos(), "no such Huffman code")
		}
		run, size := uint(symbol>>4), uint(symbol&15)
		b.drop(uint(n))
		if size == 0 && run < 15 {
			c.run = 1<<run + int(b.take(run))
			break
		}
		if size > 1 {
			return d.Corrupt(b.pos(), "new coefficient of more than one bit")
		}
		v := int16(0)
		if size == 1 {
			v = int16(2*b.take(1)-1) << d.Scan.Al
		}
		// The run passes zeros, and a correction of all others before the next zero.
		zeros := ^*marks & band & (^uint64(0) << (k & 63))
		for range run {
			zeros &= zeros - 1
		}
		if zeros == 0 {
			return d.Corrupt(b.pos(), "coefficient behind the band")
		}
		to := uint(mathbits.TrailingZeros64(zeros))
		c.correct(coefs, *marks&(^uint64(0)<<(k&63))&(1<<to-1))
		k = to
		if size == 1 {
			m |= 1 << k
			if at := int(d.slots[k&127]); at < len(coefs) {
				coefs[at] = v
			}
		}
		k++
	}
	if c.run > 0 {
		c.run--
		if rest := *marks & band & (^uint64(0) << (k & 63)); k < 64 {
			c.correct(coefs, rest)
		}
	}
	*marks = m
	return nil
}

// symbol returns the symbol of the next code, and the length of the code, 0 if
// there is none.
func (c *acRefining) symbol() (byte, int) {
	acc := c.d.bits.acc
	e := c.codes.values[acc>>(64-valueBits)]
	switch {
	case e>>16 != 0:
		// The bits of a magnitude of one bit are not the code's.
		if v := int16(e >> 16); v == 1 || v == -1 {
			return byte(e>>8&15)<<4 | 1, int(e&63) - 1
		}
	case e&63 != 0:
		return byte(e >> 8), int(e & 63)
	}
	return c.codes.code.Next(acc)
}

// correct reads a bit for each coefficient of marks, and adds it to those that
// are kept.
func (c *acRefining) correct(coefs []int16, marks uint64) {
	if marks == 0 {
		return
	}
	d := c.d
	b := &d.bits
	left := uint(mathbits.OnesCount64(marks))
	for marks&d.wanted != 0 {
		k := mathbits.TrailingZeros64(marks)
		marks &= marks - 1
		left--
		b.refill(&d.Src)
		if b.take(1) == 0 {
			continue
		}
		if at := int(d.slots[k]); at < len(coefs) {
			if coefs[at] >= 0 {
				coefs[at] += 1 << d.Scan.Al
			} else {
				coefs[at] -= 1 << d.Scan.Al
			}
		}
	}
	for left > 0 {
		n := min(left, 32)
		b.refill(&d.Src)
		b.drop(n)
		left -= n
	}
}

// render makes the samples of a progressive file of its coefficients.
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
