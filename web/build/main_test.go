package main

import (
	"compress/gzip"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBudget: a file over the budget fails the build, by a single byte.
func TestBudget(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "imgvet.wasm")
	raw := make([]byte, 5000)
	_, err := rand.Read(raw)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, raw, 0o600))
	require.Error(t, weigh(folder, 1<<20), "nothing is compressed yet")

	require.NoError(t, compress(name))
	small, err := os.Open(name + ".gz")
	require.NoError(t, err)
	defer small.Close()
	info, err := small.Stat()
	require.NoError(t, err)
	require.NoError(t, weigh(folder, int(info.Size())))
	require.ErrorContains(t, weigh(folder, int(info.Size())-1), "1 bytes over")

	r, err := gzip.NewReader(small)
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, raw, got)
}

func TestRules(t *testing.T) {
	got := string(rules(5))
	for _, line := range []string{
		"export const maxBytes = 10485760;\n",
		"export const wasmBytes = 5;",
		"export const maxPixels = 220000000;\n",
		`  jpeg: { mime: "image/jpeg", extensions: ["jpg", "jpeg", `,
		`  heic: { mime: "image/heic", extensions: ["heic", `,
		`  webp: { mime: "image/webp", extensions: ["webp"] },`,
	} {
		require.Contains(t, got, line)
	}
}
