package jpeg

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// Bins of a table of statistics: T.81 tables F.4 and F.5.
const (
	dcX1     = 20  // first bin of the magnitude categories of a DC difference
	acX2Low  = 189 // those of an AC coefficient up to Kx
	acX2High = 217 // and past it
	mBins    = 14  // from a category's bin to that of its magnitude bits
)

// The decisions of arithmetic-coded data may cost next to no bits, so that a few
// bytes can stand for a picture of any size. A file may have arithBase of them,
// enough for a blank picture of 100 megapixels, and arithPerByte more a byte:
// photographs of any quality need some 11, or far fewer than arithBase.
const (
	arithBase    = 10 << 20
	arithPerByte = 12
)

// reset forgets all of the file before.
func (r *arith) reset() {
	r.work = 0
	for i := range r.dc {
		// T.81 F.1.4.4.1.4 and F.1.4.4.2.1 state the defaults.
		r.dc[i].lower, r.dc[i].upper = 0, 1
		r.ac[i].kx = 5
	}
}

// arithScan verifies the entropy-coded segments of an arithmetic-coded scan.
func (d *decoder) arithScan() error {
	d.prog.block = 0
	return d.segments((*decoder).arithMCUs)
}

// arithMCUs verifies a segment of n MCUs.
func (d *decoder) arithMCUs(n int) error {
	r, s := &d.arith, &d.scan
	r.fixed = fixedBin
	for i := range s.n {
		r.context[i] = 0
		clear(r.dc[s.comps[i].td].bins[:])
		clear(r.ac[s.comps[i].ta].bins[:])
	}
	r.start()
	maxWork := arithBase + arithPerByte*int64(len(d.b))
	for range n {
		for i := range s.n {
			for range s.comps[i].blocks {
				if what := d.arithBlock(i); what != "" {
					if d.src.cut && r.at > d.src.end {
						return d.short()
					}
					return verify.Faultf(verify.Malformed, d.offset(min(r.at, d.src.end)), "%s", what)
				}
			}
		}
		if r.work > maxWork {
			f := verify.Faultf(verify.TooMuchWork, d.pos, "%d arithmetic-coded decisions", r.work)
			f.Limit, f.Got = maxWork, r.work
			return f
		}
	}
	return r.endSegment()
}

// endSegment refuses bytes that the segment's last decision has not asked for:
// the decoder always is ahead of the last bit that an encoder must write.
func (r *arith) endSegment() error {
	d := r.d
	if !d.src.final && r.at >= d.src.end {
		d.fill(d.src.end)
		r.at = 0
	}
	if r.at < d.src.end {
		return verify.Faultf(verify.Malformed, d.offset(r.at), "surplus data behind the scan's last MCU")
	}
	return nil
}

// arithBlock verifies a block of component i of the scan, and says what is wrong.
func (d *decoder) arithBlock(i int) string {
	r, s := &d.arith, &d.scan
	dc, ac := &r.dc[s.comps[i].td], &r.ac[s.comps[i].ta]
	if !d.frame.progressive {
		if what := r.dcBlock(dc, i); what != "" {
			return what
		}
		_, what := r.acBlock(ac, 1, 63)
		return what
	}
	switch {
	case s.ss == 0 && s.ah == 0:
		return r.dcBlock(dc, i)
	case s.ss == 0:
		r.decide(&r.fixed)
		return ""
	}
	mark := &d.marks(s.comps[i].index, d.prog.block, 1)[0]
	d.prog.block++
	if s.ah == 0 {
		m, what := r.acBlock(ac, s.ss, s.se)
		*mark |= m
		return what
	}
	return r.refineBlock(ac, mark, s.ss, s.se)
}

// dcBlock decodes a DC difference of component i. T.81 F.2.4.1.
func (r *arith) dcBlock(t *arithTable, i int) string {
	at := r.context[i]
	if r.decide(&t.bins[at]) == 0 {
		r.context[i] = 0
		return ""
	}
	sign := r.decide(&t.bins[at+1])
	at += 2 + sign
	m := r.decide(&t.bins[at])
	if m != 0 {
		at = dcX1
		for r.decide(&t.bins[at]) != 0 {
			if m <<= 1; m == 0x8000 {
				return "DC difference of more than 15 bits"
			}
			at++
		}
	}
	// F.1.4.4.1.2: the size of the difference conditions the next one.
	switch {
	case m < 1<<t.lower>>1:
		r.context[i] = 0
	case m > 1<<t.upper>>1:
		r.context[i] = 12 + 4*sign
	default:
		r.context[i] = 4 + 4*sign
	}
	r.magnitude(t, at, m)
	return ""
}

// magnitude passes over the bits of a magnitude below its leading one, m. The
// bin of its category stands at at. T.81 figure F.24.
func (r *arith) magnitude(t *arithTable, at, m int) {
	for m >>= 1; m != 0; m >>= 1 {
		r.decide(&t.bins[at+mBins])
	}
}

// acBlock decodes the coefficients ss to se of a block, and returns which of them
// are nonzero. T.81 F.2.4.2.
func (r *arith) acBlock(t *arithTable, ss, se int) (marks uint64, what string) {
	for k := ss; k <= se; k++ {
		at := 3 * (k - 1)
		if r.decide(&t.bins[at]) != 0 { // EOB
			break
		}
		for r.decide(&t.bins[at+1]) == 0 {
			at += 3
			if k++; k > se {
				return marks, "coefficient behind the band"
			}
		}
		marks |= 1 << k
		r.decide(&r.fixed) // sign
		at += 2
		m := r.decide(&t.bins[at])
		if m != 0 && r.decide(&t.bins[at]) != 0 {
			m <<= 1
			at = acX2High
			if k <= t.kx {
				at = acX2Low
			}
			for r.decide(&t.bins[at]) != 0 {
				if m <<= 1; m == 0x8000 {
					return marks, "AC coefficient of more than 15 bits"
				}
				at++
			}
		}
		r.magnitude(t, at, m)
	}
	return marks, ""
}

// refineBlock decodes a bit more of the coefficients ss to se of a block. mark
// says which of all its coefficients are nonzero. T.81 G.1.3.3.
func (r *arith) refineBlock(t *arithTable, mark *uint64, ss, se int) string {
	m := *mark
	// Up to the last coefficient that is nonzero already no EOB is coded.
	last := bits.Len64(m&(^uint64(0)>>(63-se))&^1) - 1
	for k := ss; k <= se; k++ {
		at := 3 * (k - 1)
		if k > last && r.decide(&t.bins[at]) != 0 { // EOB
			break
		}
		for m>>k&1 == 0 && r.decide(&t.bins[at+1]) == 0 {
			at += 3
			if k++; k > se {
				return "coefficient behind the band"
			}
		}
		if m>>k&1 != 0 {
			r.decide(&t.bins[at+2]) // correction
		} else {
			r.decide(&r.fixed) // sign
			*mark |= 1 << k
		}
	}
	return ""
}
