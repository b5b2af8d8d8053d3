package heic

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/verify"
)

// noteMetadata notes what the Exif and XMP items say, for Inspect: Verify does it as it
// verifies them.
func (v *verifier) noteMetadata() {
	for i := range v.items {
		it := &v.items[i]
		if !it.xmp && string(it.typ[:]) != "Exif" {
			continue
		}
		switch data, err := v.read(it); {
		case err != nil:
		case it.xmp:
			v.info.Facts.AddXMP(data.b)
		default:
			v.info.Facts.AddEXIF(tiffOf(data.b))
		}
	}
}

// noteFacts notes what the tables say about the shown picture, as far as they were read.
func (v *verifier) noteFacts() {
	facts := &v.info.Facts
	facts.BitDepth = v.info.BitDepth
	facts.C2PA = facts.C2PA || v.c2pa
	if it := v.item(v.primary); it != nil {
		v.noteColours(it)
	}
	for i := range v.refs {
		r := &v.refs[i]
		if it := v.item(r.from); it != nil && string(r.typ[:]) == "auxl" && refersTo(r, v.primary) {
			facts.Alpha = facts.Alpha || v.isAlpha(it)
			facts.HDR = facts.HDR || isGainMap(v.auxiliaryType(it))
		}
	}
	for i := range v.items {
		// ISO 21496-1 in HEIF: a picture derived by a tone map, beside the primary one.
		facts.HDR = facts.HDR || v.items[i].typ == [4]byte{'t', 'm', 'a', 'p'}
	}
}

// noteColours looks at the colr properties of an item: a profile, or code points.
func (v *verifier) noteColours(it *item) {
	for i := range min(it.assoc.len(), maxAssociations) {
		index, _ := it.assoc.entry(i)
		if index == 0 || index > len(v.props) || v.props[index-1].typ != "colr" {
			continue
		}
		b := v.props[index-1].data
		switch kind := string(b[:min(len(b), 4)]); kind {
		case "prof", "rICC": // 14496-12, 12.1.5: unrestricted and restricted profiles
			v.info.Facts.AddICC(b[4:])
		case "nclx":
			if len(b) >= 8 {
				transfer := int(b[6])<<8 | int(b[7])
				v.info.Facts.HDR = v.info.Facts.HDR || verify.HDRTransfer(transfer)
			}
		}
	}
}

// isGainMap tells whether an auxiliary picture of that type brightens the shown one.
func isGainMap(auxiliaryType []byte) bool {
	return bytes.HasSuffix(auxiliaryType, []byte(":hdrgainmap")) // urn:com:apple:photo:2020:aux:hdrgainmap
}
