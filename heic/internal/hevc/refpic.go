package hevc

// refPicSet is a short-term reference picture set, kept because later sets (and
// the slice header of a CRA picture) may be coded as a difference to it, and the
// length of that difference follows from its content.
type refPicSet struct {
	numNegative, numPositive uint8
	delta                    [maxRefPics]int32 // DeltaPocS0, then DeltaPocS1
}

func (s *refPicSet) count() int { return int(s.numNegative) + int(s.numPositive) }

// parseRefPicSet reads st_ref_pic_set (7.3.7). sets are those before it; inSlice
// says that the set stands in a slice header.
func parseRefPicSet(r *bitReader, sets []refPicSet, inSlice bool) refPicSet {
	if len(sets) > 0 && r.flag() { // inter_ref_pic_set_prediction_flag
		return predictRefPicSet(r, sets, inSlice)
	}
	var s refPicSet
	s.numNegative = uint8(r.ue(maxRefPics, "num_negative_pics"))
	s.numPositive = uint8(r.ue(maxRefPics-uint32(s.numNegative), "num_positive_pics"))
	var poc int32
	for i := range s.count() {
		if i == int(s.numNegative) {
			poc = 0
		}
		step := int32(r.ue(1<<15-1, "delta_poc_minus1")) + 1
		if i < int(s.numNegative) {
			step = -step
		}
		poc += step
		s.delta[i] = poc
		r.skip(1) // used_by_curr_pic_flag
	}
	return s
}

// predictRefPicSet reads a set that is coded as a difference to an earlier one,
// and derives it: equations 7-61 and 7-62.
func predictRefPicSet(r *bitReader, sets []refPicSet, inSlice bool) refPicSet {
	back := 1
	if inSlice {
		back += int(r.ue(uint32(len(sets)-1), "delta_idx_minus1"))
	}
	ref := &sets[len(sets)-back]
	negative := r.flag() // delta_rps_sign
	shift := int32(r.ue(1<<15-1, "abs_delta_rps_minus1")) + 1
	if negative {
		shift = -shift
	}
	var use [maxRefPics + 1]bool
	for j := range ref.count() + 1 {
		use[j] = r.flag() || r.flag() // used_by_curr_pic_flag, use_delta_flag
	}

	var s refPicSet
	n := 0
	add := func(poc int32, negative, used bool) {
		if !used || poc == 0 || (poc < 0) != negative {
			return
		}
		if n == maxRefPics {
			r.malformed("reference picture set of over %d pictures", maxRefPics)
			return
		}
		s.delta[n] = poc
		n++
	}
	neg, all := int(ref.numNegative), ref.count()
	for j := all - 1; j >= neg; j-- {
		add(ref.delta[j]+shift, true, use[j])
	}
	add(shift, true, use[all])
	for j := range neg {
		add(ref.delta[j]+shift, true, use[j])
	}
	s.numNegative = uint8(n)
	for j := neg - 1; j >= 0; j-- {
		add(ref.delta[j]+shift, false, use[j])
	}
	add(shift, false, use[all])
	for j := neg; j < all; j++ {
		add(ref.delta[j]+shift, false, use[j])
	}
	s.numPositive = uint8(n) - s.numNegative
	return s
}
