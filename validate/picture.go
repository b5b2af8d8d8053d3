package validate

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/pixels"
)

// Picture is a verified file as a [Check] sees it. It is valid until the check
// returns, and safe for concurrent use until then.
type Picture struct {
	*Result
	b    []byte
	opts Options

	mu      sync.Mutex
	upright image.Image // decoded and turned upright; nil until asked for
}

// Bytes returns the file's bytes. They belong to the caller of Validate: do not
// change them, and do not keep them.
func (p *Picture) Bytes() []byte { return p.b }

// Image returns the picture's pixels, upright: the orientation of EXIF or HEIF
// is applied. Of an animation it is the first frame. maxSide above 0 asks for a
// picture scaled down so that neither side is longer; 0 asks for full size. Do
// not change the pixels: they are decoded once and shared.
//
// An error is operational, such as a build without an HEVC decoder, and says
// nothing about the picture.
func (p *Picture) Image(ctx context.Context, maxSide int) (image.Image, error) {
	if maxSide < 0 {
		return nil, fmt.Errorf("validate: Picture.Image: maxSide is %d; it must not be negative", maxSide)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.upright == nil {
		img, err := p.decode(ctx)
		if err != nil {
			return nil, pixelError{err}
		}
		p.upright = img
	}
	return pixels.Fit(p.upright, maxSide), nil
}

// decode makes the upright pixels.
func (p *Picture) decode(ctx context.Context) (image.Image, error) {
	if p.Format == detect.HEIC {
		// HEIF's transforms are part of the format, so that heic applies them.
		return heic.Decode(ctx, p.b, heic.Limits{MaxPixels: p.opts.maxPixels()})
	}
	img, err := pixels.Decode(p.Format, p.b)
	if err != nil {
		return nil, err
	}
	return pixels.Upright(img, p.Orientation), nil
}

// findFaces runs the face hook, if there is one, and notes what it finds.
func (p *Picture) findFaces(ctx context.Context) error {
	if p.opts.Faces == nil {
		return nil
	}
	img, err := p.Image(ctx, 0)
	if err != nil {
		return err
	}
	faces, err := p.opts.Faces.FindFaces(ctx, img)
	if err != nil {
		return hookError(err, p.Format, "face finder")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.Faces = faces
	if len(faces) == 0 {
		e := refuse(CodeFaceNotFound, NoFace)
		e.Format = p.Format
		return e
	}
	return nil
}

// pixelError is a failure to make pixels of a verified picture. It hides the
// decoder's refusals from errors.As, so that no caller takes one for a verdict.
type pixelError struct{ err error }

func (e pixelError) Error() string { return "validate: no pixels: " + e.err.Error() }

// Is lets errors.Is find the causes that are not about the file.
func (e pixelError) Is(target error) bool { return errors.Is(e.err, target) }
