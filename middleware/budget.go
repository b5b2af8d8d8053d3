package middleware

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imgvet/imgvet/internal/peer"
)

// Budget names the budget that ran out for a request. The strings are stable, and fit for logs
// and metrics.
type Budget string

// Budgets.
const (
	BudgetTemp          Budget = "temp_bytes"    // Options.MaxTempBytes
	BudgetClient        Budget = "client_bytes"  // Options.MaxClientBytes
	BudgetVerifications Budget = "verifications" // no slot of Options.MaxVerifications became free within Options.MaxWait
	BudgetDisk          Budget = "disk"          // a temporary file could not be created or written
)

// why says in words, for logs, that the budget ran out.
func (b Budget) why() string {
	switch b {
	case BudgetTemp:
		return "the budget of temporary files is used up"
	case BudgetClient:
		return "the share of one client is used up"
	case BudgetVerifications:
		return "no verification became free in time"
	}
	return "disk"
}

// Stats is what a Middleware holds at one moment, in bytes and requests. It counts all handlers
// wrapped by that Middleware and by those that its With made.
type Stats struct {
	Memory, MaxMemory           int64 // of bodies; files under verification have a part of Options.MaxMemory of their own
	Kept                        int64 // buffers of earlier bodies, kept for the next; with Memory within MaxMemory
	TempBytes, MaxTempBytes     int64
	Verifying, MaxVerifications int
	Waiting                     int // complete requests that wait for a verification
	Clients                     int // addresses with an upload in progress
}

// Stats returns what is in use now. It is cheap, and safe for concurrent use.
func (m *Middleware) Stats() Stats {
	lent, kept := m.store.memory.used()
	return Stats{
		Memory: lent, MaxMemory: m.store.memory.limit, Kept: kept,
		TempBytes: m.store.temp.used(), MaxTempBytes: m.store.temp.limit,
		Verifying: len(m.slots.free), MaxVerifications: cap(m.slots.free),
		Waiting: int(m.slots.waiting.Load()),
		Clients: m.store.clients.count(),
	}
}

// budget is an amount of bytes that all requests share.
type budget struct {
	limit int64
	left  atomic.Int64
}

func newBudget(n int64) *budget {
	b := &budget{limit: n}
	b.left.Store(n)
	return b
}

// take takes n bytes and returns true, or takes none and returns false.
func (b *budget) take(n int64) bool {
	if b.left.Add(-n) < 0 {
		b.left.Add(n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.left.Add(n) }

// used never returns more than limit: two takes that fail at once may make left negative.
func (b *budget) used() int64 { return min(b.limit, b.limit-b.left.Load()) }

// slots limits how many verifications run at a time.
type slots struct {
	free    chan struct{} // holds an element for each running verification
	waiting atomic.Int64
}

func newSlots(n int) *slots { return &slots{free: make(chan struct{}, n)} }

// acquire waits for a slot, for at most wait. The caller must Give it back.
func (s *slots) acquire(ctx context.Context, wait time.Duration) error {
	select {
	case s.free <- struct{}{}:
		return nil
	default:
	}
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case s.free <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return overloaded(BudgetVerifications)
	}
}

// Take acquires a slot if one is free, without waiting.
func (s *slots) Take() bool {
	select {
	case s.free <- struct{}{}:
		return true
	default:
		return false
	}
}

// Give gives a slot back.
func (s *slots) Give() { <-s.free }

// clients counts the bytes that the bodies of each client hold, so that one client cannot take
// everything. It forgets clients without an upload in progress.
type clients struct {
	limit int64 // bytes of one client
	mu    sync.Mutex
	byKey map[string]*clientShare
}

func newClients(limit int64) *clients {
	return &clients{limit: limit, byKey: map[string]*clientShare{}}
}

// clientShare counts what one client holds.
type clientShare struct {
	all  *clients
	key  string
	held atomic.Int64
	refs int // requests in progress; guarded by all.mu
}

// of returns the share of a client. The caller must release it once.
func (c *clients) of(key string) *clientShare {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.byKey[key]
	if s == nil {
		s = &clientShare{all: c, key: key}
		c.byKey[key] = s
	}
	s.refs++
	return s
}

func (c *clients) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byKey)
}

// take takes n bytes of the share and returns true, or takes none and returns false.
func (s *clientShare) take(n int64) bool {
	if s.held.Add(n) > s.all.limit {
		s.held.Add(-n)
		return false
	}
	return true
}

// release gives n bytes back, at the end of a request.
func (s *clientShare) release(n int64) {
	s.held.Add(-n)
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if s.refs--; s.refs == 0 {
		delete(s.all.byKey, s.key)
	}
}

// clientAddress names the sender of r by its connection.
func clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return peer.Name(host)
}
