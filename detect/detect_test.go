package detect_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gabriel-vasile/mimetype"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
)

// sample is a head with its format and its description.
type sample struct {
	name string
	head []byte
	want detect.Format
	mime string
}

func samples() []sample {
	return append(append(plainSamples(), bmpSamples()...), heifSamples()...)
}

func plainSamples() []sample {
	pad := strings.Repeat("\x00", 64)
	chunk := func(kind, data string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(data)))) + kind + data + "\xde\xad\xbe\xef"
	}
	png := "\x89PNG\r\n\x1a\n" + chunk("IHDR", "\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00")
	return []sample{
		{"empty", nil, detect.Unknown, "application/octet-stream"},
		{"png", []byte(png), detect.PNG, "image/png"},
		{"png signature alone", []byte(png[:8]), detect.PNG, "image/png"},
		{"png signature cut", []byte(png[:7]), detect.Unknown, "application/octet-stream"},
		{"apng", []byte(png + chunk("acTL", "\x00\x00\x00\x01\x00\x00\x00\x00")), detect.PNG, "image/png"},
		{"mng", []byte("\x8aMNG\r\n\x1a\n" + pad), detect.Unknown, "application/octet-stream"},
		{"png signature with LF only", []byte("\x89PNG\n\x1a\n" + pad), detect.Unknown, "application/octet-stream"},
		{"jpeg jfif", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), detect.JPEG, "image/jpeg"},
		{"jpeg exif", []byte("\xff\xd8\xff\xe1\x00\x10Exif"), detect.JPEG, "image/jpeg"},
		{"jpeg bare", []byte("\xff\xd8\xff"), detect.JPEG, "image/jpeg"},
		{"jpeg SOI alone", []byte("\xff\xd8"), detect.Unknown, "text/plain"},
		{"jpeg without a marker", []byte("\xff\xd8\x00\xe0" + pad), detect.Unknown, "application/octet-stream"},
		{"jpeg xl", []byte("\xff\x0a" + pad), detect.Unknown, "image/jxl"},
		{"jpeg 2000", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 " + pad), detect.Unknown, "image/jp2"},
		{"webp lossy", []byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"), detect.WebP, "image/webp"},
		{"webp lossless", []byte("RIFF\x24\x00\x00\x00WEBPVP8L\x18\x00\x00\x00"), detect.WebP, "image/webp"},
		{"webp extended", []byte("RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00"), detect.WebP, "image/webp"},
		{"webp cut before the chunk", []byte("RIFF\x24\x00\x00\x00WEBPVP8"), detect.Unknown, "application/octet-stream"},
		{"webp of an unknown chunk", []byte("RIFF\x24\x00\x00\x00WEBPALPH\x18\x00\x00\x00"), detect.Unknown, "application/octet-stream"},
		{"wav", []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), detect.Unknown, "audio/wav"},
		{"avi", []byte("RIFF\x24\x00\x00\x00AVI LIST\x10\x00\x00\x00"), detect.Unknown, "video/x-msvideo"},
		{"rifx", []byte("RIFX\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"), detect.Unknown, "application/octet-stream"},
		{"gif", []byte("GIF89a\x01\x00\x01\x00" + pad), detect.Unknown, "image/gif"},
		{"tiff", []byte("II*\x00\x08\x00\x00\x00" + pad), detect.Unknown, "image/tiff"},
		{"tiff big-endian", []byte("MM\x00*\x00\x00\x00\x08" + pad), detect.Unknown, "image/tiff"},
		{"pdf", []byte("%PDF-1.7\n"), detect.Unknown, "application/pdf"},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), detect.Unknown, "image/svg+xml"},
		{"svg with a prolog", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), detect.Unknown, "image/svg+xml"},
		{"html", []byte("<!DOCTYPE html><title>x</title>"), detect.Unknown, "text/html"},
		{"text", []byte("hello"), detect.Unknown, "text/plain"},
		{"zip", []byte("PK\x05\x06" + pad), detect.Unknown, "application/zip"},
		{"elf", []byte("\x7fELF\x02\x01\x01" + pad), detect.Unknown, "application/x-elf"},
		{"ico", []byte("\x00\x00\x01\x00\x01\x00" + pad), detect.Unknown, "image/x-icon"},
		{"psd", []byte("8BPS\x00\x01" + pad), detect.Unknown, "image/vnd.adobe.photoshop"},
		{"png behind a byte order mark", []byte("\xef\xbb\xbf" + png), detect.Unknown, "text/plain"},
	}
}

// bmp is the start of a bitmap whose information header has the given size.
func bmp(size uint32) []byte {
	b := append([]byte("BM"), make([]byte, 12+124)...)
	binary.LittleEndian.PutUint32(b[14:], size)
	return b
}

