package thumb

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// scene is a picture whose rows tell where they are: red grows from top to bottom.
func scene() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 320, 320))
	for y := range 320 {
		for x := range 320 {
			img.SetRGBA(x, y, color.RGBA{uint8(y * 255 / 320), uint8(x * 255 / 320), uint8((x*7 + y*13) % 64), 255})
		}
	}
	return img
}

const goodDir = "../../../../testdata/good"

// thumbnailOf writes a file, has it refused, and returns its thumbnail.
func thumbnailOf(t *testing.T, b []byte, opts validate.Options) (Thumbnail, *validate.Error) {
	name := writeTemp(t, b)
	opts.MaxBytes = validate.MaxBytes
	_, err := validate.File(t.Context(), name, opts)
	var refusal *validate.Error
	require.ErrorAs(t, err, &refusal)
	return NewMaker().Make(t.Context(), name, refusal, opts), refusal
}

// isLost reports whether the thumbnail's pixel is the grey of what is lost.
func isLost(img image.Image, x, y int) bool {
	c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
	return !far(c.R, 0x8c) && !far(c.G, 0x8c) && !far(c.B, 0x8c)
}

// TestThumbnailsOfCutFiles: what stands before the cut is seen where it belongs, and
// the rest is grey.
func TestThumbnailsOfCutFiles(t *testing.T) {
	var asJPEG, asPNG, asBMP bytes.Buffer
	require.NoError(t, jpeg.Encode(&asJPEG, scene(), &jpeg.Options{Quality: 90}))
	require.NoError(t, png.Encode(&asPNG, scene()))
	require.NoError(t, bmp.Encode(&asBMP, scene()))
	for name, c := range map[string]struct {
		file       []byte
		kept, lost int // rows of the thumbnail
		bottomUp   bool
		damage     bool
	}{
		"jpeg":         {file: asJPEG.Bytes(), kept: 20, lost: 140},
		"png":          {file: asPNG.Bytes(), kept: 20, lost: 140},
		"bmp":          {file: asBMP.Bytes(), kept: 140, lost: 20},
		"png, damaged": {file: asPNG.Bytes(), kept: 20, lost: 140, damage: true},
	} {
		b := bytes.Clone(c.file[:len(c.file)/2])
		if c.damage {
			b = bytes.Clone(c.file)
			copy(b[len(b)/2:], make([]byte, len(b)/4))
		}
		thumb, refusal := thumbnailOf(t, b, validate.Options{})
		require.NotNil(t, thumb.JPEG, "%s: %v", name, refusal)
		require.True(t, thumb.Part)
		img, err := jpeg.Decode(bytes.NewReader(thumb.JPEG))
		require.NoError(t, err)
		require.Equal(t, image.Pt(Side, Side), img.Bounds().Size())
		for x := 8; x < Side; x += 16 {
			got := color.RGBAModel.Convert(img.At(x, c.kept)).(color.RGBA)
			want := color.RGBAModel.Convert(scene().At(2*x, 2*c.kept)).(color.RGBA)
			require.InDelta(t, want.R, got.R, 16, "%s: %d,%d", name, x, c.kept)
			require.InDelta(t, want.G, got.G, 16, "%s: %d,%d", name, x, c.kept)
			require.True(t, isLost(img, x, c.lost), "%s: %d,%d is %v", name, x, c.lost, img.At(x, c.lost))
		}
	}
}

// TestThumbnailOfCutProgressive: of a progressive JPEG the scans that are whole show
// the whole picture.
func TestThumbnailOfCutProgressive(t *testing.T) {
	cjpeg, err := exec.LookPath("cjpeg")
	if err != nil {
		t.Skip("cjpeg is not installed")
	}
	var ppm bytes.Buffer
	fmt.Fprintf(&ppm, "P6 320 320 255\n")
	img := scene().(*image.RGBA)
	for i := 0; i < len(img.Pix); i += 4 {
		ppm.Write(img.Pix[i : i+3])
	}
	cmd := exec.CommandContext(t.Context(), cjpeg, "-progressive", "-quality", "90")
	cmd.Stdin = &ppm
	b, err := cmd.Output()
	require.NoError(t, err)
	thumb, refusal := thumbnailOf(t, b[:len(b)*3/4], validate.Options{})
	require.NotNil(t, thumb.JPEG, "%v", refusal)
	small, err := jpeg.Decode(bytes.NewReader(thumb.JPEG))
	require.NoError(t, err)
	for _, at := range []image.Point{{20, 20}, {140, 20}, {20, 140}, {140, 140}} {
		got := color.RGBAModel.Convert(small.At(at.X, at.Y)).(color.RGBA)
		want := color.RGBAModel.Convert(img.At(2*at.X, 2*at.Y)).(color.RGBA)
		require.InDelta(t, want.R, got.R, 24, "%v", at)
		require.InDelta(t, want.G, got.G, 24, "%v", at)
	}
}

