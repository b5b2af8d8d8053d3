package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
)

// The test binary is also the command, with a hook, and the NATS server.
const (
	asCommand = "IMGVET_BULK_TEST_AS"    // "command", "server" or "s3"
	hookDelay = "IMGVET_BULK_TEST_DELAY" // before each object
	hookKill  = "IMGVET_BULK_TEST_KILL"  // the object that kills whoever reads it
)

func TestMain(m *testing.M) {
	var p program
	if delay, kill := os.Getenv(hookDelay), os.Getenv(hookKill); delay+kill != "" {
		pause, _ := time.ParseDuration(delay)
		p.beforeRead = func(key string) {
			time.Sleep(pause)
			if key == kill {
				if self, err := os.FindProcess(os.Getpid()); err == nil {
					_ = self.Kill()
				}
				select {}
			}
		}
	}
	switch os.Getenv(asCommand) {
	case "command":
		os.Exit(run(cli.Signals(), p, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	case "server":
		serveNATS(os.Args[1], os.Args[2])
	case "s3":
		serveS3(os.Args[1])
	}
	os.Exit(m.Run())
}

// serveNATS is a NATS server until it is killed.
func serveNATS(addr, store string) {
	host, port, _ := net.SplitHostPort(addr)
	var n int
	_, _ = fmt.Sscan(port, &n)
	s, err := server.NewServer(&server.Options{Host: host, Port: n, JetStream: true, StoreDir: store, NoSigs: true, NoLog: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s.Start()
	s.WaitForShutdown()
	os.Exit(0)
}

// serveS3 is an S3 server with the buckets photos and verdicts, until it is killed.
func serveS3(addr string) {
	backend := s3mem.New()
	for _, name := range []string{"photos", "verdicts"} {
		if err := backend.CreateBucket(name); err != nil {
			panic(err)
		}
	}
	l, err := net.Listen("tcp", addr)
	if err == nil {
		err = http.Serve(l, gofakes3.New(backend).Server()) //nolint:gosec // a test
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// imgvetBulk runs the command in this process and returns what it printed and its exit code.
func imgvetBulk(t testing.TB, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), program{}, args, strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), code
}

// process returns the command as a process of its own.
func process(t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asCommand+"=command", "XDG_CACHE_HOME="+filepath.Join(os.TempDir(), "imgvet-bulk-test")), env...)
	return cmd
}

// natsServer is a NATS server in a process of its own, at an address that survives it.
type natsServer struct {
	t           testing.TB
	addr, store string
	cmd         *exec.Cmd
}

func startServer(t testing.TB) *natsServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &natsServer{t: t, addr: l.Addr().String(), store: t.TempDir()}
	require.NoError(t, l.Close())
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *natsServer) url() string { return "nats://" + s.addr }

func (s *natsServer) start() {
	s.cmd = exec.Command(os.Args[0], s.addr, s.store)
	s.cmd.Env = append(os.Environ(), asCommand+"=server")
	require.NoError(s.t, s.cmd.Start())
	for range 200 {
		if c, err := net.Dial("tcp", s.addr); err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatal("the NATS server does not start")
}

// kill is kill -9.
func (s *natsServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// command returns a program to be run in a folder.
func command(t testing.TB, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	return cmd
}
