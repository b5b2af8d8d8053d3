package fuzz

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/imgvet/imgvet/validate"
)

// Handler fuzzes h: every seed of [Add], and whatever the fuzzer makes of them,
// is sent to it as a multipart file and as a raw body, without a network. It
// fails if h panics, if the answer is not what [validate.Bytes] says of the same
// bytes, if a refusal is not the canonical JSON, or if the next handler, where it
// is [Echo], does not get the body as it was sent.
//
//	func FuzzUpload(f *testing.F) {
//		fuzz.Handler(f, myMiddleware(fuzz.Echo()), fuzz.ConformOptions{})
//	}
//
// Of opts it uses Path, Field, Token, Modes (TokenFirst, TokenLast and Raw),
// Validate, Status and Headers.
func Handler(f *testing.F, h http.Handler, opts ConformOptions) {
	Add(f)
	modes := opts.Modes
	if modes == nil {
		modes = []Mode{TokenFirst, Raw}
	}
	opts = opts.withDefaults()
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, mode := range modes {
			exchange(t, h, b, mode, opts)
		}
	})
}

// exchange sends one body to h, in memory, and fails t for what is wrong.
func exchange(t testing.TB, h http.Handler, b []byte, mode Mode, opts ConformOptions) {
	t.Helper()
	run := &conformance{url: "http://conform.invalid" + opts.Path, opts: opts}
	c := caseOf(b)
	expected, err := opts.byBytes(t.Context(), c)
	if err != nil {
		t.Fatalf("fuzz.Handler: %v", err)
	}
	body, kind := run.body(c, mode, opts.Token)
	req, err := run.request(t.Context(), c.Name, bytes.NewReader(body), kind, mode, opts.Token)
	if err != nil {
		t.Fatalf("fuzz.Handler: %v", err)
	}
	server := httptest.NewRequestWithContext(t.Context(), req.Method, opts.Path, req.Body)
	server.Header, server.ContentLength = req.Header, int64(len(body))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, server)
	judgeAnswer(answer{rec.Code, rec.Header(), rec.Body.Bytes()}, expected, body, opts, func(what, wanted, got string) {
		t.Errorf("fuzz.Handler: %s (%s): want %s; got %s", what, mode, wanted, got)
	})
}

// Echo returns a handler to stand behind the one under test: it reads the body
// and answers 200 with its SHA-256 in a header, which [Conform] and [Handler]
// compare with what was sent. It also parses a multipart body as any handler
// may, and says in a header if it cannot.
func Echo() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil {
			r.Body = http.NoBody
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.Header().Set(echoErrorHeader, "reading the body: "+err.Error())
			return
		}
		sum := sha256.Sum256(body)
		w.Header().Set(echoHeader, hex.EncodeToString(sum[:]))
		if r.ContentLength >= 0 && r.ContentLength != int64(len(body)) {
			w.Header().Set(echoErrorHeader, "ContentLength is not the length of the body")
			return
		}
		kind := r.Header.Get("Content-Type")
		if len(kind) < 10 || kind[:10] != "multipart/" {
			return
		}
		// A request whose MultipartReader or form was taken by somebody before
		// fails here, even if its body was put back.
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := r.ParseMultipartForm(32 << 20); err != nil {
			w.Header().Set(echoErrorHeader, "ParseMultipartForm: "+err.Error())
			return
		}
		if err := r.MultipartForm.RemoveAll(); err != nil {
			w.Header().Set(echoErrorHeader, "removing temporary files: "+err.Error())
		}
	})
}

// caseOf wraps bytes of unknown merit.
func caseOf(b []byte) Case { return Case{Name: "fuzzed", Data: b} }

// byBytes returns the verdict of validate.Bytes, whether or not Validate is set.
func (o ConformOptions) byBytes(ctx context.Context, c Case) (want, error) {
	if o.Validate == nil {
		o.Validate = new(validate.Options)
	}
	return o.verdict(ctx, c)
}
