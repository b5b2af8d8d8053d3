// Package dib reads the headers of BMP files, and walks their run-length codes,
// for the verifier (package bmp above it) and for the decoder of pixels
// (internal/pixels/bmp), so that the two cannot disagree about a file.
//
// References, since BMP has no one specification: [MS-WMF] 2.2.2.3 and 2.2.2.9
// and the Windows GDI pages on BITMAPINFOHEADER, BITMAPV4HEADER and
// BITMAPV5HEADER; the OS/2 Presentation Manager reference on BITMAPINFOHEADER2;
// bmpsuite 2.8 for what is seen in the wild. Where they are silent, the BMP
// decoders of Chromium and Firefox decide: what either refuses is refused, but
// for the variants that docs/differences-bmp.md lists.
package dib
