// Package png proves that a byte slice is one whole PNG or APNG without making
// its pixels.
//
// References: Portable Network Graphics (PNG) Specification (Third Edition),
// W3C; the same text as ISO/IEC 15948 for all that is not animation or HDR
// metadata. Section numbers in comments are of the third edition. Where it
// leaves a decoder free, libpng 1.6 as browsers and ImageMagick use it decides.
//
// What it decides: chunk layout, lengths, order and CRCs; legality of IHDR,
// PLTE, tRNS; and of every APNG frame its region and sequence numbers.
// A fault in a critical or animation chunk refuses the file. A fault in
// any other chunk that leaves the whole picture visible is a warning.
//
// What it does not decide: the values of metadata (gamma, profiles, text, time);
// compressed text and profiles are never inflated. Palette indices are not
// looked at: one that PLTE does not define shows as black everywhere.
package png
