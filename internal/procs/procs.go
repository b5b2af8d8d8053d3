// Package procs counts the processors that verifications use, so that one of them can take
// another processor only where none is waiting for it.
package procs

import (
	"runtime"
	"sync/atomic"
)

var used atomic.Int64

// Use notes that the calling goroutine verifies, whether a processor is spare or not. Give it
// back with [Done].
func Use() { used.Add(1) }

// Spare takes one processor more if no verification uses it, and reports whether it did. Give it
// back with [Done].
func Spare() bool {
	if used.Add(1) <= int64(runtime.GOMAXPROCS(0)) {
		return true
	}
	used.Add(-1)
	return false
}

// Done gives a processor back.
func Done() { used.Add(-1) }
