package heic_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/testenv"
)

// mutantsEnv is how many damaged files the differential tests try; by default as
// many as take some seconds.
const mutantsEnv = "IMGVET_HEIC_MUTANTS"

func mutantCount(t *testing.T, otherwise int) int {
	t.Helper()
	s := os.Getenv(mutantsEnv)
	if s == "" {
		return testenv.Count(otherwise, otherwise/10)
	}
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// mutants yields damaged files: of all small good files in turn.
func mutants(t *testing.T, n int) func(yield func(string, []byte) bool) {
	var files []good
	for _, g := range goodFiles(t) {
		if len(g.b) < 1<<14 {
			files = append(files, g)
		}
	}
	r := rand.New(rand.NewPCG(2, 4))
	return func(yield func(string, []byte) bool) {
		for i := range n {
			g := files[i%len(files)]
			if !yield(fmt.Sprintf("%s, mutant %d", g.name, i), mutate(r, g.b)) {
				return
			}
		}
	}
}

// What heif-convert refuses and we accept is explained by class.
func TestMutantsWithHeifConvert(t *testing.T) {
	convert := tool(t, "heif-convert")
	table := tally{}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.heic"), filepath.Join(dir, "out.png")
	n := mutantCount(t, 150)
	for name, b := range mutants(t, n) {
		require.NoError(t, os.WriteFile(in, b, 0o600))
		_, err := heic.Verify(b, heic.Limits{})
		ours := "accepted"
		if err != nil {
			ours = class(err)
		}
		msg, cerr := exec.Command("timeout", "5", convert, in, out).CombinedOutput()
		theirs := shown
		var exit *exec.ExitError
		switch {
		case errors.As(cerr, &exit) && exit.ExitCode() != 1:
			theirs = dies
		case cerr != nil:
			theirs = refuses
		}
		if err == nil && cerr != nil {
			ours += ": " + string(bytes.Join(bytes.Fields(digits.ReplaceAll(msg, []byte("N"))), []byte(" ")))
			t.Logf("%s: accepted, heif-convert: %s", name, msg)
		}
		table.add(ours, theirs)
	}
	table.log(t, n)
}

var digits = regexp.MustCompile(`[0-9]+|"[^"]*"`)

// class is the fault without what differs from file to file.
func class(err error) string {
	var f *heic.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	return string(f.Reason) + ": " + digits.ReplaceAllString(f.Text, "N")
}

// tally counts what another decoder makes of each class of ours.
type tally map[string]map[string]int

func (a tally) add(ours, theirs string) {
	if a[ours] == nil {
		a[ours] = map[string]int{}
	}
	a[ours][theirs]++
}

func (a tally) log(t *testing.T, n int) {
	t.Helper()
	total := map[string]int{}
	for _, ours := range slices.Sorted(maps.Keys(a)) {
		t.Logf("%-70s %v", ours, a[ours])
		for k, v := range a[ours] {
			total[k] += v
		}
	}
	t.Logf("%d mutants: accepted %v; by the other: %v", n, a["accepted"], total)
}
