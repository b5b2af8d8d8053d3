// Package webp decides whether a file is one well-formed WebP picture, without making its
// pixels.
//
// It walks the RIFF container (RFC 9649), and hands each coded picture to package vp8 (lossy,
// RFC 6386) or vp8l (lossless, RFC 9649 section 3), which walk the entropy coding to its last
// bit. Animations are verified frame by frame.
//
// The rules are those of libwebp, on which every mainstream viewer is built. A still picture
// must satisfy both its decoder (dwebp, image viewers) and its demuxer (browsers); an animation
// must satisfy the demuxer, and every frame the decoder. Where this package is stricter or
// milder than they are, docs/differences-webp.md says why.
//
// It reads ICC profiles, EXIF and XMP only for the facts and warnings about them. None of them
// refuses a file.
//
// Cost: time grows with the bytes of the file, not with its pixels, and is bounded by a budget
// (see [maxTotalPixels] and [workBase]). Memory is constant for VP8. For VP8L it grows with the
// code tables, up to a few MiB. It is reused from call to call.
package webp
