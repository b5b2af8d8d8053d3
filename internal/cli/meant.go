package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Meant returns the word of known that somebody who wrote word meant, or "": the one that begins
// with it, or that differs least, by two letters at most.
func Meant(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if len(word) >= 3 && strings.HasPrefix(k, word) {
			return k
		}
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance returns how many letters must be added, removed or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above, left := row[0], i+1
		row[0] = left
		for j := range len(b) {
			change := above
			if a[i] != b[j] {
				change++
			}
			above = row[j+1]
			left = min(change, above+1, left+1)
			row[j+1] = left
		}
	}
	return row[len(b)]
}

// DidYouMean returns ": did you mean X?" for the word of known that is meant, or "".
func DidYouMean(word string, known []string) string {
	if meant := Meant(word, known); meant != "" {
		return fmt.Sprintf(": did you mean %q?", meant)
	}
	return ""
}

// FlagError adds the flag that is meant to the error about one that does not exist.
func FlagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) || missing.GetSpecifiedShortnames() != "" {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	slices.Sort(known)
	return fmt.Errorf("%w%s", err, DidYouMean("--"+missing.GetSpecifiedName(), known))
}
