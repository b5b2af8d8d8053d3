package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNamespaces has a NATS server, an S3 server and three workers on five hosts, which are network
// namespaces on a bridge. One worker is cut off for a minute, and the NATS server is killed and
// started again. IMGVET_BULK_NETNS=1, as root.
func TestNamespaces(t *testing.T) {
	if os.Getenv("IMGVET_BULK_NETNS") == "" {
		t.Skip("makes network namespaces, as root: set IMGVET_BULK_NETNS=1")
	}
	ip := func(args ...string) {
		out, err := exec.Command("ip", args...).CombinedOutput()
		require.NoError(t, err, "ip %v: %s", args, out)
	}
	const bridge, network = "ivbr", "10.219.7."
	clean := func() {
		for i := range 5 {
			_ = exec.Command("ip", "netns", "del", fmt.Sprint("ivns", i)).Run()
		}
		_ = exec.Command("ip", "link", "del", bridge).Run()
	}
	clean()
	t.Cleanup(clean)
	ip("link", "add", bridge, "type", "bridge")
	ip("addr", "add", network+"1/24", "dev", bridge)
	ip("link", "set", bridge, "up")
	for i := range 5 {
		ns, outside, inside := fmt.Sprint("ivns", i), fmt.Sprint("ivo", i), fmt.Sprint("ivi", i)
		ip("netns", "add", ns)
		ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", ns)
		ip("link", "set", outside, "master", bridge, "up")
		ip("-n", ns, "addr", "add", fmt.Sprint(network, 10+i, "/24"), "dev", inside)
		ip("-n", ns, "link", "set", inside, "up")
		ip("-n", ns, "link", "set", "lo", "up")
	}
	log := &buffer{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%.4000s", log.String())
		}
	})
	on := func(host int, as string, args ...string) *exec.Cmd {
		cmd := exec.Command("ip", append([]string{"netns", "exec", fmt.Sprint("ivns", host), os.Args[0]}, args...)...)
		cmd.Env = append(os.Environ(), asCommand+"="+as, hookDelay+"=30ms")
		cmd.Stderr = log
		return cmd
	}
	start := func(cmd *exec.Cmd) *exec.Cmd {
		require.NoError(t, cmd.Start())
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		return cmd
	}
	const server, s3 = network + "10:4222", network + "11:9000"
	state := t.TempDir()
	nats := start(on(0, "server", server, state))
	start(on(1, "s3", s3))
	for _, addr := range []string{server, s3} {
		eventually(t, addr, func() bool {
			c, err := net.DialTimeout("tcp", addr, time.Second)
			return err == nil && c.Close() == nil
		})
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	const params = "?region=us-east-1&use_path_style=true&endpoint=http://" + s3
	dir := t.TempDir()
	want := objects(t, dir, 9000, 990, 11)
	photos := open(t, "s3://photos"+params)
	for key := range want {
		b, err := os.ReadFile(filepath.Join(dir, key))
		require.NoError(t, err)
		require.NoError(t, photos.WriteAll(t.Context(), key, b, nil))
	}
	access := []string{"--results", "s3://verdicts" + params, "--nats", "nats://" + server, "--ack-wait", "3s"}
	_, errs, code := imgvetBulk(t, "", append([]string{"plan", "--bucket", "s3://photos" + params, "--shard-keys", "50"}, access...)...)
	require.Zero(t, code, errs)
	var workers []*exec.Cmd
	for host := 2; host < 5; host++ {
		workers = append(workers, start(on(host, "command", append([]string{"work", "--drain", "--in-flight", "2"}, access...)...)))
	}
	results := "s3://verdicts" + params
	eventually(t, "some are done", func() bool { return progressOf(t, results).DoneKeys > 300 })
	ip("link", "set", "ivo2", "down")
	t.Logf("worker 0 is cut off at %d objects", progressOf(t, results).DoneKeys)
	time.Sleep(20 * time.Second)
	require.NoError(t, nats.Process.Kill())
	_ = nats.Wait()
	time.Sleep(3 * time.Second)
	start(on(0, "server", server, state))
	t.Logf("the NATS server is started again at %d", progressOf(t, results).DoneKeys)
	time.Sleep(37 * time.Second)
	ip("link", "set", "ivo2", "up")
	at := progressOf(t, results)
	t.Logf("worker 0 is back at %d of %d", at.DoneKeys, at.Keys)
	for _, w := range workers {
		require.NoError(t, w.Wait())
	}
	file := filepath.Join(t.TempDir(), "all.jsonl")
	_, errs, code = imgvetBulk(t, "", "collect", "--results", results, "--out", file)
	require.Equal(t, 1, code, errs)
	checkLines(t, file, want)
	t.Log(strings.TrimSpace(errs))
}