// TestThumbnailsOfWholePictures: what is refused for another reason than its pixels
// is shown whole.
func TestThumbnailsOfWholePictures(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, scene()))
	thumb, refusal := thumbnailOf(t, append(b.Bytes(), 0), validate.Options{Tolerance: validate.Strict})
	require.Equal(t, validate.TrailingData, refusal.Reason)
	require.NotNil(t, thumb.JPEG)
	require.False(t, thumb.Part)

	nobody := validate.FacePresence(func(context.Context, image.Image) (bool, error) { return false, nil })
	thumb, refusal = thumbnailOf(t, b.Bytes(), validate.Options{Faces: nobody})
	require.Equal(t, validate.CodeFaceNotFound, refusal.Code)
	require.NotNil(t, thumb.JPEG)
}

// TestNoThumbnailOfBombs: what claims many pixels, and what decoders in C or costly
// ones would see, has none, and asking costs next to nothing.
func TestNoThumbnailOfBombs(t *testing.T) {
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		name, start := writeTemp(t, fuzz.Bomb(f, 16000, 16000)), cputime.Used()
		for _, reason := range []validate.Reason{validate.Malformed, validate.Truncated, validate.TooManyPixels, validate.NoFace, validate.TrailingData} {
			refusal := &validate.Error{Code: validate.CodeCorrupted, Reason: reason, Format: f, Offset: -1}
			thumb := NewMaker().Make(t.Context(), name, refusal, validate.Options{MaxBytes: validate.MaxBytes})
			require.Nil(t, thumb.JPEG, "%s: %s", f, reason)
		}
		require.Less(t, cputime.Used()-start, testenv.Scale(time.Second), f)
	}
	for _, name := range []string{"heic/*.heic", "webp/*.webp"} {
		files, err := filepath.Glob(filepath.Join(goodDir, name))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		b, err := os.ReadFile(files[0])
		require.NoError(t, err)
		thumb, _ := thumbnailOf(t, b[:len(b)-1], validate.Options{})
		require.Nil(t, thumb.JPEG, files[0])
	}
}

// TestThumbnailsEndInTime: a JPEG of many scans over many blocks costs a decoder a
// thousand times what reading it costs; the decoder is stopped.
func TestThumbnailsEndInTime(t *testing.T) {
	testenv.OnlyLong(t, "takes seconds")
	b := manyScans(3800, 3800, 20000)
	start := cputime.Used()
	thumb := NewMaker().Make(t.Context(), writeTemp(t, b), &validate.Error{
		Code: validate.CodeCorrupted, Reason: validate.Truncated, Format: detect.JPEG, Offset: int64(len(b)),
	}, validate.Options{MaxBytes: validate.MaxBytes})
	require.Nil(t, thumb.JPEG)
	require.Less(t, cputime.Used()-start, testenv.Scale(2*maxTime+2*time.Second)) // the decoder in one thread, and the collector
}

func writeTemp(t *testing.T, b []byte) string {
	name := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	return name
}

// manyScans makes a progressive grey JPEG of n scans that each run over all blocks
// in a few bytes.
func manyScans(width, height, n int) []byte {
	b := []byte{0xFF, jpegSOI, 0xFF, 0xDB, 0, 67, 0}
	b = append(b, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xFF, jpegSOF2, 0, 11, 8)
	b = binary.BigEndian.AppendUint16(b, uint16(height))
	b = binary.BigEndian.AppendUint16(b, uint16(width))
	b = append(b, 1, 1, 0x11, 0)
	// One code of one bit each: DC "no difference", AC "end of a run of 2^14 and more blocks".
	b = append(b, 0xFF, 0xC4, 0, 20, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00)
	b = append(b, 0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xE0)
	blocks := ((width + 7) / 8) * ((height + 7) / 8)
	b = append(b, 0xFF, jpegSOS, 0, 8, 1, 1, 0x00, 0, 0, 0)
	b = append(b, make([]byte, blocks/8+1)...)
	runs := blocks/(1<<14) + 1
	for range n {
		b = append(b, 0xFF, jpegSOS, 0, 8, 1, 1, 0x00, 1, 63, 0)
		b = append(b, make([]byte, (runs*15+7)/8)...)
	}
	return b
}

// TestThumbnailsOfAllCases: whatever is wrong with a file, asking for its thumbnail
// is safe and ends.
func TestThumbnailsOfAllCases(t *testing.T) {
	seen := map[detect.Format]int{}
	for c := range fuzz.Cases() {
		if c.OK || len(c.Data) == 0 || len(c.Data) > 1<<20 || !testenv.Long() && !strings.Contains(c.Name, "truncate") {
			continue
		}
		thumb, _ := thumbnailOf(t, c.Data, validate.Options{})
		if thumb.JPEG != nil {
			_, err := jpeg.Decode(bytes.NewReader(thumb.JPEG))
			require.NoError(t, err, c.Name)
			seen[c.Format]++
		}
	}
	t.Log("thumbnails by format: ", seen)
	if testenv.Long() {
		require.Greater(t, seen[detect.JPEG], 10)
		require.Greater(t, seen[detect.PNG], 10)
		require.Positive(t, seen[detect.BMP])
		require.Zero(t, seen[detect.WebP]+seen[detect.HEIC])
	}
}
