package stream

// Bins of a table of statistics: T.81 tables F.4 and F.5.
const (
	dcX1     = 20  // first bin of the magnitude categories of a DC difference
	acX2Low  = 189 // those of an AC coefficient up to Kx
	acX2High = 217 // those above Kx
	mBins    = 14  // from a category's bin to the bin of its magnitude bits
)

// Difference decodes a DC difference of component i of the scan. ok is false if it has
// more than 15 bits. T.81 F.2.4.1.
func (r *Arith) Difference(t *ArithTable, i int) (diff int32, ok bool) {
	at := r.Context[i]
	if r.Decide(&t.Bins[at]) == 0 {
		r.Context[i] = 0
		return 0, true
	}
	sign := r.Decide(&t.Bins[at+1])
	at += 2 + sign
	m := r.Decide(&t.Bins[at])
	if m != 0 {
		at = dcX1
		for r.Decide(&t.Bins[at]) != 0 {
			if m <<= 1; m == 0x8000 {
				return 0, false
			}
			at++
		}
	}
	// F.1.4.4.1.2: the size of this difference conditions the next one.
	switch {
	case m < 1<<t.Lower>>1:
		r.Context[i] = 0
	case m > 1<<t.Upper>>1:
		r.Context[i] = 12 + 4*sign
	default:
		r.Context[i] = 4 + 4*sign
	}
	return r.value(t, at, m, sign), true
}

// Coefficient decodes AC coefficient k, which is not zero. ok is false if it has more
// than 15 bits. T.81 F.2.4.2.
func (r *Arith) Coefficient(t *ArithTable, k int) (v int32, ok bool) {
	sign := r.Decide(&r.Fixed)
	at := 3*(k-1) + 2
	m := r.Decide(&t.Bins[at])
	if m != 0 && r.Decide(&t.Bins[at]) != 0 {
		m <<= 1
		at = acX2High
		if k <= t.Kx {
			at = acX2Low
		}
		for r.Decide(&t.Bins[at]) != 0 {
			if m <<= 1; m == 0x8000 {
				return 0, false
			}
			at++
		}
	}
	return r.value(t, at, m, sign), true
}

// value decodes the bits of a magnitude below m, its leading one. at is the bin of its category.
// T.81 figure F.24.
func (r *Arith) value(t *ArithTable, at, m, sign int) int32 {
	v := m
	for m >>= 1; m != 0; m >>= 1 {
		if r.Decide(&t.Bins[at+mBins]) != 0 {
			v |= m
		}
	}
	if sign != 0 {
		return int32(-v - 1)
	}
	return int32(v + 1)
}
