package webp

import (
	"bytes"
	"encoding/binary"
)

// Writers of WebP, for files that no encoder makes.

// chunkOf returns a chunk, padded.
func chunkOf(id string, data ...[]byte) []byte {
	b := append([]byte(id), 0, 0, 0, 0)
	for _, d := range data {
		b = append(b, d...)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	return b
}

// riffOf returns a file of chunks.
func riffOf(chunks ...[]byte) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WEBP"), bytes.Join(chunks, nil)...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func uint24Of(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }

func vp8xOf(flags byte, width, height int) []byte {
	return chunkOf("VP8X", []byte{flags, 0, 0, 0}, uint24Of(width-1), uint24Of(height-1))
}

var animOf = chunkOf("ANIM", make([]byte, 6))

func anmfOf(x, y, width, height int, chunks ...[]byte) []byte {
	head := bytes.Join([][]byte{uint24Of(x / 2), uint24Of(y / 2), uint24Of(width - 1), uint24Of(height - 1), {100, 0, 0, 0}}, nil)
	return chunkOf("ANMF", head, bytes.Join(chunks, nil))
}

// bitWriter writes a lossless bitstream.
type bitWriter struct {
	b   []byte
	acc uint64
	n   uint
}

func (w *bitWriter) bits(v uint64, n uint) {
	w.acc |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.b = append(w.b, byte(w.acc))
		w.acc >>= 8
	}
}

func (w *bitWriter) bytes() []byte {
	if w.n > 0 {
		w.b = append(w.b, byte(w.acc))
		w.acc, w.n = 0, 0
	}
	return w.b
}

// single writes a prefix code of one symbol.
func (w *bitWriter) single(symbol uint64) {
	w.bits(1, 1)
	w.bits(0, 1)
	if symbol < 2 {
		w.bits(symbol<<1, 2)
	} else {
		w.bits(1|symbol<<1, 9)
	}
}

// pair writes a prefix code of two symbols.
func (w *bitWriter) pair(a, b uint64) {
	w.bits(0b111, 3)
	w.bits(a, 8)
	w.bits(b, 8)
}

// flat writes a prefix code whose symbols 0..255 have 8 bits, in 53 bits.
func (w *bitWriter) flat() {
	w.bits(0, 1)
	w.bits(12-4, 4)
	for range 11 {
		w.bits(0, 3)
	}
	w.bits(1, 3) // the only code length is 8
	w.bits(1, 1)
	w.bits(3, 3)
	w.bits(254, 8)
}

// picture writes a header.
func (w *bitWriter) picture(width, height int) {
	w.bits(0x2f, 8)
	w.bits(uint64(width-1), 14)
	w.bits(uint64(height-1), 14)
	w.bits(0, 4)
}

// oneColour returns a VP8L chunk whose pixels take no bits.
func oneColour(width, height int) []byte {
	var w bitWriter
	w.picture(width, height)
	w.bits(0, 3) // no transform, no cache, one group
	for range 5 {
		w.single(0)
	}
	return chunkOf("VP8L", w.bytes())
}
