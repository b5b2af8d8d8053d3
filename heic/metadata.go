package heic

import (
	"bytes"
	"encoding/binary"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// verifyMetadata looks at the Exif and XMP items. No viewer needs them, so what is
// wrong with them is a warning; but one that ends in zeros is a lost tail.
func (v *verifier) verifyMetadata() error {
	for i := range v.Items {
		it := &v.Items[i]
		if !it.XMP && string(it.Type[:]) != "Exif" {
			continue
		}
		data, err := v.Read(it)
		if err != nil {
			v.warn(verify.BadMetadata, it.At, "an Exif or XMP item cannot be read: "+verify.DetailOf(err))
			continue
		}
		if it.XMP {
			v.info.Facts.AddXMP(data.Bytes)
		} else {
			v.info.Facts.AddEXIF(tiffOf(data.Bytes))
		}
		switch {
		case it.XMP && heif.EndsInZeros(&data) && !closed(data.Bytes):
			return heif.LostTail(&data)
		case it.XMP && bytes.IndexByte(bytes.TrimRight(data.Bytes, "\x00"), 0) >= 0:
			v.warn(verify.BadMetadata, data.Start(), "XMP holds zero bytes")
		case !it.XMP && !exifHeader(data.Bytes):
			v.warn(verify.BadMetadata, data.Start(), "the Exif item holds no TIFF")
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
