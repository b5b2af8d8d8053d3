package hevc

// transformTree parses transform_tree (7.3.8.8) of an intra coding unit. blk is
// blkIdx, part the index of the partition that the block is in, cb and cr the
// coded block flags of the parent: bit 0, and in 4:2:2 bit 1 for the lower half.
func (d *decoder) transformTree(x, y int, log2, depth, blk, part, cb, cr uint8) {
	s, e := d.sps, &d.engine
	split := log2 > s.log2MaxTb || d.split && depth == 0
	if !split && log2 > s.log2MinTb && depth < d.maxDepth {
		split = e.bin(ctxSplitTransform+5-log2) != 0
	}
	if log2 > 2 && d.chroma || d.chroma444 {
		both := d.chroma422 && (!split || log2 == 3)
		cb = d.chromaFlags(depth, cb, both)
		cr = d.chromaFlags(depth, cr, both)
	} // else 7.4.9.8: those of the parent, for the chroma blocks of four luma blocks
	if split {
		for i := range uint8(4) {
			if d.split && depth == 0 {
				part = i
			}
			half := 1 << (log2 - 1)
			d.transformTree(x+int(i&1)*half, y+int(i>>1)*half, log2-1, depth+1, i, part, cb, cr)
		}
		return
	}
	ctx := uint8(ctxCbfLuma)
	if depth == 0 {
		ctx++
	}
	luma := e.bin(ctx) != 0
	if luma || cb|cr != 0 || d.sampling() {
		d.transformUnit(x, y, log2, blk, part, luma, cb, cr)
	}
}

// chromaFlags parses cbf_cb or cbf_cr, twice if both. The flags at depth 0 have no
// parent.
func (d *decoder) chromaFlags(depth, parent uint8, both bool) uint8 {
	if depth > 0 && parent == 0 {
		return 0
	}
	flags := uint8(d.engine.bin(ctxCbfChroma + depth))
	if both {
		flags |= uint8(d.engine.bin(ctxCbfChroma+depth)) << 1
	}
	return flags
}

// transformUnit parses transform_unit (7.3.8.10) of a block with coefficients, or
// of any block where samples are made.
func (d *decoder) transformUnit(x, y int, log2, blk, part uint8, luma bool, cb, cr uint8) {
	if luma || cb|cr != 0 {
		if d.pps.cuQPDelta && !d.qpDeltaCoded {
			d.cuQPDelta()
		}
		if d.hdr.cuChromaQPOffset && cb|cr != 0 && !d.bypassCU && !d.chromaQPCoded {
			d.cuChromaQPOffset()
		}
	}
	if d.sampling() {
		d.rec.Transform(x, y, log2)
		d.rec.Predict(0, x, y, log2, d.lumaMode[part&3])
	}
	if luma {
		d.residual(log2, 0, d.lumaMode[part&3])
		if d.sampling() {
			d.rec.EndResidual(x, y)
		}
	}
	cross := d.pps.crossComponent && luma && d.chromaDerived[part&3]
	if cb|cr == 0 && !cross && !d.sampling() || !d.chroma {
		return
	}
	size := log2
	switch {
	case d.chroma444:
	case log2 > 2:
		size, part = log2-1, 0
	case blk == 3: // the chroma blocks come with the last of the four luma blocks
		part = 0
		x, y = x&^7, y&^7
	default:
		return
	}
	for comp, flags := range [3]uint8{1: cb, 2: cr} {
		if comp == 0 {
			continue
		}
		scale := 0
		if cross {
			scale = d.crossComponent(uint8(comp) - 1)
		}
		mode := d.chromaMode[part&3]
		if d.sampling() {
			d.chromaSamples(comp, x, y, size, mode, flags, scale)
			continue
		}
		if flags&1 != 0 {
			d.residual(size, uint8(comp), mode)
		}
		if flags&2 != 0 {
			d.residual(size, uint8(comp), mode)
		}
	}
}

// cuQPDelta parses delta_qp (7.3.8.14).
func (d *decoder) cuQPDelta() {
	e := &d.engine
	d.qpDeltaCoded = true
	const prefixMax = 5
	n, ctx := 0, uint8(ctxCuQPDelta)
	for n < prefixMax && e.bin(ctx) != 0 {
		n, ctx = n+1, ctxCuQPDelta+1
	}
	if n == prefixMax { // 0th order Exp-Golomb (9.3.3.3)
		k := uint(0)
		for k < 8 && e.bypass(1) != 0 {
			n += 1 << k
			k++
		}
		n += int(e.bypass(k))
	}
	if n != 0 && e.bypass(1) != 0 {
		n = -n
	}
	// 7.4.9.14
	if n < d.minQPDelta || n > d.maxQPDelta {
		d.fail("cu_qp_delta_abs: CuQpDeltaVal is %d", n)
		return
	}
	if d.sampling() {
		d.rec.SetQPDelta(n)
	}
}

// cuChromaQPOffset parses chroma_qp_offset (7.3.8.14).
func (d *decoder) cuChromaQPOffset() {
	e := &d.engine
	d.chromaQPCoded = true
	var offset [2]int8
	if e.bin(ctxChromaQPFlag) != 0 {
		idx := uint8(0)
		for idx+1 < d.pps.chromaQPListLen && e.bin(ctxChromaQPIdx) != 0 {
			idx++
		}
		offset = d.pps.chromaQPLists[idx]
	}
	if d.sampling() {
		d.rec.SetChromaQPOffset(int(offset[0]), int(offset[1]))
	}
}

// crossComponent parses cross_comp_pred (7.3.8.12) of component c, 0 or 1, and
// returns ResScaleVal.
func (d *decoder) crossComponent(c uint8) int {
	e := &d.engine
	n := uint8(0) // log2_res_scale_abs_plus1
	for n < 4 && e.bin(ctxResScaleAbs+4*c+n) != 0 {
		n++
	}
	if n == 0 {
		return 0
	}
	scale := 1 << (n - 1)
	if e.bin(ctxResScaleSign+c) != 0 {
		scale = -scale
	}
	return scale
}
