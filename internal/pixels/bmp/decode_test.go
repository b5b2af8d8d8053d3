package bmp_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	xbmp "golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/internal/pixels/bmp"
	"github.com/imgvet/imgvet/internal/verify"
	vbmp "github.com/imgvet/imgvet/internal/verify/bmp"
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

func nrgba(img image.Image) *image.NRGBA {
	if m, ok := img.(*image.NRGBA); ok {
		return m
	}
	out := image.NewNRGBA(img.Bounds())
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// same demands equal pixels, each channel within tolerance.
func same(t testing.TB, want, got image.Image, tolerance int, name string) {
	t.Helper()
	require.Equal(t, want.Bounds().Size(), got.Bounds().Size(), name)
	a, b := nrgba(want), nrgba(got)
	for i := range a.Pix {
		d := int(a.Pix[i]) - int(b.Pix[i])
		if d > tolerance || -d > tolerance {
			t.Fatalf("%s: channel %d of pixel %d,%d is %d, want %d", name, i%4, i/4%a.Rect.Dx(), i/4/a.Rect.Dx(), b.Pix[i], a.Pix[i])
		}
	}
}

// sameColours is same, but for alpha where one of the two pictures has none.
func sameColours(t testing.TB, want, got image.Image, tolerance int, name string) {
	t.Helper()
	a, b := nrgba(want), nrgba(got)
	if a.Opaque() != b.Opaque() {
		a, b = withoutAlpha(a), withoutAlpha(b)
	}
	same(t, a, b, tolerance, name)
}

func withoutAlpha(img *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	copy(out.Pix, img.Pix)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	return out
}

func TestVariants(t *testing.T) {
	for _, v := range bmptest.Variants() {
		b := v.File.Bytes()
		info, err := vbmp.Verify(b, limits)
		require.NoError(t, err, v.Name)
		require.Equal(t, image.Pt(info.Width, info.Height), v.Want.Rect.Size(), v.Name)
		img, err := bmp.Decode(t.Context(), b, 1)
		require.NoError(t, err, v.Name)
		same(t, v.Want, img, 0, v.Name)
	}
}

func TestSameAsGo(t *testing.T) {
	check := func(name string, b []byte) int {
		want, err := xbmp.Decode(bytes.NewReader(b))
		if err != nil {
			return 0
		}
		got, err := bmp.Decode(t.Context(), b, 1)
		require.NoError(t, err, name)
		same(t, want, got, 0, name)
		return 1
	}
	n := 0
	for name, b := range files(t) {
		n += check(name, b)
	}
	require.GreaterOrEqual(t, n, 29)
	for _, v := range bmptest.Variants() {
		// x/image reads alpha out of 32 bits in V4 and V5 headers even if no mask says so; browsers do not.
		if v.File.Bits == 32 && v.File.HeaderSize >= 108 && v.File.Compression == 0 {
			continue
		}
		n += check(v.Name, v.File.Bytes())
	}
	require.GreaterOrEqual(t, n, 29+20)
}

// TestSameAsImageMagick compares with ImageMagick 6, all files in one run.
func TestSameAsImageMagick(t *testing.T) {
	mogrify, err := exec.LookPath("mogrify")
	if err != nil {
		t.Skip("SKIPPED: no ImageMagick (mogrify) here")
	}
	dir := t.TempDir()
	want := map[string]image.Image{}
	write := func(name string, b []byte) {
		img, err := bmp.Decode(t.Context(), b, 1)
		require.NoError(t, err, name)
		want[name] = img
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".bmp"), b, 0o600))
	}
	for name, b := range files(t) {
		// It does not scale channels of 1 to 4 bits up to the full range.
		if !strings.Contains(name, "argb1555") && !strings.Contains(name, "argb4444") {
			write(name, b)
		}
	}
	for _, v := range bmptest.Variants() {
		if magickReads(v.File) {
			write(strings.ReplaceAll(v.Name, " ", "_"), v.File.Bytes())
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.bmp"))
	require.NoError(t, err)
	msg, err := exec.Command(mogrify, append([]string{"-depth", "8", "-format", "rgba"}, names...)...).CombinedOutput()
	require.NoError(t, err, string(msg))
	for name, img := range want {
		pix, err := os.ReadFile(filepath.Join(dir, name+".rgba"))
		require.NoError(t, err)
		require.Len(t, pix, 4*img.Bounds().Dx()*img.Bounds().Dy(), name)
		ref := &image.NRGBA{Pix: pix, Stride: 4 * img.Bounds().Dx(), Rect: img.Bounds()}
		// It takes the fourth byte of 32 bits for alpha without a mask; browsers do not.
		sameColours(t, ref, img, 1, name)
	}
	require.GreaterOrEqual(t, len(want), 60)
}

// magickReads reports whether ImageMagick 6.9 reads f right. It lacks 2 bits,
// alpha fields and the shorter OS/2 headers, takes the palette of OS/2 v2 for one
// of 3 bytes a colour (Pillow and browsers: 4), the V2 and V3 masks for colour
// spaces, and does not scale channels to 8 bits but by a shift.
func magickReads(f bmptest.File) bool {
	switch f.HeaderSize {
	case 12, 40, 108, 124:
	default:
		return false
	}
	if f.Bits == 2 || f.Compression == 6 || max(f.Width, f.Height) > 16_000 { // the last is Debian's policy
		return false
	}
	if len(f.Masks) == 0 {
		return true
	}
	switch m := f.Masks; m[1] {
	case 0xff00, 0xff0000: // 8 bits each
		return m[2]|m[0] > 0xff00 && m[0] != 0xffff0000
	case 0x7e0, 0x3e0: // 5 and 6 bits
		return len(m) == 3 || m[3] == 0
	}
	return false
}

// TestSameAsPillow compares with Pillow, all files in one run of Python.
func TestSameAsPillow(t *testing.T) {
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", "import PIL").Run() != nil {
		t.Skip("SKIPPED: no Python with Pillow here")
	}
	dir := t.TempDir()
	want := map[string]image.Image{}
	write := func(name string, b []byte) {
		img, err := bmp.Decode(t.Context(), b, 1)
		require.NoError(t, err, name)
		want[name] = img
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	for name, b := range files(t) {
		write(name, b)
	}
	for _, v := range bmptest.Variants() {
		write(strings.ReplaceAll(v.Name, " ", "_")+".bmp", v.File.Bytes())
	}
	const script = `
import glob, sys
from PIL import Image
for f in glob.glob(sys.argv[1] + "/*.bmp"):
    try:
        Image.open(f).convert("RGBA").save(f + ".png")
    except Exception as e:
        print(f, e)
`
	msg, err := exec.Command(python, "-c", script, dir).CombinedOutput()
	require.NoError(t, err, string(msg))
	compared := 0
	for name, img := range want {
		p, err := os.ReadFile(filepath.Join(dir, name+".png"))
		if err != nil {
			continue // a variant that Pillow lacks
		}
		ref, err := png.Decode(bytes.NewReader(p))
		require.NoError(t, err)
		if strings.Contains(name, "rle4") {
			continue // Pillow 9.4 halves odd numbers of literal pixels downwards; ImageMagick and browsers round up
		}
		// It knows alpha in one layout only, and not in 16 bits.
		sameColours(t, ref, img, 1, name)
		compared++
	}
	t.Logf("%d of %d files are ones that Pillow reads\n%s", compared, len(want), msg)
	require.GreaterOrEqual(t, compared, 60)
}

var p16 = bmptest.Palette(16)

// rle returns a 4x3 picture of run-length codes.
func rle(bits int, codes ...byte) []byte {
	return bmptest.File{HeaderSize: 40, Width: 4, Height: 3, Bits: bits, Compression: uint32(3 - bits/4), ClrUsed: 16, Palette: p16, Pixels: codes}.Bytes()
}

func TestRunLengthsByHand(t *testing.T) {
	for _, c := range []struct {
		name  string
		file  []byte
		top   string // the rows from the top, one hex digit an index, '.' for what is left out
		holes bool
	}{
		{"runs", rle(8, 4, 1, 0, 0, 4, 2, 0, 0, 4, 3, 0, 0, 0, 1), "3333 2222 1111", false},
		{"runs without the last line end", rle(8, 4, 1, 0, 0, 4, 2, 0, 0, 4, 3, 0, 1), "3333 2222 1111", false},
		{"half bytes take turns", rle(4, 4, 0x12, 0, 0, 3, 0x34, 1, 0x50, 0, 0, 4, 0x67, 0, 0, 0, 1), "6767 3435 1212", false},
		{"literals and their padding", rle(8, 0, 3, 1, 2, 3, 0, 1, 9, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 4, 5, 0, 1), "5555 1234 1239", false},
		{"literal half bytes", rle(4, 0, 4, 0x12, 0x34, 0, 0, 0, 3, 0x56, 0x70, 1, 0x80, 0, 0, 4, 0x99, 0, 1), "9999 5678 1234", false},
		{"run cut at the end of its row", rle(8, 200, 1, 0, 0, 4, 2, 5, 7, 0, 0, 4, 3, 0, 1), "3333 2222 1111", false},
		{"early line end", rle(8, 2, 1, 0, 0, 4, 2, 0, 0, 4, 3, 0, 1), "3333 2222 11..", true},
		{"early end", rle(8, 4, 1, 0, 0, 1, 2, 0, 1), ".... 2... 1111", true},
		{"delta", rle(8, 1, 1, 0, 2, 2, 1, 1, 2, 0, 0, 4, 3, 0, 1), "3333 ...2 1...", true},
		{"delta of nothing", rle(8, 4, 1, 0, 0, 0, 2, 0, 0, 4, 2, 0, 0, 4, 3, 0, 1), "3333 2222 1111", false},
		{"nothing at all", rle(8, 0, 1), ".... .... ....", true},
	} {
		_, err := vbmp.Verify(c.file, limits)
		require.NoError(t, err, c.name)
		img, err := bmp.Decode(t.Context(), c.file, 1)
		require.NoError(t, err, c.name)
		_, paletted := img.(*image.Paletted)
		require.Equal(t, !c.holes, paletted, c.name)
		var got []string
		for y := range 3 {
			line := ""
			for x := range 4 {
				s := "."
				for i, p := range p16 {
					if color.NRGBAModel.Convert(img.At(x, y)) == color.Color(p) {
						s = fmt.Sprintf("%x", i)
					}
				}
				line += s
			}
			got = append(got, line)
		}
		require.Equal(t, c.top, strings.Join(got, " "), c.name)
	}
}

func TestAlpha(t *testing.T) {
	f := bmptest.File{HeaderSize: 108, Width: 2, Height: 1, Bits: 32, Compression: 3, Masks: []uint32{0xff0000, 0xff00, 0xff, 0xff000000}}
	f.Pixels = []byte{3, 2, 1, 0, 6, 5, 4, 0}
	img, err := bmp.Decode(t.Context(), f.Bytes(), 1)
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 255, 4, 5, 6, 255}, nrgba(img).Pix, "an alpha channel of zeroes is no alpha channel")
	f.Pixels[7] = 9
	img, err = bmp.Decode(t.Context(), f.Bytes(), 1)
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 0, 4, 5, 6, 9}, nrgba(img).Pix)
	f.HeaderSize, f.Compression, f.Masks = 40, 0, nil
	img, err = bmp.Decode(t.Context(), f.Bytes(), 1)
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 255, 4, 5, 6, 255}, nrgba(img).Pix, "no mask, no alpha")
}

