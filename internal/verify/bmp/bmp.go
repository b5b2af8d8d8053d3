package bmp

import (
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// Verify reports whether b is one whole BMP picture within lim. The error is a
// [*verify.Fault]. It allocates only for faults and warnings, and is safe for
// concurrent use.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	var info verify.Info
	h, err := dib.Parse(b, lim, &info)
	if err != nil {
		return info, err
	}
	info.Frames = 1
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
