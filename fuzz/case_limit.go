package fuzz

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// limitCases stand at, just under and just over the two limits: fewer than
// 10,485,760 bytes, at most 220,000,000 pixels.
func limitCases(yield func(Case) bool) {
	const maxBytes = validate.MaxBytes
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC} {
		for size := maxBytes - 2; size <= maxBytes+1; size++ {
			if f == detect.WebP && size%2 == 1 {
				continue // chunks are padded to even sizes (RFC 9649 2.3)
			}
			c := Case{
				Name:   fmt.Sprintf("%s/size_%d_bytes", f, size),
				Data:   ofSize(f, size),
				Format: f,
				OK:     size < maxBytes,
				Why:    `"file must be less than 10mb": 10,485,760 bytes`,
			}
			if !c.OK {
				c.Code = validate.CodeTooLarge
			}
			if !yield(c) {
				return
			}
		}
	}
	for _, c := range pixelLimitCases() {
		if !yield(c) {
			return
		}
	}
}

// ofSize returns a good file of exactly size bytes: metadata of a pattern fill
// it up. size is above 1 MiB, and even for WebP.
func ofSize(f detect.Format, size int) []byte {
	switch f {
	case detect.PNG:
		fill := size - len(pngBase.picture()) - 12
		return pngWith(pngChunk{kind: "fuZz", data: pattern(fill, 1)})
	case detect.JPEG:
		var segs []jpegSeg
		for left := size - len(plain(f)); left > 0; {
			n := min(left, 65535) // marker and length included
			if r := left - n; r > 0 && r < 4 {
				n -= 4 // a segment has at least four bytes
			}
			segs = append(segs, jpegSeg{marker: mCOM, data: pattern(n-4, 1)})
			left -= n
		}
		return jpegBefore("420.jpg", mSOS, segs...)
	case detect.BMP:
		return bmpInfo{header: 40, w: 13, h: 7, bits: 24, gap: size - len(plain(f))}.file()
	case detect.WebP:
		picture := riffChunks(plain(f))[0]
		used := len(riffFile(vp8x(vp8xXMP, 24, 17), picture, riffChunk{kind: "XMP "}))
		return riffFile(vp8x(vp8xXMP, 24, 17), picture, riffChunk{kind: "XMP ", data: pattern(size-used, 1)})
	case detect.HEIC:
		h := codedSeed("tile.heic").still()
		h.between = box("free", pattern(size-len(h.file())-8, 1))
		return h.file()
	}
	return nil
}

// pixelLimitCases stand at the limit and beside it. 16320 x 12240 is what a phone of 200
// megapixels writes.
func pixelLimitCases() []Case {
	const why = "at most 220,000,000 pixels"
	var all []Case
	s := &suite{format: detect.PNG}
	bits := func(w, h uint32) []byte { return pngInfo{w: w, h: h, depth: 1, colour: pngGray}.zeros() }
	s.good("pixels_219999999", bits(6459, 34061), why)
	s.good("pixels_220000000", bits(22000, 10000), why)
	s.bad("pixels_220000001", bits(2951, 74551), why)
	all = append(all, s.cases...)
	s = &suite{format: detect.JPEG}
	s.good("pixels_16320x12240", flatGray(16320, 12240), why)
	s.good("pixels_219999999", flatGray(6459, 34061), why)
	s.good("pixels_220000000", flatGray(22000, 10000), why)
	s.bad("pixels_220010000", flatGray(22001, 10000), why)
	return append(all, s.cases...)
}
