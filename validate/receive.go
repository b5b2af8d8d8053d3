package validate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/imgvet/imgvet/detect"
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
	more := limited(file, opts)
	b, ended, err := readHead(ctx, more)
	if err != nil {
		return r, r.broke(b, err)
	}
	if r.p, err = admit(b, opts); err != nil {
		return r, err
	}
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

// Judge applies what follows the verification. It must not be called if Receive returned an
// error, and only once.
func (r *Received) Judge(ctx context.Context) (*Result, error) {
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

// limited returns the bytes of file, or a refusal once they are too many or none.
func limited(file Arriving, opts Options) verify.More {
	limit := opts.maxBytes()
	return func(ctx context.Context, have int) ([]byte, bool, error) {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if int64(have) >= limit {
			return nil, false, sizeGate(int64(have), opts)
		}
		b, ended, err := file.More(ctx, have)
		if err != nil {
			return nil, false, err
		}
		if !ended && len(b) <= have {
			return nil, false, errors.New("validate: Arriving.More returned no more bytes")
		}
		if ended {
			if refusal := sizeGate(int64(len(b)), opts); refusal != nil {
				return nil, false, refusal
			}
		}
		return b, ended, nil
	}
}

// readHead waits for the bytes that determine the format. ended reports whether the file is whole
// and so small that it is verified as a whole, as files are that arrive in one piece.
func readHead(ctx context.Context, more verify.More) (b []byte, ended bool, err error) {
	for len(b) < detect.HeadSize {
		next, whole, err := more(ctx, len(b))
		if err != nil {
			return b, false, err
		}
		if b = next; whole {
			return b, len(b) <= verify.Window, nil
		}
	}
	return b, false, nil
}

// maxRead is how many bytes are read before they are looked at.
const maxRead = 64 << 10

// reading is an Arriving that reads from r into a buffer that grows.
type reading struct {
	r     io.Reader
	buf   []byte
	limit int64
	empty int // reads in a row without a byte
	err   error
}

func (r *reading) Size() int64 { return -1 }

// More reads once, or until there is a byte.
func (r *reading) More(ctx context.Context, have int) ([]byte, bool, error) {
	for r.err == nil && len(r.buf) <= have {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		r.buf = grow(r.buf, r.limit)
		var n int
		room := r.buf[len(r.buf):min(cap(r.buf), len(r.buf)+maxRead)]
		n, r.err = r.r.Read(room)
		if n < 0 || n > len(room) {
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
