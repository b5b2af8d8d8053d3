package browser

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// judged is what an app says if all is well; see npm/judge.js.
const judged = "png 40 true, truncated"

// project is the folder of an app that has imgvet as "npm pack" makes it.
type project struct {
	t   *testing.T
	dir string
}

// newProject returns a project of npm/'s files with all that they need. Set to a folder
// instead of 1, IMGVET_NPM keeps what is installed there.
func newProject(t *testing.T) project {
	testenv.OnlyLong(t, "installs bundlers from npm", "IMGVET_NPM")
	needChromium(t)
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("SKIPPED: npm is not installed: no bundler was tried")
	}
	p := project{t, os.Getenv("IMGVET_NPM")}
	if !filepath.IsAbs(p.dir) {
		p.dir = t.TempDir()
	}
	for _, old := range []string{"dist", "out", ".next", "app", "node_modules/.vite"} {
		require.NoError(t, os.RemoveAll(p.path(old)))
	}
	files, err := filepath.Glob("npm/*.*")
	require.NoError(t, err)
	for _, name := range files {
		p.copy(name, filepath.Base(name))
	}
	require.NoError(t, os.CopyFS(p.path("app"), os.DirFS("npm/app")))

	pack := exec.Command("npm", "pack", "--pack-destination", p.dir)
	pack.Dir = filepath.Join(root, "web")
	out, err := pack.CombinedOutput()
	require.NoError(t, err, "%s", out)
	install := p.command("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--loglevel=error", "./imgvet-0.0.0.tgz")
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: npm install failed, no bundler was tried: %v\n%s", err, out)
	}
	return p
}

func (p project) in(t *testing.T) project { return project{t, p.dir} }

func (p project) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// copy copies a file to a name in the project.
func (p project) copy(from, to string) {
	p.t.Helper()
	b, err := os.ReadFile(from)
	require.NoError(p.t, err)
	p.write(to, string(b))
}

func (p project) write(name, text string) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(p.path(name)), 0o755))
	require.NoError(p.t, os.WriteFile(p.path(name), []byte(text), 0o600))
}

func (p project) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.t.Context(), name, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "NEXT_TELEMETRY_DISABLED=1", "CI=1")
	return cmd
}

// run runs a program of the installed packages, and returns what it prints.
func (p project) run(args ...string) string {
	p.t.Helper()
	out, err := p.command("npx", append([]string{"--no-install"}, args...)...).CombinedOutput()
	require.NoError(p.t, err, "%s\n%s", args, out)
	return string(out)
}

// start starts a server among the installed packages, and returns the address that it prints.
func (p project) start(args ...string) string {
	p.t.Helper()
	cmd := p.command("npx", append([]string{"--no-install"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npx starts it in a process of its own
	out, err := cmd.StdoutPipe()
	require.NoError(p.t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(p.t, cmd.Start())
	p.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
	})
	var all []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(lines.Text(), "")
		all = append(all, line)
		if at := regexp.MustCompile(`http://(localhost|127\.0\.0\.1):\d+`).FindString(line); at != "" {
			go func() {
				for lines.Scan() { // so that it can print on
				}
			}()
			return at
		}
	}
	require.Fail(p.t, "it has not said where it listens", strings.Join(all, "\n"))
	return ""
}

// serve serves a folder of the project, and returns its address.
func (p project) serve(folder string, headers ...string) string {
	files := http.FileServer(http.Dir(p.path(folder)))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		files.ServeHTTP(w, r)
	}))
	p.t.Cleanup(srv.Close)
	return srv.URL
}

// said opens a page in the browser, and returns what its app says.
func (p project) said(address string) string {
	p.t.Helper()
	ctx := newTab(p.t)
	var said string
	err := chromedp.Run(ctx, chromedp.Navigate(address), chromedp.Poll("window.said", &said,
		chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience/2)))
	require.NoError(p.t, err, "the app has said nothing")
	return said
}

// page writes a page with a script to a folder.
func (p project) page(folder, script string) {
	p.write(folder+"/index.html", "<!doctype html><title>imgvet</title>"+script)
}

