package validate_test

import (
	"context"
	"errors"
	"image"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// adviser is a face finder that gives advice.
type adviser struct {
	faces  []validate.Face
	advice []validate.Warning
	err    error
}

func (a adviser) FindFaces(context.Context, *validate.Picture) (validate.Faces, error) {
	return validate.Faces{Found: a.faces, Advice: a.advice}, a.err
}

var oneFace = []validate.Face{{Bounds: image.Rect(1, 2, 3, 4), Score: 0.9}}

// TestAdviceIsAWarning checks that advice follows what was forgiven in the file among the
// warnings, and that Strict refuses only for the latter.
func TestAdviceIsAWarning(t *testing.T) {
	a := adviser{faces: oneFace, advice: []validate.Warning{{Reason: validate.FaceDark, Offset: 77, Text: "dark"}}}
	want := validate.Warning{Reason: validate.FaceDark, Offset: -1, Text: "dark"}
	opts := validate.Options{Faces: a, Tolerance: validate.Strict}
	res, err := validate.Bytes(context.Background(), good(t, detect.PNG), opts)
	require.NoError(t, err)
	require.Equal(t, oneFace, res.Faces)
	require.Equal(t, []validate.Warning{want}, res.Warnings)

	trailing := append(good(t, detect.PNG), 0)
	res, err = validate.Bytes(context.Background(), trailing, validate.Options{Faces: a})
	require.NoError(t, err)
	require.Len(t, res.Warnings, 2)
	require.Equal(t, validate.TrailingData, res.Warnings[0].Reason)
	require.Equal(t, want, res.Warnings[1])

	res, err = validate.Bytes(context.Background(), trailing, opts)
	requireRefusal(t, err, validate.CodeCorrupted, "strict", validate.TrailingData)
	require.Empty(t, res.Faces, "refused before the face hook")
}

// TestAdviceOnNoFace checks that a client sees the same code 4, and that the person is told what
// the finder saw.
func TestAdviceOnNoFace(t *testing.T) {
	refuse := func(reasons ...validate.Reason) *validate.Error {
		var a adviser
		for _, r := range reasons {
			a.advice = append(a.advice, validate.Warning{Reason: r})
		}
		res, err := validate.Bytes(context.Background(), good(t, detect.PNG), validate.Options{Faces: a})
		require.Len(t, res.Warnings, len(reasons))
		return requireRefusal(t, err, validate.CodeFaceNotFound, "no face", validate.NoFace)
	}
	plain := refuse()
	texts := map[string]bool{plain.Advice(): true}
	for _, r := range []validate.Reason{validate.FaceWeak, validate.FaceRotated, validate.FaceCovered, validate.FaceDrawn} {
		e := refuse(r)
		require.False(t, texts[e.Advice()], "%s: a text of its own", r)
		texts[e.Advice()] = true
		b, err := e.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, `{"error":{"code":4,"message":"face not found"}}`, string(b))
		require.Contains(t, e.LogValue().Group(), slog.String("hint", string(r)))
	}
	require.Equal(t, plain.Advice(), refuse("something_new").Advice())
	require.NotContains(t, plain.LogValue().String(), "hint")
}

// TestAdviceIsBounded checks that a finder cannot fill the result.
func TestAdviceIsBounded(t *testing.T) {
	a := adviser{faces: oneFace, advice: make([]validate.Warning, 100)}
	res, err := validate.Bytes(context.Background(), good(t, detect.PNG), validate.Options{Faces: a})
	require.NoError(t, err)
	require.Len(t, res.Warnings, 16)
}

// TestAdviserFails checks that the failure of a finder that advises is not a verdict.
func TestAdviserFails(t *testing.T) {
	broken := errors.New("out of memory")
	_, err := validate.Bytes(context.Background(), good(t, detect.PNG), validate.Options{Faces: adviser{err: broken, advice: []validate.Warning{{Reason: validate.FaceWeak}}}})
	require.ErrorIs(t, err, broken)
	requireOperational(t, err, "adviser")
}
