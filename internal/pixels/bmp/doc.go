// Package bmp decodes every BMP that internal/verify/bmp accepts. The decoder
// of golang.org/x/image lacks 16 bits, bit fields, run-length codes, the OS/2
// and the V2 and V3 headers, and gaps before the pixels.
package bmp
