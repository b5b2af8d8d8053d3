package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// sequential decodes a scan of a sequential file, and computes its samples at once.
type sequential struct {
	d     *decoder
	codes huffCodes
	pred  [4]int32 // by component of the scan: the previous DC coefficient
	block block
}

func (d *decoder) sequentialCoder() coder {
	// At full size nothing is skipped.
	return &sequential{d: d, codes: d.prepare(true, true, d.last < 63)}
}

func (c *sequential) start()       { c.pred = [4]int32{}; c.d.startBits() }
func (c *sequential) ready() error { return c.d.moreBits() }
func (c *sequential) end() error   { return c.d.EndSegment(c.d.bits.pos()) }

func (c *sequential) decode(i, x, y int) error {
	d := c.d
	s := &d.Scan.Comps[i]
	p := &d.planes[s.Index]
	diff, err := d.difference(c.codes.dc[s.Td&3])
	if err != nil {
		return err
	}
	c.pred[i] += diff
	clear(c.block[:d.side*d.side])
	c.block[0] = c.pred[i] * p.quant[0]
	flat, err := d.coefficients(c.codes.ac[s.Ta&3], p, &c.block)
	if err != nil {
		return err
	}
	d.put(p, x, y, &c.block, flat)
	return nil
}

// coefficients decodes the AC coefficients of a block, and reports whether they
// are all zero. T.81 F.2.2.2.
func (d *decoder) coefficients(c *acCodes, p *plane, out *block) (flat bool, err error) {
	src := &d.Src
	b := d.bits
	k, last := 1, d.last
	flat = true
	for k <= last {
		b.refill(src)
		e := c.values[b.acc>>(64-valueBits)]
		if v := int32(e) >> 16; v != 0 {
			k += int(e >> 8 & 15)
			b.drop(uint(e & 63))
			out[min(d.slots[k&127], unwanted)] = v * p.quant[k&127]
			flat = false
			k++
			continue
		}
		length, symbol := uint(e&63), byte(e>>8)
		if length == 0 {
			var n int
			if symbol, n = c.code.Next(b.acc); n == 0 {
				return false, d.Corrupt(b.pos(), "no such Huffman code")
			}
			length = uint(n)
		}
		run, size := int(symbol>>4), uint(symbol&15)
		if size == 0 {
			if run == 0 {
				b.drop(length)
				d.bits = b
				return flat, nil
			}
			if run < 15 {
				return false, d.Corrupt(b.pos(), "EOB run in a sequential scan")
			}
		}
		b.drop(length)
		k += run
		if size > 0 {
			out[min(d.slots[k&127], unwanted)] = extend(b.take(size), size) * p.quant[k&127]
			flat = false
		}
		k++
	}
	if k > 64 {
		return false, d.Corrupt(b.pos(), "more than 64 coefficients")
	}
	for k < 64 {
		b.refill(src)
		e := c.skips[b.acc>>(64-stream.LookBits)]
		n := k + int(e>>8)&^stream.EOB
		if n > 63 {
			// The rest of the lookup may belong to the next block.
			d.bits = b
			return flat, d.restOfBlock(c, k)
		}
		k = n
		b.drop(uint(e & 63))
		if e >= stream.EOB<<8 {
			break
		}
	}
	d.bits = b
	return flat, nil
}

// restOfBlock skips the coefficients of a block from k on, one by one.
func (d *decoder) restOfBlock(c *acCodes, k int) error {
	b := &d.bits
	for k < 64 {
		b.refill(&d.Src)
		e := c.values[b.acc>>(64-valueBits)]
		if int32(e)>>16 != 0 {
			k += 1 + int(e>>8&15)
			b.drop(uint(e & 63))
			continue
		}
		length, symbol := uint(e&63), byte(e>>8)
		if length == 0 {
			var n int
			if symbol, n = c.code.Next(b.acc); n == 0 {
				return d.Corrupt(b.pos(), "no such Huffman code")
			}
			length = uint(n)
		}
		run, size := int(symbol>>4), uint(symbol&15)
		b.drop(length + size)
		if size == 0 && run == 0 {
			return nil
		}
		if size == 0 && run < 15 {
			return d.Corrupt(b.pos(), "EOB run in a sequential scan")
		}
		k += run + 1
	}
	if k > 64 {
		return d.Corrupt(b.pos(), "more than 64 coefficients")
	}
	return nil
}
