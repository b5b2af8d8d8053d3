package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/middleware"
)

// TestProgram runs the program as it is, and sends it a picture and half of one.
func TestProgram(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		t.Skipf("port 8080, which the README names, is taken: %v", err)
	}
	require.NoError(t, l.Close())
	go main()

	photo, err := os.ReadFile("../../testdata/good/jpeg/pillow-q75.jpg")
	require.NoError(t, err)
	send := func(b []byte) (int, string) {
		var resp *http.Response
		require.Eventually(t, func() bool {
			resp, err = http.Post("http://127.0.0.1:8080/face_recon/run_pipeline", "image/jpeg", bytes.NewReader(b))
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(body)
	}
	status, body := send(photo)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "thanks for the jpeg ")
	status, body = send(photo[:len(photo)/2])
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, `{"error":{"code":5,"message":"file corrupted"}}`, body)
}

// FuzzUpload is the README's fuzz test, on a handler of one's own.
func FuzzUpload(f *testing.F) {
	vet, err := middleware.New(middleware.Options{})
	if err != nil {
		f.Fatal(err)
	}
	fuzz.Handler(f, vet.Wrap(fuzz.Echo()), fuzz.ConformOptions{})
}

// TestUpload is the README's conformance test.
func TestUpload(t *testing.T) {
	vet, err := middleware.New(middleware.Options{})
	require.NoError(t, err)
	fuzz.Conform(t, vet.Wrap(fuzz.Echo()), fuzz.ConformOptions{})
}
