package verify

import "sync"

// bufferStep is what sizes of buffers are rounded up to.
const bufferStep = 16 << 10

// buffers are those that hold no object now. There are no more than objects were in flight. The
// one that was used last is used next: it is the one that the caches of the processor hold.
type buffers struct {
	mu   sync.Mutex
	free [][]byte
}

// take returns a buffer of size bytes, which is no larger than limit. One that was used before is
// used again if it is large enough; what is made is somewhat larger, so that it mostly is.
func (b *buffers) take(size, limit int64) []byte {
	if last := b.pop(); int64(cap(last)) >= size {
		return last[:size]
	}
	room := (size + size/4 + bufferStep) / bufferStep * bufferStep
	return make([]byte, size, max(size, min(room, limit)))
}

func (b *buffers) pop() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.free) - 1
	if n < 0 {
		return nil
	}
	last := b.free[n]
	b.free[n] = nil
	b.free = b.free[:n]
	return last
}

func (b *buffers) give(used []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free = append(b.free, used)
}
