package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/imgvet/imgvet/internal/cli"
)

// readYAML reads a file of the repository into what to points to.
func readYAML(t *testing.T, name string, to any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(b, to), name)
}

// TestPreCommitHook runs the entry point as pre-commit does: with the names of files behind it.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct{ ID, Name, Entry, Language string }
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	require.Len(t, hooks, 1)
	require.Equal(t, "golang", hooks[0].Language)
	entry := strings.Fields(hooks[0].Entry)
	require.Equal(t, "imgvet", entry[0])
	dir, png := folder(t)
	misnamed := filepath.Join(t.TempDir(), "a.jpg")
	require.NoError(t, os.WriteFile(misnamed, png, 0o600))
	for file, want := range map[string]int{filepath.Join(dir, "a.png"): cli.ExitOK, filepath.Join(dir, "b-cut.png"): cli.ExitRefused, misnamed: cli.ExitRefused} {
		out, errs, code := imgvet("", append(slices.Clone(entry[1:]), file)...)
		require.Equal(t, want, code, file+out+errs)
	}
}

// TestAction runs the step of the GitHub action that checks, with its inputs as defaults say and
// as a user writes them.
func TestAction(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the action's shell is bash")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIPPED: no bash")
	}
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	readYAML(t, "action.yml", &action)
	script := ""
	for _, step := range action.Runs.Steps {
		if strings.Contains(step.Run, "imgvet\" check") {
			script = step.Run
			for name := range step.Env {
				require.Contains(t, action.Inputs, strings.ToLower(name))
			}
		}
	}
	require.NotEmpty(t, script)
	bin := t.TempDir()
	self, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(bin, "imgvet"), []byte("#!/bin/sh\n"+asCommand+"=1 exec '"+self+"' \"$@\"\n"), 0o700))
	dir, _ := folder(t)
	for _, inputs := range []map[string]string{{}, {"paths": "*.png sub", "args": "--strict --max-pixels 1000000"}} {
		cmd := exec.CommandContext(t.Context(), bash, "-e", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "RUNNER_TEMP="+bin)
		for name, input := range action.Inputs {
			value, given := inputs[name]
			if !given {
				value = input.Default
			}
			cmd.Env = append(cmd.Env, strings.ToUpper(name)+"="+value)
		}
		out, err := cmd.CombinedOutput()
		require.Error(t, err, "a picture there is cut")
		require.Contains(t, string(out), "b-cut.png")
		sarif, err := os.ReadFile(filepath.Join(dir, action.Inputs["sarif"].Default))
		require.NoError(t, err)
		require.True(t, json.Valid(sarif))
		require.NoError(t, os.Remove(filepath.Join(dir, action.Inputs["sarif"].Default)))
	}
}

// TestDependabot: every Go module is watched.
func TestDependabot(t *testing.T) {
	var conf struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	readYAML(t, ".github/dependabot.yml", &conf)
	var modules []string
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == ".cache") {
			return filepath.SkipDir
		}
		if err == nil && d.Name() == "go.mod" {
			rel, err := filepath.Rel(root, filepath.Dir(path))
			require.NoError(t, err)
			modules = append(modules, filepath.ToSlash(filepath.Join("/", rel)))
		}
		return err
	}))
	for _, u := range conf.Updates {
		if u.Ecosystem == "gomod" {
			require.ElementsMatch(t, modules, u.Directories)
			return
		}
	}
	t.Fatal("no Go modules are watched")
}

// TestWorkflows: what is there for GitHub is YAML, and calls what CI is.
func TestWorkflows(t *testing.T) {
	for _, name := range []string{".github/workflows/ci.yml", ".github/workflows/release.yml", ".github/ISSUE_TEMPLATE/wrong-verdict.yml"} {
		var any map[string]any
		readYAML(t, name, &any)
		require.NotEmpty(t, any["name"])
	}
	b, err := os.ReadFile(filepath.Join("..", "..", ".github/workflows/ci.yml"))
	require.NoError(t, err)
	require.Contains(t, string(b), "run: ./.ci/run\n")
}
