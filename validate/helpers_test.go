package validate_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

const testdata = "../testdata/"

// allGood returns every good file by its path below testdata/good.
func allGood(t testing.TB) map[string][]byte {
	files := folder(t, testdata+"good")
	require.Greater(t, len(files), 60, "testdata/good is there")
	return files
}

// folder returns the files below dir by their path there.
func folder(t testing.TB, dir string) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = b
		return err
	})
	require.NoError(t, err)
	return files
}

// good returns the smallest good file of a format.
func good(t testing.TB, f detect.Format) []byte {
	var smallest []byte
	for _, b := range allGood(t) {
		if detect.Detect(b) == f && (smallest == nil || len(b) < len(smallest)) {
			smallest = b
		}
	}
	require.NotNil(t, smallest, f)
	return smallest
}

// padded returns b followed by zeros, n bytes in all.
func padded(b []byte, n int) []byte {
	return append(bytes.Clone(b), make([]byte, n-len(b))...)
}

// bmp returns a 24-bit BMP whose pixels are all black.
func bmp(width, height int) []byte {
	stride := (width*3 + 3) &^ 3
	b := make([]byte, 54+stride*height)
	copy(b, "BM")
	le := binary.LittleEndian
	le.PutUint32(b[2:], uint32(len(b)))
	le.PutUint32(b[10:], 54)
	le.PutUint32(b[14:], 40)
	le.PutUint32(b[18:], uint32(width))
	le.PutUint32(b[22:], uint32(height))
	le.PutUint16(b[26:], 1)
	le.PutUint16(b[28:], 24)
	return b
}

// encodePNG and encodeJPEG encode a picture.
func encodePNG(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

// quadrants returns a picture whose four corners differ: red, green, blue and
// white, clockwise from the top left.
func quadrants(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			switch {
			case x >= w/2 && y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x >= w/2:
				c = color.RGBA{0, 0, 255, 255}
			case y >= h/2:
				c = color.RGBA{255, 255, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// way is one of the ways to have a file judged.
type way func(ctx context.Context, opts validate.Options) (*validate.Result, error)

// ways returns every way to have b judged: they must agree.
func ways(t testing.TB, b []byte) map[string]way {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	from := func(r func() io.Reader) way {
		return func(ctx context.Context, opts validate.Options) (*validate.Result, error) {
			return validate.Validate(ctx, r(), opts)
		}
	}
	return map[string]way{
		"bytes": func(ctx context.Context, opts validate.Options) (*validate.Result, error) {
			return validate.Bytes(ctx, b, opts)
		},
		"file": func(ctx context.Context, opts validate.Options) (*validate.Result, error) {
			return validate.File(ctx, name, opts)
		},
		"reader":      from(func() io.Reader { return bytes.NewReader(b) }),
		"blind":       from(func() io.Reader { return struct{ io.Reader }{bytes.NewReader(b)} }),
		"one byte":    from(func() io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) }),
		"half":        from(func() io.Reader { return iotest.HalfReader(bytes.NewReader(b)) }),
		"data, error": from(func() io.Reader { return iotest.DataErrReader(bytes.NewReader(b)) }),
	}
}

// requireRefusal fails unless err is a refusal of that code and, if given, one
// of the reasons.
func requireRefusal(t testing.TB, err error, code validate.Code, what string, reasons ...validate.Reason) *validate.Error {
	var refusal *validate.Error
	require.ErrorAs(t, err, &refusal, what)
	require.Equal(t, code, refusal.Code, "%s: %v", what, err)
	if len(reasons) > 0 {
		require.Contains(t, reasons, refusal.Reason, "%s: %v", what, err)
	}
	return refusal
}

// requireOperational fails if err is nil or a refusal.
func requireOperational(t testing.TB, err error, what string) {
	require.Error(t, err, what)
	var refusal *validate.Error
	require.False(t, errors.As(err, &refusal), "%s: %v must not be a verdict", what, err)
}
