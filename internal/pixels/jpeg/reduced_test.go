package jpeg_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	gojpeg "image/jpeg"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/stretchr/testify/require"
)

// averaged returns a plane's samples averaged over squares of n by n, fewer at the
// right and the lower edge.
func averaged(p []byte, size image.Point, n int) ([]byte, image.Point) {
	small := image.Pt((size.X+n-1)/n, (size.Y+n-1)/n)
	out := make([]byte, 0, small.X*small.Y)
	for y := range small.Y {
		for x := range small.X {
			sum, count := 0, 0
			for v := y * n; v < min(size.Y, y*n+n); v++ {
				for h := x * n; h < min(size.X, x*n+n); h++ {
					sum += int(p[v*size.X+h])
					count++
				}
			}
			out = append(out, byte((sum+count/2)/count))
		}
	}
	return out, small
}

// A reduced plane is close to the average of the full one. Reducing by the low frequencies keeps
// more sharpness than an average does.
func TestReducedIsAboutTheAverage(t *testing.T) {
	for _, f := range goodFiles(t) {
		full, sizes := planesOf(t, decode(t, f.name, f.data, 1))
		for _, scale := range []int{2, 4, 8} {
			img := decode(t, f.name, f.data, scale)
			gots, gotSizes := planesOf(t, img)
			require.Len(t, gots, len(full), f.name)
			for i := range full {
				want, size := averaged(full[i], sizes[i], scale)
				require.Equal(t, size, gotSizes[i], "%s at 1/%d: plane %d", f.name, scale, i)
				mean, _ := difference(want, gots[i])
				limit := 7.0 // chroma of the smallest pictures, whose edges are padding
				if _, isYCbCr := img.(*image.YCbCr); i == 0 && len(full) < 4 {
					limit = 4
				} else if !isYCbCr {
					// Of RGB and CMYK the full picture repeats samples of 16x16 pixels.
					limit = 22
				}
				if mean > limit {
					t.Errorf("%s at 1/%d: plane %d: mean %.2f", f.name, scale, i, mean)
				}
			}
		}
	}
}

// libjpeg-turbo reduces by an average of the whole block's frequencies. So the samples are equal
// only at 1/8, where that is the first coefficient alone.
func TestReducedDjpeg(t *testing.T) {
	testenv.OneGoroutine(t)
	djpeg := tool(t, "djpeg")
	for _, f := range goodFiles(t) {
		for _, scale := range []int{1, 2, 4, 8} {
			img := decode(t, f.name, f.data, scale)
			gots, sizes := planesOf(t, img)
			if _, isRGB := img.(*image.RGBA); isRGB || len(gots) == 4 {
				continue // djpeg gives no gray of these that is a plane
			}
			out := run(t, f.data, djpeg, "-grayscale", "-pnm", "-scale", fmt.Sprintf("1/%d", scale))
			header := fmt.Sprintf("P5\n%d %d\n255\n", sizes[0].X, sizes[0].Y)
			require.True(t, bytes.HasPrefix(out, []byte(header)), "%s at 1/%d: %.20q", f.name, scale, out)
			mean, largest := difference(out[len(header):], gots[0])
			limit := map[int]float64{1: 0.02, 2: 4, 4: 4, 8: 0.02}[scale]
			if mean > limit || (scale == 1 || scale == 8) && largest > 1 {
				t.Errorf("%s at 1/%d: mean %.3f, largest %d", f.name, scale, mean, largest)
			}
		}
	}
}

// Colours of reduced pictures are those of the file: a picture of quarters in strong
// colours, in each way of coding that jpegtran has.
func TestReducedColours(t *testing.T) {
	colours := []color.NRGBA{{200, 30, 40, 255}, {30, 160, 60, 255}, {40, 60, 190, 255}, {220, 210, 60, 255}}
	img := image.NewNRGBA(image.Rect(0, 0, 128, 64))
	at := func(x, y int) color.NRGBA { return colours[x/64+2*(y/32)] }
	for y := range 64 {
		for x := range 128 {
			img.SetNRGBA(x, y, at(x, y))
		}
	}
	var buf bytes.Buffer
	require.NoError(t, gojpeg.Encode(&buf, img, &gojpeg.Options{Quality: 95}))
	files := []file{{"image/jpeg", buf.Bytes()}}
	if _, err := lookTool("jpegtran"); err == nil {
		for _, way := range ways {
			files = append(files, file{fmt.Sprint(way), run(t, buf.Bytes(), "jpegtran", way...)})
		}
	}
	for _, f := range files {
		for _, scale := range []int{1, 2, 4, 8} {
			got := decode(t, f.name, f.data, scale)
			for y := 8; y < 64; y += 16 {
				for x := 8; x < 128; x += 16 {
					r, g, b, _ := got.At(x/scale, y/scale).RGBA()
					want := at(x, y)
					require.InDelta(t, want.R, r>>8, 6, "%s at 1/%d: red at %d,%d", f.name, scale, x, y)
					require.InDelta(t, want.G, g>>8, 6, "%s at 1/%d: green at %d,%d", f.name, scale, x, y)
					require.InDelta(t, want.B, b>>8, 6, "%s at 1/%d: blue at %d,%d", f.name, scale, x, y)
				}
			}
		}
	}
}
