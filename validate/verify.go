package validate

import (
	"context"
	"errors"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/jpeg"
	"github.com/imgvet/imgvet/internal/verify/png"
	"github.com/imgvet/imgvet/internal/verify/webp"
)

// verify judges the whole file, down to its last coded bit, and notes in p what it learned.
func (p *Picture) verify(ctx context.Context, in *verify.Input) error {
	in.Limit(p.opts.maxWork())
	lim := verify.Limits{MaxPixels: p.opts.maxPixels(), Lenient: p.opts.Tolerance == Lenient}
	info, looked, err := verify.Judge(in, lim, p.opts.verifier(p.Format))
	p.b, p.Size = in.File(), looked
	p.note(info)
	var fault *verify.Fault
	if errors.As(err, &fault) {
		return refuseFault(fault, p.Format)
	}
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// verifier returns the verifier of f.
func (o Options) verifier(f detect.Format) verify.Verifier {
	switch f {
	case detect.PNG:
		return png.VerifyInput
	case detect.JPEG:
		return jpeg.VerifyInput
	case detect.BMP:
		return bmp.VerifyInput
	case detect.WebP:
		return webp.VerifyInput
	case detect.HEIC:
		return func(in *verify.Input, lim verify.Limits) (verify.Info, error) {
			return verifyHEIC(in, heic.Limits{MaxPixels: lim.MaxPixels, Parallel: -o.parallel()})
		}
	}
	return func(*verify.Input, verify.Limits) (verify.Info, error) {
		return verify.Info{}, verify.Faultf(verify.Unsupported, -1, "no verifier for format %q", f)
	}
}

func verifyHEIC(in *verify.Input, lim heic.Limits) (verify.Info, error) {
	info, err := heic.VerifyInput(in, lim)
	return verify.Info{
		Width:       info.Width,
		Height:      info.Height,
		Orientation: info.Orientation,
		Frames:      info.Frames,
		Shown:       info.Clap,
		Facts:       info.Facts,
		Warnings:    info.Warnings,
	}, err
}

// note copies what a verifier learned into the result.
func (p *Picture) note(info verify.Info) {
	p.Width, p.Height, p.Frames = info.Width, info.Height, info.Frames
	p.RawOrientation = info.RawOrientation
	if p.Orientation = info.Orientation; p.Orientation == 0 && p.Width > 0 {
		p.Orientation = 1
	}
	p.shown = info.Shown
	p.Facts = factsOf(&info)
	for _, w := range info.Warnings {
		p.Warnings = append(p.Warnings, Warning{Reason(w.Reason), w.Offset, w.Text})
	}
}
