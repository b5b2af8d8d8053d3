package heic

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/verify"
)

// c2paUUID is the extended type of a box of Content Credentials (C2PA 2.1, A.5.1).
const c2paUUID = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"

// noteExtended looks at a box of an extended type.
func (f *file) noteExtended(b *box) {
	if bytes.HasPrefix(b.data, []byte(c2paUUID)) {
		f.info.Facts.C2PA = true
	}
}

// noteMetadata notes what the Exif and XMP items say, for Inspect: Verify does it as it
// verifies them.
func (f *file) noteMetadata() {
	for i := range f.items {
		it := &f.items[i]
		if !it.xmp && string(it.typ[:]) != "Exif" {
			continue
		}
		switch data, err := f.read(it); {
		case err != nil:
		case it.xmp:
			f.info.Facts.AddXMP(data.b)
		default:
			f.info.Facts.AddEXIF(tiffOf(data.b))
		}
	}
}

// noteFacts notes what the tables say about the shown picture, as far as they were read.
func (f *file) noteFacts() {
	facts := &f.info.Facts
	facts.BitDepth = f.info.BitDepth
	if it := f.item(f.primary); it != nil {
		f.noteColours(it)
	}
	for i := range f.refs {
		r := &f.refs[i]
		if it := f.item(r.from); it != nil && string(r.typ[:]) == "auxl" && refersTo(r, f.primary) {
			facts.Alpha = facts.Alpha || f.isAlpha(it)
			facts.HDR = facts.HDR || isGainMap(f.auxiliaryType(it))
		}
	}
	for i := range f.items {
		// ISO 21496-1 in HEIF: a picture derived by a tone map, beside the primary one.
		facts.HDR = facts.HDR || f.items[i].typ == [4]byte{'t', 'm', 'a', 'p'}
	}
}

// noteColours looks at the colr properties of an item: a profile, or code points.
func (f *file) noteColours(it *item) {
	for i := range min(it.assoc.len(), maxAssociations) {
		index, _ := it.assoc.entry(i)
		if index == 0 || index > len(f.props) || f.props[index-1].typ != "colr" {
			continue
		}
		b := f.props[index-1].data
		switch kind := string(b[:min(len(b), 4)]); kind {
		case "prof", "rICC": // 14496-12, 12.1.5: unrestricted and restricted profiles
			f.info.Facts.AddICC(b[4:])
		case "nclx":
			if len(b) >= 8 {
				transfer := int(b[6])<<8 | int(b[7])
				f.info.Facts.HDR = f.info.Facts.HDR || verify.HDRTransfer(transfer)
			}
		}
	}
}

// isGainMap tells whether an auxiliary picture of that type brightens the shown one.
func isGainMap(auxiliaryType []byte) bool {
	return bytes.HasSuffix(auxiliaryType, []byte(":hdrgainmap")) // urn:com:apple:photo:2020:aux:hdrgainmap
}
