package middleware

import (
	"sync"
	"time"

	"github.com/imgvet/imgvet/internal/buffers"
)

// memory lends buffers out of a budget that all requests share. Buffers that come back are kept
// for the next requests, since fresh pages cost more than the bytes that are written to them.
// Those kept count in the budget too: they go as soon as a request needs their room, and after a
// while without use.
type memory struct {
	limit   int64 // of lent and kept together
	largest int64 // of one buffer

	mu    sync.Mutex
	lent  int64
	kept  int64
	other int64                // what of lent is not buffers, but reserved
	free  map[int][]keptBuffer // by capacity, the one used last at the end
	turn  int                  // counts calls of trim
	timer *time.Timer          // calls trim while buffers are kept
}

// keptBuffer is a buffer that waits for its next use.
type keptBuffer struct {
	b    []byte
	turn int // of memory, when the buffer came back
}

// trimEvery is how often kept buffers are looked at. Those that were not used between two looks
// go.
const trimEvery = 5 * time.Second

func newMemory(limit, largest int64) *memory {
	return &memory{limit: limit, largest: largest, free: map[int][]keptBuffer{}}
}

// take lends an empty buffer for at least n bytes, and nil if the budget is too small. The
// borrower hands it to give or to drop.
func (m *memory) take(n int64) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > m.largest {
		return nil
	}
	size := min(buffers.Size(n), m.largest)
	if m.lent+size > m.limit {
		size = n
	}
	if b := m.keptFor(size); b != nil {
		m.lent += int64(cap(b))
		return b
	}
	if m.lent+size > m.limit {
		return nil
	}
	for m.lent+m.kept+size > m.limit {
		m.forgetOne()
	}
	m.lent += size
	return make([]byte, 0, size)
}

// keptFor returns the smallest kept buffer for size bytes, and nil if there is none or it is more
// than half too large. m.mu is locked.
func (m *memory) keptFor(size int64) []byte {
	best := 0
	for c, list := range m.free {
		fits := int64(c) >= size && int64(c) <= size+size/2
		if fits && len(list) > 0 && (best == 0 || c < best) {
			best = c
		}
	}
	if best == 0 {
		return nil
	}
	list := m.free[best]
	b := list[len(list)-1].b
	m.forget(best, len(list)-1)
	return b
}

// give takes a buffer back, for others: nobody may use it any more.
func (m *memory) give(b []byte) {
	if cap(b) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lent -= int64(cap(b))
	m.kept += int64(cap(b))
	m.free[cap(b)] = append(m.free[cap(b)], keptBuffer{b[:0], m.turn})
	if m.timer == nil {
		m.timer = time.AfterFunc(trimEvery, m.trim)
	}
}

// drop takes the budget of a buffer back. The buffer itself is left to the garbage collector,
// since somebody may still use it.
func (m *memory) drop(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lent -= int64(cap(b))
}

// reserve takes n bytes of the budget for something else than a buffer, and reports whether it
// could. At least half of the budget is left to buffers: a verification may keep many times the
// bytes that were sent for it, and a few clients that pause could else send all bodies to disk.
func (m *memory) reserve(n int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lent+n > m.limit || m.other+n > m.limit/2 {
		return false
	}
	for m.lent+m.kept+n > m.limit {
		m.forgetOne()
	}
	m.lent += n
	m.other += n
	return true
}

// unreserve gives back what reserve took.
func (m *memory) unreserve(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lent -= n
	m.other -= n
}

// trim forgets what was not used since the last call.
func (m *memory) trim() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for size, list := range m.free {
		old := 0
		for old < len(list) && list[old].turn < m.turn {
			old++
		}
		for range old {
			m.forget(size, 0)
		}
		if old == len(list) {
			delete(m.free, size)
		}
	}
	m.turn++
	m.timer = nil
	if m.kept > 0 {
		m.timer = time.AfterFunc(trimEvery, m.trim)
	}
}

// forget removes the i-th of the kept buffers of a size. m.mu is locked, as in forgetOne.
func (m *memory) forget(size, i int) {
	list := m.free[size]
	copy(list[i:], list[i+1:])
	list[len(list)-1] = keptBuffer{}
	m.free[size] = list[:len(list)-1]
	m.kept -= int64(size)
}

// forgetOne removes one of the kept buffers, which there must be.
func (m *memory) forgetOne() {
	for size, list := range m.free {
		if len(list) > 0 {
			m.forget(size, 0)
			return
		}
	}
}

// used returns how many bytes are lent, and how many kept.
func (m *memory) used() (lent, kept int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lent, m.kept
}

// growing is a contiguous row of bytes in a buffer of memory. It moves to a larger one as it
// grows.
type growing struct {
	memory *memory
	b      []byte
	expect int64 // how many bytes the sender announced, 0 if it did not

	retain bool     // the buffers that it leaves are still read: see forgetOld
	old    [][]byte // those
}

// room makes room for n more bytes, most in all, and reports whether it could. Apart from the
// smallest buffer it never asks for more than twice what it needs now: what was announced may be
// a lie.
func (g *growing) room(n int, most int64) bool {
	need := int64(len(g.b)) + int64(n)
	if need > most {
		return false
	}
	if need <= int64(cap(g.b)) {
		return true
	}
	size := max(buffers.Size(need), 2*int64(cap(g.b)))
	if announced := buffers.Size(g.expect); announced >= need && announced <= 2*need {
		size = announced
	}
	// The old and the new buffer are lent at once while the bytes are copied.
	bigger := g.memory.take(min(size, most, g.memory.largest))
	if bigger == nil {
		return false
	}
	bigger = append(bigger, g.b...)
	if g.retain {
		g.old = append(g.old, g.b)
	} else {
		g.memory.give(g.b)
	}
	g.b = bigger
	return true
}

// forgetOld gives back the buffers that the bytes have left since retain was set, and resets it.
func (g *growing) forgetOld() {
	for _, b := range g.old {
		g.memory.give(b)
	}
	g.retain, g.old = false, nil
}

// release gives the buffer back, for others if nobody may still use it.
func (g *growing) release(reuse bool) {
	switch {
	case g.retain:
		g.old = append(g.old, g.b)
	case reuse:
		g.memory.give(g.b)
	default:
		g.memory.drop(g.b)
	}
	g.b = nil
}
