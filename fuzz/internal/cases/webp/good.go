package webp

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/build/webp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// The sections named here are those of RFC 9649 (container and VP8L) and RFC
// 6386 (VP8).

// Good are files that pass; a few of them with a warning.
func Good() []cases.Case {
	s := &cases.Suite{Format: detect.WebP}
	for _, k := range []struct{ name, why string }{
		{"lossy", "RFC 9649 2.5: a VP8 chunk alone"},
		{"lossy-segments", "RFC 6386 9.3: four segments"},
		{"lossy-filter", "RFC 6386 9.6: a strong and sharp loop filter"},
		{"lossy-partitions", "RFC 6386 9.5: eight partitions"},
		{"lossless", "RFC 9649 2.6: a VP8L chunk alone"},
		{"lossless-fast", "RFC 9649 3: little entropy coding"},
		{"lossless-alpha", "RFC 9649 3.4: alpha in VP8L"},
		{"lossy-alpha", "RFC 9649 2.7.1.2: ALPH compressed as VP8L"},
		{"lossy-alpha-raw", "RFC 9649 2.7.1.2: ALPH of plain bytes"},
		{"animated", "RFC 9649 2.7.1.1: ANIM and three ANMF of VP8"},
		{"animated-lossless", "RFC 9649 2.7.1.1: ANMF of VP8L"},
	} {
		s.Good("kind_"+k.name, seeds.Get(k.name+".webp"), k.why)
	}
	for _, size := range [][2]int{{1, 1}, {2, 3}, {16383, 1}, {1, 16384}} {
		s.Good(fmt.Sprintf("lossless_flat_%dx%d", size[0], size[1]), webp.File(webp.Chunk{Kind: "VP8L", Data: webp.FlatVP8L(size[0], size[1])}),
			"RFC 9649 3.7.2.1: prefix codes of one symbol take no bits")
	}
	picture := webp.Split(seeds.Get("lossy.webp"))[0]
	extended := func(flags byte, before, after []webp.Chunk) []byte {
		chunks := append([]webp.Chunk{webp.VP8X(flags, 24, 17)}, before...)
		return webp.File(append(append(chunks, picture), after...)...)
	}
	exif := webp.Chunk{Kind: "EXIF", Data: meta.TIFF(6)}
	xmp := webp.Chunk{Kind: "XMP ", Data: []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`)}
	icc := webp.Chunk{Kind: "ICCP", Data: meta.ICC(133)}
	s.Good("extended", extended(0, nil, nil), "RFC 9649 2.7: VP8X that says nothing new")
	s.Good("extended_icc_exif_xmp", extended(webp.FlagICC|webp.FlagEXIF|webp.FlagXMP, []webp.Chunk{icc}, []webp.Chunk{exif, xmp}), "RFC 9649 2.7: metadata in their order")
	for o := 1; o <= 8; o++ {
		s.Good(fmt.Sprintf("exif_orientation_%d", o), extended(webp.FlagEXIF, nil, []webp.Chunk{{Kind: "EXIF", Data: meta.TIFF(o)}}), "RFC 9649 2.7.1.5: EXIF")
	}
	s.Warned("unknown_chunk_last", extended(0, nil, []webp.Chunk{{Kind: "FUZZ", Data: pack.Pattern(9, 1)}}), "RFC 9649 2.7.1.6: unknown chunks are ignored; an odd one is padded")
	s.Warned("anmf_size_of_another_frame", webp.Patch("animated.webp", "ANMF", 6, 30), "RFC 9649 2.7.1.1: Frame Width; libwebp goes by the bitstream")
	return s.Cases
}
