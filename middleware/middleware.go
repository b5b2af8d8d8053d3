package middleware

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/imgvet/imgvet/validate"
)

// Middleware checks requests. It is safe for concurrent use. Its budgets cover all handlers
// wrapped by it and by those that its With made.
type Middleware struct {
	opts Options // with defaults
	// validate is opts.Validate, with hooks that Options.Trace follows.
	validate validate.Options
	ruled    []string // the keys of opts.FieldRules, sorted
	store    *storage
	slots    *slots
}

// Must returns m, and panics if err is not nil. Use it for options written in the program, where
// an error is a bug:
//
//	var vet = middleware.Must(middleware.New(middleware.Options{}))
func Must(m *Middleware, err error) *Middleware {
	if err != nil {
		panic(err)
	}
	return m
}

// New returns a Middleware, or one error that joins everything that is wrong with opts.
func New(opts Options) (*Middleware, error) {
	if err := opts.Problems(); err != nil {
		return nil, err
	}
	opts = opts.own().withDefaults()
	return &Middleware{
		opts: opts, validate: opts.tracedValidate(),
		ruled: slices.Sorted(maps.Keys(opts.FieldRules)),
		store: &storage{
			memory:    newMemory(opts.MaxMemory-opts.verificationBytes(), max(opts.MemoryThreshold, opts.Validate.MaxBytes)),
			verifying: newMemory(opts.verificationBytes(), opts.Validate.MaxBytes),
			temp:      newBudget(opts.MaxTempBytes),
			clients:   newClients(opts.MaxClientBytes),
			threshold: opts.MemoryThreshold,
			dir:       opts.TempDir,
		},
		slots: newSlots(opts.MaxVerifications),
	}, nil
}

// With returns a Middleware for another route. It has m's options, changed by change, and shares
// m's budgets, so that all routes together stay within them. The budgets themselves
// (MemoryThreshold, MaxMemory, MaxTempBytes, MaxClientBytes, TempDir, MaxVerifications) are m's
// and cannot be changed, and Validate.MaxBytes cannot be raised above m's.
func (m *Middleware) With(change func(*Options)) (*Middleware, error) {
	if change == nil {
		return nil, errors.New("middleware: With: change is nil")
	}
	opts := m.opts.own()
	change(&opts)
	if err := opts.Problems(); err != nil {
		return nil, err
	}
	opts = opts.own().withDefaults()
	var errs []error
	keep := func(name string, same bool) {
		if !same {
			errs = append(errs, fmt.Errorf("middleware: With: Options.%s is of the budgets that all routes share; set it for New", name))
		}
	}
	keep("MemoryThreshold", opts.MemoryThreshold == m.opts.MemoryThreshold)
	keep("MaxMemory", opts.MaxMemory == m.opts.MaxMemory)
	keep("MaxTempBytes", opts.MaxTempBytes == m.opts.MaxTempBytes)
	keep("MaxClientBytes", opts.MaxClientBytes == m.opts.MaxClientBytes)
	keep("TempDir", opts.TempDir == m.opts.TempDir)
	keep("MaxVerifications", opts.MaxVerifications == m.opts.MaxVerifications)
	if opts.Validate.MaxBytes > m.opts.Validate.MaxBytes {
		errs = append(errs, fmt.Errorf("middleware: With: Options.Validate.MaxBytes is %d, above the %d that the budgets are made for",
			opts.Validate.MaxBytes, m.opts.Validate.MaxBytes))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Middleware{
		opts: opts, validate: opts.tracedValidate(), ruled: slices.Sorted(maps.Keys(opts.FieldRules)), store: m.store, slots: m.slots,
	}, nil
}

// own returns o with its own copies of slices and maps.
func (o Options) own() Options {
	o.Fields = slices.Clone(o.Fields)
	o.FieldRules = maps.Clone(o.FieldRules)
	o.Validate.Formats = slices.Clone(o.Validate.Formats)
	o.Validate.Checks = slices.Clone(o.Validate.Checks)
	return o
}

// Wrap returns a handler that calls next for requests that pass, with the identical body.
// r.Body, r.GetBody, ParseMultipartForm, FormFile and MultipartReader work as if nobody had read
// it, and ContentLength is its true size. The body lives until next returns.
// [Files](r.Context()) returns the verified files. With Options.DecodeContent next gets a coded
// body decoded, with Options.Rewrite a form in its canonical spelling.
//
// A request without a body passes, unless its method needs one (POST, PUT and PATCH in any
// case).
//
// The caller's own r stays unchanged, except that its Body has been read.
func (m *Middleware) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		skip := m.opts.InsecureSkip
		switch {
		case skip != nil && skip(r):
			next.ServeHTTP(w, r)
		case !hasBody(r) && !needsBody(r.Method):
			next.ServeHTTP(w, withoutBody(r))
		default:
			m.serve(w, r, next)
		}
	})
}

// withoutBody returns r with an empty body. In net/http a request of length 0 already has one,
// but net/http/fcgi and some adapters leave a body to read.
func withoutBody(r *http.Request) *http.Request {
	if r.Body == nil || r.Body == http.NoBody {
		return r
	}
	r = r.WithContext(r.Context())
	r.Body = http.NoBody
	return r
}

// serve checks one request. It gives the body's memory and file back whatever happens, even if a
// hook or next panics.
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

// finish gives back what c holds. If a hook panicked, it also reports that to the observer; the
// panic goes on to the server.
func (c *check) finish() {
	c.body.close()
	if !c.reported {
		c.report(c.m.refusalOf(c.ctx, internalError(errors.New("middleware: a hook panicked"))))
	}
}

// withFiles returns ctx with the files that Files will return.
func withFiles(ctx context.Context, files []File) context.Context {
	return context.WithValue(ctx, filesKey{}, files)
}
