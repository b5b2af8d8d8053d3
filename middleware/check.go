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

// check holds the state of one request's check.
type check struct {
	m      *Middleware
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context // of the request; the access hook may replace it
	start  time.Time
	wire   *source // what the client sends
	source *source // the decoded content; equals wire unless the body has a content coding
	body   *replay

	kind     kind
	boundary string // of a form
	media    string // the body's media type

	token      string
	tokenKnown bool
	authorized bool

	parts    []*received // of a form
	files    []*checked  // in the order of the body, blank ones included
	reported bool
}

func (m *Middleware) newCheck(w http.ResponseWriter, r *http.Request) *check {
	body := r.Body
	if body == nil { // a client's request, which some tests pass
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

// run performs the whole check, one call a step.
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

// authorizeByHeader asks the access hook before the first byte of the body, if no token can come
// later or one came in a header.
func (c *check) authorizeByHeader() error {
	if c.tokenKnown || c.kind != multipart && c.kind != object {
		return c.authorize()
	}
	return nil
}

// judgeLength refuses by the declared length alone, before the client is asked for the body
// (Expect: 100-continue).
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
		// Only the body would show which file is too large, or whether only their sum is. The
		// client asked first, so it gets the code that is almost always right, and sends
		// nothing.
		return tooLarge(length, c.m.opts.Validate.MaxBytes)
	}
	// The client sends the body anyway. Read it for the right code, and keep nothing.
	c.source.sinks = nil
	return nil
}

// receive reads and keeps the body, and refuses it as soon as that is certain.
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
		return nil // no bytes: an empty body, whatever its type
	}
	// If the connection failed, that is why the parser failed.
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

// receiveJSON reads a JSON object that holds a file.
func (c *check) receiveJSON(data io.Reader) error {
	return walkJSON(data, c.m.opts.JSONField, func(data io.Reader) error {
		return c.receiveFile(c.m.opts.JSONField, data)
	}, c.setToken)
}

func ignoreToken(string) error { return nil }

// receiveRaw reads a body that is the file, or may be.
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
			return err // text, as its type says
		}
		body = bytes.NewReader(head) // of no format that we know
	}
	c.kind = raw
	return c.receiveFile("", body)
}

// beginsObject reports whether JSON text begins with an object. It allows a byte order mark
// before it, since some parsers skip one.
func beginsObject(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"), []byte("{"))
}

var errBinary = errors.New("binary data")

// textOnly is a writer that accepts text alone and keeps nothing.
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
		return nil // without an access hook the field is not ours
	}
	if c.tokenKnown && token != c.token {
		return badRequest("conflicting tokens", "two tokens differ")
	}
	c.token, c.tokenKnown = token, true
	return nil
}

// authorize calls the access hook, once a request.
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
		c.ctx = r.Context() // the hook may have added what it looked up
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

// isAccess reports whether c is a code that only the access hook may return.
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

// verify judges the files one after the other. All of them are complete by now.
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

// verifyFile judges one file, whose bytes are b. err is the error of reading them back.
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

// verificationError returns err if it is a verdict, and otherwise a failure.
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
