package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestThroughput prints the processor time of a job of 1, 2 and 4 workers beside that of
// "imgvet check --json" on the files of a folder, in turns. Set IMGVET_BULK_PHOTOS=DIR to a folder
// of some thousand photographs: the 0.4 s of the commands that plan and collect and of the server
// count for little then.
func TestThroughput(t *testing.T) {
	photos := os.Getenv("IMGVET_BULK_PHOTOS")
	if photos == "" {
		t.Skip("takes minutes: set IMGVET_BULK_PHOTOS to a folder of photographs")
	}
	photos, err := filepath.Abs(photos)
	require.NoError(t, err)
	imgvet := filepath.Join(t.TempDir(), "imgvet")
	out, err := command(t, filepath.Join("..", "..", ".."), "go", "build", "-o", imgvet, "./cmd/imgvet").CombinedOutput()
	require.NoError(t, err, string(out))

	for range 3 {
		var verdicts strings.Builder
		check := command(t, ".", imgvet, "check", "--json", photos)
		check.Stdout = &verdicts
		base := used(t, check)
		files := strings.Count(verdicts.String(), "\n")
		t.Logf("imgvet check: %.2f s, %d files", base.Seconds(), files)
		for _, workers := range []int{1, 2, 4} {
			total, lines := job(t, photos, workers)
			require.Equal(t, files, lines)
			t.Logf("%d workers: %.2f s, %.3f of it", workers, total.Seconds(), total.Seconds()/base.Seconds())
		}
	}
}

// job plans, works and collects, and returns the processor time of all processes of it and the
// number of lines collected.
func job(t *testing.T, photos string, workers int) (total time.Duration, lines int) {
	results, list := "file://"+t.TempDir(), filepath.Join(t.TempDir(), "verdicts.jsonl")
	s := startServer(t)
	total += used(t, process(t, nil, "plan", "--bucket", "file://"+photos, "--results", results, "--nats", s.url()))
	fleet := make([]*exec.Cmd, workers)
	for i := range fleet {
		fleet[i] = process(t, nil, "work", "--results", results, "--nats", s.url(), "--drain")
		require.NoError(t, fleet[i].Start())
	}
	for _, cmd := range fleet {
		require.NoError(t, cmd.Wait())
		total += ofProcess(cmd)
	}
	total += used(t, process(t, nil, "collect", "--results", results, "--nats", s.url(), "--out", list))
	s.kill()
	total += ofProcess(s.cmd)
	b, err := os.ReadFile(list)
	require.NoError(t, err)
	return total, strings.Count(string(b), "\n")
}

// used runs a command, which may say with exit code 1 that files are bad.
func used(t *testing.T, cmd *exec.Cmd) time.Duration {
	if err := cmd.Run(); err != nil {
		require.Equal(t, 1, cmd.ProcessState.ExitCode(), fmt.Sprint(cmd.Args, err))
	}
	return ofProcess(cmd)
}

func ofProcess(cmd *exec.Cmd) time.Duration {
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}
