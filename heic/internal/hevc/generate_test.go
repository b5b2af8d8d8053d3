package hevc

import (
	"math/bits"
	"math/rand/v2"
)

// stream is a random intra picture of random parameters, written from the
// standard's syntax tables without regard to what it shows. It exercises what
// the encoders at hand never write: PCM, tiles, dependent slices,
// cross-component prediction, chroma QP offsets and the
// other tools of the range extensions.
type stream struct {
	r *rand.Rand

	width, height                  int
	log2MinCb, log2Ctb             int
	log2MinTb, log2MaxTb           int
	maxDepth                       int
	chroma, depthLuma, depthChroma int
	sao, pcm                       bool
	pcmLuma, pcmChroma             int
	log2MinPcm, log2MaxPcm         int
	rangeExt                       bool
	tskipContext, implicitRDPCM    bool
	persistentRice                 bool

	dependentSlices, signHiding, tskip bool
	log2MaxTskip                       int
	qpDelta, bypass, wavefront         bool
	qpDeltaDepth                       int
	cross                              bool
	chromaQPList, chromaQPDepth        int // list length, 0 for none
	colBounds, rowBounds               []int
	uniform                            bool
	sliceEnds                          float64 // chance that a slice segment ends at a CTB

	filters filterChoice
	lists   [2]bool // scaling lists in the SPS, in the PPS
	tame    bool    // nothing that other decoders are known to decode otherwise than the standard has it

	// Maps of the picture.
	cols, rows int
	sliceOf    []int // SliceAddrRs by CTB, -1 if not coded yet
	tileOf     []int
	depthAt    []int // by 8x8 block
	modeAt     []int // by 4x4 block

	e                       binEncoder
	saoLuma, saoChroma      bool
	cuChromaQPOffset        bool
	qp, sliceAddr, ctb      int
	qpCoded, chromaQPCoded  bool
	cuBypass, split         bool
	lumaModes, chromaModes  [4]int
	chromaDerived           [4]bool
	cuX, cuY                int
	units, sets             []Unit
	wavefrontSave, lastSave binEncoder
}

func (s *stream) chance(p float64) bool { return s.r.Float64() < p }
func (s *stream) between(lo, hi int) int {
	return lo + s.r.IntN(hi-lo+1)
}

// newStream picks parameters.
func newStream(seed uint64) *stream {
	s := &stream{r: rand.New(rand.NewPCG(seed, 1))}
	s.log2MinCb = s.between(3, 5)
	s.log2Ctb = s.between(max(4, s.log2MinCb), 6)
	s.log2MinTb = s.between(2, min(s.log2MinCb-1, 4))
	s.log2MaxTb = s.between(s.log2MinTb, min(s.log2Ctb, 5))
	s.maxDepth = s.between(0, s.log2Ctb-s.log2MinTb)
	minCb := 1 << s.log2MinCb
	s.width = minCb * s.between(1, 240>>s.log2MinCb)
	s.height = minCb * s.between(1, 200>>s.log2MinCb)
	s.chroma = s.between(0, 3)
	depths := []int{8, 8, 10, 12}
	s.depthLuma, s.depthChroma = depths[s.r.IntN(4)], depths[s.r.IntN(4)]
	s.sao = s.chance(.5)
	if s.pcm = s.chance(.4); s.pcm {
		s.pcmLuma, s.pcmChroma = s.between(1, s.depthLuma), s.between(1, s.depthChroma)
		s.log2MinPcm = s.between(min(s.log2MinCb, 5), min(s.log2Ctb, 5))
		s.log2MaxPcm = s.between(s.log2MinPcm, min(s.log2Ctb, 5))
	}
	s.signHiding, s.tskip = s.chance(.5), s.chance(.5)
	s.log2MaxTskip = 2
	if s.rangeExt = s.chance(.4); s.rangeExt {
		s.tskipContext, s.implicitRDPCM, s.persistentRice = s.chance(.5), s.chance(.5), s.chance(.5)
		if s.tskip {
			s.log2MaxTskip = s.between(2, s.log2MaxTb)
		}
		s.cross = s.chroma == 3 && s.chance(.6)
		if s.chroma != 0 && s.chance(.5) {
			s.chromaQPList = s.between(1, 6)
			s.chromaQPDepth = s.between(0, s.log2Ctb-s.log2MinCb)
		}
	}
	s.dependentSlices, s.wavefront = s.chance(.5), s.chance(.3)
	s.bypass = s.chance(.3)
	if s.qpDelta = s.chance(.5); s.qpDelta {
		s.qpDeltaDepth = s.between(0, s.log2Ctb-s.log2MinCb)
	}
	s.sliceEnds = []float64{0, .02, .1, .4}[s.r.IntN(4)]
	s.pickTiles()
	s.pickFilters()
	return s
}

