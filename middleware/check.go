package middleware

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// check is the check of one request.
type check struct {
	m      *Middleware
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	start  time.Time
	wire   *source // what the client sends
	source *source // its content: wire, unless that is coded
	body   *replay

	kind     kind
	boundary string // of kind form

	token      string
	tokenKnown bool
	authorized bool

	files    []*checked // in the order of the body, blank ones among them
	reported bool
}

// checked is one file of the request.
type checked struct {
	File
	size  int64 // received, and at the end of the file its size
	blank bool  // a file input in which nothing was chosen: no file at all
	done  bool  // it was verified, or refused before that
	err   error // what it was refused for
	time  time.Duration
}

func (m *Middleware) newCheck(w http.ResponseWriter, r *http.Request) *check {
	body := r.Body
	if body == nil { // a client's request, as some tests make them
		body = http.NoBody
	}
	replay := &replay{store: m.store}
	wire := &source{
		ctx: r.Context(), body: body, clock: newClock(w, r, &m.opts),
		sinks: []io.Writer{replay}, limit: m.opts.MaxRequestBytes,
	}
	return &check{
		m: m, w: w, r: r, ctx: r.Context(), start: time.Now(), body: replay,
		wire: wire, source: wire,
	}
}

// run is the whole check, one call a step.
func (c *check) run() error {
	for _, step := range []func() error{
		c.readHeaders,
		c.authorizeByHeader,
		c.judgeLength,
		c.receive,
		c.authorize,
		c.needFile,
		c.verify,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// authorizeByHeader asks the access hook before the first byte of the body, if
// the token cannot come later or has come already.
func (c *check) authorizeByHeader() error {
	if c.tokenKnown || c.kind == raw {
		return c.authorize()
	}
	return nil
}

// judgeLength refuses by the declared length alone, without asking the client
// for the body (Expect: 100-continue).
func (c *check) judgeLength() error {
	length := c.r.ContentLength
	switch {
	case c.kind == other:
		return empty()
	case length < 0:
		return nil
	case c.kind == raw && !c.coded():
		return tooLarge(length, c.m.opts.Validate.MaxBytes)
	case length <= c.m.opts.MaxRequestBytes:
		return nil
	case expectsContinue(c.r):
		// Which file is too large, or whether only their sum is, the client would
		// have to send to find out. It asked first, so it is told the code that
		// almost always is right, and sends nothing.
		return tooLarge(length, c.m.opts.Validate.MaxBytes)
	}
	// The client sends anyway. Read on for the right code, and keep nothing.
	c.source.sinks = nil
	return nil
}

// receive reads the body, keeps it, and refuses what is certain on the way.
func (c *check) receive() error {
	var err error
	switch c.kind {
	case form:
		err = c.receiveForm()
	case object:
		err = walkJSON(c.source, c.m.opts.JSONField, func(data io.Reader) error {
			return c.receiveFile(part{name: c.m.opts.JSONField}, data)
		}, c.setToken)
	default:
		err = c.receiveFile(part{}, c.source)
	}
	if isVerdict(err) {
		return err
	}
	if err != nil && c.source.drained() && c.source.n == 0 {
		return nil // no body at all is an empty one, whatever its type promised
	}
	// The connection's failure, if there is one, is why a parser failed.
	if failed := c.source.failed(); failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	if c.source.sinks == nil && c.source.n > 0 {
		return requestTooLarge(c.m.opts.MaxRequestBytes) // declared more than it sent
	}
	return c.body.seal()
}

// receiveForm reads a multipart body to its very end.
func (c *check) receiveForm() error {
	watch := newDelimiters(c.boundary)
	if c.source.sinks != nil {
		c.source.sinks = append(c.source.sinks, watch)
	}
	parts, err := walkForm(c.source, c.boundary, func(p part, data io.Reader) error {
		switch {
		case c.wants(p):
			return c.receiveFile(p, data)
		case p.marked:
			return nil // a file in a field that is not ours
		}
		return c.receiveText(p, data)
	})
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, c.source); err != nil {
		return err
	}
	watch.end()
	if c.source.sinks != nil && !watch.agree(parts) {
		return malformed("boundary in an odd place")
	}
	return nil
}

// wants reports whether a part is a file to check.
func (c *check) wants(p part) bool {
	if c.m.opts.Fields != nil {
		return slices.Contains(c.m.opts.Fields, p.name)
	}
	// A part with the type of a file is a file to some parsers, without a name.
	return p.marked || p.picture && p.name != tokenField
}

// receiveFile reads one file past the gate. If the token is known it must be
// good before that.
func (c *check) receiveFile(p part, data io.Reader) error {
	f := &checked{File: File{Field: p.name, FileName: p.fileName, Result: &validate.Result{}}}
	c.files = append(c.files, f)
	if c.tokenKnown {
		if err := c.authorize(); err != nil {
			return err
		}
	}
	g := &gate{ctx: c.ctx, opts: &c.m.opts.Validate, limit: c.m.opts.Validate.MaxBytes}
	_, err := io.Copy(g, data)
	f.size = g.size
	if err == nil && g.size == 0 && p.marked && p.fileName == "" {
		// HTML, 4.10.21.4: a file input that was left blank.
		f.blank = true
		return nil
	}
	if err == nil {
		err = g.end()
	}
	f.err, f.done = err, isVerdict(err)
	return err
}

func isVerdict(err error) bool {
	var verdict *validate.Error
	return errors.As(err, &verdict)
}

// receiveText reads a text field.
func (c *check) receiveText(p part, data io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(data, maxTextBytes+1))
	if err != nil {
		return err
	}
	if len(b) > maxTextBytes {
		return malformed("text field too long")
	}
	if p.name == tokenField {
		return c.setToken(string(b))
	}
	return nil
}

