package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// TestMain lets the test program be the decoder that startPeer runs.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "-goheif" {
		if err := servePeer(os.Args[2], os.Stdin, os.Stdout); err != nil {
			_, _ = io.WriteString(os.Stderr, err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func peerOf(t *testing.T, b []byte) *peer {
	t.Helper()
	if goHEIC == nil {
		t.Skip("NOT TESTED: goheif needs cgo")
	}
	file := filepath.Join(t.TempDir(), "a.heic")
	require.NoError(t, os.WriteFile(file, b, 0o600))
	p, err := startPeer(t.Context(), file)
	require.NoError(t, err)
	t.Cleanup(p.stop)
	return p
}

func good(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../testdata/good/heic/heif-enc-q50.heic")
	require.NoError(t, err)
	_, err = heic.Verify(b, heic.Limits{})
	require.NoError(t, err)
	return b
}

// goheif measures itself, as often as it is asked.
func TestPeer(t *testing.T) {
	p := peerOf(t, good(t))
	for range 2 {
		d, err := p.timed()
		require.NoError(t, err)
		require.Positive(t, d)
		_, err = p.allocated()
		require.NoError(t, err)
	}
}

// A file that goheif refuses is its error, and the end of its process that of a row:
// never the end of the benchmark.
func TestPeerThatEnds(t *testing.T) {
	p := peerOf(t, bytes.Replace(good(t), []byte("hvcC"), []byte("xxxx"), 1))
	_, err := p.timed()
	require.ErrorContains(t, err, "goheif: ")

	p = peerOf(t, good(t))
	_, err = p.timed()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Kill())
	_, err = p.timed()
	require.ErrorContains(t, err, "has ended")
}
