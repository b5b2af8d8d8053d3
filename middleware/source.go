package middleware

import (
	"context"
	"errors"
	"io"
)

// maxEmptyReads is how many reads in a row may return neither a byte nor an
// error, as in package bufio.
const maxEmptyReads = 100

// source reads the client's body once. It counts, enforces limits and deadlines, and keeps every
// byte in a replay before the reader sees it. Its error is sticky, so that we can tell a parser's
// error from one of the connection.
type source struct {
	ctx   context.Context
	body  io.Reader
	clock *clock
	keep  *replay // nil to keep nothing
	limit int64   // of all bytes, inclusive
	n     int64   // bytes read
	err   error   // io.EOF at the end of the body, else a failure
}

func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for range maxEmptyReads {
		if s.err != nil {
			return 0, s.err
		}
		if err := s.ctx.Err(); err != nil {
			s.err = err
			return 0, err
		}
		s.clock.arm(s.n)
		n, err := s.body.Read(p)
		if n < 0 || n > len(p) {
			n, err = 0, errors.New("body returned an impossible count")
		}
		s.took(p[:n], err)
		if s.failed() != nil { // of what came with a failure nothing is kept
			return 0, s.err
		}
		if n > 0 {
			return n, s.err
		}
	}
	if s.err == nil {
		s.err = readFailure(s.ctx, io.ErrNoProgress)
	}
	return 0, s.err
}

// took accounts for one read.
func (s *source) took(p []byte, err error) {
	s.n += int64(len(p))
	switch {
	case s.n > s.limit:
		s.err = requestTooLarge(s.limit)
		return
	case err == io.EOF:
		s.err = io.EOF
	case err != nil:
		s.err = readFailure(s.ctx, err)
		return
	}
	if s.keep == nil {
		return
	}
	if _, err := s.keep.Write(p); err != nil {
		s.err = err
	}
}

// failed returns the failure of the connection or of the replay, or nil if there is none so far.
func (s *source) failed() error {
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// drained reports whether the whole body was read.
func (s *source) drained() bool { return s.err == io.EOF }
