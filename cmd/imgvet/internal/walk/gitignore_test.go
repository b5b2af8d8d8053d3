package walk

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
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
