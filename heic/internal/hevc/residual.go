package hevc

import (
	"math/bits"
)

// residual parses residual_coding (7.3.8.11) of a block of 1<<log2 samples a
// side. comp is cIdx, and mode the intra prediction mode of the component, which
// decides the scan.
func (d *decoder) residual(log2, comp, mode uint8) {
	e := &d.engine
	chroma := min(comp, 1)
	skip := d.pps.transformSkip && !d.bypassCU && log2 <= d.pps.log2MaxTskip &&
		e.bin(ctxTransformSkip+chroma) != 0
	lossless := skip || d.bypassCU
	if d.sampling() {
		d.rec.StartResidual(comp, log2, mode, skip)
	}

	// 7.4.9.11: scanIdx.
	scan := scanDiagonal
	if log2 == 2 || log2 == 3 && (comp == 0 || d.sps.ChromaFormat == 3) {
		if mode >= 6 && mode <= 14 {
			scan = scanVertical
		} else if mode >= 22 && mode <= 30 {
			scan = scanHorizontal
		}
	}
	x, y := d.lastPosition(log2, chroma)
	if scan == scanVertical {
		x, y = y, x
	}
	hideSigns := d.pps.signHiding && !d.bypassCU &&
		!(d.sps.implicitRDPCM && skip && (mode == 10 || mode == 26))

	subScan, inSub := &scans[log2-2][scan], &scans[2][scan].pos
	lastSub := int(subScan.index[(y>>2<<3|x>>2)&63])
	lastPos := uint(scans[2][scan].index[(y&3<<3|x&3)&63])

	var kind uint8
	switch {
	case lossless && d.sps.tskipContext:
		kind = sigSkipLuma + chroma
	case chroma != 0:
		kind = [4]uint8{sigChroma4, sigChroma8, sigChroma, sigChroma}[(log2-2)&3]
	case log2 == 3 && scan != scanDiagonal:
		kind = sigLuma8Straight
	default:
		kind = [4]uint8{sigLuma4, sigLuma8, sigLuma, sigLuma}[(log2-2)&3]
	}
	rows, rowsFirst := &sigContexts[kind][scan], &sigContexts[kind][scan]
	if log2 > 2 && kind < sigSkipLuma {
		rowsFirst = &sigContexts[kind+1][scan]
	}

	riceClass := 2 - 2*chroma // sbType
	if lossless {
		riceClass++
	}
	ctxSub := ctxCodedSubBlock + 2*chroma
	var right, below uint64 // by sub-block: is the one to the right, or below, coded
	greater1Seen := uint8(0)
	for i := lastSub; i >= 0; i-- {
		pos := subScan.pos[i&63]
		csbf := right>>(pos&63)&1 | below>>(pos&63)&1<<1 // prevCsbf
		if i != lastSub && i != 0 && e.bin(ctxSub+uint8(csbf|csbf>>1)&1) == 0 {
			continue
		}
		bit := uint64(1) << (pos & 63)
		right |= bit &^ firstColumn >> 1
		below |= bit >> 8

		row := &rows[csbf&3]
		if i == 0 {
			row = &rowsFirst[csbf&3]
		}
		n := uint(16)
		sig := uint64(0) // by step of the scan
		if i == lastSub {
			n = lastPos
			sig = 1
		}
		if n > 0 {
			sig = e.sigFlags(row, n, sig)
			if sig == 0 && i > 0 { // inferSbDcSigCoeffFlag
				sig = 1
			} else {
				sig = sig<<1 | e.bin(row[0])
			}
		}
		if sig == 0 {
			continue
		}
		set := greater1Seen
		if i > 0 && comp == 0 {
			set += 2
		}
		greater1Seen = d.levels(sig, set, chroma, riceClass, hideSigns, pos, inSub)
	}
}

// firstColumn has the bits of the sub-blocks that have none to their left.
const firstColumn = 0x0101010101010101

// sigFlags parses sig_coeff_flag for the steps n-1 to 1 of a sub-block's scan,
// and puts them behind sig.
func (e *engine) sigFlags(row *[16]uint8, n uint, sig uint64) uint64 {
	flip := uint64(1)<<(n-1) - 1
	n--
	value, rng, avail := e.value, e.rng, e.avail
	for {
		n, sig, value, rng, avail = sigBins(&e.ctx, row, n, sig, value, rng, avail)
		if avail >= 0 {
			break
		}
		value, avail = e.refill(value, avail)
	}
	e.value, e.rng, e.avail = value, rng, avail
	return sig ^ flip
}

