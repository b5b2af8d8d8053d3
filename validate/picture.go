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
	"github.com/imgvet/imgvet/internal/verify"
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
// An error is operational, such as [ErrNoPixels], and says nothing about the
// picture. The decoders take up to 8 bytes a pixel, but image/jpeg up to 24 of a
// progressive JPEG, whose file can be small: Options.MaxPixels bounds that.
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
			return nil, noPixels(err)
		}
		p.upright = img
	}
	return pixels.Fit(p.upright, maxSide), nil
}

// decode makes the upright pixels. When ctx is done it returns at once; a decoder of
// the standard library that has begun runs on to its end, and its pixels are lost.
func (p *Picture) decode(ctx context.Context) (image.Image, error) {
	if p.Format == detect.HEIC {
		// HEIF's transforms are part of the format, so that heic applies them.
		return heic.Decode(ctx, p.b, heic.Limits{MaxPixels: p.opts.maxPixels()})
	}
	type decoded struct {
		img image.Image
		err error
	}
	done := make(chan decoded, 1)
	go func() {
		var d decoded
		defer func() {
			// A panic in a goroutine of its own would end the whole service.
			if r := recover(); r != nil {
				d = decoded{err: fmt.Errorf("turning upright panicked: %v", r)}
			}
			done <- d
		}()
		d.img, d.err = pixels.Decode(p.Format, p.b)
		if d.err == nil && ctx.Err() == nil {
			d.img = pixels.Upright(d.img, p.Orientation)
		}
	}()
	select {
	case d := <-done:
		return d.img, d.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ErrNoPixels means that a picture was verified, and that no decoder here can make
// pixels of it for a hook: JPEG that image/jpeg lacks (arithmetic coding, uneven
// sampling, restart markers in subsampled scans), HEIC in a build without a
// decoder (see package heic). It is operational, and never a verdict.
var ErrNoPixels = errors.New("validate: no pixels of a verified picture")

// noPixels makes a decoder's failure operational.
func noPixels(err error) error {
	var fault *verify.Fault
	if errors.As(err, &fault) || errors.Is(err, heic.ErrNoPixels) {
		return opaque{ErrNoPixels.Error() + ": " + err.Error(), errors.Join(ErrNoPixels, err)}
	}
	return opaque{"validate: pixels: " + err.Error(), err}
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
	faces, advice, err := facesOf(ctx, p.opts.Faces, img)
	if err != nil {
		return hookError(err, p.Format, "face finder")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.Faces = faces
	for _, w := range advice {
		w.Offset = -1
		p.Warnings = append(p.Warnings, w)
	}
	if len(faces) == 0 {
		e := refuse(CodeFaceNotFound, NoFace)
		e.Format = p.Format
		if len(advice) > 0 {
			e.hint = advice[0].Reason
		}
		return e
	}
	return nil
}
