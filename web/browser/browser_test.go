package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// root is the repository.
const root = "../.."

// patience is how long a test waits for the page, on a busy machine.
const patience = 2 * time.Minute

// program builds the browser's check and then the command, which embeds it, and
// returns where the command is. IMGVET_PROGRAM names one to test in place of it.
var program = sync.OnceValues(func() (string, error) {
	if name := os.Getenv("IMGVET_PROGRAM"); name != "" {
		return name, nil
	}
	if err := run("go", "run", "./web/build"); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "imgvet-browser")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "imgvet")
	return name, run("go", "build", "-o", name, "./cmd/imgvet")
})

// bare builds the command as a fresh clone does, without the browser's check, and
// returns where it is.
func bare(t *testing.T) string {
	_, err := program() // so that dist holds what the overlay takes away
	require.NoError(t, err)
	dist, err := filepath.Abs(filepath.Join(root, "web", "dist"))
	require.NoError(t, err)
	dir := t.TempDir()
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(dist, "index.js"): ""}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	name := filepath.Join(dir, "imgvet")
	require.NoError(t, run("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", name, "./cmd/imgvet"))
	return name
}

// run runs a command in the repository.
func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, os.Stderr, os.Stderr
	return cmd.Run()
}

// TestMain ends the browser and removes what was built.
func TestMain(m *testing.M) {
	code := m.Run()
	if started.Load() {
		if ctx, err := browser(); err == nil {
			_ = chromedp.Cancel(ctx) // waits until it has ended
		}
		if name, err := program(); err == nil && os.Getenv("IMGVET_PROGRAM") == "" {
			_ = os.RemoveAll(filepath.Dir(name))
		}
	}
	os.Exit(code)
}

// chromium returns the browser's path, "" if there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// started is whether a test has needed the browser.
var started atomic.Bool

// needChromium skips the test loudly where there is no browser.
func needChromium(t *testing.T) {
	if chromium() == "" {
		t.Skip("SKIPPED: chromium is not installed, nothing was tested in a browser")
	}
	started.Store(true)
}

// browser starts a browser that looks nothing up, one for all tests.
var browser = sync.OnceValues(func() (context.Context, error) {
	ctx, _ := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium()),
		chromedp.NoSandbox, // it cannot be had as root, and the page is ours
		chromedp.DisableGPU,
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience),
	)...)
	ctx, _ = chromedp.NewContext(ctx)
	return ctx, chromedp.Run(ctx)
})

// newTab returns a tab of its own for the test.
func newTab(t *testing.T) context.Context {
	ctx, err := browser()
	require.NoError(t, err)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Run(ctx)) // the first Run's context is the tab's
	ctx, cancel = context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	return ctx
}

// startServe starts "imgvet serve" and returns its address.
func startServe(t *testing.T, flags ...string) string {
	name, err := program()
	require.NoError(t, err)
	return startProgram(t, name, flags...)
}

func startProgram(t *testing.T, name string, flags ...string) string {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, url, found := strings.Cut(strings.TrimSpace(line), "listening on ")
	require.True(t, found, line)
	return url
}
