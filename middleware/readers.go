package middleware

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// This file holds the readers of a body. Like a server's body they are of no use once the
// handler has returned: the memory is then another request's.

// open returns a new reader of the whole body, which lives until y is closed.
func (y *replay) open() io.ReadCloser { return y.section(0, y.size) }

// reopen is open with the signature of http.Request.GetBody.
func (y *replay) reopen() (io.ReadCloser, error) { return y.piece(0, y.size) }

// piece returns a reader of the n bytes from off, unless y is closed.
func (y *replay) piece(off, n int64) (io.ReadSeekCloser, error) {
	if y.closed.Load() {
		return nil, http.ErrBodyReadAfterClose
	}
	return y.section(off, n), nil
}

func (y *replay) section(off, n int64) io.ReadSeekCloser {
	if y.file == nil {
		return &memoryReader{replay: y, off: off, size: n}
	}
	return &replayReader{ReadSeeker: io.NewSectionReader(y.file, off, n), replay: y}
}

// begin makes sure that the body's memory stays as it is until end. It returns false if y is
// closed.
func (y *replay) begin() bool {
	y.reading.RLock()
	if y.closed.Load() {
		y.reading.RUnlock()
		return false
	}
	return true
}

func (y *replay) end() { y.reading.RUnlock() }

// memoryReader reads bytes in memory: a piece of a body, or data derived from it.
type memoryReader struct {
	replay    *replay
	derived   *growing // nil for the body itself
	off, size int64    // of the piece
	at        int64    // of the next byte in the piece
	closed    atomic.Bool
}

// next returns the unread bytes. replay.begin has returned true.
func (r *memoryReader) next() []byte {
	b := r.replay.mem.b
	if r.derived != nil {
		b = r.derived.b
	}
	return b[r.off+min(r.at, r.size) : r.off+r.size]
}

func (r *memoryReader) Read(p []byte) (int, error) {
	if r.closed.Load() || !r.replay.begin() {
		return 0, http.ErrBodyReadAfterClose
	}
	defer r.replay.end()
	n := copy(p, r.next())
	r.at += int64(n)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// writeAtOnce is how many bytes WriteTo writes between two looks at whether the body is closed.
const writeAtOnce = 256 << 10

// WriteTo writes the rest to w without copying it first. w may take its time: if the body is
// closed meanwhile, its memory is not used again.
func (r *memoryReader) WriteTo(w io.Writer) (int64, error) {
	if r.closed.Load() || !r.replay.begin() {
		return 0, http.ErrBodyReadAfterClose
	}
	r.replay.lent.Add(1)
	defer r.replay.lent.Add(-1)
	b := r.next()
	r.replay.end()
	done := int64(0)
	for len(b) > 0 {
		if r.closed.Load() || r.replay.closed.Load() {
			return done, http.ErrBodyReadAfterClose
		}
		n := min(len(b), writeAtOnce)
		k, err := w.Write(b[:n:n])
		if k < 0 || k > n {
			k, err = 0, errors.New("middleware: writer returned an impossible count")
		}
		done += int64(k)
		r.at += int64(k)
		if err == nil && k < n {
			err = io.ErrShortWrite
		}
		if err != nil {
			return done, err
		}
		b = b[n:]
	}
	return done, nil
}

func (r *memoryReader) Seek(offset int64, whence int) (int64, error) {
	if r.closed.Load() || r.replay.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	case io.SeekStart:
	default:
		return 0, errors.New("middleware: Seek: invalid whence")
	}
	if offset < 0 {
		return 0, errors.New("middleware: Seek: negative position")
	}
	r.at = offset
	return offset, nil
}

func (r *memoryReader) Close() error {
	r.closed.Store(true)
	return nil
}

// replayReader reads a body from its file, or pieces of it and of other text.
type replayReader struct {
	io.ReadSeeker
	replay *replay
	closed atomic.Bool
}

func (r *replayReader) Read(p []byte) (int, error) {
	if r.closed.Load() || r.replay.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.ReadSeeker.Read(p)
}

func (r *replayReader) Seek(offset int64, whence int) (int64, error) {
	if r.closed.Load() || r.replay.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.ReadSeeker.Seek(offset, whence)
}

func (r *replayReader) Close() error {
	r.closed.Store(true)
	return nil
}

// piece is a piece of a body: text, or, if text is nil, n bytes of a replay from off.
type piece struct {
	text   []byte
	off, n int64
}

func (p piece) size() int64 { return int64(len(p.text)) + p.n }

// pieces returns a reader of the pieces, one after the other.
func (y *replay) pieces(list []piece) io.Reader {
	readers := make([]io.Reader, len(list))
	for i, p := range list {
		if p.text != nil {
			readers[i] = bytes.NewReader(p.text)
		} else {
			readers[i] = y.section(p.off, p.n)
		}
	}
	return io.MultiReader(readers...)
}

// gathered fills each read from several pieces, so that a proxy writes to its connection once
// for many pieces. Nobody seeks in it.
type gathered struct{ io.Reader }

func (g gathered) Read(p []byte) (int, error) {
	n, err := io.ReadFull(g.Reader, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // the next read returns io.EOF
	}
	return n, err
}

func (gathered) Seek(int64, int) (int64, error) { return 0, errors.ErrUnsupported }
