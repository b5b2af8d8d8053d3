package paths

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDecodings is how often a service may decode a path one time too many. What is still coded
// then is in doubt.
const maxDecodings = 3

// maxPath is the length of a path of which all readings are looked at, and maxSegments how
// many segments it may have. A longer one is in doubt.
const (
	maxPath     = 2048
	maxSegments = 128
)

// maxReadings is how many readings are looked at. A path of more is in doubt: a request of a
// kilobyte could take tens of milliseconds otherwise.
const maxReadings = 64

// read returns the readings of a path, each as its segments, folded. It returns false if a
// service may read it in ways that nobody can foresee.
func read(escaped string) (readings [][]string, sure bool) {
	if len(escaped) > maxPath || strings.Count(escaped, "/") > maxSegments {
		return nil, false
	}
	for range maxDecodings {
		if !foreseen(escaped) {
			return nil, false
		}
		for _, variant := range variants(fold(escaped)) {
			if readings = add(readings, variant); len(readings) > maxReadings {
				return nil, false
			}
		}
		decoded, err := url.PathUnescape(escaped)
		if err != nil {
			return nil, false
		}
		if decoded == escaped {
			return readings, true
		}
		escaped = decoded
	}
	return nil, false
}

// foreseen reports whether a path is text that services agree about, apart from what variants
// knows. Control characters cut a path or vanish; what is not UTF-8 may be an overlong
// slash; signs beyond ASCII become other signs where a service maps them to its own set.
func foreseen(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		switch {
		case r < ' ' || r == 0x7f:
			return false
		case r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			return false
		}
	}
	return true
}

// fold returns s as a service reads it that knows no difference between upper and lower
// case, nor between the wide letters of East Asian text and others.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xff01 && r <= 0xff5e {
			r -= 0xff01 - '!'
		}
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return unicode.ToLower(least)
	}, s)
}

// add adds a reading, and those of services that take more paths for the same.
func add(readings [][]string, segments []string) [][]string {
	known := func(s []string) bool {
		return slices.ContainsFunc(readings, func(r []string) bool { return slices.Equal(r, s) })
	}
	if known(segments) {
		return readings
	}
	readings = append(readings, segments)
	for i, segment := range segments {
		if len(readings) > maxReadings {
			break
		}
		// /upload.php/any is /upload.php to PHP and CGI; /upload.json is /upload to Rails.
		if dot := strings.IndexByte(segment, '.'); dot > 0 {
			script := slices.Clone(segments[:i+1])
			if !known(script) {
				readings = append(readings, script)
			}
			if bare := append(slices.Clone(segments[:i]), segment[:strings.LastIndexByte(segment, '.')]); i == len(segments)-1 && !known(bare) {
				readings = append(readings, bare)
			}
		}
	}
	return readings
}

// variants returns the segments of a path in each way that services take it apart.
func variants(s string) [][]string {
	texts := []string{s}
	also := func(change func(string) string) {
		for _, t := range slices.Clone(texts) {
			if changed := change(t); changed != t {
				texts = append(texts, changed)
			}
		}
	}
	also(func(t string) string { return strings.ReplaceAll(t, `\`, "/") })
	also(func(t string) string { // what was decoded once too often
		if i := strings.IndexAny(t, "?#"); i >= 0 {
			return t[:i]
		}
		return t
	})
	also(withoutParameters)
	also(func(t string) string { before, _, _ := strings.Cut(t, ";"); return before })
	var all [][]string
	for _, t := range texts {
		raw := strings.Split(strings.TrimPrefix(t, "/"), "/")
		merged := split(t)
		all = append(all, merged, resolve(merged), split(strings.Join(resolve(raw), "/")))
	}
	return all
}

// withoutParameters cuts ";name=value" from each segment, as Java servers do.
func withoutParameters(s string) string {
	segments := strings.Split(s, "/")
	for i, segment := range segments {
		segments[i], _, _ = strings.Cut(segment, ";")
	}
	return strings.Join(segments, "/")
}

// split returns the segments that are not empty, without the dots and blanks at their end,
// which Windows leaves out. A dot segment stays.
func split(s string) []string {
	var all []string
	for segment := range strings.SplitSeq(s, "/") {
		if segment != "." && segment != ".." {
			segment = strings.TrimRight(segment, ". ")
		}
		if segment != "" {
			all = append(all, segment)
		}
	}
	return all
}

// resolve removes dot segments (RFC 3986, 5.2.4).
func resolve(segments []string) []string {
	out := []string{}
	for _, segment := range segments {
		switch segment {
		case ".":
		case "..":
			out = out[:max(0, len(out)-1)]
		default:
			out = append(out, segment)
		}
	}
	return out
}
