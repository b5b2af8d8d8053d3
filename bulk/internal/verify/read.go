package verify

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// errChanged means that an object was written while it was read.
var errChanged = errors.New("the object changes while it is read")

// outcome is what one reading of an object ended with.
type outcome struct {
	id  store.Identity
	res *validate.Result
	err error // of the verdict: nil, a *validate.Error, or why there is none
}

// sizeGate returns the refusal of an object for its size, or nil. It says what validate.File says
// of a file by its directory entry.
func sizeGate(size, limit int64) (*validate.Result, error) {
	switch {
	case size == 0:
		return &validate.Result{}, &validate.Error{Code: validate.CodeEmpty, Reason: validate.Empty, Offset: -1}
	case size >= limit:
		return &validate.Result{Size: limit}, &validate.Error{
			Code: validate.CodeTooLarge, Reason: validate.TooLarge, Offset: -1, Limit: limit, Got: size,
		}
	}
	return nil, nil
}

// readWait bounds one reading of an object, not its verification: a connection that hangs must not
// keep a shard for ever. 10 MiB at 36 KB/s take as long.
const readWait = 5 * time.Minute

// read reads an object as far as its verdict needs, and judges it. An error is one of the store,
// or of ctx.
func (p *Pool) read(judging context.Context, o store.Object) (outcome, error) {
	ctx, cancel := context.WithTimeout(judging, readWait)
	defer cancel()
	stream := store.Streams(p.bucket)
	length := int64(detect.HeadSize)
	if stream || o.Size == 0 { // a range of an empty object is an error of S3
		length = -1
	}
	var opts *blob.ReaderOptions
	if length >= 0 {
		opts = store.Ranged()
	}
	r, err := p.bucket.NewRangeReader(ctx, o.Key, 0, length, opts)
	if err != nil && length >= 0 && store.OutOfRange(err) {
		length = -1
		r, err = p.bucket.NewReader(ctx, o.Key, nil)
	}
	if err != nil {
		return outcome{}, err
	}
	defer store.Close(r)
	out := outcome{}
	if out.id, err = store.Identify(ctx, p.bucket, o.Key, r); err != nil {
		return outcome{}, err
	}
	size := r.Size()
	if out.res, out.err = sizeGate(size, p.maxBytes); out.err != nil {
		return out, nil
	}
	b := p.buffers.take(size, p.maxBytes)
	defer p.buffers.give(b)
	head := b[:min(size, detect.HeadSize)]
	if _, err := io.ReadFull(r, head); err != nil {
		return outcome{}, short(err)
	}
	if format := detect.Detect(head); format == detect.Unknown || p.opts.Formats != nil && !slices.Contains(p.opts.Formats, format) {
		out.res, out.err = p.judge(judging, head)
		return out, judging.Err()
	}
	if rest := b[len(head):]; len(rest) > 0 {
		if err := p.readRest(ctx, o.Key, r, length, rest, out.id); err != nil {
			return outcome{}, err
		}
	} else if stream {
		if err := atEnd(r); err != nil {
			return outcome{}, err
		}
	}
	out.res, out.err = p.judge(judging, b)
	return out, judging.Err()
}

// readRest reads what follows the head: from the same reader, or, if that was of the head alone,
// from another one, which must read the same state of the object.
func (p *Pool) readRest(ctx context.Context, key string, r *blob.Reader, length int64, rest []byte, id store.Identity) error {
	if length < 0 {
		if _, err := io.ReadFull(r, rest); err != nil {
			return short(err)
		}
		return atEnd(r)
	}
	tail, err := p.bucket.NewRangeReader(ctx, key, detect.HeadSize, int64(len(rest)), store.Ranged())
	if err != nil {
		return err
	}
	defer store.Close(tail)
	again, err := store.Identify(ctx, p.bucket, key, tail)
	if err != nil {
		return err
	}
	if again != id || tail.Size() != r.Size() || !tail.ModTime().Equal(r.ModTime()) {
		return errChanged
	}
	_, err = io.ReadFull(tail, rest)
	return short(err)
}

// atEnd returns errChanged if r has more.
func atEnd(r io.Reader) error {
	var one [1]byte
	n, err := io.ReadFull(r, one[:])
	switch {
	case n > 0:
		return errChanged
	case err == io.EOF:
		return nil
	}
	return err
}

// short makes the end of an object that comes too early an error of the store: the object was
// longer when the reading began.
func short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errChanged
	}
	return err
}
