package middleware

import (
	"net/http"
	"time"
)

// A client may fall behind MinRate by at most the window: bytes that it sent faster before buy
// it no more time than that. At the start it may be behind by rateGrace. The window is
// IdleTimeout, so that a pause within IdleTimeout is not too slow, but at least rateGrace and at
// most maxRateWindow.
const (
	rateGrace     = 10 * time.Second
	maxRateWindow = 30 * time.Second
)

// clock sets the read deadline of the connection while a body arrives, never later than the
// server's own.
type clock struct {
	control *http.ResponseController
	idle    time.Duration
	rate    int64 // bytes per second
	window  time.Duration
	own     time.Time // the server's own deadline, zero if none
	armed   bool
	off     bool // the ResponseWriter has no deadlines

	end    time.Time // of the whole upload
	behind time.Time // when the client becomes too slow
	n      int64     // bytes received when behind was computed
}

// start begins the upload's time.
func (c *clock) start(w http.ResponseWriter, r *http.Request, opts *Options) {
	start := time.Now()
	*c = clock{
		idle:   opts.IdleTimeout,
		rate:   opts.MinRate,
		window: min(max(opts.IdleTimeout, rateGrace), maxRateWindow),
		end:    start.Add(opts.ReceiveTimeout),
		behind: start.Add(rateGrace),
	}
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok {
		c.off = true // no connection, so no deadline: a recorder in a test
		return
	}
	c.control = http.NewResponseController(w)
	if server.ReadTimeout > 0 {
		c.own = start.Add(server.ReadTimeout)
	}
}

// arm sets the deadline for a read after n bytes.
func (c *clock) arm(n int64) {
	if c.off {
		return
	}
	c.armed = true
	if c.control.SetReadDeadline(c.clamp(c.deadline(time.Now(), n))) != nil {
		c.off = true
	}
}

// deadline returns when the read after n bytes must end. The client may be silent for a while,
// but not slower than the rate over the window, and not for ever.
//
// Each byte moves the rate's deadline by 1/rate of a second, to at most the window from now. So
// a client that sends fast and then trickles gets no later deadline than one that trickled from
// the start.
func (c *clock) deadline(now time.Time, n int64) time.Time {
	worth := c.window // an upper bound, which also keeps the product below in range
	if got := n - c.n; got < int64(c.window/time.Second)*c.rate {
		worth = time.Duration(got) * time.Second / time.Duration(c.rate)
	}
	c.behind, c.n = earlier(c.behind.Add(worth), now.Add(c.window)), n
	return earlier(earlier(now.Add(c.idle), c.behind), c.end)
}

// paused notes that nobody has read for a while: the file was verified, or waited for that. The
// client is not to blame for it.
func (c *clock) paused(d time.Duration) { c.behind, c.end = c.behind.Add(d), c.end.Add(d) }

func (c *clock) clamp(at time.Time) time.Time {
	if c.own.IsZero() {
		return at
	}
	return earlier(at, c.own)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// restore puts the server's own deadline back.
func (c *clock) restore() {
	if !c.off && c.armed {
		_ = c.control.SetReadDeadline(c.own)
	}
}
