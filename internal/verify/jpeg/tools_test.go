package jpeg

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// madeBy is what jpegtran makes of a file: every way to code the same picture.
var madeBy = [][]string{
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
	{"-grayscale", "-progressive"},
}

// madeFiles returns what jpegtran makes of small good files in all ways, and
// non-interleaved files by a scan script.
func madeFiles(t testing.TB) []file {
	t.Helper()
	tool, err := exec.LookPath("jpegtran")
	if err != nil {
		t.Skip("jpegtran is not there: nothing was tested")
	}
	script := filepath.Join(t.TempDir(), "scans")
	require.NoError(t, os.WriteFile(script, []byte("0;\n1;\n2;\n"), 0o600))
	ways := append(madeBy[:len(madeBy):len(madeBy)],
		[]string{"-scans", script}, []string{"-scans", script, "-restart", "7B"}, []string{"-scans", script, "-arithmetic"})
	var files []file
	for i, f := range goodFiles(t) {
		// Running the tool is what takes time.
		if i%6 != 0 || len(f.data) > 30<<10 {
			continue
		}
		for _, way := range ways {
			cmd := exec.Command(tool, way...)
			cmd.Stdin = bytes.NewReader(f.data)
			out, err := cmd.Output()
			if err != nil { // a gray picture has no three scans
				continue
			}
			files = append(files, file{f.name + " " + strings.Join(way, " "), out})
		}
	}
	require.Greater(t, len(files), 80)
	return files
}

func TestMadeByJpegtran(t *testing.T) {
	for _, f := range madeFiles(t) {
		info, err := Verify(f.data, lim)
		require.NoError(t, err, f.name)
		require.Empty(t, info.Warnings, f.name)
		if _, err := Verify(f.data[:len(f.data)*2/3], lim); err == nil {
			t.Errorf("%s: cut, and accepted", f.name)
		}
	}
}

// stricter and laxer are the disagreements with djpeg, which calls a file corrupt
// when it warns. docs/differences-jpeg.md explains them.
var (
	stricter = []string{ // refused here, shown by djpeg without a warning
		"more than 64 coefficients",
		"coefficient behind the band",
		"EOB run in a sequential scan",
		"EOB run goes on behind the last block",
		"surplus data behind the scan's last MCU",
		"surplus bytes where a marker is due",
		"no such Huffman code",
		"is not defined",
		"entropy table",
		"conditioning",
		"twice",
		"out of order",
		"second scan of component",
		"no scan of component",
		"components",
	}
	laxer = []string{ // shown here, perhaps with a warning, and warned of by djpeg
		"Invalid SOS parameters for sequential JPEG",
		"unknown JFIF revision number",
		"Unknown Adobe color transform code",
		"extraneous bytes before marker", // with our warning: between segments, or few behind a scan
	}
)

// djpeg is libjpeg-turbo, as in browsers. Starting it takes milliseconds, so the test runs more
// than a token number only with IMGVET_MUTANTS.
func TestDifferentialDjpeg(t *testing.T) {
	tool, err := exec.LookPath("djpeg")
	if err != nil {
		t.Skip("djpeg is not there: nothing was tested")
	}
	mutants := 40
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		mutants, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	files := madeFiles(t)
	rng := rand.New(rand.NewPCG(5, 5))
	met := map[string]int{}
	for range mutants {
		f := files[rng.IntN(len(files))]
		data := mutate(rng, f.data, files[rng.IntN(len(files))].data)
		info, ours := Verify(data, lim)
		if int64(info.Width)*int64(info.Height) > 1<<21 {
			continue
		}
		cmd := exec.Command(tool, "-outfile", os.DevNull)
		cmd.Stdin = bytes.NewReader(data)
		out, theirs := cmd.CombinedOutput() // exit status 2 is a warning
		if (ours == nil) == (theirs == nil) {
			met["agreed"]++
			continue
		}
		text, list := string(out), laxer
		if ours != nil {
			text, list = ours.Error(), stricter
		}
		found := ""
		for _, s := range list {
			if strings.Contains(text, s) {
				found = s
			}
		}
		if found == "extraneous bytes before marker" && !hasReason(info, verify.FillBytes) && !hasReason(info, verify.SizeDisagrees) {
			t.Errorf("%s: no warning of what djpeg warns of: %s", f.name, out)
		}
		met[found]++
		if found == "" {
			t.Errorf("unexplained difference: %s: ours %v, djpeg %s", f.name, ours, out)
		}
	}
	t.Log(met)
}

// How much of a photograph's scan may be zeroed without a trace: zeros decode as codes like any
// other bits, and only the number of bits reveals them.
func TestZeroedBytes(t *testing.T) {
	for _, tran := range [][]string{nil, {"-progressive"}, {"-restart", "1"}} {
		data := benchKind{"", 640, 480, 90, tran}.make(t)
		const tries = 400
		passed := 0
		rng := rand.New(rand.NewPCG(9, 9))
		for range tries {
			c := bytes.Clone(data)
			from := 1000 + rng.IntN(len(c)-1600)
			clear(c[from : from+512])
			if _, err := Verify(c, lim); err == nil {
				passed++
			}
		}
		t.Logf("%d bytes %v: %d of %d passed", len(data), tran, passed, tries)
		require.Less(t, passed, tries/20)
	}
}
