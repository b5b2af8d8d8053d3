// Package jpeg decodes a JPEG file, at full size or reduced.
//
// [Decode] takes every file that the verifier accepts, since it reads the file with the same
// package stream: baseline, extended and progressive, Huffman or arithmetic coded, of one, three
// or four components and any sampling, with restarts anywhere; and 12 bits a sample, reduced to
// 8. What image/jpeg decodes, Decode decodes to the same type and, within one level of rounding,
// the same samples.
//
// At 1/2, 1/4 and 1/8 a block of 8x8 pixels becomes one of 4x4, 2x2 or 1, by an inverse
// transform of that size of its lowest coefficients. No full-size plane is made, and other
// coefficients are skipped by their length. Chroma keeps its ratio to luma, so it shrinks as
// much. Scans of a progressive file that change no coefficient in use are skipped unread.
//
// It is not a verifier. From damaged data it decodes what it can, or says what is wrong. It
// never panics, and holds no more than the size in the header costs:
//
//	bytes a pixel                    1/1   1/2   1/4   1/8
//	sequential, 4:2:0                1.5   0.38  0.09  0.02
//	progressive, 4:2:0               4.7   1.3   0.5   0.25
//	sequential, four components      8     2     0.5   0.13
//	progressive, four components    16.5   4.5   1.5   0.75
//
// BenchmarkDecode takes 0.42, 0.23, 0.14 and 0.11 of the time of image/jpeg (which decodes at
// full size) for a baseline file of 12 megapixels, and 0.76, 0.55, 0.40 and 0.03 for a
// progressive one. An arithmetic-coded file takes as long at any scale.
//
// A progressive file takes two bytes for each coefficient in use, and eight bytes a block to
// note which of all 64 are nonzero: refining scans depend on that.
package jpeg
