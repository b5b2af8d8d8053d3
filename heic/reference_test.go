package heic_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// meanDifference is the mean absolute difference of two pictures of one size, in
// steps of 8 bits; of large ones, that of some 260,000 pixels.
func meanDifference(a, b image.Image) float64 {
	size := a.Bounds().Size()
	sum, n, step := 0.0, 0, 1
	for size.X*size.Y/(step*step) > 1<<18 {
		step++
	}
	for y := 0; y < size.Y; y += step {
		for x := 0; x < size.X; x += step {
			n++
			r, g, bl, _ := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, _ := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			for _, d := range []int{int(r>>8) - int(r2>>8), int(g>>8) - int(g2>>8), int(bl>>8) - int(b2>>8)} {
				sum += float64(max(d, -d))
			}
		}
	}
	return sum / float64(3*n)
}

// What Decode returns is what libheif shows: size, orientation, colours, tiles
// and layers in place.
func TestDecodeMatchesHeifConvert(t *testing.T) {
	convert := tool(t, "heif-convert")
	compared := 0
	for _, g := range goodFiles(t) {
		info, err := heic.Verify(g.b, heic.Limits{})
		require.NoError(t, err)
		if info.Chroma == "4:0:0" || hasAlpha(info) || libheifLacks[g.name] {
			continue // pixels behind an alpha plane are not to be compared
		}
		want := heifConvert(t, convert, g.name, g.b)
		if want == nil {
			continue // several pictures, each under a name of its own
		}
		got := decode(t, g.b)
		require.Equal(t, want.Bounds().Size(), got.Bounds().Size(), g.name)
		require.Less(t, meanDifference(want, got), 1.0, g.name)
		compared++
	}
	require.GreaterOrEqual(t, compared, 25)
}

// The colours are those that libheif reads, whether the container states range and
// matrix, or only the stream, or neither.
func TestDecodeReadsRangeAndMatrixLikeHeifConvert(t *testing.T) {
	convert := tool(t, "heif-convert")
	files := map[string][]byte{}
	for _, matrix := range []uint64{1, 2, 5, 6, 9} {
		for _, full := range []byte{0, 0x80} {
			colr := mkbox("colr", []byte("nclx"), be(2, 1), be(2, 13), be(2, matrix), []byte{full})
			files[fmt.Sprintf("nclx %d %d", matrix, full)] = single(colr).bytes()
		}
	}
	photo := noise(160, 96)
	for i := range photo.Pix { // large flat parts: the two upsample chroma differently
		if y := i / photo.Stride; i%4 < 3 {
			photo.Pix[i] = uint8(40*(i%4) + 2*y)
		}
	}
	for _, p := range []string{"range=full", "range=limited", "range=full:colormatrix=bt709", "range=limited:colormatrix=bt709", "range=limited:colormatrix=bt2020nc"} {
		options := []string{"-q", "60"}
		for _, o := range strings.Split(p, ":") {
			options = append(options, "-p", "x265:"+o)
		}
		files["stream "+p] = heifEnc(t, photo, options...)
	}
	shown := map[[3]uint8]bool{}
	for name, b := range files {
		want, got := heifConvert(t, convert, name, b), decode(t, b)
		t.Logf("%s: %.2f", name, meanDifference(want, got))
		require.Less(t, meanDifference(want, got), 1.5, name)
		r, g, bl, _ := got.At(32, 32).RGBA()
		shown[[3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(bl >> 8)}] = true
	}
	require.GreaterOrEqual(t, len(shown), 6, "colours that tell range and matrix apart")
}

// libheifLacks are files that libheif 1.15 does not show, or shows otherwise.
var libheifLacks = map[string]bool{
	"item built of an item": true, // construction method 2
	"identity":              true, // without a location, which it needs not
	"overlay":               true, // offsets below 0
}

// heifConvert returns what heif-convert makes of a file, nil if it holds several
// pictures.
func heifConvert(t *testing.T, convert, name string, b []byte) image.Image {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.heic"), filepath.Join(dir, "out.png")
	require.NoError(t, os.WriteFile(in, b, 0o600))
	msg, err := exec.Command(convert, in, out).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, msg)
	f, err := os.Open(out)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return img
}

func hasAlpha(info heic.Info) bool {
	for _, it := range info.Items {
		if it.Role == heic.RoleAlpha {
			return true
		}
	}
	return false
}

// A picture of which slices are missing, zeroed or cut is refused: libde265 fills the gaps with what the memory held, the photo before.
func TestMissingSlicesAreRefused(t *testing.T) {
	b := heifEnc(t, noise(256, 256), "-q", "30", "-p", "x265:slices=4")
	decode(t, b)

	units := unitsOf(b)
	require.Len(t, units, 4, "slices of the picture")
	for i, u := range units {
		gone := bytes.Clone(b)
		gone[u[0]] = 40 << 1 // a suffix SEI, which every reader passes over
		zeroed := bytes.Clone(b)
		clear(zeroed[u[0]+8 : u[1]])
		half := bytes.Clone(b)
		clear(half[(u[0]+u[1])/2 : u[1]])
		for name, bad := range map[string][]byte{"gone": gone, "zeroed": zeroed, "half": half} {
			_, err := heic.Verify(bad, heic.Limits{})
			var v *heic.Error
			require.ErrorAs(t, err, &v, "slice %d %s", i, name)
			_, err = heic.Decode(t.Context(), bad, heic.Limits{})
			require.ErrorAs(t, err, &v, "slice %d %s", i, name)
		}
		if i > 0 {
			_, err := heic.Verify(gone, heic.Limits{})
			refusedOneOf(t, err, verify.Truncated, verify.Malformed)
		}
	}
}

func refusedOneOf(t *testing.T, err error, reasons ...verify.Reason) {
	t.Helper()
	var f *heic.Error
	require.ErrorAs(t, err, &f)
	require.Contains(t, reasons, f.Reason)
}

// unitsOf returns where each slice NAL unit of a file's only coded item starts and
// ends: the mdat box of heif-enc holds nothing else.
func unitsOf(b []byte) (units [][2]int) {
	for at := bytes.Index(b, []byte("mdat")) + 4; at+4 < len(b); {
		n := int(binary.BigEndian.Uint32(b[at:]))
		at += 4
		if at+n > len(b) {
			return nil
		}
		if kind := b[at] >> 1; kind >= 16 && kind <= 21 {
			units = append(units, [2]int{at, at + n})
		}
		at += n
	}
	return units
}

// A picture of one colour that is decoded right behind a photo shows that colour
// and nothing else, though memory is used again.
func TestNoPixelOfThePictureBefore(t *testing.T) {
	flat := image.NewRGBA(image.Rect(0, 0, 256, 256))
	for i := range flat.Pix {
		flat.Pix[i] = []uint8{40, 90, 200, 255}[i%4]
	}
	photo, solid := heifEnc(t, noise(256, 256), "-q", "50"), heifEnc(t, flat, "-q", "50")
	for _, scale := range []int{1, 2, 8} {
		for range 2 {
			before, err := heic.DecodeReduced(t.Context(), photo, heic.Limits{}, scale)
			require.NoError(t, err)
			if scale == 1 {
				require.Greater(t, meanDifference(flat, before), 20.0, "a photo")
			}
			after, err := heic.DecodeReduced(t.Context(), solid, heic.Limits{}, scale)
			require.NoError(t, err)
			size := after.Bounds().Size()
			near(t, "solid", flat.SubImage(image.Rectangle{Max: size}), after, 3)
		}
	}
}
