package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/internal/testenv"
)

// clientAddress is where the test's client sends from, so that its address differs from that of
// the proxies, which have 127.0.0.1. Linux alone has it without being told.
const clientAddress = "127.0.0.2"

// app is a service as people have them: a log-in, an API of JSON, pictures for those who are
// logged in, WebSocket. It knows nothing of imgvet.
type app struct {
	photos atomic.Int32
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	session, _ := r.Cookie("session")
	switch r.Method + " " + r.URL.Path {
	case "POST /login":
		if r.FormValue("user") != "ann" || r.FormValue("password") != "a;b=%" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/", HttpOnly: true, Secure: true})
		http.Redirect(w, r, "/home", http.StatusSeeOther)
	case "GET /home":
		if session == nil || session.Value != "s1" {
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		client, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
		fmt.Fprintf(w, "%s %s://%s?%s", client, r.Header.Get("X-Forwarded-Proto"), r.Host, r.URL.RawQuery)
	case "GET /old":
		http.Redirect(w, r, r.Header.Get("X-Forwarded-Proto")+"://"+r.Host+"/home", http.StatusMovedPermanently)
	case "POST /api/items":
		_, _ = io.Copy(w, r.Body)
	case "POST /photos":
		a.photos.Add(1)
		file, header, err := r.FormFile("photo")
		if err != nil || session == nil {
			http.Error(w, "no photo, or not logged in", http.StatusBadRequest)
			return
		}
		sum := sha256.New()
		_, _ = io.Copy(sum, file)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %s %x", r.FormValue("title"), header.Filename, sum.Sum(nil))
	case "GET /ws":
		conn, brw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = brw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
		_ = brw.Flush()
		_, _ = io.Copy(conn, brw) // each frame back, as it came
	default:
		http.NotFound(w, r)
	}
}

// behind is an app behind imgvet proxy behind a proxy with TLS, and a browser before all.
type behind struct {
	app     *app
	url     string // of the proxy with TLS
	roots   *x509.CertPool
	client  *http.Client
	admin   string
	log     *clitest.Log
	process *os.Process
	wait    func() error
}

// TestBehind runs it behind each proxy with TLS that IMGVET_BEHIND names (caddy, nginx), and
// otherwise behind Go's own. .ci/behind runs it with both.
func TestBehind(t *testing.T) {
	names := []string{"go"}
	if v := os.Getenv("IMGVET_BEHIND"); v != "" {
		names = strings.Split(v, ",")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			b := start(t, fronts[name])
			t.Run("log-in", b.logIn)
			t.Run("API", b.api)
			t.Run("upload", b.upload)
			t.Run("redirect", b.redirect)
			t.Run("WebSocket", b.webSocket)
			t.Run("SIGTERM", b.terminate)
		})
	}
}

// start starts the app, the command as a process of its own, and the proxy before it.
func start(t *testing.T, front front) *behind {
	require.NotNil(t, front, "IMGVET_BEHIND names proxies: caddy, nginx, go")
	b := &behind{app: &app{}, log: &clitest.Log{}}
	service := httptest.NewServer(b.app)
	t.Cleanup(service.Close)
	cmd := process(t, "proxy", "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json", "--shutdown-timeout", "5m")
	cmd.Env = append(cmd.Env, "IMGVET_UPSTREAM="+service.URL, "IMGVET_PATH=/photos,/avatars/*", "IMGVET_TRUSTED_PROXY=127.0.0.1", "IMGVET_PRESERVE_HOST=true", "IMGVET_FIELD=photo")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = b.log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	b.process, b.wait = cmd.Process, cmd.Wait
	lines := bufio.NewReader(stdout)
	var proxy string
	_, err = fmt.Fscanf(lines, "imgvet: listening on http://%s for "+service.URL+"\n", &proxy)
	require.NoError(t, err, b.log)
	_, err = fmt.Fscanf(lines, "imgvet: health and metrics on %s\n", &b.admin)
	require.NoError(t, err)

	cert, key := clitest.Certificate(t, "localhost")
	b.roots = x509.NewCertPool()
	require.True(t, b.roots.AppendCertsFromPEM(cert))
	b.url = front(t, proxy, cert, key, b.roots)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.client = &http.Client{Jar: jar, Timeout: patience(), Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: b.roots}, DialContext: dialer().DialContext,
	}}
	return b
}

// dialer dials as the client.
func dialer() *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientAddress)}}
}

// patience is after which what should have happened has failed.
func patience() time.Duration { return testenv.Scale(30 * time.Second) }

// do sends a request as a client that lies about its address, and returns status and body.
func (b *behind) do(t *testing.T, method, path, kind string, body io.Reader) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Forwarded-For", "1.2.3.4")
	res, err := b.client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func (b *behind) logIn(t *testing.T) {
	form := url.Values{"user": {"ann"}, "password": {"a;b=%"}}.Encode()
	status, text := b.do(t, http.MethodPost, "/login", "application/x-www-form-urlencoded", strings.NewReader(form))
	require.Equal(t, http.StatusOK, status, "the form passes, its cookie comes, the redirect is followed: %s", text)
	require.Equal(t, clientAddress+" "+b.url+"?", text, "client, scheme and host arrive")
	status, text = b.do(t, http.MethodGet, "/home?a=1;b=%25zz&c", "", nil)
	require.Equal(t, http.StatusOK, status)
	require.True(t, strings.HasSuffix(text, "?a=1;b=%25zz&c"), text)
	require.Contains(t, b.log.String(), `"client":"`+clientAddress+`"`)
	require.NotContains(t, b.log.String(), "1.2.3.4")
}

