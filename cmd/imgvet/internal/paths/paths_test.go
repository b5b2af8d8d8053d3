package paths

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlain: which paths plain patterns mean.
func TestPlain(t *testing.T) {
	s, err := Parse([]string{"/upload", "/users/*/photo", "/api/**", "/v*/pic-*.png"}, "")
	require.NoError(t, err)
	for path, checked := range map[string]bool{
		"/upload": true, "/upload/": true, "/uploads": false, "/upload/more": false, "/": false, "/x/upload": false,
		"/users/ann/photo": true, "/users/photo": false, "/users/a/b/photo": false,
		"/api": true, "/api/": true, "/api/a/b": true, "/apis": false,
		"/v2/pic-7.png": true, "/v2/pic-7.gif": false, "/w2/pic-7.png": false,
		"/login": false, "/ws": false, "/files/My%20File.txt": false, "/caf%C3%A9": false, "/a.b/c": false, "/a:b@c": false,
		"/files/a%2Bb": false, "/docs/./x": false, "/docs//x": false, "/docs;v=1/x": false, "/files/a%2Fb": false,
	} {
		require.Equal(t, checked, s.Checks(path), path)
	}
	var all Set
	require.True(t, all.Checks("/anything"), "no pattern: everything is checked")
}

// tricks are spellings of /api/upload that some service reads as that path.
var tricks = []string{
	"/api/upload", "/api/upload/", "//api//upload", "///api/upload", "/api/./upload", "/api/x/../upload", "/x/../api/upload",
	"/../api/upload", "/./api/upload", "/api/upload/.", "/api/upload/x/..", "/API/Upload", "/ap%69/upload", "/%61%70%69/%75%70load",
	"/api%2Fupload", "/api%2fupload", "/%2Fapi/upload", "/api%252Fupload", "/api%25252Fupload", "/%2561pi/upload",
	"/api%5Cupload", `/api\upload`, "/api/%2e/upload", "/api/x/%2e%2e/upload", "/api/x/.%2e/upload", "/api/x/%252e%252e/upload",
	"/x%2F..%2Fapi/upload", "/x/..%2fapi/upload", `/x/..\api\upload`, "/x/..%5capi/upload", "/x/..;/api/upload", "/x/..;a=b/api/upload",
	"/api/upload;jsessionid=1", "/api;v=1/upload", "/;x/api/upload", "/api/upload;/../../other", "/api/upload%3Bx",
	"/api/upload%00", "/api/upload%00.txt", "/api/upload%0a", "/api/upload%20", "/api/upload.", "/api/upload...", "/api./upload",
	"/api/upload%3Fx", "/api/upload%23x", "/api/upload%3f/../other", "/api/upload.json", "/api/upload.xml/",
	"/api%c0%afupload", "/api%ef%bc%8fupload", "/%ef%bd%81pi/upload", "/api%e2%88%95upload", "/api/uploa%64",
	"/x//../api/upload", "/x/%2f../api/upload", "/a/b/../../api/upload", "/api/%u0075pload", "/api/%25u0075pload", "/api/upl%25256fad",
	"/" + strings.Repeat("x/../", 500) + "api/upload", "*", "", "api/upload", "/api\t/upload", "/apı/../api/upload", "/api/upload\u00ad",
}

// TestTricks: no spelling goes past the check.
func TestTricks(t *testing.T) {
	exact, err := Parse([]string{"/api/upload"}, "")
	require.NoError(t, err)
	wide, err := Parse([]string{"/api/**"}, "")
	require.NoError(t, err)
	based, err := Parse([]string{"/upload"}, "/api/")
	require.NoError(t, err)
	for _, path := range tricks {
		require.True(t, exact.Checks(path), path)
		require.True(t, wide.Checks(path), path)
		require.False(t, exact.Checks("/other"))
	}
	for _, path := range []string{"/upload", "/../api/upload", "/..%2fapi/upload", "/x/../../api/upload", "//upload"} {
		require.True(t, based.Checks(path), path)
	}
	require.False(t, based.Checks("/api/upload"), "that is /api/api/upload")
	spaced, err := Parse([]string{"/upload"}, "/a%20b/")
	require.NoError(t, err)
	require.True(t, spaced.Checks("/upload"))
	require.True(t, spaced.Checks("/%75pload"))
	require.False(t, spaced.Checks("/other"))
	script, err := Parse([]string{"/up.php"}, "")
	require.NoError(t, err)
	for _, path := range []string{"/up.php", "/up.php/x", "/UP.PHP/x/y", "/up%2ephp/x", "/up.php;a/b"} {
		require.True(t, script.Checks(path), path)
	}
	require.True(t, wide.Checks("/api/../other"), "a service may not resolve dot segments")
}

// TestServers: what Go's own mux and file server make of a trick is checked. The table above
// is for those that are not here.
func TestServers(t *testing.T) {
	exact, err := Parse([]string{"/api/upload"}, "")
	require.NoError(t, err)
	reached := 0
	for _, path := range tricks {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			continue
		}
		hit := false
		mux := http.NewServeMux()
		mux.HandleFunc("/api/upload", func(http.ResponseWriter, *http.Request) { hit = true })
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.URL = u
		mux.ServeHTTP(httptest.NewRecorder(), r)
		if hit {
			reached++
			require.True(t, exact.Checks(u.EscapedPath()), path)
		}
	}
	require.GreaterOrEqual(t, reached, 4)
}

// FuzzChecks: a path that is decoded, resolved or folded stays checked.
func FuzzChecks(f *testing.F) {
	for _, path := range tricks {
		f.Add(path)
		f.Add(strings.ReplaceAll(path, "api", "other"))
	}
	s, err := Parse([]string{"/api/upload"}, "")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, path string) {
		decoded, err := url.PathUnescape(path)
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		for _, reading := range []string{path, decoded} {
			for _, same := range []string{reading, strings.ToLower(reading), withoutParameters(reading), strings.ReplaceAll(reading, `\`, "/")} {
				if strings.Join(resolve(split(same)), "/") == "api/upload" {
					require.True(t, s.Checks(path), "%q is read as %q", path, same)
				}
			}
		}
	})
}

func TestParse(t *testing.T) {
	for _, p := range []string{"", "upload", "/a%2fb", "/a;b", `/a\b`, "/a/../b", "/a//b", "/a/./b", "/a?b", "/a/x**", "*"} {
		_, err := Parse([]string{p}, "")
		require.Error(t, err, p)
	}
	for _, p := range []string{"/", "/**", "/a/", "/a/*/b", "/a.b/c"} {
		_, err := Parse([]string{p}, "")
		require.NoError(t, err, p)
	}
}

// TestManyReadings: a short path of very many readings is in doubt before they are all looked at.
func TestManyReadings(t *testing.T) {
	s, err := Parse([]string{"/upload"}, "")
	require.NoError(t, err)
	for _, p := range []string{strings.Repeat("/a.b;c%255c", 60) + "%253f" + strings.Repeat("/x.y%3b%5c..", 60), strings.Repeat("/a.b", maxSegments)} {
		readings, sure := read(p)
		require.False(t, sure)
		require.Empty(t, readings)
		require.True(t, s.Checks(p))
	}
	require.False(t, s.Checks("/v1.2/a.b/c.d/e.min.js"), "a plain path has few")
	require.LessOrEqual(t, len(add(nil, slices.Repeat([]string{"a.b"}, maxSegments))), maxReadings+2)
}
