package webp

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

var limits = verify.Limits{MaxPixels: 100_000_000}

// file is a picture for the tests.
type file struct {
	name string
	data []byte
}

// goodFiles returns the good files of this repository and of x/image.
func goodFiles(tb testing.TB) []file {
	tb.Helper()
	var files []file
	for _, dir := range []string{"../../../testdata/good/webp", filepath.Join(xImage(tb), "testdata")} {
		names, err := filepath.Glob(filepath.Join(dir, "*.webp"))
		require.NoError(tb, err)
		for _, name := range names {
			b, err := os.ReadFile(name)
			require.NoError(tb, err)
			files = append(files, file{filepath.Base(name), b})
		}
	}
	require.GreaterOrEqual(tb, len(files), 30)
	return files
}

// xImage returns the folder of golang.org/x/image.
func xImage(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/image").Output()
	require.NoError(tb, err)
	return strings.TrimSpace(string(out))
}

func TestGoodFiles(t *testing.T) {
	for _, f := range goodFiles(t) {
		info, err := Verify(f.data, limits)
		require.NoError(t, err, f.name)
		require.Empty(t, info.Warnings, f.name)
		require.Positive(t, info.Width, f.name)
		require.Positive(t, info.Height, f.name)
		require.Equal(t, 1, info.Frames, f.name)
	}
}

// Every strict prefix is refused as Truncated.
func TestPrefixes(t *testing.T) {
	for _, f := range goodFiles(t) {
		for n := range len(f.data) {
			if n > 4096 && n < len(f.data)-64 && n%61 != 0 {
				continue
			}
			_, err := Verify(f.data[:n], limits)
			require.Error(t, err, "%s: %d bytes", f.name, n)
			fault := new(verify.Fault)
			require.ErrorAs(t, err, &fault, f.name)
			require.Equal(t, verify.Truncated, fault.Reason, "%s: %d bytes: %v", f.name, n, err)
		}
	}
}
