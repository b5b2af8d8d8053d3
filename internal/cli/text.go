package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Stdin is the argument that means standard input, and its name in reports.
const Stdin = "-"

// Printable quotes a name that could steer a terminal.
func Printable(name string) string {
	if q := fmt.Sprintf("%q", name); q != `"`+name+`"` {
		return q
	}
	return name
}

// Plain is an error's text, quoted if a name in it could steer a terminal.
func Plain(err error) string {
	text := err.Error()
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
