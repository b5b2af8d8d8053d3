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

// File is one file that was verified.
type File struct {
	Field    string           // multipart field or JSON member; "" for a raw body
	FileName string           // base name the client gave, not to be trusted; "" if none
	Size     int64            // bytes; of JSON those that the base64 stands for
	Result   *validate.Result // never nil

	content func() (io.ReadSeekCloser, error)
}

// Open returns the bytes that were verified, from the start. Nothing is parsed again, so
// that the handler cannot read another file than the one that was judged. It may be
// called as often as needed, from any goroutine; what it returns is of no use once the
// handler has returned, as a request's body.
//
// The file of a JSON body is decoded from its base64 into memory, up to
// validate.Options.MaxBytes that count for Options.MaxMemory until the handler returns:
// where they are used up the error wraps [ErrUnavailable].
func (f File) Open() (io.ReadSeekCloser, error) {
	if f.content == nil {
		return nil, errors.New("middleware: File.Open: a File that no Middleware has verified")
	}
	return f.content()
}

type filesKey struct{}

// Files returns what the innermost Middleware has verified of the request with
// that context, in the order of the body; nil for a request it did not check, or
// without a file. The caller owns the slice, not the Results.
func Files(ctx context.Context) []File {
	files, _ := ctx.Value(filesKey{}).([]File)
	return slices.Clone(files)
}

// checked is one file of the request.
type checked struct {
	File            // its Size is what was received, and at the end of the file its size
	offset   int64  // in the body; not of JSON
	declared string // media type that the client gave it, "" if none
	blank    bool   // a file input in which nothing was chosen: no file at all
	done     bool   // it was verified, or refused before that
	err      error  // what it was refused for
	elapsed  time.Duration

	decoding sync.Mutex
	decoded  []byte // of JSON, once the next handler has asked for it
}

// addFile notes a file whose content begins at offset in the body.
func (c *check) addFile(field, fileName string, offset int64) *checked {
	f := &checked{File: File{Field: field, FileName: fileName, Result: &validate.Result{}}, offset: offset}
	f.content = func() (io.ReadSeekCloser, error) { return c.openVerified(f) }
	c.files = append(c.files, f)
	return f
}

// openFile notes a file, and returns the gate that its bytes have to pass. If the token
// is known it must be good before that.
func (c *check) openFile(field, fileName string, offset int64) (*checked, *gate, error) {
	f := c.addFile(field, fileName, offset)
	if c.tokenKnown {
		if err := c.authorize(); err != nil {
			return f, nil, err
		}
	}
	return f, &gate{ctx: c.ctx, opts: &c.m.opts.Validate, limit: c.m.opts.Validate.MaxBytes}, nil
}

// closeFile judges a file that has passed the gate, or failed there with err.
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

// receiveFile reads one file whose bytes are data.
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

// filesIn returns how many files there are in a field.
func (c *check) filesIn(field string) int {
	n := 0
	for _, f := range c.files {
		if !f.blank && (f.Field == field || c.m.opts.OtherFiles && mayBe(f.Field, field)) {
			n++
		}
	}
	return n
}

// verified returns the files as the next handler is to see them.
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
	if !f.done || f.err != nil { // an Observe hook has it all the same
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

// decode64 returns the size bytes of the file in a JSON body.
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