// sigBins is [engine.bin] for the context variables that row names from n down to
// 1, until avail falls below 0. Inverted bins are put behind sig. This loop is a
// third of all the work; it calls nothing, so that all of it stays in registers.
func sigBins(ctx *[numContexts]state, row *[16]uint8, n uint, sig, value, rng uint64, avail int) (uint, uint64, uint64, uint64, int) {
	for n > 0 && avail >= 0 {
		i := row[n&15]
		s := ctx[i]
		lane := uint64(s) >> (rng >> 3 & 24)
		lps := lane & 255
		rng -= lps
		scaled := rng << rangeShift
		likely, unlikely := states[uint8(s>>afterMPS)], states[uint8(s>>afterLPS)]
		diff, mps := bits.Sub64(value, scaled, 0)
		m := -mps
		shift := uint64(lpsShifts[uint8(lane)])
		shift ^= (shift ^ rng>>8 ^ 1) & m
		ctx[i] = unlikely ^ (unlikely^likely)&state(m)
		value = (diff + scaled&m) << (shift & 63)
		rng = (lps ^ (lps^rng)&m) << (shift & 63)
		sig = sig<<1 | (uint64(s>>afterMPS)^m)&1
		avail -= int(shift)
		n--
	}
	return n, sig, value, rng, avail
}

// levels parses the levels and signs of the coefficients of a sub-block that sig
// marks. It returns 1 if one of the coeff_abs_level_greater1_flag was 1, which
// selects the contexts of the next sub-block (9.3.4.2.6).
func (d *decoder) levels(sig uint64, set, chroma, riceClass uint8, hideSigns bool, sub uint8, inSub *[64]uint8) uint8 {
	e := &d.engine
	count := uint(bits.OnesCount64(sig))
	ctx := ctxGreater1 + chroma*16 + set*4
	// Coefficients in coding order, the first in the highest bit of 16.
	flags := min(count, 8)
	greater1 := e.greater1Flags(ctx, flags) << (16 - flags)
	escapes := greater1
	baseOver := uint(bits.LeadingZeros16(uint16(greater1))) // the one that has a greater2 flag
	if greater1 != 0 && e.bin(ctxGreater2+chroma*4+set) == 0 {
		escapes &^= 1 << (15 - baseOver)
	}
	if count > 8 {
		escapes |= (1<<(count-8) - 1) << (16 - count)
	}

	signs := count
	if hideSigns && bits.Len64(sig)-1-bits.TrailingZeros64(sig) > 3 {
		signs--
	}
	var signBits uint64
	if escapes == 0 {
		signBits = e.bypass(signs)
	} else {
		signBits = d.remaining(signs, escapes, baseOver, riceClass)
	}
	if d.sampling() {
		hidden := signs != count
		d.putLevels(sub, inSub, sig, count, greater1, escapes, signBits<<(count-signs), hidden)
	}
	if greater1 != 0 {
		return 1
	}
	return 0
}

// greater1Flags parses n coeff_abs_level_greater1_flag, with the four context
// variables from ctx on. The last flag is in the lowest bit.
func (e *engine) greater1Flags(ctx uint8, n uint) uint64 {
	flip := uint64(1)<<(n&15) - 1
	value, rng, avail := e.value, e.rng, e.avail
	// greater1Ctx starts as 1.
	flags, greater1Ctx := uint64(0), uint64(1)
	for {
		n, flags, greater1Ctx, value, rng, avail = greater1Bins(&e.ctx, ctx, n, flags, greater1Ctx, value, rng, avail)
		if avail >= 0 {
			break
		}
		value, avail = e.refill(value, avail)
	}
	e.value, e.rng, e.avail = value, rng, avail
	return flags ^ flip
}

// greater1Bins is like [sigBins], for the context variable base plus greater1Ctx,
// which 9.3.4.2.6 makes 0 after a flag of 1, and else counts up from 1 to 3.
func greater1Bins(ctx *[numContexts]state, base uint8, n uint, flags, greater1Ctx, value, rng uint64, avail int) (uint, uint64, uint64, uint64, uint64, int) {
	const countUp = 0<<0 | 2<<2 | 3<<4 | 3<<6 // 0, 2, 3, 3
	for n > 0 && avail >= 0 {
		i := base + uint8(greater1Ctx)
		s := ctx[i]
		lane := uint64(s) >> (rng >> 3 & 24)
		lps := lane & 255
		rng -= lps
		scaled := rng << rangeShift
		likely, unlikely := states[uint8(s>>afterMPS)], states[uint8(s>>afterLPS)]
		diff, mps := bits.Sub64(value, scaled, 0)
		m := -mps
		shift := uint64(lpsShifts[uint8(lane)])
		shift ^= (shift ^ rng>>8 ^ 1) & m
		ctx[i] = unlikely ^ (unlikely^likely)&state(m)
		value = (diff + scaled&m) << (shift & 63)
		rng = (lps ^ (lps^rng)&m) << (shift & 63)
		not := (uint64(s>>afterMPS) ^ m) & 1
		flags = flags<<1 | not
		greater1Ctx = countUp >> (2 * greater1Ctx & 63) & 3 & -not
		avail -= int(shift)
		n--
	}
	return n, flags, greater1Ctx, value, rng, avail
}

