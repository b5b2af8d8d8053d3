//go:build wasip1 && wasm

// Command wasi is the verdict for programs in other languages, as a WebAssembly module that any
// WASI runtime loads. Build it as a reactor:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o imgvet.wasm github.com/imgvet/imgvet/web/wasi
//
// It reads no file and opens no connection: it needs no rights of its host. After _initialize
// the host calls
//
//	imgvet_buffer(n) -> pointer         a place for n bytes: the file, and behind it the options
//	imgvet_check(file, options) -> i64  how many bytes each of them has
//
// The options are JSON, or 0 bytes for the documented rules: see options. The result has the
// pointer in its upper 32 bits and the size in the lower ones of a verdict, which is JSON of
// docs/verdict.schema.json. Both places are the module's, and last until the next call.
//
// An instance does one call at a time: a host with threads needs an instance for each. The
// memory of an instance grows up to what the largest file took, and never shrinks. A host should
// refuse files that are too large before it hands them over.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"unsafe"

	"github.com/imgvet/imgvet/validate"
)

func main() {} // a reactor has no main

// What the host and the module hand each other, kept from the collector until the next call.
var given, verdict []byte

//go:wasmexport imgvet_buffer
func buffer(n uint32) unsafe.Pointer {
	given = make([]byte, n)
	return unsafe.Pointer(unsafe.SliceData(given))
}

//go:wasmexport imgvet_check
func check(file, options uint32) uint64 {
	verdict = nil
	b, err := json.Marshal(judge(uint64(file), uint64(options)))
	if err != nil {
		b, _ = json.Marshal(validate.VerdictOf("", nil, err)) // text alone
	}
	verdict, given = b, nil
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(verdict))))<<32 | uint64(len(verdict))
}

// judge returns the verdict of what the host has put into the buffer. A host's mistake, and our
// own bug, is a failure: no verdict on the picture.
func judge(file, options uint64) (v validate.Verdict) {
	defer func() {
		if r := recover(); r != nil {
			v = validate.VerdictOf("", nil, fmt.Errorf("internal fault: %v", r))
		}
	}()
	if file+options > uint64(len(given)) {
		return validate.VerdictOf("", nil, fmt.Errorf("%d bytes of a file and %d of options, but imgvet_buffer was asked for %d", file, options, len(given)))
	}
	opts, err := parse(given[file : file+options])
	if err != nil {
		return validate.VerdictOf("", nil, err)
	}
	res, err := validate.Bytes(context.Background(), given[:file:file], opts)
	return validate.VerdictOf("", res, err)
}
