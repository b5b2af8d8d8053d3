package hevc

import (
	"context"

	"github.com/imgvet/imgvet/internal/verify"
)

// decoder is the state of one picture's parse. It holds nothing that grows with
// the picture but one byte for each smallest coding block of a row.
type decoder struct {
	engine engine
	ctx    context.Context // nil where nobody can end the parse
	walk   unitWalk

	sps      *SPS
	pps      *pps
	hdr      sliceHeader
	unit     []byte // NAL unit of the slice segment
	base     int    // its offset in the file
	err      error  // first fault of the slice data
	unitType uint8  // of all the slice segments

	derived
	tiling
	sliceStart place // SliceAddrRs
	wavefront  savedContexts
	dependent  savedContexts

	// The coding unit that is being parsed.
	qpDeltaCoded  bool
	chromaQPCoded bool
	bypassCU      bool // cu_transquant_bypass_flag
	split         bool // IntraSplitFlag
	maxDepth      uint8
	lumaMode      [4]uint8 // IntraPredModeY by partition
	chromaMode    [4]uint8 // IntraPredModeC by partition
	chromaDerived [4]bool  // intra_chroma_pred_mode is 4

	// What makes samples of the picture; nil where it is verified only.
	rec *samples

	level [16]int32 // coefficients that coeff_abs_level_remaining completes, in coding order

	// Neighbours. Rows and columns are overwritten in coding order, so that each
	// entry is of the nearest block above, or to the left, that is coded.
	depthLeft  [8]uint8  // ctDepth by 8 luma rows of the CTB
	modeLeft   [16]uint8 // IntraPredModeY by 4 luma rows of the CTB
	modeAbove  [16]uint8 // the same by 4 luma columns, within the CTB
	depthAbove [maxSide / 8]uint8
}

// derived holds quantities that follow from the parameter sets.
type derived struct {
	log2QPDeltaCb  uint8 // Log2MinCuQpDeltaSize
	log2ChromaQPCb uint8 // Log2MinCuChromaQpOffsetSize
	minQPDelta     int
	maxQPDelta     int
	chroma         bool // ChromaArrayType is not 0
	chroma422      bool
	chroma444      bool
}

const (
	modePlanar   = 0
	modeDC       = 1
	modeAngular2 = 2
	modeVertical = 26
)

// fail records a fault of the slice data. Parsing goes on to the end of the
// coding tree unit: every value that was read is in its range all the same.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = verify.Faultf(verify.Malformed, d.base+d.engine.pos, format, args...)
	}
}

// codingTreeUnit parses coding_tree_unit (7.3.8.2) at d.at. left and up say
// whether the CTBs there are in the same slice and tile.
func (d *decoder) codingTreeUnit(left, up bool) {
	s := d.sps
	if d.sampling() {
		d.startCTU(left, up)
	}
	if d.hdr.saoLuma || d.hdr.saoChroma {
		d.sao(left, up)
	}
	if !left {
		d.depthLeft = [8]uint8{}
		d.modeLeft = dcModes
	}
	// 8.4.2: a block above in another CTB row counts as DC, even if available.
	d.modeAbove = dcModes
	x0, y0 := d.at.x<<s.log2Ctb, d.at.y<<s.log2Ctb
	if !up {
		clear(d.depthAbove[x0>>3 : min((x0+1<<s.log2Ctb)>>3, len(d.depthAbove))])
	}
	d.codingQuadtree(x0, y0, s.log2Ctb, 0)
}

var dcModes = [16]uint8{
	modeDC, modeDC, modeDC, modeDC, modeDC, modeDC, modeDC, modeDC,
	modeDC, modeDC, modeDC, modeDC, modeDC, modeDC, modeDC, modeDC,
}

