package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// gates hold requests back until they are opened.
type gates struct{ wasm, answer chan struct{} }

// gated serves "imgvet serve" behind gates: of the WebAssembly the first 700 KB pass.
func gated(t *testing.T, g gates) string {
	ended := make(chan struct{}) // so that a test that fails ends too
	target, err := url.Parse(startServe(t, "--face=false"))
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		if strings.HasSuffix(r.Request.URL.Path, ".wasm") {
			r.Body = &halted{r.Body, 700_000, g.wasm, ended}
		}
		return nil
	}
	proxy.FlushInterval = -1
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			select {
			case <-g.answer:
			case <-ended:
			case <-r.Context().Done():
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(ended) })
	return srv.URL
}

// halted is a body that ends for now after so many bytes.
type halted struct {
	body interface {
		Read(p []byte) (int, error)
		Close() error
	}
	left        int
	open, ended <-chan struct{}
}

func (h *halted) Read(p []byte) (int, error) {
	if h.left == 0 {
		select {
		case <-h.open:
		case <-h.ended:
		}
		return h.body.Read(p)
	}
	n, err := h.body.Read(p[:min(len(p), h.left)])
	h.left -= n
	return n, err
}

func (h *halted) Close() error { return h.body.Close() }

// until waits until an expression of the page is true.
func (p page) until(expression string) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Run(p.ctx, chromedp.Poll(expression, nil,
		chromedp.WithPollingTimeout(patience/2), chromedp.WithPollingInterval(20*time.Millisecond))), expression)
}

const serverSays = `document.querySelector("[data-row=verdict]").cells[2].textContent`

// TestPageOnASlowLink: the check's download is seen. A photo is sent meanwhile, and the
// check's verdict comes behind.
func TestPageOnASlowLink(t *testing.T) {
	needChromium(t)
	g := gates{make(chan struct{}), make(chan struct{})}
	close(g.answer)
	p := openPage(t, gated(t, g))
	p.until(`!document.getElementById("loading").hidden && document.getElementById("loaded").value > 0.2`)
	if dir := os.Getenv("IMGVET_SHOTS"); dir != "" {
		p.shoot(dir, "loading")
	}
	p.choose("photo.jpg", good(t, "jpeg/video-001.jpeg"))
	p.until(serverSays + ` === "Accepted"`)
	require.Equal(t, "Checking…", p.now().Browser["verdict"])
	close(g.wasm)
	v := p.settled("photo.jpg")
	require.Equal(t, "Accepted", v.Browser["verdict"])
	require.NotEmpty(t, v.Browser["load"], "told apart from the check's own time")
	require.NotEmpty(t, v.Browser["time"])
	p.until(`document.getElementById("loading").hidden`)
}

// TestPageStopsSending: an upload under way is stopped when the check comes and refuses.
func TestPageStopsSending(t *testing.T) {
	needChromium(t)
	g := gates{make(chan struct{}), make(chan struct{})}
	defer close(g.answer)
	p := openPage(t, gated(t, g))
	p.choose("cut.jpg", good(t, "jpeg/video-001.jpeg")[:2000])
	p.until(serverSays + ` !== "Not sent"`)
	require.Equal(t, "Sending to the server…", p.now().Headline)
	close(g.wasm)
	v := p.settled("cut.jpg")
	require.Equal(t, "Not sent: file corrupted", v.Headline)
	require.Equal(t, "Refused", v.Browser["verdict"])
	require.Equal(t, "Stopped", v.Server["verdict"])
	require.Equal(t, "Send it anyway", v.Send)
}

// TestPageMany: of several files, and of those in a folder, each gets a row, and none is sent.
func TestPageMany(t *testing.T) {
	needChromium(t)
	p := openPage(t, startServe(t, "--face=false", "--token", "mine")) // which the server would refuse
	photo := good(t, "jpeg/video-001.jpeg")
	folder := filepath.Join(p.dir, "holiday")
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "more"), 0o700))
	for name, data := range map[string][]byte{"a.jpg": photo, "more/cut.jpg": photo[:2000], "empty.png": nil} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
	}
	drag := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{folder}, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DragEnter, input.DragOver, input.Drop} {
		p.do(input.DispatchDragEvent(kind, 100, 300, drag))
	}
	p.until(`document.getElementById("many").dataset.state !== "idle"`)
	var rows []string
	p.do(chromedp.Evaluate(`[...document.getElementById("many-rows").rows].map((r) =>
		r.querySelector("button").textContent + ": " + r.querySelector(".call").textContent).sort()`, &rows))
	require.Equal(t, []string{"a.jpg: Accepted", "cut.jpg: 5, file corrupted", "empty.png: 6, empty input image"}, rows)
	var line string
	p.do(chromedp.Text("#many-headline", &line))
	require.Equal(t, "1 of 3 accepted", line)
	if dir := os.Getenv("IMGVET_SHOTS"); dir != "" {
		p.shoot(dir, "many")
	}
	p.do(chromedp.Evaluate(`[...document.querySelectorAll("#many-rows button")].find((b) => b.textContent === "cut.jpg").click()`, nil))
	require.Equal(t, "Not sent: file corrupted", p.settled("cut.jpg").Headline)
}

// TestPageWithoutScripts: the form is the browser's own, and the answer can be read.
func TestPageWithoutScripts(t *testing.T) {
	needChromium(t)
	p := page{t, newTab(t), t.TempDir()}
	photo := good(t, "jpeg/video-001.jpeg")
	path := filepath.Join(p.dir, "photo.jpg")
	p.do(emulation.SetScriptExecutionDisabled(true))
	address := startServe(t, "--face=false")
	for _, c := range []struct {
		data []byte
		want []string
	}{
		{photo, []string{"Accepted", "A whole JPEG picture of 150 × 103 pixels."}},
		{photo[:2000], []string{"Refused: file corrupted", "ends too early", "Fault: truncated, at byte"}},
	} {
		require.NoError(t, os.WriteFile(path, c.data, 0o600))
		p.do(chromedp.Navigate(address), chromedp.WaitReady("#file", chromedp.ByID))
		if dir := os.Getenv("IMGVET_SHOTS"); dir != "" {
			p.shoot(dir, "without-scripts")
		}
		var answer string
		p.do(chromedp.SetUploadFiles("#file", []string{path}, chromedp.ByID), chromedp.Click("#form noscript button, #form button", chromedp.ByQuery),
			chromedp.WaitVisible(".answer", chromedp.ByQuery), chromedp.Text(".answer", &answer, chromedp.ByQuery))
		for _, part := range c.want {
			require.Contains(t, answer, part)
		}
		if dir := os.Getenv("IMGVET_SHOTS"); dir != "" {
			p.shoot(dir, "answer-"+strings.Fields(c.want[0])[0])
		}
	}
}
