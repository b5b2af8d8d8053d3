//go:build cgo && (linux || darwin)

package heic

import (
	"context"
	"image"
)

// Confine is what bounds a worker.
var Confine = confine

// DecodeFaulty is Decode with more in the worker's environment.
func DecodeFaulty(ctx context.Context, b []byte, lim Limits, env ...string) (image.Image, error) {
	p := thisProgram()
	p.env = append(p.env, env...)
	return decodeWith(ctx, p, b, lim)
}

// DecodeUnserved is Decode in a program without ServeWorker.
func DecodeUnserved(ctx context.Context, b []byte, lim Limits) (image.Image, error) {
	served.Store(false)
	defer served.Store(true)
	return Decode(ctx, b, lim)
}
