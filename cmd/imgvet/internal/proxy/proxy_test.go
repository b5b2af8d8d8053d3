package proxy

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/paths"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/requests"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/middleware"
)

const goodDir = "../../../../testdata/good"

// proxyTo returns a server that stands before address.
func proxyTo(t *testing.T, address string, opts middleware.Options) *httptest.Server {
	return proxyPaths(t, address, opts, nil)
}

// proxyPaths is proxyTo that checks these paths alone, with changes to what it stands before.
func proxyPaths(t *testing.T, address string, opts middleware.Options, patterns []string, changes ...func(*service)) *httptest.Server {
	target, err := parseUpstream(address)
	require.NoError(t, err)
	checked, err := paths.Parse(patterns, target.EscapedPath())
	require.NoError(t, err)
	opts.Logger = slog.New(slog.DiscardHandler)
	s := service{target, checked, false, defaultTimeout}
	for _, change := range changes {
		change(&s)
	}
	handler, err := newProxy(s, opts)
	require.NoError(t, err)
	entry := &requests.Entry{Log: opts.Logger}
	srv := httptest.NewUnstartedServer(entry.Wrap(handler))
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

// TestProxy: good uploads arrive as they were sent, with the path and the
// service's answer; bad ones do not arrive.
func TestProxy(t *testing.T) {
	service := clitest.NewUpstream(t)
	srv := proxyTo(t, service.URL+"/base", middleware.Options{Authorize: uploads.Authorizer([]string{"secret"})})
	jpeg, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	// Past the memory threshold, so that a file on disk is replayed.
	large := append(bytes.Clone(jpeg), make([]byte, 3<<20)...)

	for _, body := range [][]byte{jpeg, large} {
		for _, chunked := range []bool{false, true} {
			req, err := http.NewRequest(http.MethodPut, srv.URL+"/a%2Fb?q=1", bytes.NewReader(body))
			require.NoError(t, err)
			if chunked {
				req.ContentLength = -1
			}
			req.Header.Set("Authorization", "Bearer secret")
			req.Header.Set("Content-Type", "image/jpeg")
			req.Header.Set("Expect", "100-continue")
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			answer, err := io.ReadAll(res.Body)
			res.Body.Close()
			require.NoError(t, err)
			require.Equal(t, http.StatusCreated, res.StatusCode, string(answer))
			require.Equal(t, "done", string(answer))
			require.Equal(t, "yes", res.Header.Get("X-Service"))
			require.True(t, bytes.Equal(body, service.Body), "the body is the one that was sent")
			require.Equal(t, int64(len(body)), service.Length)
			require.Equal(t, "/base/a%2Fb?q=1", service.URI)
			require.Equal(t, strings.TrimPrefix(service.URL, "http://"), service.Host)
			require.Equal(t, "Bearer secret", service.Header.Get("Authorization"))
		}
	}
	require.EqualValues(t, 4, service.Calls.Load())

	res, body := clitest.Upload(t, srv.URL, "secret", "a.jpg", jpeg)
	require.Equal(t, http.StatusCreated, res.StatusCode, body)
	require.Contains(t, string(service.Body), string(jpeg))
	require.EqualValues(t, 5, service.Calls.Load())

	for _, c := range []struct {
		token  string
		file   []byte
		status int
		body   string
	}{
		{"wrong", jpeg, http.StatusUnauthorized, `{"error":{"code":0,"message":"unregistered token"}}`},
		{"secret", jpeg[:len(jpeg)-2], http.StatusUnprocessableEntity, `{"error":{"code":5,"message":"file corrupted"}}`},
	} {
		res, body := clitest.Upload(t, srv.URL, c.token, "a.jpg", c.file)
		require.Equal(t, c.status, res.StatusCode)
		require.Equal(t, c.body, body)
	}
	require.EqualValues(t, 5, service.Calls.Load(), "refused uploads never arrive")

	res, err = http.Get(srv.URL + "/status")
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, http.StatusCreated, res.StatusCode, "other methods pass")
}

// TestProxyHeaders: no client can write what the service would take for ours, or
// switch to a protocol that goes past the check.
func TestProxyHeaders(t *testing.T) {
	service := clitest.NewUpstream(t)
	srv := proxyTo(t, service.URL, middleware.Options{})
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	req, err := http.NewRequest(http.MethodPost, srv.URL, bytes.NewReader(png))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"Content-Type": "image/png", "X-Custom": "stays",
		"Forwarded": "for=10.0.0.1", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https",
		"X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/evil", "X-Forwarded-Server": "evil", "X-Real-Ip": "10.0.0.1",
		"X_Forwarded_For": "10.0.0.1", "Content_type": "text/plain",
		"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "Http2-Settings": "AAMAAABkAARAAAAAAAIAAAAA",
	} {
		req.Header[name] = []string{value}
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, http.StatusCreated, res.StatusCode)

	require.Equal(t, "stays", service.Header.Get("X-Custom"))
	require.Equal(t, "127.0.0.1", service.Header.Get("X-Forwarded-For"))
	require.Equal(t, strings.TrimPrefix(srv.URL, "http://"), service.Header.Get("X-Forwarded-Host"))
	require.Equal(t, "http", service.Header.Get("X-Forwarded-Proto"))
	for _, name := range []string{
		"Forwarded", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-Ip", "X_Forwarded_For",
		"Content_type", "Connection", "Upgrade", "Http2-Settings",
	} {
		require.NotContains(t, service.Header, name)
	}
}

// TestProxyWithoutService: a service that is gone, cuts the connection or is
// silent is a failure with a body like any other.
func TestProxyWithoutService(t *testing.T) {
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer cut.Close()
	for _, address := range []string{gone.URL, cut.URL} {
		srv := proxyTo(t, address, middleware.Options{})
		res, err := http.Post(srv.URL, "image/png", bytes.NewReader(png))
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		require.NoError(t, err)
		require.Equal(t, http.StatusBadGateway, res.StatusCode)
		require.Equal(t, `{"error":{"code":-1,"message":"upstream unavailable"}}`, string(body))
		require.Equal(t, "application/json; charset=utf-8", res.Header.Get("Content-Type"))
	}

	w := httptest.NewRecorder()
	timeout := &url.Error{Op: "Post", Err: &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}}
	upstreamFailed(w, httptest.NewRequest(http.MethodPost, "/", nil), timeout, slog.New(slog.DiscardHandler))
	require.Equal(t, http.StatusGatewayTimeout, w.Code)
	require.Equal(t, `{"error":{"code":-1,"message":"upstream timeout"}}`, w.Body.String())
}

// TestParseUpstream: what it takes. What it refuses is in TestProxyUsage of the command.
func TestParseUpstream(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:9000", "https://service.example/api/", "http://[::1]:9000"} {
		_, err := parseUpstream(address)
		require.NoError(t, err, address)
	}
}
