package health

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
)

// run runs the command.
func run(t *testing.T, args ...string) (string, error) {
	cmd := Command()
	var out strings.Builder
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestHealth(t *testing.T) {
	ready := true
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/readyz":
			http.NotFound(w, r)
		case ready:
			_, _ = io.WriteString(w, "ok\n")
		default:
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
		}
	}))
	defer srv.Close()
	address := srv.Listener.Addr().String()

	out, err := run(t, "--admin", address)
	require.NoError(t, err)
	require.Equal(t, "ok\n", out)
	t.Setenv("IMGVET_ADMIN", address)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	_, err = run(t)
	require.NoError(t, err, "as a container's settings say")
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	for _, all := range []string{":" + port, "0.0.0.0:" + port, "[::]:" + port} {
		_, err = run(t, "--admin", all)
		require.NoError(t, err, all)
	}

	ready = false
	_, err = run(t)
	require.EqualError(t, err, "503 Service Unavailable: shutting down")
	require.ErrorAs(t, err, new(cli.Failure))
	srv.Close()
	_, err = run(t)
	require.ErrorAs(t, err, new(cli.Failure))
	_, err = run(t, "--admin", "nowhere")
	require.ErrorContains(t, err, "missing port")
}

func TestHealthNeedsAnAddress(t *testing.T) {
	_, err := run(t)
	require.ErrorContains(t, err, "--admin")
}
