package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Backoff says how errors of the store are tried again: after a random pause of up to Base, then of
// up to twice that, and so on, but never of more than Cap.
type Backoff struct {
	Base, Cap time.Duration
	Tries     int
}

// DefaultBackoff goes on for some three seconds in the mean. Clients of stores try again themselves, too.
var DefaultBackoff = Backoff{100 * time.Millisecond, 20 * time.Second, 7}

// Pause waits before try number n, counted from 1, unless ctx is done.
func (b Backoff) Pause(ctx context.Context, n int) error {
	top := b.Cap
	if shifted := b.Base << min(n-1, 30); shifted > 0 && shifted < top {
		top = shifted
	}
	t := time.NewTimer(rand.N(top) + 1)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Do calls f until it succeeds, fails for good, or b.Tries are over.
func (b Backoff) Do(ctx context.Context, f func() error) error {
	for n := 1; ; n++ {
		err := f()
		if err == nil || n >= b.Tries || OutOfRange(err) {
			return err
		}
		switch gcerrors.Code(err) {
		case gcerrors.NotFound, gcerrors.InvalidArgument, gcerrors.FailedPrecondition, gcerrors.Canceled, gcerrors.Unimplemented:
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if pause := b.Pause(ctx, n); pause != nil {
			return err
		}
	}
}

// OutOfRange reports whether a store refused a ranged read because the object ends before the
// range begins. It will refuse it again.
func OutOfRange(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return strings.Contains(text, "InvalidRange") || strings.Contains(text, "StatusCode: 416") || strings.Contains(text, "Error 416")
}

// tryWait bounds one try to write or read an object of the results.
const tryWait = 2 * time.Minute

// Put writes an object, whole or not at all.
func Put(ctx context.Context, b *blob.Bucket, key string, data []byte) error {
	return put(ctx, b, key, data, false)
}

// ErrExists is the error of [PutNew] if the object is there.
var ErrExists = errors.New("the object is there already")

// PutNew writes an object that is not there yet. Of several that try at once, one succeeds.
func PutNew(ctx context.Context, b *blob.Bucket, key string, data []byte) error {
	err := put(ctx, b, key, data, true)
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return fmt.Errorf("%s: %w", key, ErrExists)
	}
	return err
}

func put(ctx context.Context, b *blob.Bucket, key string, data []byte, isNew bool) error {
	return DefaultBackoff.Do(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, tryWait)
		defer cancel()
		return b.WriteAll(ctx, key, data, &blob.WriterOptions{
			ContentType: "application/json", DisableContentTypeDetection: true, IfNotExist: isNew,
		})
	})
}

// Get reads an object, of at most limit bytes.
func Get(ctx context.Context, b *blob.Bucket, key string, limit int64) ([]byte, error) {
	return GetRange(ctx, b, key, 0, -1, limit)
}

// GetRange reads length bytes of an object, or all from offset on if length is negative.
func GetRange(ctx context.Context, b *blob.Bucket, key string, offset, length, limit int64) ([]byte, error) {
	var data []byte
	err := DefaultBackoff.Do(ctx, func() error {
		ctx, cancel := context.WithTimeout(ctx, tryWait)
		defer cancel()
		var opts *blob.ReaderOptions
		if offset > 0 || length >= 0 {
			opts = Ranged()
		}
		r, err := b.NewRangeReader(ctx, key, offset, length, opts)
		if err != nil {
			return err
		}
		defer Close(r)
		data, err = io.ReadAll(io.LimitReader(r, limit+1))
		return err
	})
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", key, limit)
	}
	return data, err
}
