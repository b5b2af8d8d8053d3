package hevc

// filterChoice is what a random picture says of its samples that nothing in the
// slice data depends on.
type filterChoice struct {
	scaling                      bool
	pcmUnfiltered                bool
	strongSmoothing, noSmoothing bool
	rotation                     bool
	chromaQP                     [2]int
	sliceChromaQP                bool
	acrossTiles, acrossSlices    bool
	deblockControl               bool
	deblockOverride, deblockOff  bool
	beta, tc                     int
}

func (s *stream) pickFilters() {
	f := &s.filters
	f.pcmUnfiltered, f.strongSmoothing = s.chance(.5), s.chance(.5)
	f.noSmoothing, f.rotation = s.chance(.2), s.chance(.5)
	f.acrossTiles, f.acrossSlices = s.chance(.5), s.chance(.6)
	_ = s.chance(.5) // a draw less would make other streams of all seeds
	if s.chance(.4) {
		f.chromaQP = [2]int{s.between(-12, 12), s.between(-12, 12)}
		f.sliceChromaQP = s.chance(.5)
		// Their sum is in -12..12 as well.
		for i := range f.chromaQP {
			f.chromaQP[i] /= 2
		}
	}
	if f.deblockControl = s.chance(.7); f.deblockControl {
		f.deblockOverride, f.deblockOff = s.chance(.5), s.chance(.3)
		f.beta, f.tc = s.between(-6, 6), s.between(-6, 6)
	}
	if f.scaling = s.chance(.3); f.scaling {
		s.lists = [2]bool{s.chance(.5), s.chance(.4)}
	}
}

// writePPS writes the fields of deblocking of a PPS.
func (f *filterChoice) writePPS(w *bitWriter) {
	w.flag(f.deblockControl)
	if !f.deblockControl {
		return
	}
	w.flags(f.deblockOverride, f.deblockOff)
	if !f.deblockOff {
		w.se(f.beta)
		w.se(f.tc)
	}
}

// writeSlice writes those of a slice header, and tells whether it is deblocked. In tame
// pictures all slices have one offset for tC: beside the edge of a slice FFmpeg filters
// chroma with that of another slice, which is 0 for it where a slice is not deblocked.
func (f *filterChoice) writeSlice(s *stream, w *bitWriter) bool {
	off := f.deblockControl && f.deblockOff
	if f.deblockControl && f.deblockOverride {
		override := s.chance(.5)
		w.flag(override)
		if override {
			off = s.chance(.3) && (!s.tame || f.tcOfPPS() == 0)
			w.flag(off)
			if !off {
				beta, tc := s.between(-6, 6), s.between(-6, 6)
				if s.tame {
					tc = f.tcOfPPS()
				}
				w.se(beta)
				w.se(tc)
			}
		}
	}
	return !off
}

// tcOfPPS is the offset that the PPS has for slices without one.
func (f *filterChoice) tcOfPPS() int {
	if f.deblockOff {
		return 0
	}
	return f.tc
}

// writeLists writes random scaling_list_data.
func (s *stream) writeLists(w *bitWriter) {
	for sizeID := range 4 {
		step := 1
		if sizeID == 3 {
			step = 3
		}
		for matrixID := 0; matrixID < 6; matrixID += step {
			coded := s.chance(.5)
			w.flag(coded)
			if !coded {
				w.ue(s.between(0, matrixID/step))
				continue
			}
			next := 8
			if sizeID > 1 {
				next = s.between(1, 64)
				w.se(next - 8)
			}
			for range min(64, 16<<(2*sizeID)) {
				value := min(max(next+s.between(-6, 8), 1), 255)
				w.se(value - next)
				next = value
			}
		}
	}
}

// acrossSlices picks slice_loop_filter_across_slices_enabled_flag. Of two slices the
// flag of the later one decides for the samples of both (8.7.3.2); libde265 and
// FFmpeg take that of the sample's own slice, so that tame pictures have but one: that of
// the PPS, which slices without filters have too.
func (s *stream) acrossSlices() bool {
	if s.tame {
		return s.filters.acrossSlices
	}
	return s.chance(.5)
}
