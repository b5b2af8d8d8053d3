package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// unpublished are the folders whose modules nobody imports or installs. They stay as they are.
var unpublished = []string{".ci", "examples", "face/bench", "web/browser", "web/build"}

// release makes the release of HEAD of repo, and returns its tags, the root module's first. The
// modules are written to the folder proxyDir as a module proxy, unless that is empty.
func release(ctx context.Context, repo, proxyDir, version string) (tags []string, err error) {
	if err := checkVersion(version); err != nil {
		return nil, err
	}
	if _, err := notes(repo, version); err != nil {
		return nil, err
	}
	switch changed, err := command(ctx, repo, nil, "git", "status", "--porcelain"); {
	case err != nil:
		return nil, err
	case changed != "":
		return nil, errors.New("not committed, so not part of the release:\n" + changed)
	}
	if repo, err = filepath.Abs(repo); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "imgvet-release")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if proxyDir == "" {
		proxyDir = filepath.Join(scratch, "proxy")
	}
	// A clone, because x/mod/zip does not take a worktree for a repository.
	tree := filepath.Join(scratch, "tree")
	if err := clone(ctx, repo, tree); err != nil {
		return nil, err
	}
	if tags, err = commit(ctx, tree, proxyDir, version); err != nil {
		return nil, err
	}
	_, err = command(ctx, tree, nil, "git", append([]string{"push", "-q", "--atomic", "origin"}, tags...)...)
	return tags, err
}

func checkVersion(version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		return fmt.Errorf("%q is not a version like v1.2.3", version)
	}
	if major := semver.Major(version); major != "v0" && major != "v1" {
		return fmt.Errorf("%s: from v2 on, module paths must end in /%s", version, major)
	}
	return nil
}

// clone clones repo to the folder tree, with the name that repo commits by.
func clone(ctx context.Context, repo, tree string) error {
	if _, err := command(ctx, repo, nil, "git", "clone", "-q", "--shared", repo, tree); err != nil {
		return err
	}
	for _, key := range []string{"user.name", "user.email"} {
		value, err := command(ctx, repo, nil, "git", "config", key)
		if err != nil {
			return fmt.Errorf("git has no %s: %w", key, err)
		}
		if _, err := command(ctx, tree, nil, "git", "config", key, value); err != nil {
			return err
		}
	}
	return nil
}

// commit commits the release to the clone tree, and tags it.
func commit(ctx context.Context, tree, proxyDir, version string) (tags []string, err error) {
	if _, err := command(ctx, tree, []string{"GOWORK=off"}, "go", "run", "./web/build", "-brotli"); err != nil {
		return nil, err
	}
	// Forced, because main ignores what is built.
	if _, err := command(ctx, tree, nil, "git", "add", "--force", "web/dist"); err != nil {
		return nil, err
	}
	modules, err := published(tree)
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		err := m.rewrite(ctx, modules, version)
		if err == nil {
			err = m.publish(ctx, proxyDir, version)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.path, err)
		}
	}
	if _, err := command(ctx, tree, nil, "git", "commit", "-q", "-m", "release "+version); err != nil {
		return nil, err
	}
	for _, m := range modules {
		tag := strings.TrimPrefix(m.dir+"/"+version, "./")
		if _, err := command(ctx, tree, nil, "git", "tag", "-a", "-m", m.path+" "+version, tag); err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// published returns the modules to release, each after those that it requires.
func published(tree string) ([]*module, error) {
	var all []*module
	err := filepath.WalkDir(tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(tree, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (rel == ".git" || slices.Contains(unpublished, rel)) {
			return filepath.SkipDir
		}
		if d.Name() != "go.mod" {
			return nil
		}
		m, err := readModule(tree, filepath.ToSlash(filepath.Dir(rel)))
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return sorted(all)
}

// sorted puts each module after those of the others that it requires.
func sorted(all []*module) ([]*module, error) {
	var done []*module
	for len(done) < len(all) {
		before := len(done)
		for _, m := range all {
			if !slices.Contains(done, m) && len(m.required(all)) == len(m.required(done)) {
				done = append(done, m)
			}
		}
		if len(done) == before {
			return nil, errors.New("modules require each other in a circle")
		}
	}
	return done, nil
}

// command runs a program in the folder dir with more variables, and returns what it prints.
func command(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
