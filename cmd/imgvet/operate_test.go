package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/root"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/internal/cli"
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

// TestOperateFlood: fifty uploads find no room. The metrics count each with its reason; the log
// has a few lines, and says how many it left out; each line names its request.
func TestOperateFlood(t *testing.T) {
	const uploads = 50
	service := clitest.NewUpstream(t)
	stdout, stdoutWriter := io.Pipe()
	log := &clitest.Log{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"proxy", "--upstream", service.URL, "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json",
			"--memory-threshold", "1KiB", "--max-temp-bytes", "1"}, nil, stdoutWriter, log)
	}()
	lines := bufio.NewReader(stdout)
	var address, admin string
	_, err := fmt.Fscanf(lines, "imgvet: listening on %s for "+service.URL+"\n", &address)
	require.NoError(t, err)
	_, err = fmt.Fscanf(lines, "imgvet: health and metrics on %s\n", &admin)
	require.NoError(t, err)
	jpeg, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	ids := map[string]bool{}
	for range uploads {
		res, body := clitest.Upload(t, address, "", "a.jpg", jpeg)
		require.Equal(t, http.StatusServiceUnavailable, res.StatusCode, body)
		ids[res.Header.Get("X-Request-Id")] = true
	}
	require.Len(t, ids, uploads)
	res, err := http.Get(admin + "/metrics")
	require.NoError(t, err)
	metrics, err := io.ReadAll(res.Body)
	res.Body.Close()
	require.NoError(t, err)
	require.Contains(t, string(metrics), fmt.Sprintf(`code="-1",reason="temp_bytes",status="503"} %d`, uploads))
	cancel()
	require.Equal(t, cli.ExitOK, <-ended)

	written, counted := map[string]int{}, map[string]int{}
	for text := range strings.Lines(log.String()) {
		var line struct {
			Msg, Of, Reason string
			Status          int
			ID              string `json:"request_id"`
			LeftOut         int    `json:"left_out"`
		}
		require.NoError(t, json.Unmarshal([]byte(text), &line), text)
		if line.Status != http.StatusServiceUnavailable {
			continue
		}
		if line.Of != "" {
			counted[line.Of] += line.LeftOut
			continue
		}
		require.True(t, ids[line.ID], text)
		require.True(t, line.Msg == "request" || line.Reason == "temp_bytes", text)
		written[line.Msg]++
		counted[line.Msg] += 1 + line.LeftOut
	}
	require.Equal(t, map[string]int{"request": uploads, "upload failed": uploads}, counted, "every one is written or counted")
	require.Less(t, written["request"], uploads)
}
