package admin

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHandler(t *testing.T) {
	service, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	status := NewStatus(Dial(service.Addr().String()))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	stop := Serve(ln, Handler(status, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") })),
		slog.New(slog.DiscardHandler))
	defer stop()
	get := func(path string) (int, string) {
		res, err := http.Get("http://" + ln.Addr().String() + path)
		require.NoError(t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(b)
	}
	code, body := get("/metrics")
	require.Equal(t, 200, code)
	require.Equal(t, "up 1\n", body)
	code, body = get("/readyz")
	require.Equal(t, 200, code, body)

	require.NoError(t, service.Close())
	code, body = get("/readyz")
	require.Equal(t, 503, code)
	require.Contains(t, body, "not ready: upstream: ")
	code, _ = get("/healthz")
	require.Equal(t, 200, code, "a service that is gone is no reason to restart the proxy")

	status.Leave()
	code, body = get("/readyz")
	require.Equal(t, 503, code)
	require.Equal(t, "not ready: shutting down\n", body)
	code, _ = get("/other")
	require.Equal(t, 404, code)

	ready := NewStatus(nil)
	require.NoError(t, ready.ready(t.Context()))
}
