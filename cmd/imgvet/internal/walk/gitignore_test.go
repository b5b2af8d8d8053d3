package walk

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// git runs git in a folder, without the settings of whoever runs the tests.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "git %q: %s", args, out)
	return string(out)
}

func gitTree(t *testing.T, names ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("NOT TESTED: --gitignore, since there is no git")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	tree(t, names...)
	git(t, ".", "init", "-q")
}

// TestGitIgnore: rules of several folders, a negated one, one for folders alone, names that look
// like rules, a tracked file that a rule matches, and a repository within.
func TestGitIgnore(t *testing.T) {
	gitTree(t, "a.jpg", "a.tmp.jpg", "cache/b.jpg", "p/cache", "p/keep.tmp.jpg", "p/q/c.jpg", "p/q/d.jpg",
		":(top)x.jpg", "!y.jpg", "tracked.tmp.jpg", "inner/own.jpg", "inner/e.jpg", "inner/f.tmp.jpg")
	write := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write(".gitignore", "*.tmp.jpg\ncache/\n")
	write("p/.gitignore", "!keep.tmp.jpg\nq/d.*\n")
	git(t, ".", "add", "-f", "tracked.tmp.jpg")
	git(t, "inner", "init", "-q")
	write("inner/.gitignore", "own.jpg\n")

	want := []string{"!y.jpg", ":(top)x.jpg", "a.jpg", "inner/e.jpg", "inner/f.tmp.jpg", "p/cache", "p/keep.tmp.jpg", "p/q/c.jpg", "tracked.tmp.jpg"}
	files, failed := walked(Walker{GitIgnore: true}, ".")
	require.Empty(t, failed)
	require.Equal(t, want, files)
	files, failed = walked(Walker{GitIgnore: true}, "p", "a.tmp.jpg", "inner")
	require.Empty(t, failed)
	require.Equal(t, []string{"p/cache", "p/keep.tmp.jpg", "p/q/c.jpg", "a.tmp.jpg", "inner/e.jpg", "inner/f.tmp.jpg"}, files, "a named file is not left out")
	for range (Walker{GitIgnore: true}).Files([]string{"."}) {
		break // ends git too
	}
}

// TestGitIgnoreWithout: a folder in no work tree, or no git, is an error, and nothing of the folder
// passes unseen.
func TestGitIgnoreWithout(t *testing.T) {
	gitTree(t, "a.jpg")
	require.NoError(t, os.RemoveAll(".git"))
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(t.TempDir()))
	for _, err := range (Walker{GitIgnore: true}).Files([]string{"."}) {
		require.ErrorContains(t, err, "not a git repository")
	}
	t.Setenv("PATH", t.TempDir())
	for _, err := range (Walker{GitIgnore: true}).Files([]string{"."}) {
		require.ErrorIs(t, err, exec.ErrNotFound)
	}
}

// TestGitIgnoreInHook: git gives a hook the repository in the environment; and what else may be there.
func TestGitIgnoreInHook(t *testing.T) {
	gitTree(t, "a.jpg", "sub/a.jpg", "sub/b.jpg", "sub/tracked.jpg", "other/c.jpg")
	require.NoError(t, os.WriteFile(".gitignore", []byte("a.jpg\ntracked.jpg\n"), 0o600))
	git(t, ".", "add", "-f", "sub/tracked.jpg")
	git(t, "other", "init", "-q")
	abs, err := filepath.Abs(".git")
	require.NoError(t, err)
	for name, value := range map[string]string{
		"GIT_DIR": abs, "GIT_INDEX_FILE": ".git/no-index", "GIT_WORK_TREE": ".", "GIT_PREFIX": "sub/",
		"GIT_LITERAL_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1", "GIT_FLUSH": "0",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			files, failed := walked(Walker{GitIgnore: true}, "sub", "other")
			require.Empty(t, failed)
			require.Equal(t, []string{"sub/b.jpg", "sub/tracked.jpg", "other/c.jpg"}, files)
		})
	}
}

