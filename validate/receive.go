package validate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/procs"
	"github.com/imgvet/imgvet/internal/verify"
)

// Arriving is a file that is still being received, for [Receive]. Its methods are called by the
// goroutine that called Receive, one at a time.
type Arriving interface {
	// Size returns the size of the file, or -1 if that is not known.
	Size() int64

	// More waits until more than have bytes of the file are there, or the file has ended. It
	// returns all bytes so far in one slice, and whether they are the whole file.
	//
	// The slice may lie elsewhere than those returned before, as long as these stay as they are
	// until the verification is over. An error ends the verification, and says nothing about the
	// picture. Receive holds nothing but memory while it waits: a server gives up its slot for
	// verifications in More before it reads from a slow client, and takes one again after that.
	More(ctx context.Context, have int) (b []byte, whole bool, err error)
}

// Holder is an [Arriving] that counts memory. Hold is called before More, with about how many
// bytes a verification keeps in memory while it waits, beside the file. That is some hundred
// KiB, and for progressive JPEG and lossless WebP more: it grows with the picture. An error ends
// the verification, as one of More does.
type Holder interface {
	Hold(bytes int64) error
}

// Received is a file that [Receive] has read.
type Received struct {
	p *Picture
}

// Result returns what was learned so far. It is never nil.
func (r *Received) Result() *Result { return r.p.Result }

// Bytes returns the file's bytes, as far as they were read.
func (r *Received) Bytes() []byte { return r.p.b }

// Receive is the first part of [Validate]: it verifies a file while it arrives, and returns when
// the whole file has been verified or is refused. [Received.Judge] is the second part: tolerance,
// rules, checks and faces. Between the two a server can do what must happen before the costly
// checks, such as read the rest of a request.
//
// With Options.Limiter it waits for the whole file, and for a slot, before it verifies.
//
// Errors, and which refusal a file gets, are those of Validate. The Received is never nil.
func Receive(ctx context.Context, file Arriving, opts Options) (*Received, error) {
	r := &Received{p: &Picture{Result: &Result{}}}
	if err := ready(ctx, opts); err != nil {
		return r, err
	}
	if size := file.Size(); size >= 0 {
		if refusal := sizeGate(size, opts); refusal != nil {
			r.p.Size = looked(size, opts)
			return r, refusal
		}
	}
	procs.Use()
	defer procs.Done()
	more := limited(file, opts)
	b, ended, err := readHead(ctx, more)
	if err != nil {
		return r, r.broke(b, err)
	}
	if r.p, err = admit(b, opts); err != nil {
		return r, err
	}
	if limit := opts.maxBytes(); int64(len(b)) >= limit {
		return r, r.broke(b, sizeGate(limit, opts))
	}
	if opts.Limiter != nil && !ended {
		if b, err = readRest(ctx, b, more); err != nil {
			return r, r.broke(b, err)
		}
		ended = true
	}
	if err := opts.Limiter.acquire(ctx); err != nil {
		return r, r.broke(b, err)
	}
	defer opts.Limiter.release()
	in := verify.Arriving(ctx, b, file.Size(), more)
	if ended {
		in = verify.Memory(ctx, b)
	}
	err = r.p.verify(ctx, in)
	var refusal *Error
	if err != nil && (!errors.As(err, &refusal) || refusal.Code != CodeCorrupted) {
		return r, r.broke(in.File(), err)
	}
	return r, err
}

// Judge applies what follows the verification. b is the file, which may lie elsewhere in memory
// by now; options without checks and face finder need none. Judge must not be called if Receive
// returned an error, and only once.
func (r *Received) Judge(ctx context.Context, b []byte) (*Result, error) {
	if err := r.p.opts.Limiter.acquire(ctx); err != nil {
		return r.p.Result, err
	}
	defer r.p.opts.Limiter.release()
	r.p.b = b
	return r.p.Result, r.p.judge(ctx)
}

// broke returns err, which ended the reading after b. Of the file nothing else is known.
func (r *Received) broke(b []byte, err error) error {
	*r.p.Result = Result{Size: int64(len(b)), Format: detect.Detect(head(b))}
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code == CodeTooLarge {
		r.p.Size = refusal.Limit
	}
	return err
}

