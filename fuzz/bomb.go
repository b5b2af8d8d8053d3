package fuzz

import "github.com/imgvet/imgvet/detect"

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
func Bomb(f detect.Format, width, height int) []byte {
	fit := func(limit int) (int, int) {
		return min(max(width, 1), limit), min(max(height, 1), limit)
	}
	switch f {
	case detect.PNG:
		w, h := fit(1<<31 - 1)
		p := pngInfo{w: uint32(w), h: uint32(h), depth: 8, colour: pngRGBA}
		return pngFile(p.chunk(), idat(zlibZeros(64<<10)), iend)
	case detect.JPEG:
		w, h := fit(1<<16 - 1)
		segs := append([]jpegSeg{{marker: mSOI}}, flatTables()...)
		segs = append(segs, sof(mSOF2, w, h, 0x11, 0x11, 0x11), sos(0, 0, 0, 1, 2, 3), jpegSeg{data: flatBits(512)}, jpegSeg{marker: mEOI})
		return jpegFile(segs...)
	case detect.BMP:
		w, h := fit(1<<31 - 1)
		return bmpInfo{header: 40, w: w, h: h, bits: 32, pixels: pattern(64, 1)}.file()
	case detect.WebP:
		w, h := fit(1 << 14)
		return riffFile(riffChunk{kind: "VP8L", data: flatVP8L(w, h)})
	case detect.HEIC:
		w, h := fit(1 << 14)
		c := coded{hvcC: hvcCFor(w, h), ispe: ispe(w, h), data: hevcSlice(64)}
		return c.still().file()
	}
	return nil
}
