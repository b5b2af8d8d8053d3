package bmff

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// Box is one box (ISO/IEC 14496-12, 4.2): a type and a payload.
type Box struct {
	Type string
	At   int    // offset of its header in the file
	Base int    // offset of its payload in the file
	Data []byte // payload
}

// Cursor returns a cursor over the payload.
func (b *Box) Cursor() cursor.Cursor { return cursor.New(b.Data, b.Base) }

// FullBox returns a cursor behind the version and flags (14496-12, 4.2.2).
func (b *Box) FullBox() (c cursor.Cursor, version uint8, flags uint32) {
	c = b.Cursor()
	v := c.Uint32BE("version and flags")
	return c, uint8(v >> 24), v & 0xffffff
}

// Next reads a box inside another. The parent lies inside the file, so a child
// that does not fit breaks a rule, it does not miss bytes.
func Next(c *cursor.Cursor) (Box, error) {
	at := c.Offset()
	size := int64(c.Uint32BE("box size"))
	typ := TypeName(c.Bytes(4, "box type"))
	header := int64(8)
	if size == 1 {
		v := c.Uint64BE("box largesize")
		if v > 1<<62 {
			v = 1 << 62
		}
		size, header = int64(v), 16
	}
	if err := c.Err(); err != nil {
		return Box{}, InBox(err)
	}
	// Size 0, "to the end of the file", is for the last box at file level only.
	if size < header || size-header > int64(c.Len()) {
		return Box{}, verify.Faultf(verify.Malformed, at, "box does not fit its parent")
	}
	base := c.Offset()
	return Box{Type: typ, At: at, Base: base, Data: c.Bytes(int(size-header), "box")}, nil
}

// TypeName returns a type of four bytes as text. It allocates nothing for the types that
// most pictures hold: a grid has as many items as tiles.
func TypeName(b []byte) string {
	for _, known := range [...]string{
		"infe", "hvc1", "ispe", "hvcC", "irot", "colr", "pixi", "auxC", "meta", "hdlr", "pitm", "iinf", "iloc", "iprp",
		"ipco", "ipma", "iref", "idat", "ftyp", "mdat", "grid", "Exif", "mime", "dimg", "thmb", "auxl", "cdsc",
	} {
		if string(b) == known {
			return known
		}
	}
	return string(b)
}

// InBox turns the cursor's "past the end" into Malformed: a box that lies whole
// inside the file and is too short for its fields will not be mended by more
// bytes.
func InBox(err error) error {
	var f *verify.Fault
	if errors.As(err, &f) && f.Reason == verify.Truncated {
		g := *f
		g.Reason = verify.Malformed
		return &g
	}
	return err
}

// maxBoxes is the most boxes of one level that are read.
const maxBoxes = 4096

// Walk calls visit for each box of a file. Every box must lie inside the file: a size
// past its end is Truncated. It returns where bytes begin that lie behind the last box
// and are none; -1 if there are none.
func Walk(b []byte, visit func(*Box) error) (trailing int, err error) {
	c := cursor.New(b, 0)
	for n := 0; c.Len() > 0; n++ {
		if n >= maxBoxes {
			return -1, verify.Faultf(verify.TooMuchWork, c.Offset(), "over %d boxes", maxBoxes)
		}
		bx, err := topBox(&c, b[c.Offset():], n == 0)
		if err != nil {
			return -1, err
		}
		// Also a second ftyp: another file, appended to this one.
		if bx.Type == "" || bx.Type == "ftyp" && n > 0 {
			return bx.At, nil
		}
		if err := visit(&bx); err != nil {
			return -1, err
		}
	}
	return -1, nil
}

// topBox reads a box at file level, which begins rest. A box without a type stands for bytes that
// are no box.
func topBox(c *cursor.Cursor, rest []byte, first bool) (Box, error) {
	at := c.Offset()
	if !first && !boxLike(rest) {
		c.Skip(len(rest), "trailing data")
		return Box{At: at}, nil
	}
	size := uint64(c.Uint32BE("box size"))
	typ := TypeName(c.Bytes(4, "box type"))
	header := uint64(8)
	switch size {
	case 0:
		size = uint64(len(rest)) // 14496-12, 4.2.2: "box extends to end of file"
	case 1:
		size, header = c.Uint64BE("box largesize"), 16
	}
	if err := c.Err(); err != nil {
		return Box{}, err
	}
	if size < header {
		return Box{}, verify.Faultf(verify.Malformed, at, "box smaller than its header")
	}
	if size > uint64(len(rest)) {
		return Box{}, verify.Faultf(verify.Truncated, at+len(rest), "box %q: %d bytes needed, %d left", typ, size, len(rest))
	}
	base := c.Offset()
	return Box{Type: typ, At: at, Base: base, Data: c.Bytes(int(size-header), "box")}, nil
}

// boxLike reports whether b may begin a box, whole or cut off. ISO/IEC 14496-12
// leaves no room for bytes between boxes, but uploads carry padding and other
// programs' trailers behind the last one; a box that lost its tail must not be
// taken for such. Registered types are letters, digits and spaces; sizes above
// 256 MiB do not occur in a picture, and text read as a size is above that.
func boxLike(b []byte) bool {
	if len(b) < 4 {
		return !allZero(b) && b[0] == 0
	}
	if b[0] >= 0x10 || b[0] == 0 && b[1] == 0 && b[2] == 0 && b[3] > 1 && b[3] < 8 {
		return false
	}
	if len(b) < 8 && allZero(b) {
		return false
	}
	for _, c := range b[4:min(len(b), 8)] {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == ' ':
		default:
			return false
		}
	}
	return true
}

func allZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

// EndOfMeta waits for the meta box of a file that is still arriving, and returns where it ends.
// The boxes before it may be of any kind, but must be in order. It gives up, with an error that is
// no verdict, on whatever Walk has to judge.
func EndOfMeta(in *verify.Input) (int, error) {
	at := 0
	for range maxBoxes {
		if !in.Reach(at + 16) {
			break
		}
		rest := in.Bytes()[at:]
		size, header := uint64(binary.BigEndian.Uint32(rest)), uint64(8)
		typ := string(rest[4:8])
		if size == 1 {
			size, header = binary.BigEndian.Uint64(rest[8:]), 16
		}
		if at == 0 && typ != "ftyp" || at > 0 && (typ == "ftyp" || !boxLike(rest)) || size < header || size > math.MaxInt32 {
			break
		}
		if at += int(size); at > math.MaxInt32 {
			break
		}
		if typ == "meta" && in.Reach(at) {
			return at, nil
		}
	}
	return 0, errNoMeta
}

var errNoMeta = errors.New("bmff: no meta box yet")
