package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/middleware"
)

// The two servers that are compared. Each runs in a process of its own, so that
// its peak memory is its own.
const (
	checkedServer = "checked" // the middleware with verification
	plainServer   = "plain"   // io.ReadAll and image.Decode
)

// httpProcessors is what each server may use.
const httpProcessors = 2

// roundTime is how long the clients send to one server before it is the other's
// turn: a busy neighbour slows both alike.
const roundTime = time.Second

// runHTTP prints requests a second, processor time a request and peak memory of
// both servers, with uploads of a 3 MP JPEG over loopback.
func runHTTP(ctx context.Context, out io.Writer, dir string, rounds int) error {
	m := maker{dir: dir}
	body, err := m.encodeJPEG(85)(m.photo("photo3", 2000, 1500))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "JPEG of 2000x1500, %d KiB; servers with %d processors; %d rounds of %s each\n\n",
		len(body)>>10, httpProcessors, rounds, roundTime)
	fmt.Fprintf(out, "| clients | server | requests/s | processor time/request | peak RSS |\n|---|---|---|---|---|\n")
	for _, clients := range []int{8, 64} {
		plain, checked, err := compareHTTP(ctx, body, clients, rounds)
		if err != nil {
			return fmt.Errorf("%d clients: %w", clients, err)
		}
		for _, s := range []*server{plain, checked} {
			fmt.Fprintf(out, "| %d | %s | %.1f | %s | %s |\n", clients, s.name, s.rate(), duration(s.cpuPerRequest()), size(s.peak))
		}
		fmt.Fprintf(out, "| %d | ratio | %.2f times the requests | %.2f of the time | %.2f of the memory |\n", clients,
			checked.rate()/plain.rate(), float64(checked.cpuPerRequest())/float64(plain.cpuPerRequest()), float64(checked.peak)/float64(plain.peak))
	}
	return nil
}

// compareHTTP sends to both servers in turns.
func compareHTTP(ctx context.Context, body []byte, clients, rounds int) (plain, checked *server, err error) {
	var servers []*server
	for _, name := range []string{plainServer, checkedServer} {
		s, err := startServer(ctx, name)
		if err != nil {
			return nil, nil, errors.Join(err, stopAll(servers))
		}
		servers = append(servers, s)
	}
	for range rounds {
		for _, s := range servers {
			if err := s.load(ctx, body, clients); err != nil {
				return nil, nil, errors.Join(err, stopAll(servers))
			}
		}
	}
	return servers[0], servers[1], stopAll(servers)
}

// server is a process that answers uploads, and what was measured of it.
type server struct {
	name string
	url  string
	cmd  *exec.Cmd
	in   io.Closer // closed, it ends
	out  *bufio.Reader

	requests int64
	time     time.Duration
	cpu      time.Duration // of the process in all
	peak     uint64        // bytes of resident memory, 0 if not known
}

func (s *server) rate() float64 { return float64(s.requests) / s.time.Seconds() }

func (s *server) cpuPerRequest() time.Duration { return s.cpu / time.Duration(s.requests) }

// startServer runs this program again, as a server.
func startServer(ctx context.Context, name string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{name: name, cmd: exec.CommandContext(ctx, self, "-http-server", name)}
	s.cmd.Stderr = os.Stderr
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(stdout)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s server: %w", name, err), s.in.Close(), s.cmd.Wait())
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

// stopAll ends the servers and reads what they have used.
func stopAll(servers []*server) error {
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.in.Close())
		_, err := fmt.Fscan(s.out, &s.cpu, &s.peak)
		errs = append(errs, err, s.cmd.Wait())
	}
	return errors.Join(errs...)
}

// load has every client send one upload after the other, for one round.
func (s *server) load(ctx context.Context, body []byte, clients int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var (
		group sync.WaitGroup
		done  atomic.Int64
		fail  atomic.Pointer[error]
		start = time.Now()
	)
	for range clients {
		group.Go(func() {
			for fail.Load() == nil && time.Since(start) < roundTime {
				if err := post(ctx, client, s.url, body); err != nil {
					fail.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	s.requests += done.Load()
	s.time += time.Since(start)
	if err := fail.Load(); err != nil {
		return fmt.Errorf("%s server: %w", s.name, *err)
	}
	return nil
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "image/jpeg")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return errors.New(resp.Status)
	}
	return nil
}

// serveHTTP is the process of a server: it prints its address, answers until
// standard input ends, and prints what it has used.
func serveHTTP(name string) error {
	runtime.GOMAXPROCS(httpProcessors)
	handler, err := httpHandler(name)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	fmt.Fprintf(os.Stdout, "http://%s/\n", ln.Addr())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%d %d\n", cputime.Used(), peakRSS())
	if err := srv.Close(); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// httpHandler is the same service twice: once it trusts the middleware, once it
// decodes.
func httpHandler(name string) (http.Handler, error) {
	switch name {
	case plainServer:
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			data, err := io.ReadAll(r.Body)
			if err == nil {
				_, _, err = image.Decode(bytes.NewReader(data))
			}
			if err != nil {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}), nil
	case checkedServer:
		mw, err := middleware.New(middleware.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return nil, err
		}
		return mw.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })), nil
	}
	return nil, fmt.Errorf("no server is named %q", name)
}

// peakRSS returns the most memory that this process has had resident, in bytes;
// 0 where the system does not say. Linux' own figure, since getrusage's begins
// with what the parent had before exec.
func peakRSS() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, found := strings.Cut(string(status), "VmHWM:")
	var kib uint64
	if _, err := fmt.Sscan(after, &kib); !found || err != nil {
		return 0
	}
	return kib << 10
}
