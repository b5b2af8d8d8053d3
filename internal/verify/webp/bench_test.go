package webp

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
	xwebp "golang.org/x/image/webp"
)

// benchFiles returns the files of the benchmarks: real ones of x/image, and
// large ones that are made here and coded by cwebp, where it is installed.
func benchFiles(b *testing.B) []file {
	b.Helper()
	var files []file
	for _, name := range []string{"yellow_rose.lossy.webp", "yellow_rose.lossless.webp", "tux.lossless.webp", "gopher-doc.8bpp.lossless.webp"} {
		p, err := os.ReadFile(filepath.Join(xImage(b), "testdata", name))
		require.NoError(b, err)
		files = append(files, file{name, p})
	}
	if _, err := exec.LookPath("cwebp"); err != nil {
		b.Log("cwebp is not installed: no large files")
		return files
	}
	photo, screen := photograph(b, 2000, 1500), screenshot(1920, 1080)
	for _, m := range []struct {
		name string
		img  image.Image
		args []string
	}{
		{"photo-lossy-q75", photo, []string{"-q", "75"}},
		{"photo-lossy-q95", photo, []string{"-q", "95"}},
		{"photo-lossless", photo, []string{"-lossless", "-z", "4"}},
		{"screenshot-lossless", screen, []string{"-lossless", "-z", "6"}},
		{"screenshot-lossy-q75", screen, []string{"-q", "75"}},
	} {
		files = append(files, file{m.name, cwebp(b, m.img, m.args...)})
	}
	return files
}

// cwebp returns img as a WebP.
func cwebp(tb testing.TB, img image.Image, args ...string) []byte {
	tb.Helper()
	dir := tb.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.webp")
	f, err := os.Create(in)
	require.NoError(tb, err)
	require.NoError(tb, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, img))
	require.NoError(tb, f.Close())
	msg, err := exec.Command("cwebp", append(args, "-quiet", in, "-o", out)...).CombinedOutput()
	require.NoError(tb, err, "%s", msg)
	b, err := os.ReadFile(out)
	require.NoError(tb, err)
	return b
}

// photograph returns a mosaic of real pictures, with some noise, so that no
// encoder finds the same tile twice.
func photograph(tb testing.TB, width, height int) image.Image {
	tb.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	var tiles []image.Image
	for _, name := range []string{"yellow_rose.png", "video-001.png"} {
		f, err := os.Open(filepath.Join(xImage(tb), "testdata", name))
		require.NoError(tb, err)
		tile, err := png.Decode(f)
		require.NoError(tb, err)
		require.NoError(tb, f.Close())
		tiles = append(tiles, tile)
	}
	i := 0
	for y := 0; y < height; {
		rowHeight := height
		for x := 0; x < width; {
			tile := tiles[i*i/3%len(tiles)]
			i++
			draw.Draw(img, tile.Bounds().Add(image.Pt(x, y)), tile, tile.Bounds().Min, draw.Src)
			x += tile.Bounds().Dx()
			rowHeight = min(rowHeight, tile.Bounds().Dy())
		}
		y += rowHeight
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		if i%4 == 3 {
			img.Pix[i] = 255
		} else if c := int(img.Pix[i]) + rnd.IntN(5) - 2; c >= 0 && c <= 255 {
			img.Pix[i] = uint8(c)
		}
	}
	return img
}

// screenshot returns windows with text.
func screenshot(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.NRGBA{40, 60, 90, 255}), image.Point{}, draw.Src)
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 12 {
		x, y := rnd.IntN(width-200), rnd.IntN(height-150)
		window := image.Rect(x, y, x+200+rnd.IntN(600), y+150+rnd.IntN(500))
		shade := uint8(215 + rnd.IntN(40))
		draw.Draw(img, window, image.NewUniform(color.NRGBA{shade, shade, shade, 255}), image.Point{}, draw.Src)
		draw.Draw(img, image.Rect(x, y, window.Max.X, y+24), image.NewUniform(color.NRGBA{uint8(rnd.IntN(256)), 120, 200, 255}), image.Point{}, draw.Src)
		d := font.Drawer{Dst: img, Src: image.Black, Face: basicfont.Face7x13}
		for line := y + 40; line < window.Max.Y; line += 15 {
			d.Dot = fixed.P(x+8, line)
			for d.Dot.X.Ceil() < window.Max.X-14 {
				d.DrawString(string(rune(' ' + rnd.IntN(95)*rnd.IntN(2))))
			}
		}
	}
	return img
}

func BenchmarkVerify(b *testing.B) {
	for _, f := range benchFiles(b) {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Verify(f.data, limits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecode is the yardstick for BenchmarkVerify.
func BenchmarkDecode(b *testing.B) {
	for _, f := range benchFiles(b) {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := xwebp.Decode(bytes.NewReader(f.data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
