// Package png decodes a PNG file, at full size or reduced.
//
// [Decode] takes every file that the verifier accepts, since it reads chunks and inflates with
// the verifier's code. That includes files that image/png refuses: with a wrong CRC in a chunk
// that no viewer needs, with misplaced chunks, or with data after the last row. What image/png
// decodes, Decode decodes to the same type and the same pixels.
//
// Reduced by a scale, each pixel is the mean of a square of scale x scale pixels, with colours
// weighted by their opacity. Rows are added up as they are inflated: beside the reduced picture
// Decode holds only three rows, or, for an interlaced picture, 16 bytes for each reduced pixel.
package png
