package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// walk calls visit for every file that paths name, in their order: for a file
// itself, for a folder every file below it by name. A path that cannot be read
// is visited with its error. Hidden entries of folders are left out; so are
// links to folders, which may lead in a circle.
func walk(ctx context.Context, paths []string, visit func(file string, err error)) {
	for _, path := range paths {
		if path == stdinName {
			visit(path, nil)
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			visit(path, err)
			continue
		}
		// A trailing separator makes WalkDir follow a link given by name.
		root := strings.TrimRight(path, string(filepath.Separator)) + string(filepath.Separator)
		_ = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return fs.SkipAll
			}
			if err != nil {
				visit(file, err)
				return nil
			}
			if file != root && strings.HasPrefix(entry.Name(), ".") {
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if isFile(file, entry) {
				visit(filepath.Clean(file), nil)
			}
			return nil
		})
	}
}

// isFile reports whether a folder's entry is a regular file or a link to one.
func isFile(file string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular()
}
