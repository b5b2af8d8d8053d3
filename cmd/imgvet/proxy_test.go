package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
)

// upstream is a service that remembers the last request it got.
type upstream struct {
	*httptest.Server
	calls  atomic.Int32
	header http.Header
	uri    string
	host   string
	length int64
	body   []byte
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.calls.Add(1)
		u.header, u.uri, u.host, u.length = r.Header, r.RequestURI, r.Host, r.ContentLength
		u.body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Service", "yes")
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "done")
	}))
	t.Cleanup(u.Close)
	return u
}

// proxyTo returns a server that stands before address.
func proxyTo(t *testing.T, address string, opts middleware.Options) *httptest.Server {
	target, err := parseUpstream(address)
	require.NoError(t, err)
	opts.Logger = slog.New(slog.DiscardHandler)
	handler, err := newProxy(target, opts)
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv
}

// TestProxy: good uploads arrive as they were sent, with the path and the
// service's answer; bad ones do not arrive.
func TestProxy(t *testing.T) {
	service := newUpstream(t)
	srv := proxyTo(t, service.URL+"/base", middleware.Options{Authorize: authorizer([]string{"secret"})})
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
			require.True(t, bytes.Equal(body, service.body), "the body is the one that was sent")
			require.Equal(t, int64(len(body)), service.length)
			require.Equal(t, "/base/a%2Fb?q=1", service.uri)
			require.Equal(t, strings.TrimPrefix(service.URL, "http://"), service.host)
			require.Equal(t, "Bearer secret", service.header.Get("Authorization"))
		}
	}
	require.EqualValues(t, 4, service.calls.Load())

	res, body := upload(t, srv.URL, "secret", "a.jpg", jpeg)
	require.Equal(t, http.StatusCreated, res.StatusCode, body)
	require.Contains(t, string(service.body), string(jpeg))
	require.EqualValues(t, 5, service.calls.Load())

	for _, c := range []struct {
		token  string
		file   []byte
		status int
		body   string
	}{
		{"wrong", jpeg, http.StatusUnauthorized, `{"error":{"code":0,"message":"unregistered token"}}`},
		{"secret", jpeg[:len(jpeg)-2], http.StatusUnprocessableEntity, `{"error":{"code":5,"message":"file corrupted"}}`},
	} {
		res, body := upload(t, srv.URL, c.token, "a.jpg", c.file)
		require.Equal(t, c.status, res.StatusCode)
		require.Equal(t, c.body, body)
	}
	require.EqualValues(t, 5, service.calls.Load(), "refused uploads never arrive")

	res, err = http.Get(srv.URL + "/status")
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, http.StatusCreated, res.StatusCode, "other methods pass")
}

// TestProxyHeaders: no client can write what the service would take for ours, or
// switch to a protocol that goes past the check.
func TestProxyHeaders(t *testing.T) {
	service := newUpstream(t)
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

	require.Equal(t, "stays", service.header.Get("X-Custom"))
	require.Equal(t, "127.0.0.1", service.header.Get("X-Forwarded-For"))
	require.Equal(t, strings.TrimPrefix(srv.URL, "http://"), service.header.Get("X-Forwarded-Host"))
	require.Equal(t, "http", service.header.Get("X-Forwarded-Proto"))
	for _, name := range []string{
		"Forwarded", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-Ip", "X_Forwarded_For",
		"Content_type", "Connection", "Upgrade", "Http2-Settings",
	} {
		require.NotContains(t, service.header, name)
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

func TestProxyUsage(t *testing.T) {
	for _, address := range []string{
		"", "127.0.0.1:9000", "localhost:9000", "ftp://127.0.0.1", "http://", "http://:9000", "//host", "/path",
		"http://user:secret@host", "http://host?q", "http://host/#f", "http://host:0", "http://host:65536", "http://ho st",
	} {
		_, errs, code := imgvet("", "proxy", "--upstream", address)
		require.Equal(t, cli.ExitUsage, code, address)
		require.Contains(t, errs, "--upstream")
		require.NotContains(t, errs, "secret")
	}
	_, errs, code := imgvet("", "proxy")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "--upstream is missing")
	_, errs, code = imgvet("", "proxy", "--upstream", "http://127.0.0.1:9", "--field", "token")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "Fields[0]")

	for _, address := range []string{"http://127.0.0.1:9000", "https://service.example/api/", "http://[::1]:9000"} {
		_, err := parseUpstream(address)
		require.NoError(t, err, address)
	}
}

// TestProxyCommand runs the command itself: it serves until it is told to stop,
// and fails where its address is taken.
func TestProxyCommand(t *testing.T) {
	require.Less(t, upstreamTimeout, writeTimeout, "a slow service's answer can still be written")
	service := newUpstream(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout, stdoutWriter := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"proxy", "--upstream", service.URL, "--addr", "127.0.0.1:0", "--token", "secret"}, nil, stdoutWriter, io.Discard)
	}()
	var address string
	_, err := fmt.Fscanf(stdout, "imgvet: listening on %s for "+service.URL+"\n", &address)
	require.NoError(t, err)

	res, body := upload(t, address, "wrong", "a.png", []byte("x"))
	require.Equal(t, http.StatusUnauthorized, res.StatusCode, body)
	require.Zero(t, service.calls.Load())
	_, errs, code := imgvet("", "proxy", "--upstream", service.URL, "--addr", strings.TrimPrefix(address, "http://"))
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "address already in use")

	cancel()
	select {
	case code := <-ended:
		require.Equal(t, cli.ExitOK, code)
	case <-time.After(10 * time.Second):
		t.Fatal("still serving")
	}
}
