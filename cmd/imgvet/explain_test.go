package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/explain"
	"github.com/imgvet/imgvet/internal/cli"
)

func TestExplain(t *testing.T) {
	for code, want := range map[string][]string{
		"0": {"unregistered token", "401", `{"error":{"code":0,"message":"unregistered token"}}`, "bad_token"},
		"1": {"fail authorization", "403"},
		"3": {"file must be less than 10mb", "413", "10,485,760"},
		"4": {"face not found", "422", "no_face"},
		"5": {"file corrupted", "422", "truncated"},
		"6": {"empty input image", "400"},

		"truncated":      {"refused", "5 (file corrupted)", "ends too early"},
		"Trailing-Data":  {"good, with a warning", "--strict"},
		"unknown_format": {"none of"},
	} {
		out, errs, exit := imgvet("", "explain", code)
		require.Equal(t, cli.ExitOK, exit, errs)
		for _, text := range want {
			require.Contains(t, out, text, code)
		}
	}
	for _, bad := range [][]string{{"2"}, {"-1"}, {"7"}, {"5x"}, {""}, {"5", "no_such_reason"}} {
		out, errs, exit := imgvet("", append([]string{"explain"}, bad...)...)
		require.Equal(t, cli.ExitUsage, exit, "%q", bad)
		require.Empty(t, out)
		require.NotEmpty(t, errs)
	}
	out, _, exit := imgvet("", "explain")
	require.Equal(t, cli.ExitOK, exit)
	names, _, _ := imgvet("", "__complete", "explain", "")
	require.Contains(t, names, "truncated\n", "a shell can complete it")
	names, _, _ = strings.Cut(names, "\n:") // how to complete
	for name := range strings.SplitSeq(names, "\n") {
		require.Contains(t, out, "  "+name+" ", name)
	}
}

// TestExplainedExamples runs the examples that need no server.
func TestExplainedExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are for sh")
	}
	s := newSession(t)
	require.NoError(t, os.Rename(filepath.Join(s.dir, "photo.png"), filepath.Join(s.dir, "landscape.jpg")))
	run := 0
	for _, c := range explain.Codes() {
		require.NotEmpty(t, c.Example)
		if !strings.Contains(c.Example, "imgvet check") {
			continue
		}
		run++
		cmd := s.command(t.Context(), c.Example)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Equal(t, cli.ExitRefused, cmd.ProcessState.ExitCode(), "%s", out)
		require.Contains(t, string(out), fmt.Sprintf("code %d ", c.Code), c.Example)
	}
	require.Equal(t, 4, run)
}
