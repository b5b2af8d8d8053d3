package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/root"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
)

// operatePage returns docs/operate.md.
func operatePage(t *testing.T) string {
	page, err := os.ReadFile("../../docs/operate.md")
	require.NoError(t, err)
	return string(page)
}

// TestOperateFile: the page's file of settings is one: the command starts with it, and checks
// what it says.
func TestOperateFile(t *testing.T) {
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(operatePage(t))
	require.NotNil(t, block)
	dir := t.TempDir()
	cert, key := clitest.Certificate(t, "localhost")
	files := map[string]string{"cert.pem": string(cert), "key.pem": string(key), "tokens": "secret\n"}
	text := strings.NewReplacer("/etc/imgvet/", dir+"/", "/run/secrets/imgvet-tokens", dir+"/tokens", "/var/tmp", dir,
		"127.0.0.1:9090", "127.0.0.1:0", ":8443", "127.0.0.1:0", "shutdown-delay: 5s", "shutdown-delay: 0s").Replace(block[1])
	files["imgvet.yaml"] = text
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	t.Setenv("IMGVET_CONFIG", filepath.Join(dir, "imgvet.yaml"))
	_, address, stop := startProxy(t)
	require.True(t, strings.HasPrefix(address, "https://127.0.0.1:"), address)
	stop()

	t.Setenv("IMGVET_TOKEN", "")
	_, errs, code := imgvet("", "proxy", "--max-bytes", "5MiB", "--log-format", "xml")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "IMGVET_TOKEN is empty")
}

// TestOperateNames: the page names flags, variables and metrics that exist.
func TestOperateNames(t *testing.T) {
	page := operatePage(t)
	flags := map[string]bool{}
	for _, c := range root.New(telemetry.Prometheus).Commands() {
		for _, name := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(c.UsageString(), -1) {
			flags[name[1]] = true
		}
	}
	seen := 0
	for _, m := range regexp.MustCompile("`--([a-z-]+)").FindAllStringSubmatch(page, -1) {
		require.True(t, flags[m[1]], m[0])
		seen++
	}
	require.Greater(t, seen, 20)
	for _, m := range regexp.MustCompile(`IMGVET_([A-Z_]+)`).FindAllStringSubmatch(page, -1) {
		name := strings.ToLower(strings.ReplaceAll(m[1], "_", "-"))
		require.True(t, flags[name] || m[1] == "MAXBYTES", m[0])
	}
	for _, name := range []string{
		"memory_bytes", "memory_limit_bytes", "memory_kept_bytes", "temp_bytes", "temp_limit_bytes", "verifications", "verifications_limit",
		"verifications_waiting", "clients", "files_total", "file_bytes", "wait_seconds", "verify_seconds", "check_seconds",
	} {
		require.Contains(t, page, "`imgvet_"+name+"`")
	}
}
