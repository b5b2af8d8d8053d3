package face_test

import (
	"context"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// TestCloseCrop checks that a face is found when it fills the frame, and when the frame cuts it.
func TestCloseCrop(t *testing.T) {
	alone(t)
	f := finder(t)
	img := within(person(t), 600, 600, image.Rect(0, 0, 600, 600))
	box := one(t, f, img, "whole").Bounds
	for _, part := range []float64{1.25, 1, 0.8, 0.6} {
		dx, dy := int(float64(box.Dx())*(1-part)/2), int(float64(box.Dy())*(1-part)/2)
		cut := image.Rect(box.Min.X+dx, box.Min.Y+dy, box.Max.X-dx, box.Max.Y-dy)
		seen, err := f.FindIn(context.Background(), img.SubImage(cut))
		require.NoError(t, err)
		require.Len(t, seen.Found, 1, "%v of the box", part)
		got := seen.Found[0].Bounds
		require.True(t, got.In(cut))
		require.GreaterOrEqual(t, got.Dx()*10, cut.Dx()*6, "%v of the box: it fills the frame", part)
		for _, w := range seen.Advice {
			require.NotEqual(t, validate.FaceRotated, w.Reason)
		}
	}
}

// TestUprightIsNotTurned checks that a second look at turned pictures does not mistake what is
// upright: the same picture, upright, gets no such advice.
func TestUprightIsNotTurned(t *testing.T) {
	alone(t)
	f := finder(t)
	for _, side := range []int{64, 200, 900} {
		seen, err := f.FindIn(context.Background(), within(person(t), side, side, image.Rect(0, 0, side, side)))
		require.NoError(t, err)
		require.Len(t, seen.Found, 1)
		m := seen.Found[0].Landmarks
		require.Less(t, m[0].X, m[1].X, "eyes")
		require.Less(t, m[0].Y, m[3].Y, "mouth below them")
		for _, w := range seen.Advice {
			require.NotEqual(t, validate.FaceRotated, w.Reason)
		}
	}
}

// TestSmallOnItsSide checks that a face on its side is found that is too small to be proposed in the picture turned: it
// looks like what may be an upright face.
func TestSmallOnItsSide(t *testing.T) {
	alone(t)
	f := finder(t)
	for _, side := range []int{80, 88, 92} {
		at := image.Rect(400, 300, 400+side, 300+side)
		img := within(person(t), 1000, 700, at)
		turned := image.NewRGBA(image.Rect(0, 0, 700, 1000))
		for y := range 700 {
			for x := range 1000 {
				turned.SetRGBA(700-1-y, x, img.RGBAAt(x, y))
			}
		}
		seen, err := f.FindIn(context.Background(), turned)
		require.NoError(t, err)
		require.Len(t, seen.Found, 1, side)
		require.True(t, seen.Found[0].Bounds.In(image.Rect(700-at.Max.Y, at.Min.X, 700-at.Min.Y, at.Max.X)), side)
		require.Equal(t, validate.FaceRotated, seen.Advice[0].Reason, side)
	}
}
