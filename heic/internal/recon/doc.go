// Package recon makes the samples of an intra picture of HEVC from the syntax
// elements that package hevc reads.
//
// It holds the decoding process behind the parse: intra prediction (H.265, 8.4.4),
// scaling and transformation (8.6), deblocking (8.7.2) and sample adaptive offset
// (8.7.3). It reads no bits, so that what is shown is what was verified. The
// caller tells of slices, coding tree units, coding units, prediction modes and
// levels in coding order, and every value must be in the range that the standard
// gives it.
//
// What it costs: samples are kept, at 16 bits, for two rows of coding tree blocks
// (where there are tiles beside each other, for a row of tiles and one row of
// blocks more), whatever the height of the picture. Rows that are done go to a
// [Sink], line by line.
//
// Equation, table and section numbers in comments are those of H.265 v10
// (07/2024).
package recon
