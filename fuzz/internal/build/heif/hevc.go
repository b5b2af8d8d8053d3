package heif

import "github.com/imgvet/imgvet/fuzz/internal/pack"

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
	IDR = 20
	VPS = 32
	SPS = 33
	PPS = 34
)

// hevcWriter writes the payload of a NAL unit.
type hevcWriter struct{ pack.MSB }

// profile writes profile_tier_level (H.265 7.3.3): Main Still Picture, or the
// range extensions for greyscale.
func (w *hevcWriter) profile(gray bool) {
	idc, compatible := uint64(3), uint64(0x70000000)
	if gray {
		idc, compatible = 4, 0x08000000
	}
	w.Put(idc, 8)
	w.Put(compatible, 32)
	w.Put(0x9, 4) // progressive, frames only
	w.Put(0, 44)
	w.Put(186, 8) // level 6.2
}

// stopBit writes rbsp_trailing_bits.
func (w *hevcWriter) stopBit() []byte {
	w.Put(1, 1)
	w.Align()
	return w.Bytes
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
	w.Put(1, 8) // VPS 0, one sub-layer, nested
	w.profile(gray)
	w.UE(0) // SPS 0
	w.UE(chroma)
	w.UE(uint64(codedW))
	w.UE(uint64(codedH))
	w.Put(1, 1) // conformance window: left, right, top, bottom
	w.UE(0)
	w.UE(uint64((codedW - width) / unit))
	w.UE(0)
	w.UE(uint64((codedH - height) / unit))
	w.UE(0) // 8 bits
	w.UE(0)
	w.UE(0)     // log2_max_pic_order_cnt_lsb_minus4
	w.Put(1, 1) // sub-layer ordering: one buffer, no reordering
	w.UE(0)
	w.UE(0)
	w.UE(0)
	w.UE(0) // coding blocks of 8 to 64
	w.UE(3)
	w.UE(0) // transform blocks of 4 to 32
	w.UE(3)
	w.UE(0)
	w.UE(0)
	w.Put(0, 4) // no scaling lists, AMP, SAO, PCM
	w.UE(0)     // no reference picture sets
	w.Put(0, 5) // no long-term pictures, TMVP, smoothing, VUI, extension
	return hevcNAL(SPS, w.stopBit())
}

func hevcVPS(gray bool) []byte {
	var w hevcWriter
	w.Put(0x3, 6) // VPS 0, base layer internal and available
	w.Put(0, 6)   // one layer
	w.Put(0, 3)   // one sub-layer
	w.Put(1, 1)
	w.Put(0xffff, 16)
	w.profile(gray)
	w.Put(1, 1)
	w.UE(0)
	w.UE(0)
	w.UE(0)
	w.Put(0, 6)
	w.UE(0)
	w.Put(0, 2)
	return hevcNAL(VPS, w.stopBit())
}

func hevcPPS() []byte {
	var w hevcWriter
	w.UE(0)
	w.UE(0)
	w.Put(0, 7)
	w.UE(0)
	w.UE(0)
	w.UE(0)     // init_qp 26
	w.Put(0, 3) // no constrained intra, transform skip, delta QP
	w.UE(0)
	w.UE(0)
	w.Put(0, 10) // nothing else up to lists_modification_present_flag
	w.UE(0)
	w.Put(0, 2)
	return hevcNAL(PPS, w.stopBit())
}

// SliceNAL returns the head of an intra slice of those parameter sets, and n
// bytes that stand for its coded tree, with its length in front.
func SliceNAL(n int) []byte {
	var w hevcWriter
	w.Put(2, 2) // first slice of the picture; earlier pictures are output
	w.UE(0)     // PPS 0
	w.UE(2)     // I
	w.UE(0)     // slice_qp_delta
	nal := hevcNAL(IDR, append(w.stopBit(), pack.Pattern(n, 17)...))
	return pack.Join(pack.BE32(uint32(len(nal))), nal)
}
