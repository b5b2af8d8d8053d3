//go:build !imgvet_verdictonly

// Package pixels makes pixels of files that have been verified, for hooks that
// look at them: decoding by well-kept decoders, turning upright, scaling down.
// HEIC is not decoded here but in package heic.
package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels/bmp"
	"github.com/imgvet/imgvet/internal/verify"
)

// Decode returns the pixels of b, a file of format f whose size in pixels the
// caller has checked: decoders allocate by it. The error is a [*verify.Fault]
// with the decoder's error as its cause; a decoder's panic is one too.
func Decode(f detect.Format, b []byte) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fault(fmt.Errorf("decoder panicked: %v", r))
		}
	}()
	r := bytes.NewReader(b)
	switch f {
	case detect.PNG:
		img, err = png.Decode(r)
	case detect.JPEG:
		img, err = jpeg.Decode(r)
	case detect.BMP:
		img, err = bmp.Decode(b)
	case detect.WebP:
		img, err = decodeWebP(b)
	default:
		return nil, fmt.Errorf("pixels: no decoder for format %q", f)
	}
	if err != nil {
		return nil, fault(err)
	}
	return img, nil
}

// fault wraps a decoder's error.
func fault(err error) *verify.Fault {
	var (
		pngUnsupported  png.UnsupportedError
		jpegUnsupported jpeg.UnsupportedError
	)
	reason := verify.Malformed
	switch {
	case errors.As(err, &pngUnsupported), errors.As(err, &jpegUnsupported):
		reason = verify.Unsupported
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason = verify.Truncated
	}
	return &verify.Fault{Reason: reason, Offset: -1, Text: "decoding failed", Cause: err}
}
