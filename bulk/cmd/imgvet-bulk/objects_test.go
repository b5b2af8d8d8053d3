package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// goodFiles are small real pictures of all five formats.
func goodFiles(t testing.TB) [][]byte {
	var all [][]byte
	err := filepath.WalkDir("../../../testdata/good", func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() && info.Size() < 8<<10 {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			if _, err := validate.Bytes(t.Context(), b, validate.Options{}); err == nil {
				all = append(all, b)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 60)
	return all
}

// objects writes n objects, of which bad are built by the fuzz kit, and returns the line that
// each deserves, by its key: the verdict of package validate of the bytes in memory.
func objects(t testing.TB, dir string, n, bad int, seed uint64) map[string]string {
	random := rand.New(rand.NewPCG(seed, 19))
	good := goodFiles(t)
	isBad := make([]bool, n)
	for _, i := range random.Perm(n)[:bad] {
		isBad[i] = true
	}
	want := make(map[string]string, n)
	for i := range n {
		b := good[random.IntN(len(good))]
		res, err := validate.Bytes(t.Context(), b, validate.Options{})
		for tries := 0; isBad[i] && err == nil; tries++ {
			require.Less(t, tries, 1000)
			damaged := fuzz.Corrupt(random.Uint64(), b)
			if res, err = validate.Bytes(t.Context(), damaged, validate.Options{}); err != nil {
				b = damaged
			}
		}
		require.Equal(t, isBad[i], err != nil)
		key := fmt.Sprintf("%02d/%06d x%c.jpg", i%7, i, rune(0x3b1+i%24))
		path := filepath.Join(dir, key)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, b, 0o644))
		text, jsonErr := json.Marshal(validate.VerdictOf(key, res, err))
		require.NoError(t, jsonErr)
		want[key] = string(text)
	}
	return want
}

// checkLines demands that a file of JSON Lines has each line that is wanted, once, and no other.
func checkLines(t testing.TB, file string, want map[string]string, except ...string) {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	left := make(map[string]bool, len(want))
	for key := range want {
		left[key] = true
	}
	lost, twice, different := 0, 0, 0
	for _, l := range lines(t, b) {
		if !left[l.Key] {
			twice++
			t.Logf("twice, or not asked for: %q", l.Key)
			continue
		}
		delete(left, l.Key)
		text, err := json.Marshal(l.Verdict)
		require.NoError(t, err)
		isException := false
		for _, key := range except {
			isException = isException || key == l.Key
		}
		if !isException && string(text) != want[l.Key] {
			different++
			t.Logf("different: %s, want %s", text, want[l.Key])
		}
	}
	lost = len(left)
	require.Equal(t, [3]int{}, [3]int{lost, twice, different}, "lost, twice, different")
}

func lines(t testing.TB, b []byte) []line.Line {
	var all []line.Line
	start := 0
	for i, c := range b {
		if c == '\n' {
			l, err := line.Parse(b[start : i+1])
			require.NoError(t, err)
			all = append(all, l)
			start = i + 1
		}
	}
	require.Equal(t, len(b), start, "the last line is whole")
	return all
}
