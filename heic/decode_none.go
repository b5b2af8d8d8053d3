//go:build imgvet_verdictonly

package heic

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/internal/verify"
)

// Decode fails: builds for browsers only give verdicts.
func Decode(context.Context, []byte, Limits) (image.Image, error) {
	return nil, &verify.Fault{Reason: verify.Unsupported, Offset: -1, Text: "built without decoders"}
}

// DecodeReduced fails like [Decode].
func DecodeReduced(ctx context.Context, b []byte, lim Limits, _ int) (image.Image, error) {
	return Decode(ctx, b, lim)
}
