package walk

import "strings"

// maxBraces is how many patterns the braces of one may stand for.
const maxBraces = 1024

// braces expands {a,b} in a pattern, as bash does before it looks for files: outermost first,
// from left to right. Braces without a comma, or without an end, stand for themselves. ok is
// false if there are too many.
func braces(pattern string) (all []string, ok bool) {
	open, parts, rest := alternatives(pattern)
	if parts == nil {
		return []string{pattern}, true
	}
	tails, ok := braces(rest)
	if !ok {
		return nil, false
	}
	for _, part := range parts {
		heads, ok := braces(part)
		if !ok || len(all)+len(heads)*len(tails) > maxBraces {
			return nil, false
		}
		for _, head := range heads {
			for _, tail := range tails {
				all = append(all, pattern[:open]+head+tail)
			}
		}
	}
	return all, true
}

// alternatives finds the first braces with a comma: where they open, what stands between their
// commas, and what follows them. parts is nil if there are none.
func alternatives(s string) (open int, parts []string, rest string) {
	for open = 0; open < len(s); open++ {
		switch s[open] {
		case '\\':
			open++
			continue
		case '{':
		default:
			continue
		}
		depth, from := 0, open+1
		parts = nil
		for i := open + 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '{':
				depth++
			case ',':
				if depth == 0 {
					parts, from = append(parts, s[from:i]), i+1
				}
			case '}':
				if depth > 0 {
					depth--
				} else if parts == nil {
					i = len(s) // {a} stands for itself
				} else {
					return open, append(parts, s[from:i]), s[i+1:]
				}
			}
		}
	}
	return 0, nil, ""
}

// hasBraces reports whether a pattern stands for several.
func hasBraces(pattern string) bool {
	if !strings.Contains(pattern, "{") {
		return false
	}
	_, parts, _ := alternatives(pattern)
	return parts != nil
}
