package fuzz_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// Three handlers as they are written every day, each with one bug, and the two
// lines that find it. Put the two lines into a test of your own, with your
// middleware in the place of the naive one.

func TestConformFindsHeaderOnlyCheck(t *testing.T) {
	h := naive{judge: headerOnly}.before(fuzz.Echo())
	found(t, "a bad file passed", func(t testing.TB) { fuzz.Conform(t, h, fuzz.ConformOptions{Cases: sample(8)}) })
}

func TestConformFindsUnboundedRead(t *testing.T) {
	h := naive{judge: whole, unbounded: true}.before(fuzz.Echo())
	found(t, "unbounded read", func(t testing.TB) { fuzz.Conform(t, h, fuzz.ConformOptions{Cases: quick}) })
}

func TestConformFindsConsumedBody(t *testing.T) {
	h := naive{judge: whole, consumes: true}.before(fuzz.Echo())
	found(t, "the next handler cannot read the request", func(t testing.TB) { fuzz.Conform(t, h, fuzz.ConformOptions{Cases: quick}) })
}

// TestConformPassesSoundHandler: without a planted bug nothing is found, so that
// what the others find is the bug.
func TestConformPassesSoundHandler(t *testing.T) {
	fuzz.Conform(t, naive{judge: whole}.before(fuzz.Echo()), fuzz.ConformOptions{
		Validate: &validate.Options{}, Cases: quick, UnknownToken: "nobody", DeniedToken: "blocked",
	})
}

func TestConformFindsOtherBugs(t *testing.T) {
	opts := fuzz.ConformOptions{Cases: quick, Modes: []fuzz.Mode{fuzz.TokenFirst}, UnknownToken: "nobody"}
	for _, bug := range []struct {
		kind string
		n    naive
	}{
		{"panic", naive{judge: func([]byte) error { panic("index out of range") }}},
		{"not a canonical refusal", naive{judge: whole, answer: `{"error":{"code":"5","message":"file corrupted"}}`}},
		{"not a canonical refusal", naive{judge: whole, answer: `{"error":{"message":"file corrupted"}}`}},
		{"not a canonical refusal", naive{judge: whole, answer: `{"error":{"code":5,"message":"File corrupted"}}`}},
		{"not a canonical refusal", naive{judge: whole, answer: `{"error":{"code":5,"message":"file corrupted"},"file":"a.png"}`}},
		{"another code than deserved", naive{judge: whole, answer: `{"error":{"code":6,"message":"empty input image"}}`}},
		{"a good file was refused", naive{judge: func([]byte) error { return validate.ErrCorrupted }}},
		{"Content-Type of a refusal", naive{judge: whole, contentType: "text/plain"}},
		{"status of a refusal", naive{judge: whole, status: http.StatusInternalServerError}},
		{"a bad file passed", naive{judge: whole, anyToken: true}},
		{"the next handler cannot read the request", naive{judge: whole, spoils: true}},
	} {
		t.Run(bug.kind, func(t *testing.T) {
			found(t, bug.kind, func(t testing.TB) { fuzz.Conform(t, bug.n.before(fuzz.Echo()), opts) })
		})
	}
}

// quickCases leaves out the large cases, and three in four of the others.
var quickCases = sync.OnceValue(func() []fuzz.Case {
	var some []fuzz.Case
	n := 0
	for c := range fuzz.Cases() {
		if n++; n%4 == 0 && len(c.Data) < 64<<10 {
			some = append(some, c)
		}
	}
	return some
})

func quick(yield func(fuzz.Case) bool) {
	for _, c := range quickCases() {
		if !yield(c) {
			return
		}
	}
}

// recorder is a testing.TB that keeps what a test would fail with.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return context.Background() }

// found fails t unless run reports a fault of a kind.
func found(t *testing.T, kind string, run func(t testing.TB)) {
	t.Helper()
	rec := &recorder{TB: t}
	run(rec)
	all := strings.Join(rec.errors, "\n")
	require.Contains(t, all, "fuzz.Conform: "+kind+": ")
}

// naive is a middleware as one might write it in an hour, with switches for the
// bugs of that hour.
type naive struct {
	judge       func(b []byte) error
	unbounded   bool   // reads whatever comes
	consumes    bool   // gives the next handler the file instead of the body
	spoils      bool   // parses the caller's own request
	anyToken    bool   // does not look at the token
	answer      string // instead of the refusal's JSON
	contentType string
	status      int
}

