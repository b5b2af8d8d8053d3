package jpeg

import (
	mathbits "math/bits"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// arithmetic decodes any scan of an arithmetic-coded file.
type arithmetic struct {
	d     *decoder
	pred  [4]int32 // by component of the scan: the previous DC coefficient
	block block    // of a sequential file
}

func (d *decoder) arithCoder() coder { return &arithmetic{d: d} }

func (c *arithmetic) start()       { c.pred = [4]int32{}; c.d.Arith.Start() }
func (c *arithmetic) ready() error { return nil }
func (c *arithmetic) end() error   { return c.d.Arith.EndSegment() }

func (c *arithmetic) decode(i, x, y int) error {
	d := c.d
	r, s := &d.Arith, &d.Scan
	p := &d.planes[s.Comps[i].Index]
	ac := &r.AC[s.Comps[i].Ta&3]
	if !d.Frame.Progressive {
		if !c.difference(i) {
			return c.corrupt()
		}
		clear(c.block[:d.side*d.side])
		c.block[0] = c.pred[i] * p.quant[0]
		marks, ok := c.coefficients(ac, 1, 63, func(k int, v int32) {
			c.block[min(d.slots[k&63], unwanted)] = v * p.quant[k&63]
		})
		if !ok {
			return c.corrupt()
		}
		d.put(p, x, y, &c.block, marks&d.wanted == 0)
		return nil
	}
	coefs, marks := d.coefs(p, x, y)
	switch {
	case s.Ss == 0 && s.Ah == 0:
		if !c.difference(i) {
			return c.corrupt()
		}
		coefs[0] = int16(c.pred[i] << s.Al)
		return nil
	case s.Ss == 0:
		coefs[0] |= int16(r.Decide(&r.Fixed) << s.Al)
		return nil
	case s.Ah == 0:
		m, ok := c.coefficients(ac, s.Ss, s.Se, func(k int, v int32) {
			if at := int(d.slots[k&63]); at < len(coefs) {
				coefs[at] = int16(v << s.Al)
			}
		})
		if *marks |= m; !ok {
			return c.corrupt()
		}
		return nil
	}
	if !c.refine(ac, coefs, marks) {
		return c.corrupt()
	}
	return nil
}

// corrupt returns the fault of the last block, whose decisions are impossible.
func (c *arithmetic) corrupt() error {
	d := c.d
	if d.Src.Cut && d.Arith.At() > d.Src.End {
		return d.Short()
	}
	return verify.Faultf(verify.Malformed, d.Offset(min(d.Arith.At(), d.Src.End)), "no such arithmetic-coded coefficient")
}

// difference decodes the next DC difference, and adds it to that of component i.
func (c *arithmetic) difference(i int) bool {
	r := &c.d.Arith
	diff, ok := r.Difference(&r.DC[c.d.Scan.Comps[i].Td&3], i)
	c.pred[i] += diff
	return ok
}

// coefficients gives put the nonzero coefficients ss to se of a block, and returns which they
// are.
func (c *arithmetic) coefficients(t *stream.ArithTable, ss, se int, put func(k int, v int32)) (marks uint64, ok bool) {
	r := &c.d.Arith
	marks, what := r.Band(t, ss, se)
	for m := marks; m != 0; m &= m - 1 {
		k := mathbits.TrailingZeros64(m)
		put(k, r.Values[k])
	}
	return marks, what == ""
}

// refine adds a bit to the coefficients in the scan's band. marks says which coefficients of the
// block are nonzero. T.81 G.1.3.3.
func (c *arithmetic) refine(t *stream.ArithTable, coefs []int16, marks *uint64) bool {
	d := c.d
	r, se := &d.Arith, d.Scan.Se
	bit := int16(1) << d.Scan.Al
	m := *marks
	// No EOB is coded before the last coefficient that is already nonzero.
	last := mathbits.Len64(m&(^uint64(0)>>(63-se))&^1) - 1
	for k := d.Scan.Ss; k <= se; k++ {
		at := 3 * (k - 1)
		if k > last && r.Decide(&t.Bins[at]) != 0 { // EOB
			break
		}
		for m>>k&1 == 0 && r.Decide(&t.Bins[at+1]) == 0 {
			at += 3
			if k++; k > se {
				return false
			}
		}
		change := bit
		slot := int(d.slots[k])
		if m>>k&1 != 0 {
			if r.Decide(&t.Bins[at+2]) == 0 {
				continue
			}
			if slot < len(coefs) && coefs[slot] < 0 {
				change = -bit
			}
		} else {
			*marks |= 1 << k
			if r.Decide(&r.Fixed) != 0 {
				change = -bit
			}
		}
		if slot < len(coefs) {
			coefs[slot] += change
		}
	}
	return true
}
