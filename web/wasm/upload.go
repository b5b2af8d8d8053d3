//go:build js && wasm

package main

import (
	"context"
	"errors"
	"syscall/js"
)

// upload is a file that comes in pieces from JavaScript, for validate.Receive. It asks for a
// piece when the last one has been verified, so that a file refused early is not read on.
// Release it.
type upload struct {
	next js.Value // function() Promise<Uint8Array | undefined>
	b    []byte   // the pieces so far

	kept, broken js.Func // what next's promises are settled with
	settled      chan settled
}

// settled is what became of a promise.
type settled struct {
	value js.Value
	err   error
}

// spare is the memory of the last file, for the next one: WebAssembly gives none back.
var spare []byte

// maxSpare is how much memory is kept.
const maxSpare = 16 << 20

// newUpload returns an upload of size bytes, of which the sender is not sure. It has room for no
// more than limit of them before they are there.
func newUpload(next js.Value, size, limit int64) *upload {
	u := &upload{next: next, b: spare[:0], settled: make(chan settled, 1)}
	spare = nil
	if n := min(size, limit); n > int64(cap(u.b)) {
		u.b = make([]byte, 0, n)
	}
	u.kept = js.FuncOf(func(_ js.Value, args []js.Value) any {
		u.settled <- settled{value: args[0]}
		return nil
	})
	u.broken = js.FuncOf(func(_ js.Value, args []js.Value) any {
		u.settled <- settled{err: errors.New(js.Global().Call("String", args[0]).String())}
		return nil
	})
	return u
}

func (u *upload) release() {
	u.kept.Release()
	u.broken.Release()
	if cap(u.b) <= maxSpare {
		spare = u.b[:0]
	}
}

// Size is part of validate.Arriving.
func (u *upload) Size() int64 { return -1 }

// More is part of validate.Arriving. It waits for a piece, which is copied once.
func (u *upload) More(_ context.Context, have int) ([]byte, bool, error) {
	for len(u.b) == have {
		u.next.Invoke().Call("then", u.kept, u.broken)
		s := <-u.settled
		if s.err != nil {
			return nil, false, s.err
		}
		if s.value.IsUndefined() {
			return u.b, true, nil
		}
		end := have + s.value.Length()
		if end > cap(u.b) { // what was handed out before stays as it was
			u.b = append(make([]byte, 0, max(end, 2*cap(u.b))), u.b...)
		}
		js.CopyBytesToGo(u.b[have:end], s.value)
		u.b = u.b[:end]
	}
	return u.b, false, nil
}
