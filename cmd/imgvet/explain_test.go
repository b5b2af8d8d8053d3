package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
)

// validatesReasons reads the constants of type Reason from validate's source.
func validatesReasons(t *testing.T) []string {
	files, err := filepath.Glob("../../validate/*.go")
	require.NoError(t, err)
	var reasons []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Reason" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				reasons = append(reasons, value)
			}
			return true
		})
	}
	return reasons
}

// TestEveryReasonIsExplained holds the table equal to the reasons there are.
func TestEveryReasonIsExplained(t *testing.T) {
	want := validatesReasons(t)
	require.Greater(t, len(want), 20)
	var got []string
	for _, r := range explainedReasons() {
		got = append(got, string(r.reason))
		require.NotEmpty(t, r.short)
		require.NotEmpty(t, r.meaning)
		require.NotEmpty(t, r.advice())
		require.NotEmpty(t, r.code.Message())
	}
	require.ElementsMatch(t, want, got)
}

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
	for _, name := range explainable() {
		require.Contains(t, out, "  "+name+" ", name)
	}
	out, _, _ = imgvet("", "__complete", "explain", "")
	require.Contains(t, out, "truncated\n", "a shell can complete it")
}

// TestExplainedExamples runs the examples that need no server.
func TestExplainedExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are for sh")
	}
	s := newSession(t)
	require.NoError(t, os.Rename(filepath.Join(s.dir, "photo.png"), filepath.Join(s.dir, "landscape.jpg")))
	run := 0
	for _, c := range explainedCodes() {
		require.NotEmpty(t, c.example)
		if !strings.Contains(c.example, "imgvet check") {
			continue
		}
		run++
		cmd := s.command(t.Context(), c.example)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		require.Equal(t, cli.ExitRefused, cmd.ProcessState.ExitCode(), "%s", out)
		require.Contains(t, string(out), fmt.Sprintf("code %d ", c.code), c.example)
	}
	require.Equal(t, 4, run)
}
