package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/internal/testenv"
)

// start runs a server as these flags make it, and returns its address, what ends it, and its log
// once it has ended.
func start(t *testing.T, handler http.Handler, args ...string) (address string, stop func(), ended <-chan error, log *clitest.Log) {
	var o Flags
	cmd := &cobra.Command{}
	o.Add(cmd)
	require.NoError(t, cmd.ParseFlags(append([]string{"--addr", "127.0.0.1:0", "--log-format", "json"}, args...)))
	stdout, stdoutWriter := io.Pipe()
	log = &clitest.Log{}
	cmd.SetOut(stdoutWriter)
	cmd.SetErr(log)
	s, err := o.Open(cmd, 0)
	require.NoError(t, err)
	export, err := telemetry.Prometheus(t.Context(), s.Log)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, Site{Handler: handler, Export: export}) }()
	_, err = fmt.Fscanf(stdout, "imgvet: listening on %s\n", &address)
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return strings.TrimPrefix(address, "http://"), cancel, done, log
}

// wait returns what a server ended with.
func wait(t *testing.T, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		t.Fatal("still serving")
		return nil
	}
}

func TestRunStopsWhenAsked(t *testing.T) {
	address, stop, ended, log := start(t, http.NotFoundHandler())
	res, err := http.Get("http://" + address)
	require.NoError(t, err)
	res.Body.Close()
	stop()
	require.NoError(t, wait(t, ended))
	require.Contains(t, log.String(), `"msg":"shut down","uploads_cut":0`)
	require.Contains(t, log.String(), `"msg":"request","method":"GET","path":"/","client":"127.0.0.1"`)
}

// slowUpload sends half of an upload, and returns what sends the other half and reads the status.
func slowUpload(t *testing.T, address string) (finish func() string) {
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
	require.NoError(t, err)
	return func() string {
		_, _ = io.WriteString(conn, "cd")
		b, _ := io.ReadAll(conn)
		line, _, _ := strings.Cut(string(b), "\r\n")
		return line
	}
}

// reader is a handler that says when it has begun, and reads all.
func reader(begun chan<- bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- true
		b, err := io.ReadAll(r.Body)
		if err == nil && string(b) == "abcd" {
			w.WriteHeader(http.StatusCreated)
		}
	})
}

// TestShutdown: an upload under way when the server is told to end gets its answer.
func TestShutdown(t *testing.T) {
	begun := make(chan bool, 1)
	address, stop, ended, log := start(t, reader(begun))
	finish := slowUpload(t, address)
	<-begun
	stop()
	require.Eventually(t, func() bool { // no new connections any more
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, testenv.Scale(10*time.Second), time.Millisecond)
	require.Equal(t, "HTTP/1.1 201 Created", finish())
	require.NoError(t, wait(t, ended))
	require.Contains(t, log.String(), `"uploads_cut":0`)
}

// TestShutdownCuts: what is still under way after the time-out is cut, counted and told.
func TestShutdownCuts(t *testing.T) {
	begun := make(chan bool, 2)
	address, stop, ended, log := start(t, reader(begun), "--shutdown-timeout", "1ms")
	slowUpload(t, address)
	slowUpload(t, address)
	<-begun
	<-begun
	stop()
	require.ErrorContains(t, wait(t, ended), "2 uploads were cut")
	require.Contains(t, log.String(), `"uploads_cut":2`)
}

// lost is an exporter whose collector is down.
type lost struct{ telemetry.Exporter }

func (lost) Shutdown(context.Context) error { return errors.New("nobody listens") }

// TestLostTelemetry: a collector that is down is warned of, and is no failure of the server.
func TestLostTelemetry(t *testing.T) {
	var o Flags
	cmd := &cobra.Command{}
	o.Add(cmd)
	require.NoError(t, cmd.ParseFlags([]string{"--addr", "127.0.0.1:0"}))
	var log clitest.Log
	cmd.SetOut(io.Discard)
	cmd.SetErr(&log)
	s, err := o.Open(cmd, 0)
	require.NoError(t, err)
	export, err := telemetry.Prometheus(t.Context(), s.Log)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, s.Run(ctx, Site{Handler: http.NotFoundHandler(), Export: lost{export}}))
	require.Contains(t, log.String(), "nobody listens")
}

// TestShutdownDelay: a server that is told to end goes on, and says that it is not ready.
func TestShutdownDelay(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	admin := ln.Addr().String()
	require.NoError(t, ln.Close())
	address, stop, ended, _ := start(t, http.NotFoundHandler(), "--shutdown-delay", "1h", "--admin", admin)
	status := func(url string) int {
		res, err := http.Get(url)
		require.NoError(t, err)
		res.Body.Close()
		return res.StatusCode
	}
	require.Equal(t, 200, status("http://"+admin+"/readyz"))
	stop()
	require.Eventually(t, func() bool { return status("http://"+admin+"/readyz") == 503 }, testenv.Scale(10*time.Second), time.Millisecond)
	require.Equal(t, 404, status("http://"+address))
	require.Equal(t, 200, status("http://"+admin+"/metrics"))
	require.Empty(t, ended)
}
