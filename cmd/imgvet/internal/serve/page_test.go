package serve

import (
	"bytes"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// get asks without the decompression that net/http would do by itself.
func get(t *testing.T, url string, header ...string) (*http.Response, string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(b)
}

func TestPageServed(t *testing.T) {
	srv := newTestServer(t, middleware.Options{})
	res, body := get(t, srv.URL+"/")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	policy := res.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "'wasm-unsafe-eval'")
	require.NotContains(t, policy, "unsafe-inline")
	require.Contains(t, body, `name="`+ImageField+`"`)
	require.NotContains(t, body, " style=", "the policy forbids inline style")
	require.NotRegexp(t, `<script(?:>| [^>]*>[^<])`, body, "the policy forbids inline scripts")

	// Everything the table of codes says is what the library says.
	for _, c := range []validate.Code{0, 1, 3, 4, 5, 6} {
		refusal := validate.Error{Code: c}
		require.Contains(t, html.UnescapeString(body), refusal.Advice())
		require.Contains(t, body, c.Message())
	}

	again, _ := get(t, srv.URL+"/", "If-None-Match", res.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
}

// TestPageSaysWhatIsServed: the page tells what this server does and asks for.
func TestPageSaysWhatIsServed(t *testing.T) {
	plain, opts := middleware.Options{}, middleware.Options{Authorize: uploads.Authorizer([]string{"a"})}
	opts.Validate.Tolerance = validate.Strict
	opts.Validate.Formats = []detect.Format{detect.PNG}
	_, any := get(t, newTestServer(t, plain).URL+"/")
	_, strict := get(t, newTestServer(t, opts).URL+"/")
	require.Contains(t, any, "any, or none")
	require.NotContains(t, any, `data-tolerance="strict"`)
	require.Contains(t, any, "image/heic")
	require.Contains(t, strict, "one this server knows")
	require.Contains(t, strict, `data-tolerance="strict"`)
	require.NotContains(t, strict, "image/heic")
}

// TestAssets: every file the page names is there, with its type, compressed for
// whoever takes that, and to be kept for ever.
func TestAssets(t *testing.T) {
	srv := newTestServer(t, middleware.Options{})
	_, page := get(t, srv.URL+"/")
	paths := regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1)
	require.Len(t, paths, 2)
	for _, m := range paths {
		plain, body := get(t, srv.URL+m[1])
		require.Equal(t, http.StatusOK, plain.StatusCode)
		require.Contains(t, []string{"text/css; charset=utf-8", "text/javascript; charset=utf-8"}, plain.Header.Get("Content-Type"))
		require.Contains(t, plain.Header.Get("Cache-Control"), "immutable")
		require.Equal(t, "nosniff", plain.Header.Get("X-Content-Type-Options"))
		require.Empty(t, plain.Header.Get("Content-Encoding"))

		small, packed := get(t, srv.URL+m[1], "Accept-Encoding", "br, gzip;q=0.5")
		require.Equal(t, "gzip", small.Header.Get("Content-Encoding"))
		require.Equal(t, "Accept-Encoding", small.Header.Get("Vary"))
		require.NotEqual(t, plain.Header.Get("ETag"), small.Header.Get("ETag"))
		zr, err := gzip.NewReader(strings.NewReader(packed))
		require.NoError(t, err)
		unpacked, err := io.ReadAll(zr)
		require.NoError(t, err)
		require.Equal(t, body, string(unpacked))

		kept, _ := get(t, srv.URL+m[1], "Accept-Encoding", "gzip", "If-None-Match", small.Header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, kept.StatusCode)
		none, _ := get(t, srv.URL+m[1], "Accept-Encoding", "gzip;q=0, identity")
		require.Empty(t, none.Header.Get("Content-Encoding"))
	}
	for _, path := range []string{"/assets/", "/assets/0000000000000000/page.css", strings.Replace(paths[0][1], "page.css", "index.html", 1)} {
		res, _ := get(t, srv.URL+path)
		require.Equal(t, http.StatusNotFound, res.StatusCode, path)
	}
}

