// Package sequence checks the image sequences that a HEIF file holds beside its still
// (moov, ISO/IEC 14496-12, 8.1 to 8.7): the tables of each track against each other, and
// that the samples they name lie in the file. Samples may be predicted from others; they are
// not read beyond the lengths of their NAL units.
package sequence
