package heic

import (
	"bytes"
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// verifyMetadata looks at the Exif and XMP items. No viewer needs them, so what is
// wrong with them is a warning; but one that ends in zeros is a lost tail.
func (v *verifier) verifyMetadata() error {
	for i := range v.items {
		it := &v.items[i]
		if !it.xmp && string(it.typ[:]) != "Exif" {
			continue
		}
		data, err := v.read(it)
		if err != nil {
			v.warn(verify.BadMetadata, it.at, "an Exif or XMP item cannot be read: "+faultText(err))
			continue
		}
		if it.xmp {
			v.info.Facts.AddXMP(data.b)
		} else {
			v.info.Facts.AddEXIF(tiffOf(data.b))
		}
		switch {
		case it.xmp && endsInZeros(&data) && !closed(data.b):
			return lostTail(&data)
		case it.xmp && bytes.IndexByte(bytes.TrimRight(data.b, "\x00"), 0) >= 0:
			v.warn(verify.BadMetadata, data.start(), "XMP holds zero bytes")
		case !it.xmp && !exifHeader(data.b):
			v.warn(verify.BadMetadata, data.start(), "the Exif item holds no TIFF")
		}
	}
	return nil
}

// closed tells whether XMP that zeros follow is whole: it ends as XML does. Apple's writer
// ends it in a NUL, or fills its room with zeros.
func closed(b []byte) bool {
	return bytes.HasSuffix(bytes.TrimRight(b, "\x00 \t\r\n"), []byte(">"))
}

// exifHeader tells whether b is an ExifDataBlock (23008-12, A.2.1): the offset of
// the TIFF header behind these four bytes, and at it a TIFF header.
func exifHeader(b []byte) bool {
	tiff := tiffOf(b)
	if len(tiff) < 8 {
		return false
	}
	h := string(tiff[:4])
	return h == "II*\x00" || h == "MM\x00*"
}

// tiffOf returns what an ExifDataBlock holds from its TIFF header on, nil if it ends
// before.
func tiffOf(b []byte) []byte {
	if len(b) < 4 {
		return nil
	}
	at := uint64(binary.BigEndian.Uint32(b)) + 4
	if at > uint64(len(b)) {
		return nil
	}
	return b[at:]
}
