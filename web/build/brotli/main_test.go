package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"testing"
	"testing/iotest"

	"github.com/andybalholm/brotli"
)

// TestCompress: what comes out is the input again, and smaller than gzip makes it.
func TestCompress(t *testing.T) {
	want, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, bytes.Repeat([]byte{0}, 1<<20)...) // several pieces for io.Copy
	var small, zipped bytes.Buffer
	if err := compress(&small, bytes.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if small.Len() >= zipped.Len() {
		t.Errorf("%d bytes, and %d by gzip", small.Len(), zipped.Len())
	}
	got, err := io.ReadAll(brotli.NewReader(&small))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("not what went in")
	}

	broken := errors.New("broken")
	if err := compress(io.Discard, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a read that failed: %v", err)
	}
}
