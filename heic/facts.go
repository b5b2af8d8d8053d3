package heic

import (
	"bytes"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// noteMetadata notes what the Exif and XMP items say, for Inspect: Verify does it as it
// verifies them.
func (v *verifier) noteMetadata() {
	for i := range v.Items {
		it := &v.Items[i]
		if !it.XMP && string(it.Type[:]) != "Exif" {
			continue
		}
		switch data, err := v.Read(it); {
		case err != nil:
		case it.XMP:
			v.info.Facts.AddXMP(data.Bytes)
		default:
			v.info.Facts.AddEXIF(tiffOf(data.Bytes))
		}
	}
}

// noteFacts notes what the tables say about the shown picture, as far as they were read.
func (v *verifier) noteFacts() {
	facts := &v.info.Facts
	facts.BitDepth = v.info.BitDepth
	facts.C2PA = facts.C2PA || v.C2PA
	if it := v.Item(v.Primary); it != nil {
		v.noteColours(it)
	}
	for i := range v.References {
		r := &v.References[i]
		if it := v.Item(r.From); it != nil && string(r.Type[:]) == "auxl" && r.Names(v.Primary) {
			facts.Alpha = facts.Alpha || v.IsAlpha(it)
			facts.HDR = facts.HDR || isGainMap(v.AuxiliaryType(it))
		}
	}
	for i := range v.Items {
		// ISO 21496-1 in HEIF: a picture derived by a tone map, beside the primary one.
		facts.HDR = facts.HDR || v.Items[i].Type == [4]byte{'t', 'm', 'a', 'p'}
	}
}

// noteColours looks at the colr properties of an item: a profile, or code points.
func (v *verifier) noteColours(it *heif.Item) {
	for i := range min(it.Assoc.Len(), heif.MaxAssociations) {
		index, _ := it.Assoc.Entry(i)
		if index == 0 || index > len(v.PropertyBoxes) || v.PropertyBoxes[index-1].Type != "colr" {
			continue
		}
		b := v.PropertyBoxes[index-1].Data
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
