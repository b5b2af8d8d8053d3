package jpeg_test

import (
	"bytes"
	"context"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/jpeg"
)

// file is a good JPEG file.
type file struct {
	name string
	data []byte
}

// truncatedByIntent is the one file of GOROOT that is not whole.
const truncatedByIntent = "video-001.progressive.truncated.jpeg"

// goodFiles returns the whole JPEG files of the Go project and of our testdata, those
// that image/jpeg cannot decode among them.
func goodFiles(t testing.TB) []file {
	t.Helper()
	var files []file
	patterns := []string{"../../../testdata/good/jpeg/*.jp*g", "../../../testdata/variants/jpeg/*.jpg"}
	if runtime.GOOS != "js" {
		out, err := exec.Command("go", "env", "GOROOT").Output()
		require.NoError(t, err)
		patterns = append(patterns, filepath.Join(strings.TrimSpace(string(out)), "src/image/testdata/*.jpeg"))
	}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, names, pattern)
		for _, name := range names {
			if filepath.Base(name) == truncatedByIntent {
				continue
			}
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			files = append(files, file{filepath.Base(name), data})
		}
	}
	require.GreaterOrEqual(t, len(files), 60)
	return files
}

// tool returns where a program of libjpeg-turbo is, or skips the test.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s of Debian's libjpeg-turbo-progs is not there: nothing was tested", name)
	}
	return path
}

// run returns what a program makes of in.
func run(t testing.TB, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(in)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s %v: %s", name, args, stderr.String())
	return out
}

func decode(t testing.TB, name string, data []byte, scale int) image.Image {
	t.Helper()
	img, err := jpeg.Decode(context.Background(), data, scale)
	require.NoError(t, err, "%s at 1/%d", name, scale)
	return img
}

// planesOf returns the components of a decoded picture, and their sizes.
func planesOf(t testing.TB, img image.Image) (planes [][]byte, sizes []image.Point) {
	t.Helper()
	add := func(pix []byte, stride, step int, size image.Point) {
		p := make([]byte, 0, size.X*size.Y)
		for y := range size.Y {
			for x := range size.X {
				p = append(p, pix[y*stride+x*step])
			}
		}
		planes, sizes = append(planes, p), append(sizes, size)
	}
	size := img.Bounds().Size()
	require.Equal(t, image.Point{}, img.Bounds().Min)
	switch p := img.(type) {
	case *image.Gray:
		add(p.Pix, p.Stride, 1, size)
	case *image.YCbCr:
		add(p.Y, p.YStride, 1, size)
		x, y := 1, 1
		switch p.SubsampleRatio {
		case image.YCbCrSubsampleRatio422:
			x = 2
		case image.YCbCrSubsampleRatio440:
			y = 2
		case image.YCbCrSubsampleRatio420:
			x, y = 2, 2
		case image.YCbCrSubsampleRatio411:
			x = 4
		case image.YCbCrSubsampleRatio410:
			x, y = 4, 2
		}
		chroma := image.Pt((size.X+x-1)/x, (size.Y+y-1)/y)
		add(p.Cb, p.CStride, 1, chroma)
		add(p.Cr, p.CStride, 1, chroma)
	case *image.RGBA:
		for c := range 3 {
			add(p.Pix[c:], p.Stride, 4, size)
		}
	case *image.CMYK:
		for c := range 4 {
			add(p.Pix[c:], p.Stride, 4, size)
		}
	default:
		t.Fatalf("a picture of type %T", img)
	}
	return planes, sizes
}

// difference returns the mean and the largest difference of two planes.
func difference(a, b []byte) (mean float64, largest int) {
	sum := 0
	for i := range a {
		d := max(int(a[i]), int(b[i])) - min(int(a[i]), int(b[i]))
		sum += d
		largest = max(largest, d)
	}
	return float64(sum) / float64(max(1, len(a))), largest
}
