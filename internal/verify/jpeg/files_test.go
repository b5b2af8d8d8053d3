package jpeg

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// lim is what the tests verify under, unless they test limits.
var lim = verify.Limits{MaxPixels: 100_000_000}

// file is a good JPEG file.
type file struct {
	name string
	data []byte
}

// truncatedByIntent is the one file of GOROOT that is not whole.
const truncatedByIntent = "video-001.progressive.truncated.jpeg"

// goodFiles returns the whole JPEG files of the Go project's testdata.
func goodFiles(t testing.TB) []file {
	t.Helper()
	root := strings.TrimSpace(goOutput(t, "env", "GOROOT"))
	ximage := strings.TrimSpace(goOutput(t, "list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"))
	var files []file
	for _, pattern := range []string{
		filepath.Join(root, "src/image/testdata/*.jpeg"),
		filepath.Join(ximage, "testdata/*.jpeg"),
		"../../../testdata/good/*/*.jpg",
		"../../../testdata/good/*/*.jpeg",
	} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			if filepath.Base(name) == truncatedByIntent {
				continue
			}
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			files = append(files, file{filepath.Base(name), data})
		}
	}
	require.GreaterOrEqual(t, len(files), 26, "GOROOT's test files are not there")
	return files
}

func goOutput(t testing.TB, args ...string) string {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("no go command here")
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Skipf("go %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// reason returns the reason of a refusal, or "" for none.
func reason(t testing.TB, err error) verify.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	var fault *verify.Fault
	require.ErrorAs(t, err, &fault)
	return fault.Reason
}