// limited returns the bytes of file, or a refusal once they are too many or none. As far as the
// head it leaves that to the caller, so that a wrong format is refused as such however many bytes
// come at a time.
func limited(file Arriving, opts Options) verify.More {
	limit := opts.maxBytes()
	return func(ctx context.Context, have int, holds int64) ([]byte, bool, error) {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if h, ok := file.(Holder); ok {
			if err := h.Hold(holds); err != nil {
				return nil, false, err
			}
		}
		b, ended, err := await(ctx, file, have)
		switch {
		case err != nil:
			return nil, false, err
		case len(b) < have || !ended && len(b) == have:
			return nil, false, errors.New("validate: Arriving.More returned no more bytes")
		case ended && len(b) == 0:
			return nil, false, sizeGate(0, opts)
		case int64(len(b)) >= limit && (have >= detect.HeadSize || limit <= detect.HeadSize):
			return b, false, sizeGate(limit, opts)
		}
		return b, ended, nil
	}
}

// await calls More. Who waits needs no processor.
func await(ctx context.Context, file Arriving, have int) ([]byte, bool, error) {
	procs.Done()
	defer procs.Use()
	return file.More(ctx, have)
}

// readHead waits for the bytes that determine the format. ended reports whether the file is whole
// and so small that it is verified as a whole, as files are that arrive in one piece.
func readHead(ctx context.Context, more verify.More) (b []byte, ended bool, err error) {
	for len(b) < detect.HeadSize {
		next, whole, err := more(ctx, len(b), 0)
		if next != nil {
			b = next
		}
		if err != nil {
			return b, false, err
		}
		if whole {
			return b, len(b) <= verify.Window, nil
		}
	}
	return b, false, nil
}

// readRest waits for all bytes of a file that begins with b.
func readRest(ctx context.Context, b []byte, more verify.More) ([]byte, error) {
	for whole := false; !whole; {
		next, ended, err := more(ctx, len(b), 0)
		if err != nil {
			return b, err
		}
		b, whole = next, ended
	}
	return b, nil
}

// maxRead is how many bytes are read before they are looked at.
const maxRead = 64 << 10

// reading is an Arriving that reads from r into a buffer that grows.
type reading struct {
	r     io.Reader
	opts  *Options
	buf   []byte
	old   [][]byte // the buffers before, which the verification may still read
	empty int      // reads in a row without a byte
	err   error
}

func (r *reading) Size() int64 { return -1 }

// over gives the buffers back.
func (r *reading) over() {
	for _, b := range append(r.old, r.buf) {
		giveBuffer(b, r.opts)
	}
}

// More reads once, or until there is a byte.
func (r *reading) More(ctx context.Context, have int) ([]byte, bool, error) {
	for r.err == nil && len(r.buf) <= have {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if err := r.room(ctx); err != nil {
			return nil, false, err
		}
		space := r.buf[len(r.buf):min(int64(cap(r.buf)), int64(len(r.buf)+maxRead), r.opts.maxBytes())]
		var n int
		n, r.err = r.r.Read(space)
		if n < 0 || n > len(space) {
			return nil, false, errors.New("validate: reader returned an impossible count")
		}
		r.buf = r.buf[:len(r.buf)+n]
		if r.empty++; n > 0 {
			r.empty = 0
		}
		if r.empty == maxEmptyReads && r.err == nil {
			r.err = fmt.Errorf("validate: read: %w", io.ErrNoProgress)
			return nil, false, r.err
		}
	}
	switch {
	case r.err == io.EOF:
		return r.buf, true, nil
	case len(r.buf) > have:
		return r.buf, false, nil // with an error that comes next
	}
	return nil, false, opaque{"validate: read: " + r.err.Error(), r.err}
}

// room makes room for at least one more byte. It doubles the capacity: memory stays within four
// times the bytes that were really sent.
func (r *reading) room(ctx context.Context) error {
	if len(r.buf) < cap(r.buf) {
		return nil
	}
	bigger, err := takeBuffer(ctx, min(max(2*int64(cap(r.buf)), detect.HeadSize), r.opts.maxBytes()), &account{}, r.opts)
	if err != nil {
		return err
	}
	if r.buf != nil {
		r.old = append(r.old, r.buf)
	}
	r.buf = append(bigger, r.buf...)
	return nil
}
