//go:build !imgvet_verdictonly

package heic

import (
	"context"
	"errors"
	"fmt"
	"image"
)

// ErrNoPixels means that this program cannot make pixels of a HEIC picture,
// though the picture is sound. It is never a verdict.
var ErrNoPixels = errors.New("heic: no pixels")

// Decode returns the pixels of b, upright: clap, irot and imir applied. It calls
// [Verify] first, and no decoder sees a byte of what that refuses.
//
// The decoder is libde265, in C++, and runs in a process of its own, started for
// this one picture: the program itself, run again. For that, its main must begin
// with [ServeWorker]. The worker's memory and time are bounded, it is killed when
// ctx is done or Limits.Timeout has passed, and it never sees the environment,
// the files or the connections of the program.
//
// In a program without ServeWorker, and for monochrome pictures, which the worker
// lacks, the decoder is libheif compiled to WebAssembly: safe for the program's
// memory, several times slower, a second to start, and not to be ended, so that
// at most two run at a time. Builds without cgo have it only under the build tag
// nodynamic; the tag imgvet_nosandbox leaves it out.
//
// The result is an *image.YCbCr, full range with the matrix of BT.601, as image/jpeg
// returns it; or an *image.NRGBA where that cannot hold the picture (RGB and BT.709 or
// BT.2020 matrices, overlays, odd crops). Samples of over 8 bits are cut to 8.
// Colour profiles and the alpha plane are not applied. Its bounds start at 0, 0.
//
// An [*Error] is a refusal. [ErrNoPixels] means that the build has neither
// decoder. Any other error is operational too: a done ctx, a time out, a worker
// that died.
//
// Several calls may run at once; each worker costs a process of about 30 MB and 12
// bytes a pixel. How many may run is the caller's to bound.
func Decode(ctx context.Context, b []byte, lim Limits) (image.Image, error) {
	return decodeWith(ctx, thisProgram(), b, lim)
}

func decodeWith(ctx context.Context, p program, b []byte, lim Limits) (image.Image, error) {
	f := newFile(b, lim)
	if err := f.verify(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	shown, err := f.shownSize()
	if err != nil {
		return nil, err
	}
	img, err := p.decode(ctx, f, job{lim: lim, size: shown})
	if errors.Is(err, ErrNoPixels) {
		return decodeSandboxed(ctx, f, lim, err)
	}
	return img, err
}

// decodeSandboxed decodes where no worker can: without ServeWorker in main, or
// what the worker's binding lacks. why is the worker's error.
func decodeSandboxed(ctx context.Context, f *file, lim Limits, why error) (image.Image, error) {
	timed, stop := context.WithTimeout(ctx, lim.timeout())
	defer stop()
	decode, err := sandbox(timed)
	if err != nil {
		return nil, fmt.Errorf("%w; %w", why, err)
	}
	r := renderer{ctx: timed, f: f, decode: decode}
	img, err := r.render()
	if err == nil {
		return img, nil
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil:
		return nil, fmt.Errorf("heic: no picture in %v", lim.timeout())
	}
	// The file has been verified: what a decoder dislikes now is no verdict, and so
	// not wrapped.
	return nil, errors.New("heic: no pixels of a verified file: " + err.Error())
}

// shownSize returns the size of what Decode returns.
func (f *file) shownSize() (size, error) {
	it := f.item(f.primary)
	p, err := f.properties(it)
	if err != nil {
		return size{}, err
	}
	s, err := follow(p.steps, p.size)
	return s.size(), err
}
