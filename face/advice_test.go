package face_test

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/require"
	xdraw "golang.org/x/image/draw"

	"github.com/imgvet/imgvet/validate"
)

// reasons returns the faces in img and the reasons of the advice.
func reasons(t testing.TB, img image.Image) (faces int, reasons []validate.Reason) {
	seen, err := finder(t).FindIn(context.Background(), img)
	found, advice := seen.Found, seen.Advice
	require.NoError(t, err)
	for _, w := range advice {
		require.NotEmpty(t, w.Text)
		require.EqualValues(t, -1, w.Offset)
		reasons = append(reasons, w.Reason)
	}
	return len(found), reasons
}

// brightness returns img with every sample scaled and clipped at white.
func brightness(img *image.RGBA, by, plus float64) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	for i, v := range img.Pix {
		if out.Pix[i] = v; i%4 != 3 {
			out.Pix[i] = byte(min(255, float64(v)*by+plus))
		}
	}
	return out
}

// shrunk returns img scaled down and up again, which blurs it.
func shrunk(img *image.RGBA, by int) *image.RGBA {
	small := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()/by, img.Rect.Dy()/by))
	xdraw.BiLinear.Scale(small, small.Rect, img, img.Rect, draw.Src, nil)
	out := image.NewRGBA(img.Rect)
	xdraw.CatmullRom.Scale(out, out.Rect, small, small.Rect, draw.Src, nil)
	return out
}

// TestAdvice makes, from one good portrait, a picture for each piece of advice.
func TestAdvice(t *testing.T) {
	alone(t)
	// The face is 51 of 192 pixels across; here twice that.
	good := within(person(t), 500, 400, image.Rect(58, 8, 442, 392))
	faces, advice := reasons(t, good)
	require.Equal(t, 1, faces)
	require.Empty(t, advice, "a good portrait")

	two := within(person(t), 900, 400, image.Rect(58, 8, 442, 392))
	draw.Draw(two, image.Rect(450, 0, 900, 400), good, image.Point{}, draw.Src)

	// The face lies between 35 % and 62 % of the portrait's width.
	cut := image.NewRGBA(image.Rect(0, 0, 300, 400))
	draw.Draw(cut, cut.Rect, good, image.Pt(58+384*42/100, 0), draw.Src)

	for name, c := range map[string]struct {
		img   image.Image
		want  validate.Reason
		faces int
	}{
		"two faces": {two, validate.SeveralFaces, 2},
		"small":     {within(person(t), 250, 200, image.Rect(29, 4, 221, 196)), validate.FaceTooSmall, 1},
		"cut":       {cut, validate.FaceCut, 1},
		"dark":      {brightness(good, 0.2, 0), validate.FaceDark, 1},
		"bright":    {brightness(good, 1.6, 40), validate.FaceOverexposed, 1},
		"blurred":   {shrunk(good, 10), validate.FaceBlurred, 1},
	} {
		faces, advice := reasons(t, c.img)
		require.Equal(t, c.faces, faces, name)
		require.Equal(t, []validate.Reason{c.want}, advice, name)
	}
}

// TestAdviceWeak looks for a picture between a face and none: a bar rises over a portrait, and may be seen
// as what covers it.
func TestAdviceWeak(t *testing.T) {
	alone(t)
	portrait := within(person(t), 300, 240, image.Rect(54, 24, 246, 216))
	seen := map[string]int{}
	for top := 120; top > 50; top-- {
		img := image.NewRGBA(portrait.Rect)
		draw.Draw(img, img.Rect, portrait, image.Point{}, draw.Src)
		draw.Draw(img, image.Rect(0, top, 300, 240), image.NewUniform(color.Gray{90}), image.Point{}, draw.Src)
		switch faces, advice := reasons(t, img); {
		case faces == 1:
			seen["face"]++
		case len(advice) == 1 && advice[0] == validate.FaceWeak:
			seen["weak"]++
		case len(advice) == 1 && advice[0] == validate.FaceCovered:
			seen["covered"]++
		case len(advice) == 0:
			seen["none"]++
		}
	}
	require.Positive(t, seen["face"])
	require.Positive(t, seen["weak"]+seen["covered"], seen)
	require.Positive(t, seen["none"])
}
