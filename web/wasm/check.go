//go:build js && wasm

package main

import (
	"context"
	"encoding/json"
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
	if size >= 0 {
		res.Size = int64(size) // of a stream refused early only the bytes read are known
	}
	var refusal *validate.Error
	if err != nil && !errors.As(err, &refusal) {
		fail.Invoke(err.Error())
		return
	}
	v, err := verdict(res, err)
	if err != nil {
		fail.Invoke(err.Error())
		return
	}
	done.Invoke(v)
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
// the order of its fields is kept.
func verdict(res *validate.Result, err error) (js.Value, error) {
	b, err := json.Marshal(validate.VerdictOf("", res, err))
	if err != nil {
		return js.Null(), err
	}
	global := js.Global()
	v := global.Get("JSON").Call("parse", string(b))
	v.Delete("file")
	o := global.Get("Object").New()
	for _, name := range []string{
		"ok", "format", "size", "width", "height", "orientation", "frames", "warnings", "error", "reason", "offset", "advice",
		"limit", "got", "detail", "facts",
	} {
		o.Set(name, nil)
	}
	for _, name := range []string{"width", "height", "orientation", "frames"} {
		o.Set(name, 0)
	}
	o.Set("warnings", []any{})
	global.Get("Object").Call("assign", o, v)
	warnings := o.Get("warnings")
	for i := range warnings.Length() {
		w := global.Get("Object").New()
		w.Set("reason", nil)
		w.Set("offset", nil)
		warnings.SetIndex(i, global.Get("Object").Call("assign", w, warnings.Index(i)))
	}
	return o, nil
}
