package validate

import (
	"context"
	"errors"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/procs"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/jpeg"
	"github.com/imgvet/imgvet/internal/verify/png"
	"github.com/imgvet/imgvet/internal/verify/webp"
)

// verify judges the whole file, down to its last coded bit, and notes in p what it learned.
func (p *Picture) verify(ctx context.Context) error {
	info, err := verifyFormat(p.Format, p.b, verify.Limits{MaxPixels: p.opts.maxPixels(), Lenient: p.opts.Tolerance == Lenient}, p.opts.parallel())
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

// verifyFormat calls the verifier of f.
func verifyFormat(f detect.Format, b []byte, lim verify.Limits, parallel int) (verify.Info, error) {
	procs.Use()
	defer procs.Done()
	switch f {
	case detect.PNG:
		return png.Verify(b, lim)
	case detect.JPEG:
		return jpeg.Verify(b, lim)
	case detect.BMP:
		return bmp.Verify(b, lim)
	case detect.WebP:
		return webp.Verify(b, lim)
	case detect.HEIC:
		info, err := heic.Verify(b, heic.Limits{MaxPixels: lim.MaxPixels, Parallel: -parallel})
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
	return verify.Info{}, verify.Faultf(verify.Unsupported, -1, "no verifier for format %q", f)
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
