package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
)

// inEmptyRoot mounts a root with nothing in it but the program and a tmpfs, read-only otherwise,
// and runs the program there as a user who owns nothing, as the Dockerfile says.
const inEmptyRoot = `set -e
mount -t tmpfs none "$1"
cp "$2" "$1/imgvet"
mkdir -m 1777 "$1/tmp"
mount -t tmpfs -o mode=1777 none "$1/tmp"
mount -o remount,ro "$1"
root=$1
shift 2
exec chroot --userspec=65532:65532 "$root" /imgvet "$@"`

// TestEmptyRoot: the static program serves from an empty root that is read-only but for a
// tmpfs, as a user who owns nothing; its own health check finds it.
func TestEmptyRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: an empty root needs root (unshare, mount, chroot)")
	}
	if out, err := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: no mounts are allowed here: %s", out)
	}
	program := filepath.Join(t.TempDir(), "imgvet")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=") // whatever the tests are built with
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	root := t.TempDir()
	addr, admin := freeAddress(t), freeAddress(t)
	var log clitest.Log // which may be read while it is written
	// All of a large body goes to the temporary directory, which is the tmpfs.
	cmd := exec.Command("unshare", "--mount", "sh", "-c", inEmptyRoot, "sh", root, program, "serve", "--face=false", "--memory-threshold", "1MiB")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "IMGVET_ADDR=" + addr, "IMGVET_ADMIN=" + admin}
	cmd.Stderr = &log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		health := exec.Command(program, "health")
		health.Env = []string{"IMGVET_ADMIN=" + admin}
		return health.Run() == nil
	}, time.Minute, 50*time.Millisecond)

	process := filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid))
	require.ErrorIs(t, os.WriteFile(filepath.Join(process, "root", "new"), nil, 0o600), syscall.EROFS, "not even for root")
	status, err := os.ReadFile(filepath.Join(process, "status"))
	require.NoError(t, err)
	require.Contains(t, string(status), "Uid:\t65532\t65532\t65532\t65532")
	jpeg, err := os.ReadFile("../../testdata/good/jpeg/video-001.jpeg")
	require.NoError(t, err)
	url := "http://" + addr
	large := append(bytes.Clone(jpeg), make([]byte, 3<<20)...)
	for _, file := range [][]byte{jpeg, large} {
		res, body := clitest.Upload(t, url, "", "a.jpg", file)
		require.Equal(t, http.StatusOK, res.StatusCode, body+log.String())
	}
	res, body := clitest.Upload(t, url, "", "a.jpg", jpeg[:len(jpeg)-2])
	require.Equal(t, http.StatusUnprocessableEntity, res.StatusCode)
	require.Equal(t, `{"error":{"code":5,"message":"file corrupted"}}`, body)
}

// freeAddress returns an address on which nobody listens.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
