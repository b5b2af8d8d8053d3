package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/root"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
)

// run runs the command in this process, and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return root.Run(ctx, telemetry.Prometheus, args, stdin, stdout, stderr)
}

// asCommand makes the test binary be the command.
const asCommand = "IMGVET_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process returns the command as a process of its own.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}
