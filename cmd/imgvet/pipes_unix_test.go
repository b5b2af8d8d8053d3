//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
)

// TestPipesAndDevices: reading one might never end. In a folder they are left out; a device that
// is named is an error. A pipe that is named is read: TestNamedPipe.
func TestPipesAndDevices(t *testing.T) {
	dir, _ := folder(t)
	pipe := filepath.Join(dir, "pipe.png")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no named pipes here: ", err)
	}
	out, errs, code := imgvet("", "check", "--json", dir)
	require.Equal(t, cli.ExitRefused, code, errs)
	require.NotContains(t, out, "pipe.png")
	out, _, code = imgvet("", "check", "--json", filepath.Join(dir, "*.png"))
	require.Equal(t, cli.ExitRefused, code)
	require.NotContains(t, out, "pipe.png")

	_, errs, code = imgvet("", "check", "/dev/zero")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "not a regular file")
}

func TestUnreadableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir, _ := folder(t)
	locked := filepath.Join(dir, "sub")
	require.NoError(t, os.Chmod(locked, 0))
	defer os.Chmod(locked, 0o700)
	out, errs, code := imgvet("", "check", dir)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, locked)
	require.Contains(t, out, "a.png", "the others are checked all the same")
}
