package middleware_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// TestTrickle lets 100 clients send 25 MiB fast and then a byte now and then, to hold the
// temporary files as long as they can. Beside them good uploads of 1 to 9 MiB run, under a tenth
// of the default budgets. Once the last of the slow clients has been slow for a window, good
// uploads get no more 503. IMGVET_LOAD=full runs it for two minutes.
func TestTrickle(t *testing.T) {
	if os.Getenv("IMGVET_LOAD") != "full" {
		t.Skip("IMGVET_LOAD is not full: two minutes")
	}
	for name, own := range map[string]bool{"from addresses of their own": true, "from the address of the good": false} {
		t.Run(name, func(t *testing.T) { trickle(t, own) })
	}
}

func trickle(t *testing.T, own bool) {
	const clients, lasts = 100, time.Minute
	s := serve(t, middleware.Options{
		TempDir:          t.TempDir(),
		MaxVerifications: 2,
		MaxMemory:        128<<20/10 + 2*10<<20,
		MaxTempBytes:     2 << 30 / 10,
	}, hashHandler(t))
	bodies := make([][]byte, 9)
	for i := range bodies {
		bodies[i] = bigPNG(t, (i+1)<<20-i)
	}
	form, _ := formBody(t, field{"a", "a.png", bodies[8]}, field{"b", "b.png", bodies[8]}, field{"c", "c.png", bodies[8]})
	ctx, stop := context.WithTimeout(t.Context(), lasts)
	defer stop()
	start := time.Now()
	var crowd sync.WaitGroup
	var held atomic.Int64
	var lastCut atomic.Int64
	for i := range clients {
		crowd.Go(func() {
			from := "127.0.0.1"
			if own {
				from = fmt.Sprintf("127.0.%d.%d", 1+i/100, 1+i%100)
			}
			time.Sleep(time.Duration(i) * 100 * time.Millisecond) // otherwise each would get as little
			began := time.Now()
			trickleOne(ctx, s.Listener.Addr().String(), from, form)
			if time.Since(began) > 8*time.Second { // a 503 comes at once
				held.Add(1)
			}
			lastCut.Store(max(lastCut.Load(), int64(time.Since(start))))
		})
	}
	var good, busy int
	var lastBusy time.Duration
	for i := 0; ctx.Err() == nil; i++ {
		resp, err := http.Post(s.URL, "image/png", bytes.NewReader(bodies[i%len(bodies)]))
		require.NoError(t, err)
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			good++
		case http.StatusServiceUnavailable:
			busy, lastBusy = busy+1, time.Since(start)
		default:
			t.Errorf("a good upload got %s", resp.Status)
		}
	}
	crowd.Wait()
	t.Logf("%d good uploads passed, %d got 503, the last after %v; %d of %d clients held 25 MiB, the last was cut off after %v",
		good, busy, lastBusy.Round(time.Millisecond), held.Load(), clients, time.Duration(lastCut.Load()).Round(time.Millisecond))
	require.Positive(t, held.Load(), "some held what they sent")
	require.Less(t, time.Duration(lastCut.Load()), lasts, "all were cut off")
	require.LessOrEqual(t, lastBusy, time.Duration(lastCut.Load()), "503 ends with them")
}

// trickleOne sends 25 MiB of a form, then a byte now and then, until the server ends it.
func trickleOne(ctx context.Context, addr, from string, form []byte) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", formType, len(form))
	sent, err := c.Write(form[:25<<20])
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = c.Read(make([]byte, 1)) // the answer, or the end
	}()
	for pause := 300 * time.Millisecond; err == nil; pause = min(2*pause, 9*time.Second) {
		select {
		case <-gone:
			return
		case <-ctx.Done():
			return
		case <-time.After(pause):
			_, err = c.Write(form[sent : sent+1])
			sent++
		}
	}
}
