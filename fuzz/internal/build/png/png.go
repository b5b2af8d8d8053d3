package png

import (
	"hash/crc32"

	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
)

// Colour types of PNG (3rd ed.) 11.2.1.
const (
	Gray      = 0
	RGB       = 2
	Palette   = 3
	GrayAlpha = 4
	RGBA      = 6
)

// Chunk is a chunk to be written. Its length and CRC come out true unless
// the last two fields say otherwise.
type Chunk struct {
	Kind   string
	Data   []byte
	CRCXor uint32 // 0 seals the chunk
	Longer int64  // added to the length field
}

// File writes chunks behind the signature.
func File(chunks ...Chunk) []byte {
	b := []byte(parts.PNGSignature)
	for _, c := range chunks {
		b = append(b, pack.BE32(uint32(int64(len(c.Data))+c.Longer))...)
		sum := crc32.Update(crc32.ChecksumIEEE([]byte(c.Kind)), crc32.IEEETable, c.Data)
		b = append(append(b, c.Kind...), c.Data...)
		b = append(b, pack.BE32(sum^c.CRCXor)...)
	}
	return b
}

// Info is what IHDR says.
type Info struct {
	W, H                           uint32
	Depth, Colour                  byte
	Compression, Filter, Interlace byte
}

// Chunk returns the IHDR chunk.
func (p Info) Chunk() Chunk {
	data := pack.Join(pack.BE32(p.W), pack.BE32(p.H), []byte{p.Depth, p.Colour, p.Compression, p.Filter, p.Interlace})
	return Chunk{Kind: "IHDR", Data: data}
}

// bits returns the size of a pixel.
func (p Info) bits() int {
	channels := map[byte]int{Gray: 1, RGB: 3, Palette: 1, GrayAlpha: 2, RGBA: 4}
	return channels[p.Colour] * int(p.Depth)
}

// Rows returns filtered scanlines for all passes: every filter type in turn,
// samples of a pattern.
func (p Info) Rows() []byte {
	type pass struct{ x, y, dx, dy int }
	passes := []pass{{0, 0, 1, 1}}
	if p.Interlace == 1 {
		// PNG (3rd ed.) 8.1: Adam7.
		passes = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var b []byte
	for _, q := range passes {
		w, h := (int(p.W)-q.x+q.dx-1)/q.dx, (int(p.H)-q.y+q.dy-1)/q.dy
		if w <= 0 {
			continue // "if the reduced image has no columns, no filter type byte"
		}
		for y := range h {
			b = append(b, byte(y%5))
			b = append(b, pack.Pattern((w*p.bits()+7)/8, uint32(y))...)
		}
	}
	return b
}

// PLTE returns a PLTE chunk of n entries.
func PLTE(n int) Chunk { return Chunk{Kind: "PLTE", Data: pack.Pattern(3*n, 7)} }

// IDAT returns a chunk of picture data.
func IDAT(data []byte) Chunk { return Chunk{Kind: "IDAT", Data: data} }

// IEND is the last chunk of every file.
var IEND = Chunk{Kind: "IEND"}

// Picture returns the whole file that p describes, with a palette if due.
func (p Info) Picture() []byte {
	chunks := []Chunk{p.Chunk()}
	if p.Colour == Palette {
		chunks = append(chunks, PLTE(1<<p.Depth))
	}
	return File(append(chunks, IDAT(deflate.ZlibStored(p.Rows())), IEND)...)
}

// Zeros returns the file of a picture whose samples are all zero. Its size grows
// by one byte for 1 KB of pixels.
func (p Info) Zeros() []byte {
	row := (int(p.W)*p.bits() + 7) / 8
	return File(p.Chunk(), IDAT(deflate.ZlibZeros((row+1)*int(p.H))), IEND)
}

// Base is the file that most PNG cases start from.
var Base = Info{W: 7, H: 5, Depth: 8, Colour: RGB}

// With puts chunks between IHDR and IDAT of Base.
func With(chunks ...Chunk) []byte {
	return File(append(append([]Chunk{Base.Chunk()}, chunks...), IDAT(deflate.ZlibStored(Base.Rows())), IEND)...)
}

// IDATStart returns where the data of the first IDAT begins.
func IDATStart(b []byte) int {
	for _, c := range parts.PNG(b) {
		if c.Kind == "IDAT" {
			return c.Data
		}
	}
	return 0
}
