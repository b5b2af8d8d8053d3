package validate

import (
	"context"
	"image"
	"math"
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
// refuses a picture, under Strict neither. When no face was found, the first
// piece decides what [Error.Advice] of the refusal says. A Text is for a person, and holds
// nothing of the file.
type FaceAdviser interface {
	FaceFinder
	AdviseFaces(ctx context.Context, img image.Image) (faces []Face, advice []Warning, err error)
}

// FaceSizer is a FaceFinder that needs no more than so many pixels of a picture.
//
// Where PictureSide returns more than 0, Validate may hand the finder a picture that
// was reduced as it was decoded, which for a JPEG costs a fraction of the time and
// memory: all of the picture, its longer side at PictureSide pixels or more unless the
// full picture has fewer. The faces that are found in it are brought to full size for
// Result.Faces. PictureSide must be safe for concurrent use, and cheap.
type FaceSizer interface {
	FaceFinder
	PictureSide() int
}

// FaceSizeAdviser is a FaceSizer with advice that depends on the size of the full
// picture, such as of a face that is too small. Validate calls AdviseReduced in place of
// AdviseFaces and FindFaces where Options.Faces has it. full is the size of the picture,
// upright, before it was reduced to img: img's own if it was not. The faces are in
// pixels of img, as those of FindFaces are. For the advice see [FaceAdviser]; without
// this method that of a FaceSizer is asked of AdviseFaces, about the picture as handed.
type FaceSizeAdviser interface {
	FaceSizer
	AdviseReduced(ctx context.Context, img image.Image, full image.Point) (faces []Face, advice []Warning, err error)
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

// facesOf asks finder for the faces in img, and for advice if it has any to give. The
// faces are in pixels of the picture at full size, which img may be reduced from.
func facesOf(ctx context.Context, finder FaceFinder, img image.Image, full image.Point) (faces []Face, advice []Warning, err error) {
	switch f := finder.(type) {
	case FaceSizeAdviser:
		faces, advice, err = f.AdviseReduced(ctx, img, full)
	case FaceAdviser:
		faces, advice, err = f.AdviseFaces(ctx, img)
	default:
		faces, err = finder.FindFaces(ctx, img)
	}
	if err != nil {
		return nil, nil, err
	}
	if b := img.Bounds(); b.Size() != full {
		faces = enlarged(faces, b, full)
	}
	return faces, advice[:min(len(advice), maxFaceAdvice)], nil
}

// enlarged returns faces in a picture of those bounds in pixels of one of size full.
func enlarged(faces []Face, bounds image.Rectangle, full image.Point) []Face {
	size := bounds.Size()
	at := func(p image.Point) image.Point {
		x := float64(p.X-bounds.Min.X) * float64(full.X) / float64(size.X)
		y := float64(p.Y-bounds.Min.Y) * float64(full.Y) / float64(size.Y)
		return image.Pt(int(math.Round(x)), int(math.Round(y)))
	}
	out := make([]Face, len(faces))
	for i, f := range faces {
		// Not in place: the finder may have kept its own.
		out[i] = Face{Bounds: image.Rectangle{Min: at(f.Bounds.Min), Max: at(f.Bounds.Max)}, Score: f.Score}
		for _, m := range f.Landmarks {
			out[i].Landmarks = append(out[i].Landmarks, at(m))
		}
	}
	return out
}