// TestAssetsOfTheCheck: a build's own gzip is taken, WebAssembly has its type, and
// what no browser loads is not served.
func TestAssetsOfTheCheck(t *testing.T) {
	a := &assets{files: map[string]asset{}}
	folder := fstest.MapFS{
		"imgvet.wasm":    {Data: []byte("module")},
		"imgvet.wasm.gz": {Data: []byte("packed")},
		"index.js":       {Data: []byte("x")},
		"README.md":      {Data: []byte("no")},
	}
	var sum bytes.Buffer
	require.NoError(t, a.add(folder, checkFolder, &sum))
	require.Len(t, a.files, 3)
	require.Equal(t, a.files["check/imgvet.wasm"], a.files["check/imgvet.wasm.gz"], "one file, coded as the client takes it")
	require.Equal(t, "application/wasm", a.files["check/imgvet.wasm"].mime)
	require.Equal(t, "packed", string(a.files["check/imgvet.wasm"].small))
	require.Nil(t, a.files["check/index.js"].small, "gzip gains nothing on one byte")
	require.Equal(t, 2, strings.Count(sum.String(), "\n"), "both count for the address")
}

// TestAssetsByBrotli: the smaller Brotli is sent to whoever gives it no less weight than gzip.
func TestAssetsByBrotli(t *testing.T) {
	a, err := newAssets(fstest.MapFS{
		"imgvet.wasm":    {Data: []byte("module")},
		"imgvet.wasm.gz": {Data: []byte("packed")},
		"imgvet.wasm.br": {Data: []byte("best")},
		"index.js":       {Data: []byte("x")},
	})
	require.NoError(t, err)
	srv := httptest.NewServer(a)
	defer srv.Close()
	wasm := srv.URL + a.base + checkFolder + "imgvet.wasm"
	tags := map[string]string{}
	for header, want := range map[string][2]string{
		"gzip, deflate, br, zstd": {"br", "best"}, "br": {"br", "best"}, "*": {"br", "best"}, "br;q=0.5, gzip;q=0.5": {"br", "best"},
		"br;q=0.5, gzip": {"gzip", "packed"}, "br;q=0, *": {"gzip", "packed"}, "gzip": {"gzip", "packed"},
		"br;q=0": {"", "module"}, "br;\tq=0\t": {"", "module"}, "br;q=x": {"", "module"}, "identity": {"", "module"},
	} {
		res, body := get(t, wasm, "Accept-Encoding", header)
		require.Equal(t, want, [2]string{res.Header.Get("Content-Encoding"), body}, header)
		require.Equal(t, "application/wasm", res.Header.Get("Content-Type"))
		require.Equal(t, "Accept-Encoding", res.Header.Get("Vary"))
		tags[res.Header.Get("ETag")] = want[0]
	}
	require.Len(t, tags, 3, "a tag for each coding")
	res, body := get(t, srv.URL+a.base+checkFolder+"index.js", "Accept-Encoding", "br")
	require.Equal(t, "x", body)
	require.Empty(t, res.Header.Get("Content-Encoding"))
	res, _ = get(t, wasm+".br", "Accept-Encoding", "br")
	require.Equal(t, http.StatusNotFound, res.StatusCode, "the coding is no file of its own")
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br": false, "*": true, "*;q=0": false,
		"gzip;q=0": false, "gzip; q=0.1": true, "br, *;q=0, gzip": true, "*, gzip;q=0": false, "gzip;q=x": false,
	} {
		r, err := http.NewRequest(http.MethodGet, "/", nil)
		require.NoError(t, err)
		r.Header.Set("Accept-Encoding", header)
		require.Equal(t, want, weight(r, "gzip", "x-gzip") > 0, header)
	}
}
