package png

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/imgvet/imgvet/internal/verify"
)

// stream joins consecutive chunks of one name into one zlib stream. It is the [inflate.Source]
// of that stream.
//
// It hands out the data of a chunk as they arrive, before the chunk's CRC is known. But the CRC
// decides first: who finds a fault in the data calls close, and prefers the stream's own fault.
type stream struct {
	v     *verifier
	name  chunkName
	at    int    // offset of the first chunk
	piece []byte // of a first chunk that was read whole
	given bool   // piece was handed out
	fault error  // in a chunk

	open     bool // a chunk is being handed out
	chunkAt  int  // its offset
	pos, end int64
	length   int
	crc      uint32 // of its bytes up to pos
	unread   bool   // close met data that nobody had asked for
	charged  int64  // bytes of the stream that were charged
	inflated int64  // v.work by then
}

// maxPiece is how many bytes are handed out at a time: what the CRC reads is then still in the
// cache for the decoder.
const maxPiece = 64 << 10

// Next returns the next data of the chunks.
func (s *stream) Next() ([]byte, bool) {
	if !s.given {
		s.given = true
		return s.piece, true
	}
	if p := s.take(); p != nil {
		return p, true
	}
	s.close()
	if s.fault != nil {
		return nil, false
	}
	name, _, err := s.v.frameAt(s.v.pos)
	if name != s.name || err != nil && !(s.v.lim.Lenient && name == nameIDAT) {
		return nil, false
	}
	if err == nil && s.v.streams(name) {
		s.enter()
		return s.take(), s.fault == nil
	}
	return s.whole()
}

// whole reads a chunk that Lenient takes only if it is whole.
func (s *stream) whole() ([]byte, bool) {
	if _, _, err := s.v.wholeAt(s.v.pos); err != nil && s.name != nameIDAT {
		return nil, false
	}
	c, err := s.v.next()
	if err == nil && s.name == nameFDAT {
		c.data, err = s.v.frameData(c)
	}
	s.fault = err
	return c.data, err == nil
}

// Continues reports whether Next goes on within the same chunk.
func (s *stream) Continues() bool { return s.open && s.pos < s.end }

// enter begins to hand out the chunk at v.pos, whose header is there.
func (s *stream) enter() {
	v := s.v
	s.open, s.chunkAt = true, v.pos
	s.length = int(binary.BigEndian.Uint32(v.b[v.pos:]))
	s.pos = int64(v.pos) + 8
	s.end = s.pos + int64(s.length)
	s.crc = crc32.ChecksumIEEE(v.b[v.pos+4 : v.pos+8])
	if s.name != nameFDAT {
		return
	}
	c := chunk{name: s.name, at: s.chunkAt}
	if n := min(s.pos+4, s.end); v.reach(n) {
		c.data = v.b[s.pos:n:n]
		s.crc = crc32.Update(s.crc, crc32.IEEETable, c.data)
		s.pos = n
	}
	if _, err := v.frameData(c); err != nil {
		if s.close(); s.fault == nil {
			s.fault = err
		}
	}
}

// take returns data of the open chunk that were not handed out yet, or nil if there are none.
func (s *stream) take() []byte {
	if !s.Continues() || !s.v.reach(s.pos+1) {
		return nil
	}
	b := s.v.b
	p := b[s.pos:min(s.end, int64(len(b)), s.pos+maxPiece)]
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p)
	s.pos += int64(len(p))
	return p
}

// close reads the open chunk to its end, and sets fault if its CRC is wrong or it is cut. Lenient
// takes a chunk that is cut: only its checksums may be missing.
func (s *stream) close() {
	if !s.open {
		return
	}
	s.unread = s.unread || s.Continues() && s.v.reach(s.pos+1)
	for s.take() != nil {
	}
	s.open = false
	v := s.v
	if !v.reach(s.end + 4) {
		v.pos = len(v.b)
		if !v.lim.Lenient {
			s.fault = verify.Faultf(verify.Truncated, len(v.b), "%v: chunk of %d bytes is cut", s.name, s.length)
		}
		return
	}
	if s.crc != binary.BigEndian.Uint32(v.b[s.end:]) {
		s.fault = verify.Faultf(verify.Malformed, int(s.end), "%v: wrong CRC", s.name)
	}
	v.pos = int(s.end) + 4
}

// streams reports whether a chunk of this name, picture data where these are due, is read as it
// arrives. Under Lenient that holds for the data of a still picture alone, which may be cut.
func (v *verifier) streams(name chunkName) bool {
	switch name {
	case nameIDAT:
		return !v.lim.Lenient || !v.anim.on
	case nameFDAT:
		return !v.lim.Lenient
	}
	return false
}

// opens returns the chunk at v.pos if it begins picture data that are read as they arrive.
func (v *verifier) opens() (c chunk, ok bool) {
	name, n, err := v.frameAt(v.pos)
	if err != nil || !v.streams(name) {
		return c, false
	}
	c = chunk{name: name, at: v.pos, crcOK: true, open: true}
	if name == nameIDAT {
		return c, !v.sawIDAT && (v.hdr.colour != indexedColour || v.palette > 0)
	}
	return c, v.anim.on && v.sawIDAT && v.anim.fcTL != noFrame && n >= 4
}

// offsetOf returns the offset in the file of byte n of the stream.
func (s *stream) offsetOf(n int64) int {
	head := 8
	if s.name == nameFDAT {
		head += 4
	}
	at := s.at
	for {
		name, length, err := s.v.wholeAt(at)
		if err != nil || name != s.name {
			return at // past the last chunk
		}
		if size := int64(length + 8 - head); n >= size {
			n -= size
			at += chunkOverhead + length
			continue
		}
		return at + head + int(n)
	}
}
