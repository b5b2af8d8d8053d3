// Package cursor reads binary headers from a byte slice, and never reads past its end.
//
// The error is sticky: after the first short read every further read returns zero. So one check
// of [Cursor.Err] covers a run of reads.
package cursor

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// Cursor is a position in a byte slice. The zero value reads an empty slice.
type Cursor struct {
	b    []byte
	pos  int
	base int // offset of b[0] in the file
	err  error
}

// New returns a cursor at the start of b, whose first byte is at offset base of the file.
func New(b []byte, base int) Cursor { return Cursor{b: b, base: base} }

// Offset returns the position in the file.
func (c *Cursor) Offset() int { return c.base + c.pos }

// Len returns how many bytes are left, 0 after an error.
func (c *Cursor) Len() int {
	if c.err != nil {
		return 0
	}
	return len(c.b) - c.pos
}

// Err returns the first error: a [*verify.Fault] of reason Truncated, or the error passed to
// [Cursor.Fail].
func (c *Cursor) Err() error { return c.err }

// Fail makes err the sticky error if there is none yet.
func (c *Cursor) Fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Bytes returns the next n bytes, or nil if fewer are left or n is negative. They alias the
// cursor's slice. what names the bytes in the error.
func (c *Cursor) Bytes(n int, what string) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 || n > len(c.b)-c.pos {
		c.err = verify.Faultf(verify.Truncated, c.base+len(c.b), "%s: %d bytes needed, %d left", what, n, len(c.b)-c.pos)
		return nil
	}
	p := c.b[c.pos : c.pos+n : c.pos+n]
	c.pos += n
	return p
}

// Skip skips n bytes.
func (c *Cursor) Skip(n int, what string) { c.Bytes(n, what) }

// Sub skips the next n bytes and returns a cursor over them. If fewer are left, both cursors
// hold the error.
func (c *Cursor) Sub(n int, what string) Cursor {
	at := c.Offset()
	p := c.Bytes(n, what)
	return Cursor{b: p, base: at, err: c.err}
}

// Rest skips and returns all bytes that are left.
func (c *Cursor) Rest() []byte { return c.Bytes(c.Len(), "rest") }

// Uint8 reads one byte.
func (c *Cursor) Uint8(what string) uint8 {
	if p := c.Bytes(1, what); p != nil {
		return p[0]
	}
	return 0
}

// Uint16BE reads two bytes, most significant first.
func (c *Cursor) Uint16BE(what string) uint16 {
	if p := c.Bytes(2, what); p != nil {
		return binary.BigEndian.Uint16(p)
	}
	return 0
}

// Uint32BE reads four bytes, most significant first.
func (c *Cursor) Uint32BE(what string) uint32 {
	if p := c.Bytes(4, what); p != nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

// Uint64BE reads eight bytes, most significant first.
func (c *Cursor) Uint64BE(what string) uint64 {
	if p := c.Bytes(8, what); p != nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

// Uint16LE reads two bytes, least significant first.
func (c *Cursor) Uint16LE(what string) uint16 {
	if p := c.Bytes(2, what); p != nil {
		return binary.LittleEndian.Uint16(p)
	}
	return 0
}

// Uint32LE reads four bytes, least significant first.
func (c *Cursor) Uint32LE(what string) uint32 {
	if p := c.Bytes(4, what); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}
