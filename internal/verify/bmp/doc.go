// Package bmp proves that a byte slice is one whole BMP picture without making
// its pixels.
//
// What it decides: that the headers (OS/2 v1 and v2, Windows 3 to V5) are consistent; that
// palette, masks, colour profile and every row are inside the file; and that run-length codes
// reach their end of bitmap inside the picture. [internal/pixels/bmp] decodes what it accepts:
// 1, 2, 4, 8, 16, 24 and 32 bits, bit fields, RLE4 and RLE8, either row order. JPEG or PNG
// inside BMP, OS/2 Huffman and RLE24 coding, CMYK and 64 bits are Unsupported.
//
// A palette index that the palette does not define shows as black in browsers: a warning.
//
// Cost: some 0.2 µs, whatever the size, since uncompressed rows have nothing to prove but their
// length. If the palette is shorter than the bits allow, it looks at the pixels, at about a
// nanosecond a byte. Run-length codes take a nanosecond or two each. It allocates nothing.
// docs/differences-bmp.md lists where it differs from others.
package bmp
