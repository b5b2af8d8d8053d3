//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// check judges one file, makes a preview of it if options.maxSide is not 0, and calls
// done or fail.
func check(options js.Value, size int, read, done, fail js.Value) {
	// A panic is our own bug, and never a verdict. Without this the whole program,
	// and with it every later call, would be lost.
	defer func() {
		if r := recover(); r != nil {
			fail.Invoke(fmt.Sprint("internal fault: ", r))
		}
	}()
	opts := optionsOf(options)
	var small *preview
	if side := options.Get("maxSide").Int(); side > 0 {
		small = &preview{maxSide: side}
		opts.Checks = []validate.Check{small.check}
	}
	res, err := judge(read, int64(size), opts)
	var refusal *validate.Error
	if err != nil && !errors.As(err, &refusal) {
		fail.Invoke(err.Error())
		return
	}
	picture, none := small.value()
	done.Invoke(verdict(validate.VerdictOf("", res, err)), picture, none)
}

// judge is validate.Validate, but for a file whose size alone refuses it: as
// validate.File does, it is not read then.
func judge(read js.Value, size int64, opts validate.Options) (*validate.Result, error) {
	limit := opts.MaxBytes
	if limit == 0 {
		limit = validate.MaxBytes
	}
	if size >= limit && opts.Problems() == nil {
		return &validate.Result{Size: limit}, &validate.Error{
			Code: validate.CodeTooLarge, Reason: validate.TooLarge, Offset: -1, Limit: limit, Got: size,
		}
	}
	// With a Limiter the file is verified when it is whole, so that the verdict is a server's to
	// the last field. The first piece shows whether it is of a wrong format.
	limiter, err := validate.NewLimiter(1, 0)
	if err != nil {
		return &validate.Result{}, err
	}
	opts.Limiter = limiter
	ctx := context.Background()
	file := newUpload(read, size, limit)
	defer file.release()
	received, err := validate.Receive(ctx, file, opts)
	if err != nil {
		return received.Result(), err
	}
	return received.Judge(ctx, received.Bytes())
}

// optionsOf reads what options.js has checked the types of.
func optionsOf(v js.Value) validate.Options {
	opts := validate.Options{
		MaxBytes:  int64(v.Get("maxBytes").Float()),
		MaxPixels: int64(v.Get("maxPixels").Float()),
		Rules: validate.Rules{
			MinWidth: v.Get("minWidth").Int(), MinHeight: v.Get("minHeight").Int(),
			MaxWidth: v.Get("maxWidth").Int(), MaxHeight: v.Get("maxHeight").Int(),
			MinAspect: v.Get("minAspect").Float(), MaxAspect: v.Get("maxAspect").Float(),
			MaxFrames: v.Get("maxFrames").Int(),
		},
	}
	// options.js has checked it; what it did not check stays Normal.
	_ = opts.Tolerance.UnmarshalText([]byte(v.Get("tolerance").String()))
	if formats := v.Get("formats"); !formats.IsNull() {
		opts.Formats = make([]detect.Format, formats.Length())
		for i := range opts.Formats {
			opts.Formats[i] = detect.Format(formats.Index(i).String())
		}
	}
	return opts
}

// verdict is what JavaScript gets: validate.Verdict, but that what is not there is null
// (an empty list of warnings), and that there is neither a file's name nor a failure.
// index.d.ts has the meaning of each field. It becomes text in logs and pages, so that
// the order of its fields is kept. By hand, since package json would make what a page
// loads a tenth larger.
func verdict(v validate.Verdict) js.Value {
	var failure any
	if v.Error != nil {
		failure = object("code", int(v.Error.Code), "message", v.Error.Message)
	}
	warnings := make([]any, len(v.Warnings))
	for i, w := range v.Warnings {
		warnings[i] = object("reason", string(w.Reason), "offset", offset(w.Offset), "text", w.Text)
	}
	at := any(nil)
	if v.Offset != nil {
		at = *v.Offset
	}
	return object(
		"ok", v.OK,
		"format", text(string(v.Format)),
		"size", v.Size,
		"width", v.Width,
		"height", v.Height,
		"orientation", v.Orientation,
		"frames", v.Frames,
		"warnings", warnings,
		"error", failure,
		"reason", text(string(v.Reason)),
		"offset", at,
		"advice", text(v.Advice),
		"limit", number(v.Limit),
		"got", number(v.Got),
		"detail", text(v.Detail),
		"facts", facts(v.Facts),
	)
}

// facts returns f, or null.
func facts(f *validate.Facts) any {
	if f == nil {
		return nil
	}
	o := object(
		"exif", f.HasEXIF,
		"gps", f.HasGPS,
		"xmp", f.HasXMP,
		"icc", f.HasICC,
		"c2pa", f.HasC2PA,
		"alpha", f.HasAlpha,
		"hdr", f.HDR,
		"progressive", f.Progressive,
		"animated", f.Animated,
	)
	if f.BitDepth > 0 {
		o.Set("bit_depth", f.BitDepth)
	}
	for _, t := range [][2]string{{"profile", string(f.Profile)}, {"camera_make", f.CameraMake()}, {"camera_model", f.CameraModel()}} {
		if t[1] != "" {
			o.Set(t[0], t[1])
		}
	}
	return o
}

// text and number return nil for what is not there.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// object makes a JavaScript object of names and values in turn.
func object(fields ...any) js.Value {
	o := js.Global().Get("Object").New()
	for i := 0; i+1 < len(fields); i += 2 {
		o.Set(fields[i].(string), fields[i+1])
	}
	return o
}

// offset returns nil for "no single place".
func offset(at int64) any {
	if at < 0 {
		return nil
	}
	return at
}
