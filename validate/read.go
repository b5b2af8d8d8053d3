package validate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imgvet/imgvet/detect"
)

// maxEmptyReads is how many reads in a row may return neither a byte nor an
// error, as in package bufio.
const maxEmptyReads = 100

// sizeGate returns the refusal for a file of this size, or nil. It is the one place that knows
// the limit to be exclusive.
func sizeGate(size int64, opts Options) *Error {
	if size == 0 {
		return refuse(CodeEmpty, Empty)
	}
	if limit := opts.maxBytes(); size >= limit {
		e := refuse(CodeTooLarge, TooLarge)
		e.Limit, e.Got = limit, size
		return e
	}
	return nil
}

// read returns all bytes of r, or a refusal as soon as it is certain: after the head if the
// format is not accepted, at byte opts.MaxBytes if the file is that long. With an error it
// returns the bytes read so far.
func read(ctx context.Context, r io.Reader, opts Options) ([]byte, error) {
	buf := make([]byte, 0, initialBuffer(r, opts))
	limit := opts.maxBytes()
	sniffed := false
	for emptyReads := 0; ; {
		if err := ctx.Err(); err != nil {
			return buf, err
		}
		if int64(len(buf)) >= limit {
			return buf, sizeGate(int64(len(buf)), opts)
		}
		if len(buf) >= detect.HeadSize && !sniffed {
			if _, refusal := formatGate(buf, opts); refusal != nil {
				return buf, refusal
			}
			sniffed = true
		}
		buf = grow(buf, limit)
		n, err := r.Read(buf[len(buf):cap(buf)])
		if n < 0 || n > cap(buf)-len(buf) {
			return buf, errors.New("validate: reader returned an impossible count")
		}
		buf = buf[:len(buf)+n]
		switch {
		case err == io.EOF:
			if refusal := sizeGate(int64(len(buf)), opts); refusal != nil {
				return buf, refusal
			}
			return buf, nil
		case err != nil:
			return buf, opaque{"validate: read: " + err.Error(), err}
		case n > 0:
			emptyReads = 0
		default:
			if emptyReads++; emptyReads == maxEmptyReads {
				return buf, fmt.Errorf("validate: read: %w", io.ErrNoProgress)
			}
		}
	}
}

// initialBuffer returns the capacity to start with: the size of r if r is a reader of the
// standard library that knows it, else enough for the head.
func initialBuffer(r io.Reader, opts Options) int64 {
	size, ok := knownSize(r)
	if !ok {
		return min(detect.HeadSize, opts.maxBytes())
	}
	return min(size+1, opts.maxBytes()) // one more, so that the last Read sees EOF
}

// knownSize returns how many bytes r has left, for the in-memory readers of the standard
// library. In other types a Len method may mean anything.
func knownSize(r io.Reader) (int64, bool) {
	switch r := r.(type) {
	case *bytes.Reader:
		if r != nil {
			return int64(r.Len()), true
		}
	case *bytes.Buffer:
		if r != nil {
			return int64(r.Len()), true
		}
	case *strings.Reader:
		if r != nil {
			return int64(r.Len()), true
		}
	}
	return 0, false
}

// grow returns buf with room for at least one more byte, and for at most limit bytes in all. It
// doubles the capacity: memory stays within twice the bytes that were really sent.
func grow(buf []byte, limit int64) []byte {
	if len(buf) < cap(buf) {
		return buf
	}
	bigger := make([]byte, len(buf), min(max(2*int64(cap(buf)), detect.HeadSize), limit))
	copy(bigger, buf)
	return bigger
}
