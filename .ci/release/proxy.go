package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	mod "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// publish writes m, as git has it in its index, to the folder dir, in the layout of a module proxy
// (https://go.dev/ref/mod#goproxy-protocol), and keeps its checksums.
func (m *module) publish(ctx context.Context, dir, version string) error {
	path, err := mod.EscapePath(m.path)
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(filepath.Join(dir, filepath.FromSlash(path), "@v")); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	gomod, err := os.ReadFile(m.name("go.mod"))
	if err != nil {
		return err
	}
	for name, b := range map[string][]byte{version + ".info": info, version + ".mod": gomod, "list": []byte(version + "\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	zipName := filepath.Join(dir, version+".zip")
	if err := m.zip(ctx, zipName, version); err != nil {
		return err
	}
	return m.sum(filepath.Join(dir, version+".mod"), zipName)
}

func (m *module) zip(ctx context.Context, name, version string) error {
	tree, err := command(ctx, m.tree, nil, "git", "write-tree")
	if err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := zip.CreateFromVCS(f, mod.Version{Path: m.path, Version: version}, m.tree, tree, strings.TrimPrefix(m.dir, ".")); err != nil {
		return err
	}
	return f.Close()
}
