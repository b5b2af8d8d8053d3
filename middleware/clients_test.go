package middleware_test

import (
	"crypto/tls"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imgvet/imgvet/internal/testenv"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// TestClientsSeeTheAnswer checks that other languages' clients read the 413 of a 40 MiB upload
// instead of reporting a reset connection.
func TestClientsSeeTheAnswer(t *testing.T) {
	testenv.OnlyLong(t, "starts programs")
	patient := middleware.Options{MaxDrainTime: time.Minute} // 2 s are too short on a busy machine
	plain := serve(t, patient, hashHandler(t))
	h2 := httptest.NewUnstartedServer(newMiddleware(t, patient).Wrap(hashHandler(t)))
	h2.EnableHTTP2 = true
	h2.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	h2.StartTLS()
	defer h2.Close()

	file := filepath.Join(t.TempDir(), "big.png")
	require.NoError(t, os.WriteFile(file, bigPNG(t, 40<<20), 0o600)) // nothing but its size is wrong

	const python = `import http.client, sys
c = http.client.HTTPConnection(sys.argv[1])
c.request("POST", "/", body=open(sys.argv[2], "rb").read(), headers={"Content-Type": "image/png"})
r = c.getresponse()
print(r.status, r.read().decode())`
	const node = `const body = require("fs").readFileSync(process.argv[2]);
fetch("http://" + process.argv[1] + "/", {method: "POST", body, headers: {"Content-Type": "image/png"}})
	.then(async r => console.log(r.status, await r.text()), e => console.log(e))`
	const answer = "413 " + `{"error":{"code":3,"message":"file must be less than 10mb"}}`
	curl := []string{"curl", "-s", "-w", " %{http_code}", "-o", "-"}
	addr := plain.Listener.Addr().String()
	for name, command := range map[string][]string{
		"python http.client":     {"python3", "-c", python, addr, file},
		"node fetch":             {"node", "-e", node, addr, file},
		"curl raw":               append(curl[:6:6], "-H", "Content-Type: image/png", "--data-binary", "@"+file, plain.URL),
		"curl raw, no Expect":    append(curl[:6:6], "-H", "Expect:", "-H", "Content-Type: image/png", "--data-binary", "@"+file, plain.URL),
		"curl form":              append(curl[:6:6], "-F", "f=@"+file, plain.URL),
		"curl form, no Expect":   append(curl[:6:6], "-H", "Expect:", "-F", "f=@"+file, plain.URL),
		"curl put, chunked":      append(curl[:6:6], "-H", "Transfer-Encoding: chunked", "-T", file, plain.URL),
		"curl raw over HTTP/2":   append(curl[:6:6], "--http2", "-k", "-H", "Content-Type: image/png", "--data-binary", "@"+file, h2.URL),
		"curl form over HTTP/2":  append(curl[:6:6], "--http2", "-k", "-F", "f=@"+file, h2.URL),
		"curl form, 1.1 and TLS": append(curl[:6:6], "--http1.1", "-k", "-H", "Expect:", "-F", "f=@"+file, h2.URL),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("%s is not installed", command[0])
			}
			out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
			got := strings.TrimSpace(string(out))
			if command[0] == "curl" { // writes the status last
				if i := strings.LastIndexByte(got, ' '); i >= 0 {
					got = got[i+1:] + " " + got[:i]
				}
			}
			require.Equal(t, answer, got, "%v", err)
		})
	}
}
