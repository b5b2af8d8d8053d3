package middleware_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
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

// FuzzMiddleware sends raw HTTP/1.1 request bytes. Whatever they are, either the middleware
// answers with a canonical body, or the next handler gets the bytes of the request and at least
// one file that validate accepts.
func FuzzMiddleware(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("..", "testdata", "good", "*", "*"))
	require.NoError(f, err)
	seeds := 0
	for i, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(f, err)
		if len(b) > 4<<10 { // the less the fuzzer has to copy, the better
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
	opts := middleware.Options{
		JSONField:     "image",
		DecodeContent: true,
		Authorize:     func(r *http.Request, token string) error { return new(access).authorize(r, token) },
		Validate:      validate.Options{MaxBytes: 64 << 10, MaxPixels: 1 << 16},
		// One body in memory and the next on disk.
		MemoryThreshold: 2 << 10,
		TempDir:         f.TempDir(),
	}
	plain := newMiddleware(f, opts)
	opts.Rewrite = true
	anew := newMiddleware(f, opts)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, rewrite := plain, len(raw)%2 == 0
		if rewrite {
			m = anew
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		again, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		require.NoError(t, err)
		want, readErr := io.ReadAll(again.Body)
		w, s := sendTo(t, m, r)
		switch {
		case s.called && r.ContentLength == 0:
			require.NotContains(t, []string{"POST", "PUT", "PATCH"}, strings.ToUpper(r.Method))
		case s.called:
			require.NoError(t, readErr, "a broken body passed")
			if again.Header.Get("Content-Encoding") != "" && s.req.Header.Get("Content-Encoding") == "" {
				want = gunzip(t, want)
			}
			if len(want) == 0 {
				require.NotContains(t, []string{"POST", "PUT", "PATCH"}, strings.ToUpper(r.Method))
				return
			}
			require.Equal(t, int64(len(s.body)), s.req.ContentLength)
			require.NotEmpty(t, s.files)
			if !rewrite {
				require.True(t, bytes.Equal(want, s.body), "replayed %d of %d bytes", len(s.body), len(want))
			}
			requireSameForm(t, s)
		default:
			requireCanonical(t, w)
		}
	})
}

// gunzip decodes a body that has passed.
func gunzip(t *testing.T, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	require.NoError(t, err)
	b, err = io.ReadAll(z)
	require.NoError(t, err, "a broken coding passed")
	return b
}

// sendTo is send with a handler that opens each file.
func sendTo(t *testing.T, m *middleware.Middleware, r *http.Request) (*httptest.ResponseRecorder, *fuzzSeen) {
	s := &fuzzSeen{}
	w := httptest.NewRecorder()
	m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.called, s.req = true, r
		if r.ContentLength == 0 {
			return // nothing was read, or nothing was there
		}
		var err error
		s.body, err = io.ReadAll(r.Body)
		require.NoError(t, err)
		for _, f := range middleware.Files(r.Context()) {
			content, err := f.Open()
			require.NoError(t, err)
			b, err := io.ReadAll(content)
			require.NoError(t, err)
			require.EqualValues(t, f.Size, len(b))
			s.files = append(s.files, fuzzFile{f, b})
		}
	})).ServeHTTP(w, r)
	return w, s
}

type fuzzSeen struct {
	called bool
	req    *http.Request
	body   []byte
	files  []fuzzFile
}

type fuzzFile struct {
	middleware.File
	content []byte
}

// requireSameForm asserts that Go's parser reads, in the body that the next handler got, each
// verified file and no other, byte for byte.
func requireSameForm(t *testing.T, s *fuzzSeen) {
	media, params, err := mime.ParseMediaType(s.req.Header.Get("Content-Type"))
	if media != "multipart/form-data" {
		return
	}
	require.NoError(t, err)
	reader := multipart.NewReader(bytes.NewReader(s.body), params["boundary"])
	left := s.files
	for {
		p, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		require.NoError(t, err, "a form passed that the next handler cannot read")
		data, err := io.ReadAll(p)
		require.NoError(t, err)
		if len(left) > 0 && left[0].Field == p.FormName() && bytes.Equal(left[0].content, data) {
			left = left[1:]
			continue
		}
		require.Empty(t, p.FileName(), "file %q was not verified", p.FormName())
		require.NotContains(t, string(data), "\x00", "data that was not verified")
	}
	require.Empty(t, left, "a verified file is not in the body")
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
