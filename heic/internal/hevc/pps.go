package hevc

import (
	"github.com/imgvet/imgvet/heic/internal/recon"
	"github.com/imgvet/imgvet/internal/verify"
)

// pps is a picture parameter set.
type pps struct {
	id, spsID uint8

	dependentSlices     bool // dependent_slice_segments_enabled_flag
	outputFlagPresent   bool
	extraSliceBits      uint8
	signHiding          bool
	chromaQPOffset      [2]int8        // pps_cb_qp_offset, pps_cr_qp_offset
	acrossTiles         bool           // loop_filter_across_tiles_enabled_flag
	beta, tc            int8           // pps_beta_offset_div2, pps_tc_offset_div2
	scaling             *recon.Scaling // nil if the PPS has none
	chromaQPLists       [6][2]int8     // cb_qp_offset_list, cr_qp_offset_list
	initQP              int32          // 26 + init_qp_minus26
	transformSkip       bool
	cuQPDelta           bool
	cuQPDeltaDepth      uint8 // diff_cu_qp_delta_depth
	sliceChromaQP       bool  // pps_slice_chroma_qp_offsets_present_flag
	transquantBypass    bool
	tiles               bool
	wavefront           bool // entropy_coding_sync_enabled_flag
	loopAcrossSlices    bool
	deblockOverride     bool
	deblockDisabled     bool
	sliceExtension      bool
	log2MaxTskip        uint8 // Log2MaxTransformSkipSize
	crossComponent      bool
	chromaQPList        bool
	chromaQPDepth       uint8 // diff_cu_chroma_qp_offset_depth
	chromaQPListLen     uint8 // chroma_qp_offset_list_len_minus1 + 1
	log2SAOLuma         uint8
	log2SAOChroma       uint8
	tileCols, tileRows  int
	uniformTiles        bool
	colWidth, rowHeight []uint16 // in CTBs, all but the last; nil if uniform
}

// maxTiles bounds the tile columns, and the tile rows, of a picture. Table A.8
// allows fewer at every level.
const maxTiles = 64

// parsePPS reads pic_parameter_set_rbsp (7.3.2.3.1).
func parsePPS(nal []byte, base int) (*pps, error) {
	r := newBitReader(nal, base)
	p := &pps{tileCols: 1, tileRows: 1, log2MaxTskip: 2, acrossTiles: true}
	p.id = uint8(r.ue(63, "pps_pic_parameter_set_id"))
	p.spsID = uint8(r.ue(15, "pps_seq_parameter_set_id"))
	p.dependentSlices = r.flag()
	p.outputFlagPresent = r.flag()
	p.extraSliceBits = uint8(r.u(3))
	p.signHiding = r.flag()
	r.skip(1) // cabac_init_present_flag: P and B slices
	r.ue(14, "num_ref_idx_l0_default_active_minus1")
	r.ue(14, "num_ref_idx_l1_default_active_minus1")
	p.initQP = 26 + r.se(-(26+48), 25, "init_qp_minus26")
	r.skip(1) // constrained_intra_pred_flag
	p.transformSkip = r.flag()
	if p.cuQPDelta = r.flag(); p.cuQPDelta {
		p.cuQPDeltaDepth = uint8(r.ue(3, "diff_cu_qp_delta_depth"))
	}
	p.chromaQPOffset[0] = int8(r.se(-12, 12, "pps_cb_qp_offset"))
	p.chromaQPOffset[1] = int8(r.se(-12, 12, "pps_cr_qp_offset"))
	p.sliceChromaQP = r.flag()
	r.skip(2) // weighted_pred_flag, weighted_bipred_flag
	p.transquantBypass = r.flag()
	p.tiles = r.flag()
	p.wavefront = r.flag()
	if p.tiles && p.wavefront {
		// A.3.2 to A.3.4 forbid it in Main, Main 10 and Main Still Picture, and
		// libde265 refuses it.
		r.fail(verify.Unsupported, "PPS: tiles together with wavefronts")
	}
	if p.tiles {
		p.parseTiles(&r)
	}
	p.loopAcrossSlices = r.flag()
	if r.flag() { // deblocking_filter_control_present_flag
		p.deblockOverride = r.flag()
		if p.deblockDisabled = r.flag(); !p.deblockDisabled {
			p.beta, p.tc = deblockOffsets(&r)
		}
	}
	if r.flag() { // pps_scaling_list_data_present_flag
		p.scaling = scalingListData(&r)
	}
	r.skip(1) // lists_modification_present_flag
	r.ue(4, "log2_parallel_merge_level_minus2")
	p.sliceExtension = r.flag()
	if r.flag() { // pps_extension_present_flag
		p.parseExtensions(&r)
	}
	r.trailingBits("PPS")
	return p, r.fault()
}

func (p *pps) parseTiles(r *bitReader) {
	cols := r.ue(anyUE, "num_tile_columns_minus1")
	rows := r.ue(anyUE, "num_tile_rows_minus1")
	if cols >= maxTiles || rows >= maxTiles {
		r.fail(verify.Unsupported, "PPS: over %d tile columns or rows", maxTiles)
		return
	}
	p.tileCols, p.tileRows = int(cols)+1, int(rows)+1
	if cols == 0 && rows == 0 { // 7.4.3.3.1: "shall not be both equal to 0"
		r.malformed("PPS: tiles, but only one")
	}
	if p.uniformTiles = r.flag(); !p.uniformTiles {
		p.colWidth = tileSizes(r, int(cols), "column_width_minus1")
		p.rowHeight = tileSizes(r, int(rows), "row_height_minus1")
	}
	p.acrossTiles = r.flag()
}

