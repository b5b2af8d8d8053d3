package fuzz

import (
	"fmt"
	"strings"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// formats are the five, in the order of the cases.
var formats = [...]detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC}

// plain returns one good file of a format.
func plain(f detect.Format) []byte {
	switch f {
	case detect.PNG:
		return pngBase.picture()
	case detect.JPEG:
		return seed("420.jpg")
	case detect.BMP:
		return bmpInfo{header: 40, w: 13, h: 7, bits: 24}.file()
	case detect.WebP:
		return seed("lossy.webp")
	case detect.HEIC:
		return codedSeed("tile.heic").still().file()
	}
	return nil
}

func emptyCases() []Case {
	return []Case{{Name: "other/empty", Code: validate.CodeEmpty, Why: "no bytes at all"}}
}

// foreignCases are not of the five formats, some of them on purpose.
func foreignCases() []Case {
	s := &suite{format: detect.Unknown}
	s.bad("one_byte", []byte{0}, "no format has so short a signature")
	s.bad("zeros", make([]byte, 512), "no signature")
	s.bad("ones", []byte(strings.Repeat("\xff", 512)), "FF FF FF is not FF D8 FF")
	s.bad("noise", pattern(2048, 99), "no signature")
	s.bad("text", []byte("This is a picture. Believe me."), "text")
	s.bad("text_that_starts_with_bm", []byte("BM is short for bitmap, and this is text, forty bytes and more of it."), "text: no header size")
	s.bad("html", []byte("<!DOCTYPE html><title>x</title><img src=x>"), "HTML")
	s.bad("svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`), "SVG 2: a picture, of a format not taken")
	s.bad("pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"), "ISO 32000: PDF")
	s.bad("gif", []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), "GIF89a: a whole picture, of a format not taken")
	s.bad("tiff", join([]byte("II*\x00"), le32(8), le16(0), le32(0)), "TIFF 6.0")
	s.bad("json", []byte(`{"error":{"code":5,"message":"file corrupted"}}`), "our own answer is no picture")
	s.bad("base64_png", []byte("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"), "a picture, but still in base64")
	s.bad("data_url", []byte("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"), "a picture, but still in a URL")
	for _, f := range formats {
		b := plain(f)
		s.bad("behind_a_byte_"+string(f), join([]byte{0}, b), "the signature stands at byte 0")
		s.bad("behind_a_line_end_"+string(f), join([]byte("\r\n"), b), "a multipart part with a line end too many")
	}
	s.bad("avif", join(box("ftyp", []byte("avif"), be32(0), []byte("avifmif1miaf")), fullBox("meta", 0, 0, fullBox("pitm", 0, 0, be16(1)))), "AVIF: HEIF with AV1")
	avif := codedSeed("tile.heic").stillWith(func(h *heif) { h.items[0].kind = "av01" })
	s.bad("avif_with_heic_brands", avif, "ISO/IEC 23008-12 10.2: the primary item is AV1, whatever the brands say")
	s.bad("mp4", join(box("ftyp", []byte("isom"), be32(0), []byte("isomiso2avc1mp41")), box("moov", make([]byte, 100))), "video in the same container")
	s.bad("wav", join([]byte("RIFF"), le32(36), []byte("WAVEfmt "), make([]byte, 28)), "sound in the same container as WebP")
	return s.cases
}

// tailCases have bytes behind the picture: forgiven if the picture is whole, as
// viewers do; and pictures that are two files at once.
func tailCases() []Case {
	var all []Case
	tails := []struct {
		name string
		data []byte
	}{
		{"zero", []byte{0}},
		{"line_end", []byte("\r\n")},
		{"script", []byte("<script>alert(1)</script>")},
		{"zip", join([]byte("PK\x05\x06"), make([]byte, 18))},
		{"noise", pattern(1000, 4)},
	}
	for _, f := range formats {
		if f == detect.HEIC {
			continue // bytes behind the last box are a box themselves
		}
		s := &suite{format: f}
		for _, t := range tails {
			s.warned("tail_"+t.name, join(plain(f), t.data), "bytes behind the end of the picture, which no viewer looks at")
		}
		all = append(all, s.cases...)
	}
	return all
}

// bombCases claim sizes far over the limit of 220 million pixels.
func bombCases() []Case {
	var all []Case
	for _, f := range formats {
		s := &suite{format: f}
		for _, size := range [][2]int{{16383, 16383}, {16384, 16384}, {16000, 13751}} {
			s.bad(fmt.Sprintf("bomb_%dx%d", size[0], size[1]), bomb(f, size[0], size[1]), "more than 220,000,000 pixels claimed in under 1 KB")
		}
		all = append(all, s.cases...)
	}
	s := &suite{format: detect.PNG}
	s.bad("bomb_2147483647x2147483647", bomb(detect.PNG, 1<<31-1, 1<<31-1), "the largest claim PNG can make: 2^62 pixels")
	s.bad("bomb_1x2147483647", bomb(detect.PNG, 1, 1<<31-1), "a picture one pixel wide")
	all = append(all, s.cases...)
	s = &suite{format: detect.BMP}
	s.bad("bomb_2147483647x2147483647", bomb(detect.BMP, 1<<31-1, 1<<31-1), "the largest claim BMP can make")
	all = append(all, s.cases...)
	s = &suite{format: detect.JPEG}
	s.bad("bomb_65535x65535", bomb(detect.JPEG, 65535, 65535), "the largest claim JPEG can make")
	return append(all, s.cases...)
}
