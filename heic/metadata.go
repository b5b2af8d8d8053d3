package heic

import (
	"bytes"
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// verifyMetadata looks at the Exif and XMP items. No viewer needs them, so what is
// wrong with them is a warning; but one that ends in zeros is a lost tail.
func (f *file) verifyMetadata() error {
	for i := range f.items {
		it := &f.items[i]
		if !it.xmp && string(it.typ[:]) != "Exif" {
			continue
		}
		data, err := f.read(it)
		if err != nil {
			f.warn(verify.BadMetadata, it.at, "an Exif or XMP item cannot be read: "+faultText(err))
			continue
		}
		if it.xmp {
			f.info.Facts.AddXMP(data.b)
		} else {
			f.info.Facts.AddEXIF(tiffOf(data.b))
		}
		switch {
		case it.xmp && endsInZeros(&data) && !closed(data.b):
			return lostTail(&data)
		case it.xmp && bytes.IndexByte(bytes.TrimRight(data.b, "\x00"), 0) >= 0:
			f.warn(verify.BadMetadata, data.start(), "XMP holds zero bytes")
		case !it.xmp && !exifHeader(data.b):
			f.warn(verify.BadMetadata, data.start(), "the Exif item holds no TIFF")
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

// zeroRun is how many zero bytes at the end of what cannot end in zeros are taken
// for a file whose rest was never written: uploads and copies that break off
// after the space was reserved.
const zeroRun = 16

// endsInZeros tells whether data, which is not meant to, ends in zeros.
func endsInZeros(data *payload) bool {
	n := min(len(data.b), zeroRun)
	return n > 0 && !anyNonZero(data.b[len(data.b)-n:])
}

// endsInZero tells whether data stands at the end of the file, and its last byte is
// zero. No slice ends so (H.265, 7.3.2.11 and 7.3.2.10: a stop bit, or 0x03), and of
// a lost tail a byte may be enough.
func (f *file) endsInZero(data *payload) bool {
	n := len(data.spans)
	if n == 0 || len(data.b) == 0 || data.b[len(data.b)-1] != 0 {
		return false
	}
	last := data.spans[n-1]
	return last.at+last.n == len(f.b)
}

func lostTail(data *payload) error {
	return verify.Faultf(verify.Truncated, data.start(), "an item ends in zeros: its rest was never written")
}
