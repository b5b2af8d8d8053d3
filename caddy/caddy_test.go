package imgvetcaddy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/caddyhttp/logging" // log_append
	_ "github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	_ "github.com/caddyserver/caddy/v2/modules/logging"
	_ "github.com/caddyserver/caddy/v2/modules/metrics"
	"github.com/stretchr/testify/require"
)

const corrupted = `{"error":{"code":5,"message":"file corrupted"}}`

// server is Caddy with a Caddyfile before an app.
type server struct {
	t            *testing.T
	address, log string
	app          *httptest.Server
}

// start runs Caddy before an app that answers an upload with its bytes.
func start(t *testing.T, site string) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &server{t: t, address: l.Addr().String(), log: filepath.Join(t.TempDir(), "log")}
	require.NoError(t, l.Close())
	s.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Told", r.Header.Get("Told"))
		if f, _, err := r.FormFile("image"); err == nil {
			_, _ = io.Copy(w, f)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(s.app.Close)
	s.load(site)
	t.Cleanup(func() {
		require.NoError(t, caddy.Stop())
		pool.Range(func(key, _ any) bool {
			t.Errorf("%v is still in use", key)
			return true
		})
	})
	return s
}

// load gives Caddy a configuration, in place of the one before.
func (s *server) load(site string) {
	s.t.Helper()
	config, err := adapt(fmt.Sprintf(`{
		admin off
		persist_config off
		auto_https off
		log {
			output file %s
			format json
		}
	}
	http://%s {
		log
		log_append why {http.imgvet.reason}
		%s
	}`, s.log, s.address, strings.ReplaceAll(site, "APP", s.app.Listener.Addr().String())))
	require.NoError(s.t, err)
	require.NoError(s.t, caddy.Load(config, true))
}

func adapt(file string) ([]byte, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(file), nil)
	return config, err
}

// picture returns a picture of the corpus.
func picture(t *testing.T, name string) []byte {
	b, err := os.ReadFile(filepath.Join("..", "testdata", "good", filepath.FromSlash(name)))
	require.NoError(t, err)
	return b
}

// upload posts a form with files, and returns the answer.
func (s *server) upload(path string, files ...[]byte) (*http.Response, string) {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, file := range files {
		part, err := form.CreateFormFile("image", "upload")
		require.NoError(s.t, err)
		_, err = part.Write(file)
		require.NoError(s.t, err)
	}
	require.NoError(s.t, form.Close())
	return s.send(http.Post("http://"+s.address+path, form.FormDataContentType(), &body))
}

