package ossfuzz

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// targets are what build.sh must build.
var targets = map[string]func([]byte) int{
	"png": FuzzPNG, "jpeg": FuzzJPEG, "heic": FuzzHEIC, "bmp": FuzzBMP, "webp": FuzzWebP, "request": FuzzRequest,
}

// files returns the folder of OSS-Fuzz's files.
func files(t *testing.T) string {
	dir, err := filepath.Abs("../../../.ossfuzz")
	require.NoError(t, err)
	return dir
}

// TestBuildScript: build.sh builds each exported function of this package, and no other.
func TestBuildScript(t *testing.T) {
	var declared []string
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Fuzz") {
				declared = append(declared, f.Name.Name)
			}
		}
	}
	require.Len(t, declared, len(targets))
	script, err := os.ReadFile(filepath.Join(files(t), "build.sh"))
	require.NoError(t, err)
	var built []string
	for _, m := range regexp.MustCompile(`(?m)^compile_go_fuzzer \$package (\w+) fuzz_(\w+)$`).FindAllStringSubmatch(string(script), -1) {
		built = append(built, m[1])
		require.Equal(t, strings.ToLower(m[1]), "fuzz"+m[2])
		require.Contains(t, targets, m[2])
	}
	require.ElementsMatch(t, declared, built)
}

// TestSeeds runs build.sh with a compiler that does nothing, and each target on the seeds that it
// packs: whole, most of them are accepted, and without their end none is.
func TestSeeds(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("OSS-Fuzz builds on Linux")
	}
	for _, tool := range []string{"bash", "zip", "unzip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT TESTED: %s is not installed", tool)
		}
	}
	src, out, bin := t.TempDir(), t.TempDir(), t.TempDir()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(root, filepath.Join(src, "imgvet")))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "compile_go_fuzzer"), []byte("#!/bin/sh\ntouch \"$OUT/$3\"\n"), 0o700))
	cmd := exec.CommandContext(t.Context(), "bash", "-eu", filepath.Join(files(t), "build.sh"))
	cmd.Env = append(os.Environ(), "SRC="+src, "OUT="+out, "PATH="+bin+":"+os.Getenv("PATH"))
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, string(text))
	for name, target := range targets {
		t.Run(name, func(t *testing.T) {
			require.FileExists(t, filepath.Join(out, "fuzz_"+name))
			seeds := t.TempDir()
			text, err := exec.CommandContext(t.Context(), "unzip", "-q", filepath.Join(out, "fuzz_"+name+"_seed_corpus.zip"), "-d", seeds).CombinedOutput()
			require.NoError(t, err, string(text))
			all, err := filepath.Glob(filepath.Join(seeds, "*"))
			require.NoError(t, err)
			passed := 0
			for _, file := range all {
				b, err := os.ReadFile(file)
				require.NoError(t, err)
				passed += target(b)
				require.Zero(t, target(b[:len(b)*3/4]), filepath.Base(file))
			}
			require.Greater(t, passed, 15, fmt.Sprint(len(all)))
			require.GreaterOrEqual(t, 2*passed, len(all))
		})
	}
	require.Zero(t, FuzzRequest(bytes.Repeat([]byte("x"), 100)))
}
