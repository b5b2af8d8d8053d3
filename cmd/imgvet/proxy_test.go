package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/internal/cli"
)

func TestProxyUsage(t *testing.T) {
	for _, address := range []string{
		"", "127.0.0.1:9000", "localhost:9000", "ftp://127.0.0.1", "http://", "http://:9000", "//host", "/path",
		"http://user:secret@host", "http://host?q", "http://host/#f", "http://host:0", "http://host:65536", "http://ho st",
	} {
		_, errs, code := imgvet("", "proxy", "--upstream", address)
		require.Equal(t, cli.ExitUsage, code, address)
		require.Contains(t, errs, "--upstream")
		require.NotContains(t, errs, "secret")
	}
	_, errs, code := imgvet("", "proxy")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "--upstream is missing")
	_, errs, code = imgvet("", "proxy", "--upstream", "http://127.0.0.1:9", "--field", "token")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "Fields[0]")
}

// TestProxyCommand runs the command itself: it serves until it is told to stop,
// and fails where its address is taken.
func TestProxyCommand(t *testing.T) {
	service := clitest.NewUpstream(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout, stdoutWriter := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"proxy", "--upstream", service.URL, "--addr", "127.0.0.1:0", "--token", "secret"}, nil, stdoutWriter, io.Discard)
	}()
	var address string
	_, err := fmt.Fscanf(stdout, "imgvet: listening on %s for "+service.URL+"\n", &address)
	require.NoError(t, err)

	res, body := clitest.Upload(t, address, "wrong", "a.png", []byte("x"))
	require.Equal(t, http.StatusUnauthorized, res.StatusCode, body)
	require.Zero(t, service.Calls.Load())
	_, errs, code := imgvet("", "proxy", "--upstream", service.URL, "--addr", strings.TrimPrefix(address, "http://"))
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "address already in use")

	cancel()
	select {
	case code := <-ended:
		require.Equal(t, cli.ExitOK, code)
	case <-time.After(time.Minute):
		t.Fatal("still serving")
	}
}

// startProxy runs the command as an operator does, before a service of its own, and
// returns the service, the address and what ends the command.
func startProxy(t *testing.T, flags ...string) (service *clitest.Upstream, address string, stop func()) {
	service = clitest.NewUpstream(t)
	stdout, stdoutWriter := io.Pipe()
	ended := make(chan int, 1)
	ctx, cancel := context.WithCancel(t.Context())
	args := append([]string{"proxy", "--upstream", service.URL, "--addr", "127.0.0.1:0"}, flags...)
	go func() { ended <- run(ctx, args, nil, stdoutWriter, io.Discard) }()
	line := make([]byte, 200)
	n, err := stdout.Read(line)
	require.NoError(t, err)
	return service, strings.Fields(string(line[:n]))[3], func() {
		cancel()
		require.Equal(t, cli.ExitOK, <-ended)
	}
}

func TestProxyRewritesByDefault(t *testing.T) {
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	for flag, anew := range map[string]bool{"--rewrite": true, "": true, "--rewrite=false": false} {
		service, address, stop := startProxy(t, strings.Fields(flag)...)
		res, body := clitest.Upload(t, address, "any", "a.png", png)
		require.Equal(t, http.StatusCreated, res.StatusCode, body)
		require.True(t, bytes.Contains(service.Body, png))
		require.Equal(t, anew, strings.Contains(service.Header.Get("Content-Type"), "boundary=imgvet"))
		stop()
	}
}

// TestProxyRefusesTypeMismatch: on request alone.
func TestProxyRefusesTypeMismatch(t *testing.T) {
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	for flag, status := range map[string]int{"": http.StatusCreated, "--refuse-type-mismatch": http.StatusUnprocessableEntity} {
		service, address, stop := startProxy(t, strings.Fields(flag)...)
		res, body := clitest.Upload(t, address, "any", "a.png", png)
		require.Equal(t, http.StatusCreated, res.StatusCode, body)
		service.Calls.Store(0)
		res, body = clitest.Upload(t, address, "any", "a.jpg", png)
		require.Equal(t, status, res.StatusCode, body)
		require.Equal(t, status == http.StatusCreated, service.Calls.Load() == 1)
		if status != http.StatusCreated {
			require.Equal(t, `{"error":{"code":5,"message":"file corrupted"}}`, body)
		}
		stop()
	}
}