func (s *stream) pickTiles() {
	ctb := 1 << s.log2Ctb
	s.cols, s.rows = (s.width+ctb-1)/ctb, (s.height+ctb-1)/ctb
	nc, nr := 1, 1
	if !s.wavefront && s.chance(.4) {
		nc, nr = s.between(1, min(4, s.cols)), s.between(1, min(4, s.rows))
	}
	s.uniform = s.chance(.5)
	bounds := func(n, size int) []int {
		b := []int{0}
		for i := 1; i <= n; i++ {
			if s.uniform || i == n {
				b = append(b, i*size/n)
			} else {
				b = append(b, s.between(b[i-1]+1, size-(n-i)))
			}
		}
		return b
	}
	s.colBounds, s.rowBounds = bounds(nc, s.cols), bounds(nr, s.rows)
}

func (s *stream) tiles() bool { return len(s.colBounds)*len(s.rowBounds) > 4 }

func profile(w *bitWriter) {
	w.u(8, 4) // general_profile_idc: range extensions
	w.u(32, 1<<27)
	w.u(32, 0)
	w.u(16, 0)
	w.u(8, 186)
}

func (s *stream) writeSets() {
	var v bitWriter
	v.u(4, 0)
	v.u(2, 3)
	v.u(6, 0)
	v.u(3, 0)
	v.u(1, 1)
	v.u(16, 0xFFFF)
	profile(&v)
	v.flag(true)
	v.ue(0)
	v.ue(0)
	v.ue(0)
	v.u(6, 0)
	v.ue(0)
	v.flags(false, false)
	v.align(1)

	var w bitWriter
	w.u(4, 0)
	w.u(3, 0)
	w.u(1, 1)
	profile(&w)
	w.ue(0)
	w.ue(s.chroma)
	if s.chroma == 3 {
		w.flag(false)
	}
	w.ue(s.width)
	w.ue(s.height)
	w.flag(false)
	w.ue(s.depthLuma - 8)
	w.ue(s.depthChroma - 8)
	w.ue(4)
	w.flag(true)
	w.ue(0)
	w.ue(0)
	w.ue(0)
	w.ue(s.log2MinCb - 3)
	w.ue(s.log2Ctb - s.log2MinCb)
	w.ue(s.log2MinTb - 2)
	w.ue(s.log2MaxTb - s.log2MinTb)
	w.ue(s.maxDepth)
	w.ue(s.maxDepth)
	w.flag(s.filters.scaling)
	if s.filters.scaling {
		w.flag(s.lists[0])
		if s.lists[0] {
			s.writeLists(&w)
		}
	}
	w.flags(false, s.sao, s.pcm)
	if s.pcm {
		w.u(4, uint32(s.pcmLuma-1))
		w.u(4, uint32(s.pcmChroma-1))
		w.ue(s.log2MinPcm - 3)
		w.ue(s.log2MaxPcm - s.log2MinPcm)
		w.flag(s.filters.pcmUnfiltered)
	}
	w.ue(0)
	w.flags(false, false, s.filters.strongSmoothing, false, s.rangeExt)
	if s.rangeExt {
		w.u(8, 0x80)
		w.flags(s.filters.rotation, s.tskipContext, s.implicitRDPCM, false, false, s.filters.noSmoothing, false, s.persistentRice, false)
	}
	w.align(1)

	var p bitWriter
	p.ue(0)
	p.ue(0)
	p.flags(s.dependentSlices, false)
	p.u(3, 0)
	p.flags(s.signHiding, false)
	p.ue(0)
	p.ue(0)
	p.se(0)
	p.flags(false, s.tskip, s.qpDelta)
	if s.qpDelta {
		p.ue(s.qpDeltaDepth)
	}
	p.se(s.filters.chromaQP[0])
	p.se(s.filters.chromaQP[1])
	p.flags(s.filters.sliceChromaQP, false, false, s.bypass, s.tiles(), s.wavefront)
	if s.tiles() {
		p.ue(len(s.colBounds) - 2)
		p.ue(len(s.rowBounds) - 2)
		p.flag(s.uniform)
		if !s.uniform {
			for _, b := range [][]int{s.colBounds, s.rowBounds} {
				for i := 1; i < len(b)-1; i++ {
					p.ue(b[i] - b[i-1] - 1)
				}
			}
		}
		p.flag(s.filters.acrossTiles)
	}
	p.flag(s.filters.acrossSlices)
	s.filters.writePPS(&p)
	p.flag(s.lists[1])
	if s.lists[1] {
		s.writeLists(&p)
	}
	p.flag(false)
	p.ue(0)
	p.flags(false, s.rangeExt)
	if s.rangeExt {
		p.u(8, 0x80)
		if s.tskip {
			p.ue(s.log2MaxTskip - 2)
		}
		p.flags(s.cross, s.chromaQPList > 0)
		if s.chromaQPList > 0 {
			p.ue(s.chromaQPDepth)
			p.ue(s.chromaQPList - 1)
			for range s.chromaQPList {
				p.se(s.between(-12, 12))
				p.se(s.between(-12, 12))
			}
		}
		p.ue(s.between(0, max(0, s.depthLuma-10)))
		p.ue(s.between(0, max(0, s.depthChroma-10)))
	}
	p.align(1)
	s.sets = []Unit{nal(nalVPS, v.b), nal(nalSPS, w.b), nal(nalPPS, p.b)}
}

