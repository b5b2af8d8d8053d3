package hevc

import "math/bits"

// Context variables, in blocks by syntax element.
const (
	ctxSAOMerge         = 0
	ctxSAOType          = ctxSAOMerge + 1
	ctxSplitCU          = ctxSAOType + 1
	ctxTransquantBypass = ctxSplitCU + 3
	ctxPartMode         = ctxTransquantBypass + 1
	ctxPrevIntra        = ctxPartMode + 1
	ctxIntraChroma      = ctxPrevIntra + 1
	ctxSplitTransform   = ctxIntraChroma + 1
	ctxCbfLuma          = ctxSplitTransform + 3
	ctxCbfChroma        = ctxCbfLuma + 2
	ctxCuQPDelta        = ctxCbfChroma + 5
	ctxTransformSkip    = ctxCuQPDelta + 2
	ctxLastX            = ctxTransformSkip + 2
	ctxLastY            = ctxLastX + 18
	ctxCodedSubBlock    = ctxLastY + 18
	ctxSig              = ctxCodedSubBlock + 4
	ctxSigSkip          = ctxSig + 42 // transform_skip_context_enabled_flag: luma, chroma
	ctxGreater1         = ctxSigSkip + 2
	ctxGreater2         = ctxGreater1 + 24
	ctxChromaQPFlag     = ctxGreater2 + 6
	ctxChromaQPIdx      = ctxChromaQPFlag + 1
	ctxResScaleAbs      = ctxChromaQPIdx + 1
	ctxResScaleSign     = ctxResScaleAbs + 8
	usedContexts        = ctxResScaleSign + 2

	numContexts = 256 // so that a uint8 indexes without a check
)

// contextInit holds initValue for initType 0, I slices: tables 9-5 to 9-37.
var contextInit = [usedContexts]uint8{
	153,           // sao_merge_left_flag, sao_merge_up_flag: table 9-5
	200,           // sao_type_idx: table 9-6
	139, 141, 157, // split_cu_flag: table 9-7
	154,           // cu_transquant_bypass_flag: table 9-8
	184,           // part_mode: table 9-11
	184,           // prev_intra_luma_pred_flag: table 9-12
	63,            // intra_chroma_pred_mode: table 9-13
	153, 138, 138, // split_transform_flag: table 9-20
	111, 141, // cbf_luma: table 9-21
	94, 138, 182, 154, 154, // cbf_cb, cbf_cr: table 9-22
	154, 154, // cu_qp_delta_abs: table 9-24
	139, 139, // transform_skip_flag: table 9-25
	// last_sig_coeff_x_prefix: table 9-26
	110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63,
	// last_sig_coeff_y_prefix: table 9-27
	110, 110, 124, 125, 140, 153, 125, 127, 140, 109, 111, 143, 127, 111, 79, 108, 123, 63,
	91, 171, 134, 141, // coded_sub_block_flag: table 9-28
	// sig_coeff_flag: table 9-29; 27 for luma, 15 for chroma
	111, 111, 125, 110, 110, 94, 124, 108, 124, 107, 125, 141, 179, 153,
	125, 107, 125, 141, 179, 153, 125, 107, 125, 141, 179, 153, 125,
	140, 139, 182, 182, 152, 136, 152, 136, 153, 136, 139, 111, 136, 139, 111,
	141, 111, // sig_coeff_flag of skipped transforms: table 9-29, 126 and 127
	// coeff_abs_level_greater1_flag: table 9-30
	140, 92, 137, 138, 140, 152, 138, 139, 153, 74, 149, 92,
	139, 107, 122, 152, 140, 179, 166, 182, 140, 227, 122, 197,
	138, 153, 136, 167, 152, 152, // coeff_abs_level_greater2_flag: table 9-31
	154,                                    // cu_chroma_qp_offset_flag: table 9-34
	154,                                    // cu_chroma_qp_offset_idx: table 9-35
	154, 154, 154, 154, 154, 154, 154, 154, // log2_res_scale_abs_plus1: table 9-36
	154, 154, // res_scale_sign_flag: table 9-37
}

