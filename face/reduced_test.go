package face_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

// whole makes a finder look at all of a picture's pixels.
type whole struct{ f *face.Finder }

func (w whole) FindFaces(ctx context.Context, p *validate.Picture) (validate.Faces, error) {
	img, err := p.Image(ctx, 0)
	if err != nil {
		return validate.Faces{}, err
	}
	return w.f.FindIn(ctx, img)
}

// TestReducedPictures checks that a large JPEG, which validate hands over reduced, has the
// same faces and the same advice as at full size.
func TestReducedPictures(t *testing.T) {
	alone(t)
	f := finder(t)
	for name, c := range map[string]struct {
		w, h    int
		person  image.Rectangle
		advised []validate.Reason
	}{
		"portrait": {3000, 4000, image.Rect(300, 600, 2700, 3000), nil},
		"odd":      {2999, 2001, image.Rect(500, 100, 2300, 1900), nil},
		// The face is 51 of 192 pixels across: in the full picture some 60 and 90,
		// in the reduced ones half of that.
		"small":        {2000, 1500, image.Rect(700, 500, 925, 725), []validate.Reason{validate.FaceTooSmall}},
		"large enough": {2000, 1500, image.Rect(700, 500, 1040, 840), nil},
	} {
		var b bytes.Buffer
		require.NoError(t, jpeg.Encode(&b, within(person(t), c.w, c.h, c.person), &jpeg.Options{Quality: 92}))
		full, err := validate.Bytes(context.Background(), b.Bytes(), validate.Options{Faces: whole{f}})
		require.NoError(t, err, name)
		reduced, err := validate.Bytes(context.Background(), b.Bytes(), validate.Options{Faces: f})
		require.NoError(t, err, name)
		require.Len(t, full.Faces, 1, name)
		require.Len(t, reduced.Faces, 1, name)
		require.True(t, reduced.Faces[0].Bounds.In(image.Rect(0, 0, c.w, c.h)), name)
		requireSame(t, full.Faces[0], reduced.Faces[0], image.Point{}, max(6, float64(c.person.Dx())/40), name)
		require.Equal(t, c.advised, reasonsOf(full), name)
		require.Equal(t, c.advised, reasonsOf(reduced), name)
	}
}

func reasonsOf(r *validate.Result) (reasons []validate.Reason) {
	for _, w := range r.Warnings {
		reasons = append(reasons, w.Reason)
	}
	return reasons
}
