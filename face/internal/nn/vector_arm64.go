//go:build !purego

package nn

// hasVector reports whether there are vector kernels for this processor. Every arm64 processor
// has NEON.
const hasVector = true
