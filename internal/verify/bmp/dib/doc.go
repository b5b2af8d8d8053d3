// Package dib reads the headers of BMP files, and walks their run-length codes. The verifier
// (package bmp above it) and the decoder of pixels (internal/pixels/bmp) both use it, so that
// they cannot disagree about a file.
//
// BMP has no single specification. References: [MS-WMF] 2.2.2.3 and 2.2.2.9 and the Windows GDI
// pages on BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER; the OS/2 Presentation Manager
// reference on BITMAPINFOHEADER2; bmpsuite 2.8 for files seen in the wild. Where they are
// silent, the BMP decoders of Chromium and Firefox decide: we refuse what either of them
// refuses, except for the variants that docs/differences-bmp.md lists.
package dib
