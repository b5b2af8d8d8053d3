package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
)

// TestNoProgressInPipes: what is no terminal gets lines alone.
func TestNoProgressInPipes(t *testing.T) {
	dir, _ := folder(t)
	cmd := process(t, "check", dir)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	_, err := cmd.Output()
	require.Error(t, err)
	require.Equal(t, cli.ExitRefused, cmd.ProcessState.ExitCode())
	require.Empty(t, errs.String())
}

// TestOnTerminal runs the command on a terminal of its own.
func TestOnTerminal(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil || exec.Command(script, "--version").Run() != nil {
		t.Skip("script of util-linux is not installed: no terminal to try")
	}
	dir, _ := folder(t)
	log := filepath.Join(t.TempDir(), "log")
	cmd := exec.CommandContext(t.Context(), script, "-qefc", os.Args[0]+" check '"+dir+"'", log)
	cmd.Env = append(os.Environ(), asCommand+"=1", "TERM=xterm", "SHELL=/bin/sh")
	err = cmd.Run()
	require.Error(t, err)
	require.Equal(t, cli.ExitRefused, cmd.ProcessState.ExitCode())
	b, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Contains(t, string(b), "5 checked: 3 good (1 with a warning), 2 refused, in ")
	require.Contains(t, string(b), "a.png\r\n")
}
