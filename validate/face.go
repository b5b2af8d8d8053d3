package validate

import (
	"context"
	"image"
	"math"
)

// FaceFinder finds human faces in a verified picture. It asks p for as many pixels as it needs
// ([Picture.Image], [Picture.Reduced]). It must be safe for concurrent use, and must neither
// keep p nor change its pixels.
//
// If there is no face, it returns Faces with an empty Found and a nil error. An [*Error] is a
// refusal; any other error is operational, and never means "no face".
//
// [FaceFinderFunc] and [FacePresence] turn a function of a picture's pixels into a FaceFinder.
type FaceFinder interface {
	FindFaces(ctx context.Context, p *Picture) (Faces, error)
}

// Faces are what a [FaceFinder] says about a picture.
type Faces struct {
	Found []Face // in pixels of the upright picture at full size: see [Picture.FullSize]
	// Advice is what a person should know about the faces, the most important first. At most 16
	// pieces of it join Result.Warnings, each with an Offset of -1. Advice never refuses a
	// picture, not even under Strict. If no face was found, the first piece selects the text of
	// [Error.Advice] of the refusal. A Text holds nothing of the file.
	Advice []Warning
}

// FaceFinderFunc makes a FaceFinder of a detector that takes a picture's pixels, upright and at
// full size, and returns the faces in them, in pixels of img.
type FaceFinderFunc func(ctx context.Context, img image.Image) ([]Face, error)

// FindFaces calls f with the pixels of p.
func (f FaceFinderFunc) FindFaces(ctx context.Context, p *Picture) (Faces, error) {
	img, err := p.Image(ctx, 0)
	if err != nil {
		return Faces{}, err
	}
	found, err := f(ctx, img)
	return Faces{Found: found}, err
}

// FacePresence makes a FaceFinder of a detector that only says yes or no. A yes
// is one Face of score 1 as large as the picture.
//
// A nil f makes a nil FaceFinderFunc, which [Options.Problems] reports.
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
	Landmarks []image.Point // optional: right eye, left eye, nose, mouth, right ear, left ear, the right being the person's own
	Pose      *Pose         // optional: nil if the finder does not tell it
}

// Pose is where a head looks, in degrees. All three are 0 if it is upright and looks into the
// camera.
type Pose struct {
	Yaw   float64 // -90..90; positive if it looks towards the picture's right
	Pitch float64 // -90..90; positive if it looks up
	Roll  float64 // -180..180; positive if it is turned clockwise in the picture
}

// findFaces runs the face hook, if there is one, and notes its findings in p.
func (p *Picture) findFaces(ctx context.Context) error {
	if p.opts.Faces == nil {
		return nil
	}
	faces, err := p.opts.Faces.FindFaces(ctx, p)
	if err != nil {
		return hookError(err, p.Format, "face finder")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.Faces = faces.Found
	for _, w := range faces.Advice[:min(len(faces.Advice), maxFaceAdvice)] {
		w.Offset = -1
		p.Warnings = append(p.Warnings, w)
	}
	if len(faces.Found) > 0 {
		return nil
	}
	e := refuse(CodeFaceNotFound, NoFace)
	e.Format = p.Format
	if len(faces.Advice) > 0 {
		e.hint = faces.Advice[0].Reason
	}
	return e
}

// maxFaceAdvice is how many pieces of advice about one picture are kept.
const maxFaceAdvice = 16

// FullSize converts faces from pixels of img to pixels of the picture at full size. img must
// come from [Picture.Image] or [Picture.Reduced].
func (p *Picture) FullSize(faces []Face, img image.Image) []Face {
	bounds, full := img.Bounds(), p.uprightSize()
	if bounds.Size() == full || bounds.Empty() {
		return faces
	}
	return enlarged(faces, bounds, full)
}

// enlarged converts faces from pixels of a picture with these bounds to pixels of one of size
// full.
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
		out[i] = f
		out[i].Bounds, out[i].Landmarks = image.Rectangle{Min: at(f.Bounds.Min), Max: at(f.Bounds.Max)}, nil
		for _, m := range f.Landmarks {
			out[i].Landmarks = append(out[i].Landmarks, at(m))
		}
	}
	return out
}
