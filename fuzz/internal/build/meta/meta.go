package meta

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// TIFF is EXIF with one entry: Orientation (TIFF 6.0, section 8).
func TIFF(orientation int) []byte {
	return pack.Join([]byte("II*\x00\x08\x00\x00\x00"), pack.LE16(1), pack.LE16(0x112), pack.LE16(3), pack.LE32(1), pack.LE32(uint32(orientation)), pack.LE32(0))
}

// ICC is a colour profile of n bytes as far as its header goes (ICC.1:2022, 7.2).
func ICC(n int) []byte {
	p := pack.Pattern(n, 3)
	binary.BigEndian.PutUint32(p, uint32(n))
	copy(p[36:], "acsp")
	return p
}
