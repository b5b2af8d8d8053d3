package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	mod "golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
)

// module is one module of the repository.
type module struct {
	tree string // the folder of the repository
	dir  string // below it, with slashes; "." is the root module's
	path string
	file *modfile.File

	// The checksums of the release, as go.sum has them, once it is published.
	zipSum, modSum string
}

func readModule(tree, dir string) (*module, error) {
	m := &module{tree: tree, dir: dir}
	b, err := os.ReadFile(m.name("go.mod"))
	if err != nil {
		return nil, err
	}
	if m.file, err = modfile.Parse(m.name("go.mod"), b, nil); err != nil {
		return nil, err
	}
	m.path = m.file.Module.Mod.Path
	return m, nil
}

// name is the path of one of the module's files.
func (m *module) name(file string) string {
	return filepath.Join(m.tree, filepath.FromSlash(m.dir), file)
}

// required returns those of all that m requires.
func (m *module) required(all []*module) []*module {
	var found []*module
	for _, r := range m.file.Require {
		for _, other := range all {
			if other.path == r.Mod.Path {
				found = append(found, other)
			}
		}
	}
	return found
}

// rewrite makes m require others of the modules at the released version, for which they must be
// published, and gives it the licence that copies of it need. The changes go to git's index.
func (m *module) rewrite(ctx context.Context, modules []*module, version string) error {
	others := m.required(modules)
	for _, other := range others {
		if err := m.file.AddRequire(other.path, version); err != nil {
			return err
		}
		if err := m.file.DropReplace(other.path, ""); err != nil {
			return err
		}
	}
	m.file.Cleanup()
	if len(m.file.Replace) > 0 {
		return errors.New("go.mod replaces " + m.file.Replace[0].Old.Path + ", which those who require the module would not get")
	}
	if len(others) > 0 {
		b, err := m.file.Format()
		if err != nil {
			return err
		}
		if err := os.WriteFile(m.name("go.mod"), b, 0o644); err != nil {
			return err
		}
		if err := m.addSums(others, version); err != nil {
			return err
		}
	}
	if _, err := os.Stat(m.name("LICENSE")); errors.Is(err, fs.ErrNotExist) {
		text, err := os.ReadFile(filepath.Join(m.tree, "LICENSE"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(m.name("LICENSE"), text, 0o644); err != nil {
			return err
		}
	}
	_, err := command(ctx, filepath.Dir(m.name("go.mod")), nil, "git", "add", "go.mod", "go.sum", "LICENSE")
	return err
}

// addSums adds the checksums of others to go.sum, in the order that the go command keeps. It does
// without "go mod tidy": that would put the unpublished version into the module cache, and a
// second try at the same version would get its checksums from there.
func (m *module) addSums(others []*module, version string) error {
	b, err := os.ReadFile(m.name("go.sum"))
	if err != nil {
		return err
	}
	sums := map[mod.Version][]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			return fmt.Errorf("go.sum has a line %q", lines.Text())
		}
		v := mod.Version{Path: fields[0], Version: fields[1]}
		sums[v] = append(sums[v], fields[2])
	}
	for _, other := range others {
		sums[mod.Version{Path: other.path, Version: version}] = []string{other.zipSum}
		sums[mod.Version{Path: other.path, Version: version + "/go.mod"}] = []string{other.modSum}
	}
	var versions []mod.Version
	for v := range sums {
		versions = append(versions, v)
	}
	mod.Sort(versions)
	var text bytes.Buffer
	for _, v := range versions {
		for _, sum := range sums[v] {
			fmt.Fprintf(&text, "%s %s %s\n", v.Path, v.Version, sum)
		}
	}
	return os.WriteFile(m.name("go.sum"), text.Bytes(), 0o644)
}

// sum computes the checksums of the published files of m.
func (m *module) sum(modName, zipName string) (err error) {
	open := func(string) (io.ReadCloser, error) { return os.Open(modName) }
	if m.modSum, err = dirhash.Hash1([]string{"go.mod"}, open); err != nil {
		return err
	}
	m.zipSum, err = dirhash.HashZip(zipName, dirhash.Hash1)
	return err
}