// sao parses sao (7.3.8.3).
func (d *decoder) sao(left, up bool) {
	e := &d.engine
	if left && e.bin(ctxSAOMerge) != 0 { // sao_merge_left_flag
		d.mergeSAO(true)
		return
	}
	if up && e.bin(ctxSAOMerge) != 0 { // sao_merge_up_flag
		d.mergeSAO(false)
		return
	}
	components := 1
	if d.chroma {
		components = 3
	}
	kind, class := uint64(0), uint64(0) // SaoTypeIdx, sao_eo_class
	for comp := range components {
		depth := d.sps.BitDepthLuma
		if comp > 0 {
			depth = d.sps.BitDepthChroma
		}
		if on := comp == 0 && d.hdr.saoLuma || comp > 0 && d.hdr.saoChroma; !on {
			continue
		}
		if comp < 2 {
			if kind = e.bin(ctxSAOType); kind != 0 {
				kind += e.bypass(1)
			}
		}
		if kind == 0 {
			continue
		}
		var offsets [4]int16
		nonzero := uint(0)
		most := 1<<(min(depth, 10)-5) - 1
		for i := range offsets {
			n := 0 // sao_offset_abs
			for n < most && e.bypass(1) != 0 {
				n++
			}
			if n > 0 {
				nonzero++
			}
			offsets[i] = int16(n)
		}
		switch {
		case kind == 1: // band: signs, sao_band_position
			class = e.bypass(nonzero + 5)
		case comp < 2: // edge: sao_eo_class
			class = e.bypass(2)
		}
		if d.sampling() {
			d.setSAO(comp, kind, class, nonzero, offsets)
		}
	}
}

// codingQuadtree parses coding_quadtree (7.3.8.4).
func (d *decoder) codingQuadtree(x0, y0 int, log2, depth uint8) {
	s := d.sps
	size := 1 << log2
	split := log2 > s.log2MinCb
	if split && x0+size <= s.CodedWidth && y0+size <= s.CodedHeight {
		// 9.3.4.2.2
		ctx := uint8(ctxSplitCU)
		if d.depthLeft[y0>>3&7] > depth {
			ctx++
		}
		if d.depthAbove[x0>>3] > depth {
			ctx++
		}
		split = d.engine.bin(ctx) != 0
	}
	if log2 >= d.log2QPDeltaCb {
		d.qpDeltaCoded = false
		if d.sampling() {
			d.rec.StartQPGroup(x0, y0)
		}
	}
	if log2 >= d.log2ChromaQPCb {
		d.chromaQPCoded = false
	}
	if !split {
		d.codingUnit(x0, y0, log2, depth)
		return
	}
	half := size >> 1
	x1, y1 := x0+half, y0+half
	d.codingQuadtree(x0, y0, log2-1, depth+1)
	if x1 < s.CodedWidth {
		d.codingQuadtree(x1, y0, log2-1, depth+1)
	}
	if y1 < s.CodedHeight {
		d.codingQuadtree(x0, y1, log2-1, depth+1)
		if x1 < s.CodedWidth {
			d.codingQuadtree(x1, y1, log2-1, depth+1)
		}
	}
}

// codingUnit parses coding_unit (7.3.8.5) of an I slice.
func (d *decoder) codingUnit(x0, y0 int, log2, depth uint8) {
	s, e := d.sps, &d.engine
	for i := range 1 << (log2 - 3) {
		d.depthLeft[(y0>>3+i)&7] = depth
		d.depthAbove[x0>>3+i] = depth
	}
	d.bypassCU = d.pps.transquantBypass && e.bin(ctxTransquantBypass) != 0
	if d.sampling() {
		d.rec.StartCU(d.bypassCU)
	}
	// part_mode: 1 is PART_2Nx2N, 0 PART_NxN.
	d.split = log2 == s.log2MinCb && e.bin(ctxPartMode) == 0
	if s.pcm && !d.split && log2 >= s.log2MinPcm && log2 <= s.log2MaxPcm && e.terminate() {
		d.pcmSamples(x0, y0, log2)
		d.setModes(x0, y0, 1<<(log2-2), modeDC)
		return
	}
	d.predictionModes(x0, y0, log2)
	d.maxDepth = s.maxTrDepthIntra
	if d.split {
		d.maxDepth++
	}
	d.transformTree(x0, y0, log2, 0, 0, 0, 0, 0)
	if d.sampling() {
		d.rec.EndCU(x0, y0, log2, false)
	}
}

// setModes makes mode that of a block of n times 4 luma samples a side.
func (d *decoder) setModes(x0, y0, n int, mode uint8) {
	for i := range n {
		d.modeLeft[(y0>>2+i)&15] = mode
		d.modeAbove[(x0>>2+i)&15] = mode
	}
}

