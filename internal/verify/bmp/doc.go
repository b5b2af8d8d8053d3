// Package bmp proves that a byte slice is one whole BMP picture without making
// its pixels.
//
// What it decides: that the headers (OS/2 v1 and v2, Windows 3 to V5) make
// sense together, that palette, masks, colour profile and every row are inside
// the file, and that run-length codes reach their end of bitmap inside the
// picture. What it accepts, [internal/pixels/bmp] decodes: 1, 2, 4, 8, 16, 24
// and 32 bits, bit fields, RLE4 and RLE8, either row order. JPEG or PNG inside
// BMP, OS/2 Huffman and RLE24 coding, CMYK and 64 bits are Unsupported.
//
// A palette index that the palette does not define shows as black in browsers: a
// warning.
//
// Cost: some 0.2 µs, whatever the size, since rows without coding have nothing
// to prove but their length; a palette shorter than the bits allow costs a look
// at the pixels, about a nanosecond a byte, and run-length codes a nanosecond or
// two a code. No memory. docs/differences-bmp.md lists where it differs from others.
package bmp
