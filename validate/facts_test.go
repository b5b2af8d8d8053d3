package validate_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// ifd is an EXIF directory at offset 8 with the given entries, 12 bytes each, followed by more
// bytes.
func ifd(more string, entries ...string) string {
	b := "MM\x00*\x00\x00\x00\x08" + string(binary.BigEndian.AppendUint16(nil, uint16(len(entries))))
	return b + strings.Join(entries, "") + "\x00\x00\x00\x00" + more
}

// entry is one of these entries; its value is in the entry itself.
func entry(tag, kind uint16, count uint32, value string) string {
	b := binary.BigEndian.AppendUint16(nil, tag)
	b = binary.BigEndian.AppendUint16(b, kind)
	return string(binary.BigEndian.AppendUint32(b, count)) + value
}

// gpsAt is EXIF whose GPS directory has one entry.
func gpsAt(tag uint16) string {
	const behind = "\x00\x00\x00\x1a" // 8 and 2 bytes, one entry, four bytes
	return ifd("\x00\x01"+entry(tag, 1, 4, "\x02\x03\x00\x00"), entry(0x8825, 4, 1, behind))
}

// photoWithPlace is a JPEG with a GPS directory.
func photoWithPlace() []byte {
	b, err := os.ReadFile(photo)
	if err != nil {
		panic(err)
	}
	return slices.Insert(b, 2, exifSegment("Exif\x00\x00"+gpsAt(2))...)
}

// factsOf returns the facts of a file that passes.
func factsOf(t *testing.T, b []byte, what string) validate.Facts {
	res, err := validate.Bytes(context.Background(), b, validate.Options{})
	require.NoError(t, err, what)
	return res.Facts
}

