package fuzz

import "github.com/imgvet/imgvet/detect"

// bomb returns a file of less than 1 KB that claims to be width x height pixels, or as
// many as the format can claim. nil for [detect.Unknown].
func bomb(f detect.Format, width, height int) []byte {
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
