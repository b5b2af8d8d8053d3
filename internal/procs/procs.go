// Package procs counts the processors that verifications use, so that one of them can take
// another processor only where none is waiting for it.
package procs

import (
	"context"
	"runtime"
	"sync/atomic"
)

var used atomic.Int64

// Use notes that the calling goroutine verifies, whether a processor is spare or not. Give it
// back with [Done].
func Use() { used.Add(1) }

// Done gives back what Use has taken.
func Done() { used.Add(-1) }

// Group is a limit of the caller's on verifications at a time. Take takes one more without
// waiting, and reports whether it could; Give gives it back. Safe for concurrent use.
type Group interface {
	Take() bool
	Give()
}

type groupKey struct{}

// WithGroup returns ctx with a group that Spare asks too.
func WithGroup(ctx context.Context, g Group) context.Context {
	return context.WithValue(ctx, groupKey{}, g)
}

// Spare takes one processor more if no verification uses it, and the group of ctx has a place.
// It returns nil if not, else what gives them back.
func Spare(ctx context.Context) (done func()) {
	if used.Add(1) > int64(runtime.GOMAXPROCS(0)) {
		used.Add(-1)
		return nil
	}
	g, _ := ctx.Value(groupKey{}).(Group)
	if g == nil {
		return Done
	}
	if !g.Take() {
		used.Add(-1)
		return nil
	}
	return func() {
		g.Give()
		Done()
	}
}
