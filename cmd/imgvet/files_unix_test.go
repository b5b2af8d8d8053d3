//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
)

// album makes a folder of photos with what lies beside photos, and enters its parent.
func album(t *testing.T) {
	_, png := folder(t)
	t.Chdir(t.TempDir())
	for name, b := range map[string]string{
		"a.png": string(png), "b.png": string(png[:60]), "sub/c.png": string(png), "sub/d.jpg": "",
		"README.md": "# text\n", "film.mov": "\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "empty.txt": "", "Thumbs.db": "\xd0\xcf\x11\xe0",
		"anim.bin": "GIF89a\x01\x00\x01\x00\x00\x00\x00;", "notes.gif": "no picture\n", "sub/e.tmp.png": "x",
	} {
		path := filepath.Join("album", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(b), 0o600))
	}
}

// names returns the files that lines are about, in their order.
func names(out string) (all []string) {
	for line := range strings.Lines(out) {
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "album") {
				all = append(all, strings.TrimSuffix(filepath.ToSlash(word), ":"))
				break
			}
		}
	}
	return all
}

// TestFolderLeavesOutWhatIsNoPicture: a README or a film is not refused, but what is called a
// picture, or is one of another format, is; and so is whatever is named.
func TestFolderLeavesOutWhatIsNoPicture(t *testing.T) {
	album(t)
	out, errs, code := imgvet("", "check", "album")
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Equal(t, []string{"album/a.png", "album/anim.bin", "album/b.png", "album/notes.gif", "album/sub/c.png", "album/sub/d.jpg", "album/sub/e.tmp.png"}, names(out))
	out, _, _ = imgvet("", "check", "--all", "album")
	require.Len(t, names(out), 11)
	out, _, code = imgvet("", "check", "album/README.md", "album/empty.txt")
	require.Equal(t, cli.ExitRefused, code)
	require.Len(t, names(out), 2)

	require.NoError(t, os.MkdirAll("docs", 0o700))
	require.NoError(t, os.WriteFile("docs/a.md", []byte("text"), 0o600))
	out, errs, code = imgvet("", "check", "docs")
	require.Equal(t, cli.ExitOK, code)
	require.Empty(t, out)
	require.Contains(t, errs, "no pictures among 1 files")
}

func TestIncludeExcludeAndBraces(t *testing.T) {
	album(t)
	for _, test := range []struct{ args, want string }{
		{"--include *.png album", "a.png b.png sub/c.png sub/e.tmp.png"},
		{"--include sub/** album", "sub/c.png sub/d.jpg sub/e.tmp.png"},
		{"--include *.{png,jpg} --exclude *.tmp.* album", "a.png b.png sub/c.png sub/d.jpg"},
		{"--exclude sub --include *.png album", "a.png b.png"},
		{"--exclude sub/ --include *.png album", "a.png b.png"},
		{"album/**/*.{jpg,gif}", "sub/d.jpg notes.gif"},
		{"album/{sub/c,a}.png", "sub/c.png a.png"},
	} {
		out, errs, _ := imgvet("", append([]string{"check"}, strings.Fields(test.args)...)...)
		var want []string
		for _, name := range strings.Fields(test.want) {
			want = append(want, "album/"+name)
		}
		require.Equal(t, want, names(out), test.args+errs)
	}
	_, errs, code := imgvet("", "check", "--include", "[", "album")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "--include")
	_, errs, code = imgvet("", "check", "a"+strings.Repeat("{b,c}", 20))
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "more than 1024")
}

// TestPatternNames: what a pattern matches is named, whether the shell expands it or we do.
func TestPatternNames(t *testing.T) {
	album(t)
	byUs, _, _ := imgvet("", "check", "--exclude", "b*", "album/*.*")
	matched, err := filepath.Glob("album/*.*")
	require.NoError(t, err)
	byShell, _, _ := imgvet("", append([]string{"check", "--exclude", "b*"}, matched...)...)
	require.Equal(t, byShell, byUs)
	require.Contains(t, byUs, "album/README.md")
	require.Contains(t, byUs, "album/b.png")
}

// TestMoveToBelowPattern: a pattern does not enter the folder that files are moved to.
func TestMoveToBelowPattern(t *testing.T) {
	album(t)
	for range 2 {
		imgvet("", "check", "--move-to", "album/bad", "album/**/*.png")
	}
	require.FileExists(t, "album/bad/album/b.png")
	require.NoDirExists(t, "album/bad/album/bad")
}

func TestFilesFrom(t *testing.T) {
	album(t)
	require.NoError(t, os.WriteFile("list", []byte("album/a.png\n\nalbum/README.md\nalbum/none.png\nalbum/sub\n"), 0o600))
	out, errs, code := imgvet("", "check", "--files-from", "list")
	require.Equal(t, cli.ExitFailed, code)
	require.Equal(t, []string{"album/a.png", "album/README.md"}, names(out), "a list is taken at its word")
	require.Contains(t, errs, "album/none.png")
	require.Contains(t, errs, "is a folder")
	out, errs, code = imgvet("album/b.png\x00album/a.png\x00", "check", "-0", "--files-from", "-")
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Equal(t, []string{"album/b.png", "album/a.png"}, names(out))
	_, errs, code = imgvet("", "check", "--files-from", "nolist")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "nolist")
	_, _, code = imgvet("", "check", "-0", "album")
	require.Equal(t, cli.ExitUsage, code)
	out, errs, code = imgvet("album/README.md\n", "check", "--files-from", "-", "album/sub", "album")
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Equal(t, 1, strings.Count(out, "README.md"), "named in the list; left out of the folder")
	require.NotContains(t, out, "film.mov")
}

