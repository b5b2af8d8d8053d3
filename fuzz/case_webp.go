package fuzz

import (
	"encoding/binary"
	"fmt"

	"github.com/imgvet/imgvet/detect"
)

// The sections named here are those of RFC 9649 (container and VP8L) and RFC
// 6386 (VP8).

func webpGoodCases() []Case {
	s := &suite{format: detect.WebP}
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
		s.good("kind_"+k.name, seed(k.name+".webp"), k.why)
	}
	for _, size := range [][2]int{{1, 1}, {2, 3}, {16383, 1}, {1, 16384}} {
		s.good(fmt.Sprintf("lossless_flat_%dx%d", size[0], size[1]), riffFile(riffChunk{kind: "VP8L", data: flatVP8L(size[0], size[1])}),
			"RFC 9649 3.7.2.1: prefix codes of one symbol take no bits")
	}
	picture := riffChunks(seed("lossy.webp"))[0]
	extended := func(flags byte, before, after []riffChunk) []byte {
		chunks := append([]riffChunk{vp8x(flags, 24, 17)}, before...)
		return riffFile(append(append(chunks, picture), after...)...)
	}
	exif := riffChunk{kind: "EXIF", data: tinyTIFF(6)}
	xmp := riffChunk{kind: "XMP ", data: []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`)}
	icc := riffChunk{kind: "ICCP", data: iccProfile(133)}
	s.good("extended", extended(0, nil, nil), "RFC 9649 2.7: VP8X that says nothing new")
	s.good("extended_icc_exif_xmp", extended(vp8xICC|vp8xEXIF|vp8xXMP, []riffChunk{icc}, []riffChunk{exif, xmp}), "RFC 9649 2.7: metadata in their order")
	for o := 1; o <= 8; o++ {
		s.good(fmt.Sprintf("exif_orientation_%d", o), extended(vp8xEXIF, nil, []riffChunk{{kind: "EXIF", data: tinyTIFF(o)}}), "RFC 9649 2.7.1.5: EXIF")
	}
	s.warned("unknown_chunk_last", extended(0, nil, []riffChunk{{kind: "FUZZ", data: pattern(9, 1)}}), "RFC 9649 2.7.1.6: unknown chunks are ignored; an odd one is padded")
	s.warned("anmf_size_of_another_frame", webpPatch("animated.webp", "ANMF", 6, 30), "RFC 9649 2.7.1.1: Frame Width; libwebp goes by the bitstream")
	return s.cases
}

func webpBadCases() []Case {
	s := &suite{format: detect.WebP}
	webpBadContainer(s)
	webpBadVP8(s)
	webpBadVP8L(s)
	webpBadExtended(s)
	return s.cases
}

func webpBadContainer(s *suite) {
	good := seed("lossy.webp")
	size := len(good) - 8
	s.badOther("riff_other_fourcc", patched(good, 8, []byte("WAVE")...), "RFC 9649 2.4: WEBP")
	s.badOther("riff_first_chunk_unknown", riffFile(riffChunk{kind: "FUZZ", data: []byte{1, 2}}), "RFC 9649 2.5-2.7: VP8, VP8L or VP8X comes first")
	s.bad("riff_size_past_the_end", patched(good, 4, le32(uint32(size+2))...), "RFC 9649 2.4: the file is shorter than its size: the tail is lost")
	s.bad("riff_size_0", patched(good, 4, le32(0)...), "RFC 9649 2.4: the size covers the chunks")
	s.bad("riff_size_cuts_the_chunk", patched(good, 4, le32(uint32(size-20))...), "RFC 9649 2.3: a chunk lies inside its file")
	s.bad("chunk_size_past_the_end", patched(good, 16, le32(uint32(size))...), "RFC 9649 2.3: a chunk lies inside its file")
	s.bad("chunk_size_2_32", patched(good, 16, le32(1<<32-1)...), "RFC 9649 2.3: a chunk lies inside its file")
	s.bad("vp8_chunk_empty", riffFile(riffChunk{kind: "VP8 "}), "RFC 6386 9.1: a frame has a header")
}

func webpBadVP8(s *suite) {
	patch := func(at int, data ...byte) []byte { return webpPatch("lossy.webp", "VP8 ", at, data...) }
	frame := riffChunks(seed("lossy.webp"))[0].data
	tag := int(frame[0]) | int(frame[1])<<8 | int(frame[2])<<16
	withTag := func(v int) []byte { return patch(0, le24(v)...) }
	s.bad("vp8_not_a_key_frame", withTag(tag|1), "RFC 9649 2.5: a key frame")
	s.bad("vp8_not_shown", withTag(tag&^(1<<4)), "RFC 9649 2.5: show_frame is 1")
	s.bad("vp8_version_4", withTag(tag|4<<1), "RFC 6386 9.1: versions 0 to 3")
	s.bad("vp8_start_code", patch(3, 0x9e), "RFC 6386 9.1: 9d 01 2a")
	s.bad("vp8_zero_width", patch(6, 0, 0), "RFC 6386 9.1: no pixels")
	s.bad("vp8_zero_height", patch(8, 0, 0), "RFC 6386 9.1: no pixels")
	s.bad("vp8_first_partition_past_the_end", withTag(tag&0x1f|0x7ffff<<5), "RFC 6386 9.1: first_part_size")
	s.bad("vp8_first_partition_empty", withTag(tag&0x1f), "RFC 6386 9.2: the frame header is in the first partition")
	cut := func(n int) []byte {
		return webpEdit("lossy.webp", func(c []riffChunk) []riffChunk { c[0].data = c[0].data[:n:n]; return c })
	}
	s.bad("vp8_header_cut", cut(8), "RFC 6386 9.1: ten bytes")
	s.bad("vp8_first_partition_cut", cut(20), "RFC 6386 9.1: first_part_size")
	s.bad("vp8_token_partition_missing", cut(10+tag>>5), "RFC 6386 9.5: the last partition holds the tokens")
	s.bad("vp8_tokens_half", cut(len(frame)/2+(10+tag>>5)/2), "RFC 6386 9.5: libwebp reports data that end early as truncated")
	parts := riffChunks(seed("lossy-partitions.webp"))[0].data
	first := 10 + (int(parts[0])|int(parts[1])<<8|int(parts[2])<<16)>>5
	s.bad("vp8_partition_size_past_the_end", webpPatch("lossy-partitions.webp", "VP8 ", first, 0xff, 0xff, 0xff), "RFC 6386 9.5: partition sizes fit the frame")
}

func webpBadVP8L(s *suite) {
	patch := func(at int, data ...byte) []byte { return webpPatch("lossless.webp", "VP8L", at, data...) }
	data := riffChunks(seed("lossless.webp"))[0].data
	file := func(data []byte) []byte { return riffFile(riffChunk{kind: "VP8L", data: data}) }
	s.bad("vp8l_signature", patch(0, 0x2e), "RFC 9649 3.4: 0x2f")
	s.bad("vp8l_version_1", patch(4, data[4]|0x20), "RFC 9649 3.4: version_number is 0")
	s.bad("vp8l_header_cut", file(data[:4]), "RFC 9649 3.4: five bytes")
	s.bad("vp8l_half", file(data[:len(data)/2]), "RFC 9649 3.7: data for every pixel")
	s.bad("vp8l_last_quarter_missing", file(data[:len(data)*3/4]), "RFC 9649 3.7: data for every pixel")
	s.bad("vp8l_larger_than_its_data", patch(1, 0xff, 0xff, 0xff), "RFC 9649 3.7: data for every pixel of 16384x16380")

	build := func(f func(b *lsbWriter)) []byte {
		var b lsbWriter
		b.put(0x2f, 8)
		b.put(3, 14)
		b.put(3, 14)
		b.put(0, 4)
		f(&b)
		b.put(0, 64)
		return file(b.b)
	}
	s.bad("vp8l_transform_twice", build(func(b *lsbWriter) {
		for range 2 {
			b.put(1, 1)
			b.put(2, 2) // subtract green
		}
	}), "RFC 9649 3.5: each transform at most once")
	for _, bits := range []uint64{0, 12} {
		s.bad(fmt.Sprintf("vp8l_cache_bits_%d", bits), build(func(b *lsbWriter) {
			b.put(0, 1)
			b.put(1, 1)
			b.put(bits, 4)
		}), "RFC 9649 3.6.2.3: color_cache_code_bits is 1 to 11")
	}
	s.bad("vp8l_code_oversubscribed", build(func(b *lsbWriter) {
		b.put(0, 3)  // no transform, no cache, one group
		b.put(0, 1)  // not simple
		b.put(0, 4)  // four code length code lengths: 17, 18, 0, 1
		b.put(1, 3)  // of one bit each: one too many
		b.put(1, 3)  //
		b.put(1, 3)  //
		b.put(1, 3)  //
		b.put(0, 64) //
	}), "RFC 9649 3.7.2.1.2: a complete prefix code")
	s.bad("vp8l_code_empty", build(func(b *lsbWriter) {
		b.put(0, 3)
		b.put(0, 1)
		b.put(0, 4)
		b.put(0, 12) // no code length code at all
	}), "RFC 9649 3.7.2.1.2: a prefix code has a symbol")
}

func webpBadExtended(s *suite) {
	edit := func(name string, f func(c []riffChunk) []riffChunk) []byte { return webpEdit(name, f) }
	s.bad("vp8x_without_picture", riffFile(vp8x(0, 24, 17)), "RFC 9649 2.7: image data are due")
	s.bad("vp8x_cut", riffFile(riffChunk{kind: "VP8X", data: []byte{0, 0, 0, 0, 1, 0}}), "RFC 9649 2.7.1: ten bytes")
	s.bad("vp8x_canvas_of_another_picture", webpPatch("lossy-alpha.webp", "VP8X", 4, le24(99)...), "RFC 9649 2.7: the canvas of a still is its picture; libwebp refuses")
	s.bad("vp8x_canvas_over_2_32_pixels", webpPatch("animated.webp", "VP8X", 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "RFC 9649 2.7.1: width*height is at most 2^32-1")
	s.bad("alph_cut", edit("lossy-alpha.webp", func(c []riffChunk) []riffChunk { c[1].data = c[1].data[:9:9]; return c }), "RFC 9649 2.7.1.2: alpha for every pixel")
	s.bad("alph_raw_cut", edit("lossy-alpha-raw.webp", func(c []riffChunk) []riffChunk { c[1].data = c[1].data[:99:99]; return c }), "RFC 9649 2.7.1.2: a byte for every pixel")
	s.bad("alph_empty", edit("lossy-alpha.webp", func(c []riffChunk) []riffChunk { c[1].data = nil; return c }), "RFC 9649 2.7.1.2: a header byte")
	s.bad("alph_compression_2", webpPatch("lossy-alpha.webp", "ALPH", 0, 0x02), "RFC 9649 2.7.1.2: compression is 0 or 1")
	s.bad("alph_without_picture", edit("lossy-alpha.webp", func(c []riffChunk) []riffChunk { return c[:2] }), "RFC 9649 2.7.1.2: a VP8 chunk follows")

	frames := func(f func(c []riffChunk) []riffChunk) []byte { return edit("animated.webp", f) }
	s.bad("anmf_missing", frames(func(c []riffChunk) []riffChunk { return c[:2] }), "RFC 9649 2.7.1.1: an animation has a frame")
	s.bad("anim_missing", frames(func(c []riffChunk) []riffChunk { return append(c[:1:1], c[2:]...) }), "RFC 9649 2.7.1.1: ANIM comes before the frames")
	s.bad("anim_cut", frames(func(c []riffChunk) []riffChunk { c[1].data = c[1].data[:4:4]; return c }), "RFC 9649 2.7.1.1: six bytes")
	s.bad("anmf_past_the_canvas", frames(func(c []riffChunk) []riffChunk { c[3].data = patched(c[3].data, 0, 9); return c }), "RFC 9649 2.7.1.1: a frame lies on the canvas")
	s.bad("anmf_empty", frames(func(c []riffChunk) []riffChunk { c[3].data = c[3].data[:16:16]; return c }), "RFC 9649 2.7.1.1: frame data are due")
	s.bad("anmf_cut", frames(func(c []riffChunk) []riffChunk { c[3].data = c[3].data[:60:60]; return c }), "RFC 9649 2.3: a chunk lies inside its frame")
}

// iccProfile is a colour profile of n bytes as far as its header goes (ICC.1:2022, 7.2).
func iccProfile(n int) []byte {
	p := pattern(n, 3)
	binary.BigEndian.PutUint32(p, uint32(n))
	copy(p[36:], "acsp")
	return p
}
