package middleware_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// chromiumPage uploads a picture of 40 MiB and a good one, and reports fetch's result for each.
const chromiumPage = `<!doctype html><script>
const png = Uint8Array.from(atob("%s"), c => c.charCodeAt(0));
async function upload(body) {
	try {
		const r = await fetch("/upload", {method: "POST", headers: {"Content-Type": "image/png"}, body});
		return r.status + " " + await r.text();
	} catch (e) {
		return String(e);
	}
}
(async () => {
	const form = new FormData(), huge = new Blob([png, new Uint8Array(40 << 20)], {type: "image/png"});
	form.append("image", huge, "huge.png");
	const answers = [await upload(huge), await upload(new Blob([png]))];
	const r = await fetch("/upload", {method: "POST", body: form}).catch(e => e);
	answers.push(r instanceof Error ? String(r) : r.status + " " + await r.text());
	await fetch("/report", {method: "POST", body: answers.join("\n")});
})();
</script>`

// TestChromiumSeesTheAnswer: a browser's fetch reads the 413 of a 40 MiB upload,
// as a body and as a form, instead of failing with a TypeError.
func TestChromiumSeesTheAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	const refused = "413 " + `{"error":{"code":3,"message":"file must be less than 10mb"}}`
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprintf("HTTP/%d", version), func(t *testing.T) {
			reports := make(chan string, 1)
			mux := http.NewServeMux()
			mux.Handle("POST /upload", newMiddleware(t, middleware.Options{}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "good over HTTP/%d", r.ProtoMajor)
			})))
			mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprintf(w, chromiumPage, base64.StdEncoding.EncodeToString(goodPNG(t)))
			})
			mux.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err == nil {
					reports <- string(b)
				}
			})
			srv := httptest.NewUnstartedServer(mux)
			if version == 2 {
				srv.EnableHTTP2 = true
				srv.StartTLS()
			} else {
				srv.Start()
			}
			defer srv.Close()

			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			// No sandbox: root cannot have one, and the page is ours.
			browser := exec.CommandContext(ctx, chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
				"--ignore-certificate-errors", "--no-first-run", "--user-data-dir="+profile(t), "--remote-debugging-port=0", srv.URL)
			// If asked to close, it ends its own processes, which write to the test's folder.
			browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
			browser.WaitDelay = 10 * time.Second
			require.NoError(t, browser.Start())
			defer func() {
				cancel()
				_ = browser.Wait()
			}()
			select {
			case got := <-reports:
				want := []string{refused, fmt.Sprintf("200 good over HTTP/%d", version), refused}
				require.Equal(t, want, strings.Split(got, "\n"))
			case <-ctx.Done():
				t.Fatal("the page did not report")
			}
		})
	}
}

// profile returns a folder for Chromium, whose children may still write there when the test has
// ended. The system cleans up what cannot be removed then.
func profile(t *testing.T) string {
	dir, err := os.MkdirTemp("", "imgvet-chromium")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
