package jpeg

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Samsung's phones put a block of metadata after the EOI of each photo: its entries, then
// "SEFH", a directory, its length, and "SEFT". ExifTool documents it as the Samsung trailer.
const (
	sefHead  = "SEFH"
	sefTail  = "SEFT"
	sefEntry = 12 // two bytes zero, two of type, distance back from SEFH, length
	// maxSEF is the most that a metadata segment before the picture may hold. A longer block has
	// a video or a second picture.
	maxSEF = 1<<16 - 1
)

// isSEF reports whether b is such a block and nothing else: its directory accounts for every
// byte once, in order, and each entry has a name and holds nothing but short text. In the photos
// of phones that is a time or a country's code. Without that look at the text, a script or an
// archive in an entry would be taken for metadata.
func isSEF(b []byte) bool {
	le := binary.LittleEndian
	if len(b) < 20 || len(b) > maxSEF || string(b[len(b)-4:]) != sefTail {
		return false
	}
	n := int64(le.Uint32(b[len(b)-8:]))
	at := int64(len(b)-8) - n
	if at < 0 || n < 12 || string(b[at:at+4]) != sefHead {
		return false
	}
	entries, data := b[at+12:at+n], b[:at]
	if int64(le.Uint32(b[at+8:]))*sefEntry != int64(len(entries)) {
		return false
	}
	for ; len(entries) >= sefEntry; entries = entries[sefEntry:] {
		back, size := int64(le.Uint32(entries[4:])), int64(le.Uint32(entries[8:]))
		if back != int64(len(data)) || size > back || !isSEFEntry(data[:size], entries[:4]) {
			return false
		}
		data = data[size:]
	}
	return len(data) == 0
}

// isSEFEntry reports whether b is an entry of that type: two bytes zero, two of type, the length
// of a name, and name and value as plain text.
func isSEFEntry(b, kind []byte) bool {
	if len(b) < 8 || !bytes.Equal(b[:4], kind) || b[0] != 0 || b[1] != 0 {
		return false
	}
	if name := binary.LittleEndian.Uint32(b[4:]); name == 0 || int64(name) > int64(len(b)-8) {
		return false
	}
	for _, c := range b[8:] {
		if !isPlain(c) {
			return false
		}
	}
	return true
}

// isPlain reports whether c is a letter, a digit, or a sign that JSON and numbers have. No script,
// page or archive gets by with these.
func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(` _-+.,:"{}[]`, c) >= 0
}
