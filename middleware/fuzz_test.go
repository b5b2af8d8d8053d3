package middleware_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// minSeeds is how many requests the fuzz target must start from.
const minSeeds = 60

// request writes a request as it goes over the wire.
func request(method, headers string, body []byte, chunked bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s /upload?token=q HTTP/1.1\r\nHost: x\r\n%s", method, headers)
	if !chunked {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
		b.Write(body)
		return b.Bytes()
	}
	b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
	for half := range 2 {
		piece := body[:len(body)/2]
		if half == 1 {
			piece = body[len(body)/2:]
		}
		if len(piece) > 0 {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(piece), piece)
		}
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}

// seedRequests returns requests of many shapes for one good file.
func seedRequests(t testing.TB, b []byte) [][]byte {
	form, formHeader := formBody(t, field{name: "token", data: []byte("good")}, field{name: "f", file: "f", data: b})
	after, _ := formBody(t, field{name: "f", file: "f", data: b}, field{name: "token", data: []byte("poor")})
	object := `{"token":"good","image":"data:image/png;base64,` + base64.StdEncoding.EncodeToString(b) + `"}`
	formHeader = "Content-Type: " + formHeader + "\r\n"
	const auth = "Authorization: Bearer good\r\n"
	return [][]byte{
		request("POST", "Content-Type: image/png\r\n"+auth, b, false),
		request("PUT", auth, b, true),
		request("PATCH", "Content-Type: image/png\r\nExpect: 100-continue\r\n"+auth, b[:len(b)/2], false),
		request("POST", formHeader, form, false),
		request("POST", formHeader+auth, form, true),
		request("POST", formHeader, after, true),
		request("POST", formHeader, form[:len(form)-10], false),
		request("POST", "Content-Type: application/json\r\n", []byte(object), false),
		request("POST", "Content-Type: application/json\r\n"+auth, []byte(object[:len(object)-5]), true),
	}
}

// FuzzMiddleware sends raw HTTP/1.1 request bytes. Whatever they are, the
// middleware answers with a canonical body, or the next handler gets the bytes
// that the request has, and at least one file that validate takes.
func FuzzMiddleware(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("..", "testdata", "good", "*", "*"))
	require.NoError(f, err)
	seeds := 0
	for i, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(f, err)
		if len(b) > 4<<10 { // the fuzzer is the better the less it has to copy
			continue
		}
		shapes := seedRequests(f, b)
		for j := range 2 { // all shapes, spread over the files
			f.Add(shapes[(2*i+j)%len(shapes)])
			seeds++
		}
	}
	for _, b := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\nContent-Type: image/png\r\n\r\n",
		"POST / HTTP/1.0\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
		string(request("POST", "Content-Type: "+formType+"\r\n", []byte(goodForm(f)), true)),
		string(request("POST", "Content-Type: "+formType+"\r\nContent-Encoding: gzip\r\n", gzipped(f, []byte(goodForm(f))), true)),
		string(request("POST", "Content-Type: image/png\r\nContent-Encoding: gzip\r\n", gzipped(f, goodPNG(f)), false)),
	} {
		f.Add([]byte(b))
		seeds++
	}
	if seeds < minSeeds {
		f.Fatalf("%d seeds, at least %d are needed: is testdata/good there?", seeds, minSeeds)
	}
	m := newMiddleware(f, middleware.Options{
		JSONField:     "image",
		DecodeContent: true,
		Authorize:     func(r *http.Request, token string) error { return new(access).authorize(r, token) },
		Validate:      validate.Options{MaxBytes: 64 << 10, MaxPixels: 1 << 16},
		// One body in memory and the next on disk.
		MemoryThreshold: 2 << 10,
		TempDir:         f.TempDir(),
	})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		again, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		require.NoError(t, err)
		want, readErr := io.ReadAll(again.Body)
		w, s := sendTo(t, m, r)
		switch {
		case s.called && !checkedMethod(r.Method):
		case s.called:
			require.NoError(t, readErr, "a broken body passed")
			if again.Header.Get("Content-Encoding") != "" && s.req.Header.Get("Content-Encoding") == "" {
				z, err := gzip.NewReader(bytes.NewReader(want))
				require.NoError(t, err)
				want, err = io.ReadAll(z)
				require.NoError(t, err, "a broken coding passed")
			}
			require.True(t, bytes.Equal(want, s.body), "replayed %d of %d bytes", len(s.body), len(want))
			require.Equal(t, int64(len(want)), s.req.ContentLength)
			require.NotEmpty(t, s.files)
			requireSameForm(t, again, want, s)
		default:
			requireCanonical(t, w)
		}
	})
}

func checkedMethod(m string) bool { return m == "POST" || m == "PUT" || m == "PATCH" }

// sendTo is send for a handler that cannot read a body to its end.
func sendTo(t *testing.T, m *middleware.Middleware, r *http.Request) (*httptest.ResponseRecorder, *seen) {
	s := &seen{}
	w := httptest.NewRecorder()
	m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if checkedMethod(r.Method) {
			require.NoError(t, err)
		}
		*s = seen{called: true, body: b, req: r, files: middleware.Files(r.Context())}
	})).ServeHTTP(w, r)
	return w, s
}

// requireSameForm asserts that what ParseMultipartForm takes for files are the
// files that were verified.
func requireSameForm(t *testing.T, r *http.Request, body []byte, s *seen) {
	if !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/form-data") {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.URL.RawQuery = "" // ParseMultipartForm reads it too, and fails if it is broken
	require.NoError(t, r.ParseMultipartForm(1<<20), "a form passed that the next handler cannot read")
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	verified := map[string][]int64{}
	for _, file := range s.files {
		verified[file.Field] = append(verified[file.Field], file.Result.Size)
	}
	for name, files := range r.MultipartForm.File {
		for _, file := range files {
			require.Contains(t, verified[name], file.Size, "file %q was not verified", name)
		}
	}
}

// requireCanonical asserts one of the documented bodies, or an operational one.
func requireCanonical(t *testing.T, w *httptest.ResponseRecorder) {
	var v struct {
		Error *struct {
			Code    int
			Message string
		}
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body.String())
	require.NotNil(t, v.Error)
	if v.Error.Code >= 0 {
		require.Equal(t, canonical(v.Error.Code), w.Body.String())
		require.Equal(t, middleware.StatusOf(validate.Code(v.Error.Code)), w.Code)
		return
	}
	require.Equal(t, fmt.Sprintf(`{"error":{"code":-1,"message":%q}}`, v.Error.Message), w.Body.String())
	require.GreaterOrEqual(t, w.Code, 400)
	require.NotEqual(t, http.StatusInternalServerError, w.Code, w.Body.String())
}
