package hevc

import (
	"encoding/binary"
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
)

// engine is the arithmetic decoder (9.3.4.3), fed from a NAL unit whose emulation
// prevention bytes it drops on the way.
//
// The standard keeps ivlOffset in 9 bits and reads a bit whenever it shifts.
// Here ivlOffset stands in the top 9 bits of value, with up to 55 bits of what
// follows below it, so that a shift reads nothing, and ivlCurrRange is compared
// with it after a shift by rangeShift.
//
// Bits past the end of the data read as zero, and count: avail falls below zero,
// and overrun is set when more would be asked for.
type engine struct {
	value   uint64
	rng     uint64 // ivlCurrRange, 256..510
	avail   int    // bits of value, below the top 9, that are loaded
	pos     int    // next byte of nal to load
	nal     []byte
	overrun bool

	ctx  [numContexts]state
	stat [4]uint8 // StatCoeff
}

const (
	offsetBits = 9
	rangeShift = 64 - offsetBits
)

// start makes nal[pos:] the data and initialises the decoding engine (9.3.2.5).
func (e *engine) start(nal []byte, pos, base int) error {
	e.nal, e.pos, e.overrun = nal, pos, false
	e.value, e.rng, e.avail = 0, 510, -offsetBits
	e.value, e.avail = e.refillSlow(e.value, e.avail)
	if e.overrun {
		return verify.Faultf(verify.Truncated, base+len(nal), "slice data ends before its first bit")
	}
	if e.value>>rangeShift >= 510 { // 9.3.2.5: "shall not be equal to 510 or 511"
		return verify.Faultf(verify.Malformed, base+pos, "arithmetic code starts with %d", e.value>>rangeShift)
	}
	return nil
}

// stop makes e read zeros for ever, so that a coding tree unit comes to its end.
func (e *engine) stop() {
	e.value, e.rng, e.avail, e.overrun = 0, 256, endless, true
}

// endless is more bits than any coding tree unit has.
const endless = 1 << 30

// refill loads as many whole bytes into value as there is room for. It takes and
// returns value and avail so that callers can hold them in registers.
func (e *engine) refill(value uint64, avail int) (uint64, int) {
	if p := e.pos; len(e.nal)-p >= 8 {
		w := binary.BigEndian.Uint64(e.nal[p:])
		// None of the eight bytes is 3, hence none is emulation prevention.
		const ones, high = 0x0101010101010101, 0x8080808080808080
		if x := w ^ 3*ones; (x-ones)&^x&high == 0 {
			k := uint(rangeShift-avail) >> 3
			// Bits of the byte behind the last whole one get in as well. They
			// are the right ones, and are only written again later.
			value |= w >> (uint(avail+offsetBits) & 63)
			e.pos = p + int(k)
			return value, avail + int(k)<<3
		}
	}
	return e.refillSlow(value, avail)
}

func (e *engine) refillSlow(value uint64, avail int) (uint64, int) {
	for avail <= rangeShift-8 {
		if e.pos < len(e.nal) && isEmulationPrevention(e.nal, e.pos) {
			e.pos++
		}
		if e.pos >= len(e.nal) {
			if avail < 0 {
				// No later read will come here again; whoever is reading ends at
				// the next check of overrun, at the end of the coding tree unit.
				e.overrun = true
				return value, endless
			}
			return value, avail
		}
		value |= uint64(e.nal[e.pos]) << uint(rangeShift-8-avail)
		e.pos++
		avail += 8
	}
	return value, avail
}

// bin decodes one bin with context variable i (9.3.4.3.2), without a branch that
// depends on it: most bins are too even for a branch to be predicted.
func (e *engine) bin(i uint8) uint64 {
	s := e.ctx[i]
	lane := uint64(s) >> (e.rng >> 3 & 24)
	lps, lpsShift := lane&255, uint64(lpsShifts[uint8(lane)])
	rng := e.rng - lps
	scaled := rng << rangeShift
	likely, unlikely := states[uint8(s>>afterMPS)], states[uint8(s>>afterLPS)]
	value, mps := bits.Sub64(e.value, scaled, 0)
	m := -mps // all ones for the more probable symbol
	shift := lpsShift ^ (lpsShift^rng>>8^1)&m
	e.ctx[i] = unlikely ^ (unlikely^likely)&state(m)
	e.value = (value + scaled&m) << (shift & 63)
	e.rng = (lps ^ (lps^rng)&m) << (shift & 63)
	if e.avail -= int(shift); e.avail < 0 {
		e.value, e.avail = e.refill(e.value, e.avail)
	}
	return (uint64(s>>afterMPS)^m)&1 ^ 1
}

