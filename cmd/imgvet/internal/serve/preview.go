package serve

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"net/http"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

const (
	previewPath = "/preview"

	// previewSide is the longer side of a preview in pixels, at most.
	previewSide = 1280

	// previewPixels is how many pixels a picture may have to be decoded for a
	// preview: what the largest phones take. A decoder holds up to
	// 8 bytes a pixel (a PNG of 16 bits a sample); a JPEG of so many is decoded reduced.
	previewPixels = 50_000_000

	previewQuality = 85
)

type previewKey struct{}

// newPreview returns the handler that makes a small JPEG of an upload, for
// browsers that cannot show its format (HEIC in most). It is the middleware
// again, with the same access hook and limits: bytes that did not pass
// verification meet no decoder. Faces are not looked for, so that a picture
// without one is shown too. Previews are made one at a time.
//
// A picture of more than previewPixels, or of a kind that no decoder here takes, is
// answered 204.
func newPreview(opts middleware.Options) (http.Handler, error) {
	opts.Validate.Faces = nil
	opts.Validate.Checks = append(opts.Validate.Checks[:len(opts.Validate.Checks):len(opts.Validate.Checks)], drawPreview)
	opts.MaxVerifications = 1
	mw, err := middleware.New(opts)
	if err != nil {
		return nil, err
	}
	checked := mw.Wrap(http.HandlerFunc(sendPreview))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		checked.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), previewKey{}, new(bytes.Buffer))))
	}), nil
}

// drawPreview is the Check that makes the JPEG, in the turn of the verification.
func drawPreview(ctx context.Context, p *validate.Picture) error {
	out, ok := ctx.Value(previewKey{}).(*bytes.Buffer)
	if !ok || int64(p.Width)*int64(p.Height) > previewPixels {
		return nil
	}
	img, err := p.Image(ctx, previewSide)
	if errors.Is(err, validate.ErrNoPixels) {
		return nil
	}
	if err != nil {
		return err
	}
	out.Reset() // of several files the last is shown
	return jpeg.Encode(out, onWhite(img), &jpeg.Options{Quality: previewQuality})
}

// onWhite returns img without transparency, which JPEG has not.
func onWhite(img image.Image) image.Image {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return img
	}
	dst := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(dst, dst.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(dst, dst.Rect, img, img.Bounds().Min, draw.Over)
	return dst
}

// sendPreview answers with what drawPreview made.
func sendPreview(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	out, ok := r.Context().Value(previewKey{}).(*bytes.Buffer)
	if !ok || out.Len() == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", "image/jpeg")
	_, _ = w.Write(out.Bytes()) // the client may have gone
}
