package stream

import "math/bits"

// estimate is a row of T.81 table D.3: the probability estimate of the less probable symbol, and
// the rows that follow after that symbol and after the other.
type estimate struct {
	qe       uint16
	lps, mps byte
}

// swap in the state of a bin means that the more probable symbol is 1. In estimate.lps it means
// that the symbols change roles.
const swap = 0x80

// fixedBin is the bin that never learns, T.81 F.1.4.4.1.4: its row, the last one, leads back to
// itself.
const fixedBin = 113

// estimates returns T.81 table D.3 and the row of fixedBin, indexed by the state of a bin: the
// row, and above it swap if the more probable symbol is 1.
func estimates() (all [256]estimate) {
	rows := [...]estimate{
		{0x5a1d, 1 | swap, 1}, {0x2586, 14, 2}, {0x1114, 16, 3}, {0x080b, 18, 4},
		{0x03d8, 20, 5}, {0x01da, 23, 6}, {0x00e5, 25, 7}, {0x006f, 28, 8},
		{0x0036, 30, 9}, {0x001a, 33, 10}, {0x000d, 35, 11}, {0x0006, 9, 12},
		{0x0003, 10, 13}, {0x0001, 12, 13}, {0x5a7f, 15 | swap, 15}, {0x3f25, 36, 16},
		{0x2cf2, 38, 17}, {0x207c, 39, 18}, {0x17b9, 40, 19}, {0x1182, 42, 20},
		{0x0cef, 43, 21}, {0x09a1, 45, 22}, {0x072f, 46, 23}, {0x055c, 48, 24},
		{0x0406, 49, 25}, {0x0303, 51, 26}, {0x0240, 52, 27}, {0x01b1, 54, 28},
		{0x0144, 56, 29}, {0x00f5, 57, 30}, {0x00b7, 59, 31}, {0x008a, 60, 32},
		{0x0068, 62, 33}, {0x004e, 63, 34}, {0x003b, 32, 35}, {0x002c, 33, 9},
		{0x5ae1, 37 | swap, 37}, {0x484c, 64, 38}, {0x3a0d, 65, 39}, {0x2ef1, 67, 40},
		{0x261f, 68, 41}, {0x1f33, 69, 42}, {0x19a8, 70, 43}, {0x1518, 72, 44},
		{0x1177, 73, 45}, {0x0e74, 74, 46}, {0x0bfb, 75, 47}, {0x09f8, 77, 48},
		{0x0861, 78, 49}, {0x0706, 79, 50}, {0x05cd, 48, 51}, {0x04de, 50, 52},
		{0x040f, 50, 53}, {0x0363, 51, 54}, {0x02d4, 52, 55}, {0x025c, 53, 56},
		{0x01f8, 54, 57}, {0x01a4, 55, 58}, {0x0160, 56, 59}, {0x0125, 57, 60},
		{0x00f6, 58, 61}, {0x00cb, 59, 62}, {0x00ab, 61, 63}, {0x008f, 61, 32},
		{0x5b12, 65 | swap, 65}, {0x4d04, 80, 66}, {0x412c, 81, 67}, {0x37d8, 82, 68},
		{0x2fe8, 83, 69}, {0x293c, 84, 70}, {0x2379, 86, 71}, {0x1edf, 87, 72},
		{0x1aa9, 87, 73}, {0x174e, 72, 74}, {0x1424, 72, 75}, {0x119c, 74, 76},
		{0x0f6b, 74, 77}, {0x0d51, 75, 78}, {0x0bb6, 77, 79}, {0x0a40, 77, 48},
		{0x5832, 80 | swap, 81}, {0x4d1c, 88, 82}, {0x438e, 89, 83}, {0x3bdd, 90, 84},
		{0x34ee, 91, 85}, {0x2eae, 92, 86}, {0x299a, 93, 87}, {0x2516, 86, 71},
		{0x5570, 88 | swap, 89}, {0x4ca9, 95, 90}, {0x44d9, 96, 91}, {0x3e22, 97, 92},
		{0x3824, 99, 93}, {0x32b4, 99, 94}, {0x2e17, 93, 86}, {0x56a8, 95 | swap, 96},
		{0x4f46, 101, 97}, {0x47e5, 102, 98}, {0x41cf, 103, 99}, {0x3c3d, 104, 100},
		{0x375e, 99, 93}, {0x5231, 105, 102}, {0x4c0f, 106, 103}, {0x4639, 107, 104},
		{0x415e, 103, 99}, {0x5627, 105 | swap, 106}, {0x50e7, 108, 107}, {0x4b85, 109, 103},
		{0x5597, 110, 109}, {0x504f, 111, 107}, {0x5a10, 110 | swap, 111}, {0x5522, 112, 109},
		{0x59eb, 112 | swap, 111}, {0x5a1d, 113, 113},
	}
	for i, e := range rows {
		all[i] = e
		all[i|swap] = estimate{e.qe, e.lps ^ swap, e.mps ^ swap}
	}
	return all
}

