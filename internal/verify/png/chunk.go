package png

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
)

// chunkName is the four letters of a chunk type, with the first letter in the top byte.
type chunkName uint32

const (
	nameIHDR chunkName = 'I'<<24 | 'H'<<16 | 'D'<<8 | 'R'
	namePLTE chunkName = 'P'<<24 | 'L'<<16 | 'T'<<8 | 'E'
	nameIDAT chunkName = 'I'<<24 | 'D'<<16 | 'A'<<8 | 'T'
	nameIEND chunkName = 'I'<<24 | 'E'<<16 | 'N'<<8 | 'D'
	nameTRNS chunkName = 't'<<24 | 'R'<<16 | 'N'<<8 | 'S'
	nameACTL chunkName = 'a'<<24 | 'c'<<16 | 'T'<<8 | 'L'
	nameFCTL chunkName = 'f'<<24 | 'c'<<16 | 'T'<<8 | 'L'
	nameFDAT chunkName = 'f'<<24 | 'd'<<16 | 'A'<<8 | 'T'
	nameCABX chunkName = 'c'<<24 | 'a'<<16 | 'B'<<8 | 'X'
	nameCICP chunkName = 'c'<<24 | 'I'<<16 | 'C'<<8 | 'P'
	nameITXT chunkName = 'i'<<24 | 'T'<<16 | 'X'<<8 | 't'
	nameEXIF chunkName = 'e'<<24 | 'X'<<16 | 'I'<<8 | 'f'
	nameICCP chunkName = 'i'<<24 | 'C'<<16 | 'C'<<8 | 'P'
	nameCGBI chunkName = 'C'<<24 | 'g'<<16 | 'B'<<8 | 'I'
)

func (n chunkName) String() string {
	return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// critical reports whether a decoder must understand the chunk (5.4).
func (n chunkName) critical() bool { return n&(0x20<<24) == 0 }

// reserved reports whether the third letter is lower case. 5.4 reserves that for later editions,
// and no decoder looks at it.
func (n chunkName) reserved() bool { return n&(0x20<<8) != 0 }

// legal reports whether all four bytes are ASCII letters.
func (n chunkName) legal() bool {
	for s := 0; s < 32; s += 8 {
		if c := byte(n>>s) | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// A chunk is 4 bytes of length, 4 of name, the data, and 4 of CRC (5.3).
type chunk struct {
	name  chunkName
	at    int    // offset of the length field
	data  []byte // aliases the file
	crcOK bool
	open  bool // picture data that stream reads as they arrive: data is nil, and the CRC comes later
}

func (c chunk) dataAt() int { return c.at + 8 }

const (
	chunkOverhead = 12
	maxChunkLen   = 1<<31 - 1 // 5.3
)

// frameAt reads the length and name of the chunk at offset at. It returns the name with an error
// too, if there is one.
func (v *verifier) frameAt(at int) (name chunkName, length int, err error) {
	if !v.reach(int64(at) + 8) {
		return 0, 0, verify.Faultf(verify.Truncated, len(v.b), "file ends before IEND")
	}
	n := binary.BigEndian.Uint32(v.b[at:])
	name = chunkName(binary.BigEndian.Uint32(v.b[at+4:]))
	if !name.legal() {
		return name, 0, verify.Faultf(verify.Malformed, at+4, "chunk name is not four letters")
	}
	if n > maxChunkLen {
		return name, 0, verify.Faultf(verify.Malformed, at, "%v: chunk length over 2^31-1", name)
	}
	return name, int(n), nil
}

// wholeAt is frameAt for a chunk of which all bytes must be there.
func (v *verifier) wholeAt(at int) (name chunkName, length int, err error) {
	name, length, err = v.frameAt(at)
	if err == nil && !v.reach(int64(at)+chunkOverhead+int64(length)) {
		return name, 0, verify.Faultf(verify.Truncated, len(v.b), "%v: chunk of %d bytes is cut", name, length)
	}
	return name, length, err
}

// reach waits until v.b has n bytes. It returns false if the file ends before.
func (v *verifier) reach(n int64) bool {
	if n <= int64(len(v.b)) {
		return true
	}
	ok := v.in.Reach(int(min(n, math.MaxInt)))
	v.b = v.in.Bytes()
	return ok
}

// next skips one chunk and checks its CRC. A wrong CRC is an error if the chunk carries part of
// the picture; otherwise it only clears crcOK.
func (v *verifier) next() (chunk, error) {
	name, n, err := v.wholeAt(v.pos)
	if err != nil && v.lim.Lenient {
		return v.broken(name, err)
	}
	if err != nil {
		return chunk{}, err
	}
	c := chunk{name: name, at: v.pos}
	end := c.dataAt() + n
	c.data = v.b[c.dataAt():end:end]
	c.crcOK = crc32.ChecksumIEEE(v.b[c.at+4:end]) == binary.BigEndian.Uint32(v.b[end:])
	v.pos = end + 4
	if !c.crcOK && (name.critical() || v.animates(name)) {
		return c, verify.Faultf(verify.Malformed, end, "%v: wrong CRC", name)
	}
	return c, nil
}

// broken treats, under Lenient, a chunk that frameAt refused with err as Chromium does. A chunk
// whose name has bytes other than letters is skipped if the name's first bit marks it as
// ancillary. Picture data that the end of the file cuts is read, since only its checksums may be
// missing.
func (v *verifier) broken(name chunkName, err error) (chunk, error) {
	var fault *verify.Fault
	if errors.As(err, &fault); fault.Reason == verify.Malformed {
		v.reach(int64(v.pos) + chunkOverhead + int64(binary.BigEndian.Uint32(v.b[v.pos:])))
	}
	left := v.b[min(len(v.b), v.pos+8):]
	switch {
	case fault.Reason == verify.Truncated && name == nameIDAT && !v.anim.on:
		c := chunk{name: name, at: v.pos, data: left[:len(left):len(left)], crcOK: true}
		if n := int(binary.BigEndian.Uint32(v.b[v.pos:])); n < len(left) {
			c.data = left[:n:n]
		}
		v.pos = len(v.b)
		return c, nil
	case fault.Reason == verify.Malformed && !name.legal() && !name.critical() && len(left) >= 4:
		n := binary.BigEndian.Uint32(v.b[v.pos:])
		if int64(n) > int64(len(left))-4 {
			return chunk{}, err
		}
		c := chunk{name: name, at: v.pos, data: left[:n:n], crcOK: true}
		v.info.Warn(verify.UnknownMetadata, int64(c.at), "chunk whose name is not four letters")
		v.pos += chunkOverhead + int(n)
		return c, nil
	}
	return chunk{}, err
}

// whole walks the chunks from the current position to IEND, so that a file that lost its tail is
// refused before its picture data costs anything. It ignores other faults: the later walk finds
// them in order. It is for a file in memory.
func (v *verifier) whole() error {
	v.b = v.in.File() // without going through windows
	defer func() { v.b = v.in.Bytes() }()
	for at := v.pos; ; {
		name, n, err := v.wholeAt(at)
		if err != nil {
			var fault *verify.Fault
			if errors.As(err, &fault) && fault.Reason == verify.Truncated {
				return err
			}
			return nil
		}
		if name == nameIEND {
			return nil
		}
		at += chunkOverhead + n
	}
}