func bmpSamples() []sample {
	const none = "application/octet-stream"
	return []sample{
		{"bmp os/2 1", bmp(12), detect.BMP, "image/bmp"},
		{"bmp os/2 2 shortest", bmp(16), detect.BMP, "image/bmp"},
		{"bmp os/2 2 cut at 42", bmp(42), detect.BMP, "image/bmp"},
		{"bmp os/2 2 cut at 46", bmp(46), detect.BMP, "image/bmp"},
		{"bmp os/2 2 cut at 48", bmp(48), detect.BMP, "image/bmp"},
		{"bmp os/2 2 whole", bmp(64), detect.BMP, "image/bmp"},
		{"bmp v3", bmp(40), detect.BMP, "image/bmp"},
		{"bmp v2 of adobe", bmp(52), detect.BMP, "image/bmp"},
		{"bmp v3 of adobe", bmp(56), detect.BMP, "image/bmp"},
		{"bmp v4", bmp(108), detect.BMP, "image/bmp"},
		{"bmp v5", bmp(124), detect.BMP, "image/bmp"},
		{"bmp up to the size", bmp(40)[:18], detect.BMP, "image/bmp"},
		{"bmp cut in the size", bmp(40)[:17], detect.Unknown, none},
		{"bmp size 0", bmp(0), detect.Unknown, none},
		{"bmp size 13", bmp(13), detect.Unknown, none},
		{"bmp size 41", bmp(41), detect.Unknown, none},
		{"bmp size 65", bmp(65), detect.Unknown, none},
		{"bmp size 68", bmp(68), detect.Unknown, none},
		{"bmp size 125", bmp(125), detect.Unknown, none},
		{"bmp size past a byte", bmp(40 + 256), detect.Unknown, none},
		{"text that starts with BM", []byte("BMW is a maker of cars and motorcycles."), detect.Unknown, "text/plain"},
		{"bitmap array of os/2", append([]byte("BA"), bmp(12)[2:]...), detect.Unknown, none},
	}
}

func TestDetect(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			require.Equal(t, s.want, detect.Detect(s.head))
			require.Equal(t, s.mime, detect.Describe(s.head))
			// Bytes after the head change nothing.
			if len(s.head) >= detect.HeadSize {
				long := append(bytes.Clone(s.head[:detect.HeadSize]), "\xff\xd8\xff RIFF BM ftypheic"...)
				require.Equal(t, s.want, detect.Detect(long))
			}
		})
	}
}

func TestFormat(t *testing.T) {
	all := []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP}
	seen := map[string]bool{}
	for _, f := range all {
		require.Equal(t, "image/"+string(f), f.MIME())
		require.NotNil(t, mimetype.Lookup(f.MIME()), "a registered type")
		require.NotEmpty(t, f.Extensions())
		for _, ext := range f.Extensions() {
			require.Equal(t, strings.ToLower(ext), ext)
			require.NotContains(t, ext, ".")
			require.False(t, seen[ext], "%s belongs to two formats", ext)
			seen[ext] = true
		}
		f.Extensions()[0] = "changed" // the caller owns the slice
		require.NotEqual(t, "changed", f.Extensions()[0])
	}
	require.Empty(t, detect.Unknown.MIME())
	require.Nil(t, detect.Unknown.Extensions())
	require.Empty(t, detect.Format("gif").MIME())
}

// TestDetectNeedsNoGlobalState: mimetype's read limit belongs to the whole program. A service
// that lowers it must get the same verdicts.
func TestDetectNeedsNoGlobalState(t *testing.T) {
	t.Cleanup(func() { mimetype.SetLimit(4096) })
	for _, limit := range []uint32{1, 8, 0} {
		mimetype.SetLimit(limit)
		for _, s := range samples() {
			require.Equal(t, s.want, detect.Detect(s.head), "%s, limit %d", s.name, limit)
		}
	}
}

// TestDetectRealFiles runs detection on the files of Go's own decoders and of the HEIC decoder,
// whose format their extension names.
func TestDetectRealFiles(t *testing.T) {
	byExt := map[string]detect.Format{}
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		for _, ext := range f.Extensions() {
			byExt["."+ext] = f
		}
	}
	count := map[detect.Format]int{}
	for _, name := range realFiles(t) {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		want, known := byExt[strings.ToLower(filepath.Ext(name))]
		if !known {
			continue
		}
		require.Equal(t, want, detect.Detect(b), name)
		require.Equal(t, want, detect.Detect(b[:min(len(b), detect.HeadSize)]), name)
		require.Equal(t, want.MIME(), detect.Describe(b), name)
		count[want]++
	}
	for _, f := range byExt {
		require.Positive(t, count[f], "no real file of format %s was found", f)
	}
}

// realFiles lists the pictures of GOROOT, of the modules we use and of our own
// testdata, with those of formats that we do not take.
func realFiles(t testing.TB) []string {
	t.Helper()
	var dirs []string
	for _, args := range [][]string{
		{"env", "GOROOT"},
		{"list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"},
		{"list", "-m", "-f", "{{.Dir}}", "github.com/jdeng/goheif"},
	} {
		out, err := exec.Command("go", args...).Output()
		require.NoError(t, err, "go %v", args)
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	var names []string
	for _, pattern := range []string{
		dirs[0] + "/src/image/testdata/*", dirs[0] + "/src/image/png/testdata/pngsuite/*",
		dirs[1] + "/testdata/*", dirs[2] + "/testdata/*", dirs[2] + "/heif/testdata/*.heic",
		"../testdata/good/*/*", "../testdata/good/*",
	} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range found {
			if fi, err := os.Stat(name); err == nil && fi.Mode().IsRegular() {
				names = append(names, name)
			}
		}
	}
	return names
}
