package middleware

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// File is one verified file.
type File struct {
	Field    string           // multipart field or JSON member; "" for a raw body
	FileName string           // base name the client gave, not to be trusted; "" if none
	Size     int64            // bytes; with JSON, after decoding the base64
	Result   *validate.Result // never nil

	of *checked // where the bytes are; nil in a File that no Middleware made
}

// Open returns the bytes that were verified, from the start. It parses nothing again, so the
// handler cannot read another file than the one that was judged. It may be called any number of
// times, from any goroutine. Like a request's body, its result is of no use once the handler has
// returned.
//
// For a JSON body it decodes the base64 into memory: up to validate.Options.MaxBytes, which
// count towards Options.MaxMemory until the handler returns. If MaxMemory is used up the error
// wraps [ErrUnavailable].
func (f File) Open() (io.ReadSeekCloser, error) {
	if f.of == nil {
		return nil, errors.New("middleware: File.Open: a File that no Middleware has verified")
	}
	return f.of.open()
}

type filesKey struct{}

// Files returns the files that the innermost Middleware verified in the request with this
// context, in the order of the body. It returns nil for a request without a file, or one that no
// Middleware checked. The caller owns the slice, but not the Results.
func Files(ctx context.Context) []File {
	files, _ := ctx.Value(filesKey{}).([]File)
	return slices.Clone(files)
}

// checked is one file of the request.
type checked struct {
	File            // its Size is the bytes received so far
	check    *check // that of the request
	gate     gate
	none     validate.Result // the Result until there is one
	offset   int64           // of the content in the body; unused for JSON
	declared string          // the media type that the client declared, "" if none
	blank    bool            // a file input in which nothing was chosen: not a file
	done     bool            // verified, or refused before that
	err      error           // why it was refused
	elapsed  time.Duration
	waited   time.Duration
	phases   phases
	arriving arriving
	received *validate.Received // set if it was verified while it arrived

	decoding sync.Mutex
	decoded  *growing // for JSON: the file, if it was decoded and kept
}

// addFile notes a file whose content begins at offset in the body.
func (c *check) addFile(field, fileName string, offset int64) *checked {
	f := &checked{File: File{Field: field, FileName: fileName}, check: c, offset: offset}
	f.of, f.Result = f, &f.none
	c.files = append(c.files, f)
	return f
}

// openFile notes a file, and returns the gate that its bytes must pass. A token known by then
// must be good.
func (c *check) openFile(field, fileName string, offset int64) (*checked, *gate, error) {
	f := c.addFile(field, fileName, offset)
	if c.tokenKnown {
		if err := c.authorize(); err != nil {
			return f, nil, err
		}
	}
	f.gate = gate{ctx: c.ctx, opts: &c.m.opts.Validate, limit: c.m.opts.Validate.MaxBytes}
	return f, &f.gate, nil
}

// closeFile judges a file at its end: it passed the gate, or failed there with err.
func (c *check) closeFile(f *checked, g *gate, err error) error {
	if g != nil {
		f.Size = g.size
	}
	if err == nil && !f.blank && f.received == nil {
		err = g.end()
	}
	if err != nil {
		f.err, f.done = err, isVerdict(err)
	}
	return err
}

// receiveFile reads one file: the bytes of head, then those of data, by way of window, in which
// head may lie.
func (c *check) receiveFile(field string, head []byte, data io.Reader, window []byte) error {
	f, g, err := c.openFile(field, "", 0)
	if c.kind == raw {
		f.declared = c.media
	}
	if c.kind == object && err == nil {
		f.decoded = &growing{memory: c.body.store.memory}
		c.body.keep(f.decoded)
	}
	if err == nil {
		end := error(nil)
		err = c.receiveData(f, head, func() ([]byte, error) {
			if end != nil {
				return nil, end
			}
			var n int
			n, end = data.Read(window)
			return window[:n], nil
		})
	}
	return c.closeFile(f, g, err)
}

// keepDecoded keeps the next bytes of a file in JSON, as far as there is memory for it. Without
// it the file is decoded again for its verification.
func (f *checked) keepDecoded(p []byte, most int64) {
	if f.decoded == nil {
		return
	}
	if !f.decoded.room(len(p), most) {
		f.decoded.release(true)
		f.decoded = nil
		return
	}
	f.decoded.b = append(f.decoded.b, p...)
}

func isVerdict(err error) bool {
	if err == nil {
		return false
	}
	var verdict *validate.Error
	return errors.As(err, &verdict)
}

// count returns how many files there are.
func (c *check) count() int {
	n := 0
	for _, f := range c.files {
		if !f.blank {
			n++
		}
	}
	return n
}

// filesIn returns how many files a field has.
func (c *check) filesIn(field string) int {
	n := 0
	for _, f := range c.files {
		if !f.blank && (f.Field == field || c.m.opts.OtherFiles && mayBe(f.Field, field)) {
			n++
		}
	}
	return n
}

// verified returns the files for the next handler.
func (c *check) verified() []File {
	if c.count() == 0 {
		return nil
	}
	files := make([]File, 0, len(c.files))
	for _, f := range c.files {
		if !f.blank {
			files = append(files, f.File)
		}
	}
	return files
}

// open opens the content of the file for the next handler.
func (f *checked) open() (io.ReadSeekCloser, error) {
	c := f.check
	if !f.done || f.err != nil { // an Observe hook can call Open of a refused file too
		return nil, errors.New("middleware: File.Open: the file was not verified, or was refused")
	}
	if c.kind != object {
		return c.body.piece(f.offset, f.Size)
	}
	f.decoding.Lock()
	defer f.decoding.Unlock()
	if f.decoded == nil {
		g, err := c.decode64(f)
		if err != nil {
			return nil, err
		}
		f.decoded = g
	}
	if c.body.closed.Load() {
		return nil, http.ErrBodyReadAfterClose
	}
	return &memoryReader{replay: c.body, derived: f.decoded, size: f.Size}, nil
}

// decode64 returns the file in a JSON body, in memory that lives as long as the body.
func (c *check) decode64(f *checked) (*growing, error) {
	if c.body.closed.Load() {
		return nil, http.ErrBodyReadAfterClose
	}
	g := &growing{memory: c.body.store.memory}
	if !g.room(int(f.Size), f.Size) {
		return nil, fmt.Errorf("%w: the memory of all bodies is used up", ErrUnavailable)
	}
	b, err := c.copyOf(f, g.b)
	if err != nil {
		g.release(true)
		return nil, err
	}
	g.b = b
	if !c.body.keep(g) {
		return nil, http.ErrBodyReadAfterClose
	}
	return g, nil
}
