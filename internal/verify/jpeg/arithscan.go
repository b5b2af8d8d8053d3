package jpeg

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// A decision of arithmetic-coded data may cost next to no bits, so a few bytes can stand for a
// picture of any size. A file may have arithBase decisions, or two a block (which a blank
// picture needs) if that is more, and arithPerByte more for each byte: photographs of any
// quality need some 11 a byte, or far fewer than arithBase.
const (
	arithBase    = 10 << 20
	arithPerByte = 12
	// The context is looked at every so many decisions.
	arithPerLook = 1 << 20
)

// arithScan verifies the entropy-coded segments of an arithmetic-coded scan.
func (d *decoder) arithScan() error {
	d.prog.block = 0
	return d.segments((*decoder).arithMCUs)
}

// arithMCUs verifies a segment of n MCUs.
func (d *decoder) arithMCUs(n int) error {
	r, s := &d.Arith, &d.Scan
	r.Start()
	maxWork := d.arithBudget()
	look := r.Work + arithPerLook
	for range n {
		for i := range s.N {
			for range s.Comps[i].Blocks {
				if what := d.arithBlock(i); what != "" {
					if d.Src.Cut && r.At() > d.Src.End {
						return d.Short()
					}
					return verify.Faultf(verify.Malformed, d.Offset(min(r.At(), d.Src.End)), "%s", what)
				}
			}
		}
		if r.Work > look {
			look = r.Work + arithPerLook
			if !d.In.Look() {
				return d.In.Err()
			}
		}
		// Bytes that are still to come may pay for the work.
		for r.Work > maxWork && d.In.Extend() {
			maxWork = d.arithBudget()
		}
		if r.Work > maxWork {
			f := verify.Faultf(verify.TooMuchWork, d.Pos, "%d arithmetic-coded decisions", r.Work)
			f.Limit, f.Got = maxWork, r.Work
			return f
		}
	}
	return r.EndSegment()
}

// arithBudget returns how many decisions the file may have, as far as its size is known.
func (d *decoder) arithBudget() int64 {
	size := max(d.In.Size(), int64(len(d.In.Bytes())))
	return max(arithBase, 2*d.blocks()+arithBase/10) + arithPerByte*size
}

// arithBlock verifies a block of component i of the scan. It returns what is wrong, or "".
func (d *decoder) arithBlock(i int) string {
	r, s := &d.Arith, &d.Scan
	dc, ac := &r.DC[s.Comps[i].Td], &r.AC[s.Comps[i].Ta]
	if !d.Frame.Progressive {
		if what := dcBlock(r, dc, i); what != "" {
			return what
		}
		_, what := r.Band(ac, 1, 63)
		return what
	}
	switch {
	case s.Ss == 0 && s.Ah == 0:
		return dcBlock(r, dc, i)
	case s.Ss == 0:
		r.Decide(&r.Fixed)
		return ""
	}
	mark := &d.marks(s.Comps[i].Index, d.prog.block, 1)[0]
	d.prog.block++
	if s.Ah == 0 {
		m, what := r.Band(ac, s.Ss, s.Se)
		*mark |= m
		return what
	}
	return refineBlock(r, ac, mark, s.Ss, s.Se)
}

// dcBlock decodes a DC difference of component i. It returns what is wrong, or "".
func dcBlock(r *stream.Arith, t *stream.ArithTable, i int) string {
	if _, ok := r.Difference(t, i); !ok {
		return "DC difference of more than 15 bits"
	}
	return ""
}

// refineBlock decodes one more bit of the coefficients ss to se of a block. mark says which of
// all its coefficients are nonzero. T.81 G.1.3.3.
func refineBlock(r *stream.Arith, t *stream.ArithTable, mark *uint64, ss, se int) string {
	m := *mark
	// No EOB is coded before the last coefficient that is already nonzero.
	last := bits.Len64(m&(^uint64(0)>>(63-se))&^1) - 1
	for k := ss; k <= se; k++ {
		at := 3 * (k - 1)
		if k > last && r.Decide(&t.Bins[at]) != 0 { // EOB
			break
		}
		for m>>k&1 == 0 && r.Decide(&t.Bins[at+1]) == 0 {
			at += 3
			if k++; k > se {
				return "coefficient behind the band"
			}
		}
		if m>>k&1 != 0 {
			r.Decide(&t.Bins[at+2]) // correction
		} else {
			r.Decide(&r.Fixed) // sign
			*mark |= 1 << k
		}
	}
	return ""
}