// rangeTabLps is table 9-52: the range of the less probable symbol by pStateIdx
// and by bits 6 and 7 of ivlCurrRange.
var rangeTabLps = [64][4]uint8{
	{128, 176, 208, 240}, {128, 167, 197, 227}, {128, 158, 187, 216}, {123, 150, 178, 205},
	{116, 142, 169, 195}, {111, 135, 160, 185}, {105, 128, 152, 175}, {100, 122, 144, 166},
	{95, 116, 137, 158}, {90, 110, 130, 150}, {85, 104, 123, 142}, {81, 99, 117, 135},
	{77, 94, 111, 128}, {73, 89, 105, 122}, {69, 85, 100, 116}, {66, 80, 95, 110},
	{62, 76, 90, 104}, {59, 72, 86, 99}, {56, 69, 81, 94}, {53, 65, 77, 89},
	{51, 62, 73, 85}, {48, 59, 69, 80}, {46, 56, 66, 76}, {43, 53, 63, 72},
	{41, 50, 59, 69}, {39, 48, 56, 65}, {37, 45, 54, 62}, {35, 43, 51, 59},
	{33, 41, 48, 56}, {32, 39, 46, 53}, {30, 37, 43, 50}, {29, 35, 41, 48},
	{27, 33, 39, 45}, {26, 31, 37, 43}, {24, 30, 35, 41}, {23, 28, 33, 39},
	{22, 27, 32, 37}, {21, 26, 30, 35}, {20, 24, 29, 33}, {19, 23, 27, 31},
	{18, 22, 26, 30}, {17, 21, 25, 28}, {16, 20, 23, 27}, {15, 19, 22, 25},
	{14, 18, 21, 24}, {14, 17, 20, 23}, {13, 16, 19, 22}, {12, 15, 18, 21},
	{12, 14, 17, 20}, {11, 14, 16, 19}, {11, 13, 15, 18}, {10, 12, 15, 17},
	{10, 12, 14, 16}, {9, 11, 13, 15}, {9, 11, 12, 14}, {8, 10, 12, 14},
	{8, 9, 11, 13}, {7, 9, 11, 12}, {7, 9, 10, 12}, {7, 8, 10, 11},
	{6, 8, 9, 11}, {6, 7, 9, 10}, {6, 7, 8, 9}, {2, 2, 2, 2},
}

// transIdxLps is table 9-53. transIdxMps is the state plus one, up to 62.
var transIdxLps = [64]uint8{
	0, 0, 1, 2, 2, 4, 4, 5, 6, 7, 8, 9, 9, 11, 11, 12,
	13, 13, 15, 15, 16, 16, 18, 18, 19, 19, 21, 21, 22, 22, 23, 24,
	24, 25, 26, 26, 27, 27, 28, 29, 29, 30, 30, 30, 31, 32, 32, 33,
	33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37, 38, 38, 63,
}

// The tables below are made from those of the standard, and never change. Their
// index is 8 bits wide, so that it needs no check.
var (
	states      = makeStates() // by pStateIdx<<1 | valMps
	lpsShifts   = makeShifts()
	reciprocals = makeReciprocals() // of ranges 256..511, by their low 8 bits
)

// state is a context variable, with all that decoding a bin needs to know: the
// next state is looked up while the bin is still being decided.
//
//   - Four lanes of 12 bits, by bits 6 and 7 of ivlCurrRange: in the low 8 bits
//     the range of the less probable symbol, above them the shift that brings
//     it back to 256 or more.
//   - Bits 48 to 55: the index in states after the less probable symbol.
//   - Bits 56 to 63: the same after the more probable one. Its lowest bit, bit
//     56, is valMps, which that symbol does not change.
type state uint64

const (
	laneBits = 12
	afterLPS = 48
	afterMPS = 56
)

func makeStates() (t [256]state) {
	for s := range 128 {
		pState, mps := uint8(s>>1), uint8(s&1)
		for q, lps := range rangeTabLps[pState] {
			t[s] |= state(lps) << (8 * q)
		}
		t[s] |= state(min(pState+1, 62)<<1|mps) << afterMPS
		if pState == 0 {
			mps = 1 - mps
		}
		t[s] |= state(transIdxLps[pState]<<1|mps) << afterLPS
	}
	return t
}

