package png

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
)

// A part is one chunk of a file that a test takes apart and puts together.
type part struct {
	name string
	data []byte
}

// join seals each part with length and CRC.
func join(parts ...part) []byte {
	b := []byte(signature)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p.data)))
		b = append(append(b, p.name...), p.data...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[len(b)-len(p.data)-4:]))
	}
	return b
}

func ihdr(w, h uint32, depth, colour, interlace byte) part {
	d := binary.BigEndian.AppendUint32(nil, w)
	d = binary.BigEndian.AppendUint32(d, h)
	return part{"IHDR", append(d, depth, colour, 0, 0, interlace)}
}

// deflate is a zlib stream of p.
func deflate(p []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(p)
	w.Close()
	return out.Bytes()
}

// stored is a zlib stream of p, at most 65535 bytes, that compresses nothing.
func stored(p []byte) []byte {
	n := uint16(len(p))
	b := append([]byte{0x78, 0x01, 1, byte(n), byte(n >> 8), byte(^n), byte(^n >> 8)}, p...)
	return binary.BigEndian.AppendUint32(b, adler32.Checksum(p))
}

// rowData is the filtered data of h rows of n bytes, of filter type f.
func rowData(h, n int, f byte) []byte {
	p := make([]byte, 0, h*(n+1))
	for y := range h {
		p = append(p, f)
		for x := range n {
			p = append(p, byte(x*x+y*7))
		}
	}
	return p
}

var iend = part{"IEND", nil}

// rgb is a good 8x6 truecolour picture.
func rgb() []part {
	return []part{ihdr(8, 6, 8, truecolour, 0), {"IDAT", deflate(rowData(6, 24, 1))}, iend}
}

// indexed is a good 8x6 picture with four colours.
func indexed() []part {
	return []part{ihdr(8, 6, 2, indexedColour, 0), {"PLTE", make([]byte, 12)}, {"tRNS", []byte{0, 255}},
		{"IDAT", deflate(make([]byte, 6*3))}, iend}
}

func u32(v ...uint32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, x)
	}
	return b
}

func fcTL(seq, w, h, x, y uint32) part {
	return part{"fcTL", append(u32(seq, w, h, x, y), 0, 1, 0, 10, 0, 0)}
}

func fdAT(seq uint32, p []byte) part { return part{"fdAT", append(u32(seq), p...)} }

// animated is a good APNG of three frames; the still is the first of them, the
// last comes in two fdAT chunks.
func animated() []part {
	whole, small := deflate(rowData(6, 24, 1)), deflate(rowData(2, 9, 2))
	return []part{ihdr(8, 6, 8, truecolour, 0), {"acTL", u32(3, 0)},
		fcTL(0, 8, 6, 0, 0), {"IDAT", whole},
		fcTL(1, 3, 2, 5, 4), fdAT(2, small),
		fcTL(3, 3, 2, 0, 0), fdAT(4, small[:5]), fdAT(5, small[5:]), iend}
}

// tiff is the least EXIF that states an orientation.
func tiff(orientation byte) []byte {
	return []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0}
}

// encode is a w by h photo-like picture by image/png.
func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, img))
	return out.Bytes()
}

func noisy(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(x*y>>3) ^ uint8(x+y)
			img.SetNRGBA(x, y, color.NRGBA{v, uint8(x), uint8(y), 255 - v/9})
		}
	}
	return img
}