// The place in EXIF is found in each format that holds EXIF.
func TestFactsOfGPS(t *testing.T) {
	jpg, png := encodeJPEG(t, stored(1, 64, 32)), encodePNG(t, stored(1, 64, 32))
	inJPEG := func(payload string) []byte { return slices.Insert(bytes.Clone(jpg), 2, exifSegment(payload)...) }
	inPNG := func(chunk []byte) []byte { return slices.Insert(bytes.Clone(png), 33, chunk...) }
	for name, c := range map[string]struct {
		b         []byte
		exif, gps bool
		xmp       bool
	}{
		"JPEG, none":            {jpg, false, false, false},
		"JPEG, EXIF":            {inJPEG("Exif\x00\x00" + tiffOf(1)), true, false, false},
		"JPEG, latitude":        {inJPEG("Exif\x00\x00" + gpsAt(2)), true, true, false},
		"JPEG, version alone":   {inJPEG("Exif\x00\x00" + gpsAt(0)), true, false, false},
		"JPEG, pointer nowhere": {inJPEG("Exif\x00\x00" + ifd("", entry(0x8825, 4, 1, "\x00\x00\xff\xff"))), true, false, false},
		"JPEG, second EXIF":     {slices.Insert(inJPEG("Exif\x00\x00"+gpsAt(2)), 2, exifSegment("Exif\x00\x00"+tiffOf(1))...), true, true, false},
		"JPEG, XMP":             {inJPEG("http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='48'/>"), false, true, true},
		"JPEG, XMP, no place":   {inJPEG("http://ns.adobe.com/xap/1.0/\x00<x/>"), false, false, true},
		"JPEG, extended XMP":    {inJPEG("http://ns.adobe.com/xmp/extension/\x00" + strings.Repeat("0", 40) + "<exif:GPSLatitude>"), false, true, true},
		"PNG, latitude":         {inPNG(pngChunk("eXIf", gpsAt(2))), true, true, false},
		"PNG, XMP":              {inPNG(pngChunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00<x exif:GPSLatitude='48'/>")), false, true, true},
		"PNG, other text":       {inPNG(pngChunk("iTXt", "Comment\x00\x00\x00\x00\x00GPSLatitude")), false, false, false},
	} {
		f := factsOf(t, c.b, name)
		require.Equal(t, []bool{c.exif, c.gps, c.xmp}, []bool{f.HasEXIF, f.HasGPS, f.HasXMP}, name)
	}
}

// The camera's names are bounded, printable and end at their zero byte.
func TestFactsOfTheCamera(t *testing.T) {
	jpg := encodeJPEG(t, stored(1, 64, 32))
	const behind = "\x00\x00\x00\x26" // 8 and 2 bytes, two entries, four bytes
	for name, c := range map[string]struct{ make, model, wantMake, wantModel string }{
		"short":     {"abc\x00", "Model 9\x00", "abc", "Model 9"},
		"spaces":    {"ab \x00", " Model 9  \x00", "ab", "Model 9"},
		"control":   {"a\x1bc\x00", "\x1b[2J\x07\xff\x00", "a?c", "?[2J??"},
		"long":      {"abcd", strings.Repeat("m", 1000), "abcd", strings.Repeat("m", 63)},
		"UTF-8":     {"é\x00\x00", "Kamera für Bilder\x00", "é", "Kamera für Bilder"},
		"UTF-8 cut": {"abc\x00", strings.Repeat("ü", 60), "abc", strings.Repeat("ü", 31)},
	} {
		exif := ifd(c.model, entry(0x010f, 2, 4, c.make), entry(0x0110, 2, uint32(len(c.model)), behind))
		f := factsOf(t, slices.Insert(bytes.Clone(jpg), 2, exifSegment("Exif\x00\x00"+exif)...), name)
		require.Equal(t, c.wantMake, f.CameraMake(), name)
		require.Equal(t, c.wantModel, f.CameraModel(), name)
	}
	exif := ifd("abc", entry(0x010f, 2, 9, "\x00\x00\x00\x26"), entry(0x0110, 3, 1, "\x00\x01\x00\x00"))
	res, err := validate.Bytes(context.Background(), slices.Insert(bytes.Clone(jpg), 2, exifSegment("Exif\x00\x00"+exif)...), validate.Options{})
	require.NoError(t, err)
	require.Empty(t, res.Facts.CameraMake()+res.Facts.CameraModel(), "past the end; a number")
}

// Marks of high dynamic range and of Content Credentials.
func TestFactsOfMarks(t *testing.T) {
	jpg, png := encodeJPEG(t, stored(1, 64, 32)), encodePNG(t, stored(1, 64, 32))
	segment := func(marker byte, payload string) []byte {
		s := exifSegment(payload)
		s[1] = marker
		return slices.Insert(bytes.Clone(jpg), 2, s...)
	}
	chunk := func(name, data string) []byte { return slices.Insert(bytes.Clone(png), 33, pngChunk(name, data)...) }
	heic := allGood(t)["heic/heif-enc-q50.heic"]
	uuid := func(id string) []byte {
		box := append(binary.BigEndian.AppendUint32(nil, 40), "uuid"+id...)
		return append(bytes.Clone(heic), append(box, make([]byte, 16)...)...)
	}
	for name, c := range map[string]struct {
		b         []byte
		hdr, c2pa bool
	}{
		"JPEG":            {jpg, false, false},
		"Ultra HDR":       {segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x hdrgm:Version='1.0'/>"), true, false},
		"ISO 21496-1":     {segment(0xe2, "urn:iso:std:iso:ts:21496:-1\x00\x00\x00\x00\x00"), true, false},
		"JPEG, C2PA":      {segment(0xeb, "JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x40jumb\x00\x00\x00\x26jumdc2pa\x00\x11\x00\x10"), false, true},
		"JPEG, JUMBF":     {segment(0xeb, "JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x40jumb\x00\x00\x00\x26jumdjson\x00\x11\x00\x10"), false, false},
		"PNG, PQ":         {chunk("cICP", "\x09\x10\x00\x01"), true, false},
		"PNG, HLG":        {chunk("cICP", "\x09\x12\x00\x01"), true, false},
		"PNG, sRGB curve": {chunk("cICP", "\x01\x0d\x00\x01"), false, false},
		"PNG, C2PA":       {chunk("caBX", "\x00\x00\x00\x08jumb"), false, true},
		"HEIC":            {heic, false, false},
		"HEIC, C2PA":      {uuid("\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"), false, true},
		"HEIC, uuid":      {uuid("\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x82"), false, false},
	} {
		f := factsOf(t, c.b, name)
		require.Equal(t, []bool{c.hdr, c.c2pa}, []bool{f.HDR, f.HasC2PA}, name)
	}
}

// Depth, alpha, profile and progress are read from files of the tools that write them.
func TestFactsOfGoodFiles(t *testing.T) {
	good := allGood(t)
	for name, want := range map[string]validate.Facts{
		"jpeg/cjpeg-420.jpg":                     {BitDepth: 8},
		"jpeg/cjpeg-progressive-420.jpg":         {BitDepth: 8, Progressive: true},
		"png/pillow-apng.png":                    {BitDepth: 8, Animated: true},
		"heic/heif-enc-10-bit.heic":              {BitDepth: 10},
		"heic/heif-enc-alpha.heic":               {BitDepth: 8, HasAlpha: true},
		"webp/cwebp-lossless-alpha-exact.webp":   {BitDepth: 8, HasAlpha: true},
		"heic/grid-1x2-irot-exif-thumbnail.heic": {BitDepth: 8, HasEXIF: true},
	} {
		b := good[name]
		require.NotNil(t, b, name)
		require.Equal(t, want, factsOf(t, b, name), name)
	}
	require.Equal(t, 8, factsOf(t, bmp(5, 5), "BMP").BitDepth)
	f := factsOf(t, good["jpeg/magick-cmyk.jpg"], "CMYK")
	require.False(t, f.HasICC)
	f = factsOf(t, good["heic/heif-enc-icc.heic"], "ICC")
	require.True(t, f.HasICC)
	require.NotEqual(t, validate.NoProfile, f.Profile)
}

// Facts cost one allocation if the file names a camera, and none otherwise.
func TestFactsAllocateNothing(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	jpg := encodeJPEG(t, image.NewGray(image.Rect(0, 0, 64, 64)))
	with := func(directory string) []byte {
		b := slices.Insert(bytes.Clone(jpg), 2, exifSegment("Exif\x00\x00"+directory)...)
		return slices.Insert(b, 2, exifSegment("http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='48'/>")...)
	}
	count := func(b []byte) float64 {
		return testing.AllocsPerRun(200, func() { _, _ = validate.Bytes(context.Background(), b, validate.Options{}) })
	}
	require.LessOrEqual(t, count(with(gpsAt(2))), count(jpg)+0.5)
	camera := ifd("", entry(0x010f, 2, 4, "abc\x00"), entry(0x0110, 2, 4, "def\x00"))
	require.LessOrEqual(t, count(with(camera)), count(jpg)+1.5)
}
