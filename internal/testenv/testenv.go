// Package testenv tells tests what slows down the build they run in.
package testenv

import (
	"strconv"
	"testing"
	"time"
)

// Scale returns the time to allow in this build for work that takes at most d in a normal one.
// In tight loops over bytes the race detector is up to about fifty times slower, and 32-bit code
// three times.
func Scale(d time.Duration) time.Duration {
	if Race {
		d *= 100
	}
	if strconv.IntSize == 32 {
		d *= 3
	}
	return d
}

// OneGoroutine skips a long test that starts no goroutine if the race detector is on: there is
// no race to find, and the test would take up to about fifty times as long.
func OneGoroutine(t testing.TB) {
	t.Helper()
	if Race {
		t.Skip("one goroutine: nothing for the race detector")
	}
}
