package hevc

// vuiParameters reads vui_parameters (E.2.1), and keeps how samples are turned
// into colours. Nothing in it changes how the slices are read.
func (s *SPS) vuiParameters(r *bitReader, maxSub uint8) {
	if r.flag() { // aspect_ratio_info_present_flag
		const extendedSAR = 255
		if r.u(8) == extendedSAR {
			r.skip(32)
		}
	}
	if r.flag() { // overscan_info_present_flag
		r.skip(1)
	}
	if r.flag() { // video_signal_type_present_flag
		r.skip(3) // video_format
		s.FullRange = r.flag()
		if r.flag() { // colour_description_present_flag
			r.skip(8) // colour_primaries
			s.Transfer = uint8(r.u(8))
			s.Matrix = uint8(r.u(8))
		}
	}
	if r.flag() { // chroma_loc_info_present_flag
		r.ue(5, "chroma_sample_loc_type_top_field")
		r.ue(5, "chroma_sample_loc_type_bottom_field")
	}
	r.skip(3)     // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
	if r.flag() { // default_display_window_flag
		left, right := r.ue(anyUE, "def_disp_win_left_offset"), r.ue(anyUE, "def_disp_win_right_offset")
		top, bottom := r.ue(anyUE, "def_disp_win_top_offset"), r.ue(anyUE, "def_disp_win_bottom_offset")
		// E.3.1: it lies in the conformance window. No still picture viewer cuts by it.
		subW, subH := s.chromaSteps()
		if subW*int64(left+right) >= int64(s.Width) || subH*int64(top+bottom) >= int64(s.Height) {
			r.malformed("VUI: the default display window is empty")
		}
	}
	if r.flag() { // vui_timing_info_present_flag
		timingInfo(r)
		if r.flag() { // vui_hrd_parameters_present_flag
			hrdParameters(r, true, maxSub)
		}
	}
	if r.flag() { // bitstream_restriction_flag
		r.skip(3)
		r.ue(4095, "min_spatial_segmentation_idc")
		r.ue(16, "max_bytes_per_pic_denom")
		r.ue(16, "max_bits_per_min_cu_denom")
		r.ue(15, "log2_max_mv_length_horizontal")
		r.ue(15, "log2_max_mv_length_vertical")
	}
}

// timingInfo passes over the fields on time that VPS and VUI share.
func timingInfo(r *bitReader) {
	r.skip(64)    // num_units_in_tick, time_scale
	if r.flag() { // poc_proportional_to_timing_flag
		r.ue(anyUE, "num_ticks_poc_diff_one_minus1")
	}
}

// hrdParameters passes over hrd_parameters (E.2.2).
func hrdParameters(r *bitReader, common bool, maxSub uint8) {
	var nal, vcl, subPic bool
	if common {
		nal, vcl = r.flag(), r.flag()
		if nal || vcl {
			if subPic = r.flag(); subPic {
				r.skip(8 + 5 + 1 + 5)
			}
			r.skip(4 + 4)
			if subPic {
				r.skip(4)
			}
			r.skip(5 + 5 + 5)
		}
	}
	for range maxSub + 1 {
		if r.err != nil {
			return
		}
		fixedGeneral := r.flag()
		fixedCVS := fixedGeneral || r.flag()
		lowDelay := false
		if fixedCVS {
			r.ue(2047, "elemental_duration_in_tc_minus1")
		} else {
			lowDelay = r.flag()
		}
		cpbs := uint32(1)
		if !lowDelay {
			cpbs += r.ue(31, "cpb_cnt_minus1")
		}
		if nal {
			subLayerHRD(r, cpbs, subPic)
		}
		if vcl {
			subLayerHRD(r, cpbs, subPic)
		}
	}
}

// subLayerHRD passes over sub_layer_hrd_parameters (E.2.3).
func subLayerHRD(r *bitReader, cpbs uint32, subPic bool) {
	for range cpbs {
		r.ue(anyUE, "bit_rate_value_minus1")
		r.ue(anyUE, "cpb_size_value_minus1")
		if subPic {
			r.ue(anyUE, "cpb_size_du_value_minus1")
			r.ue(anyUE, "bit_rate_du_value_minus1")
		}
		r.skip(1) // cbr_flag
	}
}