// TestNPM: the package works as it comes from npm, in each bundler with nothing configured.
func TestNPM(t *testing.T) {
	p := newProject(t)
	for name, test := range map[string]func(project){
		"vite dev": func(p project) {
			require.Equal(p.t, judged, p.said(p.start("vite", "--host", "127.0.0.1", "--port", "0")))
		},
		"vite build": func(p project) {
			p.run("vite", "build", "--outDir", "out/vite")
			require.Equal(p.t, judged, p.said(p.serve("out/vite")))
			p.page(".", `<script type="module" src="./inline.js"></script>`)
			defer p.copy("npm/index.html", "index.html")
			p.run("vite", "build", "--outDir", "out/vite-inline")
			require.Equal(p.t, judged, p.said(p.serve("out/vite-inline")))
		},
		"webpack": func(p project) {
			p.run("webpack", "build", "--mode", "production", "--entry", "./app.js", "-o", "out/webpack")
			p.page("out/webpack", `<script defer src="main.js"></script>`)
			require.Equal(p.t, judged, p.said(p.serve("out/webpack")))
		},
		"next, turbopack": func(p project) { p.next("--turbopack") },
		"next, webpack":   func(p project) { p.next("--webpack") },
		"esbuild, the files beside the bundle": func(p project) {
			p.run("esbuild", "app.js", "--bundle", "--format=esm", "--outfile=out/esbuild/app.js")
			p.page("out/esbuild", `<script type="module" src="app.js"></script>`)
			said := p.said(p.serve("out/esbuild"))
			require.Regexp(p.t, `^ImgvetFailure: .*worker\.js .*/worker\.js.*imgvet\.load\(\{ worker, wasm \}\).*imgvet/inline`, said)
			p.copy(p.path("node_modules/imgvet/dist/worker.js"), "out/esbuild/worker.js")
			said = p.said(p.serve("out/esbuild"))
			require.Regexp(p.t, `^ImgvetFailure: .*imgvet\.wasm: HTTP status 404.*imgvet\.load\(\{ worker, wasm \}\)`, said)
			p.copy(p.path("node_modules/imgvet/dist/imgvet.wasm"), "out/esbuild/imgvet.wasm")
			require.Equal(p.t, judged, p.said(p.serve("out/esbuild")))
		},
		"esbuild, no module, the files elsewhere": func(p project) {
			p.run("esbuild", "placed.js", "--bundle", "--outfile=out/placed/app.js")
			p.page("out/placed", `<script src="app.js"></script>`)
			require.Regexp(p.t, `^ImgvetFailure: .*worker\.js .*/files/worker\.js`, p.said(p.serve("out/placed")))
			for _, name := range []string{"worker.js", "imgvet.wasm"} {
				p.copy(p.path("node_modules/imgvet/dist/"+name), "out/placed/files/"+name)
			}
			require.Equal(p.t, judged, p.said(p.serve("out/placed")))
			p.run("esbuild", "app.js", "--bundle", "--outfile=out/placed/app.js")
			require.Regexp(p.t, `^ImgvetFailure: .*imgvet\.wasm has no address.*imgvet\.load`, p.said(p.serve("out/placed")))
		},
		"esbuild, inline": func(p project) {
			p.run("esbuild", "inline.js", "--bundle", "--outfile=out/inline/app.js")
			p.page("out/inline", `<script src="app.js"></script>`)
			policy := "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:"
			require.Equal(p.t, judged, p.said(p.serve("out/inline", "Content-Security-Policy", policy)))
			forbidden := strings.ReplaceAll(policy, "blob:", "'self'")
			require.Regexp(p.t, `^ImgvetFailure: .*worker\.js could not be loaded`, p.said(p.serve("out/inline", "Content-Security-Policy", forbidden)))
		},
		"inline in webpack": func(p project) {
			p.run("webpack", "build", "--mode", "production", "--entry", "./inline.js", "-o", "out/webpack-inline")
			p.page("out/webpack-inline", `<script defer src="main.js"></script>`)
			require.Equal(p.t, judged, p.said(p.serve("out/webpack-inline")))
		},
		"from another origin": func(p project) {
			cdn := p.serve("node_modules/imgvet", "Access-Control-Allow-Origin", "*")
			p.copy(p.path("judge.js"), "out/cdn/judge.js")
			p.page("out/cdn", `<script type="module">
				import { validate } from "`+cdn+`/dist/index.js";
				import { tell } from "./judge.js";
				tell(validate);
			</script>`)
			at, err := url.Parse(p.serve("out/cdn"))
			require.NoError(p.t, err)
			require.Equal(p.t, judged, p.said("http://localhost:"+at.Port()))
		},
		"react, uppy, filepond": func(p project) { p.adapters() },
		"publint and arethetypeswrong": func(p project) {
			require.Contains(p.t, p.run("publint", "--strict", "node_modules/imgvet"), "All good!")
			// Modules alone, as every browser has them; the two files are no modules to import.
			p.run("attw", "imgvet-0.0.0.tgz", "--profile", "esm-only", "--exclude-entrypoints", "worker.js", "imgvet.wasm")
		},
	} {
		t.Run(name, func(t *testing.T) { test(p.in(t)) })
	}
}

// next builds the app of Next with one of its bundlers, and runs it.
func (p project) next(bundler string) {
	require.NoError(p.t, os.RemoveAll(p.path(".next")))
	p.run("next", "build", bundler)
	require.Equal(p.t, judged, p.said(p.start("next", "start", "--hostname", "127.0.0.1", "--port", "0")))
}

// adapters has React, Uppy and FilePond judge a whole picture and a broken one.
func (p project) adapters() {
	p.run("esbuild", "adapters.jsx", "--bundle", "--format=esm", "--jsx=automatic", "--outfile=out/adapters/app.js")
	for _, name := range []string{"worker.js", "imgvet.wasm"} {
		p.copy(p.path("node_modules/imgvet/dist/"+name), "out/adapters/"+name)
	}
	p.page("out/adapters", `<body><script type="module" src="app.js"></script>`)
	said := p.said(p.serve("out/adapters"))
	var got struct{ React, Uppy, FilePond []string }
	require.NoError(p.t, json.Unmarshal([]byte(said), &got), said)
	require.Equal(p.t, []string{
		"idle", "whole.png checking", "whole.png accepted", "cut.png checking", "cut.png refused truncated",
		"whole.png checking", "whole.png unchecked no worker", "idle",
	}, got.React)
	advice := (&validate.Error{Code: validate.CodeCorrupted, Reason: validate.Truncated}).Advice()
	require.Equal(p.t, []string{
		"cut.png truncated", "error cut.png", "sent whole.png", "sent unchecked.png", "warning no worker", "sent undecided.png",
	}, got.Uppy)
	require.ElementsMatch(p.t, []string{"added whole.png", "sent whole.png", "Refused: " + advice}, got.FilePond)
}
