package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// user is somebody with an empty module cache, who gets our modules from a release, and others
// from the module cache of this machine or, if it lacks them, from the network.
type user struct {
	env  []string
	wrap []string // a program and its arguments, before each command
}

// newUser returns a user of the release in proxyDir. The build cache knows packages by their
// folder: where mounts are allowed, the empty module cache is mounted in the place of the full
// one, so that what other tests compiled need not be compiled again.
func newUser(t *testing.T, proxyDir string) *user {
	t.Helper()
	cache := goEnv(t, "GOMODCACHE")
	downloads, mods := filepath.Join(cache, "cache", "download"), t.TempDir()
	u := &user{env: []string{"GOWORK=off", "GOFLAGS=-modcacherw -buildvcs=false", "GOPATH=" + t.TempDir(), "GOSUMDB=off"}}
	mounted := t.TempDir()
	mount := []string{"unshare", "--mount", "sh", "-ec", `mount --bind "$1" "$2"; mount --bind "$3" "$4"; shift 4; exec "$@"`, "sh", downloads, mounted, mods, cache}
	if exec.Command(mount[0], append(mount[1:], "true")...).Run() == nil {
		u.wrap, downloads, mods = mount, mounted, cache
	} else {
		t.Log("no mounts are allowed here: all packages are compiled anew")
		u.env = append(u.env, "GOFLAGS=-modcacherw -buildvcs=false -trimpath")
	}
	u.env = append(u.env, "GOMODCACHE="+mods,
		"GOPROXY=file://"+filepath.ToSlash(proxyDir)+",file://"+filepath.ToSlash(downloads)+","+goEnv(t, "GOPROXY"))
	return u
}

// run runs a command in the folder dir with more variables, and returns what it prints.
func (u *user) run(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	args = slices.Concat(u.wrap, args)
	out, err := command(t.Context(), dir, slices.Concat(u.env, env), args[0], args[1:]...)
	require.NoError(t, err)
	return out
}

// imports builds a program that imports a package at a version.
func (u *user) imports(t *testing.T, pkg, version string) {
	t.Helper()
	dir := t.TempDir()
	u.run(t, dir, nil, "go", "mod", "init", "example.com/user")
	text := "package main\n\nimport _ \"" + pkg + "\"\n\nfunc main() {}\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o600))
	u.run(t, dir, nil, "go", "get", pkg+"@"+version)
	u.run(t, dir, nil, "go", "build", "-o", os.DevNull, ".")
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	value, err := command(t.Context(), ".", nil, "go", "env", name)
	require.NoError(t, err)
	return value
}