func (s *server) send(resp *http.Response, err error) (*http.Response, string) {
	s.t.Helper()
	require.NoError(s.t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp, string(got)
}

const site = `
	imgvet /upload* {
		formats png jpeg
		max_size 1MiB
	}
	imgvet /other {
		strict
		max_size 1MiB
	}
	handle /metrics {
		metrics
	}
	handle /upload/dead {
		reverse_proxy 127.0.0.1:1
	}
	handle /upload/body {
		respond "{http.request.body}"
	}
	reverse_proxy APP {
		header_up Told "{http.imgvet.outcome} {http.imgvet.format} {http.imgvet.width}x{http.imgvet.height}"
	}`

// TestUploads: a good upload reaches the app as it was sent, any other has the canonical answer.
func TestUploads(t *testing.T) {
	s := start(t, site)
	png := picture(t, "png/pngsuite-basn2c08.png")
	resp, got := s.upload("/upload", png)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.True(t, string(png) == got, "the app got other bytes")
	require.Equal(t, "passed png 32x32", resp.Header.Get("Told"))

	tail := append(bytes.Clone(png), make([]byte, 1<<19)...)
	for _, c := range []struct {
		path   string
		file   []byte
		status int
		body   string
	}{
		{"/upload", png[:len(png)-8], 422, corrupted},
		{"/upload", nil, 400, `{"error":{"code":6,"message":"empty input image"}}`},
		{"/upload", make([]byte, 1<<20), 422, corrupted},
		{"/upload", append(bytes.Clone(png), make([]byte, 1<<20)...), 413, `{"error":{"code":3,"message":"file must be less than 10mb"}}`},
		{"/other", tail, 422, corrupted},
		{"/upload", tail, 200, string(tail)},
		{"/upload/dead", png, 502, ""},
		{"/upload/dead", png[:len(png)-8], 422, corrupted},
		{"/unchecked", png[:len(png)-8], 200, string(png[:len(png)-8])},
	} {
		resp, got := s.upload(c.path, c.file)
		require.Equal(t, c.status, resp.StatusCode, c.path)
		require.True(t, c.body == got, "%s: %.80q", c.path, got)
	}
	_, got = s.send(http.Post("http://"+s.address+"/upload/body", "image/png", bytes.NewReader(png)))
	require.True(t, string(png) == got, "{http.request.body} is not the body")
}

// TestObserved: the metrics are in Caddy's registry, the reason in both logs.
func TestObserved(t *testing.T) {
	s := start(t, site)
	s.upload("/upload", picture(t, "png/pngsuite-basn2c08.png"))
	s.upload("/other", []byte("GIF89a"))
	_, got := s.send(http.Get("http://" + s.address + "/metrics"))
	for _, want := range []string{
		`imgvet_files_total{code="",format="png",outcome="passed",reason="",status=""} 1`,
		`imgvet_files_total{code="5",format="",outcome="refused",reason="unknown_format",status="422"} 1`,
		fmt.Sprintf("imgvet_temp_limit_bytes %g", float64(2<<30)), // of both handlers, since they share it
	} {
		require.Contains(t, got, want)
	}
	lines, err := os.ReadFile(s.log)
	require.NoError(t, err)
	require.Contains(t, string(lines), `"logger":"http.handlers.imgvet"`)
	require.Contains(t, string(lines), `"why":"unknown_format"`)
}

// TestPlaceholdersOfOneFile: what is told of the refused file of a form has nothing of the good one
// before it.
func TestPlaceholdersOfOneFile(t *testing.T) {
	s := start(t, "log_append told {http.imgvet.outcome}\nlog_append wide {http.imgvet.width}\n"+site)
	png := picture(t, "png/pngsuite-basn2c08.png")
	for _, second := range [][]byte{png, png[:20]} {
		s.upload("/upload", png, second)
	}
	b, err := os.ReadFile(s.log)
	require.NoError(t, err)
	var told []string
	for text := range bytes.Lines(b) {
		var l struct{ Told, Wide string }
		require.NoError(t, json.Unmarshal(text, &l))
		if l.Told != "" {
			told = append(told, l.Told+" "+l.Wide)
		}
	}
	require.Equal(t, []string{"passed 32", "refused "}, told)
}

// TestReload: an upload that began under one configuration ends under it, the next has the rules
// of the new one, and the budgets stay.
func TestReload(t *testing.T) {
	s := start(t, "imgvet\nreverse_proxy APP")
	png := picture(t, "png/pngsuite-basn2c08.png")
	key := limits{}
	before, err := key.take()
	require.NoError(t, err)
	defer func() { require.NoError(t, key.release()) }()

	body, rest := io.Pipe()
	slow := make(chan string)
	go func() {
		resp, err := http.Post("http://"+s.address+"/", "image/png", body)
		if err != nil {
			slow <- err.Error()
			return
		}
		defer resp.Body.Close()
		got, _ := io.ReadAll(resp.Body)
		slow <- string(got)
	}()
	_, err = rest.Write(png[:40])
	require.NoError(t, err)
	require.Eventually(t, func() bool { return before.Stats().Clients == 1 }, waitFor, tick, "the upload is counted in the shared budgets")

	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		s.load("imgvet {\nformats jpeg\n}\nreverse_proxy APP")
	}()
	require.Eventually(t, func() bool {
		resp, err := http.Post("http://"+s.address+"/", "image/png", bytes.NewReader(png))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusUnprocessableEntity
	}, waitFor, tick)
	_, err = rest.Write(png[40:])
	require.NoError(t, err)
	require.NoError(t, rest.Close())
	require.True(t, string(png) == <-slow)
	<-loaded
	count, _ := pool.References(key)
	require.Equal(t, 2, count, "the handler's and the test's")
}
