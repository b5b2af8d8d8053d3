package fuzz

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/testenv"
)

// TestGoodHEICCasesDecode holds the good HEIC cases against libheif.
func TestGoodHEICCasesDecode(t *testing.T) {
	testenv.OneGoroutine(t)
	tool, err := exec.LookPath("heif-convert")
	if err != nil {
		t.Skip("heif-convert (Debian: libheif-examples) is not installed: HEIC cases are not held against libheif")
	}
	dir := t.TempDir()
	n := 0
	for c := range Cases() {
		if n++; !testenv.Long() && n%4 != 0 && lackingInLibheif[c.Name] == "" {
			continue // a process for each
		}
		if !c.OK || c.Format != detect.HEIC || len(c.Data) > 1<<20 || costlyInLibheif[c.Name] {
			continue
		}
		in, out := filepath.Join(dir, "in.heic"), filepath.Join(dir, "out.png")
		require.NoError(t, os.WriteFile(in, c.Data, 0o600))
		text, err := exec.Command(tool, in, out).CombinedOutput()
		why, lacks := lackingInLibheif[c.Name]
		switch {
		case lacks && err == nil:
			t.Errorf("%s: not lacking any more: %s", c.Name, why)
		case !lacks && err != nil:
			t.Errorf("%s: libheif refuses: %v: %s\n\t%s", c.Name, err, text, c.Why)
		}
	}
}
