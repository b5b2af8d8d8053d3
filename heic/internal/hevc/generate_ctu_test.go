package hevc

// codeCTU writes coding_tree_unit.
func (s *stream) codeCTU(x, y int) {
	left, up := s.available(x-1, y), s.available(x, y-1)
	if s.saoLuma || s.saoChroma {
		s.codeSAO(left, up)
	}
	s.quadtree(x<<s.log2Ctb, y<<s.log2Ctb, s.log2Ctb, 0)
}

func (s *stream) codeSAO(left, up bool) {
	for _, ok := range []bool{left, up} {
		if ok {
			merge := b2i(s.chance(.3))
			s.e.bin(ctxSAOMerge, merge)
			if merge != 0 {
				return
			}
		}
	}
	kind := 0
	for c := range 3 {
		if c > 0 && s.chroma == 0 || c == 0 && !s.saoLuma || c > 0 && !s.saoChroma {
			continue
		}
		if c < 2 {
			kind = s.between(0, 2)
			s.e.bin(ctxSAOType, min(kind, 1))
			if kind > 0 {
				s.e.bypass(kind - 1)
			}
		}
		if kind == 0 {
			continue
		}
		depth := s.depthLuma
		if c > 0 {
			depth = s.depthChroma
		}
		most := 1<<(min(depth, 10)-5) - 1
		var offsets [4]int
		for i := range 4 {
			offsets[i] = s.between(0, most)
			for k := range offsets[i] + 1 {
				if k < most {
					s.e.bypass(b2i(k < offsets[i]))
				}
			}
		}
		if kind == 1 {
			for _, o := range offsets {
				if o != 0 {
					s.e.bypass(s.between(0, 1))
				}
			}
			s.e.bypassBits(5, s.between(0, 31))
		} else if c < 2 {
			s.e.bypassBits(2, s.between(0, 3))
		}
	}
}

// neighbour tells whether the luma sample x, y, left of or above the current
// block, is available.
func (s *stream) neighbour(x, y int) bool {
	if x < 0 || y < 0 {
		return false
	}
	return s.available(x>>s.log2Ctb, y>>s.log2Ctb)
}

func (s *stream) depthOf(x, y int) *int {
	return &s.depthAt[(y>>3)*s.cols*8+x>>3]
}

func (s *stream) modeOf(x, y int) *int {
	return &s.modeAt[(y>>2)*s.cols*16+x>>2]
}

func (s *stream) quadtree(x, y, log2, depth int) {
	if x >= s.width || y >= s.height {
		return
	}
	size := 1 << log2
	split := log2 > s.log2MinCb
	if x+size <= s.width && y+size <= s.height && split {
		split = s.chance(.5)
		inc := b2i(s.neighbour(x-1, y) && *s.depthOf(x-1, y) > depth) +
			b2i(s.neighbour(x, y-1) && *s.depthOf(x, y-1) > depth)
		s.e.bin(ctxSplitCU+inc, b2i(split))
	}
	if s.qpDelta && log2 >= s.log2Ctb-s.qpDeltaDepth {
		s.qpCoded = false
	}
	if s.cuChromaQPOffset && log2 >= s.log2Ctb-s.chromaQPDepth {
		s.chromaQPCoded = false
	}
	if split {
		for i := range 4 {
			s.quadtree(x+i&1*size/2, y+i>>1*size/2, log2-1, depth+1)
		}
		return
	}
	for j := 0; j < size; j += 8 {
		for i := 0; i < size; i += 8 {
			*s.depthOf(x+i, y+j) = depth
		}
	}
	s.codingUnit(x, y, log2)
}

func (s *stream) codingUnit(x, y, log2 int) {
	s.cuX, s.cuY = x, y
	s.cuBypass = false
	if s.bypass {
		s.cuBypass = s.chance(.4)
		s.e.bin(ctxTransquantBypass, b2i(s.cuBypass))
	}
	s.split = false
	if log2 == s.log2MinCb {
		s.split = s.chance(.5)
		s.e.bin(ctxPartMode, b2i(!s.split))
	}
	size := 1 << log2
	if !s.split && s.pcm && log2 >= s.log2MinPcm && log2 <= s.log2MaxPcm {
		pcm := s.chance(.3)
		s.e.terminate(b2i(pcm))
		if pcm {
			s.pcmSamples(size)
			s.fillMode(x, y, size, 1)
			s.e.start()
			return
		}
	}
	s.modes(x, y, size)
	depth := s.maxDepth + b2i(s.split)
	s.transformTree(log2, 0, 0, 0, depth, 0, 0)
}

func (s *stream) pcmSamples(size int) {
	n := size * size
	chroma := [4]int{0, n / 2, n, 2 * n}[s.chroma]
	for range n {
		s.e.out.u(uint(s.pcmLuma), s.sample())
	}
	for range chroma {
		s.e.out.u(uint(s.pcmChroma), s.sample())
	}
}

// sample is often zero, so that emulation prevention is needed.
func (s *stream) sample() uint32 {
	if s.chance(.5) {
		return 0
	}
	return s.r.Uint32()
}

func (s *stream) fillMode(x, y, size, mode int) {
	for j := 0; j < size; j += 4 {
		for i := 0; i < size; i += 4 {
			*s.modeOf(x+i, y+j) = mode
		}
	}
}

