package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/imgvet/imgvet/internal/testenv"

	"github.com/stretchr/testify/require"
)

// TestManyFiles measures a folder of many files beside one of few: memory is the same,
// and the first line comes long before the last file. IMGVET_MANY=100000 makes it as
// many; -v prints what was measured.
func TestManyFiles(t *testing.T) {
	const few = 500
	many := 5000
	if !testenv.Long() {
		many = 1500
	}
	if s := os.Getenv("IMGVET_MANY"); s != "" {
		var err error
		many, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	_, png := folder(t)
	checkFolder := func(n int) (peak int64) {
		dir := t.TempDir()
		for i := range n {
			name := filepath.Join(dir, fmt.Sprintf("photo-%07d.png", i))
			if i%10000 == 0 { // a file has a limit of links
				require.NoError(t, os.WriteFile(name, png, 0o600))
			} else {
				require.NoError(t, os.Link(filepath.Join(dir, fmt.Sprintf("photo-%07d.png", i/10000*10000)), name))
			}
		}
		cmd := process(t, "check", "--json", "--sarif", os.DevNull, "--junit", os.DevNull, "--report", os.DevNull, dir)
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		cmd.Stderr = os.Stderr
		start := time.Now()
		require.NoError(t, cmd.Start())
		lines := bufio.NewReader(stdout)
		_, err = lines.ReadString('\n')
		require.NoError(t, err)
		first := time.Since(start)
		seen := 1
		for {
			if _, err := lines.ReadString('\n'); err == io.EOF {
				break
			}
			require.NoError(t, err)
			seen++
		}
		require.NoError(t, cmd.Wait())
		require.Equal(t, n, seen)
		peak = int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10 //nolint:unconvert // it is an int32 in 32-bit builds
		t.Logf("%d files: peak %.1f MiB resident, first line after %v, all in %v",
			n, float64(peak)/(1<<20), first.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
		return peak
	}
	// The garbage collector lets a heap of a few MB double; the rest is the program.
	require.Less(t, checkFolder(many), checkFolder(few)+(24<<20))
}
