package walk

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree makes a folder of empty files and goes there.
func tree(t *testing.T, files ...string) {
	t.Chdir(t.TempDir())
	for _, file := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, nil, 0o600))
	}
}

// walked returns the files that args name, and those that can't be read.
func walked(w Walker, args ...string) (files, failed []string) {
	for file, err := range w.Files(args) {
		if err != nil {
			failed = append(failed, file.Name)
		} else {
			files = append(files, filepath.ToSlash(file.Name))
		}
	}
	return files, failed
}

// TestList compares batches of all sizes with a folder read at once.
func TestList(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		name := filepath.Join(dir, fmt.Sprintf("%x", random.Uint64N(1<<uint(4+random.IntN(40)))))
		require.NoError(t, os.WriteFile(name, nil, 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "8folder"), 0o700))
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	var want []entry
	for _, d := range all {
		want = append(want, entry{d.Name(), d.Type()})
	}
	n := len(want)
	for _, batch := range []int{1, 2, 3, 7, n/2 - 1, n / 2, n/2 + 1, n - 1, n, n + 1, 2 * n} {
		var got []entry
		for e, err := range list(dir, batch) {
			require.NoError(t, err)
			got = append(got, e)
		}
		require.Equal(t, want, got, "batches of %d", batch)
	}
	for range list(dir, 3) {
		break // yields no more after that
	}
	for _, err := range list(filepath.Join(dir, "none"), 3) {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
}

func TestWalk(t *testing.T) {
	tree(t, "b", "a/2", "a/1", "a/.hidden", "a/.git/x", "a/10/x", "c/y")
	for _, c := range []struct{ args, want []string }{
		{[]string{"."}, []string{"a/1", "a/10/x", "a/2", "b", "c/y"}},
		{[]string{"a"}, []string{"a/1", "a/10/x", "a/2"}},
		{[]string{"b", "c", "a/10", "b"}, []string{"b", "c/y", "a/10/x", "b"}},
		{[]string{"a/.hidden", "a/.git"}, []string{"a/.hidden", "a/.git/x"}}, // named: not hidden
		{[]string{"-", "b"}, []string{"-", "b"}},
	} {
		for _, batch := range []int{1, 2, 0} {
			files, failed := walked(Walker{batch: batch}, c.args...)
			require.Equal(t, c.want, files, "%q", c.args)
			require.Empty(t, failed)
		}
	}
	for range (Walker{}).Files([]string{"a", "b", "c"}) {
		break
	}
}

func TestGlob(t *testing.T) {
	tree(t, "a.jpg", "b.png", ".h.jpg", "p/c.jpg", "p/d.txt", "p/q/e.jpg", "p/q/r/f.jpg", "p/.s/g.jpg", "p/x.jpg/in.txt", "[1].jpg", "p/q/e.png")
	for pattern, want := range map[string][]string{
		"*.jpg":            {"[1].jpg", "a.jpg"},
		"./*.png":          {"b.png"},
		"?.p[nm]g":         {"b.png"},
		".*.jpg":           {".h.jpg"},
		"p/*":              {"p/c.jpg", "p/d.txt", "p/q/e.jpg", "p/q/e.png", "p/q/r/f.jpg", "p/x.jpg/in.txt"},
		"p/*.jpg":          {"p/c.jpg", "p/x.jpg/in.txt"}, // a folder that matches is walked, as from a shell
		"p/**/*.jpg":       {"p/c.jpg", "p/q/e.jpg", "p/q/r/f.jpg", "p/x.jpg/in.txt"},
		"**/*.png":         {"b.png", "p/q/e.png"},
		"**/q/**/*.jpg":    {"p/q/e.jpg", "p/q/r/f.jpg"},
		"**/**/e.jpg":      {"p/q/e.jpg"}, // once, though it matches in many ways
		"p/**":             {"p/c.jpg", "p/d.txt", "p/q/e.jpg", "p/q/e.png", "p/q/r/f.jpg", "p/x.jpg/in.txt"},
		"p/*/*.jpg":        {"p/q/e.jpg"},
		"p/.s/*":           {"p/.s/g.jpg"},
		"p/.*/*.jpg":       {"p/.s/g.jpg"},
		"[1].jpg":          {"[1].jpg"}, // there is such a file
		"p/q/*/":           {"p/q/e.jpg", "p/q/e.png", "p/q/r/f.jpg"},
		"*/q/r/[!a-e].jp*": {"p/q/r/f.jpg"},
	} {
		for _, batch := range []int{1, 0} {
			files, failed := walked(Walker{batch: batch}, pattern)
			require.Empty(t, failed, pattern)
			require.Equal(t, want, files, pattern)
		}
	}
	for _, pattern := range []string{"*.gif", "none/*.jpg", "p/**/none", "a.jpg/*", "**/none/*"} {
		files, failed := walked(Walker{}, pattern)
		require.Empty(t, files, pattern)
		require.Equal(t, []string{pattern}, failed[:1], pattern)
	}
	require.Error(t, CheckGlobs([]string{"p/[a-.jpg"}))
	require.NoError(t, CheckGlobs([]string{"[1].jpg", "p/**/*.jpg", "plain"}))
}

