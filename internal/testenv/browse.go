package testenv

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Browse opens a page of the test's own server in a headless Chromium, which is the program at
// the given path, and returns what the page reports. The test fails if it does not within limit.
func Browse(t testing.TB, chromium, url string, reports <-chan string, limit time.Duration, flags ...string) string {
	t.Helper()
	profile, err := os.MkdirTemp("", "imgvet-chromium")
	if err != nil {
		t.Fatal(err)
	}
	// Its children may still write there when the test has ended: the system cleans up what
	// cannot be removed then.
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	// No sandbox: root cannot have one, and the page is ours.
	flags = append([]string{"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--user-data-dir=" + profile, "--remote-debugging-port=0"}, flags...)
	browser := exec.CommandContext(ctx, chromium, append(flags, url)...)
	// If asked to close, it ends its own processes, which write to the profile.
	browser.Cancel = func() error { return browser.Process.Signal(syscall.SIGTERM) }
	browser.WaitDelay = 10 * time.Second
	if err := browser.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		_ = browser.Wait()
	}()
	select {
	case report := <-reports:
		return report
	case <-ctx.Done():
		t.Fatal("the page did not report")
		return ""
	}
}
