package middleware_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
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
	testenv.OnlyLong(t, "starts programs")
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

			got := testenv.Browse(t, chromium, srv.URL, reports, 2*time.Minute, "--ignore-certificate-errors")
			want := []string{refused, fmt.Sprintf("200 good over HTTP/%d", version), refused}
			require.Equal(t, want, strings.Split(got, "\n"))
		})
	}
}
