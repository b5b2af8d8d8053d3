package webp

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/webp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Bad are files with one defect each.
func Bad() []cases.Case {
	s := &cases.Suite{Format: detect.WebP}
	badContainer(s)
	badVP8(s)
	badVP8L(s)
	badExtended(s)
	return s.Cases
}

func badContainer(s *cases.Suite) {
	good := seeds.Get("lossy.webp")
	size := len(good) - 8
	s.BadOther("riff_other_fourcc", pack.Patched(good, 8, []byte("WAVE")...), "RFC 9649 2.4: WEBP")
	s.BadOther("riff_first_chunk_unknown", webp.File(webp.Chunk{Kind: "FUZZ", Data: []byte{1, 2}}), "RFC 9649 2.5-2.7: VP8, VP8L or VP8X comes first")
	s.Bad("riff_size_past_the_end", pack.Patched(good, 4, pack.LE32(uint32(size+2))...), "RFC 9649 2.4: the file is shorter than its size: the tail is lost")
	s.Bad("riff_size_0", pack.Patched(good, 4, pack.LE32(0)...), "RFC 9649 2.4: the size covers the chunks")
	s.Bad("riff_size_cuts_the_chunk", pack.Patched(good, 4, pack.LE32(uint32(size-20))...), "RFC 9649 2.3: a chunk lies inside its file")
	s.Bad("chunk_size_past_the_end", pack.Patched(good, 16, pack.LE32(uint32(size))...), "RFC 9649 2.3: a chunk lies inside its file")
	s.Bad("chunk_size_2_32", pack.Patched(good, 16, pack.LE32(1<<32-1)...), "RFC 9649 2.3: a chunk lies inside its file")
	s.Bad("vp8_chunk_empty", webp.File(webp.Chunk{Kind: "VP8 "}), "RFC 6386 9.1: a frame has a header")
}

func badVP8(s *cases.Suite) {
	patch := func(at int, data ...byte) []byte { return webp.Patch("lossy.webp", "VP8 ", at, data...) }
	frame := webp.Split(seeds.Get("lossy.webp"))[0].Data
	tag := int(frame[0]) | int(frame[1])<<8 | int(frame[2])<<16
	withTag := func(v int) []byte { return patch(0, pack.LE24(v)...) }
	s.Bad("vp8_not_a_key_frame", withTag(tag|1), "RFC 9649 2.5: a key frame")
	s.Bad("vp8_not_shown", withTag(tag&^(1<<4)), "RFC 9649 2.5: show_frame is 1")
	s.Bad("vp8_version_4", withTag(tag|4<<1), "RFC 6386 9.1: versions 0 to 3")
	s.Bad("vp8_start_code", patch(3, 0x9e), "RFC 6386 9.1: 9d 01 2a")
	s.Bad("vp8_zero_width", patch(6, 0, 0), "RFC 6386 9.1: no pixels")
	s.Bad("vp8_zero_height", patch(8, 0, 0), "RFC 6386 9.1: no pixels")
	s.Bad("vp8_first_partition_past_the_end", withTag(tag&0x1f|0x7ffff<<5), "RFC 6386 9.1: first_part_size")
	s.Bad("vp8_first_partition_empty", withTag(tag&0x1f), "RFC 6386 9.2: the frame header is in the first partition")
	cut := func(n int) []byte {
		return webp.Edit("lossy.webp", func(c []webp.Chunk) []webp.Chunk { c[0].Data = c[0].Data[:n:n]; return c })
	}
	s.Bad("vp8_header_cut", cut(8), "RFC 6386 9.1: ten bytes")
	s.Bad("vp8_first_partition_cut", cut(20), "RFC 6386 9.1: first_part_size")
	s.Bad("vp8_token_partition_missing", cut(10+tag>>5), "RFC 6386 9.5: the last partition holds the tokens")
	s.Bad("vp8_tokens_half", cut(len(frame)/2+(10+tag>>5)/2), "RFC 6386 9.5: libwebp reports data that end early as truncated")
	parts := webp.Split(seeds.Get("lossy-partitions.webp"))[0].Data
	first := 10 + (int(parts[0])|int(parts[1])<<8|int(parts[2])<<16)>>5
	s.Bad("vp8_partition_size_past_the_end", webp.Patch("lossy-partitions.webp", "VP8 ", first, 0xff, 0xff, 0xff), "RFC 6386 9.5: partition sizes fit the frame")
}

