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

// TestStale: nothing of an earlier build stands beside another program, also if the build fails.
func TestStale(t *testing.T) {
	t.Setenv("GOFLAGS", "") // whatever the tests are built with
	folder := t.TempDir()
	for _, name := range []string{"imgvet.wasm.br", "imgvet.wasm.gz"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("stale"), 0o600))
	}
	require.ErrorContains(t, build(folder, "", 1, false), "over its budget")
	require.NoFileExists(t, filepath.Join(folder, "imgvet.wasm.br"))
	require.NoError(t, discard(filepath.Join(folder, "imgvet.wasm")))
	require.NoFileExists(t, filepath.Join(folder, "imgvet.wasm.gz"))
	require.NoError(t, discard(filepath.Join(folder, "imgvet.wasm")), "there is none")
}

// TestBrotli: the command's output is kept, unless the command fails.
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
	require.NoError(t, brotli(tool, name))
	got, err := os.ReadFile(name + ".br")
	require.NoError(t, err)
	require.Equal(t, "small program\n", string(got))

	require.NoError(t, discard(name))
	write("os.Exit(len(b))")
	require.Error(t, brotli(tool, name))
	require.NoFileExists(t, name+".br")
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
