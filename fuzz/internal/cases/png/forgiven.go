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
	s.Warned("exif_cut", file(raw, png.Chunk{Kind: "eXIf", Data: meta.TIFF(6)[:15]}), "11.3.4.5: no viewer needs it")
	return s.Cases
}
