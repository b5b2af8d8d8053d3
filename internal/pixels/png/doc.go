// Package png makes pixels of a PNG file, at full size or reduced.
//
// [Decode] takes every file that the verifier accepts, since it reads chunks and
// inflates by the verifier's code: also one with a wrong CRC in a chunk that no viewer
// needs, with chunks in odd places, or with data behind the last row, which image/png
// refuses. What image/png decodes, it decodes to the same type and the same pixels.
//
// Reduced by a scale, each pixel is the mean of a square of scale x scale pixels, with
// colours weighted by their opacity. Rows are summed up as they are inflated: beyond
// the reduced picture only three rows are held, or, of an interlaced picture, 16 bytes
// for each of its pixels.
package png