// modes writes the prediction modes of a coding unit: 8.4.2 from the mode that
// is wanted to the syntax elements.
func (s *stream) modes(x, y, size int) {
	parts := 1
	if s.split {
		parts, size = 4, size/2
	}
	type choice struct{ mpm, rem int }
	var choices [4]choice
	for i := range parts {
		px, py := x+i&1*size, y+i>>1*size
		a, b := 1, 1
		if s.neighbour(px-1, py) {
			a = *s.modeOf(px-1, py)
		}
		if s.neighbour(px, py-1) && py&(1<<s.log2Ctb-1) != 0 {
			b = *s.modeOf(px, py-1)
		}
		var list []int
		switch {
		case a == b && a < 2:
			list = []int{0, 1, 26}
		case a == b:
			list = []int{a, 2 + (a+29)%32, 2 + (a-2+1)%32}
		default:
			list = []int{a, b, 26}
			for _, c := range []int{1, 0} {
				if a != c && b != c {
					list[2] = c
				}
			}
		}
		mode := s.between(0, 34)
		if s.chance(.4) {
			mode = []int{10, 26, 6, 14, 22, 30}[s.r.IntN(6)]
		}
		c := choice{mpm: -1, rem: mode}
		for k, m := range list {
			if m == mode {
				c.mpm = k
			}
			if m < mode {
				c.rem--
			}
		}
		choices[i] = c
		s.lumaModes[i] = mode
		s.fillMode(px, py, size, mode)
		s.e.bin(ctxPrevIntra, b2i(c.mpm >= 0))
	}
	for _, c := range choices[:parts] {
		if c.mpm >= 0 {
			s.e.bypass(min(c.mpm, 1))
			if c.mpm > 0 {
				s.e.bypass(c.mpm - 1)
			}
		} else {
			s.e.bypassBits(5, c.rem)
		}
	}
	if s.chroma == 0 {
		return
	}
	if s.chroma != 3 {
		parts = 1
	}
	for i := range parts {
		v := s.between(0, 4)
		s.e.bin(ctxIntraChroma, b2i(v != 4))
		if v != 4 {
			s.e.bypassBits(2, v)
		}
		mode := s.lumaModes[i]
		if v != 4 {
			mode = [4]int{0, 26, 10, 1}[v]
			if mode == s.lumaModes[i] {
				mode = 34
			}
		}
		if s.chroma == 2 {
			mode = int(modes422[mode])
		}
		s.chromaModes[i], s.chromaDerived[i] = mode, v == 4
	}
}

func (s *stream) transformTree(log2, depth, blk, part, maxDepth, cb, cr int) {
	split := log2 > s.log2MaxTb || s.split && depth == 0
	if log2 <= s.log2MaxTb && log2 > s.log2MinTb && depth < maxDepth && !(s.split && depth == 0) {
		split = s.chance(.4)
		s.e.bin(ctxSplitTransform+5-log2, b2i(split))
	}
	if log2 > 2 && s.chroma != 0 || s.chroma == 3 {
		flags := func(parent int) (f int) {
			if depth > 0 && parent == 0 {
				return 0
			}
			f = b2i(s.chance(.4))
			s.e.bin(ctxCbfChroma+depth, f)
			if s.chroma == 2 && (!split || log2 == 3) {
				second := b2i(s.chance(.4))
				s.e.bin(ctxCbfChroma+depth, second)
				f |= second << 1
			}
			return f
		}
		cb = flags(cb)
		cr = flags(cr)
	}
	if split {
		for i := range 4 {
			p := part
			if s.split && depth == 0 {
				p = i
			}
			s.transformTree(log2-1, depth+1, i, p, maxDepth, cb, cr)
		}
		return
	}
	luma := s.chance(.5)
	s.e.bin(ctxCbfLuma+b2i(depth == 0), b2i(luma))
	if !luma && cb == 0 && cr == 0 {
		return
	}
	if s.qpDelta && !s.qpCoded {
		s.qpCoded = true
		s.codeQPDelta()
	}
	if s.cuChromaQPOffset && cb|cr != 0 && !s.cuBypass && !s.chromaQPCoded {
		s.chromaQPCoded = true
		on := s.chance(.5)
		s.e.bin(ctxChromaQPFlag, b2i(on))
		if most := s.chromaQPList - 1; on && most > 0 {
			v := s.between(0, most)
			for k := 0; k <= v && k < most; k++ {
				s.e.bin(ctxChromaQPIdx, b2i(k < v))
			}
		}
	}
	if luma {
		s.residual(log2, 0, s.lumaModes[part])
	}
	if s.chroma == 0 {
		return
	}
	if s.chroma == 3 {
		for c, f := range []int{cb, cr} {
			if s.cross && luma && s.chromaDerived[part] {
				v := s.between(0, 4)
				for k := 0; k <= v && k < 4; k++ {
					s.e.bin(ctxResScaleAbs+4*c+k, b2i(k < v))
				}
				if v > 0 {
					s.e.bin(ctxResScaleSign+c, s.between(0, 1))
				}
			}
			if f != 0 {
				s.residual(log2, c+1, s.chromaModes[part])
			}
		}
		return
	}
	if log2 == 2 && blk != 3 {
		return
	}
	size := max(2, log2-1)
	for c, f := range []int{cb, cr} {
		for k := range 2 {
			if f>>k&1 != 0 {
				s.residual(size, c+1, s.chromaModes[0])
			}
		}
	}
}

func (s *stream) codeQPDelta() {
	half := 3 * (s.depthLuma - 8)
	v := s.between(-2, 2)
	if s.chance(.2) {
		v = s.between(-(26 + half), 25+half)
	}
	a := max(v, -v)
	for k := 0; k < 5 && k <= a; k++ {
		s.e.bin(ctxCuQPDelta+min(k, 1), b2i(k < a))
	}
	if a >= 5 {
		rest, k := a-5, 0
		for rest >= 1<<k {
			s.e.bypass(1)
			rest -= 1 << k
			k++
		}
		s.e.bypass(0)
		s.e.bypassBits(k, rest)
	}
	if a > 0 {
		s.e.bypass(b2i(v < 0))
	}
}
