package hevc

import "github.com/imgvet/imgvet/internal/verify"

// sliceHeader is what the slice data needs of slice_segment_header (7.3.6.1). A
// dependent slice segment keeps what the last independent one said.
type sliceHeader struct {
	first     bool
	dependent bool
	address   int // slice_segment_address, in CTBs in raster scan
	ppsID     uint8

	saoLuma, saoChroma bool
	qp                 int32 // SliceQpY
	cuChromaQPOffset   bool
	chromaQPOffset     [2]int8 // slice_cb_qp_offset, slice_cr_qp_offset
	deblockDisabled    bool
	beta, tc           int8 // slice_beta_offset_div2, slice_tc_offset_div2
	acrossSlices       bool // slice_loop_filter_across_slices_enabled_flag

	entries   entryPoints
	dataStart int // offset of the slice segment data in the NAL unit
}

// entryPoints hands out entry_point_offset_minus1 + 1 one by one, from where
// they stand, so that they need no memory.
type entryPoints struct {
	r     bitReader
	left  uint32
	width uint // offset_len_minus1 + 1
}

func (e *entryPoints) next() int64 {
	e.left--
	return int64(e.r.u(e.width)) + 1
}

// parseSliceHead reads the fields that come before all that needs parameter sets.
func (h *sliceHeader) parseHead(r *bitReader, unitType uint8) {
	h.first = r.flag()
	if unitType >= nalBLAWLP { // all IRAP types
		r.skip(1) // no_output_of_prior_pics_flag
	}
	h.ppsID = uint8(r.ue(63, "slice_pic_parameter_set_id"))
}

// parseRest reads the slice header behind parseHead.
func (h *sliceHeader) parseRest(r *bitReader, unitType uint8, s *SPS, p *pps) {
	ctbs := s.ctbCols * s.ctbRows
	h.dependent, h.address = false, 0
	if !h.first {
		if p.dependentSlices {
			h.dependent = r.flag()
		}
		h.address = int(r.u(ceilLog2(uint32(ctbs))))
		if r.err == nil && (h.address == 0 || h.address >= ctbs) {
			r.malformed("slice_segment_address: %d of %d", h.address, ctbs)
		}
	}
	if !h.dependent {
		h.parseIndependent(r, unitType, s, p)
	}
	h.entries = entryPoints{}
	if p.tiles || p.wavefront {
		h.parseEntryPoints(r, s, p)
	}
	if p.sliceExtension {
		r.skip(8 * uint(r.ue(256, "slice_segment_header_extension_length")))
	}
	// byte_alignment (7.3.2.12)
	if r.err == nil && r.u(1) != 1 || r.u(r.left) != 0 {
		r.malformed("slice header: bad alignment bits")
	}
	h.dataStart = r.pos
}

// parseIndependent reads what a dependent slice segment leaves out.
func (h *sliceHeader) parseIndependent(r *bitReader, unitType uint8, s *SPS, p *pps) {
	r.skip(uint(p.extraSliceBits))
	const sliceI = 2
	if t := r.ue(2, "slice_type"); r.err == nil && t != sliceI {
		// 7.4.7.1: slices of an IRAP picture are I slices.
		r.malformed("inter slice in an intra picture")
	}
	if p.outputFlagPresent {
		r.skip(1) // pic_output_flag
	}
	if unitType != nalIDRWRADL && unitType != nalIDRNLP {
		h.parsePictureOrder(r, s)
	}
	h.saoLuma, h.saoChroma = false, false
	if s.sao {
		h.saoLuma = r.flag()
		h.saoChroma = s.ChromaFormat != 0 && r.flag()
	}
	h.qp = p.initQP + r.se(-(51+48+26), 51+48+26, "slice_qp_delta")
	if h.qp < int32(-6*(s.BitDepthLuma-8)) || h.qp > 51 {
		r.malformed("slice_qp_delta: SliceQpY is %d", h.qp)
	}
	h.chromaQPOffset = [2]int8{}
	if p.sliceChromaQP {
		h.chromaQPOffset[0] = int8(r.se(-12, 12, "slice_cb_qp_offset"))
		h.chromaQPOffset[1] = int8(r.se(-12, 12, "slice_cr_qp_offset"))
	}
	h.cuChromaQPOffset = p.chromaQPList && r.flag()
	h.deblockDisabled, h.beta, h.tc = p.deblockDisabled, p.beta, p.tc
	if p.deblockOverride && r.flag() { // deblocking_filter_override_flag
		if h.deblockDisabled = r.flag(); !h.deblockDisabled {
			h.beta, h.tc = deblockOffsets(r)
		}
	}
	h.acrossSlices = p.loopAcrossSlices
	if p.loopAcrossSlices && (h.saoLuma || h.saoChroma || !h.deblockDisabled) {
		h.acrossSlices = r.flag()
	}
}

// parsePictureOrder reads the picture order count and the reference picture sets
// that an IRAP picture other than IDR still states.
func (h *sliceHeader) parsePictureOrder(r *bitReader, s *SPS) {
	r.skip(uint(s.log2MaxPocLsb))
	if !r.flag() { // short_term_ref_pic_set_sps_flag
		parseRefPicSet(r, s.rps, true)
	} else if len(s.rps) == 0 {
		r.malformed("slice header: reference picture set of none")
	} else if idx := r.u(ceilLog2(uint32(len(s.rps)))); int(idx) >= len(s.rps) {
		r.malformed("short_term_ref_pic_set_idx: %d of %d", idx, len(s.rps))
	}
	if s.longTermPresent {
		h.parseLongTerm(r, s)
	}
	if s.temporalMVP {
		r.skip(1) // slice_temporal_mvp_enabled_flag
	}
}

func (h *sliceHeader) parseLongTerm(r *bitReader, s *SPS) {
	fromSPS := uint32(0)
	if s.numLongTermRefs > 0 {
		fromSPS = r.ue(uint32(s.numLongTermRefs), "num_long_term_sps")
	}
	n := fromSPS + r.ue(maxLongTerm, "num_long_term_pics")
	for i := range n {
		if i >= fromSPS {
			r.skip(uint(s.log2MaxPocLsb) + 1)
		} else if s.numLongTermRefs > 1 {
			r.skip(ceilLog2(uint32(s.numLongTermRefs)))
		}
		if r.flag() { // delta_poc_msb_present_flag
			r.ue(anyUE, "delta_poc_msb_cycle_lt")
		}
	}
}

// parseEntryPoints checks the entry points' number, and remembers where they are.
func (h *sliceHeader) parseEntryPoints(r *bitReader, s *SPS, p *pps) {
	most := p.tileCols*p.tileRows - 1
	if p.wavefront {
		most = s.ctbRows - 1
	}
	n := r.ue(uint32(most), "num_entry_point_offsets")
	if n == 0 {
		return
	}
	width := uint(r.ue(31, "offset_len_minus1")) + 1
	h.entries = entryPoints{r: *r, left: n, width: width}
	for i := uint32(0); i < n && r.err == nil; i++ {
		r.skip(width)
	}
}

// checkUnitType refuses pictures that are not decodable on their own.
func checkUnitType(unitType uint8, at int) error {
	if unitType < nalBLAWLP || unitType > nalCRA {
		return verify.Faultf(verify.Unsupported, at, "NAL unit of type %d is not of an intra random access picture", unitType)
	}
	return nil
}