// TestGitIgnoreRunsNothing: a repository within may be a stranger's, whose settings name programs.
func TestGitIgnoreRunsNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: the program is a script of sh")
	}
	gitTree(t, "in/d/a.jpg", "in/d/.gitignore", "in/b.jpg")
	ran := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\ntouch "+ran+"\n"), 0o700))
	git(t, "in", "init", "-q")
	git(t, "in", "add", "b.jpg", "d/.gitignore")
	// The rules of d are in an object that is missing.
	git(t, "in", "update-index", "--skip-worktree", "d/.gitignore")
	require.NoError(t, os.Remove("in/d/.gitignore"))
	id := strings.TrimSpace(git(t, "in", "rev-parse", ":d/.gitignore"))
	require.NoError(t, os.Remove(filepath.Join("in/.git/objects", id[:2], id[2:])))
	git(t, "in", "update-index", "--fsmonitor")
	for _, set := range [][2]string{
		{"core.fsmonitor", script}, {"core.repositoryformatversion", "1"}, {"extensions.partialClone", "origin"},
		{"remote.origin.promisor", "true"}, {"remote.origin.url", t.TempDir()}, {"remote.origin.uploadpack", script},
	} {
		git(t, "in", "config", set[0], set[1])
	}
	require.NoError(t, os.RemoveAll(ran))
	files, failed := walked(Walker{GitIgnore: true}, ".")
	require.Empty(t, failed)
	require.Equal(t, []string{"in/b.jpg", "in/d/a.jpg"}, files)
	require.NoFileExists(t, ran)

	cmd := exec.Command("git", "check-ignore", "b.jpg")
	cmd.Dir = "in"
	_ = cmd.Run()
	require.FileExists(t, ran, "this test tests nothing: git itself does not run it")
}

// TestGitIgnoreGoesOn: what git has no answer for, such as files in the folder of a submodule that is not
// there, is an error of that folder alone.
func TestGitIgnoreGoesOn(t *testing.T) {
	gitTree(t, "a.jpg", "mod/b.jpg", "mod/c.jpg", "z/ignored.jpg", "z/z.jpg")
	require.NoError(t, os.WriteFile(".gitignore", []byte("ignored.jpg\n"), 0o600))
	git(t, ".", "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",mod")
	var files, failed []string
	for f, err := range (Walker{GitIgnore: true}).Files([]string{"."}) {
		if err != nil {
			require.ErrorContains(t, err, "is in submodule 'mod'")
			failed = append(failed, f.Name)
			continue
		}
		files = append(files, f.Name)
	}
	require.Equal(t, []string{"mod"}, failed)
	require.Equal(t, []string{"a.jpg", "z/z.jpg"}, files)
}

// TestGitIgnorePipe: rules in a pipe are an error of their folder; git would wait for them for ever.
func TestGitIgnorePipe(t *testing.T) {
	gitTree(t, "a.jpg", "p/b.jpg", "z.jpg")
	if out, err := exec.Command("mkfifo", "p/.gitignore").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: rules in a pipe: %v: %s", err, out)
	}
	files, failed := walked(Walker{GitIgnore: true}, ".")
	require.Equal(t, []string{"p"}, failed)
	require.Equal(t, []string{"a.jpg", "z.jpg"}, files)
}

// TestGitIgnoreIsGits: of random trees with random rules, the walk finds what git lists.
func TestGitIgnoreIsGits(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 3))
	part := func() string { return []string{"a", "b", "ab", "c.jpg", "d.jpg"}[rng.IntN(5)] }
	rule := func() string {
		return []string{"", "!", "/"}[rng.IntN(3)] + []string{"a", "b/", "*.jpg", "a*", "**/b", "a/**", "?.jpg", "[ab]", "c.jpg", "b/c.jpg", "\\!a"}[rng.IntN(11)] + "\n"
	}
	for range 20 {
		names := map[string]bool{}
		for range 12 {
			names[part()+".d/"+part()+".d/"+part()] = true
			names[part()+".d/"+part()] = true
		}
		gitTree(t)
		for name := range names {
			require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
			require.NoError(t, os.WriteFile(name, nil, 0o600))
		}
		for _, dir := range []string{".", "a.d", "b.d", "a.d/b.d"} {
			if _, err := os.Stat(dir); err == nil {
				require.NoError(t, os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(rule()+rule()+rule()), 0o600))
			}
		}
		listed := strings.Split(strings.TrimSuffix(git(t, ".", "ls-files", "-z", "--others", "--exclude-standard"), "\x00"), "\x00")
		listed = slices.DeleteFunc(listed, func(name string) bool { return name == "" || strings.HasSuffix(name, ".gitignore") })
		files, failed := walked(Walker{GitIgnore: true}, ".")
		require.Empty(t, failed)
		require.ElementsMatch(t, listed, files)
	}
}
