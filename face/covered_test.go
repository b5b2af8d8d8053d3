package face_test

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// goodPortrait returns a good portrait of 500x400, and its face.
func goodPortrait(t testing.TB) (*image.RGBA, validate.Face) {
	img := within(person(t), 500, 400, image.Rect(58, 8, 442, 392))
	return img, one(t, finder(t), img, "portrait")
}

// painted returns img with the pixels of a cover painted. in says how much of a pixel is covered,
// in coordinates with the origin between the eyes, in eye distances.
func painted(img *image.RGBA, f validate.Face, c color.RGBA, in func(u, v float64) bool) *image.RGBA {
	right, left := f.Landmarks[0], f.Landmarks[1]
	ex, ey := float64(left.X-right.X), float64(left.Y-right.Y)
	n := ex*ex + ey*ey
	out := image.NewRGBA(img.Rect)
	draw.Draw(out, out.Rect, img, image.Point{}, draw.Src)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			dx, dy := float64(x)-float64(right.X+left.X)/2, float64(y)-float64(right.Y+left.Y)/2
			if u, v := (dx*ex+dy*ey)/n, (dy*ex-dx*ey)/n; in(u, v) {
				shade := 1 - 0.15*math.Abs(u) // a little, as of cloth
				out.SetRGBA(x, y, color.RGBA{byte(float64(c.R) * shade), byte(float64(c.G) * shade), byte(float64(c.B) * shade), 255})
			}
		}
	}
	return out
}

// mask is from the middle of the nose to below the chin.
func mask(u, v float64) bool {
	t := (v - 0.35) / 1.4
	return t >= 0 && t <= 1 && math.Abs(u) < 1.05-0.4*t*t
}

// glasses are over both eyes.
func glasses(u, v float64) bool {
	return math.Hypot((math.Abs(u)-0.53)/0.46, (v-0.03)/0.34) < 1 || math.Abs(v+0.1) < 0.05 && math.Abs(u) < 1.2
}

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{20, 20, 24, 255}
	blue  = color.RGBA{150, 195, 220, 255}
)

// TestCovered covers a good portrait. A white mask is bright, but no light has done that.
func TestCovered(t *testing.T) {
	alone(t)
	img, f := goodPortrait(t)
	beside := func(u, v float64) bool { return v > 2.2 || v < -1.6 || math.Abs(u) > 1.9 }
	for name, c := range map[string]struct {
		colour color.RGBA
		in     func(u, v float64) bool
		want   []validate.Reason
	}{
		"blue mask":          {blue, mask, []validate.Reason{validate.FaceCovered}},
		"white mask":         {white, mask, []validate.Reason{validate.FaceCovered}},
		"black mask":         {black, mask, []validate.Reason{validate.FaceCovered}},
		"sunglasses":         {black, glasses, []validate.Reason{validate.FaceCovered}},
		"cloth beside it":    {blue, beside, nil},
		"darkness beside it": {black, beside, nil},
	} {
		faces, advice := reasons(t, painted(img, f, c.colour, c.in))
		require.Equal(t, 1, faces, name)
		require.Equal(t, c.want, advice, name)
	}
}

// moved returns img as a camera takes it that moves by length pixels in a direction.
func moved(img *image.RGBA, length, degrees float64) *image.RGBA {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	out := image.NewRGBA(img.Rect)
	n := int(2 * length)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]int
			for i := range n {
				s := length * (float64(i)/float64(n) - 0.5)
				p := img.RGBAAt(min(max(x+int(math.Round(s*cos)), 0), img.Rect.Dx()-1), min(max(y+int(math.Round(s*sin)), 0), img.Rect.Dy()-1))
				sum[0], sum[1], sum[2] = sum[0]+int(p.R), sum[1]+int(p.G), sum[2]+int(p.B)
			}
			out.SetRGBA(x, y, color.RGBA{byte(sum[0] / n), byte(sum[1] / n), byte(sum[2] / n), 255})
		}
	}
	return out
}

// TestMotionBlur moves the camera in directions in which another one stays sharp.
func TestMotionBlur(t *testing.T) {
	alone(t)
	img, f := goodPortrait(t)
	for _, degrees := range []float64{0, 30, 45, 90, 120, 160} {
		faces, advice := reasons(t, moved(img, float64(f.Bounds.Dx())/4, degrees))
		require.Equal(t, 1, faces, degrees)
		require.Contains(t, advice, validate.FaceBlurred, degrees)
		require.NotContains(t, advice, validate.FaceCovered, "smeared eyes are no covered ones")
	}
	_, advice := reasons(t, moved(img, float64(f.Bounds.Dx())/50, 0))
	require.NotContains(t, advice, validate.FaceBlurred, "hardly moved")
}

// TestNoSignsOfTurned checks that nothing is said to be over a bare face that is upside down or on its
// side: the heads know upright faces only.
func TestNoSignsOfTurned(t *testing.T) {
	f := finder(t)
	img, _ := goodPortrait(t)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	half, side := image.NewRGBA(img.Rect), image.NewRGBA(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			half.SetRGBA(w-1-x, h-1-y, img.RGBAAt(x, y))
			side.SetRGBA(h-1-y, x, img.RGBAAt(x, y))
		}
	}
	for name, turned := range map[string]image.Image{"upside down": half, "on its side": side} {
		seen, err := f.FindIn(context.Background(), turned)
		require.NoError(t, err)
		require.NotEmpty(t, seen.Found, name)
		for _, a := range seen.Advice {
			require.NotContains(t, []validate.Reason{validate.FaceCovered, validate.FaceDrawn}, a.Reason, name)
		}
	}
}