// setToken notes a token. A second one must be the same.
func (c *check) setToken(token string) error {
	if c.m.opts.Authorize == nil {
		return nil // the field is none of our business
	}
	if c.tokenKnown && token != c.token {
		return badRequest("conflicting tokens", "two tokens differ")
	}
	c.token, c.tokenKnown = token, true
	return nil
}

// authorize asks the access hook, once.
func (c *check) authorize() error {
	if c.authorized || c.m.opts.Authorize == nil {
		return nil
	}
	c.authorized = true
	// The hook may call r.FormValue, which would read the body.
	r := c.r.WithContext(c.ctx)
	r.Body, r.GetBody, r.ContentLength, r.TransferEncoding = http.NoBody, nil, 0, nil
	err := c.m.opts.Authorize(r, c.token)
	if err == nil {
		return nil
	}
	var verdict *validate.Error
	if errors.As(err, &verdict) && verdict != nil && isAccess(verdict.Code) {
		return err
	}
	if c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	return hookFailure(fmt.Errorf("middleware: Authorize: %w", err))
}

// isAccess reports whether c is a code that the access hook alone may give.
func isAccess(c validate.Code) bool {
	return c == validate.CodeUnregisteredToken || c == validate.CodeFailAuthorization
}

func (c *check) needFile() error {
	if c.count() == 0 {
		return empty()
	}
	return nil
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

// verify judges the files, which are complete now, one after the other.
func (c *check) verify() error {
	if err := c.m.slots.acquire(c.ctx, c.m.opts.MaxWait); err != nil {
		return err
	}
	defer c.m.slots.release()
	body, left := c.body.open(), c.files
	next := func(data io.Reader) error {
		f := left[0]
		left = left[1:]
		if f.blank {
			return nil
		}
		return c.verifyFile(f, data)
	}
	switch c.kind {
	case form:
		_, err := walkForm(body, c.boundary, func(p part, data io.Reader) error {
			if !c.wants(p) {
				return nil
			}
			return next(data)
		})
		return err
	case object:
		return walkJSON(body, c.m.opts.JSONField, next, func(string) error { return nil })
	}
	return next(body)
}

// verifyFile judges one file.
func (c *check) verifyFile(f *checked, data io.Reader) error {
	b := make([]byte, f.size)
	if _, err := io.ReadFull(data, b); err != nil {
		f.err = internalError(fmt.Errorf("middleware: replay: %w", err))
		return f.err
	}
	start := time.Now()
	res, err := validate.Bytes(c.ctx, b, c.m.opts.Validate)
	f.time = time.Since(start)
	if res != nil {
		f.Result = res
	}
	f.err = c.verificationError(err)
	f.done = f.err == nil || isVerdict(f.err)
	return f.err
}

// verificationError makes sure that only a verdict passes for one.
func (c *check) verificationError(err error) error {
	var verdict *validate.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &verdict) && verdict != nil && !isAccess(verdict.Code):
		return err
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	}
	return hookFailure(err)
}
