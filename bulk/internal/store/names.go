package store

import (
	"strings"
	"unicode/utf8"
)

// Keys of buckets are UTF-8, and names of files are any bytes. In a key, a byte of a name that
// is not UTF-8 is a character at the end of the last private-use plane.
const (
	rawBase  = 0x10FF00
	rawFirst = rawBase + 0x80
	rawLast  = rawBase + 0xFF
)

// keyOf returns the key of a file name (with slashes). nameOf is its inverse.
func keyOf(name string) string {
	if utf8.ValidString(name) && !hasRaw(name) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && n == 1 || isRaw(r) {
			for _, c := range []byte(name[i : i+n]) {
				b.WriteRune(rawBase + rune(c))
			}
		} else {
			b.WriteString(name[i : i+n])
		}
		i += n
	}
	return b.String()
}

// nameOf returns the file name of a key.
func nameOf(key string) string {
	if !hasRaw(key) {
		return key
	}
	var b strings.Builder
	for _, r := range key {
		if isRaw(r) {
			b.WriteByte(byte(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isRaw(r rune) bool { return r >= rawFirst && r <= rawLast }

func hasRaw(s string) bool { return strings.ContainsFunc(s, isRaw) }
