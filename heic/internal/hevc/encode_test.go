package hevc

import (
	"bytes"
)

// binEncoder is the arithmetic encoder of 9.3.5, kept as plain as the standard
// has it: it has nothing in common with the decoder under test but the tables.
type binEncoder struct {
	low, rng    uint32
	first       bool
	outstanding int
	out         bitWriter
	state, mps  [usedContexts]uint8
	stat        [4]int
}

func (e *binEncoder) start() {
	e.low, e.rng, e.first, e.outstanding = 0, 510, true, 0
}

func (e *binEncoder) initContexts(qp int) {
	qp = min(max(qp, 0), 51)
	for i, v := range contextInit {
		m, n := int(v>>4)*5-45, int(v&15)<<3-16
		pre := min(max((m*qp)>>4+n, 1), 126)
		e.mps[i] = 0
		e.state[i] = uint8(63 - pre)
		if pre > 63 {
			e.mps[i], e.state[i] = 1, uint8(pre-64)
		}
	}
	e.stat = [4]int{}
}

func (e *binEncoder) putBit(b uint32) {
	if e.first {
		e.first = false
	} else {
		e.out.u(1, b)
	}
	for ; e.outstanding > 0; e.outstanding-- {
		e.out.u(1, 1-b)
	}
}

func (e *binEncoder) renorm() {
	for e.rng < 256 {
		switch {
		case e.low < 256:
			e.putBit(0)
		case e.low >= 512:
			e.low -= 512
			e.putBit(1)
		default:
			e.low -= 256
			e.outstanding++
		}
		e.rng <<= 1
		e.low <<= 1
	}
}

func (e *binEncoder) bin(ctx int, b int) {
	lps := uint32(rangeTabLps[e.state[ctx]][e.rng>>6&3])
	e.rng -= lps
	if uint8(b) != e.mps[ctx] {
		e.low += e.rng
		e.rng = lps
		if e.state[ctx] == 0 {
			e.mps[ctx] = 1 - e.mps[ctx]
		}
		e.state[ctx] = transIdxLps[e.state[ctx]]
	} else if e.state[ctx] < 62 {
		e.state[ctx]++
	}
	e.renorm()
}

func (e *binEncoder) bypass(b int) {
	e.low <<= 1
	if b != 0 {
		e.low += e.rng
	}
	switch {
	case e.low >= 1024:
		e.putBit(1)
		e.low -= 1024
	case e.low < 512:
		e.putBit(0)
	default:
		e.low -= 512
		e.outstanding++
	}
}

func (e *binEncoder) bypassBits(n, v int) {
	for n--; n >= 0; n-- {
		e.bypass(v >> n & 1)
	}
}

// terminate encodes a terminating bin. After a 1 the code is flushed, and the
// writer is aligned behind the bit that follows.
func (e *binEncoder) terminate(b int) {
	e.rng -= 2
	if b == 0 {
		e.renorm()
		return
	}
	e.low += e.rng
	e.rng = 2
	e.renorm()
	e.putBit(e.low >> 9 & 1)
	e.out.u(2, e.low>>7&3|1)
	e.out.align(0)
}

// bitWriter writes bits, most significant first.
type bitWriter struct {
	b    []byte
	free uint // bits of the last byte not yet written
}

func (w *bitWriter) u(n uint, v uint32) {
	for n > 0 {
		if w.free == 0 {
			w.b, w.free = append(w.b, 0), 8
		}
		n--
		w.free--
		w.b[len(w.b)-1] |= byte(v>>n&1) << w.free
	}
}

func (w *bitWriter) flag(b bool) {
	v := uint32(0)
	if b {
		v = 1
	}
	w.u(1, v)
}

func (w *bitWriter) flags(list ...bool) {
	for _, b := range list {
		w.flag(b)
	}
}

func (w *bitWriter) ue(v int) {
	n := uint(0)
	for (v+1)>>(n+1) != 0 {
		n++
	}
	w.u(n, 0)
	w.u(n+1, uint32(v+1))
}

func (w *bitWriter) se(v int) {
	if v > 0 {
		w.ue(2*v - 1)
	} else {
		w.ue(-2 * v)
	}
}

// align fills up the byte with zeros, behind a one bit if stop is 1.
func (w *bitWriter) align(stop uint32) {
	if stop != 0 {
		w.u(1, 1)
	}
	w.free = 0
}

// escape adds emulation prevention bytes.
func escape(b []byte) []byte {
	out := bytes.Buffer{}
	zeros := 0
	for _, c := range b {
		if zeros >= 2 && c <= 3 {
			out.WriteByte(3)
			zeros = 0
		}
		out.WriteByte(c)
		zeros++
		if c != 0 {
			zeros = 0
		}
	}
	if zeros > 0 { // 7.4.1: a NAL unit does not end with a zero byte
		out.WriteByte(3)
	}
	return out.Bytes()
}

func nal(unitType byte, payload []byte) Unit {
	return Unit{Data: append([]byte{unitType << 1, 1}, escape(payload)...)}
}
