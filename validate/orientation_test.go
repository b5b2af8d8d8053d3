package validate_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// tiffOf is EXIF with one entry: Orientation.
func tiffOf(orientation int) string {
	return "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
}

// exifSegment is an APP1 segment of that payload.
func exifSegment(payload string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(payload))), payload...)
}

func pngChunk(name, data string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), name+data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// Orientation is what Chromium applies to a picture on a page, RawOrientation what the file
// says. Picture.Image applies the former.
func TestOrientationAsBrowsers(t *testing.T) {
	jpg, png := encodeJPEG(t, stored(1, 64, 32)), encodePNG(t, stored(1, 64, 32))
	iend := len(png) - 12
	webp, err := os.ReadFile(testdata + "good/webp/exiftool-lossless-orientation-6.webp")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		b          []byte
		shown, raw int
	}{
		"JPEG":                        {slices.Insert(bytes.Clone(jpg), 2, exifSegment("Exif\x00\x00"+tiffOf(6))...), 6, 6},
		"JPEG, 0xff":                  {slices.Insert(bytes.Clone(jpg), 2, exifSegment("Exif\x00\xff"+tiffOf(6))...), 6, 6},
		"JPEG, the first counts":      {slices.Insert(bytes.Clone(jpg), 2, append(exifSegment("Exif\x00\x00"+tiffOf(3)), exifSegment("Exif\x00\x00"+tiffOf(6))...)...), 3, 3},
		"JPEG, behind the scan":       {slices.Insert(bytes.Clone(jpg), len(jpg)-2, exifSegment("Exif\x00\x00"+tiffOf(6))...), 1, 6},
		"PNG, before the picture":     {slices.Insert(bytes.Clone(png), 33, pngChunk("eXIf", tiffOf(8))...), 8, 8},
		"PNG, behind the picture":     {slices.Insert(bytes.Clone(png), iend, pngChunk("eXIf", tiffOf(8))...), 1, 8},
		"PNG, none":                   {png, 1, 0},
		"WebP, which never is turned": {webp, 1, 6},
	} {
		size := image.Point{}
		opts := validate.Options{Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			img, err := p.Image(ctx, 0)
			require.NoError(t, err, name)
			size = img.Bounds().Size()
			return nil
		}}}
		res, err := validate.Bytes(context.Background(), c.b, opts)
		require.NoError(t, err, name)
		require.Equal(t, c.shown, res.Orientation, name)
		require.Equal(t, c.raw, res.RawOrientation, name)
		want := image.Pt(res.Width, res.Height)
		if c.shown >= 5 {
			want = image.Pt(res.Height, res.Width)
		}
		require.Equal(t, want, size, name)
	}
}

// Metadata that no viewer can read is a warning, whatever the format.
func TestBadMetadata(t *testing.T) {
	jpg, png := encodeJPEG(t, stored(1, 64, 32)), encodePNG(t, stored(1, 64, 32))
	inJPEG := func(segments ...[]byte) []byte {
		return slices.Insert(bytes.Clone(jpg), 2, bytes.Join(segments, nil)...)
	}
	icc := func(number, count byte, data string) []byte {
		b := exifSegment("ICC_PROFILE\x00" + string([]byte{number, count}) + data)
		b[1] = 0xe2
		return b
	}
	profile := "\x00\x00\x01\x00" + strings.Repeat("\x00", 32) + "acsp" + strings.Repeat("\x00", 216)
	tiff := tiffOf(1)
	for name, c := range map[string]struct {
		b  []byte
		ok bool
	}{
		"EXIF":                       {inJPEG(exifSegment("Exif\x00\x00" + tiff)), true},
		"EXIF, empty":                {inJPEG(exifSegment("Exif\x00\x00")), false},
		"EXIF, header alone":         {inJPEG(exifSegment("Exif\x00\x00" + tiff[:8])), false},
		"EXIF, cut":                  {inJPEG(exifSegment("Exif\x00\x00" + tiff[:15])), false},
		"EXIF, byte order":           {inJPEG(exifSegment("Exif\x00\x00XX" + tiff[2:])), false},
		"EXIF, value behind the end": {inJPEG(exifSegment("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x0e\x00\x02\x00\x00\x00\x40\x00\x00\x00\x1a\x00\x00\x00\x00abc")), false},
		"ICC":                        {inJPEG(icc(1, 1, profile)), true},
		"ICC in two":                 {inJPEG(icc(1, 2, profile[:99]), icc(2, 2, profile[99:])), true},
		"ICC in two, turned":         {inJPEG(icc(2, 2, profile[99:]), icc(1, 2, profile[:99])), true},
		"ICC, 1 of 2":                {inJPEG(icc(1, 2, profile[:99])), false},
		"ICC, 2 of 2":                {inJPEG(icc(2, 2, profile[99:])), false},
		"ICC, 1 twice":               {inJPEG(icc(1, 2, profile[:99]), icc(1, 2, profile[:99])), false},
		"ICC, 0 of 1":                {inJPEG(icc(0, 1, profile)), false},
		"ICC, cut":                   {inJPEG(icc(1, 1, profile[:255])), false},
		"ICC, empty":                 {inJPEG(icc(1, 1, "")), false},
		"ICC, none":                  {inJPEG(icc(1, 1, strings.ReplaceAll(profile, "acsp", "ACSP"))), false},
		"PNG, EXIF":                  {slices.Insert(bytes.Clone(png), 33, pngChunk("eXIf", tiff)...), true},
		"PNG, EXIF cut":              {slices.Insert(bytes.Clone(png), 33, pngChunk("eXIf", tiff[:15])...), false},
		"PNG, profile not deflated":  {slices.Insert(bytes.Clone(png), 33, pngChunk("iCCP", "a\x00\x00"+profile)...), false},
	} {
		res, err := validate.Bytes(context.Background(), c.b, validate.Options{})
		require.NoError(t, err, name)
		if c.ok {
			require.Empty(t, res.Warnings, name)
			continue
		}
		require.Len(t, res.Warnings, 1, name)
		require.Equal(t, validate.BadMetadata, res.Warnings[0].Reason, name)
	}
}

// A file that is too large says so, and by how much.
func TestTooManyPixelsIsSaid(t *testing.T) {
	b := encodePNG(t, image.NewGray(image.Rect(0, 0, 2000, 1001)))
	_, err := validate.Bytes(context.Background(), b, validate.Options{MaxPixels: 2_000_000})
	var refusal *validate.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, validate.TooManyPixels, refusal.Reason)
	require.EqualValues(t, 2_000_000, refusal.Limit)
	require.EqualValues(t, 2_002_000, refusal.Got)
	require.Contains(t, refusal.Advice(), "2,000,000")
	// 200 megapixels, as phones make them, are within the default.
	require.Less(t, int64(16320)*12240, int64(validate.DefaultMaxPixels))
}
