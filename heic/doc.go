// Package heic judges HEIC files: HEVC-coded stills in the HEIF container.
//
// [Verify] decides whether the bytes are exactly one well-formed picture. It
// walks the container (ISO/IEC 14496-12:2022, ISO/IEC 23008-12:2022) and the
// coded pictures (ITU-T H.265) in Go alone: no C code, no pixels, no memory
// that grows with the picture. [Inspect] reads the container only. [Decode]
// and [DecodeReduced] make pixels, after Verify has passed, by the same reader. What
// they cost is in docs/heic.md of the repository, with what to know of patents.
//
// What is refused: a box, item or extent that reaches past the end of the file
// (reason truncated), anything that breaks a rule of either standard and that
// the shown picture depends on, an essential property or item type this package
// does not know (unsupported), and sizes over [Limits]. The shown picture is the
// primary item, all that it is derived from (grid, overlay, identity), and the
// alpha planes of it and of an overlay's layers. What is forgiven with a warning: bytes after
// the last box, and broken thumbnails, depth maps, gain maps, EXIF and XMP.
//
// Cost: Verify reads each coded byte of the shown picture once. Counts that a
// header states are bounded by the bytes that pay for them and by the constants
// of internal/heif; a hostile container costs milliseconds. With Limits.Parallel the
// tiles of a grid are read several at a time, with the same verdict.
//
// All functions are safe for concurrent use, and keep no reference to their
// argument after they return.
package heic
