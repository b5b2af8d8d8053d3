package png

import (
	"bytes"
	"image"
	"image/color"
	"image/color/palette"
	"image/png"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/stretchr/testify/require"
)

// photo fills f with smooth shapes, texture and sensor noise: it compresses
// about as badly as a photograph.
func photo(w, h int, f func(x, y int, r, g, b float64)) {
	rng := rand.New(rand.NewPCG(1, 1))
	for y := range h {
		for x := range w {
			u, v := float64(x)/97, float64(y)/113
			base := 120 + 70*math.Sin(u/3)*math.Cos(v/4) + 30*math.Sin(u*1.7+v) + 12*math.Sin(u*9)*math.Sin(v*11)
			n := rng.NormFloat64() * 2.2
			f(x, y, base+n, base*0.9+8*math.Sin(u)+n+rng.NormFloat64(), base*0.7+20*math.Cos(v)+n+rng.NormFloat64())
		}
	}
}

func clamp(v float64) uint8 { return uint8(max(0, min(255, v))) }

// screenshot draws windows, lines of text-like marks and a gradient.
func screenshot(w, h int, set func(x, y int, c color.NRGBA)) {
	rng := rand.New(rand.NewPCG(2, 2))
	for y := range h {
		for x := range w {
			set(x, y, color.NRGBA{uint8(30 + y*40/h), 60, 110, 255})
		}
	}
	for i := range 14 {
		x0, y0 := rng.IntN(w*3/4), rng.IntN(h*3/4)
		x1, y1 := min(w, x0+w/5+rng.IntN(w/4)), min(h, y0+h/5+rng.IntN(h/4))
		ground := color.NRGBA{uint8(225 + i*2), uint8(230 + i), 240, 255}
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				set(x, y, ground)
			}
		}
		for y := y0 + 20; y+12 < y1; y += 18 {
			for x := x0 + 10; x+8 < x1 && rng.IntN(60) > 0; x += 8 {
				glyph := glyphs[rng.IntN(len(glyphs))]
				for k := range 48 {
					if glyph>>k&1 == 1 {
						set(x+k%6, y+k/6, color.NRGBA{40, 40, uint8(40 + k%3*30), 255})
					}
				}
			}
		}
	}
}

var glyphs = func() (g [40]uint64) {
	rng := rand.New(rand.NewPCG(3, 3))
	for i := range g {
		g[i] = rng.Uint64() & rng.Uint64()
	}
	return g
}()

// interlace encodes img as Adam7 truecolour, each row with filter Sub.
func interlace(img *image.NRGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var raw []byte
	for i := range 7 {
		for y := int(yStart[i]); y < h; y += int(yStep[i]) {
			if int(xStart[i]) >= w {
				continue
			}
			raw = append(raw, 1)
			var last color.NRGBA
			for x := int(xStart[i]); x < w; x += int(xStep[i]) {
				c := img.NRGBAAt(x, y)
				raw = append(raw, c.R-last.R, c.G-last.G, c.B-last.B)
				last = c
			}
		}
	}
	return join(ihdr(uint32(w), uint32(h), 8, truecolour, 1), part{"IDAT", deflate(raw)}, iend)
}

// benchFile is a picture of one kind.
type benchFile struct {
	name string
	b    []byte
}

// benchFiles are pictures of three megapixels of all kinds, and a small one.
var benchFiles = sync.OnceValue(func() []benchFile {
	encode := func(img image.Image) []byte {
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			panic(err)
		}
		return out.Bytes()
	}
	const w, h = 2000, 1500
	rect := image.Rect(0, 0, w, h)
	opaque, alpha, deep := image.NewNRGBA(rect), image.NewNRGBA(rect), image.NewNRGBA64(rect)
	gray, indexed := image.NewGray(rect), image.NewPaletted(rect, palette.Plan9)
	photo(w, h, func(x, y int, r, g, b float64) {
		c := color.NRGBA{clamp(r), clamp(g), clamp(b), 255}
		opaque.SetNRGBA(x, y, c)
		gray.SetGray(x, y, color.Gray{c.G})
		// Some edges are soft and some of the picture is cut out.
		d := math.Hypot(float64(x-w/2), float64(y-h/2))
		alpha.SetNRGBA(x, y, color.NRGBA{c.R, c.G, c.B, clamp(900 - d)})
		deep.SetNRGBA64(x, y, color.NRGBA64{uint16(max(0, r) * 200), uint16(max(0, g) * 200), uint16(max(0, b) * 200), 0xffff})
		// Ordered dither to the 6x6x6 part of the palette.
		o := float64((x*5+y*3)%8-4) * 6
		indexed.SetColorIndex(x, y, clamp(r+o)/43*36+clamp(g+o)/43*6+clamp(b+o)/43)
	})
	shot, shotIndexed := image.NewNRGBA(rect), image.NewPaletted(rect, palette.Plan9)
	screenshot(w, h, func(x, y int, c color.NRGBA) {
		shot.SetNRGBA(x, y, c)
		shotIndexed.SetColorIndex(x, y, c.R/16*8+c.B/32)
	})
	var files []benchFile
	add := func(name string, b []byte) { files = append(files, benchFile{name, b}) }
	add("photo", encode(opaque))
	add("screenshot", encode(shot))
	add("rgba", encode(alpha))
	add("rgb16", encode(deep))
	add("interlaced", interlace(opaque))
	add("gray", encode(gray))
	add("palette", encode(indexed))
	add("palette_screenshot", encode(shotIndexed))
	add("small", encode(opaque.SubImage(image.Rect(0, 0, 48, 40))))
	return files
})

func BenchmarkVerify(b *testing.B) {
	for _, f := range benchFiles() {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.b)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Verify(f.b, limits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, f := range benchFiles() {
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(f.b)))
			for b.Loop() {
				if _, err := png.Decode(bytes.NewReader(f.b)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestBenchFiles keeps the benchmark's files honest, without the cost of them all.
func TestBenchFiles(t *testing.T) {
	testenv.OneGoroutine(t)
	img := noisy(33, 21)
	_, err := png.Decode(bytes.NewReader(interlace(img)))
	require.NoError(t, err)
	_, err = Verify(interlace(img), limits)
	require.NoError(t, err)
}
