// Package jpeg proves a JPEG file whole without making pixels.
//
// [Verify] walks every marker segment and every bit of the entropy-coded data of ITU-T T.81
// (1992) baseline, extended sequential and progressive files, and gives the verdict of a strict
// full decode. It keeps no coefficients. A sequential scan needs only the lengths of its codes;
// a progressive one also needs one bit for each coefficient, which says whether it is nonzero
// yet.
//
// It accepts what libjpeg-turbo, and so the browsers, show whole and without a warning: 8 bits a
// sample, one, three or four components, Huffman or arithmetic coding. Hierarchical, lossless
// and 12-bit files, and heights left to a DNL marker, are Unsupported. docs/differences-jpeg.md
// says where this package is stricter or more lenient than Go's image/jpeg; tests hold it to
// that.
//
// Beyond the input it holds about 0.13 MiB, and for a progressive file 8 bytes for each 8x8
// block in chunks that a DC scan has paid for with the file's own bits.
package jpeg
