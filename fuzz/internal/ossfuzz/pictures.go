package ossfuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing/iotest"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// maxPixels keeps each execution short: OSS-Fuzz takes 25 s for a hang.
const maxPixels = 1 << 20

// FuzzPNG holds the verdict of a PNG to its properties.
func FuzzPNG(b []byte) int { return judge(detect.PNG, b) }

// FuzzJPEG holds the verdict of a JPEG to its properties.
func FuzzJPEG(b []byte) int { return judge(detect.JPEG, b) }

// FuzzHEIC holds the verdict of a HEIC to its properties.
func FuzzHEIC(b []byte) int { return judge(detect.HEIC, b) }

// FuzzBMP holds the verdict of a BMP to its properties.
func FuzzBMP(b []byte) int { return judge(detect.BMP, b) }

// FuzzWebP holds the verdict of a WebP to its properties.
func FuzzWebP(b []byte) int { return judge(detect.WebP, b) }

func judge(format detect.Format, b []byte) int {
	ctx := context.Background()
	opts := validate.Options{MaxPixels: maxPixels, Formats: []detect.Format{format}}
	res, err := validate.Bytes(ctx, b, opts)
	code := verdict(err)
	chunked, err := validate.Validate(ctx, iotest.HalfReader(bytes.NewReader(b)), opts)
	if again := verdict(err); again != code || chunked.Width != res.Width || chunked.Height != res.Height {
		panic(fmt.Sprintf("in chunks: code %d, %+v; whole: code %d, %+v", again, chunked, code, res))
	}
	strict := opts
	strict.Tolerance = validate.Strict
	_, err = validate.Bytes(ctx, b, strict)
	if code != accepted {
		if verdict(err) != code {
			panic(fmt.Sprintf("strict: %v; else: code %d", err, code))
		}
		return 0
	}
	if (verdict(err) == accepted) != (len(res.Warnings) == 0) {
		panic(fmt.Sprintf("strict: %v, with warnings %v", err, res.Warnings))
	}
	if res.Format != format || res.Width <= 0 || res.Height <= 0 || int64(res.Width)*int64(res.Height) > maxPixels {
		panic(fmt.Sprintf("accepted: %+v", res))
	}
	opts.Checks = []validate.Check{hasPixels}
	if _, err := validate.Bytes(ctx, b, opts); err != nil {
		panic(fmt.Sprintf("accepted, but for its pixels: %v", err))
	}
	return 1
}

// hasPixels makes the pixels of an accepted picture.
func hasPixels(ctx context.Context, p *validate.Picture) error {
	img, err := p.Image(ctx, 0)
	if err != nil {
		return err
	}
	if img.Bounds().Empty() {
		return errors.New("no pixels")
	}
	return nil
}

// accepted is no code of a refusal.
const accepted validate.Code = -1

// verdict returns the code of a refusal, or accepted.
func verdict(err error) validate.Code {
	if err == nil {
		return accepted
	}
	var refusal *validate.Error
	if !errors.As(err, &refusal) || refusal.Reason == "" || refusal.Advice() == "" {
		panic(fmt.Sprintf("not a verdict: %v", err))
	}
	return refusal.Code
}
