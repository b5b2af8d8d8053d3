package middleware_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/middleware"
)

// load is how many clients of each kind TestLoad starts.
type load struct{ slow, stalled, cut, good int }

// TestLoad lets good uploads compete with slow, silent and vanishing clients,
// under a memory budget far below what all bodies need together. IMGVET_LOAD=full
// starts hundreds of them (about a minute).
func TestLoad(t *testing.T) {
	testenv.OnlyLong(t, "dozens of clients", "IMGVET_LOAD")
	l := load{slow: 20, stalled: 20, cut: 10, good: 40}
	if os.Getenv("IMGVET_LOAD") == "full" {
		l = load{slow: 200, stalled: 200, cut: 100, good: 500}
	}
	const budget = 64 << 20
	dir := t.TempDir()
	before := runtime.NumGoroutine()
	s := serve(t, middleware.Options{
		TempDir:          dir,
		MaxVerifications: 2,
		MaxMemory:        budget,
		MaxWait:          time.Minute,
		IdleTimeout:      5 * time.Second,
	}, hashHandler(t))
	bodies := make([][]byte, 9)
	for i := range bodies {
		bodies[i] = bigPNG(t, (i+1)<<20-i)
	}
	heap := watchHeap(t)
	hostile, stop := context.WithCancel(context.Background())
	defer stop()
	var crowd sync.WaitGroup
	for range l.slow {
		crowd.Go(func() { drip(hostile, s.Listener.Addr().String(), bodies[0], time.Second) })
	}
	for range l.stalled {
		crowd.Go(func() { drip(hostile, s.Listener.Addr().String(), bodies[0][:0], time.Hour) })
	}
	for i := range l.cut {
		cut := rand.New(rand.NewPCG(1, uint64(i))).IntN(len(bodies[4]))
		crowd.Go(func() { vanish(s.Listener.Addr().String(), bodies[4], cut) })
	}
	times := upload(t, s.URL, bodies, l.good)
	peak := heap()
	stop()
	crowd.Wait()
	s.CloseClientConnections()
	http.DefaultClient.CloseIdleConnections()

	slices.Sort(times)
	t.Logf("%d good uploads of 1-9 MiB: median %v, p99 %v; peak heap %d MiB", len(times),
		times[len(times)/2], times[len(times)*99/100], peak>>20)
	// Uncollected garbage counts here, but not in the budget.
	require.Less(t, peak, uint64(4*budget))
	require.Eventually(t, func() bool { return openFiles(t, dir) == 0 && runtime.NumGoroutine() <= before+5 },
		time.Minute, 20*time.Millisecond, "%d files open, %d goroutines, %d before", openFiles(t, dir), runtime.NumGoroutine(), before)
}

// TestTenThousandMixedRequests is for the race detector, which sees a tenth of them: requests of all shapes, whole and
// broken, through one Middleware at a time.
func TestTenThousandMixedRequests(t *testing.T) {
	shapes := seedRequests(t, goodPNG(t))
	m := newMiddleware(t, middleware.Options{
		JSONField:       "image",
		Authorize:       func(r *http.Request, token string) error { return new(access).authorize(r, token) },
		TempDir:         t.TempDir(),
		MemoryThreshold: 400, // half of them on disk
		MaxWait:         time.Minute,
	})
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(worker)))
			for sent := 0; sent < testenv.Count(2500, 250); {
				b := bytes.Clone(shapes[random.IntN(len(shapes))])
				if random.IntN(2) == 0 {
					b[random.IntN(len(b))] ^= byte(1 + random.IntN(255))
				}
				r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
				if err != nil {
					continue // the server's own answer; the middleware never sees it
				}
				sent++
				if w, s := sendTo(t, m, r); !s.called {
					requireCanonical(t, w)
				}
			}
		})
	}
	workers.Wait()
}

// upload sends n good bodies, eight at a time, and returns how long each took.
func upload(t *testing.T, url string, bodies [][]byte, n int) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var times []time.Duration
	var clients sync.WaitGroup
	jobs := make(chan []byte)
	for range 8 {
		clients.Go(func() {
			for body := range jobs {
				start := time.Now()
				err := uploadOne(url, body)
				mu.Lock()
				times = append(times, time.Since(start))
				mu.Unlock()
				if err != nil {
					t.Errorf("good upload: %v", err)
				}
			}
		})
	}
	for i := range n {
		jobs <- bodies[i%len(bodies)]
	}
	close(jobs)
	clients.Wait()
	return times
}

func uploadOne(url string, body []byte) error {
	r, err := http.Post(url, "image/png", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	got, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(body)); r.StatusCode != http.StatusOK || string(got) != want {
		return errors.New(r.Status + " " + string(got))
	}
	return nil
}

// drip sends the headers, then 1000 bytes after each pause.
func drip(ctx context.Context, addr string, body []byte, pause time.Duration) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n", 5<<20)
	for {
		n := min(1000, len(body))
		if _, err := c.Write(body[:n]); err != nil {
			return
		}
		body = body[n:]
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// vanish sends part of a body and closes the connection.
func vanish(addr string, body []byte, cut int) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n", len(body))
	_, _ = c.Write(body[:cut])
}

// watchHeap samples the live heap until the returned function is called. That returns the
// greatest growth seen.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	read := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	runtime.GC()
	start, peak := read(), uint64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			peak = max(peak, read())
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-stopped
		return peak - min(start, peak)
	}
}
