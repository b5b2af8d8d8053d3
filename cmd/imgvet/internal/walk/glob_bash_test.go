package walk

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGlobLikeBash compares patterns by chance with what bash makes of them, with
// "**" on (globstar), in a tree of short names by chance.
func TestGlobLikeBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	t.Chdir(t.TempDir())
	for range 150 {
		var parts []string
		for range 1 + random.IntN(4) {
			parts = append(parts, pick("a", "b", "ab", "c.d", ".h", "ba", "bb"))
		}
		path := filepath.Join(parts...)
		if os.MkdirAll(filepath.Dir(path), 0o700) == nil { // a file may be in the way
			_ = os.WriteFile(path, nil, 0o600) // or a folder
		}
	}
	var patterns []string
	for range 400 {
		var parts []string
		for range 1 + random.IntN(4) {
			parts = append(parts, pick("*", "**", "a*", "?", "[ab]", "[!a]*", "*.d", ".*", "a", "b", "??", "ab", "[a-c]?*"))
		}
		patterns = append(patterns, strings.Join(parts, "/"))
	}
	// What "." and ".." add to ".*" in old versions of bash is no entry of a folder.
	script := "shopt -s globstar nullglob; for p in \"$@\"; do IFS=; for f in $p; do case $f in .|..|*/.|*/..|./*|../*|*/./*|*/../*) ;; *) printf '%s\\n' \"$f\";; esac; done; echo; done"
	out, err := exec.CommandContext(t.Context(), bash, append([]string{"-c", script, "bash"}, patterns...)...).Output()
	require.NoError(t, err)
	answers := strings.Split(string(out), "\n")
	matched := 0
	for _, pattern := range patterns {
		end := slices.Index(answers, "")
		require.GreaterOrEqual(t, end, 0)
		if !isGlob(pattern) {
			answers = answers[end+1:]
			continue
		}
		// A folder that a shell hands over is walked.
		want := map[string]bool{}
		for _, name := range answers[:end] {
			files, failed := walked(Walker{}, strings.TrimSuffix(name, "/"))
			require.Empty(t, failed, name)
			for _, f := range files {
				want[f] = true
			}
		}
		answers = answers[end+1:]
		files, _ := walked(Walker{}, pattern)
		got := map[string]bool{}
		for _, f := range files {
			require.False(t, got[f], "%s: %s comes twice", pattern, f)
			got[f] = true
		}
		require.Equal(t, want, got, "pattern %s", pattern)
		matched += len(got)
	}
	require.Greater(t, matched, 1000, fmt.Sprint(len(patterns), " patterns"))
}
