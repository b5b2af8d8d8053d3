//go:build js && wasm

package main

import (
	"context"
	"errors"
	"image"
	"runtime"
	"syscall/js"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/validate"
)

// previewPixels is how many pixels a picture may have to be previewed: what the largest
// phones take. Overlays, and crops at odd places, are made in full before they are
// reduced; WebAssembly has 4 GiB at most, and phones less.
const previewPixels = 50_000_000

// Why there is no preview of an accepted file, in the words of index.d.ts.
const (
	noneFormat = "format"
	noneSize   = "too_many_pixels"
)

// preview makes a small picture of a file that has passed.
type preview struct {
	maxSide int
	img     image.Image
	none    string // why there is none; "" also if the file was refused
}

// check is the validate.Check that makes it. It refuses nothing.
func (v *preview) check(ctx context.Context, p *validate.Picture) error {
	if p.Format != detect.HEIC {
		v.none = noneFormat
		return nil
	}
	// WebAssembly gives no memory back, so that what the last preview left is freed now, and
	// not when there is twice as much.
	runtime.GC()
	// The file has passed within the caller's limit, which may be wider. All that a limit
	// decides is in the boxes and parameter sets, and these are read again.
	ctx = verify.WithPassed(ctx, p.Bytes(), verify.Limits{MaxPixels: previewPixels})
	img, err := heic.DecodeReduced(ctx, p.Bytes(), heic.Limits{MaxPixels: previewPixels}, scale(max(p.Shown()), v.maxSide))
	var fault *heic.Error
	if errors.As(err, &fault) && (fault.Reason == verify.TooManyPixels || fault.Reason == verify.TooMuchWork) {
		v.none = noneSize
		return nil
	}
	v.img = img
	return err
}

// scale returns by how much the decoder is to divide the sides of a picture, so that the
// longer one has maxSide pixels at most; or 8, the most that it can.
func scale(longest, maxSide int) int {
	n := 1
	for n < 8 && (longest+n-1)/n > maxSide {
		n *= 2
	}
	return n
}

// value returns the preview as JavaScript has it, or null, and why there is none.
func (v *preview) value() (picture, none js.Value) {
	if v == nil || v.img == nil {
		if v == nil || v.none == "" {
			return js.Null(), js.Null()
		}
		return js.Null(), js.ValueOf(v.none)
	}
	src := newRows(v.img, v.maxSide)
	width, height := src.size()
	data := js.Global().Get("Uint8ClampedArray").New(4 * width * height)
	for y := range height {
		row := src.row(y)
		js.CopyBytesToJS(data.Call("subarray", y*len(row)), row)
	}
	return object("width", width, "height", height, "data", data), js.Null()
}
