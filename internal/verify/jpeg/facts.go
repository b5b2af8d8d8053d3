package jpeg

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// Identifiers of application segments.
const (
	exifHead        = "Exif\x00"                               // APP1; CIPA DC-008, 4.7.2.2
	xmpHead         = "http://ns.adobe.com/xap/1.0/\x00"       // APP1; XMP part 3, 1.1.3
	xmpExtendedHead = "http://ns.adobe.com/xmp/extension/\x00" // APP1
	gainMapHead     = "urn:iso:std:iso:ts:21496:-1\x00"        // APP2; ISO 21496-1, annex C
	jumbfHead       = "JP"                                     // APP11; ISO/IEC 19566-5, annex D
	c2paLabel       = "c2pa"                                   // C2PA 2.1, 11.1.4.1
	jumbfLabelIn    = 128                                      // the label is within these first bytes of the box
	gainMapIn       = 64 << 10                                 // a gain map says what it is within these first bytes
)

// facts notes what an application segment says about the picture.
func (d *decoder) facts(s stream.Segment) {
	f, p := &d.Info.Facts, s.Payload
	switch s.Marker {
	case stream.APP1:
		switch {
		case stream.HasPrefix(p, exifHead):
			f.AddEXIF(p[min(len(exifHead)+1, len(p)):])
		case stream.HasPrefix(p, xmpHead):
			f.AddXMP(p[len(xmpHead):])
		case stream.HasPrefix(p, xmpExtendedHead):
			f.AddXMP(p[len(xmpExtendedHead):])
		}
	case stream.APP2:
		f.HDR = f.HDR || stream.HasPrefix(p, gainMapHead)
	case stream.APP11:
		if stream.HasPrefix(p, jumbfHead) && bytes.Contains(p[:min(len(p), jumbfLabelIn)], []byte(c2paLabel)) {
			f.C2PA = true
		}
	}
}

// gainMap notes whether a picture after the first one is a gain map of Apple's kind, which the
// first picture does not mention.
func (d *decoder) gainMap(p []byte) {
	f := &d.Info.Facts
	f.HDR = f.HDR || bytes.Contains(p[:min(len(p), gainMapIn)], []byte("aux:hdrgainmap"))
}