func TestIndexOutsidePaletteIsBlack(t *testing.T) {
	f := bmptest.File{HeaderSize: 40, Width: 4, Height: 1, Bits: 8, ClrUsed: 2, Palette: bmptest.Palette(2), Pixels: []byte{0, 1, 2, 255}}
	img, err := bmp.Decode(t.Context(), f.Bytes(), 1)
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{37, 254, 91, 255}, nrgba(img).NRGBAAt(1, 0))
	require.Equal(t, color.NRGBA{0, 0, 0, 255}, nrgba(img).NRGBAAt(2, 0))
	require.Equal(t, color.NRGBA{0, 0, 0, 255}, nrgba(img).NRGBAAt(3, 0))
}

// FuzzDecode holds the decoder to the verifier: what one takes, the other takes, at the same size.
func FuzzDecode(f *testing.F) {
	n := 0
	for _, v := range bmptest.Variants() {
		if v.File.Width < 1000 && v.File.Height < 1000 {
			f.Add(v.File.Bytes())
			n++
		}
	}
	for _, b := range files(f) {
		f.Add(b)
		n++
	}
	require.GreaterOrEqual(f, n, 60)
	f.Fuzz(func(t *testing.T, b []byte) {
		info, verr := vbmp.Verify(b, verify.Limits{MaxPixels: 1 << 20})
		if int64(info.Width)*int64(info.Height) > 1<<20 {
			return // the caller's part
		}
		img, err := bmp.Decode(t.Context(), b, 1)
		require.Equal(t, verr == nil, err == nil, "verifier: %v, decoder: %v", verr, err)
		if err == nil {
			require.Equal(t, image.Rect(0, 0, info.Width, info.Height), img.Bounds())
		}
	})
}
