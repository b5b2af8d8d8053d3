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

// FaceAdviser is a FaceFinder that also says what a person should know about what
// it saw. Validate calls AdviseFaces in place of FindFaces where Options.Faces has
// both.
//
// The advice joins Result.Warnings, at most 16 pieces of it, each with an Offset of -1; it never
// refuses a picture, under Options.Strict neither. When no face was found, the first
// piece decides what [Error.Advice] of the refusal says. A Text is for a person, and holds
// nothing of the file.
type FaceAdviser interface {
	FaceFinder
	AdviseFaces(ctx context.Context, img image.Image) (faces []Face, advice []Warning, err error)
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
	Landmarks []image.Point // optional: right eye, left eye, nose, mouth, right ear, left ear, as the person would say
}

// maxFaceAdvice is the most pieces of advice that are kept of one picture.
const maxFaceAdvice = 16

// facesOf asks finder for the faces in img, and for advice if it has any to give.
func facesOf(ctx context.Context, finder FaceFinder, img image.Image) ([]Face, []Warning, error) {
	adviser, ok := finder.(FaceAdviser)
	if !ok {
		faces, err := finder.FindFaces(ctx, img)
		return faces, nil, err
	}
	faces, advice, err := adviser.AdviseFaces(ctx, img)
	return faces, advice[:min(len(advice), maxFaceAdvice)], err
}
