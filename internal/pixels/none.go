//go:build imgvet_verdictonly

package pixels

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/verify"
)

// Builds for browsers only give verdicts: they are made without decoders, whose
// code weighs a fifth of the download.

// Decode fails: this build has no decoders.
func Decode(context.Context, detect.Format, []byte, int) (image.Image, error) {
	return nil, &verify.Fault{Reason: verify.Unsupported, Offset: -1, Text: "built without decoders"}
}

// Reduces returns false.
func Reduces(detect.Format) bool { return false }

// Scale returns 1.
func Scale(detect.Format, int, int, int) int { return 1 }

// Fitted returns size: without decoders there is nothing to scale.
func Fitted(size image.Point, _ int) image.Point { return size }

// FitTo returns img: without decoders there is nothing to scale.
func FitTo(img image.Image, _ image.Point) image.Image { return img }

// Fit returns img: without decoders there is nothing to scale.
func Fit(img image.Image, _ int) image.Image { return img }

// Upright returns img: without decoders there is nothing to turn.
func Upright(img image.Image, _ int) image.Image { return img }
