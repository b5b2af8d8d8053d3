package bmp_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/bmp/bmptest"
)

var limits = verify.Limits{MaxPixels: 100_000_000}

// files returns the BMPs under testdata.
func files(t testing.TB) map[string][]byte {
	names, err := filepath.Glob("../../../testdata/*/bmp/*.bmp")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(names), 40)
	out := map[string][]byte{}
	for _, name := range names {
		out[filepath.Base(name)], err = os.ReadFile(name)
		require.NoError(t, err)
	}
	return out
}

// good returns the file of the variant whose name begins with name.
func good(t testing.TB, name string) []byte {
	for _, v := range bmptest.Variants() {
		if strings.HasPrefix(v.Name, name+" ") {
			return v.File.Bytes()
		}
	}
	t.Fatalf("no variant %s", name)
	return nil
}

func fault(t testing.TB, err error, name string) *verify.Fault {
	t.Helper()
	var f *verify.Fault
	require.ErrorAs(t, err, &f, name)
	return f
}

// edit states the old bytes at an offset, and the new ones.
type edit struct {
	at       int
	old, new string
}

func (e edit) apply(t testing.TB, b []byte, name string) []byte {
	t.Helper()
	require.Equal(t, e.old, string(b[e.at:e.at+len(e.old)]), name)
	require.Equal(t, len(e.old), len(e.new), name)
	return slices.Concat(b[:e.at], []byte(e.new), b[e.at+len(e.old):])
}

func TestGoodFilesAreAccepted(t *testing.T) {
	for name, b := range files(t) {
		info, err := bmp.Verify(b, limits)
		require.NoError(t, err, name)
		require.Empty(t, info.Warnings, name)
		require.Equal(t, 1, info.Frames, name)
	}
	for _, v := range bmptest.Variants() {
		info, err := bmp.Verify(v.File.Bytes(), limits)
		require.NoError(t, err, v.Name)
		require.Empty(t, info.Warnings, v.Name)
		require.Equal(t, v.File.Width, info.Width, v.Name)
		require.Equal(t, v.File.Height, info.Height, v.Name)
	}
}

