package clients_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestChromium uploads by fetch, XMLHttpRequest and a form that is submitted, and
// with FilePond and Uppy as they come from npm.
func TestChromium(t *testing.T) {
	dir := installed(t)
	need(t, "chromium", "Debian: chromium")
	d := newDesk(t)
	page, err := os.ReadFile("scripts/page.html")
	require.NoError(t, err)
	var paths []string
	for _, door := range doors {
		paths = append(paths, door.path)
	}
	list, err := json.Marshal(paths)
	require.NoError(t, err)
	reports := make(chan string, 1)
	d.mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, strings.Replace(string(page), "DOORS", string(list), 1)) // to our own browser
	})
	d.mux.HandleFunc("GET /png", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, d.png) })
	d.mux.Handle("GET /npm/", http.StripPrefix("/npm/", http.FileServer(http.Dir(filepath.Join(dir, "node_modules")))))
	d.mux.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err == nil {
			reports <- string(b)
		}
	})

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	profile, err := os.MkdirTemp("", "imgvet-chromium")
	require.NoError(t, err)
	// Its children may still write there when the test has ended.
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	// No sandbox: it cannot be had as root, and the page is ours.
	browser := exec.CommandContext(ctx, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--user-data-dir="+profile, "--remote-debugging-port=0", d.URL+"/page")
	browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
	browser.WaitDelay = 10 * time.Second
	require.NoError(t, browser.Start())
	defer func() {
		cancel()
		_ = browser.Wait()
	}()
	select {
	case failed := <-reports:
		require.Empty(t, failed)
	case <-ctx.Done():
		t.Fatal("the page did not report")
	}
	d.finish(t, 6)
}
