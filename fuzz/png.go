package fuzz

import (
	"hash/adler32"
	"hash/crc32"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// Colour types of PNG (3rd ed.) 11.2.1.
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// pngChunk is a chunk to be written. Its length and CRC come out true unless
// the last two fields say otherwise.
type pngChunk struct {
	kind   string
	data   []byte
	crcXor uint32 // 0 seals the chunk
	longer int64  // added to the length field
}

func pngFile(chunks ...pngChunk) []byte {
	b := []byte(pngSignature)
	for _, c := range chunks {
		b = append(b, be32(uint32(int64(len(c.data))+c.longer))...)
		sum := crc32.Update(crc32.ChecksumIEEE([]byte(c.kind)), crc32.IEEETable, c.data)
		b = append(append(b, c.kind...), c.data...)
		b = append(b, be32(sum^c.crcXor)...)
	}
	return b
}

// pngInfo is what IHDR says.
type pngInfo struct {
	w, h                    uint32
	depth, colour           byte
	compression, filter, il byte
}

func (p pngInfo) chunk() pngChunk {
	data := join(be32(p.w), be32(p.h), []byte{p.depth, p.colour, p.compression, p.filter, p.il})
	return pngChunk{kind: "IHDR", data: data}
}

// bits returns the size of a pixel.
func (p pngInfo) bits() int {
	channels := map[byte]int{pngGray: 1, pngRGB: 3, pngPalette: 1, pngGrayAlpha: 2, pngRGBA: 4}
	return channels[p.colour] * int(p.depth)
}

// rows returns filtered scanlines for all passes: every filter type in turn,
// samples of a pattern.
func (p pngInfo) rows() []byte {
	type pass struct{ x, y, dx, dy int }
	passes := []pass{{0, 0, 1, 1}}
	if p.il == 1 {
		// PNG (3rd ed.) 8.1: Adam7.
		passes = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var b []byte
	for _, q := range passes {
		w, h := (int(p.w)-q.x+q.dx-1)/q.dx, (int(p.h)-q.y+q.dy-1)/q.dy
		if w <= 0 {
			continue // "if the reduced image has no columns, no filter type byte"
		}
		for y := range h {
			b = append(b, byte(y%5))
			b = append(b, pattern((w*p.bits()+7)/8, uint32(y))...)
		}
	}
	return b
}

// palette returns a PLTE chunk of n entries.
func palette(n int) pngChunk { return pngChunk{kind: "PLTE", data: pattern(3*n, 7)} }

// zlibStored wraps raw in a zlib stream of stored blocks (RFC 1950, RFC 1951
// 3.2.4), so that no compressor has a say in the bytes.
func zlibStored(raw []byte) []byte {
	b := []byte{0x78, 0x01}
	rest := raw
	for {
		n := min(len(rest), 0xffff)
		final := byte(0)
		if n == len(rest) {
			final = 1
		}
		b = append(b, final)
		b = append(append(b, le16(n)...), le16(^n)...)
		b = append(b, rest[:n]...)
		rest = rest[n:]
		if final == 1 {
			return append(b, be32(adler32.Checksum(raw))...)
		}
	}
}

// zlibOf wraps a DEFLATE stream that stands for raw.
func zlibOf(deflate, raw []byte) []byte {
	return join([]byte{0x78, 0x01}, deflate, be32(adler32.Checksum(raw)))
}

func idat(data []byte) pngChunk { return pngChunk{kind: "IDAT", data: data} }

var iend = pngChunk{kind: "IEND"}

// picture returns the whole file that p describes, with a palette if due.
func (p pngInfo) picture() []byte {
	chunks := []pngChunk{p.chunk()}
	if p.colour == pngPalette {
		chunks = append(chunks, palette(1<<p.depth))
	}
	return pngFile(append(chunks, idat(zlibStored(p.rows())), iend)...)
}