// available is 6.4.1 for whole CTBs.
func (s *stream) available(x, y int) bool {
	if x < 0 || y < 0 || x >= s.cols || y >= s.rows {
		return false
	}
	n := y*s.cols + x
	return s.sliceOf[n] == s.sliceAddr && s.tileOf[n] == s.tileOf[s.ctb]
}

// write makes the whole picture.
func (s *stream) write() {
	s.writeSets()
	s.sliceOf = make([]int, s.cols*s.rows)
	s.tileOf = make([]int, s.cols*s.rows)
	s.depthAt = make([]int, (s.cols+1)*(s.rows+1)*64)
	s.modeAt = make([]int, (s.cols+1)*(s.rows+1)*256)
	var order []int
	for ty := range len(s.rowBounds) - 1 {
		for tx := range len(s.colBounds) - 1 {
			for y := s.rowBounds[ty]; y < s.rowBounds[ty+1]; y++ {
				for x := s.colBounds[tx]; x < s.colBounds[tx+1]; x++ {
					s.tileOf[y*s.cols+x] = ty*len(s.colBounds) + tx
					s.sliceOf[y*s.cols+x] = -1
					order = append(order, y*s.cols+x)
				}
			}
		}
	}
	newTile := func(i int) bool { return i == 0 || s.tileOf[order[i]] != s.tileOf[order[i-1]] }
	newRow := func(i int) bool { return newTile(i) || order[i]/s.cols != order[i-1]/s.cols }
	sliceStart := 0 // index in order
	for from := 0; from < len(order); {
		// Where the segment ends: 7.4.7.1 on slices, tiles and rows.
		to := from + 1
		for ; to < len(order); to++ {
			if newTile(to) && !newTile(from) || s.wavefront && newRow(to) && !newRow(from) {
				break
			}
			midTile := false // does a segment that spans tiles end inside one
			for i := to; !newTile(i); i-- {
				midTile = i-1 == from || midTile
			}
			if s.chance(s.sliceEnds) && (newTile(to) || midTile || newTile(from) && !s.spans(order, from, to)) {
				break
			}
		}
		// A slice that starts inside a tile, or a row, ends there.
		dependent := from > 0 && s.dependentSlices && s.chance(.6)
		if newTile(from) && !newTile(sliceStart) || s.wavefront && newRow(from) && !newRow(sliceStart) {
			dependent = false
		}
		if s.spans(order, sliceStart, from) && !newTile(from) {
			if !s.dependentSlices {
				panic("a slice of several tiles ends inside one")
			}
			dependent = true
		}
		if !dependent {
			sliceStart = from
			s.sliceAddr = order[from]
		}
		s.segment(order, from, to, dependent, newTile, newRow)
		from = to
	}
}

