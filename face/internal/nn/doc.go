// Package nn runs small convolutional nets on one processor core, in float32, one
// picture at a time: the operators that package tflite reads, fused into few steps.
//
// [Compile] checks every shape, so that a run can't reach outside a buffer, and
// refuses graphs that don't consist of the patterns it knows:
//
//	convolution                            by patches of a row and the kernel below
//	depthwise 3x3, then convolution 1x1    row by row: the row between never leaves the cache
//	+ a residual, its channels padded with zeros, + ReLU: some rows later, from the cache
//	max-pool, bilinear resize, sum, concatenation
//
// All pictures are NHWC with N = 1: rows of pixels of channels. The order of additions is fixed,
// so equal inputs give equal outputs on one machine. Between processors the last bits may
// differ, since some fuse multiplication and addition.
package nn
