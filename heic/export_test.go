package heic

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/heic/internal/render"
	"github.com/imgvet/imgvet/internal/verify"
)

// Samples is Decode without what turns samples into colours and the picture upright:
// what other decoders return. It is nil for items that are neither coded nor a grid.
func Samples(ctx context.Context, b []byte) (*image.YCbCr, error) {
	v := newVerifier(verify.Memory(ctx, b), Limits{})
	if err := v.verify(); err != nil {
		return nil, err
	}
	return render.Samples(ctx, v.File, render.Options{Limits: Limits{}.coded(), Parallel: 1})
}
