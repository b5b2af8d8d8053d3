package middleware

import (
	"bytes"
	"context"
	"errors"
	"io"
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

	content func() (io.ReadSeekCloser, error)
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
	if f.content == nil {
		return nil, errors.New("middleware: File.Open: a File that no Middleware has verified")
	}
	return f.content()
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
	offset   int64  // of the content in the body; unused for JSON
	declared string // the media type that the client declared, "" if none
	blank    bool   // a file input in which nothing was chosen: not a file
	done     bool   // verified, or refused before that
	err      error  // why it was refused
	elapsed  time.Duration

	decoding sync.Mutex
	decoded  []byte // for JSON, once the next handler has opened the file
}

// addFile notes a file whose content begins at offset in the body.
func (c *check) addFile(field, fileName string, offset int64) *checked {
	f := &checked{File: File{Field: field, FileName: fileName, Result: &validate.Result{}}, offset: offset}
	f.content = func() (io.ReadSeekCloser, error) { return c.openVerified(f) }
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
	return f, &gate{ctx: c.ctx, opts: &c.m.opts.Validate, limit: c.m.opts.Validate.MaxBytes}, nil
}

// closeFile judges a file at its end: it passed the gate, or failed there with err.
func (c *check) closeFile(f *checked, g *gate, err error) error {
	if g != nil {
		f.Size = g.size
	}
	if err == nil && !f.blank {
		err = g.end()
	}
	f.err, f.done = err, isVerdict(err)
	return err
}

// receiveFile reads one file from data.
func (c *check) receiveFile(field string, data io.Reader) error {
	f, g, err := c.openFile(field, "", 0)
	if c.kind == raw {
		f.declared = c.media
	}
	if err == nil {
		_, err = io.Copy(g, data)
	}
	return c.closeFile(f, g, err)
}

func isVerdict(err error) bool {
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
	var files []File
	for _, f := range c.files {
		if !f.blank {
			files = append(files, f.File)
		}
	}
	return files
}

// openVerified opens the content of a file for the next handler.
func (c *check) openVerified(f *checked) (io.ReadSeekCloser, error) {
	if !f.done || f.err != nil { // an Observe hook can call Open of a refused file too
		return nil, errors.New("middleware: File.Open: the file was not verified, or was refused")
	}
	if c.kind != object {
		return c.body.piece(f.offset, f.Size)
	}
	f.decoding.Lock()
	defer f.decoding.Unlock()
	if f.decoded == nil {
		b, err := c.decode64(f.Size)
		if err != nil {
			return nil, err
		}
		f.decoded = b
	}
	return c.body.reader(bytes.NewReader(f.decoded))
}

// decode64 returns the file in a JSON body, size bytes long.
func (c *check) decode64(size int64) ([]byte, error) {
	if err := c.body.charge(size); err != nil {
		return nil, err
	}
	b := make([]byte, size)
	err := walkJSON(c.body.open(), c.m.opts.JSONField, func(data io.Reader) error {
		_, err := io.ReadFull(data, b)
		return err
	}, ignoreToken)
	return b, err
}
