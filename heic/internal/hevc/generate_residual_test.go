package hevc

// scanOrder is 6.5.3 to 6.5.5, as lists of x, y.
func scanOrder(log2, scan int) (list [][2]int) {
	side := 1 << log2
	switch scan {
	case 0:
		x, y := 0, 0
		for len(list) < side*side {
			for y >= 0 {
				if x < side && y < side {
					list = append(list, [2]int{x, y})
				}
				x, y = x+1, y-1
			}
			x, y = 0, x
		}
	case 1:
		for i := range side * side {
			list = append(list, [2]int{i % side, i / side})
		}
	case 2:
		for i := range side * side {
			list = append(list, [2]int{i / side, i % side})
		}
	}
	return list
}

// residual writes residual_coding of random coefficients.
func (s *stream) residual(log2, comp, mode int) {
	skip := false
	if s.tskip && !s.cuBypass && log2 <= s.log2MaxTskip {
		skip = s.chance(.5)
		s.e.bin(ctxTransformSkip+min(comp, 1), b2i(skip))
	}
	scan := 0
	if log2 == 2 || log2 == 3 && comp == 0 || log2 == 3 && s.chroma == 3 {
		if mode >= 6 && mode <= 14 {
			scan = 2
		}
		if mode >= 22 && mode <= 30 {
			scan = 1
		}
	}
	subs, inSub := scanOrder(log2-2, scan), scanOrder(2, scan)

	// Levels by sub-block and step.
	levels := make([][16]int, len(subs))
	density, tall := s.r.Float64()*s.r.Float64(), s.r.Float64()*.4
	last, lastPos := s.r.IntN(len(subs)), s.r.IntN(16)
	if s.chance(.5) {
		last = 0
	}
	for i := range last + 1 {
		if i != 0 && i != last && s.chance(.5) {
			continue
		}
		for n := range 16 {
			if i == last && n >= lastPos {
				break
			}
			if s.chance(density) {
				levels[i][n] = s.level(tall)
			}
		}
	}
	levels[last][lastPos] = s.level(tall)

	x, y := subs[last][0]<<2+inSub[lastPos][0], subs[last][1]<<2+inSub[lastPos][1]
	if scan == 2 {
		x, y = y, x
	}
	s.lastPosition(log2, comp, x, y)

	lossless := skip || s.cuBypass
	class := 2 * b2i(comp == 0)
	if lossless {
		class++
	}
	hide := s.signHiding && !s.cuBypass && !(s.implicitRDPCM && skip && (mode == 10 || mode == 26))
	coded := map[[2]int]bool{}
	previousGreater := false
	for i := last; i >= 0; i-- {
		at := subs[i]
		right, below := coded[[2]int{at[0] + 1, at[1]}], coded[[2]int{at[0], at[1] + 1}]
		any := i == last || i == 0
		for _, v := range levels[i] {
			any = any || v != 0
		}
		infer := false
		if i < last && i > 0 {
			s.e.bin(ctxCodedSubBlock+2*min(comp, 1)+b2i(right || below), b2i(any))
			infer = true
		}
		if !any {
			continue
		}
		coded[at] = true
		from := 15
		if i == last {
			from = lastPos - 1
		}
		for n := from; n >= 0; n-- {
			sig := levels[i][n] != 0
			if n > 0 || !infer {
				s.e.bin(ctxSig+s.sigInc(log2, comp, scan, at, inSub[n], b2i(right)|b2i(below)<<1, lossless), b2i(sig))
			} else if !sig {
				levels[i][0] = s.level(tall) // it is inferred to be there
			}
			infer = infer && !sig
		}
		var list []int
		first, lastSig := -1, 0 // steps of the scan
		for n := 15; n >= 0; n-- {
			if levels[i][n] != 0 {
				if first < 0 {
					first = n
				}
				lastSig = n
				list = append(list, levels[i][n])
			}
		}
		if len(list) > 0 {
			previousGreater = s.codeLevels(list, i, comp, class, previousGreater, hide && first-lastSig > 3)
		}
	}
}

// level is a random level other than 0.
func (s *stream) level(tall float64) int {
	v := 1
	for s.chance(tall) && v < 30 {
		v++
	}
	if s.chance(.02) {
		most := 15
		if s.tame {
			most = 9
		}
		v = s.between(1, 1<<s.between(1, most)-1)
	}
	if s.chance(.5) {
		v = -v
	}
	return v
}

