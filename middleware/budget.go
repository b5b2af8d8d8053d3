package middleware

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// budget is an amount of bytes that all requests share.
type budget struct{ left atomic.Int64 }

func newBudget(n int64) *budget {
	b := new(budget)
	b.left.Store(n)
	return b
}

// take takes n bytes, or none and reports false.
func (b *budget) take(n int64) bool {
	if b.left.Add(-n) < 0 {
		b.left.Add(n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.left.Add(n) }

var errQueue = errors.New("no verification became free in time")

// slots limits how many verifications run at a time.
type slots chan struct{}

// acquire waits at most wait for a slot. The caller must release it.
func (s slots) acquire(ctx context.Context, wait time.Duration) error {
	select {
	case s <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return overloaded(errQueue)
	}
}

func (s slots) release() { <-s }
