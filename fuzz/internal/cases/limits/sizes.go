package limits

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/validate"
)

// Sizes stand at, just under and just over the two limits: fewer than
// 10,485,760 bytes, at most 220,000,000 pixels.
func Sizes(yield func(cases.Case) bool) {
	const maxBytes = validate.MaxBytes
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC} {
		for size := maxBytes - 2; size <= maxBytes+1; size++ {
			if f == detect.WebP && size%2 == 1 {
				continue // chunks are padded to even sizes (RFC 9649 2.3)
			}
			c := cases.Case{
				Name:   fmt.Sprintf("%s/size_%d_bytes", f, size),
				Data:   build.OfSize(f, size),
				Format: f,
				OK:     size < maxBytes,
				Why:    `"file must be less than 10mb": 10,485,760 bytes`,
			}
			if !c.OK {
				c.Code = validate.CodeTooLarge
			}
			if !yield(c) {
				return
			}
		}
	}
	for _, c := range pixels() {
		if !yield(c) {
			return
		}
	}
}

// pixels stand at the limit and beside it. 16320 x 12240 is what a phone of 200
// megapixels writes.
func pixels() []cases.Case {
	const why = "at most 220,000,000 pixels"
	var all []cases.Case
	s := &cases.Suite{Format: detect.PNG}
	bits := func(w, h uint32) []byte { return png.Info{W: w, H: h, Depth: 1, Colour: png.Gray}.Zeros() }
	s.Good("pixels_219999999", bits(6459, 34061), why)
	s.Good("pixels_220000000", bits(22000, 10000), why)
	s.Bad("pixels_220000001", bits(2951, 74551), why)
	all = append(all, s.Cases...)
	s = &cases.Suite{Format: detect.JPEG}
	s.Good("pixels_16320x12240", jpeg.FlatGray(16320, 12240), why)
	s.Good("pixels_219999999", jpeg.FlatGray(6459, 34061), why)
	s.Good("pixels_220000000", jpeg.FlatGray(22000, 10000), why)
	s.Bad("pixels_220010000", jpeg.FlatGray(22001, 10000), why)
	return append(all, s.Cases...)
}
