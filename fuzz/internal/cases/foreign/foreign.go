package foreign

import (
	"strings"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/validate"
)

// Empty is the file without a byte.
func Empty() []cases.Case {
	return []cases.Case{{Name: "other/empty", Code: validate.CodeEmpty, Why: "no bytes at all"}}
}

// Files are not of the five formats, some of them on purpose.
func Files() []cases.Case {
	s := &cases.Suite{Format: detect.Unknown}
	s.Bad("one_byte", []byte{0}, "no format has so short a signature")
	s.Bad("zeros", make([]byte, 512), "no signature")
	s.Bad("ones", []byte(strings.Repeat("\xff", 512)), "FF FF FF is not FF D8 FF")
	s.Bad("noise", pack.Pattern(2048, 99), "no signature")
	s.Bad("text", []byte("This is a picture. Believe me."), "text")
	s.Bad("text_that_starts_with_bm", []byte("BM is short for bitmap, and this is text, forty bytes and more of it."), "text: no header size")
	s.Bad("html", []byte("<!DOCTYPE html><title>x</title><img src=x>"), "HTML")
	s.Bad("svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`), "SVG 2: a picture, of a format not taken")
	s.Bad("pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"), "ISO 32000: PDF")
	s.Bad("gif", []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), "GIF89a: a whole picture, of a format not taken")
	s.Bad("tiff", pack.Join([]byte("II*\x00"), pack.LE32(8), pack.LE16(0), pack.LE32(0)), "TIFF 6.0")
	s.Bad("json", []byte(`{"error":{"code":5,"message":"file corrupted"}}`), "our own answer is no picture")
	s.Bad("base64_png", []byte("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"), "a picture, but still in base64")
	s.Bad("data_url", []byte("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"), "a picture, but still in a URL")
	for _, f := range build.Formats {
		b := build.Plain(f)
		s.Bad("behind_a_byte_"+string(f), pack.Join([]byte{0}, b), "the signature stands at byte 0")
		s.Bad("behind_a_line_end_"+string(f), pack.Join([]byte("\r\n"), b), "a multipart part with a line end too many")
	}
	s.Bad("avif", pack.Join(heif.Box("ftyp", []byte("avif"), pack.BE32(0), []byte("avifmif1miaf")), heif.FullBox("meta", 0, 0, heif.FullBox("pitm", 0, 0, pack.BE16(1)))), "AVIF: HEIF with AV1")
	avif := heif.Seed("tile.heic").StillWith(func(h *heif.File) { h.Items[0].Kind = "av01" })
	s.Bad("avif_with_heic_brands", avif, "ISO/IEC 23008-12 10.2: the primary item is AV1, whatever the brands say")
	s.Bad("heif_mini", heif.Mini("mif3", "heic"), "23008-12 Amd 1: HEVC in a mini box in place of meta, which no viewer shows; a picture, not video")
	s.Bad("mp4", pack.Join(heif.Box("ftyp", []byte("isom"), pack.BE32(0), []byte("isomiso2avc1mp41")), heif.Box("moov", make([]byte, 100))), "video in the same container")
	s.Bad("wav", pack.Join([]byte("RIFF"), pack.LE32(36), []byte("WAVEfmt "), make([]byte, 28)), "sound in the same container as WebP")
	return s.Cases
}
