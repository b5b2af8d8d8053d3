//go:build imgvet_browser

package pixels

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/verify"
)

// Builds for browsers have only the decoder for HEIC, which most browsers lack. The others would
// weigh as much again.

// Decode fails: this build has none of its decoders.
func Decode(context.Context, detect.Format, []byte, int) (image.Image, error) {
	return nil, &verify.Fault{Reason: verify.Unsupported, Offset: -1, Text: "built without decoders"}
}

// Reduces reports whether files of format f can be reduced as they are decoded.
func Reduces(f detect.Format) bool { return f == detect.HEIC }

// Scale returns by how much a file of format f and of that size can be reduced as it is
// decoded, so that its longer side keeps minSide pixels or more.
func Scale(f detect.Format, width, height, minSide int) int {
	if !Reduces(f) || minSide <= 0 {
		return 1
	}
	scale := 8
	for scale > 1 && (max(width, height)+scale-1)/scale < minSide {
		scale /= 2
	}
	return scale
}
