package middleware

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/procs"
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
	trace  Trace // nil without Options.Trace

	kind     kind
	boundary string // of a form
	media    string // the body's media type

	token      string
	tokenKnown bool
	authorized bool

	parts    []*received // of a form
	files    []*checked  // in the order of the body, blank ones included
	reported bool

	// What most requests need, in one allocation.
	own struct {
		wire  source
		body  replay
		clock clock
		parts [4]*received
		files [2]*checked
	}
}

func (m *Middleware) newCheck(w http.ResponseWriter, r *http.Request) *check {
	body := r.Body
	if body == nil { // a client's request, which some tests pass
		body = http.NoBody
	}
	c := &check{m: m, w: w, r: r, ctx: r.Context(), start: time.Now(), trace: m.opts.newTrace(r)}
	c.body = &c.own.body
	c.body.store, c.body.client = m.store, m.store.clients.of(m.opts.Client(r))
	c.body.mem = growing{memory: m.store.memory, expect: max(0, r.ContentLength)}
	c.own.clock.start(w, r, &m.opts)
	c.own.wire = source{
		ctx: c.ctx, body: body, clock: &c.own.clock, keep: c.body, limit: m.opts.MaxRequestBytes,
	}
	c.wire, c.source = &c.own.wire, &c.own.wire
	c.parts, c.files = c.own.parts[:0], c.own.files[:0]
	return c
}

// run performs the whole check, one call a step.
func (c *check) run() error {
	for _, step := range [...]func(*check) error{
		(*check).readHeaders,
		(*check).authorizeByHeader,
		(*check).judgeLength,
		(*check).receive,
		(*check).judgeTexts,
		(*check).authorize,
		(*check).needFiles,
		(*check).verify,
	} {
		if err := step(c); err != nil {
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
	c.source.keep = nil
	return nil
}

// receive reads and keeps the body, and refuses it as soon as that is certain.
func (c *check) receive() error { return c.step(StepReceive, c.receiveBody) }

func (c *check) receiveBody() error {
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
	if c.source.keep == nil && c.source.n > 0 {
		return requestTooLarge(c.m.opts.MaxRequestBytes) // declared more than it sent
	}
	return c.body.seal()
}

// receiveJSON reads a JSON object that holds a file.
func (c *check) receiveJSON(data io.Reader) error {
	return walkJSON(data, c.m.opts.JSONField, func(data io.Reader) error {
		window := windows.Get().(*[windowSize]byte)
		defer windows.Put(window)
		return c.receiveFile(c.m.opts.JSONField, nil, data, window[:])
	}, c.setToken)
}

func ignoreToken(string) error { return nil }

// receiveRaw reads a body that is the file, or may be.
func (c *check) receiveRaw() error {
	window := windows.Get().(*[windowSize]byte)
	defer windows.Put(window)
	n, err := io.ReadFull(c.source, window[:detect.HeadSize])
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head, rest := window[:n], io.Reader(c.source)
	switch {
	case n == 0 && (c.m.opts.Optional || !needsBody(c.r.Method)):
		return nil // no body
	case c.kind == text && n > 0:
		return empty()
	}
	if c.kind == unsure && !isBinary(head) && detect.Detect(head) == detect.Unknown {
		if c.m.opts.JSONField != "" && beginsObject(head) {
			c.kind = object // many handlers read JSON whatever its type is called
			return c.receiveJSON(io.MultiReader(bytes.NewReader(head), c.source))
		}
		if _, err := io.Copy(textOnly{}, c.source); !errors.Is(err, errBinary) {
			return err // text, as its type says
		}
		rest = strings.NewReader("") // the head is of no format that we know
	}
	c.kind = raw
	return c.receiveFile("", head, rest, window[:])
}

// windowSize is how many bytes of a raw body or of a file in JSON are looked at at a time.
const windowSize = 32 << 10

var windows = sync.Pool{New: func() any { return new([windowSize]byte) }}

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
	return c.step(StepAuthorize, func() error {
		err := c.m.opts.Authorize(r, c.token)
		if err == nil {
			c.ctx = r.Context() // the hook may have added what it looked up
			return nil
		}
		return c.accessError(err)
	})
}

// accessError returns the access hook's error if it is a verdict, and otherwise a failure.
func (c *check) accessError(err error) error {
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
	for _, name := range c.m.ruled {
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

// verify judges the files one after the other. All of them are complete by now, and those that
// were verified while they arrived have only the hooks before them.
func (c *check) verify() error {
	due := func(f *checked) bool { return !f.blank && !f.done }
	first := slices.IndexFunc(c.files, due)
	if first < 0 {
		return nil
	}
	if err := c.waitForSlot(c.ctx, c.files[first]); err != nil {
		return err
	}
	defer c.m.slots.Give()
	for _, f := range c.files {
		if !due(f) {
			continue
		}
		if err := c.verifyOne(f); err != nil {
			return err
		}
	}
	return nil
}

// hooks tells whether hooks look at the files.
func (c *check) hooks() bool {
	return len(c.m.opts.Validate.Checks) > 0 || c.m.opts.Validate.Faces != nil
}

// verifyOne judges one file where it lies in memory, or reads it once into a buffer out of the
// memory of files under verification.
func (c *check) verifyOne(f *checked) error {
	hooks := c.hooks()
	if b, ok := f.bytes(); ok {
		c.body.shown = hooks
		return c.verifyFile(f, b, nil)
	}
	g := growing{memory: c.m.store.verifying}
	if !g.room(int(f.Size), f.Size) {
		// There is a buffer for each verification, as large as a file may be.
		return c.verifyFile(f, nil, errors.New("no memory for a verification"))
	}
	defer func() { g.release(!hooks) }()
	b, err := c.copyOf(f, g.b)
	return c.verifyFile(f, b, err)
}

// copyOf reads a file into b, which has room for it.
func (c *check) copyOf(f *checked, b []byte) ([]byte, error) {
	if c.kind != object {
		return c.body.load(b, f.offset, f.Size)
	}
	b = b[:f.Size]
	return b, walkJSON(c.body.open(), c.m.opts.JSONField, func(data io.Reader) error {
		_, err := io.ReadFull(data, b)
		return err
	}, ignoreToken)
}

// verifyFile judges one file, whose bytes are b. err is the error of reading them back.
func (c *check) verifyFile(f *checked, b []byte, err error) error {
	if err != nil {
		f.err = internalError(fmt.Errorf("middleware: replay: %w", err))
		return f.err
	}
	start := time.Now()
	ctx := f.phases.verifying(c)
	defer func() { f.phases.finish(f.Result, f.err) }()
	var res *validate.Result
	if f.received != nil {
		res, err = f.received.Judge(ctx, b)
	} else {
		res, err = validate.Bytes(procs.WithGroup(ctx, c.m.slots), b, c.m.validate)
	}
	f.elapsed += time.Since(start)
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
	if err == nil {
		return nil
	}
	var verdict *validate.Error
	switch {
	case errors.As(err, &verdict) && verdict != nil && !isAccess(verdict.Code):
		return err
	case c.ctx.Err() != nil:
		return c.ctx.Err()
	}
	return hookFailure(err)
}
