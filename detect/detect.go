package detect

import (
	"encoding/binary"
	"strings"

	"github.com/imgvet/imgvet/internal/cursor"
)

// HeadSize is how many bytes Detect needs at most: it gives the same answer for the first
// HeadSize bytes of a file as for the whole file.
const HeadSize = 4096

// Detect returns the format that head, the first bytes of a file, claims to be, or Unknown. It
// looks at no more than HeadSize bytes. Pass a shorter file whole. It keeps no reference to head
// and is safe for concurrent use.
func Detect(head []byte) Format {
	if len(head) > HeadSize {
		head = head[:HeadSize]
	}
	switch {
	case isJPEG(head):
		return JPEG
	case isPNG(head):
		return PNG
	case isWebP(head):
		return WebP
	case isBMP(head):
		return BMP
	case isHEIC(head):
		return HEIC
	}
	return Unknown
}

// Describe returns the media type of any content, without parameters, such as "image/gif" or
// "text/html", for logs and for advice to the sender. Content that it cannot name is
// "application/octet-stream".
//
// For the five formats it is Detect(head).MIME() (an animated PNG is "image/png"). For a file
// that is Unknown it is never one of their five names: an AVIF picture that pretends to be HEIC
// is "image/heif". It looks at no more than HeadSize bytes.
func Describe(head []byte) string {
	const nameless = "application/octet-stream"
	if len(head) > HeadSize {
		head = head[:HeadSize]
	}
	if f := Detect(head); f != Unknown {
		return f.MIME()
	}
	if len(head) == 0 {
		return nameless // mimetype calls empty content text
	}
	if isMini(head) {
		return "image/heif"
	}
	name, _, _ := strings.Cut(foreignType(head), ";")
	switch name {
	case HEIC.MIME():
		return "image/heif" // an HEVC brand on something else
	case PNG.MIME(), JPEG.MIME(), BMP.MIME(), WebP.MIME():
		return nameless // a magic number with nothing after it
	}
	return name
}

// isMini reports whether b begins a file in the low-overhead structure of HEIF (23008-12, 3rd
// ed., Amd 1): the brand mif3 and a mini box in place of meta. No viewer that we know shows one,
// and a sniffer that reads only its ftyp box calls it video.
func isMini(b []byte) bool {
	if len(b) < 16 || string(b[4:8]) != "ftyp" {
		return false
	}
	c := cursor.New(b, 0)
	first, _ := nextBox(&c)
	for i := 0; i+4 <= len(first.payload); i += 4 {
		if i != 4 && string(first.payload[i:i+4]) == "mif3" {
			return true
		}
	}
	return false
}

// PNG (3rd ed.) 5.2. We test the signature alone: mimetype says "image/apng" of a PNG with an
// acTL chunk, and its Is("image/png") is then false.
func isPNG(b []byte) bool { return hasPrefix(b, "\x89PNG\r\n\x1a\n") }

// ITU-T T.81 B.1.1.3 and B.2.1: the SOI marker, and the FF of the marker that
// must follow it. Every decoder asks for these three bytes.
func isJPEG(b []byte) bool { return hasPrefix(b, "\xff\xd8\xff") }

// WebP container specification (RFC 9649 2.4-2.7): the RIFF header, and one of the three chunks
// that may come first. The verifier checks the RIFF size.
func isWebP(b []byte) bool {
	if len(b) < 16 || !hasPrefix(b, "RIFF") || string(b[8:12]) != "WEBP" {
		return false
	}
	switch string(b[12:16]) {
	case "VP8 ", "VP8L", "VP8X":
		return true
	}
	return false
}

// isBMP looks for the two letters of BITMAPFILEHEADER and, 14 bytes on, the size field of the
// information header. ASCII text cannot pass: a size up to 124 has three zero bytes.
//
// Browsers take these sizes. mimetype lacks 12, the header of OS/2 1.x and Windows 2
// (BITMAPCOREHEADER), and most sizes of OS/2 2.x, whose header may stop after any field (OS/2
// 2.x Presentation Manager, BITMAPINFOHEADER2: "cbFix"). Bitmap arrays ("BA"), icons and
// pointers of OS/2 are not taken.
func isBMP(b []byte) bool {
	if len(b) < 18 || !hasPrefix(b, "BM") {
		return false
	}
	switch n := binary.LittleEndian.Uint32(b[14:]); n {
	case 12: // OS/2 1.x, Windows 2
		return true
	case 40, 52, 56, 108, 124: // Windows V3, V2 and V3 of Adobe, V4, V5
		return true
	case 42, 46: // OS/2 2.x, cut after a two-byte field
		return true
	default: // OS/2 2.x, cut after a four-byte field
		return n >= 16 && n <= 64 && n%4 == 0
	}
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }
