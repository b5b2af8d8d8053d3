package recon

// quant is the derivation process for quantization parameters (8.6.1).
type quant struct {
	lastQP       int    // qPY_PREV of the next quantization group: the QP of the last coding unit
	predictedQP  int    // qPY_PRED
	qp           int    // QpY of the coding unit
	offsetLuma   int    // QpBdOffsetY
	offsetChroma int    // QpBdOffsetC
	picOffset    [2]int // of the PPS and the slice, for Cb and Cr
	cuOffset     [2]int // CuQpOffsetCb, CuQpOffsetCr
	scaled       [3]int // Qp'Y, Qp'Cb, Qp'Cr
	format420    bool
}

func (q *quant) start(seq *Sequence) {
	q.offsetLuma = 6 * (seq.BitDepth[0] - 8)
	q.offsetChroma = 6 * (seq.BitDepth[1] - 8)
	q.format420 = seq.ChromaFormat == 1
	q.picOffset = seq.ChromaQPOffset
	q.cuOffset = [2]int{}
}

func (q *quant) startSlice(s *Slice) { q.cuOffset = [2]int{} }

// setSliceQP takes in what a slice header says.
func (p *Picture) setSliceQP(s *Slice) {
	for i := range p.picOffset {
		p.picOffset[i] = p.seq.ChromaQPOffset[i] + s.ChromaQPOffset[i]
	}
	p.setQP(s.QP)
}

// setQP makes qp the QpY of the coding unit, and derives Qp' of all components.
func (q *quant) setQP(qp int) {
	q.qp = qp
	q.scaled[0] = qp + q.offsetLuma
	for i := range 2 {
		index := min(max(qp+q.picOffset[i]+q.cuOffset[i], -q.offsetChroma), 57)
		q.scaled[1+i] = q.chromaQP(index) + q.offsetChroma
	}
}

// chromaQP is table 8-10, and in other formats than 4:2:0 the line below it.
func (q *quant) chromaQP(index int) int {
	switch {
	case !q.format420:
		return min(index, 51)
	case index < 30:
		return index
	case index >= 43:
		return index - 6
	}
	return int(chromaQPs[index-30])
}

var chromaQPs = [13]uint8{29, 30, 31, 32, 33, 33, 34, 34, 35, 35, 36, 36, 37}

// StartQPGroup begins the quantization group at x, y in luma samples (8.6.1).
func (p *Picture) StartQPGroup(x, y int) {
	mask := p.side - 1
	left, up := p.lastQP, p.lastQP
	if x&mask != 0 { // in another CTB it is not looked at
		left = int(p.blocks[p.blockAt(x-1, y)].qp)
	}
	if y&mask != 0 {
		up = int(p.blocks[p.blockAt(x, y-1)].qp)
	}
	p.predictedQP = (left + up + 1) >> 1
	p.setQP(p.predictedQP)
}

// SetQPDelta states CuQpDeltaVal of the quantization group: equation 8-283.
func (p *Picture) SetQPDelta(delta int) {
	n := 52 + p.offsetLuma
	p.setQP((p.predictedQP+delta+n+p.offsetLuma)%n - p.offsetLuma)
}

// SetChromaQPOffset states CuQpOffsetCb and CuQpOffsetCr.
func (p *Picture) SetChromaQPOffset(cb, cr int) {
	p.cuOffset = [2]int{cb, cr}
	p.setQP(p.qp)
}
