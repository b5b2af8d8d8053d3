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
	at := uint8(r.Context[i])
	if r.Decide(&t.Bins[at]) == 0 {
		r.Context[i] = 0
		return 0, true
	}
	sign := r.Decide(&t.Bins[at+1])
	at += 2 + uint8(sign)
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
	var value int
	r.v, value = r.bits(r.v, &t.Bins[at+mBins], m)
	return int32((value + 1) ^ -sign + sign), true
}

// Band decodes the coefficients ss to se of a block. It returns which of them are nonzero, whose
// values are then in r.Values, and what is wrong, or "". T.81 F.2.4.2.
func (r *Arith) Band(t *ArithTable, ss, se int) (marks uint64, what string) {
	v, bins := r.v, &t.Bins
	var d, sign int
	for k := ss; k <= se; k++ {
		at := uint8(3 * (k - 1))
		if v, d = r.decide(v, &bins[at]); d != 0 { // EOB
			break
		}
		for {
			if v, d = r.decide(v, &bins[at+1]); d != 0 {
				break
			}
			at += 3
			if k++; k > se {
				r.v = v
				return marks, "coefficient behind the band"
			}
		}
		marks |= 1 << (k & 63)
		v, sign = r.decide(v, &r.Fixed)
		value := 0
		if v, d = r.decide(v, &bins[at+2]); d != 0 {
			if v, value = r.magnitude(v, bins, at+2, k <= t.Kx); value < 0 {
				r.v = v
				return marks, "AC coefficient of more than 15 bits"
			}
		}
		r.Values[k&63] = int32((value + 1) ^ -sign + sign)
	}
	r.v = v
	return marks, ""
}

// magnitude decodes a magnitude of 2 or more, and returns it less 1, or -1 if it has more than
// 15 bits. at is the bin that has said it is no 1, low says which bins follow.
func (r *Arith) magnitude(v interval, bins *[256]byte, at uint8, low bool) (interval, int) {
	var d int
	m := 1
	if v, d = r.decide(v, &bins[at]); d != 0 {
		m = 2
		at = acX2High
		if low {
			at = acX2Low
		}
		for {
			if v, d = r.decide(v, &bins[at]); d == 0 {
				break
			}
			if m <<= 1; m == 0x8000 {
				return v, -1
			}
			at++
		}
	}
	return r.bits(v, &bins[at+mBins], m)
}

// bits decodes the bits of a magnitude below m, its leading one. T.81 figure F.24.
func (r *Arith) bits(v interval, bin *byte, m int) (interval, int) {
	var d int
	value := m
	for m >>= 1; m != 0; m >>= 1 {
		v, d = r.decide(v, bin)
		value |= m & -d
	}
	return v, value
}
