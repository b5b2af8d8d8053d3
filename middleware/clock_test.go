package middleware

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDeadline checks when a client is too slow. What it sent before never makes it so; it is
// too slow as soon as it falls behind, and at the end of ReceiveTimeout in any case.
func TestDeadline(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	newClock := func(idle time.Duration) *clock {
		c := &clock{idle: idle, rate: 1000, end: at(600), behind: start.Add(rateGrace)}
		c.window = min(max(idle, rateGrace), maxRateWindow)
		return c
	}
	// cut returns how long after start the client is cut off if it sends n bytes every period,
	// after a burst at the start.
	cut := func(c *clock, burst int64, n int64, period float64) time.Duration {
		sent := int64(0)
		now := start
		for {
			end := c.deadline(now, sent)
			next := now.Add(time.Duration(period * float64(time.Second)))
			if sent == 0 && burst > 0 {
				sent, next = burst, now // at once
				if !next.After(end) {
					continue
				}
			}
			if next.After(end) {
				return end.Sub(start)
			}
			now, sent = next, sent+n
		}
	}
	const idle = 20 * time.Second
	require.Equal(t, 10*time.Second, cut(newClock(idle), 0, 0, 100), "silent from the start")
	require.Equal(t, 20*time.Second, cut(newClock(idle), 25<<20, 0, 100), "silent after a burst: IdleTimeout")
	require.LessOrEqual(t, cut(newClock(idle), 25<<20, 1, 19), 21*time.Second, "a byte every 19 s after 25 MiB")
	require.LessOrEqual(t, cut(newClock(idle), 25<<20, 900, 1), 250*time.Second, "a little too slow")
	require.Equal(t, 600*time.Second, cut(newClock(idle), 0, 1001, 1), "just fast enough, to the end")
	require.Equal(t, 600*time.Second, cut(newClock(idle), 0, 20_000, 9), "in bursts")
	require.Equal(t, 600*time.Second, cut(newClock(idle), 1<<40, 30_000, 19), "pauses that IdleTimeout allows")
	require.LessOrEqual(t, cut(newClock(time.Hour), 25<<20, 1, 19), 40*time.Second, "IdleTimeout does not make the window endless")
	require.LessOrEqual(t, cut(newClock(time.Second), 25<<20, 1, 0.9), 11*time.Second)
}

// TestPaused: a client that sent fast enough has time left after the server has stopped reading,
// for longer than the window, to verify what came.
func TestPaused(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	c := &clock{idle: 10 * time.Second, rate: 1024, end: start.Add(20 * time.Second), behind: start.Add(rateGrace), window: 10 * time.Second}
	c.deadline(start, 0)
	c.deadline(start, 1<<20)
	const pause = 25 * time.Second
	c.paused(pause)
	now := start.Add(pause)
	require.Equal(t, 10*time.Second, c.deadline(now, 1<<20+700).Sub(now))
	now = now.Add(15 * time.Second)
	require.Equal(t, 5*time.Second, c.deadline(now, 2<<20).Sub(now), "ReceiveTimeout still ends")
}
