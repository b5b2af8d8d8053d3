package web_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/validate"
)

// shown is a line of previews.mjs: a preview, or why there is none.
type shown struct {
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	ColorSpace string `json:"colorSpace"`
	SHA256     string `json:"sha256"` // of the pixels
	Reason     string `json:"reason"` // of a NoPreview
	Error      string `json:"error"`  // of any other error
}

// previewJob is one call of preview, in the list that previews.mjs reads.
type previewJob struct {
	File    string `json:"file"`
	Options struct {
		MaxSide int `json:"maxSide"`
	} `json:"options"`
	name string
	want shown
}

// testPreviews: what the browser shows of a HEIC are the samples of heic.DecodeReduced,
// for every HEIC of testdata and of package fuzz: grids, turned ones, of 10 bits, without
// colour, overlays. Of what was refused, and of other formats, it shows nothing.
func testPreviews(t *testing.T, dist string) {
	folder := t.TempDir()
	var jobs []previewJob
	add := func(name string, b []byte, sides ...int) {
		file := filepath.Join(folder, fmt.Sprint(len(jobs)))
		require.NoError(t, os.WriteFile(file, b, 0o600))
		for _, side := range sides {
			j := previewJob{File: file, name: fmt.Sprintf("%s at %d", name, side), want: nativePreview(t, b, side)}
			j.Options.MaxSide = side
			jobs = append(jobs, j)
		}
	}
	files, err := filepath.Glob("../testdata/good/heic/*")
	require.NoError(t, err)
	require.Greater(t, len(files), 30)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		res, err := validate.Bytes(t.Context(), b, validate.Options{})
		require.NoError(t, err)
		side := max(res.Shown())
		add(file, b, 4096, side, side-1, (side+1)/2, side/3, side/7, side/13+1, 5, 1)
		add(file+", cut", b[:len(b)-1], 100)
	}
	for c := range fuzz.Cases() {
		if c.Format == detect.HEIC || c.Name == "png/rgb8" {
			add(c.Name, c.Data, 640)
		}
	}
	for _, name := range []string{"png/magick-rgb8.png", "jpeg/video-001.jpeg", "bmp/go-24.bmp", "webp/yellow_rose.lossy.webp"} {
		b, err := os.ReadFile(filepath.Join("../testdata/good", name))
		require.NoError(t, err)
		add(name, b, 640)
	}

	add("overlay of 24 million pixels", overlayOf(t, 4000, 6000), 1280)
	add("overlay of over 50 million pixels", overlayOf(t, 5000, 10_001), 1280)

	list, err := json.Marshal(jobs)
	require.NoError(t, err)
	listFile := filepath.Join(folder, "list.json")
	require.NoError(t, os.WriteFile(listFile, list, 0o600))
	out := bufio.NewScanner(bytes.NewReader(runNode(t, dist, "test/previews.mjs", listFile)))
	got := map[string]int{}
	for _, j := range jobs {
		require.True(t, out.Scan(), "a line for each call")
		var s shown
		require.NoError(t, json.Unmarshal(out.Bytes(), &s), "%s", out.Bytes())
		require.Equal(t, j.want, s, j.name)
		got[s.Reason+s.ColorSpace]++
	}
	require.Greater(t, got["srgb"], 300)
	require.Greater(t, got["refused"], 50)
	require.GreaterOrEqual(t, got["format"], 4)
	require.GreaterOrEqual(t, got["too_many_pixels"], 2)
	t.Logf("%d calls: %v", len(jobs), got)
}

// overlayOf is an overlay on a canvas of that size, of which only the corner is covered.
func overlayOf(t *testing.T, width, height int) []byte {
	b, err := os.ReadFile("../testdata/good/heic/overlay.heic")
	require.NoError(t, err)
	for _, edit := range [][2]string{
		{"\x00\x00\x00\xc8\x00\x00\x00\x96", fmt.Sprintf("\x00\x00%s\x00\x00%s", be16(width), be16(height))}, // ispe
		{"\xff\xff\x00\xc8\x00\x96", "\xff\xff" + be16(width) + be16(height)},                                // iovl
	} {
		require.Equal(t, 1, bytes.Count(b, []byte(edit[0])))
		b = bytes.Replace(b, []byte(edit[0]), []byte(edit[1]), 1)
	}
	return b
}

func be16(n int) string { return string([]byte{byte(n >> 8), byte(n)}) }

// nativePreview is what index.d.ts promises, made of what the library decodes here.
func nativePreview(t *testing.T, b []byte, maxSide int) shown {
	res, err := validate.Bytes(t.Context(), b, validate.Options{})
	switch {
	case err != nil:
		return shown{Reason: "refused"}
	case res.Format != detect.HEIC:
		return shown{Reason: "format"}
	}
	// The layers of an overlay count together.
	if _, err := heic.Verify(b, heic.Limits{MaxPixels: 50_000_000}); err != nil {
		return shown{Reason: "too_many_pixels"}
	}
	longest, scale := max(res.Shown()), 8
	for _, s := range []int{4, 2, 1} {
		if (longest+s-1)/s <= maxSide {
			scale = s
		}
	}
	img, err := heic.DecodeReduced(t.Context(), b, heic.Limits{}, scale)
	require.NoError(t, err)
	size := img.Bounds().Size()
	n := (max(size.X, size.Y) + maxSide - 1) / maxSide
	s := shown{Width: (size.X + n - 1) / n, Height: (size.Y + n - 1) / n, ColorSpace: "srgb"}
	if res.Facts.Profile == validate.ProfileP3 {
		s.ColorSpace = "display-p3"
	}
	require.LessOrEqual(t, max(s.Width, s.Height), maxSide)
	sum := sha256.New()
	for y := range s.Height {
		for x := range s.Width {
			sum.Write(meanPixel(img, image.Rect(x*n, y*n, (x+1)*n, (y+1)*n)))
		}
	}
	s.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return s
}

// meanPixel is the mean of a square of pixels, the colours weighted with their alpha.
func meanPixel(img image.Image, square image.Rectangle) []byte {
	square = square.Intersect(img.Bounds())
	var sum [4]int
	for y := square.Min.Y; y < square.Max.Y; y++ {
		for x := square.Min.X; x < square.Max.X; x++ {
			p := color.NRGBA{A: 255}
			if m, ok := img.(*image.YCbCr); ok {
				c := m.YCbCrAt(x, y)
				p.R, p.G, p.B = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			} else {
				p = img.(*image.NRGBA).NRGBAAt(x, y)
			}
			a := int(p.A)
			sum[0], sum[1], sum[2], sum[3] = sum[0]+a*int(p.R), sum[1]+a*int(p.G), sum[2]+a*int(p.B), sum[3]+a
		}
	}
	a, pixels := sum[3], square.Dx()*square.Dy()
	if a == 0 {
		return make([]byte, 4)
	}
	return []byte{byte((sum[0] + a/2) / a), byte((sum[1] + a/2) / a), byte((sum[2] + a/2) / a), byte((a + pixels/2) / pixels)}
}