// TestPrefixes cuts every good file at every byte. Only the zeros that Photoshop puts after the
// pixels may be missing.
func TestPrefixes(t *testing.T) {
	all := files(t)
	for _, v := range bmptest.Variants() {
		all[v.Name] = v.File.Bytes()
	}
	padded := map[string]int{"bmp_4bpp.bmp": 2, "bmp_8bpp.bmp": 2}
	for name, b := range all {
		for n := range b {
			info, err := bmp.Verify(b[:n], limits)
			if n >= len(b)-padded[name] {
				require.NoError(t, err, name)
				require.Equal(t, verify.SizeDisagrees, info.Warnings[0].Reason)
				continue
			}
			var f *verify.Fault // no testify here: it would take most of the time
			if !errors.As(err, &f) || f.Reason != verify.Truncated || f.Offset != int64(n) {
				t.Fatalf("%s cut to %d: %v", name, n, err)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name, file string
		edit       edit
		reason     verify.Reason
		offset     int64
	}{
		{"signature", "info-24", edit{0, "BM", "BA"}, verify.Malformed, 0},
		{"pixels before the end of the header", "info-24", edit{10, "\x36", "\x35"}, verify.Malformed, 10},
		{"pixels at 0", "info-24", edit{10, "\x36", "\x00"}, verify.Malformed, 10},
		{"pixels past the end", "info-24", edit{12, "\x00", "\x01"}, verify.Truncated, -1},
		{"pixels one byte late", "info-24", edit{10, "\x36", "\x37"}, verify.Truncated, -1},
		{"header of 11 bytes", "os2v1-24", edit{14, "\x0c", "\x0b"}, verify.Unsupported, 14},
		{"header of 41 bytes", "info-24", edit{14, "\x28", "\x29"}, verify.Unsupported, 14},
		{"header of 125 bytes", "v5-24", edit{14, "\x7c", "\x7d"}, verify.Unsupported, 14},
		{"header past the end", "info-24", edit{14, "\x28\x00", "\x28\x01"}, verify.Unsupported, 14},
		{"zero width", "info-4", edit{18, "\x14\x00", "\x00\x00"}, verify.Malformed, 18},
		{"zero height", "info-4", edit{22, "\x09", "\x00"}, verify.Malformed, 18},
		{"zero width of OS/2", "os2v1-1", edit{18, "\x12", "\x00"}, verify.Malformed, 18},
		{"negative width", "info-4", edit{18, "\x14\x00\x00\x00", "\xec\xff\xff\xff"}, verify.Malformed, 18},
		{"height of INT32_MIN", "info-1 1x1", edit{22, "\x01\x00\x00\x00", "\x00\x00\x00\x80"}, verify.TooManyPixels, 18},
		{"too wide for browsers", "info-1 65535x1", edit{18, "\xff\xff\x00", "\x00\x00\x01"}, verify.Unsupported, 18},
		{"too high for browsers", "info-1 1x65535", edit{22, "\xff\xff\x00", "\x00\x00\x01"}, verify.Unsupported, 18},
		{"top-down in OS/2", "os2v2-16-24", edit{22, "\x09\x00\x00\x00", "\xf7\xff\xff\xff"}, verify.Malformed, 22},
		{"no bits", "info-24", edit{28, "\x18", "\x00"}, verify.Malformed, 30},
		{"3 bits", "info-24", edit{28, "\x18", "\x03"}, verify.Malformed, 28},
		{"64 bits", "info-24", edit{28, "\x18", "\x40"}, verify.Unsupported, 28},
		{"16 bits in OS/2 v1", "os2v1-24", edit{24, "\x18", "\x10"}, verify.Unsupported, 24},
		{"32 bits in OS/2 v2", "os2v2-64-24", edit{28, "\x18", "\x20"}, verify.Unsupported, 28},
		{"RLE8 of 4 bits", "info-4", edit{30, "\x00", "\x01"}, verify.Malformed, 30},
		{"RLE4 of 8 bits", "info-8", edit{30, "\x00", "\x02"}, verify.Malformed, 30},
		{"fields of 24 bits", "info-24", edit{30, "\x00", "\x03"}, verify.Malformed, 30},
		{"Huffman", "info-1 1x1", edit{30, "\x00", "\x03"}, verify.Unsupported, 30},
		{"RLE24", "os2v2-64-24", edit{30, "\x00", "\x04"}, verify.Unsupported, 30},
		{"JPEG", "v5-8", edit{30, "\x00", "\x04"}, verify.Unsupported, 30},
		{"PNG", "v5-8", edit{30, "\x00", "\x05"}, verify.Unsupported, 30},
		{"CMYK", "v5-32", edit{30, "\x00", "\x0b"}, verify.Unsupported, 30},
		{"unknown compression", "info-8", edit{30, "\x00", "\x07"}, verify.Malformed, 30},
		{"palette over the pixels", "info-8-gap", edit{46, "\x4d", "\x52"}, verify.Malformed, 10},
		{"full palette over the pixels", "info-8-gap", edit{46, "\x4d", "\x00"}, verify.Malformed, 10},
		{"masks overlap", "info-16-fields-f00-f0-f-f000", edit{58, "\xf0\x00", "\xf0\x01"}, verify.Malformed, 58},
		{"mask with a hole", "v4-16-fields-f00-f0-f-f000", edit{62, "\x0f", "\x0d"}, verify.Malformed, 62},
		{"alpha mask overlaps", "v4-32", edit{66, "\x00\x00\x00\x00", "\x00\x00\x01\x00"}, verify.Malformed, 66},
		{"mask of bits that are not there", "info-16-fields-f00-f0-f-f000", edit{56, "\x00\x00", "\x01\x00"}, verify.Malformed, 54},
		{"alpha mask of bits that are not there", "v4-16-fields-f00-f0-f-f000", edit{68, "\x00\x00", "\x00\xff"}, verify.Malformed, 66},
		{"mask with a hole above the bits", "v4-16-fields-f00-f0-f-f000", edit{64, "\x00\x00", "\x00\x80"}, verify.Malformed, 62},
		{"masks over the pixels", "info-16-fields-f00-f0-f-f000", edit{10, "\x42", "\x36"}, verify.Malformed, 10},
		{"profile past the end", "v5-24-profile", edit{130, "\x84", "\x85"}, verify.Truncated, -1},
		{"profile far past the end", "v5-24-profile", edit{126, "\x44\x01\x00\x00", "\xff\xff\xff\xff"}, verify.Truncated, -1},
		{"profile too short", "v5-24-profile", edit{130, "\x84", "\x10"}, verify.Malformed, 0x144 + 14},
		{"no profile in it", "v5-24-profile", edit{14 + 0x144 + 36, "acsp", "acsq"}, verify.Malformed, 0x144 + 14},
		{"profile larger than its room", "v5-24-profile", edit{14 + 0x144 + 3, "\x84", "\x85"}, verify.Malformed, 0x144 + 14},
	} {
		var b []byte
		if strings.HasPrefix(c.file, "info-1 ") {
			for _, v := range bmptest.Variants() {
				if v.Name == c.file {
					b = v.File.Bytes()
				}
			}
		} else {
			b = good(t, c.file)
		}
		b = c.edit.apply(t, b, c.name)
		_, err := bmp.Verify(b, limits)
		f := fault(t, err, c.name)
		require.Equal(t, c.reason, f.Reason, "%s: %v", c.name, err)
		if c.offset < 0 {
			c.offset = int64(len(b))
		}
		require.Equal(t, c.offset, f.Offset, "%s: %v", c.name, err)
	}
}

func TestPixelLimit(t *testing.T) {
	f := bmptest.File{HeaderSize: 40, Width: 20, Height: 10, Bits: 24}
	f.Direct([4]uint32{0xff0000, 0xff00, 0xff}, false)
	b := f.Bytes()
	for limit, ok := range map[int64]bool{199: false, 200: true, 201: true} {
		info, err := bmp.Verify(b, verify.Limits{MaxPixels: limit})
		require.Equal(t, 20, info.Width)
		require.Equal(t, 10, info.Height)
		if ok {
			require.NoError(t, err)
			continue
		}
		got := fault(t, err, "limit")
		require.Equal(t, verify.TooManyPixels, got.Reason)
		require.EqualValues(t, 199, got.Limit)
		require.EqualValues(t, 200, got.Got)
	}
}

func TestWarnings(t *testing.T) {
	u32 := func(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }
	info24 := good(t, "info-24")
	size := len(info24)
	check := func(name string, b []byte, want ...verify.Warning) {
		t.Helper()
		info, err := bmp.Verify(b, limits)
		require.NoError(t, err, name)
		for i := range info.Warnings {
			info.Warnings[i].Text = ""
		}
		require.Equal(t, want, info.Warnings, name)
	}
	warn := func(r verify.Reason, at int) verify.Warning { return verify.Warning{Reason: r, Offset: int64(at)} }

	check("bfSize too small", edit{2, u32(size), u32(size - 1)}.apply(t, info24, ""), warn(verify.SizeDisagrees, 2))
	check("bfSize too large", edit{2, u32(size), u32(1 << 30)}.apply(t, info24, ""), warn(verify.SizeDisagrees, 2))
	check("biSizeImage of 0 is no lie", edit{34, u32(size - 54), u32(0)}.apply(t, info24, ""))
	check("biSizeImage", edit{34, u32(size - 54), u32(1)}.apply(t, info24, ""), warn(verify.SizeDisagrees, 34))
	check("planes", edit{26, "\x01", "\x00"}.apply(t, info24, ""), warn(verify.ReservedValue, 26))
	check("trailing byte", append(slices.Clone(info24), 0), warn(verify.SizeDisagrees, 2), warn(verify.TrailingData, size))
	counted := edit{2, u32(size), u32(size + 3)}.apply(t, append(slices.Clone(info24), 0, 0, 0), "")
	check("padding that is counted", counted)
	counted[size] = 1
	check("trailing bytes that are counted", counted, warn(verify.TrailingData, size))
	check("palette too large", edit{46, u32(0), u32(300)}.apply(t, good(t, "v4-8"), ""), warn(verify.SizeDisagrees, 46))
	check("no masks", edit{54, "\x00\xf8\x00\x00\xe0\x07\x00\x00\x1f", "\x00\x00\x00\x00\x00\x00\x00\x00\x00"}.apply(t, good(t, "info-16-fields-f800-7e0-1f-0"), ""), warn(verify.ReservedValue, 54))
	os2 := good(t, "os2v1-8")
	check("bfSize as OS/2 has it", edit{2, u32(len(os2)), u32(26)}.apply(t, os2, ""))
	profile := good(t, "v5-24-profile")
	check("trailing byte behind a profile", append(slices.Clone(profile), 7), warn(verify.SizeDisagrees, 2), warn(verify.TrailingData, len(profile)))
}

func TestErrorsAreFaults(t *testing.T) {
	for _, b := range [][]byte{nil, {}, []byte("B"), []byte("BM"), make([]byte, 200)} {
		_, err := bmp.Verify(b, limits)
		var f *verify.Fault
		require.True(t, errors.As(err, &f))
	}
}

func TestNoAllocations(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	for _, name := range []string{"info-24", "info-rle8", "v5-24-profile", "v4-16-fields-f00-f0-f-f000"} {
		b := good(t, name)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if _, err := bmp.Verify(b, limits); err != nil {
				t.Fatal(err)
			}
		}), name)
	}
}
