package keypair

import (
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
)

// TestReload: new files are used by the next handshake, bad ones are not, and a connection that
// stands goes on.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(name string) {
		c, k := clitest.Certificate(t, name)
		require.NoError(t, os.WriteFile(cert+".new", c, 0o600))
		require.NoError(t, os.WriteFile(key, k, 0o600))
		require.NoError(t, os.Rename(cert+".new", cert))
	}
	write("one")
	var log bytes.Buffer
	p, err := Load(cert, key, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	now := time.Now()
	p.now = func() time.Time { return now }

	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.RemoteAddr)
	}))
	srv.TLS = p.Config()
	srv.StartTLS()
	defer srv.Close()
	srv.TLS.Certificates = nil // httptest has put its own there
	get := func(client *http.Client) (name, address string) {
		res, err := client.Get(srv.URL)
		require.NoError(t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.TLS.PeerCertificates[0].Subject.CommonName, string(b)
	}
	client := func() *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	}
	old := client()
	name, address := get(old)
	require.Equal(t, "one", name)

	write("two")
	name, _ = get(client())
	require.Equal(t, "one", name, "looked at a moment ago")
	now = now.Add(lookEvery)
	name, _ = get(client())
	require.Equal(t, "two", name)
	name, same := get(old)
	require.Equal(t, "one", name)
	require.Equal(t, address, same, "the same connection")

	for _, broken := range []func(){
		func() { require.NoError(t, os.WriteFile(cert, []byte("no certificate"), 0o600)) },
		func() { require.NoError(t, os.Remove(key)) },
	} {
		broken()
		for range 3 {
			now = now.Add(lookEvery)
			name, _ = get(client())
			require.Equal(t, "two", name)
		}
	}
	require.Equal(t, 2, strings.Count(log.String(), "the old one stays"), "a line for each change: %s", log.String())
	write("three")
	now = now.Add(lookEvery)
	name, _ = get(client())
	require.Equal(t, "three", name)
}

func TestLoad(t *testing.T) {
	_, err := Load("a", "", nil)
	require.ErrorContains(t, err, "go together")
	_, err = Load("a", "b", nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}
