package validate

import (
	"context"
	"io"
	"os"
	"sync"

	"github.com/imgvet/imgvet/internal/buffers"
)

// pools keep what files are read into for the next calls, by the class of its size. Fresh pages
// cost more than the bytes that are read into them, and their collection takes what a second
// processor would gain.
var pools [buffers.Classes]sync.Pool

// takeBuffer returns an empty buffer for at least n bytes, and at most opts.MaxBytes, once call
// may have them. The caller hands it to giveBuffer.
func takeBuffer(ctx context.Context, n int64, call *account, opts *Options) ([]byte, error) {
	size := buffers.Size(n)
	reuse := size <= opts.maxBytes() && opts.reuses()
	if !reuse {
		size = n
	}
	if err := call.take(ctx, size); err != nil {
		return nil, err
	}
	if reuse {
		if p, ok := pools[buffers.Class(size)].Get().(*[]byte); ok {
			return (*p)[:0], nil
		}
	}
	return make([]byte, 0, size), nil
}

// giveBuffer keeps a buffer for the next calls. Nobody may use it any more.
func giveBuffer(b []byte, opts *Options) {
	if size := int64(cap(b)); size == buffers.Size(size) && opts.reuses() {
		b = b[:0]
		pools[buffers.Class(size)].Put(&b)
	}
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
