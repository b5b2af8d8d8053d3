//go:build js && wasm

package main

import (
	"errors"
	"io"
	"syscall/js"
)

// reader is a JavaScript stream as an io.Reader. It asks for a chunk when the last
// one is used up, so that a stream refused early is not read on. Release it.
type reader struct {
	next  js.Value // function() Promise<Uint8Array | undefined>
	chunk js.Value // undefined before the first chunk
	at    int      // bytes of chunk that have been read
	size  int      // of chunk

	kept, broken js.Func // what next's promises are settled with
	settled      chan settled
}

// settled is what became of a promise.
type settled struct {
	value js.Value
	err   error
}

func newReader(next js.Value) *reader {
	r := &reader{next: next, settled: make(chan settled, 1)}
	r.kept = js.FuncOf(func(_ js.Value, args []js.Value) any {
		r.settled <- settled{value: args[0]}
		return nil
	})
	r.broken = js.FuncOf(func(_ js.Value, args []js.Value) any {
		r.settled <- settled{err: errors.New(js.Global().Call("String", args[0]).String())}
		return nil
	})
	return r
}

func (r *reader) release() {
	r.kept.Release()
	r.broken.Release()
}

func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.at >= r.size {
		r.next.Invoke().Call("then", r.kept, r.broken)
		s := <-r.settled
		if s.err != nil {
			return 0, s.err
		}
		if s.value.IsUndefined() {
			return 0, io.EOF
		}
		r.chunk, r.at, r.size = s.value, 0, s.value.Length()
	}
	from := r.chunk
	if r.at > 0 {
		from = from.Call("subarray", r.at)
	}
	n := js.CopyBytesToGo(p, from)
	r.at += n
	return n, nil
}
