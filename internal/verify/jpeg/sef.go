package jpeg

import "encoding/binary"

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

// isSEF reports whether b is such a block and nothing else: its directory must account for every
// byte.
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
	entries := b[at+12 : at+n]
	if int64(le.Uint32(b[at+8:]))*sefEntry != int64(len(entries)) {
		return false
	}
	total := int64(0)
	farthest := int64(0)
	for ; len(entries) >= sefEntry; entries = entries[sefEntry:] {
		back, size := int64(le.Uint32(entries[4:])), int64(le.Uint32(entries[8:]))
		if size > back {
			return false
		}
		total += size
		farthest = max(farthest, back)
	}
	return farthest == at && total == at
}
