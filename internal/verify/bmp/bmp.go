package bmp

import (
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// Verify returns nil if b is one whole BMP picture within lim, else a [*verify.Fault]. It
// allocates only for faults and warnings, and is safe for concurrent use.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	var info verify.Info
	h, err := dib.Parse(b, lim, &info)
	if err != nil {
		return info, err
	}
	info.Frames = 1
	readFacts(&h, &info.Facts)
	if h.IsRLE() {
		end, _, err := h.WalkRLE(b, &info)
		if err != nil {
			return info, err
		}
		h.CheckEnd(b, end, &info)
	}
	h.CheckIndices(b, &info)
	return info, nil
}

// readFacts notes what the headers say about the picture.
func readFacts(h *dib.Header, f *verify.Facts) {
	switch h.Bits {
	case 24:
		f.BitDepth = 8
	case 16, 32:
		for _, mask := range h.Masks[:3] {
			f.BitDepth = max(f.BitDepth, bits.OnesCount32(mask))
		}
		f.Alpha = h.Masks[3] != 0
	default:
		f.BitDepth = h.Bits
	}
	if h.Profile != nil {
		f.AddICC(h.Profile)
	}
}