// spans tells whether order[from:to] lies in more than one tile.
func (s *stream) spans(order []int, from, to int) bool {
	return to > from && s.tileOf[order[from]] != s.tileOf[order[to-1]]
}

func (s *stream) segment(order []int, from, to int, dependent bool, newTile, newRow func(int) bool) {
	if !dependent {
		s.saoLuma, s.saoChroma = s.sao && s.chance(.7), s.sao && s.chroma != 0 && s.chance(.7)
		s.qp = s.between(0, 51)
		s.cuChromaQPOffset = s.chromaQPList > 0 && s.chance(.8)
	}
	s.e.out = bitWriter{}
	var ends []int
	for i := from; i < to; i++ {
		s.ctb = order[i]
		x, y := s.ctb%s.cols, s.ctb/s.cols
		s.sliceOf[s.ctb] = s.sliceAddr
		fresh := i == from || newTile(i) || s.wavefront && newRow(i)
		if fresh {
			s.e.start()
			switch {
			case newTile(i):
				s.e.initContexts(s.qp)
			case s.wavefront && newRow(i):
				if s.available(x+1, y-1) {
					s.e.state, s.e.mps, s.e.stat = s.wavefrontSave.state, s.wavefrontSave.mps, s.wavefrontSave.stat
				} else {
					s.e.initContexts(s.qp)
				}
			case dependent:
				s.e.state, s.e.mps, s.e.stat = s.lastSave.state, s.lastSave.mps, s.lastSave.stat
			default:
				s.e.initContexts(s.qp)
			}
		}
		s.codeCTU(x, y)
		if s.wavefront && (newRow(i) && (x+1 == s.cols || s.tileOf[s.ctb+1] != s.tileOf[s.ctb]) || !newRow(i) && newRow(i-1)) {
			s.wavefrontSave = s.e
		}
		last := i+1 == to
		s.e.terminate(b2i(last))
		if !last && (newTile(i+1) || s.wavefront && newRow(i+1)) {
			s.e.terminate(1)
			ends = append(ends, len(s.e.out.b))
		}
	}
	s.lastSave = s.e
	s.emit(order[from], dependent, ends)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// emit writes the slice segment header and the NAL unit.
func (s *stream) emit(addr int, dependent bool, ends []int) {
	data := s.e.out.b
	var w bitWriter
	w.flags(addr == 0, false)
	w.ue(0)
	if addr != 0 {
		if s.dependentSlices {
			w.flag(dependent)
		}
		w.u(ceilLog2(uint32(s.cols*s.rows)), uint32(addr))
	}
	if !dependent {
		w.ue(2)
		if s.sao {
			w.flag(s.saoLuma)
			if s.chroma != 0 {
				w.flag(s.saoChroma)
			}
		}
		w.se(s.qp - 26)
		if s.filters.sliceChromaQP {
			w.se(s.between(-6, 6))
			w.se(s.between(-6, 6))
		}
		if s.chromaQPList > 0 {
			w.flag(s.cuChromaQPOffset)
		}
		deblock := s.filters.writeSlice(s, &w)
		if s.filters.acrossSlices && (s.saoLuma || s.saoChroma || deblock) {
			w.flag(s.acrossSlices())
		}
	}
	if s.tiles() || s.wavefront {
		w.ue(len(ends))
		if len(ends) > 0 {
			var sizes []uint32
			before, most := 0, uint32(0)
			for _, end := range ends {
				at := len(escape(data[:end]))
				sizes = append(sizes, uint32(at-before-1))
				most = max(most, sizes[len(sizes)-1])
				before = at
			}
			width := max(1, uint(bits.Len32(most)))
			w.ue(int(width) - 1)
			for _, n := range sizes {
				w.u(width, n)
			}
		}
	}
	w.align(1)
	if s.chance(.1) {
		data = append(data, 0, 0, 0, 0) // two cabac_zero_words
	}
	u := nal(nalIDRNLP, append(w.b, data...))
	s.units = append(s.units, u)
}
