package png

import (
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.PNG}
	raw := png.Base.Rows()
	file := func(raw []byte, before ...png.Chunk) []byte {
		return png.File(append(append([]png.Chunk{png.Base.Chunk()}, before...), png.IDAT(deflate.ZlibStored(raw)), png.IEND)...)
	}
	s.Warned("rows_a_byte_more", file(append(slices.Clone(raw), 0)), "libpng: extra compressed data is dropped")
	s.Warned("rows_twice", file(append(slices.Clone(raw), raw...)), "libpng shows the rows that IHDR asks for")
	s.Warned("actl_0_frames", file(raw, png.Chunk{Kind: "acTL", Data: make([]byte, 8)}), "browsers pass over it: a still")
	fctl := png.Chunk{Kind: "fcTL", Data: pack.Join(pack.BE32(0), pack.BE32(png.Base.W), pack.BE32(png.Base.H), pack.BE32(0), pack.BE32(0), pack.BE16(1), pack.BE16(10), []byte{0, 0})}
	s.Bad("actl_0_frames_fctl", file(raw, png.Chunk{Kind: "acTL", Data: make([]byte, 8)}, fctl), "11.3.5.1: a frame that is not declared")
	unsealed := png.Chunk{Kind: "tEXt", Data: []byte("a\x00b"), CRCXor: 1}
	s.Warned("text_crc", file(raw, unsealed), "libpng drops an ancillary chunk of a wrong CRC")
	s.Warned("trns_before_plte_rgb", file(raw, png.Chunk{Kind: "tRNS", Data: make([]byte, 6)}, png.PLTE(3)), "5.6 table 7: shown all the same")
	s.Bad("plte_257_in_rgb", file(raw, png.PLTE(257)), "Chromium refuses a PLTE of over 768 bytes in any picture")
	s.Bad("plte_empty_in_rgb", file(raw, png.Chunk{Kind: "PLTE"}), "Chromium refuses a PLTE of under 3 bytes in any picture")
	forgivenPlaces(s, file, raw)
	forgivenMetadata(s, file, raw)
	return s.Cases
}

// forgivenPlaces has tRNS and PLTE where libpng drops them, and data behind the rows.
func forgivenPlaces(s *cases.Suite, file func(raw []byte, before ...png.Chunk) []byte, raw []byte) {
	h, data := png.Base.Chunk(), png.IDAT(deflate.ZlibStored(raw))
	trns := png.Chunk{Kind: "tRNS", Data: make([]byte, 6)}
	const dropped = "libpng drops what stands in the wrong place, and shows the picture"
	s.Warned("trns_twice", file(raw, trns, trns), dropped)
	s.Warned("trns_behind_idat", png.File(h, data, trns, png.IEND), dropped)
	s.Warned("trns_of_5_bytes", file(raw, png.Chunk{Kind: "tRNS", Data: make([]byte, 5)}), dropped)
	s.Good("plte_256_in_rgb", file(raw, png.PLTE(256)), "11.2.2: 1 to 256 entries")
	s.Warned("plte_not_threes_in_rgb", file(raw, png.Chunk{Kind: "PLTE", Data: make([]byte, 7)}), "11.2.2: a length not divisible by 3; the pixels do not need it, and Chromium shows it")
	s.Good("plte_of_3_bytes_in_rgb", file(raw, png.PLTE(1)), "11.2.2: 1 to 256 entries")
	s.Bad("plte_of_2_bytes_in_rgb", file(raw, png.Chunk{Kind: "PLTE", Data: make([]byte, 2)}), "Chromium refuses a PLTE of under 3 bytes in any picture")
	s.Warned("plte_behind_idat_in_rgb", png.File(h, data, png.PLTE(5), png.IEND), dropped)
	s.Bad("plte_twice_in_rgb", file(raw, png.PLTE(3), png.PLTE(5)), "5.6 table 7: at most one PLTE; an error to libpng in any picture")
	gray := png.Info{W: 7, H: 5, Depth: 8, Colour: png.Gray}
	s.Warned("plte_in_gray", png.File(gray.Chunk(), png.PLTE(3), png.IDAT(deflate.ZlibStored(gray.Rows())), png.IEND), "11.2.2: not in greyscale; "+dropped)
	pal := png.Info{W: 7, H: 5, Depth: 4, Colour: png.Palette}
	alpha := png.Chunk{Kind: "tRNS", Data: make([]byte, 3)}
	s.Warned("trns_before_plte_palette", png.File(pal.Chunk(), alpha, png.PLTE(16), png.IDAT(deflate.ZlibStored(pal.Rows())), png.IEND), dropped)
	s.Warned("gama_of_5_bytes", file(raw, png.Chunk{Kind: "gAMA", Data: make([]byte, 5)}), "11.3.2.2: four bytes; no viewer needs it")

	more := append(slices.Clone(raw), 1, 2, 3)
	z := deflate.ZlibStored(more)
	s.Bad("rows_more_and_adler", png.File(h, png.IDAT(pack.Join(z[:len(z)-4], deflate.BadSum(more))), png.IEND), "RFC 1950 2.2: Adler-32 of all the data")
	s.Warned("idat_bytes_behind_the_stream", png.File(h, png.IDAT(pack.Join(data.Data, []byte{1, 2, 3})), png.IEND), "libpng: extra compressed data is dropped")
}

// forgivenMetadata has EXIF and colour profiles that cannot be read: no viewer needs them.
func forgivenMetadata(s *cases.Suite, file func(raw []byte, before ...png.Chunk) []byte, raw []byte) {
	exif := func(data []byte) []byte { return file(raw, png.Chunk{Kind: "eXIf", Data: data}) }
	s.Warned("exif_cut", exif(meta.TIFF(6)[:15]), "11.3.4.5: no viewer needs it")
	s.Warned("exif_empty", exif(nil), "11.3.4.5: no viewer needs it")
	s.Warned("exif_byte_order", exif(pack.Patched(meta.TIFF(6), 0, 'X', 'X')), "11.3.4.5: no viewer needs it")
	behind := png.File(png.Base.Chunk(), png.IDAT(deflate.ZlibStored(raw)), png.Chunk{Kind: "eXIf", Data: meta.TIFF(6)}, png.IEND)
	s.Good("exif_behind_idat", behind, "5.6 table 7: eXIf may stand behind IDAT")

	icc := func(zlib []byte) []byte {
		return file(raw, png.Chunk{Kind: "iCCP", Data: pack.Join([]byte("profile\x00\x00"), zlib)})
	}
	profile := meta.ICC(200)
	s.Good("iccp", icc(deflate.ZlibStored(profile)), "11.3.2.3: a profile in a zlib stream")
	s.Warned("iccp_cut", icc(deflate.ZlibStored(profile[:150])), "11.3.2.3: no viewer needs it")
	s.Warned("iccp_stream_cut", icc(deflate.ZlibStored(profile)[:100]), "11.3.2.3: no viewer needs it")
	s.Warned("iccp_empty", icc(deflate.ZlibStored(nil)), "11.3.2.3: no viewer needs it")
}
