package fuzz

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
)

// Bomb returns a file of less than 1 KB that claims to be width x height pixels.
// Everything up to the claim is as it should be, checksums too; the picture data
// are a few bytes. A validator has to refuse it by the claim alone, before
// anything of that size is allocated.
//
// The claim is cut down to what the format's size fields hold: 2^31-1 for PNG
// and BMP, 65535 for JPEG, 16384 for WebP (VP8L) and HEIC, whose size stands in
// ispe and in the HEVC sequence parameter set. A size below 1 counts as 1. For
// [detect.Unknown] the result is nil.
//
// The WebP is all there: its one colour takes no bits for a pixel, so that a
// decoder does make the pixels. Within the pixel limit it is a good file.
func Bomb(f detect.Format, width, height int) []byte { return build.Bomb(f, width, height) }
