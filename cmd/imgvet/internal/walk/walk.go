package walk

import (
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/imgvet/imgvet/internal/cli"
)

// Walker finds the files that arguments name.
type Walker struct {
	Ignore []os.FileInfo // reports being written, and folders to which files are moved: no part of what is checked
	Filter Filter        // of what is found below folders
	// GitIgnore leaves out what git ignores of folders, which must be in work trees.
	GitIgnore bool

	batch int        // see list; 0 means listBatch
	rel   string     // where the walk is, below the folder that the user named
	git   *gitIgnore // of the work tree that the walk is in
}

// File is a file that arguments name.
type File struct {
	Name  string
	Named bool // itself, or by a pattern; not found below a folder
}

// Files yields every file that the arguments name, in their order: a file itself,
// of a folder every file below it by name, of a pattern what matches it. What
// cannot be read comes with its error.
//
// Hidden entries of folders are left out. So are links to folders, which may lead
// in a circle, and what is neither a file nor a folder: reading a pipe or a device
// might never end.
func (w Walker) Files(args []string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		for _, arg := range args {
			if !w.argument(arg, yield) {
				return
			}
		}
	}
}

// argument yields the files of one argument. It returns false if yield did.
func (w Walker) argument(arg string, yield func(File, error) bool) bool {
	if arg == cli.Stdin {
		return yield(File{arg, true}, nil)
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil && hasBraces(arg):
		patterns, _ := braces(arg) // CheckGlobs has refused too many
		for _, p := range patterns {
			if !w.argument(p, yield) {
				return false
			}
		}
		return true
	case err != nil && isGlob(arg):
		return w.glob(arg, yield)
	case err != nil || !info.IsDir():
		return yield(File{arg, true}, err) // named by the user: a pipe is read, not left out
	}
	return w.below(arg, "", yield)
}

// below yields every file below a folder. rel is the path of the folder below the one that
// the user named.
func (w Walker) below(dir, rel string, yield func(File, error) bool) bool {
	w.rel = rel
	if err := w.rulesProblem(dir); err != nil {
		return yield(File{dir, false}, err)
	}
	w, stop := w.inGit(dir)
	defer stop()
	return w.folder(dir, yield)
}

// folder yields every file below a folder, by name.
func (w Walker) folder(dir string, yield func(File, error) bool) bool {
	for e, err := range list(dir, w.batchSize()) {
		if err != nil {
			return yield(File{dir, false}, err)
		}
		path, rel := filepath.Join(dir, e.name), filepath.Join(w.rel, e.name)
		if e.hidden() || !w.Filter.takes(rel, e.typ.IsDir()) {
			continue
		}
		ignored, err := w.gitIgnored(path)
		switch {
		case err != nil:
			return yield(File{dir, false}, err)
		case ignored:
		case !e.typ.IsDir():
			if !w.file(File{path, false}, e.typ, yield) {
				return false
			}
		case !w.ignored(path):
			if !w.below(path, rel, yield) {
				return false
			}
		}
	}
	return true
}

// file yields a folder's entry if it is a regular file, or a link to one.
func (w Walker) file(f File, typ fs.FileMode, yield func(File, error) bool) bool {
	if typ&fs.ModeSymlink != 0 {
		info, err := os.Stat(f.Name)
		if err != nil {
			return yield(f, err) // a link to nothing, or to itself: somebody misses a picture
		}
		typ = info.Mode()
	}
	if !typ.IsRegular() || w.ignored(f.Name) {
		return true
	}
	if f.Name == cli.Stdin {
		f.Name = "." + string(filepath.Separator) + f.Name // a file, though it is called so
	}
	return yield(f, nil)
}

// ignored reports whether path is a report that is being written.
func (w Walker) ignored(path string) bool {
	for _, report := range w.Ignore {
		if report.Name() != filepath.Base(path) {
			continue // saves a look at every other file
		}
		if info, err := os.Stat(path); err == nil && os.SameFile(info, report) {
			return true
		}
	}
	return false
}

func (w Walker) batchSize() int {
	if w.batch == 0 {
		return listBatch
	}
	return w.batch
}
