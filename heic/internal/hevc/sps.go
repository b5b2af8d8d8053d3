package hevc

import (
	"github.com/imgvet/imgvet/heic/internal/recon"
	"github.com/imgvet/imgvet/internal/verify"
)

// SPS is a sequence parameter set: what it says of every picture that uses it.
type SPS struct {
	Width, Height           int // luma samples after the conformance window is cut out
	CodedWidth, CodedHeight int // luma samples as coded
	Left, Top               int // luma samples that the window cuts off there; multiples of a chroma sample
	BitDepthLuma            int // 8, 10 or 12
	BitDepthChroma          int // 8, 10 or 12; of no meaning in 4:0:0
	ChromaFormat            int // chroma_format_idc: 0 4:0:0, 1 4:2:0, 2 4:2:2, 3 4:4:4
	// video_full_range_flag and matrix_coefficients (H.273, 8.3); false and 2,
	// "unspecified", where the stream states none, as E.3.1 infers.
	FullRange bool
	Matrix    uint8
	Transfer  uint8 // transfer_characteristics; 0, which is reserved, if not stated

	id               uint8
	maxSubLayers     uint8
	log2MinCb        uint8 // 3..6
	log2Ctb          uint8 // 4..6
	log2MinTb        uint8 // 2..5
	log2MaxTb        uint8 // 2..5
	maxTrDepthIntra  uint8
	ctbCols, ctbRows int // size of the picture in coding tree blocks

	amp, sao, scalingLists     bool
	pcm                        bool
	pcmDepthLuma, pcmDepthChrm uint8
	pcmUnfiltered              bool // pcm_loop_filter_disabled_flag
	log2MinPcm, log2MaxPcm     uint8

	log2MaxPocLsb   uint8
	rps             []refPicSet // candidate short-term reference picture sets
	longTermPresent bool
	numLongTermRefs uint8
	temporalMVP     bool
	strongSmoothing bool
	noSmoothing     bool           // intra_smoothing_disabled_flag
	scaling         *recon.Scaling // nil if the lists are the default ones, or none
	tskipRotation   bool           // transform_skip_rotation_enabled_flag
	tskipContext    bool           // transform_skip_context_enabled_flag
	implicitRDPCM   bool
	explicitRDPCM   bool
	persistentRice  bool
}

// Bounds on what a hostile parameter set may ask for.
const (
	maxSide       = 1 << 16 // luma samples; level 7.2 ends at 50,673 (table A.8)
	maxSubLayers  = 7
	maxRefPicSets = 64
	maxRefPics    = 16
	maxLongTerm   = 32
)

// ParseSPS reads the sequence parameter set NAL unit nal, with its two-byte
// header and its emulation prevention bytes. base is the offset of nal[0] in the
// file. Sizes are at most 65,536 by 65,536: check them against a pixel limit
// before work that grows with them. What this package cannot verify (depths
// other than 8, 10 and 12, separate colour planes, 3D and screen
// content extensions) is refused as Unsupported.
func ParseSPS(nal []byte, base int) (SPS, error) {
	h, err := parseNALHeader(nal, base)
	if err != nil {
		return SPS{}, err
	}
	if h.unitType != nalSPS {
		return SPS{}, verify.Faultf(verify.Malformed, base, "NAL unit of type %d is not an SPS", h.unitType)
	}
	if h.layer != 0 {
		return SPS{}, verify.Faultf(verify.Unsupported, base, "SPS of layer %d", h.layer)
	}
	if _, err := checkEmulation(nal, base); err != nil {
		return SPS{}, err
	}
	const unspecified = 2
	s := SPS{Matrix: unspecified}
	r := newBitReader(nal, base)
	s.parse(&r)
	if r.err != nil {
		return SPS{}, r.err
	}
	return s, nil
}