func (b *behind) api(t *testing.T) {
	const item = `{"name":"chair","price":1}`
	status, text := b.do(t, http.MethodPost, "/api/items", "application/json", strings.NewReader(item))
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, item, text)
}

// form is an upload as the app's page sends it.
func form(t *testing.T, photo []byte) (body *bytes.Buffer, kind string) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	require.NoError(t, w.WriteField("title", "My chair"))
	part, err := w.CreateFormFile("photo", "chair.jpg")
	require.NoError(t, err)
	_, err = part.Write(photo)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return body, w.FormDataContentType()
}

func goodPhoto(t *testing.T) []byte {
	photo, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	return photo
}

// stored is what the app answers for a photo.
func stored(photo []byte) string {
	sum := sha256.Sum256(photo)
	return "My chair chair.jpg " + hex.EncodeToString(sum[:])
}

func (b *behind) upload(t *testing.T) {
	photo := goodPhoto(t)
	body, kind := form(t, photo)
	status, text := b.do(t, http.MethodPost, "/photos", kind, body)
	require.Equal(t, http.StatusCreated, status, text)
	require.Equal(t, stored(photo), text)

	for _, path := range []string{"/photos", "/photos/", "/Photos", "/photos;x=1", "/%70hotos"} {
		body, kind = form(t, photo[:len(photo)/2])
		status, text = b.do(t, http.MethodPost, path, kind, body)
		require.Equal(t, http.StatusUnprocessableEntity, status, path)
		require.Equal(t, `{"error":{"code":5,"message":"file corrupted"}}`, text)
	}
	require.EqualValues(t, 1, b.app.photos.Load())
}

func (b *behind) redirect(t *testing.T) {
	status, text := b.do(t, http.MethodGet, "/old", "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, clientAddress+" "+b.url+"?", text, "to an address that the client can reach")
}

func (b *behind) webSocket(t *testing.T) {
	host := strings.TrimPrefix(b.url, "https://")
	conn, err := tls.DialWithDialer(dialer(), "tcp", host, &tls.Config{RootCAs: b.roots, ServerName: "localhost", NextProtos: []string{"http/1.1"}})
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience())))
	// The handshake and a masked text frame of RFC 6455 (1.3 and 5.7).
	fmt.Fprintf(conn, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", host)
	in := bufio.NewReader(conn)
	res, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, res.StatusCode)
	require.Equal(t, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", res.Header.Get("Sec-WebSocket-Accept"))
	frame := "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
	for range 3 {
		_, err = io.WriteString(conn, frame)
		require.NoError(t, err)
		echo := make([]byte, len(frame))
		_, err = io.ReadFull(in, echo)
		require.NoError(t, err)
		require.Equal(t, frame, string(echo))
	}
}

// terminate sends SIGTERM in the middle of an upload. It arrives whole, and the command ends well.
func (b *behind) terminate(t *testing.T) {
	get := func(path string) (int, string) {
		res, err := http.Get(b.admin + path)
		require.NoError(t, err)
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(text)
	}
	status, text := get("/readyz")
	require.Equal(t, http.StatusOK, status, text)

	photo := goodPhoto(t)
	body, kind := form(t, photo)
	half := body.Len() / 2
	slow, writer := io.Pipe()
	type answer struct {
		status int
		text   string
	}
	answered := make(chan answer, 1)
	go func() {
		status, text := b.do(t, http.MethodPost, "/photos", kind, slow)
		answered <- answer{status, text}
	}()
	_, err := writer.Write(body.Next(half))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, text := get("/metrics")
		return strings.Contains(text, "\nimgvet_clients 1\n")
	}, patience(), 10*time.Millisecond, "the upload has begun")

	require.NoError(t, b.process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { return strings.Contains(b.log.String(), `"msg":"shutting down"`) }, patience(), 10*time.Millisecond)
	status, text = get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "not ready: shutting down\n", text)
	_, err = writer.Write(body.Bytes())
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	require.Equal(t, answer{http.StatusCreated, stored(photo)}, <-answered)
	require.NoError(t, b.wait(), "exit code 0")
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	var last map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	require.Equal(t, "shut down", last["msg"])
	require.EqualValues(t, 0, last["uploads_cut"])
}

// TestBehindPage: the settings of nginx in docs/operate.md are those that are tested.
func TestBehindPage(t *testing.T) {
	page := operatePage(t)
	_, block, ok := strings.Cut(page, "```nginx\n")
	require.True(t, ok)
	block, _, _ = strings.Cut(block, "```")
	require.Contains(t, page, "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }")
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(strings.Replace(line, "127.0.0.1:8080", "ADDRESS", 1))
		require.Contains(t, nginxConf, line)
	}
}