// remaining parses the signs of a sub-block, which it returns, and
// coeff_abs_level_remaining (9.3.3.11) of the coefficients that escapes marks, into
// d.level.
// All these bins have equal probability: as many as are loaded are divided out
// at once, and then read like plain bits.
func (d *decoder) remaining(signs uint, escapes uint64, baseOver uint, riceClass uint8) (signBits uint64) {
	e := &d.engine
	persistent := d.sps.persistentRice
	rice := uint(0)
	if persistent {
		rice = uint(e.stat[riceClass&3] / 4)
	}
	bins, loaded := e.peekBypass()
	used := signs
	signBits = bins >> 1 >> ((63 - signs) & 63)
	if signs > loaded {
		signBits = e.bypass(signs)
		bins, loaded = e.peekBypass()
		used = 0
	}
	for first := true; escapes != 0; first = false {
		at := uint(bits.LeadingZeros16(uint16(escapes)))
		escapes &^= 0x8000 >> at
		// What the flags have said of the level: 1 behind the eighth flag, 3
		// where a greater2 flag was coded, else 2.
		level := uint64(2)
		if at == baseOver {
			level = 3
		} else if at >= 8 {
			level = 1
		}

		if used > loaded/2 {
			e.takeBypass(bins, used)
			bins, loaded = e.peekBypass()
			used = 0
		}
		prefix := uint(bits.LeadingZeros64(^(bins << (used & 63))))
		width := rice
		if prefix > 3 {
			width += prefix - 3
		}
		var rem uint64
		if end := used + prefix + 1 + width; end <= loaded {
			rem = bins << ((used + prefix + 1) & 63) >> 1 >> ((63 - width) & 63)
			rem += levelBase(prefix, rice)
			used = end
		} else { // a long code, or the data ends
			e.takeBypass(bins, used)
			rem = d.remainingLevel(rice)
			bins, loaded = e.peekBypass()
			used = 0
		}
		level += rem
		if level > maxLevel {
			d.fail("transform coefficient out of range")
			level, rem = maxLevel, maxLevel
		}
		d.level[at&15] = int32(level)
		if persistent && first {
			adaptRice(&e.stat[riceClass&3], rem)
		}
		if level > 3<<rice && (persistent || rice < 4) {
			rice++
		}
	}
	e.takeBypass(bins, used)
	return signBits
}

// maxLevel is -CoeffMinY and -CoeffMinC (7-27) without extended precision.
const maxLevel = 1 << 15

// levelBase is the least coeff_abs_level_remaining of a code with prefix ones.
func levelBase(prefix, rice uint) uint64 {
	if prefix <= 3 {
		return uint64(prefix) << rice
	}
	return (1<<(prefix-3) + 2) << rice
}

// remainingLevel parses one coeff_abs_level_remaining bin by bin.
func (d *decoder) remainingLevel(rice uint) uint64 {
	// A prefix over 18 is of a level over maxLevel.
	const maxPrefix = 19
	e := &d.engine
	prefix := uint(0)
	for prefix < maxPrefix && e.bypass(1) != 0 {
		prefix++
	}
	width := rice
	if prefix > 3 {
		width += prefix - 3
	}
	return levelBase(prefix, rice) + e.bypass(width)
}

// adaptRice updates StatCoeff (9.3.4.2.7) from the first coeff_abs_level_remaining
// of a sub-block.
func adaptRice(stat *uint8, rem uint64) {
	switch {
	case rem >= 3<<(*stat/4):
		*stat++
	case 2*rem < 1<<(*stat/4) && *stat > 0:
		*stat--
	}
}

// lastPosition parses the position of the last significant coefficient.
func (d *decoder) lastPosition(log2, chroma uint8) (x, y uint8) {
	// 9.3.4.2.3
	offset, shift := 3*(log2-2)+(log2-1)>>2, (log2+1)>>2
	if chroma != 0 {
		offset, shift = 15, log2-2
	}
	x = d.lastPrefix(ctxLastX+offset, shift, log2)
	y = d.lastPrefix(ctxLastY+offset, shift, log2)
	if x > 3 {
		x = d.lastSuffix(x)
	}
	if y > 3 {
		y = d.lastSuffix(y)
	}
	return x, y
}

func (d *decoder) lastPrefix(ctx, shift, log2 uint8) uint8 {
	n := uint8(0)
	for n < log2<<1-1 && d.engine.bin(ctx+n>>shift) != 0 {
		n++
	}
	return n
}

// lastSuffix completes a position whose prefix is over 3: equation 7-78.
func (d *decoder) lastSuffix(prefix uint8) uint8 {
	width := uint(prefix>>1 - 1)
	return (2+prefix&1)<<width + uint8(d.engine.bypass(width))
}