// parse reads seq_parameter_set_rbsp (7.3.2.2.1).
func (s *SPS) parse(r *bitReader) {
	r.skip(4) // sps_video_parameter_set_id
	maxSub := uint8(r.u(3))
	if maxSub >= maxSubLayers {
		r.malformed("SPS: %d sub-layers", maxSub+1)
	}
	s.maxSubLayers = maxSub + 1
	r.skip(1) // sps_temporal_id_nesting_flag
	profileTierLevel(r, maxSub)
	s.id = uint8(r.ue(15, "sps_seq_parameter_set_id"))
	s.parsePicture(r)
	s.log2MaxPocLsb = uint8(r.ue(12, "log2_max_pic_order_cnt_lsb_minus4")) + 4
	subLayerOrdering(r, maxSub)
	s.parseBlockSizes(r)

	s.scalingLists = r.flag()
	if s.scalingLists && r.flag() {
		s.scaling = scalingListData(r)
	}
	s.amp, s.sao, s.pcm = r.flag(), r.flag(), r.flag()
	if s.pcm {
		s.parsePCM(r)
	}
	n := r.ue(maxRefPicSets, "num_short_term_ref_pic_sets")
	for i := uint32(0); i < n && r.err == nil; i++ {
		s.rps = append(s.rps, parseRefPicSet(r, s.rps, false))
	}
	if s.longTermPresent = r.flag(); s.longTermPresent {
		s.numLongTermRefs = uint8(r.ue(maxLongTerm, "num_long_term_ref_pics_sps"))
		for range s.numLongTermRefs {
			r.skip(uint(s.log2MaxPocLsb) + 1)
		}
	}
	s.temporalMVP, s.strongSmoothing = r.flag(), r.flag()
	if r.flag() {
		s.vuiParameters(r, maxSub)
	}
	if r.flag() {
		s.parseExtensions(r)
	}
	r.trailingBits("SPS")
}

// parsePicture reads the fields on size, chroma format and depth.
func (s *SPS) parsePicture(r *bitReader) {
	s.ChromaFormat = int(r.ue(3, "chroma_format_idc"))
	if s.ChromaFormat == 3 && r.flag() {
		r.fail(verify.Unsupported, "separate colour planes")
	}
	s.CodedWidth = int(r.ue(anyUE, "pic_width_in_luma_samples"))
	s.CodedHeight = int(r.ue(anyUE, "pic_height_in_luma_samples"))
	if s.CodedWidth == 0 || s.CodedHeight == 0 {
		r.malformed("SPS: zero width or height")
	}
	// On a 32-bit machine a value over 2^31 is negative here.
	if uint(s.CodedWidth) > maxSide || uint(s.CodedHeight) > maxSide {
		r.fail(verify.Unsupported, "SPS: a side is over %d samples", maxSide)
	}
	s.Width, s.Height = s.CodedWidth, s.CodedHeight
	if r.flag() { // conformance_window_flag
		subW, subH := s.chromaSteps()
		left, right := r.ue(anyUE, "conf_win_left_offset"), r.ue(anyUE, "conf_win_right_offset")
		top, bottom := r.ue(anyUE, "conf_win_top_offset"), r.ue(anyUE, "conf_win_bottom_offset")
		w := int64(s.CodedWidth) - subW*(int64(left)+int64(right))
		h := int64(s.CodedHeight) - subH*(int64(top)+int64(bottom))
		if w <= 0 || h <= 0 {
			r.malformed("SPS: conformance window is empty")
		}
		s.Width, s.Height = int(w), int(h)
		s.Left, s.Top = int(subW*int64(left)), int(subH*int64(top))
	}
	s.BitDepthLuma = 8 + int(r.ue(8, "bit_depth_luma_minus8"))
	s.BitDepthChroma = 8 + int(r.ue(8, "bit_depth_chroma_minus8"))
	if !depthSupported(s.BitDepthLuma) || s.ChromaFormat != 0 && !depthSupported(s.BitDepthChroma) {
		r.fail(verify.Unsupported, "SPS: bit depths %d and %d", s.BitDepthLuma, s.BitDepthChroma)
	}
}

// chromaSteps returns SubWidthC and SubHeightC (table 6-1).
func (s *SPS) chromaSteps() (subW, subH int64) {
	subW, subH = 1, 1
	if s.ChromaFormat == 1 || s.ChromaFormat == 2 {
		subW = 2
	}
	if s.ChromaFormat == 1 {
		subH = 2
	}
	return subW, subH
}

// depthSupported: the depths that viewers show. Others (9, 11, 14, 16) are legal
// in the range extensions, but libheif and the platforms' decoders refuse them.
func depthSupported(d int) bool { return d == 8 || d == 10 || d == 12 }

