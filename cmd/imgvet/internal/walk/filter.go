package walk

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Filter says which of the files that are found below folders count. Names that the user gives
// are not filtered. Its patterns are those of [doublestar.Match]: "**" stands for any number of
// folders, {a,b} for either. One without a slash is held against the name, any other
// against the path below the folder.
type Filter struct {
	Include []string // nil takes everything
	Exclude []string // of those; of a folder, everything below it
}

// Problems returns what is wrong with the patterns.
func (f Filter) Problems() error {
	for flag, patterns := range map[string][]string{"--include": f.Include, "--exclude": f.Exclude} {
		for _, p := range patterns {
			if !doublestar.ValidatePattern(p) {
				return fmt.Errorf("%s %q is no pattern", flag, p)
			}
		}
	}
	return nil
}

// takes reports whether a file counts, or a folder is walked, whose path below the folder that the
// user named is rel.
func (f Filter) takes(rel string, folder bool) bool {
	return (folder || f.Include == nil || matchesAny(f.Include, rel)) && !matchesAny(f.Exclude, rel)
}

func matchesAny(patterns []string, rel string) bool {
	rel = filepath.ToSlash(rel)
	for _, p := range patterns {
		of := rel
		if p = strings.TrimSuffix(p, "/"); !strings.Contains(p, "/") {
			of = path.Base(rel)
		}
		if ok, err := doublestar.Match(p, of); err == nil && ok {
			return true
		}
	}
	return false
}
