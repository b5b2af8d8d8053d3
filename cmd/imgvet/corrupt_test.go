package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cli"
)

func TestCorrupt(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.png")
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(in, png, 0o600))

	for _, op := range fuzz.AllOps() {
		_, errs, code := imgvet("", "corrupt", "--op", op.Name, "--seed", "7", in, out)
		require.Equal(t, cli.ExitOK, code, errs)
		got, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Equal(t, fuzz.Corrupt(7, png, op.Op), got, op.Name)
	}
	_, errs, code := imgvet("", "corrupt", "--op", "bad-crc", in, out)
	require.Equal(t, cli.ExitOK, code, errs)
	_, _, code = imgvet("", "check", out)
	require.Equal(t, cli.ExitRefused, code)

	// Several, in their order; from standard input to standard output.
	got, errs, code := imgvet(string(png), "corrupt", "--op", "append", "--op", "cut-last-byte", "-", "-")
	require.Equal(t, cli.ExitOK, code, errs)
	require.Equal(t, string(png)+"<script>alert(1)</script", got)

	// Without an operation the seed chooses one.
	got, errs, code = imgvet(string(png), "corrupt", "--seed", "3", "-", "-")
	require.Equal(t, cli.ExitOK, code, errs)
	require.Equal(t, string(fuzz.Corrupt(3, png)), got)

	after, err := os.ReadFile(in)
	require.NoError(t, err)
	require.Equal(t, png, after)
}

func TestCorruptUsage(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in.png")
	require.NoError(t, os.WriteFile(in, []byte("precious"), 0o600))

	_, errs, code := imgvet("", "corrupt", "--op", "explode", in, filepath.Join(dir, "out.png"))
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "truncate, ")
	_, errs, code = imgvet("", "corrupt", in, filepath.Join(dir, ".", "in.png"))
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "overwritten")
	_, _, code = imgvet("", "corrupt", in)
	require.Equal(t, cli.ExitUsage, code)
	_, _, code = imgvet("", "corrupt", filepath.Join(dir, "none.png"), filepath.Join(dir, "out.png"))
	require.Equal(t, cli.ExitFailed, code)
	_, _, code = imgvet("", "corrupt", in, filepath.Join(dir, "none", "out.png"))
	require.Equal(t, cli.ExitFailed, code)

	after, err := os.ReadFile(in)
	require.NoError(t, err)
	require.Equal(t, "precious", string(after))
	help, _, _ := imgvet("", "corrupt", "--help")
	for _, op := range fuzz.AllOps() {
		require.Contains(t, help, "  "+op.Name+" ")
	}
}
