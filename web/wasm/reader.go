//go:build js && wasm

package main

import (
	"errors"
	"io"
	"syscall/js"
)

// reader is a JavaScript stream as an io.Reader. It asks for a chunk when the last
// one is used up, so that a stream refused early is not read on.
type reader struct {
	next  js.Value // function() Promise<Uint8Array | undefined>
	chunk js.Value // undefined before the first chunk
	at    int      // bytes of chunk that have been read
}

func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.chunk.IsUndefined() || r.at >= r.chunk.Length() {
		chunk, err := await(r.next.Invoke())
		if err != nil {
			return 0, err
		}
		if chunk.IsUndefined() {
			return 0, io.EOF
		}
		r.chunk, r.at = chunk, 0
	}
	n := js.CopyBytesToGo(p, r.chunk.Call("subarray", r.at))
	r.at += n
	return n, nil
}

// await blocks until the promise is kept, or returns the text of what broke it.
func await(promise js.Value) (js.Value, error) {
	type settled struct {
		value js.Value
		err   error
	}
	ch := make(chan settled, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any {
		ch <- settled{value: args[0]}
		return nil
	})
	defer kept.Release()
	broken := js.FuncOf(func(_ js.Value, args []js.Value) any {
		ch <- settled{err: errors.New(js.Global().Call("String", args[0]).String())}
		return nil
	})
	defer broken.Release()
	promise.Call("then", kept, broken)
	s := <-ch
	return s.value, s.err
}
