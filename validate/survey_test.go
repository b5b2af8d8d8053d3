package validate_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// tally counts what became of the files of one format.
type tally struct {
	good, strict int                     // accepted, and under Strict too
	warned       map[validate.Reason]int // files that have such a warning
	refused      map[validate.Reason]int // files that Strict refuses for it
	broken       int                     // refused under Normal: no good files, and not counted above
}

// TestSurvey counts what Strict refuses among good files of others, by reason and format:
// those of Go, of the Go modules in the cache and of Debian's packages, and of the folders
// that IMGVET_SURVEY names beside "1". docs/strictness.md has the table.
func TestSurvey(t *testing.T) {
	more := os.Getenv("IMGVET_SURVEY")
	if more == "" {
		t.Skip("SKIPPED: IMGVET_SURVEY is not set: no file of others was judged")
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	require.NoError(t, err)
	dirs := []string{"/usr/share", strings.TrimSpace(string(cache))}
	if goroot, err := exec.Command("go", "env", "GOROOT").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(goroot)))
	}
	for _, dir := range filepath.SplitList(more) {
		if dir != "1" {
			dirs = append(dirs, dir)
		}
	}
	seen := map[[sha256.Size]byte]bool{}
	tallies := map[detect.Format]*tally{}
	for _, dir := range dirs {
		require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && isPicture(name) {
				survey(t, name, seen, tallies)
			}
			return nil // a folder that may not be read has no files for us
		}))
	}
	for f, c := range tallies {
		require.Positive(t, c.good, f)
		t.Logf("%s: %d good files, Strict refuses %d (%.1f %%); %d are refused by Normal", f, c.good, c.good-c.strict,
			100*float64(c.good-c.strict)/float64(c.good), c.broken)
		for _, r := range sorted(c.warned) {
			t.Logf("%s: %s in %d files, refused for it by Strict: %d", f, r, c.warned[r], c.refused[r])
		}
	}
}

func sorted(m map[validate.Reason]int) []validate.Reason {
	var out []validate.Reason
	for r := range m {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

// isPicture goes by the name: few of a module's files are pictures.
func isPicture(name string) bool {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		if slices.Contains(f.Extensions(), ext) {
			return true
		}
	}
	return false
}

// survey judges the file, once if it is there under many names.
func survey(t *testing.T, name string, seen map[[sha256.Size]byte]bool, tallies map[detect.Format]*tally) {
	b, err := os.ReadFile(name)
	sum := sha256.Sum256(b)
	if err != nil || seen[sum] {
		return
	}
	seen[sum] = true
	opts := validate.Options{MaxBytes: 64 << 20}
	res, err := validate.Bytes(context.Background(), b, opts)
	if res.Format == detect.Unknown {
		return
	}
	c := tallies[res.Format]
	if c == nil {
		c = &tally{warned: map[validate.Reason]int{}, refused: map[validate.Reason]int{}}
		tallies[res.Format] = c
	}
	if err != nil {
		c.broken++
		t.Logf("refused by Normal: %s: %v", name, err)
		return
	}
	c.good++
	reasons := map[validate.Reason]bool{}
	for _, w := range res.Warnings {
		reasons[w.Reason] = true
	}
	for r := range reasons {
		c.warned[r]++
	}
	opts.Tolerance = validate.Strict
	var refusal *validate.Error
	if _, err = validate.Bytes(context.Background(), b, opts); errors.As(err, &refusal) {
		c.refused[refusal.Reason]++
		t.Logf("refused by Strict: %s: %v", name, err)
		return
	}
	require.NoError(t, err, name)
	c.strict++
}
