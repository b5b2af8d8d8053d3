package clients_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"

	"github.com/stretchr/testify/require"
)

func TestCurl(t *testing.T) {
	testenv.OnlyLong(t, "some 150 processes", "IMGVET_CLIENTS")
	need(t, "curl", "Debian: curl")
	need(t, "bash", "Debian: bash")
	d := newDesk(t)
	d.each(t, nil, "bash", "scripts/curl.sh")
	d.finish(t, 51)
}

func TestNode(t *testing.T) {
	needNode(t)
	d := newDesk(t)
	d.each(t, nil, "node", "scripts/node.mjs")
	d.finish(t, 6)
}

// needNode skips the test without Node 20, the first with a File of its own.
func needNode(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("node", "-p", "parseInt(process.versions.node) >= 20").Output(); err != nil || string(out) != "true\n" {
		t.Skip("Node 20 or later is not installed: its forms are not tested")
	}
}

// TestNodePackages has undici, form-data and axios too.
func TestNodePackages(t *testing.T) {
	d := newDesk(t)
	dir := installed(t)
	d.each(t, []string{"NODE_CLIENTS=1"}, "node", filepath.Join(dir, "node.mjs"))
	d.finish(t, 22)
}

// installed returns a folder with the packages of package.json and the script.
func installed(t *testing.T) string {
	t.Helper()
	if os.Getenv("IMGVET_CLIENTS") == "" {
		t.Skip("IMGVET_CLIENTS is not set: the clients of npm and browsers are not tested")
	}
	needNode(t)
	need(t, "npm", "Debian: npm")
	dir := t.TempDir()
	for from, to := range map[string]string{"package.json": "package.json", "scripts/node.mjs": "node.mjs"} {
		b, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), b, 0o600))
	}
	install := exec.Command("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm install failed: the clients of npm are not tested: %v\n%s", err, out)
	}
	return dir
}

// TestPython takes Debian's Python, which has Debian's packages, before another.
func TestPython(t *testing.T) {
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		python = "python3"
	}
	need(t, python, "Debian: python3 python3-requests python3-httpx python3-aiohttp")
	for module, install := range map[string]string{"requests": "python3-requests", "urllib3": "python3-urllib3", "httpx": "python3-httpx", "aiohttp": "python3-aiohttp"} {
		if exec.Command(python, "-c", "import "+module).Run() != nil {
			t.Skipf("%s is not installed (Debian: %s): Python's clients are not tested", module, install)
		}
	}
	d := newDesk(t)
	d.each(t, nil, python, "scripts/python.py")
	d.finish(t, 3+9+4+5+6)
}

func TestPHP(t *testing.T) {
	need(t, "php", "Debian: php-cli php-curl")
	if exec.Command("php", "-r", "exit(function_exists('curl_init') ? 0 : 1);").Run() != nil {
		t.Skip("php-curl is not installed (Debian: php-curl): PHP's forms are not tested")
	}
	d := newDesk(t)
	d.each(t, nil, "php", "scripts/php.php")
	d.finish(t, 7)
}

func TestRuby(t *testing.T) {
	need(t, "ruby", "Debian: ruby")
	d := newDesk(t)
	d.each(t, nil, "ruby", "scripts/ruby.rb")
	d.finish(t, 8)
}

func TestJava(t *testing.T) {
	testenv.OnlyLong(t, "Java takes seconds to compile", "IMGVET_CLIENTS")
	need(t, "javac", "Debian: default-jdk-headless")
	d := newDesk(t)
	d.each(t, nil, "java", "scripts/Java.java")
	d.finish(t, 7)
}

// TestGo has mime/multipart's writer, and headers by mime.FormatMediaType, which
// writes parameters in the order of the alphabet.
func TestGo(t *testing.T) {
	d := newDesk(t)
	picture, err := os.ReadFile(d.png)
	require.NoError(t, err)
	names := []string{"a.png", "größe 图.png", `a"b;c=d.png`, "a'b.png", "100%.png", "a b.png"}
	for _, door := range doors {
		for _, name := range names {
			for _, kind := range []string{"CreateFormFile", "FormatMediaType"} {
				var body bytes.Buffer
				w := multipart.NewWriter(&body)
				require.NoError(t, w.WriteField("note", "größe"))
				var part io.Writer
				if kind == "CreateFormFile" {
					part, err = w.CreateFormFile("image", name)
				} else {
					disposition := mime.FormatMediaType("form-data", map[string]string{"name": "image", "filename": name})
					part, err = w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {"image/png"}})
				}
				require.NoError(t, err)
				_, err = part.Write(picture)
				require.NoError(t, err)
				require.NoError(t, w.Close())
				post(t, d, door.path, "Go "+kind+" "+name, w.FormDataContentType(), body.Bytes())
			}
		}
	}
	d.finish(t, 2*len(names))
}

// post sends a body that holds one file.
func post(t *testing.T, d *desk, path, form, kind string, body []byte) {
	t.Helper()
	to := d.URL + path + "?" + url.Values{"form": {form}, "files": {"1"}}.Encode()
	resp, err := http.Post(to, kind, bytes.NewReader(body))
	require.NoError(t, err)
	resp.Body.Close()
}
