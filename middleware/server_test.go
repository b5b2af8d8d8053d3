package middleware_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// hashHandler answers with the SHA-256 of the body it got.
func hashHandler(t testing.TB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		n, err := io.Copy(h, r.Body)
		if err != nil || n != r.ContentLength {
			t.Errorf("replay: %d of %d bytes, %v", n, r.ContentLength, err)
		}
		fmt.Fprintf(w, "%x", h.Sum(nil))
	})
}

// serve starts a server over a real connection.
func serve(t testing.TB, opts middleware.Options, next http.Handler, edit ...func(*http.Server)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(newMiddleware(t, opts).Wrap(next))
	for _, f := range edit {
		f(s.Config)
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// dial opens a connection and writes to it.
func dial(t testing.TB, s *httptest.Server, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	return c
}

// answer reads one response and its body.
func answer(t testing.TB, c net.Conn) (*http.Response, string) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r, string(b)
}

func TestServerReplaysFromDisk(t *testing.T) {
	dir := t.TempDir()
	open := openFiles(t, dir)
	s := serve(t, middleware.Options{TempDir: dir, MemoryThreshold: 1000}, hashHandler(t))
	for _, size := range []int{999, 1000, 1001, 5000, 100_000, 3 << 20} {
		body := bigPNG(t, size)
		for _, chunked := range []bool{false, true} {
			var r io.Reader = bytes.NewReader(body)
			if chunked {
				r = unsized(r)
			}
			resp, err := http.Post(s.URL, "image/png", r)
			require.NoError(t, err)
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(body)), string(got))
		}
	}
	require.Eventually(t, func() bool { return openFiles(t, dir) == open }, time.Minute, 10*time.Millisecond)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "temporary files are unlinked")
}

// openFiles counts this process's descriptors of files under dir.
func openFiles(t testing.TB, dir string) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc/self/fd here")
	}
	n := 0
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}

func TestTempFileIsGoneAfterPanicAndDisconnect(t *testing.T) {
	dir := t.TempDir()
	opts := middleware.Options{TempDir: dir, MemoryThreshold: 1000}
	var inside atomic.Int64
	s := serve(t, opts, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside.Store(int64(openFiles(t, dir)))
		panic(http.ErrAbortHandler)
	}))
	_, err := http.Post(s.URL, "image/png", bytes.NewReader(bigPNG(t, 100_000)))
	require.Error(t, err)
	require.Equal(t, int64(1), inside.Load(), "the body is on disk, and unlinked")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	c := dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\n\r\n")
	_, err = c.Write(bigPNG(t, 100_000)[:50_000])
	require.NoError(t, err)
	require.Eventually(t, func() bool { return openFiles(t, dir) == 1 }, time.Minute, time.Millisecond)
	c.Close()
	require.Eventually(t, func() bool { return openFiles(t, dir) == 0 }, time.Minute, time.Millisecond)
}

// TestExpectContinue checks that the client is not asked for its body if the headers decide.
func TestExpectContinue(t *testing.T) {
	s := serve(t, middleware.Options{Authorize: new(access).authorize}, hashHandler(t))
	for _, tt := range []struct {
		name, headers string
		want          string
	}{
		{"token", "Content-Type: image/png\r\nAuthorization: Bearer bad\r\nContent-Length: 500\r\n", canonical(0)},
		{"access", "Content-Type: " + formType + "\r\nAuthorization: Bearer poor\r\nContent-Length: 500\r\n", canonical(1)},
		{"length", "Content-Type: image/png\r\nAuthorization: Bearer good\r\nContent-Length: 10485760\r\n", canonical(3)},
		{"form length", "Content-Type: " + formType + "\r\nAuthorization: Bearer good\r\nContent-Length: 41943040\r\n", canonical(3)},
		{"type", "Content-Type: text/html\r\nAuthorization: Bearer good\r\nContent-Length: 500\r\n", canonical(6)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"+tt.headers+"\r\n")
			r, body := answer(t, c)
			require.Equal(t, tt.want, body, "no 100 Continue before it")
			require.True(t, r.Close)
		})
	}
	png := goodPNG(t)
	c := dial(t, s, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"+
		"Content-Type: image/png\r\nAuthorization: Bearer good\r\nContent-Length: %d\r\n\r\n", len(png)))
	line := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	_, err := io.ReadFull(c, line)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n\r\n", string(line))
	_, err = c.Write(png)
	require.NoError(t, err)
	r, _ := answer(t, c)
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.False(t, r.Close)
}

