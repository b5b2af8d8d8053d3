// Package detect tells which of the five formats the first bytes of a file claim to be. It looks
// at content alone, never at a file name or a declared media type.
//
// It decides what a file claims, not whether the claim holds: the eight bytes of a PNG signature
// are a [PNG], and the verifier then says that the rest is missing. Where one signature covers
// formats we take and formats we do not, detection looks further:
//
//   - JPEG needs FF D8 FF; the third byte starts the next marker.
//   - WebP needs RIFF, WEBP and a first chunk of VP8, VP8L or VP8X; other RIFF
//     files (WAV, AVI) are Unknown.
//   - BMP needs "BM" and an information header of a size that exists, so that
//     a text that starts with "BM" is not a picture. OS/2 1.x and 2.x count.
//   - HEIC needs an HEVC brand, major or compatible, or a general HEIF brand
//     with an HEVC-coded primary item. AVIF, HEIF of other codecs and video in
//     the same container are Unknown. See heif.go for what happens when the
//     first bytes do not reach the item list.
//
// Everything else is [Unknown]; [Describe] then names it.
//
// Detect reads at most the first [HeadSize] bytes, allocates nothing for a whole head, and takes
// well under a microsecond for a real file. It depends on no global state: a program that calls
// mimetype.SetLimit or mimetype.Extend changes what Describe says of files we do not take, and
// changes no verdict.
package detect
