package serve

import (
	"bytes"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/middleware"
)

// TestPageWaitsForTheCheck: the API answers while the check is being made; the page waits, and
// then has it.
func TestPageWaitsForTheCheck(t *testing.T) {
	made := make(chan struct{})
	check := browserCheck{Stop: func() {}, Files: sync.OnceValue(func() fs.FS {
		<-made
		return fstest.MapFS{"index.js": {Data: []byte("export {}")}}
	})}
	handler, _, err := newHandler(middleware.Options{Logger: slog.New(slog.DiscardHandler)}, check)
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	defer srv.Close()
	page := make(chan string)
	go func() {
		var text []byte
		res, err := http.Get(srv.URL)
		if err == nil {
			text, _ = io.ReadAll(res.Body)
			res.Body.Close()
		}
		page <- string(text)
	}()
	res, err := http.Post(srv.URL+PipelinePath, "text/plain", nil)
	require.NoError(t, err)
	res.Body.Close()
	select {
	case <-page:
		require.Fail(t, "the page has not waited")
	default:
	}
	close(made)
	require.Regexp(t, `data-check="/assets/[0-9a-f]+/check/index\.js"`, <-page)
}

// TestSourceFolder: the clone is the one that this was compiled from, wherever it runs, and
// without go there is none.
func TestSourceFolder(t *testing.T) {
	want, err := filepath.Abs("../../../..")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	got, err := sourceFolder()
	require.NoError(t, err)
	require.Equal(t, want, filepath.FromSlash(got))
	t.Setenv("PATH", t.TempDir())
	_, err = sourceFolder()
	require.Error(t, err)
}

// TestMakeCheckFails: what went wrong is in the log, and the page goes without.
func TestMakeCheckFails(t *testing.T) {
	var log bytes.Buffer
	check := makeCheck(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), t.TempDir())
	require.Nil(t, check.Files())
	check.Stop()
	require.Contains(t, log.String(), "could not be made")
	require.Contains(t, log.String(), "web/build")
}

// TestMakeCheck makes it, and leaves nothing behind.
func TestMakeCheck(t *testing.T) {
	testenv.OnlyLong(t, "compiles to WebAssembly")
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	source, err := sourceFolder()
	require.NoError(t, err)
	check := makeCheck(t.Context(), slog.New(slog.DiscardHandler), source)
	for _, name := range []string{"index.js", "worker.js", "imgvet.wasm"} {
		_, err := fs.Stat(check.Files(), name)
		require.NoError(t, err)
	}
	check.Stop()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	stopped := makeCheck(t.Context(), slog.New(slog.DiscardHandler), source)
	stopped.Stop()
	require.Nil(t, stopped.Files(), "nothing is made for a server that has ended")
}
