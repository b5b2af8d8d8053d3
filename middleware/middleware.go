package middleware

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/imgvet/imgvet/validate"
)

// Middleware checks requests. It is safe for concurrent use, and its budgets
// count for all handlers it wraps.
type Middleware struct {
	opts  Options // with defaults
	store *storage
	slots slots
}

// New returns a Middleware, or everything that is wrong with opts in one error.
func New(opts Options) (*Middleware, error) {
	if err := opts.Problems(); err != nil {
		return nil, err
	}
	opts = opts.withDefaults()
	opts.Fields = slices.Clone(opts.Fields)
	opts.Validate.Formats = slices.Clone(opts.Validate.Formats)
	opts.Validate.Checks = slices.Clone(opts.Validate.Checks)
	return &Middleware{
		opts: opts,
		store: &storage{
			memory:    newBudget(opts.MaxMemory - opts.verificationBytes()),
			temp:      newBudget(opts.MaxTempBytes),
			threshold: opts.MemoryThreshold,
			dir:       opts.TempDir,
		},
		slots: make(slots, opts.MaxVerifications),
	}, nil
}

// Wrap returns a handler that calls next for requests that passed, with the
// identical body: r.Body, r.GetBody, ParseMultipartForm, FormFile and
// MultipartReader work as if nobody had read it, and ContentLength is its true
// size. The body lives until next returns. What was verified is in
// [Files](r.Context()). With Options.DecodeContent a coded body is replayed
// decoded.
//
// r itself, as the caller has it, is not changed, but its Body has been read.
func (m *Middleware) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost, http.MethodPut, http.MethodPatch:
			m.serve(w, r, next)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// serve checks one request. Whatever happens, a panic in a hook or in next
// included, the body's memory and file are given back.
func (m *Middleware) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	c := m.newCheck(w, r)
	defer c.finish()
	err := c.run()
	c.wire.clock.restore()
	if err != nil {
		c.refuse(w, err)
		return
	}
	c.report(nil)
	next.ServeHTTP(w, c.request())
}

// finish gives back what c holds, and sees to it that a hook's panic, which goes
// on to the server, is observed too.
func (c *check) finish() {
	c.body.close()
	if !c.reported {
		c.report(c.m.refusalOf(c.ctx, internalError(errors.New("middleware: a hook panicked"))))
	}
}

// File is one file that was verified.
type File struct {
	Field    string           // multipart field or JSON member; "" for a raw body
	FileName string           // base name the client gave, not to be trusted; "" if none
	Result   *validate.Result // never nil
}

type filesKey struct{}

// Files returns what the innermost Middleware has verified of the request with
// that context, in the order of the body; nil for a request it did not check.
// The caller owns the slice, not the Results.
func Files(ctx context.Context) []File {
	files, _ := ctx.Value(filesKey{}).([]File)
	return slices.Clone(files)
}

// request returns what the next handler gets.
func (c *check) request() *http.Request {
	var files []File
	for _, f := range c.files {
		if !f.blank {
			files = append(files, f.File)
		}
	}
	r := c.r.WithContext(context.WithValue(c.r.Context(), filesKey{}, files))
	r.Body = c.body.open()
	r.GetBody = c.body.reopen
	r.ContentLength = c.body.size
	r.TransferEncoding = nil
	if c.coded() {
		r.Header = decodedHeader(r.Header, c.body.size)
	}
	return r
}