const requestLimit = 32 << 20

func (n naive) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		var body []byte
		var err error
		if n.unbounded {
			body, err = io.ReadAll(r.Body)
		} else {
			body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, requestLimit))
		}
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			n.refuse(w, validate.ErrTooLarge)
			return
		case err != nil:
			http.Error(w, "reading the request", http.StatusBadRequest)
			return
		}
		file, token := n.file(r, body)
		if refusal := access(token); refusal != nil && !n.anyToken {
			n.refuse(w, refusal)
			return
		}
		if err := n.judge(file); err != nil {
			n.refuse(w, err)
			return
		}
		if n.consumes {
			body = file
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		next.ServeHTTP(w, r)
	})
}

func access(token string) error {
	switch token {
	case "nobody":
		return validate.ErrUnregisteredToken
	case "blocked":
		return validate.ErrFailAuthorization
	}
	return nil
}

// file returns the uploaded file and the token.
func (n naive) file(r *http.Request, body []byte) (file []byte, token string) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return body, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	parsed := r
	if !n.spoils {
		parsed = &http.Request{Method: r.Method, Header: r.Header.Clone()}
	}
	parsed.Body = io.NopCloser(bytes.NewReader(body))
	reader, err := parsed.MultipartReader()
	if err != nil {
		return nil, ""
	}
	for {
		part, err := reader.NextRawPart()
		if err != nil {
			return file, token
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, ""
		}
		if part.FileName() != "" {
			file = content
		} else {
			token = string(content)
		}
	}
}

// refuse answers with a refusal, and with a server's error for anything else.
func (n naive) refuse(w http.ResponseWriter, err error) {
	var refusal *validate.Error
	if !errors.As(err, &refusal) {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	text, err := refusal.MarshalJSON()
	if err != nil {
		panic(err)
	}
	if n.answer != "" {
		text = []byte(n.answer)
	}
	contentType, status := n.contentType, n.status
	if contentType == "" {
		contentType = "application/json; charset=utf-8"
	}
	if status == 0 {
		status = http.StatusUnprocessableEntity
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(text)
}

// headerOnly asks image.DecodeConfig, as most upload handlers do.
func headerOnly(b []byte) error {
	switch {
	case len(b) == 0:
		return validate.ErrEmpty
	case len(b) >= validate.MaxBytes:
		return validate.ErrTooLarge
	}
	if detect.Detect(b) == detect.HEIC {
		return nil
	}
	if _, _, err := image.DecodeConfig(bytes.NewReader(b)); err != nil {
		return validate.ErrCorrupted
	}
	return nil
}

// whole asks the real thing.
func whole(b []byte) error {
	_, err := validate.Bytes(context.Background(), b, validate.Options{})
	return err
}

func ExampleCases() {
	bad := 0
	for c := range fuzz.Cases() {
		if c.Name == "png/deflate_distance_too_far" {
			fmt.Println(c.Format, c.OK, c.Code.Message(), "-", c.Why)
		}
		if !c.OK {
			bad++
		}
	}
	fmt.Println(bad > 300)
	// Output:
	// png false file corrupted - RFC 1951 3.2.5: a distance does not pass the start
	// true
}

func ExampleCorrupt() {
	good := fuzz.Bomb(detect.WebP, 640, 480) // within the limits a bomb of WebP is a good file
	damaged := fuzz.Corrupt(7, good, fuzz.CutLast(1), fuzz.FlipSomeBits(3))
	again := fuzz.Corrupt(7, good, fuzz.CutLast(1), fuzz.FlipSomeBits(3))
	fmt.Println(len(good), len(damaged), bytes.Equal(damaged, again))
	// Output: 28 27 true
}

func ExampleBomb() {
	bomb := fuzz.Bomb(detect.JPEG, 65535, 65535)
	_, err := validate.Bytes(context.Background(), bomb, validate.Options{})
	var refusal *validate.Error
	fmt.Println(len(bomb) < 1024, errors.As(err, &refusal), refusal.Reason, refusal.Got)
	// Output: true true too_many_pixels 4294836225
}
