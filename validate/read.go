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

// sizeGate returns the refusal for a file of this size, or nil. The limit is
// exclusive.
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
// returns the bytes read so far. The bytes are in a buffer for giveBuffer.
func read(ctx context.Context, r io.Reader, call *account, opts Options) ([]byte, error) {
	size, first := firstBuffer(r, &opts)
	buf, err := takeBuffer(ctx, size, call, &opts)
	if err != nil {
		return nil, err
	}
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
		end := limit
		if !sniffed {
			end = min(first, limit)
		}
		if buf, err = grow(ctx, buf, call, &opts); err != nil {
			return buf, err
		}
		space := buf[len(buf):min(int64(cap(buf)), end)]
		n, err := r.Read(space)
		if n < 0 || n > len(space) {
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

// firstBuffer returns the size of the buffer to start with, and how many bytes to read before the
// format is looked at. There is room for all bytes of r if r is a file or a reader of the standard
// library that knows how many they are, else for the head.
func firstBuffer(r io.Reader, opts *Options) (size, first int64) {
	size, inMemory := knownSize(r)
	first = size + 1 // one more, so that the last Read sees EOF
	if !inMemory {
		var onDisk bool
		first = detect.HeadSize
		if size, onDisk = regularSize(r); !onDisk {
			size = first - 1
		} else if opts.maxBytes() > firstRead { // else the size could be refused before the format
			first = firstRead
		}
	}
	return min(size+1, opts.maxBytes()), first
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

// grow returns buf with room for at least one more byte. It doubles the capacity: memory stays
// within twice the bytes that were really sent.
func grow(ctx context.Context, buf []byte, call *account, opts *Options) ([]byte, error) {
	if len(buf) < cap(buf) {
		return buf, nil
	}
	bigger, err := takeBuffer(ctx, min(max(2*int64(cap(buf)), detect.HeadSize), opts.maxBytes()), call, opts)
	if err != nil {
		return buf, err
	}
	bigger = append(bigger, buf...)
	giveBuffer(buf, opts)
	call.keepOnly(int64(cap(bigger)))
	return bigger, nil
}
