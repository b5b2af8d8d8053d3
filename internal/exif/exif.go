// Package exif reads the one EXIF field that changes how a picture is shown.
package exif

import "encoding/binary"

// The Orientation tag and the type SHORT (CIPA DC-008-2023, Exif 3.0, 4.6.5.1.6
// and 4.6.2).
const (
	tagOrientation = 0x0112
	typeShort      = 3
	entrySize      = 12
)

// Orientation returns the orientation 1..8 that tiff, a TIFF stream from its
// byte-order mark on, states in IFD0. It returns 0 if there is none or if it
// cannot be read: viewers then show the picture as stored.
func Orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	ifd := int64(order.Uint32(tiff[4:]))
	if ifd+2 > int64(len(tiff)) {
		return 0
	}
	n := int(order.Uint16(tiff[ifd:]))
	entries := tiff[ifd+2:]
	for ; n > 0 && len(entries) >= entrySize; n-- {
		e := entries[:entrySize]
		entries = entries[entrySize:]
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
