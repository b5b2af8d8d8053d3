package heic

import (
	"errors"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// box is one box (ISO/IEC 14496-12, 4.2): a type and a payload.
type box struct {
	typ  string
	at   int    // offset of its header in the file
	base int    // offset of its payload in the file
	data []byte // payload
}

func (b *box) cursor() cursor.Cursor { return cursor.New(b.data, b.base) }

// fullBox returns a cursor behind the version and flags (14496-12, 4.2.2).
func (b *box) fullBox() (c cursor.Cursor, version uint8, flags uint32) {
	c = b.cursor()
	v := c.Uint32BE("version and flags")
	return c, uint8(v >> 24), v & 0xffffff
}

// next reads a box inside another. The parent lies inside the file, so a child
// that does not fit breaks a rule, it does not miss bytes.
func next(c *cursor.Cursor) (box, error) {
	at := c.Offset()
	size := int64(c.Uint32BE("box size"))
	typ := string(c.Bytes(4, "box type"))
	header := int64(8)
	if size == 1 {
		v := c.Uint64BE("box largesize")
		if v > 1<<62 {
			v = 1 << 62
		}
		size, header = int64(v), 16
	}
	if err := c.Err(); err != nil {
		return box{}, inBox(err)
	}
	// Size 0, "to the end of the file", is for the last box at file level only.
	if size < header || size-header > int64(c.Len()) {
		return box{}, verify.Faultf(verify.Malformed, at, "box does not fit its parent")
	}
	base := c.Offset()
	return box{typ: typ, at: at, base: base, data: c.Bytes(int(size-header), "box")}, nil
}

// inBox turns the cursor's "past the end" into Malformed: a box that lies whole
// inside the file and is too short for its fields will not be mended by more
// bytes.
func inBox(err error) error {
	var f *verify.Fault
	if errors.As(err, &f) && f.Reason == verify.Truncated {
		g := *f
		g.Reason = verify.Malformed
		return &g
	}
	return err
}

// topLevel walks the boxes of the file, and calls visit for each. Every box must
// lie inside the file: a size past its end is Truncated. Bytes behind the last
// box that are no box are forgiven, with a warning.
func (f *file) topLevel(visit func(*box) error) error {
	c := cursor.New(f.b, 0)
	for n := 0; c.Len() > 0; n++ {
		if n >= maxTopBoxes {
			return verify.Faultf(verify.TooMuchWork, c.Offset(), "over %d boxes", maxTopBoxes)
		}
		bx, err := f.topBox(&c, n == 0)
		if err != nil {
			return err
		}
		// Also a second ftyp: another file, appended to this one.
		if bx.typ == "" || bx.typ == "ftyp" && n > 0 {
			f.warn(verify.TrailingData, bx.at, "bytes behind the last box")
			return nil
		}
		if err := visit(&bx); err != nil {
			return err
		}
	}
	return nil
}

// topBox reads a box at file level. A box without a type stands for bytes that
// are no box.
func (f *file) topBox(c *cursor.Cursor, first bool) (box, error) {
	at := c.Offset()
	rest := f.b[at:]
	if !first && !boxLike(rest) {
		c.Skip(len(rest), "trailing data")
		return box{at: at}, nil
	}
	size := uint64(c.Uint32BE("box size"))
	typ := string(c.Bytes(4, "box type"))
	header := uint64(8)
	switch size {
	case 0:
		size = uint64(len(rest)) // 14496-12, 4.2.2: "box extends to end of file"
	case 1:
		size, header = c.Uint64BE("box largesize"), 16
	}
	if err := c.Err(); err != nil {
		return box{}, err
	}
	if size < header {
		return box{}, verify.Faultf(verify.Malformed, at, "box smaller than its header")
	}
	if size > uint64(len(rest)) {
		return box{}, verify.Faultf(verify.Truncated, len(f.b), "box %q: %d bytes needed, %d left", typ, size, len(rest))
	}
	base := c.Offset()
	return box{typ: typ, at: at, base: base, data: c.Bytes(int(size-header), "box")}, nil
}

// boxLike reports whether b may begin a box, whole or cut off. ISO/IEC 14496-12
// leaves no room for bytes between boxes, but uploads carry padding and other
// programs' trailers behind the last one; a box that lost its tail must not be
// taken for such. Registered types are letters, digits and spaces; sizes above
// 256 MiB do not occur in a picture, and text read as a size is above that.
func boxLike(b []byte) bool {
	if len(b) < 4 {
		return anyNonZero(b) && b[0] == 0
	}
	if b[0] >= 0x10 || b[0] == 0 && b[1] == 0 && b[2] == 0 && b[3] > 1 && b[3] < 8 {
		return false
	}
	if len(b) < 8 && !anyNonZero(b) {
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

func anyNonZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return true
		}
	}
	return false
}
