//go:build !imgvet_browser

// Package pixels decodes verified files for hooks that look at pixels, turns pictures upright
// and scales them down. The packages below this one decode all formats, except for JPEG at full
// size, which image/jpeg decodes if it can, and HEIC, which package heic decodes.
package pixels

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels/bmp"
	"github.com/imgvet/imgvet/internal/pixels/box"
	reduced "github.com/imgvet/imgvet/internal/pixels/jpeg"
	"github.com/imgvet/imgvet/internal/pixels/png"
	"github.com/imgvet/imgvet/internal/pixels/webp"
	"github.com/imgvet/imgvet/internal/verify"
)

// Reduces reports whether files of format f can be decoded at a reduced size.
func Reduces(f detect.Format) bool { return f != detect.Unknown }

// Scale returns the largest scale by which the decoder can reduce a file of format f and of this
// size while its longer side keeps at least minSide pixels: 1, 2, 4 or 8 for a JPEG or HEIC, any
// number up to a limit for a PNG, BMP or WebP. It is 1 for all other formats, and if minSide is 0.
func Scale(f detect.Format, width, height, minSide int) int {
	if !Reduces(f) || minSide <= 0 {
		return 1
	}
	keeps := func(scale int) bool { return (max(width, height)+scale-1)/scale >= minSide }
	if f != detect.JPEG && f != detect.HEIC {
		longest := max(width, height)
		scale := max(1, min(longest/minSide+1, longest, box.MaxScale))
		for scale > 1 && !keeps(scale) {
			scale--
		}
		return scale
	}
	scale := 8
	for scale > 1 && !keeps(scale) {
		scale /= 2
	}
	return scale
}

// Decode returns the pixels of b, a file of format f. The caller must have checked its size in
// pixels, since decoders allocate by it. Each side is that of the file divided by scale, rounded
// up; scale is a result of [Scale].
//
// The error is ctx's, which third-party decoders ignore, or a [*verify.Fault] with the decoder's
// error as its cause. A panic of a decoder becomes such a Fault.
func Decode(ctx context.Context, f detect.Format, b []byte, scale int) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fault(fmt.Errorf("decoder panicked: %v", r))
		}
	}()
	switch f {
	case detect.PNG:
		return png.Decode(ctx, b, scale)
	case detect.JPEG:
		return decodeJPEG(ctx, b, scale)
	case detect.BMP:
		img, err = bmp.Decode(ctx, b, scale)
	case detect.WebP:
		img, err = webp.Decode(ctx, b, scale)
	default:
		return nil, fmt.Errorf("pixels: no decoder for format %q", f)
	}
	if err != nil && ctx.Err() == nil {
		return nil, fault(err)
	}
	return img, err
}

// decodeJPEG decodes with image/jpeg. It uses our own decoder to reduce, and for what image/jpeg
// cannot decode.
func decodeJPEG(ctx context.Context, b []byte, scale int) (image.Image, error) {
	if scale > 1 {
		return reduced.Decode(ctx, b, scale)
	}
	img, err := jpeg.Decode(&contextReader{ctx, bytes.NewReader(b)})
	if err == nil || ctx.Err() != nil {
		return img, err
	}
	if img, ownErr := reduced.Decode(ctx, b, 1); ownErr == nil || ctx.Err() != nil {
		return img, ownErr
	}
	return nil, fault(err)
}

// contextReader fails once its context is done, so that a decoder stops that reads as it
// goes.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// fault wraps a decoder's error.
func fault(err error) *verify.Fault {
	var unsupported jpeg.UnsupportedError
	reason := verify.Malformed
	switch {
	case errors.As(err, &unsupported):
		reason = verify.Unsupported
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = verify.Truncated
	}
	return &verify.Fault{Reason: reason, Offset: -1, Text: "decoding failed", Cause: err}
}
