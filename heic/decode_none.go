//go:build imgvet_verdictonly

package heic

import (
	"context"
	"errors"
	"image"
)

// ErrNoPixels means that this program cannot make pixels of a HEIC picture,
// though the picture is sound. It is never a verdict.
var ErrNoPixels = errors.New("heic: no pixels")

// Decode fails with [ErrNoPixels]: builds for browsers only give verdicts.
func Decode(context.Context, []byte, Limits) (image.Image, error) { return nil, ErrNoPixels }

// ServeWorker does nothing: there is nothing to decode.
func ServeWorker() {}
