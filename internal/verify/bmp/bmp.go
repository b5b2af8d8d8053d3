package bmp

import (
	"errors"
	"math/bits"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// Verify is [VerifyInput] for a file in memory.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	return verify.Whole(b, lim, VerifyInput)
}

// VerifyInput returns nil if in is one whole BMP picture within lim, else a [*verify.Fault], or
// the error of in. It allocates only for faults and warnings, and is safe for concurrent use.
//
// Headers and run-length codes are judged as they arrive, plain rows when the file is whole: all
// that is looked for in them is that they are there.
func VerifyInput(in *verify.Input, lim verify.Limits) (verify.Info, error) {
	var info verify.Info
	h, err := parse(in, lim, &info)
	if err == nil {
		info.Frames = 1
		readFacts(&h, &info.Facts)
		err = pixels(in, &h, &info)
	}
	if in.Err() != nil {
		err = in.Err()
	}
	return info, err
}

// parse parses the headers: of plain rows when the file is whole.
func parse(in *verify.Input, lim verify.Limits, info *verify.Info) (dib.Header, error) {
	if !in.InMemory() && in.Reach(dib.HeadSize) {
		h, err := dib.Parse(in.Bytes()[:dib.HeadSize], lim, info)
		var fault *verify.Fault
		if err == nil && h.IsRLE() || errors.As(err, &fault) && fault.Reason != verify.Truncated {
			return h, err
		}
		*info = verify.Info{}
		in.All()
	}
	return dib.Parse(in.File(), lim, info)
}

// pixels verifies what follows the headers.
func pixels(in *verify.Input, h *dib.Header, info *verify.Info) error {
	if !h.IsRLE() {
		h.CheckIndices(in, info)
		return nil
	}
	end, _, err := h.WalkRLE(in, info)
	if err != nil {
		return err
	}
	in.Spend(end-int64(h.Data), verify.WeightBMP, h.Data)
	in.All()
	h.CheckEnd(in.Bytes(), end, info)
	return nil
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