// ArithTable is a conditioning table, T.81 B.2.4.3, with the statistics that it shapes: at most
// 49 bins for DC and 245 for AC, F.1.4.4.
type ArithTable struct {
	Lower, Upper int // DC: L and U
	Kx           int // AC: Kx
	Bins         [256]byte
}

// Arith decodes binary decisions: T.81 annex D.2.
type Arith struct {
	r    *Reader
	v    interval
	at   int   // index in the buffer of the next byte to load
	Work int64 // decisions made so far in the file

	estimates [256]estimate // by state of a bin
	Fixed     byte          // the bin of decisions with even odds
	DC, AC    [4]ArithTable
	Context   [MaxComponents]int // by component of the scan: bin of its next DC difference
	Values    [64]int32          // the coefficients that Band has marked
}

// interval is the state of the decoder. T.81 shifts the interval and the code to keep the
// interval's size at 16 bits. Here neither is shifted, and T.81's Qe is shifted instead, to ct,
// which falls as the interval shrinks. When it would fall below zero, more bytes are loaded.
//
// Callers pass an interval on in registers: a decision waits for the one before it.
type interval struct {
	c  uint64 // the code, from the interval's base on
	a  uint64 // size of the interval, of 16+ct bits; of 17+ct before the first decision
	ct int    // bits that were loaded and that the last decision did not need
}

// Start begins a segment of the scan, and resets all statistics. T.81 figure D.22.
func (r *Arith) Start() {
	s := &r.r.Scan
	r.Fixed = fixedBin
	for i := range s.N {
		r.Context[i] = 0
		clear(r.DC[s.Comps[i].Td].Bins[:])
		clear(r.AC[s.Comps[i].Ta].Bins[:])
	}
	r.at = 0
	r.v = interval{a: 0x10000}
	for range 2 {
		r.v.c = r.v.c<<8 | uint64(r.next())
	}
}

// At returns the index in the buffer of the first byte that no decision has needed.
func (r *Arith) At() int { return r.at - r.v.ct>>3 }

// next returns the next byte of the segment, or zero after its end: T.81 D.2.6 lets an encoder
// leave trailing zeros out.
func (r *Arith) next() byte {
	s := &r.r.Src
	if r.at >= s.End && !s.Final {
		r.r.Fill(s.End)
		r.at = 0
	}
	r.at++
	if r.at > s.End {
		return 0
	}
	return s.Buf[r.at-1]
}

// load makes ct at least zero. Close to the end of the buffer it loads only the bytes that are
// needed, so that none is held when the buffer is filled again, and At is right past the end of
// the segment.
func (r *Arith) load(v interval) interval {
	if s := &r.r.Src; s.End-r.at >= 8 {
		n := (40 - v.ct) >> 3
		shift := uint(8*n) & 63
		v.c = v.c<<shift | s.Word(uint(r.at))>>(-shift&63)
		v.a <<= shift
		v.ct += 8 * n
		r.at += n
		return v
	}
	for v.ct < 0 {
		v.c = v.c<<8 | uint64(r.next())
		v.a <<= 8
		v.ct += 8
	}
	return v
}

// Decide returns the next decision, 0 or 1, with the statistics of bin.
func (r *Arith) Decide(bin *byte) (decision int) {
	r.v, decision = r.decide(r.v, bin)
	return decision
}

// decide returns the next decision, 0 or 1, with the statistics of bin. T.81 figures D.19 to
// D.24. There is no branch on the decision, which is often close to random.
func (r *Arith) decide(v interval, bin *byte) (interval, int) {
	// Not 48-Len64 alone: the first interval has one bit more.
	if v.ct = min(v.ct, bits.Len64(v.a)-16); v.ct < 0 {
		v = r.load(v)
	}
	r.Work++
	state := *bin
	e := r.estimates[state]
	qe := uint64(e.qe) << (uint(v.ct) & 63)
	a := v.a - qe
	rest, upper := bits.Sub64(v.c, a, 0) // upper is 1 for the part of the interval that is a
	_, swapped := bits.Sub64(a, qe, 0)   // 1 if the smaller part is the more probable symbol's
	lps := upper ^ swapped ^ 1
	m := -upper
	v.c = rest + a&m
	v.a = qe ^ (qe^a)&m
	// The statistics change unless the interval is still large.
	same := -(upper & (a >> (uint(v.ct+15) & 63)))
	next := uint64(e.mps) ^ uint64(e.mps^e.lps)&-lps
	*bin = byte(next ^ (next^uint64(state))&same)
	return v, int(uint64(state>>7) ^ lps)
}

// reset clears everything from the file before.
func (r *Arith) reset() {
	r.Work = 0
	for i := range r.DC {
		// T.81 F.1.4.4.1.4 and F.1.4.4.2.1 state the defaults.
		r.DC[i].Lower, r.DC[i].Upper = 0, 1
		r.AC[i].Kx = 5
	}
}

// EndSegment judges the bytes that the segment's last decision did not need: the decoder always
// reads ahead of the last bit that an encoder must write.
func (r *Arith) EndSegment() error {
	d := r.r
	if !d.Src.Final && r.At() >= d.Src.End {
		d.Fill(d.Src.End)
		r.at = 0
	}
	return d.surplus(min(r.At(), d.Src.End), true)
}
