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

// TestBrotli: the command's output is kept, one of an earlier build never.
func TestBrotli(t *testing.T) {
	folder, tool := t.TempDir(), t.TempDir()
	name := filepath.Join(folder, "imgvet.wasm")
	require.NoError(t, os.WriteFile(name, []byte("program"), 0o600))
	write := func(body string) {
		text := "package main\n\nimport (\"io\"; \"os\")\n\nfunc main() { b, _ := io.ReadAll(os.Stdin); " + body + " }\n"
		require.NoError(t, os.WriteFile(filepath.Join(tool, "main.go"), []byte(text), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(tool, "go.mod"), []byte("module example.com/tool\n"), 0o600))
	write(`os.Stdout.WriteString("small " + string(b) + "\n")`)
	require.NoError(t, brotli(tool, name, true))
	got, err := os.ReadFile(name + ".br")
	require.NoError(t, err)
	require.Equal(t, "small program\n", string(got))

	write("os.Exit(len(b))")
	require.Error(t, brotli(tool, name, true))
	require.NoFileExists(t, name+".br")

	require.NoError(t, os.WriteFile(name+".br", got, 0o600))
	require.NoError(t, brotli(tool, name, false))
	require.NoFileExists(t, name+".br")
	require.NoError(t, brotli(tool, name, false), "there was none")
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
