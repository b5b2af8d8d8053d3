package middleware

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// storage holds what all replays of a Middleware share.
type storage struct {
	memory, temp *budget
	clients      *clients
	threshold    int64 // bytes of one body in memory
	dir          string
}

var errSealed = errors.New("write to a sealed replay")

// spillBuffer is how many bytes are collected before a write to a body's file: callers such as
// mime/multipart read only 4 KiB at a time.
const spillBuffer = 32 << 10

// replay keeps one body, so that it can be read several times. Write until seal; then open as
// often as needed; close ends all readers. Only one goroutine may write and close; readers may
// run in any.
type replay struct {
	store  *storage
	client *clientShare
	size   int64

	mem     []byte // the body, or, once file is set, the bytes not yet written to it
	charged int64  // bytes taken from store.memory
	file    *os.File
	name    string // of file, if it could not be unlinked while open
	spilled int64  // bytes taken from store.temp
	held    int64  // bytes taken from client
	sealed  bool
	closed  atomic.Bool

	charging sync.Mutex
	beside   int64 // bytes taken from store.memory for data derived from the body
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
	if y.file == nil && !y.fits(len(p)) {
		if err := y.spill(); err != nil {
			return 0, err
		}
	}
	y.size += int64(len(p))
	if y.file == nil {
		y.mem = append(y.mem, p...)
		return len(p), nil
	}
	if !y.store.temp.take(int64(len(p))) {
		return 0, overloaded(BudgetTemp)
	}
	y.spilled += int64(len(p))
	if len(y.mem)+len(p) > cap(y.mem) {
		if err := y.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) > cap(y.mem) {
		_, err := y.file.Write(p)
		return len(p), diskFailure(err)
	}
	y.mem = append(y.mem, p...)
	return len(p), nil
}

// fits makes room in memory for n more bytes, and reports whether it could. It doubles the
// memory, which so stays within twice the bytes that were really sent, and within the threshold.
func (y *replay) fits(n int) bool {
	need := int64(len(y.mem)) + int64(n)
	if need > y.store.threshold {
		return false
	}
	if need <= int64(cap(y.mem)) {
		return true
	}
	size := min(max(need, 2*int64(cap(y.mem)), 4<<10), y.store.threshold)
	// The old and the new slice exist at once while the bytes are copied.
	if !y.store.memory.take(size) {
		return false
	}
	bigger := make([]byte, len(y.mem), size)
	copy(bigger, y.mem)
	y.store.memory.give(y.charged)
	y.mem, y.charged = bigger, size
	return true
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
	if err := y.flush(); err != nil {
		return err
	}
	// The buffer has a small fixed size, which we do not charge: the budget may be the very
	// thing that ran out.
	y.store.memory.give(y.charged)
	y.mem, y.charged = make([]byte, 0, spillBuffer), 0
	return nil
}

func (y *replay) flush() error {
	_, err := y.file.Write(y.mem)
	y.mem = y.mem[:0]
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
	y.mem = nil
	return err
}

// open returns a new reader of the whole body, which lives until y is closed.
func (y *replay) open() io.ReadCloser { return y.section(0, y.size) }

// reopen is open with the signature of http.Request.GetBody.
func (y *replay) reopen() (io.ReadCloser, error) { return y.piece(0, y.size) }

// piece returns a reader of the n bytes from off, unless y is closed.
func (y *replay) piece(off, n int64) (io.ReadSeekCloser, error) {
	if y.closed.Load() {
		return nil, http.ErrBodyReadAfterClose
	}
	return y.section(off, n), nil
}

func (y *replay) section(off, n int64) *replayReader {
	return &replayReader{ReadSeeker: io.NewSectionReader(y.readerAt(), off, n), replay: y}
}

// reader wraps r so that it fails once y is closed.
func (y *replay) reader(r io.ReadSeeker) (io.ReadSeekCloser, error) {
	if y.closed.Load() {
		return nil, http.ErrBodyReadAfterClose
	}
	return &replayReader{ReadSeeker: r, replay: y}, nil
}

func (y *replay) readerAt() io.ReaderAt {
	if y.file != nil {
		return y.file
	}
	return bytes.NewReader(y.mem)
}

// charge takes n more bytes of the memory budget, until y is closed.
func (y *replay) charge(n int64) error {
	y.charging.Lock()
	defer y.charging.Unlock()
	if y.closed.Load() {
		return http.ErrBodyReadAfterClose
	}
	if !y.store.memory.take(n) {
		return fmt.Errorf("%w: the memory of all bodies is used up", ErrUnavailable)
	}
	y.beside += n
	return nil
}

// bytes returns the n bytes from off: the body's own memory, or a new slice if the body is on
// disk.
func (y *replay) bytes(off, n int64) ([]byte, error) {
	if y.file == nil {
		return y.mem[off : off+n : off+n], nil
	}
	b := make([]byte, n)
	_, err := y.file.ReadAt(b, off)
	if err == io.EOF && n == 0 {
		err = nil
	}
	return b, err
}

// close gives everything back. It may be called more than once.
func (y *replay) close() {
	y.charging.Lock()
	defer y.charging.Unlock()
	if y.closed.Swap(true) {
		return
	}
	y.store.memory.give(y.charged + y.beside)
	y.client.release(y.held)
	if y.file != nil {
		y.file.Close()
		if y.name != "" {
			_ = os.Remove(y.name) // in a directory for temporary files, which the system cleans
		}
		y.store.temp.give(y.spilled)
	}
}

// replayReader reads a body, or a piece of it. Like a server's body it is of no use once the
// handler has returned: the memory is then given back.
type replayReader struct {
	io.ReadSeeker
	replay *replay
	closed atomic.Bool
}

func (r *replayReader) Read(p []byte) (int, error) {
	if r.closed.Load() || r.replay.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.ReadSeeker.Read(p)
}

func (r *replayReader) Seek(offset int64, whence int) (int64, error) {
	if r.closed.Load() || r.replay.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	return r.ReadSeeker.Seek(offset, whence)
}

func (r *replayReader) Close() error {
	r.closed.Store(true)
	return nil
}
