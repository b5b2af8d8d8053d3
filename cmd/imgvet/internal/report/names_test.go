package report

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFileURI(t *testing.T) {
	for name, want := range map[string]string{
		"a.png":           "a.png",
		"./a b.png":       "a%20b.png",
		"p/ü#?%.png":      "p/%C3%BC%23%3F%25.png",
		"c:d.png":         "./c:d.png", // not of scheme "c"
		"../x":            "../x",
		"bad\xffutf8.png": "bad%FFutf8.png",
	} {
		require.Equal(t, want, fileURI(name))
	}
	if runtime.GOOS != "windows" {
		require.Equal(t, "file:///a/b.png", fileURI("//a/./b.png"))
	}
}

// TestXMLText: what XML cannot hold is quoted.
func TestXMLText(t *testing.T) {
	require.Equal(t, `"a\ab"`, xmlText("a\ab"))
	require.Equal(t, `"\xff"`, xmlText("\xff"))
	require.Equal(t, "a ü\n", xmlText("a ü\n"))
}
