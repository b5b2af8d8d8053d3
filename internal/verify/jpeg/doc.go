// Package jpeg proves a JPEG file whole without making pixels.
//
// [Verify] walks every marker segment and every bit of the entropy-coded data
// of ITU-T T.81 (1992) baseline, extended sequential and progressive files, and
// gives the verdict of a strict full decode. It keeps no coefficient: a
// sequential scan needs only the lengths of its codes, and a progressive one a
// bit a coefficient that says whether it is nonzero yet.
//
// What is accepted is what libjpeg-turbo, and so the browsers, show whole and
// without a warning: 8 bits a sample, one, three or four components, Huffman or
// arithmetic coding. Hierarchical, lossless and 12-bit files, and heights left
// to a DNL marker, are Unsupported. Where this package is stricter or more
// lenient than Go's image/jpeg is told in docs/differences-jpeg.md, and tested.
//
// Beyond the input it holds about 0.13 MiB, and for a progressive file 8 bytes
// for each 8x8 block whose first scan has been paid for by the file's own bits.
package jpeg
