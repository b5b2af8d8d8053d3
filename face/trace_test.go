package face_test

import (
	"context"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face/internal/trace"
)

// TestTrace checks that a search shows each candidate, and finds the same with nobody looking.
func TestTrace(t *testing.T) {
	f := finder(t)
	var seen []trace.Candidate
	ctx := trace.With(context.Background(), func(c trace.Candidate) { seen = append(seen, c) })
	whole := copied(image.NewRGBA(person(t).Bounds()), person(t)).(*image.RGBA)
	box := one(t, f, whole, "whole").Bounds

	for i, img := range []image.Image{whole, whole.SubImage(box.Inset(box.Dx() / 5))} {
		seen = nil
		want, err := f.FindIn(context.Background(), img)
		require.NoError(t, err)
		require.Empty(t, seen)
		got, err := f.FindIn(ctx, img)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.NotEmpty(t, seen)
		surest := seen[0]
		for _, c := range seen {
			require.Positive(t, c.Proposal)
			if c.Score > surest.Score {
				surest = c
			}
		}
		require.Equal(t, got.Found[0].Score, surest.Score)
		require.Equal(t, i == 1, surest.Frame)
		require.Equal(t, i == 1, surest.Side >= 0.6)
	}
}
