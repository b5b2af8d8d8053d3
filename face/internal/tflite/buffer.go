package tflite

import (
	"encoding/binary"
	"fmt"
)

// buffer reads a FlatBuffer. Every read is bounds-checked. The first fault is sticky: all reads
// after it return zero.
//
// The project's documentation, "FlatBuffer Internals": a table begins with a signed offset back
// to its vtable. The vtable holds its own size, the table's size, and for each field a 16-bit
// offset from the table, 0 for a field that is left out.
type buffer struct {
	b   []byte
	err error
}

func (r *buffer) fail(at int64, what string) {
	if r.err == nil {
		r.err = fmt.Errorf("tflite: %s at byte %d", what, at)
	}
}

// bytes returns n bytes at offset at, or nil.
func (r *buffer) bytes(at, n int64, what string) []byte {
	if r.err != nil {
		return nil
	}
	// Compared by subtraction: at+n must not wrap.
	if at < 0 || n < 0 || at > int64(len(r.b)) || n > int64(len(r.b))-at {
		r.fail(at, what+": outside the file")
		return nil
	}
	return r.b[at : at+n]
}

func (r *buffer) uint16(at int64, what string) int64 {
	if b := r.bytes(at, 2, what); b != nil {
		return int64(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (r *buffer) uint32(at int64, what string) int64 {
	if b := r.bytes(at, 4, what); b != nil {
		return int64(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (r *buffer) int32(at int64, what string) int64 {
	if b := r.bytes(at, 4, what); b != nil {
		return int64(int32(binary.LittleEndian.Uint32(b)))
	}
	return 0
}

// follow returns the position that the offset stored at at points to.
func (r *buffer) follow(at int64, what string) int64 {
	return at + r.uint32(at, what)
}

// table is a table of a buffer: field n of the schema is the nth of its vtable.
type table struct {
	r      *buffer
	at     int64
	vtable int64
	fields int64
}

func (r *buffer) table(at int64, what string) table {
	t := table{r: r, at: at}
	t.vtable = at - r.int32(at, what)
	size := r.uint16(t.vtable, what+": vtable")
	if r.err == nil && (size < 4 || size%2 != 0) {
		r.fail(t.vtable, what+": vtable of a wrong size")
	}
	t.fields = (size - 4) / 2
	return t
}

// field returns the position of field n, or 0 if it is left out and has its default.
func (t table) field(n int64, what string) int64 {
	if t.r.err != nil || n >= t.fields {
		return 0
	}
	offset := t.r.uint16(t.vtable+4+2*n, what)
	if offset == 0 {
		return 0
	}
	return t.at + offset
}

// uint8 returns the 8-bit field n, or its default.
func (t table) uint8(n int64, standard byte, what string) byte {
	at := t.field(n, what)
	if at == 0 {
		return standard
	}
	if b := t.r.bytes(at, 1, what); b != nil {
		return b[0]
	}
	return standard
}

// int32 returns the 32-bit field n, or its default.
func (t table) int32(n, standard int64, what string) int64 {
	at := t.field(n, what)
	if at == 0 {
		return standard
	}
	return t.r.int32(at, what)
}

// table returns the table that field n points to; ok is false if there is none.
func (t table) table(n int64, what string) (sub table, ok bool) {
	at := t.field(n, what)
	if at == 0 {
		return table{}, false
	}
	return t.r.table(t.r.follow(at, what), what), t.r.err == nil
}

// vector returns the bytes of the vector in field n, whose elements have size bytes each, and
// its position. A vector that is left out is empty.
func (t table) vector(n, size int64, what string) (elements []byte, at int64) {
	at = t.field(n, what)
	if at == 0 {
		return nil, 0
	}
	at = t.r.follow(at, what)
	count := t.r.uint32(at, what)
	return t.r.bytes(at+4, count*size, what), at + 4
}

// int32s returns the vector of 32-bit numbers in field n, at most limit of them.
func (t table) int32s(n int64, limit int, what string) []int {
	b, at := t.vector(n, 4, what)
	if len(b)/4 > limit {
		t.r.fail(at, what+": too many")
		return nil
	}
	out := make([]int, 0, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		out = append(out, int(int32(binary.LittleEndian.Uint32(b))))
	}
	return out
}

// tables calls f for each table of the vector in field n until one fails. There may
// be at most limit of them.
func (t table) tables(n int64, limit int, what string, f func(i int, sub table)) {
	b, at := t.vector(n, 4, what)
	if len(b)/4 > limit {
		t.r.fail(at, what+": too many")
		return
	}
	for i := range len(b) / 4 {
		sub := t.r.table(t.r.follow(at+int64(4*i), what), what)
		if t.r.err != nil {
			return
		}
		f(i, sub)
	}
}