// TestClientThatWritesEverythingFirst is a client such as Python's http.client: it must see the
// answer, and not a reset connection.
func TestClientThatWritesEverythingFirst(t *testing.T) {
	s := serve(t, middleware.Options{MaxDrainTime: time.Minute}, hashHandler(t)) // 2 s are too short on a busy machine
	const size = 40 << 20
	for name, head := range map[string]string{
		"raw":  "Content-Type: image/png\r\n",
		"form": "Content-Type: " + formType + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n", head, size))
			body := []byte(goodForm(t))[:200]
			if name == "raw" {
				body = goodPNG(t)[:200]
			}
			_, err := c.Write(append(body, make([]byte, size-len(body))...))
			require.NoError(t, err, "the server reads on")
			r, got := answer(t, c)
			require.Equal(t, http.StatusRequestEntityTooLarge, r.StatusCode)
			require.Equal(t, canonical(3), got)
			require.True(t, r.Close)
		})
	}
}

// TestAnswerBeforeTheDrain is the other kind of client: it stops sending at the answer.
func TestAnswerBeforeTheDrain(t *testing.T) {
	s := serve(t, middleware.Options{}, hashHandler(t))
	counted := &counter{r: io.NopCloser(zeros{})}
	r, err := http.Post(s.URL, "image/png", counted)
	require.NoError(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, corrupted, string(b))
	require.Less(t, counted.n.Load(), int64(16<<20))
}

func TestGoClientSeesTheAnswer(t *testing.T) {
	s := serve(t, middleware.Options{}, hashHandler(t))
	body := append(goodPNG(t), make([]byte, 40<<20)...)
	for _, chunked := range []bool{false, true} {
		var b io.Reader = bytes.NewReader(body)
		if chunked {
			b = unsized(b)
		}
		r, err := http.Post(s.URL, "image/png", b)
		require.NoError(t, err)
		got, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		r.Body.Close()
		require.Equal(t, canonical(3), string(got))
	}
}

func TestReverseProxyBehind(t *testing.T) {
	upstream := httptest.NewServer(hashHandler(t))
	defer upstream.Close()
	to, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	s := serve(t, middleware.Options{MemoryThreshold: 1 << 20}, proxy)
	for _, size := range []int{5000, 3 << 20} {
		body, contentType := formBody(t, field{name: "f", file: "f.png", data: bigPNG(t, size)})
		for _, chunked := range []bool{false, true} {
			var b io.Reader = bytes.NewReader(body)
			if chunked {
				b = unsized(b)
			}
			r, err := http.Post(s.URL, contentType, b)
			require.NoError(t, err)
			got, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			r.Body.Close()
			// The handler upstream also checks the Content-Length.
			require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(body)), string(got))
		}
	}
}

func TestRefusedSmallBodyKeepsTheConnection(t *testing.T) {
	s := serve(t, middleware.Options{}, hashHandler(t))
	request := "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\nabc"
	c := dial(t, s, request)
	b := bufio.NewReader(c)
	for range 3 {
		r, err := http.ReadResponse(b, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
		require.False(t, r.Close, "all was read, so the connection is good for more")
		_, err = io.Copy(io.Discard, r.Body)
		require.NoError(t, err)
		_, err = io.WriteString(c, request)
		require.NoError(t, err)
	}
}

func TestIdleClient(t *testing.T) {
	s := serve(t, middleware.Options{IdleTimeout: 200 * time.Millisecond}, hashHandler(t))
	c := dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\n\x89PNG")
	r, body := answer(t, c)
	require.Equal(t, http.StatusRequestTimeout, r.StatusCode)
	require.Equal(t, `{"error":{"code":-1,"message":"request timeout"}}`, body)
	require.True(t, r.Close)
}

// TestServersOwnDeadline checks that our deadline never extends the server's.
func TestServersOwnDeadline(t *testing.T) {
	s := serve(t, middleware.Options{IdleTimeout: time.Hour, ReceiveTimeout: time.Hour}, hashHandler(t), func(s *http.Server) { s.ReadTimeout = 300 * time.Millisecond })
	c := dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\n\x89PNG")
	r, _ := answer(t, c) // would come in an hour
	require.Equal(t, http.StatusRequestTimeout, r.StatusCode)
}

// TestDeadlineIsClearedBeforeNext checks that a handler may take longer than a client may be
// idle: meanwhile the server reads in the background.
func TestDeadlineIsClearedBeforeNext(t *testing.T) {
	s := serve(t, middleware.Options{IdleTimeout: 100 * time.Millisecond}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusTeapot)
		case <-time.After(400 * time.Millisecond):
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	r, err := http.Post(s.URL, "image/png", bytes.NewReader(goodPNG(t)))
	require.NoError(t, err)
	r.Body.Close()
	require.Equal(t, http.StatusNoContent, r.StatusCode)
}

func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(newMiddleware(t, middleware.Options{}).Wrap(hashHandler(t)))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	body := bigPNG(t, 2<<20)
	r, err := s.Client().Post(s.URL, "image/png", bytes.NewReader(body))
	require.NoError(t, err)
	require.Equal(t, 2, r.ProtoMajor)
	got, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Body.Close()
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256(body)), string(got))

	for range 3 {
		r, err = s.Client().Post(s.URL, "image/png", bytes.NewReader(make([]byte, 40<<20)))
		require.NoError(t, err)
		got, err = io.ReadAll(r.Body)
		require.NoError(t, err)
		r.Body.Close()
		require.Equal(t, canonical(3), string(got))
		require.False(t, r.Close)
	}
}

