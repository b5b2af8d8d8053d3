package paths

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// Set is a list of patterns. The zero value, with none, checks every path.
type Set struct {
	patterns [][]string // segments, folded
	base     string     // what the service's paths begin with, escaped
}

// Parse returns the patterns of paths to check, such as "/upload", "/users/*/photo" and
// "/api/**": "*" stands for any characters within a segment, "**" for any number of
// segments. They are as a client writes them; base is the path of the service's address, escaped,
// which comes before them.
func Parse(patterns []string, base string) (Set, error) {
	s := Set{base: strings.TrimSuffix(base, "/")}
	decoded, err := url.PathUnescape(s.base)
	errs := []error{err}
	for _, p := range patterns {
		segments := strings.Split(p, "/")
		switch {
		case !strings.HasPrefix(p, "/"):
			errs = append(errs, fmt.Errorf("--path %q does not begin with a slash", p))
			continue
		case strings.ContainsAny(p, "%;\\?#") || strings.Contains(p, "//") || path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/":
			errs = append(errs, fmt.Errorf("--path %q: write it plainly, without escapes, parameters, dot segments and double slashes", p))
			continue
		}
		for _, segment := range segments {
			if strings.Contains(segment, "**") && segment != "**" {
				errs = append(errs, fmt.Errorf("--path %q: ** stands for whole segments", p))
			}
		}
		s.patterns = append(s.patterns, split(fold(decoded+p)))
	}
	return s, errors.Join(errs...)
}

// Checks reports whether a request is checked. escaped is its path as the client wrote it
// ([url.URL.EscapedPath]).
func (s Set) Checks(escaped string) bool {
	if len(s.patterns) == 0 {
		return true
	}
	if !strings.HasPrefix(escaped, "/") {
		return true // "*" of OPTIONS, or nothing of CONNECT
	}
	readings, sure := read(s.base + escaped)
	if !sure {
		return true
	}
	for _, segments := range readings {
		for _, p := range s.patterns {
			if matches(p, segments) {
				return true
			}
		}
	}
	return false
}

// matches reports whether segments match a pattern.
func matches(pattern, segments []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(segments) + 1 {
				if matches(pattern[1:], segments[i:]) {
					return true
				}
			}
			return false
		}
		if len(segments) == 0 || !matchesSegment(pattern[0], segments[0]) {
			return false
		}
		pattern, segments = pattern[1:], segments[1:]
	}
	return len(segments) == 0
}

// matchesSegment reports whether one segment matches, where "*" is any run of characters.
func matchesSegment(pattern, s string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
