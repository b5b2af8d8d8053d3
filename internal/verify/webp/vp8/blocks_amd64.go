//go:build !purego

package vp8

import "github.com/imgvet/imgvet/internal/cpu"

// hasBlocks tells whether this processor can run fastBlocks.
var hasBlocks = cpu.BMI()

// fastBlocks is the loop of (*decoder).plane in assembly. It reads the first blocks of count at
// list, as long as r has more than blockMargin bytes. It returns how many blocks it has read, and
// the steps that they took.
//
//go:noescape
func fastBlocks(r *reader, probs *planeProbs, list *block, count, first int, left, above *contexts) (done, steps int)
