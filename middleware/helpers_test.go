package middleware_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

const corrupted = `{"error":{"code":5,"message":"file corrupted"}}`

// canonical returns the documented body of a code.
func canonical(code int) string {
	return map[int]string{
		0: `{"error":{"code":0,"message":"unregistered token"}}`,
		1: `{"error":{"code":1,"message":"fail authorization"}}`,
		3: `{"error":{"code":3,"message":"file must be less than 10mb"}}`,
		4: `{"error":{"code":4,"message":"face not found"}}`,
		5: corrupted,
		6: `{"error":{"code":6,"message":"empty input image"}}`,
	}[code]
}

// goodFile returns a small picture of the corpus, "png/..." and so on.
func goodFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", "good", filepath.FromSlash(name)))
	require.NoError(t, err)
	return b
}

// goodPNG returns any small PNG.
func goodPNG(t testing.TB) []byte { return goodFile(t, smallPNG) }

const smallPNG = "png/pngsuite-basn2c08.png"

// bigPNG returns a well-formed PNG of exactly size bytes: a small one with a long
// comment before its end.
func bigPNG(t testing.TB, size int) []byte {
	t.Helper()
	b := goodPNG(t)
	const iend, chunk = 12, 12
	text := append([]byte("tEXtComment\x00"), bytes.Repeat([]byte{'x'}, size-len(b)-chunk-len("Comment\x00"))...)
	out := bytes.Clone(b[:len(b)-iend])
	out = binary.BigEndian.AppendUint32(out, uint32(len(text)-4))
	out = append(out, text...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(text))
	out = append(out, b[len(b)-iend:]...)
	require.Len(t, out, size)
	return out
}

// field is one part of a form: a file if it has a file name.
type field struct {
	name, file string
	data       []byte
}

const boundary = "----imgvetTestBoundary7MA4YWxk"

// formBody returns a multipart body, and its Content-Type.
func formBody(t testing.TB, fields ...field) ([]byte, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(t, w.SetBoundary(boundary))
	for _, f := range fields {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", `form-data; name="`+f.name+`"`)
		if f.file != "" {
			h.Set("Content-Disposition", `form-data; name="`+f.name+`"; filename="`+f.file+`"`)
			h.Set("Content-Type", "application/octet-stream")
		}
		p, err := w.CreatePart(h)
		require.NoError(t, err)
		_, err = p.Write(f.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// post returns a request as a server sees it.
func post(body []byte, contentType string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/upload", bytes.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// seen is what the next handler got.
type seen struct {
	called bool
	body   []byte
	req    *http.Request
	files  []middleware.File
}

// send runs r through a Middleware, and returns the answer and what the next handler got.
func send(t testing.TB, opts middleware.Options, r *http.Request) (*httptest.ResponseRecorder, *seen) {
	t.Helper()
	s := &seen{}
	w := httptest.NewRecorder()
	newMiddleware(t, opts).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		*s = seen{called: true, body: b, req: r, files: middleware.Files(r.Context())}
		w.WriteHeader(http.StatusNoContent)
	})).ServeHTTP(w, r)
	return w, s
}

func newMiddleware(t testing.TB, opts middleware.Options) *middleware.Middleware {
	t.Helper()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := middleware.New(opts)
	require.NoError(t, err)
	t.Cleanup(func() { middleware.Forget(m) }) // for tests that measure the heap
	return m
}

// requirePassed asserts that the next handler got exactly body.
func requirePassed(t testing.TB, w *httptest.ResponseRecorder, s *seen, body []byte) {
	t.Helper()
	require.Equal(t, http.StatusNoContent, w.Code, w.Body.String())
	require.True(t, s.called)
	require.True(t, bytes.Equal(body, s.body), "the body is replayed byte for byte")
	require.Equal(t, int64(len(body)), s.req.ContentLength)
	require.Empty(t, s.req.TransferEncoding)
}

// requireRefused asserts the whole canonical answer of a documented code.
func requireRefused(t testing.TB, w *httptest.ResponseRecorder, s *seen, code int) {
	t.Helper()
	require.False(t, s.called, "the next handler must not run")
	require.Equal(t, canonical(code), w.Body.String())
	status := map[int]int{0: 401, 1: 403, 3: 413, 4: 422, 5: 422, 6: 400}[code]
	requireHeaders(t, w, status)
}

// requireFailed asserts an operational answer.
func requireFailed(t testing.TB, w *httptest.ResponseRecorder, s *seen, status int) {
	t.Helper()
	require.False(t, s.called, "the next handler must not run")
	require.True(t, strings.HasPrefix(w.Body.String(), `{"error":{"code":-1,"message":"`), w.Body.String())
	requireHeaders(t, w, status)
	require.Equal(t, status == http.StatusServiceUnavailable, w.Header().Get("Retry-After") != "")
}

func requireHeaders(t testing.TB, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body.String())
	require.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
}

// unsized hides the length of a reader from net/http.
func unsized(r io.Reader) io.Reader { return struct{ io.Reader }{r} }
