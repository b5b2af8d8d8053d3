package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// advisory writes an advisory on a package of a module, mended in the version fixed.
func advisory(t *testing.T, db, id, module, pkg, fixed string) {
	t.Helper()
	text := fmt.Sprintf(`{"schema_version": "1.3.1", "id": %q, "modified": "2026-01-01T00:00:00Z", "affected": [{
		"package": {"name": %q, "ecosystem": "Go"},
		"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": %q}]}],
		"ecosystem_specific": {"imports": [{"path": %q}]}}]}`, id, module, fixed, pkg)
	require.NoError(t, os.WriteFile(filepath.Join(db, id+".json"), []byte(text), 0o600))
}

// TestScan has this module link what advisories of our own are about.
func TestScan(t *testing.T) {
	db := t.TempDir()
	advisory(t, db, "GO-1", "golang.org/x/vuln", "golang.org/x/vuln/scan", "99.0.0")
	advisory(t, db, "GO-2", "golang.org/x/vuln", "golang.org/x/vuln/cmd/govulncheck", "99.0.0") // required, not linked
	advisory(t, db, "GO-3", "golang.org/x/vuln", "golang.org/x/vuln/scan", "1.0.0")             // mended before
	advisory(t, db, "GO-4", "stdlib", "encoding/json", "1.99.9")

	found, err := scanModule(t.Context(), db, ".", "")
	require.NoError(t, err)
	require.Len(t, found.modules, 1)
	require.Contains(t, found.modules["GO-1"], "golang.org/x/vuln/scan of golang.org/x/vuln v")
	require.Len(t, found.stdlib, 1)

	found, err = scanModule(t.Context(), db, ".", "go1.99.9")
	require.NoError(t, err)
	require.Empty(t, found.stdlib)

	_, err = scanModule(t.Context(), filepath.Join(db, "none"), ".", "")
	require.Error(t, err)
}

// TestReleases holds the releases that SECURITY.md names against advisories.
func TestReleases(t *testing.T) {
	db := t.TempDir()
	advisory(t, db, "GO-1", "stdlib", "fmt", "1.98.5")
	root := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	write("go.mod", "module example.com/m\n\ngo 1.25.0\n")
	write("main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }\n")
	check := func(security string) (string, error) {
		write("SECURITY.md", security)
		var out bytes.Buffer
		err := checkReleases(t.Context(), &out, db, root)
		return out.String(), err
	}

	out, err := check("Build with Go 1.98.5 or 1.99.1.\n")
	require.NoError(t, err)
	require.Equal(t, "0 with Go 1.98.5\n0 with Go 1.99.1\n", out)
	_, err = check("Build with Go 1.98.4.\n")
	require.ErrorContains(t, err, "1.98.4")
	_, err = check("Build with Go.\n")
	require.Error(t, err)
}

// TestModules finds every module of the repository.
func TestModules(t *testing.T) {
	all, err := modulesBelow(filepath.Join("..", ".."))
	require.NoError(t, err)
	for _, name := range []string{".", "examples", ".ci/advisories"} {
		require.Contains(t, all, filepath.Join("..", "..", name))
	}
	_, err = modulesBelow(t.TempDir())
	require.Error(t, err)
}

// TestFetchSaysWhatFailed: what the go command prints that is no JSON is told.
func TestFetchSaysWhatFailed(t *testing.T) {
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\necho out of disk\n"), 0o755))
	t.Setenv("PATH", bin)
	_, err := fetch(t.Context(), "a.example/b@v1.0.0")
	require.ErrorContains(t, err, "invalid character 'o'")
}
