package jpeg

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// FlatTables are the tables of the pictures that the kit codes itself: the quantization table is
// all ones, and either Huffman table has the two codes 0 for symbol 0 and 10 for
// symbol 1. A block of the same grey as the one before is then two zero bits.
func FlatTables() []Seg {
	dqt := append([]byte{0}, slices.Repeat([]byte{1}, 64)...)
	dht := func(class byte) []byte {
		counts := make([]byte, 16)
		counts[0], counts[1] = 1, 1
		return pack.Join([]byte{class << 4}, counts, []byte{0, 1})
	}
	return []Seg{{Marker: DQT, Data: dqt}, {Marker: DHT, Data: dht(0)}, {Marker: DHT, Data: dht(1)}}
}

// Frame returns a frame header of 8-bit components, all of which use quantization
// table 0. sampling holds H<<4|V of each.
func Frame(marker byte, w, h int, sampling ...byte) Seg {
	data := pack.Join([]byte{8}, pack.BE16(h), pack.BE16(w), []byte{byte(len(sampling))})
	for i, hv := range sampling {
		data = append(data, byte(i+1), hv, 0)
	}
	return Seg{Marker: marker, Data: data}
}

// Scan returns a scan header for components that all use Huffman tables 0.
func Scan(ss, se, ahal byte, components ...byte) Seg {
	data := []byte{byte(len(components))}
	for _, c := range components {
		data = append(data, c, 0)
	}
	return Seg{Marker: SOS, Data: append(data, ss, se, ahal)}
}

// FlatGray returns a baseline greyscale picture of one shade: two bits a block.
func FlatGray(w, h int) []byte {
	blocks := ((w + 7) / 8) * ((h + 7) / 8)
	segs := append([]Seg{{Marker: SOI}}, FlatTables()...)
	segs = append(segs, Frame(SOF0, w, h, 0x11), Scan(0, 63, 0, 1), Seg{Data: FlatBits(2 * blocks)}, Seg{Marker: EOI})
	return File(segs...)
}

// FlatBits returns n zero bits, filled up with ones (T.81 F.1.2.3).
func FlatBits(n int) []byte {
	b := make([]byte, (n+7)/8)
	if n%8 != 0 {
		b[len(b)-1] = byte(0xff >> (n % 8))
	}
	return b
}