// TestWalkWhileFilesVanish: what was there when the walk began and is gone now is
// told of, and the rest is walked.
func TestWalkWhileFilesVanish(t *testing.T) {
	tree(t, "a/1", "b/1", "c/1", "d")
	var files, failed []string
	for file, err := range (Walker{}).Files([]string{"."}) {
		if err != nil {
			require.ErrorIs(t, err, fs.ErrNotExist)
			failed = append(failed, file.Name)
			continue
		}
		files = append(files, filepath.ToSlash(file.Name))
		require.NoError(t, os.RemoveAll("b"))
	}
	require.Equal(t, []string{"a/1", "c/1", "d"}, files)
	require.Equal(t, []string{"b"}, failed)
}

func TestWalkLinks(t *testing.T) {
	tree(t, "real/a.jpg", "real/sub/b.jpg")
	for link, to := range map[string]string{
		"real/circle":     ".",
		"real/sub/up":     "../..",
		"real/self":       "self",
		"real/file":       "a.jpg",
		"named":           "real",
		"real/sub/nobody": "none",
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip("no links here: ", err)
		}
	}
	files, failed := walked(Walker{}, "named")
	require.Equal(t, []string{"named/a.jpg", "named/file", "named/sub/b.jpg"}, files)
	require.Equal(t, []string{filepath.FromSlash("named/self"), filepath.FromSlash("named/sub/nobody")}, failed, "a link to nothing or to itself is a picture that is missing")

	// In a pattern a link is followed where a name matches it, and by no "**".
	files, _ = walked(Walker{}, "nam*/*.jpg")
	require.Equal(t, []string{"named/a.jpg"}, files)
	files, _ = walked(Walker{}, "real/**/b.jpg")
	require.Equal(t, []string{"real/sub/b.jpg"}, files)
	files, _ = walked(Walker{}, "real/*/*/*/a.jpg")
	require.Equal(t, []string{"real/circle/circle/circle/a.jpg"}, files[:1], "as far as the pattern goes")
}

func TestWalkLeavesReportsOut(t *testing.T) {
	tree(t, "a", "report.html", "sub/report.html")
	info, err := os.Stat("report.html")
	require.NoError(t, err)
	files, _ := walked(Walker{Ignore: []os.FileInfo{info}}, ".")
	require.Equal(t, []string{"a", "sub/report.html"}, files)
}

// TestWalkNames: a name too long for the system is told of.
func TestWalkNames(t *testing.T) {
	long := make([]byte, 5000)
	for i := range long {
		long[i] = 'a'
	}
	_, failed := walked(Walker{}, string(long))
	require.Len(t, failed, 1)
	for _, err := range (Walker{}).Files([]string{"a\x00b"}) {
		require.Error(t, err)
		require.False(t, errors.Is(err, fs.ErrNotExist))
	}
}

// TestWalkFileCalledAsStandardInput: only the argument "-" is standard input, which
// could keep the check waiting for ever.
func TestWalkFileCalledAsStandardInput(t *testing.T) {
	tree(t, "-", "a", "sub/-")
	for args, want := range map[string][]string{
		".":     {"./-", "a", "sub/-"},
		"?":     {"./-", "a"},
		"**/-":  {"./-", "sub/-"},
		"./-":   {"./-"},
		"-":     {"-"},
		"sub/*": {"sub/-"},
	} {
		files, failed := walked(Walker{}, args)
		require.Empty(t, failed, args)
		require.Equal(t, want, files, args)
	}
}