func tileSizes(r *bitReader, n int, what string) []uint16 {
	sizes := make([]uint16, 0, maxTiles)
	for range n {
		sizes = append(sizes, uint16(r.ue(maxSide/16-1, what)+1))
	}
	return sizes
}

func deblockOffsets(r *bitReader) (beta, tc int8) {
	beta = int8(r.se(-6, 6, "beta_offset_div2"))
	tc = int8(r.se(-6, 6, "tc_offset_div2"))
	return beta, tc
}

// parseExtensions reads what follows pps_extension_present_flag.
func (p *pps) parseExtensions(r *bitReader) {
	rangeExt, multilayerExt := r.flag(), r.flag()
	if r.u(6) != 0 {
		r.fail(verify.Unsupported, "PPS: 3D, screen content or unknown extension")
	}
	if rangeExt {
		p.parseRange(r)
	}
	if multilayerExt {
		multilayer(r)
	}
}

// multilayer passes over pps_multilayer_extension (F.7.3.2.3.4). It tells how a layer is
// predicted from others, which the base layer never is.
func multilayer(r *bitReader) {
	r.skip(1)     // poc_reset_info_present_flag: of the slice header's extension
	if r.flag() { // pps_infer_scaling_list_flag
		r.fail(verify.Unsupported, "PPS: scaling lists of another layer")
	}
	offsets := func(what string) {
		if r.flag() {
			for range 4 {
				r.se(-1<<14, 1<<14-1, what)
			}
		}
	}
	const maxOffsets = 62 // layers
	for range r.ue(maxOffsets, "num_ref_loc_offsets") {
		r.skip(6) // ref_loc_offset_layer_id
		offsets("scaled_ref_layer_offset")
		offsets("ref_region_offset")
		if r.flag() { // resample_phase_set_present_flag
			r.ue(31, "phase_hor_luma")
			r.ue(31, "phase_ver_luma")
			r.ue(63, "phase_hor_chroma_plus8")
			r.ue(63, "phase_ver_chroma_plus8")
		}
	}
	if r.flag() { // colour_mapping_enabled_flag
		r.fail(verify.Unsupported, "PPS: colour mapping between layers")
	}
}

// parseRange reads pps_range_extension.
func (p *pps) parseRange(r *bitReader) {
	// pps_range_extension (7.3.2.3.2)
	if p.transformSkip {
		p.log2MaxTskip = uint8(r.ue(3, "log2_max_transform_skip_block_size_minus2")) + 2
	}
	p.crossComponent = r.flag()
	if p.chromaQPList = r.flag(); p.chromaQPList {
		p.chromaQPDepth = uint8(r.ue(3, "diff_cu_chroma_qp_offset_depth"))
		p.chromaQPListLen = uint8(r.ue(5, "chroma_qp_offset_list_len_minus1")) + 1
		for i := range p.chromaQPLists[:p.chromaQPListLen] {
			p.chromaQPLists[i][0] = int8(r.se(-12, 12, "cb_qp_offset_list"))
			p.chromaQPLists[i][1] = int8(r.se(-12, 12, "cr_qp_offset_list"))
		}
	}
	p.log2SAOLuma = uint8(r.ue(6, "log2_sao_offset_scale_luma"))
	p.log2SAOChroma = uint8(r.ue(6, "log2_sao_offset_scale_chroma"))
}

// check tells what is wrong with p as a parameter set of pictures of s. at is
// where the fault is reported.
func (p *pps) check(s *SPS, at int) error {
	qpBdOffset := int32(6 * (s.BitDepthLuma - 8))
	depthMax := s.log2Ctb - s.log2MinCb
	bad := ""
	switch {
	case p.initQP < -qpBdOffset:
		bad = "init_qp_minus26 too small for the bit depth"
	case p.cuQPDeltaDepth > depthMax:
		bad = "diff_cu_qp_delta_depth too large"
	case p.chromaQPDepth > depthMax:
		bad = "diff_cu_chroma_qp_offset_depth too large"
	case p.log2MaxTskip > s.log2MaxTb && p.log2MaxTskip > 2:
		bad = "transform skip on blocks larger than any"
	case p.crossComponent && s.ChromaFormat != 3:
		bad = "cross-component prediction outside 4:4:4"
	case p.chromaQPList && s.ChromaFormat == 0:
		bad = "chroma QP offsets in 4:0:0"
	case int(p.log2SAOLuma) > max(0, s.BitDepthLuma-10):
		bad = "log2_sao_offset_scale_luma too large"
	case s.ChromaFormat != 0 && int(p.log2SAOChroma) > max(0, s.BitDepthChroma-10):
		bad = "log2_sao_offset_scale_chroma too large"
	case p.tileCols > s.ctbCols || p.tileRows > s.ctbRows:
		bad = "more tiles than coding tree blocks"
	}
	if bad != "" {
		return verify.Faultf(verify.Malformed, at, "PPS: %s", bad)
	}
	return nil
}

// tileBounds writes the first CTB of each of n tile columns (or rows), and the
// end of the last, to bounds: equations 6-3 to 6-6. size is the picture's in
// CTBs. It returns false if explicit sizes leave nothing for the last tile.
func tileBounds(bounds *[maxTiles + 1]uint16, n, size int, explicit []uint16) bool {
	if explicit == nil {
		for i := range n + 1 {
			bounds[i] = uint16(i * size / n)
		}
		return true
	}
	at := 0
	for i, w := range explicit {
		bounds[i] = uint16(at)
		at += int(w)
		if at >= size {
			return false
		}
	}
	bounds[n-1], bounds[n] = uint16(at), uint16(size)
	return true
}