func badVP8L(s *cases.Suite) {
	patch := func(at int, data ...byte) []byte { return webp.Patch("lossless.webp", "VP8L", at, data...) }
	data := webp.Split(seeds.Get("lossless.webp"))[0].Data
	file := func(data []byte) []byte { return webp.File(webp.Chunk{Kind: "VP8L", Data: data}) }
	s.Bad("vp8l_signature", patch(0, 0x2e), "RFC 9649 3.4: 0x2f")
	s.Bad("vp8l_version_1", patch(4, data[4]|0x20), "RFC 9649 3.4: version_number is 0")
	s.Bad("vp8l_header_cut", file(data[:4]), "RFC 9649 3.4: five bytes")
	s.Bad("vp8l_half", file(data[:len(data)/2]), "RFC 9649 3.7: data for every pixel")
	s.Bad("vp8l_last_quarter_missing", file(data[:len(data)*3/4]), "RFC 9649 3.7: data for every pixel")
	s.Bad("vp8l_larger_than_its_data", patch(1, 0xff, 0xff, 0xff), "RFC 9649 3.7: data for every pixel of 16384x16380")

	build := func(f func(b *pack.LSB)) []byte {
		var b pack.LSB
		b.Put(0x2f, 8)
		b.Put(3, 14)
		b.Put(3, 14)
		b.Put(0, 4)
		f(&b)
		b.Put(0, 64)
		return file(b.Bytes)
	}
	s.Bad("vp8l_transform_twice", build(func(b *pack.LSB) {
		for range 2 {
			b.Put(1, 1)
			b.Put(2, 2) // subtract green
		}
	}), "RFC 9649 3.5: each transform at most once")
	for _, bits := range []uint64{0, 12} {
		s.Bad(fmt.Sprintf("vp8l_cache_bits_%d", bits), build(func(b *pack.LSB) {
			b.Put(0, 1)
			b.Put(1, 1)
			b.Put(bits, 4)
		}), "RFC 9649 3.6.2.3: color_cache_code_bits is 1 to 11")
	}
	s.Bad("vp8l_code_oversubscribed", build(func(b *pack.LSB) {
		b.Put(0, 3)  // no transform, no cache, one group
		b.Put(0, 1)  // not simple
		b.Put(0, 4)  // four code length code lengths: 17, 18, 0, 1
		b.Put(1, 3)  // of one bit each: one too many
		b.Put(1, 3)  //
		b.Put(1, 3)  //
		b.Put(1, 3)  //
		b.Put(0, 64) //
	}), "RFC 9649 3.7.2.1.2: a complete prefix code")
	s.Bad("vp8l_code_empty", build(func(b *pack.LSB) {
		b.Put(0, 3)
		b.Put(0, 1)
		b.Put(0, 4)
		b.Put(0, 12) // no code length code at all
	}), "RFC 9649 3.7.2.1.2: a prefix code has a symbol")
}

func badExtended(s *cases.Suite) {
	edit := func(name string, f func(c []webp.Chunk) []webp.Chunk) []byte { return webp.Edit(name, f) }
	s.Bad("vp8x_without_picture", webp.File(webp.VP8X(0, 24, 17)), "RFC 9649 2.7: image data are due")
	s.Bad("vp8x_cut", webp.File(webp.Chunk{Kind: "VP8X", Data: []byte{0, 0, 0, 0, 1, 0}}), "RFC 9649 2.7.1: ten bytes")
	s.Bad("vp8x_canvas_of_another_picture", webp.Patch("lossy-alpha.webp", "VP8X", 4, pack.LE24(99)...), "RFC 9649 2.7: the canvas of a still is its picture; libwebp refuses")
	s.Bad("vp8x_canvas_over_2_32_pixels", webp.Patch("animated.webp", "VP8X", 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "RFC 9649 2.7.1: width*height is at most 2^32-1")
	s.Bad("alph_cut", edit("lossy-alpha.webp", func(c []webp.Chunk) []webp.Chunk { c[1].Data = c[1].Data[:9:9]; return c }), "RFC 9649 2.7.1.2: alpha for every pixel")
	s.Bad("alph_raw_cut", edit("lossy-alpha-raw.webp", func(c []webp.Chunk) []webp.Chunk { c[1].Data = c[1].Data[:99:99]; return c }), "RFC 9649 2.7.1.2: a byte for every pixel")
	s.Bad("alph_empty", edit("lossy-alpha.webp", func(c []webp.Chunk) []webp.Chunk { c[1].Data = nil; return c }), "RFC 9649 2.7.1.2: a header byte")
	s.Bad("alph_compression_2", webp.Patch("lossy-alpha.webp", "ALPH", 0, 0x02), "RFC 9649 2.7.1.2: compression is 0 or 1")
	s.Bad("alph_without_picture", edit("lossy-alpha.webp", func(c []webp.Chunk) []webp.Chunk { return c[:2] }), "RFC 9649 2.7.1.2: a VP8 chunk follows")

	frames := func(f func(c []webp.Chunk) []webp.Chunk) []byte { return edit("animated.webp", f) }
	s.Bad("anmf_missing", frames(func(c []webp.Chunk) []webp.Chunk { return c[:2] }), "RFC 9649 2.7.1.1: an animation has a frame")
	s.Bad("anim_missing", frames(func(c []webp.Chunk) []webp.Chunk { return append(c[:1:1], c[2:]...) }), "RFC 9649 2.7.1.1: ANIM comes before the frames")
	s.Bad("anim_cut", frames(func(c []webp.Chunk) []webp.Chunk { c[1].Data = c[1].Data[:4:4]; return c }), "RFC 9649 2.7.1.1: six bytes")
	s.Bad("anmf_past_the_canvas", frames(func(c []webp.Chunk) []webp.Chunk { c[3].Data = pack.Patched(c[3].Data, 0, 9); return c }), "RFC 9649 2.7.1.1: a frame lies on the canvas")
	s.Bad("anmf_empty", frames(func(c []webp.Chunk) []webp.Chunk { c[3].Data = c[3].Data[:16:16]; return c }), "RFC 9649 2.7.1.1: frame data are due")
	s.Bad("anmf_cut", frames(func(c []webp.Chunk) []webp.Chunk { c[3].Data = c[3].Data[:60:60]; return c }), "RFC 9649 2.3: a chunk lies inside its frame")
}
