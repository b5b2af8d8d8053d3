package build

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/build/webp"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Formats are the five, in the order of the cases.
var Formats = [...]detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC}

// Plain returns one good file of a format.
func Plain(f detect.Format) []byte {
	switch f {
	case detect.PNG:
		return png.Base.Picture()
	case detect.JPEG:
		return seeds.Get("420.jpg")
	case detect.BMP:
		return bmp.Info{Header: 40, W: 13, H: 7, Bits: 24}.File()
	case detect.WebP:
		return seeds.Get("lossy.webp")
	case detect.HEIC:
		return heif.Seed("tile.heic").Still().Bytes()
	}
	return nil
}

// OfSides returns a good file of a picture with these sides, none over 128.
func OfSides(f detect.Format, w, h int) []byte {
	switch f {
	case detect.PNG:
		return png.Info{W: uint32(w), H: uint32(h), Depth: 8, Colour: png.Gray}.Picture()
	case detect.JPEG:
		return jpeg.FlatGray(w, h)
	case detect.BMP:
		return bmp.Info{Header: 40, W: w, H: h, Bits: 24}.File()
	case detect.WebP:
		return webp.File(webp.Chunk{Kind: "VP8L", Data: webp.FlatVP8L(w, h)})
	case detect.HEIC:
		const tile = 64
		return heif.Grid(heif.Seed("tile.heic"), (h+tile-1)/tile, (w+tile-1)/tile, w, h).Bytes()
	}
	return nil
}

// OfSize returns a good file of exactly size bytes: metadata of a pattern fill
// it up. size is above 1 MiB, and even for WebP.
func OfSize(f detect.Format, size int) []byte {
	switch f {
	case detect.PNG:
		fill := size - len(png.Base.Picture()) - 12
		return png.With(png.Chunk{Kind: "fuZz", Data: pack.Pattern(fill, 1)})
	case detect.JPEG:
		var segs []jpeg.Seg
		for left := size - len(Plain(f)); left > 0; {
			n := min(left, 65535) // marker and length included
			if r := left - n; r > 0 && r < 4 {
				n -= 4 // a segment has at least four bytes
			}
			segs = append(segs, jpeg.Seg{Marker: jpeg.COM, Data: pack.Pattern(n-4, 1)})
			left -= n
		}
		return jpeg.Before("420.jpg", jpeg.SOS, segs...)
	case detect.BMP:
		return bmp.Info{Header: 40, W: 13, H: 7, Bits: 24, Gap: size - len(Plain(f))}.File()
	case detect.WebP:
		picture := webp.Split(Plain(f))[0]
		used := len(webp.File(webp.VP8X(webp.FlagXMP, 24, 17), picture, webp.Chunk{Kind: "XMP "}))
		return webp.File(webp.VP8X(webp.FlagXMP, 24, 17), picture, webp.Chunk{Kind: "XMP ", Data: pack.Pattern(size-used, 1)})
	case detect.HEIC:
		h := heif.Seed("tile.heic").Still()
		h.Between = heif.Box("free", pack.Pattern(size-len(h.Bytes())-8, 1))
		return h.Bytes()
	}
	return nil
}
