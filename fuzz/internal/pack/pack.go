package pack

import (
	"encoding/binary"
	"slices"
)

// BE16 returns the low 16 bits of v, the highest byte first.
func BE16(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

// BE32 returns v, the highest byte first.
func BE32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// LE16 returns the low 16 bits of v, the lowest byte first.
func LE16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }

// LE24 returns the low 24 bits of v, the lowest byte first.
func LE24(v int) []byte { return LE32(uint32(v))[:3] }

// LE32 returns v, the lowest byte first.
func LE32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

// Join concatenates into fresh memory.
func Join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// Patched returns a copy of b with data written over it at an offset.
func Patched(b []byte, at int, data ...byte) []byte {
	b = slices.Clone(b)
	copy(b[at:], data)
	return b
}

// Zeroed returns a copy of b with n bytes set to zero.
func Zeroed(b []byte, at, n int) []byte {
	b = slices.Clone(b)
	clear(b[at : at+n])
	return b
}

// SetBE32 returns a copy of b with v written over four bytes at an offset.
func SetBE32(b []byte, at int, v uint32) []byte {
	b = slices.Clone(b)
	binary.BigEndian.PutUint32(b[at:], v)
	return b
}

// BE32At reads four bytes at an offset, the highest first.
func BE32At(b []byte, at int) uint32 {
	return binary.BigEndian.Uint32(b[at:])
}

// Pattern returns n bytes that look like nothing: a linear congruential
// generator, so that every run and platform has the same.
func Pattern(n int, seed uint32) []byte {
	b := make([]byte, n)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return b
}
