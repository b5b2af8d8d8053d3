//go:build !purego

package nn

import "github.com/imgvet/imgvet/internal/cpu"

// hasVector reports whether there are vector kernels for this processor.
var hasVector = cpu.Vector()