// parseBlockSizes reads the sizes of coding and transform blocks (7.4.3.2.1).
func (s *SPS) parseBlockSizes(r *bitReader) {
	s.log2MinCb = uint8(r.ue(3, "log2_min_luma_coding_block_size_minus3")) + 3
	s.log2Ctb = s.log2MinCb + uint8(r.ue(3, "log2_diff_max_min_luma_coding_block_size"))
	s.log2MinTb = uint8(r.ue(3, "log2_min_luma_transform_block_size_minus2")) + 2
	s.log2MaxTb = s.log2MinTb + uint8(r.ue(3, "log2_diff_max_min_luma_transform_block_size"))
	if r.err != nil {
		return
	}
	// Every profile asks for CTBs of 16, 32 or 64 (A.3).
	if s.log2Ctb < 4 || s.log2Ctb > 6 {
		r.malformed("SPS: coding tree blocks of %d samples", 1<<s.log2Ctb)
		return
	}
	if s.log2MinTb >= s.log2MinCb || s.log2MaxTb > min(s.log2Ctb, 5) {
		r.malformed("SPS: transform blocks of %d to %d samples", 1<<s.log2MinTb, 1<<s.log2MaxTb)
		return
	}
	depthMax := uint32(s.log2Ctb - s.log2MinTb)
	r.ue(depthMax, "max_transform_hierarchy_depth_inter")
	s.maxTrDepthIntra = uint8(r.ue(depthMax, "max_transform_hierarchy_depth_intra"))
	if mask := 1<<s.log2MinCb - 1; s.CodedWidth&mask != 0 || s.CodedHeight&mask != 0 {
		r.malformed("SPS: %dx%d is not a multiple of the smallest coding block", s.CodedWidth, s.CodedHeight)
	}
	ctb := 1 << s.log2Ctb
	s.ctbCols = (s.CodedWidth + ctb - 1) >> s.log2Ctb
	s.ctbRows = (s.CodedHeight + ctb - 1) >> s.log2Ctb
}

func (s *SPS) parsePCM(r *bitReader) {
	s.pcmDepthLuma = uint8(r.u(4)) + 1
	s.pcmDepthChrm = uint8(r.u(4)) + 1
	s.log2MinPcm = uint8(r.ue(2, "log2_min_pcm_luma_coding_block_size_minus3")) + 3
	s.log2MaxPcm = s.log2MinPcm + uint8(r.ue(2, "log2_diff_max_min_pcm_luma_coding_block_size"))
	s.pcmUnfiltered = r.flag()
	if int(s.pcmDepthLuma) > s.BitDepthLuma || int(s.pcmDepthChrm) > s.BitDepthChroma {
		r.malformed("SPS: PCM samples deeper than the picture's")
	}
	if s.log2MinPcm < min(s.log2MinCb, 5) || s.log2MaxPcm > min(s.log2Ctb, 5) {
		r.malformed("SPS: PCM blocks of %d to %d samples", 1<<s.log2MinPcm, 1<<s.log2MaxPcm)
	}
}

// parseExtensions reads what follows sps_extension_present_flag.
func (s *SPS) parseExtensions(r *bitReader) {
	rangeExt, multilayerExt := r.flag(), r.flag()
	if r.u(6) != 0 {
		r.fail(verify.Unsupported, "SPS: 3D, screen content or unknown extension")
	}
	if rangeExt {
		s.parseRange(r)
	}
	if multilayerExt {
		// sps_multilayer_extension (F.7.3.2.2.4): on prediction between layers. The base
		// layer of a stereo picture has it, and is read without it.
		r.skip(1) // inter_view_mv_vert_constraint_flag
	}
}

// parseRange reads sps_range_extension.
func (s *SPS) parseRange(r *bitReader) {
	// sps_range_extension (7.3.2.2.2)
	s.tskipRotation, s.tskipContext = r.flag(), r.flag()
	s.implicitRDPCM, s.explicitRDPCM = r.flag(), r.flag()
	extendedPrecision := r.flag()
	s.noSmoothing = r.flag()
	r.skip(1) // high_precision_offsets_enabled_flag
	s.persistentRice = r.flag()
	// Both are of the 16-bit profiles (A.3.7) alone, which no viewer decodes:
	// libde265 and FFmpeg read such slices as if the flags were not set.
	if bypassAlignment := r.flag(); extendedPrecision || bypassAlignment {
		r.fail(verify.Unsupported, "SPS: extended precision or aligned bypass decoding")
	}
}

// subLayerOrdering reads the buffering fields that VPS and SPS share.
func subLayerOrdering(r *bitReader, maxSub uint8) {
	n := uint8(1)
	if r.flag() { // sub_layer_ordering_info_present_flag
		n = maxSub + 1
	}
	for range n {
		r.ue(maxRefPics-1, "max_dec_pic_buffering_minus1")
		r.ue(maxRefPics-1, "max_num_reorder_pics")
		r.ue(anyUE, "max_latency_increase_plus1")
	}
}

// profileTierLevel passes over profile_tier_level(1, maxSub) (7.3.3). Which
// tools are in use is told by flags that are read where they stand, so that the
// profile's name decides nothing.
func profileTierLevel(r *bitReader, maxSub uint8) {
	const profileBits, levelBits = 88, 8
	r.skip(profileBits + levelBits)
	var profiles, levels uint
	for range maxSub {
		profiles += uint(r.u(1))
		levels += uint(r.u(1))
	}
	if maxSub > 0 {
		r.skip(2 * uint(8-maxSub))
	}
	r.skip(profiles*profileBits + levels*levelBits)
}
