package hevc

// parseVPS reads video_parameter_set_rbsp (7.3.2.1) and returns its identifier.
// Nothing in a VPS changes how a picture of the base layer is read, but a broken
// one is no sound file.
func parseVPS(nal []byte, base int) (id uint8, err error) {
	r := newBitReader(nal, base)
	id = uint8(r.u(4))
	r.skip(2) // vps_base_layer_internal_flag, vps_base_layer_available_flag
	r.skip(6) // vps_max_layers_minus1
	maxSub := uint8(r.u(3))
	if maxSub >= maxSubLayers {
		r.malformed("VPS: %d sub-layers", maxSub+1)
	}
	r.skip(1) // vps_temporal_id_nesting_flag
	if r.u(16) != 0xFFFF {
		r.malformed("VPS: vps_reserved_0xffff_16bits")
	}
	profileTierLevel(&r, maxSub)
	subLayerOrdering(&r, maxSub)
	maxLayerID := uint(r.u(6))
	sets := r.ue(1023, "vps_num_layer_sets_minus1")
	for range sets {
		r.skip(maxLayerID + 1)
	}
	if r.flag() { // vps_timing_info_present_flag
		timingInfo(&r)
		vpsHRD(&r, sets, maxSub)
	}
	// A VPS extension is of other layers, which are not decoded.
	if extension := r.flag(); !extension {
		r.trailingBits("VPS")
	}
	return id, r.fault()
}

// vpsHRD passes over the hrd_parameters of a VPS.
func vpsHRD(r *bitReader, sets uint32, maxSub uint8) {
	n := r.ue(sets+1, "vps_num_hrd_parameters")
	for i := uint32(0); i < n && r.err == nil; i++ {
		r.ue(sets, "hrd_layer_set_idx")
		common := i == 0 || r.flag() // cprms_present_flag
		hrdParameters(r, common, maxSub)
	}
}
