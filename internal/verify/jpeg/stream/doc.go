// Package stream reads the syntax of a JPEG file: marker segments, the frame, its
// tables and scan headers, and the bits of its entropy-coded segments, with the
// decisions of arithmetic coding. T.81 annexes B, C and D.
//
// It decides which syntax is legal, as package jpeg above it documents, so that the verifier and
// the decoder of pixels agree. They decide what the bits of a scan mean: the verifier needs only
// lengths, the decoder values.
//
// A [Reader] holds about 40 KiB, and no copy of the file.
package stream
