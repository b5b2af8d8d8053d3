package jpeg_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/stretchr/testify/require"
)

// ways are what jpegtran makes of a file: every way to code the same coefficients.
var ways = [][]string{
	{"-optimize"},
	{"-progressive"},
	{"-arithmetic"},
	{"-arithmetic", "-progressive"},
	{"-restart", "1"},
	{"-restart", "3B"},
	{"-progressive", "-restart", "1B"},
	{"-progressive", "-restart", "2"},
	{"-arithmetic", "-restart", "5B"},
	{"-arithmetic", "-progressive", "-restart", "1"},
}

// scripts are scan scripts of three components: separate scans, spectral selection
// alone, successive approximation alone, and bands that are refined across each other.
var scripts = []string{
	"0;\n1;\n2;\n",
	"0,1: 0-63, 0, 0;\n2: 0-63, 0, 0;\n",
	"0,1,2: 0-0, 0, 0;\n0: 1-2, 0, 0;\n0: 3-9, 0, 0;\n0: 10-63, 0, 0;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n",
	"0,1,2: 0-0, 0, 3;\n0,1,2: 0-0, 3, 2;\n0,1,2: 0-0, 2, 1;\n0,1,2: 0-0, 1, 0;\n0: 1-63, 0, 2;\n0: 1-63, 2, 1;\n0: 1-63, 1, 0;\n1: 1-63, 0, 0;\n2: 1-63, 0, 0;\n",
	"0: 0-0, 0, 1;\n1: 0-0, 0, 1;\n2: 0-0, 0, 1;\n0: 30-63, 0, 2;\n0: 1-29, 0, 2;\n0: 1-63, 2, 1;\n0: 1-10, 1, 0;\n0: 11-63, 1, 0;\n1: 1-63, 0, 1;\n2: 1-63, 0, 1;\n1: 1-63, 1, 0;\n2: 1-5, 1, 0;\n2: 6-63, 1, 0;\n0,1,2: 0-0, 1, 0;\n",
}

func lookTool(name string) (string, error) { return exec.LookPath(name) }

// However its coefficients are coded, a picture has the same samples, at each scale.
func TestEveryWayOfCoding(t *testing.T) {
	testenv.OneGoroutine(t)
	jpegtran := tool(t, "jpegtran")
	all := ways[:len(ways):len(ways)]
	for i, script := range scripts {
		name := filepath.Join(t.TempDir(), fmt.Sprint(i))
		require.NoError(t, os.WriteFile(name, []byte(script), 0o600))
		all = append(all, []string{"-scans", name}, []string{"-scans", name, "-arithmetic"}, []string{"-scans", name, "-restart", "7B"})
	}
	made := 0
	for i, f := range goodFiles(t) {
		// Running the tool is what takes time.
		if i%6 != 0 || len(f.data) > 40<<10 {
			continue
		}
		var want [9][][]byte
		for _, scale := range []int{1, 2, 4, 8} {
			want[scale], _ = planesOf(t, decode(t, f.name, f.data, scale))
		}
		for _, way := range all {
			cmd := exec.Command(jpegtran, way...)
			cmd.Stdin = bytes.NewReader(f.data)
			data, err := cmd.Output()
			if err != nil { // a gray picture has no three scans
				continue
			}
			made++
			for _, scale := range []int{1, 2, 4, 8} {
				got, _ := planesOf(t, decode(t, f.name+fmt.Sprint(way), data, scale))
				require.Equal(t, want[scale], got, "%s %v at 1/%d", f.name, way, scale)
			}
		}
	}
	require.Greater(t, made, 100)
}
