package requests

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
	"github.com/imgvet/imgvet/internal/testenv"
)

// TestEntry: the client and the id are those of a trusted proxy's headers, and nobody else's;
// the line tells both and how the request ended.
func TestEntry(t *testing.T) {
	proxies, err := trust.Parse([]string{"10.0.0.0/8"})
	require.NoError(t, err)
	var out bytes.Buffer
	e := &Entry{Proxies: proxies, Log: slog.New(slog.NewJSONHandler(&out, nil))}
	serve := func(peer, id string, next http.HandlerFunc) (*httptest.ResponseRecorder, map[string]any) {
		out.Reset()
		r := httptest.NewRequest(http.MethodPost, "/a%2Fb?secret=1", strings.NewReader("body"))
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "203.0.113.5")
		r.Header.Set(IDHeader, id)
		w := httptest.NewRecorder()
		func() {
			defer func() { _ = recover() }()
			e.Wrap(next).ServeHTTP(w, r)
		}()
		var line map[string]any
		require.NoError(t, json.Unmarshal(out.Bytes(), &line))
		require.NotContains(t, out.String(), "secret")
		require.Zero(t, e.Uploads())
		return w, line
	}
	seen := ""
	ok := func(w http.ResponseWriter, r *http.Request) {
		seen = trust.Of(r.Context()).String() + " " + r.Header.Get(IDHeader)
		require.EqualValues(t, 1, e.Uploads())
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "short")
	}
	w, line := serve("10.0.0.1:1", "abc/1", ok)
	require.Equal(t, "203.0.113.5 abc/1", seen)
	require.Equal(t, "abc/1", w.Header().Get(IDHeader))
	for name, want := range map[string]any{
		"msg": "request", "method": "POST", "path": "/a%2Fb", "client": "203.0.113.5", "status": 418.0, "sent": 5.0,
	} {
		require.Equal(t, want, line[name], name)
	}
	for peer, id := range map[string]string{"198.51.100.1:1": "abc", "10.0.0.1:1": "a b", "10.0.0.1:2": strings.Repeat("x", 129), "10.0.0.1:3": ""} {
		w, line = serve(peer, id, ok)
		require.Len(t, w.Header().Get(IDHeader), 32, "an id of our own")
		require.True(t, strings.HasSuffix(seen, " "+w.Header().Get(IDHeader)))
		if strings.HasPrefix(peer, "198") {
			require.Equal(t, "198.51.100.1", line["client"])
		}
	}

	_, line = serve("10.0.0.1:1", "", func(http.ResponseWriter, *http.Request) {})
	require.Equal(t, 200.0, line["status"])
	require.NotContains(t, line, "cut")
	_, line = serve("10.0.0.1:1", "", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		panic(http.ErrAbortHandler)
	})
	require.Equal(t, true, line["cut"])
	require.Equal(t, 200.0, line["status"])
}

// TestDeadline: each write has its time, and the time of one request is not that of the next on
// its connection, nor of a pause within an answer.
func TestDeadline(t *testing.T) {
	e := &Entry{Log: slog.New(slog.DiscardHandler), patience: 500 * time.Millisecond} // of real time: the race detector does not slow the network
	pause := func() { time.Sleep(2 * e.patience) }                                    // longer than a write may take
	srv := httptest.NewServer(e.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body) // asks for the body: 100 Continue
		w.WriteHeader(http.StatusCreated)
		_ = http.NewResponseController(w).Flush()
		pause()
		_, _ = w.Write(b)
	})))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(testenv.Scale(20*time.Second))))
	in := bufio.NewReader(conn)
	for range 2 {
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
		require.NoError(t, err)
		line, err := in.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
		_, err = in.ReadString('\n')
		require.NoError(t, err)
		_, err = io.WriteString(conn, "body")
		require.NoError(t, err)
		res, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, "201 body", res.Status[:3]+" "+string(b))
		pause()
	}

	// A client that reads nothing does not hold the handler for ever.
	done := make(chan error, 1)
	stuck := httptest.NewServer(e.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				done <- err
				return
			}
		}
	})))
	defer stuck.Close()
	silent, err := net.Dial("tcp", stuck.Listener.Addr().String())
	require.NoError(t, err)
	defer silent.Close()
	_, err = io.WriteString(silent, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	require.ErrorIs(t, <-done, os.ErrDeadlineExceeded)
}
