package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/middleware"
)

// patience is after which a test that waits for ever fails.
func patience() time.Duration { return testenv.Scale(20 * time.Second) }

// rawService notes what arrives, byte for byte, and answers 204.
type rawService struct {
	address string
	mu      sync.Mutex
	lines   []string // request lines
}

func newRawService(t *testing.T) *rawService {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	s := &rawService{address: "http://" + ln.Addr().String()}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				line, _ := bufio.NewReader(conn).ReadString('\n')
				s.mu.Lock()
				s.lines = append(s.lines, strings.TrimSpace(line))
				s.mu.Unlock()
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			}()
		}
	}()
	return s
}

// take returns the request lines since the last call.
func (s *rawService) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines
	s.lines = nil
	return lines
}

// raw sends a request as it is written, and returns the status of the answer.
func raw(t *testing.T, srv *httptest.Server, request string) int {
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience())))
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err, request)
	defer res.Body.Close()
	return res.StatusCode
}

// TestTargets: path and query arrive as the client wrote them, also what Go cannot parse.
func TestTargets(t *testing.T) {
	upstream := newRawService(t)
	srv := proxyPaths(t, upstream.address, middleware.Options{}, []string{"/upload"})
	for _, target := range []string{
		"/a?b=1;c=2", "/a?b=%zz&c=1", "/a?b=%", "/a?;", "/a?&&b", "/a?", "/a?b=c?d=/e", "/a?b=%2Fc+d", "/a%2Fb%20c?x", "//a//b?x", "/a/./b/../c?x",
		"/upload?b=1;c=%zz", "/upload?", "/a;v=1/b?x", "/a?b=\"<>'|{}",
	} {
		require.Equal(t, 204, raw(t, srv, "GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n"), target)
		require.Equal(t, []string{"GET " + target + " HTTP/1.1"}, upstream.take())
	}
	based := proxyPaths(t, upstream.address+"/base", middleware.Options{}, []string{"/upload"})
	require.Equal(t, 204, raw(t, based, "GET /a%2Fb?c;d HTTP/1.1\r\nHost: x\r\n\r\n"))
	require.Equal(t, []string{"GET /base/a%2Fb?c;d HTTP/1.1"}, upstream.take())
}

// TestNoWayRound: a body that is no picture does not get to a checked path, however the request
// is written. What paths mean is in package paths; here is what HTTP adds.
func TestNoWayRound(t *testing.T) {
	upstream := newRawService(t)
	srv := proxyPaths(t, upstream.address, middleware.Options{}, []string{"/api/upload"})
	const body = "Content-Length: 4\r\n\r\nevil"
	for _, request := range []string{
		"POST /api/upload HTTP/1.1\r\nHost: x\r\n",
		"PUT /API/upload/ HTTP/1.1\r\nHost: x\r\n",
		"post /api/upload HTTP/1.1\r\nHost: x\r\n",
		"GET /api/upload HTTP/1.1\r\nHost: x\r\n",
		"DELETE /api/upload HTTP/1.1\r\nHost: x\r\n",
		"PROPFIND /api/upload HTTP/1.1\r\nHost: x\r\n",
		"GET /api/upload HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: POST\r\n",
		"POST http://x/api/upload HTTP/1.1\r\nHost: x\r\n",
		"POST http://other/api/upload HTTP/1.1\r\nHost: x\r\n",
		"POST //api/upload HTTP/1.1\r\nHost: x\r\n",
		"POST /other/../api/upload HTTP/1.1\r\nHost: x\r\n",
		"POST /other/%2e%2e/api/upload HTTP/1.1\r\nHost: x\r\n",
		"POST /api%2fupload HTTP/1.1\r\nHost: x\r\n",
		"POST /api%252fupload HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload;x=/../../other HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload?/../../other HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload%3f/../../other HTTP/1.1\r\nHost: x\r\n",
		"POST /api\\upload HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload%00 HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload.json HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
		"POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/grpc\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n",
		"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n",
		"CONNECT /api/upload HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload#x HTTP/1.1\r\nHost: x\r\n",
		"POST /api/upload HTTP/1.0\r\nHost: x\r\n",
	} {
		status := raw(t, srv, request+body)
		require.True(t, status >= 400 || strings.HasPrefix(request, "OPTIONS *"), "%d for %s", status, request)
		require.Empty(t, upstream.take(), request)
	}
	require.Equal(t, 204, raw(t, srv, "POST /other HTTP/1.1\r\nHost: x\r\n"+body))
	require.Len(t, upstream.take(), 1)
}

