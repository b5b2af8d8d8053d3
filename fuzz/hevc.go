package fuzz

// Parameter sets of H.265 (V10, 07/2024), written bit by bit, so that a file can
// claim any size.

// hevcNAL returns a NAL unit: its header, and the payload with emulation
// prevention bytes (H.265 7.3.1.1).
func hevcNAL(kind byte, rbsp []byte) []byte {
	b := []byte{kind << 1, 1}
	zeros := 0
	for _, v := range rbsp {
		if zeros == 2 && v <= 3 {
			b, zeros = append(b, 3), 0
		}
		b = append(b, v)
		if v == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return b
}

// NAL unit types (H.265 table 7-1).
const (
	nalIDR = 20
	nalVPS = 32
	nalSPS = 33
	nalPPS = 34
)

// hevcWriter writes the payload of a NAL unit.
type hevcWriter struct{ msbWriter }

// profile writes profile_tier_level (H.265 7.3.3): Main Still Picture, or the
// range extensions for greyscale.
func (w *hevcWriter) profile(gray bool) {
	idc, compatible := uint64(3), uint64(0x70000000)
	if gray {
		idc, compatible = 4, 0x08000000
	}
	w.put(idc, 8)
	w.put(compatible, 32)
	w.put(0x9, 4) // progressive, frames only
	w.put(0, 44)
	w.put(186, 8) // level 6.2
}

// stopBit writes rbsp_trailing_bits.
func (w *hevcWriter) stopBit() []byte {
	w.put(1, 1)
	w.align()
	return w.b
}

// hevcSPS claims any size. Odd sizes need a conformance window of single
// samples, and so greyscale.
func hevcSPS(width, height int) []byte {
	gray := width%2 != 0 || height%2 != 0
	codedW, codedH := (width+7)&^7, (height+7)&^7
	chroma, unit := uint64(1), 2
	if gray {
		chroma, unit = 0, 1
	}
	var w hevcWriter
	w.put(1, 8) // VPS 0, one sub-layer, nested
	w.profile(gray)
	w.ue(0) // SPS 0
	w.ue(chroma)
	w.ue(uint64(codedW))
	w.ue(uint64(codedH))
	w.put(1, 1) // conformance window: left, right, top, bottom
	w.ue(0)
	w.ue(uint64((codedW - width) / unit))
	w.ue(0)
	w.ue(uint64((codedH - height) / unit))
	w.ue(0) // 8 bits
	w.ue(0)
	w.ue(0)     // log2_max_pic_order_cnt_lsb_minus4
	w.put(1, 1) // sub-layer ordering: one buffer, no reordering
	w.ue(0)
	w.ue(0)
	w.ue(0)
	w.ue(0) // coding blocks of 8 to 64
	w.ue(3)
	w.ue(0) // transform blocks of 4 to 32
	w.ue(3)
	w.ue(0)
	w.ue(0)
	w.put(0, 4) // no scaling lists, AMP, SAO, PCM
	w.ue(0)     // no reference picture sets
	w.put(0, 5) // no long-term pictures, TMVP, smoothing, VUI, extension
	return hevcNAL(nalSPS, w.stopBit())
}

func hevcVPS(gray bool) []byte {
	var w hevcWriter
	w.put(0x3, 6) // VPS 0, base layer internal and available
	w.put(0, 6)   // one layer
	w.put(0, 3)   // one sub-layer
	w.put(1, 1)
	w.put(0xffff, 16)
	w.profile(gray)
	w.put(1, 1)
	w.ue(0)
	w.ue(0)
	w.ue(0)
	w.put(0, 6)
	w.ue(0)
	w.put(0, 2)
	return hevcNAL(nalVPS, w.stopBit())
}

func hevcPPS() []byte {
	var w hevcWriter
	w.ue(0)
	w.ue(0)
	w.put(0, 7)
	w.ue(0)
	w.ue(0)
	w.ue(0)     // init_qp 26
	w.put(0, 3) // no constrained intra, transform skip, delta QP
	w.ue(0)
	w.ue(0)
	w.put(0, 10) // nothing else up to lists_modification_present_flag
	w.ue(0)
	w.put(0, 2)
	return hevcNAL(nalPPS, w.stopBit())
}

// hvcCFor returns an HEVC configuration (ISO/IEC 14496-15 8.3.3.1) of parameter
// sets that claim a size.
func hvcCFor(width, height int) []byte {
	gray := width%2 != 0 || height%2 != 0
	profile, compatible, chroma := byte(3), byte(0x70), byte(1)
	if gray {
		profile, compatible, chroma = 4, 0x08, 0
	}
	head := []byte{1, profile, compatible, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 186, 0xf0, 0, 0xfc, 0xfc | chroma, 0xf8, 0xf8, 0, 0, 0x0f, 3}
	body := head
	for _, nal := range [][]byte{hevcVPS(gray), hevcSPS(width, height), hevcPPS()} {
		body = append(body, join([]byte{0x80 | nal[0]>>1}, be16(1), be16(len(nal)), nal)...)
	}
	return box("hvcC", body)
}

// hevcSlice returns the head of an intra slice of those parameter sets, and n
// bytes that stand for its coded tree, with its length in front.
func hevcSlice(n int) []byte {
	var w hevcWriter
	w.put(2, 2) // first slice of the picture; earlier pictures are output
	w.ue(0)     // PPS 0
	w.ue(2)     // I
	w.ue(0)     // slice_qp_delta
	nal := hevcNAL(nalIDR, append(w.stopBit(), pattern(n, 17)...))
	return join(be32(uint32(len(nal))), nal)
}
