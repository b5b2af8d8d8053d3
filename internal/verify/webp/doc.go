// Package webp decides whether a file is one well-formed WebP picture, without
// making its pixels.
//
// It walks the RIFF container (RFC 9649), and hands each coded picture to
// package vp8 (lossy, RFC 6386) or vp8l (lossless, RFC 9649 section 3), which
// walk the entropy coding to its last bit. Animations are verified frame by
// frame.
//
// The rules are those that libwebp keeps, since every mainstream viewer is
// built on it: a still picture must please both its decoder (dwebp, image
// viewers) and its demuxer (browsers), an animation its demuxer, and every
// frame its decoder. Where this package is stricter or milder than they are,
// docs/differences-webp.md says why.
//
// It does not look into ICC profiles and XMP, and reads only the orientation of
// EXIF.
//
// Cost: time grows with the bytes of the file, not with its pixels, and is
// bounded by a budget (see [maxTotalPixels] and [workBase]). Memory is a
// constant for VP8 and grows with the code tables for VP8L, up to a few MiB; it
// is reused from call to call.
package webp
