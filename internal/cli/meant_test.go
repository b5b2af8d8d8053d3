package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMeant(t *testing.T) {
	known := []string{"check", "conform", "corrupt", "explain", "proxy", "serve"}
	for word, want := range map[string]string{
		"chek": "check", "serv": "serve", "confrom": "conform", "exp": "explain", "prxoy": "proxy", "check": "check",
		"": "", "x": "", "convert": "", "ch": "",
	} {
		require.Equal(t, want, Meant(word, known), word)
	}
	for pair, want := range map[[2]string]int{{"", ""}: 0, {"a", ""}: 1, {"", "ab"}: 2, {"kitten", "sitting"}: 3, {"abc", "abc"}: 0} {
		require.Equal(t, want, distance(pair[0], pair[1]), pair)
	}
}
