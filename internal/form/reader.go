package form

import (
	"bytes"
	"io"
	"strconv"
	"sync"
)

// MaxHeader is how many bytes the header of one part may have.
const MaxHeader = 16 << 10

// windowSize is how many bytes of a body are looked at at a time. A part's header and the
// delimiters around it fit in it.
const windowSize = 32 << 10

// maxEmptyReads is how many reads in a row may return neither a byte nor an error, as in
// package bufio.
const maxEmptyReads = 100

var windows = sync.Pool{New: func() any { return new([windowSize]byte) }}

// Error is why a body is refused: a fixed text, with nothing of the body in it.
type Error string

func (e Error) Error() string { return string(e) }

// Reader reads the parts of one body in order: call Next, then Chunk, Read or Data for the part's
// data, until Next returns io.EOF.
// An error is an [Error], or comes from the source or the writer. Not for concurrent use.
type Reader struct {
	src       io.Reader
	delimiter []byte // "--boundary"

	window *[windowSize]byte
	start  int   // of the unread bytes in window
	end    int   // after the last byte in window
	offset int64 // of window[start] in the body
	srcErr error // io.EOF at the end of the body

	part     *Part // the part whose data comes next, nil if a delimiter does
	searched int   // how many unread bytes were searched for the delimiter after the data
	at       int   // where in the unread bytes it is, -1 while not found

	begun bool
	err   error // sticky
}

// NewReader returns a Reader of the body in src, delimited by boundary. Close it.
func NewReader(src io.Reader, boundary string) *Reader {
	return &Reader{
		src:       src,
		delimiter: []byte("--" + boundary),
		window:    windows.Get().(*[windowSize]byte),
	}
}

// Close gives the window back. Do not use the Reader after it.
func (r *Reader) Close() {
	if r.window != nil {
		windows.Put(r.window)
		r.window, r.err = nil, io.ErrClosedPipe
	}
}

