package fuzz

// BMP compressions ([MS-WMF] 2.1.1.7; OS/2 2.x calls 3 Huffman 1D and 4 RLE24).
const (
	biRGB       = 0
	biRLE8      = 1
	biRLE4      = 2
	biBitFields = 3
	biJPEG      = 4
	biPNG       = 5
)

// bmpInfo is a bitmap to be written. Sizes and offsets come out true.
type bmpInfo struct {
	header      int // size of the information header: 12, 16..64, 108, 124
	w, h        int // h below 0: top-down
	bits        int
	compression int
	colours     int      // entries of the colour table; 0 means 1<<bits up to 8 bits
	masks       []uint32 // red, green, blue, alpha, of bit fields
	gap         int      // bytes between colour table and pixels
	pixels      []byte   // nil means rows of a pattern
}

// stride returns the bytes of an uncompressed row: rows are multiples of four
// bytes ([MS-WMF] 2.2.2.9).
func (m bmpInfo) stride() int { return (m.w*m.bits + 31) / 32 * 4 }

func (m bmpInfo) file() []byte {
	height := max(m.h, -m.h)
	pixels := m.pixels
	if pixels == nil {
		pixels = pattern(m.stride()*height, 11)
	}
	colours := m.colours
	if colours == 0 && m.bits <= 8 {
		colours = 1 << m.bits
	}
	entry := 4
	var info []byte
	if m.header == 12 { // BITMAPCOREHEADER
		entry = 3
		info = join(le32(12), le16(m.w), le16(m.h), le16(1), le16(m.bits))
	} else {
		info = join(le32(uint32(m.header)), le32(uint32(m.w)), le32(uint32(m.h)), le16(1), le16(m.bits),
			le32(uint32(m.compression)), le32(uint32(len(pixels))), le32(2835), le32(2835), le32(uint32(m.colours)), le32(0))
		for _, mask := range m.masks {
			info = append(info, le32(mask)...)
		}
		// A V3 header is followed by its masks; longer ones hold them.
		if m.header < len(info) && (m.header != 40 || len(m.masks) == 0) {
			info = info[:m.header]
		}
		if n := m.header - len(info); n > 0 {
			info = append(info, make([]byte, n)...)
		}
		if m.header >= 108 {
			copy(info[56:], "BGRs") // LCS_sRGB
		}
	}
	table := pattern(entry*colours, 13)
	offset := 14 + len(info) + len(table) + m.gap
	size := offset + len(pixels)
	return join([]byte("BM"), le32(uint32(size)), le32(0), le32(uint32(offset)), info, table, make([]byte, m.gap), pixels)
}

// runs of RLE8 and RLE4 ([MS-WMF] 3.1.6).
var (
	rleEndOfLine   = []byte{0, 0}
	rleEndOfBitmap = []byte{0, 1}
)

// rle8Rows codes h rows of w pixels: a run, then an absolute run of three.
func rle8Rows(w, h int) []byte {
	var b []byte
	for y := range h {
		b = append(b, byte(w-3), byte(y), 0, 3, 1, 2, 3, 0)
		b = append(b, rleEndOfLine...)
	}
	return append(b, rleEndOfBitmap...)
}
