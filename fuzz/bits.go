package fuzz

import (
	"encoding/binary"
	"slices"
)

// lsbWriter writes bits as DEFLATE and VP8L pack them: the first bit is the
// lowest of the first byte.
type lsbWriter struct {
	b    []byte
	free uint // unused high bits of the last byte
}

// put writes the low n bits of v, lowest first.
func (w *lsbWriter) put(v uint64, n uint) {
	for i := range n {
		if w.free == 0 {
			w.b, w.free = append(w.b, 0), 8
		}
		w.b[len(w.b)-1] |= byte(v>>i&1) << (8 - w.free)
		w.free--
	}
}

// code writes an n-bit Huffman code, which DEFLATE packs highest bit first.
func (w *lsbWriter) code(v uint64, n uint) {
	for i := n; i > 0; i-- {
		w.put(v>>(i-1)&1, 1)
	}
}

// msbWriter writes bits as JPEG and HEVC pack them: the first bit is the highest
// of the first byte.
type msbWriter struct {
	b    []byte
	free uint // unused low bits of the last byte
}

// put writes the low n bits of v, highest first.
func (w *msbWriter) put(v uint64, n uint) {
	for i := n; i > 0; i-- {
		if w.free == 0 {
			w.b, w.free = append(w.b, 0), 8
		}
		w.free--
		w.b[len(w.b)-1] |= byte(v>>(i-1)&1) << w.free
	}
}

// ue writes an unsigned Exp-Golomb number (H.265 9.2).
func (w *msbWriter) ue(v uint64) {
	n := uint(0)
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.put(0, n)
	w.put(v+1, n+1)
}

// align leaves what is left of the last byte at zero.
func (w *msbWriter) align() { w.free = 0 }

func be16(v int) []byte    { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
func le16(v int) []byte    { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func le32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

// join concatenates into fresh memory.
func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// patched returns a copy of b with data written over it at an offset.
func patched(b []byte, at int, data ...byte) []byte {
	b = slices.Clone(b)
	copy(b[at:], data)
	return b
}

// pattern returns n bytes that look like nothing: a linear congruential
// generator, so that every run and platform has the same.
func pattern(n int, seed uint32) []byte {
	b := make([]byte, n)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return b
}
