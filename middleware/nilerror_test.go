package middleware_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// TestAuthorizeReturnsATypedNil makes the classic mistake of returning a nil *Error as an error.
// That is a bug of the service, and neither a verdict nor a panic.
func TestAuthorizeReturnsATypedNil(t *testing.T) {
	m, err := middleware.New(middleware.Options{Authorize: func(*http.Request, string) error {
		var refusal *validate.Error
		return refusal
	}})
	require.NoError(t, err)
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x"))
	req.Header.Set("Content-Type", "image/png")
	m.Wrap(http.NotFoundHandler()).ServeHTTP(rec, req)
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.Contains(t, rec.Body.String(), `"code":-1`)
}

// TestRefusedExpectIsNotHeldOpen has a client that waits for 100 Continue, is refused, and then
// stays silent.
func TestRefusedExpectIsNotHeldOpen(t *testing.T) {
	m, err := middleware.New(middleware.Options{
		Authorize:    func(*http.Request, string) error { return validate.ErrUnregisteredToken },
		MaxDrainTime: 200 * time.Millisecond,
	})
	require.NoError(t, err)
	srv := httptest.NewServer(m.Wrap(http.NotFoundHandler()))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer no\r\n"+
		"Content-Type: image/png\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	answer, err := io.ReadAll(conn)
	require.NoError(t, err, "the server ends the connection")
	require.Contains(t, string(answer), "HTTP/1.1 401")
}