// TestOtherPaths: a body to another path is handed on while it arrives, with its own spelling,
// and without the headers by which frameworks are told another path.
func TestOtherPaths(t *testing.T) {
	got := make(chan string)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 5)
		for range 2 {
			_, _ = io.ReadFull(r.Body, b)
			got <- string(b)
		}
		w.Header().Set("X-Request-Id", "the service's")
		for _, name := range []string{"X-Original-Url", "X-Rewrite-Url", "X_forwarded_for"} {
			if r.Header.Get(name) != "" {
				http.Error(w, name, http.StatusTeapot)
			}
		}
		fmt.Fprint(w, r.Host, r.Header.Get("X-Request-Id") == "")
	}))
	defer upstream.Close()
	srv := proxyPaths(t, upstream.URL, middleware.Options{}, []string{"/upload"}, func(s *service) { s.preserveHost = true })
	body, writer := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/stream", body)
	require.NoError(t, err)
	req.Host = "shop.example"
	req.Header.Set("Content-Type", "text/plain")
	for _, name := range []string{"X-Original-Url", "X-Rewrite-Url", "X_forwarded_for"} {
		req.Header[name] = []string{"/upload"}
	}
	go func() {
		_, _ = io.WriteString(writer, "first")
		if <-got != "first" { // at the service before the rest is sent
			return
		}
		_, _ = io.WriteString(writer, "other")
		_ = writer.Close()
		<-got
	}()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "shop.examplefalse", string(answer))
	require.Len(t, res.Header.Values("X-Request-Id"), 1)
	require.NotEqual(t, "the service's", res.Header.Get("X-Request-Id"))
}

// TestTunnel: WebSocket passes where the path is not checked, and nothing else does.
func TestTunnel(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			w.WriteHeader(http.StatusUpgradeRequired)
			return
		}
		conn, brw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = brw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + r.Header.Get("Upgrade") + "\r\nConnection: Upgrade\r\n\r\n")
		_ = brw.Flush()
		_, _ = io.Copy(conn, brw)
	}))
	defer upstream.Close()
	srv := proxyPaths(t, upstream.URL, middleware.Options{}, []string{"/upload"})
	for _, tt := range []struct {
		path, protocol string
		status         int
	}{
		{"/ws", "websocket", 101}, {"/ws", "WebSocket", 101}, {"/upload", "websocket", 426}, {"/UPLOAD", "websocket", 426},
		{"/ws", "h2c", 426}, {"/ws", "websocket, h2c", 426}, {"/ws", "tls/1.0", 426},
	} {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(patience())))
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: %s\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", tt.path, tt.protocol)
		in := bufio.NewReader(conn)
		res, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		require.Equal(t, tt.status, res.StatusCode, "%v", tt)
		if tt.status == 101 {
			for _, text := range []string{"hello", "again"} {
				_, err = io.WriteString(conn, text)
				require.NoError(t, err)
				echo := make([]byte, len(text))
				_, err = io.ReadFull(in, echo)
				require.NoError(t, err)
				require.Equal(t, text, string(echo))
			}
		}
		conn.Close()
	}
}

// TestGRPC: a stream in both directions with trailers passes over HTTP/2, without TLS; on a
// checked path it is a body like any other.
func TestGRPC(t *testing.T) {
	upstream := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		w.WriteHeader(http.StatusOK)
		control := http.NewResponseController(w)
		_ = control.Flush()
		b := make([]byte, 5)
		for {
			if _, err := io.ReadFull(r.Body, b); err != nil {
				break
			}
			_, _ = w.Write(b)
			_ = control.Flush()
		}
		w.Header().Set("Grpc-Status", "0 over "+r.Proto)
	}))
	upstream.Config.Protocols = new(http.Protocols)
	upstream.Config.Protocols.SetUnencryptedHTTP2(true)
	upstream.Start()
	defer upstream.Close()
	srv := proxyPaths(t, upstream.URL, middleware.Options{}, []string{"/upload"})
	client := &http.Client{Transport: &http.Transport{Protocols: upstream.Config.Protocols}}
	call := func(path string, body io.Reader) *http.Response {
		ctx, cancel := context.WithTimeout(t.Context(), patience())
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+path, body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/grpc+proto")
		req.Header.Set("Te", "trailers")
		res, err := client.Do(req)
		require.NoError(t, err)
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	body, writer := io.Pipe()
	res := call("/pkg.Service/Method", body)
	require.Equal(t, 200, res.StatusCode)
	for _, message := range []string{"first", "other"} {
		_, err := io.WriteString(writer, message)
		require.NoError(t, err)
		b := make([]byte, 5)
		_, err = io.ReadFull(res.Body, b)
		require.NoError(t, err)
		require.Equal(t, message, string(b), "before the next is sent")
	}
	require.NoError(t, writer.Close())
	_, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "0 over HTTP/2.0", res.Trailer.Get("Grpc-Status"))

	require.Equal(t, http.StatusUnprocessableEntity, call("/upload", strings.NewReader("first")).StatusCode)
}

// TestHost: the service's own by default.
func TestHost(t *testing.T) {
	upstream := clitest.NewUpstream(t)
	for preserve, want := range map[bool]string{true: "shop.example", false: strings.TrimPrefix(upstream.URL, "http://")} {
		srv := proxyPaths(t, upstream.URL, middleware.Options{}, nil, func(s *service) { s.preserveHost = preserve })
		req, err := http.NewRequest(http.MethodGet, srv.URL, nil)
		require.NoError(t, err)
		req.Host = "shop.example"
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		res.Body.Close()
		require.Equal(t, want, upstream.Host)
		require.Equal(t, "shop.example", upstream.Header.Get("X-Forwarded-Host"))
	}
}
