package browser

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// verdict is what the browser's check says of a file, in the names of its module.
type verdict struct {
	OK          bool            `json:"ok"`
	Error       *canonical      `json:"error"`
	Reason      validate.Reason `json:"reason"`
	Offset      *int64          `json:"offset"`
	Advice      string          `json:"advice"`
	Format      detect.Format   `json:"format"`
	Width       int             `json:"width"`
	Height      int             `json:"height"`
	Orientation int             `json:"orientation"`
	Frames      int             `json:"frames"`
	Warnings    []warning       `json:"warnings"`
}

type canonical struct {
	Code    validate.Code `json:"code"`
	Message string        `json:"message"`
}

type warning struct {
	Reason validate.Reason `json:"reason"`
	Offset *int64          `json:"offset"`
}

// native is the same verdict, from the library in this process.
func native(t *testing.T, b []byte) verdict {
	res, err := validate.Bytes(t.Context(), b, validate.Options{})
	v := verdict{
		OK: err == nil, Format: res.Format, Width: res.Width, Height: res.Height,
		Orientation: res.Orientation, Frames: res.Frames, Warnings: []warning{},
	}
	for _, w := range res.Warnings {
		v.Warnings = append(v.Warnings, warning{w.Reason, place(w.Offset)})
	}
	if err == nil {
		return v
	}
	var refusal *validate.Error
	require.True(t, errors.As(err, &refusal), "%v", err)
	v.Error = &canonical{refusal.Code, refusal.Code.Message()}
	v.Reason, v.Offset, v.Advice = refusal.Reason, place(refusal.Offset), refusal.Advice()
	return v
}

func place(at int64) *int64 {
	if at < 0 {
		return nil
	}
	return &at
}

// file is a file with a name for messages.
type file struct {
	name string
	data []byte
}

// allFiles are all of package fuzz's cases and all of testdata's pictures.
func allFiles(t *testing.T) []file {
	var files []file
	for c := range fuzz.Cases() {
		files = append(files, file{c.Name, c.Data})
	}
	cases := len(files)
	for _, dir := range []string{"good", "variants", "tails"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, "testdata", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			files = append(files, file{path, b})
			return err
		}))
	}
	require.Greater(t, cases, 500)
	require.Greater(t, len(files)-cases, 200)
	return files
}

// serveFiles serves the browser's check below /check/ and the files by number.
func serveFiles(t *testing.T, files []file) string {
	_, err := program() // builds the check
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("GET /check/", http.StripPrefix("/check/", http.FileServer(http.Dir(filepath.Join(root, "web", "dist")))))
	mux.HandleFunc("GET /file/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		if err != nil || n < 0 || n >= len(files) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(files[n].data)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>imgvet</title>")
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// awaited makes Evaluate wait for a promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// TestCases: in Chromium, each case of package fuzz and each file of testdata gets
// the verdict that the native library gives it.
func TestCases(t *testing.T) {
	needChromium(t)
	files := allFiles(t)
	ctx := newTab(t)
	var answer string
	require.NoError(t, chromedp.Run(ctx, chromedp.Navigate(serveFiles(t, files)), chromedp.Evaluate(fmt.Sprintf(`(async () => {
		const imgvet = await import("/check/index.js");
		const verdicts = [];
		for (let n = 0; n < %d; n++) {
			verdicts.push(await imgvet.validate(await (await fetch("/file/" + n)).blob()));
		}
		return JSON.stringify(verdicts);
	})()`, len(files)), &answer, awaited)))
	var got []verdict
	require.NoError(t, json.Unmarshal([]byte(answer), &got))
	require.Len(t, got, len(files))
	for n, f := range files {
		require.Equal(t, native(t, f.data), got[n], f.name)
	}
	t.Logf("%d files, the same verdict", len(files))
}
