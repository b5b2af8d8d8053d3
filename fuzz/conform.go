package fuzz

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"sync"
	"testing"

	"github.com/imgvet/imgvet/validate"
)

// Mode is one way for a client to send a file.
type Mode string

// The ways that Conform knows.
const (
	TokenFirst Mode = "multipart, token first"
	TokenLast  Mode = "multipart, token last"
	Raw        Mode = "raw body"
	Chunked    Mode = "chunked multipart" // no Content-Length
	Expect     Mode = "Expect: 100-continue"
	HTTP2      Mode = "HTTP/2"
)

// AllModes returns every mode.
func AllModes() []Mode { return []Mode{TokenFirst, TokenLast, Raw, Chunked, Expect, HTTP2} }

// ConformOptions says what to send and what to expect. The zero value is the
// documented rules: every case in every mode.
type ConformOptions struct {
	// Path is where files are posted. "" means "/".
	Path string
	// Field is the multipart field of the file. "" means "image".
	Field string
	// Token is what the access hook accepts. "" means "conform".
	Token string
	// UnknownToken, if set, must be refused with code 0, and DeniedToken with
	// code 1.
	UnknownToken, DeniedToken string
	// Modes are the ways to send. nil means AllModes.
	Modes []Mode
	// Cases are the files. nil means Cases.
	Cases iter.Seq[Case]
	// Validate, if set, is what the handler was told: verdicts are then those of
	// validate.Bytes. nil means the verdicts of the cases.
	Validate *validate.Options
	// Status maps a code to its HTTP status, as middleware.StatusOf does. nil
	// means that any status from 400 to 499 will do.
	Status func(validate.Code) int
	// Headers demands X-Content-Type-Options: nosniff and Cache-Control:
	// no-store on refusals.
	Headers bool
	// Readings are requests that parsers may read differently. nil means those of
	// the function Readings, for Field. They are sent to a handler that answers
	// which files it was given, as ReportFiles does.
	Readings iter.Seq[Reading]
	// Reports demands that the handler answers which files it was given.
	Reports bool
}

func (o ConformOptions) withDefaults() ConformOptions {
	if o.Path == "" {
		o.Path = "/"
	}
	if o.Field == "" {
		o.Field = "image"
	}
	if o.Token == "" {
		o.Token = "conform"
	}
	if o.Modes == nil {
		o.Modes = AllModes()
	}
	if o.Cases == nil {
		o.Cases = Cases()
	}
	return o
}

// Conform sends every case to h in every mode, over loopback connections, and
// fails t for whatever it gets wrong:
//
//   - a file gets another verdict than it deserves,
//   - a refusal is not the canonical JSON, byte for byte, or not marked as JSON,
//   - h panics, or the client sees no answer,
//   - an upload without an end is read past 96 MiB,
//   - the next handler, if it is [Echo], gets other bytes than were sent, or
//     cannot parse them any more,
//   - the next handler, if it answers which files it was given (see [ReportFiles]),
//     was given another one than those that were sent as files, in one of the
//     requests of [Readings].
//
// A request passed if its status is 200 to 299. Faults of one kind are reported
// as one error, with their number and a few examples. It takes some ten seconds;
// under -short the cases of over 1 MiB are left out.
func Conform(t testing.TB, h http.Handler, opts ConformOptions) {
	t.Helper()
	opts = opts.withDefaults()
	if testing.Short() {
		opts.Cases = upTo(1<<20, opts.Cases)
	}
	var panics panicLog
	srv := httptest.NewUnstartedServer(panics.watch(h))
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Config.ErrorLog = discardLogger()
	srv.Start()
	defer srv.Close()

	report, err := conform(t.Context(), srv.URL+opts.Path, opts)
	if err != nil {
		t.Errorf("fuzz.Conform: %v", err)
		return
	}
	report.Faults = append(report.Faults, panics.faults()...)
	for _, text := range report.grouped() {
		t.Errorf("fuzz.Conform: %s", text)
	}
	t.Logf("fuzz.Conform: %d requests, %d faults", report.Requests, len(report.Faults))
}

// ConformURL is [Conform] against a running service, for services that are not
// written in Go. HTTP/2 is asked for only if url is https. opts.Path is not
// used. An error means that the service could not be reached at all.
func ConformURL(ctx context.Context, url string, opts ConformOptions) (*Report, error) {
	return conform(ctx, url, opts.withDefaults())
}

// upTo leaves out the larger cases.
func upTo(size int, cases iter.Seq[Case]) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for c := range cases {
			if len(c.Data) <= size && !yield(c) {
				return
			}
		}
	}
}

// panicLog remembers the panics of a handler, which net/http swallows.
type panicLog struct {
	mu   sync.Mutex
	seen []Fault
}

// watch returns h; its panics are noted and go on.
func (l *panicLog) watch(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			// http.ErrAbortHandler is how a handler cuts the connection on purpose.
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				l.note(r.Header.Get(caseHeader), v)
			}
			panic(http.ErrAbortHandler)
		}()
		h.ServeHTTP(w, r)
	})
}

// note keeps the stack of the first panic only.
func (l *panicLog) note(name string, v any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	got := fmt.Sprint(v)
	if l.seen == nil {
		got += "\n" + string(debug.Stack())
	}
	l.seen = append(l.seen, Fault{Kind: "panic", Case: name, Got: got})
}

func (l *panicLog) faults() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen
}
