//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInterrupted: after a signal the command ends soon, even where it waits for
// standard input, with whole lines, whole reports and the exit code that shells know.
func TestInterrupted(t *testing.T) {
	dir, _ := folder(t)
	reports := t.TempDir()
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		sarif := filepath.Join(reports, "a.sarif")
		cmd := process(t, "check", "--json", "--sarif", sarif, dir, "-")
		stdin, err := cmd.StdinPipe() // never written, never closed
		require.NoError(t, err)
		defer stdin.Close()
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		require.NoError(t, cmd.Start())

		lines := bufio.NewReader(stdout)
		var got []string
		for range 5 { // the folder's
			line, err := lines.ReadString('\n')
			require.NoError(t, err)
			require.True(t, json.Valid([]byte(line)), line)
			got = append(got, line)
		}
		require.NoError(t, cmd.Process.Signal(c.signal))
		rest, err := io.ReadAll(lines)
		require.NoError(t, err)
		require.Empty(t, string(rest), "no line for what was not judged")
		err = cmd.Wait()
		require.Error(t, err)
		require.Equal(t, c.code, cmd.ProcessState.ExitCode(), "%v: %s", err, stderr.String())
		require.Len(t, got, 5)
		require.Equal(t, "imgvet: "+c.signal.String()+"\n", stderr.String())

		b, err := os.ReadFile(sarif)
		require.NoError(t, err)
		log := parseSARIF(t, b)
		invocation := log["runs"].([]any)[0].(map[string]any)["invocations"].([]any)[0].(map[string]any)
		require.Equal(t, false, invocation["executionSuccessful"])
		require.EqualValues(t, c.code, invocation["exitCode"])
	}
}
