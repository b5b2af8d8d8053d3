package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/imgvet/imgvet/detect"
)

// Validate reports whether r holds exactly one well-formed picture of a format
// that opts allows. It reads at most opts.MaxBytes bytes, stops as soon as the
// verdict is certain, and keeps none of the bytes after it returns.
//
// A refusal is an [*Error]. Any other error (a failed Read, a done ctx, a failed
// hook, options with problems) says nothing about the picture. The Result is
// never nil. Safe for concurrent use.
func Validate(ctx context.Context, r io.Reader, opts Options) (*Result, error) {
	if err := ready(ctx, opts); err != nil {
		return &Result{}, err
	}
	if isNil(r) {
		return &Result{}, errors.New("validate: nil reader")
	}
	if size, ok := knownSize(r); ok {
		if refusal := sizeGate(size, opts); refusal != nil {
			return &Result{Size: looked(size, opts)}, refusal
		}
	}
	call := reading{limiter: opts.Limiter}
	b, err := read(ctx, r, &call, opts)
	defer func() {
		giveBuffer(b, &opts)
		call.keepOnly(0)
	}()
	if err != nil {
		res := &Result{Size: int64(len(b)), Format: detect.Detect(head(b))}
		var refusal *Error
		if errors.As(err, &refusal) && refusal.Code == CodeCorrupted {
			res.Size = int64(len(head(b)))
		}
		return res, err
	}
	return judge(ctx, b, opts)
}

// Bytes is [Validate] for bytes in memory. It does not change b, and keeps no
// reference to it.
func Bytes(ctx context.Context, b []byte, opts Options) (*Result, error) {
	if err := ready(ctx, opts); err != nil {
		return &Result{}, err
	}
	return judge(ctx, b, opts)
}

// File is [Validate] for the regular file of that name. It refuses a file whose directory entry
// says that it is too large without opening it. A file that cannot be opened or is not a regular
// file is an operational error (see package fs).
func File(ctx context.Context, name string, opts Options) (*Result, error) {
	if err := ready(ctx, opts); err != nil {
		return &Result{}, err
	}
	// Stat before Open: opening a named pipe would wait for its writer.
	info, err := os.Stat(name)
	if err != nil {
		return &Result{}, err
	}
	if !info.Mode().IsRegular() {
		return &Result{}, &os.PathError{Op: "validate", Path: name, Err: errors.New("not a regular file")}
	}
	if refusal := sizeGate(info.Size(), opts); refusal != nil {
		return &Result{Size: looked(info.Size(), opts)}, refusal
	}
	if err := opts.Limiter.acquire(ctx); err != nil {
		return &Result{}, err
	}
	defer opts.Limiter.release()
	opts.Limiter = nil // this call has its slot
	f, err := os.Open(name)
	if err != nil {
		return &Result{}, err
	}
	defer f.Close()
	return Validate(ctx, &regularFile{f, info.Size()}, opts)
}

// isNil reports whether r is nil, or holds a nil pointer, whose methods would panic.
func isNil(r io.Reader) bool {
	if r == nil {
		return true
	}
	v := reflect.ValueOf(r)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// ready returns the error that keeps a validation from starting, or nil.
func ready(ctx context.Context, opts Options) error {
	if err := opts.Problems(); err != nil {
		return err
	}
	return ctx.Err()
}

// judge is the pipeline: size, format, verification, strictness, rules, checks, face.
func judge(ctx context.Context, b []byte, opts Options) (*Result, error) {
	res := &Result{Size: int64(len(b))}
	if refusal := sizeGate(res.Size, opts); refusal != nil {
		res.Size = looked(res.Size, opts)
		return res, refusal
	}
	format, refusal := formatGate(b, opts)
	res.Format = format
	if refusal != nil {
		res.Size = int64(len(head(b)))
		return res, refusal
	}
	if err := opts.Limiter.acquire(ctx); err != nil {
		return res, err
	}
	defer opts.Limiter.release()
	p := &Picture{Result: res, b: b, opts: opts, turn: make(chan struct{}, 1)}
	if err := p.verify(ctx); err != nil {
		return res, err
	}
	if opts.Tolerance == Strict && len(res.Warnings) > 0 {
		return res, refuseWarning(res)
	}
	if refusal := opts.Rules.check(res); refusal != nil {
		return res, refusal
	}
	defer p.over()
	for i, check := range opts.Checks {
		if err := check(ctx, p); err != nil {
			return res, hookError(err, format, fmt.Sprintf("check %d", i))
		}
		if err := ctx.Err(); err != nil {
			return res, err
		}
	}
	return res, p.findFaces(ctx)
}

// head returns the bytes that determine the format.
func head(b []byte) []byte { return b[:min(len(b), detect.HeadSize)] }

// looked returns how many bytes of a file of this size are looked at.
func looked(size int64, opts Options) int64 { return min(size, opts.maxBytes()) }

// formatGate returns the format that the first bytes claim, and the refusal if
// it is not one that opts allows.
func formatGate(b []byte, opts Options) (detect.Format, *Error) {
	format := detect.Detect(head(b))
	if format == detect.Unknown {
		e := refuse(CodeCorrupted, UnknownFormat)
		e.Offset = 0
		e.cause = errors.New("content is " + detect.Describe(head(b)))
		return format, e
	}
	if !opts.allows(format) {
		e := refuse(CodeCorrupted, FormatNotAllowed)
		e.Format = format
		return format, e
	}
	return format, nil
}
