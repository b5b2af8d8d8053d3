package validate

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// Limiter bounds what all calls that share it take at once: how many files are verified, and how
// many bytes are read for it. Make one with [NewLimiter], and set it in the [Options] of all
// calls. Further calls wait for their turn, or until their context is done; its error is then
// returned, and says nothing about the picture.
//
// A slot is held from the verification to the end of the last hook. [Validate] reads before it
// asks for one, so that a slow sender keeps nobody from a slot; its bytes count meanwhile. [File]
// holds a slot while it reads too, and [Bytes] counts no bytes, since they are the caller's. A hook
// must not call this package with the same Limiter: it could wait for its own slot.
//
// A Limiter is safe for concurrent use. A nil one bounds nothing.
type Limiter struct {
	slots chan struct{} // holds an element for each slot in use
	limit int64         // of bytes

	mu    sync.Mutex
	used  int64    // bytes
	above *account // the one call that has more than limit allows, nil if none has
	queue []*ticket
}

// DefaultReadBytes is the default of how many bytes calls with one [Limiter] may hold of what
// they read.
const DefaultReadBytes = 128 << 20

// NewLimiter returns a Limiter of this many verifications at once, 0 meaning
// runtime.GOMAXPROCS(0), and of this many bytes that [Validate] holds of the files that it reads,
// 0 meaning DefaultReadBytes. So that calls never wait for each other for ever, one at a time may
// read its file to the end beyond that: all together hold at most readBytes and twice
// Options.MaxBytes.
func NewLimiter(verifications int, readBytes int64) (*Limiter, error) {
	if verifications < 0 || readBytes < 0 {
		return nil, fmt.Errorf("validate: NewLimiter(%d, %d): neither may be negative", verifications, readBytes)
	}
	if verifications == 0 {
		verifications = runtime.GOMAXPROCS(0)
	}
	if readBytes == 0 {
		readBytes = DefaultReadBytes
	}
	return &Limiter{slots: make(chan struct{}, verifications), limit: readBytes}, nil
}

// acquire waits for a slot. The caller must call release, except after an error.
func (l *Limiter) acquire(ctx context.Context) error {
	if l == nil {
		return nil
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Limiter) release() {
	if l != nil {
		<-l.slots
	}
}

// account counts the bytes that one call holds of what it reads.
type account struct {
	limiter *Limiter
	held    int64
}

// ticket is the place of a call in the queue for bytes.
type ticket struct {
	call *account
	n    int64
	done chan struct{} // closed when the bytes are the call's
}

// take waits for n more bytes.
func (r *account) take(ctx context.Context, n int64) error {
	l := r.limiter
	if l == nil {
		return nil
	}
	l.mu.Lock()
	if l.above == r || len(l.queue) == 0 && l.fits(r, n) { // others may wait for the one above
		l.grant(r, n)
		l.mu.Unlock()
		return nil
	}
	t := &ticket{r, n, make(chan struct{})}
	l.queue = append(l.queue, t)
	l.mu.Unlock()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = slices.DeleteFunc(l.queue, func(other *ticket) bool { return other == t })
	l.serve() // others may have waited behind this one
	return ctx.Err()
}

// keepOnly gives all but n of the bytes back. At the end of a call n is 0, also after an error of
// take.
func (r *account) keepOnly(n int64) {
	l := r.limiter
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used -= r.held - n
	r.held = n
	if l.used <= l.limit {
		l.above = nil
	}
	l.serve()
}

// serve gives bytes to those who wait, in their order, as long as it can. l.mu is locked, as in
// fits and grant.
func (l *Limiter) serve() {
	for len(l.queue) > 0 && l.fits(l.queue[0].call, l.queue[0].n) {
		t := l.queue[0]
		l.queue = l.queue[1:]
		l.grant(t.call, t.n)
		close(t.done)
	}
}

// fits reports whether a call may have n more bytes: if they are left, and also if they are not
// but no other call is above the limit.
func (l *Limiter) fits(r *account, n int64) bool {
	return l.used+n <= l.limit || l.above == nil || l.above == r
}

func (l *Limiter) grant(r *account, n int64) {
	if l.used += n; l.used > l.limit {
		l.above = r
	}
	r.held += n
}
