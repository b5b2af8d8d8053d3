package webp

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/build/webp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.WebP}
	picture := webp.Split(build.Plain(detect.WebP))[0]
	with := func(flags byte, kind string, data []byte, first bool) []byte {
		meta := webp.Chunk{Kind: kind, Data: data}
		if first {
			return webp.File(webp.VP8X(flags, 24, 17), meta, picture)
		}
		return webp.File(webp.VP8X(flags, 24, 17), picture, meta)
	}
	s.Warned("exif_cut", with(webp.FlagEXIF, "EXIF", meta.TIFF(6)[:16], false), "RFC 9649 2.7.1.5: no viewer needs it")
	s.Warned("icc_cut", with(webp.FlagICC, "ICCP", meta.ICC(200)[:140], true), "RFC 9649 2.7.1.4: no viewer needs it")
	s.Warned("exif_empty", with(webp.FlagEXIF, "EXIF", nil, false), "RFC 9649 2.7.1.5: no viewer needs it")
	s.Warned("exif_byte_order", with(webp.FlagEXIF, "EXIF", pack.Patched(meta.TIFF(6), 0, 'X', 'X'), false), "RFC 9649 2.7.1.5: no viewer needs it")
	s.Good("exif_behind_a_header", with(webp.FlagEXIF, "EXIF", pack.Join([]byte("Exif\x00\x00"), meta.TIFF(6)), false), "libwebp, Pillow: JPEG's header before the TIFF")
	s.Warned("icc_empty", with(webp.FlagICC, "ICCP", nil, true), "RFC 9649 2.7.1.4: no viewer needs it")
	odd := with(webp.FlagXMP, "XMP ", []byte("<x/>\n"), false)
	s.Good("xmp_of_5_bytes", odd, "RFC 9649 2.3: an odd chunk is padded")
	unpadded := pack.Patched(odd[:len(odd)-1], 4, pack.LE32(uint32(len(odd)-9))...)
	s.Warned("xmp_pad_byte_missing", unpadded, "RFC 9649 2.3: encoders leave it out, and the size says so")
	s.Bad("xmp_pad_byte_cut", odd[:len(odd)-1], "RFC 9649 2.4: the file is shorter than its size: the tail is lost")
	s.Bad("xmp_cut", odd[:len(odd)-3], "RFC 9649 2.4: the file is shorter than its size: the tail is lost")
	return s.Cases
}
