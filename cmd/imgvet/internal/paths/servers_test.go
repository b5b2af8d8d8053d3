package paths

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
)

// Servers that people have, each of which answers 201 where it takes a path for /api/upload, and
// anything else otherwise.
var servers = []struct{ name, program, file, text, args string }{
	{"nginx", "nginx", "nginx.conf", `daemon off; pid DIR/pid; worker_processes 1; events {}
http { access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
server { listen 127.0.0.1:PORT; location = /api/upload { return 201; } location / { return 404; } } }
`, "-p DIR -c nginx.conf -e error.log"},
	{"nginx, patterns without case", "nginx", "nginx.conf", `daemon off; pid DIR/pid; worker_processes 1; events {}
http { access_log off; client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
server { listen 127.0.0.1:PORT; location ~* ^/api/upload(\.\w+)?/*$ { return 201; } location / { return 404; } } }
`, "-p DIR -c nginx.conf -e error.log"},
	{"Werkzeug", "python3", "app.py", `
import logging
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response
from werkzeug.serving import run_simple
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
routes = Map([Rule("/api/upload", endpoint="u", strict_slashes=False)], merge_slashes=True)
@Request.application
def app(request):
    try:
        routes.bind_to_environ(request.environ).match(method="GET")
    except Exception as e:
        # A redirect to the plain spelling is followed by clients.
        to = getattr(e, "new_url", "")
        return Response(status=201 if to.endswith("/api/upload") else 404)
    return Response(status=201)
run_simple("127.0.0.1", PORT, app, threaded=True)
`, "app.py"},
	{"Node", "node", "app.js", `
const http = require("http")
http.createServer((q, s) => {
  let path = ""
  try { path = decodeURIComponent(new URL(q.url, "http://x").pathname) } catch (e) {}
  s.statusCode = path === "/api/upload" ? 201 : 404
  s.end()
}).listen(PORT, "127.0.0.1")
`, "app.js"},
	{"PHP", "php", "index.php", `<?php
$path = rawurldecode(parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH) ?? "");
http_response_code(rtrim($path, "/") === "/api/upload" ? 201 : 404);
`, "-S 127.0.0.1:PORT index.php"},
}

// TestOtherServers sends spellings, those of the table and made ones, to servers that are
// installed. What one of them takes for /api/upload is checked.
func TestOtherServers(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	s, err := Parse([]string{"/api/upload"}, "")
	require.NoError(t, err)
	paths := append([]string(nil), tricks...)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		paths = append(paths, spelt(rnd, "/api/upload"))
	}
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			address := startServer(t, server.program, server.file, server.text, server.args)
			reached := 0
			for _, path := range paths {
				if strings.ContainsAny(path, " \t\r\n") || !strings.HasPrefix(path, "/") {
					continue
				}
				if ask(t, address, path) != http.StatusCreated {
					continue
				}
				u, err := url.ParseRequestURI(path)
				if err != nil {
					continue // Go's server answers 400
				}
				reached++
				require.True(t, s.Checks(u.EscapedPath()), "%s takes %q for /api/upload", server.name, path)
			}
			require.GreaterOrEqual(t, reached, 5, "some spellings are taken")
			t.Logf("%d of %d spellings are taken for the path", reached, len(paths))
		})
	}
}

// spelt returns another spelling of a path.
func spelt(rnd *rand.Rand, path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		switch n := rnd.IntN(24); {
		case n == 0:
			fmt.Fprintf(&b, "%%%02x", c)
		case n == 1:
			fmt.Fprintf(&b, "%%%02X", c)
		case n == 2 && c != '/':
			b.WriteString(strings.ToUpper(string(c)))
		case n == 3 && rnd.IntN(3) == 0:
			fmt.Fprintf(&b, "%%25%02x", c)
		case c == '/' && n < 12:
			b.WriteString([]string{"//", "/./", "/x/../", "/../", "/%2e/", "/x/%2e%2e/", "/x/..%2f", "/;a/", "\\", "/x\\..\\"}[rnd.IntN(10)])
		default:
			b.WriteByte(c)
		}
	}
	if rnd.IntN(3) == 0 {
		b.WriteString([]string{"/", ";a=b", ".", "%20", "/.", "/x/..", "%2f", ".json", "?a", "%3f"}[rnd.IntN(10)])
	}
	if s := b.String(); strings.HasPrefix(s, "/") {
		return s
	}
	return "/" + b.String()
}

// startServer starts a program, and returns its address.
func startServer(t *testing.T, program, file, text, args string) string {
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("NOT TESTED with %s: it is not installed", program)
	}
	if strings.Contains(text, "werkzeug") && exec.CommandContext(t.Context(), path, "-c", "import werkzeug").Run() != nil {
		t.Skip("NOT TESTED with Werkzeug: it is not installed")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := ln.Addr().String()
	require.NoError(t, ln.Close())
	dir := t.TempDir()
	fill := strings.NewReplacer("DIR", dir, "PORT", address[strings.LastIndexByte(address, ':')+1:])
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(fill.Replace(text)), 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, strings.Fields(fill.Replace(args))...)
	cmd.Dir = dir
	if program == "nginx" { // it must end its workers
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = testenv.Scale(5 * time.Second)
	}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, testenv.Scale(30*time.Second), 10*time.Millisecond, "%s answers", program)
	return address
}

// ask returns the status of a request for a path as it is written, 0 if there is none.
func ask(t *testing.T, address, path string) int {
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(testenv.Scale(20*time.Second))))
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}
