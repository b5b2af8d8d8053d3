// Package jpeg makes pixels of a JPEG file, at full size or reduced.
//
// [Decode] takes every file that the verifier accepts, as it reads the file by the
// same package stream: baseline, extended and progressive, Huffman or arithmetic
// coded, of one, three or four components and any sampling, with restarts anywhere;
// and 12 bits a sample, brought to 8. What image/jpeg decodes, it decodes to the same
// type and, within one level of rounding, the same samples.
//
// At 1/2, 1/4 and 1/8 a block of 8x8 pixels becomes one of 4x4, 2x2 or 1 by an inverse
// transform of that size of its lowest coefficients: no full-size plane is made, and
// of the bits of other coefficients only the lengths are looked at. Chroma keeps its
// ratio to luma, so that it is reduced as much. Scans of a progressive file that change
// no coefficient in use are passed over unread.
//
// It is no verifier. Of damaged data it decodes what it can, or says what is wrong;
// it never panics, and holds no more than the header's size costs:
//
//	bytes a pixel                    1/1   1/2   1/4   1/8
//	sequential, 4:2:0                1.5   0.38  0.09  0.02
//	progressive, 4:2:0               4.7   1.3   0.5   0.25
//	sequential, four components      8     2     0.5   0.13
//	progressive, four components    16.5   4.5   1.5   0.75
//
// Beside image/jpeg at full size, BenchmarkDecode takes 0.42, 0.23, 0.14 and 0.11 of the
// time for a baseline file of 12 megapixels, and 0.76, 0.55, 0.40 and 0.03 for a
// progressive one. An arithmetic-coded one takes as long at any scale.
//
// The coefficients of a progressive file take two bytes each for those in use, and
// eight a block for which of all are nonzero: refining scans depend on that.
package jpeg
