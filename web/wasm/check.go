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

// check judges one file and calls done or fail.
func check(options js.Value, size int, read, done, fail js.Value) {
	// A panic is our own bug, and never a verdict. Without this the whole program,
	// and with it every later call, would be lost.
	defer func() {
		if r := recover(); r != nil {
			fail.Invoke(fmt.Sprint("internal fault: ", r))
		}
	}()
	opts := optionsOf(options)
	res, err := judge(&reader{next: read}, int64(size), opts)
	var refusal *validate.Error
	if err != nil && !errors.As(err, &refusal) {
		fail.Invoke(err.Error())
		return
	}
	done.Invoke(verdict(res, refusal))
}

// judge is validate.Validate, but for a file whose size alone refuses it: as
// validate.File does, it is not read then.
func judge(r *reader, size int64, opts validate.Options) (*validate.Result, error) {
	limit := opts.MaxBytes
	if limit == 0 {
		limit = validate.MaxBytes
	}
	if size >= limit && opts.Problems() == nil {
		return &validate.Result{Size: limit}, &validate.Error{
			Code: validate.CodeTooLarge, Reason: validate.TooLarge, Offset: -1, Limit: limit, Got: size,
		}
	}
	return validate.Validate(context.Background(), r, opts)
}

// optionsOf reads what options.js has checked the types of.
func optionsOf(v js.Value) validate.Options {
	opts := validate.Options{
		MaxBytes:  int64(v.Get("maxBytes").Float()),
		MaxPixels: int64(v.Get("maxPixels").Float()),
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

// verdict is what JavaScript gets: index.d.ts has the meaning of each field. It
// becomes text in logs and pages, so that the order of its fields is kept.
func verdict(res *validate.Result, refusal *validate.Error) js.Value {
	var format, failure, reason, at, advice any
	if res.Format != detect.Unknown {
		format = string(res.Format)
	}
	if refusal != nil {
		failure = object("code", int(refusal.Code), "message", refusal.Code.Message())
		reason, at, advice = string(refusal.Reason), offset(refusal.Offset), refusal.Advice()
	}
	warnings := make([]any, len(res.Warnings))
	for i, w := range res.Warnings {
		warnings[i] = object("reason", string(w.Reason), "offset", offset(w.Offset), "text", w.Text)
	}
	return object(
		"ok", refusal == nil,
		"format", format,
		"size", res.Size,
		"width", res.Width,
		"height", res.Height,
		"orientation", res.Orientation,
		"frames", res.Frames,
		"warnings", warnings,
		"error", failure,
		"reason", reason,
		"offset", at,
		"advice", advice,
	)
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
