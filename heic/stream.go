package heic

import (
	"errors"

	"github.com/imgvet/imgvet/internal/verify"
)

// unit is a NAL unit of a coded picture.
type unit struct {
	kind uint8
	nal  []byte // with its two-byte header
	at   int    // offset in the item's data
}

// eachUnit walks the length-prefixed NAL units of an item (ISO/IEC 14496-15,
// 4.3.2), and calls visit for each that a decoder of the base layer looks at. The
// lengths must fill the item exactly.
func eachUnit(c *config, data []byte, visit func(*unit) error) error {
	if len(data) == 0 {
		return verify.Faultf(verify.Malformed, 0, "a coded picture of 0 bytes")
	}
	for pos := 0; pos < len(data); {
		at := pos
		if len(data)-pos < c.lengthSize {
			return verify.Faultf(verify.Malformed, at, "NAL unit length cut off")
		}
		n := uint32(0)
		for _, b := range data[pos : pos+c.lengthSize] {
			n = n<<8 | uint32(b)
		}
		pos += c.lengthSize
		if uint64(n) > uint64(len(data)-pos) {
			return verify.Faultf(verify.Malformed, at, "NAL unit of %d bytes, %d left", n, len(data)-pos)
		}
		u := unit{nal: data[pos : pos+int(n) : pos+int(n)], at: pos}
		pos += int(n)
		// H.265, 7.3.1.2: forbidden_zero_bit, nal_unit_type, nuh_layer_id,
		// nuh_temporal_id_plus1, which "shall not be equal to 0".
		if n < 2 || u.nal[0]&0x80 != 0 || u.nal[1]&7 == 0 {
			return verify.Faultf(verify.Malformed, at, "NAL unit without a legal header")
		}
		u.kind = u.nal[0] >> 1
		// 7.4.2.2: decoders ignore layers other than 0 (stereo pictures have them).
		if layer := u.nal[0]&1<<5 | u.nal[1]>>3; layer != 0 {
			continue
		}
		if err := visit(&u); err != nil {
			return err
		}
	}
	return nil
}

// verifyStream verifies one coded picture. Offsets in its faults count from the
// start of data.
func verifyStream(c *config, data []byte) error {
	slices := 0
	err := eachUnit(c, data, func(u *unit) error {
		switch {
		case u.kind >= nalFirstIRAP && u.kind <= nalLastIRAP:
			return checkSlice(u, &slices)
		case u.kind <= 31:
			// 23008-12, B.4: the item is one IRAP access unit. A picture predicted
			// from another shows whatever the decoder has left over.
			return verify.Faultf(verify.Malformed, u.at, "slice of type %d in a still", u.kind)
		case u.kind <= nalPPS:
			// A parameter set that differs from hvcC's would change the picture's
			// size behind our back.
			if !c.has(u.nal) {
				return verify.Faultf(verify.Unsupported, u.at, "parameter set that is not in hvcC")
			}
		}
		// AUD, end of sequence, filler, SEI; reserved types, which decoders skip
		// (7.4.2.2).
		return nil
	})
	if err != nil {
		return err
	}
	if slices == 0 {
		return verify.Faultf(verify.Malformed, 0, "a coded picture without slices")
	}
	return nil
}

// checkSlice checks that the first slice segment of the item is the first of a
// picture, and no other is: the item is one picture.
func checkSlice(u *unit, slices *int) error {
	if len(u.nal) < 4 {
		return verify.Faultf(verify.Malformed, u.at, "slice segment without a header")
	}
	if first := u.nal[2]&0x80 != 0; first != (*slices == 0) {
		return verify.Faultf(verify.Malformed, u.at, "slice segments of no or of two pictures")
	}
	*slices++
	return nil
}

// relocate turns the offset of a fault from one in an item's data to one in the
// file.
func relocate(err error, data *payload) error {
	var f *verify.Fault
	if !errors.As(err, &f) || f.Offset < 0 {
		return err
	}
	g := *f
	g.Offset = int64(data.offset(int(f.Offset)))
	return &g
}
