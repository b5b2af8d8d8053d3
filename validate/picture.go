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

	running sync.RWMutex  // read-locked by what makes pixels, locked when the hooks are over
	turn    chan struct{} // holds an element while the fields below are in use
	upright image.Image   // decoded and turned upright; nil until asked for
	scale   int           // 1 if upright is the full picture, else by how much it was reduced
}

// Bytes returns the file's bytes. They belong to the caller of Validate: do not
// change them, and do not keep them.
func (p *Picture) Bytes() []byte { return p.b }

// Image returns the picture's pixels, upright: the orientation of EXIF or HEIF is applied. From
// an animation it returns the first frame. maxSide above 0 asks for a picture scaled down so
// that neither side is longer; 0 asks for full size. Do not change the pixels: all calls share
// them. The picture is decoded once, and again only if a call needs a larger size than those
// before.
//
// A JPEG or HEIC that need not be at full size is decoded at 1/2, 1/4 or 1/8, and a PNG, BMP or
// WebP at 1/2, 1/3, 1/4 and so on, then scaled down. That takes a fraction of the memory, and
// for JPEG and PNG of the time.
//
// An error is operational, such as [ErrNoPixels], and says nothing about the picture. At full
// size the decoders take up to 8 bytes a pixel, except that image/jpeg takes up to 24 for a
// progressive JPEG, whose file can be small: Options.MaxPixels bounds that. Reduced, a JPEG
// takes at most 4.5 bytes for each pixel of its full size, and a lossy WebP 1.5. A reduced PNG
// takes three of its rows and 4 bytes for each pixel of the reduced size, or 20 bytes if it is
// interlaced. A reduced BMP takes those 4 bytes. A lossless WebP, and one with opacity, takes
// 4 MiB more, and for its transforms less than a byte for each pixel of its full size.
func (p *Picture) Image(ctx context.Context, maxSide int) (image.Image, error) {
	if maxSide < 0 {
		return nil, fmt.Errorf("validate: Picture.Image: maxSide is %d; it must not be negative", maxSide)
	}
	img, err := p.atLeast(ctx, maxSide)
	if err != nil {
		return nil, err
	}
	full := img.Bounds().Size()
	if p.reducible() {
		full = p.uprightSize() // however much img was reduced
	}
	size := pixels.Fitted(full, maxSide)
	if img.Bounds().Size() == size {
		return img, nil
	}
	return p.aside(ctx, func() (image.Image, error) { return pixels.FitTo(img, size), nil })
}

// Reduced returns the whole picture, upright, at the cheapest size whose longer side has at
// least minSide pixels, or at full size if the picture has fewer. That takes a fraction of the
// memory of a full decode, and for JPEG and PNG of the time. [Picture.FullSize] converts faces
// found in the result to full size. [Picture.Image] states the rest: ownership, errors and cost.
func (p *Picture) Reduced(ctx context.Context, minSide int) (image.Image, error) {
	return p.atLeast(ctx, max(0, minSide))
}

// atLeast returns upright pixels whose longer side has at least minSide pixels, or all pixels if
// the picture has fewer or minSide is 0.
func (p *Picture) atLeast(ctx context.Context, minSide int) (image.Image, error) {
	if p.turn == nil {
		return nil, errors.New("validate: Picture.Image: a Picture that Validate did not make")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Not a mutex: ctx may be done while this call waits for another call's decoder.
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	size := p.uprightSize()
	scale := pixels.Scale(p.Format, size.X, size.Y, minSide)
	if p.upright == nil || p.scale > scale {
		p.upright = nil // makes room for the larger one
		img, err := p.decode(ctx, scale)
		if err != nil {
			return nil, noPixels(err)
		}
		p.upright, p.scale = img, scale
	}
	return p.upright, nil
}

// reducible reports whether the format can be decoded at a smaller size.
func (p *Picture) reducible() bool { return pixels.Reduces(p.Format) }

// uprightSize returns the size of the picture as a viewer shows it.
func (p *Picture) uprightSize() image.Point { return image.Pt(p.Shown()) }

// decode returns the upright pixels, reduced by scale. It returns at once when ctx is done,
// though a decoder of lossy WebP that has begun runs on to its end.
func (p *Picture) decode(ctx context.Context, scale int) (image.Image, error) {
	if p.Format == detect.HEIC {
		// HEIF's transforms are part of the format, so package heic applies them.
		lim := p.opts.maxPixels()
		ctx = verify.WithPassed(ctx, p.b, verify.Limits{MaxPixels: lim})
		return heic.DecodeReduced(ctx, p.b, heic.Limits{MaxPixels: lim}, scale)
	}
	return p.aside(ctx, func() (image.Image, error) {
		img, err := pixels.Decode(ctx, p.Format, p.b, scale)
		if err == nil && ctx.Err() == nil {
			img = pixels.Upright(img, p.Orientation)
		}
		return img, err
	})
}

// aside runs f and returns its results, or ctx's error as soon as ctx is done; f then runs on to
// its end, and over waits for that.
func (p *Picture) aside(ctx context.Context, f func() (image.Image, error)) (image.Image, error) {
	type made struct {
		img image.Image
		err error
	}
	if !p.running.TryRLock() {
		return nil, errors.New("validate: Picture.Image: the check that had the Picture has returned")
	}
	done := make(chan made, 1)
	go func() {
		defer p.running.RUnlock()
		var m made
		defer func() {
			// A panic in a goroutine of its own would end the whole service.
			if r := recover(); r != nil {
				m = made{err: fmt.Errorf("making pixels panicked: %v", r)}
			}
			done <- m
		}()
		m.img, m.err = f()
	}()
	select {
	case m := <-done:
		return m.img, m.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// over waits until no decoder runs any more. An abandoned decoder holds memory: without this,
// uploads that break off at the right time would leave more of them running than there are
// slots for verifications.
func (p *Picture) over() { p.running.Lock() }

// ErrNoPixels means that a picture was verified but no decoder here can decode it for a hook:
// any picture in a build without decoders, and a few pictures that viewers show but the decoder
// refuses. It is operational, and never a verdict.
var ErrNoPixels = errors.New("validate: no pixels of a verified picture")

// noPixels makes a decoder's failure operational.
func noPixels(err error) error {
	var fault *verify.Fault
	if errors.As(err, &fault) {
		return opaque{ErrNoPixels.Error() + ": " + err.Error(), errors.Join(ErrNoPixels, err)}
	}
	return opaque{"validate: pixels: " + err.Error(), err}
}