// bypass decodes n bins of equal probability (9.3.4.3.4), at most 32, first bin
// first.
func (e *engine) bypass(n uint) uint64 {
	if e.avail < int(n) {
		e.value, e.avail = e.refill(e.value, e.avail)
	}
	q := bypassBins(e.value, e.rng, n)
	e.value = (e.value - q*e.rng<<((rangeShift-n)&63)) << (n & 63)
	e.avail -= int(n)
	if e.avail < 0 {
		e.value, e.avail = e.refill(e.value, e.avail)
	}
	return q
}

// bypassBins returns the next n bins of equal probability, at most
// maxBypassBins: n steps of shift, compare and subtract are a long division by
// the range, done here by a multiplication with its reciprocal. Reading n bins
// leaves value as (value - bins*rng<<(rangeShift-n)) << n.
func bypassBins(value, rng uint64, n uint) uint64 {
	// The dividend has fewer than 62 bits, and the reciprocal is over 2^71/rng
	// by at most 1, so that the quotient is exact.
	hi, _ := bits.Mul64(value>>((rangeShift-n)&63), reciprocals[uint8(rng)])
	return hi >> (reciprocalShift - 64)
}

// peekBypass returns the loaded bins of equal probability, the first one in the
// highest bit, and their number, without taking them.
func (e *engine) peekBypass() (bins uint64, n uint) {
	if e.avail < peekEnough {
		e.value, e.avail = e.refill(e.value, e.avail)
	}
	n = uint(min(max(e.avail, 0), maxBypassBins))
	return bypassBins(e.value, e.rng, n) << ((64 - n) & 63), n
}

// takeBypass takes the first n of the bins that peekBypass has returned.
func (e *engine) takeBypass(bins uint64, n uint) {
	taken := bins >> 1 >> ((63 - n) & 63)
	e.value = (e.value - taken*e.rng<<((rangeShift-n)&63)) << (n & 63)
	e.avail -= int(n)
}

// peekEnough is how many bins peekBypass returns at least, unless the data ends.
const peekEnough = 32

const (
	maxBypassBins   = 53
	reciprocalShift = 71
)

// terminate decodes a bin before termination (9.3.4.3.5).
func (e *engine) terminate() bool {
	e.rng -= 2
	if e.value >= e.rng<<rangeShift {
		return true
	}
	if e.rng < 256 {
		e.rng <<= 1
		e.value <<= 1
		if e.avail--; e.avail < 0 {
			e.value, e.avail = e.refill(e.value, e.avail)
		}
	}
	return false
}

// finish ends the arithmetic code behind a terminating bin of 1, and returns the
// offset in nal of the byte behind it. The last bit that the engine has taken is
// then the stop bit of rbsp_slice_segment_trailing_bits or of byte_alignment
// (9.3.2.5), or stands before pcm_alignment_zero_bits, and zeros follow it up to
// the end of the byte.
func (e *engine) finish(base int) (end int, err error) {
	if e.overrun || e.avail < 0 {
		return 0, e.truncated(base)
	}
	end = e.pos
	for range e.avail >> 3 { // bytes loaded ahead
		if isEmulationPrevention(e.nal, end-1) {
			end--
		}
		end--
	}
	if isEmulationPrevention(e.nal, end-1) {
		end--
	}
	left := uint(e.avail) & 7
	if last := e.nal[end-1]; last&(2<<left-1) != 1<<left {
		return 0, verify.Faultf(verify.Malformed, base+end-1, "bad alignment bits behind arithmetic code")
	}
	return end, nil
}

func (e *engine) truncated(base int) error {
	return verify.Faultf(verify.Truncated, base+len(e.nal), "slice data ends inside a coding tree unit")
}

// savedContexts is what a wavefront, and a dependent slice segment, starts from
// (9.3.2.4).
type savedContexts struct {
	ctx  [numContexts]state
	stat [4]uint8
}

func (e *engine) save(to *savedContexts)   { to.ctx, to.stat = e.ctx, e.stat }
func (e *engine) load(from *savedContexts) { e.ctx, e.stat = from.ctx, from.stat }

// initContexts sets all context variables for an I slice of the given SliceQpY
// (9.3.2.2).
func (e *engine) initContexts(qp int32) {
	qp = min(max(qp, 0), 51)
	for i, v := range contextInit {
		slope, offset := int32(v>>4), int32(v&15)
		pre := (slope*5-45)*qp>>4 + offset<<3 - 16
		pre = min(max(pre, 1), 126)
		if pre <= 63 {
			e.ctx[i] = states[uint8(63-pre)<<1]
		} else {
			e.ctx[i] = states[uint8(pre-64)<<1|1]
		}
	}
	e.stat = [4]uint8{}
}
