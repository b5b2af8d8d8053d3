package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var heading = regexp.MustCompile(`(?m)^## \[?([^\]\s]+)`)

// notes returns the section of the repository's CHANGELOG.md about a version, without its
// heading. A version that has none, or an empty one, is an error.
func notes(repo, version string) (string, error) {
	b, err := os.ReadFile(filepath.Join(repo, "CHANGELOG.md"))
	if err != nil {
		return "", err
	}
	text := string(b)
	sections := heading.FindAllStringSubmatchIndex(text, -1)
	for i, s := range sections {
		if text[s[2]:s[3]] != strings.TrimPrefix(version, "v") {
			continue
		}
		end := len(text)
		if i+1 < len(sections) {
			end = sections[i+1][0]
		}
		_, section, _ := strings.Cut(text[s[0]:end], "\n")
		if section = strings.TrimSpace(section); section != "" {
			return section + "\n", nil
		}
	}
	return "", fmt.Errorf("CHANGELOG.md says nothing about %s: give it a section \"## %s - YYYY-MM-DD\"", version, strings.TrimPrefix(version, "v"))
}
