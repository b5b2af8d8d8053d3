package build

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/build/webp"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Bomb returns a file of less than 1 KB that claims to be width x height pixels, or as
// many as the format can claim. nil for [detect.Unknown].
func Bomb(f detect.Format, width, height int) []byte {
	fit := func(limit int) (int, int) {
		return min(max(width, 1), limit), min(max(height, 1), limit)
	}
	switch f {
	case detect.PNG:
		w, h := fit(1<<31 - 1)
		p := png.Info{W: uint32(w), H: uint32(h), Depth: 8, Colour: png.RGBA}
		return png.File(p.Chunk(), png.IDAT(deflate.ZlibZeros(64<<10)), png.IEND)
	case detect.JPEG:
		w, h := fit(1<<16 - 1)
		segs := append([]jpeg.Seg{{Marker: jpeg.SOI}}, jpeg.FlatTables()...)
		segs = append(segs, jpeg.Frame(jpeg.SOF2, w, h, 0x11, 0x11, 0x11), jpeg.Scan(0, 0, 0, 1, 2, 3), jpeg.Seg{Data: jpeg.FlatBits(512)}, jpeg.Seg{Marker: jpeg.EOI})
		return jpeg.File(segs...)
	case detect.BMP:
		w, h := fit(1<<31 - 1)
		return bmp.Info{Header: 40, W: w, H: h, Bits: 32, Pixels: pack.Pattern(64, 1)}.File()
	case detect.WebP:
		w, h := fit(1 << 14)
		return webp.File(webp.Chunk{Kind: "VP8L", Data: webp.FlatVP8L(w, h)})
	case detect.HEIC:
		w, h := fit(1 << 14)
		c := heif.Coded{HvcC: heif.HvcCFor(w, h), Ispe: heif.Ispe(w, h), Data: heif.SliceNAL(64)}
		return c.Still().Bytes()
	}
	return nil
}
