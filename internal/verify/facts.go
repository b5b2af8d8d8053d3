package verify

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imgvet/imgvet/internal/exif"
	"github.com/imgvet/imgvet/internal/icc"
)

// Facts are what a file says about its picture beside the pixels. Filling them in allocates
// nothing.
type Facts struct {
	EXIF        bool // an EXIF block, readable or not
	GPS         bool // EXIF or XMP gives a place
	XMP         bool
	ICC         icc.Kind // of the colour profile, icc.None if there is none
	C2PA        bool     // Content Credentials, in JUMBF boxes
	Alpha       bool
	HDR         bool
	Progressive bool
	BitDepth    int    // bits per sample as stored; with a palette, bits per index
	Make, Model []byte // of the camera, from EXIF; they alias the file
}

// AddEXIF reads an EXIF block that starts at its TIFF header.
func (f *Facts) AddEXIF(tiff []byte) {
	f.EXIF = true
	facts := exif.Read(tiff)
	f.GPS = f.GPS || facts.GPS
	if f.Make == nil {
		f.Make = facts.Make
	}
	if f.Model == nil {
		f.Model = facts.Model
	}
}

// AddXMP reads an XMP packet, or a part of one.
func (f *Facts) AddXMP(packet []byte) {
	f.XMP = true
	// Exif in XMP (ISO 16684-1 and CIPA DC-010): exif:GPSLatitude, as an attribute or an element.
	f.GPS = f.GPS || bytes.Contains(packet, []byte("GPSLatitude"))
	// Ultra HDR: the namespace hdrgm. Apple: HDRGainMap.
	f.HDR = f.HDR || bytes.Contains(packet, []byte("hdrgm:Version"))
}

// AddICC reads a colour profile, or the first part of one.
func (f *Facts) AddICC(profile []byte) {
	kind, hdr := icc.Read(profile)
	f.ICC = kind
	f.HDR = f.HDR || hdr
}

// HDRTransfer reports whether a transfer characteristic of ITU-T H.273 (table 3) is for high
// dynamic range: PQ or HLG.
func HDRTransfer(code int) bool { return code == 16 || code == 18 }

// Text is a short text that aliases nothing and needs no allocation.
type Text struct {
	n uint8
	b [63]byte
}

// TextOf returns p, up to its first zero byte and as much as fits, as a Text.
func TextOf(p []byte) (t Text) {
	t.set(p)
	return t
}

// set stores as much of p, up to its first zero byte, as fits. Bytes that do not print become
// question marks.
func (t *Text) set(p []byte) {
	if i := bytes.IndexByte(p, 0); i >= 0 {
		p = p[:i]
	}
	t.n = 0
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		p = p[size:]
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			r = '?'
		}
		if int(t.n)+utf8.RuneLen(r) > len(t.b) {
			return
		}
		t.n += uint8(utf8.EncodeRune(t.b[t.n:], r))
	}
}

// String returns the text without surrounding spaces.
func (t Text) String() string { return strings.TrimSpace(string(t.b[:t.n])) }
