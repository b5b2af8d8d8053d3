package validate

import (
	"io"
	"math/bits"
	"os"
	"sync"
)

// buffers keeps what files are read into for the next calls, one buffer for each call that runs
// at once. Fresh pages cost more than the bytes that are read into them, and their collection
// takes what a second processor would gain.
var buffers sync.Pool

// takeBuffer returns an empty buffer for at least n bytes, which the caller hands to giveBuffer.
func takeBuffer(n int64, opts *Options) []byte {
	if !opts.reuses() {
		return make([]byte, 0, n)
	}
	if p, ok := buffers.Get().(*[]byte); ok && int64(cap(*p)) >= n {
		return (*p)[:0]
	}
	// Rounded up by less than a quarter, so that it fits the next file too, and never above the
	// limit: on 32-bit machines that is as much as can be had.
	step := int64(1) << max(0, bits.Len64(uint64(n))-3)
	return make([]byte, 0, max(n, min((n+step-1)&^(step-1), opts.maxBytes())))
}

// giveBuffer keeps a buffer for the next calls. Nobody may use it any more.
func giveBuffer(b []byte, opts *Options) {
	if cap(b) == 0 || !opts.reuses() {
		return
	}
	b = b[:0]
	buffers.Put(&b)
}

// reuses reports whether the memory of a file may be used again. A hook must not keep the bytes
// of its picture. If one does it shall see old bytes, and never those of somebody else's file.
func (o *Options) reuses() bool { return len(o.Checks) == 0 && o.Faces == nil }

// firstRead is how many bytes of a file on disk are read before its format is looked at: most
// files whole, in one call.
const firstRead = 64 << 10

// regularFile is a regular file whose size is known.
type regularFile struct {
	*os.File
	size int64
}

// regularSize returns the size of the file that r is, if it is a regular one. It may be wrong by
// the time it is read, and is 0 for some files of the system that have bytes.
func regularSize(r io.Reader) (int64, bool) {
	switch r := r.(type) {
	case *regularFile:
		return r.size, true
	case *os.File:
		if info, err := r.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size(), true
		}
	}
	return 0, false
}
