//go:build (!cgo || (!linux && !darwin)) && !imgvet_verdictonly

package heic

import (
	"context"
	"fmt"
	"image"
)

// ServeWorker does nothing in this build, which has no decoder.
func ServeWorker() {}

type program struct{}

func thisProgram() program { return program{} }

func (program) decode(context.Context, *file, job) (image.Image, error) {
	return nil, fmt.Errorf("%w: this program is built without cgo, or for a system other than Linux and macOS", ErrNoPixels)
}
