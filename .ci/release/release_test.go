package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "github.com/imgvet/imgvet"

// snapshot clones this repository, with what is not committed yet, as a commit that is ready for
// the release of a version, which it returns. Another content has another version: the go command
// takes what it once saw of a version for ever.
func snapshot(t *testing.T) (dir, version string) {
	t.Helper()
	here, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	dir = filepath.Join(t.TempDir(), "clone")
	git(t, here, "clone", "-q", "--no-hardlinks", here, dir)
	git(t, dir, "config", "user.name", "release test")
	git(t, dir, "config", "user.email", "release@example.com")
	git(t, dir, "--work-tree="+here, "add", "--all")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "what is not committed yet")
	git(t, dir, "reset", "-q", "--hard")
	sum := sha256.Sum256([]byte(git(t, dir, "rev-parse", "HEAD^{tree}") + runtime.Version()))
	version = "v0.0.1-test." + hex.EncodeToString(sum[:6]) + "x" // not a number that begins with 0
	changelog := filepath.Join(dir, "CHANGELOG.md")
	b, err := os.ReadFile(changelog)
	require.NoError(t, err)
	text := strings.Replace(string(b), "## Unreleased\n", "## Unreleased\n\n## "+version[1:]+" - 2026-01-01\n", 1)
	require.NoError(t, os.WriteFile(changelog, []byte(text), 0o600))
	git(t, dir, "commit", "-q", "-a", "-m", "changelog: the release")
	return dir, version
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := command(t.Context(), dir, nil, "git", args...)
	require.NoError(t, err)
	return out
}

// imported are the packages that users import of each module that is released. A module with none
// is one of commands.
var imported = map[string][]string{
	root:                         {root + "/middleware", root + "/face", root + "/web"},
	root + "/bulk":               {root + "/bulk"},
	root + "/caddy":              {root + "/caddy"},
	root + "/observe/otel":       {root + "/observe/otel"},
	root + "/observe/prometheus": {root + "/observe/prometheus"},
}

// TestRelease has a user with an empty module cache import every module of a release and install
// the command, whose page checks in a browser.
func TestRelease(t *testing.T) {
	if os.Getenv("IMGVET_LONG") == "" || testing.Short() {
		t.Skip("SKIPPED: builds every module; IMGVET_LONG=1 runs it")
	}
	clone, version := snapshot(t)
	proxyDir := t.TempDir()
	before := git(t, clone, "rev-parse", "HEAD")
	tags, err := release(t.Context(), clone, proxyDir, version)
	require.NoError(t, err)
	require.Equal(t, version, tags[0], "the root module's tag is first")
	require.Equal(t, before, git(t, clone, "rev-parse", "HEAD"), "a release leaves the branch alone")
	require.Empty(t, git(t, clone, "status", "--porcelain"))
	modules, err := published(clone)
	require.NoError(t, err)
	require.Len(t, tags, len(modules))

	_, err = release(t.Context(), clone, proxyDir, version)
	require.ErrorContains(t, err, "already exists", "a release is made once")

	u := newUser(t, proxyDir)
	for _, m := range modules {
		t.Run(m.path, func(t *testing.T) {
			for _, pkg := range imported[m.path] {
				u.imports(t, pkg, version)
			}
			if len(imported[m.path]) == 0 {
				u.run(t, t.TempDir(), []string{"GOBIN=" + t.TempDir()}, "go", "install", m.path+"@"+version)
			}
		})
	}
	t.Run("command", func(t *testing.T) {
		bin := t.TempDir()
		u.run(t, t.TempDir(), []string{"GOBIN=" + bin}, "go", "install", root+"/cmd/imgvet@"+version)
		program := filepath.Join(bin, "imgvet")
		require.Contains(t, u.run(t, ".", nil, program, "--version"), "imgvet "+version+" (go")
		requirePage(t, program)
	})
	tree := filepath.Join(t.TempDir(), "tree")
	git(t, clone, "clone", "-q", "--branch", version, clone, tree) // not a worktree: go knows no versions there
	t.Run("tags", func(t *testing.T) { requireTags(t, u, clone, tree, version, modules) })
	t.Run("packages", func(t *testing.T) { requirePackages(t, tree, version) })
}

