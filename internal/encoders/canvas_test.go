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
	"testing"
	"time"

	"github.com/imgvet/imgvet/internal/testenv"
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

	require.Empty(t, testenv.Browse(t, tool, srv.URL, report, 5*time.Minute))
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