func makeReciprocals() (t [256]uint64) {
	for i := range t {
		q, _ := bits.Div64(1<<(reciprocalShift-64), 0, 256+uint64(i))
		t[i] = q + 1
	}
	return t
}

// Scans (6.5.3 to 6.5.5) of the sub-blocks of a block, and of the coefficients of
// a sub-block.
const (
	scanDiagonal = iota
	scanHorizontal
	scanVertical
	numScans
)

// scanTable is one scan over a square of up to 8x8.
type scanTable struct {
	pos   [64]uint8 // y<<3 | x of each step
	index [64]uint8 // the step of each y<<3 | x
}

// scans holds the scans by Log2 of the side and by scanIdx.
var scans = makeScans()

func makeScans() (t [4][numScans]scanTable) {
	for log2 := range 4 {
		side := 1 << log2
		var n [numScans]int
		put := func(scan, x, y int) {
			p := uint8(y<<3 | x)
			t[log2][scan].pos[n[scan]] = p
			t[log2][scan].index[p] = uint8(n[scan])
			n[scan]++
		}
		for sum := range 2*side - 1 { // 6.5.3: from the lower left to the upper right
			for x := range side {
				if y := sum - x; y >= 0 && y < side {
					put(scanDiagonal, x, y)
				}
			}
		}
		for a := range side {
			for b := range side {
				put(scanHorizontal, b, a)
				put(scanVertical, a, b)
			}
		}
	}
	return t
}

// Kinds of blocks that differ in the contexts of sig_coeff_flag (9.3.4.2.5). A
// kind over 4x4 is followed by that of the block's first sub-block.
const (
	sigLuma4 = iota
	sigLuma8
	sigLuma8First
	sigLuma8Straight // horizontal and vertical scan
	sigLuma8StraightFirst
	sigLuma
	sigLumaFirst
	sigChroma4
	sigChroma8
	sigChroma8First
	sigChroma
	sigChromaFirst
	sigSkipLuma // transform_skip_context_enabled_flag
	sigSkipChroma
	numSigKinds
)

// sigContexts holds the context variable of sig_coeff_flag by kind of block, by
// scan, by prevCsbf, and by step of the scan in the sub-block.
var sigContexts = makeSigContexts()

func makeSigContexts() (t [numSigKinds][numScans][4][16]uint8) {
	ctxIdxMap := [16]uint8{0, 1, 4, 5, 2, 3, 4, 5, 6, 6, 8, 8, 7, 7, 8, 0} // table 9-50
	const luma, chroma = ctxSig, ctxSig + 27
	base := [numSigKinds]uint8{
		luma, luma + 9 + 3, luma + 9, luma + 15 + 3, luma + 15, luma + 21 + 3, luma + 21,
		chroma, chroma + 9, chroma + 9, chroma + 12, chroma + 12, ctxSigSkip, ctxSigSkip + 1,
	}
	for kind := range numSigKinds {
		for scan := range numScans {
			for csbf := range 4 {
				for n := range 16 {
					p := scans[2][scan].pos[n]
					x, y := p&7, p>>3
					var sigCtx uint8
					switch {
					case kind >= sigSkipLuma:
					case kind == sigLuma4 || kind == sigChroma4:
						sigCtx = ctxIdxMap[y<<2|x]
					case csbf == 0:
						sigCtx = [7]uint8{2, 1, 1}[x+y]
					case csbf == 1:
						sigCtx = [4]uint8{2, 1}[y]
					case csbf == 2:
						sigCtx = [4]uint8{2, 1}[x]
					default:
						sigCtx = 2
					}
					t[kind][scan][csbf][n] = base[kind] + sigCtx
				}
				switch kind { // the DC coefficient of the block
				case sigLuma8First, sigLuma8StraightFirst, sigLumaFirst:
					t[kind][scan][csbf][0] = luma
				case sigChroma8First, sigChromaFirst:
					t[kind][scan][csbf][0] = chroma
				}
			}
		}
	}
	return t
}

func makeShifts() (t [256]uint8) {
	for r := 1; r < 256; r++ {
		t[r] = uint8(offsetBits - bits.Len(uint(r)))
	}
	return t
}
