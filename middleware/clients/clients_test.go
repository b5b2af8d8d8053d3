// Package clients_test sends uploads with real clients, each in the forms that
// programs make of it, through the middleware: everything must pass, byte for byte,
// with the files that were sent.
//
// What is not installed is skipped, loudly. IMGVET_CLIENTS=1 adds what takes
// longer: the packages of npm (package.json), and those that run in a browser.
package clients_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// doors are the ways through the middleware; each has a path.
var doors = []struct {
	path    string
	opts    middleware.Options
	rewrite bool
}{
	{path: "/plain"},
	{path: "/fields", opts: middleware.Options{Fields: []string{"image", "image2", "filepond", "files[]"}}},
	{path: "/rewrite", opts: middleware.Options{Rewrite: true}, rewrite: true},
}

// refused are the forms that some program or other does write, and that two parsers
// read in two ways or Go's own not at all.
var refused = map[string]string{
	"curl, files at once":                    "RFC 2388's multipart/mixed in a part, deprecated by RFC 7578, 4.3",
	"curl, a tab":                            "a control character in a file name",
	"Ruby set_form, a quote and a semicolon": "an escaped quote and a semicolon: those who know no escapes find a parameter",
	"Go CreateFormFile a\"b;c=d.png":         "the same",
	"Go FormatMediaType a\"b;c=d.png":        "the same",
	"Java HttpURLConnection, equals signs":   "no token: Go's parser does not take it without quotes",
	"Node fetch: a blob of JSON beside":      "a Blob has a file name, so that this is a file, and no picture: Options.OtherFiles",
	"undici: a blob of JSON beside":          "the same",
}

// desk is the service that the clients upload to, and what it has seen.
type desk struct {
	*httptest.Server
	mux      *http.ServeMux
	png, jpg string // the files to send
	known    map[[sha256.Size]byte]bool

	mu    sync.Mutex
	seen  map[string]int // by path, how many arrived
	wrong []string
}

// newDesk starts the service and writes the pictures.
func newDesk(t *testing.T) *desk {
	dir := t.TempDir()
	d := &desk{
		mux: http.NewServeMux(), png: filepath.Join(dir, "a photo.png"), jpg: filepath.Join(dir, "b.jpg"),
		known: map[[sha256.Size]byte]bool{}, seen: map[string]int{},
	}
	img := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	d.keep(t, d.png, b.Bytes())
	b.Reset()
	require.NoError(t, jpeg.Encode(&b, img, nil))
	d.keep(t, d.jpg, b.Bytes())
	for _, door := range doors {
		opts := door.opts
		opts.Logger = slog.New(slog.DiscardHandler)
		m, err := middleware.New(opts)
		require.NoError(t, err)
		d.mux.Handle(door.path, d.record(m, door.rewrite))
	}
	d.Server = httptest.NewServer(d.mux)
	t.Cleanup(d.Close)
	return d
}

func (d *desk) keep(t *testing.T, name string, b []byte) {
	require.NoError(t, os.WriteFile(name, b, 0o600))
	d.known[sha256.Sum256(b)] = true
}

// record keeps what comes in and compares it with what comes out of m.
func (d *desk) record(m *middleware.Middleware, rewrite bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		complain := func(format string, args ...any) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.wrong = append(d.wrong, fmt.Sprintf("%s %s %s: ", r.URL.Path, r.Method, query.Get("form"))+fmt.Sprintf(format, args...))
		}
		var sent bytes.Buffer
		kind := r.Header.Get("Content-Type")
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, &sent), r.Body}
		passed := false
		next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			passed = true
			got, err := io.ReadAll(r.Body)
			if err != nil {
				complain("reading the body: %v", err)
			}
			if !rewrite && (!bytes.Equal(sent.Bytes(), got) || r.Header.Get("Content-Type") != kind) {
				complain("the next handler got other bytes, or another type")
			}
			if err := d.judge(r, query.Get("files")); err != nil {
				complain("%v (%s)", err, kind)
			}
			r.Body = io.NopCloser(bytes.NewReader(got))
			if err := parses(r); err != nil {
				complain("%v", err)
			}
			fmt.Fprint(w, "ok")
		})
		status := httptest.NewRecorder()
		m.Wrap(next).ServeHTTP(status, r)
		if why := refused[query.Get("form")]; why != "" {
			if passed || status.Code >= http.StatusInternalServerError {
				complain("not refused: %d %s", status.Code, status.Body)
			}
		} else if !passed {
			complain("refused: %d %s\n%s: %.300q", status.Code, status.Body, kind, sent.Bytes())
		}
		d.mu.Lock()
		d.seen[r.URL.Path]++
		d.mu.Unlock()
		for name, values := range status.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(status.Code)
		_, _ = w.Write(status.Body.Bytes()) // a client that has gone needs no answer
	})
}

// judge compares the verified files with those that were sent: that many, -1 for one
// at least.
func (d *desk) judge(r *http.Request, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return errors.New("the request does not say how many files it has")
	}
	files := middleware.Files(r.Context())
	if len(files) != n && (n >= 0 || len(files) == 0) {
		return fmt.Errorf("%d files were verified", len(files))
	}
	for _, f := range files {
		data, err := f.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(data)
		data.Close()
		if err != nil {
			return err
		}
		if !d.known[sha256.Sum256(b)] {
			return fmt.Errorf("file %q of field %q is none that was sent", f.FileName, f.Field)
		}
	}
	return nil
}

// parses reports whether Go's parser takes the form.
func parses(r *http.Request) error {
	err := r.ParseMultipartForm(1 << 20)
	if errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if err == nil {
		err = r.MultipartForm.RemoveAll()
	}
	return err
}

// finish fails the test for what went wrong, and if not exactly n requests came
// through each door.
func (d *desk) finish(t *testing.T, n int) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, text := range d.wrong {
		t.Error(text)
	}
	for _, door := range doors {
		require.Equal(t, n, d.seen[door.path], "requests to %s", door.path)
	}
}

// each runs a command once for each door, with its address before the files.
func (d *desk) each(t *testing.T, more []string, name string, args ...string) {
	t.Helper()
	for _, door := range doors {
		cmd := exec.Command(name, append(args[:len(args):len(args)], d.URL+door.path, d.png, d.jpg, t.TempDir())...)
		cmd.Env = append(os.Environ(), more...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		if len(out) > 0 {
			t.Logf("%s: %s", name, out)
		}
	}
}

// need skips the test where a program is missing.
func need(t *testing.T, name, install string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed (%s): its forms are not tested", name, install)
	}
}
