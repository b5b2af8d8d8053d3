// Package png proves that a byte slice is one whole PNG or APNG, without making its pixels.
//
// References: Portable Network Graphics (PNG) Specification (Third Edition), W3C. It has the
// same text as ISO/IEC 15948 except on animation and HDR metadata. Section numbers in comments
// are of the third edition. Where it leaves a decoder free, we follow libpng 1.6 as browsers and
// ImageMagick use it.
//
// What it decides: chunk layout, lengths, order and CRCs; legality of IHDR, PLTE and tRNS; that
// the picture data is one whole zlib stream with exactly the bytes of every row of every pass
// and with filter types that exist; and all that of every APNG frame, with its region and
// sequence numbers. A fault in a critical or animation chunk refuses the file. A fault in any
// other chunk, or bytes after the last row, leaves the whole picture visible and is a warning.
//
// What it does not decide: the values of metadata (gamma, profiles, text, time); compressed text
// is never inflated; a profile is inflated up to 4 MiB, and only its beginning is judged. It
// ignores palette indices: one that PLTE does not define shows as black everywhere.
//
// Cost: one pass, in scratch memory of some 200 KiB whatever the size of the picture, and no
// allocation for a file without faults or warnings.
package png