// Next skips unread data and returns the header of the next part. It returns io.EOF after the
// final delimiter, at the very end of the body.
func (r *Reader) Next() (*Part, error) {
	if r.part != nil {
		if _, err := r.Data(io.Discard); err != nil {
			return nil, err
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	p, err := r.next()
	r.part, r.err = p, err
	return p, err
}

func (r *Reader) next() (*Part, error) {
	if err := r.passDelimiter(); err != nil {
		return nil, err
	}
	switch {
	case r.has("\r\n"):
		r.skip(len("\r\n"))
	case r.has("--"):
		r.skip(len("--"))
		return nil, r.passEnd()
	case r.srcErr != nil && len(r.unread()) < len("--"):
		return nil, r.cut()
	default:
		return nil, Error("more than a delimiter in its line")
	}
	header, err := r.header()
	if err != nil {
		return nil, err
	}
	p, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	p.Offset = r.offset
	r.searched, r.at = 0, -1
	return p, nil
}

// passDelimiter skips the delimiter that must come next, and makes sure that the rest of its
// line is in the window.
func (r *Reader) passDelimiter() error {
	// Old clients begin with a line end, which RFC 2046, 5.1.1, counts as part of the delimiter;
	// every parser skips it.
	if err := r.fill(len("\r\n") + len(r.delimiter) + len("\r\n")); err != nil {
		return err
	}
	if !r.begun && r.has("\r\n") {
		r.skip(len("\r\n"))
	}
	r.begun = true
	if !bytes.HasPrefix(r.unread(), r.delimiter) {
		if r.srcErr != nil && bytes.HasPrefix(r.delimiter, r.unread()) {
			return r.cut()
		}
		return Error("no delimiter at the start of the body")
	}
	r.skip(len(r.delimiter))
	return nil
}

// passEnd makes sure that the body ends after the final delimiter.
func (r *Reader) passEnd() error {
	if err := r.fill(len("\r\n") + 1); err != nil {
		return err
	}
	if rest := r.unread(); len(rest) == 0 || string(rest) == "\r\n" {
		return io.EOF
	}
	return Error("bytes behind the final delimiter")
}

// header returns the lines of a part's header, each with its line end, without the empty line
// after them. They are valid until the next read.
func (r *Reader) header() ([]byte, error) {
	const emptyLine = "\r\n\r\n"
	for looked := 0; ; {
		b := r.unread()
		i := bytes.Index(b[looked:], []byte(emptyLine))
		if i >= 0 {
			header := b[:looked+i+len("\r\n")]
			if len(header) > MaxHeader {
				return nil, Error("part header too long")
			}
			if bytes.Contains(header, r.delimiter) {
				return nil, Error("a delimiter in a part header")
			}
			r.skip(len(header) + len("\r\n"))
			return header, nil
		}
		if len(b) > MaxHeader {
			return nil, Error("part header too long")
		}
		looked = max(0, len(b)-len(emptyLine)+1)
		if err := r.fill(len(b) + 1); err != nil {
			return nil, err
		}
		if len(r.unread()) == len(b) {
			return nil, r.cut()
		}
	}
}

// Data writes the rest of the data of the part that Next returned to w, and returns the size of
// what it wrote. It stops at the delimiter after the data.
func (r *Reader) Data(w io.Writer) (int64, error) {
	size := int64(0)
	for {
		b, err := r.Chunk()
		if err == io.EOF {
			return size, nil
		}
		if err == nil {
			size += int64(len(b))
			_, err = w.Write(b)
			r.err = err
		}
		if err != nil {
			return size, err
		}
	}
}

// Chunk returns the next bytes of the data of the part that Next returned, at least one. They
// are valid until the next call of any method. At the end of the data it returns io.EOF; the
// part's Size is then that of its data.
func (r *Reader) Chunk() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.part == nil {
		return nil, io.EOF
	}
	b, err := r.data()
	p := r.part
	switch {
	case err == nil:
		p.Size += int64(len(b))
		return b, nil
	case err == io.EOF && p.declared >= 0 && p.declared != p.Size:
		err = Error("a part's Content-Length is not its size")
	}
	r.part = nil
	if err != io.EOF {
		r.err = err
	}
	return nil, err
}

// data returns the next bytes of the data, or io.EOF at the delimiter.
func (r *Reader) data() ([]byte, error) {
	// A delimiter includes the line end before it (RFC 2046, 5.1.1), so we hold this many bytes
	// back until more arrive.
	held := len("\r\n") + len(r.delimiter) - 1
	for {
		b := r.unread()
		if r.at < 0 && r.searched < len(b) {
			from := max(0, r.searched-len(r.delimiter)+1) // a delimiter may have been cut there
			r.searched = len(b)
			if i := bytes.Index(b[from:], r.delimiter); i >= 0 {
				r.at = from + i
			}
		}
		ready := len(b) - held
		if r.at >= 0 {
			if !bytes.HasSuffix(b[:r.at], []byte("\r\n")) {
				return nil, Error("a delimiter that is not at the start of a line")
			}
			if ready = r.at - len("\r\n"); ready == 0 {
				r.skip(len("\r\n"))
				return nil, io.EOF
			}
		}
		if ready > 0 {
			r.skip(ready)
			r.searched -= ready
			if r.at >= 0 {
				r.at -= ready
			}
			return b[:ready:ready], nil
		}
		if err := r.fill(len(b) + 1); err != nil {
			return nil, err
		}
		if len(r.unread()) == len(b) {
			return nil, r.cut()
		}
	}
}

func (r *Reader) unread() []byte { return r.window[r.start:r.end] }

func (r *Reader) has(prefix string) bool { return bytes.HasPrefix(r.unread(), []byte(prefix)) }

func (r *Reader) skip(n int) {
	r.start += n
	r.offset += int64(n)
}

// cut is the error of a body that ends too early.
func (r *Reader) cut() error { return Error("no final delimiter") }

// fill reads until at least n bytes are unread, or the body ends. Its error is the source's own.
func (r *Reader) fill(n int) error {
	for empty := 0; r.end-r.start < n && r.srcErr == nil; {
		if r.start > 0 && r.end == len(r.window) {
			r.end = copy(r.window[:], r.unread())
			r.start = 0
		}
		k, err := r.src.Read(r.window[r.end:])
		r.end += k
		r.srcErr = err
		if empty++; k > 0 {
			empty = 0
		} else if empty == maxEmptyReads && err == nil {
			r.srcErr = io.ErrNoProgress
		}
	}
	if r.srcErr != nil && r.srcErr != io.EOF {
		return r.srcErr
	}
	return nil
}

// parseSize reads the Content-Length of a part.
func parseSize(v string) (int64, error) {
	n, err := strconv.ParseUint(v, 10, 62)
	if err != nil || v[0] == '+' {
		return 0, Error("bad Content-Length of a part")
	}
	return int64(n), nil
}
