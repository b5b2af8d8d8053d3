// Package stream reads the syntax of a JPEG file: marker segments, the frame, its
// tables and scan headers, and the bits of its entropy-coded segments, with the
// decisions of arithmetic coding. T.81 annexes B, C and D.
//
// It decides what of these is legal, as package jpeg above it documents, and so
// what the verifier and the maker of pixels agree on. What the bits of a scan
// mean is theirs to decide: the one needs lengths only, the other values.
//
// A [Reader] holds about 40 KiB, and no copy of the file.
package stream
