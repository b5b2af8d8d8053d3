package walk

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBracesLikeBash: what bash makes of braces is what we make of them.
func TestBracesLikeBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("SKIPPED: no bash")
	}
	for _, p := range []string{
		"a", "{a,b}", "x{a,b}y", "{a}", "{}", "{a,}b", "{,a}b", "a{b,c{d,e}}f", "{a,b}{c,d}", "{a,b", "a,b}", "{a}{b,c}", "{{a,b}}", "{a,{b}}",
		"p/**/*.{jpg,png}", "{a,b}c{d", "x{,}y", "{{a},b}", "a{b,c}d{e,f}g",
	} {
		out, err := exec.CommandContext(t.Context(), bash, "-c", "set -f; printf '<%s>' "+p).Output()
		require.NoError(t, err, p)
		want := strings.Split(strings.TrimSuffix(strings.TrimPrefix(string(out), "<"), ">"), "><")
		got, ok := braces(p)
		require.True(t, ok, p)
		// bash drops words that are empty; a pattern is never empty.
		require.Equal(t, want, got, p)
	}
	_, ok := braces(strings.Repeat("{a,b}", 11))
	require.False(t, ok)
}
