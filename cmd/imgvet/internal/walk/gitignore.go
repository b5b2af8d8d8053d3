package walk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// gitIgnore asks git itself what it ignores: its rules lie in files of many folders, of the user
// and of the repository, and what is tracked is never ignored. One git answers for one work tree,
// path by path, so that memory does not grow.
type gitIgnore struct {
	dir  string // in the work tree; paths are told below it
	git  *exec.Cmd
	ask  io.WriteCloser
	said *bufio.Reader
	errs bytes.Buffer
}

// startGitIgnore starts git in a folder. A folder in no work tree is an error of the first question.
func startGitIgnore(dir string) (*gitIgnore, error) {
	g := &gitIgnore{dir: dir, git: exec.CommandContext(context.Background(), "git", "check-ignore", "-z", "--verbose", "--non-matching", "--stdin")}
	g.git.Dir, g.git.Stderr = dir, &g.errs
	g.git.Env = append(os.Environ(), "LC_ALL=C")
	out, err := g.git.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if g.ask, err = g.git.StdinPipe(); err != nil {
		return nil, err
	}
	g.said = bufio.NewReader(out)
	if err := g.git.Start(); err != nil {
		return nil, fmt.Errorf("--gitignore: %w", err)
	}
	return g, nil
}

// ignores reports whether git ignores what is at path.
func (g *gitIgnore) ignores(path string) (bool, error) {
	rel, err := filepath.Rel(g.dir, path)
	if err != nil {
		return false, err
	}
	// "./" keeps a name that begins with a colon from being a pathspec.
	if _, err := io.WriteString(g.ask, "./"+filepath.ToSlash(rel)+"\x00"); err != nil {
		return false, g.failed(err)
	}
	var pattern string
	for field := range 4 { // file with the rule, line, pattern, path
		text, err := g.said.ReadString(0)
		if err != nil {
			return false, g.failed(err)
		}
		if field == 2 {
			pattern = strings.TrimSuffix(text, "\x00")
		}
	}
	return pattern != "" && pattern[0] != '!', nil
}

// failed ends git and returns what it said of the reason.
func (g *gitIgnore) failed(err error) error {
	g.stop()
	if said, _, _ := strings.Cut(g.errs.String(), "\n"); said != "" {
		err = errors.New(said)
	}
	return fmt.Errorf("--gitignore: git: %w", err)
}

func (g *gitIgnore) stop() {
	_ = g.ask.Close()
	_ = g.git.Wait() // exits with 1 if nothing was ignored
}

// inGit returns w with the git of the work tree that dir begins, if it is the folder that the
// user named or a repository of its own, and what ends that git.
func (w Walker) inGit(dir string) (_ Walker, stop func(), _ error) {
	if !w.GitIgnore {
		return w, func() {}, nil
	}
	if w.git != nil && !isRepository(dir) {
		return w, func() {}, nil
	}
	g, err := startGitIgnore(dir)
	if err != nil {
		return w, nil, err
	}
	w.git = g
	return w, g.stop, nil
}

func isRepository(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// gitIgnored reports whether git ignores what is at path, if that is asked for.
func (w Walker) gitIgnored(path string) (bool, error) {
	if w.git == nil {
		return false, nil
	}
	return w.git.ignores(path)
}
