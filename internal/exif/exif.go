// Package exif reads the EXIF fields that matter to a service: the orientation, the camera and
// whether a place is given. It also tells whether a viewer can read the rest.
package exif

import "encoding/binary"

// The Orientation tag and the type SHORT (CIPA DC-008-2023, Exif 3.0, 4.6.5.1.6
// and 4.6.2).
const (
	tagOrientation = 0x0112
	typeShort      = 3
	headerSize     = 8
	entrySize      = 12
)

// Orientation returns the orientation 1..8 that IFD0 states. tiff is a TIFF stream that starts
// at its byte-order mark. It returns 0 if there is none or if it cannot be read: viewers then
// show the picture as stored.
func Orientation(tiff []byte) int {
	order, entries, _ := directory(tiff)
	for ; len(entries) >= entrySize; entries = entries[entrySize:] {
		e := entries[:entrySize]
		if order.Uint16(e) != tagOrientation {
			continue
		}
		if order.Uint16(e[2:]) != typeShort || order.Uint32(e[4:]) != 1 {
			return 0
		}
		if o := int(order.Uint16(e[8:])); 1 <= o && o <= 8 {
			return o
		}
		return 0
	}
	return 0
}

// directory returns the entries of IFD0 that are present, and what is wrong with tiff up to the
// last of them, or "".
func directory(tiff []byte) (order binary.ByteOrder, entries []byte, problem string) {
	if len(tiff) == 0 {
		return nil, nil, "EXIF is empty"
	}
	if len(tiff) < headerSize {
		return nil, nil, "EXIF is cut"
	}
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return nil, nil, "EXIF has no TIFF header"
	}
	ifd := int64(order.Uint32(tiff[4:]))
	if ifd < headerSize {
		return nil, nil, "EXIF has no directory"
	}
	if ifd+2 > int64(len(tiff)) {
		return nil, nil, "EXIF is cut"
	}
	size := entrySize * int(order.Uint16(tiff[ifd:]))
	entries = tiff[ifd+2:]
	if size > len(entries) {
		return order, entries, "EXIF is cut"
	}
	return order, entries[:size], ""
}

// Problem says what keeps a viewer from reading tiff, a TIFF stream that starts at its
// byte-order mark, or "". It looks at IFD0 and where its values lie.
func Problem(tiff []byte) string {
	order, entries, problem := directory(tiff)
	if problem != "" {
		return problem
	}
	for ; len(entries) >= entrySize; entries = entries[entrySize:] {
		// TIFF 6.0, section 2: the entry itself holds a value of up to 4 bytes.
		size := int64(order.Uint32(entries[4:])) * typeSize(order.Uint16(entries[2:]))
		if at := int64(order.Uint32(entries[8:])); size > 4 && at+size > int64(len(tiff)) {
			return "EXIF is cut"
		}
	}
	return ""
}

// typeSize returns the bytes of one value of TIFF type t, 0 for an unknown type.
func typeSize(t uint16) int64 {
	switch t {
	case 1, 2, 6, 7, 129: // BYTE, ASCII, SBYTE, UNDEFINED, UTF-8
		return 1
	case 3, 8: // SHORT, SSHORT
		return 2
	case 4, 9, 11, 13: // LONG, SLONG, FLOAT, IFD
		return 4
	case 5, 10, 12: // RATIONAL, SRATIONAL, DOUBLE
		return 8
	}
	return 0
}
