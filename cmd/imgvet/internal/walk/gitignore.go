package walk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// gitIgnore asks git itself what it ignores: its rules lie in files of many folders, of the user
// and of the repository, and what is tracked is never ignored. One git answers for one work tree,
// path by path, so that memory does not grow.
type gitIgnore struct {
	dir  string    // in the work tree; paths are told below it
	git  *exec.Cmd // nil before the first question, and after one that git failed at
	ask  io.WriteCloser
	said *bufio.Reader
	errs bytes.Buffer
}

// start starts git. A folder in no work tree is an error of the first question.
func (g *gitIgnore) start() error {
	// A repository may be a stranger's, and core.fsmonitor of its settings is a program.
	cmd := exec.CommandContext(context.Background(), "git", "-c", "core.fsmonitor=",
		"check-ignore", "-z", "--verbose", "--non-matching", "--stdin")
	g.errs.Reset()
	cmd.Dir, cmd.Stderr, cmd.Env = g.dir, &g.errs, gitEnv()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if g.ask, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("--gitignore: %w", err)
	}
	g.git, g.said = cmd, bufio.NewReader(out)
	return nil
}

// gitEnv is the environment without what names another repository than that of the folder, as
// in a hook of git, or changes how paths are read.
func gitEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX",
			"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES":
			return true
		}
		return strings.HasPrefix(name, "GIT_") && strings.HasSuffix(name, "_PATHSPECS")
	})
	return append(env, "LC_ALL=C",
		"GIT_FLUSH=1", // after each answer
		// Objects that are missing are not fetched: the program for that is one of the repository's settings.
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none")
}

// ignores reports whether git ignores what is at path.
func (g *gitIgnore) ignores(path string) (bool, error) {
	rel, err := filepath.Rel(g.dir, path)
	if err != nil {
		return false, err
	}
	if g.git == nil {
		if err := g.start(); err != nil {
			return false, err
		}
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

// failed ends git and returns what it said of the reason. The next question starts it anew.
func (g *gitIgnore) failed(err error) error {
	g.stop()
	_, said, _ := strings.Cut(g.errs.String(), "fatal: ") // after warnings
	if said, _, _ = strings.Cut(said, "\n"); said != "" {
		err = errors.New(said)
	}
	return fmt.Errorf("--gitignore: git: %w", err)
}

func (g *gitIgnore) stop() {
	if g.git == nil {
		return
	}
	_ = g.ask.Close()
	_ = g.git.Wait() // exits with 1 if nothing was ignored
	g.git = nil
}

// inGit returns w with the git of the work tree that dir begins, if it is the folder that the
// user named or a repository of its own, and what ends that git.
func (w Walker) inGit(dir string) (_ Walker, stop func()) {
	if !w.GitIgnore || w.git != nil && !isRepository(dir) {
		return w, func() {}
	}
	w.git = &gitIgnore{dir: dir}
	return w, w.git.stop
}

// rulesProblem returns an error if git would wait for the rules of a folder for ever, as it does
// for a pipe.
func (w Walker) rulesProblem(dir string) error {
	if !w.GitIgnore {
		return nil
	}
	info, err := os.Lstat(filepath.Join(dir, ".gitignore"))
	if err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice|fs.ModeSocket) != 0 {
		return errors.New("--gitignore: .gitignore is no file")
	}
	return nil // without rules, or what git itself says
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
