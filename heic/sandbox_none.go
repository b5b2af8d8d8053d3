//go:build ((!cgo && !nodynamic) || imgvet_nosandbox || js || wasip1) && !imgvet_verdictonly

package heic

import (
	"context"
	"fmt"
)

// sandbox reports that this build has none. Without cgo it takes the build tag
// nodynamic: else github.com/gen2brain/heic would make every static program a
// dynamic one, to look for libheif on the system.
func sandbox(context.Context) (coder, error) {
	return nil, fmt.Errorf("%w: this build has no sandboxed decoder (without cgo it takes the build tag nodynamic)", ErrNoPixels)
}
