package heic

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/imgvet/imgvet/heic/internal/render"
	"github.com/imgvet/imgvet/internal/verify"
)

// Decode returns the pixels of b, upright: clap, irot and imir applied. It calls
// [Verify] first; the samples are then made by the same reader, so that all that
// Verify accepts has pixels.
//
// The result is an *image.YCbCr, full range with the matrix of BT.601, as image/jpeg
// returns it; or an *image.NRGBA where that cannot hold the picture (RGB and BT.709 or
// BT.2020 matrices, overlays, odd crops). Samples of over 8 bits are cut to 8.
// Colour profiles and the alpha plane of the shown picture are not applied; layers of an
// overlay are blended by their alpha planes. Its bounds start at 0, 0.
//
// An [*Error] is a refusal. Any other error is operational: a done ctx, which is
// looked at once for each row of coding tree blocks, and of samples that are converted.
//
// It costs the planes of the picture, 1.5 to 3 bytes a pixel (4 more where the result
// is an NRGBA), and two rows of coding tree blocks. Coded pictures are decoded once,
// however often the file names them. Safe for concurrent use.
func Decode(ctx context.Context, b []byte, lim Limits) (image.Image, error) {
	return DecodeReduced(ctx, b, lim, 1)
}

// DecodeReduced is Decode at a smaller size: each side is divided by scale, which is 1,
// 2, 4 or 8, and rounded up, and each sample is the mean of those it stands for. A
// coded picture and a grid are never held in full for it. Overlays, identities, and
// crops and tiles whose edges fall between chroma samples are, before they are
// reduced.
func DecodeReduced(ctx context.Context, b []byte, lim Limits, scale int) (image.Image, error) {
	shift, ok := map[int]uint{1: 0, 2: 1, 4: 2, 8: 3}[scale]
	if !ok {
		return nil, fmt.Errorf("heic: a scale of %d; it must be 1, 2, 4 or 8", scale)
	}
	v := newVerifier(verify.Memory(ctx, b), lim)
	if err := v.verifyOnce(ctx); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	img, err := render.Picture(ctx, v.File, render.Options{Limits: lim.coded(), Parallel: lim.parallel(), Shift: shift})
	switch {
	case err == nil:
		return img, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	// The file has been verified: what goes wrong now is no verdict, and so not wrapped.
	return nil, errors.New("heic: no pixels of a verified file: " + err.Error())
}

// verifyOnce verifies the file. Of one that ctx says has passed, only the container is
// read, up to the coded pictures: reading these again is a fifth of a decode. The
// decoder finds their faults itself, should the bytes have changed meanwhile.
func (v *verifier) verifyOnce(ctx context.Context) error {
	if !verify.HasPassed(ctx, v.Bytes, v.lim.verify()) {
		return v.verify()
	}
	v.passed = true
	if err := v.Parse(); err != nil {
		return err
	}
	if err := v.describePrimary(); err != nil {
		return err
	}
	return v.verifyPrimary()
}
