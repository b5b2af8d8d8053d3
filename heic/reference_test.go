//go:build cgo && (linux || darwin)

package heic_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// meanDifference is the mean absolute difference of two pictures of one size, in
// steps of 8 bits.
func meanDifference(a, b image.Image) float64 {
	size := a.Bounds().Size()
	sum := 0.0
	for y := range size.Y {
		for x := range size.X {
			r, g, bl, _ := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, _ := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			for _, d := range []int{int(r>>8) - int(r2>>8), int(g>>8) - int(g2>>8), int(bl>>8) - int(b2>>8)} {
				sum += float64(max(d, -d))
			}
		}
	}
	return sum / float64(3*size.X*size.Y)
}

// What Decode returns is what libheif shows: size, orientation, colours, tiles
// and layers in place.
func TestDecodeMatchesHeifConvert(t *testing.T) {
	convert := tool(t, "heif-convert")
	names, err := filepath.Glob("../testdata/good/heic/*.heic")
	require.NoError(t, err)
	compared := 0
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		info, err := heic.Verify(b, heic.Limits{})
		require.NoError(t, err)
		if info.Chroma == "4:0:0" || hasAlpha(info) {
			continue // no pixels, and pixels behind an alpha plane, are not to be compared
		}
		out := filepath.Join(t.TempDir(), "out.png")
		msg, err := exec.Command(convert, name, out).CombinedOutput()
		require.NoError(t, err, "%s", msg)
		f, err := os.Open(out)
		if os.IsNotExist(err) {
			continue // several pictures, each under a name of its own
		}
		require.NoError(t, err)
		want, err := png.Decode(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		got := decode(t, b)
		require.Equal(t, want.Bounds().Size(), got.Bounds().Size(), name)
		require.Less(t, meanDifference(want, got), 1.0, name)
		compared++
	}
	require.GreaterOrEqual(t, compared, 20)
}

func hasAlpha(info heic.Info) bool {
	for _, it := range info.Items {
		if it.Role == heic.RoleAlpha {
			return true
		}
	}
	return false
}

// A picture of which slices are missing, zeroed or cut is refused before any
// decoder: libde265 fills the gaps with what the memory held, the photo before.
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
			// A worker that would be started is not there: no decoder saw the file.
			_, err = heic.DecodeFaulty(t.Context(), bad, heic.Limits{}, faultEnv+"=fails")
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
