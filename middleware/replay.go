package middleware

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// storage holds what all replays of a Middleware share.
type storage struct {
	memory    *memory // of bodies
	verifying *memory // of files under verification that do not lie in memory as they came
	temp      *budget
	clients   *clients
	threshold int64 // bytes of one body in memory
	dir       string
}

var errSealed = errors.New("write to a sealed replay")

// spillBuffer is how many bytes are collected before a write to a body's file.
const spillBuffer = 32 << 10

// replay keeps one body, so that it can be read several times. Write until seal; then open as
// often as needed; close ends all readers. Only one goroutine may write and close; readers may
// run in any.
//
// While the body is in memory it lies in one piece, also while it arrives: see arrived. Its
// buffer goes to another request after close. So whoever reads it elsewhere than in the
// goroutine that closes must be a reader of readers.go.
type replay struct {
	store  *storage
	client *clientShare
	size   int64

	mem     growing // the body, until file is set
	file    *os.File
	buffer  []byte // the bytes not yet written to file
	name    string // of file, if it could not be unlinked while open
	spilled int64  // bytes taken from store.temp
	held    int64  // bytes taken from client
	sealed  bool
	shown   bool // a hook has seen the body's own memory, and may have kept it against the rules

	reading sync.RWMutex // read-locked while a reader copies from memory, locked by close
	closed  atomic.Bool
	lent    atomic.Int64 // writers that a reader has handed the body's own memory
	beside  []*growing   // data derived from the body; guarded by reading
}

// Write keeps p. Its error is operational: a budget is used up, or the disk is full.
func (y *replay) Write(p []byte) (int, error) {
	if y.sealed {
		return 0, internalError(errSealed)
	}
	if !y.client.take(int64(len(p))) {
		return 0, overloaded(BudgetClient)
	}
	y.held += int64(len(p))
	if y.file == nil && !y.mem.room(len(p), y.store.threshold) {
		if err := y.spill(); err != nil {
			return 0, err
		}
	}
	y.size += int64(len(p))
	if y.file == nil {
		y.mem.b = append(y.mem.b, p...)
		return len(p), nil
	}
	if !y.store.temp.take(int64(len(p))) {
		return 0, overloaded(BudgetTemp)
	}
	y.spilled += int64(len(p))
	if len(y.buffer)+len(p) > cap(y.buffer) {
		if err := y.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) > cap(y.buffer) {
		_, err := y.file.Write(p)
		return len(p), diskFailure(err)
	}
	y.buffer = append(y.buffer, p...)
	return len(p), nil
}

// spill moves the body to a temporary file and gives its memory back.
func (y *replay) spill() error {
	if !y.store.temp.take(y.size) {
		return overloaded(BudgetTemp)
	}
	file, err := os.CreateTemp(y.store.dir, "imgvet-*")
	if err != nil {
		y.store.temp.give(y.size)
		return diskFailure(err)
	}
	y.file, y.spilled = file, y.size
	// Unlinked at once, so that the file is gone however this process ends. Windows cannot
	// unlink an open file.
	if os.Remove(file.Name()) != nil {
		y.name = file.Name()
	}
	if _, err := y.file.Write(y.mem.b); err != nil {
		return diskFailure(err)
	}
	y.mem.release(true)
	// The buffer has a small fixed size, which we do not charge: the budget may be the very
	// thing that ran out.
	y.buffer = make([]byte, 0, spillBuffer)
	return nil
}

func (y *replay) flush() error {
	_, err := y.file.Write(y.buffer)
	y.buffer = y.buffer[:0]
	return diskFailure(err)
}

func diskFailure(err error) error {
	if err == nil {
		return nil
	}
	return &failure{status: http.StatusServiceUnavailable, message: "server busy", cause: err, budget: BudgetDisk}
}

// seal ends the writing.
func (y *replay) seal() error {
	y.sealed = true
	if y.file == nil {
		return nil
	}
	err := y.flush()
	y.buffer = nil
	return err
}

// arrived returns the bytes from off that have arrived so far, in one piece, and false if the
// body is on disk. They are valid until the next Write, which may move them.
func (y *replay) arrived(off int64) ([]byte, bool) {
	if y.file != nil {
		return nil, false
	}
	return y.mem.b[off:len(y.mem.b):len(y.mem.b)], true
}

// load reads n bytes from off of a body on disk into b, which has room for them.
func (y *replay) load(b []byte, off, n int64) ([]byte, error) {
	b = b[:n]
	_, err := y.file.ReadAt(b, off)
	if err == io.EOF && n == 0 {
		err = nil
	}
	return b, err
}

// keep makes data derived from the body live as long as y. If y is closed already it gives g
// back and returns false.
func (y *replay) keep(g *growing) bool {
	y.reading.Lock()
	defer y.reading.Unlock()
	if y.closed.Load() {
		g.release(true)
		return false
	}
	y.beside = append(y.beside, g)
	return true
}

// close gives everything back. It may be called more than once.
func (y *replay) close() {
	y.reading.Lock()
	defer y.reading.Unlock()
	if y.closed.Swap(true) {
		return
	}
	// From here on no reader begins, and none is in the middle of a copy. Only a writer that
	// has the bytes themselves may go on with them, or a hook that kept them.
	reuse := !y.shown && y.lent.Load() == 0
	y.mem.release(reuse)
	for _, g := range y.beside {
		g.release(reuse)
	}
	y.client.release(y.held)
	if y.file != nil {
		y.file.Close()
		if y.name != "" {
			_ = os.Remove(y.name) // in a directory for temporary files, which the system cleans
		}
		y.store.temp.give(y.spilled)
	}
}