func TestTrailersReachNext(t *testing.T) {
	png := goodPNG(t)
	var trailer atomic.Value
	s := serve(t, middleware.Options{}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		trailer.Store(r.Trailer.Get("X-Sum"))
	}))
	c := dial(t, s, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"+
		"Content-Type: image/png\r\n\r\n%x\r\n%s\r\n0\r\nX-Sum: abc\r\n\r\n", len(png), png))
	r, _ := answer(t, c)
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.Equal(t, "abc", trailer.Load())
}

// TestMalformedChunks checks that a broken transfer is not a corrupted file.
func TestMalformedChunks(t *testing.T) {
	s := serve(t, middleware.Options{}, hashHandler(t))
	c := dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: image/png\r\n\r\nzz\r\n")
	r, body := answer(t, c)
	require.Equal(t, http.StatusBadRequest, r.StatusCode)
	require.Contains(t, body, `"code":-1`)
}

func TestVerificationQueue(t *testing.T) {
	busy, release := make(chan struct{}), make(chan struct{})
	opts := middleware.Options{
		MaxVerifications: 1,
		MaxWait:          50 * time.Millisecond,
		RetryAfter:       1500 * time.Millisecond,
		Validate: validate.Options{Checks: []validate.Check{func(ctx, *validate.Picture) error {
			busy <- struct{}{}
			<-release
			return nil
		}}},
	}
	s := serve(t, opts, hashHandler(t))
	first := make(chan error, 1)
	go func() {
		r, err := http.Post(s.URL, "image/png", bytes.NewReader(goodPNG(t)))
		if err == nil && r.StatusCode != http.StatusOK {
			err = errors.New(r.Status)
		}
		first <- err
	}()
	<-busy
	r, err := http.Post(s.URL, "image/png", bytes.NewReader(goodPNG(t)))
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
	require.Equal(t, "2", r.Header.Get("Retry-After"))
	close(release)
	require.NoError(t, <-first)
}

func TestBudgets(t *testing.T) {
	dir := t.TempDir()
	body := bigPNG(t, 300_000)
	opts := middleware.Options{TempDir: dir, MaxTempBytes: 200_000, MemoryThreshold: 100_000}
	w, s := send(t, opts, post(body, "image/png"))
	requireFailed(t, w, s, http.StatusServiceUnavailable)
	require.Zero(t, openFiles(t, dir))
	opts.MaxTempBytes = 300_000
	w, s = send(t, opts, post(body, "image/png"))
	requirePassed(t, w, s, body)

	// Without memory a body goes to disk; memory given back can be taken again.
	opts = middleware.Options{TempDir: dir, MaxVerifications: 1, MaxMemory: 10<<20 + 100<<10, MemoryThreshold: 64 << 10}
	m := newMiddleware(t, opts)
	var onDisk int
	h := m.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inner := m.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { onDisk = openFiles(t, dir) }))
		inner.ServeHTTP(httptest.NewRecorder(), post(bigPNG(t, 60_000), "image/png"))
	}))
	for range 3 {
		onDisk = -1
		h.ServeHTTP(httptest.NewRecorder(), post(bigPNG(t, 60_000), "image/png"))
		require.Equal(t, 1, onDisk)
	}
	require.Zero(t, openFiles(t, dir))
}

func TestDiskFailure(t *testing.T) {
	dir := t.TempDir()
	m := newMiddleware(t, middleware.Options{TempDir: dir, MemoryThreshold: 1000})
	require.NoError(t, os.Remove(dir))
	w := httptest.NewRecorder()
	m.Wrap(hashHandler(t)).ServeHTTP(w, post(bigPNG(t, 5000), "image/png"))
	requireFailed(t, w, &seen{}, http.StatusServiceUnavailable)
	require.NotContains(t, w.Body.String(), dir)
}
