package encoders

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// canvas has a browser draw all pictures, and keep what its canvas makes of them: what
// web pages upload after they have cropped or scaled a photo.
func canvas(t *testing.T, tool, from, to string) {
	paths, err := filepath.Glob(filepath.Join(from, "*.rgba"))
	require.NoError(t, err)
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	report := make(chan string, 1)
	var mux http.ServeMux
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "canvas.html") })
	mux.HandleFunc("GET /names", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(names) })
	mux.Handle("GET /from/", http.StripPrefix("/from/", http.FileServer(http.Dir(from))))
	mux.HandleFunc("POST /to/{name}", func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(r.PathValue("name"))), b, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
		if b, err := io.ReadAll(r.Body); err == nil {
			report <- string(b)
		}
	})
	srv := httptest.NewServer(&mux)
	defer srv.Close()

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	profile, err := os.MkdirTemp("", "imgvet-canvas")
	require.NoError(t, err)
	// Its children may still write there when the test has ended.
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	// No sandbox: it cannot be had as root, and the page is ours.
	browser := exec.CommandContext(ctx, tool, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--user-data-dir="+profile, "--remote-debugging-port=0", srv.URL)
	browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
	browser.WaitDelay = 10 * time.Second
	require.NoError(t, browser.Start())
	defer func() {
		cancel()
		_ = browser.Wait()
	}()
	select {
	case failed := <-report:
		require.Empty(t, failed)
	case <-ctx.Done():
		t.Fatal("the page did not report")
	}
}

// gimp exports pictures in one run. It starts a program for each file that it writes.
func gimp(t *testing.T, tool, from, to string) {
	script, err := os.ReadFile("gimp.scm")
	require.NoError(t, err)
	quote := func(s string) string {
		b, err := json.Marshal(s)
		require.NoError(t, err)
		return string(b)
	}
	batch := "(define from " + quote(three(t, from)) + ") (define to " + quote(to) + ") "
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool, "--no-interface", "--no-data", "--no-fonts", "--no-shm", "--new-instance",
		"--batch", batch+string(script), "--batch", "(gimp-quit 1)")
	// A home of its own: it writes settings, and must not find a user's.
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CONFIG_HOME=")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