// TestMoveTo: refused files are moved with their paths, over no other file, and back.
func TestMoveTo(t *testing.T) {
	album(t)
	before, err := os.ReadFile("album/b.png")
	require.NoError(t, err)
	_, errs, _ := imgvet("", "check", "--move-to", "bad", "--dry-run", "album")
	require.Contains(t, errs, "would move album/b.png to "+filepath.Join("bad", "album", "b.png"))
	require.NoDirExists(t, "bad")

	_, errs, code := imgvet("", "check", "--move-to", "bad", "album")
	require.Equal(t, cli.ExitRefused, code, errs)
	require.NoFileExists(t, "album/b.png")
	require.FileExists(t, "album/a.png")
	require.FileExists(t, "album/README.md")
	after, err := os.ReadFile("bad/album/b.png")
	require.NoError(t, err)
	require.Equal(t, before, after)

	// Not over a file that is there already; and what was moved is not checked again.
	require.NoError(t, os.WriteFile("album/b.png", []byte("new"), 0o600))
	_, errs, code = imgvet("", "check", "--move-to", "bad", "album")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "stays where it is")
	kept, err := os.ReadFile("bad/album/b.png")
	require.NoError(t, err)
	require.Equal(t, before, kept)
	require.NoError(t, os.WriteFile("album/z.png", before, 0o600))
	_, _, code = imgvet("", "check", "--move-to", "bad", "album")
	require.Equal(t, cli.ExitFailed, code)
	require.FileExists(t, "bad/album/z.png", "one that stays does not keep the others")
	require.NoError(t, os.Remove("album/b.png"))
	out, _, code := imgvet("", "check", "--move-to", "bad", ".")
	require.Equal(t, cli.ExitOK, code)
	require.NotContains(t, out, "bad")

	require.NoError(t, os.WriteFile("elsewhere.png", before, 0o600))
	require.NoError(t, os.Symlink("../elsewhere.png", "album/link.png"))
	_, errs, code = imgvet("", "check", "--move-to", "bad", "album")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "a link is not moved")
	require.FileExists(t, "album/link.png")
	require.FileExists(t, "elsewhere.png")

	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh to move the files back")
	}
	require.NoError(t, exec.CommandContext(t.Context(), "sh", "bad/undo.sh").Run())
	back, err := os.ReadFile("album/b.png")
	require.NoError(t, err)
	require.Equal(t, before, back)
}

func TestCopyTo(t *testing.T) {
	album(t)
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	require.NoError(t, os.Chtimes("album/b.png", past, past))
	_, errs, code := imgvet("", "check", "--copy-to", "bad", "album")
	require.Equal(t, cli.ExitRefused, code, errs)
	require.FileExists(t, "album/b.png")
	info, err := os.Stat("bad/album/b.png")
	require.NoError(t, err)
	require.True(t, info.ModTime().Equal(past), "a copy keeps the time")
	require.NoFileExists(t, "bad/undo.sh")
	_, _, code = imgvet("", "check", "--copy-to", "bad", "--move-to", "bad", "album")
	require.Equal(t, cli.ExitUsage, code)
}

// TestCache: what was good is not read again until it changes; what was not good is.
func TestCache(t *testing.T) {
	album(t)
	check := func(args ...string) []string {
		out, errs, code := imgvet("", append([]string{"check", "--cache", "cache"}, args...)...)
		require.Equal(t, cli.ExitRefused, code, errs)
		return names(out)
	}
	require.Contains(t, check("album"), "album/a.png")
	second := check("album")
	require.NotContains(t, second, "album/a.png")
	require.Contains(t, second, "album/b.png", "what was refused is told each time")
	require.Contains(t, check("--strict", "album"), "album/a.png", "other options are another question")
	require.Contains(t, check("album"), "album/a.png", "and have forgotten this one")

	good, err := os.ReadFile("album/a.png")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("album/a.png", append(good[:len(good)-12:len(good)-12], "IEND"...), 0o600))
	require.Contains(t, check("album"), "album/a.png", "it has changed")

	require.NoError(t, os.WriteFile("cache", []byte("a poem\n"), 0o600))
	_, errs, code := imgvet("", "check", "--cache", "cache", "album")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "not written over")
}

// TestNamedPipe: a pipe that is named is read, as the shell's <(...) needs.
func TestNamedPipe(t *testing.T) {
	album(t)
	require.NoError(t, syscall.Mkfifo("album/pipe", 0o600))
	good, err := os.ReadFile("album/a.png")
	require.NoError(t, err)
	go func() {
		f, err := os.OpenFile("album/pipe", os.O_WRONLY, 0)
		if err == nil {
			_, _ = f.Write(good)
			_ = f.Close()
		}
	}()
	out, errs, code := imgvet("", "check", "album/pipe")
	require.Equal(t, cli.ExitOK, code, errs)
	require.Equal(t, []string{"album/pipe"}, names(out))
}

func TestColour(t *testing.T) {
	album(t)
	out, _, _ := imgvet("", "check", "--color", "always", "album/b.png")
	require.Contains(t, out, "\x1b[31mrefused\x1b[0m")
	out, _, _ = imgvet("", "check", "album/b.png")
	require.NotContains(t, out, "\x1b", "no terminal")
	_, errs, code := imgvet("", "check", "--color", "blue", "album")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "blue")
}
