package thumb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"sync"
	"time"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels"
	"github.com/imgvet/imgvet/validate"
)

// What the thumbnails of a report may cost.
const (
	Max       = 1000            // thumbnails by one Maker
	Side      = 160             // pixels of the longer side
	quality   = 70              // of JPEG
	maxPixels = 16_000_000      // of a picture that one is made of
	maxRaw    = 64_000_000      // bytes of pixels that one is made of
	maxTime   = 2 * time.Second // for one
	tolerance = 24              // of 255: what two decodes may differ by where both are of the file
)

// Thumbnail is a small JPEG of what could be seen of a refused file.
type Thumbnail struct {
	JPEG []byte // nil: none could be had
	Part bool   // the rest of the picture is lost
}

// Maker makes thumbnails of refused files, one at a time: of all that check
// does, this alone decodes them.
//
// Whole pictures (refused for what a viewer forgives, or without a face) are decoded
// as for a hook. Of a broken PNG, JPEG or BMP, Go's decoders, which are memory-safe,
// see what stands before the fault; their pixels, bytes and time are limited. Broken
// WebP and HEIC are not decoded at all: there a few bytes can cost a gigabyte, and
// decoders written in C must not meet them.
type Maker struct {
	mu   sync.Mutex
	made int
}

// NewMaker returns a Maker that has made none yet.
func NewMaker() *Maker { return &Maker{} }

// Make returns the thumbnail of a refused file, or none.
func (t *Maker) Make(ctx context.Context, name string, refusal *validate.Error, opts validate.Options) Thumbnail {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made == Max {
		return Thumbnail{}
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	img, part, err := see(ctx, name, refusal, opts)
	if err != nil {
		return Thumbnail{}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return Thumbnail{}
	}
	t.made++
	return Thumbnail{b.Bytes(), part}
}

// errUnseen means that a refused file has no pixels for a report.
var errUnseen = errors.New("no pixels")

// see returns what can be seen of a refused file, small, and whether that is but a
// part of the picture.
func see(ctx context.Context, name string, refusal *validate.Error, opts validate.Options) (image.Image, bool, error) {
	switch refusal.Reason {
	case validate.TooLarge, validate.Empty, validate.UnknownFormat, validate.Unsupported, validate.TooManyPixels, validate.TooMuchWork:
		return nil, false, errUnseen
	case validate.Malformed, validate.Truncated:
		b, err := readSome(name, opts.MaxBytes)
		if err != nil {
			return nil, false, err
		}
		img, err := seePart(ctx, b, refusal)
		return img, true, err
	}
	if refusal.Format == detect.HEIC && refusal.Code != validate.CodeFaceNotFound {
		return nil, false, errUnseen // what is refused goes to no decoder of C, verified or not
	}
	img, err := seeWhole(ctx, name, opts)
	return img, false, err
}

// seeWhole returns a picture that was refused although it is whole.
func seeWhole(ctx context.Context, name string, opts validate.Options) (img image.Image, err error) {
	_, err = validate.File(ctx, name, validate.Options{
		MaxBytes:  opts.MaxBytes,
		MaxPixels: maxPixels,
		Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			var err error
			img, err = p.Image(ctx, Side)
			return err
		}},
	})
	return img, err
}

// readSome returns the bytes of a file that was read before, up to limit.
func readSome(name string, limit int64) ([]byte, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, errUnseen
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// seePart returns what stands before the fault of a broken file. A decoder's panic is
// no reason to end the check.
func seePart(ctx context.Context, b []byte, refusal *validate.Error) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("decoder panicked: %v", r)
		}
	}()
	var mend func(ctx context.Context, b []byte, fill byte) (image.Image, error)
	switch refusal.Format {
	case detect.JPEG:
		mend = mendJPEG
	case detect.PNG:
		mend = mendPNG
	case detect.BMP:
		mend = mendBMP
	default:
		return nil, errUnseen
	}
	if at := refusal.Offset; at > 0 && at < int64(len(b)) && refusal.Format == detect.JPEG {
		b = b[:at] // image/jpeg would stop at the fault without a pixel
	}
	// What is lost is filled in twice, differently: where the pictures differ, there is
	// nothing of the file.
	one, err := mend(ctx, b, 0)
	if err != nil {
		return nil, err
	}
	one = pixels.Fit(one, Side)
	two, err := mend(ctx, b, 0x55)
	if err != nil {
		return nil, err
	}
	return common(one, pixels.Fit(two, Side))
}

// common returns a picture of what two have in common, and grey for the rest. It
// fails if that is nothing.
func common(a, b image.Image) (image.Image, error) {
	size := a.Bounds().Size()
	if b.Bounds().Size() != size {
		return nil, errUnseen
	}
	lost := color.RGBA{0x8c, 0x8c, 0x8c, 0xff}
	out := image.NewRGBA(image.Rectangle{Max: size})
	seen := false
	for y := range size.Y {
		for x := range size.X {
			p := color.RGBAModel.Convert(a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y)).(color.RGBA)
			q := color.RGBAModel.Convert(b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y)).(color.RGBA)
			if far(p.R, q.R) || far(p.G, q.G) || far(p.B, q.B) || far(p.A, q.A) {
				p = lost
			} else {
				seen = true
			}
			out.SetRGBA(x, y, p)
		}
	}
	if !seen {
		return nil, errUnseen
	}
	return out, nil
}

func far(a, b uint8) bool { return max(a, b)-min(a, b) > tolerance }
