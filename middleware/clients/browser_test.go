package clients_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imgvet/imgvet/internal/testenv"
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

	require.Empty(t, testenv.Browse(t, "chromium", d.URL+"/page", reports, 2*time.Minute))
	d.finish(t, 6)
}
