package pixels_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels"
)

// wanted is where each orientation shows the stored pixel x, y of a picture of
// w x h pixels (Exif 3.0, 4.6.5.1.6: which side of the scene row 0 and column 0
// are).
var wanted = map[int]func(x, y, w, h int) (int, int){
	1: func(x, y, w, h int) (int, int) { return x, y },
	2: func(x, y, w, h int) (int, int) { return w - 1 - x, y },
	3: func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
	4: func(x, y, w, h int) (int, int) { return x, h - 1 - y },
	5: func(x, y, w, h int) (int, int) { return y, x },
	6: func(x, y, w, h int) (int, int) { return h - 1 - y, x },
	7: func(x, y, w, h int) (int, int) { return h - 1 - y, w - 1 - x },
	8: func(x, y, w, h int) (int, int) { return y, w - 1 - x },
}

// scene fills img with values that differ from pixel to pixel.
func scene(img draw.Image) {
	r := img.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.Set(x, y, color.NRGBA{uint8(x * 37), uint8(y * 59), uint8(x*11 + y*7), 255})
		}
	}
}

// window returns a part of img whose origin is not 0, 0.
func window(img interface {
	SubImage(image.Rectangle) image.Image
}) image.Image {
	return img.SubImage(image.Rect(2, 2, 8, 6))
}

func TestUprightMovesEveryPixel(t *testing.T) {
	full := image.Rect(0, 0, 9, 7)
	ycc := func(ratio image.YCbCrSubsampleRatio) *image.YCbCr {
		img := image.NewYCbCr(full, ratio)
		for _, p := range [][]byte{img.Y, img.Cb, img.Cr} {
			for i := range p {
				p[i] = byte(i*29 + 40)
			}
		}
		return img
	}
	fill := func(img draw.Image) draw.Image { scene(img); return img }
	palette := color.Palette{color.Black, color.White, color.Gray{80}, color.Gray{160}}
	pictures := map[string]image.Image{
		"gray":      fill(image.NewGray(full)),
		"gray16":    fill(image.NewGray16(full)),
		"paletted":  fill(image.NewPaletted(full, palette)),
		"rgba":      fill(image.NewRGBA(full)),
		"nrgba":     fill(image.NewNRGBA(full)),
		"cmyk":      fill(image.NewCMYK(full)),
		"rgba64":    fill(image.NewRGBA64(full)),
		"nrgba64":   fill(image.NewNRGBA64(full)),
		"alpha":     fill(image.NewAlpha(full)), // by way of RGBA
		"ycc444":    ycc(image.YCbCrSubsampleRatio444),
		"ycc420odd": ycc(image.YCbCrSubsampleRatio420),
		"ycc411":    ycc(image.YCbCrSubsampleRatio411),
		"ycc422sub": window(ycc(image.YCbCrSubsampleRatio422)),
		"ycc440sub": window(ycc(image.YCbCrSubsampleRatio440)),
		"ycc420sub": window(ycc(image.YCbCrSubsampleRatio420)),
		"nrgbasub":  window(fill(image.NewNRGBA(full)).(*image.NRGBA)),
	}
	for name, img := range pictures {
		for o, move := range wanted {
			out := pixels.Upright(img, o)
			r := img.Bounds()
			w, h := r.Dx(), r.Dy()
			if o >= 5 {
				require.Equal(t, image.Pt(h, w), out.Bounds().Size(), "%s, orientation %d", name, o)
			} else {
				require.Equal(t, image.Pt(w, h), out.Bounds().Size(), "%s, orientation %d", name, o)
			}
			for y := range h {
				for x := range w {
					wr, wg, wb, wa := img.At(r.Min.X+x, r.Min.Y+y).RGBA()
					ox, oy := move(x, y, w, h)
					gr, gg, gb, ga := out.At(out.Bounds().Min.X+ox, out.Bounds().Min.Y+oy).RGBA()
					// By way of RGBA a 16-bit value keeps its high byte.
					require.Equal(t, [4]uint32{wr >> 8, wg >> 8, wb >> 8, wa >> 8},
						[4]uint32{gr >> 8, gg >> 8, gb >> 8, ga >> 8}, "%s, orientation %d, pixel %d,%d", name, o, x, y)
				}
			}
		}
	}
}

func TestUprightKeepsUnknownOrientation(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 2, 2))
	for _, o := range []int{-1, 0, 1, 9} {
		require.Same(t, img, pixels.Upright(img, o))
	}
}

func TestFit(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 300, 200))
	require.Same(t, img, pixels.Fit(img, 0))
	require.Same(t, img, pixels.Fit(img, 300))
	require.Equal(t, image.Pt(299, 199), pixels.Fit(img, 299).Bounds().Size())
	require.Equal(t, image.Pt(30, 20), pixels.Fit(img, 30).Bounds().Size())
	thin := image.NewGray(image.Rect(0, 0, 5000, 1))
	require.Equal(t, image.Pt(10, 1), pixels.Fit(thin, 10).Bounds().Size(), "no side vanishes")
}

func TestFitAverages(t *testing.T) {
	// A one-pixel checkerboard must become grey, not a pattern.
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		if (i%64+i/64)%2 == 0 {
			img.Pix[i] = 255
		}
	}
	out := pixels.Fit(img, 16)
	for y := range 16 {
		for x := range 16 {
			r, _, _, _ := out.At(x, y).RGBA()
			require.InDelta(t, 127, r>>8, 16, "pixel %d,%d", x, y)
		}
	}
}
