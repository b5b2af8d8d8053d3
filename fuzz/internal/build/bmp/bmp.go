package bmp

import "github.com/imgvet/imgvet/fuzz/internal/pack"

// BMP compressions ([MS-WMF] 2.1.1.7; OS/2 2.x calls 3 Huffman 1D and 4 RLE24).
const (
	RGB       = 0
	RLE8      = 1
	RLE4      = 2
	BitFields = 3
	JPEG      = 4
	PNG       = 5
)

// Info is a bitmap to be written. Sizes and offsets come out true.
type Info struct {
	Header      int // size of the information header: 12, 16..64, 108, 124
	W, H        int // h below 0: top-down
	Bits        int
	Compression int
	Colours     int      // entries of the colour table; 0 means 1<<bits up to 8 bits
	Masks       []uint32 // red, green, blue, alpha, of bit fields
	Gap         int      // bytes between colour table and pixels
	Pixels      []byte   // nil means rows of a pattern
}

// Stride returns the bytes of an uncompressed row: rows are multiples of four
// bytes ([MS-WMF] 2.2.2.9).
func (m Info) Stride() int { return (m.W*m.Bits + 31) / 32 * 4 }

// File writes the whole file.
func (m Info) File() []byte {
	height := max(m.H, -m.H)
	pixels := m.Pixels
	if pixels == nil {
		pixels = pack.Pattern(m.Stride()*height, 11)
	}
	colours := m.Colours
	if colours == 0 && m.Bits <= 8 {
		colours = 1 << m.Bits
	}
	entry := 4
	var info []byte
	if m.Header == 12 { // BITMAPCOREHEADER
		entry = 3
		info = pack.Join(pack.LE32(12), pack.LE16(m.W), pack.LE16(m.H), pack.LE16(1), pack.LE16(m.Bits))
	} else {
		info = pack.Join(pack.LE32(uint32(m.Header)), pack.LE32(uint32(m.W)), pack.LE32(uint32(m.H)), pack.LE16(1), pack.LE16(m.Bits),
			pack.LE32(uint32(m.Compression)), pack.LE32(uint32(len(pixels))), pack.LE32(2835), pack.LE32(2835), pack.LE32(uint32(m.Colours)), pack.LE32(0))
		for _, mask := range m.Masks {
			info = append(info, pack.LE32(mask)...)
		}
		// A V3 header is followed by its masks; longer ones hold them.
		if m.Header < len(info) && (m.Header != 40 || len(m.Masks) == 0) {
			info = info[:m.Header]
		}
		if n := m.Header - len(info); n > 0 {
			info = append(info, make([]byte, n)...)
		}
		if m.Header >= 108 {
			copy(info[56:], "BGRs") // LCS_sRGB
		}
	}
	table := pack.Pattern(entry*colours, 13)
	offset := 14 + len(info) + len(table) + m.Gap
	size := offset + len(pixels)
	return pack.Join([]byte("BM"), pack.LE32(uint32(size)), pack.LE32(0), pack.LE32(uint32(offset)), info, table, make([]byte, m.Gap), pixels)
}

// runs of RLE8 and RLE4 ([MS-WMF] 3.1.6).
var (
	rleEndOfLine   = []byte{0, 0}
	rleEndOfBitmap = []byte{0, 1}
)

// RLE8Rows codes h rows of w pixels: a run, then an absolute run of three.
func RLE8Rows(w, h int) []byte {
	var b []byte
	for y := range h {
		b = append(b, byte(w-3), byte(y), 0, 3, 1, 2, 3, 0)
		b = append(b, rleEndOfLine...)
	}
	return append(b, rleEndOfBitmap...)
}
