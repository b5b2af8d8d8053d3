// Package testenv tells tests what slows the build they run in.
package testenv

import (
	"strconv"
	"time"
)

// Scale returns how long what takes d at most may take in this build: the race
// detector costs up to some fifty times as much in tight loops over bytes, 32-bit
// code three times.
func Scale(d time.Duration) time.Duration {
	if Race {
		d *= 100
	}
	if strconv.IntSize == 32 {
		d *= 3
	}
	return d
}

// OneGoroutine skips a long test that starts no goroutine where the race detector is on: it
// has nothing to find there, and takes up to some fifty times as long.
func OneGoroutine(t interface {
	Helper()
	Skip(args ...any)
}) {
	t.Helper()
	if Race {
		t.Skip("one goroutine: nothing for the race detector")
	}
}
