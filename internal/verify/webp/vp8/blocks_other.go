//go:build !amd64 || purego

package vp8

// hasBlocks tells whether this processor can run fastBlocks.
const hasBlocks = false

func fastBlocks(*reader, *planeProbs, *block, int, int, *contexts, *contexts) (done, steps int) {
	return 0, 0
}