func (s *stream) lastPosition(log2, comp, x, y int) {
	prefix := func(v int) int {
		if v < 4 {
			return v
		}
		n := 0
		for v>>(n+1) != 0 {
			n++
		}
		return 2*n + v>>(n-1)&1
	}
	offset, shift := 3*(log2-2)+(log2-1)>>2, (log2+1)>>2
	if comp > 0 {
		offset, shift = 15, log2-2
	}
	for k, v := range []int{x, y} {
		p := prefix(v)
		for n := 0; n <= p && n < 2*log2-1; n++ {
			s.e.bin([]int{ctxLastX, ctxLastY}[k]+offset+n>>shift, b2i(n < p))
		}
	}
	for _, v := range []int{x, y} {
		if p := prefix(v); p > 3 {
			n := p>>1 - 1
			s.e.bypassBits(n, v&(1<<n-1))
		}
	}
}

// sigInc is 9.3.4.2.5.
func (s *stream) sigInc(log2, comp, scan int, sub, pos [2]int, csbf int, lossless bool) int {
	x, y := pos[0], pos[1]
	var inc int
	switch {
	case s.tskipContext && lossless:
		if comp == 0 {
			return 42
		}
		return 43
	case log2 == 2:
		inc = []int{0, 1, 4, 5, 2, 3, 4, 5, 6, 6, 8, 8, 7, 7, 8}[y<<2+x]
	case sub[0]+sub[1]+x+y == 0:
		inc = 0
	default:
		switch csbf {
		case 0:
			inc = 0
			if x+y == 0 {
				inc = 2
			} else if x+y < 3 {
				inc = 1
			}
		case 1:
			inc = max(0, 2-y)
		case 2:
			inc = max(0, 2-x)
		case 3:
			inc = 2
		}
		if comp == 0 {
			if sub[0]+sub[1] > 0 {
				inc += 3
			}
			switch {
			case log2 != 3:
				inc += 21
			case scan == 0:
				inc += 9
			default:
				inc += 15
			}
		} else if log2 == 3 {
			inc += 9
		} else {
			inc += 12
		}
	}
	if comp > 0 {
		inc += 27
	}
	return inc
}

func (s *stream) codeLevels(list []int, sub, comp, class int, previousGreater, hidden bool) bool {
	set := 0
	if sub > 0 && comp == 0 {
		set = 2
	}
	if previousGreater {
		set++
	}
	abs := func(v int) int { return max(v, -v) }
	ctx := 1
	firstOver, seen := -1, false
	for n := range min(8, len(list)) {
		over := abs(list[n]) > 1
		inc := set*4 + min(3, ctx)
		if comp > 0 {
			inc += 16
		}
		s.e.bin(ctxGreater1+inc, b2i(over))
		if over {
			ctx = 0
			if firstOver < 0 {
				firstOver = n
			}
			seen = true
		} else if ctx > 0 {
			ctx++
		}
	}
	if firstOver >= 0 {
		inc := set
		if comp > 0 {
			inc += 4
		}
		s.e.bin(ctxGreater2+inc, b2i(abs(list[firstOver]) > 2))
	}
	for n, v := range list {
		if n < len(list)-1 || !hidden {
			s.e.bypass(b2i(v < 0))
		}
	}
	rice := 0
	if s.persistentRice {
		rice = s.e.stat[class] / 4
	}
	first := true
	for n, v := range list {
		base := 1
		if n < 8 {
			base = 2
			if n == firstOver {
				base = 3
			}
		}
		if abs(v) < base {
			continue
		}
		rem := abs(v) - base
		s.remaining(rem, rice)
		if s.persistentRice && first {
			stat := &s.e.stat[class]
			if rem >= 3<<(*stat/4) {
				*stat++
			} else if 2*rem < 1<<(*stat/4) && *stat > 0 {
				*stat--
			}
		}
		first = false
		if abs(v) > 3<<rice {
			if rice++; !s.persistentRice {
				rice = min(rice, 4)
			}
		}
	}
	return seen
}

// remaining writes coeff_abs_level_remaining: 9.3.3.11.
func (s *stream) remaining(v, rice int) {
	if v>>rice < 4 {
		for range v >> rice {
			s.e.bypass(1)
		}
		s.e.bypass(0)
		s.e.bypassBits(rice, v&(1<<rice-1))
		return
	}
	for range 4 {
		s.e.bypass(1)
	}
	v -= 4 << rice // Exp-Golomb of order rice+1
	k := rice + 1
	for v >= 1<<k {
		s.e.bypass(1)
		v -= 1 << k
		k++
	}
	s.e.bypass(0)
	s.e.bypassBits(k, v)
}
