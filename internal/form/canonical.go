package form

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Canonical rewrites the delimiters and headers of a form in the one spelling that every parser
// reads alike: a boundary that the client cannot know, one Content-Disposition with a quoted
// name, and for a file a quoted file name and a type.
type Canonical struct{ boundary string }

// NewCanonical returns a form with a fresh boundary of 128 random bits.
func NewCanonical() Canonical {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails (Go 1.24)
	return Canonical{"imgvet" + hex.EncodeToString(b[:])}
}

// ContentType returns the Content-Type of the form.
func (c Canonical) ContentType() string { return FormData + "; boundary=" + c.boundary }

// Header returns the bytes before the data of a part. media is its type: always set for a file,
// and for a text field only if it is not plain text; "" omits the line. A file always has a type
// and a file name, since some parsers go by the one and some by the other.
func (c Canonical) Header(p *Part, file bool, media string) []byte {
	var b strings.Builder
	b.WriteString("--" + c.boundary + "\r\nContent-Disposition: form-data; name=\"" + p.Name + "\"")
	if file {
		name := p.FileName
		if name == "" && !p.Marked {
			name = "file"
		}
		b.WriteString("; filename=\"" + safeFileName(name) + "\"")
		if media == "" {
			media = "application/octet-stream"
		}
	}
	if media != "" {
		b.WriteString("\r\nContent-Type: " + media)
	}
	b.WriteString("\r\n\r\n")
	return []byte(b.String())
}

// AfterData returns the bytes after the data of a part.
func (c Canonical) AfterData() []byte { return []byte("\r\n") }

// End returns the final delimiter.
func (c Canonical) End() []byte { return []byte("--" + c.boundary + "--\r\n") }

// safeFileName percent-encodes the characters on which parsers of a quoted file name disagree,
// as browsers do with quotes (HTML, 4.10.21.8). Bytes that are not UTF-8 become U+FFFD.
func safeFileName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(name, "\uFFFD") {
		if b.Len() > MaxFileName-len("%XX")*utf8.UTFMax {
			break // encoding lengthens the name
		}
		if strings.ContainsRune(`"\;=?*'`, r) || unicode.IsControl(r) {
			for _, c := range []byte(string(r)) {
				b.WriteByte('%')
				b.WriteByte(strings.ToUpper(hexDigits)[c>>4])
				b.WriteByte(strings.ToUpper(hexDigits)[c&15])
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