// requirePage has a browser check pictures on the page of a program's serve.
func requirePage(t *testing.T, program string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-run", "^TestPage$", ".")
	cmd.Dir = filepath.Join("..", "..", "web", "browser")
	cmd.Env = append(os.Environ(), "IMGVET_PROGRAM="+program)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	if strings.Contains(string(out), "--- SKIP: TestPage ") {
		t.Skip("NOT TESTED in a browser: chromium is not installed")
	}
	require.Contains(t, string(out), "--- PASS: TestPage ")
}

// requireTags has the go command make the modules from the tags of clone, as it does without a
// module proxy: their checksums are those of the release. The go.sum files in tree, which is
// checked out at the release, are complete.
func requireTags(t *testing.T, u *user, clone, tree, version string, modules []*module) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "gitconfig")
	text := "[url \"" + clone + "\"]\n\tinsteadOf = https://" + root + "\n[safe]\n\tdirectory = *\n[protocol \"file\"]\n\tallow = always\n"
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	direct := []string{"GOMODCACHE=" + t.TempDir(), "GOPROXY=direct", "GIT_CONFIG_GLOBAL=" + config, "GIT_ALLOW_PROTOCOL=file"}
	sum := regexp.MustCompile(`"(?:GoModSum|Sum)": "[^"]+"`)
	for _, m := range modules {
		args := []string{"go", "mod", "download", "-json", m.path + "@" + version}
		want := sum.FindAllString(u.run(t, clone, nil, args...), -1)
		require.Len(t, want, 2)
		require.Equal(t, want, sum.FindAllString(u.run(t, clone, direct, args...), -1), m.path)
		u.run(t, filepath.Join(tree, filepath.FromSlash(m.dir)), nil, "go", "list", "-mod=readonly", "-deps", "./...")
	}
}

// TestRefused: what cannot be released is refused before anything is made.
func TestRefused(t *testing.T) {
	dir := t.TempDir()
	try := func(version string) error {
		tags, err := release(t.Context(), dir, "", version)
		require.Empty(t, tags)
		return err
	}
	for _, bad := range []string{"", "1.2.3", "v1", "v1.2", "v1.2.3+meta"} {
		require.ErrorContains(t, try(bad), "is not a version", bad)
	}
	require.ErrorContains(t, try("v2.0.0"), "must")

	git(t, dir, "init", "-q")
	changelog := filepath.Join(dir, "CHANGELOG.md")
	require.NoError(t, os.WriteFile(changelog, []byte("# Changelog\n\n## Unreleased\n\n- New.\n"), 0o600))
	require.ErrorContains(t, try("v1.2.3"), "CHANGELOG.md says nothing")
	require.NoError(t, os.WriteFile(changelog, []byte("# Changelog\n\n## 1.2.3\n\n- New.\n"), 0o600))
	require.ErrorContains(t, try("v1.2.3"), "not committed")
}

func TestNotes(t *testing.T) {
	dir := t.TempDir()
	text := "# Changelog\n\n## Unreleased\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- One.\n\n## 1.2.30\n\n- Two.\n\n## 1.2.0 - 2026-01-01\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CHANGELOG.md"), []byte(text), 0o600))
	for version, want := range map[string]string{"v1.2.3": "### Added\n\n- One.\n", "v1.2.30": "- Two.\n"} {
		got, err := notes(dir, version)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, version := range []string{"v1.2.0", "v1.2", "v1.2.4", "Unreleased"} {
		_, err := notes(dir, version)
		require.ErrorContains(t, err, "says nothing", version)
	}
}

// TestUnpublished: no module of a release requires one that is left out.
func TestUnpublished(t *testing.T) {
	tree := filepath.Join("..", "..")
	modules, err := published(tree)
	require.NoError(t, err)
	require.Equal(t, root, modules[0].path)
	for _, dir := range unpublished {
		require.DirExists(t, filepath.Join(tree, dir))
	}
	for _, m := range modules {
		for _, r := range m.file.Require {
			isOurs := r.Mod.Path == root || strings.HasPrefix(r.Mod.Path, root+"/")
			require.Equal(t, isOurs, slices.ContainsFunc(modules, func(o *module) bool { return o.path == r.Mod.Path }), "%s requires %s", m.path, r.Mod.Path)
		}
	}
}
