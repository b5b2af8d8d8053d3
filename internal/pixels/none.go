//go:build imgvet_verdictonly

package pixels

import (
	"image"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/verify"
)

// Builds for browsers only give verdicts: they are made without decoders, whose
// code weighs a fifth of the download.

// Decode fails: this build has no decoders.
func Decode(detect.Format, []byte) (image.Image, error) {
	return nil, &verify.Fault{Reason: verify.Unsupported, Offset: -1, Text: "built without decoders"}
}

// Fit returns img: without decoders there is nothing to scale.
func Fit(img image.Image, _ int) image.Image { return img }

// Upright returns img: without decoders there is nothing to turn.
func Upright(img image.Image, _ int) image.Image { return img }