// pcmSamples passes over pcm_sample (7.3.8.7) and starts the engine behind it.
func (d *decoder) pcmSamples(x0, y0 int, log2 uint8) {
	s := d.sps
	// A multiple of 8 bits: blocks are of 64 luma and 16 chroma samples or more.
	size := int(s.pcmDepthLuma) << (2 * log2)
	switch s.ChromaFormat {
	case 1:
		size += int(s.pcmDepthChrm) << (2*log2 - 1)
	case 2:
		size += int(s.pcmDepthChrm) << (2 * log2)
	case 3:
		size += int(s.pcmDepthChrm) << (2*log2 + 1)
	}
	at, err := d.engine.finish(d.base)
	if err == nil && d.sampling() {
		d.pcmBlock(x0, y0, log2, at)
	}
	if err == nil {
		at, err = skipPayload(d.unit, at, size/8, d.base)
	}
	if err == nil {
		err = d.engine.start(d.unit, at, d.base)
	}
	if err != nil {
		if d.err == nil {
			d.err = err
		}
		d.engine.stop()
	}
}

// predictionModes parses the intra prediction modes of a coding unit, and derives
// them (8.4.2, 8.4.3): the scans depend on them.
func (d *decoder) predictionModes(x0, y0 int, log2 uint8) {
	e := &d.engine
	parts, n := 1, 1<<(log2-2)
	if d.split {
		parts, n = 4, n>>1
	}
	var inList [4]bool // prev_intra_luma_pred_flag
	for i := range parts {
		inList[i] = e.bin(ctxPrevIntra) != 0
	}
	for i := range parts {
		x, y := x0+(i&1)*n*4, y0+(i>>1)*n*4
		a, b := d.modeLeft[y>>2&15], d.modeAbove[x>>2&15]
		var mode uint8
		if inList[i] {
			idx := e.bypass(1) // mpm_idx
			if idx != 0 {
				idx += e.bypass(1)
			}
			mode = candidateModes(a, b)[idx&3]
		} else {
			mode = remainingMode(uint8(e.bypass(5)), candidateModes(a, b))
		}
		d.lumaMode[i&3] = mode
		d.setModes(x, y, n, mode)
	}
	switch {
	case d.chroma444:
		for i := range parts {
			d.chromaPrediction(i)
		}
	case d.chroma:
		d.chromaPrediction(0)
	}
}

// candidateModes returns candModeList (8.4.2), in its first three elements, from
// the modes of the blocks to the left and above.
func candidateModes(a, b uint8) (list [4]uint8) {
	switch {
	case a != b:
		c := uint8(modeVertical)
		if a != modePlanar && b != modePlanar {
			c = modePlanar
		} else if a != modeDC && b != modeDC {
			c = modeDC
		}
		return [4]uint8{a, b, c}
	case a < modeAngular2:
		return [4]uint8{modePlanar, modeDC, modeVertical}
	default:
		return [4]uint8{a, 2 + (a+29)&31, 2 + (a-1)&31}
	}
}

// remainingMode returns the mode that rem_intra_luma_pred_mode selects from those
// that are not in the list (8.4.2).
func remainingMode(rem uint8, list [4]uint8) uint8 {
	a, b, c := list[0], list[1], list[2]
	a, b = min(a, b), max(a, b)
	a, c = min(a, c), max(a, c)
	b, c = min(b, c), max(b, c)
	for _, m := range [3]uint8{a, b, c} {
		if rem >= m {
			rem++
		}
	}
	return rem
}

// chromaPrediction parses intra_chroma_pred_mode of a partition and derives
// IntraPredModeC (8.4.3).
func (d *decoder) chromaPrediction(part int) {
	luma := d.lumaMode[part&3]
	mode := luma
	derived := d.engine.bin(ctxIntraChroma) == 0
	if !derived {
		// Table 8-2: intra_chroma_pred_mode 0 to 3.
		mode = [4]uint8{modePlanar, modeVertical, 10, modeDC}[d.engine.bypass(2)&3]
		if mode == luma {
			mode = 34
		}
	}
	if d.chroma422 {
		mode = modes422[mode]
	}
	d.chromaMode[part&3], d.chromaDerived[part&3] = mode, derived
}

// modes422 is table 8-3: the directions of 4:2:2 chroma, whose samples are half
// as wide as high.
var modes422 = [35]uint8{
	0, 1, 2, 2, 2, 2, 3, 5, 7, 8, 10, 12, 13, 15, 17, 18, 19, 20,
	21, 22, 23, 23, 24, 24, 25, 25, 26, 27, 27, 28, 28, 29, 29, 30, 31,
}
