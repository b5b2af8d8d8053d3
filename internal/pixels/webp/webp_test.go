package webp_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	xwebp "golang.org/x/image/webp"

	"github.com/imgvet/imgvet/internal/pixels/box"
	"github.com/imgvet/imgvet/internal/pixels/box/boxtest"
	"github.com/imgvet/imgvet/internal/pixels/webp"
	"github.com/imgvet/imgvet/internal/testenv"
)

// stills returns the files under testdata that golang.org/x/image/webp decodes.
func stills(t *testing.T) map[string][]byte {
	names, err := filepath.Glob("../../../testdata/*/webp/*.webp")
	require.NoError(t, err)
	out := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		if _, err := xwebp.Decode(bytes.NewReader(b)); err == nil {
			out[filepath.Base(name)] = b
		}
	}
	require.GreaterOrEqual(t, len(out), 10)
	return out
}

// TestSameAsGo holds the pixels against golang.org/x/image/webp.
func TestSameAsGo(t *testing.T) {
	for name, b := range stills(t) {
		same(t, name, b)
	}
}

func same(t *testing.T, name string, b []byte) {
	t.Helper()
	want, err := xwebp.Decode(bytes.NewReader(b))
	require.NoError(t, err, name)
	got, err := webp.Decode(t.Context(), b, 1)
	require.NoError(t, err, name)
	require.Equal(t, want.Bounds(), got.Bounds(), name)
	require.IsType(t, want, got, name)
	switch want := want.(type) {
	case *image.NRGBA:
		require.True(t, bytes.Equal(want.Pix, got.(*image.NRGBA).Pix), name)
	case *image.YCbCr:
		require.True(t, bytes.Equal(want.Y, got.(*image.YCbCr).Y), name)
		require.True(t, bytes.Equal(want.Cr, got.(*image.YCbCr).Cr), name)
	case *image.NYCbCrA:
		require.True(t, bytes.Equal(want.Y, got.(*image.NYCbCrA).Y), name)
		require.True(t, bytes.Equal(want.A, got.(*image.NYCbCrA).A), name)
	}
}

// TestSameAsGoOfManyKinds encodes pictures that make cwebp use all that lossless coding
// has: transforms, palettes of each depth, colour caches, many groups, far copies.
func TestSameAsGoOfManyKinds(t *testing.T) {
	testenv.OneGoroutine(t)
	cwebp, err := exec.LookPath("cwebp")
	if err != nil {
		t.Skip("SKIPPED: no cwebp (Debian: webp)")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.webp")
	for name, img := range pictures() {
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, img))
		require.NoError(t, os.WriteFile(in, b.Bytes(), 0o600))
		for i, way := range []string{
			"-lossless -m 0", "-lossless -m 4 -exact", "-lossless -z 9", "-lossless -near_lossless 20",
			"-q 60", "-q 20 -alpha_filter best", "-alpha_method 0", "-alpha_filter fast -alpha_q 50",
		} {
			if img.Bounds().Dx() > 1000 && way != "-lossless -m 0" {
				continue // takes cwebp seconds
			}
			if !testenv.Long() && i%3 != 0 {
				continue
			}
			said, err := exec.Command(cwebp, append(strings.Fields(way), "-quiet", in, "-o", out)...).CombinedOutput()
			require.NoError(t, err, "%s", said)
			data, err := os.ReadFile(out)
			require.NoError(t, err)
			same(t, name+" "+way, data)
			if img.Bounds().Dx() < 1000 {
				reduced(t, name+" "+way, data, 5)
			}
		}
	}
}

// pictures returns pictures of odd sizes.
func pictures() map[string]image.Image {
	rng := rand.New(rand.NewPCG(1, 2))
	made := func(w, h int, at func(x, y int) color.NRGBA) image.Image {
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				m.SetNRGBA(x, y, at(x, y))
			}
		}
		return m
	}
	out := map[string]image.Image{
		"dot":    made(1, 1, func(int, int) color.NRGBA { return color.NRGBA{9, 8, 7, 255} }),
		"column": made(1, 77, func(_, y int) color.NRGBA { return color.NRGBA{uint8(y), uint8(3 * y), 7, 255} }),
		"slopes": made(301, 203, func(x, y int) color.NRGBA {
			return color.NRGBA{uint8(x), uint8(y), uint8(x + y), uint8(255 - x/4)}
		}),
		"noise": made(150, 91, func(x, y int) color.NRGBA {
			v := uint8(rng.IntN(40))
			return color.NRGBA{uint8(x) + v, uint8(y) ^ v, v, 255 - v&1}
		}),
		// Rows that come again after 1.1 million pixels: further than a copy can reach.
		"far": made(1200, 950, func(x, y int) color.NRGBA {
			v := uint32(x*7919+y%920*104729) * 2654435761
			return color.NRGBA{uint8(v >> 24 & 0xf0), uint8(v >> 16 & 0xf0), 0, 255}
		}),
	}
	for _, n := range []int{2, 3, 16, 17, 256} {
		out["palette of "+string(rune('a'+n%26))] = made(67, 45, func(x, y int) color.NRGBA {
			v := uint8((x/3 + y*y) % n)
			return color.NRGBA{v * 31, v * 7, 255 - v, 255}
		})
	}
	return out
}

func reduced(t *testing.T, name string, b []byte, scale int) {
	t.Helper()
	full, err := webp.Decode(t.Context(), b, 1)
	require.NoError(t, err, name)
	got, err := webp.Decode(t.Context(), b, scale)
	require.NoError(t, err, name)
	require.Equal(t, boxtest.Means(full, scale), got, "%s by %d", name, scale)
}

// TestReduced holds that a small picture is made of means of the pixels of the full one,
// animations too.
func TestReduced(t *testing.T) {
	names, err := filepath.Glob("../../../testdata/*/webp/*.webp")
	require.NoError(t, err)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, scale := range []int{3, 16, box.MaxScale} {
			reduced(t, name, b, scale)
		}
	}
}

func TestScaleOutOfRange(t *testing.T) {
	for _, b := range stills(t) {
		for _, scale := range []int{-1, 0, box.MaxScale + 1} {
			_, err := webp.Decode(t.Context(), b, scale)
			require.Error(t, err)
		}
		return
	}
}

func TestDoneContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, b := range stills(t) {
		for _, scale := range []int{1, 2} {
			_, err := webp.Decode(ctx, b, scale)
			require.ErrorIs(t, err, context.Canceled, name)
		}
	}
}

// TestPrefixes: half a file gives an error or, cut behind its picture, that, and no panic.
func TestPrefixes(t *testing.T) {
	for _, b := range stills(t) {
		for n := 0; n < len(b); n += 1 + n/4 {
			for _, scale := range []int{1, 4} {
				_, _ = webp.Decode(t.Context(), b[:n], scale)
			}
		}
	}
}

func read(t testing.TB, name string) []byte {
	b, err := os.ReadFile(filepath.Join("../../../testdata/good/webp", name))
	require.NoError(t, err)
	return b
}
