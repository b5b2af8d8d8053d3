package validate

import (
	"context"
	"image"
)

// FaceFinder finds human faces in an upright picture: the orientation of EXIF
// or HEIF has been applied. It must be safe for concurrent use and must not
// change img.
//
// No face is an empty slice and a nil error. An [*Error] is a refusal; any other
// error is operational, and never means "no face".
type FaceFinder interface {
	FindFaces(ctx context.Context, img image.Image) ([]Face, error)
}

// FaceFinderFunc makes a function a FaceFinder.
type FaceFinderFunc func(ctx context.Context, img image.Image) ([]Face, error)

// FindFaces calls f.
func (f FaceFinderFunc) FindFaces(ctx context.Context, img image.Image) ([]Face, error) {
	return f(ctx, img)
}

// FacePresence makes a FaceFinder of a detector that only says yes or no. A yes
// is one Face of score 1 as large as the picture.
//
// A nil f makes a nil FaceFinderFunc, which [Options.Problems] tells of.
func FacePresence(f func(ctx context.Context, img image.Image) (bool, error)) FaceFinder {
	if f == nil {
		return FaceFinderFunc(nil)
	}
	return FaceFinderFunc(func(ctx context.Context, img image.Image) ([]Face, error) {
		found, err := f(ctx, img)
		if err != nil || !found {
			return nil, err
		}
		return []Face{{Bounds: img.Bounds(), Score: 1}}, nil
	})
}

// Face is one face that was found, in pixels of the upright picture at full size.
type Face struct {
	Bounds    image.Rectangle
	Score     float64       // the finder's confidence, 0..1
	Landmarks []image.Point // optional: eyes, nose, mouth, ears
}
