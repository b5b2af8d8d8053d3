package recon

// Sequence is what the parameter sets say of a picture's samples.
type Sequence struct {
	Width, Height         int    // of the coded picture, in luma samples; multiples of 8
	ChromaFormat          int    // chroma_format_idc: 0 4:0:0, 1 4:2:0, 2 4:2:2, 3 4:4:4
	BitDepth              [2]int // of luma and chroma: 8..12
	PCMBitDepth           [2]int
	Log2Ctb               uint8 // 4..6
	TileRowCtbs           int   // where tiles stand beside each other the most CTBs that a row of them is high, else 0
	RowsAtOnce            int   // the most rows of CTBs that workers make at a time
	StrongSmoothing       bool  // strong_intra_smoothing_enabled_flag
	SmoothingDisabled     bool  // intra_smoothing_disabled_flag
	ImplicitRDPCM         bool
	SkipRotation          bool // transform_skip_rotation_enabled_flag
	CrossComponent        bool
	PCMLoopFilterDisabled bool
	LoopFilterAcrossTiles bool
	ChromaQPOffset        [2]int   // pps_cb_qp_offset, pps_cr_qp_offset
	SAOShift              [2]uint8 // log2_sao_offset_scale of luma and chroma
	Scaling               *Scaling // nil: flat
}

// Slice is what a slice header says of the samples.
type Slice struct {
	QP             int    // SliceQpY
	ChromaQPOffset [2]int // slice_cb_qp_offset, slice_cr_qp_offset
	Deblock        bool   // slice_deblocking_filter_disabled_flag is 0
	BetaOffset     int    // slice_beta_offset_div2 * 2
	TcOffset       int    // slice_tc_offset_div2 * 2
	AcrossSlices   bool   // slice_loop_filter_across_slices_enabled_flag
}

// Neighbours tells which coding tree blocks around one are available to its
// prediction: coded before it, in the same slice and the same tile.
type Neighbours struct{ Left, Up, UpLeft, UpRight bool }

// SAO is the sample adaptive offset of one component of a coding tree block.
type SAO struct {
	Kind   uint8    // SaoTypeIdx: 0 none, 1 band, 2 edge
	Class  uint8    // sao_eo_class, or sao_band_position
	Offset [4]int16 // with signs, not scaled
}

// Sink takes the samples of a picture, once each: of a component from left to right
// and line by line, where x and y count that component's samples. The line is the
// sink's only until it returns.
type Sink interface {
	Line(comp, x, y int, line []uint16)
}
