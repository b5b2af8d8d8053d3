package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/procs"
	"github.com/imgvet/imgvet/internal/verify"
)

// Validate reports whether r holds exactly one well-formed picture of a format
// that opts allows. It reads at most opts.MaxBytes bytes, and keeps none of them
// after it returns.
//
// It verifies what has arrived before it reads on. So a file that breaks is refused
// some 256 KiB behind the fault, and little is left to do after the last byte. The
// verdict does not depend on how the bytes arrive. It is that of [Bytes], except for
// a file that has two faults and goes on behind those 256 KiB: of one that breaks
// and is also cut off, or too large, Validate reports that it breaks.
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
		return whole(ctx, r, opts)
	}
	// A file on disk is there at once; and who waits for a slot would keep a slot, or the memory
	// of a verification, while it reads.
	if _, onDisk := regularSize(r); onDisk || opts.Limiter != nil {
		return whole(ctx, r, opts)
	}
	file := &reading{r: r, opts: &opts}
	defer file.over()
	received, err := Receive(ctx, file, opts)
	if err != nil {
		return received.Result(), err
	}
	return received.Judge(ctx, received.Bytes())
}

// whole reads all of r, and judges it then.
func whole(ctx context.Context, r io.Reader, opts Options) (*Result, error) {
	call := account{limiter: opts.Limiter}
	defer call.keepOnly(0) // also if r panics
	b, err := read(ctx, r, &call, opts)
	defer func() { giveBuffer(b, &opts) }()
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
	return whole(ctx, &regularFile{f, info.Size()}, opts)
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
	p, err := admit(b, opts)
	if err != nil {
		return p.Result, err
	}
	if err := opts.Limiter.acquire(ctx); err != nil {
		return p.Result, err
	}
	defer opts.Limiter.release()
	if err := p.verifyMemory(ctx, b); err != nil {
		return p.Result, err
	}
	return p.Result, p.judge(ctx)
}

// verifyMemory is verify for a file that is in memory as a whole.
func (p *Picture) verifyMemory(ctx context.Context, b []byte) error {
	procs.Use()
	defer procs.Done()
	return p.verify(ctx, verify.Memory(ctx, b))
}

// admit returns the picture that begins with b, which is long enough to tell the format, or a
// refusal.
func admit(b []byte, opts Options) (*Picture, error) {
	res := &Result{}
	p := &Picture{Result: res, opts: opts, turn: make(chan struct{}, 1)}
	format, refusal := formatGate(b, opts)
	res.Format = format
	if refusal != nil {
		res.Size = int64(len(head(b)))
		return p, refusal
	}
	return p, nil
}

// judge is what follows verification.
func (p *Picture) judge(ctx context.Context) error {
	res, opts := p.Result, p.opts
	if opts.Tolerance == Strict && len(res.Warnings) > 0 {
		return refuseWarning(res)
	}
	if refusal := opts.Rules.check(res); refusal != nil {
		return refusal
	}
	defer p.over()
	for i, check := range opts.Checks {
		if err := check(ctx, p); err != nil {
			return hookError(err, p.Format, fmt.Sprintf("check %d", i))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return p.findFaces(ctx)
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
