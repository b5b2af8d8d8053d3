package walk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// anyFolders is the part of a pattern that stands for any number of folders.
const anyFolders = "**"

// isGlob reports whether arg holds what makes a pattern.
func isGlob(arg string) bool { return strings.ContainsAny(arg, "*?[") }

// CheckGlobs returns an error for an argument that is a broken pattern and names
// no file either.
func CheckGlobs(args []string) error {
	for _, arg := range args {
		if !isGlob(arg) && !hasBraces(arg) {
			continue
		}
		if _, err := os.Lstat(arg); err == nil {
			continue
		}
		patterns, ok := braces(arg)
		if !ok {
			return fmt.Errorf("%q stands for more than %d patterns", arg, maxBraces)
		}
		for _, p := range patterns {
			for _, part := range globParts(p) {
				if _, err := filepath.Match(part, ""); err != nil {
					return fmt.Errorf("%q is no pattern: %w", arg, err)
				}
			}
		}
	}
	return nil
}

// globParts splits a pattern between folders. "[!a-z]" is how shells write what
// filepath.Match has as "[^a-z]".
func globParts(pattern string) []string {
	return strings.Split(strings.ReplaceAll(filepath.ToSlash(pattern), "[!", "[^"), "/")
}

// glob yields the files that a pattern matches, by name, each once; of a folder
// that it matches, every file below. As in shells, a "*" does not match the dot at
// the beginning of a name. A pattern that matches nothing is an error.
func (w Walker) glob(pattern string, yield func(File, error) bool) bool {
	parts := globParts(pattern)
	fixed := slices.IndexFunc(parts, isGlob)
	root := strings.Join(parts[:fixed], "/")
	switch {
	case fixed == 0:
		root = "."
	case root == "":
		root = "/"
	}
	g := globber{Walker: w, parts: slices.DeleteFunc(parts[fixed:], func(part string) bool { return part == "" })}
	found := false
	ok := g.folder(filepath.FromSlash(root), g.closure([]int{0}), func(file File, err error) bool {
		found = true
		return yield(file, err)
	})
	if ok && !found {
		return yield(File{pattern, true}, &fs.PathError{Op: "match", Path: pattern, Err: errors.New("no file matches the pattern")})
	}
	return ok
}

// globber walks folders beside a pattern. A state is a set of places in the
// pattern: parts[:place] have matched the path so far. A path is matched in all
// ways at once, so that no file comes twice.
type globber struct {
	Walker
	parts []string
}

// closure adds the places that "**" reaches by standing for no folder at all.
func (g globber) closure(places []int) []int {
	for i := 0; i < len(places); i++ {
		if p := places[i]; p < len(g.parts) && g.parts[p] == anyFolders && !slices.Contains(places, p+1) {
			places = append(places, p+1)
		}
	}
	return places
}

// step returns the places after one more name: those reached by a part that
// matches it, and those by a "**" that stands for it.
func (g globber) step(places []int, e entry) (matched, anywhere []int) {
	for _, p := range places {
		switch {
		case p == len(g.parts):
		case g.parts[p] == anyFolders:
			if !e.hidden() {
				anywhere = append(anywhere, p)
			}
		case e.hidden() && !strings.HasPrefix(g.parts[p], "."):
		default:
			if ok, err := filepath.Match(g.parts[p], e.name); err == nil && ok {
				matched = append(matched, p+1)
			}
		}
	}
	return matched, g.closure(anywhere)
}

// folder yields what matches below dir from the given places on.
func (g globber) folder(dir string, places []int, yield func(File, error) bool) bool {
	if slices.Contains(places, len(g.parts)) {
		return g.Walker.folder(dir, yield)
	}
	for e, err := range list(dir, g.batchSize()) {
		if err != nil {
			// A pattern may name folders that are none: then it matches nothing there.
			return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || yield(File{dir, false}, err)
		}
		if !g.entry(dir, places, e, yield) {
			return false
		}
	}
	return true
}

// entry yields what matches at and below one entry of a folder.
func (g globber) entry(dir string, places []int, e entry, yield func(File, error) bool) bool {
	matched, anywhere := g.step(places, e)
	if len(matched)+len(anywhere) == 0 {
		return true
	}
	path := filepath.Join(dir, e.name)
	isDir := e.typ.IsDir()
	if e.typ&fs.ModeSymlink != 0 && len(matched) > 0 {
		// A link to a folder is followed where a part of the pattern names it: the
		// parts come to an end, and so does a circle of links.
		info, err := os.Stat(path)
		isDir, anywhere = err == nil && info.IsDir(), nil
	}
	next := append(matched, anywhere...)
	slices.Sort(next)
	next = slices.Compact(next)
	switch {
	case isDir && g.ignored(path):
		return true
	case isDir:
		return g.folder(path, g.closure(next), yield)
	case slices.Contains(next, len(g.parts)):
		// Without closure: behind a file, "**" has no folder that it could leave out.
		return g.file(File{path, true}, e.typ, yield)
	}
	return true
}
