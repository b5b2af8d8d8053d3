package exif

import "encoding/binary"

// Facts are what EXIF says about the camera and the place. Make and Model alias the EXIF.
type Facts struct {
	Make, Model []byte // as stored, zero bytes included; nil if not stated
	GPS         bool   // the GPS directory says more than its version
}

// Tags of IFD0 and of the GPS directory (CIPA DC-008-2023, 4.6.4 to 4.6.7).
const (
	tagMake       = 0x010f
	tagModel      = 0x0110
	tagGPS        = 0x8825
	tagGPSVersion = 0x0000
	typeASCII     = 2
	typeUTF8      = 129
)

// Read returns the facts in tiff, a TIFF stream that starts at its byte-order mark. It skips
// what it cannot read.
func Read(tiff []byte) Facts {
	var f Facts
	order, entries, _ := directory(tiff)
	for ; len(entries) >= entrySize; entries = entries[entrySize:] {
		switch e := entries[:entrySize]; order.Uint16(e) {
		case tagMake:
			f.Make = text(order, tiff, e)
		case tagModel:
			f.Model = text(order, tiff, e)
		case tagGPS:
			f.GPS = f.GPS || tellsPlace(order, tiff, order.Uint32(e[8:]))
		}
	}
	return f
}

// text returns the value of a text entry, or nil.
func text(order binary.ByteOrder, tiff, entry []byte) []byte {
	if t := order.Uint16(entry[2:]); t != typeASCII && t != typeUTF8 {
		return nil
	}
	// TIFF 6.0, section 2: the entry itself holds a value of up to 4 bytes.
	n := int64(order.Uint32(entry[4:]))
	if n <= 4 {
		return entry[8 : 8+n]
	}
	at := int64(order.Uint32(entry[8:]))
	if at+n > int64(len(tiff)) {
		return nil
	}
	return tiff[at : at+n]
}

// tellsPlace reports whether the GPS directory at offset ifd has an entry other than its
// version, which some cameras write without a fix. Any other entry counts: even a time says
// something about the place.
func tellsPlace(order binary.ByteOrder, tiff []byte, ifd uint32) bool {
	at := int64(ifd)
	if at < headerSize || at+2 > int64(len(tiff)) {
		return false
	}
	entries := tiff[at+2:]
	n := min(int(order.Uint16(tiff[at:])), len(entries)/entrySize)
	for i := range n {
		if order.Uint16(entries[entrySize*i:]) != tagGPSVersion {
			return true
		}
	}
	return false
}
