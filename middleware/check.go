package middleware

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// check is the check of one request.
type check struct {
	m      *Middleware
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context // of the request; once the access hook has agreed, what that handed on
	start  time.Time
	wire   *source // what the client sends
	source *source // its content: wire, unless that is coded
	body   *replay

	kind     kind
	boundary string // of a form
	media    string // the body's media type

	token      string
	tokenKnown bool
	authorized bool

	parts    []*received // of a form
	files    []*checked  // in the order of the body, blank ones among them
	reported bool
}

func (m *Middleware) newCheck(w http.ResponseWriter, r *http.Request) *check {
	body := r.Body
	if body == nil { // a client's request, as some tests make them
		body = http.NoBody
	}
	replay := &replay{store: m.store, client: m.store.clients.of(m.opts.Client(r))}
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
		c.judgeTexts,
		c.authorize,
		c.needFiles,
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
	if c.tokenKnown || c.kind != multipart && c.kind != object {
		return c.authorize()
	}
	return nil
}

// judgeLength refuses by the declared length alone, without asking the client
// for the body (Expect: 100-continue).
func (c *check) judgeLength() error {
	length := c.r.ContentLength
	switch {
	case c.kind == text && (length > 0 || needsBody(c.r.Method)):
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
	case multipart:
		err = c.receiveForm()
	case object:
		err = c.receiveJSON(c.source)
	default:
		err = c.receiveRaw()
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

// receiveJSON reads a JSON object with a file in it.
func (c *check) receiveJSON(data io.Reader) error {
	return walkJSON(data, c.m.opts.JSONField, func(data io.Reader) error {
		return c.receiveFile(c.m.opts.JSONField, data)
	}, c.setToken)
}

func ignoreToken(string) error { return nil }

// receiveRaw reads a body that is the file, or that may be.
func (c *check) receiveRaw() error {
	head := make([]byte, detect.HeadSize)
	n, err := io.ReadFull(c.source, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	switch {
	case n == 0 && (c.m.opts.Optional || !needsBody(c.r.Method)):
		return nil // no body
	case c.kind == text && n > 0:
		return empty()
	}
	body := io.MultiReader(bytes.NewReader(head), c.source)
	if c.kind == unsure && !isBinary(head) && detect.Detect(head) == detect.Unknown {
		if c.m.opts.JSONField != "" && beginsObject(head) {
			c.kind = object // many handlers read JSON whatever its type is called
			return c.receiveJSON(body)
		}
		if _, err := io.Copy(textOnly{}, body); !errors.Is(err, errBinary) {
			return err // text, as it says
		}
		body = bytes.NewReader(head) // which is of no format that we know
	}
	c.kind = raw
	return c.receiveFile("", body)
}

// beginsObject reports whether JSON text begins with an object. What stands before it may
// be a byte order mark, which some parsers pass over.
func beginsObject(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"), []byte("{"))
}

var errBinary = errors.New("binary data")

// textOnly takes text and keeps nothing.
type textOnly struct{}

func (textOnly) Write(p []byte) (int, error) {
	if isBinary(p) {
		return 0, errBinary
	}
	return len(p), nil
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
		c.ctx = r.Context() // the hook may have put in what it looked up
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

// needFiles refuses a request that lacks a file, or has too many.
func (c *check) needFiles() error {
	if c.source.n == 0 && !needsBody(c.r.Method) {
		return nil // no body after all
	}
	for _, name := range slices.Sorted(maps.Keys(c.m.opts.FieldRules)) {
		rule, n := c.m.opts.FieldRules[name], c.filesIn(name)
		if rule.Required && n == 0 {
			return empty()
		}
		if rule.MaxFiles > 0 && n > rule.MaxFiles {
			return badRequest("too many files", fmt.Sprintf("%d files in a field that takes %d", n, rule.MaxFiles))
		}
	}
	if c.count() == 0 && !c.m.opts.Optional {
		return empty()
	}
	return nil
}

// verify judges the files, which are complete now, one after the other.
func (c *check) verify() error {
	if c.count() == 0 {
		return nil
	}
	if err := c.m.slots.acquire(c.ctx, c.m.opts.MaxWait); err != nil {
		return err
	}
	defer c.m.slots.release()
	if c.kind == object {
		return walkJSON(c.body.open(), c.m.opts.JSONField, func(data io.Reader) error {
			f := c.files[0]
			b := make([]byte, f.Size)
			_, err := io.ReadFull(data, b)
			return c.verifyFile(f, b, err)
		}, ignoreToken)
	}
	for _, f := range c.files {
		if f.blank {
			continue
		}
		b, err := c.body.bytes(f.offset, f.Size)
		if err := c.verifyFile(f, b, err); err != nil {
			return err
		}
	}
	return nil
}

// verifyFile judges one file. err is why its bytes could not be read back.
func (c *check) verifyFile(f *checked, b []byte, err error) error {
	if err != nil {
		f.err = internalError(fmt.Errorf("middleware: replay: %w", err))
		return f.err
	}
	start := time.Now()
	res, err := validate.Bytes(c.ctx, b, c.m.opts.Validate)
	f.elapsed = time.Since(start)
	if res != nil {
		f.Result = res
	}
	if err == nil {
		err = c.compareType(f)
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
