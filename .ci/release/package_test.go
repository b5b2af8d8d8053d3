package main

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// nfpm builds packages. It is the library that goreleaser builds them with, in its version.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2"

// requirePackages builds the packages of .goreleaser.yaml from the tree of a release, installs
// the deb into an empty root and runs what it installs there.
func requirePackages(t *testing.T, tree, version string) {
	t.Helper()
	run := func(env []string, args ...string) string {
		out, err := command(t.Context(), tree, env, args[0], args[1:]...)
		require.NoError(t, err)
		return out
	}
	run(nil, filepath.Join(tree, ".ci", "extras"), filepath.Join(".cache", "extras"))
	program := filepath.Join(t.TempDir(), "imgvet")
	run([]string{"CGO_ENABLED=0"}, "go", "build", "-buildvcs=true", "-o", program, "./cmd/imgvet")
	require.Contains(t, run(nil, program, "--version"), "imgvet "+version+" (go")

	config := filepath.Join(t.TempDir(), "nfpm.yaml")
	require.NoError(t, os.WriteFile(config, nfpmConfig(t, tree, program, version), 0o600))
	out := t.TempDir()
	for _, packager := range []string{"deb", "rpm"} {
		run(nil, "go", "run", nfpm, "package", "-f", config, "-p", packager, "-t", filepath.Join(out, "imgvet."+packager))
	}
	if _, err := exec.LookPath("dpkg"); err != nil || os.Getuid() != 0 {
		t.Skip("NOT TESTED: to install a deb needs dpkg, and to be root")
	}
	installed := t.TempDir()
	database := filepath.Join(installed, "var", "lib", "dpkg")
	for _, dir := range []string{"info", "updates", "triggers"} {
		require.NoError(t, os.MkdirAll(filepath.Join(database, dir), 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(database, "status"), nil, 0o600))
	deb := filepath.Join(out, "imgvet.deb")
	run(nil, "dpkg", "--root="+installed, "--install", deb)
	require.Contains(t, run(nil, "dpkg", "--root="+installed, "--status", "imgvet"), "Status: install ok installed")
	for _, name := range []string{"usr/share/man/man1/imgvet.1.gz", "usr/share/doc/imgvet/copyright", "usr/share/doc/imgvet/LICENSES.txt",
		"usr/share/bash-completion/completions/imgvet", "usr/share/zsh/vendor-completions/_imgvet", "usr/share/fish/vendor_completions.d/imgvet.fish"} {
		info, err := os.Stat(filepath.Join(installed, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o644), info.Mode())
		require.NotZero(t, info.Size())
	}
	// Nothing else is in that root: it needs no other package.
	picture, err := os.ReadFile(filepath.Join(tree, "testdata", "good", "png", "magick-rgb8.png"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(installed, "whole.png"), picture, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(installed, "cut.png"), picture[:len(picture)-5], 0o600))
	require.Contains(t, run(nil, "chroot", installed, "/usr/bin/imgvet", "--version"), "imgvet "+version+" (go")
	run(nil, "chroot", installed, "/usr/bin/imgvet", "check", "/whole.png")
	_, err = command(t.Context(), tree, nil, "chroot", installed, "/usr/bin/imgvet", "check", "/cut.png")
	require.ErrorContains(t, err, "exit status 1")
	run(nil, "dpkg", "--root="+installed, "--purge", "imgvet")
	require.NoFileExists(t, filepath.Join(installed, "usr", "bin", "imgvet"))
}

// nfpmConfig is the configuration of the packages in .goreleaser.yaml, as nfpm reads it, with what
// goreleaser adds to it: name, version, architecture and the program.
func nfpmConfig(t *testing.T, tree, program, version string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(tree, ".goreleaser.yaml"))
	require.NoError(t, err)
	var all struct {
		ProjectName string `yaml:"project_name"`
		NFPMs       []map[string]any
	}
	require.NoError(t, yaml.Unmarshal(b, &all))
	require.Len(t, all.NFPMs, 1)
	conf := maps.Clone(all.NFPMs[0])
	require.Equal(t, []any{"deb", "rpm"}, conf["formats"])
	bin := map[string]any{"src": program, "dst": path.Join(conf["bindir"].(string), all.ProjectName), "file_info": map[string]any{"mode": 0o755}}
	conf["contents"] = append(conf["contents"].([]any), bin)
	delete(conf, "formats")
	delete(conf, "bindir")
	conf["name"], conf["version"], conf["arch"] = all.ProjectName, version, runtime.GOARCH
	b, err = yaml.Marshal(conf)
	require.NoError(t, err)
	return b
}

// goreleaser is what .github/workflows/release.yml installs.
const goreleaser = "github.com/goreleaser/goreleaser/v2@v2.15.1"

// TestGoreleaser has goreleaser check its configuration. To build it takes minutes, so that this is
// done only if asked for.
func TestGoreleaser(t *testing.T) {
	args := []string{"goreleaser", "check"}
	if _, err := exec.LookPath(args[0]); err != nil {
		if os.Getenv("IMGVET_RELEASE") == "" {
			t.Skip("NOT TESTED: goreleaser is not installed; IMGVET_RELEASE=1 builds it")
		}
		args = []string{"go", "run", goreleaser, "check"}
	}
	_, err := command(t.Context(), filepath.Join("..", ".."), nil, args[0], args[1:]...)
	require.NoError(t, err)
}

// TestWorkflow: the workflow installs the tools that are tested, and runs this command for the notes.
func TestWorkflow(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", "release.yml"))
	require.NoError(t, err)
	require.Contains(t, string(b), "go install "+goreleaser+"\n")
	require.Contains(t, string(b), "go run -C .ci/release . -notes ")
	b, err = os.ReadFile(filepath.Join("..", "..", ".goreleaser.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(b), "./.ci/extras .cache/extras")
}
